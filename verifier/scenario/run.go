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
	"github.com/hookrig/hookrig/contracts/signature"
	"github.com/hookrig/hookrig/mockserver"
	"github.com/hookrig/hookrig/verifier"
)

// Options of Run.
type Options struct {
	// Endpoints are where each provider delivers, by its name; "" is for those that have none.
	Endpoints map[string]mockserver.Endpoint
	Transport http.RoundTripper     // nil: the network; mockserver.InProcess(h) in tests
	Journal   mockserver.Journal    // nil: in memory
	Server    *mockserver.Server    // running, in place of one with Transport, Journal and Unmarked; nil: one of its own
	Label     string                // of the deliveries in the journal; "": the scenario's name
	Oracle    verifier.Oracle       // counts effects; nil: they are not seen
	State     verifier.StateOracle  // shows states; nil: they are not seen
	Speed     float64               // 0: the scenario's
	Settle    time.Duration         // 0: the scenario's
	Unmarked  bool                  // leave out the headers that mark test traffic
	Progress  func(step StepResult) // is told each step that is over; nil: nobody
}

// longest is what no wait exceeds, however slow the shop's time goes.
const longest = 100 * 365 * 24 * time.Hour

// retrySpeed divides the waits between attempts where nobody says a speed.
const retrySpeed = 3600

// mostAtOnce is how many deliveries to one endpoint are under way at once, at
// most: what is to happen at one moment should not queue up here.
const mostAtOnce = 256

// Run sends what a plan lists through a mock server, asks the oracles, and
// judges. What the receiver did wrong is in the result; the error is ctx's, or
// says that nothing could be sent or written down. The result is as far as the
// run has come.
func Run(ctx context.Context, plan *Plan, o Options) (*Result, error) {
	r := &runner{
		plan: plan, o: o, result: plan.result(), speed: cmp.Or(o.Speed, plan.Scenario.Speed), label: cmp.Or(o.Label, plan.Scenario.Name),
		ids: make([]string, len(plan.Events)), twins: map[string]int{}, began: map[int]json.RawMessage{}, strange: map[int]string{}, reached: map[int]bool{}, sent: make([]*mockserver.Delivery, len(plan.Events)),
	}
	for _, c := range plan.contracts {
		e, err := r.endpoint(c)
		if err != nil {
			return nil, err
		}
		r.veil.Cover(c, e)
	}
	var err error
	if r.server = o.Server; r.server != nil {
		err = r.run(ctx)
	} else {
		r.server = mockserver.New(mockserver.Options{Journal: o.Journal, Transport: o.Transport, Unmarked: o.Unmarked, PerEndpoint: mostAtOnce})
		err = r.server.Run(ctx, r.run)
	}
	if err == nil {
		r.result.end()
	}
	return r.result, err
}

// runner runs one plan.
type runner struct {
	plan    *Plan
	o       Options
	server  *mockserver.Server
	result  *Result
	label   string
	veil    verifier.Veil
	speed   float64 // of the shop's time; 0: it is not waited for
	at      time.Time
	sent    []*mockserver.Delivery  // by index of the event
	ids     []string                // that the receiver sees, by index of what is new
	twins   map[string]int          // the first event of those bytes, where that is all a receiver sees
	began   map[int]json.RawMessage // states before the step, by index of the event that is asked for
	reached map[int]bool            // events that came to the receiver, by index of what is new
	strange map[int]string          // events that cannot be judged by their effects, and why
}

func (r *runner) endpoint(c *contracts.Contract) (mockserver.Endpoint, error) {
	e, ok := r.o.Endpoints[c.Provider()]
	if !ok {
		e, ok = r.o.Endpoints[""]
	}
	if !ok && r.o.Transport == nil {
		return e, fmt.Errorf("nobody says where %q delivers", c.Provider())
	}
	e.URL = cmp.Or(e.URL, "http://receiver.test/hooks") // in the same process
	if e.Concurrency == 0 {
		e.Concurrency = mostAtOnce
	}
	return e, nil
}

// run goes through the steps, and judges each after it.
func (r *runner) run(ctx context.Context) error {
	for from := 0; from < len(r.plan.Steps); {
		to := from + 1
		for group := r.plan.Steps[from].Group; group > 0 && to < len(r.plan.Steps) && r.plan.Steps[to].Group == group; {
			to++
		}
		if err := r.steps(ctx, from, to); err != nil {
			return err
		}
		from = to
	}
	return r.judgeEnd(ctx)
}

// steps goes through steps that happen at once, or through one.
func (r *runner) steps(ctx context.Context, from, to int) error {
	for i := from; i < to; i++ {
		if err := r.before(ctx, &r.plan.Steps[i]); err != nil {
			return err
		}
	}
	if err := r.send(ctx, r.plan.Steps[from:to]); err != nil {
		return err
	}
	for i := from; i < to; i++ {
		if err := r.judge(ctx, i); err != nil {
			return err
		}
		if r.o.Progress != nil {
			r.o.Progress(r.result.Steps[i])
		}
	}
	return nil
}

// send delivers the events of steps: one after the other, at a rate or all at
// once.
func (r *runner) send(ctx context.Context, steps []PlanStep) error {
	var under []int // way, and not waited for yet
	for _, step := range steps {
		together := len(steps) > 1 || step.Parallel
		for k, n := range step.Events {
			own := len(under) == 0 || !together && step.Rate == 0
			if err := r.keepTime(ctx, r.plan.Events[n].Time, own); err != nil {
				return err
			}
			if err := r.sendOne(n); err != nil {
				return err
			}
			under = append(under, n)
			copies := k+1 < len(step.Events) && r.plan.Events[step.Events[k+1]].Copy > 0
			var err error
			switch {
			case together || copies:
			case step.Rate > 0:
				err = pause(ctx, time.Duration(float64(time.Second)/step.Rate))
			default:
				err = r.wait(ctx, under...)
				under = under[:0]
			}
			if err != nil {
				return err
			}
		}
	}
	if err := r.wait(ctx, under...); err != nil || steps[0].Do != doWait {
		return err
	}
	return r.keepTime(ctx, steps[0].Ends, true) // also where nothing happens
}

// keepTime waits as long as the shop took until a moment, where its time is kept
// and whatever comes then does not leave with what was before it.
func (r *runner) keepTime(ctx context.Context, until time.Time, own bool) error {
	if !until.After(r.at) {
		return nil
	}
	began := r.at
	if r.at = until; r.speed == 0 || !own || began.IsZero() {
		return nil
	}
	return pause(ctx, time.Duration(min(float64(until.Sub(began))/r.speed, float64(longest))))
}

func (r *runner) sendOne(n int) error {
	e := &r.plan.Events[n]
	endpoint, err := r.endpoint(e.Event.Type.Contract())
	if err != nil {
		return err
	}
	parcel := mockserver.Parcel{ID: r.idOf(n), Event: e.Event, Endpoint: endpoint, Label: r.label, Speed: cmp.Or(r.speed, retrySpeed)}
	if e.Tamper != "" {
		if parcel.Tamper, err = mockserver.TamperNamed(e.Tamper); err != nil {
			return err
		}
	}
	parcel.Again = e.Again >= 0
	if e.Copy > 0 {
		copyOf(&parcel, e.Copy)
	}
	r.sent[n] = r.server.Send(parcel)
	return nil
}

// copyOf makes a parcel a copy of a delivery that is under way: it has an id of
// its own in the journal, and the receiver sees the other's.
func copyOf(p *mockserver.Parcel, nth int) {
	id := p.ID
	p.ID, p.Again = fmt.Sprintf("%s_%d", id, nth), true
	p.Tamper = mockserver.Tamper{Name: "copy", Seal: func(_ int, _ signature.Scheme, o *contracts.SealOptions) error {
		o.ID = id
		return nil
	}}
}

// wait waits for the end of deliveries and writes down how they went.
func (r *runner) wait(ctx context.Context, events ...int) error {
	for _, n := range events {
		outcome, err := r.sent[n].Wait(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		to := &r.result.Events[n]
		to.Delivery, to.Outcome = r.sent[n].ID(), outcome
		to.Outcome.Attempts = slices.Clone(outcome.Attempts)
		for i, a := range to.Outcome.Attempts {
			to.Outcome.Attempts[i] = r.veil.Attempt(a)
		}
		to.Outcome.Reason = r.veil.Text(outcome.Reason)
		if err != nil {
			to.Error = r.veil.Text(err.Error())
		}
		if to.judge(); to.ended() {
			r.reached[r.plan.first(n)] = true
		}
		r.overhear(n)
	}
	return nil
}

// overhear lets an oracle that goes by answers see those to an event.
func (r *runner) overhear(n int) {
	listener, ok := r.o.Oracle.(verifier.Attentive)
	if !ok {
		return
	}
	attempts := r.result.Events[n].Outcome.Attempts
	for i := range attempts {
		if a := &attempts[i]; !a.Ours {
			listener.Answered(r.toldOf(n), a)
		}
	}
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
// each provider that the oracle sees and that, by the contract, tells of a record
// with a life of its own; where none does, the last that it sees.
func (r *runner) subjects(events []int) (out []int) {
	at := map[string]int{} // places in out
	alive := map[string]bool{}
	for _, n := range slices.Backward(events) {
		ev := r.plan.Events[n].Event
		if r.plan.Events[n].Copy > 0 || !verifier.Sees(r.o.State, ev) {
			continue
		}
		c := ev.Type.Contract()
		life, _ := c.EntityOf(ev.Type)
		place, seen := at[c.Provider()]
		switch {
		case !seen:
			at[c.Provider()] = len(out)
			out = append(out, n)
		case alive[c.Provider()] || life == nil:
			continue
		default:
			out[place] = n
		}
		alive[c.Provider()] = life != nil
	}
	return out
}

// unseen is a provider that tells of a step and has no subject, "" where there is
// none.
func (r *runner) unseen(events, subjects []int) string {
	provider := func(n int) string { return r.plan.Events[n].Event.Type.Contract().Provider() }
	seen := map[string]bool{}
	for _, n := range subjects {
		seen[provider(n)] = true
	}
	for _, n := range events {
		if !seen[provider(n)] {
			return provider(n)
		}
	}
	return ""
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
		if e.Again >= 0 || e.Copy > 0 || !verifier.Sees(r.o.Oracle, e.Event) {
			continue
		}
		had, err := r.o.Oracle.Effects(ctx, e.Event, r.idOf(n))
		if err != nil {
			return &verifier.OracleError{Event: e.Event.Type.Name(), Err: err}
		}
		if had > 0 {
			r.strange[n] = "the receiver knew the event before it was sent: choose another seed"
		}
	}
	return nil
}

// idOf is the id that the receiver sees of an event: oracles are asked by it
// before it is sent, too.
func (r *runner) idOf(n int) string {
	n = r.plan.first(n)
	if r.ids[n] == "" {
		r.ids[n] = r.server.NewID()
	}
	return r.ids[n]
}

// toldOf is the id under which an oracle that goes by answers is told of an event.
// Two events of the same bytes are one to a receiver that gets no ids: whichever
// comes second is a duplicate there, and rightly has no effect.
func (r *runner) toldOf(n int) string {
	ev := r.plan.Events[n].Event
	if scheme, _ := ev.Type.Contract().Signature(); scheme.IDHeader != "" {
		return r.idOf(n)
	}
	key := ev.Type.Contract().Provider() + "\x00" + ev.Type.Name() + "\x00" + string(ev.Body)
	first, known := r.twins[key]
	if !known {
		first = r.plan.first(n)
		r.twins[key] = first
	}
	return r.idOf(first)
}
