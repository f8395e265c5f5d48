package verifier_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hookrig/hookrig/examples/receivers"
	"github.com/hookrig/hookrig/mockserver"
	"github.com/hookrig/hookrig/verifier"
)

// limiter lets so many requests of a second through, and asks the others to come
// later.
type limiter struct {
	handler http.Handler
	rate    float64 // of a second
	burst   float64
	status  int
	after   func(time.Time) string // Retry-After

	mu     sync.Mutex
	tokens float64
	last   time.Time
	off    int // put off so far
}

func (l *limiter) takes() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	if l.last.IsZero() {
		l.tokens = l.burst
	} else {
		l.tokens = min(l.burst, l.tokens+now.Sub(l.last).Seconds()*l.rate)
	}
	if l.last = now; l.tokens < 1 {
		l.off++
		return false
	}
	l.tokens--
	return true
}

func (l *limiter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !l.takes() {
		w.Header().Set("Retry-After", l.after(time.Now()))
		w.WriteHeader(l.status)
		return
	}
	l.handler.ServeHTTP(w, r)
}

func inSeconds(n int) func(time.Time) string {
	return func(time.Time) string { return fmt.Sprint(n) }
}

// The pace of a run is ours: who limits it, and says when to come again, is right.
func TestReceiverWithALimit(t *testing.T) {
	atMoment := func(now time.Time) string { return now.Add(1500 * time.Millisecond).UTC().Format(http.TimeFormat) }
	for _, row := range []struct {
		name        string
		rate, burst float64
		status      int
		after       func(time.Time) string
	}{
		{"20 a second", 20, 40, 429, inSeconds(1)},
		{"3 a second", 3, 3, 503, inSeconds(1)},
		{"a moment", 20, 40, 429, atMoment},
	} {
		virtualRun(t, row.name, func(t *testing.T) {
			c := shop(t)
			receiver := receivers.New(c, receivers.None, secretsOf(c)...)
			o := inTime(options(c, receiver), receiver)
			limited := &limiter{handler: receiver, rate: row.rate, burst: row.burst, status: row.status, after: row.after}
			o.Transport = mockserver.InProcess(limited)
			r := run(t, slim(o))
			for _, f := range r.Checks {
				if f.Verdict == verifier.Fail || f.Verdict == verifier.Warn || f.Verdict == verifier.Inconclusive {
					t.Errorf("%s %s: %s (%s)", f.Verdict, f.Name, f.Because, f.Received)
				}
			}
			again := 0
			for _, d := range r.Deliveries {
				if d.Role == "put-off" {
					again++
				}
			}
			if limited.off < 10 || again != limited.off {
				t.Errorf("put off %d times, %d deliveries were sent again", limited.off, again)
			}
		})
	}
}

// Who puts off what should be refused has not refused it; and nobody is asked for
// ever.
func TestReceiverThatTakesNothingAfterAll(t *testing.T) {
	virtual(t, func(t *testing.T) {
		c := shop(t)
		receiver := receivers.New(c, receivers.None, secretsOf(c)...)
		o := options(c, receiver)
		o.Only = []string{"authenticity"}
		began := time.Now()
		o.Transport = mockserver.InProcess(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			answer := &recorded{header: http.Header{}}
			receiver.ServeHTTP(answer, r)
			if answer.status >= 400 { // all that it refuses
				w.Header().Set("Retry-After", "3600")
				answer.status = http.StatusTooManyRequests
			}
			w.WriteHeader(answer.status)
		}))
		r := run(t, o)
		if got := findings(r, verifier.Fail); len(got) > 0 {
			t.Errorf("fails %q", got)
		}
		for _, f := range r.Checks {
			if f.Name == "authenticity/stale-timestamp" && (f.Verdict != verifier.Inconclusive || !strings.Contains(f.Because, "put a delivery off")) {
				t.Errorf("%s %s: %s", f.Verdict, f.Name, f.Because)
			}
		}
		if took := time.Since(began); took > 2*time.Minute {
			t.Errorf("it took %s", took)
		}
	})
}

// recorded is an answer that is not sent.
type recorded struct {
	header http.Header
	status int
}

func (r *recorded) Header() http.Header         { return r.header }
func (r *recorded) Write(b []byte) (int, error) { return len(b), nil }
func (r *recorded) WriteHeader(status int)      { r.status = status }
