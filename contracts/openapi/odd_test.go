package openapi_test

import (
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/openapi"
	"github.com/hookrig/hookrig/contracts/schema"
)

func odd(t *testing.T) (*contracts.Contract, []byte) {
	t.Helper()
	c, err := contracts.Load(os.DirFS("testdata"), "odd.yaml")
	if err != nil {
		t.Fatal(err)
	}
	text, err := openapi.Export(c)
	if err != nil {
		t.Fatal(err)
	}
	return c, text
}

// Schemas of any draft judge as they did before.
func TestOddSchemasJudgeAlike(t *testing.T) {
	c, text := odd(t)
	doc, err := schema.Read("export.json", text, schema.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	for event, bodies := range map[string]struct{ right, wrong []string }{
		"a/b": {
			[]string{`{"n":1}`, `{"n":10}`, `{"n":1,"pair":["x",1]}`, `{"n":1,"a":1,"b":2,"c":3,"d":4}`},
			[]string{`{}`, `{"n":0}`, `{"n":11}`, `{"n":1,"pair":[1]}`, `{"n":1,"pair":["x",1,2]}`, `{"n":1,"a":1}`, `{"n":1,"c":1}`},
		},
		"a:b": {
			[]string{`{"nothing":null}`, `{"shape":1}`},
			[]string{`{"nothing":0}`, `{"nothing":"null"}`, `{"shape":"x"}`},
		},
		"new": {
			[]string{`{"shape":5}`, `{"pair":["x",true]}`, `{}`},
			[]string{`{"shape":4}`, `{"shape":"x"}`, `{"pair":[1]}`, `{"pair":["x",1]}`, `{"a":1}`, `{"other":1}`},
		},
		"tree": {
			[]string{`{"value":"x","next":{"value":"y","next":{"value":"z"}}}`},
			[]string{`{"value":"x","next":{"value":"y","next":{}}}`, `{"value":"x","next":1}`},
		},
		"clash": {
			[]string{`{"shape":true,"outer":{"shape":false}}`},
			[]string{`{"shape":1}`, `{"outer":{"shape":1}}`},
		},
		"twin": {
			[]string{`{"shape":1,"outer":{"shape":2}}`},
			[]string{`{"shape":true}`, `{"outer":{"shape":true}}`},
		},
	} {
		et, err := c.EventType(event)
		if err != nil {
			t.Fatal(err)
		}
		at := "/webhooks/" + schema.Escape("odd/"+event) + "/post/requestBody/content/application~1json/schema"
		exported, err := schema.Compile(doc, at, schema.Options{Dialect: schema.Draft20})
		if err != nil {
			t.Error(err)
			continue
		}
		for i, body := range append(slices.Clone(bodies.right), bodies.wrong...) {
			right := i < len(bodies.right)
			own, err := et.Validate([]byte(body))
			if err != nil {
				t.Fatal(err)
			}
			if (len(own) == 0) != right {
				t.Errorf("%s: the test is wrong about %s: %v", event, body, own)
			}
			if v := exported.Validate([]byte(body)); (len(v) == 0) != right {
				t.Errorf("%s: %s: %v", event, body, v)
			}
		}
	}
}

// Shapes share a component where they say the same, and only there.
func TestSharedShapes(t *testing.T) {
	_, text := odd(t)
	var doc struct {
		Components struct{ Schemas map[string]any }
	}
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	want := []string{"odd.outer", "odd.outer_2", "odd.shape", "odd.shape_2", "odd.tree"}
	if got := slices.Sorted(maps.Keys(doc.Components.Schemas)); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestWhatOpenAPIHasNoWordFor(t *testing.T) {
	c, text := odd(t)
	var doc struct {
		Info map[string]string
		Tags []struct {
			Name, Description string
			X                 json.RawMessage `json:"x-hookrig"`
		}
		Webhooks map[string]struct {
			Post struct {
				OperationID string
				Summary     string
				Security    json.RawMessage
				Parameters  []struct {
					Name, In, Description string
					Required              bool
				}
				RequestBody struct {
					Content map[string]struct {
						Examples json.RawMessage
					}
				}
				Responses map[string]any
				X         json.RawMessage `json:"x-hookrig"`
			}
		}
		Components struct{ SecuritySchemes json.RawMessage }
	}
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	same := func(what, want string, got json.RawMessage) {
		t.Helper()
		var a, b any
		if err := json.Unmarshal([]byte(strings.ReplaceAll(want, "DIGEST", c.Digest())), &a); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(got, &b); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if diff := cmp.Diff(a, b); diff != "" {
			t.Errorf("%s: -want +got\n%s", what, diff)
		}
	}
	if doc.Info["title"] != "Odd" || doc.Info["version"] != "2.0.0" || doc.Tags[0].Description != "Odd\n\nEverything that is unusual." {
		t.Errorf("%+v", doc.Info)
	}
	tests := `"source": "these tests"`
	same("tag", `{"provider": "odd", "digest": "DIGEST",
		"event": {"header": "X-Event", "provenance": {"level": "published"}},
		"signature": {"algorithm": "basic", "optional": true, "provenance": {"level": "published"}},
		"registration": {"conflicts": [["a/b", "a:b"]], "provenance": {"level": "documented", `+tests+`}},
		"lifecycle": {"entities": {"odd": {"begin": [{"event": "a/b", "key": ["/id"]}],
			"end": [{"event": "a:b", "key": ["/id"], "version": "/at"}], "provenance": {"level": "published"}}}}}`, doc.Tags[0].X)
	first, second := doc.Webhooks["odd/a/b"].Post, doc.Webhooks["odd/a:b"].Post
	same("operation", `{"name": "a/b", "documentation": "full",
		"identity": {"header": "X-Delivery", "provenance": {"level": "reported"}},
		"delivery": {"success": ["200-202", "2xx"], "timeout": "4s", "waits": ["15m"], "repeat": "1d", "giveUp": "30d", "jitter": 0.5,
			"then": "disable", "gone": "delete", "retryAfterCap": "2h", "ordering": "endpoint", "duplicates": "possible",
			"provenance": {"": {"level": "assumed"}, "/timeout": {"level": "reported", "source": "somebody"}}}}`, first.X)
	same("security", `[{"odd.basic": []}, {}]`, first.Security)
	same("schemes", `{"odd.basic": {"type": "http", "scheme": "basic", "description": "Authenticates the sender: basic (published)"}}`, doc.Components.SecuritySchemes)
	same("examples", `{"1": {"value": {"shape": 1}}}`, second.RequestBody.Content["application/json"].Examples)
	if first.OperationID != "odd.a.b" || second.OperationID != "odd.a.b_2" {
		t.Errorf("%q, %q", first.OperationID, second.OperationID)
	}
	if got := slices.Sorted(maps.Keys(first.Responses)); !slices.Equal(got, []string{"200", "201", "202", "2XX", "default"}) {
		t.Errorf("%v", got)
	}
	var headers []string
	for _, p := range first.Parameters {
		headers = append(headers, p.Name+": "+p.Description)
	}
	want := []string{`X-Event: Names the event: "a/b" (published)`, "X-Delivery: Id of the event, the same for every attempt (reported)"}
	if !slices.Equal(headers, want) {
		t.Errorf("%q", headers)
	}
}

func TestTwoContractsOfOneProvider(t *testing.T) {
	c, _ := odd(t)
	if _, err := openapi.Export(c, c); err == nil || !strings.Contains(err.Error(), `"odd"`) {
		t.Errorf("%v", err)
	}
}
