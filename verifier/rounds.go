package verifier

import (
	"cmp"
	"fmt"
	"slices"
)

// gravity orders verdicts, the gravest first: what decides where a check was
// sent with several events.
var gravity = []Verdict{Fail, Warn, Inconclusive, Skip, Pass}

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
		switch order := cmp.Compare(slices.Index(gravity, f.verdict), slices.Index(gravity, worst.verdict)); {
		case round == 0 || order < 0:
			worst, found = f, 1
		case order == 0:
			found++
		}
	}
	if rounds > 1 && (worst.verdict == Fail || worst.verdict == Warn) {
		worst.because += fmt.Sprintf(" (with %d of %d events)", found, rounds)
	}
	return worst
}
