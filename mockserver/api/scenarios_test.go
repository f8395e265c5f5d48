package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/mockserver"
	"github.com/hookrig/hookrig/verifier"
	"github.com/hookrig/hookrig/verifier/scenario"
)

const refundStory = `name: refund
about: The money comes back.
providers: [acme]
steps:
- order placed: {tamper: lost-ack, expect: {answers: success, effects: 1}}
- paid: {copies: 2}
- again: order placed
expect: {answers: success}
`

// storyteller is a rig with a scenario, an endpoint with a secret, and an oracle
// that sees one effect of everything that was sent.
func storyteller(t *testing.T, d machine, receiver http.Handler) *rig {
	t.Helper()
	var came sync.Map // ids
	counted := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		came.Store(r.Header.Get("Acme-Id"), 1)
		receiver.ServeHTTP(w, r)
	})
	g := newRigWith(t, Config{Contracts: both(), Shelf: d.journal, Secrets: d.secrets}, counted, func(o *Options, so *mockserver.Options) {
		so.Journal = d.journal
		o.Scenarios = fstest.MapFS{"refund.yaml": {Data: []byte(refundStory)}}
		o.Oracles = func(named []string) (verifier.Oracle, verifier.StateOracle, error) {
			if named[0] != "one" {
				return nil, nil, errors.New("there is one oracle only")
			}
			return verifier.OracleFunc(func(_ context.Context, _ contracts.Event, id string) (int, error) {
				n, _ := came.Load(id)
				effects, _ := n.(int)
				return effects, nil
			}), nil, nil
		}
	})
	g.do("PUT", "/api/v1/secrets/acme", `{"value":"whsec_`+canary+`"}`).is(204)
	g.do("PUT", "/api/v1/endpoints/shop", `{"url":"http://shop.test/hooks","secret":"acme"}`).is(200)
	return g
}

func (g *rig) story(name string) (v scenarioView) {
	g.t.Helper()
	g.do("GET", "/api/v1/scenarios/runs/"+name+"?wait=5m", "").is(200).into(&v)
	return v
}

func TestScenario(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := storyteller(t, newMachine(), answers(200))
		var shipped struct {
			Scenarios []struct{ Scenario, About string }
		}
		if g.do("GET", "/api/v1/scenarios", "").is(200).into(&shipped); len(shipped.Scenarios) != 1 || shipped.Scenarios[0].About != "The money comes back." {
			t.Errorf("%+v", shipped)
		}
		begun := g.do("POST", "/api/v1/scenarios/runs", `{"scenario":"refund","name":"r1","endpoint":"shop","oracles":["one"],"seed":4}`).is(202)
		if at := begun.header.Get("Location"); at != "/api/v1/scenarios/runs/r1" {
			t.Error(at)
		}
		run := g.story("r1")
		if run.State != scenarioDone || run.Verdict != verifier.Pass || run.Seed != 4 || len(run.Steps) != 3 || run.Deliveries != 4 || run.Ended.IsZero() {
			t.Errorf("%+v", run)
		}
		if took := run.Ended.Sub(run.Begun); took > time.Minute {
			t.Errorf("retries took %s", took)
		}

		// Each event has payload, requests, answers and verdict: its own.
		var page struct {
			Events []scenarioEventView
			Next   string
		}
		g.do("GET", "/api/v1/scenarios/runs/r1/events", "").is(200).into(&page)
		attempts := []int{}
		for i, e := range page.Events {
			attempts = append(attempts, len(e.Attempts))
			if e.Index != i || e.Body == "" || e.Verdict != verifier.Pass || e.State != mockserver.Delivered {
				t.Errorf("%+v", e)
			}
			if last := e.Attempts[len(e.Attempts)-1]; last.Status != 200 || last.Request.URL != "http://shop.test/hooks" {
				t.Errorf("%+v", last)
			}
		}
		if !slices.Equal(attempts, []int{2, 1, 1, 1}) || page.Events[2].Planned.Copy != 1 || *page.Events[3].Planned.Again != 0 || page.Events[3].Delivery != page.Events[0].Delivery {
			t.Errorf("attempts %v, %+v", attempts, page.Events)
		}
		page.Events = nil
		g.do("GET", "/api/v1/scenarios/runs/r1/events?step=2&limit=1", "").is(200).into(&page)
		if len(page.Events) != 1 || page.Events[0].Index != 1 || page.Next == "" {
			t.Errorf("%+v", page)
		}
		g.do("GET", "/api/v1/scenarios/runs/r1/events?step=2&cursor="+page.Next, "").is(200).into(&page)
		if page.Events[0].Index != 2 {
			t.Errorf("%+v", page)
		}
		if a := g.do("GET", "/api/v1/scenarios/runs/r1/events?verdict=fail", "").is(200); a.body != `{"events":[]}`+"\n" {
			t.Error(a.body)
		}

		// For people, and among the server's deliveries.
		for path, want := range map[string]string{
			"/":                                   `/api/v1/scenarios/runs/r1/report">r1</a> done: <b class="pass">pass</b>, 4 deliveries`,
			"/api/v1/scenarios/runs/r1/report":    "As expected",
			"/api/v1/deliveries/counts?label=r1":  `"delivered":3`,
			"/api/v1/journal?format=har&label=r1": "order.created",
		} {
			if a := g.do("GET", path, "").is(200); !strings.Contains(a.body, want) {
				t.Errorf("%s lacks %s:\n%s", path, want, a.body)
			}
		}
	})
}

// What no oracle sees is not passed, and a receiver's refusals fail at their step.
func TestScenarioVerdicts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := storyteller(t, newMachine(), answers(200))
		text, _ := json.Marshal(map[string]any{"scenario": refundStory, "name": "blind", "to": "http://shop.test/", "secret": "acme"})
		g.do("POST", "/api/v1/scenarios/runs", string(text)).is(202)
		if run := g.story("blind"); run.Verdict != verifier.Inconclusive || run.Steps[0].Expectations[1].Found != "no oracle counts effects" {
			t.Errorf("%+v", run)
		}
		g = storyteller(t, newMachine(), answers(200, 500))
		g.do("POST", "/api/v1/scenarios/runs", `{"scenario":"refund","name":"broken","endpoints":{"acme":"shop"},"speed":1000000}`).is(202)
		run := g.story("broken")
		if run.Verdict != verifier.Fail || run.State != scenarioDone || run.Steps[0].Verdict != verifier.Fail || *run.Steps[0].Expectations[0].Event != 0 {
			t.Errorf("%+v", run)
		}
		if a := g.do("GET", "/api/v1/scenarios/runs/broken/report", "").is(200); !strings.Contains(a.body, "Not as expected") || !strings.Contains(a.body, "500 Internal Server Error") {
			t.Errorf("%s", a.body)
		}
	})
}

func TestScenarioMistakes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := storyteller(t, newMachine(), answers(200))
		const to = `,"endpoint":"shop"}`
		for _, x := range []struct {
			body, kind, at, said string
			status               int
		}{
			{`{"scenario":"refnd"` + to, "unknown-scenario", "/scenario", "refund", 422},
			{`{"scenario":{"name":"x","steps":["order plcaed"]}` + to, "invalid-scenario", "/scenario/steps/0", "the nearest is order placed", 422},
			{`{"scenario":"name: x\nsteps:\n- order placed: {copeis: 2}"` + to, "invalid-scenario", "/scenario/steps/0/order placed/copeis", "scenario:3:26: unknown member", 422},
			{`{"scenario":{"name":"x","providers":["amce"],"steps":["order placed"]}` + to, "unknown-provider", "/scenario", "acme", 422},
			{`{"scenario":{"name":"x","steps":["order placed"]}` + to, "invalid-request", "/scenario", "names no providers", 422},
			{`{"scenario":"refund"}`, "invalid-request", "body", "say where to", 422},
			{`{"scenario":"refund","endpoint":"shpo"}`, "unknown-endpoint", "/endpoint", "shop", 422},
			{`{"scenario":"refund","endpoints":{"acme":"shpo"}}`, "unknown-endpoint", "/endpoints/acme", "shop", 422},
			{`{"scenario":"refund","endpoints":{"amce":"shop"}}`, "unknown-provider", "/endpoints", "acme", 422},
			{`{"scenario":"refund","endpoint":"shop","to":"http://x.test/"}`, "invalid-request", "body", "say where to", 422},
			{`{"scenario":"refund","to":"http://x.test/"}`, "secret-required", "/secret", "", 422},
			{`{"scenario":"refund","to":"ftp://x.test/"}`, "invalid-target", "/to", "", 422},
			{`{"scenario":"refund","oracles":["two"]` + to, "invalid-request", "/oracles", "one oracle only", 422},
			{`{"scenario":"refund","settle":"soon"` + to, "", "/settle", "", 422},
			{`{"scenario":"refund","colour":"red"` + to, "unknown-member", "/colour", "", 422},
			{`{"scenario":{"name":"x","providers":["acme"],"orders":{"o":{"count":5001}},"steps":["order placed"]}` + to, "invalid-request", "/scenario", "5000 are the most", 422},
			{`{"scenario":{"name":"x","providers":["acme"],"steps":["order placed","customer erased"]}` + to, "invalid-scenario", "/scenario/steps/1", "cannot at this moment", 422},
		} {
			p := g.do("POST", "/api/v1/scenarios/runs", x.body).problem(x.status)
			if !strings.HasSuffix(p.Type, x.kind) || len(p.where()) != 1 || p.where()[0] != x.at || !strings.Contains(fmt.Sprint(p.Detail, p.Hint, p.Nearest), x.said) {
				t.Errorf("%s\n  %+v\n  at %v", x.body, p, p.where())
			}
		}
		for path, status := range map[string]int{
			"/api/v1/scenarios/runs/none": 404, "/api/v1/scenarios/runs/none/events": 404, "/api/v1/scenarios/runs/none/report": 404, "/api/v1/scenarios/runs?cursor=x": 400,
		} {
			g.do("GET", path, "").problem(status)
		}
		g.do("POST", "/api/v1/scenarios/runs", `{"name":"twice","scenario":"refund"`+to).is(202)
		g.story("twice")
		if p := g.do("POST", "/api/v1/scenarios/runs", `{"name":"twice","scenario":"refund"`+to).problem(409); !strings.HasSuffix(p.Type, "known-run") {
			t.Errorf("%+v", p)
		}
	})
}

// A run that is stopped leaves nothing under way; there are four at most.
func TestScenarioIsStopped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := storyteller(t, newMachine(), answers(500))
		for i := range mostScenarios {
			g.do("POST", "/api/v1/scenarios/runs", fmt.Sprintf(`{"name":"r%d","scenario":"refund","endpoint":"shop","speed":0.001}`, i)).is(202)
		}
		synctest.Wait()
		if p := g.do("POST", "/api/v1/scenarios/runs", `{"scenario":"refund","endpoint":"shop"}`).problem(503); !strings.HasSuffix(p.Type, "busy") {
			t.Errorf("%+v", p)
		}
		var v scenarioView
		if g.do("POST", "/api/v1/scenarios/runs/r0/stop", "").is(202).into(&v); v.State != scenarioStopped || v.Verdict != "" {
			t.Errorf("%+v", v)
		}
		synctest.Wait()
		if a := g.do("GET", "/api/v1/deliveries/counts?label=r0", "").is(200); !strings.Contains(a.body, `"cancelled":1,"total":1`) {
			t.Error(a.body)
		}
		g.do("POST", "/api/v1/scenarios/runs", `{"scenario":"refund","endpoint":"shop"}`).is(202)
	})
}

// A run that the server's end interrupts does not go on, and its deliveries are
// not taken up: nobody would judge them.
func TestScenarioIsInterrupted(t *testing.T) {
	d := newMachine()
	var calls atomic.Int32
	receiver := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		calls.Add(1)
		w.WriteHeader(500)
	})
	t.Run("first", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			g := storyteller(t, d, receiver)
			g.do("POST", "/api/v1/scenarios/runs", `{"name":"r","scenario":"refund","endpoint":"shop","speed":0.001}`).is(202)
			synctest.Wait()
			g.stop()
		})
	})
	made := calls.Load()
	t.Run("second", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			g := storyteller(t, d, receiver)
			synctest.Wait()
			if run := g.story("r"); run.State != scenarioInterrupted || run.Verdict != "" {
				t.Errorf("%+v", run)
			}
			time.Sleep(90 * 24 * time.Hour)
			if a := g.do("GET", "/api/v1/deliveries/counts?label=r", "").is(200); !strings.Contains(a.body, `"cancelled":1,"total":1`) || calls.Load() != made || made != 1 {
				t.Errorf("%s, %d calls, then %d", a.body, made, calls.Load())
			}
			g.do("GET", "/api/v1/scenarios/runs/r/events", "").is(200)
		})
	})
}

// What was sent under the name of an interrupted run afterwards is not the run's:
// the next server delivers it.
func TestScenarioWithdrawsItsOwn(t *testing.T) {
	d := newMachine()
	server := func(f func(g *rig)) {
		synctest.Test(t, func(t *testing.T) {
			g := storyteller(t, d, answers(500))
			synctest.Wait()
			f(g)
			synctest.Wait()
			g.stop()
		})
	}
	server(func(g *rig) {
		g.do("POST", "/api/v1/scenarios/runs", `{"name":"r","scenario":"refund","endpoint":"shop","speed":0.001}`).is(202)
		time.Sleep(time.Minute)
	})
	server(func(g *rig) {
		time.Sleep(time.Hour)
		g.do("POST", "/api/v1/deliveries", `{"provider":"bravo","event":"ping","to":"http://shop.test/","label":"r","delay":"1h"}`).is(202)
	})
	server(func(g *rig) {
		time.Sleep(time.Minute)
		if a := g.do("GET", "/api/v1/deliveries/counts?label=r", "").is(200); !strings.Contains(a.body, `"waiting":1`) || !strings.Contains(a.body, `"cancelled":1`) {
			t.Error(a.body)
		}
	})
}

// Of the runs that have ended the last ones are told of.
func TestScenarioRunsAreForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := storyteller(t, newMachine(), answers(200))
		g.do("POST", "/api/v1/scenarios/runs", `{"scenario":{"name":"x","providers":["bravo"],"steps":["order placed"]},"to":"http://shop.test/"}`).problem(422)
		for i := range mostScenarioRuns {
			name := fmt.Sprint("old", i)
			g.api.keepScenario(t.Context(), scenarioRun{Name: name, Scenario: "x", State: scenarioDone, Verdict: verifier.Pass, Begun: time.Now().Add(time.Duration(i) * time.Second), Providers: []string{"acme"}, Steps: []scenario.StepResult{}})
		}
		time.Sleep(time.Hour)
		for i := range 3 {
			g.do("POST", "/api/v1/scenarios/runs", fmt.Sprintf(`{"name":"r%d","scenario":{"name":"x","providers":["acme"],"steps":["order placed"]},"endpoint":"shop"}`, i)).is(202)
			g.story(fmt.Sprint("r", i))
			time.Sleep(time.Millisecond)
		}
		g.do("GET", "/api/v1/scenarios/runs/old2", "").problem(404)
		g.do("GET", "/api/v1/scenarios/runs/old3", "").is(200)
		var page struct{ Runs []scenarioView }
		g.do("GET", "/api/v1/scenarios/runs?limit=500", "").is(200).into(&page)
		if len(page.Runs) != mostScenarioRuns || page.Runs[0].Name != "r2" {
			t.Errorf("%d runs, %q first", len(page.Runs), page.Runs[0].Name)
		}
	})
}
