package api

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/hookrig/hookrig/mockserver"
)

const (
	// everySave is how old what the shelf has of a run may be.
	everySave = time.Second
	// lastSave is how long the end waits for a shelf that hangs.
	lastSave = 5 * time.Second

	mostLive  = 1_000 // runs at once
	mostEnded = 1_000 // runs that have ended and are still told of

	// mostWorlds is how many runs live in a world at once, and how many worlds
	// are kept of those that have ended: each remembers what it has told.
	mostWorlds = 8
)

// work is what goes on between requests: runs are carried out and kept on the
// shelf, and entries of the journal have consequences, see [api.heed].
type work struct {
	runs      *mockserver.Runs
	schedules shelved[schedule]
	followed  followed
	stirred   chan struct{} // capacity 1: there may be something to save

	// writing is held by one change of byName at a time while it reaches the shelf.
	writing sync.Mutex
	mu      sync.Mutex
	byName  map[string]*execution
	failed  bool // the last save
}

// execution is a run with what it was begun with.
type execution struct {
	Schedule string    `json:"schedule,omitempty"` // that it is of; "": it was begun by itself
	Begun    time.Time `json:"begun"`
	Plan     plan      `json:"plan"`

	name    string
	world   World  // that the plan is for, once it is played
	release func() // of the plan's URL
	mu      sync.Mutex
	run     *mockserver.Run // nil: it has ended, and the shelf has that
	stopped bool            // by a request
	saved   mockserver.RunStatus
}

// Kinds of documents on the shelf. A run is written once, its status each second.
const (
	kindSchedule = "schedule"
	kindRun      = "run"
	kindStatus   = "run-status"
	kindFollowed = "followed"
)

// Run owns what goes on between requests: it takes up the runs that an earlier
// server has left, calls f, and returns when f has returned and everything is
// kept for the next one. Its error is f's. It can be called once, inside the
// server's own:
//
//	server.Run(ctx, func(ctx context.Context) error { return api.Run(ctx, serve) })
func (a *API) Run(ctx context.Context, f func(context.Context) error) error {
	w := &a.api.work
	defer func() { // the runs are gone, the journal is still there
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastSave)
		defer cancel()
		a.api.save(ctx)
	}()
	return w.runs.Run(ctx, func(ctx context.Context) error {
		ctx, cancel := context.WithCancel(ctx)
		var crew sync.WaitGroup
		crew.Go(func() { a.api.keepSaving(ctx) })
		crew.Go(func() { a.api.followJournal(ctx) })
		crew.Go(func() { a.api.playScenarios(ctx) })
		defer func() { // also if f panics
			cancel()
			crew.Wait()
		}()
		return f(ctx)
	})
}

// loadWork reads the shelf and takes up the runs that have not ended.
func (a *api) loadWork(ctx context.Context) error {
	w := &a.work
	w.runs, w.byName, w.stirred = mockserver.NewRuns(), map[string]*execution{}, make(chan struct{}, 1)
	w.stir()
	err := w.schedules.load(ctx, a.shelf, kindSchedule, func(_ string, s *schedule) { s.release = a.holdPlan(&s.plan) })
	if err == nil {
		err = a.loadFollowed(ctx)
	}
	if err != nil {
		return err
	}
	statuses := map[string]mockserver.RunStatus{}
	for d, err := range a.shelf.All(ctx, kindStatus) {
		var s mockserver.RunStatus
		if err == nil {
			err = json.Unmarshal(d.Doc, &s)
		}
		if err != nil {
			return fmt.Errorf("the status of run %q: %w", d.Name, err)
		}
		statuses[d.Name] = s
	}
	for d, err := range a.shelf.All(ctx, kindRun) {
		e := &execution{name: d.Name, saved: statuses[d.Name]}
		if err == nil {
			err = json.Unmarshal(d.Doc, e)
		}
		if err != nil {
			return fmt.Errorf("the document of run %q: %w", d.Name, err)
		}
		w.byName[d.Name] = e
		if hasEnded(e.saved.State) {
			continue
		}
		if err := a.carryOut(e); err != nil { // it stands on the shelf as it is, for a server that knows better
			a.log.Error("a run cannot be taken up again", "run", e.name, "error", err)
			e.saved.Name, e.saved.State, e.saved.Problem = e.name, mockserver.RunInterrupted, err.Error()
		}
	}
	return nil
}

func hasEnded(s mockserver.RunState) bool {
	return s == mockserver.RunStopped || s == mockserver.RunDone
}

// holdPlan keeps a plan's URL from being forgotten.
func (a *api) holdPlan(p *plan) (release func()) {
	if p.Hidden != "" {
		if release, ok := a.targets.holdID(p.Hidden); ok {
			return release
		}
	}
	return func() {}
}

// carryOut begins a run, or goes on with it.
func (a *api) carryOut(e *execution) error {
	o := mockserver.RunOptions{Make: a.maker(&e.Plan), Name: e.name, From: e.saved}
	if e.Plan.World != nil {
		if err := a.liveBy(e, &o); err != nil {
			return err
		}
	}
	run, err := mockserver.NewRun(a.server, e.Plan.Schedule, o)
	if err != nil {
		return err
	}
	if err := a.work.runs.Start(run); err != nil {
		return err
	}
	e.run, e.release = run, a.holdPlan(&e.Plan)
	return nil
}

// status is how a run stands.
func (e *execution) status() mockserver.RunStatus {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.stands()
}

// stands needs e.mu.
func (e *execution) stands() mockserver.RunStatus {
	if e.run == nil {
		return e.saved
	}
	s := e.run.Status()
	if e.stopped && s.State != mockserver.RunDone {
		s.State = mockserver.RunStopped // or will be in a moment
	}
	return s
}

// live is the run where it goes on, or would in the next server; nil where it has
// ended.
func (e *execution) live() *mockserver.Run {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.run == nil || hasEnded(e.stands().State) {
		return nil
	}
	return e.run
}

// keep writes down how the run stands.
func (e *execution) keep(ctx context.Context, shelf mockserver.Shelf, runs *mockserver.Runs) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	s := e.stands()
	if e.run == nil || !e.differs(&s) {
		return nil
	}
	doc, err := json.Marshal(s)
	if err != nil {
		return err
	}
	if err := shelf.Put(ctx, kindStatus, e.name, doc); err != nil {
		return err
	}
	if e.saved = s; hasEnded(s.State) {
		e.run = nil
		e.release()
		_ = runs.Forget(e.name) // not yet, if it is about to stop
	}
	return nil
}

// differs reports whether a restart would go on differently than from what the
// shelf has. A stream goes on where it stood, so the time matters to it; times on
// the wall come whether or not somebody counts.
func (e *execution) differs(s *mockserver.RunStatus) bool {
	was := &e.saved
	stream := e.Plan.Every == 0 && e.Plan.Cron == ""
	return s.State != was.State || s.Next != was.Next || !s.Start.Equal(was.Start) ||
		s.Emitted != was.Emitted || s.Known != was.Known || s.Refused != was.Refused || s.Skipped != was.Skipped ||
		stream && s.State == mockserver.RunRunning && !s.At.Equal(was.At)
}

func (w *work) stir() {
	select {
	case w.stirred <- struct{}{}:
	default:
	}
}

// keepSaving saves a second after something has stirred, and each second while a
// run goes on.
func (a *api) keepSaving(ctx context.Context) {
	for {
		select {
		case <-a.work.stirred:
		case <-ctx.Done():
			return
		}
		pause(ctx, everySave)
		if ctx.Err() != nil {
			return // the end saves for the last time
		}
		if a.save(ctx) {
			a.work.stir()
		}
	}
}

// save keeps what the next server must know, and reports whether there will be
// more of it. What cannot be kept now is kept the next time: the shelf is behind
// then, which does no harm.
func (a *api) save(ctx context.Context) (more bool) {
	var failed error
	for _, e := range a.work.all() {
		if err := e.keep(ctx, a.shelf, a.work.runs); err != nil {
			failed = err
		}
		more = more || e.moves()
	}
	if err := a.keepFollowed(ctx); err != nil {
		failed = err
	}
	if failed != nil && ctx.Err() == nil && !a.work.failed { // said once, and not each second
		a.log.Error("how runs stand cannot be kept", "error", failed)
	}
	a.work.failed = failed != nil
	return more || failed != nil
}

// moves reports whether the run changes by itself.
func (e *execution) moves() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.run == nil {
		return false
	}
	state := e.stands().State
	return state == mockserver.RunReady || state == mockserver.RunRunning
}

// all are the executions, the latest first.
func (w *work) all() []*execution {
	w.mu.Lock()
	list := make([]*execution, 0, len(w.byName))
	for _, e := range w.byName {
		list = append(list, e)
	}
	w.mu.Unlock()
	slices.SortFunc(list, func(a, b *execution) int { return cmp.Or(b.Begun.Compare(a.Begun), cmp.Compare(a.name, b.name)) })
	return list
}

func (w *work) find(name string) *execution {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.byName[name]
}
