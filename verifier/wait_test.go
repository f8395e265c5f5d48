package verifier_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/hookrig/hookrig/examples/receivers"
	"github.com/hookrig/hookrig/mockserver"
	"github.com/hookrig/hookrig/verifier"
)

// unending answers some requests by a head and a body that never ends, or not at
// all.
func unending(right http.Handler, head bool, these func(status int) bool) http.RoundTripper {
	working := mockserver.InProcess(right)
	return transport(func(r *http.Request) (*http.Response, error) {
		res, err := working.RoundTrip(r)
		if err != nil || !these(res.StatusCode) {
			return res, err
		}
		if !head {
			<-r.Context().Done()
			return nil, r.Context().Err()
		}
		out, in := io.Pipe()
		go func() {
			<-r.Context().Done()
			_ = in.CloseWithError(r.Context().Err())
		}()
		res.Body, res.ContentLength = out, -1
		return res, nil
	})
}

// A receiver that never ends an answer has one fault: what it refused is refused,
// and the run does not pay the provider's time for each of its refusals.
func TestAnswersThatNeverEnd(t *testing.T) {
	refusal := func(status int) bool { return status >= 400 }
	for _, row := range []struct {
		name  string
		head  bool
		these func(int) bool
		fails []string
		most  time.Duration // of the run
	}{
		{"refusals that begin", true, refusal, []string{"acknowledgement/latency"}, time.Minute},
		{"acknowledgements that begin", true, func(status int) bool { return status < 300 }, []string{"acknowledgement/latency", "acknowledgement/valid-event"}, time.Minute},
		{"refusals that never come", false, refusal, nil, time.Minute},
	} {
		virtualRun(t, row.name, func(t *testing.T) {
			c := provider(t, "shoptet")
			receiver := receivers.New(c, receivers.None, secretsOf(c)...)
			o := options(c, receiver)
			o.Transport = unending(receiver, row.head, row.these)
			o.Events = []string{"order:create"}
			started := time.Now()
			r := run(t, slim(o))
			if got := findings(r, verifier.Fail); row.fails != nil && !same(got, row.fails) {
				t.Errorf("fails %q, want %q", got, row.fails)
			}
			if took := time.Since(started); took > row.most {
				t.Errorf("the run took %s", took)
			}
			for _, f := range r.Checks {
				if f.Verdict == verifier.Fail && row.head && !strings.Contains(f.Received, "no end of the answer within 4s") {
					t.Errorf("%s received %q", f.Name, f.Received)
				}
			}
		})
	}
}

// Once two answers have not come, others are not waited for as long: who is only
// slow then is not said to give none.
func TestOurImpatienceIsNoFault(t *testing.T) {
	virtual(t, func(t *testing.T) {
		c := provider(t, "shoptet")
		receiver := receivers.New(c, receivers.None, secretsOf(c)...)
		working, refused := mockserver.InProcess(receiver), 0
		o := options(c, receiver)
		o.Transport = transport(func(r *http.Request) (*http.Response, error) {
			res, err := working.RoundTrip(r)
			if err != nil || res.StatusCode < 400 {
				return res, err
			}
			wait := 1500 * time.Millisecond // the provider waits for 4s
			if refused++; refused <= 2 {
				wait = time.Hour
			}
			select {
			case <-time.After(wait):
			case <-r.Context().Done():
				return nil, r.Context().Err()
			}
			return res, nil
		})
		o.Events, o.Only = []string{"order:create"}, []string{"authenticity", "payload"}
		r := run(t, slim(o))
		if got := findings(r, verifier.Fail); len(got) != 2 {
			t.Errorf("fails %q, want the two that were not answered", got)
		}
		open := 0
		for _, f := range r.Checks {
			if f.Verdict == verifier.Inconclusive && strings.Contains(f.Because, "not waited for as long") && f.Received == "no answer within 500ms" {
				open++
			}
		}
		if open == 0 {
			t.Error("nothing is left open for want of patience")
		}
	})
}
