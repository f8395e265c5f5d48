package scenarios_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"io/fs"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/catalog"
	"github.com/hookrig/hookrig/contracts/signature"
	"github.com/hookrig/hookrig/examples/receivers"
	"github.com/hookrig/hookrig/examples/scenarios"
	"github.com/hookrig/hookrig/mockserver"
	"github.com/hookrig/hookrig/verifier"
	"github.com/hookrig/hookrig/verifier/scenario"
)

const secret = "user:a-secret-of-thirty-two-bytes!"

// play runs a scenario in virtual time against a receiver of the gallery, with
// something in front of it that may be wrong.
func play(t *testing.T, s *scenario.Scenario, defect receivers.Defect, front func(http.Handler, *contracts.Contract) http.Handler) (result *scenario.Result) {
	t.Helper()
	c, err := catalog.Load(s.Providers[0])
	if err != nil {
		t.Fatal(err)
	}
	plan, err := s.Plan([]*contracts.Contract{c}, s.Seed)
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		key := signature.NewSecret(secret)
		r := receivers.New(c, defect, key)
		var h http.Handler = r
		if front != nil {
			h = front(r, c)
		}
		result, err = scenario.Run(t.Context(), plan, scenario.Options{
			Endpoints: map[string]mockserver.Endpoint{"": {URL: "https://receiver.test/hooks", Secrets: []signature.Secret{key}}},
			Transport: mockserver.InProcess(h), Speed: 1, // the shop's own time: days of it
			Oracle: verifier.OracleFunc(func(_ context.Context, ev contracts.Event, _ string) (int, error) { return r.Effects(ev), nil }),
			State: verifier.StateFunc(func(_ context.Context, ev contracts.Event, _ string) (json.RawMessage, error) {
				return r.State(ev), nil
			}),
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// failures are the expectations that fail, as "step: of".
func failures(r *scenario.Result) (out []string) {
	for _, s := range r.Steps {
		for _, e := range s.Expectations {
			if e.Verdict == verifier.Fail {
				out = append(out, s.Name+": "+e.Of)
			}
		}
	}
	for _, e := range r.Expectations {
		if e.Verdict == verifier.Fail {
			out = append(out, "end: "+e.Of)
		}
	}
	return out
}

func load(t *testing.T, name string) *scenario.Scenario {
	t.Helper()
	s, err := scenario.Load(scenarios.FS, name)
	if err != nil {
		t.Fatal(err)
	}
	if s.Name+".yaml" != name || s.About == "" {
		t.Errorf("%s: it is called %q, and is about %q", name, s.Name, s.About)
	}
	return s
}

func names(t *testing.T) []string {
	t.Helper()
	all, err := fs.Glob(scenarios.FS, "*.yaml")
	if err != nil || len(all) != 10 {
		t.Fatal(all, err)
	}
	return all
}

func text(r *scenario.Result) string {
	var b strings.Builder
	_ = r.Text(&b)
	return b.String()
}

// The right receiver passes all that is expected, and where another provider tells
// the story it fails nothing: what that provider does not tell is not seen.
func TestRightReceiver(t *testing.T) {
	for _, name := range names(t) {
		t.Run(name, func(t *testing.T) {
			s := load(t, name)
			own := s.Providers[0]
			for _, provider := range catalog.Names {
				if looks := name == "address-change.yaml" || name == "cancel-after-ship.yaml"; provider != own && !looks && os.Getenv("HOOKRIG_FULL") == "" {
					continue // those that look at states are most easily unfair
				}
				s.Providers = []string{provider}
				if r := play(t, s, receivers.None, nil); r.Verdict == verifier.Fail || provider == own && r.Verdict != verifier.Pass {
					t.Errorf("%s: %s", provider, text(r))
				}
			}
		})
	}
}

// from lets the receiver see some of what comes; the rest is answered with a
// status.
func from(status int, sees func(event string) bool) func(http.Handler, *contracts.Contract) http.Handler {
	return func(right http.Handler, c *contracts.Contract) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			r.Body = io.NopCloser(bytes.NewReader(body))
			opened, err := c.Open(&contracts.Request{Method: r.Method, URL: r.URL.String(), Header: r.Header, Body: body}, contracts.OpenOptions{Secrets: []signature.Secret{signature.NewSecret(secret)}})
			if err == nil && len(opened.Events) == 1 && !sees(opened.Events[0].Type.Name()) {
				w.WriteHeader(status)
				return
			}
			right.ServeHTTP(w, r)
		})
	}
}

// first sees an event of this name so many times, and all others.
func first(name string, n int) func(string) bool {
	var mu sync.Mutex
	return func(event string) bool {
		mu.Lock()
		defer mu.Unlock()
		if event == name {
			n--
		}
		return n >= 0 || event != name
	}
}

// Each scenario finds the bug that it is about, at the expectation that is meant
// for it.
func TestWrongReceivers(t *testing.T) {
	for name, x := range map[string]struct {
		defect receivers.Defect
		front  func(http.Handler, *contracts.Contract) http.Handler
		want   string // the first expectation that fails
	}{
		"happy-order":        {defect: receivers.DoubleEffect, want: "order placed: effects"},
		"partial-shipment":   {front: from(http.StatusOK, first("order-package-shipped", 1)), want: "shipped: effects"},
		"cancel-after-ship":  {defect: receivers.ForgetsWithinHour, want: "again: effects"},
		"refund":             {defect: receivers.DoubleEffect, want: "refunded: effects"},
		"guest-to-customer":  {front: from(http.StatusConflict, first("customer:create", 0)), want: "customer registered: answers"},
		"address-change":     {defect: receivers.ForgetsWithinHour, want: "again: effects"},
		"stock-out-race":     {defect: receivers.LooksThenWrites, want: "order placed: effects"},
		"gdpr-erasure":       {defect: receivers.ForgetsWithinDay, want: "again: effects"},
		"bulk-import":        {defect: receivers.DropsWhenBusy, want: "end: effects"},
		"black-friday-burst": {defect: receivers.ShortMemory, want: "end: effects"},
	} {
		t.Run(name, func(t *testing.T) {
			r := play(t, load(t, name+".yaml"), x.defect, x.front)
			if failed := failures(r); r.Verdict != verifier.Fail || !slices.Contains(failed, x.want) || failed[0] != x.want {
				t.Errorf("want %s, failed %v\n%s", x.want, failed, text(r))
			}
		})
	}
}
