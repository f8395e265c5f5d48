package verifier_test

import (
	"bytes"
	"io"
	"net/http"
	"testing"

	"github.com/hookrig/hookrig/examples/receivers"
	"github.com/hookrig/hookrig/verifier"
)

// A receiver that confuses numbers which every program can hold loses events;
// above 2⁵³ it is advice, for no source says that a provider goes there.
func TestNearNumbers(t *testing.T) {
	for lost, want := range map[string]verifier.Verdict{
		"": verifier.Pass, "9007199254740991": verifier.Fail, "9007199254740993": verifier.Warn,
	} {
		virtualRun(t, "lost "+lost, func(t *testing.T) {
			c := provider(t, "shoptet")
			receiver := receivers.New(c, receivers.None, secretsOf(c)...)
			o := options(c, receiver)
			working := o.Transport
			o.Transport = transport(func(r *http.Request) (*http.Response, error) {
				body, err := io.ReadAll(r.Body)
				if err != nil {
					return nil, err
				}
				r.Body = io.NopCloser(bytes.NewReader(body))
				if lost != "" && bytes.Contains(body, []byte(lost)) {
					return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: http.NoBody, Request: r}, nil
				}
				return working.RoundTrip(r)
			})
			o.Only = []string{"state/near-numbers-done"}
			for _, f := range run(t, o).Checks {
				if f.Name == o.Only[0] && f.Verdict != want {
					t.Errorf("%s: %s, want %s", f.Verdict, f.Because, want)
				}
			}
		})
	}
}
