package verifier

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/hookrig/hookrig/mockserver"
)

// This file keeps a run within a budget of time. The most severe checks come
// first, a check runs in full or not at all, and what is left out is said.

// bill is what a check took, or will take.
type bill struct {
	requests int
	probes   int // of them: unusual or hostile ones
	bytes    int64
	waits    time.Duration // of our own will
	spread   int           // of the requests: those of further rounds
}

// clock is the time that the receiver's answers took. It is read from the
// attempts: the verifier has no clock of its own.
type clock struct {
	answers  int
	total    time.Duration
	from, to time.Time
}

func (c *clock) add(a *mockserver.Attempt) {
	c.answers++
	c.total += a.Took
	if c.from.IsZero() {
		c.from = a.Started
	}
	if end := a.Started.Add(a.Took); end.After(c.to) {
		c.to = end
	}
}

// mean is the time of one answer so far.
func (c *clock) mean() time.Duration { return c.total / time.Duration(max(1, c.answers)) }

// cut is what a budget left out.
type cut struct {
	Checks []string `json:"checks,omitempty"`
	Rounds int      `json:"rounds,omitempty"` // of checks that ran: with other events
}

// inOrder are the planned checks in the order of the run: that of the suite, and
// where there is a budget the most severe first. All others rest on the baseline;
// and it is soon known what the receiver takes, where there is time for that.
func (s *session) inOrder() []*check {
	out := slices.Clone(s.planned)
	if s.options.Budget == 0 {
		return out
	}
	soon := time.Duration(len(s.scope))*answerThere <= s.options.Budget/4
	rank := func(c *check) int {
		if c.name == baseline || c.name == eachEvent && soon {
			return -1
		}
		return slices.Index(severities, c.severity)
	}
	slices.SortStableFunc(out, func(a, b *check) int { return cmp.Compare(rank(a), rank(b)) })
	return out
}

// affords reports whether the current check fits into what is left of the budget,
// going by what it took in the rehearsal and by how fast the receiver is.
func (s *session) affords(c *check) bool {
	budget := s.options.Budget
	if budget == 0 || c.name == baseline {
		return true
	}
	cost := s.costs[c.name]
	requests := cost.requests - cost.spread
	if s.round > 0 {
		requests = plainMost + 1
	}
	return s.spent.to.Sub(s.spent.from)+time.Duration(requests)*s.spent.mean()+cost.waits <= budget
}

// leaveOut notes that the budget has no room for a check.
func (s *session) leaveOut(c *check) {
	s.cut.Checks = append(s.cut.Checks, c.name)
	s.skipped[c.name] = fmt.Sprintf("left out: the budget of %s has no room for it", s.options.Budget)
}

// note adds what the current check took to its bill.
func (s *session) note(c *check) {
	b := s.bills[c.name]
	b.requests += len(s.sent)
	b.probes += s.probes
	b.bytes += s.bytes
	b.waits += s.waited
	if s.round > 0 {
		b.spread += len(s.sent)
	}
	s.bills[c.name] = b
}

// Budget says what became of the time that a run was given.
type Budget struct {
	Seconds float64 `json:"seconds"`
	Planned int     `json:"planned"` // checks
	Run     int     `json:"run"`     // of them, also those that had nothing to send
	// LeftOut are the checks for which there was no room, the most severe first;
	// Rounds how often a check that ran was not sent with a further event.
	LeftOut []string `json:"leftOut"`
	Rounds  int      `json:"rounds"`
}

// budget is what the evidence says of it, nil where there was none.
func (e *Evidence) budget() *Budget {
	if e.Budget == 0 {
		return nil
	}
	return &Budget{
		Seconds: e.Budget.Seconds(), Planned: len(e.Planned), Run: len(e.Planned) - len(e.LeftOut.Checks),
		LeftOut: append([]string{}, e.LeftOut.Checks...), Rounds: e.LeftOut.Rounds,
	}
}
