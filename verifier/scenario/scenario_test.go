package scenario_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/schema"
	"github.com/hookrig/hookrig/mockserver"
	"github.com/hookrig/hookrig/verifier"
	"github.com/hookrig/hookrig/verifier/scenario"
)

// Each mistake is found where it is, with a line that could stand there.
func TestMistakes(t *testing.T) {
	const head = "name: x\n"
	for _, x := range []struct{ file, want, hint string }{
		{"steps: [shipped]", `1:1: expected member "name"`, ""},
		{head, "1:1: expected", ""},
		{head + "steps: []", "2:8: expected", ""},
		{head + "step: [order placed]", `2:7: unknown member "step", the nearest is steps`, "steps: [order placed, shipped]"},
		{head + "steps: [order plcaed]", `2:9: unknown step "order plcaed", the nearest is order placed`, "order placed"},
		{head + "steps:\n- order plcaed: {}", `3:17: unknown member "order plcaed", the nearest is order placed`, ""},
		{head + "steps: [shipped]", `the order "order" is not placed yet`, "order placed: order"},
		{head + "steps: [order placed, order placed]", `2:23: the order "order" is placed twice`, ""},
		{head + "steps:\n- order placed: {tamper: dupliacte}", `unknown tamper "dupliacte", the nearest is duplicate`, "tamper: duplicate"},
		{head + "steps:\n- order placed: {chaos: {nonsense: 0.5}}", `unknown tamper "nonsense"`, ""},
		{head + "steps:\n- order placed: {on: 'order.*'}", `3:22: "on" says which`, ""},
		{head + "steps:\n- order placed: {reorder: with next}", "there is no next step", ""},
		{head + "steps:\n- order placed: {rate: 5, parallel: true}", "at a rate or all at once", ""},
		{head + "steps:\n- order placed: {expect: {answers: fine}}", "3:36: expected success, a class such as 2xx, or a status", "answers: success"},
		{head + "steps:\n- order placed: {expect: {effects: -1}}", "3:36: expected", "effects: 1"},
		{head + "steps:\n- order placed\n- wait: soon", "4:9: expected a time", ""},
		{head + "steps:\n- order placed\n- wait", "4:3: a wait has a time", "wait: 2d"},
		{head + "steps:\n- order placed\n- again: shipped", `no earlier step is called "shipped"`, "again: order placed"},
		{head + "steps:\n- order placed\n- again", "4:3: no earlier step", ""},
		{head + "steps:\n- order placed\n- happened: {action: order.invoicd}", "the nearest is order.invoiced", ""},
		{head + "steps:\n- order placed\n- canceled\n- shipped", `5:3: shipped: the order "order" cannot: it is canceled`, ""},
		{head + "steps:\n- order placed\n- refunded", "nothing comes back", ""},
		{head + "orders: {a: {payment: never}}\nsteps:\n- order placed\n- shipped", "it is never paid", ""},
		{head + "orders: {a: {}}\nsteps:\n- order placed\n- partially shipped", "2:13: an order in two packages has at least 2 items", "a: {items: 2}"},
		{head + "orders: {a: {}}\nsteps:\n- order placed\n- returned: {items: 3}", "the steps take 3 items from an order of 1", "a: {items: 3}"},
		{head + "orders: {a: {}, b: {}}\nsteps:\n- order placed", "there are several orders", "order placed: a"},
		{head + "orders: {a: {}, b: {}}\nsteps:\n- order placed: a", `nobody places the order "b"`, "order placed: b"},
		{head + "orders: {a: {}}\nsteps:\n- order placed: b", `no order is called "b"`, ""},
		{head + "orders: {a: {customer: as b}}\nsteps:\n- order placed", `2:24: no other order is called "b"`, ""},
		{head + "orders: {a: {items: 0}}\nsteps:\n- order placed", "2:21: expected", "items: 3"},
		{"name: [", "1:", ""},
		{head + "steps:\n- at once: [order placed]", "3:12: expected", ""},
		{head + "steps:\n- at once: order placed", "3:12: expected a list", "at once: [order placed, paid]"},
		{head + "steps:\n- at once: [order placed, {at once: [paid, shipped]}]", "what happens at once cannot be nested", "order placed"},
		{head + "steps:\n- order placed\n- at once: [paid, {wait: 2d}]", "4:26: what happens at once has no wait in it", ""},
		{head + "steps:\n- at once:\n  - order placed: {rate: 5}\n  - paid", "4:26: what happens at once has no rate", "copies: 2"},
		{head + "steps:\n- at once:\n  - order placed: {reorder: with next}\n  - paid", "leaves with all the others", "reorder: reversed"},
		{head + "steps:\n- at once: [order placed, {again: order placed}]", `the step "order placed" happens at the same moment`, "copies: 2"},
		{head + "steps:\n- order placed\n- at once: [{again: order placed}, {again: order placed}]", "is sent again at the same moment already", "copies: 2"},
		{head + "steps:\n- order placed: {reorder: with next}\n- again: order placed", `4:10: the deliveries of "order placed" leave after this step`, "wait: 1m"},
		{head + "steps:\n- order placed: {copies: 0}", "3:26: expected", "copies: 2"},
		{head + "steps:\n- order placed: {copies: 21}", "3:26: expected", "copies: 2"},
		{head + "steps:\n- order placed: {copies: 2, tamper: drop}", "3:26: deliveries are copied or mishandled", "copies: 1"},
		{head + "steps:\n- order placed: {copies: two}", "3:26: expected", "copies: 2"},
	} {
		_, err := scenario.Read("s.yaml", []byte(x.file))
		var e *schema.Error
		if !errors.As(err, &e) || !strings.HasPrefix(err.Error(), "s.yaml:") || !strings.Contains(err.Error(), x.want) || e.Line == 0 {
			t.Errorf("%s\n  says %v\n  want %s", x.file, err, x.want)
		} else if x.hint != "" && e.Hint != x.hint {
			t.Errorf("%s\n  hint %s\n  want %s", x.file, e.Hint, x.hint)
		}
	}
}

// Hostile files end in an error with a place, soon, and a line that could stand
// there.
func TestHostile(t *testing.T) {
	const head = "name: x\n"
	bomb := "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
	for c := 'b'; c < 'l'; c++ {
		bomb += fmt.Sprintf("%c: &%c [*%c, *%c, *%c, *%c, *%c, *%c, *%c, *%c, *%c]\n", c, c, c-1, c-1, c-1, c-1, c-1, c-1, c-1, c-1, c-1)
	}
	for name, x := range map[string]struct {
		file, want string
	}{
		"bomb":                  {bomb + head + "steps: [order placed]", ":"},
		"bomb where it matters": {head + "orders: &a {o: {items: 2}}\nsteps: &s [order placed, *s]", ":"},
		"an alias of nobody":    {head + "steps: *s", "2:"},
		"a name twice":          {head + "name: y\nsteps: [order placed]", "2:"},
		"a step's option twice": {head + "steps:\n- order placed: {items: 1, items: 2}", "3:"},
		"two documents":         {head + "steps: [order placed]\n---\nname: y\n", ":"},
		"a list":                {"- name: x\n", "1:1: expected"},
		"a number":              {"7", "1:1: expected"},
		"nothing":               {"", "1:1"},
		"NUL":                   {"name: \x00", "1:"},
		"no UTF-8":              {"name: \xff\xfe", "1:"},
		"deep":                  {head + "steps: " + strings.Repeat("[", 100_000), ":"},
		"deep in flow":          {head + "steps: " + strings.Repeat("[{at once: ", 5000), ":"},
		"too long":              {head + "about: " + strings.Repeat("x", 2<<20), ":"},
		"many steps":            {head + "steps: [" + strings.Repeat("order placed, ", 2000) + "]", "2:8: expected"},
		"a name of steps":       {head + "steps: {order placed: 1}", "2:8: expected a list of steps"},
		"steps of numbers":      {head + "steps: [1, 2]", "2:9: expected a step"},
		"a step of two":         {head + "steps: [{order placed: {}, shipped: {}}]", "2:9: expected"},
		"null":                  {head + "steps: [~]", "2:9: expected a step"},
		"half an item":          {head + "orders: {o: {items: 1.5}}\nsteps: [order placed]", "2:21: expected"},
		"endless items":         {head + "orders: {o: {items: 1e400}}\nsteps: [order placed]", "2:21: expected"},
		"a seed beyond":         {head + "seed: 99999999999999999999\nsteps: [order placed]", "2:7: expected"},
		"a wait beyond":         {head + "steps: [order placed, {wait: 99999999999999999999d}]", "2:30:"},
		"a settle beyond":       {head + "settle: 99999999999999999999d\nsteps: [order placed]", "2:9:"},
		"a within beyond":       {head + "steps: [{order placed: {within: 99999999999999999999d}}]", "2:"},
		"a negative wait":       {head + "steps: [order placed, {wait: -2d}]", "2:30: expected a time"},
		"a date":                {head + "at: yesterday\nsteps: [order placed]", "2:5: expected a moment"},
		"a yes":                 {head + "steps: [{order placed: {parallel: yes}}]", "2:35: expected"},
		"an unknown action":     {head + "steps: [order placed, {happened: {action: order.invoicd}}]", "the nearest is order.invoiced"},
		"a bad pattern":         {head + "steps: [{order placed: {tamper: drop, on: '[a'}}]", "is no pattern"},
		"a state of words":      {head + "steps: [{order placed: {expect: {state: lost}}}]", "2:"},
	} {
		began := time.Now()
		_, err := scenario.Read("s.yaml", []byte(x.file))
		var e *schema.Error
		switch {
		case !errors.As(err, &e) || !strings.HasPrefix(err.Error(), "s.yaml:") || !strings.Contains(err.Error(), x.want):
			t.Errorf("%s: says %v", name, err)
		case len(err.Error()) > 1000:
			t.Errorf("%s: an error of %d bytes", name, len(err.Error()))
		case strings.Contains(e.Hint, "--help"):
			t.Errorf("%s: hint %q", name, e.Hint)
		}
		if took := time.Since(began); took > 20*time.Second { // a bomb takes hours
			t.Errorf("%s took %s", name, took)
		}
	}
}

const shopContract = `asyncapi: 3.1.0
info: {title: Shop, version: 1.0.0}
x-hookrig: {provider: shop, delivery: {success: ["2xx"], timeout: 5s, waits: [1m, 1m], then: keep}}
channels: {all: {messages: {e: {$ref: "#/components/messages/e"}}}}
operations: {all: {action: send, channel: {$ref: "#/channels/all"}}}
components:
  messages:
    e:
      x-hookrig: {cause: ["order.*", "payment.*", "package.*", "item.*", "customer.*"]}
      payload:
        type: object
        required: [what]
        properties: {what: {type: string, x-faker: world.action.name}, order: {type: integer, x-faker: world.order.id}}
`

func shop(t testing.TB) []*contracts.Contract {
	t.Helper()
	c, err := contracts.Load(fstest.MapFS{"shop.yaml": {Data: []byte(shopContract)}}, "shop.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return []*contracts.Contract{c}
}

func read(t testing.TB, file string) *scenario.Scenario {
	t.Helper()
	s, err := scenario.Read("s.yaml", []byte(file))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// tale is a plan in words: for each step its actions.
func tale(p *scenario.Plan) (out []string) {
	for _, s := range p.Steps {
		var told []string
		for _, n := range s.Events {
			e := p.Events[n]
			word := e.Action
			if e.Tamper != "" {
				word += "!" + e.Tamper
			}
			if e.Again >= 0 {
				word = "again " + word
			}
			told = append(told, word)
		}
		out = append(out, s.Name+": "+strings.Join(told, " "))
	}
	return out
}

func TestPlan(t *testing.T) {
	s := read(t, `name: x
orders:
  a: {items: 4, customer: guest, payment: fails once}
  b: {customer: as a}
steps:
- order placed: {order: a, tamper: duplicate, name: first}
- payment failed: a
- partially shipped: {order: a, tamper: lost-ack, on: "package.*"}
- shipped: {order: a, reorder: with next}
- customer registered: a
- order placed: b
- again: first
- wait: 1h
`)
	p, err := s.Plan(shop(t), 7)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"first: order.placed!duplicate", "payment.failed", "package.shipped!lost-ack", "order.dispatched", "customer registered: customer.registered", "order.placed", "again: again order.placed"} {
		if got := tale(p)[i]; !strings.Contains(got, want) {
			t.Errorf("step %d: %s, want %s", i+1, got, want)
		}
	}
	if held, next := p.Steps[3].Events, p.Steps[4].Events; len(held) == 0 || slices.Max(next) > slices.Min(held) {
		t.Errorf("the step that is held leaves at %v, the next at %v", held, next)
	}
	if strings.Contains(tale(p)[2], "order.confirmed!") {
		t.Errorf("%s: the tamper is for packages", tale(p)[2])
	}
}

// What happens soon after a step's action belongs to the next step, whatever the
// seed: a step is told of, and "again" has something to send.
func TestStepsAreTold(t *testing.T) {
	s := read(t, "name: x\norders: {o: {items: 3}}\nsteps: [order placed, item canceled, {again: item canceled}, shipped]\n")
	for seed := range uint64(30) {
		p, err := s.Plan(shop(t), seed)
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range []string{"order.placed", "item.canceled", "again item.canceled", "order.dispatched"} {
			if got := tale(p)[i]; !strings.HasSuffix(got, want) && i < 3 || !strings.Contains(got, want) {
				t.Errorf("seed %d: %s, want %s", seed, got, want)
			}
		}
	}
}

// The same seed gives the same bytes, another gives others.
func TestPlanIsAFunctionOfTheSeed(t *testing.T) {
	s := read(t, "name: x\nsteps: [order placed, shipped, {wait: 2d}]\n")
	text := func(seed uint64) []byte {
		p, err := s.Plan(shop(t), seed)
		if err != nil {
			t.Fatal(err)
		}
		out, err := json.Marshal(p.Events)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	if !bytes.Equal(text(3), text(3)) || bytes.Equal(text(3), text(4)) {
		t.Error("the plan is no function of the seed")
	}
}

// What the shop cannot do is said where the step stands.
func TestPlanMistakes(t *testing.T) {
	for file, want := range map[string]string{
		"name: x\nsteps: [order placed, customer erased]":                                  "2:23: customer erased: the customer of \"order\" cannot at this moment",
		"name: x\nsteps:\n- order placed\n- delivered: {within: 1h}":                       "within 1h",
		"name: x\norders: {o: {count: 10000, items: 50}}\nsteps:\n- order placed":          "cannot be placed",
		"name: x\norders: {o: {method: card, channel: nowhere}}\nsteps:\n- customer moved": "is not placed yet",
	} {
		s, err := scenario.Read("s.yaml", []byte(file))
		if err == nil {
			_, err = s.Plan(shop(t), 1)
		}
		var e *schema.Error
		if !errors.As(err, &e) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", file, err)
		}
	}
}

// What was not looked at is inconclusive; what was, passes or fails.
func TestRun(t *testing.T) {
	s := read(t, `name: x
steps:
- order placed: {expect: {answers: 2xx, effects: 1, state: known}}
- shipped
expect: {answers: success}
`)
	for name, x := range map[string]struct {
		status int
		want   verifier.Verdict
	}{"accepts": {204, verifier.Inconclusive}, "refuses": {500, verifier.Fail}} {
		t.Run(name, func(t *testing.T) {
			p, err := s.Plan(shop(t), 1)
			if err != nil {
				t.Fatal(err)
			}
			synctest.Test(t, func(t *testing.T) {
				r, err := scenario.Run(t.Context(), p, scenario.Options{
					Transport: mockserver.InProcess(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(x.status) })),
				})
				if err != nil {
					t.Fatal(err)
				}
				if r.Verdict != x.want || r.Steps[0].Expectations[1].Verdict != verifier.Inconclusive || r.Steps[1].Verdict != verifier.Skip {
					t.Errorf("%+v", r)
				}
				var text, junit, rows bytes.Buffer
				if err := errors.Join(r.Text(&text), r.JUnit(&junit), r.JSON(&rows)); err != nil {
					t.Fatal(err)
				}
				if !strings.Contains(text.String(), "line 3, expected effects 1: no oracle counts effects") || !strings.Contains(junit.String(), "<skipped") || !strings.Contains(junit.String(), `<testsuites name="hookrig run x" tests="4"`) || !json.Valid(rows.Bytes()) {
					t.Errorf("%s\n%s\n%s", &text, &junit, &rows)
				}
			})
		})
	}
}

func FuzzRead(f *testing.F) {
	f.Add("name: x\nsteps: [order placed, shipped, {wait: 2d}]\n")
	f.Add("name: x\norders: {a: {items: 4}}\nsteps:\n- order placed: {order: a, expect: {answers: 200, state: {a: 1}}}\n- again: order placed\n")
	f.Add("name: x\nsteps: [{wait: {for: 9999d}}, ~, {}]\n")
	f.Fuzz(func(t *testing.T, file string) {
		s, err := scenario.Read("s.yaml", []byte(file))
		var e *schema.Error
		if err != nil && !errors.As(err, &e) {
			t.Fatalf("%v has no place", err)
		}
		if err == nil && len(s.Steps) == 0 {
			t.Fatal("no steps")
		}
	})
}

// The file that the manual shows is a scenario, and can be played.
func TestManual(t *testing.T) {
	for page, mark := range map[string]string{"../../docs/scenarios.md": "```yaml\n"} {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		_, rest, _ := strings.Cut(string(text), mark)
		file, _, _ := strings.Cut(rest, "```")
		s := read(t, file)
		if _, err := s.Plan(shop(t), s.Seed); err != nil {
			t.Error(err)
		}
	}
}
