package contracts

// shared reads what the schemas of the document say of their members'
// provenance, only to find mistakes: a statement counts where a message leads
// to its schema, see EventType.Provenance.
func (r *asyncReader) shared() error {
	components, _ := r.root.child("components")
	if schemas, ok := components.child("schemas"); ok {
		if err := schemas.object(); err != nil {
			return err
		}
		for _, m := range schemas.members() {
			if err := r.statements(m.place); err != nil {
				return err
			}
		}
	}
	for _, t := range r.contract.types {
		if err := r.statements(t.payload); err != nil {
			return err
		}
	}
	return nil
}

// The keywords under which a schema has others, by the shape of what stands
// there.
var (
	schemaKeywords = []string{"items", "additionalItems", "additionalProperties", "unevaluatedItems", "unevaluatedProperties",
		"contains", "propertyNames", "not", "if", "then", "else", "allOf", "anyOf", "oneOf", "prefixItems"}
	schemaMaps = []string{"properties", "patternProperties", "dependencies", "dependentSchemas", "definitions", "$defs"}
)

func (r *asyncReader) statements(p place) error {
	if !mentions(p.value, extensionKey) {
		return nil
	}
	if x, ok := p.child(extensionKey); ok {
		err := x.fields(map[string]func(place) error{
			"provenance": func(v place) error { _, err := provenanceOf(v, r.contract.sources); return err },
		})
		if err != nil {
			return err
		}
	}
	for _, name := range schemaKeywords {
		child, ok := p.child(name)
		if !ok {
			continue
		}
		if items, err := child.items(); err == nil {
			for _, item := range items {
				if err := r.statements(item); err != nil {
					return err
				}
			}
		} else if err := r.statements(child); err != nil {
			return err
		}
	}
	for _, name := range schemaMaps {
		if child, ok := p.child(name); ok {
			for _, m := range child.members() {
				if err := r.statements(m.place); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// mentions reports whether a name stands anywhere in a value.
func mentions(v any, name string) bool {
	switch v := v.(type) {
	case map[string]any:
		if _, ok := v[name]; ok {
			return true
		}
		for _, child := range v {
			if mentions(child, name) {
				return true
			}
		}
	case []any:
		for _, child := range v {
			if mentions(child, name) {
				return true
			}
		}
	}
	return false
}
