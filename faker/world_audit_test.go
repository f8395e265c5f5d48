package faker_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hookrig/hookrig/faker"
	"github.com/hookrig/hookrig/faker/audit"
)

// forged are streams that somebody has put a hand to. Each changes the list from
// event i on, and says which one gives it away.
var forged = []struct {
	name, rule string
	where      string // provider and event that is forged
	nth        int
	do         func(all []faker.WorldEvent, i int) []faker.WorldEvent
}{
	{"amounts swapped", "money/order", "scayle order-confirmed", 1, replacing(`"withTax":(\d+),"withoutTax":(\d+)`, `"withTax":$2,"withoutTax":$1`)},
	{"a price raised", "contradiction/item", "scayle order-confirmed", 2, replacing(`("price":\{"withTax":)(\d+)`, `${1}9$2`)},
	{"another customer", "constant/customer", "scayle order-confirmed", 3, replacing(`("customer":\{"id":)(\d+)`, `${1}9$2`)},
	{"another address of the same customer", "state/customer", "scayle order-confirmed", 2, replacing(`"email":"[^"]*"`, `"email":"other@example.com"`)},
	{"an order that nobody placed", "reference/order", "scayle order-confirmed", 4, replacing(`("payload":\{"id":)(\d+)`, `${1}9$2`)},
	{"a status that comes too early", "life/order.confirmed", "scayle order-confirmed", 0, replacing(`"status":"payment_reserved"`, `"status":"shipped"`)},
	{"moved forward", "time/order", "xentral deliveryNote.released", 3, func(all []faker.WorldEvent, i int) []faker.WorldEvent {
		return slices.Insert(slices.Delete(all, i, i+1), i-200, all[i])
	}},
	{"moved back", "time/order", "xentral deliveryNote.released", 3, func(all []faker.WorldEvent, i int) []faker.WorldEvent {
		return slices.Insert(slices.Delete(all, i, i+1), i+200, all[i])
	}},
	{"dropped by the first", "reference/order", "xentral salesOrder.created", 5, dropping},
	{"dropped by the second", "reference/order", "shoptet order:create", 5, dropping},
	{"dropped by the third", "reference/order", "sellercenter onOrderCreated", 5, dropping},
	{"a paper dropped", "reference/invoice", "shoptet invoice:create", 1, dropping},
}

func dropping(all []faker.WorldEvent, i int) []faker.WorldEvent { return slices.Delete(all, i, i+1) }

func replacing(pattern, with string) func(all []faker.WorldEvent, i int) []faker.WorldEvent {
	re := regexp.MustCompile(pattern)
	return func(all []faker.WorldEvent, i int) []faker.WorldEvent {
		at := re.FindSubmatchIndex(all[i].Event.Body)
		if at == nil {
			return nil
		}
		body := all[i].Event.Body
		all[i].Event.Body = slices.Concat(body[:at[0]], re.Expand(nil, []byte(with), body, at), body[at[1]:])
		return all
	}
}

// computesAlone leaves out under the race detector what runs for seconds in one
// goroutine: there is no race to find.
func computesAlone(t *testing.T) {
	t.Helper()
	if raced {
		t.Skip("one goroutine, which has no races; runs without -race")
	}
}

// A stream of all providers that somebody has put a hand to is told from a true
// one, by its bodies alone.
func TestForgedStreams(t *testing.T) {
	computesAlone(t)
	w, err := faker.NewWorld(everything(t), faker.WorldOptions{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	var all []faker.WorldEvent
	for e := range w.Events() {
		if all = append(all, e); len(all) == 5000 {
			break
		}
	}
	judge := func(list []faker.WorldEvent) []audit.Violation {
		a := audit.New(0)
		a.FromTheStart(w.Heralds())
		for _, e := range list {
			a.See(w.Sighting(e.Event, e.Action, e.Time))
		}
		return a.Violations()
	}
	for _, v := range judge(all) {
		t.Errorf("a true stream: %s", v)
	}
	for _, x := range forged {
		// Not each of them can be told from a true one: nothing may have been said
		// before, or nothing be said afterwards.
		noticed := false
		for i, nth := 0, 0; i < len(all) && !noticed && nth < x.nth+6; i++ {
			e := all[i]
			if e.Event.Type.Contract().Provider()+" "+e.Event.Type.Name() != x.where {
				continue
			}
			if nth++; nth <= x.nth {
				continue
			}
			list := x.do(slices.Clone(all), i)
			if list == nil {
				continue
			}
			noticed = slices.ContainsFunc(judge(list), func(v audit.Violation) bool {
				follows := strings.HasPrefix(x.rule, "reference") || strings.HasPrefix(x.rule, "time")
				return strings.HasPrefix(v.Rule, x.rule) && (follows || v.Where == x.where && v.At == e.Time.UnixMilli())
			})
		}
		if !noticed {
			t.Errorf("%s: not noticed by %s at the event itself", x.name, x.rule)
		}
	}
}

// TestFirstOrderLeftOut: it can be told only when the next order is announced
// that the first was not, and is told of the event that came too early.
func TestFirstOrderLeftOut(t *testing.T) {
	w, err := faker.NewWorld(everything(t), faker.WorldOptions{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	a, left, n := audit.New(0), "", uint64(0)
	a.FromTheStart(w.Heralds())
	for e := range w.Events() {
		name := e.Event.Type.Contract().Provider() + " " + e.Event.Type.Name()
		if n++; left == "" && name == "shoptet order:create" {
			left = name
			continue
		}
		s := w.Sighting(e.Event, e.Action, e.Time)
		s.Nth = n
		if a.See(s); a.Count() > 0 || n == 2000 {
			break
		}
	}
	found := a.Violations()
	if len(found) != 1 || found[0].Rule != "reference/order" || !strings.HasPrefix(found[0].Where, "shoptet ") || found[0].Nth == 0 || found[0].Nth >= n {
		t.Errorf("after %d events: %v", n, found)
	}
}
