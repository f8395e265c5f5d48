package faker

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"github.com/hookrig/hookrig/contracts/schema"
)

// negate lists the ways to break a node, the most natural first. Each way is
// made of literals that hold; only four keywords remain that must fail as they
// are (see primitive).
func (s *solver) negate(n *schema.Node) []option {
	if o, ok := s.negated[n]; ok {
		return o
	}
	s.negated[n] = nil // a node that refuses itself
	var ways []option
	if n.Bool != nil {
		if !*n.Bool {
			ways = append(ways, option{})
		}
	} else if primitive(n) {
		ways = append(ways, option{mustNot(n)})
	} else {
		ways = append(ways, s.breakValues(n)...)
		if n.Types&schema.Object != 0 {
			ways = append(ways, s.breakObject(n)...)
		}
		if n.Types&schema.Array != 0 {
			ways = append(ways, s.breakArray(n)...)
		}
		ways = append(ways, s.breakScalars(n)...)
		ways = append(ways, s.breakInPlace(n)...)
		if n.Types != schema.AnyType {
			ways = append(ways, option{must(s.derive(n, "types", &schema.Node{Types: schema.AnyType &^ n.Types}))})
		}
	}
	s.negated[n] = ways
	return ways
}

// derive makes a node of our own, once for each node and tag: goals are told
// apart by their nodes.
func (s *solver) derive(n *schema.Node, tag string, d *schema.Node) *schema.Node {
	k := tag
	if n != nil {
		k = strconv.Itoa(s.id(n)) + " " + tag
		d.Pointer, d.Document = n.Pointer, n.Document
	}
	if old, ok := s.derived[k]; ok {
		return old
	}
	if d.Types == 0 {
		d.Types = schema.AnyType
	}
	s.derived[k] = d
	return d
}

func (s *solver) never() *schema.Node {
	no := false
	return s.derive(nil, "never", &schema.Node{Bool: &no})
}

func (s *solver) always() *schema.Node {
	yes := true
	return s.derive(nil, "always", &schema.Node{Bool: &yes})
}

func (s *solver) requiring(names ...string) *schema.Node {
	return s.derive(nil, fmt.Sprintf("requiring %q", names), &schema.Node{Types: schema.Object, Required: names})
}

func (s *solver) forbidding(name string) *schema.Node {
	return s.derive(nil, "forbidding "+name, &schema.Node{Properties: []schema.Property{{Name: name, Node: s.never()}}})
}

func (s *solver) lacking(name string) *schema.Node {
	return s.derive(nil, "lacking "+name, &schema.Node{Types: schema.Object, Properties: []schema.Property{{Name: name, Node: s.never()}}})
}

// opposite is the node that holds where n does not.
func (s *solver) opposite(n *schema.Node) *schema.Node {
	return s.derive(n, "opposite", &schema.Node{Not: n})
}

// with is an object that has a member meeting c.
func (s *solver) with(n *schema.Node, name string, c *schema.Node) *schema.Node {
	return s.derive(n, "with "+name+" "+strconv.Itoa(s.id(c)), &schema.Node{
		Types:      schema.Object,
		Required:   []string{name},
		Properties: []schema.Property{{Name: name, Node: c}},
	})
}

// primitive nodes have one keyword whose failure is a constraint of its own: a
// pattern, a format, a multipleOf, or an enum of scalars.
func primitive(n *schema.Node) bool { return n.Title == primitiveTitle }

const primitiveTitle = "\x00primitive"

func (s *solver) primitive(n *schema.Node, tag string, d *schema.Node) option {
	d.Title = primitiveTitle
	return option{mustNot(s.derive(n, tag, d))}
}

func (s *solver) breakValues(n *schema.Node) []option {
	if !n.HasEnum {
		return nil
	}
	var scalars []json.RawMessage
	way := option{}
	for i, raw := range n.Enum {
		v, err := decode(raw)
		if err != nil {
			continue
		}
		switch v := v.(type) {
		case map[string]any:
			way = append(way, must(s.otherObject(n, i, v)))
		case []any:
			way = append(way, must(s.otherArray(n, i, v)))
		default:
			scalars = append(scalars, raw)
		}
	}
	if scalars != nil {
		way = append(way, s.primitive(n, "enum", &schema.Node{HasEnum: true, Enum: scalars})...)
	}
	return []option{way}
}

// otherObject holds for everything but the given object.
func (s *solver) otherObject(n *schema.Node, i int, v map[string]any) *schema.Node {
	tag := "other " + strconv.Itoa(i)
	more := len(v) + 1
	d := &schema.Node{AnyOf: []*schema.Node{s.derive(n, tag+" more", &schema.Node{Types: schema.Object, MinProperties: &more})}}
	for _, name := range sortedKeys(v) {
		raw, _ := json.Marshal(v[name])
		same := s.derive(n, tag+" same "+name, &schema.Node{HasEnum: true, Enum: []json.RawMessage{raw}})
		d.AnyOf = append(d.AnyOf, s.with(n, name, s.opposite(same)), s.lacking(name))
	}
	d.AnyOf = append(d.AnyOf, s.derive(n, tag+" type", &schema.Node{Types: schema.AnyType &^ schema.Object}))
	return s.derive(n, tag, d)
}

// otherArray holds for everything but the given list.
func (s *solver) otherArray(n *schema.Node, i int, v []any) *schema.Node {
	tag := "other " + strconv.Itoa(i)
	more, fewer := len(v)+1, len(v)-1
	d := &schema.Node{AnyOf: []*schema.Node{s.derive(n, tag+" more", &schema.Node{Types: schema.Array, MinItems: &more})}}
	if fewer >= 0 {
		d.AnyOf = append(d.AnyOf, s.derive(n, tag+" fewer", &schema.Node{Types: schema.Array, MaxItems: &fewer}))
	}
	for k, item := range v {
		raw, _ := json.Marshal(item)
		same := s.derive(n, fmt.Sprint(tag, " same ", k), &schema.Node{HasEnum: true, Enum: []json.RawMessage{raw}})
		prefix := make([]*schema.Node, k+1)
		for p := range prefix {
			prefix[p] = s.always()
		}
		prefix[k] = s.opposite(same)
		least := k + 1
		d.AnyOf = append(d.AnyOf, s.derive(n, fmt.Sprint(tag, " but ", k), &schema.Node{Types: schema.Array, MinItems: &least, PrefixItems: prefix}))
	}
	d.AnyOf = append(d.AnyOf, s.derive(n, tag+" type", &schema.Node{Types: schema.AnyType &^ schema.Array}))
	return s.derive(n, tag, d)
}

func (s *solver) breakObject(n *schema.Node) []option {
	var ways []option
	hold := func(d *schema.Node) { ways = append(ways, option{must(d)}) }
	// Members that must be there first: what usually tells branches apart.
	for _, first := range []bool{true, false} {
		for _, p := range n.Properties {
			if slices.Contains(n.Required, p.Name) == first && !trivial(p.Node) {
				hold(s.with(n, p.Name, s.opposite(p.Node)))
			}
		}
	}
	for _, r := range n.Required {
		hold(s.lacking(r))
	}
	ways = append(ways, s.breakNames(n)...)
	ways = append(ways, s.breakCounts(n)...)
	for _, name := range sortedKeys(n.DependentRequired) {
		for _, needed := range n.DependentRequired[name] {
			ways = append(ways, option{must(s.requiring(name)), must(s.lacking(needed))})
		}
	}
	for _, name := range sortedKeys(n.DependentSchemas) {
		ways = append(ways, option{must(s.requiring(name)), mustNot(n.DependentSchemas[name])})
	}
	return append(ways, s.breakUnevaluated(n)...)
}

// breakCounts gives the object too few members or too many.
func (s *solver) breakCounts(n *schema.Node) (ways []option) {
	hold := func(d *schema.Node) { ways = append(ways, option{must(d)}) }
	if n.MinProperties != nil && *n.MinProperties > 0 {
		fewer := *n.MinProperties - 1
		hold(s.derive(n, "fewer members", &schema.Node{Types: schema.Object, MaxProperties: &fewer}))
	}
	if n.MaxProperties != nil {
		more := *n.MaxProperties + 1
		hold(s.derive(n, "more members", &schema.Node{Types: schema.Object, MinProperties: &more}))
	}
	return ways
}

// breakNames breaks what is said of members by their names: patterns, names
// that are left over, propertyNames. Names are endless, so a few are tried.
func (s *solver) breakNames(n *schema.Node) (ways []option) {
	hold := func(d *schema.Node) { ways = append(ways, option{must(d)}) }
	if n.PatternProperties != nil || n.AdditionalProperties != nil || n.PropertyNames != nil {
		s.inexact = "only a few names were tried for members that a refused schema does not name"
	}
	for _, p := range n.PatternProperties {
		for _, name := range s.wordsOf([]rule{{p.Pattern, false}}, 0, -1, 2) {
			if !trivial(p.Node) {
				hold(s.with(n, name, s.opposite(p.Node)))
			}
		}
	}
	if a := n.AdditionalProperties; a != nil && !trivial(a) {
		for _, name := range s.freshNames(n, 4) {
			hold(s.with(n, name, s.opposite(a)))
		}
	}
	if p := n.PropertyNames; p != nil && !trivial(p) {
		for _, name := range s.badNames(p) {
			hold(s.requiring(name))
		}
	}
	return ways
}

// breakUnevaluated gives the object a member that nothing in place looks at,
// whichever branch holds.
func (s *solver) breakUnevaluated(n *schema.Node) (ways []option) {
	hold := func(d *schema.Node) { ways = append(ways, option{must(d)}) }
	if u := n.UnevaluatedProperties; u != nil && !trivial(u) {
		all := &schema.Node{}
		looked := false
		for _, c := range everywhere([]*schema.Node{n}) {
			all.Properties = append(all.Properties, c.Properties...)
			all.PatternProperties = append(all.PatternProperties, c.PatternProperties...)
			looked = looked || c.AdditionalProperties != nil || c != n && c.UnevaluatedProperties != nil
		}
		if looked {
			s.inexact = "a refused schema has \"unevaluatedProperties\""
			return ways
		}
		s.inexact = "only a few names were tried for members that a refused schema does not name"
		for _, name := range s.freshNames(all, 4) {
			hold(s.with(n, name, s.opposite(u)))
		}
	}
	return ways
}

// trivial nodes accept everything.
func trivial(n *schema.Node) bool { return n.Bool != nil && *n.Bool }

// freshNames are names that a node leaves to additionalProperties.
func (s *solver) freshNames(n *schema.Node, count int) []string {
	var names []string
	only := &schema.Node{Properties: n.Properties, PatternProperties: n.PatternProperties}
	candidates := append([]string{nameWords[0], "x", "Q1"}, nameWords[1:]...)
	for _, w := range append(candidates, s.wordsOf([]rule{{"^[a-z0-9_]{4}$", false}}, 4, 4, 50)...) {
		if len(names) < count && s.judge.memberNodes(only, w) == nil {
			names = append(names, w)
		}
	}
	return names
}

// badNames are names that propertyNames refuses.
func (s *solver) badNames(p *schema.Node) []string {
	var names []string
	for _, w := range append(likelyWords(0, 40), nameWords...) {
		if len(names) < 2 && !s.judge.keeps(p, w) {
			names = append(names, w)
		}
	}
	return names
}

func (s *solver) breakArray(n *schema.Node) []option {
	var ways []option
	hold := func(d *schema.Node) { ways = append(ways, option{must(d)}) }
	for i, p := range n.PrefixItems {
		if !trivial(p) {
			hold(s.itemAt(n, i, s.opposite(p)))
		}
	}
	if n.Items != nil && !trivial(n.Items) {
		hold(s.itemAt(n, len(n.PrefixItems), s.opposite(n.Items)))
	}
	if n.MinItems != nil && *n.MinItems > 0 {
		fewer := *n.MinItems - 1
		hold(s.derive(n, "fewer items", &schema.Node{Types: schema.Array, MaxItems: &fewer}))
	}
	if n.MaxItems != nil {
		more := *n.MaxItems + 1
		hold(s.derive(n, "more items", &schema.Node{Types: schema.Array, MinItems: &more}))
	}
	if n.Contains != nil {
		least, most := containsBounds(n)
		if fewer, zero := least-1, 0; least > 0 {
			hold(s.derive(n, "fewer witnesses", &schema.Node{Types: schema.Array, Contains: n.Contains, MinContains: &zero, MaxContains: &fewer}))
		}
		if more := most + 1; most >= 0 {
			hold(s.derive(n, "more witnesses", &schema.Node{Types: schema.Array, Contains: n.Contains, MinContains: &more}))
		}
	}
	if u := n.UnevaluatedItems; u != nil && !trivial(u) {
		first, looked := 0, false
		for _, c := range everywhere([]*schema.Node{n}) {
			first = max(first, len(c.PrefixItems))
			looked = looked || c.Items != nil || c.Contains != nil || c != n && c.UnevaluatedItems != nil
		}
		if looked {
			s.inexact = "a refused schema has \"unevaluatedItems\""
		} else {
			hold(s.itemAt(n, first, s.opposite(u)))
		}
	}
	if n.UniqueItems {
		s.inexact = "only a few elements were tried for a list that must not be unique"
		for i, text := range []string{`1`, `"a"`, `true`, `null`, `{}`, `[]`} {
			same := s.derive(nil, "const "+text, &schema.Node{HasEnum: true, Enum: []json.RawMessage{json.RawMessage(text)}})
			two := 2
			hold(s.derive(n, "twice "+strconv.Itoa(i), &schema.Node{Types: schema.Array, MinItems: &two, PrefixItems: []*schema.Node{same, same}}))
		}
	}
	return ways
}

// itemAt is a list whose element i meets c.
func (s *solver) itemAt(n *schema.Node, i int, c *schema.Node) *schema.Node {
	prefix := make([]*schema.Node, i+1)
	for p := range prefix {
		prefix[p] = s.always()
	}
	prefix[i] = c
	least := i + 1
	return s.derive(n, "item "+strconv.Itoa(i), &schema.Node{Types: schema.Array, MinItems: &least, PrefixItems: prefix})
}

func (s *solver) breakScalars(n *schema.Node) []option {
	const number = schema.Integer | schema.Number
	var ways []option
	hold := func(tag string, d *schema.Node) { ways = append(ways, option{must(s.derive(n, tag, d))}) }
	if n.MinLength != nil && *n.MinLength > 0 {
		shorter := *n.MinLength - 1
		hold("shorter", &schema.Node{Types: schema.String, MaxLength: &shorter})
	}
	if n.MaxLength != nil {
		longer := *n.MaxLength + 1
		hold("longer", &schema.Node{Types: schema.String, MinLength: &longer})
	}
	if n.Pattern != "" {
		ways = append(ways, s.primitive(n, "pattern", &schema.Node{Types: schema.String, Pattern: n.Pattern}))
	}
	if n.Format != "" && s.judge.knows(n.Format) {
		ways = append(ways, s.primitive(n, "format", &schema.Node{Types: schema.String, Format: n.Format}))
	}
	if n.Minimum != nil {
		hold("less", &schema.Node{Types: number, ExclusiveMaximum: n.Minimum})
	}
	if n.ExclusiveMinimum != nil {
		hold("at most", &schema.Node{Types: number, Maximum: n.ExclusiveMinimum})
	}
	if n.Maximum != nil {
		hold("greater", &schema.Node{Types: number, ExclusiveMinimum: n.Maximum})
	}
	if n.ExclusiveMaximum != nil {
		hold("at least", &schema.Node{Types: number, Minimum: n.ExclusiveMaximum})
	}
	if n.MultipleOf != nil {
		ways = append(ways, s.primitive(n, "multiple", &schema.Node{Types: number, MultipleOf: n.MultipleOf}))
	}
	return ways
}

// maxPaired bounds the alternatives of a refused "oneOf" of which two are made
// to hold.
const maxPaired = 200

func (s *solver) breakInPlace(n *schema.Node) []option {
	var ways []option
	if n.Ref != nil {
		ways = append(ways, option{mustNot(n.Ref)})
	}
	for _, c := range n.AllOf {
		ways = append(ways, option{mustNot(c)})
	}
	if n.Not != nil {
		ways = append(ways, option{must(n.Not)})
	}
	if n.AnyOf != nil {
		way := option{}
		for _, c := range n.AnyOf {
			way = append(way, mustNot(c))
		}
		ways = append(ways, way)
	}
	if n.OneOf != nil {
		none := option{}
		for _, c := range n.OneOf {
			none = append(none, mustNot(c))
		}
		ways = append(ways, none)
		for i := range min(len(n.OneOf), maxPaired) {
			for k := range i {
				ways = append(ways, option{must(n.OneOf[k]), must(n.OneOf[i])})
			}
		}
		if len(n.OneOf) > maxPaired {
			s.inexact = "only some pairs were tried of a refused \"oneOf\""
		}
	}
	if n.If != nil && n.Then != nil {
		ways = append(ways, option{must(n.If), mustNot(n.Then)})
	}
	if n.If != nil && n.Else != nil {
		ways = append(ways, option{mustNot(n.If), mustNot(n.Else)})
	}
	return ways
}
