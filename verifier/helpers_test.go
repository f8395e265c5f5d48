package verifier_test

import (
	"context"
	"encoding/json"
	"os"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/catalog"
	"github.com/hookrig/hookrig/contracts/signature"
	"github.com/hookrig/hookrig/examples/receivers"
	"github.com/hookrig/hookrig/mockserver"
	"github.com/hookrig/hookrig/verifier"
)

// secretsOf are what provider and receiver share in these tests.
func secretsOf(c *contracts.Contract) []signature.Secret {
	switch s, _ := c.Signature(); {
	case !s.Signs():
		return nil
	case s.Algorithm == signature.Basic:
		return []signature.Secret{signature.NewSecret("shop:canary-secret-of-the-tests")}
	}
	return []signature.Secret{signature.NewSecret("canary-secret-of-the-tests")}
}

func provider(t *testing.T, name string) *contracts.Contract {
	t.Helper()
	c, err := catalog.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// options for a receiver in the same process, with an oracle that looks into it.
func options(c *contracts.Contract, r *receivers.Receiver) verifier.Options {
	return verifier.Options{
		Contract: c, URL: "http://receiver.test/hooks", Secrets: secretsOf(c), Transport: mockserver.InProcess(r),
		Oracle: verifier.OracleFunc(func(_ context.Context, ev contracts.Event, _ string) (int, error) { return r.Effects(ev), nil }),
		State: verifier.StateFunc(func(_ context.Context, ev contracts.Event, _ string) (json.RawMessage, error) {
			return r.State(ev), nil
		}),
	}
}

// inTime are options for a run within a bubble: days pass, and the receiver can be
// restarted.
func inTime(o verifier.Options, r *receivers.Receiver) verifier.Options {
	o.Virtual = true
	o.Restart = func(context.Context) error { r.Restart(); return nil }
	return o
}

// slim leaves out the check that takes as long as all others together; tests
// that are about something else need it only in the long form.
func slim(o verifier.Options) verifier.Options {
	if !full {
		o.Skip = append(slices.Clone(o.Skip), "payload/size")
	}
	return o
}

// sample is for long rows of runs that do not depend on each other: all of them,
// but every third under the race detector. It looks at how goroutines share
// memory, which is the same in all; the verdicts are those of the tests without it.
func sample(i int) bool { return full || !raced || i%3 == 0 }

// few are the names that a test goes through: all in the long form, and else those
// that prove the same.
func few(all []string, enough ...string) []string {
	if full {
		return all
	}
	return enough
}

func run(t *testing.T, o verifier.Options) *verifier.Report {
	t.Helper()
	r, err := verifier.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// timeless is run under virtual time.
func timeless(t *testing.T, o verifier.Options) (r *verifier.Report) {
	t.Helper()
	virtual(t, func(t *testing.T) { r = run(t, o) })
	return r
}

func findings(r *verifier.Report, v ...verifier.Verdict) (out []string) {
	for _, c := range r.Checks {
		if slices.Contains(v, c.Verdict) {
			out = append(out, c.Name)
		}
	}
	return out
}

// virtual runs f under virtual time: no answer is slow because the machine is.
func virtual(t *testing.T, f func(*testing.T)) {
	t.Helper()
	synctest.Test(t, f)
}

// virtualRun is a subtest under virtual time.
func virtualRun(t *testing.T, name string, f func(*testing.T)) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		t.Parallel()
		virtual(t, f)
	})
}

// shop is the contract of testdata/shop.yaml.
func shop(t testing.TB) *contracts.Contract {
	t.Helper()
	c, err := contracts.Load(os.DirFS("testdata"), "shop.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return c
}
