package schema

import (
	"strings"
	"testing"
)

const openAPIDocument = `
openapi: 3.0.3
components:
  schemas:
    Order:
      type: object
      required: [id]
      properties:
        id: {type: integer, format: int64, minimum: 0, exclusiveMinimum: true, example: 4711}
        note: {type: string, nullable: true, maxLength: 3}
        lines: {type: array, items: {$ref: '#/components/schemas/Line'}}
    Line: {type: object, properties: {sku: {type: string}}, additionalProperties: false}
`

// The tree that generators see, and the violations, name the places of the
// document as it is written.
func TestOpenAPI30KeepsItsPlaces(t *testing.T) {
	s, err := Compile(read(t, "openapi.yaml", openAPIDocument), "/components/schemas/Order", Options{Dialect: OpenAPI30})
	if err != nil {
		t.Fatal(err)
	}
	got := s.Validate([]byte(`{"id":0,"note":"long","lines":[{"x":1}]}`))
	want := []Violation{
		{"/id", "exclusiveMinimum", "more than 0", "0", "/components/schemas/Order/properties/id/exclusiveMinimum"},
		{"/lines/0/x", "additionalProperties", "", "", "/components/schemas/Line/additionalProperties"},
		{"/note", "maxLength", "", "", "/components/schemas/Order/properties/note/maxLength"},
	}
	for i, w := range want {
		if i >= len(got) || got[i].Pointer != w.Pointer || got[i].Rule != w.Rule || got[i].SchemaPointer != w.SchemaPointer {
			t.Errorf("violation %d of %v should be %v", i, got, w)
		}
	}
	members := s.Node().Properties
	if note := members[1].Node; note.Types != String|Null || note.Pointer != "/components/schemas/Order/properties/note" {
		t.Errorf("note: types %b at %s", note.Types, note.Pointer)
	}
	if id := members[0].Node; len(id.Examples) != 1 || string(id.Examples[0]) != "4711" || id.Format != "int64" || id.ExclusiveMinimum == nil {
		t.Errorf("id: %+v", id)
	}
	if bundle := string(s.Bundle()); !strings.Contains(bundle, `"http://json-schema.org/draft-04/schema#"`) || strings.Contains(bundle, "nullable") {
		t.Errorf("the bundle is no draft-04: %s", bundle)
	}
	if plain, err := Compile(read(t, "s.json", `{"type": "integer", "example": 1}`), "", Options{}); err != nil || len(plain.Node().Examples) != 0 {
		t.Error("an example of OpenAPI is none of JSON Schema", err)
	}
}

func TestOpenAPI30Mistakes(t *testing.T) {
	for schema, want := range map[string]string{
		`{type: [string, "null"]}`:               `s.yaml:1:8: type: OpenAPI 3.0 takes one type, found a list (at /type) hint: write "type": "string", "nullable": true`,
		`{type: ["null", string]}`:               `hint: write "type": "string", "nullable": true`,
		`{type: [string, integer]}`:              `hint: write "anyOf", or "nullable": true for null`,
		`{properties: {a: {type: "null"}}}`:      `(at /properties/a/type) hint: write "nullable": true beside another type`,
		`{type: array, items: [{type: string}]}`: `items: OpenAPI 3.0 takes one schema, found a list`,
		`{type: int, nullable: true}`:            `type`,
		`{minimum: 1, exclusiveMinimum: 2}`:      `exclusiveMinimum`,
		`{$ref: '#/components/schemas/x'}`:       `nothing stands at`,
		`{$schema: https://example.com/own}`:     `unknown dialect`,
	} {
		_, err := Compile(read(t, "s.yaml", schema), "", Options{Dialect: OpenAPI30})
		if err == nil {
			t.Errorf("%s was taken", schema)
			continue
		}
		if got := err.Error() + " hint: " + err.(*Error).Hint; !strings.Contains(got, want) {
			t.Errorf("%s: %s", schema, got)
		}
	}
}
