package schema

import (
	"encoding/json"
	"maps"
	"math/big"
	"slices"
)

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
	u, ok := object["$schema"].(string)
	_, isResource := c.docs[at.doc].bases[at.pointer]
	if !ok || !isResource && at != root {
		return nil
	}
	if _, ok := standardDialect(u); ok || c.remote != nil {
		return nil
	}
	e := c.errorAt(at.child("$schema"), "unknown dialect %s", quote(u))
	e.Hint = "the dialects are http://json-schema.org/draft-07/schema#, https://json-schema.org/draft/2020-12/schema and their kin"
	return e
}
