package schema

import (
	"encoding/json"
	"math/big"
)

var sizeKeywords = []string{
	"minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties", "minContains", "maxContains",
}

// checkKeywords refuses what the dialect's own rules let pass, but nothing can
// judge by.
func (c *compiler) checkKeywords(at site, object map[string]any, o Options) error {
	for _, keyword := range sizeKeywords {
		n, ok := object[keyword].(json.Number)
		if !ok {
			continue
		}
		if r, ok := new(big.Rat).SetString(string(n)); ok && r.IsInt() && !r.Num().IsInt64() {
			return c.errorAt(site{at.doc, at.pointer + "/" + keyword}, "%s is too large", keyword)
		}
	}
	u, ok := object["$schema"].(string)
	doc := c.docs[at.doc]
	_, isResource := doc.bases[at.pointer]
	if !ok || !isResource {
		return nil
	}
	if _, ok := standardDialect(u); ok || o.remote != nil {
		return nil
	}
	e := c.errorAt(site{at.doc, at.pointer + "/$schema"}, "unknown dialect %s", quote(u))
	e.Hint = "the dialects are http://json-schema.org/draft-07/schema#, https://json-schema.org/draft/2020-12/schema and their kin"
	return e
}
