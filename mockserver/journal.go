package mockserver

import (
	"context"
	"errors"
	"iter"
	"log/slog"
	"time"
)

// Kinds of entries, in the order of a delivery's life.
const (
	EntryQueued  = "queued"  // the delivery is durable; a second one for the same delivery begins a new round
	EntryIntent  = "intent"  // an attempt is about to be made; without an "attempt" after it, its outcome is unknown
	EntryAttempt = "attempt" // an attempt and its outcome
	EntryEnded   = "ended"   // the delivery has ended
)

// Entry is one line of the journal. Entries share their bodies and attempts
// with the server: readers must not change them.
type Entry struct {
	Seq      uint64    `json:"seq"` // from 1, without gaps
	At       time.Time `json:"at"`  // real time
	Kind     string    `json:"kind"`
	Delivery string    `json:"delivery"`
	Provider string    `json:"provider,omitempty"`
	Event    string    `json:"event,omitempty"`
	Endpoint string    `json:"endpoint,omitempty"` // name or redacted URL
	Label    string    `json:"label,omitempty"`
	Body     []byte    `json:"body,omitempty"`    // of "queued": the exact bytes
	Route    *Route    `json:"route,omitempty"`   // of "queued": its way, so that a later run can take it up again
	Speed    float64   `json:"speed,omitempty"`   // set where time was scaled
	Attempt  *Attempt  `json:"attempt,omitempty"` // of "attempt"; of "intent" its number and start
	State    State     `json:"state,omitempty"`   // of the delivery from here on
	Reason   string    `json:"reason,omitempty"`
	Then     string    `json:"then,omitempty"` // of "ended": what the provider does with the registration
}

// Route is what the journal keeps of a delivery's way, so that a later run can
// take it up again. It holds no secret.
type Route struct {
	Name   string    `json:"name,omitempty"`   // Endpoint.Name
	Ref    string    `json:"ref,omitempty"`    // Endpoint.Ref
	URL    string    `json:"url"`              // redacted
	Hidden bool      `json:"hidden,omitempty"` // the URL or headers lost something by redaction: only who knows Ref has all of it
	Key    string    `json:"key,omitempty"`
	Once   bool      `json:"once,omitempty"`
	Time   time.Time `json:"time,omitzero"` // Parcel.Time
	Due    time.Time `json:"due,omitzero"`  // real time of the first attempt, where it was put off
	Tamper string    `json:"tamper,omitempty"`
}

// ErrFull is a journal's error for want of room: what it refuses may be offered
// again later. It comes wrapped.
var ErrFull = errors.New("the journal has no room")

// Journal keeps entries. It is safe for concurrent use: many workers append at
// once, and an implementation with a disk should commit them together.
//
// A journal may also be a [Reader] and a [Shelf]. One that wraps another has a
// method Unwrap() Journal, so that both are found behind it.
type Journal interface {
	// Append numbers the entries and returns when they are durable: all of them, or none and an error.
	// It keeps what entries refer to, but not the slice, which the caller uses again.
	Append(ctx context.Context, entries ...Entry) error
	// Entries are those with a Seq greater than after that stand there now. An error is the last value.
	Entries(ctx context.Context, after uint64) iter.Seq2[Entry, error]
}

// faceOf finds T among a journal and those that it wraps.
func faceOf[T any](j Journal) (face T, ok bool) {
	for {
		if face, ok = j.(T); ok {
			return face, true
		}
		wrapper, wraps := j.(interface{ Unwrap() Journal })
		if !wraps {
			return face, false
		}
		j = wrapper.Unwrap()
	}
}

func (d *Delivery) entry(kind string, at time.Time) Entry {
	return Entry{
		At: at, Kind: kind, Delivery: d.id, Provider: d.provider, Event: d.event,
		Endpoint: d.endpoint, Label: d.parcel.Label, Speed: d.clock().mark(),
	}
}

func (d *Delivery) queuedEntry(at time.Time) Entry {
	e := d.entry(EntryQueued, at)
	e.Body, e.State, e.Reason = d.parcel.Event.Body, Waiting, d.note
	e.Route = d.route()
	return e
}

// intentEntry fills in the attempt that it refers to.
func (d *Delivery) intentEntry(at time.Time, a *Attempt) Entry {
	e := d.entry(EntryIntent, at)
	a.Number, a.Started = d.progress.charged+1, e.At
	a.Tamper = d.parcel.Tamper.on(a.Number).Name
	e.Attempt, e.State = a, Attempting
	return e
}

func (d *Delivery) attemptEntry(at time.Time, a *Attempt, next step) Entry {
	e := d.entry(EntryAttempt, at)
	e.Attempt, e.State, e.Reason = a, next.state, next.reason
	return e
}

func (d *Delivery) endedEntry(at time.Time, end step) Entry {
	e := d.entry(EntryEnded, at)
	e.State, e.Reason, e.Then = end.state, end.reason, end.then
	return e
}

// scribe writes into the journal for as long as the server may write.
type scribe struct {
	journal Journal
	bell    *bell           // rung after each entry
	ctx     context.Context // ends with the server, and outlives Run's by journalGrace
	stop    context.CancelFunc
	log     *slog.Logger
}

func newScribe(o Options) scribe {
	s := scribe{journal: o.Journal, bell: &bell{}, log: o.Logger}
	s.ctx, s.stop = context.WithCancel(context.Background())
	return s
}

func (s *scribe) write(entries ...Entry) error {
	err := s.journal.Append(s.ctx, entries...)
	if err == nil {
		s.bell.ring()
	}
	return err
}

// journalPause is the longest wait before a journal that took nothing is asked
// again, in real time: there may be room at any moment.
const journalPause = 2 * time.Second

// insist writes what must not be lost, over and over until the journal takes it
// or the server may write no more. A worker that cannot write works no further.
func (s *scribe) insist(entries ...Entry) error {
	for wait := 50 * time.Millisecond; ; wait = min(2*wait, journalPause) {
		err := s.write(entries...)
		if err == nil || s.ctx.Err() != nil {
			return err
		}
		s.log.Warn("the journal does not take an outcome, trying again", "delivery", entries[0].Delivery, "error", err)
		select {
		case <-time.After(wait):
		case <-s.ctx.Done():
			return err
		}
	}
}
