package api

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/hookrig/hookrig/mockserver"
)

// metrics count what happens while this server runs. Their labels are providers,
// which are loaded, and words of our own: nothing that a client can invent.
type metrics struct {
	registry   *prometheus.Registry
	handler    http.Handler
	ended      *prometheus.CounterVec
	attempts   *prometheus.CounterVec
	took       *prometheus.HistogramVec
	deliveries *prometheus.GaugeVec
	lag        prometheus.Gauge
	runs       prometheus.Gauge
	late       *prometheus.GaugeVec
	begin      uint64 // entries up to here are of earlier servers
}

func newMetrics() *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		ended: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "hookrig_deliveries_ended_total", Help: "Deliveries that have ended, by how.",
		}, []string{"provider", "outcome"}),
		attempts: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "hookrig_attempts_total", Help: "Attempts, by the class of the answer's status or the failure; ours are not the receiver's.",
		}, []string{"provider", "result", "ours"}),
		took: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "hookrig_attempt_duration_seconds", Help: "How long attempts took that the receiver answered.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60},
		}, []string{"provider"}),
		deliveries: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "hookrig_deliveries", Help: "Deliveries that have not ended: arriving are not written down yet, left could not be taken up again.",
		}, []string{"state"}),
		lag: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "hookrig_journal_lag_entries", Help: "Entries of the journal that have not had their consequences yet: these figures, fan-out, disabled subscriptions.",
		}),
		runs: prometheus.NewGauge(prometheus.GaugeOpts{Name: "hookrig_runs", Help: "Runs that have not ended."}),
		late: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "hookrig_run_lateness_seconds", Help: "How late the latest of the runs that have not ended hands over its events: quantile 1 is the worst event.",
		}, []string{"quantile"}),
	}
	m.registry.MustRegister(m.ended, m.attempts, m.took, m.deliveries, m.lag, m.runs, m.late)
	m.handler = promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{DisableCompression: true})
	return m
}

// see counts an entry of the journal.
func (m *metrics) see(e *mockserver.Entry) {
	switch {
	case e.Seq <= m.begin:
	case e.Kind == mockserver.EntryEnded:
		m.ended.WithLabelValues(e.Provider, string(e.State)).Inc()
	case e.Kind == mockserver.EntryAttempt && e.Attempt != nil:
		m.attempts.WithLabelValues(e.Provider, resultOf(e.Attempt), strconv.FormatBool(e.Attempt.Ours)).Inc()
		if e.Attempt.Failure == "" {
			m.took.WithLabelValues(e.Provider).Observe(e.Attempt.Took.Seconds())
		}
	}
}

// resultOf is a failure's name, or "2xx" and the like.
func resultOf(a *mockserver.Attempt) string {
	if a.Failure != "" {
		return a.Failure
	}
	if class := a.Status / 100; class >= 1 && class <= 5 {
		return strconv.Itoa(class) + "xx"
	}
	return "other"
}

func (a *api) getMetrics(w http.ResponseWriter, r *http.Request) error {
	if err := a.measure(r.Context()); err != nil {
		return err
	}
	a.metrics.handler.ServeHTTP(w, r)
	return nil
}

// measure sets what is not counted but looked up.
func (a *api) measure(ctx context.Context) error {
	m, stats := a.metrics, a.server.Stats()
	for state, n := range map[string]int{
		"arriving": stats.Arriving, "waiting": stats.Waiting, "attempting": stats.Attempting, "left": stats.Left,
	} {
		m.deliveries.WithLabelValues(state).Set(float64(n))
	}
	last, err := a.ledger.Last(ctx)
	if err != nil {
		return err
	}
	m.lag.Set(float64(last - min(last, a.work.followed.at.Load())))

	live := 0
	var worst mockserver.Lateness
	for _, e := range a.work.all() {
		if e.live() == nil {
			continue
		}
		live++
		late := e.status().Late
		worst.P50, worst.P99, worst.Max = max(worst.P50, late.P50), max(worst.P99, late.P99), max(worst.Max, late.Max)
	}
	m.runs.Set(float64(live))
	for quantile, d := range map[string]time.Duration{"0.5": worst.P50, "0.99": worst.P99, "1": worst.Max} {
		m.late.WithLabelValues(quantile).Set(d.Seconds())
	}
	return nil
}
