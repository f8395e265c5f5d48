package mockserver

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"
)

// BenchmarkPacing sends 1,000 events a second and tells how late they were,
// beside a loop that does nothing but sleep until the same deadlines, round by
// round in turn: a run on a busy machine is compared with what the machine gives.
func BenchmarkPacing(b *testing.B) {
	const rate, events = 1000, 500 // in a round
	nobody := roundTrip(func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody, Request: r}, nil
	})
	s := Start(b, Options{Transport: nobody, Seed: 1})
	ours, bare := newLateLog(), newLateLog()
	for b.Loop() {
		var due []time.Time
		start := time.Now().Add(10 * time.Millisecond)
		for i := range events {
			due = append(due, start.Add(time.Duration(i)*time.Second/rate))
		}
		for _, at := range due {
			time.Sleep(time.Until(at))
			bare.record(time.Since(at))
		}

		r, err := NewRun(s, Schedule{Name: "round", Pattern: Pattern{Rate: rate, Count: events}}, RunOptions{
			Name: fmt.Sprintf("round-%d", time.Now().UnixNano()), Make: sold,
		})
		if err != nil {
			b.Fatal(err)
		}
		if err := r.Do(b.Context()); err != nil {
			b.Fatal(err)
		}
		ours.histogram.Merge(r.late.histogram)
		ours.max = max(ours.max, r.late.max)
	}
	micros := func(d time.Duration) float64 { return float64(d.Microseconds()) }
	b.ReportMetric(micros(ours.snapshot().P50), "p50-µs")
	b.ReportMetric(micros(bare.snapshot().P50), "bare-p50-µs")
	b.ReportMetric(micros(ours.snapshot().P99), "p99-µs")
	b.ReportMetric(micros(bare.snapshot().P99), "bare-p99-µs")
	b.ReportMetric(micros(ours.snapshot().P50)/micros(bare.snapshot().P50), "p50-ratio")
}

// BenchmarkHighRate asks for more than one event each time that a goroutine can
// be woken. The server takes parcels and does not run: this is the clock alone.
func BenchmarkHighRate(b *testing.B) {
	for _, rate := range []uint64{10_000, 50_000} {
		b.Run(fmt.Sprint(rate), func(b *testing.B) {
			late := newLateLog()
			var took time.Duration
			rounds := 0
			for b.Loop() {
				r, err := NewRun(New(Options{Seed: 1}), Schedule{Name: "round", Pattern: Pattern{Rate: float64(rate)}}, RunOptions{Make: sold})
				if err != nil {
					b.Fatal(err)
				}
				ctx, cancel := context.WithCancel(b.Context())
				began := time.Now()
				go func() { _ = r.Do(ctx) }()
				for r.Status().Next < rate {
					time.Sleep(time.Millisecond)
				}
				took += time.Since(began)
				rounds++
				cancel()
				_ = r.Wait(b.Context())
				late.histogram.Merge(r.late.histogram)
				late.max = max(late.max, r.late.max)
			}
			b.ReportMetric(float64(uint64(rounds)*rate)/took.Seconds(), "events/s")
			b.ReportMetric(float64(late.snapshot().P50.Microseconds()), "p50-µs")
			b.ReportMetric(float64(late.snapshot().P99.Microseconds()), "p99-µs")
		})
	}
}
