package verifier_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/catalog"
	"github.com/hookrig/hookrig/examples/receivers"
	"github.com/hookrig/hookrig/verifier"
)

// recorder is a test that remembers what its subtests did instead of failing.
type recorder struct {
	t    testing.TB
	name string
	log  map[string][]string // by subtest
}

// stopped is the panic that ends a subtest of a recorder.
type stopped struct{}

func (r *recorder) Helper()                  {}
func (r *recorder) Context() context.Context { return r.t.Context() }
func (r *recorder) Log(...any)               { r.note("log") }
func (r *recorder) Error(...any)             { r.note("fail") }
func (r *recorder) Skip(...any)              { r.note("skip"); panic(stopped{}) }
func (r *recorder) Fatal(args ...any)        { r.note("fatal " + fmt.Sprint(args...)); panic(stopped{}) }
func (r *recorder) note(what string)         { r.log[r.name] = append(r.log[r.name], what) }

func (r *recorder) Run(name string, f func(*recorder)) bool {
	sub := &recorder{r.t, name, r.log}
	sub.note("run")
	sub.until(f)
	return true
}

// until lets f run until it ends or stops.
func (r *recorder) until(f func(*recorder)) {
	defer func() {
		if v := recover(); v != nil && v != (stopped{}) {
			panic(v)
		}
	}()
	f(r)
}

// did are the subtests of which something was noted.
func (r *recorder) did(what string) (out []string) {
	for name, notes := range r.log {
		if slices.Contains(notes, what) {
			out = append(out, name)
		}
	}
	return out
}

// inBubble is synctest.Test for recorders.
func inBubble(t *testing.T) func(*recorder, func(*recorder)) {
	return func(r *recorder, f func(*recorder)) {
		synctest.Test(t, func(t *testing.T) { (&recorder{t, r.name, r.log}).until(f) })
	}
}

func freshly(c *contracts.Contract, d receivers.Defect) func(*recorder) (http.Handler, verifier.Oracle) {
	return func(*recorder) (http.Handler, verifier.Oracle) {
		r := receivers.New(c, d, secretsOf(c)...)
		return r, verifier.OracleFunc(func(_ context.Context, ev contracts.Event, _ string) (int, error) { return r.Effects(ev), nil })
	}
}

// One defect fails the same subtests, however the suite is run.
func TestSubtestsAreTheVerdicts(t *testing.T) {
	c := shop(t)
	for _, d := range []receivers.Defect{receivers.DoubleEffect, receivers.SlowToAnswer} {
		var report *verifier.Report
		whole := &recorder{t, "", map[string][]string{}}
		virtual(t, func(t *testing.T) {
			whole := &recorder{t, "", whole.log}
			receiver := receivers.New(c, d, secretsOf(c)...)
			report = verifier.Verify(whole, slim(inTime(options(c, receiver), receiver)))
		})
		apart := &recorder{t, "", map[string][]string{}}
		verifier.VerifyFresh(apart, inBubble(t), freshly(c, d), slim(verifier.Options{Contract: c, Secrets: secretsOf(c)}))
		for name, r := range map[string]*recorder{"Verify": whole, "VerifyFresh": apart} {
			if len(r.did("run")) != len(report.Checks) {
				t.Errorf("%s, %s: %d subtests of %d checks", d, name, len(r.did("run")), len(report.Checks))
			}
			for verdict, what := range map[verifier.Verdict]string{verifier.Fail: "fail", verifier.Warn: "log", verifier.Skip: "skip"} {
				if got := r.did(what); !same(got, findings(report, verdict)) {
					t.Errorf("%s, %s: %s %q, want %q", d, name, what, got, findings(report, verdict))
				}
			}
		}
	}
}

// What cannot be judged is no success.
func TestVerifyOfNobody(t *testing.T) {
	c := shop(t)
	for name, f := range map[string]func(*recorder){
		"no URL": func(r *recorder) { verifier.Verify(r, verifier.Options{Contract: c, Secrets: secretsOf(c)}) },
		"no secret": func(r *recorder) {
			verifier.VerifyFresh(r, nil, freshly(c, receivers.None), verifier.Options{Contract: c})
		},
	} {
		r := &recorder{t, "", map[string][]string{}}
		r.until(f)
		if len(r.log[""]) != 1 || len(r.log) != 1 {
			t.Errorf("%s: %v", name, r.log)
		}
	}
}

// A receiver is verified where it runs: each check is a subtest of its name.
func ExampleVerify() {
	var t *testing.T // of TestReceiver(t *testing.T)
	test := func() {
		server := httptest.NewServer(receivers.New(catalog.SellerCenter(), receivers.None))
		defer server.Close()

		verifier.Verify(t, verifier.Options{Contract: catalog.SellerCenter(), URL: server.URL, Events: []string{"onOrderCreated"}})
	}
	_ = test // go test calls it
}

// A receiver is a handler: each check has a fresh one, and a time of its own.
func ExampleVerifyFresh() {
	var t *testing.T // of TestReceiver(t *testing.T)
	test := func() {
		contract := catalog.SellerCenter()
		verifier.VerifyFresh(t, synctest.Test, func(*testing.T) (http.Handler, verifier.Oracle) {
			receiver := receivers.New(contract, receivers.None)
			return receiver, verifier.OracleFunc(func(_ context.Context, event contracts.Event, _ string) (int, error) {
				return receiver.Effects(event), nil
			})
		}, verifier.Options{Contract: contract, Events: []string{"onOrderCreated"}})
	}
	_ = test // go test calls it
}

// The examples above, run.
func TestVerifyARealTest(t *testing.T) {
	c := provider(t, "sellercenter")
	o := verifier.Options{Contract: c, Events: []string{"onOrderCreated"}}
	verifier.VerifyFresh(t, synctest.Test, func(*testing.T) (http.Handler, verifier.Oracle) {
		r := receivers.New(c, receivers.None)
		return r, verifier.OracleFunc(func(_ context.Context, ev contracts.Event, _ string) (int, error) { return r.Effects(ev), nil })
	}, o)
}
