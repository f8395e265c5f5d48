package scenario

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/mockserver"
	"github.com/hookrig/hookrig/verifier"
)

// Options of Run.
type Options struct {
	// Endpoints are where each provider delivers, by its name; "" is for those that have none.
	Endpoints map[string]mockserver.Endpoint
	Transport http.RoundTripper     // nil: the network; mockserver.InProcess(h) in tests
	Journal   mockserver.Journal    // nil: in memory
	Oracle    verifier.Oracle       // counts effects; nil: they are not seen
	State     verifier.StateOracle  // shows states; nil: they are not seen
	Speed     float64               // 0: the scenario's
	Settle    time.Duration         // 0: the scenario's
	Unmarked  bool                  // leave out the headers that mark test traffic
	Progress  func(step StepResult) // is told each step that is over; nil: nobody
}

// retrySpeed divides the waits between attempts where nobody says a speed.
const retrySpeed = 3600

// Run sends what a plan lists through a mock server of its own, asks the
// oracles, and judges. What the receiver did wrong is in the result; the error
// is ctx's, or says that nothing could be sent or written down.
func Run(ctx context.Context, plan *Plan, o Options) (*Result, error) {
	r := &runner{plan: plan, o: o, result: plan.result(), speed: cmp.Or(o.Speed, plan.Scenario.Speed), began: map[int]json.RawMessage{}, strange: map[int]string{}, sent: make([]*mockserver.Delivery, len(plan.Events))}
	for _, c := range plan.contracts {
		if _, err := r.endpoint(c); err != nil {
			return nil, err
		}
	}
	server := mockserver.New(mockserver.Options{
		Journal: o.Journal, Transport: o.Transport, Speed: cmp.Or(r.speed, retrySpeed), Unmarked: o.Unmarked,
	})
	r.server = server
	if err := server.Run(ctx, r.run); err != nil {
		return r.result, err
	}
	r.result.end()
	return r.result, nil
}

// runner runs one plan.
type runner struct {
	plan    *Plan
	o       Options
	server  *mockserver.Server
	result  *Result
	speed   float64 // of the shop's time; 0: it is not waited for
	at      time.Time
	sent    []*mockserver.Delivery  // by index of the event
	began   map[int]json.RawMessage // states before the step, by index of the event that is asked for
	strange map[int]string          // events that cannot be judged by their effects, and why
}

func (r *runner) endpoint(c *contracts.Contract) (mockserver.Endpoint, error) {
	e, ok := r.o.Endpoints[c.Provider()]
	if !ok {
		e, ok = r.o.Endpoints[""]
	}
	if !ok && r.o.Transport != nil {
		return mockserver.Endpoint{URL: "http://receiver.test/hooks"}, nil
	}
	if !ok {
		return e, fmt.Errorf("nobody says where %q delivers", c.Provider())
	}
	return e, nil
}

// run goes through the steps, and judges each after it.
func (r *runner) run(ctx context.Context) error {
	for i := range r.plan.Steps {
		step := &r.plan.Steps[i]
		if err := r.before(ctx, step); err != nil {
			return err
		}
		if err := r.send(ctx, step); err != nil {
			return err
		}
		if err := r.judge(ctx, i); err != nil {
			return err
		}
		if r.o.Progress != nil {
			r.o.Progress(r.result.Steps[i])
		}
	}
	return r.judgeEnd(ctx)
}

// send delivers a step's events: one after the other, at a rate or all at once.
func (r *runner) send(ctx context.Context, step *PlanStep) error {
	for _, n := range step.Events {
		e := &r.plan.Events[n]
		if r.speed > 0 && !r.at.IsZero() && e.Again < 0 {
			if err := pause(ctx, time.Duration(float64(max(0, e.Time.Sub(r.at)))/r.speed)); err != nil {
				return err
			}
		}
		if e.Again < 0 && e.Time.After(r.at) {
			r.at = e.Time
		}
		if err := r.sendOne(n); err != nil {
			return err
		}
		var err error
		switch {
		case step.Rate > 0:
			err = pause(ctx, time.Duration(float64(time.Second)/step.Rate))
		case !step.Parallel:
			err = r.wait(ctx, n)
		}
		if err != nil {
			return err
		}
	}
	for _, n := range step.Events {
		if err := r.wait(ctx, n); err != nil {
			return err
		}
	}
	return nil
}

func (r *runner) sendOne(n int) error {
	e := &r.plan.Events[n]
	endpoint, err := r.endpoint(e.Event.Type.Contract())
	if err != nil {
		return err
	}
	parcel := mockserver.Parcel{Event: e.Event, Endpoint: endpoint, Label: r.plan.Scenario.Name}
	if e.Tamper != "" {
		if parcel.Tamper, err = mockserver.TamperNamed(e.Tamper); err != nil {
			return err
		}
	}
	if e.Again >= 0 {
		parcel.ID, parcel.Again = r.sent[e.Again].ID(), true
	}
	r.sent[n] = r.server.Send(parcel)
	return nil
}

// wait waits for the end of a delivery and writes down how it went.
func (r *runner) wait(ctx context.Context, n int) error {
	outcome, err := r.sent[n].Wait(ctx)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	to := &r.result.Events[n]
	to.Delivery, to.Outcome = r.sent[n].ID(), outcome
	if err != nil {
		to.Error = err.Error()
	}
	to.judge()
	return nil
}

// pause lets real time pass.
func pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// subjects are the events of a step whose records are looked at: the last of
// each provider that the oracle sees.
func (r *runner) subjects(events []int) (out []int) {
	var seen []string
	for _, n := range slices.Backward(events) {
		ev := r.plan.Events[n].Event
		provider := ev.Type.Contract().Provider()
		if some, ok := r.o.State.(verifier.Selective); ok && !some.Sees(ev) || slices.Contains(seen, provider) {
			continue
		}
		seen = append(seen, provider)
		out = append(out, n)
	}
	return out
}

// before looks at what a step is expected to change, or to leave.
func (r *runner) before(ctx context.Context, step *PlanStep) error {
	expect, end := step.Expect, r.plan.Scenario.Expect
	if r.o.State != nil && expect != nil && expect.compares() {
		for _, n := range r.subjects(step.Events) {
			state, err := r.o.State.State(ctx, r.plan.Events[n].Event, r.idOf(n))
			if err != nil {
				return &verifier.OracleError{Event: r.plan.Events[n].Event.Type.Name(), Err: err}
			}
			r.began[n] = state
		}
	}
	if r.o.Oracle == nil || (expect == nil || expect.Effects == nil) && (end == nil || end.Effects == nil) {
		return nil
	}
	for _, n := range step.Events {
		e := &r.plan.Events[n]
		if e.Again >= 0 || !sees(r.o.Oracle, e.Event) {
			continue
		}
		had, err := r.o.Oracle.Effects(ctx, e.Event, "")
		if err != nil {
			return &verifier.OracleError{Event: e.Event.Type.Name(), Err: err}
		}
		if had > 0 {
			r.strange[n] = "the receiver knew the event before it was sent: choose another seed"
		}
	}
	return nil
}

func (r *runner) idOf(n int) string {
	if again := r.plan.Events[n].Again; again >= 0 {
		n = again
	}
	if r.sent[n] == nil {
		return ""
	}
	return r.sent[n].ID()
}

func sees(oracle any, ev contracts.Event) bool {
	some, ok := oracle.(verifier.Selective)
	return !ok || some.Sees(ev)
}
