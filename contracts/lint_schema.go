package contracts

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/hookrig/hookrig/contracts/schema"
)

// placeWords names a place in a body for people.
func placeWords(tokens []string) string {
	if len(tokens) == 0 {
		return "the whole body"
	}
	return pointerOf(tokens)
}

// requirements looks for members that are required and nowhere described,
// where others of the same object are. What judges the object may stand in any
// branch of the root.
func (l *linter) requirements(t *EventType, root, n *schema.Node, tokens []string) {
	key := n.Document + "#" + n.Pointer
	if l.required[key] || len(tokens) > 40 {
		return
	}
	l.required[key] = true
	described := slices.ContainsFunc(newWalker().find(root, tokens), func(n *schema.Node) bool { return len(n.Properties) > 0 })
	for _, name := range n.Required {
		if !described || newWalker().knows(root, append(slices.Clip(tokens), name)) {
			continue
		}
		var names []string
		for _, p := range n.Properties {
			names = append(names, p.Name)
		}
		hint := ""
		if near := schema.Nearest(name, names); len(near) > 0 {
			hint = "; did you mean " + quoted(near) + "?"
		}
		p := l.placeOf(n)
		p.at += "/required"
		l.add(p, SeverityWarning, "required", "event %q: the member %q is required and not described%s", t.name, short(name), hint)
	}
	for _, b := range slices.Concat([]*schema.Node{n.Ref}, n.AllOf, n.AnyOf, n.OneOf) {
		if b != nil {
			l.requirements(t, root, b, tokens)
		}
	}
	for _, p := range n.Properties {
		l.requirements(t, root, p.Node, append(slices.Clip(tokens), p.Name))
	}
	for _, item := range append([]*schema.Node{n.Items}, n.PrefixItems...) {
		if item != nil {
			l.requirements(t, root, item, append(slices.Clip(tokens), "*"))
		}
	}
}

// Formats that the validator asserts, and those of OpenAPI, which say how a
// number or a text is stored and leave nothing to assert.
var (
	assertedFormats = []string{
		"date", "date-time", "duration", "email", "hostname", "idn-email", "idn-hostname", "ipv4", "ipv6", "iri", "iri-reference",
		"json-pointer", "period", "regex", "relative-json-pointer", "semver", "time", "uri", "uri-reference", "uri-template", "uuid",
	}
	storageFormats = []string{"binary", "byte", "double", "float", "int32", "int64", "password"}
)

// formats looks at the formats of a schema and of all below it.
func (l *linter) formats(root *schema.Node) {
	seen := map[*schema.Node]bool{nil: true}
	var walk func(n *schema.Node)
	walk = func(n *schema.Node) {
		if seen[n] {
			return
		}
		seen[n] = true
		if n.Format != "" && !slices.Contains(assertedFormats, n.Format) && !slices.Contains(storageFormats, n.Format) {
			p := l.placeOf(n)
			p.at += "/format"
			hint := ""
			if near := schema.Nearest(n.Format, assertedFormats); len(near) > 0 {
				hint = "; did you mean " + quoted(near) + "?"
			}
			l.add(p, SeverityWarning, "format", "nothing checks the format %q%s", short(n.Format), hint)
		}
		for _, next := range slices.Concat([]*schema.Node{n.Ref, n.Not, n.If, n.Then, n.Else, n.Items, n.AdditionalProperties},
			n.PrefixItems, n.AllOf, n.AnyOf, n.OneOf) {
			walk(next)
		}
		for _, p := range n.Properties {
			walk(p.Node)
		}
	}
	walk(root)
}

// extensions looks for keys that are almost those of this format. AsyncAPI
// lets any x- key stand anywhere, so nothing else would tell.
func (l *linter) extensions() {
	docs := l.contract.library.documents()
	for _, name := range slices.Sorted(maps.Keys(docs)) {
		l.almost(place{doc: docs[name], value: docs[name].Value()})
	}
}

func (l *linter) almost(p place) {
	switch v := p.value.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			child, _ := p.child(key)
			known := []string{extensionKey, "x-faker"}
			if near := schema.Nearest(key, known); len(near) > 0 && len(key) > 3 && strings.HasPrefix(strings.ToLower(key), "x") && !slices.Contains(known, key) {
				l.add(child, SeverityWarning, "extension", "the key %q has no meaning here; did you mean %s?", short(key), quoted(near))
			}
			if key != "example" && key != "examples" && key != "const" && key != "enum" && key != "default" { // values, not keywords
				l.almost(child)
			}
		}
	case []any:
		for i, item := range v {
			l.almost(place{p.doc, p.at + "/" + strconv.Itoa(i), item})
		}
	}
}

// Finding is a finding about this event, at a pointer into the document that
// its schema stands in, or for "" at the event itself.
func (t *EventType) Finding(severity, rule, pointer, message string) Finding {
	p := t.message
	if pointer != "" {
		p = place{doc: t.payload.doc, at: pointer}
	}
	line, column := p.doc.Position(p.at)
	return Finding{
		File: p.doc.Name(), Line: line, Column: column, Pointer: p.at,
		Severity: severity, Rule: rule, Message: message,
	}
}
