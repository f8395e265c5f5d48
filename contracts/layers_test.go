package contracts

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"
)

func loadText(t *testing.T, text string) *Contract {
	t.Helper()
	c, err := Load(fstest.MapFS{"c.yaml": {Data: []byte(text)}}, "c.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestTraitsAreLayers: the message says more than its traits, a later trait
// more than an earlier one; statements of all of them count.
func TestTraitsAreLayers(t *testing.T) {
	c := loadText(t, document("", `      traits:
        - {title: First, description: Only here, x-hookrig: {delivery: {timeout: 1s, then: delete}, provenance: {/a: assumed, /b: reported}}}
        - {title: Second, x-hookrig: {delivery: {timeout: 2s}, provenance: {/a: published}}}
      x-hookrig: {documentation: partial, provenance: {/c: reported}}
      payload: {type: object}
      bindings: {http: {method: GET}}
`))
	paid := eventType(t, c, "paid")
	if paid.Title() != "Second" || paid.Description() != "Only here" || paid.Documentation() != DocumentedPartly {
		t.Errorf("%q, %q, %s", paid.Title(), paid.Description(), paid.Documentation())
	}
	if p := paid.Policy(); p.Timeout.String() != "2s" || p.Then != Delete {
		t.Errorf("%+v", p)
	}
	for pointer, want := range map[string]Level{"/a": Published, "/b": Reported, "/c": Reported, "/d": Documented} {
		if got := paid.Provenance(pointer).Level; got != want {
			t.Errorf("%s is %s, want %s", pointer, got, want)
		}
	}
}

// TestMethodOfTheLastTrait: an operation is made of layers as a message is.
func TestMethodOfTheLastTrait(t *testing.T) {
	put, patch := `{bindings: {http: {method: PUT}}}`, `{bindings: {http: {method: PATCH}}}`
	for traits, want := range map[string]string{put + "," + patch: "PATCH", patch + "," + put: "PUT"} {
		doc := replaceOnce(t, document("", payload), "{action: send,", "{action: send, traits: ["+traits+"],")
		if got := eventType(t, loadText(t, doc), "paid").Method(); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

// TestWhatAMessageAssumesIsAssumedBelow: a shared schema says where its
// members come from, not that an event has them.
func TestWhatAMessageAssumesIsAssumedBelow(t *testing.T) {
	c := loadText(t, document("", `      x-hookrig: {provenance: {/to: assumed}}
      payload: {properties: {to: {$ref: "#/components/schemas/address"}, from: {$ref: "#/components/schemas/address"}}}
  schemas: {address: {x-hookrig: {provenance: {/city: published}}, properties: {city: {type: string}}}}
`))
	paid := eventType(t, c, "paid")
	for pointer, want := range map[string]Level{"/to/city": Assumed, "/from/city": Published, "/from": Documented} {
		if got := paid.Provenance(pointer).Level; got != want {
			t.Errorf("%s is %s, want %s", pointer, got, want)
		}
	}
}

// TestEventsNamedByAHeader: the header, the id's header and the static ones
// are sent, and the event is known again.
func TestEventsNamedByAHeader(t *testing.T) {
	c := loadText(t, document(`x-hookrig:
  event: {header: x-event, value: "shop.{name}"}
  identity: {header: x-id}
  headers: {X-Shop: main, X-Kind: a}
`, "      headers: {properties: {x-kind: {const: b}, x-count: {enum: [3]}, X-Any: {type: string}}}\n"+payload))
	ev := Event{eventType(t, c, "paid"), []byte(`{}`)}
	r, err := c.Seal(ev, SealOptions{URL: "http://ann:secret@a.example", ID: "d-1"})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"X-Event": "shop.paid", "X-Id": "d-1", "X-Shop": "main", "X-Kind": "b", "X-Count": "3", "X-Any": "", "Authorization": "Basic YW5uOnNlY3JldA=="}
	for name, value := range want {
		if got := r.Header.Get(name); got != value || len(r.Header.Values(name)) > 1 {
			t.Errorf("%s: %q, want %q", name, r.Header.Values(name), value)
		}
	}
	got, err := c.Open(r, OpenOptions{})
	if err != nil || !got.OK() || len(got.Events) != 1 || !got.Events[0].Equal(ev) {
		t.Errorf("opened %+v, %v", got, err)
	}
	r.Header.Set("X-Event", "shop.payed")
	if got, err = c.Open(r, OpenOptions{}); err != nil || len(got.Violations) != 1 || !strings.Contains(got.Violations[0].String(), "shop.paid") {
		t.Errorf("opened %+v, %v", got, err)
	}
	if _, err := c.Seal(ev, SealOptions{URL: "http://a.example", ID: "a\r\nX-Evil: 1"}); err == nil {
		t.Error("an id with a line break was sent")
	}
	var target *TargetError
	if _, err := c.Seal(ev, SealOptions{URL: "http://a%3Ab:secret@a.example"}); !errors.As(err, &target) || strings.Contains(err.Error(), "secret") {
		t.Errorf("a user with a colon: %v", err)
	}
}

// TestRequestsAreJudgedOnce: what is wrong with the request is not said again
// for each of its events.
func TestRequestsAreJudgedOnce(t *testing.T) {
	c := load(t, "batches.yaml")
	r := &Request{Method: "PUT", URL: "/out", Header: http.Header{"Content-Type": {"application/json"}},
		Body: []byte(`{"data":{"events":[{"kind":"up"},{"kind":"up"},{"kind":"up"}]}}`)}
	got, err := c.Open(r, OpenOptions{Unchecked: true})
	if err != nil || len(got.Events) != 3 || len(got.Violations) != 2 {
		t.Errorf("%v, %v", got.Violations, err)
	}
}

// TestItemsHaveIndices: an empty name is no item.
func TestItemsHaveIndices(t *testing.T) {
	for pointer, want := range map[string]bool{"/a/": false, "/a/1": true, "/a/01": false, "/a/2": false, "/": true} {
		if _, ok := locate([]byte(`{"a":[1,2],"":3}`), tokensOf(pointer)); ok != want {
			t.Errorf("%q: %v", pointer, ok)
		}
	}
}

// TestAddressesKeepTheirLiterals: what an address says is sent as it is said,
// and what its parameters always are is encoded.
func TestAddressesKeepTheirLiterals(t *testing.T) {
	doc := replaceOnce(t, document("", payload), "{out: {", `{out: {address: "a%2Fb/{p}/{id}.json", parameters: {p: {default: "x/{y}"}, id: {location: $message.payload#/i~1d}}, `)
	c := loadText(t, doc)
	ev := Event{eventType(t, c, "paid"), []byte(`{"i/d":"1 2"}`)}
	r, err := c.Seal(ev, SealOptions{URL: "http://a.example/base/"})
	if err != nil || r.URL != "http://a.example/base/a%2Fb/x%2F%7By%7D/1%202.json" {
		t.Errorf("%+v, %v", r, err)
	}
	if got, err := c.Open(r, OpenOptions{}); err != nil || !got.OK() {
		t.Errorf("opened %+v, %v", got, err)
	}
}
