package layers

import (
	"go/ast"
	"maps"
	"slices"
)

// packageDocs: a package comment is the first page of its manual. A folder
// with nothing but tests says there what it shows.
func packageDocs(t *tree) (found []problem) {
	first := map[string]*file{} // folder → a file to blame
	documented := map[string]bool{}
	for _, f := range t.files {
		if b := first[f.dir]; b == nil || b.test && !f.test {
			first[f.dir] = f
		}
	}
	for _, f := range t.files {
		if f.ast.Doc != nil && f.test == first[f.dir].test {
			documented[f.dir] = true
		}
	}
	for _, dir := range slices.Sorted(maps.Keys(first)) {
		if !documented[dir] {
			found = append(found, t.at(first[dir], first[dir].ast.Package, "package %s has no package comment", dir))
		}
	}
	return found
}

// docs: every exported name says what it is. Members of a documented struct
// may be clear from their type's comment, names of a group from the group's;
// a command exports nothing.
func docs(t *tree) (found []problem) {
	for f := range t.production {
		if f.ast.Name.Name == "main" {
			continue
		}
		for _, d := range f.ast.Decls {
			for _, name := range undocumented(d) {
				found = append(found, t.at(f, name.Pos(), "exported %s has no comment", name.Name))
			}
		}
	}
	return found
}

func undocumented(d ast.Decl) []*ast.Ident {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Doc == nil && d.Name.IsExported() && !hidden(d) {
			return []*ast.Ident{d.Name}
		}
	case *ast.GenDecl:
		return undocumentedSpecs(d)
	}
	return nil
}

// hidden: a method of an unexported type, or one that is clear by its name.
func hidden(d *ast.FuncDecl) bool {
	if d.Recv == nil {
		return false
	}
	return slices.Contains(lenient, d.Name.Name) || !ast.IsExported(receiver(d))
}

// receiver is the name of the type that a method belongs to.
func receiver(d *ast.FuncDecl) string {
	t := d.Recv.List[0].Type
	for {
		switch x := t.(type) {
		case *ast.StarExpr:
			t = x.X
		case *ast.IndexExpr:
			t = x.X
		case *ast.IndexListExpr:
			t = x.X
		case *ast.Ident:
			return x.Name
		default:
			return ""
		}
	}
}

func undocumentedSpecs(d *ast.GenDecl) (bare []*ast.Ident) {
	for _, spec := range d.Specs {
		switch s := spec.(type) {
		case *ast.TypeSpec:
			if d.Doc == nil && s.Doc == nil && s.Comment == nil && s.Name.IsExported() {
				bare = append(bare, s.Name)
			}
		case *ast.ValueSpec:
			for _, name := range s.Names {
				if d.Doc == nil && s.Doc == nil && s.Comment == nil && name.IsExported() {
					bare = append(bare, name)
				}
			}
		}
	}
	return bare
}
