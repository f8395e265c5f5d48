package mockserver

import (
	"context"
	"slices"
	"sort"
	"sync"
	"time"
)

// Ledger says how each delivery stands, by what the journal says and nothing
// else. It reads on in the journal whenever it is asked, so that an answer
// holds everything that was written down before the question. It is safe for
// concurrent use.
type Ledger struct {
	journal Journal

	mu    sync.Mutex
	last  uint64 // number of the last entry read
	byID  map[string]*Record
	order []*Record // by Seq
}

// Record is one delivery as the journal knows it. Records share bodies and
// attempts with the journal: readers must not change them.
type Record struct {
	ID       string
	Provider string
	Event    string
	Endpoint string // name or redacted URL
	Label    string
	Body     []byte    // the exact bytes
	Queued   time.Time // first
	Seq      uint64    // of the entry that queued it first: its place among the others, for good
	Rounds   int       // how often it was queued: 1, and 1 more for each Resend
	Attempts []*Attempt
	State    State
	Reason   string  // of the last step
	Then     string  // what the provider does with the registration
	Speed    float64 // set where time was scaled
}

// Query selects records. The zero Query selects all.
type Query struct {
	State                            State
	Provider, Event, Endpoint, Label string // "": any
	Before                           uint64 // only records with a smaller Seq; 0: all
	Limit                            int    // 0: all
}

// NewLedger reads nothing yet.
func NewLedger(j Journal) *Ledger { return &Ledger{journal: j, byID: map[string]*Record{}} }

// List returns what a query selects, the latest first. A page that begins
// Before the last Seq of the page before it is not shifted by what was queued
// since. The error is the journal's.
func (l *Ledger) List(ctx context.Context, q Query) ([]Record, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.readOn(ctx); err != nil {
		return nil, err
	}
	end := len(l.order)
	if q.Before > 0 {
		end = sort.Search(end, func(i int) bool { return l.order[i].Seq >= q.Before })
	}
	var found []Record
	for _, r := range slices.Backward(l.order[:end]) {
		if q.Limit > 0 && len(found) == q.Limit {
			break
		}
		if q.selects(r) {
			found = append(found, r.copy())
		}
	}
	return found, nil
}

// Find looks up a delivery. The error is the journal's.
func (l *Ledger) Find(ctx context.Context, id string) (r Record, found bool, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.readOn(ctx); err != nil {
		return Record{}, false, err
	}
	known := l.byID[id]
	if known == nil {
		return Record{}, false, nil
	}
	return known.copy(), true, nil
}

// Last is the number of the journal's last entry, 0 if there is none. The
// error is the journal's.
func (l *Ledger) Last(ctx context.Context) (uint64, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	err := l.readOn(ctx)
	return l.last, err
}

// readOn needs l.mu. After an error it goes on where it stopped.
func (l *Ledger) readOn(ctx context.Context) error {
	for e, err := range l.journal.Entries(ctx, l.last) {
		if err != nil {
			return err
		}
		l.add(e)
	}
	return nil
}

func (l *Ledger) add(e Entry) {
	l.last = e.Seq
	r := l.byID[e.Delivery]
	if r == nil { // also where the beginning of its story is gone
		r = &Record{
			ID: e.Delivery, Provider: e.Provider, Event: e.Event, Endpoint: e.Endpoint,
			Label: e.Label, Queued: e.At, Seq: e.Seq, Speed: e.Speed,
		}
		l.byID[r.ID] = r
		l.order = append(l.order, r)
	}
	r.State, r.Reason = e.State, e.Reason
	switch e.Kind {
	case EntryQueued:
		r.Rounds++
		r.Body, r.Then = e.Body, ""
	case EntryAttempt:
		r.Attempts = append(r.Attempts, e.Attempt)
	case EntryEnded:
		r.Then = e.Then
	}
}

// copy is safe to hand out: what is appended later lies beyond its length.
func (r *Record) copy() Record {
	c := *r
	c.Attempts = slices.Clip(c.Attempts)
	return c
}

func (q *Query) selects(r *Record) bool {
	return (q.State == "" || q.State == r.State) &&
		(q.Provider == "" || q.Provider == r.Provider) &&
		(q.Event == "" || q.Event == r.Event) &&
		(q.Endpoint == "" || q.Endpoint == r.Endpoint) &&
		(q.Label == "" || q.Label == r.Label)
}
