package faker

import (
	"bytes"
	"strconv"

	"github.com/hookrig/hookrig/contracts/schema"
)

// maxParts bounds the elements and members that a change adds.
const maxParts = 10_000

// fillers are what is put where anything will do.
var fillers = []string{`"x"`, `1`, `true`, `null`, `{}`, `[]`}

// changeList lists texts of a list that may break a rule.
func (b *breaker) changeList(text []byte, v []any, n *schema.Node, x breach, yield func([]byte) bool) {
	cs := children(text, 0)
	element := func(i int) []byte { return text[cs[i].value:cs[i].end] }
	first := func(k int) []byte { // the list of the first k elements
		if k >= len(cs) {
			return text
		}
		if k == 0 {
			return []byte("[]")
		}
		return append(bytes.Clone(text[:cs[k-1].end]), ']')
	}
	switch x.keyword {
	case "minItems":
		if k := *n.MinItems - 1; k < len(cs) {
			yield(first(k))
		}
	case "maxItems":
		more := *n.MaxItems + 1 - len(cs)
		for i := range cs {
			if !yield(repeated(text, element(len(cs)-1-i), more)) {
				return
			}
		}
		for _, f := range fillers {
			if !yield(repeated(text, []byte(f), more)) {
				return
			}
		}
	case "uniqueItems":
		for i := range cs {
			if !yield(repeated(text, element(i), 1)) {
				return
			}
		}
		for i := 1; i < len(cs); i++ {
			if !yield(replace(text, cs[i].value, cs[i].end, element(i-1))) {
				return
			}
		}
	case "contains":
		b.fewerWitnesses(text, v, n, yield)
	case "maxContains":
		for i := range cs {
			if b.tools.judge.keeps(n.Contains, v[i]) {
				yield(repeated(text, element(i), *n.MaxContains))
				return
			}
		}
	case "items", "prefixItems", "unevaluatedItems":
		if x.keyword == "unevaluatedItems" || len(cs) == len(n.PrefixItems) || x.arg == strconv.Itoa(len(cs)) {
			for _, f := range fillers {
				if !yield(repeated(text, []byte(f), 1)) {
					return
				}
			}
		}
	}
}

// fewerWitnesses takes away, or spoils, what "contains" asks for.
func (b *breaker) fewerWitnesses(text []byte, v []any, n *schema.Node, yield func([]byte) bool) {
	least, _ := containsBounds(n)
	var witnesses []int
	for i := range v {
		if b.tools.judge.keeps(n.Contains, v[i]) {
			witnesses = append(witnesses, i)
		}
	}
	if len(witnesses) < least {
		return
	}
	spoil := witnesses[least-1:]
	out := text
	for i := len(spoil) - 1; i >= 0; i-- {
		out = remove(out, []string{strconv.Itoa(spoil[i])})
	}
	if !yield(out) {
		return
	}
	for _, f := range fillers {
		out := text
		for i := len(spoil) - 1; i >= 0; i-- {
			c := children(out, 0)[spoil[i]]
			out = replace(out, c.value, c.end, []byte(f))
		}
		if !yield(out) {
			return
		}
	}
}

// repeated is a list with an element more, some times.
func repeated(text, element []byte, times int) []byte {
	if times <= 0 || times > maxParts {
		return text
	}
	out := bytes.Clone(text[:len(text)-1])
	for range times {
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = append(out, element...)
	}
	return append(out, ']')
}

// changeObject lists texts of an object that may break a rule.
func (b *breaker) changeObject(text []byte, s *site, n *schema.Node, x breach, yield func([]byte) bool) {
	cs := children(text, 0)
	without := func(name string) []byte { return remove(text, []string{name}) }
	switch x.keyword {
	case "required":
		yield(without(x.arg))
	case "dependentRequired":
		if _, ok := s.value.(map[string]any)[x.arg]; ok {
			yield(without(x.needed))
		} else {
			b.adding(without(x.needed), s, []string{x.arg}, yield)
		}
	case "minProperties":
		out := text
		for i := len(cs) - 1; i >= 0; i-- {
			next := remove(out, []string{cs[i].name})
			if b.required(s, cs[i].name) {
				continue
			}
			if out = next; len(children(out, 0)) < *n.MinProperties {
				yield(out)
				return
			}
		}
		yield(out)
	case "maxProperties":
		b.crowd(text, s, *n.MaxProperties+1-len(cs), yield)
	case "propertyNames":
		b.badlyNamed(text, s, n, yield)
	case "properties":
		b.adding(text, s, []string{x.arg}, yield)
	case "patternProperties":
		b.adding(text, s, newSolver(b.tools).wordsOf([]rule{{expr: x.arg}}, 0, -1, 8), yield)
	case "additionalProperties", "unevaluatedProperties":
		names := b.plainNames(s)
		if !b.adding(text, s, names, yield) {
			return
		}
		for i := len(cs) - 1; i >= 0; i-- { // no room for one more: another name
			if !b.required(s, cs[i].name) && !b.adding(without(cs[i].name), s, names[:min(1, len(names))], yield) {
				return
			}
		}
	}
}

func (b *breaker) required(s *site, name string) bool {
	for _, h := range s.held {
		for _, r := range h.node.Required {
			if r == name {
				return true
			}
		}
	}
	return false
}

var extraNames = append([]string{"extra", "unknown", "x"}, nameWords...)

// plainNames are names that no schema of the site gives.
func (b *breaker) plainNames(s *site) []string {
	var names []string
next:
	for i := 0; len(names) < 8; i++ {
		name := "extra" + strconv.Itoa(i)
		if i < len(extraNames) {
			name = extraNames[i]
		}
		for _, h := range s.held {
			if b.tools.judge.property(h.node, name) != nil {
				continue next
			}
		}
		if _, ok := s.value.(map[string]any)[name]; !ok {
			names = append(names, name)
		}
	}
	return names
}

// adding adds one member, under each name and with several values.
func (b *breaker) adding(text []byte, s *site, names []string, yield func([]byte) bool) bool {
	for _, name := range names {
		for _, f := range b.valuesOf(s, name) {
			if !yield(addMember(text, name, f)) {
				return false
			}
		}
	}
	return true
}

// valuesOf are values for a new member: one that its schemas keep, or anything.
func (b *breaker) valuesOf(s *site, name string) (values []string) {
	var lits []literal
	for _, h := range s.held {
		for _, c := range b.tools.judge.memberNodes(h.node, name) {
			if !refuses(c) && !trivial(c) {
				lits = append(lits, must(c))
			}
		}
	}
	for _, h := range s.held {
		if u := h.node.UnevaluatedProperties; lits == nil && u != nil && u.Bool == nil {
			lits = append(lits, must(u))
		}
	}
	if lits != nil {
		if made := b.make(lits, 0, Minimal); made != nil {
			values = append(values, string(made))
		}
	}
	return append(values, fillers...)
}

func addMember(text []byte, name, value string) []byte {
	cs := children(text, 0)
	member := append(append(quoted(name), ':'), value...)
	for _, c := range cs {
		if c.name == name {
			return replace(text, c.start, c.end, member)
		}
	}
	return insert(text, 0, cs, len(cs), member)
}

// crowd adds members: those that schemas name first.
func (b *breaker) crowd(text []byte, s *site, more int, yield func([]byte) bool) {
	if more <= 0 || more > maxParts {
		return
	}
	object, _ := s.value.(map[string]any)
	var names []string
	for _, h := range s.held {
		for _, p := range h.node.Properties {
			if _, ok := object[p.Name]; !ok && !refuses(p.Node) {
				names = append(names, p.Name)
			}
		}
	}
	for i := 0; len(names) < more+len(nameWords); i++ {
		names = append(names, "extra"+strconv.Itoa(i+1))
	}
	out := text
	for _, name := range names[:more] {
		out = addMember(out, name, b.valuesOf(s, name)[0])
	}
	yield(out)
}

// badlyNamed adds a member whose name is refused, or gives one such a name.
func (b *breaker) badlyNamed(text []byte, s *site, n *schema.Node, yield func([]byte) bool) {
	var names []string
	add := func(name string) {
		if len(names) < 12 && !b.tools.judge.keeps(n.PropertyNames, name) {
			names = append(names, name)
		}
	}
	cs := children(text, 0)
	for _, c := range cs {
		twists(c.name, func(quoted []byte) bool {
			if v, err := decode(quoted); err == nil {
				add(v.(string))
			}
			return len(names) < 4
		})
	}
	for _, w := range append(likelyWords(0, 8), nameWords...) {
		add(w)
	}
	if !b.adding(text, s, names, yield) {
		return
	}
	for i := len(cs) - 1; i >= 0; i-- {
		if !b.required(s, cs[i].name) && !b.adding(remove(text, []string{cs[i].name}), s, names, yield) {
			return
		}
	}
}
