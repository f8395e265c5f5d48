package layers

import (
	"bytes"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
)

var update = flag.Bool("update", false, "rewrite the code blocks of the pages from the examples that they name")

// shown is a code block of a page, with the example that it must equal:
//
//	<!-- example: examples/faker/faker_test.go#TestOrder -->
//	```go
//	…
//	```
//
// The part after "#" names functions, types or variables of the file, in the
// order of the block and separated by commas; without it the block is the
// whole file. Go blocks must name their example, others may.
var shown = regexp.MustCompile("(?m)^(?:<!-- example: (\\S+) -->\n)?```(\\w*)\n((?s:.*?))^```$")

// linked is a Markdown link to something inside the tree.
var linked = regexp.MustCompile(`\]\(([^)#:\s]*)(#[^)\s]*)?\)`)

// TestPages holds the Go code of the pages against the examples and sees that
// every link leads somewhere.
func TestPages(t *testing.T) {
	tree := os.DirFS(root)
	for _, page := range pages(t, tree) {
		body, err := fs.ReadFile(tree, page)
		if err != nil {
			t.Fatal(err)
		}
		fresh, problems := checkPage(tree, page, body)
		if *update && !bytes.Equal(fresh, body) {
			if err := os.WriteFile(filepath.Join(root, filepath.FromSlash(page)), fresh, 0o644); err != nil {
				t.Fatal(err)
			}
			t.Logf("%s: rewritten from the examples", page)
			_, problems = checkPage(tree, page, fresh)
		}
		for _, p := range problems {
			t.Error(p)
		}
	}
}

// pages are the documents that people read on the web.
func pages(t *testing.T, tree fs.FS) []string {
	var all []string
	for _, pattern := range []string{"*.md", "docs/*.md"} {
		found, err := fs.Glob(tree, pattern)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, found...)
	}
	return all
}

// checkPage returns the page with the examples as they are, and what was wrong.
func checkPage(tree fs.FS, page string, body []byte) (fresh []byte, problems []problem) {
	line := func(at int) int { return 1 + bytes.Count(body[:at], []byte("\n")) }
	last := 0
	for _, m := range shown.FindAllSubmatchIndex(body, -1) {
		if m[2] < 0 {
			if string(body[m[4]:m[5]]) == "go" {
				problems = append(problems, problem{page, line(m[0]), "a Go block that names no example: put <!-- example: file#Name --> above it"})
			}
			continue
		}
		want, err := example(tree, string(body[m[2]:m[3]]))
		if err != nil {
			problems = append(problems, problem{page, line(m[0]), err.Error()})
			continue
		}
		if !bytes.Equal(body[m[6]:m[7]], want) {
			problems = append(problems, problem{page, line(m[0]), "the block is not the example: go test ./internal/layers -run Pages -update"})
		}
		fresh = append(append(fresh, body[last:m[6]]...), want...)
		last = m[7]
	}
	for _, m := range linked.FindAllSubmatchIndex(body, -1) {
		target := path.Join(path.Dir(page), string(body[m[2]:m[3]]))
		if m[2] == m[3] {
			target = page
		}
		if err := resolves(tree, target, m, body); err != nil {
			problems = append(problems, problem{page, line(m[0]), err.Error()})
		}
	}
	return append(fresh, body[last:]...), problems
}

// resolves says whether a link leads to a file, and to a heading if it names
// one.
func resolves(tree fs.FS, target string, m []int, body []byte) error {
	info, err := fs.Stat(tree, target)
	if err != nil {
		return fmt.Errorf("a link to %s, which does not exist", target)
	}
	if m[4] < 0 || info.IsDir() {
		return nil
	}
	anchor := string(body[m[4]+1 : m[5]])
	page, err := fs.ReadFile(tree, target)
	if err != nil {
		return err
	}
	for text := range strings.Lines(string(page)) {
		if title, ok := strings.CutPrefix(strings.TrimLeft(text, "#"), " "); ok && text[0] == '#' && slug(title) == anchor {
			return nil
		}
	}
	return fmt.Errorf("a link to %s#%s, a heading that does not exist", target, anchor)
}

// slug is the anchor that the usual renderers give a heading.
func slug(title string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case r == '-' || r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r > 127:
			return r
		}
		return -1
	}, strings.ToLower(strings.TrimSpace(title)))
}

// example is the source text that "file" or "file#Name,Name" names.
func example(tree fs.FS, ref string) ([]byte, error) {
	file, names, part := strings.Cut(ref, "#")
	src, err := fs.ReadFile(tree, file)
	if err != nil {
		return nil, fmt.Errorf("example %s does not exist", ref)
	}
	if !part {
		return src, nil
	}
	set := token.NewFileSet()
	parsed, err := parser.ParseFile(set, file, src, parser.ParseComments)
	if err != nil {
		return nil, err
	}
	var parts [][]byte
	for name := range strings.SplitSeq(names, ",") {
		n := len(parts)
		for _, d := range parsed.Decls {
			if from, ok := declares(d, name); ok {
				parts = append(parts, append(bytes.Clone(src[set.Position(from).Offset:set.Position(d.End()).Offset]), '\n'))
			}
		}
		if len(parts) == n {
			return nil, fmt.Errorf("example %s: %s declares no %q", ref, file, name)
		}
	}
	return bytes.Join(parts, []byte("\n")), nil
}

// declares says whether d declares name and where it begins, comment included.
func declares(d ast.Decl, name string) (token.Pos, bool) {
	doc, found := (*ast.CommentGroup)(nil), false
	switch d := d.(type) {
	case *ast.FuncDecl:
		doc, found = d.Doc, d.Recv == nil && d.Name.Name == name
	case *ast.GenDecl:
		doc = d.Doc
		for _, spec := range d.Specs {
			switch s := spec.(type) {
			case *ast.TypeSpec:
				found = found || s.Name.Name == name
			case *ast.ValueSpec:
				found = found || s.Names[0].Name == name
			}
		}
	}
	if doc != nil {
		return doc.Pos(), found
	}
	return d.Pos(), found
}

// TestPagesFail shows what TestPages refuses, and that the repaired page passes.
func TestPagesFail(t *testing.T) {
	tree := fstest.MapFS{
		"x/x.go":    {Data: []byte("package x\n\n// F does.\nfunc F() {\n\tF()\n}\n\nvar V = 1\n")},
		"docs/a.md": {Data: []byte("# The One Rule\n")},
	}
	for _, c := range []struct{ name, page, want string }{
		{"right", "<!-- example: x/x.go#F -->\n```go\n// F does.\nfunc F() {\n\tF()\n}\n```\n[a](docs/a.md) [b](docs/a.md#the-one-rule) [c](https://example.com/x) [d](x)", ""},
		{"several", "<!-- example: x/x.go#V,F -->\n```go\nvar V = 1\n\n// F does.\nfunc F() {\n\tF()\n}\n```\n", ""},
		{"stale", "one\n<!-- example: x/x.go#F -->\n```go\nfunc F() {}\n```\n", "README.md:2: the block is not the example"},
		{"whole file", "<!-- example: x/x.go -->\n```go\npackage x\n```\n", "README.md:1: the block is not the example"},
		{"other language", "```sh\nhookrig\n```\n\n<!-- example: docs/a.md -->\n```\n# One\n```\n", "README.md:5: the block is not the example"},
		{"unnamed", "```go\nF()\n```\n", "README.md:1: a Go block that names no example"},
		{"no file", "<!-- example: x/y.go#F -->\n```go\n```\n", "README.md:1: example x/y.go#F does not exist"},
		{"no name", "<!-- example: x/x.go#G -->\n```go\n```\n", `README.md:1: example x/x.go#G: x/x.go declares no "G"`},
		{"no target", "\n\n[a](docs/b.md)", "README.md:3: a link to docs/b.md, which does not exist"},
		{"no heading", "[a](docs/a.md#two)", "README.md:1: a link to docs/a.md#two, a heading"},
	} {
		fresh, problems := checkPage(tree, "README.md", []byte(c.page))
		switch {
		case c.want == "" && problems != nil, c.want != "" && len(problems) != 1:
			t.Errorf("%s: problems %v", c.name, problems)
		case c.want != "" && !strings.HasPrefix(problems[0].String(), c.want):
			t.Errorf("%s: got %q, want %q", c.name, problems[0], c.want)
		}
		if _, left := checkPage(tree, "README.md", fresh); strings.HasSuffix(c.want, "not the example") && left != nil {
			t.Errorf("%s: after the update still %v", c.name, left)
		}
	}
}
