package api

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/hookrig/hookrig/mockserver"
	"github.com/hookrig/hookrig/verifier"
	"github.com/hookrig/hookrig/verifier/scenario"
)

// Bounds of what is played by requests. What is larger is for "hookrig run".
const (
	mostScenarios     = 4      // at once
	mostScenarioRuns  = 100    // that have ended and are still told of
	mostScenarioSends = 5_000  // deliveries of one run
	mostScenarioKept  = 50_000 // deliveries of all runs that are told of
)

// scenarioState is how a run of a scenario stands.
type scenarioState string

const (
	scenarioRunning     scenarioState = "running"
	scenarioDone        scenarioState = "done"
	scenarioStopped     scenarioState = "stopped"     // by a request
	scenarioInterrupted scenarioState = "interrupted" // by the end of the server; it does not go on
)

// scenarioRun is one run of a scenario, as it stands on the shelf. Bodies,
// requests and answers are the journal's. It is replaced and never changed.
type scenarioRun struct {
	Name         string                 `json:"name"` // the label of its deliveries too
	Scenario     string                 `json:"scenario"`
	About        string                 `json:"about,omitempty"`
	State        scenarioState          `json:"state"`
	Verdict      verifier.Verdict       `json:"verdict,omitempty"` // of one that is done
	Problem      string                 `json:"problem,omitempty"` // why it could not go on
	Seed         uint64                 `json:"seed"`
	Providers    []string               `json:"providers"`
	Begun        time.Time              `json:"begun"`
	Ended        time.Time              `json:"ended,omitzero"`
	Deliveries   int                    `json:"deliveries"` // that it makes
	Steps        []scenario.StepResult  `json:"steps"`      // those that are over
	Expectations []scenario.Expectation `json:"expectations,omitempty"`

	Events []scenarioEvent `json:"events,omitempty"`
}

// scenarioEvent is one event of a run without what the journal has.
type scenarioEvent struct {
	Planned  scenario.Row     `json:"planned"`
	Delivery string           `json:"delivery,omitempty"`
	State    mockserver.State `json:"state,omitempty"`
	Reason   string           `json:"reason,omitempty"`
	Error    string           `json:"error,omitempty"`
	Verdict  verifier.Verdict `json:"verdict"`
	Earlier  int              `json:"earlier,omitempty"` // attempts of the delivery that belong to earlier events
	Made     int              `json:"made,omitempty"`    // attempts of this one
}

// order ascends from the latest run to the oldest.
func (r *scenarioRun) order() string {
	return fmt.Sprintf("%020d %s", uint64(math.MaxInt64)-uint64(r.Begun.UnixNano()), r.Name)
}

// scenarios are the runs of scenarios: those that are told of, and those that go
// on between requests.
type scenarios struct {
	runs shelved[scenarioRun]

	mu      sync.Mutex
	live    map[string]*liveScenario
	waiting []*liveScenario // for play
	closed  bool
	crew    sync.WaitGroup
	play    func(*liveScenario) // nil: nobody plays them yet
}

// liveScenario is a run that goes on.
type liveScenario struct {
	name    string
	plan    *scenario.Plan
	options scenario.Options
	release func() // of what its endpoints hold

	stop    context.CancelCauseFunc
	context context.Context //nolint:containedctx // ends with the run
	over    chan struct{}
}

var errScenarioStopped = errors.New("stopped by a request")

// kindScenario is that of runs on the shelf.
const kindScenario = "scenario-run"

// loadScenarios reads the runs of earlier servers.
func (a *api) loadScenarios(ctx context.Context) error {
	a.scenarios.live = map[string]*liveScenario{}
	return a.scenarios.runs.load(ctx, a.shelf, kindScenario, nil)
}

// playScenarios plays what requests begin, until ctx is done and all have ended.
func (a *api) playScenarios(ctx context.Context) {
	s := &a.scenarios
	a.withdrawScenarios(ctx)
	s.mu.Lock()
	s.play = func(one *liveScenario) {
		s.crew.Go(func() { a.playScenario(ctx, one) })
	}
	for _, one := range s.waiting {
		s.play(one)
	}
	s.waiting = nil
	s.mu.Unlock()
	<-ctx.Done()
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.crew.Wait()
}

// withdrawScenarios ends what runs of an earlier server have left: nobody judges
// it any more.
func (a *api) withdrawScenarios(ctx context.Context) {
	for _, name := range a.scenarios.runs.names() {
		run, _ := a.scenarios.runs.get(name)
		a.scenarios.mu.Lock()
		lives := a.scenarios.live[name] != nil
		a.scenarios.mu.Unlock()
		if lives || run.State != scenarioRunning && run.State != scenarioInterrupted {
			continue
		}
		if run.State == scenarioRunning { // a crash
			run.State, run.Ended = scenarioInterrupted, time.Now()
			a.keepScenario(ctx, run)
		}
		// What was sent under its label since is not the run's.
		if _, err := a.server.CancelAll(ctx, mockserver.Query{Label: name, Until: run.Ended.Add(time.Millisecond)}); err != nil && ctx.Err() == nil {
			a.log.Error("deliveries of a scenario that was interrupted could not be cancelled", "run", name, "error", err)
		}
	}
}

// startScenario writes a run down and plays it.
func (a *api) startScenario(ctx context.Context, one *liveScenario) (scenarioRun, error) {
	s, plan := &a.scenarios, one.plan
	run := scenarioRun{
		Name: one.name, Scenario: plan.Scenario.Name, About: plan.Scenario.About, State: scenarioRunning, Seed: plan.Seed,
		Providers: plan.Providers, Begun: time.Now(), Deliveries: len(plan.Events), Steps: []scenario.StepResult{},
	}
	one.over = make(chan struct{})
	one.context, one.stop = context.WithCancelCause(context.WithoutCancel(ctx))
	s.runs.writing.Lock()
	defer s.runs.writing.Unlock()
	if err := a.roomForScenario(ctx, run.Name, run.Deliveries); err != nil {
		return run, err
	}
	if err := s.runs.keep(ctx, run.Name, run); err != nil {
		return run, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return run, stopping()
	case s.play == nil:
		s.waiting = append(s.waiting, one)
	default:
		s.play(one)
	}
	s.live[run.Name] = one
	return run, nil
}

// roomForScenario forgets the oldest runs that have ended. It needs runs.writing.
func (a *api) roomForScenario(ctx context.Context, name string, deliveries int) error {
	s := &a.scenarios
	s.mu.Lock()
	live := len(s.live)
	s.mu.Unlock()
	if _, known := s.runs.get(name); known {
		return newProblem(http.StatusConflict, "there is a run of this name").kind("known-run").hint("GET /api/v1/scenarios/runs/" + name)
	}
	if live >= mostScenarios {
		return newProblem(http.StatusServiceUnavailable, fmt.Sprintf("%d scenarios are played already", mostScenarios)).kind("busy").hint("ask again when one has ended")
	}
	kept := 0
	for _, run := range a.scenarioRuns() {
		deliveries += run.Deliveries
		if kept++; run.State == scenarioRunning || kept < mostScenarioRuns && deliveries <= mostScenarioKept {
			continue
		}
		if err := s.runs.forget(ctx, run.Name); err != nil {
			return err
		}
	}
	return nil
}

// scenarioRuns are all that are told of, the latest first.
func (a *api) scenarioRuns() (all []scenarioRun) {
	for _, name := range a.scenarios.runs.names() {
		if run, ok := a.scenarios.runs.get(name); ok {
			all = append(all, run)
		}
	}
	slices.SortFunc(all, func(a, b scenarioRun) int { return cmp.Compare(a.order(), b.order()) })
	return all
}

// playScenario plays one run to its end.
func (a *api) playScenario(ctx context.Context, one *liveScenario) {
	s := &a.scenarios
	defer close(one.over)
	defer one.release()
	defer one.stop(nil)
	defer context.AfterFunc(ctx, func() { one.stop(nil) })()
	one.options.Progress = func(step scenario.StepResult) {
		run, _ := s.runs.get(one.name)
		run.Steps = append(slices.Clone(run.Steps), step)
		s.runs.put(one.name, run)
	}
	result, err := scenario.Run(one.context, one.plan, one.options)
	run, _ := s.runs.get(one.name)
	run.Ended = time.Now()
	run.take(result)
	switch {
	case err == nil:
		run.State, run.Verdict = scenarioDone, result.Verdict
	case errors.Is(context.Cause(one.context), errScenarioStopped):
		run.State = scenarioStopped
	case ctx.Err() != nil:
		run.State = scenarioInterrupted
	default:
		run.State, run.Problem = scenarioStopped, err.Error()
	}
	kept, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastSave)
	defer cancel()
	if run.State == scenarioStopped { // an interrupted one is withdrawn by the next server
		if _, err := a.server.CancelAll(kept, mockserver.Query{Label: one.name}); err != nil {
			a.log.Error("deliveries of a scenario that was stopped could not be cancelled", "run", one.name, "error", err)
		}
	}
	a.keepScenario(kept, run)
	s.mu.Lock()
	delete(s.live, one.name)
	s.mu.Unlock()
}

// keepScenario shows a run as it stands, and puts it on the shelf.
func (a *api) keepScenario(ctx context.Context, run scenarioRun) {
	a.scenarios.runs.writing.Lock()
	defer a.scenarios.runs.writing.Unlock()
	a.scenarios.runs.put(run.Name, run)
	if err := a.scenarios.runs.keep(ctx, run.Name, run); err != nil {
		a.log.Error("how a scenario went cannot be kept", "run", run.Name, "error", err)
	}
}

// take reads how a run went, but for what the journal has.
func (r *scenarioRun) take(result *scenario.Result) {
	if result == nil {
		return
	}
	r.Expectations = result.Expectations
	made := map[string]int{}
	for i := range result.Events {
		e := &result.Events[i]
		to := scenarioEvent{
			Planned: e.Planned, Delivery: e.Delivery, State: e.Outcome.State, Reason: e.Outcome.Reason, Error: e.Error, Verdict: e.Verdict,
			Earlier: made[e.Delivery], Made: len(e.Outcome.Attempts),
		}
		to.Planned.Body, to.Planned.Raw = nil, nil
		made[e.Delivery] += to.Made
		r.Events = append(r.Events, to)
	}
}
