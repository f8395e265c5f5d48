package schema

import (
	"bytes"
	"encoding/json"
	"path"
	"strconv"
	"strings"
)

// bundle writes a schema and all that it refers to as one document.
func (c *compiler) bundle(root form) []byte {
	b := bundler{c: c, root: c.follow(root), names: map[form]string{}, taken: map[string]bool{}}
	dialect := c.dialectOf(b.root.site)
	b.defs = dialect.defsKeyword()
	out := append([]byte(`{"$schema":`), marshal(dialect.url())...)
	switch v, p := b.value(b.root); v := v.(type) {
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
type bundler struct {
	c     *compiler
	root  form
	defs  string // the keyword that holds the others
	names map[form]string
	taken map[string]bool
	queue []form
}

// follow goes from a schema that is nothing but a reference to what it names:
// in the root of a bundle, nothing could stand beside the reference.
func (c *compiler) follow(at form) form {
	for c.dialectOf(at.site).old() {
		target, ok := c.targets[at.child("$ref")]
		if !ok {
			break
		}
		at = target
	}
	return at
}

func (b *bundler) value(at form) (any, *place) {
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
		v, p := b.value(at)
		out = b.schema(out, at, v, p)
	}
	if len(b.queue) > 0 {
		out = append(out, '}')
	}
	return out
}

// schema writes a schema.
func (b *bundler) schema(out []byte, at form, v any, p *place) []byte {
	object, ok := v.(map[string]any)
	if !ok {
		return appendJSON(out, v, p)
	}
	at.scope = b.c.enter(at.scope, at.site)
	return append(b.members(append(out, '{'), at, object, p, false), '}')
}

// members writes the keywords of a schema. With comma, something stands before
// them.
func (b *bundler) members(out []byte, at form, object map[string]any, p *place, comma bool) []byte {
	for i, keyword := range p.keys {
		if b.c.dropped(at.site, keyword, object) {
			continue
		}
		if comma {
			out = append(out, ',')
		}
		comma = true
		if target, ok := b.c.targets[at.child(keyword)]; ok {
			out = append(append(out, marshal(plainReference(keyword, object))...), ':')
			out = append(out, marshal(b.reference(target))...)
			continue
		}
		out = append(append(out, marshal(keyword)...), ':')
		if u, ok := b.c.standardReference(at.site, keyword, object); ok {
			out = append(out, marshal(u)...)
			continue
		}
		if v, other := b.c.rewritten(at.site, keyword, object); other {
			out = append(out, marshal(v)...)
			continue
		}
		out = b.operand(out, at.child(keyword), keyword, object[keyword], &p.children[i])
	}
	return out
}

// operand writes what stands under a keyword.
func (b *bundler) operand(out []byte, at form, keyword string, v any, p *place) []byte {
	switch v := v.(type) {
	case map[string]any:
		switch holds[keyword] {
		case oneSchema, oneOrMore:
			return b.schema(out, at, v, p)
		case namedSchemas:
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
	case []any:
		if k := holds[keyword]; k == moreSchemas || k == oneOrMore {
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
func (b *bundler) reference(to form) string {
	if to == b.root {
		return "#"
	}
	name, ok := b.names[to]
	if !ok {
		name = b.name(to.site)
		b.names[to] = name
		b.queue = append(b.queue, to)
	}
	return "#/" + b.defs + "/" + name
}

// name makes a name for a schema from the last part of its place, in
// characters that need no escapes anywhere.
func (b *bundler) name(at site) string {
	last := at.pointer[strings.LastIndexByte(at.pointer, '/')+1:]
	if at.pointer == "" {
		file := path.Base(b.c.docs[at.doc].doc.name)
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
