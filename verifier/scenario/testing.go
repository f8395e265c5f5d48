package scenario

import (
	"context"
	"strings"

	"github.com/hookrig/hookrig/contracts"
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

// Test plays a scenario with the file's seed and fails t by each expectation
// that fails. What no oracle looked at is logged as inconclusive.
func Test(t TB, s *Scenario, all []*contracts.Contract, o Options) *Result {
	t.Helper()
	plan, err := s.Plan(all, s.Seed)
	if err != nil {
		t.Fatalf("%v", err)
	}
	result, err := Run(t.Context(), plan, o)
	if err != nil {
		t.Fatalf("%s: %v", s.Name, err)
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
