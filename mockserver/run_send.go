package mockserver

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// This file is the way of one event: prepare → send → settle.

// send hands over what is due.
func (r *Run) send() {
	r.mu.Lock()
	defer r.mu.Unlock()
	defer r.settle()
	r.notice(r.server.clock.now())
	for range runBatch {
		if r.ahead.len() == 0 || r.stop || r.refused {
			return
		}
		head := r.ahead.front()
		now, due := r.server.clock.now(), r.due(head.offset)
		switch {
		case r.advance > 0:
			r.advance--
			r.moveUp(due, now)
			r.hand(head)
		case r.status.State == RunPaused:
			return
		case r.skips(due):
			r.status.Skipped++
		case due.After(now):
			return
		default:
			if !due.Before(r.missedTo) { // that one is late is no fault of the run's
				r.late.record(now.Sub(due))
			}
			r.hand(head)
		}
		r.status.Next = head.index + 1
		r.ahead.pop()
	}
}

// moveUp lets the rest of a stream follow an event that was sent before its time.
func (r *Run) moveUp(due, now time.Time) {
	if r.status.State == RunPaused {
		now = r.status.At // its clock stands there
	}
	if early := due.Sub(now); early > 0 && !r.schedule.onClock() {
		r.status.Start = r.status.Start.Add(-early)
	}
}

// hand gives an event to the server. It needs r.mu.
func (r *Run) hand(it runItem) {
	if errors.Is(it.err, ErrUnwanted) {
		r.status.Skipped++
		return
	}
	if it.err != nil {
		r.status.Refused++
		r.status.Problem = it.err.Error()
		return
	}
	r.status.Emitted++
	r.sent.push(runSent{it.index, r.server.Send(it.parcel)})
}

// prepare makes the parcels that come next, as long as nothing is due.
func (r *Run) prepare() {
	for range runBatch {
		if r.ahead.len() >= runBatch || !r.makesNext() {
			return
		}
		it := r.coming
		it.parcel, it.err = r.make(it.index, r.schedule.Mix.Pick(r.schedule.Seed, it.index))
		if it.err != nil {
			it.err = fmt.Errorf("event %d: %w", it.index, it.err)
		}
		it.parcel.ID = r.DeliveryID(it.index)
		if it.parcel.Label == "" {
			it.parcel.Label = r.schedule.Label
		}
		r.ahead.push(it)
		r.come()
	}
}

// makesNext reports whether the coming event is to be made now. It passes over
// those that were missed.
func (r *Run) makesNext() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for range runBatch {
		if r.coming.none || r.stop || r.refused {
			return false
		}
		if made := r.ahead.len(); r.advance > 0 || r.status.State == RunPaused {
			return made < r.advance
		}
		now, due := r.server.clock.now(), r.due(r.coming.offset)
		if r.ahead.len() > 0 {
			return r.due(r.ahead.front().offset).After(now) && due.Sub(now) <= runHorizon
		}
		if !r.skips(due) {
			return due.Sub(now) <= runHorizon
		}
		r.status.Skipped++
		r.status.Next = r.coming.index + 1
		r.come()
	}
	return false
}

// drain waits until everything that was sent is queued or refused.
func (r *Run) drain(ctx context.Context) error {
	for {
		r.mu.Lock()
		r.settle()
		if r.sent.len() == 0 {
			r.mu.Unlock()
			return r.refusal()
		}
		first := r.sent.front().delivery
		r.mu.Unlock()
		err := first.Queued(ctx) // what it says of the delivery, settle hears too
		if errors.Is(err, ErrStopped) || ctx.Err() != nil {
			return err
		}
	}
}

// settle counts what became of the events that were sent, as far as that is
// known. It needs r.mu.
func (r *Run) settle() {
	for r.sent.len() > 0 {
		first := r.sent.front()
		err := first.delivery.Queued(atOnce)
		switch {
		case errors.Is(err, errNotYet):
			return
		case errors.Is(err, ErrKnown), errors.Is(err, ErrLive):
			r.status.Known++
		case errors.Is(err, ErrStopped):
			if !r.refused {
				r.refused = true
				r.status.Next = first.index // the first that a new run sends
			}
		case err != nil:
			r.status.Refused++
			r.status.Problem = err.Error()
		}
		if err != nil {
			r.status.Emitted--
		}
		r.sent.pop()
	}
}

// atOnce is a context for asking without waiting.
var atOnce = func() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return expired{ctx}
}()

// expired has an error of its own, which no journal can have.
type expired struct{ context.Context }

func (expired) Err() error { return errNotYet }

var errNotYet = errors.New("not yet known")
