package mockserver

import (
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Lateness is how long after their due times a run handed its events to the
// server: of this run alone, in real time, without those that Advance sent. It is
// the generator's own error, and says how far the figures of a load test can be
// believed.
type Lateness struct {
	Count int64         `json:"count"`
	P50   time.Duration `json:"p50"` // to 1 %, like P99
	P99   time.Duration `json:"p99"`
	Max   time.Duration `json:"max"`
}

type lateLog struct {
	histogram *hdrhistogram.Histogram // of microseconds
	max       time.Duration
}

const latest = time.Hour // what is later counts as this in the percentiles

func newLateLog() lateLog {
	return lateLog{histogram: hdrhistogram.New(1, latest.Microseconds(), 2)}
}

func (l *lateLog) record(late time.Duration) {
	late = max(late, 0)
	l.max = max(l.max, late)
	_ = l.histogram.RecordValue(min(late, latest).Microseconds()) // in range
}

func (l *lateLog) snapshot() Lateness {
	h := l.histogram
	at := func(percent float64) time.Duration {
		return min(time.Duration(h.ValueAtQuantile(percent))*time.Microsecond, l.max)
	}
	return Lateness{Count: h.TotalCount(), P50: at(50), P99: at(99), Max: l.max}
}
