package schema

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestBundle: one document, readable, in the order of its sources. That it
// judges as its source does is proven over the suites.
func TestBundle(t *testing.T) {
	files := &set{files: map[string]string{
		"shared/money.yaml": "$id: https://example.com/money\ntitle: Money\ntype: string\nx-faker: money\npattern: ^[0-9]+\\.[0-9]{2}$\n",
	}}
	d := read(t, "orders/asyncapi.yaml", `
asyncapi: 3.1.0
components:
  messages:
    order:
      payload:
        x-hookrig: {secret: yes}
        type: object
        required: [b, a]
        properties:
          b: {$ref: '#/components/schemas/b 1', description: ignored, x-faker: x}
          a: {type: [string, 'null'], format: date-time, default: "<&>é"}
          total: {$ref: ../shared/money.yaml}
          again: {items: {$ref: '#/components/messages/order/payload/properties/b'}}
          self: {oneOf: [{$ref: '#/components/messages/order/payload'}, {$ref: '#/more/b_1'}]}
          x-member: {type: integer}
        examples: [{x-y: 1, $ref: no reference}]
  schemas:
    b 1: {enum: [1.10, {x-kept: 1, b: 2, a: 1}], definitions: {unused: {$ref: '#/nothing'}}}
more: {b_1: {minimum: 12345678901234567890}}
`)
	s, err := Compile(d, "/components/messages/order/payload", Options{Load: files.load})
	if err != nil {
		t.Fatal(err)
	}
	const want = `{
  "$schema": "http://json-schema.org/draft-07/schema#",
  "type": "object",
  "required": [
    "b",
    "a"
  ],
  "properties": {
    "b": {
      "$ref": "#/definitions/b_1"
    },
    "a": {
      "type": [
        "string",
        "null"
      ],
      "format": "date-time",
      "default": "<&>é"
    },
    "total": {
      "$ref": "#/definitions/money"
    },
    "again": {
      "items": {
        "$ref": "#/definitions/b"
      }
    },
    "self": {
      "oneOf": [
        {
          "$ref": "#"
        },
        {
          "$ref": "#/definitions/b_1-2"
        }
      ]
    },
    "x-member": {
      "type": "integer"
    }
  },
  "examples": [
    {
      "x-y": 1,
      "$ref": "no reference"
    }
  ],
  "definitions": {
    "b_1": {
      "enum": [
        1.10,
        {
          "x-kept": 1,
          "b": 2,
          "a": 1
        }
      ]
    },
    "money": {
      "title": "Money",
      "type": "string",
      "pattern": "^[0-9]+\\.[0-9]{2}$"
    },
    "b": {
      "$ref": "#/definitions/b_1"
    },
    "b_1-2": {
      "minimum": 12345678901234567890
    }
  }
}
`
	if diff := cmp.Diff(want, string(s.Bundle())); diff != "" {
		t.Error(diff)
	}
	s.Bundle()[0] = 'x'
	if diff := cmp.Diff(want, string(s.Bundle())); diff != "" {
		t.Error("a caller can change the bundle")
	}
}

func TestBundleRoots(t *testing.T) {
	for _, c := range []struct {
		dialect      Dialect
		schema, want string
	}{
		{Draft7, "true", `{"$schema":"http://json-schema.org/draft-07/schema#"}`},
		{Draft6, "false", `{"$schema":"http://json-schema.org/draft-06/schema#","not":{}}`},
		{Draft4, "{id: x, type: string}", `{"$schema":"http://json-schema.org/draft-04/schema#","type":"string"}`},
		{Draft7, "{$ref: '#/definitions/a', definitions: {a: {items: {$ref: '#'}}}}", `{"$schema":"http://json-schema.org/draft-07/schema#","items":{"$ref":"#/definitions/schema"},"definitions":{"schema":{"$ref":"#"}}}`},
		{Draft19, "{$ref: '#/$defs/a', $defs: {a: {items: {$ref: '#'}}}}", `{"$schema":"https://json-schema.org/draft/2019-09/schema","$ref":"#/$defs/a","$defs":{"a":{"items":{"$ref":"#"}}}}`},
		{Draft20, "{$dynamicRef: '#a', $defs: {x: {$dynamicAnchor: a}}}", `{"$schema":"https://json-schema.org/draft/2020-12/schema","$ref":"#/$defs/x","$defs":{"x":{}}}`},
		{Draft7, "{items: {$ref: 'http://json-schema.org/draft-07/schema#'}}", `{"$schema":"http://json-schema.org/draft-07/schema#","items":{"$ref":"http://json-schema.org/draft-07/schema#"}}`},
	} {
		got := string(compile(t, c.schema, Options{Dialect: c.dialect}).Bundle())
		if compact := strings.Join(strings.Fields(got), ""); compact != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.schema, compact, c.want)
		}
	}
}
