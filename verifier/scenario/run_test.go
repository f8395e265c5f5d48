package scenario_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
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
	"github.com/hookrig/hookrig/contracts/signature"
	"github.com/hookrig/hookrig/mockserver"
	"github.com/hookrig/hookrig/verifier"
	"github.com/hookrig/hookrig/verifier/scenario"
)

// play runs a story in virtual time.
func play(t *testing.T, file string, receiver http.Handler, change ...func(*scenario.Options)) (r *scenario.Result) {
	t.Helper()
	s := read(t, file)
	plan, err := s.Plan(shop(t), s.Seed)
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		o := scenario.Options{Transport: mockserver.InProcess(receiver)}
		for _, c := range change {
			c(&o)
		}
		if r, err = scenario.Run(t.Context(), plan, o); err != nil {
			t.Fatal(err)
		}
	})
	return r
}

// crowd answers once so many requests are under way, and refuses those that wait
// for company in vain.
type crowd struct {
	want int
	mu   sync.Mutex
	here int
	once sync.Once
	full chan struct{}
}

func newCrowd(want int) *crowd { return &crowd{want: want, full: make(chan struct{})} }

func (c *crowd) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	c.mu.Lock()
	if c.here++; c.here == c.want {
		c.once.Do(func() { close(c.full) })
	}
	c.mu.Unlock()
	select {
	case <-c.full:
	case <-time.After(time.Second):
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	c.mu.Lock()
	c.here--
	c.mu.Unlock()
}

// What is to happen at once is under way at once: the receiver holds all answers
// back until everything is there.
func TestAtOnce(t *testing.T) {
	const orders = "name: x\norders: {a: {items: 2, count: 5}, b: {items: 2, count: 6}}\nsteps:\n"
	for name, x := range map[string]struct {
		steps string
		want  func(first, second int) int // requests at once, by how many there are in each step
	}{
		"steps":    {"- at once:\n  - order placed: {order: a, expect: {answers: 200}}\n  - order placed: {order: b, expect: {answers: 200}}\n", func(a, b int) int { return a + b }},
		"parallel": {"- order placed: {order: a, parallel: true, expect: {answers: 200}}\n- order placed: {order: b, parallel: true, expect: {answers: 200}}\n", func(a, _ int) int { return a }},
		"copies":   {"- order placed: {order: a, copies: 3, expect: {answers: 200}}\n- order placed: {order: b, copies: 3}\n", func(int, int) int { return 3 }},
		"both":     {"- at once:\n  - order placed: {order: a, copies: 5, expect: {answers: 200}}\n  - order placed: {order: b, copies: 5}\n", func(a, b int) int { return a + b }},
	} {
		t.Run(name, func(t *testing.T) {
			s := read(t, orders+x.steps)
			plan, err := s.Plan(shop(t), 1)
			if err != nil {
				t.Fatal(err)
			}
			all := x.want(len(plan.Steps[0].Events), len(plan.Steps[1].Events))
			for want, verdict := range map[int]verifier.Verdict{all: verifier.Pass, all + 1: verifier.Fail} {
				synctest.Test(t, func(t *testing.T) {
					r, err := scenario.Run(t.Context(), plan, scenario.Options{Transport: mockserver.InProcess(newCrowd(want))})
					if err != nil {
						t.Fatal(err)
					}
					if got := r.Steps[0].Verdict; got != verdict {
						t.Errorf("for a crowd of %d: %s %+v", want, got, r.Steps[0].Expectations)
					}
				})
			}
		})
	}
}

// A copy is the same delivery to the receiver, another one in the journal, and
// one event to the oracle. Only the first is sent again later.
func TestCopies(t *testing.T) {
	c := signed(t)[0]
	s := read(t, "name: x\nsteps:\n- order placed: {copies: 3, on: order.placed, expect: {effects: 1}}\n- again: order placed\n")
	plan, err := s.Plan([]*contracts.Contract{c}, 1)
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		got := map[string]int{}
		key := []signature.Secret{signature.NewSecret("key")}
		asked := 0
		r, err := scenario.Run(t.Context(), plan, scenario.Options{
			Endpoints: map[string]mockserver.Endpoint{"": {Secrets: key}},
			Transport: mockserver.InProcess(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				opened, err := c.Open(&contracts.Request{Method: r.Method, URL: r.URL.String(), Header: r.Header, Body: body}, contracts.OpenOptions{Secrets: key})
				if err != nil || !opened.Signature.OK() {
					t.Errorf("not rightly signed: %v", err)
				}
				mu.Lock()
				defer mu.Unlock()
				got[r.Header.Get("Id")+string(body)]++
			})),
			Oracle: verifier.OracleFunc(func(_ context.Context, ev contracts.Event, id string) (int, error) {
				mu.Lock()
				defer mu.Unlock()
				if got[id+string(ev.Body)] == 0 {
					return 0, nil
				}
				asked++
				return 1, nil
			}),
		})
		if err != nil {
			t.Fatal(err)
		}
		first := plan.Steps[0].Events
		if n := len(first); asked != n-2 || len(got) != n-2 || len(plan.Steps[1].Events) != n-2 {
			t.Errorf("%d planned, %d asked, %d different, %d again", n, asked, len(got), len(plan.Steps[1].Events))
		}
		ids := map[string]bool{}
		for _, n := range first {
			ids[r.Events[n].Delivery] = true
		}
		if len(ids) != len(first) {
			t.Errorf("%d deliveries in the journal of %d", len(ids), len(first))
		}
		counts := slices.Sorted(func(yield func(int) bool) {
			for _, n := range got {
				yield(n)
			}
		})
		if counts[len(counts)-1] != 4 || counts[0] != 2 && len(counts) > 1 {
			t.Errorf("received so many times: %v", counts)
		}
	})
}

// An oracle is asked by the id that the receiver is going to see, before there is
// anything of it: an oracle over HTTP has no answer for an empty one.
func TestOracleIsAskedByID(t *testing.T) {
	s := read(t, "name: x\nsteps:\n- order placed: {tamper: lost-ack, expect: {effects: 1}}\n- again: {step: order placed, expect: {effects: 1}}\n- shipped\nexpect: {effects: 1}\n")
	plan, err := s.Plan(signed(t), 1)
	if err != nil {
		t.Fatal(err)
	}
	var seen sync.Map
	for range 2 { // a run has ids of its own: a receiver that keeps them knows none of an earlier one
		synctest.Test(t, func(t *testing.T) {
			r, err := scenario.Run(t.Context(), plan, scenario.Options{
				Endpoints: map[string]mockserver.Endpoint{"": {Secrets: []signature.Secret{signature.NewSecret("key")}}},
				Transport: mockserver.InProcess(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { seen.Store(r.Header.Get("Id"), true) })),
				Oracle: verifier.OracleFunc(func(_ context.Context, ev contracts.Event, id string) (int, error) {
					if id == "" {
						return 0, fmt.Errorf("GET /effects/ is answered with 301")
					}
					if _, ok := seen.Load(id); ok {
						return 1, nil
					}
					return 0, nil
				}),
			})
			if err != nil || r.Verdict != verifier.Pass {
				t.Fatal(err, r)
			}
		})
	}
}

// States are looked at before a step and after it.
func TestStates(t *testing.T) {
	const tale = "name: x\nsteps:\n- order placed\n- shipped: {expect: {state: %s}}\n"
	for _, x := range []struct {
		want          string
		before, after string // "": nothing is known
		verdict       verifier.Verdict
		found         string
	}{
		{"known", "", `1`, verifier.Pass, ""},
		{"known", `1`, "", verifier.Fail, "is not known"},
		{"gone", `1`, "", verifier.Pass, ""},
		{"gone", `1`, "null", verifier.Pass, ""},
		{"known", `1`, "null", verifier.Fail, "is not known"},
		{"gone", "", `{"a":1}`, verifier.Fail, `it is {"a":1}`},
		{"changed", `{"a":1}`, `{"a":2}`, verifier.Pass, ""},
		{"changed", "", `1`, verifier.Pass, ""},
		{"changed", `1`, "", verifier.Pass, ""},
		{"changed", `{"a":1,"b":2}`, `{"b":2, "a":1}`, verifier.Fail, `it is`},
		{"changed", "", "", verifier.Fail, "is not known"},
		{"unchanged", `{"a":1,"b":2}`, `{"b":2, "a":1}`, verifier.Pass, ""},
		{"unchanged", "", "", verifier.Pass, ""},
		{"unchanged", `1`, "", verifier.Fail, "is not known"},
		{"unchanged", `1`, `2`, verifier.Fail, "it is 2"},
		{"{status: shipped}", "", `{"status":"shipped","x":[1]}`, verifier.Pass, ""},
		{"{status: shipped}", "", `{"status":"new"}`, verifier.Fail, `"new"`},
		{"{a: {b: 1}}", "", `{"a":{"b":1,"c":2}}`, verifier.Pass, ""},
		{"{a: {b: 1}}", "", "", verifier.Fail, "not known"},
		{"{total: 10}", "", `{"total":10.00}`, verifier.Pass, ""},
		{"{total: 10}", "", `{"total":10.01}`, verifier.Fail, "10.01"},
		{"unchanged", `{"total":10}`, `{"total":10.0}`, verifier.Pass, ""},
	} {
		sent := 0
		var mu sync.Mutex
		receiver := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
			mu.Lock()
			defer mu.Unlock()
			sent++
		})
		s := read(t, fmt.Sprintf(tale, x.want))
		plan, err := s.Plan(shop(t), 1)
		if err != nil {
			t.Fatal(err)
		}
		before := len(plan.Steps[0].Events)
		r := play(t, fmt.Sprintf(tale, x.want), receiver, func(o *scenario.Options) {
			o.State = verifier.StateFunc(func(context.Context, contracts.Event, string) (json.RawMessage, error) {
				mu.Lock()
				defer mu.Unlock()
				if sent <= before {
					return json.RawMessage(x.before), nil
				}
				return json.RawMessage(x.after), nil
			})
		})
		got := r.Steps[1].Expectations[0]
		if got.Verdict != x.verdict || !strings.Contains(got.Found, x.found) {
			t.Errorf("%s from %q to %q: %+v", x.want, x.before, x.after, got)
		}
	}
}

// A state that cannot be seen is neither passed nor failed, and ends nothing once
// the run has begun.
func TestStateThatCannotBeSeen(t *testing.T) {
	r := play(t, "name: x\nsteps:\n- order placed: {expect: {state: gone}}\n", ok, func(o *scenario.Options) {
		o.State = verifier.StateFunc(func(context.Context, contracts.Event, string) (json.RawMessage, error) {
			return nil, fmt.Errorf("the table is locked")
		})
	})
	if e := r.Steps[0].Expectations[0]; e.Verdict != verifier.Inconclusive || !strings.Contains(e.Found, "the table is locked") || r.Verdict != verifier.Inconclusive {
		t.Errorf("%+v", e)
	}
}

var ok = http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})

// An oracle may go by the headers of the answers: over retries, deliveries once
// more and copies.
func TestHeaderOracle(t *testing.T) {
	const tale = "name: x\nsteps:\n- order placed: {name: first, tamper: lost-ack, expect: {answers: success, effects: 1}}\n- again: {step: first, expect: {effects: 1}}\n- shipped: {copies: 2}\nexpect: {effects: 1}\n"
	for name, x := range map[string]struct {
		remembers bool
		header    string
		want      verifier.Verdict
	}{
		"right":     {true, "X-Effects", verifier.Pass},
		"forgetful": {false, "X-Effects", verifier.Fail},
		"silent":    {true, "X-Other", verifier.Inconclusive},
	} {
		t.Run(name, func(t *testing.T) {
			var mu sync.Mutex
			seen := map[string]bool{}
			receiver := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				mu.Lock()
				defer mu.Unlock()
				n := 1
				if seen[string(body)] && x.remembers {
					n = 0
				}
				seen[string(body)] = true
				w.Header().Set(x.header, fmt.Sprint(n))
			})
			r := play(t, tale, receiver, func(o *scenario.Options) { o.Oracle = verifier.HeaderOracle("X-Effects", "") })
			if r.Verdict != x.want {
				t.Errorf("%s %+v", r.Verdict, r.Steps)
			}
		})
	}
}

// Two events of the same bytes are one to a receiver that gets no ids.
func TestHeaderOracleOfTwins(t *testing.T) {
	plain := strings.Replace(shopContract, ", order: {type: integer, x-faker: world.order.id}", "", 1)
	c, err := contracts.Load(fstest.MapFS{"shop.yaml": {Data: []byte(plain)}}, "shop.yaml")
	if err != nil {
		t.Fatal(err)
	}
	s := read(t, "name: x\norders: {o: {count: 3}}\nsteps:\n- order placed: {parallel: true}\n- shipped\nexpect: {effects: 1}\n")
	plan, err := s.Plan([]*contracts.Contract{c}, 1)
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		var seen sync.Map
		r, err := scenario.Run(t.Context(), plan, scenario.Options{
			Oracle: verifier.HeaderOracle("X-New", ""),
			Transport: mockserver.InProcess(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				_, known := seen.LoadOrStore(string(body), true)
				w.Header().Set("X-New", fmt.Sprint(!known))
			})),
		})
		if err != nil || r.Verdict != verifier.Pass {
			t.Errorf("%v %+v", err, r.Expectations)
		}
	})
}

// Deliveries can go through a server that runs already, under a label, while
// others go on.
func TestServer(t *testing.T) {
	s := read(t, "name: x\nsteps:\n- order placed: {tamper: lost-ack, expect: {answers: success}}\n")
	plan, err := s.Plan(shop(t), 1)
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		server := mockserver.Start(t, mockserver.Options{Transport: mockserver.InProcess(ok)})
		began := time.Now()
		r, err := scenario.Run(t.Context(), plan, scenario.Options{
			Server: server, Label: "run-7", Endpoints: map[string]mockserver.Endpoint{"": {URL: "http://shop.test/"}},
		})
		if err != nil || r.Verdict != verifier.Pass {
			t.Fatal(err, r)
		}
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("retries took %s", took)
		}
		for e, err := range server.Journal().Entries(t.Context(), 0) {
			if err != nil || e.Label != "run-7" || e.Speed != 3600 {
				t.Errorf("%+v, %v", e, err)
			}
		}
		if !server.Running() {
			t.Error("the server has gone")
		}
	})
}

// A speed next to nothing is slow: the wait does not overflow.
func TestHardlyAnySpeed(t *testing.T) {
	plan, err := read(t, "name: slow\nsteps:\n- order placed\n- wait: 2d\n- again: order placed\n").Plan(shop(t), 1)
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 24*time.Hour)
		defer cancel()
		var taken atomic.Int64
		_, err := scenario.Run(ctx, plan, scenario.Options{Speed: 1e-300, Transport: mockserver.InProcess(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { taken.Add(1) }))})
		if err == nil || taken.Load() == 0 || taken.Load() >= int64(len(plan.Events)) {
			t.Errorf("%d of %d events in a day: %v", taken.Load(), len(plan.Events), err)
		}
	})
}

// With a speed the shop's time passes: between events, and where nothing happens.
func TestTimeIsKept(t *testing.T) {
	for speed, most := range map[float64]time.Duration{0: time.Second, 1: 50 * time.Hour, 24: 130 * time.Minute} {
		var took time.Duration
		s := read(t, "name: x\nsteps:\n- order placed\n- wait: 2d\n- again: order placed\n")
		plan, err := s.Plan(shop(t), 1)
		if err != nil {
			t.Fatal(err)
		}
		synctest.Test(t, func(t *testing.T) {
			var mu sync.Mutex
			var last time.Time
			began := time.Now()
			if _, err := scenario.Run(t.Context(), plan, scenario.Options{Speed: speed, Transport: mockserver.InProcess(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
				mu.Lock()
				defer mu.Unlock()
				last = time.Now()
			}))}); err != nil {
				t.Fatal(err)
			}
			took = last.Sub(began)
		})
		least := time.Duration(0)
		if speed > 0 {
			least = time.Duration(float64(48*time.Hour) / speed)
		}
		if took < least || took > most {
			t.Errorf("at speed %v it took %s", speed, took)
		}
	}
}

// teller is a test that notes what it is told.
type teller struct {
	testing.TB
	errors, fatals, logs []string
}

func (*teller) Helper() {}
func (t *teller) Logf(format string, args ...any) {
	t.logs = append(t.logs, fmt.Sprintf(format, args...))
}
func (t *teller) Errorf(format string, args ...any) {
	t.errors = append(t.errors, fmt.Sprintf(format, args...))
}
func (t *teller) Fatalf(format string, args ...any) {
	t.fatals = append(t.fatals, fmt.Sprintf(format, args...))
}

func TestVerify(t *testing.T) {
	for _, x := range []struct {
		file, fatal, said string
		status            int
	}{
		{"story.yaml", "", "pass", 200},
		{"story.yaml", "", "expected answers success", 500},
		{"wrong.yaml", `wrong.yaml:3:9: unknown step "order plcaed"`, "", 200},
		{"nobody.yaml", `nobody.yaml:2:13: nobody gave the contract of "shpo", the nearest is shop`, "", 200},
		{"none.yaml", "none.yaml", "", 200},
	} {
		told := &teller{}
		synctest.Test(t, func(t *testing.T) {
			told.TB = t
			scenario.Verify(told, "testdata/"+x.file, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(x.status) }), shop(t), scenario.Options{})
		})
		all := fmt.Sprint(told.logs, told.errors)
		if (len(told.fatals) > 0) != (x.fatal != "") || !strings.Contains(fmt.Sprint(told.fatals), x.fatal) || !strings.Contains(all, x.said) || (len(told.errors) > 0) != (x.status == 500) {
			t.Errorf("%s with %d: fatal %v, said %s", x.file, x.status, told.fatals, all)
		}
	}
}
