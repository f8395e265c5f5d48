package schema

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// sketch spells what a node says, its fields in order, for tests to compare.
func sketch(n *Node, seen ...*Node) string {
	if n == nil {
		return "nil"
	}
	if slices.Contains(seen, n) {
		return "↑" + n.Pointer
	}
	seen = append(seen, n)
	var parts []string
	v := reflect.ValueOf(n).Elem()
	for i := range v.NumField() {
		name, f := v.Type().Field(i).Name, v.Field(i)
		if f.IsZero() || name == "Pointer" || name == "Document" || name == "HasEnum" || name == "Types" && n.Types == AnyType {
			continue
		}
		parts = append(parts, name+":"+spellField(f.Interface(), seen))
	}
	return "{" + strings.Join(parts, " ") + "}"
}

func spellField(v any, seen []*Node) string {
	switch v := v.(type) {
	case *Node:
		return sketch(v, seen...)
	case []*Node:
		var all []string
		for _, n := range v {
			all = append(all, sketch(n, seen...))
		}
		return fmt.Sprint(all)
	case []Property:
		var all []string
		for _, p := range v {
			all = append(all, p.Name+"="+sketch(p.Node, seen...))
		}
		return fmt.Sprint(all)
	case []PatternProperty:
		var all []string
		for _, p := range v {
			all = append(all, p.Pattern+"="+sketch(p.Node, seen...))
		}
		return fmt.Sprint(all)
	case map[string]*Node:
		all := map[string]string{}
		for name, n := range v {
			all[name] = sketch(n, seen...)
		}
		return fmt.Sprint(all)
	case []json.RawMessage:
		return fmt.Sprintf("%s", v)
	case json.RawMessage:
		return string(v)
	case *int:
		return fmt.Sprint(*v)
	case *bool:
		return fmt.Sprint(*v)
	case Types:
		var names []string
		for _, t := range []struct {
			name string
			bit  Types
		}{{"null", Null}, {"boolean", Boolean}, {"number", Number}, {"integer", Integer}, {"string", String}, {"array", Array}, {"object", Object}} {
			if v.Has(t.bit) {
				names = append(names, t.name)
			}
		}
		return strings.Join(names, "|")
	}
	if r, ok := v.(interface{ RatString() string }); ok {
		return r.RatString()
	}
	return fmt.Sprint(v)
}

func TestNode(t *testing.T) {
	for _, c := range []struct {
		dialect      Dialect
		schema, want string
	}{
		{Draft7, "{}", "{}"},
		{Draft7, "true", "{Bool:true}"},
		{Draft7, "false", "{Bool:false}"},
		{Draft7, "type: integer", "{Types:integer}"},
		{Draft7, "type: number", "{Types:number|integer}"},
		{Draft7, "type: [string, 'null']", "{Types:null|string}"},
		{Draft7, "enum: [b, 1.0, {z: 1, a: <é>}]", `{Enum:["b" 1.0 {"z":1,"a":"<é>"}]}`},
		{Draft7, "const: null", "{Enum:[null]}"},
		{Draft7, "properties: {z: true, a: false, m: {}}\nrequired: [m, z]", "{Properties:[z={Bool:true} a={Bool:false} m={}] Required:[m z]}"},
		{Draft7, "patternProperties: {z: true, a: {type: string}}\nadditionalProperties: false\npropertyNames: {minLength: 1}",
			"{PatternProperties:[z={Bool:true} a={Types:string}] AdditionalProperties:{Bool:false} PropertyNames:{MinLength:1}}"},
		{Draft7, "additionalProperties: {type: boolean}\nminProperties: 1\nmaxProperties: 0", "{AdditionalProperties:{Types:boolean} MinProperties:1 MaxProperties:0}"},
		{Draft7, "items: {type: string}\nminItems: 1\nmaxItems: 2\nuniqueItems: true", "{Items:{Types:string} MinItems:1 MaxItems:2 UniqueItems:true}"},
		{Draft7, "items: [{type: string}, true]\nadditionalItems: false", "{PrefixItems:[{Types:string} {Bool:true}] Items:{Bool:false}}"},
		{Draft7, "items: {type: string}\nadditionalItems: false", "{Items:{Types:string}}"},
		{Draft7, "contains: {const: 1}", "{Contains:{Enum:[1]}}"},
		{Draft7, "dependencies: {a: [b], c: {required: [d]}}", "{DependentRequired:map[a:[b]] DependentSchemas:map[c:{Required:[d]}]}"},
		{Draft7, "if: {type: string}\nthen: {minLength: 2}\nelse: false\nnot: {const: 1}", "{Not:{Enum:[1]} If:{Types:string} Then:{MinLength:2} Else:{Bool:false}}"},
		{Draft7, "allOf: [true]\nanyOf: [{}]\noneOf: [false, {}]", "{AllOf:[{Bool:true}] AnyOf:[{}] OneOf:[{Bool:false} {}]}"},
		{Draft7, "minimum: 1.10\nexclusiveMaximum: 5\nmultipleOf: 0.05", "{Minimum:11/10 ExclusiveMaximum:5 MultipleOf:1/20}"},
		{Draft7, "minLength: 0\nmaxLength: 9\npattern: ^(?!a)\nformat: moon", "{MinLength:0 MaxLength:9 Pattern:^(?!a) Format:moon}"},
		{Draft7, "title: t\ndescription: d\ndefault: {b: 1.50, a: 2}\nexamples: [{z: 1}]\nx-faker: product.ean\nx-a: [1]",
			`{Title:t Description:d Default:{"b":1.50,"a":2} Examples:[{"z":1}] Extensions:map[x-a:[1] x-faker:product.ean]}`},
		{Draft7, "properties: {a: {$ref: '#/definitions/a', minimum: 1, const: 2, default: 3, format: date, description: d, x-faker: f}}\ndefinitions: {a: {type: string}}",
			"{Properties:[a={Ref:{Types:string} Description:d Extensions:map[x-faker:f]}]}"},
		{Draft7, "properties: {a: {$ref: '#'}}", "{Properties:[a={Ref:↑}]}"},
		{Draft4, "minimum: 1\nexclusiveMinimum: true\nmaximum: 2\nexclusiveMaximum: false\nconst: 5\nexamples: [1]",
			"{Maximum:2 ExclusiveMinimum:1 Examples:[1]}"},
		{Draft4, "id: x\nproperties: {id: {type: string}}", "{Properties:[id={Types:string}]}"},
		{Draft19, "$ref: '#/$defs/a'\nminimum: 1\n$defs: {a: {type: integer}}", "{Ref:{Types:integer} Minimum:1}"},
		{Draft19, "$recursiveAnchor: true\nproperties: {a: {$recursiveRef: '#'}}", "{Properties:[a={Ref:↑}]}"},
		{Draft19, "dependentRequired: {a: [b]}\ndependentSchemas: {a: {minProperties: 2}}\ncontains: true\nminContains: 2\nmaxContains: 3\nunevaluatedProperties: false\nunevaluatedItems: {type: string}",
			"{UnevaluatedProperties:{Bool:false} DependentRequired:map[a:[b]] DependentSchemas:map[a:{MinProperties:2}] UnevaluatedItems:{Types:string} Contains:{Bool:true} MinContains:2 MaxContains:3}"},
		{Draft20, "prefixItems: [{type: string}]\nitems: {type: integer}", "{PrefixItems:[{Types:string}] Items:{Types:integer}}"},
		{Draft20, "$ref: '#/$defs/a'\n$dynamicRef: '#b'\n$defs: {a: {type: integer}, b: {$dynamicAnchor: b, minimum: 1}}", "{Ref:{Types:integer} AllOf:[{Minimum:1}]}"},
	} {
		s := compile(t, c.schema, Options{Dialect: c.dialect})
		if got := sketch(s.Node()); got != c.want {
			t.Errorf("%s %s:\n got %s\nwant %s", c.dialect, c.schema, got, c.want)
		}
		if first, again := s.Node(), s.Node(); first != again {
			t.Errorf("%s: another node each time", c.schema)
		}
	}
}

// TestNodePlaces: nodes know where they stand, and one schema is one node
// however it is reached.
func TestNodePlaces(t *testing.T) {
	d := read(t, "sub/a.yaml", `
x:
  a: {properties: {b/c: {$ref: '#/x/d'}, e: {$ref: '#/x/a/properties/f'}, f: {additionalProperties: false}}}
  d: {items: [{$ref: '#/x/a'}, {$ref: 'b.yaml'}]}
`)
	s, err := Compile(d, "/x/a", Options{Load: func(name string) (*Document, error) { return Read(name, []byte("type: string"), Limits{}) }})
	if err != nil {
		t.Fatal(err)
	}
	n := s.Node()
	bc, e, f := n.Properties[0].Node, n.Properties[1].Node, n.Properties[2].Node
	var places []string
	for _, n := range []*Node{n, bc, bc.Ref, bc.Ref.PrefixItems[1], bc.Ref.PrefixItems[1].Ref, f.AdditionalProperties} {
		places = append(places, n.Document+"#"+n.Pointer)
	}
	want := []string{"sub/a.yaml#/x/a", "sub/a.yaml#/x/a/properties/b~1c", "sub/a.yaml#/x/d", "sub/a.yaml#/x/d/items/1", "sub/b.yaml#", "sub/a.yaml#/x/a/properties/f/additionalProperties"}
	if diff := cmp.Diff(want, places); diff != "" {
		t.Error(diff)
	}
	if e.Ref != f || bc.Ref.PrefixItems[0].Ref != n {
		t.Error("one schema has several nodes")
	}
	other, err := Compile(d, "/x/d", Options{Load: func(string) (*Document, error) { t.Error("asked again"); return nil, nil }})
	if err != nil || other.Node() != bc.Ref {
		t.Errorf("another schema of the document has nodes of its own (%v)", err)
	}
}
