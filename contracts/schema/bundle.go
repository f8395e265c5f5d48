package schema

import (
	"bytes"
	"encoding/json"
	"path"
	"slices"
	"strconv"
	"strings"
)

// bundle writes a schema and all that it refers to as one document.
func (c *compiler) bundle(root site, version int) []byte {
	b := bundler{c: c, names: map[form]string{}, taken: map[string]bool{}, defs: "definitions"}
	url := "http://json-schema.org/draft-0" + strconv.Itoa(version) + "/schema#"
	if version >= 2019 {
		b.defs = "$defs"
		url = "https://json-schema.org/draft/" + string(map[int]Dialect{2019: Draft19, 2020: Draft20}[version]) + "/schema"
	}
	root = b.follow(root)
	b.root = form{root, b.enter("", root)}
	out := append([]byte(`{"$schema":`), marshal(url)...)
	switch v, p := b.value(root); v := v.(type) {
	case bool:
		if !v {
			out = append(out, `,"not":{}`...)
		}
	case map[string]any:
		out = b.members(out, b.root, v, p, true)
	}
	out = b.definitions(out)
	var indented bytes.Buffer
	if err := json.Indent(&indented, append(out, '}'), "", "  "); err != nil {
		panic("schema: the bundle is no JSON: " + err.Error())
	}
	indented.WriteByte('\n')
	return indented.Bytes()
}

// bundler writes one bundle. A schema that is referred to gets a name when it
// is first met and is written after the root, in that order.
//
// What a "$dynamicRef" means depends on the way that led to it, so a schema
// has one form for each scope in which it is met. That leaves only plain
// references, and no "$id" or anchor that they would need.
type bundler struct {
	c     *compiler
	root  form
	defs  string // the keyword that holds the others
	names map[form]string
	taken map[string]bool
	queue []form
}

// form is a schema as it is in one scope.
type form struct {
	site
	scope scope
}

func (f form) child(names ...string) form { return form{f.site.child(names...), f.scope} }

// scope says what dynamic anchors mean: a JSON object from name to place, ""
// where there are none, as in all but a few schemas.
type scope string

// enter is the scope inside a schema: the first resource on the way that has
// an anchor keeps it.
func (b *bundler) enter(in scope, at site) scope {
	doc := b.c.docs[at.doc]
	if doc == nil || len(doc.dynamic) == 0 {
		return in
	}
	base, _ := doc.resourceOf(at.pointer)
	anchors := in.anchors()
	for name, pointer := range doc.dynamic[base] {
		if _, bound := anchors[name]; !bound {
			anchors[name] = site{at.doc, pointer}.url()
		}
	}
	if len(anchors) == 0 {
		return ""
	}
	return scope(marshal(anchors))
}

func (s scope) anchors() map[string]string {
	anchors := map[string]string{}
	if s != "" {
		// The text is our own; it cannot fail.
		_ = json.Unmarshal([]byte(s), &anchors)
	}
	return anchors
}

// target is where the reference under a keyword of a schema leads.
func (b *bundler) target(at form, keyword, ref string) (site, bool) {
	target, ok := b.c.targets[at.site.child(keyword)]
	if !ok || keyword == "$ref" || at.scope == "" {
		return target, ok
	}
	object, _ := b.c.object(target)
	_, name, _ := strings.Cut(ref, "#")
	if keyword == "$recursiveRef" {
		name = recursiveAnchor
		ok = object[recursiveAnchor] == true
	} else {
		ok = object["$dynamicAnchor"] == name
	}
	if first, bound := at.scope.anchors()[name]; ok && bound {
		return siteOf(first), true
	}
	return target, true
}

// follow goes from a schema that is nothing but a reference to what it names:
// in the root of a bundle, nothing could stand beside the reference.
func (b *bundler) follow(at site) site {
	for {
		object, ok := b.c.object(at)
		if !ok || !b.c.alone(at, object) {
			return at
		}
		target, ok := b.c.targets[at.child("$ref")]
		if !ok {
			return at
		}
		at = target
	}
}

func (b *bundler) value(at site) (any, *place) {
	doc := b.c.docs[at.doc].doc
	v, _ := doc.Lookup(at.pointer)
	p, _ := doc.place(at.pointer)
	return v, p
}

func (b *bundler) definitions(out []byte) []byte {
	for i := 0; i < len(b.queue); i++ {
		if i == 0 {
			out = append(append(append(out, ','), marshal(b.defs)...), ":{"...)
		} else {
			out = append(out, ',')
		}
		at := b.queue[i]
		out = append(append(out, marshal(b.names[at])...), ':')
		v, p := b.value(at.site)
		out = b.schema(out, at, v, p)
	}
	if len(b.queue) > 0 {
		out = append(out, '}')
	}
	return out
}

// schema writes the schema at a site.
func (b *bundler) schema(out []byte, at form, v any, p *place) []byte {
	object, ok := v.(map[string]any)
	if !ok {
		return appendJSON(out, v, p)
	}
	at.scope = b.enter(at.scope, at.site)
	return append(b.members(append(out, '{'), at, object, p, false), '}')
}

// members writes the keywords of a schema. With comma, something stands before
// them.
func (b *bundler) members(out []byte, at form, object map[string]any, p *place, comma bool) []byte {
	alone := b.c.alone(at.site, object)
	for i, keyword := range p.keys {
		if alone && keyword != "$ref" || b.dropped(at.site, keyword, object[keyword]) {
			continue
		}
		if comma {
			out = append(out, ',')
		}
		comma = true
		if ref, ok := object[keyword].(string); ok {
			if target, ok := b.target(at, keyword, ref); ok {
				out = append(append(out, marshal(refKeyword(keyword, object))...), ':')
				out = append(out, marshal(b.reference(target, at.scope))...)
				continue
			}
		}
		out = append(append(out, marshal(keyword)...), ':')
		out = b.operand(out, at.child(keyword), keyword, object[keyword], &p.children[i])
	}
	return out
}

// dropped reports keywords that have no meaning in a bundle: what nothing
// there refers to, and what only this program reads.
func (b *bundler) dropped(at site, keyword string, v any) bool {
	switch keyword {
	case "$schema", "$id", "$anchor", "$dynamicAnchor", "$recursiveAnchor", "$vocabulary", "$defs", "definitions":
		return true
	case "id":
		_, text := v.(string)
		return text && b.c.docs[at.doc].id == "id"
	}
	return strings.HasPrefix(keyword, "x-")
}

// refKeyword is how a reference is spelled in a bundle. A dynamic one that
// names no anchor is a plain reference too, and can stand beside one.
func refKeyword(keyword string, object map[string]any) string {
	if _, both := object["$ref"]; both {
		return keyword
	}
	return "$ref"
}

// operand writes what stands under a keyword.
func (b *bundler) operand(out []byte, at form, keyword string, v any, p *place) []byte {
	switch v := v.(type) {
	case map[string]any:
		if slices.Contains(schemaMapKeywords, keyword) {
			out = append(out, '{')
			for i, name := range p.keys {
				if i > 0 {
					out = append(out, ',')
				}
				out = append(append(out, marshal(name)...), ':')
				out = b.schema(out, at.child(name), v[name], &p.children[i])
			}
			return append(out, '}')
		}
		if slices.Contains(schemaKeywords, keyword) {
			return b.schema(out, at, v, p)
		}
	case []any:
		if slices.Contains(schemaListKeywords, keyword) {
			out = append(out, '[')
			for i, item := range v {
				if i > 0 {
					out = append(out, ',')
				}
				out = b.schema(out, at.child(strconv.Itoa(i)), item, &p.children[i])
			}
			return append(out, ']')
		}
	}
	return appendJSON(out, v, p)
}

// reference is the "$ref" to a schema of the bundle.
func (b *bundler) reference(target site, in scope) string {
	to := form{target, b.enter(in, target)}
	if to == b.root {
		return "#"
	}
	name, ok := b.names[to]
	if !ok {
		name = b.name(target)
		b.names[to] = name
		b.queue = append(b.queue, to)
	}
	return "#/" + b.defs + "/" + name
}

// name makes a name for a schema from the last part of its place that says
// something, in characters that need no escapes anywhere.
func (b *bundler) name(target site) string {
	last := target.pointer[strings.LastIndexByte(target.pointer, '/')+1:]
	if target.pointer == "" {
		file := path.Base(b.c.docs[target.doc].doc.name)
		last = strings.TrimSuffix(file, path.Ext(file))
	}
	clean := strings.Map(func(c rune) rune {
		if '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z' || c == '.' || c == '_' || c == '-' {
			return c
		}
		return '_'
	}, unescape(last))
	name := clean
	for i := 2; b.taken[name]; i++ {
		name = clean + "-" + strconv.Itoa(i)
	}
	b.taken[name] = true
	return name
}
