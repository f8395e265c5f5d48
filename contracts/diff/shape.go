package diff

import (
	"encoding/json"
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strings"

	"github.com/hookrig/hookrig/contracts/schema"
)

// conj is schemas that a value has to keep, all of them. Empty, it allows anything.
type conj []*schema.Node

// shape is a conjunction without references and alternatives, for values of one
// kind: what "allOf" and "$ref" spread out, in one place.
type shape struct {
	kind     schema.Types // Null, Boolean, Number, String, Array or Object
	whole    bool         // of numbers: integers only
	values   *values      // all that there are; nil: not listed
	min, max limit

	multiples         []*big.Rat
	patterns, formats []string
	minSize, maxSize  *int // characters, items or members
	unique            bool
	parts             []*schema.Node // all schemas that it is made of, for members and items
	required          []string
	conditions        map[string][]conj // by keyword
	conditionsInOrder []string
	judge             func(json.RawMessage) bool // see admits
}

// limit is a bound of numbers.
type limit struct {
	at   *big.Rat // nil: none
	open bool     // the bound itself is excluded
}

// kinds are the kinds of values that are compared apart. Number stands for
// integers too.
var kinds = []schema.Types{schema.Null, schema.Boolean, schema.Number, schema.String, schema.Array, schema.Object}

// Bounds of one comparison: schemas are untrusted.
const (
	mostShapes  = 64      // alternatives of one place
	mostSteps   = 200_000 // places looked at for one event
	mostChanges = 1000    // of one event
	mostNested  = 400     // schemas within each other
)

// draft is a shape on its way, of all kinds at once.
type draft struct {
	types      schema.Types
	values     *values // nil: not listed
	nodes      []*schema.Node
	conditions []condition
}

type condition struct {
	keyword string
	on      conj
}

// shapes are the alternatives that a conjunction allows, by kind.
func (c *comparer) shapes(all conj) map[schema.Types][]*shape {
	key := c.key(all)
	if got, ok := c.flat[key]; ok {
		return got
	}
	drafts := []draft{{types: schema.AnyType}}
	for _, n := range all {
		drafts = c.absorb(drafts, n, 0)
	}
	out := map[schema.Types][]*shape{}
	for _, kind := range kinds {
		for _, d := range drafts {
			if s := d.shape(kind); s != nil {
				out[kind] = append(out[kind], s)
			}
		}
	}
	c.flat[key] = out
	return out
}

// absorb adds one schema to every draft; alternatives multiply them.
func (c *comparer) absorb(drafts []draft, n *schema.Node, depth int) []draft {
	if c.steps++; c.steps > mostSteps || depth > mostNested {
		c.over = true
		return drafts
	}
	if n.Bool != nil {
		if *n.Bool {
			return drafts
		}
		return nil
	}
	out := make([]draft, 0, len(drafts))
	for _, d := range drafts {
		if own := d.with(n); own.types != 0 {
			out = append(out, own)
		}
	}
	if n.Ref != nil {
		out = c.absorb(out, n.Ref, depth+1)
	}
	for _, part := range n.AllOf {
		out = c.absorb(out, part, depth+1)
	}
	out = c.alternatives(out, "anyOf", n.AnyOf, depth)
	return c.alternatives(out, "oneOf", n.OneOf, depth)
}

// alternatives multiplies drafts by the schemas of "anyOf" or "oneOf". Where
// there are too many, or where those of "oneOf" may overlap, the keyword is a
// condition of its own as well, which two versions share or not.
func (c *comparer) alternatives(drafts []draft, keyword string, of []*schema.Node, depth int) []draft {
	if len(of) == 0 {
		return drafts
	}
	alone := []draft{{types: schema.AnyType}}
	var each [][]draft
	for _, n := range of {
		each = append(each, c.absorb(slices.Clone(alone), n, depth+1))
	}
	opaque := keyword == "oneOf" && c.overlap(each)
	var out []draft
	for _, alternative := range each {
		for _, d := range drafts {
			for _, a := range alternative {
				if merged := d.and(a); merged.types != 0 {
					out = append(out, merged)
				}
			}
		}
		if len(out) > mostShapes {
			out, opaque = slices.Clone(drafts), true
			break
		}
	}
	if opaque {
		for i := range out {
			out[i].conditions = append(slices.Clip(out[i].conditions), condition{keyword, of})
		}
	}
	return out
}

// overlap reports whether a value could keep two of the alternatives.
func (c *comparer) overlap(each [][]draft) bool {
	for i, a := range each {
		for _, b := range each[i+1:] {
			for _, x := range a {
				for _, y := range b {
					for _, kind := range kinds {
						sx, sy := x.shape(kind), y.shape(kind)
						if sx != nil && sy != nil && !c.disjoint(sx, sy, true) {
							return true
						}
					}
				}
			}
		}
	}
	return false
}

// disjoint reports whether no value keeps both shapes, as far as it is easily
// seen: different values, or a required member with different values or, if
// asked for, of different types.
func (c *comparer) disjoint(a, b *shape, byType bool) bool {
	if a.values != nil && b.values != nil {
		return len(a.values.without(b.values)) == len(a.values.list)
	}
	if a.kind != schema.Object {
		return false
	}
	for _, name := range a.required {
		if !slices.Contains(b.required, name) {
			continue
		}
		am, bm := c.only(a.member(name)), c.only(b.member(name))
		if am != nil && bm != nil && (byType && am.kind != bm.kind || am.values != nil && bm.values != nil && c.disjoint(am, bm, byType)) {
			return true
		}
	}
	return false
}

// only is the one shape of a conjunction, nil if there are several. Members that
// name a variant are plain; deeper ones are not looked at.
func (c *comparer) only(of conj) *shape {
	for _, n := range of {
		if len(n.AnyOf)+len(n.OneOf) > 0 {
			return nil
		}
	}
	var found *shape
	for _, list := range c.shapes(of) {
		for _, s := range list {
			if found != nil {
				return nil
			}
			found = s
		}
	}
	return found
}

// with is a draft with the keywords of one schema that are no references.
func (d draft) with(n *schema.Node) draft {
	out := d
	out.types &= n.Types
	out.nodes = append(slices.Clip(d.nodes), n)
	if n.HasEnum {
		out = out.among(n.Enum)
	}
	out.conditions = append(slices.Clip(d.conditions), conditionsOf(n)...)
	return out
}

// among is a draft that is narrowed to some values.
func (d draft) among(list []json.RawMessage) draft {
	kept := &values{}
	var types schema.Types
	for _, v := range list {
		if kind := kindOf(v); d.types&kind != 0 && (d.values == nil || d.values.has(v)) {
			kept.add(v)
			types |= kind & d.types
		}
	}
	d.values, d.types = kept, types
	return d
}

// and is what keeps both drafts.
func (d draft) and(o draft) draft {
	out := d
	out.types &= o.types
	out.nodes = slices.Concat(d.nodes, o.nodes)
	out.conditions = slices.Concat(d.conditions, o.conditions)
	if o.values != nil {
		out = out.among(o.values.list)
	}
	return out
}

// conditionsOf are the keywords of which only sameness is decided.
func conditionsOf(n *schema.Node) (out []condition) {
	add := func(keyword string, on ...*schema.Node) {
		if on[0] != nil {
			out = append(out, condition{keyword, slices.DeleteFunc(conj(on), func(n *schema.Node) bool { return n == nil })})
		}
	}
	add("not", n.Not)
	if n.If != nil && (n.Then != nil || n.Else != nil) {
		for keyword, branch := range map[string]*schema.Node{"then": n.Then, "else": n.Else} {
			if branch != nil {
				add("if/"+keyword, n.If)
				add("if/"+keyword+" does", branch)
			}
		}
	}
	add("contains", n.Contains)
	if n.Contains != nil {
		add(fmt.Sprintf("contains %d to %d", orZero(n.MinContains, 1), orZero(n.MaxContains, -1)), n.Contains)
	}
	add("propertyNames", n.PropertyNames)
	add("unevaluatedProperties", n.UnevaluatedProperties)
	add("unevaluatedItems", n.UnevaluatedItems)
	for name, on := range n.DependentSchemas {
		add("dependentSchemas/"+name, on)
	}
	for name, needs := range n.DependentRequired {
		add("dependentRequired/"+name+": "+strings.Join(slices.Sorted(slices.Values(needs)), ","), anything)
	}
	slices.SortStableFunc(out, func(a, b condition) int { return strings.Compare(a.keyword, b.keyword) })
	return out
}

var anything = &schema.Node{Types: schema.AnyType}

func orZero(n *int, none int) int {
	if n == nil {
		return none
	}
	return *n
}

// conditionKinds says which values a keyword speaks of; absent: all.
var conditionKinds = map[string]schema.Types{
	"contains": schema.Array, "unevaluatedItems": schema.Array, "propertyNames": schema.Object,
	"unevaluatedProperties": schema.Object, "dependentSchemas": schema.Object, "dependentRequired": schema.Object,
}

// shape is the draft for values of one kind, nil if there are none.
func (d draft) shape(kind schema.Types) *shape {
	types := d.types & kind
	if kind == schema.Number {
		types = d.types & (schema.Number | schema.Integer)
	}
	if types == 0 {
		return nil
	}
	s := &shape{kind: kind, whole: kind == schema.Number && types == schema.Integer, parts: d.nodes, conditions: map[string][]conj{}}
	if d.values != nil {
		s.values = &values{}
		for _, v := range d.values.list {
			if of := kindOf(v); of&kind != 0 && (!s.whole || of&schema.Integer != 0) {
				s.values.add(v)
			}
		}
		if len(s.values.list) == 0 {
			return nil
		}
	}
	for _, n := range d.nodes {
		s.narrow(n)
	}
	for _, on := range d.conditions {
		word := strings.FieldsFunc(on.keyword, func(r rune) bool { return r == '/' || r == ' ' })[0]
		if only, ok := conditionKinds[word]; ok && only != kind {
			continue
		}
		if s.conditions[on.keyword] == nil {
			s.conditionsInOrder = append(s.conditionsInOrder, on.keyword)
		}
		s.conditions[on.keyword] = append(s.conditions[on.keyword], on.on)
	}
	return s
}

// narrow adds the keywords of a schema that speak of the shape's kind.
func (s *shape) narrow(n *schema.Node) {
	switch s.kind {
	case schema.Number:
		s.min.raise(n.Minimum, false, 1)
		s.min.raise(n.ExclusiveMinimum, true, 1)
		s.max.raise(n.Maximum, false, -1)
		s.max.raise(n.ExclusiveMaximum, true, -1)
		if n.MultipleOf != nil && !slices.ContainsFunc(s.multiples, func(m *big.Rat) bool { return m.Cmp(n.MultipleOf) == 0 }) {
			s.multiples = append(s.multiples, n.MultipleOf)
		}
	case schema.String:
		s.size(n.MinLength, n.MaxLength)
		s.patterns = addNew(s.patterns, n.Pattern)
		s.formats = addNew(s.formats, n.Format)
	case schema.Array:
		s.size(n.MinItems, n.MaxItems)
		s.unique = s.unique || n.UniqueItems
	case schema.Object:
		s.size(n.MinProperties, n.MaxProperties)
		for _, name := range n.Required {
			s.required = addNew(s.required, name)
		}
	}
}

func addNew(list []string, s string) []string {
	if s == "" || slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}

func (s *shape) size(least, most *int) {
	if least != nil && *least > 0 && (s.minSize == nil || *least > *s.minSize) {
		s.minSize = least
	}
	if most != nil && (s.maxSize == nil || *most < *s.maxSize) {
		s.maxSize = most
	}
}

// raise takes the narrower of two bounds; sign is 1 for a lower one.
func (l *limit) raise(at *big.Rat, open bool, sign int) {
	if at == nil {
		return
	}
	if l.at == nil || at.Cmp(l.at)*sign > 0 || at.Cmp(l.at) == 0 && open {
		l.at, l.open = at, open
	}
}

// member are the schemas of one member: those that name it, else those of
// further members.
func (s *shape) member(name string) (out conj) {
	for _, n := range s.parts {
		named := false
		for _, p := range n.Properties {
			if p.Name == name {
				out, named = append(out, p.Node), true
			}
		}
		for _, p := range n.PatternProperties {
			if matches(p.Pattern, name) {
				out, named = append(out, p.Node), true
			}
		}
		if !named && n.AdditionalProperties != nil {
			out = append(out, n.AdditionalProperties)
		}
	}
	return out
}

// names are the members that it speaks of by name.
func (s *shape) names() (out []string) {
	seen := map[string]bool{}
	for _, n := range s.parts {
		for _, p := range n.Properties {
			if !seen[p.Name] {
				seen[p.Name] = true
				out = append(out, p.Name)
			}
		}
	}
	return out
}

// further are the schemas of members that nobody names.
func (s *shape) further() (out conj) {
	for _, n := range s.parts {
		if n.AdditionalProperties != nil {
			out = append(out, n.AdditionalProperties)
		}
	}
	return out
}

// patternMembers are the schemas of members by the pattern of their names.
func (s *shape) patternMembers() map[string]conj {
	out := map[string]conj{}
	for _, n := range s.parts {
		for _, p := range n.PatternProperties {
			out[p.Pattern] = append(out[p.Pattern], p.Node)
		}
	}
	return out
}

// item are the schemas of the item at a position.
func (s *shape) item(i int) (out conj) {
	for _, n := range s.parts {
		if i < len(n.PrefixItems) {
			out = append(out, n.PrefixItems[i])
		} else if n.Items != nil {
			out = append(out, n.Items)
		}
	}
	return out
}

// positions is how many items have a schema of their own.
func (s *shape) positions() (most int) {
	for _, n := range s.parts {
		most = max(most, len(n.PrefixItems))
	}
	return most
}

func matches(pattern, name string) bool {
	re, err := regexp.Compile(pattern)
	return err == nil && re.MatchString(name)
}
