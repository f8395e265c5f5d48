package schema

import (
	"maps"
	"slices"
	"strconv"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Undocumented lists the members of a valid body that no keyword of the schema
// speaks of, as violations of rule "undocumented". A member is spoken of by
// its name ("properties", "patternProperties", "required" and the like) or by
// an "additionalProperties" or "unevaluatedProperties" that says something
// about it; to allow it is not to speak of it. Of alternatives those count
// that the body keeps. Below an undocumented member nothing more is listed. A
// body that is no JSON has none.
func (s *Schema) Undocumented(body []byte) []Violation {
	v, broken := readBody(body)
	if len(broken) > 0 {
		return nil
	}
	var u undocumented
	s.patience.spend(func() {
		if s.canJudge(v) {
			u.walk(v, []*jsonschema.Schema{s.compiled})
		}
	})
	return sorted(u.found)
}

type undocumented struct {
	path  []string
	found []Violation
}

// walk looks at a value and the schemas that judge it.
func (u *undocumented) walk(v any, schemas []*jsonschema.Schema) {
	switch v := v.(type) {
	case map[string]any:
		schemas = applied(v, schemas)
		for _, name := range slices.Sorted(maps.Keys(v)) {
			u.path = append(u.path, name)
			if judges, spoken := memberSchemas(schemas, name, v); spoken {
				u.walk(v[name], judges)
			} else {
				u.found = append(u.found, Violation{
					Pointer: join(u.path), Rule: "undocumented", Expected: "a documented member", Found: found(v[name]),
				})
			}
			u.path = u.path[:len(u.path)-1]
		}
	case []any:
		schemas = applied(v, schemas)
		for i, item := range v {
			u.path = append(u.path, strconv.Itoa(i))
			u.walk(item, itemJudges(schemas, i, item))
			u.path = u.path[:len(u.path)-1]
		}
	}
}

// applied are the schemas and those that they apply to the same value.
func applied(v any, schemas []*jsonschema.Schema) []*jsonschema.Schema {
	var all []*jsonschema.Schema
	seen := map[*jsonschema.Schema]bool{nil: true}
	todo := slices.Clone(schemas)
	for len(todo) > 0 {
		s := todo[0]
		todo = todo[1:]
		if seen[s] {
			continue
		}
		seen[s] = true
		all = append(all, s)
		todo = append(append(todo, s.Ref, s.RecursiveRef), s.AllOf...) // nil ones have been seen
		if s.DynamicRef != nil {
			todo = append(todo, s.DynamicRef.Ref)
		}
		todo = append(append(todo, kept(v, s.AnyOf)...), kept(v, s.OneOf)...)
		if s.If != nil {
			if s.If.Validate(v) == nil {
				todo = append(todo, s.If, s.Then)
			} else {
				todo = append(todo, s.Else)
			}
		}
		object, _ := v.(map[string]any)
		for name := range object {
			todo = append(todo, s.DependentSchemas[name])
			if dependency, ok := s.Dependencies[name].(*jsonschema.Schema); ok {
				todo = append(todo, dependency)
			}
		}
	}
	return all
}

// kept are the alternatives that a value keeps, or all where it keeps none.
func kept(v any, alternatives []*jsonschema.Schema) []*jsonschema.Schema {
	var kept []*jsonschema.Schema
	for _, s := range alternatives {
		if s.Validate(v) == nil {
			kept = append(kept, s)
		}
	}
	if len(kept) == 0 {
		return alternatives
	}
	return kept
}

// memberSchemas are the schemas of a member, and whether any of the schemas of
// the object speaks of it.
func memberSchemas(schemas []*jsonschema.Schema, name string, object map[string]any) (judges []*jsonschema.Schema, spoken bool) {
	evaluated := false // by its name or by "additionalProperties", so not by "unevaluatedProperties"
	for _, s := range schemas {
		named := false
		if child, ok := s.Properties[name]; ok {
			judges, named = append(judges, child), true
		}
		for re, child := range s.PatternProperties {
			if re.MatchString(name) {
				judges, named = append(judges, child), true
			}
		}
		evaluated = evaluated || named || s.AdditionalProperties != nil
		if rest, ok := s.AdditionalProperties.(*jsonschema.Schema); ok && !named && rest.Bool == nil {
			judges, named = append(judges, rest), true
		}
		spoken = spoken || named || demands(s, name, object)
	}
	if !evaluated {
		for _, s := range schemas {
			if rest := s.UnevaluatedProperties; rest != nil && rest.Bool == nil {
				judges, spoken = append(judges, rest), true
			}
		}
	}
	return judges, spoken
}

// demands reports whether a schema requires a member.
func demands(s *jsonschema.Schema, name string, object map[string]any) bool {
	if slices.Contains(s.Required, name) || s.DependentSchemas[name] != nil {
		return true
	}
	for trigger, names := range s.DependentRequired {
		if _, ok := object[trigger]; ok && (trigger == name || slices.Contains(names, name)) {
			return true
		}
	}
	for trigger, dependency := range s.Dependencies {
		names, _ := dependency.([]string)
		if _, ok := object[trigger]; ok && (trigger == name || slices.Contains(names, name)) {
			return true
		}
	}
	return false
}

// itemSchemas are the schemas of an item at an index.
func itemSchemas(schemas []*jsonschema.Schema, i int) []*jsonschema.Schema {
	var judges []*jsonschema.Schema
	for _, s := range schemas {
		prefix, rest := s.PrefixItems, s.Items2020
		switch items := s.Items.(type) {
		case *jsonschema.Schema:
			rest = items
		case []*jsonschema.Schema:
			prefix = items
			rest, _ = s.AdditionalItems.(*jsonschema.Schema)
		}
		if i < len(prefix) {
			judges = append(judges, prefix[i])
		} else if rest != nil {
			judges = append(judges, rest)
		}
	}
	return judges
}

// itemJudges are the schemas of an item, those among them that count only for
// some items.
func itemJudges(schemas []*jsonschema.Schema, i int, item any) []*jsonschema.Schema {
	judges := itemSchemas(schemas, i)
	for _, s := range schemas {
		if s.Contains != nil && s.Contains.Validate(item) == nil {
			judges = append(judges, s.Contains)
		}
	}
	if len(judges) > 0 {
		return judges
	}
	for _, s := range schemas {
		if s.UnevaluatedItems != nil {
			judges = append(judges, s.UnevaluatedItems)
		}
	}
	return judges
}
