package verifier

import (
	"context"
	"fmt"
	"time"
)

// This file learns how long after an answer its effect appears, where nobody
// said: a receiver that puts an event into a queue and answers is right, and a
// look that comes too soon would take its work for lost.

const (
	patience    = 5 * time.Second // for the effect of an accepted event, before it is given up
	pacingTries = 3               // events that are looked at
	leastSettle = time.Second     // for a receiver that works after it has answered
	belated     = 2 * time.Second // for what seems lost to turn up after all
)

// patient is how long an effect is waited for before the receiver's pace is known.
func (s *session) patient() time.Duration {
	if s.options.Settle > 0 {
		return s.options.Settle
	}
	return patience
}

// pace sends valid events and looks whether their effects are there when the
// answer is. Where they are not, every later effect is waited for three times as
// long as these took.
func (s *session) pace(ctx context.Context) error {
	o := &s.options
	if o.Oracle == nil || o.Settle > 0 || attentive(o.Oracle) { // what an attentive one sees ends with the answer
		return nil
	}
	var longest time.Duration
	for range pacingTries {
		ev, err := s.find(ctx)
		if err != nil { // each check that asks says so
			return ctx.Err()
		}
		if err := s.send(ctx, rolePacing, ev, sending{}); err != nil {
			return err
		}
		if n := len(s.attempts); n == 0 || !successRule(ev.Type.Policy()).accepts(&s.attempts[n-1]) {
			return nil
		}
		seen := Sighting{Check: s.current.name, Role: rolePacing, Delivery: s.idOf(ev)}
		took, err := s.poll(ctx, patience, func() (bool, error) {
			seen.Effects, err = o.Oracle.Effects(ctx, ev, seen.Delivery)
			return seen.Effects > 0, err
		})
		if ctx.Err() != nil || err != nil {
			return ctx.Err()
		}
		s.sightings = append(s.sightings, seen)
		if seen.Effects == 0 {
			break
		}
		longest = max(longest, took)
	}
	if longest > 0 {
		o.Settle = max(leastSettle, 3*longest)
		s.learned = o.Settle
	}
	return nil
}

func attentive(oracle Oracle) bool {
	if in, ok := oracle.(*standInOracle); ok {
		oracle, _ = in.of.(Oracle)
	}
	_, ok := oracle.(Attentive)
	return ok
}

// tooSlow is why what seems lost may only be late: no effect was seen of valid
// events, however long they were waited for. "" where one was.
func (h *hearing) tooSlow() string {
	waited := false
	for _, seen := range h.evidence.Sightings {
		if seen.Role == rolePacing && seen.Effects > 0 {
			return ""
		}
		waited = waited || seen.Role == rolePacing
	}
	if !waited {
		return ""
	}
	return fmt.Sprintf("the oracle saw no effect of a valid event within %s; %s", patience, whereToLook)
}

// turnUp gives effects that seem lost time to appear, where nobody said how long
// they take.
func (s *session) turnUp(ctx context.Context, there func() (bool, error)) error {
	if s.options.Settle > 0 {
		return nil
	}
	_, err := s.poll(ctx, belated, there)
	return err
}

// poll looks until what is looked for is there, or the time is over. It reports
// how long it waited; 0: it was there at once. The error is that of a look, or
// ctx's.
func (s *session) poll(ctx context.Context, most time.Duration, look func() (done bool, err error)) (waited time.Duration, err error) {
	limited, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	for ; ; waited += settlePause {
		done, err := look()
		switch {
		case ctx.Err() != nil:
			return waited, ctx.Err()
		case err != nil:
			return waited, err
		case done, limited.Err() != nil, waited >= most:
			return waited, nil
		}
		s.wait(limited, min(settlePause, most-waited))
	}
}
