package verifier

import (
	"cmp"
	"context"
	"net/http"
	"strings"
	"sync"

	"github.com/hookrig/hookrig/mockserver"
)

// TB is the part of *testing.T that Verify and VerifyFresh need. T is the type
// of subtests, so that *testing.T is a TB[*testing.T].
type TB[T any] interface {
	Helper()
	Context() context.Context
	Run(name string, f func(T)) bool
	Log(args ...any)
	Error(args ...any)
	Fatal(args ...any)
	Skip(args ...any)
}

// Verify runs the suite against o.URL in real time and makes every check a
// subtest of its name: failures fail, warnings are logged, checks that were not
// judged are skipped with the reason. What could not be judged at all (see Run)
// fails the test. The whole suite runs, whichever subtests -run selects; o.Only
// narrows it.
func Verify[T TB[T]](t T, o Options) *Report {
	t.Helper()
	r, err := Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range r.Checks {
		t.Run(c.Name, func(t T) { tell(t, c) })
	}
	return r
}

// VerifyFresh runs each check against a receiver of its own in the test's
// process, after the baseline: fresh makes it, with the oracle that looks into it
// or nil; one that is a StateOracle too shows both. Transport, Oracle, State,
// Virtual and Restart of o are replaced; its URL may be empty. A handler that is a
// Restarter is restarted by the checks of what it keeps.
//
// Bubble is testing/synctest.Test: days pass in no time then, so that duplicates
// come a week late, and no answer is slow because the machine is. What fresh makes has to live within the bubble: no
// sockets, no goroutines that outlive it. A nil bubble means real time.
//
// Checks that look at what the others sent share a run of the whole selection. An
// o.Require that names checks fails the test: each run has but one.
func VerifyFresh[T TB[T]](t T, bubble func(T, func(T)), fresh func(T) (http.Handler, Oracle), o Options) {
	t.Helper()
	if o.Virtual = bubble != nil; !o.Virtual {
		bubble = func(t T, f func(T)) { f(t) }
	}
	o.URL = cmp.Or(o.URL, "http://receiver.test/")
	planned, err := plannedFor(o)
	if err != nil {
		t.Fatal(err)
	}
	var whole *Report // for the checks that look at what the others sent
	for _, c := range planned {
		t.Run(c.name, func(t T) {
			bubble(t, func(t T) {
				t.Helper()
				r := whole
				if c.act != nil || r == nil {
					r = runFresh(t, c, fresh, o)
				}
				if c.act == nil {
					whole = r
				}
				for _, result := range r.Checks {
					if result.Name == c.name {
						tell(t, result)
					}
				}
			})
		})
	}
}

// Restarter is a handler that can be stopped and started again.
type Restarter interface {
	// Restart returns the handler that goes on: what is stored is there, what was
	// only in memory is not.
	Restart() http.Handler
}

// restarting is a handler that may give way to another.
type restarting struct {
	mu      sync.RWMutex
	handler http.Handler
}

func (r *restarting) current() http.Handler {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.handler
}

func (r *restarting) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	r.current().ServeHTTP(w, req)
}

func (r *restarting) canRestart() bool {
	_, ok := r.current().(Restarter)
	return ok
}

func (r *restarting) restart(context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if old, ok := r.handler.(Restarter); ok {
		r.handler = old.Restart()
	}
	return nil
}

// runFresh runs one check, or all where it sends nothing itself.
func runFresh[T TB[T]](t T, c *check, fresh func(T) (http.Handler, Oracle), o Options) *Report {
	t.Helper()
	if c.act != nil {
		o.Only, o.Skip = []string{c.name}, nil
	}
	handler, oracle := fresh(t)
	o.State, _ = oracle.(StateOracle)
	running := &restarting{handler: handler}
	if o.Restart = nil; running.canRestart() {
		o.Restart = running.restart
	}
	o.Transport, o.Oracle = mockserver.InProcess(running), oracle
	r, err := Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// plannedFor are the checks that Run would do. An oracle comes with each
// receiver, so that its absence is no reason here.
func plannedFor(o Options) ([]*check, error) {
	if o.Oracle == nil {
		o.Oracle = OracleFunc(nil)
	}
	s, err := newSession(o)
	if err != nil {
		return nil, err
	}
	return s.planned, nil
}

// tell ends a subtest by a check's verdict.
func tell[T TB[T]](t T, c Result) {
	t.Helper()
	var text strings.Builder
	text.WriteString(show(c.Because))
	for _, l := range c.explanation() {
		if l[0] != "seen" {
			text.WriteString("\n" + l[0] + ": " + show(l[1]))
		}
	}
	switch {
	case c.waived():
		t.Skip("waived until", c.Waiver.Until+":", c.Waiver.Reason)
	case c.Verdict == Fail:
		t.Error(text.String())
	case c.Verdict == Warn:
		t.Log(text.String())
	case c.Verdict != Pass:
		t.Skip(string(c.Verdict)+":", show(c.Because))
	}
}
