package faker_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/hookrig/hookrig/contracts/schema"
	"github.com/hookrig/hookrig/faker"
)

// Random schemas, sane and not, never make an invalid value, a panic or a
// hang; and what is called unsatisfiable refuses a few obvious values too.
func TestRandomSchemas(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { checkRandom(t, anySchema(t, 3)) })
}

func FuzzRandomSchemas(f *testing.F) {
	f.Fuzz(rapid.MakeFuzz(func(t *rapid.T) { checkRandom(t, anySchema(t, 3)) }))
}

func checkRandom(t *rapid.T, node any) {
	text, err := json.Marshal(node)
	if err != nil {
		t.Fatal(err)
	}
	d, err := schema.Read("random", text, schema.Limits{})
	if err != nil {
		t.Skip(err)
	}
	s, err := schema.Compile(d, "", schema.Options{Dialect: schema.Draft20})
	if err != nil {
		t.Skip(err)
	}
	begin := time.Now()
	shape := rapid.SampledFrom([]faker.Shape{faker.Minimal, faker.Typical, faker.Full}).Draw(t, "shape")
	v, err := faker.FromSchema(s, faker.Options{Seed: 3, Shape: shape})
	if took := time.Since(begin); took > 2*time.Second {
		t.Fatalf("%s took %v", text, took)
	}
	if err != nil {
		var e *faker.ImpossibleError
		if !errors.As(err, &e) {
			t.Fatalf("%s: %v", text, err)
		}
		if !e.GaveUp {
			for _, value := range []string{`null`, `true`, `0`, `1`, `-1.5`, `7`, `""`, `"a"`, `"abc"`, `[]`, `[1]`, `["a",1]`, `{}`, `{"a":1}`, `{"a":"a","b":[]}`} {
				if len(s.Validate([]byte(value))) == 0 {
					t.Fatalf("%s is called %v, but accepts %s", text, e, value)
				}
			}
		}
		return
	}
	for n := range uint64(8) {
		body := v.Append(nil, n)
		if found := s.Validate(body); len(found) > 0 {
			t.Fatalf("%s made %s: %v", text, body, found)
		}
	}
}

// anySchema draws a schema with a handful of keywords that may well
// contradict each other.
func anySchema(t *rapid.T, depth int) any {
	if depth == 0 || rapid.IntRange(0, 9).Draw(t, "bool") == 0 {
		switch rapid.IntRange(0, 7).Draw(t, "leaf") {
		case 0:
			return true
		case 1:
			return false
		case 2:
			return map[string]any{"type": rapid.SampledFrom([]string{"string", "integer", "number", "boolean", "null", "array", "object"}).Draw(t, "type")}
		}
	}
	s := map[string]any{}
	sub := func() any { return anySchema(t, depth-1) }
	if depth == 0 {
		sub = func() any { return map[string]any{"type": "string"} }
	}
	subs := func() []any {
		out := []any{}
		for range rapid.IntRange(1, 3).Draw(t, "branches") {
			out = append(out, sub())
		}
		return out
	}
	name := func() string { return rapid.SampledFrom([]string{"a", "b", "c", "firstName", "price"}).Draw(t, "name") }
	small := func() int { return rapid.IntRange(0, 4).Draw(t, "small") }
	for range rapid.IntRange(1, 4).Draw(t, "keywords") {
		switch k := rapid.SampledFrom(keywords).Draw(t, "keyword"); k {
		case "type":
			s[k] = rapid.SampledFrom([]any{"string", "integer", "number", "array", "object", []string{"string", "null"}, []string{"object", "array"}}).Draw(t, k)
		case "enum":
			s[k] = rawValues(rapid.SliceOfNDistinct(rapid.SampledFrom(values), 1, 4, func(v string) string { return v }).Draw(t, k))
		case "const":
			s[k] = json.RawMessage(rapid.SampledFrom(values).Draw(t, k))
		case "properties", "dependentSchemas":
			s[k] = map[string]any{name(): sub(), name(): sub()}
		case "patternProperties":
			s[k] = map[string]any{rapid.SampledFrom([]string{"^a", "b$", "^[a-c]$", "."}).Draw(t, k): sub()}
		case "required":
			s[k] = []string{name()}
		case "dependentRequired":
			s[k] = map[string]any{name(): []string{name()}}
		case "propertyNames":
			s[k] = rapid.SampledFrom([]any{map[string]any{"pattern": "^[a-z]+$"}, map[string]any{"maxLength": 1}, map[string]any{"enum": []string{"a", "b", "q"}}}).Draw(t, k)
		case "additionalProperties", "items", "contains", "not", "if", "then", "else", "unevaluatedProperties", "unevaluatedItems":
			s[k] = sub()
		case "prefixItems", "allOf", "anyOf", "oneOf":
			s[k] = subs()
		case "minProperties", "maxProperties", "minItems", "maxItems", "minLength", "maxLength", "minContains", "maxContains":
			s[k] = small()
		case "uniqueItems":
			s[k] = true
		case "pattern":
			s[k] = rapid.SampledFrom([]string{"^a", "^[A-Z]{2}\\d+$", "[aeiou]{2}", "^(?!x)\\w*$", "^(foo|bar)?$", "\\bab\\b", "^.{3}$"}).Draw(t, k)
		case "format":
			s[k] = rapid.SampledFrom([]string{"email", "date-time", "date", "uuid", "uri", "ipv4", "hostname", "time"}).Draw(t, k)
		case "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum":
			s[k] = rapid.IntRange(-3, 6).Draw(t, k)
		case "multipleOf":
			s[k] = rapid.SampledFrom([]float64{0.01, 0.5, 2, 3}).Draw(t, k)
		case "$ref":
			s[k] = rapid.SampledFrom([]string{"#", "#/properties/a", "#/items"}).Draw(t, k)
		default:
			panic(fmt.Sprint("keyword ", k))
		}
	}
	if s["const"] != nil {
		delete(s, "enum") // a Node has one list of values
	}
	return s
}

var keywords = []string{
	"type", "type", "type", "enum", "const", "properties", "properties", "patternProperties", "required", "required", "dependentRequired", "dependentSchemas", "propertyNames",
	"additionalProperties", "items", "contains", "not", "if", "then", "else", "unevaluatedProperties", "unevaluatedItems", "prefixItems", "allOf", "anyOf", "oneOf",
	"minProperties", "maxProperties", "minItems", "maxItems", "minLength", "maxLength", "minContains", "maxContains", "uniqueItems", "pattern", "format",
	"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "$ref",
}

var values = []string{`null`, `true`, `false`, `0`, `1`, `1.0`, `2.5`, `""`, `"a"`, `"foo"`, `"AB1"`, `[]`, `[1]`, `["a","a"]`, `{}`, `{"a":1}`, `{"a":"foo","b":null}`}

func rawValues(texts []string) []json.RawMessage {
	var out []json.RawMessage
	for _, t := range texts {
		out = append(out, json.RawMessage(t))
	}
	return out
}
