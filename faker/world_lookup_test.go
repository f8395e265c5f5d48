package faker_test

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/faker"
)

// Whoever fetches the order that an event names finds it, with the number, sum
// and state that the event says; a made-up one is not found.
func TestWorldLookups(t *testing.T) {
	all := everything(t)
	w, err := faker.NewWorld(all, faker.WorldOptions{Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	lookups := map[string]*contracts.Lookup{}
	for _, c := range all {
		for _, l := range c.Lookups() {
			lookups[c.Provider()+" "+l.Key] = l
		}
	}
	r := w.Records(0)
	fetched := map[string]int{}
	s := w.Stream()
	for range 6000 {
		e := s.Next()
		r.Learn(e.Step)
		provider, name := e.Event.Type.Contract().Provider(), e.Event.Type.Name()
		var b struct {
			EventInstance string
			Body          struct{ SalesOrderID json.RawMessage }
			Payload       struct {
				ID    int64
				Total any
				Order struct{ ID int64 }
			}
		}
		if err := json.Unmarshal(e.Event.Body, &b); err != nil {
			continue // another shape, of none of these
		}
		at, key := "", ""
		switch {
		case provider == "shoptet" && strings.HasPrefix(name, "order:"):
			at, key = "shoptet order.number", b.EventInstance
		case provider == "shoptet" && name == "customer:create":
			at, key = "shoptet customer.uuid", b.EventInstance
		case provider == "scayle" && b.Payload.Order.ID != 0:
			at, key = "scayle order.id", strconv.FormatInt(b.Payload.Order.ID, 10)
		case provider == "xentral" && strings.HasPrefix(name, "salesOrder.") && b.Body.SalesOrderID != nil:
			at, key = "xentral order.id", strings.Trim(string(b.Body.SalesOrderID), `"`)
		default:
			continue
		}
		body, found := r.Look(lookups[at], key, e.Time)
		if !found || !strings.Contains(string(body), `"`+key+`"`) && !strings.Contains(string(body), `:`+key+`,`) {
			t.Fatalf("%s %s: %q is not found at %s: %s", provider, name, key, at, body)
		}
		schema, err := lookups[at].Schema()
		if err != nil || len(schema.Validate(body)) > 0 {
			t.Fatalf("%s: %v %v %s", at, err, schema.Validate(body), body)
		}
		if e.Action == "order.canceled" && strings.HasSuffix(at, "order.number") && !strings.Contains(string(body), `"status":"canceled"`) {
			t.Fatalf("%s tells of a cancellation, and the order is %s", name, body)
		}
		fetched[at]++
	}
	for _, at := range []string{"shoptet order.number", "shoptet customer.uuid", "scayle order.id", "xentral order.id"} {
		if fetched[at] < 20 {
			t.Errorf("%s was asked %d times", at, fetched[at])
		}
	}
	if body, found := r.Look(lookups["shoptet order.number"], "1", w.Opened()); found {
		t.Errorf("a made-up order is found: %s", body)
	}
}

// What is passed over is remembered as well, and not more than asked for.
func TestWorldRecordsAreBounded(t *testing.T) {
	const lookup = `
x-hookrig: {lookups: [{route: "GET /orders/{id}", key: order.id, answer: {type: object, required: [id], properties: {id: {type: integer, x-faker: world.order.id}}}}]}
`
	w := worldOf(t, worldContract+lookup, faker.WorldOptions{Seed: 1})
	few, many := w.Records(5), w.Records(0)
	a, b := w.Stream(), w.Stream()
	a.Skip(300, many.Learn)
	var last int64
	for range 300 {
		e := b.Next()
		few.Learn(e.Step)
		if e.Action == "order.placed" || e.Action == "package.shipped" {
			last = e.Step.Of[0].Base().ID
		}
	}
	if x, y := a.Next(), b.Next(); x.Event.Type != y.Event.Type || string(x.Event.Body) != string(y.Event.Body) {
		t.Errorf("after 300 events comes %s, or %s", x.Event.Body, y.Event.Body)
	}
	at := w.Opened()
	count := func(r *faker.Records) (n int) {
		for id := range int64(20_000) {
			if _, found := r.Look(w.Lookups()[0], strconv.FormatInt(id, 10), at); found {
				n++
			}
		}
		return n
	}
	if n, m := count(few), count(many); n != 5 || m < 20 {
		t.Errorf("%d and %d orders are remembered", n, m)
	}
	if _, found := few.Look(w.Lookups()[0], strconv.FormatInt(last, 10), w.Opened()); !found {
		t.Errorf("the last order is forgotten")
	}
}

// Lookups that cannot be are told at their place.
func TestWorldLookupMistakes(t *testing.T) {
	for text, want := range map[string]string{
		`{route: "GET /o/{id}", key: ordr.id, answer: {type: object}}`:                    `"ordr" is nothing that a world has`,
		`{route: "GET /o/{id}", key: order.numbr, answer: {type: object}}`:                `"numbr" is no value of order`,
		`{route: "POST /o/{id}", key: order.id, answer: {type: object}}`:                  `is no route of a lookup`,
		`{route: "GET /o", key: order.id, answer: {type: object}}`:                        `is no route of a lookup`,
		`{route: "GET /o/{id}", answer: {type: object}}`:                                  `nothing says what the lookup finds`,
		`{route: "GET /o/{id}", key: order.id}`:                                           `the lookup has no answer`,
		`{route: "GET /o/{id}", kye: order.id, answer: {type: object}}`:                   `kye`,
		`{route: "GET /o/{id}", key: order.id, answer: {type: object, x-faker: world.x}}`: `world`,
	} {
		c, err := contracts.Load(fstest.MapFS{"shop.yaml": {Data: []byte(worldContract + "\nx-hookrig: {lookups: [" + text + "]}\n")}}, "shop.yaml")
		if err == nil {
			_, err = faker.NewWorld([]*contracts.Contract{c}, faker.WorldOptions{})
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}
