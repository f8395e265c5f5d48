package mockserver

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/hookrig/hookrig/contracts"
)

// This file is the life of a delivery: admit → (enqueue → deliver)* → finish.
// Each of the three loops runs in goroutines of Run.

// admit writes down what was sent, as much at once as there is, until ctx is
// done and nothing is left.
func (s *Server) admit(ctx context.Context) {
	for open := true; open; {
		select {
		case <-s.arrived:
		case <-ctx.Done():
			s.close() // nothing arrives after this
			open = false
		}
		for batch := s.arrivals(); len(batch) > 0; batch = s.arrivals() {
			s.writeDown(batch)
		}
	}
}

func (s *Server) arrivals() []*Delivery {
	const most = 1024 // in one commit of the journal
	s.mu.Lock()
	defer s.mu.Unlock()
	n := min(len(s.arriving), most)
	batch := s.arriving[:n:n]
	if s.arriving = s.arriving[n:]; len(s.arriving) == 0 {
		s.arriving = nil
	}
	return batch
}

func (s *Server) writeDown(batch []*Delivery) {
	entries := make([]Entry, len(batch))
	for i, d := range batch {
		entries[i] = d.queuedEntry(s.clock)
	}
	err := s.scribe.write(entries...)

	var cancelled []*Delivery
	s.mu.Lock()
	for _, d := range batch {
		if err != nil {
			s.refuse(d, fmt.Errorf("not written down: %w", err))
			continue
		}
		s.move(d, Waiting)
		close(d.written)
		if d.cancelled {
			cancelled = append(cancelled, d)
		} else {
			s.enqueue(d)
		}
	}
	s.mu.Unlock()
	for _, d := range cancelled {
		if err := s.withdraw(d); err != nil {
			s.log.Warn("a cancelled delivery goes on", "error", err)
		}
	}
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
		s.ready.Signal() // who takes one signals the next
	}
	return wait, more
}

// work delivers whatever is due until the server is closed.
func (s *Server) work(ctx context.Context) {
	for d := s.take(ctx); d != nil; d = s.take(ctx) {
		s.deliver(ctx, d)
	}
}

// take waits for a delivery whose turn it is. It returns nil when the server is
// closed or ctx is done, so that nobody takes up again what a shutdown interrupted.
func (s *Server) take(ctx context.Context) *Delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	for !s.closed && ctx.Err() == nil {
		if d := s.queue.next(); d != nil {
			s.move(d, Attempting)
			if s.queue.turn.len() > 0 {
				s.ready.Signal()
			}
			return d
		}
		s.ready.Wait()
	}
	return nil
}

// deliver takes a delivery one step further: intent, attempt, outcome, step.
func (s *Server) deliver(ctx context.Context, d *Delivery) {
	n := d.charged + 1
	if err := s.scribe.write(d.intentEntry(s.clock, n)); err != nil {
		s.log.Warn("attempt put off: its intent cannot be written down", "delivery", d.id, "error", err)
		s.settle(d, nil, s.putOff(d, "the journal does not take entries"))
		return
	}
	attempt, reply, err := s.attempt(ctx, d, n)
	next := s.decide(d, &attempt, reply, err)
	s.settle(d, &attempt, next)
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
func (s *Server) decide(d *Delivery, a *Attempt, reply contracts.Reply, err error) step {
	switch {
	case a.Failure == failInterrupted:
		return step{state: Waiting, reason: "interrupted by our own shutdown, not counted"}
	case a.Ours && (d.parcel.Once || permanent(a.Failure)):
		return step{state: Cancelled, reason: "could not be made: " + a.Failure, err: err}
	case a.Ours:
		return s.putOff(d, "our own fault ("+a.Failure+"), not counted")
	}
	now := s.clock.now()
	progress := contracts.Progress{Attempt: a.Number, First: now.Add(-d.age(a, now)), Now: now}
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
	return step{state: Waiting, wait: s.clock.shorten(policy.Wait), policy: policy.Wait, reason: policy.Reason}
}

// age is the time since the first attempt that counts, as the policy sees it:
// with the waits in full that Options.Speed shortened, and without the time that
// our own faults took.
func (d *Delivery) age(a *Attempt, now time.Time) time.Duration {
	if d.charged == 0 {
		return now.Sub(a.Started)
	}
	return now.Sub(d.first) + d.skipped - d.lost
}

// putOff is the step after a fault of our own: 1 s, 2 s, 4 s … up to a minute,
// in real time.
func (s *Server) putOff(d *Delivery, reason string) step {
	wait := min(time.Second<<min(d.faults, 6), time.Minute)
	return step{state: Waiting, wait: wait, policy: wait, reason: reason}
}

// settle writes down what became of an attempt (nil: none was made) and lets the
// step happen.
func (s *Server) settle(d *Delivery, a *Attempt, next step) {
	now := s.clock.now()
	if a != nil {
		a.Reason = joinReasons(next.reason, a.Reason)
		if next.state == Waiting {
			a.Wait = next.policy
			a.Next = now.Add(d.skipped + next.policy)
			a.Due = now.Add(next.wait)
		}
		entries := []Entry{d.attemptEntry(s.clock, *a, next)}
		if next.state.ended() {
			entries = append(entries, d.endedEntry(s.clock, next))
		}
		if err := s.scribe.insist(entries...); err != nil {
			// The journal keeps an intent without outcome, which is the truth.
			next = step{state: Waiting, err: fmt.Errorf("outcome not written down: %w", err)}
		}
	}

	s.tell(d, a, next)
	s.mu.Lock()
	withdrawn := false
	s.count(d, a)
	s.queue.done(d, next.state.ended())
	switch {
	case next.state.ended():
		s.finish(d, next)
	default:
		s.move(d, Waiting)
		d.reason, d.err = next.reason, next.err
		d.due = now.Add(next.wait)
		d.skipped += next.policy - next.wait
		if a == nil || a.Ours {
			d.lost += next.wait
		}
		if withdrawn = d.cancelled; !withdrawn {
			s.enqueue(d)
		}
	}
	s.mu.Unlock()
	if withdrawn {
		if err := s.withdraw(d); err != nil {
			s.log.Warn("a cancelled delivery goes on", "error", err)
		}
	}
}

func (s *Server) tell(d *Delivery, a *Attempt, next step) {
	if a == nil || !s.log.Enabled(context.Background(), slog.LevelDebug) {
		return
	}
	s.log.Debug("attempt", "delivery", d.id, "number", a.Number, "endpoint", a.Request.URL, "status", a.Status,
		"failure", a.Failure, "ours", a.Ours, "state", next.state, "reason", a.Reason)
}

// count keeps an attempt and its charge. It needs s.mu.
func (s *Server) count(d *Delivery, a *Attempt) {
	if a != nil {
		d.attempts = append(d.attempts, *a)
	}
	switch {
	case a == nil:
		d.faults++
	case a.Ours:
		d.faults++
		d.lost += a.Took
	default:
		d.faults = 0
		if d.charged++; d.charged == 1 {
			d.first, d.lost = a.Started, 0
		}
	}
}

// enqueue lets a delivery wait for a worker, or until it is due. It needs s.mu.
func (s *Server) enqueue(d *Delivery) {
	if d.due.After(s.clock.now()) {
		if s.queue.putLater(d) {
			wake(s.earlier)
		}
		return
	}
	s.queue.put(d)
	s.ready.Signal()
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
	s.ready.Signal()
	close(d.over)
	s.ended.push(d)
	if s.ended.len() > keptEnded {
		if old := s.ended.pop(); s.known[old.id] == old {
			delete(s.known, old.id)
		}
	}
	s.tellIdle()
}

// refuse ends a delivery that was never written down. It needs s.mu.
func (s *Server) refuse(d *Delivery, why error) {
	s.move(d, refused)
	d.refusal = fmt.Errorf("delivery %q: %w", d.id, why)
	d.err = d.refusal
	if s.known[d.id] == d {
		delete(s.known, d.id)
	}
	close(d.written)
	close(d.over)
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
