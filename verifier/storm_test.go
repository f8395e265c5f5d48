package verifier_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/mockserver"
	"github.com/hookrig/hookrig/verifier"
)

// queueing answers at once and works afterwards, one event after the other.
type queueing struct {
	each time.Duration
	does func(n int, known bool) bool // whether the n-th event of the queue is done

	mu      sync.Mutex
	queue   []string
	effects map[string]int
}

func (q *queueing) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	q.mu.Lock()
	q.queue = append(q.queue, string(body))
	q.mu.Unlock()
	w.WriteHeader(http.StatusOK)
}

func (q *queueing) work(ctx context.Context) {
	for n := 0; ctx.Err() == nil; {
		time.Sleep(q.each)
		q.mu.Lock()
		if n < len(q.queue) {
			body := q.queue[n]
			if n++; q.does(n, q.effects[body] > 0) {
				q.effects[body]++
			}
		}
		q.mu.Unlock()
	}
}

func (q *queueing) Effects(_ context.Context, ev contracts.Event, _ string) (int, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.effects[string(ev.Body)], nil
}

// A receiver that puts a storm into a queue is given the time to work it off.
func TestABacklogIsWorkedOff(t *testing.T) {
	once := func(_ int, known bool) bool { return !known }
	for _, row := range []struct {
		name    string
		each    time.Duration
		settle  time.Duration
		does    func(n int, known bool) bool
		verdict verifier.Verdict
		because string
	}{
		{"once", 30 * time.Millisecond, 0, once, verifier.Pass, ""},
		{"once, told how long", 30 * time.Millisecond, time.Second, once, verifier.Pass, ""},
		{"twice", 30 * time.Millisecond, 0, func(int, bool) bool { return true }, verifier.Fail, "more than once"},
		{"some are lost", 30 * time.Millisecond, 0, func(n int, known bool) bool { return !known && (n%100 < 20 || n%100 >= 60) }, verifier.Fail, "had no effect"},
		{"slower than anybody waits", time.Second, 0, once, verifier.Inconclusive, "still coming"},
	} {
		virtualRun(t, row.name, func(t *testing.T) {
			c := shop(t)
			q := &queueing{each: row.each, does: row.does, effects: map[string]int{}}
			ctx, stop := context.WithCancel(t.Context())
			var worker sync.WaitGroup
			worker.Go(func() { q.work(ctx) })
			defer worker.Wait()
			defer stop()
			r := run(t, verifier.Options{
				Contract: c, URL: "http://receiver.test/", Secrets: secretsOf(c), Transport: mockserver.InProcess(q), Oracle: q,
				Settle: row.settle, Stress: true, Only: []string{"state/retry-storm-once"},
			})
			for _, f := range r.Checks {
				if f.Name == "state/retry-storm-once" && (f.Verdict != row.verdict || !strings.Contains(f.Because, row.because)) {
					t.Errorf("%s: %s (%s)", f.Verdict, f.Because, f.Received)
				}
			}
		})
	}
}
