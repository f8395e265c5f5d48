package mockserver

import (
	"fmt"
	"iter"
	"math"
	"slices"
	"time"
)

// Pattern is a sequence of times: one of Every, Cron, Rate, Ramp, Burst and
// Trace, and what applies to all of them. It ends with its limits, with its
// trace, or 20 years after its start.
type Pattern struct {
	Every Duration `json:"every,omitempty"` // the first at the start
	Cron  string   `json:"cron,omitempty"`  // five fields, or @hourly and the like
	Rate  float64  `json:"rate,omitempty"`  // events a second, the first at the start
	Ramp  *Ramp    `json:"ramp,omitempty"`
	Burst *Burst   `json:"burst,omitempty"`
	Trace *Trace   `json:"trace,omitempty"`

	Zone    string   `json:"zone,omitempty"`    // of Cron, as in the IANA database; "": UTC
	Poisson bool     `json:"poisson,omitempty"` // of Rate and Ramp: events come by chance, as those of many people do, at that rate on average
	Jitter  Duration `json:"jitter,omitempty"`  // each time is later by up to this, but never as late as the next time of the pattern
	Count   uint64   `json:"count,omitempty"`   // no more than so many indexes, those of skipped times included; 0: no limit
	For     Duration `json:"for,omitempty"`     // no time of the pattern as late after the start; 0: no limit
}

// Ramp is a rate that changes evenly, and stays where it arrived.
type Ramp struct {
	From float64  `json:"from"` // events a second
	To   float64  `json:"to"`   // events a second
	Over Duration `json:"over"`
}

// Burst is a number of events at once, over and over.
type Burst struct {
	Size  uint64   `json:"size"`
	Every Duration `json:"every"` // the first at the start
}

// Trace is a list of times, as recorded.
type Trace struct {
	Offsets []Duration `json:"offsets"`         // from the start, ascending
	Speed   float64    `json:"speed,omitempty"` // 2 plays it in half the time; 0: 1
}

// NewTrace is the trace of events that happened at these times, the first of
// them at the start.
func NewTrace(times ...time.Time) *Trace {
	times = slices.SortedFunc(slices.Values(times), time.Time.Compare)
	t := &Trace{Offsets: make([]Duration, len(times))}
	for i, at := range times {
		t.Offsets[i] = Duration(at.Sub(times[0]))
	}
	return t
}

// RecordedTrace is the trace of the deliveries that were queued in a journal's
// entries. The error is the journal's.
func RecordedTrace(entries iter.Seq2[Entry, error]) (*Trace, error) {
	var times []time.Time
	for e, err := range entries {
		if err != nil {
			return nil, err
		}
		if e.Kind == EntryQueued {
			times = append(times, e.At)
		}
	}
	return NewTrace(times...), nil
}

const (
	maxRate = 1e6
	// patternEnd is where each pattern ends: sums of times stay far from overflow, and the
	// longest way to an index, over each minute of a cron line, is a matter of seconds.
	patternEnd = 20 * 365 * 24 * time.Hour
	maxWait    = Duration(10 * 365 * 24 * time.Hour)
	traceLimit = 1_000_000
)

// onClock reports whether the times are such of a clock on the wall, which goes
// on while a run stands still. A stream's times are relative to each other.
func (p *Pattern) onClock() bool { return p.Every > 0 || p.Cron != "" }

// Check says what is wrong with a pattern. The error is a *ScheduleError.
func (p *Pattern) Check() error {
	_, err := p.timeline(time.Time{}, 0)
	return err
}

// checkLimits takes a pattern that has limits and no times.
func (p *Pattern) checkLimits() error {
	if given := p.given(); len(given) > 0 || p.Jitter != 0 {
		return scheduleError("/"+append(given, "jitter")[0], "its times come from elsewhere", "only count and for limit them")
	}
	return checkWait("/for", p.For, true)
}

// given are the kinds of patterns that it is.
func (p *Pattern) given() (given []string) {
	for _, kind := range []struct {
		name  string
		given bool
	}{
		{"every", p.Every != 0}, {"cron", p.Cron != ""}, {"rate", p.Rate != 0},
		{"ramp", p.Ramp != nil}, {"burst", p.Burst != nil}, {"trace", p.Trace != nil},
	} {
		if kind.given {
			given = append(given, kind.name)
		}
	}
	return given
}

func (p *Pattern) checkShape() error {
	given := p.given()
	switch {
	case len(given) == 0:
		return scheduleError("", "nothing says when it sends", "give one of every, cron, rate, ramp, burst and trace: every: 10s")
	case len(given) > 1:
		return scheduleError("/"+given[1], fmt.Sprintf("%s and %s exclude each other", given[0], given[1]), "make two schedules of it")
	case p.Poisson && p.Rate == 0 && p.Ramp == nil:
		return scheduleError("/poisson", "poisson needs a rate or a ramp", "rate: 10")
	case p.Zone != "" && p.Cron == "":
		return scheduleError("/zone", "only a cron line has a time zone", `cron: "0 8 * * *"`)
	}
	return firstError(
		checkWait("/every", p.Every, true), checkWait("/jitter", p.Jitter, true), checkWait("/for", p.For, true),
		checkRate("/rate", p.Rate),
		p.Ramp.check(), p.Burst.check(), p.Trace.check(),
	)
}

func (r *Ramp) check() error {
	if r == nil {
		return nil
	}
	if r.From == 0 && r.To == 0 {
		return scheduleError("/ramp/to", "a ramp from 0 to 0 sends nothing", "ramp: {from: 0, to: 100, over: 5m}")
	}
	return firstError(checkRate("/ramp/from", r.From), checkRate("/ramp/to", r.To), checkWait("/ramp/over", r.Over, false))
}

func (b *Burst) check() error {
	const most = 1_000_000
	if b == nil {
		return nil
	}
	if b.Size == 0 || b.Size > most {
		return scheduleError("/burst/size", fmt.Sprintf("%d is no size of a burst", b.Size), fmt.Sprintf("from 1 to %d", most))
	}
	return checkWait("/burst/every", b.Every, false)
}

func (t *Trace) check() error {
	if t == nil {
		return nil
	}
	if len(t.Offsets) == 0 || len(t.Offsets) > traceLimit {
		return scheduleError("/trace/offsets", fmt.Sprintf("a trace has from 1 to %d times, not %d", traceLimit, len(t.Offsets)), "")
	}
	const least, most = 1e-6, 1e6
	if s := t.Speed; s != 0 && !(s >= least && s <= most) {
		return scheduleError("/trace/speed", fmt.Sprintf("%v is no speed", s), "2 plays the trace in half the time")
	}
	before := Duration(0)
	for i, at := range t.Offsets {
		if at < before || at > maxWait {
			return scheduleError(fmt.Sprintf("/trace/offsets/%d", i),
				fmt.Sprintf("%v does not come after %v, or too late", at, before), "offsets ascend from 0s to "+maxWait.String())
		}
		before = at
	}
	return nil
}

func checkWait(pointer string, d Duration, zero bool) error {
	switch {
	case d < 0 || d == 0 && !zero:
		return scheduleError(pointer, fmt.Sprintf("%v is no duration longer than nothing", d), "write 10s, 15m, 2h or 30d")
	case d > maxWait:
		return scheduleError(pointer, fmt.Sprintf("%v is longer than any schedule", d), "the limit is "+maxWait.String())
	}
	return nil
}

func checkRate(pointer string, r float64) error {
	if math.IsNaN(r) || r < 0 || r > maxRate {
		return scheduleError(pointer, fmt.Sprintf("%v is no rate", r), fmt.Sprintf("events a second, up to %d", int(maxRate)))
	}
	return nil
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
