package mockserver

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/hookrig/hookrig/contracts"
)

// This file is the life of a delivery: admit → (enqueue → intent → deliver →
// outcome → step)* → finish. Intents and outcomes are the clerk's. Each of the
// loops runs in goroutines of Run.

// admit writes down what was sent, as much at once as there is, until ctx is
// done and nothing is left.
func (s *Server) admit(ctx context.Context) {
	var entries []Entry // memory that is used again
	for open := true; open; {
		select {
		case <-s.arrived:
		case <-ctx.Done():
			s.close() // nothing arrives after this
			open = false
		}
		for batch := s.arrivals(); len(batch) > 0; batch = s.arrivals() {
			entries = s.writeDown(batch, entries[:0])
			clear(entries) // what they refer to may be let go of
		}
	}
}

func (s *Server) arrivals() []*Delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := min(len(s.arriving), batchSize)
	batch := s.arriving[:n:n]
	if s.arriving = s.arriving[n:]; len(s.arriving) == 0 {
		s.arriving = nil
	}
	return batch
}

// writeDown returns what it has written, in the memory of entries.
func (s *Server) writeDown(batch []*Delivery, entries []Entry) []Entry {
	refused := s.strangers(batch)
	now := s.clock.now()
	for _, d := range batch {
		if refused[d] == nil {
			entries = append(entries, d.queuedEntry(now))
		}
	}
	var err error
	if len(entries) > 0 {
		err = s.scribe.write(entries...)
	}

	var cancelled []*Delivery
	s.mu.Lock()
	for _, d := range batch {
		switch {
		case refused[d] != nil:
			s.refuse(d, refused[d])
			continue
		case err != nil:
			s.refuse(d, fmt.Errorf("not written down: %w", err))
			continue
		}
		s.move(d, Waiting)
		d.written.happen()
		if d.cancelled {
			cancelled = append(cancelled, d)
		} else {
			s.enqueue(d)
		}
	}
	s.mu.Unlock()
	if err := s.withdraw(cancelled...); err != nil {
		s.log.Warn("cancelled deliveries go on", "error", err)
	}
	return entries
}

// keepTime brings deliveries into their lanes when they are due.
func (s *Server) keepTime(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		var due <-chan time.Time // nil while nothing waits: virtual time must be able to stand still
		if wait, more := s.release(); more {
			timer.Reset(wait)
			due = timer.C
		}
		select {
		case <-due:
		case <-s.earlier:
		case <-ctx.Done():
			s.close()
			return
		}
	}
}

func (s *Server) release() (wait time.Duration, more bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	released, wait, more := s.queue.release(s.clock.now())
	if released > 0 {
		wake(s.books)
	}
	return wait, more
}

// work makes the attempts whose intents are written down, until the server is
// closed and none is left.
func (s *Server) work(ctx context.Context) {
	for d := s.take(result{}); d != nil; {
		d = s.take(s.deliver(ctx, d))
	}
}

// deliver takes a delivery one step further: attempt and step. Its intent is
// written down; the outcome the clerk will write.
func (s *Server) deliver(ctx context.Context, d *Delivery) result {
	a, reply, err := s.attempt(ctx, d, d.progress.charged+1)
	now := s.clock.now()
	next := s.decide(d, a, reply, err, now)
	next.reason = joinReasons(next.reason, a.note())
	a.Reason = joinReasons(next.reason, a.Reason)
	if next.state == Waiting {
		a.Wait = next.policy
		a.Next = now.Add(d.progress.skipped + next.policy)
		a.Due = now.Add(next.wait)
	}
	s.tell(d, a, next)
	return result{Delivery: d, attempt: a, next: next, at: now}
}

// step is what happens to a delivery next, and why.
type step struct {
	state  State         // Waiting, or the end
	wait   time.Duration // real time before the next attempt
	policy time.Duration // the same before Options.Speed shortened it
	then   string        // what becomes of the registration
	reason string
	err    error // why the delivery cannot be made at all
}

// decide asks the policy what follows an attempt, unless the failure is ours.
func (s *Server) decide(d *Delivery, a *Attempt, reply contracts.Reply, err error, now time.Time) step {
	switch {
	case d.parcel.Tamper.Drop && a.Failure == failTampered:
		return step{state: Cancelled, reason: "never sent"}
	case a.Failure == failInterrupted:
		return step{state: Waiting, reason: "interrupted by our own shutdown, not counted"}
	case a.Ours && (d.parcel.Once || permanent(a.Failure)):
		return step{state: Cancelled, reason: "could not be made: " + cmp.Or(a.Detail, a.Failure), err: err}
	case a.Ours:
		return s.putOff(d, "our own fault ("+a.Failure+"), not counted")
	}
	if d.parcel.Tamper.Twice && a.Number == 1 {
		return step{state: Waiting, reason: "sent a second time"}
	}
	progress := contracts.Progress{Attempt: a.Number, First: now.Add(-d.progress.age - a.Took), Now: now}
	if d.policy.Jitter > 0 {
		progress.Rand = s.seed.fraction(d.id, a.Number)
	}
	policy := d.policy.Next(progress, reply)
	switch {
	case policy.Decision == contracts.DecideDelivered:
		return step{state: Delivered, then: policy.Then, reason: policy.Reason}
	case policy.Decision != contracts.DecideRetry:
		return step{state: Exhausted, then: policy.Then, reason: policy.Reason}
	case d.parcel.Once:
		return step{state: Exhausted, then: contracts.Keep, reason: "one attempt was asked for"}
	}
	return step{state: Waiting, wait: d.clock().shorten(policy.Wait), policy: policy.Wait, reason: policy.Reason}
}

// putOff is the step after a fault of our own: 1 s, 2 s, 4 s … up to a minute,
// in real time.
func (s *Server) putOff(d *Delivery, reason string) step {
	wait := min(time.Second<<min(d.progress.faults, 6), time.Minute)
	return step{state: Waiting, wait: wait, policy: wait, reason: reason}
}

// step lets happen what was written down. It reports whether the delivery was
// cancelled meanwhile, and is in no queue. It needs s.mu.
func (s *Server) step(r *result) (withdrawn bool) {
	d, next := r.Delivery, r.next
	if r.attempt == nil {
		d.progress.faults++
	} else {
		d.progress.add(r.attempt)
		s.keep(d, r.attempt)
		if !r.attempt.Ours {
			s.queue.overtake(d, r.at)
		}
	}
	if next.state.ended() {
		s.finish(d, next)
		return false
	}
	s.move(d, Waiting)
	d.reason, d.err = next.reason, next.err
	d.due = r.at.Add(next.wait)
	if !d.cancelled {
		s.enqueue(d)
	}
	return d.cancelled
}

func (s *Server) tell(d *Delivery, a *Attempt, next step) {
	if !s.log.Enabled(context.Background(), slog.LevelDebug) {
		return
	}
	s.log.Debug("attempt", "delivery", d.id, "number", a.Number, "endpoint", a.Request.URL, "status", a.Status,
		"failure", a.Failure, "ours", a.Ours, "state", next.state, "reason", a.Reason)
}

// enqueue lets a delivery wait for its turn, or until it is due. It needs s.mu.
func (s *Server) enqueue(d *Delivery) {
	if d.lane == nil {
		s.queue.join(d)
	}
	now := s.clock.now()
	if d.due.After(now) {
		s.queue.putLater(d)
		return
	}
	s.queue.put(d, now)
	wake(s.books)
}

// move is the only place where a delivery changes its state. It needs s.mu.
func (s *Server) move(d *Delivery, to State) {
	*s.stats.of(d.state)--
	d.state = to
	*s.stats.of(to)++
}

// finish ends a delivery. It needs s.mu.
func (s *Server) finish(d *Delivery, end step) {
	s.move(d, end.state)
	d.reason, d.then = end.reason, end.then
	if end.err != nil {
		d.err = fmt.Errorf("delivery %q could not be made: %w", d.id, end.err)
	}
	s.queue.forget(d)
	wake(s.books)
	d.over.happen()
	s.ended.push(d)
	if s.ended.len() > keptEnded {
		old := s.ended.pop()
		s.kept -= old.kept
		if s.known[old.id] == old {
			delete(s.known, old.id)
		}
	}
	s.tellIdle()
}

// refuse ends a delivery that was never written down. It needs s.mu.
func (s *Server) refuse(d *Delivery, why error) {
	s.move(d, refused)
	d.err = fmt.Errorf("delivery %q: %w", d.id, why)
	if s.known[d.id] == d {
		delete(s.known, d.id)
	}
	d.written.happen()
	d.over.happen()
	s.tellIdle()
}

func (s *Server) tellIdle() {
	if s.idle != nil && s.stats.live() == 0 {
		close(s.idle)
		s.idle = nil
	}
}

func joinReasons(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + "; " + b
}
