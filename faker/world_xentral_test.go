package faker_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/catalog"
	"github.com/hookrig/hookrig/faker"
	"github.com/hookrig/hookrig/faker/audit"
)

// erpEvent is a delivered event as a receiver reads it.
type erpEvent struct {
	name, group, verb string
	at                time.Time
	body              map[string]any
}

func (e *erpEvent) id(member string) int64 { n, _ := e.body[member].(float64); return int64(n) }

func (e *erpEvent) ids(member string) []int64 {
	list, _ := e.body[member].([]any)
	var out []int64
	for _, v := range list {
		n, _ := v.(float64)
		out = append(out, int64(n))
	}
	return out
}

// refers is the id of an object that is named by it alone.
func (e *erpEvent) refers(member string) int64 {
	o, _ := e.body[member].(map[string]any)
	n, _ := o["id"].(float64)
	return int64(n)
}

// paper names the document that an event is of, "" if it is of none.
func (e *erpEvent) paper() (group string, id int64) {
	switch e.group {
	case "salesOrder", "purchaseOrder", "return", "deliveryNote", "proformaInvoice", "production", "invoice", "liability", "creditNote", "offer":
		return e.group, e.id(e.group + "Id")
	}
	return "", 0
}

// A law is a sentence of the provider's documentation, or of plain sense, about
// a stream. judge begins a stream; what it returns judges the next event: nothing,
// "ok", or what is wrong.
type law struct {
	says  string
	judge func() func(e *erpEvent) string
}

const ok = "ok"

// right is the verdict on a condition.
func right(is bool, otherwise string) string {
	if is {
		return ok
	}
	return otherwise
}

// The world as this provider tells of it: all its events come, each keeps its
// schema, what they say of the shop agrees, and the stream makes sense to
// somebody who knows the provider and not how the stream was made.
func TestXentralWorld(t *testing.T) {
	c, err := catalog.Load("xentral")
	if err != nil {
		t.Fatal(err)
	}
	w, err := faker.NewWorld([]*contracts.Contract{c}, faker.WorldOptions{Seed: 1, Orders: 10})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(w.Uncaused()); n > 0 {
		t.Errorf("%d events have no cause", n)
	}
	laws := append(paperLaws(), goodsLaws()...)
	judges := make([]func(*erpEvent) string, len(laws))
	judged, broken := make([]int, len(laws)), make([]int, len(laws))
	for i := range laws {
		judges[i] = laws[i].judge()
	}
	a := audit.New(w.Opened().UnixMilli())
	seen, n := map[string]int{}, 0
	least, most := 20_000, 20_000
	if whole() {
		most = 200_000
	}
	for e := range w.Events() {
		if n >= most || n >= least && len(seen) == len(c.EventTypes()) {
			break
		}
		n++
		name := e.Event.Type.Name()
		if seen[name]++; seen[name] <= 200 {
			if v, err := e.Event.Type.Validate(e.Event.Body); err != nil || len(v) > 0 {
				t.Fatalf("%s: %v %v %s", name, v, err, e.Event.Body)
			}
			a.See(w.Sighting(e.Event, e.Action, e.Time))
		}
		x := &erpEvent{name: name, at: e.Time}
		x.group, x.verb, _ = strings.Cut(name, ".")
		var whole struct{ Body map[string]any }
		if err := json.Unmarshal(e.Event.Body, &whole); err != nil {
			t.Fatal(err)
		}
		x.body = whole.Body
		for i, judge := range judges {
			switch wrong := judge(x); wrong {
			case "":
			case ok:
				judged[i]++
			default:
				if broken[i]++; broken[i] <= 3 {
					t.Errorf("%s: %s: event %d, %s, %s: %s", laws[i].says, wrong, n, e.Time, e.Action, e.Event.Body)
				}
			}
		}
	}
	for i := range laws {
		if judged[i] == 0 {
			t.Errorf("%s: nothing in the stream is about it", laws[i].says)
		}
	}
	for _, typ := range c.EventTypes() {
		if seen[typ.Name()] == 0 && (whole() || !isRare(typ.Name())) {
			t.Errorf("%s never happens in %d events", typ.Name(), n)
		}
	}
	for _, m := range w.Misfits() {
		if m.Count > 0 || m.Reason != "" {
			t.Errorf("%+v", m)
		}
	}
	for _, v := range a.Violations()[:min(5, len(a.Violations()))] {
		t.Error(v)
	}
	t.Logf("%d events, judged %v times", n, judged)
}

// isRare tells events that a month of a small shop may do without.
func isRare(name string) bool {
	group, verb, _ := strings.Cut(name, ".")
	known, _ := (&erpEvent{group: group}).paper()
	return known != "" && (verb == "updated" || verb == "canceled" || verb == "deleted") || strings.HasPrefix(name, "dropshipping")
}

type paperKey struct {
	group string
	id    int64
}
