package verifier

import (
	"regexp"
	"slices"
	"testing"
)

// TestTable holds the rows to their form: names that fit subtests, flags and
// labels, and texts that say something.
func TestTable(t *testing.T) {
	name := regexp.MustCompile(`^[a-z]+/[a-z]+(-[a-z]+)*$`)
	sentence := regexp.MustCompile(`^[A-Z].*\.$`)
	seen := map[string]bool{}
	for i, c := range table {
		if (i == 0) != (c.name == baseline) {
			t.Error("the baseline is not the first and only one")
		}
		if !name.MatchString(c.name) || seen[c.name] {
			t.Errorf("the name %q is malformed or taken", c.name)
		}
		seen[c.name] = true
		if !sentence.MatchString(c.why) || !sentence.MatchString(c.fix) || c.source == "" {
			t.Errorf("%s: why and fix are sentences, and a rule has a source", c.name)
		}
		if !slices.Contains([]string{critical, high, medium, low}, c.severity) || c.basis != ByContract && c.basis != ByPractice {
			t.Errorf("%s: severity %q, basis %q", c.name, c.severity, c.basis)
		}
		if c.hostile && c.act == nil {
			t.Errorf("%s is hostile and sends nothing", c.name)
		}
	}
	if !slices.Equal(groups(), []string{"acknowledgement", "authenticity", "payload", "state", "http", "transport"}) {
		t.Errorf("groups %q", groups())
	}
}
