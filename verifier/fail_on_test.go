package verifier_test

import (
	"strings"
	"testing"

	"github.com/hookrig/hookrig/examples/receivers"
	"github.com/hookrig/hookrig/verifier"
)

// A failure counts from the severity on that was asked for, and is told in any
// case.
func TestFailOn(t *testing.T) {
	c := shop(t)
	for failOn, want := range map[string]string{
		"": verifier.NotConformant, "low": verifier.NotConformant, "medium": verifier.NotConformant,
		"high": verifier.Conformant, "critical": verifier.Conformant,
	} {
		o := options(c, receivers.New(c, receivers.BreaksOnEmptyBody, secretsOf(c)...))
		o.Only, o.FailOn = []string{"payload/empty-body", "authenticity/two-signatures"}, failOn
		r := run(t, o) // payload/empty-body is medium
		if r.Verdict != want || r.Counts.Fail != 1 {
			t.Errorf("%q: %s, %d failures", failOn, r.Verdict, r.Counts.Fail)
		}
	}
	o := options(c, receivers.New(c, receivers.None, secretsOf(c)...))
	o.FailOn = "worst"
	if _, err := verifier.Run(t.Context(), o); err == nil || !strings.Contains(err.Error(), `"worst" is none of critical, high, medium, low`) {
		t.Error(err)
	}
}
