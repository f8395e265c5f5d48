package schema

import (
	"maps"
	"slices"
	"strings"
)

// meta is what a "$schema" means: a dialect, and the keywords of it that a
// dialect of one's own leaves out.
type meta struct {
	dialect Dialect
	without map[string]bool
}

// meta reads a "$schema": the URL of a standard dialect, or of a remote
// document that describes a dialect of one's own.
func (c *compiler) meta(u string) (meta, bool) {
	if d, ok := standardDialect(u); ok {
		return meta{dialect: d}, true
	}
	var listed []map[string]any
	for seen := map[string]bool{}; !seen[u]; {
		seen[u] = true
		doc := c.remotes[strings.TrimSuffix(u, "#")]
		if doc == nil {
			return meta{}, false
		}
		object, _ := doc.value.(map[string]any)
		if v, ok := object["$vocabulary"].(map[string]any); ok {
			listed = append(listed, v)
		}
		u = stringAt(object, "$schema")
		d, ok := standardDialect(u)
		if !ok {
			continue
		}
		if len(listed) == 0 || d.old() {
			return meta{dialect: d}, true
		}
		// The vocabularies are those of the document itself; what its own
		// "$schema" lists is about the document.
		return ownDialect(d, listed[0])
	}
	return meta{}, false
}

// ownDialect is a dialect with the vocabularies that are listed. One that it
// requires and that nobody here knows makes it unknown.
func ownDialect(d Dialect, listed map[string]any) (meta, bool) {
	known := vocabularies[d.standard()]
	m := meta{dialect: d, without: map[string]bool{}}
	prefix := "https://json-schema.org/draft/" + string(d.standard()) + "/vocab/"
	for u, required := range listed {
		name, ours := strings.CutPrefix(u, prefix)
		if _, ok := known[name]; (!ours || !ok && !silent(name)) && required == true {
			return meta{}, false
		}
	}
	for name, keywords := range known {
		if _, in := listed[prefix+name]; !in {
			for _, keyword := range keywords {
				m.without[keyword] = true
			}
		}
	}
	return m, true
}

// silent are the vocabularies whose keywords judge nothing, or always do:
// formats are asserted in every dialect here.
func silent(name string) bool {
	return slices.Contains([]string{"core", "meta-data", "content", "format", "format-annotation", "format-assertion"}, name)
}

// vocabularies tell the keywords that judge, by the standard dialects that have
// vocabularies.
var vocabularies = func() map[Dialect]map[string][]string {
	validation := []string{
		"type", "const", "enum", "multipleOf", "maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum",
		"maxLength", "minLength", "pattern", "maxItems", "minItems", "uniqueItems", "maxContains", "minContains",
		"maxProperties", "minProperties", "required", "dependentRequired",
	}
	unevaluated := []string{"unevaluatedItems", "unevaluatedProperties"}
	applicator := slices.DeleteFunc(slices.Sorted(maps.Keys(holds)), func(keyword string) bool {
		return keyword == "dependencies" || slices.Contains(unevaluated, keyword)
	})
	return map[Dialect]map[string][]string{
		Draft19: {"validation": validation, "applicator": append(slices.Clone(applicator), unevaluated...)},
		Draft20: {"validation": validation, "applicator": applicator, "unevaluated": unevaluated},
	}
}()
