package schema

import (
	"slices"
	"strconv"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

// nameRule is a member name and the "propertyNames" that judges it.
type nameRule struct{ location, name string }

// propertyNames are the violations of a member's name. The validator reports
// them with a location that it has overwritten by then, so the objects are
// looked for: every one that has the name and is judged by this rule breaks
// it.
func (j *judge) propertyNames(e *jsonschema.ValidationError, k *kind.PropertyNames) []Violation {
	expected := "another member name"
	for _, cause := range e.Causes {
		inner := judge{body: k.Property}
		if reasons := sorted(inner.violations(cause)); len(reasons) > 0 {
			expected = "a member name: " + reasons[0].Expected
			break
		}
	}
	if j.names == nil {
		j.names = map[nameRule][]string{}
		if j.root != nil {
			j.findNames(j.body, []*jsonschema.Schema{j.root}, nil)
		}
	}
	rule := nameRule{e.SchemaURL, k.Property}
	pointers := j.names[rule]
	j.names[rule] = []string{} // the others of this rule have been said with it
	if pointers == nil {
		pointers = []string{join(append(slices.Clone(e.InstanceLocation), k.Property))}
	}
	var all []Violation
	for _, pointer := range pointers {
		all = append(all, Violation{
			Pointer: pointer, Rule: "propertyNames", Expected: expected, Found: quote(k.Property),
			SchemaPointer: formOf(e.SchemaURL).pointer,
		})
	}
	return all
}

// findNames collects the members that a "propertyNames" judges.
func (j *judge) findNames(v any, schemas []*jsonschema.Schema, path []string) {
	schemas = applied(v, schemas)
	switch v := v.(type) {
	case map[string]any:
		for name, child := range v {
			here := append(slices.Clip(path), name)
			for _, s := range schemas {
				if s.PropertyNames != nil {
					rule := nameRule{s.PropertyNames.Location, name}
					j.names[rule] = append(j.names[rule], join(here))
				}
			}
			judges, _ := memberSchemas(schemas, name, v)
			j.findNames(child, judges, here)
		}
	case []any:
		for i, item := range v {
			j.findNames(item, itemJudges(schemas, i, item), append(path, strconv.Itoa(i)))
		}
	}
}
