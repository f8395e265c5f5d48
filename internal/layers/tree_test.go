package layers

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// problem is one place that breaks a rule.
type problem struct {
	file string
	line int // 0: the file or folder as a whole
	why  string
}

func (p problem) String() string {
	if p.line == 0 {
		return p.file + ": " + p.why
	}
	return fmt.Sprintf("%s:%d: %s", p.file, p.line, p.why)
}

// tree is the source of a module, parsed.
type tree struct {
	fset  *token.FileSet
	files []*file
	// texts are the other files that ship with the packages: pages, styles,
	// SQL, documents.
	texts []text
}

// file is one Go file.
type file struct {
	path, dir string
	test      bool
	ast       *ast.File
	src       string
	imports   []imported
}

type imported struct {
	path, name string // name as the file uses it
	pos        token.Pos
}

type text struct{ path, dir, body string }

// textFiles are the endings of files that a package may embed.
var textFiles = words(".html .tmpl .js .css .sql .yaml .yml .json")

// readTree parses the module in fsys. Files that do not parse are problems.
func readTree(fsys fs.FS) (*tree, []problem, error) {
	t := &tree{fset: token.NewFileSet()}
	var problems []problem
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && skipped(name):
			return fs.SkipDir
		case d.IsDir():
			return nil
		case strings.HasSuffix(name, ".go"):
			f, err := t.parse(fsys, name)
			if err != nil {
				problems = append(problems, problem{file: name, why: err.Error()})
				return nil
			}
			t.files = append(t.files, f)
		case slices.Contains(textFiles, path.Ext(name)):
			body, err := fs.ReadFile(fsys, name)
			if err != nil {
				return err
			}
			t.texts = append(t.texts, text{name, path.Dir(name), string(body)})
		}
		return nil
	})
	return t, problems, err
}

// skipped are folders that hold no code of ours, or no production code.
func skipped(dir string) bool {
	base := path.Base(dir)
	return base == "testdata" || base == "node_modules" || base == "dist" ||
		dir != "." && (base[0] == '.' || base[0] == '_')
}

func (t *tree) parse(fsys fs.FS, name string) (*file, error) {
	src, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, err
	}
	parsed, err := parser.ParseFile(t.fset, name, src, parser.ParseComments)
	if err != nil {
		return nil, err
	}
	f := &file{path: name, dir: path.Dir(name), test: strings.HasSuffix(name, "_test.go"), ast: parsed, src: string(src)}
	for _, spec := range parsed.Imports {
		p, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return nil, err
		}
		im := imported{path: p, name: baseName(p), pos: spec.Pos()}
		if spec.Name != nil {
			im.name = spec.Name.Name
		}
		f.imports = append(f.imports, im)
	}
	return f, nil
}

// baseName is the name of a package as its path suggests it: good enough for
// the standard library and our own, which is all that calls looks at.
func baseName(importPath string) string {
	base := path.Base(importPath)
	if len(base) > 1 && base[0] == 'v' && strings.Trim(base[1:], "0123456789") == "" {
		base = path.Base(path.Dir(importPath))
	}
	return base
}

// production are the files that are no tests.
func (t *tree) production(yield func(*file) bool) {
	for _, f := range t.files {
		if !f.test && !yield(f) {
			return
		}
	}
}

// at makes a problem at a place of a file.
func (t *tree) at(f *file, pos token.Pos, format string, args ...any) problem {
	return problem{f.path, t.fset.Position(pos).Line, fmt.Sprintf(format, args...)}
}

// own turns an import path of this module into its folder.
func own(importPath string) (dir string, ok bool) {
	return strings.CutPrefix(importPath, module+"/")
}

// thirdParty reports whether an import path is neither ours nor of the
// standard library, whose first element has no dot.
func thirdParty(importPath string) bool {
	first, _, _ := strings.Cut(importPath, "/")
	return strings.Contains(first, ".") && !under(importPath, module)
}

// under reports whether an import path is prefix or below it.
func under(importPath, prefix string) bool {
	return importPath == prefix || strings.HasPrefix(importPath, prefix+"/")
}
