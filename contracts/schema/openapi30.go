package schema

import "slices"

// openAPI30 are the keywords that the schema object of OpenAPI 3.0 takes from
// JSON Schema (OpenAPI 3.0.4, section 4.7.24), and the reference object's. Any
// other has no meaning there.
var openAPI30 = []string{
	"$ref", "title", "description", "default", "type", "format", "enum", "allOf", "anyOf", "oneOf", "not",
	"multipleOf", "maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum", "maxLength", "minLength", "pattern",
	"items", "maxItems", "minItems", "uniqueItems",
	"properties", "additionalProperties", "maxProperties", "minProperties", "required",
}

// rewritten is the value of a keyword as the standard dialect has it, where
// that is another.
func (c *compiler) rewritten(at site, keyword string, object map[string]any) (any, bool) {
	if keyword == "type" && object["nullable"] == true && c.dialectOf(at) == OpenAPI30 {
		return []any{object["type"], "null"}, true
	}
	return nil, false
}

// checkOpenAPI30 refuses what draft-04 allows and OpenAPI 3.0 does not: people
// write it who mean something else.
func (c *compiler) checkOpenAPI30(at site, object map[string]any) error {
	switch t := object["type"].(type) {
	case []any:
		e := c.errorAt(at.child("type"), "type: OpenAPI 3.0 takes one type, found a list")
		e.Hint = `write "anyOf", or "nullable": true for null`
		if len(t) == 2 && slices.Contains(t, any("null")) {
			other := t[0]
			if other == "null" {
				other = t[1]
			}
			e.Hint = `write "type": ` + spelled(other) + `, "nullable": true`
		}
		return e
	case string:
		if t == "null" {
			e := c.errorAt(at.child("type"), `type: OpenAPI 3.0 has no type "null"`)
			e.Hint = `write "nullable": true beside another type`
			return e
		}
	}
	if _, list := object["items"].([]any); list {
		e := c.errorAt(at.child("items"), "items: OpenAPI 3.0 takes one schema, found a list")
		e.Hint = `write "items": {"anyOf": […]}`
		return e
	}
	return nil
}
