package verifier

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/mockserver"
)

// This file is how a run asks its oracles.

// Sighting is what an oracle said of one event at one moment.
type Sighting struct {
	Check    string `json:"check"`
	Role     string `json:"role"`
	Delivery string `json:"delivery"`
	Effects  int    `json:"effects"`
	// State is what the receiver held of the record, where that was looked at.
	State json.RawMessage `json:"state,omitempty"`
	Error string          `json:"error,omitempty"`
}

// freshTries is how many events are tried to find one that the receiver has
// not seen.
const freshTries = 200

var errNotFresh = errors.New("the oracle shows something of events that were not sent yet: either the receiver knows the events of this seed (choose another --seed), or the oracle's placeholders do not tell one event from another")

// seenBy is a new event of the baseline's that an oracle can be asked for: of
// the first type of the scope that it sees, or else the first of all.
func (s *session) seenBy(oracle any) contracts.Event {
	for i := range s.scope {
		if ev := s.eventAt(i, ordinalOf(baseline)); Sees(oracle, ev) {
			return ev
		}
	}
	return s.eventAt(0, ordinalOf(baseline))
}

// tryOracles asks for a new event before anything is sent. Whoever gives an
// oracle wants effects to be looked at: one that is broken must not end in a
// verdict without them.
func (s *session) tryOracles(ctx context.Context) error {
	for _, oracle := range s.options.oracles() {
		ev := s.seenBy(oracle)
		var err error
		switch oracle := oracle.(type) {
		case Oracle:
			_, err = oracle.Effects(ctx, ev, s.idOf(ev))
		case StateOracle:
			_, err = oracle.State(ctx, ev, s.idOf(ev))
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			return &OracleError{Event: ev.Type.Name(), Err: err}
		}
	}
	return nil
}

// decideOracles tells apart the oracles of which nobody said what they show, by
// what they say of the baseline's events, which were accepted: whichever looks
// most like a number of effects counts them, the other shows states.
func (s *session) decideOracles(ctx context.Context) error {
	o := &s.options
	if len(o.Oracles) == 0 {
		return nil
	}
	likeness := make([]int, len(o.Oracles))
	for i, oracle := range o.Oracles {
		var err error
		if likeness[i], err = s.likeness(ctx, oracle); err != nil {
			return err
		}
	}
	counts := 0
	for i := range likeness {
		if likeness[i] < likeness[counts] {
			counts = i
		}
	}
	for i, oracle := range o.Oracles {
		switch {
		case i == counts && likeness[i] < likeState && o.Oracle == nil:
			o.Oracle = counting{oracle}
		case o.State == nil:
			o.State = oracle
		}
	}
	o.Oracles = nil
	return nil
}

// How much the answers of an oracle look like a number of effects, from the
// most. Who knows nothing of accepted events looks at the wrong place or not
// long enough; it is taken for one that counts, as most are.
const (
	likeNumber = iota
	likeYesOrNo
	likeList
	likeNothing
	likeState
)

// likeness looks at what an oracle says of an event that was accepted, until it
// says something or the time in which effects appear is over.
func (s *session) likeness(ctx context.Context, oracle StateOracle) (int, error) {
	ev := s.seenBy(oracle)
	if ev.Type != s.scope[0] { // the baseline has not sent it
		if err := s.send(ctx, roleAlive, ev, sending{}); err != nil {
			return 0, err
		}
	}
	like := likeNothing
	_, err := s.poll(ctx, s.patient(), func() (bool, error) {
		state, err := oracle.State(ctx, ev, s.idOf(ev))
		if err != nil {
			return true, nil //nolint:nilerr // each check that asks it says so
		}
		text := strings.TrimSpace(string(state))
		switch {
		case text == "" || text == "null":
			return false, nil
		case strings.HasPrefix(text, "{"), strings.HasPrefix(text, `"`):
			like = likeState
		case strings.HasPrefix(text, "["):
			like = likeList
		case text == "true", text == "false":
			like = likeYesOrNo
		default:
			like = likeNumber
			return text != "0", nil
		}
		return true, nil
	})
	return like, err
}

// counting is an oracle whose states are numbers of effects.
type counting struct{ StateOracle }

func (c counting) Effects(ctx context.Context, ev contracts.Event, deliveryID string) (int, error) {
	state, err := c.State(ctx, ev, deliveryID)
	if err != nil {
		return 0, err
	}
	return CountEffects(state)
}

func (c counting) Sees(ev contracts.Event) bool { return Sees(c.StateOracle, ev) }

// unseen is an event of which the oracle says that it had no effect yet. Where
// there is none, the reason is noted as a sighting; ok is false then.
func (s *session) unseen(ctx context.Context) (ev contracts.Event, ok bool) {
	if s.options.Oracle == nil {
		return ev, false
	}
	ev, err := s.find(ctx)
	if err != nil {
		s.sightings = append(s.sightings, Sighting{Check: s.current.name, Role: roleProbe, Delivery: s.idOf(ev), Error: err.Error()})
	}
	return ev, err == nil
}

// find is unseen with the reason: errNotFresh, or the oracle's error.
func (s *session) find(ctx context.Context) (ev contracts.Event, err error) {
	for range freshTries {
		ev = s.event()
		n, err := s.options.Oracle.Effects(ctx, ev, s.idOf(ev))
		if err != nil {
			return ev, unasked(err)
		}
		if n == 0 {
			return ev, nil
		}
	}
	return ev, errNotFresh
}

// unasked is an oracle's error as findings tell it.
func unasked(err error) error { return fmt.Errorf("the oracle could not be asked: %w", err) }

// settlePause is the time between two looks at the oracle.
const settlePause = 100 * time.Millisecond

// settle looks until what is looked for is there, or the time in which effects
// appear is over. The error is that of a look, or ctx's.
func (s *session) settle(ctx context.Context, look func() (done bool, err error)) error {
	_, err := s.poll(ctx, s.options.Settle, look)
	return err
}

// look asks the oracle for an event's effects until there are more than so many,
// or the time in which effects appear is over: only then it is known that there
// are no more. The error is ctx's.
func (s *session) look(ctx context.Context, role string, ev contracts.Event, most int) error {
	seen := Sighting{Check: s.current.name, Role: role, Delivery: s.idOf(ev)}
	err := s.settle(ctx, func() (bool, error) {
		n, err := s.options.Oracle.Effects(ctx, ev, seen.Delivery)
		if seen.Effects = n; err != nil {
			seen.Error = unasked(err).Error()
		}
		return err != nil || n > most, nil
	})
	if err == nil {
		s.sightings = append(s.sightings, seen)
	}
	return err
}

// overhear lets an oracle that goes by answers see one, but for the secrets in it.
func (s *session) overhear(delivery string, a *mockserver.Attempt) {
	if l, ok := s.options.Oracle.(Attentive); ok {
		texts, words := secretTexts(&s.options)
		l.Answered(eventOf(delivery), hidden(hiding(append(texts, words...)), *a))
	}
}

// eventOf is the id that the receiver saw; deliveries that are under way at once
// have a number behind theirs in the journal.
func eventOf(delivery string) string {
	const mark = len("dlv_")
	if i := strings.IndexByte(delivery[min(mark, len(delivery)):], '_'); i >= 0 {
		return delivery[:mark+i]
	}
	return delivery
}
