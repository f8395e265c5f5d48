package mockserver

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"
	"unsafe"
)

// BenchmarkBacklog is a server that takes up 100,000 deliveries of an earlier
// run, of 250 bytes each: how long it takes, and what the program then holds,
// the journal in memory included.
func BenchmarkBacklog(b *testing.B) {
	n := 100_000
	if testing.Short() {
		n = 1000
	}
	for b.Loop() {
		journal := backlog(b, n)
		begun := time.Now()
		s := New(Options{Journal: journal, Transport: InProcess(answers(200)), Recall: recall(nil)})
		s.Run(b.Context(), func(context.Context) error {
			b.ReportMetric(time.Since(begun).Seconds(), "s-to-ready")
			b.ReportMetric(held(), "MiB-held")
			if st := s.Stats(); st.Waiting != n {
				b.Fatalf("%+v", st)
			}
			return nil
		})
		runtime.KeepAlive(journal)
	}
}

// backlog is a journal of n deliveries that wait for a second attempt.
func backlog(tb testing.TB, n int) *Memory {
	m := NewMemory()
	due := time.Now().Add(time.Hour)
	for i := range n {
		id := fmt.Sprintf("dlv_%016d", i)
		head := Entry{Delivery: id, Provider: "shop", Event: "sold", Endpoint: "e"}
		queued, intent, attempt := head, head, head
		queued.Kind, queued.State = EntryQueued, Waiting
		queued.Body = fmt.Appendf(nil, `{"type":"sold","id":%d,"note":%q}`, i, strings.Repeat("x", 220))
		queued.Route = &Route{URL: fmt.Sprintf("http://e%d.test/hooks", i%100)}
		intent.Kind, intent.State, intent.Attempt = EntryIntent, Attempting, &Attempt{Number: 1, Started: due}
		attempt.Kind, attempt.State, attempt.Reason = EntryAttempt, Waiting, "answered 500, success is 2xx"
		attempt.Attempt = &Attempt{Number: 1, Started: due, Status: 500, Sent: true, Wait: time.Hour, Next: due, Due: due}
		if err := m.Append(tb.Context(), queued, intent, attempt); err != nil {
			tb.Fatal(err)
		}
	}
	return m
}

// held is what the program's heap holds, in MiB.
func held() float64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc) / (1 << 20)
}

// A hundred thousand deliveries may wait at once: what one costs more, they cost
// a hundred thousand times. 416 is a size class of the allocator.
func TestDeliveryIsSmall(t *testing.T) {
	if size := unsafe.Sizeof(Delivery{}); size > 416 {
		t.Errorf("a Delivery takes %d bytes", size)
	}
}

// Deliveries that are taken up hold one endpoint together, where it is the same.
func TestTakenUpShareTheirEndpoints(t *testing.T) {
	journal := backlog(t, 10)
	journal2 := NewMemory()
	for e, err := range journal.Entries(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		if e.Route != nil {
			e.Route = &Route{Name: "shop", Ref: "endpoint shop", URL: virtual}
		}
		if err := journal2.Append(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	for journal, want := range map[*Memory]int{journal: 10, journal2: 1} {
		lives(t, Options{Journal: journal, Transport: InProcess(answers(200)), Recall: recall(nil)}, func(_ context.Context, s *Server) {
			there := map[*Endpoint]bool{}
			s.mu.Lock()
			defer s.mu.Unlock()
			for _, d := range s.known {
				there[d.parcel.Endpoint] = true
			}
			if len(there) != want {
				t.Errorf("%d endpoints, want %d", len(there), want)
			}
		})
	}
}

// TestBacklog holds the promise: ready within ten seconds, 256 MiB at most. The
// machine's own pace is no matter of this test, so the time has much to spare.
func TestBacklog(t *testing.T) {
	if os.Getenv("HOOKRIG_FULL") == "" {
		t.Skip("HOOKRIG_FULL is not set: a hundred thousand deliveries")
	}
	before := held()
	journal := backlog(t, 100_000)
	mine := held()
	begun := time.Now()
	lives(t, Options{Journal: journal, Transport: InProcess(answers(200)), Recall: recall(nil)}, func(_ context.Context, s *Server) {
		ready := time.Since(begun)
		all := held() - before
		t.Logf("ready after %v, holding %.0f MiB, of which the journal %.0f", ready, all, mine-before)
		if all > 256 || ready > 10*time.Second || s.Stats().Waiting != 100_000 {
			t.Errorf("%+v", s.Stats())
		}
	})
}

// BenchmarkLedger asks a ledger of a million entries for pages: the latest, and
// one for which all of it must be looked through.
func BenchmarkLedger(b *testing.B) {
	n := 333_333 // of three entries each
	if testing.Short() {
		n = 1000
	}
	ledger := NewLedger(backlog(b, n))
	for name, q := range map[string]Query{"latest": {Limit: 50}, "rare": {State: Delivered, Limit: 50}} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := ledger.List(b.Context(), q); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("count", func(b *testing.B) {
		for b.Loop() {
			if _, err := ledger.Count(b.Context(), Query{Live: true}); err != nil {
				b.Fatal(err)
			}
		}
	})
}
