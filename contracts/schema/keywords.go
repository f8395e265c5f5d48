package schema

import (
	"encoding/json"
	"maps"
	"math/big"
	"slices"
)

// holding says how a keyword holds schemas.
type holding int

const (
	noSchema holding = iota
	oneSchema
	moreSchemas  // a list
	oneOrMore    // one schema or a list
	namedSchemas // an object of them
)

// holds tells the keywords that hold schemas. A dialect that does not know one
// of them ignores it, so a reference below it is looked at in vain.
var holds = map[string]holding{
	"not": oneSchema, "if": oneSchema, "then": oneSchema, "else": oneSchema,
	"additionalProperties": oneSchema, "propertyNames": oneSchema, "unevaluatedProperties": oneSchema,
	"additionalItems": oneSchema, "contains": oneSchema, "unevaluatedItems": oneSchema,
	"items": oneOrMore, "prefixItems": moreSchemas,
	"allOf": moreSchemas, "anyOf": moreSchemas, "oneOf": moreSchemas,
	"properties": namedSchemas, "patternProperties": namedSchemas,
	"dependentSchemas": namedSchemas, "dependencies": namedSchemas,
}

func isReference(keyword string) bool {
	return keyword == "$ref" || keyword == "$recursiveRef" || keyword == "$dynamicRef"
}

// plainReference is the keyword of a reference that has found its target. A
// dynamic one that names no anchor is a plain one too, so that two of them can
// stand side by side.
func plainReference(keyword string, object map[string]any) string {
	if _, both := object["$ref"]; both {
		return keyword
	}
	return "$ref"
}

var sizeKeywords = []string{
	"minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties", "minContains", "maxContains",
}

// checkKeywords refuses what nothing can judge by, where the rules of the
// dialect let it pass or would say so less clearly.
func (c *compiler) checkKeywords(at, root site, object map[string]any) error {
	for _, keyword := range sizeKeywords {
		n, ok := object[keyword].(json.Number)
		if !ok {
			continue
		}
		if r, ok := new(big.Rat).SetString(string(n)); ok && r.IsInt() && !r.Num().IsInt64() {
			return c.errorAt(at.child(keyword), "%s: %s is too large", keyword, cut(string(n)))
		}
	}
	if pattern, ok := object["pattern"].(string); ok {
		if err := c.checkPattern(at.child("pattern"), pattern); err != nil {
			return err
		}
	}
	patterns, _ := object["patternProperties"].(map[string]any)
	for _, pattern := range slices.Sorted(maps.Keys(patterns)) {
		if err := c.checkPattern(at.child("patternProperties", pattern), pattern); err != nil {
			return err
		}
	}
	if c.dialectOf(at) == OpenAPI30 {
		if err := c.checkOpenAPI30(at, object); err != nil {
			return err
		}
	}
	return c.checkDialect(at, root, object)
}

// checkDialect refuses a "$schema" that nobody knows, where it has a meaning.
func (c *compiler) checkDialect(at, root site, object map[string]any) error {
	u, ok := object["$schema"].(string)
	named := c.docs[at.doc].resources[at.pointer] != nil
	if !ok || !named && at != root {
		return nil
	}
	if _, ok := standardDialect(u); ok {
		return nil
	}
	if _, ok := c.meta(u); ok && named {
		return nil
	}
	e := c.errorAt(at.child("$schema"), "unknown dialect %s", quote(u))
	e.Hint = "write " + quote(Draft7.url()) + " or " + quote(Draft20.url())
	return e
}
