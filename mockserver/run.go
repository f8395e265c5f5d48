package mockserver

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"
)

// Maker makes the parcel of an event. Its ID is the run's, whatever it says; its
// Label is the schedule's where it has none. The share is the one that the mix
// picks for the index. A maker is asked up to a second before the parcel is due,
// from one goroutine, and in the order of the indexes.
type Maker func(index uint64, share Share) (Parcel, error)

// RunState is where a run stands.
type RunState string

// A run is ready until Do is called, then running or paused until it ends. A run
// that was paused when its server stopped stays so: whoever takes it up again has
// a paused run.
const (
	RunReady       RunState = "ready"
	RunRunning     RunState = "running"
	RunPaused      RunState = "paused"
	RunInterrupted RunState = "interrupted" // its server, or Do's context, ended
	RunStopped     RunState = "stopped"     // by Stop
	RunDone        RunState = "done"        // nothing is left to send
)

// RunStatus is how a run stands. It is plain data: kept somewhere, it lets
// another run go on where this one stood (RunOptions.From).
//
// For a run from the beginning, Next is always the sum of Emitted, Known, Refused
// and Skipped.
type RunStatus struct {
	Name  string    `json:"name"`
	Label string    `json:"label,omitempty"`
	State RunState  `json:"state"`
	Start time.Time `json:"start,omitzero"` // the pattern's time zero, put off by pauses
	At    time.Time `json:"at,omitzero"`    // when the run stood so: now, when it was paused, or when it ended
	Next  uint64    `json:"next"`           // the index that has its turn
	Due   time.Time `json:"due,omitzero"`   // of Next, in real time; zero where there is none
	Speed float64   `json:"speed,omitempty"`

	Emitted uint64 `json:"emitted"`           // handed to the server
	Known   uint64 `json:"known"`             // sent already, as the journal knew
	Refused uint64 `json:"refused"`           // not made, or not taken by the server or its journal
	Skipped uint64 `json:"skipped"`           // their time passed while the run stood still, or nobody takes them
	Problem string `json:"problem,omitempty"` // of the last that was refused

	Late Lateness `json:"late"`
}

// RunOptions of NewRun. Make is needed.
type RunOptions struct {
	Make Maker
	Name string    // begins the ids of the deliveries; "": the schedule's. Another run of the same events needs another name
	From RunStatus // the zero status: from the beginning
	// Times, where it is set, stands in place of the schedule's pattern, of which the
	// limits still hold: how long after the start the event with an index comes, and
	// whether there is one. It is asked from one goroutine, with indexes that ascend
	// one by one from where the run begins, and its times do not descend.
	Times func(index uint64) (offset time.Duration, there bool)
}

// ErrUnwanted is the answer of a maker that has an event which nobody takes. The
// run counts it as skipped.
var ErrUnwanted = errors.New("nobody takes the event")

// ErrRunOver is the answer of a run that has ended.
var ErrRunOver = errors.New("the run has ended")

// Run is one execution of a schedule by a server. Its methods are safe for
// concurrent use.
//
// The clock of a run is open: each event is sent at its time, no matter whether
// the receiver, the journal or the deliveries before it keep up. How late the
// run itself was is measured, see [Lateness].
//
// What becomes of the times that pass while a run is paused, or between the stop
// of one and the begin of another that goes on from its status, is a matter of
// the pattern. Every and Cron name times of a clock on the wall: those are
// skipped, and their indexes with them. Rate, Ramp, Burst and Trace describe a
// stream: it stands still and goes on where it stood, so that all of it is sent
// at the rate that was asked for. Schedule.CatchUp sends at once what was missed.
//
// The id of a delivery is the run's name and the index. Where a status is older
// than the last delivery, some indexes come twice; a server that knows their ids
// from its journal refuses them (ErrKnown), and the run goes on.
type Run struct {
	server   *Server
	schedule Schedule
	name     string
	make     Maker
	times    timeline // in place of the pattern's; nil: none
	cursor   *cursor  // of the goroutine that runs Do

	changed chan struct{} // capacity 1: somebody asked for something
	over    chan struct{} // closed when the run has ended

	coming runItem       // the next to be made; of the goroutine that runs Do
	ahead  fifo[runItem] // made, not yet sent; the same

	mu     sync.Mutex
	status RunStatus // while the run is running, without its At
	late   lateLog
	sent   fifo[runSent] // not yet known whether they are queued

	missedTo time.Time // what was due before this passed while the run stood still
	awake    time.Time // when the run wants to look again
	advance  int       // so many events are wanted now
	stop     bool
	begun    bool
	refused  bool // the server has stopped
}

// runItem is an event with its place in the pattern.
type runItem struct {
	index  uint64
	offset time.Duration
	parcel Parcel
	err    error // of the maker
	none   bool  // the pattern has ended
}

type runSent struct {
	index    uint64
	delivery *Delivery
}

// NewRun starts nothing: Do does. The error is a *ScheduleError or says what
// RunOptions lack. The schedule must not be changed afterwards.
func NewRun(server *Server, schedule Schedule, o RunOptions) (*Run, error) {
	if err := schedule.check(o.Times != nil); err != nil {
		return nil, err
	}
	if o.Make == nil {
		return nil, errors.New("a run needs somebody who makes its parcels")
	}
	if o.Name == "" {
		o.Name = schedule.Name
	}
	if err := checkName(o.Name); err != nil {
		return nil, err
	}
	r := &Run{
		server: server, schedule: schedule, name: o.Name, make: o.Make, times: o.Times,
		changed: make(chan struct{}, 1), over: make(chan struct{}),
		status: o.From, late: newLateLog(),
	}
	r.status.Name, r.status.Label, r.status.Speed = o.Name, schedule.Label, server.clock.mark()
	if r.status.State != RunPaused {
		r.status.State = RunReady
	}
	return r, nil
}

// Name begins the ids of the run's deliveries.
func (r *Run) Name() string { return r.name }

// Schedule is what the run carries out.
func (r *Run) Schedule() Schedule { return r.schedule }

// DeliveryID is the id of the delivery with this index.
func (r *Run) DeliveryID(index uint64) string { return r.name + "-" + strconv.FormatUint(index, 10) }

// Pause lets the run stand still until Resume. The error is ErrRunOver.
func (r *Run) Pause() error {
	return r.ask(func(now time.Time) {
		if r.status.State == RunPaused {
			return
		}
		r.status.State = RunPaused
		if r.begun || r.status.At.IsZero() {
			r.status.At = now
		}
	})
}

// Resume lets a paused run go on. The error is ErrRunOver.
func (r *Run) Resume() error {
	return r.ask(func(now time.Time) {
		if r.status.State != RunPaused {
			return
		}
		r.status.State = RunReady
		if r.begun {
			r.status.State = RunRunning
			r.gap(r.status.At, now)
		}
	})
}

// Advance sends the next event now, also while the run is paused, which makes
// steps of it. The rest of a stream moves up with it; times on the wall stay. The
// error is ErrRunOver.
func (r *Run) Advance() error { return r.ask(func(time.Time) { r.advance++ }) }

// Stop ends the run; Wait knows when it has ended. A new run may go on from its
// status. The error is ErrRunOver.
func (r *Run) Stop() error { return r.ask(func(time.Time) { r.stop = true }) }

// ask changes something about a run that has not ended.
func (r *Run) ask(change func(now time.Time)) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ended() {
		return fmt.Errorf("run %q: %w", r.name, ErrRunOver)
	}
	change(r.server.clock.now())
	wake(r.changed)
	return nil
}

// Wait waits until the run has ended, as Do does. The error is ctx's.
func (r *Run) Wait(ctx context.Context) error {
	select {
	case <-r.over:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Status is how the run stands now.
func (r *Run) Status() RunStatus {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.settle()
	s := r.status
	s.Late = r.late.snapshot()
	if s.State == RunRunning {
		s.At = r.server.clock.now()
	}
	return s
}
