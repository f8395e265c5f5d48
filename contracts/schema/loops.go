package schema

import (
	"iter"
	"maps"
	"slices"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// findLoop refuses schemas that lead back to themselves without entering a
// member or an item, and those that pile up so many schemas on one value that
// judging it would take for ever.
func (c *compiler) findLoop(root *jsonschema.Schema) error {
	seen := map[*jsonschema.Schema]bool{root: true}
	todo := []*jsonschema.Schema{root}
	for len(todo) > 0 {
		s := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if _, err := c.weigh(s, 0); err != nil {
			return err
		}
		for _, child := range append(sameValueSchemas(s), partSchemas(s)...) {
			if !seen[child] && !c.sound[child] {
				seen[child] = true
				todo = append(todo, child)
			}
		}
	}
	maps.Copy(c.sound, seen)
	return nil
}

// Limits of the schemas that judge one and the same value.
const (
	maxSameValue      = 100_000
	maxSameValueDepth = 200
)

// weight says how many schemas a schema applies to the value that it judges,
// itself included, and how many of those go on to its members or items.
type weight struct{ schemas, parents int }

// weighing marks a schema whose weight is being found.
var weighing = weight{schemas: -1}

func (c *compiler) weigh(s *jsonschema.Schema, depth int) (weight, error) {
	if w, ok := c.weights[s]; ok && w != weighing {
		return w, nil
	} else if ok {
		e := c.errorAt(formOf(s.Location).site, "this schema refers to itself without entering a member or an item")
		e.Hint = "no value can be judged by it; put the reference under properties or items"
		return w, e
	}
	c.weights[s] = weighing
	defer func() {
		if c.weights[s] == weighing {
			delete(c.weights, s)
		}
	}()
	if depth > maxSameValueDepth {
		return weighing, c.errorAt(formOf(s.Location).site, "more than %d references and applicators lead to this schema", maxSameValueDepth)
	}
	sum := weight{schemas: 1}
	if len(partSchemas(s)) > 0 {
		sum.parents = 1
	}
	for _, child := range sameValueSchemas(s) {
		w, err := c.weigh(child, depth+1)
		if err != nil {
			return w, err
		}
		sum.schemas += w.schemas
		sum.parents += w.parents
		if sum.schemas > maxSameValue {
			return sum, c.errorAt(formOf(s.Location).site, "more than %d schemas apply to one value here", maxSameValue)
		}
	}
	c.weights[s] = sum
	return sum, nil
}

// sameValueSchemas are the schemas that s applies to the value itself.
func sameValueSchemas(s *jsonschema.Schema) []*jsonschema.Schema {
	return slices.Collect(sameValue(s))
}

func sameValue(s *jsonschema.Schema) iter.Seq[*jsonschema.Schema] {
	return func(yield func(*jsonschema.Schema) bool) {
		for _, child := range [...]*jsonschema.Schema{s.Ref, s.RecursiveRef, s.Not, s.If, s.Then, s.Else} {
			if child != nil && !yield(child) {
				return
			}
		}
		if s.DynamicRef != nil && !yield(s.DynamicRef.Ref) {
			return
		}
		for _, children := range [...][]*jsonschema.Schema{s.AllOf, s.AnyOf, s.OneOf} {
			for _, child := range children {
				if !yield(child) {
					return
				}
			}
		}
		if s.DependentSchemas == nil && s.Dependencies == nil {
			return
		}
		for _, child := range inOrder(s.DependentSchemas) {
			if !yield(child) {
				return
			}
		}
		for _, name := range slices.Sorted(maps.Keys(s.Dependencies)) {
			if child, ok := s.Dependencies[name].(*jsonschema.Schema); ok && !yield(child) {
				return
			}
		}
	}
}

// partSchemas are the schemas that s applies to members, their names, and
// items.
func partSchemas(s *jsonschema.Schema) []*jsonschema.Schema {
	var schemas []*jsonschema.Schema
	for _, child := range [...]*jsonschema.Schema{
		s.PropertyNames, s.UnevaluatedProperties, s.Contains, s.Items2020, s.UnevaluatedItems,
	} {
		if child != nil {
			schemas = append(schemas, child)
		}
	}
	for _, v := range [...]any{s.AdditionalProperties, s.AdditionalItems, s.Items} {
		switch v := v.(type) {
		case *jsonschema.Schema:
			schemas = append(schemas, v)
		case []*jsonschema.Schema:
			schemas = append(schemas, v...)
		}
	}
	schemas = append(schemas, s.PrefixItems...)
	schemas = append(schemas, inOrder(s.Properties)...)
	patterns := map[string]*jsonschema.Schema{}
	for re, child := range s.PatternProperties {
		patterns[re.String()] = child
	}
	return append(schemas, inOrder(patterns)...)
}

// inOrder are the schemas of a map by name, so that the same mistake is found
// first every time.
func inOrder(schemas map[string]*jsonschema.Schema) []*jsonschema.Schema {
	var ordered []*jsonschema.Schema
	for _, name := range slices.Sorted(maps.Keys(schemas)) {
		ordered = append(ordered, schemas[name])
	}
	return ordered
}
