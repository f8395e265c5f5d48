package scenario_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"html"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"unicode/utf8"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/signature"
	"github.com/hookrig/hookrig/mockserver"
	"github.com/hookrig/hookrig/verifier"
	"github.com/hookrig/hookrig/verifier/scenario"
)

// signed is the shop with a signature that has an id in it.
func signed(t *testing.T) []*contracts.Contract {
	t.Helper()
	text := strings.Replace(shopContract, "then: keep}}", `then: keep}, signature: {algorithm: hmac-sha256, signed: "{id}.{body}", encoding: hex, header: Sig, idHeader: Id}}`, 1)
	c, err := contracts.Load(fstest.MapFS{"shop.yaml": {Data: []byte(text)}}, "shop.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return []*contracts.Contract{c}
}

// What ends by our own doing says nothing of the receiver, whatever it answered
// before: the second attempt of each delivery cannot be made.
func TestOurDoingIsNobodysFault(t *testing.T) {
	s := read(t, "name: x\nsteps:\n- order placed: {expect: {answers: success, effects: 1, state: known}}\n- shipped: {expect: {answers: 5xx}}\n- again: {step: order placed, expect: {answers: 2xx}}\n")
	plan, err := s.Plan(signed(t), 1)
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		asked := 0
		r, err := scenario.Run(t.Context(), plan, scenario.Options{
			Endpoints: map[string]mockserver.Endpoint{"": {Keys: func() []signature.Secret {
				mu.Lock()
				defer mu.Unlock()
				if asked++; asked > 1 && asked%2 == 1 { // before the run, and at each attempt
					return nil
				}
				return []signature.Secret{signature.NewSecret("key")}
			}}},
			Transport: mockserver.InProcess(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) })),
			Oracle:    verifier.OracleFunc(func(context.Context, contracts.Event, string) (int, error) { return 0, nil }),
			State:     verifier.StateFunc(func(context.Context, contracts.Event, string) (json.RawMessage, error) { return nil, nil }),
		})
		if err != nil {
			t.Fatal(err)
		}
		for i := range 2 {
			for _, e := range r.Steps[i].Expectations {
				if e.Verdict != verifier.Inconclusive || !strings.Contains(e.Found, "could not be made") && !strings.Contains(e.Found, "never came") {
					t.Errorf("step %d: %+v", i+1, e)
				}
			}
		}
		if e := r.Steps[2].Expectations[0]; e.Verdict != verifier.Fail || !strings.Contains(e.Found, "answer 500") {
			t.Errorf("an answer that came is judged: %+v", e)
		}
	})
}

// What is dropped on the way has no effect, until it is sent again.
func TestDropped(t *testing.T) {
	const tale = "name: x\nsteps:\n- order placed: {tamper: drop, on: order.placed, expect: {answers: success, effects: 1, state: known}}\n"
	for name, x := range map[string]struct {
		more     string
		deaf     bool             // the receiver takes everything and does nothing
		of, last verifier.Verdict // effects of the step, and of the end
	}{
		"never sent again":  {"- wait: 1s\nexpect: {effects: 1}\n", false, verifier.Pass, verifier.Pass},
		"and nothing done":  {"- wait: 1s\nexpect: {effects: 1}\n", true, verifier.Fail, verifier.Fail},
		"nothing expected":  {"- wait: 1s\nexpect: {effects: 0}\n", false, verifier.Pass, verifier.Fail},
		"sent again":        {"- again: order placed\nexpect: {effects: 1}\n", false, verifier.Pass, verifier.Pass},
		"again for nothing": {"- again: order placed\nexpect: {effects: 1}\n", true, verifier.Fail, verifier.Fail},
	} {
		t.Run(name, func(t *testing.T) {
			var mu sync.Mutex
			effects := map[string]int{}
			r := play(t, tale+x.more, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				mu.Lock()
				defer mu.Unlock()
				if body := bodyOf(r); !x.deaf {
					effects[body] = 1
				}
			}), func(o *scenario.Options) {
				o.Oracle = verifier.OracleFunc(func(_ context.Context, ev contracts.Event, _ string) (int, error) {
					mu.Lock()
					defer mu.Unlock()
					return effects[string(ev.Body)], nil
				})
				o.State = verifier.StateFunc(func(_ context.Context, ev contracts.Event, _ string) (json.RawMessage, error) {
					mu.Lock()
					defer mu.Unlock()
					if effects[string(ev.Body)] == 0 {
						return nil, nil
					}
					return json.RawMessage("1"), nil
				})
			})
			first := r.Steps[0].Expectations
			if first[0].Verdict != verifier.Pass || first[1].Verdict != x.of || first[2].Verdict != verifier.Inconclusive || r.Expectations[0].Verdict != x.last {
				t.Errorf("%+v\n%+v", first, r.Expectations)
			}
		})
	}
	all := play(t, "name: x\nsteps:\n- order placed: {tamper: drop, expect: {effects: 1}}\n", ok, func(o *scenario.Options) {
		o.Oracle = verifier.OracleFunc(func(context.Context, contracts.Event, string) (int, error) { return 0, nil })
	})
	if e := all.Steps[0].Expectations[0]; e.Verdict != verifier.Inconclusive || e.Found != "nothing of it was sent" {
		t.Errorf("%+v", e)
	}
}

func bodyOf(r *http.Request) string {
	body, _ := io.ReadAll(r.Body)
	return string(body)
}

// selective are oracles that see the events of some names alone.
type selective struct {
	verifier.OracleFunc
	verifier.StateFunc
	sees func(contracts.Event) bool
}

func (o selective) Sees(ev contracts.Event) bool { return o.sees(ev) }

// What is seen in part does not pass; what fails in that part fails.
func TestPartialSight(t *testing.T) {
	const tale = "name: x\nsteps:\n- order placed: {expect: {effects: 1, state: known}}\n- wait: 1s\n"
	placed := func(ev contracts.Event) bool { return strings.Contains(string(ev.Body), "order.placed") }
	nothing := func(contracts.Event) bool { return false }
	for name, x := range map[string]struct {
		sees            func(contracts.Event) bool
		had             int
		effects, state  verifier.Verdict
		found, notShown string
	}{
		"one of two":          {placed, 1, verifier.Inconclusive, verifier.Pass, "1 of 2 events", ""},
		"one of two, in vain": {placed, 0, verifier.Fail, verifier.Fail, "had 0", "not known"},
		"none":                {nothing, 1, verifier.Inconclusive, verifier.Inconclusive, "0 of 2 events", "no event of shop"},
	} {
		t.Run(name, func(t *testing.T) {
			var sent sync.Map
			r := play(t, tale, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { sent.Store(bodyOf(r), true) }), func(o *scenario.Options) {
				look := selective{
					OracleFunc: func(_ context.Context, ev contracts.Event, _ string) (int, error) {
						if _, ok := sent.Load(string(ev.Body)); ok {
							return x.had, nil
						}
						return 0, nil
					},
					StateFunc: func(context.Context, contracts.Event, string) (json.RawMessage, error) {
						return json.RawMessage("1")[:x.had], nil
					},
					sees: x.sees,
				}
				o.Oracle, o.State = look, look
			})
			e := r.Steps[0].Expectations
			if e[0].Verdict != x.effects || e[1].Verdict != x.state || !strings.Contains(e[0].Found, x.found) || !strings.Contains(e[1].Found, x.notShown) {
				t.Errorf("%+v", e)
			}
		})
	}
}

// What a receiver or an oracle writes moves no cursor, turns no line around and
// ends between characters, wherever it is printed.
func TestTextsOfOthers(t *testing.T) {
	const evil = "\u009b2J\u202eknup\x1b[31m\r\n"
	r := play(t, "name: x\nsteps:\n- order placed: {expect: {effects: 1, state: gone}}\n", ok, func(o *scenario.Options) {
		sent := false
		o.Oracle = verifier.OracleFunc(func(context.Context, contracts.Event, string) (int, error) {
			if sent {
				return 0, errors.New(evil + strings.Repeat("ü", 5000))
			}
			return 0, nil
		})
		o.State = verifier.StateFunc(func(context.Context, contracts.Event, string) (json.RawMessage, error) {
			return json.RawMessage(`"a` + evil + strings.Repeat("ü", 5000) + `"`), nil
		})
		o.Transport = mockserver.InProcess(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { sent = true }))
	})
	var text, junit bytes.Buffer
	if err := errors.Join(r.Text(&text), r.JUnit(&junit)); err != nil {
		t.Fatal(err)
	}
	for name, out := range map[string]string{"text": text.String(), "step": r.Steps[0].String(), "junit": junit.String()} {
		if strings.ContainsAny(out, "\u009b\u202e\x1b\r") || !utf8.ValidString(out) || len(out) > 3000 || strings.Contains(out, "\ufffd") {
			t.Errorf("%s: %q", name, out)
		}
		if strings.Count(out, "knup") != 2 {
			t.Errorf("%s: %q", name, out)
		}
	}
}

// A receiver that prints its secret, and an oracle that does, put it into no report.
func TestSecretsAreHidden(t *testing.T) {
	const secret, password = `k"ey+<of>/the=shop`, "pass/word"
	s := read(t, "name: x\nsteps:\n- order placed: {expect: {answers: success, effects: 1, state: gone}}\n- again: order placed\n")
	plan, err := s.Plan(signed(t), 1)
	if err != nil {
		t.Fatal(err)
	}
	inJSON, _ := json.Marshal(secret)
	spellings := []string{secret, html.EscapeString(secret), strings.Trim(string(inJSON), `"`), password, url.QueryEscape(password)}
	var sent atomic.Bool
	synctest.Test(t, func(t *testing.T) {
		r, err := scenario.Run(t.Context(), plan, scenario.Options{
			Endpoints: map[string]mockserver.Endpoint{"": {URL: "http://user:" + url.QueryEscape(password) + "@receiver.test/", Secrets: []signature.Secret{signature.NewSecret(secret)}}},
			Transport: mockserver.InProcess(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				sent.Store(true)
				w.Header().Set("X-Expected", secret)
				w.WriteHeader(500)
				_, _ = io.WriteString(w, "canary "+strings.Join(spellings, " canary "))
			})),
			Oracle: verifier.OracleFunc(func(context.Context, contracts.Event, string) (int, error) {
				if !sent.Load() {
					return 0, nil
				}
				return 0, errors.New("canary " + secret)
			}),
			State: verifier.StateFunc(func(context.Context, contracts.Event, string) (json.RawMessage, error) {
				return json.RawMessage(`{"canary":` + string(inJSON) + `}`), nil
			}),
		})
		if err != nil {
			t.Fatal(err)
		}
		for name, write := range map[string]func(io.Writer) error{"text": r.Text, "html": r.HTML, "json": r.JSON, "junit": r.JUnit} {
			var b bytes.Buffer
			if err := write(&b); err != nil {
				t.Fatal(err)
			}
			out := b.String()
			if name == "json" { // where bodies are bytes
				for _, e := range r.Events {
					for _, a := range e.Outcome.Attempts {
						out += string(a.Body)
					}
				}
			}
			if !strings.Contains(out, "canary") || !strings.Contains(out, "[redacted]") {
				t.Errorf("%s says nothing: %s", name, out)
			}
			for _, told := range append(spellings, html.EscapeString(html.EscapeString(secret))) {
				if strings.Contains(out, told) {
					t.Errorf("%s tells %q", name, told)
				}
			}
		}
	})
}
