package faker_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/hookrig/hookrig/contracts/schema"
	"github.com/hookrig/hookrig/faker"
)

// Bytes that may be a schema: whatever compiles is made and keeps the schema,
// or is refused by a typed error.
func FuzzSchemaText(f *testing.F) {
	for _, text := range []string{
		`{"type":"string","pattern":"^a{2,5}$","minLength":3}`,
		`{"oneOf":[{"type":"integer","multipleOf":3},{"type":"number","minimum":2}]}`,
		`{"type":"array","contains":{"const":1},"uniqueItems":true,"items":{"enum":[1,2,3]},"minItems":2}`,
		`{"type":"object","required":["a"],"patternProperties":{"^a":{"$ref":"#/definitions/n"}},"definitions":{"n":{"type":["null","object"],"properties":{"a":{"$ref":"#/definitions/n"}}}}}`,
		`{"if":{"required":["b"]},"then":{"properties":{"b":{"format":"date-time"}}},"else":{"minProperties":2},"type":"object","dependencies":{"a":["b"]}}`,
		`{"$schema":"https://json-schema.org/draft/2020-12/schema","prefixItems":[true,{"type":"null"}],"unevaluatedItems":false,"minItems":2}`,
		`{"type":"string","format":"email","x-faker":"internet.email","maxLength":12}`,
	} {
		f.Add([]byte(text))
	}
	order, err := os.ReadFile(filepath.Join("testdata", "order.yaml"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(order)
	f.Fuzz(func(t *testing.T, text []byte) {
		if len(text) > 16<<10 {
			return
		}
		d, err := schema.Read("fuzz", text, schema.Limits{})
		if err != nil {
			return
		}
		s, err := schema.Compile(d, "", schema.Options{})
		if err != nil {
			return
		}
		v, err := faker.FromSchema(s, faker.Options{Seed: 1})
		var impossible *faker.ImpossibleError
		var hint *faker.HintError
		switch {
		case errors.As(err, &impossible), errors.As(err, &hint):
			return
		case err != nil:
			t.Fatal(err)
		}
		for n := range uint64(6) {
			if body := v.Append(nil, n); len(s.Validate(body)) > 0 {
				t.Fatalf("made %s: %v", body, s.Validate(body))
			}
		}
	})
}
