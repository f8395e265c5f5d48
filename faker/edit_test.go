package faker_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"pgregory.net/rapid"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/catalog"
	"github.com/hookrig/hookrig/contracts/signature"
	"github.com/hookrig/hookrig/faker"
)

// A contract of our own: edits must not depend on what a provider documents.
const shop = `
asyncapi: 3.1.0
info: {title: Shop, version: 1.0.0}
x-hookrig:
  provider: shop
  provenance: documented
  source: this test
  signature: {algorithm: hmac-sha256, signed: "{body}", encoding: hex, header: X-Signature}
channels:
  orders: {messages: {created: {$ref: "#/components/messages/created"}, ping: {$ref: "#/components/messages/ping"}}}
operations:
  send: {action: send, channel: {$ref: "#/channels/orders"}, bindings: {http: {method: POST, bindingVersion: 0.3.0}}}
components:
  messages:
    created:
      name: order:created
      title: An order was placed
      payload:
        type: object
        required: [type, id]
        properties:
          type: {const: "order:created"}
          id: {type: integer}
          note: {type: string}
          customer:
            type: object
            required: [firstName]
            properties:
              firstName: {type: string}
              email: {type: string, format: email}
              address: {type: object, required: [city], properties: {street: {type: string}, city: {type: string}, "a/b": {type: string}}}
          items: {type: array, maxItems: 5, items: {type: object, required: [sku], properties: {sku: {type: string}, quantity: {type: integer, minimum: 1}}}}
          meta: {type: object}
          labels: {type: object, additionalProperties: {type: string}}
    ping:
      name: ping
      title: Nothing happened
      payload: {type: object, required: [type], additionalProperties: false, properties: {type: {const: ping}, at: {type: string, format: date-time}}}
`

func shopContract(t testing.TB) *contracts.Contract {
	t.Helper()
	c, err := contracts.Load(fstest.MapFS{"shop.yaml": {Data: []byte(shop)}}, "shop.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func shopFaker(t testing.TB, o faker.Options) *faker.Faker {
	t.Helper()
	f, err := faker.New(shopContract(t), o)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestSetPutsValuesAnywhere(t *testing.T) {
	for _, shape := range []faker.Shape{faker.Minimal, faker.Typical, faker.Full} {
		f := shopFaker(t, faker.Options{Seed: 3, Shape: shape})
		for _, c := range []struct{ pointer, value string }{
			{"/id", "4711"},
			{"/note", `"x \u00e9 \"quoted\""`},
			{"/customer/firstName", `"Ada"`},
			{"/customer/address/street", `"Elm Street"`},
			{"/customer/address/a~1b", `"slash"`},
			{"/items/0/sku", `"A"`},
			{"/items/3/sku", `"D"`},
			{"/items/2/quantity", "0"}, // on purpose against the schema
			{"/meta/anything/below", `{"goes":[1,2]}`},
			{"/labels/color", `"red"`},
			{"/items", "[]"},
			{"", `{"all":"new"}`},
		} {
			for n := range uint64(8) {
				ev, err := f.Event("order:created", faker.Nth(n), faker.Set(c.pointer, json.RawMessage(c.value)))
				if err != nil {
					t.Fatalf("%s: %v", c.pointer, err)
				}
				if got := at(t, ev.Body, c.pointer); got != compacted(t, c.value) {
					t.Errorf("%s is %s in %s", c.pointer, got, ev.Body)
				}
				found, err := ev.Type.Validate(ev.Body)
				if ok := len(found) == 0; err != nil || ok != (c.value != "0" && c.pointer != "") {
					t.Errorf("%s = %s: %v %v in %s", c.pointer, c.value, found, err, ev.Body)
				}
			}
		}
	}
}

// Everything else keeps its bytes.
func TestEditsLeaveTheRest(t *testing.T) {
	f := shopFaker(t, faker.Options{Seed: 9, Shape: faker.Full})
	plain, err := f.Event("order:created")
	if err != nil {
		t.Fatal(err)
	}
	before := flat(t, plain.Body)
	for pointer := range before {
		ev, err := f.Event("order:created", faker.Set(pointer, "\x00"))
		if err != nil {
			t.Fatal(err)
		}
		after := flat(t, ev.Body)
		for p, v := range before {
			if p != pointer && after[p] != v {
				t.Errorf("setting %s changed %s", pointer, p)
			}
		}
		dropped, err := f.Event("order:created", faker.Drop(pointer))
		if err != nil {
			t.Fatal(err)
		}
		if !json.Valid(dropped.Body) {
			t.Fatalf("dropping %s: %s", pointer, dropped.Body)
		}
		want := len(plain.Body) - len(dropped.Body)
		if want < 1 || !bytes.HasPrefix(plain.Body, dropped.Body[:1]) {
			t.Errorf("dropping %s left %s", pointer, dropped.Body)
		}
	}
}

func TestUnknownPlacesAreRefused(t *testing.T) {
	f := shopFaker(t, faker.Options{})
	for pointer, nearest := range map[string]string{
		"/costumer":              "/customer",
		"/customer/emial":        "/customer/email",
		"/customer/address/zip":  "/customer/address/city",
		"/items/0/skw":           "/items/0/sku",
		"/items/x":               "/items",
		"/items/5/sku":           "/items/0/sku", // at most five
		"/items/-":               "/items",
		"/id/deeper":             "/id",
		"/items/99999999999/sku": "/items",
	} {
		_, err := f.Event("order:created", faker.Set(pointer, 1))
		var e *faker.PointerError
		if !errors.As(err, &e) {
			t.Errorf("%s: %v", pointer, err)
			continue
		}
		if e.Event != "order:created" || e.Pointer != pointer || !slices.Contains(e.Nearest, nearest) {
			t.Errorf("%s: nearest are %q", pointer, e.Nearest)
		}
		if _, err := f.Event("order:created", faker.Drop(pointer)); !errors.As(err, &e) {
			t.Errorf("drop %s: %v", pointer, err)
		}
	}
	for _, bad := range []faker.Edit{faker.Set("/id", json.RawMessage("{")), faker.Set("/id", json.RawMessage("")), faker.Set("id", 1), faker.Set("/id", json.RawMessage("1 2")), faker.Set("/id", func() {})} {
		if _, err := f.Event("order:created", bad); err == nil {
			t.Errorf("%v was taken", bad)
		}
	}
	var unknown *contracts.UnknownEventError
	if _, err := f.Event("order:create"); !errors.As(err, &unknown) {
		t.Error(err)
	}
	some := shopFaker(t, faker.Options{Events: []string{"ping"}})
	if _, err := some.Event("order:created"); !errors.As(err, &unknown) {
		t.Error(err)
	}
	if _, err := faker.New(shopContract(t), faker.Options{Events: []string{"pong"}}); !errors.As(err, &unknown) {
		t.Error(err)
	}
}

// Random edits of random events never make something that is no JSON.
func TestRandomEdits(t *testing.T) {
	c, err := catalog.Load("scayle")
	if err != nil {
		t.Fatal(err)
	}
	f, err := faker.New(c, faker.Options{Events: []string{"order-confirmed"}})
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Uint64Range(0, 50).Draw(t, "n")
		plain, err := f.Event("order-confirmed", faker.Nth(n))
		if err != nil {
			t.Fatal(err)
		}
		edits := []faker.Edit{faker.Nth(n)}
		pointers := keysOf(anyMap(flat(t, plain.Body)))
		for range rapid.IntRange(1, 5).Draw(t, "edits") {
			p := rapid.SampledFrom(pointers).Draw(t, "pointer")
			if rapid.Bool().Draw(t, "drop") {
				edits = append(edits, faker.Drop(p))
				continue
			}
			edits = append(edits, faker.Set(p, json.RawMessage(rapid.SampledFrom([]string{`null`, `"a\"]}"`, `[1,{"x":"]"}]`, `{}`, `-1e5`}).Draw(t, "value"))))
		}
		ev, err := f.Event("order-confirmed", edits...)
		var unknown *faker.PointerError
		if errors.As(err, &unknown) {
			return // below a value that is open in this event
		}
		if err != nil || !json.Valid(ev.Body) {
			t.Fatalf("%v %s", err, ev.Body)
		}
	})
}

func anyMap(m map[string]string) map[string]any {
	out := map[string]any{}
	for k, v := range m {
		out[k] = v
	}
	return out
}

func TestEventsCountUp(t *testing.T) {
	f := shopFaker(t, faker.Options{Seed: 2})
	events, err := f.Events("order:created", faker.Set("/id", 1), faker.Nth(5))
	if err != nil {
		t.Fatal(err)
	}
	n := uint64(5)
	for ev := range events {
		want, err := f.Event("order:created", faker.Nth(n), faker.Set("/id", 1))
		if err != nil || !ev.Equal(want) {
			t.Fatalf("%d: %v", n, err)
		}
		if n++; n == 20 {
			break
		}
	}
	if _, err := f.Events("order:created", faker.Set("/no", 1)); err == nil {
		t.Error("an unknown place was taken")
	}
}

func TestRequestIsSealed(t *testing.T) {
	c := shopContract(t)
	f := shopFaker(t, faker.Options{})
	secret := signature.NewSecret("s3cret")
	r, err := f.Request("order:created", contracts.SealOptions{URL: "https://example.com/hooks", Secrets: []signature.Secret{secret}, ID: "1", Time: time.Unix(1, 0)}, faker.Set("/note", "hi"))
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(r.Body)
	if err != nil || int64(len(body)) != r.ContentLength {
		t.Fatal(err, len(body), r.ContentLength)
	}
	again, err := r.GetBody()
	if err != nil {
		t.Fatal(err)
	}
	if second, _ := io.ReadAll(again); !bytes.Equal(body, second) {
		t.Error("the body reads differently the second time")
	}
	opened, err := c.Open(&contracts.Request{Method: r.Method, URL: r.URL.String(), Header: r.Header, Body: body}, contracts.OpenOptions{Secrets: []signature.Secret{secret}, Now: time.Unix(1, 0)})
	if err != nil || len(opened.Events) != 1 || len(opened.Violations) > 0 || at(t, opened.Events[0].Body, "/note") != `"hi"` {
		t.Fatal(err, opened)
	}
	if _, err := f.Request("order:created", contracts.SealOptions{URL: "https://example.com"}); err == nil {
		t.Error("sealed without a secret")
	}

}

func at(t testing.TB, body []byte, pointer string) string {
	t.Helper()
	raw := json.RawMessage(body)
	if pointer == "" {
		return compacted(t, string(raw))
	}
	for _, token := range strings.Split(pointer[1:], "/") {
		token = strings.ReplaceAll(strings.ReplaceAll(token, "~1", "/"), "~0", "~")
		var object map[string]json.RawMessage
		if err := json.Unmarshal(raw, &object); err == nil {
			raw = object[token]
			continue
		}
		var list []json.RawMessage
		if err := json.Unmarshal(raw, &list); err != nil {
			return "nothing"
		}
		var i int
		if err := json.Unmarshal([]byte(token), &i); err != nil || i >= len(list) {
			return "nothing"
		}
		raw = list[i]
	}
	return compacted(t, string(raw))
}

func compacted(t testing.TB, text string) string {
	var b bytes.Buffer
	if err := json.Compact(&b, []byte(text)); err != nil {
		return "nothing"
	}
	return b.String()
}

func TestErrorsAreForPeople(t *testing.T) {
	for name, c := range map[string]struct{ schema, want string }{
		"unsatisfiable":  {`{type: object, required: [a], properties: {a: {type: string, minLength: 3, maxLength: 2}}}`, `unsatisfiable: member "a" is required and cannot be made; no value keeps the schema (at "/properties/a")`},
		"together":       {`{allOf: [{type: string}, {type: integer}]}`, `unsatisfiable`},
		"recursive":      {`{type: object, required: [a], properties: {a: {$ref: "#"}}}`, `unsatisfiable: member "a" is required`},
		"gave up":        {`{type: string, pattern: "^(a)\\1(?<=b)c$"}`, `gave up: no string found for pattern`},
		"unknown hint":   {`{type: string, x-faker: internet.emial}`, `unknown hint "internet.emial"; did you mean internet.email`},
		"hint argument":  {`{type: string, x-faker: {commerce.ean: {digit: 13}}}`, `"commerce.ean" has no argument "digit"; did you mean digits?`},
		"argument type":  {`{type: integer, x-faker: {integer: {min: one}}}`, `argument "min" of "integer" is a number`},
		"hint shape":     {`{type: integer, x-faker: [a]}`, `a name or {name: {argument: value}} is expected`},
		"relation":       {`{type: object, required: [a], properties: {a: {type: integer, x-faker: {same: {as: b}}}}}`, `no pointer: "b"`},
		"bounds":         {`{type: integer, x-faker: {integer: {min: 3, max: 2}}}`, `min is above max`},
		"not enough":     {`{type: array, minItems: 3, uniqueItems: true, items: {enum: [1, 2]}}`, `gave up: not enough different elements`},
		"no such number": {`{type: integer, exclusiveMinimum: 1, exclusiveMaximum: 2}`, `unsatisfiable`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := faker.FromSchema(compileText(t, c.schema), faker.Options{})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v", err)
			}
		})
	}
	s := compileText(t, "{type: string}")
	for _, o := range []faker.Options{{Locale: "fr"}, {Shape: "huge"}, {At: time.Date(3000, 1, 1, 0, 0, 0, 0, time.UTC)}} {
		if _, err := faker.FromSchema(s, o); err == nil {
			t.Errorf("%+v was taken", o)
		}
	}
}

// Nothing in an event is of another time than Options.At says.
func TestAtMovesTheTimes(t *testing.T) {
	s := compileFile(t, "testdata/order.yaml")
	v, err := faker.FromSchema(s, faker.Options{At: time.Date(2031, 7, 1, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	body := string(v.Append(nil, 0))
	if strings.Contains(body, "2026-") || !strings.Contains(body, "2031-06-") || !strings.Contains(body, `"number":"2031`) {
		t.Error(body)
	}
}
