package mockserver

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hookrig/hookrig/contracts"
)

// reordered sends events one after the other, those with a mark held back, and
// returns the order in which they came, with the seconds between.
func reordered(t *testing.T, gap time.Duration, marks string) string {
	t.Helper()
	inbox := NewInbox(nil, InboxOptions{})
	s := inBubble(t, inbox)
	begun := time.Now()
	var all []*Delivery
	for i, mark := range marks {
		p := parcel(virtual, nil)
		p.Event, p.Key = event("sold", i), "one" // an order of its own does not keep it
		if mark == '!' {
			p.Tamper, _ = TamperNamed("reorder")
		}
		all = append(all, s.Send(p))
		synctest.Wait()
		time.Sleep(gap)
	}
	for _, d := range all {
		wait(t, d)
	}
	audit(t, s)
	var order strings.Builder
	for _, r := range inbox.Received() {
		var sold struct{ ID int }
		if err := json.Unmarshal(r.Request.Body, &sold); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&order, "%d@%v ", sold.ID, r.At.Sub(begun).Round(time.Second))
	}
	return strings.TrimSpace(order.String())
}

func TestReorderedDeliveriesAreOvertaken(t *testing.T) {
	for _, c := range []struct {
		marks string
		gap   time.Duration
		want  string
	}{
		{"!..", 0, "1@0s 0@0s 2@0s"},
		{"!..", 3 * time.Second, "1@3s 0@3s 2@6s"},
		{".!..", 3 * time.Second, "0@0s 2@6s 1@6s 3@9s"},
		{"!!!!", time.Second, "1@1s 0@1s 3@3s 2@3s"}, // all of them: pairs change places
		{"!", 0, "0@10s"},                            // nobody overtakes it
		{"!.", 20 * time.Second, "0@10s 1@20s"},
	} {
		bubble(t, func(t *testing.T) {
			if order := reordered(t, c.gap, c.marks); order != c.want {
				t.Errorf("%s each %v: %s, want %s", c.marks, c.gap, order, c.want)
			}
		})
	}
}

// A retry of what was queued before does not overtake, and a held delivery that is
// cancelled lets the next be held.
func TestReorderedAmongOthers(t *testing.T) {
	bubble(t, func(t *testing.T) {
		retried := policy(func(p *contracts.Policy) { p.Waits = []time.Duration{time.Second} })
		s := inBubble(t, answers(500, 200))
		older := parcel(virtual, retried)
		first := s.Send(older)
		synctest.Wait()
		late := parcel(virtual, nil)
		late.Tamper, _ = TamperNamed("reorder")
		held := s.Send(late)
		if wait(t, first); held.Outcome().State != Waiting {
			t.Error("a retry has overtaken it")
		}
		if err := s.Cancel(held.ID()); err != nil {
			t.Fatal(err)
		}
		again := s.Send(late)
		synctest.Wait()
		s.Send(parcel(virtual, nil))
		begun := time.Now()
		if wait(t, again); time.Since(begun) > time.Second {
			t.Errorf("overtaken after %v", time.Since(begun))
		}
		audit(t, s)
	})
}
