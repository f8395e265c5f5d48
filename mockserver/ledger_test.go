package mockserver

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/signature"
)

// The ledger and the handles tell the same story, of every delivery and at
// every moment.
func TestLedgerAgreesWithTheHandles(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := inBubble(t, answers(500, 200, 410, 500, 500, 500, 200))
		ledger := NewLedger(s.Journal())
		var handles []*Delivery
		compare := func() {
			t.Helper()
			synctest.Wait()
			for _, d := range handles {
				o := d.Outcome()
				r, found, err := ledger.Find(t.Context(), d.ID())
				if err != nil || !found {
					t.Fatalf("%s: %v, %v", d.ID(), found, err)
				}
				if r.State != o.State || r.Then != o.Then || o.Reason != "" && r.Reason != o.Reason || len(r.Attempts) != len(o.Attempts) {
					t.Errorf("ledger %+v\nhandle %+v", r, o)
				}
				if string(r.Body) != string(d.parcel.Event.Body) || r.Label != d.parcel.Label {
					t.Errorf("%+v", r)
				}
			}
		}
		for i := range 4 {
			p := parcel(virtual, nil)
			p.Label = fmt.Sprint("l", i)
			handles = append(handles, s.Send(p))
			compare()
			time.Sleep(minutes(1) / 2)
		}
		compare()
		if err := s.Cancel(handles[3].ID()); err != nil {
			t.Error(err)
		}
		compare()
		s.Idle(t.Context())
		compare()
	})
}

func TestLedgerCountsRounds(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := inBubble(t, answers(410, 200))
		ledger := NewLedger(s.Journal())
		first := s.Send(parcel(virtual, nil))
		wait(t, first)
		before, _, _ := ledger.Find(t.Context(), first.ID())
		if before.State != Exhausted || before.Then != contracts.Delete || before.Rounds != 1 {
			t.Errorf("%+v", before)
		}
		again, err := s.Resend(first.ID())
		if err != nil {
			t.Fatal(err)
		}
		wait(t, again)
		after, _, _ := ledger.Find(t.Context(), first.ID())
		if after.State != Delivered || after.Then != contracts.Keep && after.Then != "" || after.Rounds != 2 || len(after.Attempts) != 2 {
			t.Errorf("%+v", after)
		}
		if after.Seq != before.Seq || !after.Queued.Equal(before.Queued) {
			t.Error("a resend moves a delivery among the others")
		}
		if len(before.Attempts) != 1 {
			t.Error("a record that was handed out has changed")
		}
	})
}

// What the provider did with the registration is over when a new round begins.
func TestLedgerForgetsThen(t *testing.T) {
	m := NewMemory()
	ledger := NewLedger(m)
	for _, e := range []Entry{
		{Kind: EntryQueued, State: Waiting}, {Kind: EntryEnded, State: Exhausted, Then: contracts.Disable}, {Kind: EntryQueued, State: Waiting},
	} {
		m.Append(t.Context(), e)
		if r, _, err := ledger.Find(t.Context(), ""); err != nil || r.Then != e.Then || r.State != e.State {
			t.Errorf("after %+v: %+v, %v", e, r, err)
		}
	}
}

// ledgerOf is a ledger over n deliveries: d1 … dn, every third of them
// delivered.
func ledgerOf(t *testing.T, n int) (*Ledger, *Memory) {
	t.Helper()
	m := NewMemory()
	for i := 1; i <= n; i++ {
		id := fmt.Sprint("d", i)
		m.Append(t.Context(), Entry{Kind: EntryQueued, Delivery: id, Provider: "shop", Event: "sold", Endpoint: "e", Label: fmt.Sprint("l", i%2), State: Waiting})
		if i%3 == 0 {
			m.Append(t.Context(), Entry{Kind: EntryEnded, Delivery: id, State: Delivered})
		}
	}
	return NewLedger(m), m
}

func ids(records []Record) (ids []string) {
	for _, r := range records {
		ids = append(ids, r.ID)
	}
	return ids
}

func TestLedgerSelects(t *testing.T) {
	ledger, _ := ledgerOf(t, 9)
	for _, c := range []struct {
		q    Query
		want string
	}{
		{Query{}, "[d9 d8 d7 d6 d5 d4 d3 d2 d1]"},
		{Query{Limit: 2}, "[d9 d8]"},
		{Query{State: Delivered}, "[d9 d6 d3]"},
		{Query{State: Waiting, Label: "l0"}, "[d8 d4 d2]"},
		{Query{State: Waiting, Label: "l0", Limit: 2}, "[d8 d4]"},
		{Query{Provider: "shop", Event: "sold", Endpoint: "e", Limit: 1}, "[d9]"},
		{Query{Provider: "other"}, "[]"},
		{Query{Event: "other"}, "[]"},
		{Query{Endpoint: "other"}, "[]"},
		{Query{Before: 1}, "[]"},
		{Query{Before: 3}, "[d2 d1]"},
		{Query{Before: 1 << 40, Limit: 1}, "[d9]"},
	} {
		got, err := ledger.List(t.Context(), c.q)
		if err != nil || fmt.Sprint(ids(got)) != c.want {
			t.Errorf("%+v: %v, %v, want %s", c.q, ids(got), err, c.want)
		}
	}
}

// Pages of any size give every delivery once, whatever is queued meanwhile.
func TestLedgerPages(t *testing.T) {
	for size := 1; size <= 7; size++ {
		ledger, m := ledgerOf(t, 20)
		var seen []string
		q := Query{Limit: size}
		for {
			page, err := ledger.List(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			if len(page) == 0 {
				break
			}
			seen = append(seen, ids(page)...)
			q.Before = page[len(page)-1].Seq
			m.Append(t.Context(), Entry{Kind: EntryQueued, Delivery: "late", State: Waiting},
				Entry{Kind: EntryQueued, Delivery: "d7", State: Waiting}) // sent again
		}
		all, _ := ledgerOf(t, 20)
		want, _ := all.List(t.Context(), Query{})
		if !slices.Equal(seen, ids(want)) {
			t.Errorf("pages of %d: %v", size, seen)
		}
	}
}

// A journal whose beginning was cut off still gives records; an error leaves
// the ledger where it was.
func TestLedgerReadsOn(t *testing.T) {
	broken := errors.New("broken")
	j := &flaky{Memory: NewMemory()}
	j.Append(t.Context(), Entry{Kind: EntryAttempt, Delivery: "old", Provider: "shop", State: Waiting, Attempt: &Attempt{Number: 3}})
	ledger := NewLedger(j)
	j.err = broken
	if _, err := ledger.List(t.Context(), Query{}); !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
	if _, _, err := ledger.Find(t.Context(), "old"); !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
	j.err = nil
	r, found, err := ledger.Find(t.Context(), "old")
	if err != nil || !found || r.Provider != "shop" || len(r.Attempts) != 1 {
		t.Errorf("%+v, %v, %v", r, found, err)
	}
	if last, err := ledger.Last(t.Context()); last != 1 || err != nil {
		t.Errorf("%d, %v", last, err)
	}
	if _, found, _ := ledger.Find(t.Context(), "new"); found {
		t.Error("found what is not there")
	}
}

// flaky is a journal that yields an error after its first entry.
type flaky struct {
	*Memory
	err error
}

func (f *flaky) Entries(ctx context.Context, after uint64) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		for e, err := range f.Memory.Entries(ctx, after) {
			if !yield(e, err) {
				return
			}
			if f.err != nil {
				yield(Entry{}, f.err)
				return
			}
		}
		if f.err != nil {
			yield(Entry{}, f.err)
		}
	}
}

func TestDelay(t *testing.T) {
	for _, speed := range []float64{1, 60} {
		bubble(t, func(t *testing.T) {
			s := Start(t, Options{Transport: InProcess(answers(200)), Speed: speed})
			began := time.Now()
			p := parcel(virtual, nil)
			p.Delay = minutes(2)
			d := s.Send(p)
			if err := d.Queued(t.Context()); err != nil || time.Since(began) > 0 {
				t.Errorf("queued after %v: %v", time.Since(began), err)
			}
			o := wait(t, d)
			if at := o.Attempts[0].Started.Sub(began); at != time.Duration(float64(minutes(2))/speed) {
				t.Errorf("speed %v: the first attempt after %v", speed, at)
			}
			if e := entries(t, s)[0]; e.Reason != "first attempt after 2m" {
				t.Errorf("%+v", e)
			}
			again, err := s.Resend(d.ID())
			if err != nil {
				t.Fatal(err)
			}
			began = time.Now()
			if o := wait(t, again); !o.Attempts[0].Started.Equal(began) {
				t.Error("what is sent again is delayed again")
			}
			audit(t, s)
		})
	}
}

// Keys are asked at each attempt: what was replaced meanwhile signs no more.
func TestKeysAreAskedAtEachAttempt(t *testing.T) {
	bubble(t, func(t *testing.T) {
		inbox := NewInbox(shop(), InboxOptions{Secrets: []signature.Secret{secret}})
		s := inBubble(t, inbox)
		asked := 0
		p := parcel(virtual, nil)
		p.Endpoint.Secrets = nil
		p.Endpoint.Keys = func() []signature.Secret {
			if asked++; asked == 1 {
				return []signature.Secret{signature.NewSecret("old")}
			}
			return []signature.Secret{secret}
		}
		if o := wait(t, s.Send(p)); o.State != Delivered || len(o.Attempts) != 2 || asked != 2 {
			t.Errorf("asked %d times: %+v", asked, o)
		}
	})
}

func TestRunning(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := New(Options{Transport: InProcess(answers(200))})
		if s.Running() {
			t.Error("before Run")
		}
		s.Run(t.Context(), func(context.Context) error {
			if !s.Running() {
				t.Error("within Run")
			}
			return nil
		})
		if s.Running() {
			t.Error("after Run")
		}
	})
}
