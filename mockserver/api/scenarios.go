package api

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gorilla/mux"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/schema"
	"github.com/hookrig/hookrig/mockserver"
	"github.com/hookrig/hookrig/verifier"
	"github.com/hookrig/hookrig/verifier/scenario"
)

// Oracles reads what a request names as oracles: who counts effects and who shows
// states, nil where nobody does. An error is about what the request says.
type Oracles func(named []string) (verifier.Oracle, verifier.StateOracle, error)

// scenarioRequest is the body of POST /api/v1/scenarios/runs.
type scenarioRequest struct {
	Name      string
	Scenario  json.RawMessage // a name, a file as JSON, or a file's text
	Endpoint  string
	Endpoints map[string]string // by provider
	To        string
	Secret    string
	Oracles   []string
	Seed      *uint64
	Speed     float64
	Settle    mockserver.Duration
}

func (a *api) listScenarios(w http.ResponseWriter, _ *http.Request) error {
	type row struct {
		Scenario  string   `json:"scenario"`
		About     string   `json:"about"`
		Providers []string `json:"providers"`
	}
	list := []row{}
	for _, name := range a.shippedScenarios() {
		s, err := scenario.Load(a.shipped, name+".yaml")
		if err != nil {
			return err
		}
		list = append(list, row{s.Name, s.About, orEmpty(s.Providers)})
	}
	return reply(w, http.StatusOK, map[string][]row{"scenarios": list})
}

// shippedScenarios are the names of those that can be asked for by name.
func (a *api) shippedScenarios() (names []string) {
	if a.shipped == nil {
		return nil
	}
	files, _ := fs.Glob(a.shipped, "*.yaml") // the pattern is right
	for _, file := range files {
		names = append(names, strings.TrimSuffix(file, ".yaml"))
	}
	return names
}

// readScenario reads the scenario of a request.
func (a *api) readScenario(given json.RawMessage) (*scenario.Scenario, error) {
	var text string
	switch err := json.Unmarshal(given, &text); {
	case err != nil: // an object, by the document
		return scenario.Read("scenario", given)
	case strings.ContainsAny(text, "\n:{"):
		return scenario.Read("scenario", []byte(text))
	case slices.Contains(a.shippedScenarios(), text):
		return scenario.Load(a.shipped, text+".yaml")
	}
	return nil, newProblem(http.StatusUnprocessableEntity, fmt.Sprintf("no scenario is called %q", text)).kind("unknown-scenario").
		nearestTo(text, a.shippedScenarios()).hint("GET /api/v1/scenarios").atBody("/scenario")
}

// beginScenario plays a scenario.
func (a *api) beginScenario(w http.ResponseWriter, r *http.Request) error {
	var in scenarioRequest
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		return newProblem(http.StatusUnprocessableEntity, "a number or a duration cannot be read").kind("invalid-request").atBody("").
			hint("write durations as 10s, 15m, 2h or 30d")
	}
	if !a.server.Running() {
		return stopping()
	}
	one, err := a.prepareScenario(r.Context(), &in)
	if err != nil {
		return err
	}
	run, err := a.startScenario(r.Context(), one)
	if err != nil {
		one.release()
		return err
	}
	w.Header().Set("Location", "/api/v1/scenarios/runs/"+run.Name)
	return reply(w, http.StatusAccepted, viewScenario(run))
}

// prepareScenario says what is wrong with a request before anything is sent.
func (a *api) prepareScenario(ctx context.Context, in *scenarioRequest) (one *liveScenario, err error) {
	s, err := a.readScenario(in.Scenario)
	if err != nil {
		return nil, scenarioProblem(err)
	}
	playing, err := a.playing(s, in)
	if err != nil {
		return nil, err
	}
	orders := 0
	for _, o := range s.Orders {
		orders += o.Count
	}
	if orders > mostScenarioSends {
		return nil, tooLongAStory(orders, "orders")
	}
	seed := s.Seed
	if in.Seed != nil {
		seed = *in.Seed
	}
	one = &liveScenario{
		name:    cmp.Or(in.Name, s.Name[:min(len(s.Name), 51)]+"-"+strings.ToLower(rand.Text()[:12])),
		options: scenario.Options{Server: a.server, Speed: in.Speed, Settle: time.Duration(in.Settle)},
	}
	one.options.Label = one.name
	if one.plan, err = s.Plan(playing, seed); err != nil {
		var place *schema.Error
		if !errors.As(err, &place) { // contracts that say nothing of a shop
			return nil, newProblem(http.StatusUnprocessableEntity, err.Error()).kind("invalid-scenario").atBody("/scenario")
		}
		return nil, scenarioProblem(err)
	}
	if n := len(one.plan.Events); n > mostScenarioSends {
		return nil, tooLongAStory(n, "deliveries")
	}
	if len(in.Oracles) > 0 {
		if a.oracles == nil {
			return nil, newProblem(http.StatusUnprocessableEntity, "this server asks no oracles").kind("invalid-request").atBody("/oracles")
		}
		if one.options.Oracle, one.options.State, err = a.oracles(in.Oracles); err != nil {
			return nil, newProblem(http.StatusUnprocessableEntity, err.Error()).kind("invalid-request").hint(hintOf(err)).atBody("/oracles")
		}
	}
	return one, a.aimScenario(ctx, in, one)
}

func tooLongAStory(n int, of string) *problem {
	return newProblem(http.StatusUnprocessableEntity, fmt.Sprintf("the scenario has %d %s, and %d are the most here", n, of, mostScenarioSends)).
		kind("invalid-request").hint("hookrig run FILE --to URL").atBody("/scenario")
}

// playing are the contracts that tell the story: of the providers with an
// endpoint of their own, or of the file's.
func (a *api) playing(s *scenario.Scenario, in *scenarioRequest) (all []*contracts.Contract, err error) {
	providers, at := s.Providers, "/scenario"
	if in.Endpoint == "" && in.To == "" {
		providers, at = slices.Sorted(maps.Keys(in.Endpoints)), "/endpoints"
	}
	switch {
	case len(providers) == 0 && at == "/endpoints":
		return nil, newProblem(http.StatusUnprocessableEntity, `say where to: "endpoint", a name, or "to", a URL, or "endpoints" by provider`).
			kind("invalid-request").atBody("").hint("PUT /api/v1/endpoints/NAME")
	case len(providers) == 0:
		return nil, newProblem(http.StatusUnprocessableEntity, "the scenario names no providers").kind("invalid-request").atBody(at).
			hint(`"endpoints": {"PROVIDER": "NAME"}`)
	}
	for _, name := range providers {
		c, unknown := a.contract(name)
		if unknown != nil {
			return nil, unknown.atBody(at)
		}
		all = append(all, c)
	}
	return all, nil
}

// aimScenario finds out where each provider delivers.
func (a *api) aimScenario(ctx context.Context, in *scenarioRequest, one *liveScenario) (err error) {
	one.options.Endpoints = map[string]mockserver.Endpoint{}
	var held []func()
	one.release = func() {
		for _, release := range held {
			release()
		}
	}
	defer func() {
		if err != nil {
			one.release()
		}
	}()
	for i := range one.plan.Events {
		ev := one.plan.Events[i].Event
		provider := ev.Type.Contract().Provider()
		if _, known := one.options.Endpoints[provider]; known {
			continue
		}
		s := sending{Provider: provider, Event: ev.Type.Name(), To: in.To, Endpoint: in.Endpoint, Secret: in.Secret}
		own := in.Endpoints[provider]
		if own != "" {
			s.To, s.Endpoint = "", own
		}
		aims, release, err := a.aim(ctx, &s)
		if err == nil {
			held = append(held, release)
			err = aims[0].sealable(ev, one.plan.Seed)
		}
		if err != nil && own != "" {
			err = moved(err, "/endpoint", "/endpoints/"+schema.Escape(provider))
		}
		if err != nil {
			return err
		}
		one.options.Endpoints[provider] = aims[0].Endpoint
	}
	return nil
}

// scenarioProblem is what is wrong with a scenario, at the place of the request:
// a file's own places are told too, since its text has lines.
func scenarioProblem(err error) error {
	var place *schema.Error
	if !errors.As(err, &place) {
		return err
	}
	p := newProblem(http.StatusUnprocessableEntity, err.Error()).kind("invalid-scenario")
	p.Hint = place.Hint
	return p.atBody("/scenario" + place.Pointer)
}

// scenarioView is a run as answers show it: its events are a list of their own.
type scenarioView struct {
	scenarioRun
	Events *struct{} `json:"events,omitempty"` // stands for them
}

func viewScenario(run scenarioRun) scenarioView { return scenarioView{scenarioRun: run} }

func (a *api) listScenarioRuns(w http.ResponseWriter, r *http.Request) error {
	list, next, err := paged(a.scenarioRuns(), r.URL.Query(), func(run scenarioRun) string { return run.order() })
	if err != nil {
		return err
	}
	page := struct {
		Runs []scenarioView `json:"runs"`
		Next string         `json:"next,omitempty"`
	}{make([]scenarioView, len(list)), next}
	for i, run := range list {
		page.Runs[i] = viewScenario(run)
	}
	return reply(w, http.StatusOK, page)
}

// scenarioRunOf is the run that a path names.
func (a *api) scenarioRunOf(r *http.Request) (scenarioRun, error) {
	name := mux.Vars(r)["name"]
	run, ok := a.scenarios.runs.get(name)
	if !ok {
		return run, newProblem(http.StatusNotFound, "there is no run of this name").kind("unknown-run").
			nearestTo(name, a.scenarios.runs.names()).hint("GET /api/v1/scenarios/runs")
	}
	return run, nil
}

func (a *api) getScenarioRun(w http.ResponseWriter, r *http.Request) error {
	if text := r.URL.Query().Get("wait"); text != "" {
		wait, err := time.ParseDuration(text)
		if err != nil || wait > longestWait {
			return flawed(http.StatusBadRequest, flaw{In: "query", Parameter: "wait", Detail: "at most 5m"})
		}
		a.awaitScenario(r.Context(), mux.Vars(r)["name"], wait)
	}
	run, err := a.scenarioRunOf(r)
	if err != nil {
		return err
	}
	return reply(w, http.StatusOK, viewScenario(run))
}

// awaitScenario waits for a run's end.
func (a *api) awaitScenario(ctx context.Context, name string, wait time.Duration) {
	a.scenarios.mu.Lock()
	one := a.scenarios.live[name]
	a.scenarios.mu.Unlock()
	if one == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	select {
	case <-one.over:
	case <-ctx.Done():
	}
}

func (a *api) stopScenarioRun(w http.ResponseWriter, r *http.Request) error {
	run, err := a.scenarioRunOf(r)
	if err != nil {
		return err
	}
	a.scenarios.mu.Lock()
	one := a.scenarios.live[run.Name]
	a.scenarios.mu.Unlock()
	if one == nil {
		return newProblem(http.StatusConflict, "the run has ended").kind("run-over").hint("POST /api/v1/scenarios/runs")
	}
	one.stop(errScenarioStopped)
	a.awaitScenario(r.Context(), run.Name, stopWait)
	if run, err = a.scenarioRunOf(r); err != nil {
		return err
	}
	return reply(w, http.StatusAccepted, viewScenario(run))
}

// scenarioEventView is an event of a run with its payload, requests and answers.
type scenarioEventView struct {
	Index    int              `json:"index"`
	Planned  scenario.Row     `json:"planned"`
	Verdict  verifier.Verdict `json:"verdict"`
	Delivery string           `json:"delivery,omitempty"`
	State    mockserver.State `json:"state,omitempty"`
	Reason   string           `json:"reason,omitempty"`
	Error    string           `json:"error,omitempty"`
	Body     string           `json:"body,omitempty"`
	Base64   []byte           `json:"bodyBase64,omitempty"`
	Attempts []attempt        `json:"attempts"`
}

func (a *api) listScenarioEvents(w http.ResponseWriter, r *http.Request) error {
	run, err := a.scenarioRunOf(r)
	if err != nil {
		return err
	}
	in := r.URL.Query()
	step, verdict := number(in.Get("step"), 0), in.Get("verdict")
	type numbered struct {
		n int
		*scenarioEvent
	}
	var list []numbered
	for i := range run.Events {
		e := &run.Events[i]
		if (step == 0 || e.Planned.Step == step) && (verdict == "" || string(e.Verdict) == verdict) {
			list = append(list, numbered{i, e})
		}
	}
	list, next, err := paged(list, in, func(e numbered) string { return fmt.Sprintf("%08d", e.n) })
	if err != nil {
		return err
	}
	page := struct {
		Events []scenarioEventView `json:"events"`
		Next   string              `json:"next,omitempty"`
	}{make([]scenarioEventView, len(list)), next}
	for i, e := range list {
		body, attempts, err := a.exchanged(r.Context(), e.scenarioEvent)
		if err != nil {
			return err
		}
		v := scenarioEventView{
			Index: e.n, Planned: e.Planned, Verdict: e.Verdict, Delivery: e.Delivery, State: e.State, Reason: e.Reason, Error: e.Error,
			Attempts: make([]attempt, len(attempts)),
		}
		v.Body, v.Base64 = textOf(body)
		for k, one := range attempts {
			v.Attempts[k].Attempt = *one
			v.Attempts[k].Body, v.Attempts[k].Base64 = textOf(one.Body)
		}
		page.Events[i] = v
	}
	return reply(w, http.StatusOK, page)
}

// exchanged is what the journal has of an event: nothing where it has forgotten it.
func (a *api) exchanged(ctx context.Context, e *scenarioEvent) (body []byte, attempts []*mockserver.Attempt, err error) {
	if e.Delivery == "" {
		return nil, nil, nil
	}
	record, found, err := a.ledger.Find(ctx, e.Delivery)
	if err != nil || !found {
		return nil, nil, err
	}
	from := min(e.Earlier, len(record.Attempts))
	return record.Body, record.Attempts[from:min(from+e.Made, len(record.Attempts))], nil
}

// showScenarioRun is the report of a run, as a page for people.
func (a *api) showScenarioRun(w http.ResponseWriter, r *http.Request) error {
	run, err := a.scenarioRunOf(r)
	if err != nil {
		return err
	}
	result := scenario.Result{
		Scenario: run.Scenario, About: run.About, Seed: run.Seed, Providers: run.Providers, Steps: run.Steps, Expectations: run.Expectations,
		Verdict: cmp.Or(run.Verdict, verifier.Inconclusive),
	}
	for i := range run.Events {
		e := &run.Events[i]
		body, attempts, err := a.exchanged(r.Context(), e)
		if err != nil {
			return err
		}
		out := scenario.EventResult{
			Planned: e.Planned, Delivery: e.Delivery, Error: e.Error, Verdict: e.Verdict,
			Outcome: mockserver.Outcome{State: e.State, Reason: e.Reason},
		}
		out.Planned.Body = body
		for _, one := range attempts {
			out.Outcome.Attempts = append(out.Outcome.Attempts, *one)
		}
		result.Events = append(result.Events, out)
	}
	var page bytes.Buffer
	if err := result.HTML(&page); err != nil {
		return err
	}
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'")
	send(w, http.StatusOK, "text/html; charset=utf-8", page.Bytes())
	return nil
}
