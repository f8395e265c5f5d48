package mockserver

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
)

// ErrRunLives is the answer where a run of the same name has not ended yet.
var ErrRunLives = errors.New("the run has not ended yet")

// Runs carries out many runs at once and knows them by name, for a server that
// is told at any time what to send. Its methods are safe for concurrent use.
//
// Inside Server.Run, it is another such room:
//
//	runs := mockserver.NewRuns()
//	err := server.Run(ctx, func(ctx context.Context) error {
//		return runs.Run(ctx, serve) // runs.Start from now on
//	})
type Runs struct {
	mu     sync.Mutex
	ctx    context.Context // of Run; nil before
	closed bool
	crew   sync.WaitGroup
	byName map[string]*Run
}

// NewRuns starts nothing.
func NewRuns() *Runs { return &Runs{byName: map[string]*Run{}} }

// Run owns the goroutines of the runs: it calls f, and when f has returned or ctx
// is cancelled it stops all that have not ended and returns once they are gone.
// Its error is f's. It can be called once.
func (r *Runs) Run(ctx context.Context, f func(context.Context) error) error {
	ctx, cancel := context.WithCancel(ctx)
	r.mu.Lock()
	if r.ctx != nil {
		r.mu.Unlock()
		cancel()
		return errors.New("these runs have been carried out before")
	}
	r.ctx = ctx
	waiting := r.all()
	for _, run := range waiting {
		r.start(run)
	}
	r.mu.Unlock()
	defer func() { // also if f panics or ends its goroutine
		r.mu.Lock()
		r.closed = true
		r.mu.Unlock()
		cancel()
		r.crew.Wait()
	}()
	return f(ctx)
}

// Start carries out a run that NewRun made; before Run is called, it is kept
// until then. The error is ErrRunLives where another of its name has not ended,
// or ErrStopped.
func (r *Runs) Start(run *Run) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if other := r.byName[run.name]; other != nil && !other.ended() {
		return fmt.Errorf("run %q: %w", run.name, ErrRunLives)
	}
	if r.closed || r.ctx != nil && r.ctx.Err() != nil {
		return fmt.Errorf("run %q: %w", run.name, ErrStopped)
	}
	r.byName[run.name] = run
	if r.ctx != nil {
		r.start(run)
	}
	return nil
}

// start needs r.mu.
func (r *Runs) start(run *Run) {
	ctx := r.ctx
	r.crew.Go(func() { _ = run.Do(ctx) }) // its status tells
}

// Find is the run with this name; nil: there is none.
func (r *Runs) Find(name string) *Run {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.byName[name]
}

// All are the runs by name, with those that have ended.
func (r *Runs) All() []*Run {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.all()
}

func (r *Runs) all() []*Run {
	return slices.SortedFunc(maps.Values(r.byName), func(a, b *Run) int { return cmp.Compare(a.name, b.name) })
}

// Forget drops a run that has ended. The error is ErrRunLives. That there is none
// of this name is no error.
func (r *Runs) Forget(name string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if run := r.byName[name]; run != nil && !run.ended() {
		return fmt.Errorf("run %q: %w", name, ErrRunLives)
	}
	delete(r.byName, name)
	return nil
}

func (r *Run) ended() bool {
	select {
	case <-r.over:
		return true
	default:
		return false
	}
}
