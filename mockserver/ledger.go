package mockserver

import (
	"context"
	"slices"
	"sort"
	"sync"
	"time"
)

// Reader answers questions about deliveries: how each one stands, by what the
// journal says and nothing else. It is safe for concurrent use, and its errors
// are the journal's. [Ledger] is one for any journal.
type Reader interface {
	// List returns what a query selects, the latest first. A page that begins Before the
	// last Seq of the page before it is not shifted by what was queued since.
	List(ctx context.Context, q Query) ([]Record, error)
	// Find looks up a delivery.
	Find(ctx context.Context, id string) (r Record, found bool, err error)
	// Known are those of the ids of which there is a delivery, in any order.
	Known(ctx context.Context, ids ...string) ([]string, error)
	// Count counts what a query selects, by state; Before and Limit do not matter.
	Count(ctx context.Context, q Query) (map[State]int, error)
	// Last is the number of the journal's last entry, 0 if there is none.
	Last(ctx context.Context) (uint64, error)
}

// Ledger is the [Reader] of any journal. A journal that is a Reader itself it
// asks. Any other it reads once, and on whenever it is asked: an answer holds
// everything that was written down before the question.
type Ledger struct {
	journal Journal
	reader  Reader // nil: the rest is used

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
	Body     []byte     // the exact bytes
	Route    *Route     // of the last round; nil where the journal does not have it
	Queued   time.Time  // first
	Seq      uint64     // of the entry that queued it first: its place among the others, for good
	Round    uint64     // Seq of the entry that began the last round
	Rounds   int        // how often it was queued: 1, and 1 more for each Resend
	Attempts []*Attempt // of all rounds
	Earlier  int        // how many of Attempts belong to rounds before the last
	Intent   *Attempt   // an attempt of which only the intent is known: it runs, or a crash hides its outcome; nil where there is none
	State    State
	Reason   string  // of the last step
	Then     string  // what the provider does with the registration
	Speed    float64 // set where time was scaled
}

// Due is when the next attempt is due, in real time. It is zero where that is at
// once, and for what has ended.
func (r *Record) Due() time.Time {
	switch {
	case r.State.ended() || r.Intent != nil:
	case len(r.Attempts) > r.Earlier:
		return r.Attempts[len(r.Attempts)-1].Due
	case r.Route != nil:
		return r.Route.Due
	}
	return time.Time{}
}

// Query selects records. The zero Query selects all.
type Query struct {
	State                            State
	Live                             bool      // only what is waiting or attempting
	Provider, Event, Endpoint, Label string    // "": any
	Since, Until                     time.Time // only what was first queued at Since or later, and before Until; zero: any
	Before                           uint64    // only records with a smaller Seq; 0: all
	Limit                            int       // 0: all
}

// NewLedger reads nothing yet.
func NewLedger(j Journal) *Ledger {
	l := &Ledger{journal: j, byID: map[string]*Record{}}
	l.reader, _ = faceOf[Reader](j)
	return l
}

// List implements [Reader].
func (l *Ledger) List(ctx context.Context, q Query) ([]Record, error) {
	if l.reader != nil {
		return l.reader.List(ctx, q)
	}
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

// Find implements [Reader].
func (l *Ledger) Find(ctx context.Context, id string) (r Record, found bool, err error) {
	if l.reader != nil {
		return l.reader.Find(ctx, id)
	}
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

// Known implements [Reader].
func (l *Ledger) Known(ctx context.Context, ids ...string) ([]string, error) {
	if l.reader != nil {
		return l.reader.Known(ctx, ids...)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.readOn(ctx); err != nil {
		return nil, err
	}
	var known []string
	for _, id := range ids {
		if l.byID[id] != nil {
			known = append(known, id)
		}
	}
	return known, nil
}

// Count implements [Reader].
func (l *Ledger) Count(ctx context.Context, q Query) (map[State]int, error) {
	if l.reader != nil {
		return l.reader.Count(ctx, q)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.readOn(ctx); err != nil {
		return nil, err
	}
	count := map[State]int{}
	for _, r := range l.order {
		if q.selects(r) {
			count[r.State]++
		}
	}
	return count, nil
}

// Last implements [Reader].
func (l *Ledger) Last(ctx context.Context) (uint64, error) {
	if l.reader != nil {
		return l.reader.Last(ctx)
	}
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
	r.State, r.Reason, r.Intent = e.State, e.Reason, nil
	switch e.Kind {
	case EntryQueued:
		r.Rounds++
		r.Round, r.Earlier = e.Seq, len(r.Attempts)
		r.Body, r.Route, r.Then = e.Body, e.Route, ""
	case EntryIntent:
		r.Intent = e.Attempt
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
		(!q.Live || !r.State.ended()) &&
		(q.Provider == "" || q.Provider == r.Provider) &&
		(q.Event == "" || q.Event == r.Event) &&
		(q.Endpoint == "" || q.Endpoint == r.Endpoint) &&
		(q.Label == "" || q.Label == r.Label) &&
		(q.Since.IsZero() || !r.Queued.Before(q.Since)) &&
		(q.Until.IsZero() || r.Queued.Before(q.Until))
}
