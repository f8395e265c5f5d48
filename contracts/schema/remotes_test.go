package schema

import (
	"maps"
	"strings"
	"testing"
)

func TestRemotesStandForTheNetwork(t *testing.T) {
	remotes := map[string]*Document{
		"https://example.com/schemas/money.json":         read(t, "money.json", `{"type": "object", "required": ["amount"], "properties": {"amount": {"$ref": "parts/amount.json#/definitions/amount"}}}`),
		"https://example.com/schemas/parts/amount.json#": read(t, "amount.json", `{"definitions": {"amount": {"type": "integer", "minimum": 1}}}`),
		"urn:example:code":                               read(t, "code.json", `{"$id": "urn:example:other", "type": "string"}`),
	}
	d := read(t, "order.json", `{"properties": {
		"total": {"$ref": "https://example.com/schemas/money.json"},
		"code": {"$ref": "urn:example:code"},
		"below": {"$id": "https://example.com/schemas/any.json", "items": {"$ref": "money.json"}}}}`)
	s, err := Compile(d, "", Options{Remotes: remotes})
	if err != nil {
		t.Fatal(err)
	}
	for body, pointer := range map[string]string{
		`{"total":{"amount":1},"code":"x","below":[{"amount":2}]}`: "",
		`{"total":{"amount":0}}`:                                   "/total/amount",
		`{"total":{}}`:                                             "/total",
		`{"code":1}`:                                               "/code",
		`{"below":[{"amount":"1"}]}`:                               "/below/0/amount",
	} {
		found := s.Validate([]byte(body))
		if (pointer == "") != (len(found) == 0) || len(found) > 0 && found[0].Pointer != pointer {
			t.Errorf("%s: %v", body, found)
		}
	}
	if again := compile(t, string(s.Bundle()), Options{}); len(again.Validate([]byte(`{"total":{"amount":0}}`))) != 1 {
		t.Errorf("the bundle lost a rule: %s", s.Bundle())
	}
	if n := s.Node().Properties[0].Node.Ref; n.Document != "money.json" || n.Pointer != "" {
		t.Errorf("the node stands in %q at %q", n.Document, n.Pointer)
	}
}

func TestOtherURLsAreRefused(t *testing.T) {
	known := map[string]*Document{"https://example.com/a.json": read(t, "a.json", `{"$ref": "b.json"}`)}
	for _, c := range []struct {
		schema, want string
		remotes      map[string]*Document
	}{
		{`{"$ref": "https://example.com/c.json"}`, `order.json:1:10: $ref "https://example.com/c.json" is a URL`, known},
		{`{"$ref": "http://example.com/a.json"}`, `is a URL`, known}, // another scheme is another URL
		{`{"$ref": "https://example.com/a.json"}`, `a.json:1:10: $ref "b.json" is a URL`, known},
		{`{"$ref": "https://example.com/a.json#/x"}`, `nothing stands at "/x"`, known},
		{`{}`, `the remote document "a.json" has no absolute URL`, map[string]*Document{"a.json": known["https://example.com/a.json"]}},
		{`{}`, `has no absolute URL`, map[string]*Document{"https://example.com/a.json#/x": known["https://example.com/a.json"]}},
		{`{"$ref": "https://example.com/nil.json"}`, `is a URL`, map[string]*Document{"https://example.com/nil.json": nil}},
	} {
		_, err := Compile(read(t, "order.json", c.schema), "", Options{Remotes: c.remotes})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.schema, err)
		}
	}
}

// What was compiled with one set of remote documents is not taken for what
// another set gives.
func TestRemotesAreTheCompilersOwn(t *testing.T) {
	const u = "https://example.com/a.json"
	d := read(t, "order.json", `{"$ref": "`+u+`"}`)
	remotes := map[string]*Document{u: read(t, "a.json", `{"type": "string"}`)}
	for kind, body := range map[string]string{"string": `"x"`, "integer": "1", "boolean": "true"} {
		remotes[u] = read(t, "a.json", `{"type": "`+kind+`"}`) // the caller's map may change between calls
		for _, options := range []Options{{Remotes: remotes}, {Remotes: maps.Clone(remotes)}} {
			s, err := Compile(d, "", options)
			if err != nil || len(s.Validate([]byte(body))) > 0 || len(s.Validate([]byte("null"))) == 0 {
				t.Errorf("%s: %v", kind, err)
			}
		}
	}
	if _, err := Compile(d, "", Options{}); err == nil {
		t.Error("the remote document is known without being given")
	}
}

func TestDialectsOfOnesOwn(t *testing.T) {
	const own = "https://example.com/own"
	vocabulary := func(words string) string {
		return `{"$schema": "https://json-schema.org/draft/2020-12/schema", "$vocabulary": {` + words + `}}`
	}
	const core = `"https://json-schema.org/draft/2020-12/vocab/core": true, "https://json-schema.org/draft/2020-12/vocab/applicator": true`
	const all = core + `, "https://json-schema.org/draft/2020-12/vocab/validation": true`
	for name, c := range map[string]struct {
		meta, schema, refused string
		broken                bool // by {"a": "x"}
	}{
		"with validation":          {vocabulary(all), `{"properties": {"a": {"type": "integer"}}}`, "", true},
		"without validation":       {vocabulary(core), `{"properties": {"a": {"type": "integer"}}}`, "", false},
		"an applicator is left":    {vocabulary(core), `{"properties": {"a": false}}`, "", true},
		"without unevaluated":      {vocabulary(all), `{"unevaluatedProperties": false}`, "", false},
		"with unevaluated":         {vocabulary(all + `, "https://json-schema.org/draft/2020-12/vocab/unevaluated": true`), `{"unevaluatedProperties": false}`, "", true},
		"optional one of its own":  {vocabulary(all + `, "https://example.com/vocab": false`), `{"required": ["b"]}`, "", true},
		"required one of its own":  {vocabulary(all + `, "https://example.com/vocab": true`), `{"required": ["b"]}`, "unknown dialect", false},
		"no vocabulary at all":     {`{"$schema": "http://json-schema.org/draft-04/schema#"}`, `{"minimum": 5, "exclusiveMinimum": true, "required": ["b"]}`, "", true},
		"by way of itself":         {`{"$schema": "https://example.com/own"}`, `{"title": "x"}`, "unknown dialect", false},
		"of nothing":               {`{}`, `{"title": "x"}`, "unknown dialect", false},
		"not even an object":       {`[]`, `{"title": "x"}`, "unknown dialect", false},
		"formats are still judged": {vocabulary(core), `{"properties": {"a": {"format": "date"}}}`, "", true},
	} {
		t.Run(name, func(t *testing.T) {
			d := read(t, "s.json", `{"$schema": "`+own+`#", `+strings.TrimPrefix(c.schema, "{"))
			s, err := Compile(d, "", Options{Remotes: map[string]*Document{own: read(t, "own.json", c.meta)}})
			if c.refused != "" {
				if err == nil || !strings.Contains(err.Error(), c.refused) {
					t.Errorf("%v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if found := s.Validate([]byte(`{"a":"x"}`)); (len(found) > 0) != c.broken {
				t.Errorf("%v", found)
			}
			if found := compile(t, string(s.Bundle()), Options{}).Validate([]byte(`{"a":"x"}`)); (len(found) > 0) != c.broken {
				t.Errorf("the bundle: %v\n%s", found, s.Bundle())
			}
		})
	}
}
