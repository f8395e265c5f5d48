package schema

import (
	"fmt"
	"slices"
	"sync"
)

// Limits bound what an untrusted document may cost. A zero field means the
// field of DefaultLimits.
type Limits struct {
	Bytes   int // size of the text
	Depth   int // nesting of maps and lists; Compile has limits of its own for "$ref"
	Nodes   int // values after aliases are expanded
	Aliases int // uses of YAML aliases
}

// DefaultLimits are generous for contracts and small for attackers.
var DefaultLimits = Limits{Bytes: 8 << 20, Depth: 200, Nodes: 500_000, Aliases: 1000}

func (l Limits) orDefault() Limits {
	fill := func(n *int, d int) {
		if *n == 0 {
			*n = d
		}
	}
	fill(&l.Bytes, DefaultLimits.Bytes)
	fill(&l.Depth, DefaultLimits.Depth)
	fill(&l.Nodes, DefaultLimits.Nodes)
	fill(&l.Aliases, DefaultLimits.Aliases)
	return l
}

// Document is a JSON or YAML text under Limits: its values and the position of
// each. It is immutable and safe for concurrent use.
type Document struct {
	name  string
	value any
	root  place

	// compilers remember what Compile has done for this document, so that
	// the next schema of it costs only what is new.
	mu        sync.Mutex
	compilers []*compiler
}

// place is where a value stands, and where its children stand. Objects have a
// key for each child, in the order of the document; lists have none. An alias
// shares the children of what it names.
type place struct {
	line, column int32
	keys         []string
	children     []place
	slots        map[string]int32 // of the keys, where there are many
}

// add appends the place of a member.
func (p *place) add(name string, child place) {
	if p.slots == nil && len(p.keys) == 32 {
		p.slots = make(map[string]int32, 64)
		for i, key := range p.keys {
			p.slots[key] = int32(i)
		}
	}
	if p.slots != nil {
		p.slots[name] = int32(len(p.keys))
	}
	p.keys = append(p.keys, name)
	p.children = append(p.children, child)
}

// child finds the place of a named child.
func (p *place) child(name string) *place {
	if p.keys == nil {
		if i, ok := index(name, len(p.children)); ok {
			return &p.children[i]
		}
		return nil
	}
	if p.slots != nil {
		if i, ok := p.slots[name]; ok {
			return &p.children[i]
		}
		return nil
	}
	if i := slices.Index(p.keys, name); i >= 0 {
		return &p.children[i]
	}
	return nil
}

// Name is the name that Read was given.
func (d *Document) Name() string { return d.name }

// Value is the document as map[string]any, []any, string, bool, json.Number
// and nil. Callers must not change it.
func (d *Document) Value() any { return d.value }

// Lookup returns the value at a JSON Pointer. It does not follow "$ref".
func (d *Document) Lookup(pointer string) (any, bool) {
	names, ok := split(pointer)
	v := d.value
	for _, name := range names {
		if v, ok = step(v, name); !ok {
			break
		}
	}
	if !ok {
		return nil, false
	}
	return v, true
}

// Keys returns the member names of the object at pointer in document order,
// nil where there is no object. Callers must not change it.
func (d *Document) Keys(pointer string) []string {
	p, exact := d.place(pointer)
	if !exact {
		return nil
	}
	return p.keys
}

// Position returns the 1-based line and column, counted in characters, of the
// value at pointer, or of its nearest ancestor that exists.
func (d *Document) Position(pointer string) (line, column int) {
	p, _ := d.place(pointer)
	return int(p.line), int(p.column)
}

// place finds the place of pointer or of its nearest ancestor.
func (d *Document) place(pointer string) (p *place, exact bool) {
	p = &d.root
	names, ok := split(pointer)
	for _, name := range names {
		next := p.child(name)
		if next == nil {
			return p, false
		}
		p = next
	}
	return p, ok
}

// Errorf makes an *Error at a pointer of this document.
func (d *Document) Errorf(pointer, format string, args ...any) *Error {
	line, column := d.Position(pointer)
	return &Error{File: d.name, Line: line, Column: column, Pointer: pointer, Message: fmt.Sprintf(format, args...)}
}
