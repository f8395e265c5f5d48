package contracts

import (
	"errors"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/hookrig/hookrig/contracts/schema"
)

// lively is a document with a lifecycle section.
func lively(section string) string {
	return `asyncapi: 3.1.0
info: {title: Shop, version: 1.0.0}
x-hookrig:
  provenance: published
  source: {published: the site, assumed: nobody}
  lifecycle: ` + section + `
channels:
  orders:
    messages:
      made: {$ref: "#/components/messages/made"}
      moved: {$ref: "#/components/messages/moved"}
      gone: {$ref: "#/components/messages/gone"}
operations:
  orders: {action: send, channel: {$ref: "#/channels/orders"}}
components:
  messages:
    made: {title: Made, payload: {type: object, properties: {type: {const: made}, id: {type: integer}, at: {type: string}}}}
    moved: {title: Moved, payload: {type: object, properties: {type: {const: moved}, order: {type: object, properties: {id: {type: integer}}}, at: {type: string}}}}
    gone: {title: Gone, payload: {type: object, properties: {type: {const: gone}, id: {type: integer}, until: {type: integer}}}}
`
}

func TestLifecycle(t *testing.T) {
	c, err := Load(fstest.MapFS{"c.yaml": {Data: []byte(lively(`
    key: [/id]
    version: /at
    entities:
      order:
        end: [{event: gone, version: /until}]
        begin: [made]
        change: [{event: moved, key: [/order/id]}]
        provenance: assumed`))}}, "c.yaml")
	if err != nil {
		t.Fatal(err)
	}
	all := c.Lifecycles()
	if len(all) != 1 || all[0].Entity != "order" || all[0].Provenance != (Provenance{Level: Assumed, Source: "nobody"}) {
		t.Fatalf("%+v", all)
	}
	type row struct {
		Event   string
		Phase   Phase
		Key     []string
		Version string
	}
	var got []row
	for _, s := range all[0].Stages {
		got = append(got, row{s.Event.Name(), s.Phase, s.Key, s.Version})
	}
	want := []row{
		{"made", Begins, []string{"/id"}, "/at"},
		{"moved", Changes, []string{"/order/id"}, "/at"},
		{"gone", Ends, []string{"/id"}, "/until"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if l, s := c.EntityOf(eventType(t, c, "gone")); l == nil || l.Entity != "order" || s.Version != "/until" {
		t.Errorf("%v, %v", l, s)
	}
	if f := c.Lint(); len(f) != 2 { // nothing about delivery and signature
		t.Errorf("%v", f)
	}
}

// TestLifecycleOfNobody: a contract may say nothing of it, and an event may
// belong to no entity.
func TestLifecycleOfNobody(t *testing.T) {
	c, err := Load(fstest.MapFS{"c.yaml": {Data: []byte(lively(`{entities: {order: {key: [/id], change: [made]}}}`))}}, "c.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if l, s := c.EntityOf(eventType(t, c, "gone")); l != nil || s != nil {
		t.Errorf("%v, %v", l, s)
	}
	if got := c.Lifecycles()[0].Provenance.Level; got != Published {
		t.Errorf("a section without provenance is %s, not as the document", got)
	}
}

func TestLifecycleRefuses(t *testing.T) {
	for _, tt := range []struct{ name, section, want, pointer string }{
		{"nothing in it", `{}`, "no entities", ""},
		{"no object", `[order]`, "expected an object", ""},
		{"unknown key", `{keys: [/id], entities: {order: {begin: [made]}}}`, `"keys"`, "/keys"},
		{"unknown phase", `{key: [/id], entities: {order: {begins: [made]}}}`, `"begins"`, "/entities/order/begins"},
		{"no events", `{key: [/id], entities: {order: {}}}`, "no event tells", "/entities/order"},
		{"no list", `{key: [/id], entities: {order: {begin: made}}}`, "expected a list", "/entities/order/begin"},
		{"unknown event", `{key: [/id], entities: {order: {begin: [maed]}}}`, `"made"`, "/entities/order/begin/0"},
		{"unknown event, in full", `{key: [/id], entities: {order: {begin: [{event: maed}]}}}`, `"made"`, "/entities/order/begin/0/event"},
		{"no event", `{key: [/id], entities: {order: {begin: [{version: /at}]}}}`, "no event", "/entities/order/begin/0"},
		{"no key", `{entities: {order: {begin: [made]}}}`, "key: [/id]", "/entities/order/begin/0"},
		{"empty key", `{key: [], entities: {order: {begin: [made]}}}`, "empty", "/key"},
		{"no pointer", `{key: [id], entities: {order: {begin: [made]}}}`, "JSON Pointer", "/key/0"},
		{"the whole body", `{key: [""], entities: {order: {begin: [made]}}}`, "part of the key", "/key/0"},
		{"twice in the key", `{key: [/id, /id], entities: {order: {begin: [made]}}}`, "part of the key", "/key/1"},
		{"another number of values", `{key: [/id], entities: {order: {begin: [made], change: [{event: moved, key: [/id, /at]}]}}}`, "2 values", "/entities/order/change/0"},
		{"an event of two entities", `{key: [/id], entities: {order: {begin: [made]}, bill: {begin: [made]}}}`, `"order"`, "/entities/bill/begin/0"},
		{"an event twice", `{key: [/id], entities: {order: {begin: [made, made]}}}`, `"order"`, "/entities/order/begin/1"},
		{"version", `{key: [/id], version: 7, entities: {order: {begin: [made]}}}`, "expected a text", "/version"},
		{"level", `{key: [/id], provenance: guessed, entities: {order: {begin: [made]}}}`, "guessed", "/provenance"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Load(fstest.MapFS{"c.yaml": {Data: []byte(lively(tt.section))}}, "c.yaml")
			var at *schema.Error
			if !errors.As(err, &at) {
				t.Fatalf("got %v", err)
			}
			if want := "/x-hookrig/lifecycle" + tt.pointer; !strings.Contains(at.Message+at.Hint, tt.want) || at.Pointer != want || at.Line == 0 {
				t.Errorf("got %v, hint %q at %s, want %q at %s", at, at.Hint, at.Pointer, tt.want, want)
			}
		})
	}
}

func TestLintKnowsLifecycles(t *testing.T) {
	c, err := Load(fstest.MapFS{"c.yaml": {Data: []byte(lively(`
    key: [/number]
    version: /at
    provenance: {level: reported, source: ""}
    entities:
      order: {begin: [made], change: [{event: moved, key: [/order/id]}], end: [{event: gone, key: [/id], version: /at}]}`))}}, "c.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range c.Lint() {
		if f.Pointer == "/x-hookrig/lifecycle/entities/order" || strings.HasPrefix(f.Pointer, "/x-hookrig/lifecycle/provenance") {
			got = append(got, f.Rule+" "+f.Severity+" "+f.Message)
		}
	}
	want := []string{
		"source warning what is reported needs a source",
		`lifecycle error event "made" has no member at /number, by which "order" is known or ordered`,
		`lifecycle error event "gone" has no member at /at, by which "order" is known or ordered`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
