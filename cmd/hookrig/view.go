package main

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/hookrig/hookrig/contracts/schema"
)

// view is what a set of schemas says of one value, for people. It is an
// approximation: alternatives are laid over one another, and what only some of
// them ask for counts as optional.
type view struct {
	allowed    allowed
	format     string
	pattern    string
	properties []property
	further    branches // of members that are not named
	items      branches

	description string
	object      *schema.Node // the first one with members
	seen        map[*schema.Node]allowed
}

type property struct {
	name     string
	branches branches
	required bool
}

// branches are schemas of one value: those that hold, and those of which one
// or another holds.
type branches struct{ certain, other []*schema.Node }

func (b *branches) any() bool { return len(b.certain)+len(b.other) > 0 }

func (b *branches) add(n *schema.Node, certain bool) {
	if certain {
		b.certain = append(b.certain, n)
	} else {
		b.other = append(b.other, n)
	}
}

// allowed is which values a schema lets pass: types, or given values.
type allowed struct {
	types   schema.Types
	enum    []json.RawMessage
	limited bool // to enum
}

var anything = allowed{types: schema.AnyType}

func (a allowed) and(b allowed) allowed {
	a.types &= b.types
	switch {
	case a.limited && b.limited:
		a.enum = slices.DeleteFunc(slices.Clone(a.enum), func(v json.RawMessage) bool { return !contains(b.enum, v) })
	case b.limited:
		a.enum, a.limited = b.enum, true
	}
	return a
}

func (a allowed) or(b allowed) allowed {
	a, b = a.spelled(), b.spelled()
	a.types |= b.types
	if a.limited = a.limited && b.limited; !a.limited {
		a.enum = nil
		return a
	}
	a.enum = slices.Clone(a.enum)
	for _, v := range b.enum {
		if !contains(a.enum, v) {
			a.enum = append(a.enum, v)
		}
	}
	return a
}

// spelled gives the type null as the value null, so that "one of these or
// null" stays a list of values.
func (a allowed) spelled() allowed {
	if a.types == schema.Null {
		a.enum, a.limited = []json.RawMessage{json.RawMessage("null")}, true
	}
	return a
}

func contains(values []json.RawMessage, v json.RawMessage) bool {
	return slices.ContainsFunc(values, func(w json.RawMessage) bool { return string(w) == string(v) })
}

// look views the schemas of one value.
func look(b branches) view {
	v := view{allowed: anything, seen: map[*schema.Node]allowed{}}
	for _, n := range b.certain {
		v.allowed = v.allowed.and(v.take(n, true))
	}
	var other allowed
	for i, n := range b.other {
		if a := v.take(n, false); i == 0 {
			other = a
		} else {
			other = other.or(a)
		}
	}
	if len(b.other) > 0 && v.allowed.types == schema.AnyType {
		v.allowed = v.allowed.and(other)
	}
	return v
}

// take lays a schema over the view and returns which values it allows. Of an
// alternative (certain is false) nothing is always required.
func (v *view) take(n *schema.Node, certain bool) allowed {
	if a, ok := v.seen[n]; ok {
		return a
	}
	v.seen[n] = anything // while a schema is inside itself
	a := v.judge(n, certain)
	v.seen[n] = a
	return a
}

func (v *view) judge(n *schema.Node, certain bool) allowed {
	switch {
	case n.Bool != nil && *n.Bool:
		return anything
	case n.Bool != nil:
		return allowed{}
	}
	a := allowed{types: n.Types}
	if n.HasEnum {
		a = a.and(allowed{typesOf(n.Enum), n.Enum, true})
	}
	v.texts(n)
	v.objects(n, certain)
	for _, item := range n.PrefixItems {
		v.items.add(item, false)
	}
	if n.Items != nil {
		v.items.add(n.Items, certain)
	}
	if n.Ref != nil {
		a = a.and(v.take(n.Ref, certain))
	}
	for _, next := range n.AllOf {
		a = a.and(v.take(next, certain))
	}
	for _, choice := range [][]*schema.Node{n.AnyOf, n.OneOf} {
		var sum allowed
		for i, b := range choice {
			if one := v.take(b, false); i == 0 {
				sum = one
			} else {
				sum = sum.or(one)
			}
		}
		if len(choice) > 0 {
			a = a.and(sum)
		}
	}
	for _, b := range []*schema.Node{n.Then, n.Else} {
		if b != nil {
			v.take(b, false)
		}
	}
	return a
}

// texts keeps the first that is said: the nearest schema says it best.
func (v *view) texts(n *schema.Node) {
	for _, t := range []struct {
		into *string
		says string
	}{{&v.format, n.Format}, {&v.pattern, n.Pattern}, {&v.description, n.Description}} {
		if *t.into == "" {
			*t.into = t.says
		}
	}
}

func (v *view) objects(n *schema.Node, certain bool) {
	if v.object == nil && len(n.Properties) > 0 {
		v.object = n
	}
	for _, p := range n.Properties {
		v.property(p.Name).branches.add(p.Node, certain)
	}
	for _, name := range n.Required {
		if certain {
			v.property(name).required = true
		}
	}
	for _, p := range n.PatternProperties {
		v.further.add(p.Node, false)
	}
	if more := n.AdditionalProperties; more != nil && more.Bool == nil {
		v.further.add(more, certain)
	}
}

// property is a named member, made if it is not there. The pointer is good
// until the next call.
func (v *view) property(name string) *property {
	i := slices.IndexFunc(v.properties, func(p property) bool { return p.name == name })
	if i < 0 {
		v.properties = append(v.properties, property{name: name})
		i = len(v.properties) - 1
	}
	return &v.properties[i]
}

// structure is the schema by which a recursive one is recognised: the one that
// names members, of the value itself or of its items.
func (v *view) structure() *schema.Node {
	if v.object == nil && v.items.any() {
		inner := look(v.items)
		return inner.object
	}
	return v.object
}

// typeWords are the types for people: "string or null", "array of object".
func (v *view) typeWords() string { return v.typesWithin(3) }

// typesWithin names lists in lists so deep and no deeper: they may hold
// themselves.
func (v *view) typesWithin(depth int) string {
	if v.allowed.types == schema.AnyType {
		return "any"
	}
	var words []string
	for _, t := range []struct {
		types schema.Types
		word  string
	}{
		{schema.Object, "object"}, {schema.Array, "array"}, {schema.String, "string"},
		{schema.Number, "number"}, {schema.Integer, "integer"}, {schema.Boolean, "boolean"}, {schema.Null, "null"},
	} {
		switch {
		case !v.allowed.types.Has(t.types), t.types == schema.Integer && v.allowed.types.Has(schema.Number):
		case t.types == schema.Array && v.items.any() && depth > 0:
			inner := look(v.items)
			items := inner.typesWithin(depth - 1)
			if strings.Contains(items, " or ") {
				items = "(" + items + ")"
			}
			words = append(words, "array of "+items)
		default:
			words = append(words, t.word)
		}
	}
	if len(words) == 0 {
		return "nothing"
	}
	return strings.Join(words, " or ")
}

// typesOf are the types of given values.
func typesOf(values []json.RawMessage) schema.Types {
	var all schema.Types
	for _, v := range values {
		switch v[0] {
		case '"':
			all |= schema.String
		case '{':
			all |= schema.Object
		case '[':
			all |= schema.Array
		case 't', 'f':
			all |= schema.Boolean
		case 'n':
			all |= schema.Null
		default:
			all |= schema.Integer | schema.Number
		}
	}
	return all
}
