package verifier_test

import (
	"strings"
	"testing"

	"github.com/hookrig/hookrig/examples/receivers"
	"github.com/hookrig/hookrig/verifier"
)

// Whoever checks a password, or a token, is not told to compute a signature over a
// body.
func TestFindingsInTheWordsOfTheProvider(t *testing.T) {
	for _, name := range []string{"scayle", "ergonode"} {
		virtualRun(t, name, func(t *testing.T) {
			c := provider(t, name)
			o := options(c, receivers.New(c, receivers.NoSignatureCheck, secretsOf(c)...))
			o.Only, o.Events = []string{"authenticity"}, []string{c.EventTypes()[0].Name()}
			fails := 0
			for _, f := range run(t, o).Checks {
				if f.Verdict != verifier.Fail {
					continue
				}
				fails++
				for _, text := range []string{f.Because, f.Why, f.Fix} {
					if strings.Contains(text, "over the received bytes") || name == "scayle" && strings.Contains(text, "ignature") {
						t.Errorf("%s: %s", f.Name, text)
					}
				}
			}
			if fails < 4 {
				t.Errorf("only %d findings", fails)
			}
		})
	}
}
