package openapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/hookrig/hookrig/contracts"
)

// schema turns an event's schema into the dialect of OpenAPI 3.1, which is
// JSON Schema 2020-12, with its shared shapes in the document's components.
func (e *exporter) schema(t *contracts.EventType, id string) (*openapi3.SchemaRef, error) {
	compiled, err := t.Schema()
	if err != nil {
		return nil, err
	}
	var root map[string]any
	dec := json.NewDecoder(bytes.NewReader(compiled.Bundle()))
	dec.UseNumber()
	if err := dec.Decode(&root); err != nil {
		return nil, fmt.Errorf("cannot read the bundled schema: %w", err)
	}
	b := bundle{root: root, shapes: map[string]any{}, names: map[string]string{}, old: isOld(root)}
	for _, key := range []string{"definitions", "$defs"} {
		defs, _ := root[key].(map[string]any)
		for name, shape := range defs {
			ref := "#/" + key + "/" + name
			b.shapes[ref], b.names[ref] = shape, plainName(t.Contract().Provider()+"."+name)
		}
		delete(root, key)
	}
	if refersTo(root, "#") || refersTo(b.shapes, "#") { // in the document, "#" would be all of it
		b.shapes["#"], b.names["#"] = root, id
		b.root = map[string]any{"$ref": "#"}
	}
	body, converted, err := b.convert(e.shared)
	if err != nil {
		return nil, err
	}
	for name, text := range converted {
		if _, known := e.shared[name]; known {
			continue
		}
		e.shared[name] = text
		if e.doc.Components.Schemas[name], err = toModel(text); err != nil {
			return nil, err
		}
	}
	return toModel(body)
}

// bundle is one event's schema with the shapes that it refers to.
type bundle struct {
	root   map[string]any
	shapes map[string]any    // by reference
	names  map[string]string // of components, by reference
	old    bool              // of a draft before 2019-09
}

// convert rewrites the root, and the shapes by their component names. Shapes of
// several events share a name where they say the same. Where they do not, the
// later one gets a number, and so does every shape that refers to it and
// thereby says something else.
func (b *bundle) convert(shared map[string]string) (root string, shapes map[string]string, err error) {
	base, number := maps.Clone(b.names), map[string]int{}
	cv := converter{names: b.names, old: b.old}
	refs := slices.Sorted(maps.Keys(b.shapes))
	for settled := false; !settled; {
		settled, shapes = true, map[string]string{}
		for _, ref := range refs {
			text, err := json.Marshal(cv.schema(b.shapes[ref]))
			if err != nil {
				return "", nil, err
			}
			name := b.names[ref]
			_, twice := shapes[name]
			if known, used := shared[name]; twice || used && known != string(text) {
				number[ref]++
				b.names[ref] = fmt.Sprintf("%s_%d", base[ref], number[ref]+1)
				settled = false
				continue
			}
			shapes[name] = string(text)
		}
	}
	text, err := json.Marshal(cv.schema(b.root))
	return string(text), shapes, err
}

// isOld reports whether a bundle is of a draft in which nothing counts beside
// "$ref".
func isOld(root map[string]any) bool {
	dialect, _ := root["$schema"].(string)
	return strings.HasPrefix(dialect, "http://json-schema.org/draft-0")
}

// refersTo looks for a reference anywhere below a value. What stands in an
// example may look like one: that costs a component and nothing else.
func refersTo(v any, ref string) bool {
	switch v := v.(type) {
	case map[string]any:
		if v["$ref"] == ref {
			return true
		}
		for _, sub := range v {
			if refersTo(sub, ref) {
				return true
			}
		}
	case []any:
		return slices.ContainsFunc(v, func(sub any) bool { return refersTo(sub, ref) })
	}
	return false
}

func toModel(text string) (*openapi3.SchemaRef, error) {
	var ref openapi3.SchemaRef
	if err := json.Unmarshal([]byte(text), &ref); err != nil {
		return nil, fmt.Errorf("cannot express the schema in OpenAPI: %w", err)
	}
	return &ref, nil
}

// converter rewrites keywords of older drafts into those of 2020-12.
type converter struct {
	names map[string]string // of components, by reference
	old   bool
}

// single, list and named are the keywords that hold schemas, by how.
var (
	single = []string{"additionalProperties", "unevaluatedProperties", "unevaluatedItems", "propertyNames", "contains", "not", "if", "then", "else", "items"}
	list   = []string{"allOf", "anyOf", "oneOf", "prefixItems"}
	named  = []string{"properties", "patternProperties", "dependentSchemas"}
)

func (cv converter) schema(v any) any {
	in, ok := v.(map[string]any)
	if !ok {
		return v // true and false
	}
	if ref, ok := in["$ref"].(string); ok && (cv.old || len(in) == 1) {
		return map[string]any{"$ref": cv.reference(ref)}
	}
	out := make(map[string]any, len(in))
	for key, value := range in {
		if key != "$schema" && key != "$id" && key != "id" && key != "$comment" {
			out[key] = value
		}
	}
	if ref, ok := in["$ref"].(string); ok { // kin-openapi's model holds nothing beside it
		delete(out, "$ref")
		others, _ := out["allOf"].([]any)
		out["allOf"] = append([]any{map[string]any{"$ref": ref}}, others...)
	}
	cv.rename(out)
	for _, key := range single {
		if sub, ok := out[key]; ok {
			out[key] = cv.schema(sub)
		}
	}
	for _, key := range list {
		if subs, ok := out[key].([]any); ok {
			converted := make([]any, len(subs))
			for i, sub := range subs {
				converted[i] = cv.schema(sub)
			}
			out[key] = converted
		}
	}
	for _, key := range named {
		if subs, ok := out[key].(map[string]any); ok {
			converted := make(map[string]any, len(subs))
			for name, sub := range subs {
				converted[name] = cv.schema(sub)
			}
			out[key] = converted
		}
	}
	return out
}

func (cv converter) reference(ref string) string {
	if name, known := cv.names[ref]; known {
		return "#/components/schemas/" + name
	}
	return ref
}

// rename maps what changed its name between the drafts.
func (cv converter) rename(s map[string]any) {
	if items, ok := s["items"].([]any); ok {
		s["prefixItems"] = items
		delete(s, "items")
		if rest, ok := s["additionalItems"]; ok {
			s["items"] = rest
		}
	}
	delete(s, "additionalItems") // without positional items it means nothing
	if deps, ok := s["dependencies"].(map[string]any); ok {
		required, schemas := map[string]any{}, map[string]any{}
		for name, dep := range deps {
			if _, isList := dep.([]any); isList {
				required[name] = dep
			} else {
				schemas[name] = dep
			}
		}
		if len(required) > 0 {
			s["dependentRequired"] = required
		}
		if len(schemas) > 0 {
			s["dependentSchemas"] = schemas
		}
		delete(s, "dependencies")
	}
	for _, side := range []string{"Minimum", "Maximum"} { // draft-04: a flag beside the bound
		if strict, ok := s["exclusive"+side].(bool); ok {
			delete(s, "exclusive"+side)
			if bound, ok := s[strings.ToLower(side)]; ok && strict {
				s["exclusive"+side] = bound
				delete(s, strings.ToLower(side))
			}
		}
	}
	if c, ok := s["const"]; ok && c == nil { // kin-openapi's model cannot hold a null constant
		s["type"] = "null"
		delete(s, "const")
	}
}
