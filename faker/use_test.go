package faker_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/catalog"
	"github.com/hookrig/hookrig/faker"
)

// The tests of this file are a user's: how events get into fuzz targets,
// properties and failing tests.

// receive stands for the code of a user: it reads an order's code.
func receive(body []byte) (code string, err error) {
	var event struct {
		Event    string `json:"event"`
		Instance string `json:"eventInstance"`
	}
	if err := json.Unmarshal(body, &event); err != nil {
		return "", fmt.Errorf("no event: %w", err)
	}
	if event.Event == "" {
		return "", fmt.Errorf("an event without a name")
	}
	return event.Instance, nil
}

// A fuzz target starts from events that keep the contract: the fuzzer then
// breaks them in ways that nobody thought of.
func FuzzReceive(f *testing.F) {
	events, err := faker.New(catalog.Shoptet(), faker.Options{Seed: 7, Events: []string{"order:create"}})
	if err != nil {
		f.Fatal(err)
	}
	for n := range uint64(20) {
		ev, err := events.Event("order:create", faker.Nth(n))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(ev.Body)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if code, err := receive(body); err != nil && code != "" {
			t.Errorf("%q and %v", code, err)
		}
	})
}

// With rapid an event is drawn by its ordinal; a failing property shrinks to the
// first event that fails, and prints the command that shows it.
func TestReceiveProperty(t *testing.T) {
	f, err := faker.New(catalog.Shoptet(), faker.Options{Events: []string{"order:create"}})
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		edits := []faker.Edit{
			faker.Nth(rapid.Uint64().Draw(t, "nth")),
			faker.Set("/eventInstance", rapid.StringN(1, 50, -1).Draw(t, "code")),
		}
		ev, err := f.Event("order:create", edits...)
		if err != nil {
			t.Fatal(err)
		}
		want := textOf(ev, "eventInstance")
		if got, err := receive(ev.Body); err != nil || got != want {
			t.Fatalf("%q, want %q (%v)\nreproduce: %s", got, want, err, f.Command("order:create", edits...))
		}
	})
}

// textOf is a member of a body, as a text.
func textOf(ev contracts.Event, member string) (text string) {
	var body map[string]json.RawMessage
	_ = json.Unmarshal(ev.Body, &body)
	_ = json.Unmarshal(body[member], &text)
	return text
}

func TestCommandLines(t *testing.T) {
	at := time.Date(2026, 3, 29, 1, 30, 0, 999, time.FixedZone("", 3600))
	for _, c := range []struct {
		options faker.Options
		edits   []faker.Edit
		want    string
	}{
		{faker.Options{}, nil, "hookrig fake shop.yaml order:created --seed 0"},
		{faker.Options{Seed: 1<<64 - 1, Shape: faker.Full, Locale: "cs", At: at}, []faker.Edit{faker.Nth(1), faker.Nth(3)},
			"hookrig fake shop.yaml order:created --seed 18446744073709551615 --nth 3 --shape full --locale cs --at 2026-03-29T00:30:00Z"},
		{faker.Options{Shape: faker.Typical, Locale: "en"}, []faker.Edit{faker.Nth(0)}, "hookrig fake shop.yaml order:created --seed 0"},
		{faker.Options{}, []faker.Edit{faker.Set("/id", 1), faker.Drop("/note"), faker.Set("/note", "it's <ok>\n")},
			`hookrig fake shop.yaml order:created --seed 0 --set /id=1 --drop /note --set '/note="it'\''s <ok>\n"'`},
		{faker.Options{}, []faker.Edit{faker.Set("/meta", json.RawMessage(`{ "a": [1, 2] }`))},
			`hookrig fake shop.yaml order:created --seed 0 --set '/meta={"a":[1,2]}'`},
		{faker.Options{}, []faker.Edit{faker.Pool("/id", 5, 5)}, `hookrig fake shop.yaml order:created --seed 0 --set /id=5`},
		{faker.Options{}, []faker.Edit{faker.Pool("/nowhere", 5)}, `hookrig fake shop.yaml order:created --seed 0 --set /nowhere=`},
	} {
		if got := shopFaker(t, c.options).Command("order:created", c.edits...); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
	if got := shopFaker(t, faker.Options{}).Command("what ever"); got != "hookrig fake shop.yaml 'what ever' --seed 0" {
		t.Error(got)
	}
}

// A failing test says how to see its event.
func ExampleFaker_Command() {
	f, err := faker.New(catalog.Shoptet(), faker.Options{Seed: 7})
	if err != nil {
		fmt.Println(err)
		return
	}
	edits := []faker.Edit{faker.Nth(3), faker.Set("/eventInstance", "2026000123")}
	ev, err := f.Event("order:create", edits...)
	if err != nil {
		fmt.Println(err)
		return
	}
	if code, err := receive(ev.Body); err != nil || code != "2026000124" {
		fmt.Printf("code %s (%v)\nreproduce: %s\n", code, err, f.Command("order:create", edits...))
	}
	// Output:
	// code 2026000123 (<nil>)
	// reproduce: hookrig fake shoptet order:create --seed 7 --nth 3 --set '/eventInstance="2026000123"'
}

// Tests of properties draw events by their ordinals, for example with rapid:
//
//	n := rapid.Uint64().Draw(t, "nth")
//
// and fuzz targets start from some of them: f.Add(ev.Body).
func ExampleNth() {
	f, err := faker.New(catalog.SellerCenter(), faker.Options{Events: []string{"onOrderCreated"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, n := range []uint64{0, 1, 1 << 40} {
		ev, err := f.Event("onOrderCreated", faker.Nth(n))
		fmt.Println(string(ev.Body), err)
	}
	// Output:
	// {"event":"onOrderCreated","payload":{"OrderId":32679}} <nil>
	// {"event":"onOrderCreated","payload":{"OrderId":21741}} <nil>
	// {"event":"onOrderCreated","payload":{"OrderId":35620}} <nil>
}
