package sqlite

import (
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hookrig/hookrig/mockserver"
)

// life is what a server writes of a delivery that a receiver takes at once.
func life(n int, body []byte) (queued, intent mockserver.Entry, over []mockserver.Entry) {
	at := time.Date(2026, 1, 5, 10, 0, 0, n%1e9, time.UTC)
	e := mockserver.Entry{
		At: at, Delivery: fmt.Sprintf("dlv_%016x", uint64(n)*0x9e3779b97f4a7c15), Provider: "shop", Event: "sold",
		Endpoint: "https://shop.test/hooks", Label: "tc-17",
	}
	queued, intent = e, e
	queued.Kind, queued.State, queued.Body = mockserver.EntryQueued, mockserver.Waiting, body
	queued.Route = &mockserver.Route{URL: e.Endpoint}
	intent.Kind, intent.State = mockserver.EntryIntent, mockserver.Attempting
	intent.Attempt = &mockserver.Attempt{Number: 1, Started: at}
	attempt, ended := e, e
	attempt.Kind, attempt.State, attempt.Reason = mockserver.EntryAttempt, mockserver.Delivered, "answered 200, which is a success (2xx)"
	attempt.Attempt = &mockserver.Attempt{
		Number: 1, Started: at, Took: time.Duration(n%1e6) * time.Microsecond, Status: 200, Sent: true, Reason: attempt.Reason,
		Header: http.Header{"Content-Length": {"2"}, "Date": {"Mon, 05 Jan 2026 10:00:00 GMT"}}, Body: []byte("ok"),
		Request: mockserver.RequestLine{Method: "POST", URL: e.Endpoint, Header: http.Header{
			"Content-Type": {"application/json"}, "User-Agent": {"hookrig/v1"}, "X-Hookrig-Test": {"1"}, "X-Shop-Id": {e.Delivery},
			"X-Shop-Signature": {"[redacted]"}, "X-Shop-Timestamp": {fmt.Sprint(at.Unix())},
		}},
	}
	ended.Kind, ended.State, ended.Reason = mockserver.EntryEnded, mockserver.Delivered, attempt.Reason
	return queued, intent, []mockserver.Entry{attempt, ended}
}

func report(b *testing.B, what string, n int, began time.Duration) {
	b.ReportMetric(float64((cpuTime()-began).Microseconds())/float64(n), "cpu-ms/1000-"+what)
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), what+"/s")
}

// One after the other, in commits of a size that does not change.
func BenchmarkAppend(b *testing.B) {
	for _, size := range []int{1, 100, 1000} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			j := open(b, filepath.Join(b.TempDir(), "j"))
			body := make([]byte, 250)
			var batches [][]mockserver.Entry
			for i := range 200 {
				var batch []mockserver.Entry
				for k := 0; len(batch) < size; k++ {
					queued, intent, over := life(i*size+k, body)
					batch = append(append(batch, queued, intent), over...)
				}
				batches = append(batches, batch[:size])
			}
			began := cpuTime()
			b.ResetTimer()
			for i := range b.N {
				if err := j.Append(context.Background(), batches[i%len(batches)]...); err != nil {
					b.Fatal(err)
				}
			}
			report(b, "entries", b.N*size, began)
		})
	}
}

// Deliveries as a server writes them: queued by the hundred, intent and outcome
// by many workers.
func BenchmarkDeliveries(b *testing.B) {
	for _, workers := range []int{1, 64, 256} {
		for _, size := range []int{250, 6144} {
			b.Run(fmt.Sprintf("workers=%d/body=%d", workers, size), func(b *testing.B) {
				j := open(b, filepath.Join(b.TempDir(), "j"))
				body := make([]byte, size)
				began := cpuTime()
				b.ResetTimer()
				work := make(chan int, 100)
				var crew sync.WaitGroup
				for range workers {
					crew.Go(func() {
						for n := range work {
							_, intent, over := life(n, body)
							if err := j.Append(context.Background(), intent); err != nil {
								b.Error(err)
							}
							if err := j.Append(context.Background(), over...); err != nil {
								b.Error(err)
							}
						}
					})
				}
				for n := 0; n < b.N; n += 100 {
					var batch []mockserver.Entry
					for i := n; i < min(n+100, b.N); i++ {
						queued, _, _ := life(i, body)
						batch = append(batch, queued)
					}
					if err := j.Append(context.Background(), batch...); err != nil {
						b.Fatal(err)
					}
					for i := n; i < min(n+100, b.N); i++ {
						work <- i
					}
				}
				close(work)
				crew.Wait()
				b.ReportMetric(float64(j.writer.commits)/float64(b.N), "commits/delivery")
				report(b, "deliveries", b.N, began)
			})
		}
	}
}

// A million entries, 250,000 deliveries.
func BenchmarkMillion(b *testing.B) {
	dir := b.TempDir()
	path := filepath.Join(dir, "j")
	j := open(b, path)
	body := make([]byte, 250)
	const deliveries = 250_000
	var batch []mockserver.Entry
	for n := range deliveries {
		queued, intent, over := life(n, body)
		queued.Label = fmt.Sprint("tc-", n/1000)
		if batch = append(append(batch, queued, intent), over...); len(batch) >= 4000 {
			if err := j.Append(b.Context(), batch...); err != nil {
				b.Fatal(err)
			}
			batch = batch[:0]
		}
	}
	if err := j.Append(b.Context(), batch...); err != nil {
		b.Fatal(err)
	}
	if err := j.Close(); err != nil {
		b.Fatal(err)
	}
	b.Run("open", func(b *testing.B) {
		for range b.N {
			if err := open(b, path).Close(); err != nil {
				b.Fatal(err)
			}
		}
	})
	j = open(b, path)
	b.ReportMetric(float64(heap())/1e6, "MB-of-heap")
	for name, q := range map[string]mockserver.Query{
		"latest": {Limit: 50}, "middle": {Limit: 50, Before: 500_000}, "oldest-label": {Limit: 50, Label: "tc-0"},
		"nothing": {Limit: 50, Live: true}, "thousand": {Limit: 1000, Before: 500_000},
	} {
		b.Run("list/"+name, func(b *testing.B) {
			for range b.N {
				if _, err := j.List(b.Context(), q); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("count", func(b *testing.B) {
		for range b.N {
			if n, err := j.Count(b.Context(), mockserver.Query{Event: "sold"}); err != nil || n[mockserver.Delivered] != deliveries {
				b.Fatal(n, err)
			}
		}
	})
	var n atomic.Int64
	b.Run("find", func(b *testing.B) {
		for range b.N {
			queued, _, _ := life(int(n.Add(7919))%deliveries, body)
			if _, found, err := j.Find(b.Context(), queued.Delivery); err != nil || !found {
				b.Fatal(found, err)
			}
		}
	})
}

// All of a hundred thousand deliveries that wait, as a server takes them up again.
func BenchmarkTakeUp(b *testing.B) {
	path := filepath.Join(b.TempDir(), "j")
	j := open(b, path)
	var batch []mockserver.Entry
	for n := range 100_000 {
		queued, _, _ := life(n, make([]byte, 250))
		if batch = append(batch, queued); len(batch) == 1000 {
			if err := j.Append(b.Context(), batch...); err != nil {
				b.Fatal(err)
			}
			batch = nil
		}
	}
	if err := j.Close(); err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	for range b.N {
		before := heap()
		j := open(b, path)
		opened := heap()
		records, err := j.List(b.Context(), mockserver.Query{Live: true})
		if err != nil || len(records) != 100_000 {
			b.Fatal(len(records), err)
		}
		b.ReportMetric(float64(opened-before)/1e6, "MB-open")
		b.ReportMetric(float64(heap()-opened)/1e6, "MB-listed")
		runtime.KeepAlive(records)
		if err := j.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// What the writer does with entries before SQLite sees them.
func BenchmarkPack(b *testing.B) {
	p := newPacker()
	var all []mockserver.Entry
	for n := range 64 {
		queued, intent, over := life(n, make([]byte, 250))
		all = append(append(all, queued, intent), over...)
	}
	b.ReportAllocs()
	seq := uint64(0)
	for b.Loop() {
		for i := range all {
			seq++
			if p.add(&all[i], seq, 1); p.full() {
				p.pack()
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/64, "ns/delivery")
}
