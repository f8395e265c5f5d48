package contracts

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/hookrig/hookrig/contracts/schema"
)

// shared looks for statements of shared schemas about members that they do
// not have.
func (l *linter) shared() {
	c := l.contract
	for _, m := range l.components("schemas") {
		says, ok := m.statements()
		if !ok {
			continue
		}
		l.sources(m.extension())
		compiled, err := schema.Compile(c.doc, m.at, schema.Options{Load: c.library.document})
		if err != nil {
			continue // an event that uses it has said so
		}
		own, _ := provenanceOf(says, c.sources)
		for _, s := range own {
			// What is inside of any item or member may be for others to say:
			// those who use the schema as a part of theirs.
			named := s.at
			if i := slices.Index(s.at, "*"); i >= 0 {
				named = s.at[:i]
			}
			if !newWalker().knows(compiled.Node(), named) {
				l.add(says, SeverityError, "provenance", "the shared schema %q has no member at %s", m.name, pointerOf(s.at))
			}
		}
	}
}

func (p place) extension() place {
	x, _ := p.child(extensionKey)
	return x
}

// components are the document's components of one kind.
func (l *linter) components(kind string) []member {
	root := place{doc: l.contract.doc, value: l.contract.doc.Value()}
	all, _ := root.child("components")
	some, ok := all.child(kind)
	if !ok {
		return nil
	}
	return some.members()
}

// unused looks for shared schemas and messages that no reference names.
func (l *linter) unused() {
	used := map[string]bool{}
	docs := l.contract.library.documents()
	for _, name := range slices.Sorted(maps.Keys(docs)) {
		l.references(docs[name].Value(), name, used)
	}
	for _, m := range l.components("schemas") {
		if !used[m.at] {
			l.add(m.place, SeverityWarning, "unused", "nothing refers to the shared schema %q", m.name)
		}
	}
	for _, m := range l.components("messages") {
		if !used[m.at] {
			l.add(m.place, SeverityWarning, "unused", "no channel has the message %q", m.name)
		}
	}
}

// references gathers what the references in a value of a document name in the
// main one: the place itself and all that it is in.
func (l *linter) references(v any, document string, used map[string]bool) {
	switch v := v.(type) {
	case map[string]any:
		if ref, ok := v["$ref"].(string); ok {
			file, pointer, _ := strings.Cut(ref, "#")
			if file != "" {
				document, _ = schema.RelativeName(document, file)
			}
			for document == l.contract.doc.Name() && pointer != "" && !used[pointer] {
				used[pointer] = true
				pointer = pointer[:max(0, strings.LastIndexByte(pointer, '/'))]
			}
		}
		for _, child := range v {
			l.references(child, document, used)
		}
	case []any:
		for _, child := range v {
			l.references(child, document, used)
		}
	}
}

// walker finds the schemas that speak of a member. Each schema is asked once
// for each remaining way, so that recursive schemas end.
type walker struct{ seen map[visit]bool }

type visit struct {
	n    *schema.Node
	left int
}

func newWalker() walker { return walker{seen: map[visit]bool{}} }

func (w walker) knows(n *schema.Node, tokens []string) bool { return len(w.find(n, tokens)) > 0 }

func (w walker) find(n *schema.Node, tokens []string) []*schema.Node {
	if n == nil || w.seen[visit{n, len(tokens)}] {
		return nil
	}
	w.seen[visit{n, len(tokens)}] = true
	var out []*schema.Node
	if len(tokens) == 0 {
		out = append(out, n)
	}
	for _, next := range slices.Concat([]*schema.Node{n.Ref, n.If, n.Then, n.Else}, n.AllOf, n.AnyOf, n.OneOf) {
		out = append(out, w.find(next, tokens)...)
	}
	if len(tokens) == 0 {
		return out
	}
	name, rest := tokens[0], tokens[1:]
	for _, p := range n.Properties {
		if p.Name == name {
			out = append(out, w.find(p.Node, rest)...)
		}
	}
	if _, err := strconv.Atoi(name); err == nil || name == "*" {
		for _, item := range append([]*schema.Node{n.Items}, n.PrefixItems...) {
			out = append(out, w.find(item, rest)...)
		}
	}
	if len(out) == 0 && n.AdditionalProperties != nil && n.AdditionalProperties.Bool == nil {
		out = append(out, w.find(n.AdditionalProperties, rest)...)
	}
	return out
}

func pointerOf(tokens []string) string {
	var b strings.Builder
	for _, t := range tokens {
		b.WriteString("/" + schema.Escape(t))
	}
	return b.String()
}
