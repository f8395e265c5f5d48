package mockserver

import (
	"context"
	"fmt"
	"time"
)

const (
	// runBatch is how many events a run sends, or makes, before it looks up.
	runBatch = 256
	// runHorizon is how long before its time a parcel is made. What a maker reads, such as
	// an endpoint that was changed, may be so old.
	runHorizon = time.Second
	// runNap is how long a run of times on the wall sleeps at most: the wall clock may be
	// set, and stands still for a machine that is suspended.
	runNap = time.Minute
)

// Do carries the run out and returns when it has ended: nil where nothing is left
// to send or Stop was called, else ctx's error or ErrStopped. It starts no
// goroutine. It can be called once, and needs a server that runs for as long.
func (r *Run) Do(ctx context.Context) (err error) {
	if err := r.begin(); err != nil {
		return err
	}
	done := false
	defer func() { r.end(done && err == nil) }() // also if the maker panics
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		var wait time.Duration
		if wait, done = r.turn(); done {
			return r.drain(ctx)
		}
		if r.stopping() {
			return r.refusal()
		}
		if err := r.sleep(ctx, timer, wait); err != nil {
			return err
		}
	}
}

// sleep waits until wait is over or somebody asks for something. The error ends
// the run.
func (r *Run) sleep(ctx context.Context, timer *time.Timer, wait time.Duration) error {
	if wait != 0 { // a timer would cost more than an event
		var due <-chan time.Time // nil while nothing comes by itself
		if wait > 0 {
			timer.Reset(wait)
			due = timer.C
		}
		select {
		case <-due:
		case <-r.changed:
		case <-ctx.Done():
		case <-r.server.over:
		}
	}
	select {
	case <-r.server.over:
		return fmt.Errorf("run %q: %w", r.name, ErrStopped)
	default:
		return ctx.Err()
	}
}

func (r *Run) begin() error {
	start, next, err := r.setOut()
	if err != nil {
		return err
	}
	if r.times != nil {
		r.cursor = r.schedule.cursorOf(r.times, r.schedule.Seed, next)
		r.come()
		return nil
	}
	r.cursor, err = r.schedule.cursor(start, r.schedule.Seed, next)
	if err != nil { // NewRun has checked it
		return err
	}
	r.come()
	return nil
}

// setOut decides when the pattern's time zero is, or was.
func (r *Run) setOut() (start time.Time, next uint64, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.begun {
		return start, 0, fmt.Errorf("run %q has been carried out before: a new run goes on from its status", r.name)
	}
	r.begun = true
	now := r.server.clock.now()
	s := &r.status
	if s.Start.IsZero() {
		s.Start = r.schedule.Start
	}
	if s.Start.IsZero() {
		s.Start = now
	}
	if r.schedule.onClock() {
		s.Start = s.Start.Round(0)
	} else {
		s.Start = now.Add(s.Start.Sub(now)) // by the monotonic clock, which nobody sets
	}
	switch {
	case s.State == RunReady:
		s.State = RunRunning
		r.gap(s.At, now)
	case s.At.IsZero():
		s.At = now
	}
	return s.Start, s.Next, nil
}

// end is the last that happens to a run.
func (r *Run) end(done bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.settle()
	s := &r.status
	if s.State != RunPaused {
		s.At = r.server.clock.now()
	}
	switch {
	case done:
		s.State = RunDone
	case r.stop:
		s.State = RunStopped
	case s.State != RunPaused: // which stays paused for who takes it up again
		s.State = RunInterrupted
	}
	s.Due = time.Time{}
	close(r.over)
}

// gap lets the run go on now after it stood still. It needs r.mu.
func (r *Run) gap(since, now time.Time) {
	s := &r.status
	switch {
	case r.schedule.CatchUp, r.schedule.onClock():
		r.missedTo = now
	default:
		if since.Before(s.Start) {
			since = s.Start // before, nothing was to be sent
		}
		if now.After(since) {
			s.Start = s.Start.Add(now.Sub(since))
		}
	}
}

// turn sends what is due and makes what comes. It returns how long nothing is to
// be done, or -1 until somebody asks, and whether all is done.
func (r *Run) turn() (wait time.Duration, done bool) {
	r.send()
	r.prepare()

	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.server.clock.now()
	r.notice(now)
	next, made := r.coming, false
	if r.ahead.len() > 0 {
		next, made = r.ahead.front(), true
	}
	if next.none {
		return 0, true
	}
	due := r.due(next.offset)
	r.status.Due = due.Round(0)
	switch {
	case r.advance > 0:
		return 0, false
	case r.status.State == RunPaused:
		r.awake = time.Time{}
		return -1, false
	case !made:
		due = due.Add(-runHorizon)
	}
	if wait = max(due.Sub(now), 0); r.schedule.onClock() {
		wait = min(wait, runNap)
	}
	r.awake = now.Add(wait).Round(0)
	return wait, false
}

// notice looks whether the machine was suspended, or the wall clock set forward,
// since the run wanted to be awake. It needs r.mu.
func (r *Run) notice(now time.Time) {
	if r.schedule.onClock() && !r.awake.IsZero() && now.Sub(r.awake) > runNap {
		r.gap(r.awake, now)
	}
	r.awake = now.Round(0)
}

// come looks at the next event of the pattern.
func (r *Run) come() {
	index, offset, ok := r.cursor.next()
	r.coming = runItem{index: index, offset: offset, none: !ok}
}

func (r *Run) due(offset time.Duration) time.Time {
	return r.status.Start.Add(r.server.clock.shorten(offset))
}

// skips reports whether an event is left out since its time has passed.
func (r *Run) skips(due time.Time) bool { return due.Before(r.missedTo) && !r.schedule.CatchUp }

func (r *Run) stopping() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.stop || r.refused
}

// refusal is why a run ends early: nil where Stop was called.
func (r *Run) refusal() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.refused {
		return fmt.Errorf("run %q: %w", r.name, ErrStopped)
	}
	return nil
}
