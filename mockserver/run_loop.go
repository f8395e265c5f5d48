package mockserver

import (
	"context"
	"errors"
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
	if err := r.setOut(); err != nil {
		return err
	}
	cursor, err := r.schedule.cursor(r.status.Start, r.schedule.Seed, r.status.Next)
	if err != nil { // NewRun has checked it
		return err
	}
	r.cursor = cursor
	r.come()
	return nil
}

// setOut decides when the pattern's time zero is, or was.
func (r *Run) setOut() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.begun {
		return fmt.Errorf("run %q has been carried out before: a new run goes on from its status", r.name)
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
	return nil
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
