package schema

import (
	"maps"
	"slices"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// A schema that applies two others to a member, and they two each to a member
// of that, needs 2^n steps for a body of depth n. The validator would not
// stop, so bodies are measured before it sees them, where a schema may be of
// that kind.
const (
	maxEffort = 2_000_000 // schemas applied to values while one body is judged
	maxBurden = 10_000    // of a schema that need not be measured
)

// burden says what a schema may cost.
type burden struct {
	total    int  // schemas that it leads to, by every way; exact up to maxBurden
	cyclic   bool // it leads to a schema that leads to itself
	overlaps bool // it leads to one that applies several parents to one part
}

// laborious reports whether bodies must be measured.
func (b burden) laborious() bool { return b.overlaps && (b.cyclic || b.total > maxBurden) }

// burden finds the burden of a compiled schema and of all that it leads to.
func (c *compiler) burden(s *jsonschema.Schema) burden {
	if b, ok := c.burdens[s]; ok {
		return b
	}
	// Whoever comes back here while s is still looked at has gone round.
	c.burdens[s] = burden{cyclic: true}
	sum := burden{total: 1, overlaps: c.overlap(s)}
	for _, child := range append(sameValueSchemas(s), partSchemas(s)...) {
		b := c.burden(child)
		sum.total = min(sum.total+b.total, maxBurden+1)
		sum.cyclic = sum.cyclic || b.cyclic
		sum.overlaps = sum.overlaps || b.overlaps
	}
	c.burdens[s] = sum
	return sum
}

// overlap reports whether of the schemas that judge one value with s, two go
// on to the same member or item, with schemas that go on themselves.
func (c *compiler) overlap(s *jsonschema.Schema) bool {
	if w := c.weights[s]; w.parents == 0 {
		return false
	} else if w.schemas > 1000 {
		return true
	}
	parents := func(schemas ...*jsonschema.Schema) (n int) {
		for _, s := range schemas {
			n += min(c.weights[s].parents, 1)
		}
		return n
	}
	items, objects, open := 0, 0, 0 // open: objects that judge members by more than their names
	named := map[string]int{}
	for todo := []*jsonschema.Schema{s}; len(todo) > 0; {
		s := todo[len(todo)-1]
		todo = append(todo[:len(todo)-1], sameValueSchemas(s)...)
		items += parents(itemsOf(s)...)
		names := 0
		for name, child := range s.Properties {
			if parents(child) > 0 {
				names++
				if named[name]++; named[name] > 1 {
					return true
				}
			}
		}
		patterns := parents(slices.Collect(maps.Values(s.PatternProperties))...)
		rest, _ := s.AdditionalProperties.(*jsonschema.Schema)
		rests := parents(rest, s.UnevaluatedProperties)
		objects += min(names+patterns+rests, 1)
		open += min(patterns+rests, 1)
		if patterns > 1 || patterns > 0 && names > 0 {
			return true
		}
	}
	return items > 1 || open > 0 && objects > 1
}

// itemsOf are the schemas that s applies to items.
func itemsOf(s *jsonschema.Schema) []*jsonschema.Schema {
	rest, _ := s.AdditionalItems.(*jsonschema.Schema)
	schemas := []*jsonschema.Schema{s.Contains, s.Items2020, s.UnevaluatedItems, rest}
	switch items := s.Items.(type) {
	case *jsonschema.Schema:
		schemas = append(schemas, items)
	case []*jsonschema.Schema:
		schemas = append(schemas, items...)
	}
	return append(schemas, s.PrefixItems...)
}

// canJudge reports whether a body is within the bound.
func (s *Schema) canJudge(v any) bool {
	e := effort(maxEffort)
	return !s.laborious || e.enough(v, s.compiled)
}

// effort is what is left of maxEffort.
type effort int

// enough reports whether a value can be judged by a schema.
func (e *effort) enough(v any, s *jsonschema.Schema) bool {
	if s == nil || s.Bool != nil {
		return true
	}
	if *e--; *e < 0 {
		return false
	}
	if s.Types != nil && *s.Types&typesOf(v) == 0 || otherText(v, s) {
		return true
	}
	for child := range sameValue(s) {
		if !e.enough(v, child) {
			return false
		}
	}
	switch v := v.(type) {
	case map[string]any:
		for name, child := range v {
			if !e.member(name, child, s) {
				return false
			}
		}
	case []any:
		one := []*jsonschema.Schema{s}
		for i, item := range v {
			for _, judge := range itemSchemas(one, i) {
				if !e.enough(item, judge) {
					return false
				}
			}
			if !e.enough(item, s.Contains) {
				return false
			}
		}
	}
	return true
}

func (e *effort) member(name string, v any, s *jsonschema.Schema) bool {
	child, named := s.Properties[name]
	if named && !e.enough(v, child) {
		return false
	}
	for re, child := range s.PatternProperties {
		if re.MatchString(name) {
			if named = true; !e.enough(v, child) {
				return false
			}
		}
	}
	switch rest := s.AdditionalProperties.(type) {
	case *jsonschema.Schema:
		return named || e.enough(v, rest)
	case nil:
		return named || e.enough(v, s.UnevaluatedProperties)
	}
	return true
}

// otherText reports whether a text is none of those that a schema lists; the
// validator looks no further then.
func otherText(v any, s *jsonschema.Schema) bool {
	text, ok := v.(string)
	if !ok {
		return false
	}
	return s.Const != nil && *s.Const != any(text) || s.Enum != nil && !slices.Contains(s.Enum.Values, any(text))
}

// typesOf are the types that a value may count as.
func typesOf(v any) (t jsonschema.Types) {
	switch v.(type) {
	case nil:
		t.Add("null")
	case bool:
		t.Add("boolean")
	case string:
		t.Add("string")
	case []any:
		t.Add("array")
	case map[string]any:
		t.Add("object")
	default:
		t.Add("number")
		t.Add("integer")
	}
	return t
}
