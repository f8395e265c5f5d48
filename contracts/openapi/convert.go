package openapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/hookrig/hookrig/contracts"
)

// schema turns an event's schema into the dialect of OpenAPI 3.1, which is
// JSON Schema 2020-12, with its shared shapes in the document's components.
func (e *exporter) schema(t *contracts.EventType) (*openapi3.SchemaRef, error) {
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
	cv := converter{names: map[string]string{}}
	shapes := map[string]any{}
	for _, key := range []string{"definitions", "$defs"} {
		defs, _ := root[key].(map[string]any)
		for name, shape := range defs {
			shapes[name] = shape
			cv.names["#/"+key+"/"+name] = e.component(name)
		}
		delete(root, key)
	}
	for name, shape := range shapes {
		if err := e.share(e.component(name), cv.schema(shape)); err != nil {
			return nil, err
		}
	}
	return toModel(cv.schema(root))
}

// component is the name of a shared shape among the shapes of all contracts.
func (e *exporter) component(name string) string {
	return operationID(e.contract.Provider() + "." + name)
}

// share enters a shape under a name. Two events that mean different shapes by
// one name would be a fault of the contract's names.
func (e *exporter) share(name string, shape any) error {
	text, err := json.Marshal(shape)
	if err != nil {
		return err
	}
	if known, ok := e.shared[name]; ok {
		if known != string(text) {
			return fmt.Errorf("two shared schemas are both named %q", name)
		}
		return nil
	}
	ref, err := toModel(shape)
	if err != nil {
		return err
	}
	e.shared[name] = string(text)
	e.doc.Components.Schemas[name] = ref
	return nil
}

func toModel(shape any) (*openapi3.SchemaRef, error) {
	text, err := json.Marshal(shape)
	if err != nil {
		return nil, err
	}
	var ref openapi3.SchemaRef
	if err := json.Unmarshal(text, &ref); err != nil {
		return nil, fmt.Errorf("cannot express the schema in OpenAPI: %w", err)
	}
	return &ref, nil
}

// converter rewrites keywords of older drafts into those of 2020-12.
type converter struct{ names map[string]string } // component names by reference

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
	if ref, ok := in["$ref"].(string); ok {
		out := map[string]any{"$ref": ref}
		if name, known := cv.names[ref]; known {
			out["$ref"] = "#/components/schemas/" + name
		}
		return out
	}
	out := make(map[string]any, len(in))
	for key, value := range in {
		if key != "$schema" && key != "$id" && key != "id" && key != "$comment" {
			out[key] = value
		}
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
