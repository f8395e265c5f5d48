package verifier

import (
	"fmt"
	"slices"
)

// gravity orders verdicts, the gravest first: what decides where a check was
// sent with several events.
var gravity = []Verdict{Fail, Warn, Inconclusive, Skip, Pass}

func graver(a, b Verdict) bool { return slices.Index(gravity, a) < slices.Index(gravity, b) }

// hearRounds judges each round of a check by itself; the gravest finding decides,
// the first of these.
func hearRounds(h *hearing, coverage *covering) finding {
	byRound := map[int][]*exchange{0: nil}
	for _, x := range h.own {
		byRound[x.round] = append(byRound[x.round], x)
	}
	var worst finding
	found := 0 // rounds with that verdict
	rounds := len(byRound)
	for round := range rounds {
		one := *h
		one.own = byRound[round]
		if round > 0 {
			one.sightings = nil
		}
		f := hear(&one)
		coverage.note(&one, f)
		if f.proof == nil {
			f.proof = one.own
		}
		switch {
		case round == 0 || graver(f.verdict, worst.verdict):
			worst, found = f, 1
		case f.verdict == worst.verdict:
			found++
		}
	}
	if rounds > 1 && (worst.verdict == Fail || worst.verdict == Warn) {
		worst.because += fmt.Sprintf(" (with %d of %d events)", found, rounds)
	}
	return worst
}
