package scenario

import (
	"context"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/mockserver"
	"github.com/hookrig/hookrig/verifier"
)

// TB is the part of testing.TB that Test needs.
type TB interface {
	Helper()
	Context() context.Context
	Logf(format string, args ...any)
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// Verify plays the scenario of a file to a receiver in the test's process, or to
// o.Endpoints over the network where it is nil. all are the contracts that may
// be told of it: those that the file names play, by their providers' names, or
// all where it names none. What the result is to t, see [Test].
func Verify(t TB, file string, receiver http.Handler, all []*contracts.Contract, o Options) *Result {
	t.Helper()
	s, err := Load(os.DirFS(filepath.Dir(file)), filepath.Base(file))
	if err != nil {
		t.Fatalf("%v", err)
		return nil
	}
	if all, err = s.Playing(all); err != nil {
		t.Fatalf("%v", err)
		return nil
	}
	if receiver != nil {
		o.Transport = mockserver.InProcess(receiver)
	}
	return Test(t, s, all, o)
}

// Playing are the contracts of the providers that the file names, in its order,
// or all where it names none. A file that is named there is found by its
// contract's. The error is a *schema.Error at the provider that has none.
func (s *Scenario) Playing(all []*contracts.Contract) (playing []*contracts.Contract, err error) {
	if len(s.Providers) == 0 {
		return all, nil
	}
	var names []string
	for _, c := range all {
		names = append(names, c.Provider())
	}
	for i, name := range s.Providers {
		at := slices.IndexFunc(all, func(c *contracts.Contract) bool {
			return c.Provider() == name || path.Base(c.File()) == path.Base(name)
		})
		if at < 0 {
			return nil, s.Errorf(place("providers", i), "", "nobody gave the contract of %q%s", name, nearest(name, names))
		}
		playing = append(playing, all[at])
	}
	return playing, nil
}

// Test plays a scenario with the file's seed and fails t by each expectation
// that fails. What no oracle looked at is logged as inconclusive.
func Test(t TB, s *Scenario, all []*contracts.Contract, o Options) *Result {
	t.Helper()
	plan, err := s.Plan(all, s.Seed)
	if err != nil {
		t.Fatalf("%v", err)
		return nil
	}
	result, err := Run(t.Context(), plan, o)
	if err != nil {
		t.Fatalf("%s: %v", s.Name, err)
		return nil
	}
	var b strings.Builder
	if err := result.Text(&b); err != nil {
		t.Fatalf("%v", err)
	}
	if result.Verdict == verifier.Fail {
		t.Errorf("%s", b.String())
	} else {
		t.Logf("%s", b.String())
	}
	return result
}
