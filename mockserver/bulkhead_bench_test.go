package mockserver

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"
)

// BenchmarkBulkhead measures over sockets what one dead target costs the others:
// the time from Send to the answer at the 99th percentile, with a target that
// takes requests and never answers, over the same without, in turns in one run.
// TestBulkheadLatency holds it to 1.2 in virtual time, where nothing else is slow.
func BenchmarkBulkhead(b *testing.B) {
	release := make(chan struct{})
	dead := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	b.Cleanup(dead.Close)
	b.Cleanup(func() { close(release) })
	good := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { time.Sleep(5 * time.Millisecond) }))
	b.Cleanup(good.Close)
	alone, beside := Start(b, Options{}), Start(b, Options{})
	for range 2000 {
		beside.Send(parcel(dead.URL, nil))
	}
	for _, s := range []*Server{alone, beside} { // connections are made
		latencies(b, s, good.URL, 50)
	}
	var without, with []time.Duration
	for b.Loop() {
		without = append(without, latencies(b, alone, good.URL, 50)...)
		with = append(with, latencies(b, beside, good.URL, 50)...)
	}
	p99 := func(all []time.Duration) float64 {
		slices.Sort(all)
		return all[len(all)*99/100].Seconds()
	}
	b.ReportMetric(p99(without)*1000, "p99-ms-alone")
	b.ReportMetric(p99(with)/p99(without), "p99-ratio")
}

// latencies sends one after the other, so that only the server itself can make one
// wait.
func latencies(b *testing.B, s *Server, to string, n int) (took []time.Duration) {
	b.Helper()
	for range n {
		sent := time.Now()
		if o, err := s.Send(parcel(to, nil)).Wait(b.Context()); err != nil || o.State != Delivered {
			b.Fatalf("%+v, %v", o, err)
		}
		took = append(took, time.Since(sent))
	}
	return took
}
