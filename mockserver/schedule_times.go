package mockserver

import (
	"iter"
	"math"
	"time"
)

// Times are the pattern's times from an index on, in order; none of a pattern
// that Check refuses. They are a function of the pattern, start and seed alone:
// whoever asks from index 17 on gets what stands at index 17 for everybody.
// They are absolute, so nothing adds up to a drift.
func (p *Pattern) Times(start time.Time, seed, from uint64) iter.Seq2[uint64, time.Time] {
	return func(yield func(uint64, time.Time) bool) {
		c, err := p.cursor(start, seed, from)
		if err != nil {
			return
		}
		for {
			index, offset, ok := c.next()
			if !ok || !yield(index, start.Add(offset)) {
				return
			}
		}
	}
}

// timeline places an index: how long after the start, and whether there is such
// an index. It is asked with indexes that never descend.
type timeline func(index uint64) (time.Duration, bool)

// cursor walks over a pattern's offsets from the start.
type cursor struct {
	pattern *Pattern
	place   timeline
	seed    uint64

	index uint64
	here  time.Duration // of index
	more  bool          // there is an index
}

func (p *Pattern) cursor(start time.Time, seed, from uint64) (*cursor, error) {
	place, err := p.timeline(start, seed)
	if err != nil {
		return nil, err
	}
	return p.cursorOf(place, seed, from), nil
}

// cursorOf walks over times, within the limits of the pattern.
func (p *Pattern) cursorOf(place timeline, seed, from uint64) *cursor {
	c := &cursor{pattern: p, place: place, seed: seed, index: from}
	c.here, c.more = place(from)
	return c
}

// next takes an index and its offset, jitter included.
func (c *cursor) next() (index uint64, offset time.Duration, ok bool) {
	p := c.pattern
	if !c.more || p.Count > 0 && c.index >= p.Count || p.For > 0 && c.here >= time.Duration(p.For) {
		return 0, 0, false
	}
	index, offset = c.index, c.here
	c.index++
	c.here, c.more = c.place(c.index)
	if p.Jitter > 0 {
		offset += c.jitter(index, offset)
	}
	return index, offset, true
}

// jitter is below the way to the next time, so that the order stays. The events
// of a burst stay together.
func (c *cursor) jitter(index uint64, offset time.Duration) time.Duration {
	most := time.Duration(c.pattern.Jitter)
	switch {
	case c.pattern.Burst != nil:
		index /= c.pattern.Burst.Size
		most = min(most, time.Duration(c.pattern.Burst.Every))
	case c.more:
		most = min(most, c.here-offset)
	}
	return time.Duration(uniform(c.seed, drawJitter, index) * float64(most))
}

// timeline is the pattern without limits and jitter. Its error is Check's.
func (p *Pattern) timeline(start time.Time, seed uint64) (timeline, error) {
	if err := p.checkShape(); err != nil {
		return nil, err
	}
	switch {
	case p.Every > 0:
		return steps(1, time.Duration(p.Every)), nil
	case p.Burst != nil:
		return steps(p.Burst.Size, time.Duration(p.Burst.Every)), nil
	case p.Trace != nil:
		return p.Trace.timeline(), nil
	case p.Cron != "":
		c, err := newCalendar(p.Cron, p.Zone)
		if err != nil {
			return nil, err
		}
		return c.timeline(start), nil
	case p.Ramp != nil:
		return p.stream(seed, p.Ramp.after), nil
	}
	return p.stream(seed, func(n float64) float64 { return n / p.Rate }), nil
}

func steps(size uint64, every time.Duration) timeline {
	return func(index uint64) (time.Duration, bool) {
		n := index / size
		if n > uint64(patternEnd/every) {
			return 0, false
		}
		return time.Duration(n) * every, true
	}
}

func (t *Trace) timeline() timeline {
	speed := t.Speed
	if speed == 0 {
		speed = 1
	}
	return func(index uint64) (time.Duration, bool) {
		if index >= uint64(len(t.Offsets)) {
			return 0, false
		}
		if speed == 1 {
			return time.Duration(t.Offsets[index]), true
		}
		return fromSeconds(time.Duration(t.Offsets[index]).Seconds() / speed)
	}
}

// timeline counts the firings from start on, which itself may be one.
func (c *calendar) timeline(start time.Time) timeline {
	fired, at := uint64(0), c.next(start.Add(-1)) // the firing with the index fired
	return func(index uint64) (time.Duration, bool) {
		for ; fired < index && c.open(start, at); fired++ {
			at = c.next(at)
		}
		if !c.open(start, at) {
			return 0, false
		}
		return at.Sub(start.Round(0)), true
	}
}

func (c *calendar) open(start, at time.Time) bool {
	return !at.IsZero() && at.Before(start.Add(patternEnd))
}

// stream places the n-th event where the rate, added up, is n. A Poisson process
// of a changing rate is one of rate 1 on that scale.
func (p *Pattern) stream(seed uint64, after func(n float64) float64) timeline {
	if !p.Poisson {
		return func(index uint64) (time.Duration, bool) { return fromSeconds(after(float64(index))) }
	}
	arrivals := poisson{seed: seed}
	return func(index uint64) (time.Duration, bool) {
		n, ok := arrivals.at(index)
		if !ok {
			return 0, false
		}
		return fromSeconds(after(n))
	}
}

// after is the time in seconds after which the ramp's rate adds up to n; +Inf
// where it never does.
func (r *Ramp) after(n float64) float64 {
	over := time.Duration(r.Over).Seconds()
	if n == 0 {
		return 0
	}
	if up := (r.From + r.To) / 2 * over; n > up {
		return over + (n-up)/r.To
	}
	// n = From·t + slope·t²/2, solved without a difference of near numbers.
	slope := (r.To - r.From) / over
	return 2 * n / (r.From + math.Sqrt(max(r.From*r.From+2*slope*n, 0)))
}

func fromSeconds(s float64) (time.Duration, bool) {
	if !(s < patternEnd.Seconds()) { // also NaN
		return 0, false
	}
	return time.Duration(s * float64(time.Second)), true
}
