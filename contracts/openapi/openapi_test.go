package openapi_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/catalog"
	"github.com/hookrig/hookrig/contracts/openapi"
	"github.com/hookrig/hookrig/contracts/schema"
	"github.com/hookrig/hookrig/faker"
)

func all(t *testing.T) (out []*contracts.Contract) {
	t.Helper()
	for _, name := range catalog.Names {
		c, err := catalog.Load(name)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, c)
	}
	return out
}

func TestExportOfTheCatalogue(t *testing.T) {
	cs := all(t)
	text, err := openapi.Export(cs...)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d bytes", len(text))
	again, err := openapi.Export(cs...)
	if err != nil || string(again) != string(text) {
		t.Error("a second export differs")
	}
	doc, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(t.Context()); err != nil {
		t.Error(err)
	}
	if len(doc.Webhooks) != 247 {
		t.Errorf("%d webhooks", len(doc.Webhooks))
	}
	if strings.Contains(string(text), "x-faker") {
		t.Error("hints for the faker are nobody's business here")
	}
}

// TestExportedSchemasJudgeAlike compiles each exported schema as JSON Schema
// 2020-12, as a reader of OpenAPI 3.1 does, and compares verdicts.
func TestExportedSchemasJudgeAlike(t *testing.T) {
	cs := all(t)
	text, err := openapi.Export(cs...)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := schema.Read("export.json", text, schema.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cs {
		f, err := faker.New(c, faker.Options{Seed: 5})
		if err != nil {
			t.Fatal(err)
		}
		for _, et := range c.EventTypes() {
			at := "/webhooks/" + schema.Escape(c.Provider()+"/"+et.Name()) + "/" + strings.ToLower(et.Method()) +
				"/requestBody/content/" + schema.Escape(et.ContentType()) + "/schema"
			exported, err := schema.Compile(doc, at, schema.Options{Dialect: schema.Draft20})
			if err != nil {
				t.Errorf("%s %s: %v", c.Provider(), et.Name(), err)
				continue
			}
			ev, err := f.Event(et.Name())
			if err != nil {
				t.Fatal(err)
			}
			if v := exported.Validate(ev.Body); len(v) > 0 {
				t.Errorf("%s %s: refuses its event: %v", c.Provider(), et.Name(), v)
			}
			for _, bad := range wronged(t, ev.Body) {
				own, err := et.Validate(bad)
				if err != nil {
					t.Fatal(err)
				}
				if (len(own) > 0) != (len(exported.Validate(bad)) > 0) {
					t.Errorf("%s %s: the contract and its export differ about %s", c.Provider(), et.Name(), bad)
				}
			}
		}
	}
}

// wronged are copies of a body, each with one top-level member or one member
// below it replaced by a value of another kind.
func wronged(t *testing.T, body []byte) (out [][]byte) {
	t.Helper()
	var whole map[string]any
	if err := json.Unmarshal(body, &whole); err != nil {
		t.Fatal(err)
	}
	spoil := func(m map[string]any, name string) {
		kept := m[name]
		for _, v := range []any{nil, true, "no such value", []any{1.5}} {
			m[name] = v
			text, err := json.Marshal(whole)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, text)
		}
		m[name] = kept
	}
	for name, v := range whole {
		spoil(whole, name)
		if inner, ok := v.(map[string]any); ok {
			for n := range inner {
				spoil(inner, n)
			}
		}
	}
	return out
}
