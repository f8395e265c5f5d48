package layers

import (
	"go/ast"
	"go/token"
	"iter"
	"maps"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// rules are the checks, each with the name of its subtest.
var rules = []struct {
	name  string
	check func(*tree) []problem
}{
	{"placed", placed},
	{"imports", imports},
	{"libraries", libraries},
	{"light", light},
	{"test libraries", testLibraries},
	{"calls", forbiddenCalls},
	{"goroutines", goroutines},
	{"providers", providers},
	{"names", names},
	{"package docs", packageDocs},
	{"docs", docs},
}

// placed: a package that stands nowhere in the plan has no rules, so it may
// not exist.
func placed(t *tree) (found []problem) {
	seen := map[string]bool{}
	for _, f := range t.files {
		if roomOf(f.dir) == nil && !seen[f.dir] {
			seen[f.dir] = true
			found = append(found, problem{f.path, 0, "folder " + f.dir + " has no place in the plan: add a line to internal/layers/plan_test.go"})
		}
	}
	return found
}

// imports: a package knows only what stands to its left.
func imports(t *tree) (found []problem) {
	for f := range t.production {
		room := roomOf(f.dir)
		if room == nil {
			continue
		}
		for _, im := range f.imports {
			dir, ours := own(im.path)
			switch {
			case im.name == ".":
				found = append(found, t.at(f, im.pos, "import . hides where names come from"))
			case im.path == "C":
				found = append(found, t.at(f, im.pos, "cgo: the binary is built with CGO_ENABLED=0"))
			case !ours || inTree(dir, room.dir):
			case strings.HasPrefix(room.dir, "examples") && strings.Contains("/"+dir+"/", "/internal/"):
				found = append(found, t.at(f, im.pos, "examples import %s, which a user cannot", dir))
			case !slices.Contains(room.left(), dir):
				found = append(found, t.at(f, im.pos, "%s imports %s, which does not stand to its left (%s)", f.dir, dir, list(room.left())))
			}
		}
	}
	return found
}

// libraries: each third-party module has its home.
func libraries(t *tree) (found []problem) {
	for f := range t.production {
		room := roomOf(f.dir)
		if room == nil {
			continue
		}
		for _, im := range f.imports {
			if thirdParty(im.path) && !underAny(im.path, room.libs) && !underAny(im.path, testOnly) {
				found = append(found, t.at(f, im.pos, "%s imports %s; the plan grants it %s", f.dir, im.path, list(room.libs)))
			}
		}
	}
	return found
}

// light: what users' tests import reaches no heavy library, whichever way.
// The table of libraries says the same of each room alone; this says it of the
// rooms behind it too.
func light(t *tree) (found []problem) {
	direct := map[string]map[string]problem{} // folder → import path → where
	for f := range t.production {
		if direct[f.dir] == nil {
			direct[f.dir] = map[string]problem{}
		}
		for _, im := range f.imports {
			direct[f.dir][im.path] = t.at(f, im.pos, "")
		}
	}
	var reach func(dir string, way []string)
	seen := map[string]bool{}
	reach = func(dir string, way []string) {
		if seen[dir] {
			return
		}
		seen[dir] = true
		way = append(slices.Clip(way), dir)
		for _, p := range slices.Sorted(maps.Keys(direct[dir])) {
			if next, ours := own(p); ours {
				reach(next, way)
			} else if underAny(p, heavy) {
				at := direct[dir][p]
				at.why = "users' tests would link " + p + " by " + strings.Join(way, " → ")
				found = append(found, at)
			}
		}
	}
	for _, room := range plan {
		if room.light {
			clear(seen)
			reach(room.dir, nil)
		}
	}
	return found
}

// testLibraries: see testOnly.
func testLibraries(t *tree) (found []problem) {
	for f := range t.production {
		for _, im := range f.imports {
			if underAny(im.path, testOnly) {
				found = append(found, t.at(f, im.pos, "%s belongs to _test.go files: here it ends up in users' binaries", im.path))
			}
		}
	}
	return found
}

// forbiddenCalls: see calls.
func forbiddenCalls(t *tree) (found []problem) {
	for f := range t.production {
		room := roomOf(f.dir)
		if room == nil {
			continue
		}
		for _, c := range calls {
			if c.pure && !room.pure || c.in != "" && c.in != f.dir || c.allows(f) {
				continue
			}
			for pos, name := range uses(f, c) {
				found = append(found, t.at(f, pos, "%s.%s: %s", path.Base(c.pkg), name, c.why))
			}
		}
	}
	return found
}

func (c call) allows(f *file) bool {
	return slices.ContainsFunc(c.only, func(p string) bool { return inTree(f.dir, p) || f.path == p })
}

// uses yields where a file mentions the names of c. A pointer to a type is no
// use: whoever holds one got it from somebody who may make it.
func uses(f *file, c call) iter.Seq2[token.Pos, string] {
	return func(yield func(token.Pos, string) bool) {
		i := slices.IndexFunc(f.imports, func(im imported) bool { return im.path == c.pkg })
		if i < 0 {
			return
		}
		pointers := map[ast.Expr]bool{}
		more := true
		ast.Inspect(f.ast, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.StarExpr:
				pointers[n.X] = true
			case *ast.SelectorExpr:
				x, ok := n.X.(*ast.Ident)
				// An identifier with an object is a variable that shadows
				// the package.
				if ok && x.Obj == nil && x.Name == f.imports[i].name && !pointers[n] &&
					matches(c.names, n.Sel.Name) && !matches(c.but, n.Sel.Name) {
					more = more && yield(n.Pos(), n.Sel.Name)
				}
			}
			return more
		})
	}
}

// goroutines: pure packages and the judge start none; the mock server's Run
// and the command own them all.
func goroutines(t *tree) (found []problem) {
	for f := range t.production {
		room := roomOf(f.dir)
		if room == nil || !room.pure {
			continue
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			if g, ok := n.(*ast.GoStmt); ok {
				found = append(found, t.at(f, g.Pos(), "a goroutine in %s: its caller decides about concurrency", room.dir))
			}
			return true
		})
	}
	return found
}

// providers: see provider.
func providers(t *tree) (found []problem) {
	pattern := providerPattern(t)
	if pattern == nil {
		return nil
	}
	for f := range t.production {
		switch {
		case anyTree(f.dir, provider.rooms):
		case f.dir == provider.texts && strings.HasPrefix(path.Base(f.path), provider.demo):
		case f.dir == provider.texts:
			found = append(found, branches(t, f, pattern)...)
		default:
			found = append(found, mentions(f.path, f.src, pattern)...)
		}
	}
	for _, x := range t.texts {
		if roomOf(x.dir) != nil && !anyTree(x.dir, provider.rooms) {
			found = append(found, mentions(x.path, x.body, pattern)...)
		}
	}
	return found
}

// providerPattern matches the providers of the catalogue, however written.
func providerPattern(t *tree) *regexp.Regexp {
	var alternatives []string
	for _, x := range t.texts {
		home, name := path.Split(x.dir)
		if path.Clean(home) != provider.home {
			continue
		}
		pattern, ok := provider.spelled[name]
		if !ok {
			pattern = regexp.QuoteMeta(name)
		}
		if !slices.Contains(alternatives, pattern) {
			alternatives = append(alternatives, pattern)
		}
	}
	if alternatives == nil {
		return nil
	}
	return regexp.MustCompile("(?i)" + strings.Join(alternatives, "|"))
}

// mentions finds the pattern anywhere in a text, comments included.
func mentions(name, body string, pattern *regexp.Regexp) (found []problem) {
	n := 0
	for line := range strings.Lines(body) {
		n++
		if m := pattern.FindString(line); m != "" {
			found = append(found, problem{name, n, strconv.Quote(m) + ": a provider is data that a contract brings, core code names none"})
		}
	}
	return found
}

// branches finds the pattern where it could steer the program: in identifiers,
// and in strings that are nothing but the name. Help texts are sentences and
// command lines, and comments steer nothing.
func branches(t *tree, f *file, pattern *regexp.Regexp) (found []problem) {
	ast.Inspect(f.ast, func(n ast.Node) bool {
		word := ""
		switch n := n.(type) {
		case *ast.Ident:
			word = n.Name
		case *ast.BasicLit:
			if s, err := strconv.Unquote(n.Value); n.Kind == token.STRING && err == nil && !strings.ContainsAny(s, " \n") {
				word = s
			}
		}
		if pattern.MatchString(word) {
			found = append(found, t.at(f, n.Pos(), "%q: the command names providers in help texts and the demo only", word))
		}
		return true
	})
	return found
}

// names: see drawers.
func names(t *tree) (found []problem) {
	seen := map[string]bool{}
	for _, f := range t.files {
		for _, word := range append(strings.Split(f.dir, "/"), f.ast.Name.Name) {
			if slices.Contains(drawers, word) && !seen[f.dir] {
				seen[f.dir] = true
				found = append(found, problem{f.path, 0, strconv.Quote(word) + " says nothing about what is inside"})
			}
		}
	}
	return found
}

func list(words []string) string {
	if len(words) == 0 {
		return "nothing"
	}
	return strings.Join(words, ", ")
}

// matches compares a name with patterns that may end in "*".
func matches(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		prefix, open := strings.CutSuffix(p, "*")
		return name == p || open && strings.HasPrefix(name, prefix)
	})
}

func underAny(importPath string, prefixes []string) bool {
	return slices.ContainsFunc(prefixes, func(p string) bool { return under(importPath, p) })
}

// anyTree reports whether dir is one of the folders or below one.
func anyTree(dir string, folders []string) bool {
	return slices.ContainsFunc(folders, func(d string) bool { return inTree(dir, d+"/...") })
}
