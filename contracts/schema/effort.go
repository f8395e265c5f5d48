package schema

import "github.com/santhosh-tekuri/jsonschema/v6"

// maxEffort bounds how many times a schema may be applied to a value while one
// body is judged. A schema that applies two others to each member needs 2^n
// steps for a body of depth n; the validator would not stop, so bodies are
// measured before it sees them, where a schema may be of that kind.
const maxEffort = 2_000_000

// canJudge reports whether a body is within that bound.
func (s *Schema) canJudge(v any) bool {
	e := effort(maxEffort)
	return !s.laborious || e.enough(v, s.compiled)
}

// effort is what is left of maxEffort.
type effort int

// enough reports whether a body can be judged by a schema.
func (e *effort) enough(v any, s *jsonschema.Schema) bool {
	if s == nil || s.Bool != nil {
		return true
	}
	if *e--; *e < 0 {
		return false
	}
	if s.Types != nil && *s.Types&typesOf(v) == 0 {
		return true
	}
	for _, other := range sameValueSchemas(s) {
		if !e.enough(v, other) {
			return false
		}
	}
	one := []*jsonschema.Schema{s}
	switch v := v.(type) {
	case map[string]any:
		for name, child := range v {
			judges, _ := memberSchemas(one, name, v)
			if !e.all(child, judges) {
				return false
			}
		}
	case []any:
		for i, item := range v {
			if !e.all(item, itemSchemas(one, i)) || !e.enough(item, s.Contains) {
				return false
			}
		}
	}
	return true
}

func (e *effort) all(v any, schemas []*jsonschema.Schema) bool {
	for _, s := range schemas {
		if !e.enough(v, s) {
			return false
		}
	}
	return true
}

// typesOf are the types that a value has.
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
