package verifier

import (
	"fmt"
	"time"

	"github.com/hookrig/hookrig/contracts"
)

// takesDays is the condition of checks that wait for hours and more.
func takesDays(s *session) string {
	if !s.options.Virtual {
		return lacksDays
	}
	return ""
}

func canRestart(s *session) string {
	if s.options.Restart == nil {
		return lacksRestart
	}
	return ""
}

// late is an event, and the same some time later.
func late(after string) func(*session) (*Sequence, error) {
	return twoDeliveries(func(again *SequenceStep) { again.After = after })
}

// afterRestart is an event, and the same after the receiver was restarted.
var afterRestart = twoDeliveries(func(again *SequenceStep) { again.Restart = true })

func twoDeliveries(change func(again *SequenceStep)) func(*session) (*Sequence, error) {
	return func(s *session) (*Sequence, error) {
		first, err := s.toldApart()
		if err != nil {
			return nil, err
		}
		again := first
		change(&again)
		return &Sequence{Steps: []SequenceStep{first, again}}, nil
	}
}

// toldApart is the first delivery of a sequence: an event of the scope that the
// faker can make many of.
func (s *session) toldApart() (SequenceStep, error) {
	defer func() { s.ordinal++ }()
	for i := range s.around() {
		ev := s.eventAt(i, s.ordinal)
		if step := (SequenceStep{ID: "e1", Event: ev.Type.Name(), Body: string(ev.Body)}); s.tellable(step) {
			return step, nil
		}
	}
	return SequenceStep{}, notApplicable("nothing in the events of the scope tells one from another")
}

// retriesOf is how long after the first attempt the provider may send the last
// one, and where that is said. For ever is the longest duration there is.
func retriesOf(p contracts.Policy) (time.Duration, contracts.Provenance) {
	if p.GiveUp > 0 {
		return p.GiveUp, p.Provenance("giveUp")
	}
	if p.Repeat > 0 {
		return 1<<63 - 1, p.Provenance("repeat")
	}
	sum := time.Duration(0)
	for _, wait := range p.Waits {
		sum += wait
	}
	return sum, p.Provenance("waits")
}

// retriedAfter reports whether somebody sources that the provider may send a
// delivery again after so long.
func retriedAfter(p contracts.Policy, d time.Duration) (bool, contracts.Provenance) {
	window, from := retriesOf(p)
	return from.Level != contracts.Assumed && window >= d, from
}

func basesOfRetries(after string) func(*contracts.Contract, *contracts.EventType) []Basis {
	d, _ := contracts.ParseDuration(after)
	return func(_ *contracts.Contract, t *contracts.EventType) []Basis {
		if said, _ := retriedAfter(t.Policy(), d); said {
			return []Basis{ByContract}
		}
		return []Basis{ByPractice}
	}
}

// judgeLate fails a second effect within the time in which the provider retries,
// where somebody sources that, and else gives advice.
func judgeLate(after string) func(*hearing) finding {
	d, _ := contracts.ParseDuration(after)
	return func(h *hearing) finding {
		f := judgeSequence(h)
		if f.verdict == Inconclusive {
			return f
		}
		var policy contracts.Policy
		if len(h.own) > 0 {
			policy = h.own[0].policy
		}
		said, from := retriedAfter(policy, d)
		f.expected = fmt.Sprintf("one effect, also when the delivery comes again after %s", after)
		if said {
			f.basis, f.from = ByContract, from
		} else if f.verdict == Fail {
			f.verdict = Warn
			f.because += "; nobody says that the provider retries for so long, so this is advice"
		}
		return f
	}
}
