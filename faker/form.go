package faker

import (
	"bytes"
	"encoding/json"
	"slices"

	"github.com/hookrig/hookrig/contracts/schema"
)

// A form is one way to meet a goal with one JSON type: every choice is taken
// and what is left are plain assertions.
type form struct {
	typ    schema.Types
	values [][]byte // the only values, where they can be listed
	number *numberRules
	text   *textRules
	array  *arrayRules
	object *objectRules

	kept   []*schema.Node // the schemas that hold, nearest first: for hints
	height int
	listed schema.Types // of the values, once they were asked for
}

// types are those of the form's values.
func (f *form) types() schema.Types {
	if f.typ != 0 {
		return f.typ
	}
	if f.listed == 0 {
		for _, text := range f.values {
			if v, err := decode(text); err == nil {
				f.listed |= typeOf(v)
			}
		}
	}
	return f.listed
}

// measure is the height of the form as far as the heights of its parts are
// known.
func (f *form) measure() int {
	switch {
	case f.array != nil:
		return f.array.measure()
	case f.object != nil:
		return f.object.measure()
	}
	return 0
}

// weigh is how many values the form has at least.
func (f *form) weigh() int {
	switch {
	case f.array != nil:
		return f.array.weigh()
	case f.object != nil:
		return f.object.weigh()
	}
	return 1
}

// maxWeight bounds how many values an instance may be forced to have.
const maxWeight = 200_000

func heavier(a, b int) int { return min(a+b, maxWeight) }

// formsOf splits a finished branch by type.
func (s *solver) formsOf(b *branch) []*form {
	var forms []*form
	add := func(f *form) {
		f.kept = b.kept
		forms = append(forms, f)
	}
	if values, ok := s.listed(b); ok {
		if len(values) > 0 {
			add(&form{values: values})
		}
		return forms
	}
	if b.types&schema.Object != 0 {
		if r := s.objectRules(b); r != nil {
			add(&form{typ: schema.Object, object: r})
		}
	}
	if b.types&schema.Array != 0 {
		for _, r := range s.arrayRules(b) {
			add(&form{typ: schema.Array, array: r})
		}
	}
	if b.types&schema.String != 0 {
		if r := s.textRules(b); r != nil {
			add(&form{typ: schema.String, text: r})
		}
	}
	if b.types&(schema.Number|schema.Integer) != 0 {
		r := newNumberRules(b)
		if some, sure := r.possible(); some {
			add(&form{typ: b.types & (schema.Number | schema.Integer), number: r})
		} else if !sure {
			s.inexact = "only some numbers were tried of those that a refused schema leaves"
		}
	}
	for _, c := range []struct {
		typ  schema.Types
		text string
	}{{schema.Boolean, "true"}, {schema.Boolean, "false"}, {schema.Null, "null"}} {
		if b.types&c.typ != 0 && !b.avoids(c.text) {
			if k := len(forms) - 1; k >= 0 && forms[k].typ == c.typ {
				forms[k].values = append(forms[k].values, []byte(c.text))
				continue
			}
			add(&form{typ: c.typ, values: [][]byte{[]byte(c.text)}})
		}
	}
	return forms
}

// avoids reports whether a refused enum names the literal.
func (b *branch) avoids(text string) bool {
	return slices.ContainsFunc(b.broken, func(n *schema.Node) bool {
		return slices.ContainsFunc(n.Enum, func(raw json.RawMessage) bool { return string(bytes.TrimSpace(raw)) == text })
	})
}

// listed are the values of a branch that an enum limits.
func (s *solver) listed(b *branch) ([][]byte, bool) {
	lits := make([]literal, 0, len(b.kept)+len(b.broken))
	for _, n := range b.kept {
		lits = append(lits, must(n))
	}
	for _, n := range b.broken {
		lits = append(lits, mustNot(n))
	}
	return s.enumerated(lits)
}

// enumerated lists the values of literals of which one, or something that it
// always implies, has an enum. Each is judged against all literals, so the
// list is exact.
func (s *solver) enumerated(lits []literal) ([][]byte, bool) {
	var nodes []*schema.Node
	for _, l := range lits {
		if !l.not {
			nodes = append(nodes, l.node)
		}
	}
	var enum *schema.Node
	for _, n := range implied(nodes) {
		if n.HasEnum && (enum == nil || len(n.Enum) < len(enum.Enum)) {
			enum = n
		}
	}
	if enum == nil {
		return nil, false
	}
	var values [][]byte
	taken := map[string]bool{}
	for _, raw := range enum.Enum {
		v, err := decode(raw)
		if err != nil || !s.judge.meets(lits, v) {
			continue
		}
		if c := canonical(v); !taken[c] {
			taken[c] = true
			values = append(values, compact(raw))
		}
	}
	return values, true
}

// implied are the nodes and all that they hold in place without a choice.
func implied(nodes []*schema.Node) []*schema.Node {
	out := slices.Clone(nodes)
	for i := 0; i < len(out) && len(out) < 1000; i++ {
		n := out[i]
		if n.Ref != nil && !slices.Contains(out, n.Ref) {
			out = append(out, n.Ref)
		}
		for _, c := range n.AllOf {
			if !slices.Contains(out, c) {
				out = append(out, c)
			}
		}
	}
	return out
}
