package verifier

import (
	"fmt"
	"slices"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/mockserver"
)

// This file is about answers that do not come, or do not end.

// unended reports whether an answer began and did not end in time. What it says is
// known all the same: providers read the status.
func unended(a *mockserver.Attempt) bool { return a.Failure == "timeout" && a.Status != 0 }

// misses is why there was no answer, in words.
var misses = map[string]string{
	"refused":     "nobody listens at the address",
	"reset":       "the connection was reset",
	"eof":         "the connection was closed",
	"unreachable": "the address cannot be reached",
	"dns":         "there is no such host",
	"tls":         "no secure connection came about",
	"protocol":    "what came is no HTTP",
	"lost-answer": "it was thrown away on purpose",
	"tampered":    "the request was broken off on purpose",
}

// answer is what an attempt met, in a few words.
func answer(a *mockserver.Attempt) string {
	switch {
	case a == nil:
		return "nothing was sent"
	case unended(a):
		return fmt.Sprintf("%d, and then no end of the answer within %s", a.Status, a.Took.Round(100*time.Millisecond))
	case a.Failure == "timeout":
		return "no answer within " + a.Took.Round(100*time.Millisecond).String()
	case a.Failure != "":
		return noAnswer(a.Failure)
	}
	return fmt.Sprintf("%d %s", a.Status, sayTook(a.Took))
}

func noAnswer(failure string) string {
	if miss := misses[failure]; miss != "" {
		failure = miss
	}
	return "no answer: " + failure
}

func sayTook(took time.Duration) string {
	if took < time.Millisecond {
		return "at once"
	}
	return "after " + took.Round(time.Millisecond).String()
}

// waiting is what is known of how long the receiver takes. Once some of its
// answers have failed to come in all of the provider's time, those to other
// unusual requests are not waited for as long: else each check of the same trait
// would cost that time again.
type waiting struct {
	hung    int           // probes whose answers did not come or end
	longest time.Duration // that an answer took
}

const (
	hangsToKnow = 2               // probes that wait in full
	leastWait   = time.Second / 2 // of the others
	quickBody   = 64 << 10        // bytes that are no burden to anybody
)

func (w *waiting) note(role string, a *mockserver.Attempt) {
	switch {
	case a.Failure == "":
		w.longest = max(w.longest, a.Took)
	case a.Failure == "timeout" && a.Sent && role == roleProbe:
		w.hung++
	}
}

// least is how long a probe has to be waited for, of a provider who waits for so
// long.
func (w *waiting) least(timeout time.Duration) time.Duration {
	if w.hung < hangsToKnow {
		return timeout
	}
	if least := max(leastWait, 3*w.longest); least <= timeout/2 {
		return least
	}
	return timeout
}

// cutShort reports whether an answer did not come in less than the provider's time:
// nobody knows whether it would have come in all of it.
func (x *exchange) cutShort() bool {
	a := x.attempt
	return a != nil && a.Failure == "timeout" && a.Sent && a.Status == 0 && a.Took < x.policy.Timeout*3/4
}

// impatient takes a finding back that rests on such answers alone.
func (h *hearing) impatient(f finding) finding {
	proof := f.proof
	if proof == nil {
		proof = h.own
	}
	if f.verdict != Fail || len(proof) == 0 || slices.ContainsFunc(proof, func(x *exchange) bool { return !x.cutShort() }) {
		return f
	}
	return finding{
		verdict: Inconclusive, expected: f.expected, received: answer(proof[0].attempt), proof: proof,
		because: "there was no answer, and it was not waited for as long as the provider does: others had not come in all that time",
	}
}

// policyOf is what a delivery goes by: nil is the contract's own policy. What takes
// its time on the way, by dripping or by its size, has all of the provider's.
func (s *session) policyOf(role string, ev contracts.Event, how sending) *contracts.Policy {
	p := ev.Type.Policy()
	least := s.waiting.least(p.Timeout)
	if role != roleProbe || how.copy > 0 || how.tamper.Wire != nil || len(ev.Body) > quickBody || s.current.tier != "" || least == p.Timeout {
		return nil
	}
	p.Timeout = least
	return &p
}
