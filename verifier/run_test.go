package verifier_test

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/catalog"
	"github.com/hookrig/hookrig/contracts/signature"
	"github.com/hookrig/hookrig/examples/receivers"
	"github.com/hookrig/hookrig/mockserver"
	"github.com/hookrig/hookrig/verifier"
)

func TestScopeAndSelection(t *testing.T) {
	c := provider(t, "sellercenter")
	o := options(c, receivers.New(c, receivers.StumblesOverOneEvent))
	o.Events = []string{"onOrderCreated"}
	o.Only = []string{"acknowledgement/each-event", "acknowledgement/latency"}
	var told []string
	o.Progress = func(done, total int, check string) { told = append(told, fmt.Sprintf("%d/%d %s", done, total, check)) }
	r := timeless(t, o)
	if r.Verdict != verifier.Conformant || !slices.Equal(r.Scope, []string{"onOrderCreated"}) {
		t.Errorf("%s over %q", r.Verdict, r.Scope)
	}
	var text bytes.Buffer
	if err := r.Text(&text, false); err != nil || !strings.Contains(text.String(), "1 of its events (onOrderCreated)") {
		t.Errorf("the verdict does not print its scope:\n%s", text.String())
	}
	if want := []string{"0/3 acknowledgement/valid-event", "1/3 acknowledgement/each-event", "2/3 acknowledgement/latency", "3/3 "}; !slices.Equal(told, want) {
		t.Errorf("progress %q, want %q", told, want)
	}
}

func TestPlan(t *testing.T) {
	c := shop(t)
	secrets := secretsOf(c)
	var suite []verifier.Result // what every run asks
	for _, c := range verifier.Checks() {
		if c.Tier == verifier.Functional {
			suite = append(suite, c)
		}
	}
	all := len(suite)
	last := suite[all-1].Name
	in := func(groups ...string) (n int) {
		for _, c := range suite {
			if slices.Contains(groups, c.Group) {
				n++
			}
		}
		return n
	}
	for _, row := range []struct {
		name           string
		o              verifier.Options
		events, checks int
		first, last    string // check; "": any
	}{
		{"all", verifier.Options{}, 2, all, "acknowledgement/valid-event", last},
		{"one event", verifier.Options{Events: []string{"returned"}}, 1, all, "acknowledgement/valid-event", last},
		{"a group", verifier.Options{Only: []string{"state"}}, 2, 1 + in("state"), "acknowledgement/valid-event", ""},
		{"a check", verifier.Options{Only: []string{"http/redirect"}}, 2, 2, "acknowledgement/valid-event", "http/redirect"},
		{"without a group", verifier.Options{Skip: []string{"authenticity", "http"}}, 2, all - in("authenticity", "http"), "acknowledgement/valid-event", last},
		{"the baseline stays", verifier.Options{Skip: []string{"acknowledgement"}}, 2, all - in("acknowledgement") + 1, "acknowledgement/valid-event", last},
		{"the contract's rules", verifier.Options{Basis: verifier.ByContract}, 2, 4, "acknowledgement/valid-event", "state/duplicate-accepted"},
		{"rules of practice", verifier.Options{Basis: verifier.ByPractice}, 2, all - 2, "acknowledgement/valid-event", last},
	} {
		row.o.Contract, row.o.Secrets = c, secrets // a plan needs no URL
		plan, err := verifier.Plan(t.Context(), row.o)
		if err != nil || len(plan.Events) != row.events || len(plan.Checks) != row.checks {
			t.Errorf("%s: %+v, %v", row.name, plan, err)
			continue
		}
		if first, end := plan.Checks[0].Name, plan.Checks[len(plan.Checks)-1].Name; first != row.first || row.last != "" && end != row.last {
			t.Errorf("%s: from %s to %s", row.name, first, end)
		}
	}
}

func TestOptionsThatAreRefused(t *testing.T) {
	c := shop(t)
	secrets := secretsOf(c)
	for _, row := range []struct {
		o    verifier.Options
		want string
	}{
		{verifier.Options{}, "no contract"},
		{verifier.Options{Contract: c}, "no secret was given"},
		{verifier.Options{Contract: c, Secrets: secrets, Events: []string{"solt"}}, `no event "solt"`},
		{verifier.Options{Contract: c, Secrets: secrets, Only: []string{"acknowledgment"}}, `no check or group "acknowledgment"`},
		{verifier.Options{Contract: c, Secrets: secrets, Skip: []string{"state/duplicate"}}, `no check or group "state/duplicate"`},
		{verifier.Options{Contract: c, Secrets: secrets, Basis: "hearsay"}, `basis "hearsay"`},
		{verifier.Options{Contract: c, Secrets: secrets, Basis: verifier.ByContract, Events: []string{"solt"}}, `no event "solt"`},
		{verifier.Options{Contract: c, Secrets: secrets, Basis: verifier.ByContract, Only: []string{"payload"}}, "none of the chosen checks judges shop by contract"},
		{verifier.Options{Contract: c, Secrets: secrets, Only: []string{"http"}, Skip: []string{"http"}}, "no check is left but the baseline"},
		{verifier.Options{Contract: provider(t, "xentral"), Secrets: secrets, Basis: verifier.ByContract}, "no check judges the chosen events of xentral by contract"},
		{verifier.Options{Contract: c, Secrets: secrets}, "target"},
		{verifier.Options{Contract: c, Secrets: secrets, URL: "receiver.test/hooks"}, "target"},
		{verifier.Options{Contract: c, Secrets: secrets, URL: "ftp://receiver.test"}, "target"},
	} {
		if r, err := verifier.Run(t.Context(), row.o); r != nil || err == nil || !strings.Contains(err.Error(), row.want) {
			t.Errorf("want %q, got %v", row.want, err)
		}
	}
	_, err := verifier.Run(t.Context(), verifier.Options{Contract: c, Secrets: secrets, Only: []string{"authenticity/wrong-keys"}})
	var unknown *verifier.UnknownCheckError
	if !errors.As(err, &unknown) || !slices.Contains(unknown.Nearest, "authenticity/wrong-key") {
		t.Errorf("the nearest name is not given: %v", err)
	}
}

// bodies are what each check sent in a run, tampered or not, without the signs
// of life. Further rounds have their number behind the name.
func bodies(t *testing.T, o verifier.Options) (out, events map[string][]string) {
	t.Helper()
	e, err := verifier.Collect(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	out, events = map[string][]string{}, map[string][]string{}
	for _, entry := range e.Journal {
		check, rest, _ := strings.Cut(entry.Label, " ")
		role, round, further := strings.Cut(rest, " ")
		if entry.Kind == mockserver.EntryQueued && role != "alive" {
			if further {
				check += " " + round
			}
			out[check] = append(out[check], entry.Delivery+" "+string(entry.Body)+" "+string(e.Altered[entry.Delivery+" "+entry.Label]))
			if role == "sequence" { // which is made from the whole scope
				events[check] = e.Scope
			}
			if !slices.Contains(events[check], entry.Event) {
				events[check] = append(events[check], entry.Event)
			}
		}
	}
	return out, events
}

// A check that is repeated alone, as its reproduce command does, sends the same
// bytes under the same ids.
func TestReproduceSendsTheSameBytes(t *testing.T) {
	for _, name := range few(catalog.Names, "xentral", "ergonode") {
		virtualRun(t, name, func(t *testing.T) {
			c := provider(t, name)
			fresh := func() verifier.Options {
				o := options(c, receivers.New(c, receivers.None, secretsOf(c)...))
				o.Seed = 11
				return slim(o)
			}
			types := c.EventTypes()
			o := fresh()
			o.Events = []string{types[0].Name(), types[1].Name(), types[2].Name()}
			whole, events := bodies(t, o)
			for check, sent := range whole {
				o := fresh()
				name, _, _ := strings.Cut(check, " ")
				o.Only, o.Events = []string{name}, []string{types[0].Name()}
				if check == "acknowledgement/each-event" { // the last of the three alone
					o.Events, sent = []string{types[2].Name()}, sent[2:]
				} else { // the report names the events that the check used
					o.Events = events[check]
				}
				if again, _ := bodies(t, o); !slices.Equal(again[name], sent) {
					again := again[name]
					t.Errorf("%s:\n%q\nand alone\n%q", check, sent, again)
				}
			}
			o = fresh()
			o.Seed, o.Events = 12, []string{types[0].Name()}
			if other, _ := bodies(t, o); slices.Equal(other["acknowledgement/valid-event"], whole["acknowledgement/valid-event"]) {
				t.Error("another seed sends the same events")
			}
		})
	}
}

// The request that a report shows is the one that was sent, changed bodies
// included.
func TestCurlShowsWhatWasSent(t *testing.T) {
	for _, name := range []string{"shoptet", "ergonode"} { // one signs the body, one does not
		virtualRun(t, name, func(t *testing.T) {
			c := provider(t, name)
			var mu sync.Mutex // some checks deliver side by side
			var seen []string
			o := options(c, receivers.New(c, receivers.None, secretsOf(c)...))
			o.Events = []string{c.EventTypes()[0].Name()}
			o.Transport = mockserver.InProcess(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				mu.Lock()
				defer mu.Unlock()
				seen = append(seen, string(body))
				if len(seen) > 3 { // the baseline is well
					w.WriteHeader(http.StatusTeapot)
				}
			}))
			checks := 0
			for _, f := range run(t, o).Checks {
				if _, body, ok := strings.Cut(f.Curl, "--data-binary "); ok && f.Verdict == verifier.Fail {
					checks++
					if packed, ok := strings.CutPrefix(f.Curl, "printf %s "); ok { // it cannot stand on a line as it is
						packed, _, _ = strings.Cut(packed, " ")
						text, err := base64.StdEncoding.DecodeString(packed)
						if err != nil {
							t.Fatal(err)
						}
						body = string(text)
					}
					if body = strings.Trim(body, "'"); !slices.Contains(seen, body) {
						t.Errorf("%s shows what was never sent: %s", f.Name, body)
					}
				}
			}
			if checks < 5 {
				t.Errorf("only %d findings", checks)
			}
		})
	}
}

// While a secret is rotated two signatures are sent. A probe that spoils one of
// them must not be passed off by the other.
func TestTwoSecrets(t *testing.T) {
	virtual(t, func(t *testing.T) {
		c := shop(t)
		secrets := []signature.Secret{signature.NewSecret("the new one"), signature.NewSecret("the old one")}
		receiver := receivers.New(c, receivers.None, secrets...)
		o := options(c, receiver)
		o.Secrets = secrets
		if r := run(t, slim(o)); r.Counts.Pass+r.Counts.Skip != len(r.Checks) {
			t.Errorf("not passed: %q", findings(r, verifier.Fail, verifier.Warn, verifier.Inconclusive, verifier.Skip))
		}
	})
}

// TestOverRealSockets also checks that reports never hold a secret.
func TestOverRealSockets(t *testing.T) {
	c := provider(t, "scayle")
	receiver := receivers.New(c, receivers.EffectBeforeCheck, secretsOf(c)...)
	server := httptest.NewServer(receiver)
	defer server.Close()
	o := options(c, receiver)
	o.Transport, o.Secrets, o.ContractArg = nil, nil, "scayle"
	o.URL = strings.Replace(server.URL, "http://", "http://shop:canary-secret-of-the-tests@", 1) + "/hooks"
	o.Events = []string{c.EventTypes()[0].Name(), c.EventTypes()[1].Name()}
	r := run(t, slim(o))
	if got := findings(r, verifier.Fail); !same(got, []string{"authenticity/no-effect"}) {
		t.Errorf("fails %q", got)
	}
	var text, line, junit, page bytes.Buffer
	if err := errors.Join(r.Text(&text, true), r.JSON(&line), r.JUnit(&junit), r.HTML(&page)); err != nil {
		t.Fatal(err)
	}
	for name, out := range map[string]string{"text": text.String(), "json": line.String(), "junit": junit.String(), "html": page.String()} {
		if strings.Contains(out, "canary-secret") || strings.Contains(out, "Y2FuYXJ5") {
			t.Errorf("the %s report holds the secret", name)
		}
		if !strings.Contains(out, "hookrig verify scayle --to http://127.0.0.1") {
			t.Errorf("the %s report does not say how to reproduce:\n%s", name, out)
		}
	}
	if strings.Count(line.String(), "\n") != 1 {
		t.Error("the JSON report is not one line")
	}
	if err := xml.Unmarshal(junit.Bytes(), new(struct{})); err != nil {
		t.Errorf("the JUnit report: %v", err)
	}
}

// What is left out by its basis is only what could not have judged by it: the
// findings by the contract are the same, chosen alone or among all.
func TestBasisLeavesOutNoFindingByIt(t *testing.T) {
	shopText, err := os.ReadFile("testdata/shop.yaml")
	if err != nil {
		t.Fatal(err)
	}
	variant := func(old, new string) *contracts.Contract {
		c, err := contracts.Load(fstest.MapFS{"shop.yaml": {Data: bytes.Replace(shopText, []byte(old), []byte(new), 1)}}, "shop.yaml")
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	const stale = "authenticity/stale-timestamp"
	for _, row := range []struct {
		name string
		c    *contracts.Contract
		want map[verifier.Basis]verifier.Verdict // of the stale time, under each choice
	}{
		{"no window", shop(t), map[verifier.Basis]verifier.Verdict{"": verifier.Warn, verifier.ByPractice: verifier.Warn}},
		{"a window", variant("separator:", "tolerance: 5m\n    separator:"), map[verifier.Basis]verifier.Verdict{"": verifier.Fail, verifier.ByContract: verifier.Fail}},
		{"an assumed window", variant("separator:", "tolerance: 5m\n    provenance: assumed\n    separator:"), map[verifier.Basis]verifier.Verdict{"": verifier.Warn, verifier.ByPractice: verifier.Warn}},
	} {
		for _, basis := range []verifier.Basis{"", verifier.ByContract, verifier.ByPractice} {
			virtual(t, func(t *testing.T) {
				o := options(row.c, receivers.New(row.c, receivers.NoSignatureCheck, secretsOf(row.c)...))
				o.Basis, o.Skip = basis, []string{"payload", "state"}
				got := verifier.Verdict("")
				for _, f := range run(t, o).Checks {
					if f.Name == stale {
						got = f.Verdict
					}
				}
				if got != row.want[basis] {
					t.Errorf("%s, basis %q: %s is %q, want %q", row.name, basis, stale, got, row.want[basis])
				}
			})
		}
	}
}

// Where the contract believes deliveries for days, the stale one is older than that.
func TestAWindowOfDays(t *testing.T) {
	text, err := os.ReadFile("testdata/shop.yaml")
	if err != nil {
		t.Fatal(err)
	}
	c, err := contracts.Load(fstest.MapFS{"shop.yaml": {Data: bytes.Replace(text, []byte("separator:"), []byte("tolerance: 72h\n    separator:"), 1)}}, "shop.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for believes, want := range map[time.Duration]verifier.Verdict{72 * time.Hour: verifier.Pass, 1000 * time.Hour: verifier.Fail} {
		virtual(t, func(t *testing.T) {
			o := verifier.Options{
				Contract: c, URL: "http://receiver.test/", Secrets: secretsOf(c), Only: []string{"authenticity/stale-timestamp", "authenticity/future-timestamp"},
				Transport: mockserver.InProcess(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					seconds, _ := strconv.ParseInt(r.Header.Get("X-Shop-Timestamp"), 10, 64)
					if off := time.Since(time.Unix(seconds, 0)).Abs(); off > believes {
						w.WriteHeader(http.StatusUnauthorized)
					}
				})),
			}
			for _, f := range run(t, o).Checks[1:] {
				if f.Verdict != want || !strings.Contains(f.Expected, "signed 4d ") || want == verifier.Fail && !strings.Contains(f.Because, "signed 4d ") {
					t.Errorf("%s, believed for %s: %s, %s, expected %s", f.Name, believes, f.Verdict, f.Because, f.Expected)
				}
			}
		})
	}
}
