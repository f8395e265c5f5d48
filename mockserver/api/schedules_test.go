package api

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hookrig/hookrig/mockserver"
)

// receiver notes when which ids of deliveries arrive, with their bodies.
type receiver struct {
	mu     sync.Mutex
	begun  time.Time
	at     []time.Duration
	bodies []string
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	body, _ := io.ReadAll(q.Body)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.at = append(r.at, time.Since(r.begun).Round(time.Millisecond))
	r.bodies = append(r.bodies, string(body))
	w.WriteHeader(200)
}

func (r *receiver) got() (at []time.Duration, bodies []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.at), slices.Clone(r.bodies)
}

// machine is what survives the end of a program.
type machine struct {
	journal *mockserver.Memory
	secrets *Secrets
}

func newMachine() machine { return machine{mockserver.NewMemory(), &Secrets{}} }

// boot is a server of the machine's, with its API.
func (m machine) boot(t *testing.T, h http.Handler) *rig {
	t.Helper()
	return newRigWith(t, Config{Contracts: both(), Shelf: m.journal, Secrets: m.secrets}, h, func(_ *Options, o *mockserver.Options) { o.Journal = m.journal })
}

func (g *rig) run(name string) (v runView) {
	g.t.Helper()
	g.do("GET", "/api/v1/runs/"+name, "").is(200).into(&v)
	return v
}

const pings = `"provider":"bravo","event":"ping","to":"http://shop.test/hooks"`

func TestScheduleIsCarriedOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shop := &receiver{begun: time.Now()}
		g := newRig(t, shop)
		var s scheduleView
		g.do("PUT", "/api/v1/schedules/nightly", `{"every":"10s","count":4,"label":"n",`+pings+`}`).is(200).into(&s)
		if s.Name != "nightly" || s.Seed == 0 || s.Run != nil || s.Runs != 0 {
			t.Errorf("%+v", s)
		}
		time.Sleep(time.Minute)
		if at, _ := shop.got(); len(at) > 0 {
			t.Fatal("it was not started")
		}
		shop.begun = time.Now()
		a := g.do("POST", "/api/v1/schedules/nightly/start", "").is(202)
		if a.header.Get("Location") != "/api/v1/runs/nightly-1" {
			t.Errorf("%v", a.header)
		}
		if p := g.do("POST", "/api/v1/schedules/nightly/start", "").problem(409); p.Type != "urn:hookrig:problem:run-lives" {
			t.Errorf("%+v", p)
		}
		time.Sleep(time.Minute)
		if at, _ := shop.got(); fmt.Sprint(at) != "[0s 10s 20s 30s]" {
			t.Errorf("%v", at)
		}
		if r := g.run("nightly-1"); r.State != mockserver.RunDone || r.Emitted != 4 || r.Next != 4 || r.Late.Count != 4 || r.Schedule != "nightly" {
			t.Errorf("%+v", r)
		}
		for _, action := range []string{"pause", "resume", "advance", "stop"} {
			if p := g.do("POST", "/api/v1/schedules/nightly/"+action, "").problem(409); p.Type != "urn:hookrig:problem:run-over" || p.Hint != "POST /api/v1/schedules/nightly/start" {
				t.Errorf("%+v", p)
			}
			g.do("POST", "/api/v1/runs/nightly-1/"+action, "").problem(409)
		}

		// Its deliveries are like any others, and another start sends the same events under other ids.
		g.do("POST", "/api/v1/schedules/nightly/start", "").is(202)
		time.Sleep(time.Minute)
		_, bodies := shop.got()
		if len(bodies) != 8 || !slices.Equal(bodies[:4], bodies[4:]) || bodies[0] == bodies[1] {
			t.Errorf("%v", bodies)
		}
		for _, id := range []string{"nightly-1-0", "nightly-1-3", "nightly-2-3"} {
			if d := g.detail(id); d.State != mockserver.Delivered || d.Label != "n" {
				t.Errorf("%+v", d)
			}
		}
		var page struct{ Runs []runView }
		g.do("GET", "/api/v1/runs?schedule=nightly&state=done", "").is(200).into(&page)
		if len(page.Runs) != 2 || page.Runs[0].Name != "nightly-2" {
			t.Errorf("%+v", page)
		}
		if page.Runs = nil; true {
			g.do("GET", "/api/v1/runs?schedule=other", "").is(200).into(&page)
		}
		if len(page.Runs) != 0 {
			t.Errorf("%+v", page)
		}
	})
}

func TestRunIsSteered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shop := &receiver{begun: time.Now()}
		g := newRig(t, shop)
		g.do("POST", "/api/v1/runs", `{"name":"r","rate":1,`+pings+`}`).is(202)
		time.Sleep(2500 * time.Millisecond) // 0, 1, 2 s
		g.do("POST", "/api/v1/runs/r/pause", "").is(202)
		if r := g.run("r"); r.State != mockserver.RunPaused {
			t.Errorf("%+v", r)
		}
		time.Sleep(time.Hour)
		if at, _ := shop.got(); len(at) != 3 {
			t.Fatalf("%v", at)
		}
		g.do("POST", "/api/v1/runs/r/advance", "").is(202)
		time.Sleep(time.Second)
		if at, _ := shop.got(); len(at) != 4 {
			t.Fatalf("%v", at)
		}
		g.do("POST", "/api/v1/runs/r/resume", "").is(202)
		// Between two ticks: at the instant of one, it is as right before the stop as after it.
		time.Sleep(10*time.Second + 250*time.Millisecond)
		if at, _ := shop.got(); len(at) < 13 || len(at) > 15 {
			t.Fatalf("%v", at)
		}
		var v runView
		g.do("POST", "/api/v1/runs/r/stop", "").is(202).into(&v)
		if v.State != mockserver.RunStopped {
			t.Errorf("%+v", v)
		}
		at, _ := shop.got()
		time.Sleep(time.Minute)
		if after, _ := shop.got(); len(after) != len(at) {
			t.Errorf("%d arrived after the stop", len(after)-len(at))
		}
		if p := g.do("POST", "/api/v1/runs", `{"name":"r","rate":1,`+pings+`}`).problem(409); p.Type != "urn:hookrig:problem:known-run" {
			t.Errorf("%+v", p)
		}
	})
}

// A restart goes on at the next index with the same seed: what two servers send
// is what one sends.
func TestScheduleSurvivesARestart(t *testing.T) {
	for _, crash := range []bool{false, true} {
		t.Run(fmt.Sprintf("crash=%t", crash), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const body = `{"seed":7,"rate":1,"count":20,"mix":[{"event":"ping","weight":2},{"provider":"acme","event":"order.created"}],"provider":"bravo","endpoint":"shop","secret":"acme"}`
				prepare := func(g *rig) {
					g.do("PUT", "/api/v1/secrets/acme", `{"value":"whsec_`+canary+`"}`).is(204)
					g.do("PUT", "/api/v1/endpoints/shop", `{"url":"http://shop.test/hooks"}`).is(200)
					g.do("PUT", "/api/v1/schedules/mix", body).is(200)
					g.do("POST", "/api/v1/schedules/mix/start", "").is(202)
				}
				whole := &receiver{begun: time.Now()}
				g := newRig(t, whole)
				prepare(g)
				time.Sleep(time.Minute)
				_, want := whole.got()

				m, parts := newMachine(), &receiver{begun: time.Now()}
				g = m.boot(t, parts)
				prepare(g)
				time.Sleep(7300 * time.Millisecond)
				if crash { // the shelf has what it has by now, the server goes on with what does not matter
					m = machine{copyOf(t, m.journal), m.secrets}
				} else {
					g.stop()
				}
				time.Sleep(time.Hour)

				rest := &receiver{begun: time.Now()}
				g = m.boot(t, rest)
				if r := g.run("mix-1"); r.State != mockserver.RunReady && r.State != mockserver.RunRunning {
					t.Errorf("%+v", r)
				}
				g.do("POST", "/api/v1/schedules/mix/start", "").problem(409)
				time.Sleep(time.Minute)
				_, first := parts.got()
				at, second := rest.got()
				first = first[:8]
				if got := slices.Concat(first, second); !slices.Equal(got, want) {
					t.Errorf("%d then %d events, want %d", len(first), len(second), len(want))
				}
				if len(at) != 12 || at[0] > time.Second || at[11]-at[0] != 11*time.Second { // a stream goes on where it stood
					t.Errorf("%v", at)
				}
				if r := g.run("mix-1"); r.State != mockserver.RunDone || r.Next != 20 || r.Emitted+r.Known != 20 || r.Refused != 0 {
					t.Errorf("%+v", r)
				}
				if len(want) != 20 || !strings.Contains(strings.Join(want, ""), "order.created") {
					t.Errorf("%v", want)
				}
			})
		})
	}
}

// copyOf is a journal as a crash leaves it: everything that was confirmed.
func copyOf(t *testing.T, m *mockserver.Memory) *mockserver.Memory {
	t.Helper()
	c := mockserver.NewMemory()
	for e, err := range m.Entries(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Append(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	for _, kind := range []string{kindSchedule, kindRun, kindStatus, kindFollowed, "endpoint", "subscription", "subscription-counter"} {
		for d, err := range m.All(t.Context(), kind) {
			if err != nil {
				t.Fatal(err)
			}
			if err := c.Put(t.Context(), kind, d.Name, d.Doc); err != nil {
				t.Fatal(err)
			}
		}
	}
	return c
}

// A slow stream stands still for as long as there was no server, and no longer.
func TestSlowStreamSurvivesACrash(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMachine()
		g := m.boot(t, answers(200))
		g.do("POST", "/api/v1/runs", `{"name":"slow","ramp":{"from":0.001,"to":0.001,"over":"1h"},`+pings+`}`).is(202) // each 1000 s
		begun := time.Now()
		time.Sleep(1900 * time.Second)
		m = machine{copyOf(t, m.journal), m.secrets}
		time.Sleep(10 * time.Minute)
		shop := &receiver{begun: begun}
		m.boot(t, shop)
		time.Sleep(20 * time.Minute)
		at, _ := shop.got()
		want := 2000*time.Second + 10*time.Minute
		if len(at) != 2 || at[0] < want-time.Second || at[0] > want+2*time.Second || at[1]-at[0] != 1000*time.Second {
			t.Errorf("%v, want %v", at, want)
		}
	})
}

// What was told to pause or to stop stays so.
func TestSteeredRunsSurviveARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, shop := newMachine(), &receiver{begun: time.Now()}
		g := m.boot(t, shop)
		for _, name := range []string{"paused", "stopped"} {
			g.do("POST", "/api/v1/runs", `{"name":"`+name+`","rate":1,`+pings+`}`).is(202)
		}
		time.Sleep(1500 * time.Millisecond)
		g.do("POST", "/api/v1/runs/paused/pause", "").is(202)
		g.do("POST", "/api/v1/runs/stopped/stop", "").is(202)
		m = machine{copyOf(t, m.journal), m.secrets} // a crash at once: no second passes

		later := &receiver{begun: time.Now()}
		g = m.boot(t, later)
		time.Sleep(time.Hour)
		if at, _ := later.got(); len(at) > 0 {
			t.Errorf("%v", at)
		}
		if p, s := g.run("paused"), g.run("stopped"); p.State != mockserver.RunPaused || s.State != mockserver.RunStopped || s.Next != 2 {
			t.Errorf("%+v\n%+v", p, s)
		}
		g.do("POST", "/api/v1/runs/paused/resume", "").is(202)
		time.Sleep(5 * time.Second)
		if r := g.run("paused"); r.Next < 6 || r.Next > 8 {
			t.Errorf("%+v", r)
		}
	})
}

func TestPlansThatAreRefused(t *testing.T) {
	g := newRig(t, answers(200))
	g.do("PUT", "/api/v1/endpoints/shop", `{"url":"http://shop.test/hooks"}`).is(200)
	for body, want := range map[string]string{
		`{` + pings + `}`:                                                                              "invalid-request  ", // the place is the whole body
		`{"every":"1s","rate":1,` + pings + `}`:                                                        "invalid-request /rate ",
		`{"every":"soon",` + pings + `}`:                                                               "invalid-request /every ",
		`{"every":"0s",` + pings + `}`:                                                                 "invalid-request  ",
		`{"cron":"61 * * * *",` + pings + `}`:                                                          "invalid-request /cron ",
		`{"cron":"@daily","zone":"Mars/Base",` + pings + `}`:                                           "invalid-request /zone ",
		`{"rate":1.5,"count":2.0,` + pings + `}`:                                                       "invalid-request  ",
		`{"rate":1,"event":"ping","to":"http://shop.test/"}`:                                           "invalid-request  ",
		`{"rate":1,"provider":"bravo","event":"pingg","endpoint":"shop"}`:                              "unknown-event /event ping",
		`{"rate":1,"provider":"bravoo","event":"ping","endpoint":"shop"}`:                              "unknown-provider /provider bravo",
		`{"rate":1,"provider":"bravo","event":"ping","endpoint":"shopp"}`:                              "unknown-endpoint /endpoint shop",
		`{"rate":1,"provider":"bravo","event":"ping","to":"ftp://x/"}`:                                 "invalid-target /to ",
		`{"rate":1,"provider":"bravo","mix":[{"event":"ping"},{"event":"pingg"}]}`:                     "unknown-event /mix/1/event ping",
		`{"rate":1,"provider":"bravo","mix":[{"event":"ping","endpoint":"shopp"}]}`:                    "unknown-endpoint /mix/0/endpoint shop",
		`{"rate":1,"provider":"bravo","event":"ping","mix":[{"event":"ping"}]}`:                        "invalid-request /event ",
		`{"rate":1,"mix":[{"event":"ping","provider":"acmee"}]}`:                                       "unknown-provider /mix/0/provider acme",
		`{"rate":1,"provider":"acme","event":"order.created","endpoint":"shop"}`:                       "secret-required /secret ",
		`{"rate":1,"provider":"acme","event":"order.created","endpoint":"shop","secret":"none"}`:       "unknown-secret /secret ",
		`{"rate":1,"set":{"/nn":1},` + pings + `}`:                                                     "unknown-pointer /set/~1nn ",
		`{"rate":1,"set":{"/n":"x"},` + pings + `}`:                                                    "breaks-contract /set/~1n ",
		`{"rate":1,"tamper":"nonsense",` + pings + `}`:                                                 "unknown-tamper /tamper ",
		`{"rate":1,"hidden":"x",` + pings + `}`:                                                        "unknown-member /hidden ",
		`{"ramp":{"from":0,"to":0,"over":"1m"},` + pings + `}`:                                         "invalid-request /ramp/to ",
		`{"rate":1,"provider":"bravo","event":"ping","endpoint":"shop","to":"http://shop.test/hooks"}`: "invalid-request  ",
		`{"every":"99999d",` + pings + `}`:                                                             "invalid-request  ",
	} {
		p := g.do("PUT", "/api/v1/schedules/s", body).problem(422)
		if got := fmt.Sprintf("%s %s ", strings.TrimPrefix(p.Type, "urn:hookrig:problem:"), strings.Join(p.where(), ",")); !strings.HasPrefix(got, strings.TrimSuffix(want, lastWord(want))) && !strings.HasPrefix(got, strings.Replace(want, "  ", " body ", 1)) ||
			lastWord(want) != "" && !slices.Contains(p.Nearest, lastWord(want)) {
			t.Errorf("%s\n%q %v, want %q: %s", body, got, p.Nearest, want, p.Detail)
		}
		g.do("POST", "/api/v1/runs", body).problem(422)
	}
	for _, name := range []string{".a", "a%20b", strings.Repeat("a", 51)} {
		g.do("PUT", "/api/v1/schedules/"+name, `{"every":"1s",`+pings+`}`).problem(400)
	}
	g.do("GET", "/api/v1/schedules/s", "").problem(404)
	g.do("DELETE", "/api/v1/schedules/s", "").problem(404)
	g.do("POST", "/api/v1/schedules/s/start", "").problem(404)
	g.do("POST", "/api/v1/schedules/s/begin", "").problem(400)
	g.do("GET", "/api/v1/runs/s", "").problem(404)
	g.do("POST", "/api/v1/runs/s/stop", "").problem(404)
	if len(g.api.work.all()) > 0 {
		t.Error("something was begun")
	}
}

func lastWord(text string) string { return text[strings.LastIndexByte(text, ' ')+1:] }

// An event of a run goes to each subscription once, whatever happens in between.
func TestRunsToSubscribers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, shop := newMachine(), &receiver{begun: time.Now()}
		g := m.boot(t, shop)
		const body = `{"name":"all","rate":1,"count":6,"provider":"bravo","event":"ping","label":"x"}`
		g.do("POST", "/api/v1/runs", strings.Replace(body, "all", "none", 1)).is(202) // nobody has subscribed yet
		time.Sleep(1500 * time.Millisecond)
		if r := g.run("none"); r.Refused != 2 || r.Problem == "" {
			t.Errorf("%+v", r)
		}
		g.do("POST", "/api/v1/runs/none/stop", "").is(202)
		var ids []string
		for i := range 3 {
			ids = append(ids, g.subscribe(fmt.Sprintf(`{"provider":"bravo","events":["ping"],"url":"http://shop.test/%d"}`, i)))
		}
		g.do("POST", "/api/v1/runs", body).is(202)
		time.Sleep(2500 * time.Millisecond)
		g.do("POST", "/api/v1/deliveries/all-0/resend", "").is(202) // to the one that it went to
		// The next server has the journal, but nothing of what this one knew of it.
		m = machine{copyOf(t, m.journal), m.secrets}
		if err := m.journal.Delete(t.Context(), kindFollowed, "journal"); err != nil {
			t.Fatal(err)
		}
		if err := m.journal.Put(t.Context(), kindFollowed, "journal", []byte(`{"seq":0}`)); err != nil {
			t.Fatal(err)
		}
		rest := &receiver{begun: time.Now()}
		g = m.boot(t, rest)
		time.Sleep(time.Minute)
		got := map[string]int{}
		for e, err := range m.journal.Entries(t.Context(), 0) {
			if err != nil {
				t.Fatal(err)
			}
			if e.Kind == mockserver.EntryQueued && strings.HasPrefix(e.Delivery, "all-") {
				got[e.Delivery]++
			}
		}
		for index := range 6 {
			first := fmt.Sprintf("all-%d", index)
			want := 1
			if index == 0 {
				want = 2
			}
			if got[first] != want {
				t.Errorf("%s was queued %d times", first, got[first])
			}
			body := g.detail(first).Body
			for _, id := range ids[1:] {
				d := g.detail(first + "_" + id)
				if got[d.ID] != 1 || d.State != mockserver.Delivered || d.Endpoint != "subscription/"+id || d.Body != body || d.Label != "x" {
					t.Errorf("%d times: %+v", got[d.ID], d)
				}
			}
		}
		if len(got) != 18 {
			t.Errorf("%d deliveries", len(got))
		}
		// What is sent again goes to nobody who has subscribed since.
		late := g.subscribe(`{"provider":"bravo","events":["ping"],"url":"http://shop.test/late"}`)
		g.do("POST", "/api/v1/deliveries/all-5/resend", "").is(202)
		time.Sleep(time.Second)
		g.do("GET", "/api/v1/deliveries/all-5_"+late, "").problem(404)
	})
}

// A registration ends as the policy says when a delivery is given up, also where
// the server ended in between.
func TestSubscriptionIsDisabled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMachine()
		g := m.boot(t, answers(500))
		id := g.subscribe(`{"provider":"acme","events":["order.created"],"url":"http://shop.test/"}`)
		g.do("PUT", "/api/v1/secrets/acme", `{"value":"whsec_`+canary+`"}`).is(204)
		g.do("PATCH", "/api/v1/subscriptions/"+id, `{"secret":"acme"}`).is(200)
		g.do("POST", "/api/v1/deliveries", `{"provider":"acme","event":"order.created"}`).ids()
		shelf := copyOf(t, m.journal)
		time.Sleep(time.Hour)
		if s, err := g.api.subs.Get(id); err != nil || s.Active || s.Reason == "" {
			t.Errorf("%+v %v", s, err)
		}
		// A crash after the delivery's last entry, and before the registration was changed.
		journal := copyOf(t, m.journal)
		for _, kind := range []string{"subscription", kindFollowed} {
			for d := range m.journal.All(t.Context(), kind) {
				if err := journal.Delete(t.Context(), kind, d.Name); err != nil {
					t.Fatal(err)
				}
			}
			for d := range shelf.All(t.Context(), kind) {
				if err := journal.Put(t.Context(), kind, d.Name, d.Doc); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := journal.Put(t.Context(), kindFollowed, "journal", []byte(`{"seq":1}`)); err != nil {
			t.Fatal(err)
		}
		for d := range journal.All(t.Context(), "subscription") {
			if !bytes.Contains(d.Doc, []byte(`"active":true`)) {
				t.Fatalf("the crash left %s", d.Doc)
			}
		}
		g = machine{journal, m.secrets}.boot(t, answers(500))
		synctest.Wait()
		if s, err := g.api.subs.Get(id); err != nil || s.Active || s.Reason == "" {
			t.Errorf("%+v %v", s, err)
		}
	})
}

func TestScheduleWithCredentials(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, shop := newMachine(), &receiver{begun: time.Now()}
		g := m.boot(t, shop)
		a := g.do("PUT", "/api/v1/schedules/s", `{"every":"1m","provider":"bravo","event":"ping","to":"http://u:`+canary+`@shop.test/hooks"}`).is(200)
		started := g.do("POST", "/api/v1/schedules/s/start", "").is(202)
		detail := g.do("GET", "/api/v1/runs/s-1", "").is(200)
		g.stop()
		g = m.boot(t, shop)
		time.Sleep(10 * time.Minute)
		if at, _ := shop.got(); len(at) < 10 {
			t.Errorf("%v", at)
		}
		if r := g.run("s-1"); r.Refused > 0 {
			t.Errorf("%+v", r)
		}
		for _, kind := range []string{kindSchedule, kindRun, kindStatus} {
			for d := range m.journal.All(t.Context(), kind) {
				if strings.Contains(string(d.Doc), canary) {
					t.Errorf("the shelf has the credentials: %s", d.Doc)
				}
			}
		}
		if all := a.body + started.body + detail.body + g.log.String(); strings.Contains(all, canary) {
			t.Error("the credentials are shown")
		}
		if !strings.Contains(a.body, `"hidden":true`) || !strings.Contains(detail.body, `"hidden":true`) {
			t.Errorf("%s\n%s", a.body, detail.body)
		}
		// Deleting stops the run.
		g.do("DELETE", "/api/v1/schedules/s", "").is(204)
		if r := g.run("s-1"); r.State != mockserver.RunStopped {
			t.Errorf("%+v", r)
		}
	})
}

// Runs that have ended are forgotten one day, on the shelf too.
func TestEndedRunsAreForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMachine()
		g := m.boot(t, answers(200))
		for i := range mostEnded + 5 {
			g.do("POST", "/api/v1/runs", fmt.Sprintf(`{"name":"r%d","rate":1000,"count":1,%s}`, i, pings)).is(202)
			time.Sleep(10 * time.Millisecond)
		}
		time.Sleep(2 * time.Second)
		docs := 0
		for range m.journal.All(t.Context(), kindRun) {
			docs++
		}
		if n := len(g.api.work.all()); n > mostEnded+1 || docs != n {
			t.Errorf("%d runs, %d documents", n, docs)
		}
		g.do("GET", "/api/v1/runs/r0", "").problem(404)
		g.do("GET", fmt.Sprintf("/api/v1/runs/r%d", mostEnded+4), "").is(200)
	})
}
