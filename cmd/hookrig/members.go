package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/schema"
)

// member is one line of what a body may hold.
type member struct {
	Pointer     string               `json:"pointer"` // "*" is any list item or any further member
	Type        string               `json:"type"`
	Required    bool                 `json:"required"` // in the object that holds it
	Enum        []json.RawMessage    `json:"enum,omitempty"`
	Format      string               `json:"format,omitempty"`
	Pattern     string               `json:"pattern,omitempty"`
	Description string               `json:"description,omitempty"`
	Repeats     string               `json:"repeats,omitempty"` // pointer of the value above that has the same schema
	Provenance  contracts.Provenance `json:"provenance"`

	name  string
	depth int
}

// Bounds for contracts that are not ours.
const (
	maxMembers = 5000
	maxDepth   = 40
)

// membersOf lists the members of an event's body in the order of the schema.
// Where the schema has alternatives it lists the members of all of them.
func membersOf(t *contracts.EventType) ([]member, error) {
	s, err := t.Schema()
	if err != nil {
		return nil, err
	}
	l := memberList{event: t}
	l.walk(look(branches{certain: []*schema.Node{s.Node()}}), "", "", 0, nil)
	return l.members, nil
}

type memberList struct {
	event   *contracts.EventType
	members []member
}

// trail is the way from the body down to a value.
type trail struct {
	node    *schema.Node
	pointer string
	up      *trail
}

func (l *memberList) walk(v view, pointer, prefix string, depth int, above *trail) {
	if strings.Count(pointer, "/") > maxDepth {
		return
	}
	for _, p := range v.properties {
		l.add(p, prefix+p.name, pointer+"/"+schema.Escape(p.name), depth, above)
	}
	if v.further.any() {
		l.add(property{branches: v.further}, prefix+"*", pointer+"/*", depth, above)
	}
	if v.items.any() {
		// The type of items stands with their list; only their members get
		// lines. Where the value may be an object too, these say whose they are.
		if len(v.properties) > 0 {
			prefix = "*/"
		}
		l.walk(look(v.items), pointer+"/*", prefix, depth, above)
	}
}

func (l *memberList) add(p property, name, pointer string, depth int, above *trail) {
	if len(l.members) >= maxMembers {
		return
	}
	v := look(p.branches)
	m := member{
		Pointer: pointer, Type: v.typeWords(), Required: p.required,
		Enum: v.allowed.enum, Format: v.format, Pattern: v.pattern, Description: v.description,
		Provenance: l.event.Provenance(pointer), name: name, depth: depth,
	}
	structure := v.structure()
	for t := above; t != nil && structure != nil; t = t.up {
		if t.node == structure {
			m.Repeats = t.pointer
			l.members = append(l.members, m)
			return
		}
	}
	l.members = append(l.members, m)
	l.walk(v, pointer, "", depth+1, &trail{structure, pointer, above})
}

// rules are what a member must keep beside its type, for people.
func (m *member) rules() string {
	var parts []string
	if len(m.Enum) > 0 {
		parts = append(parts, enumWords(m.Enum))
	}
	if m.Format != "" {
		parts = append(parts, m.Format)
	}
	if m.Pattern != "" && len(m.Pattern) <= 60 {
		parts = append(parts, "like "+m.Pattern)
	}
	if m.Repeats != "" {
		parts = append(parts, "as "+m.Repeats)
	}
	return strings.Join(parts, ", ")
}

func enumWords(values []json.RawMessage) string {
	const most = 6
	words := make([]string, 0, most)
	for i, v := range values {
		if i == most {
			words = append(words, fmt.Sprintf("… %d in all", len(values)))
			break
		}
		words = append(words, string(v))
	}
	return strings.Join(words, " | ")
}
