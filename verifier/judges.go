package verifier

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/mockserver"
)

// practical says that a finding is not the contract's: the rule that was
// applied is how things are usually done.
func practical(f finding) finding {
	f.basis, f.from = ByPractice, contracts.Provenance{}
	return f
}

func judgeEachEvent(h *hearing) finding {
	f := accepted(h, roleValid)
	if f.verdict == Fail {
		var names []string
		for _, x := range f.proof {
			names = append(names, x.event)
		}
		f.because += ": " + shorten(quoteAll(names), 300)
	} else {
		f.because = fmt.Sprintf("%d events accepted", len(h.own))
	}
	return f
}

func judgeStale(h *hearing) finding {
	f := finding{verdict: Pass, because: "refused", expected: "a refusal: the delivery was signed 24 hours before it came"}
	probe := h.of(roleProbe)
	a := probe[0].last()
	f.received = answer(a)
	switch {
	case a.Failure != "" || a.Status >= 500:
		f.verdict, f.because = Fail, "it was not refused, the receiver broke"
	case a.Status >= 200 && a.Status < 300:
		// Nobody sources a window unless the contract does: then it is a rule.
		f.verdict, f.because = Warn, "a delivery of yesterday is believed; the contract names no window, so this is advice"
		if h.scheme.Tolerance > 0 {
			_, f.from = h.contract.Signature()
			f.verdict, f.basis = Fail, ByContract
			f.because = fmt.Sprintf("a delivery of yesterday is believed; the contract allows %s", contracts.Days(h.scheme.Tolerance))
		}
	}
	return f
}

func judgeMalformed(h *hearing) finding {
	a := h.of(roleProbe)[0].last()
	f := finding{verdict: Pass, because: "refused as a bad request", expected: "400 or 422", received: answer(a)}
	switch {
	case a.Failure != "":
		f.verdict, f.because = Fail, "the receiver gave no answer to a body that is cut off"
	case a.Status == 400 || a.Status == 422:
	case a.Status >= 200 && a.Status < 300:
		f.verdict, f.because = Fail, "a body that is cut off was accepted: the event is lost"
	case a.Status >= 500:
		f.verdict, f.because = Fail, "the receiver broke on a body that is cut off"
	default:
		f.verdict, f.because = Warn, "refused, but not as a bad request"
	}
	return f
}

func judgeUnknownEvent(h *hearing) finding {
	a := h.of(roleProbe)[0].last()
	f := finding{verdict: Pass, because: "acknowledged", expected: "2xx", received: answer(a)}
	switch {
	case a.Failure != "":
		f.verdict, f.because = Fail, "the receiver gave no answer to an event that it does not know"
	case a.Status >= 500:
		f.verdict, f.because = Fail, "the receiver broke on an event that it does not know"
	case a.Status >= 400:
		f.verdict, f.because = Warn, "an event that it does not know is refused: the provider will send it again and may switch the registration off"
	case a.Status >= 300:
		f.verdict, f.because = Fail, "an event that it does not know is redirected"
	}
	return f
}

// judgeOnce wants one effect of one event, however often it was delivered.
func judgeOnce(h *hearing) finding {
	f := finding{verdict: Pass, because: "one effect", expected: "one effect"}
	var last *Sighting
	for i := range h.sightings {
		s := &h.sightings[i]
		if s.Error != "" {
			return finding{verdict: Inconclusive, because: "the oracle could not be asked: " + s.Error, expected: f.expected}
		}
		if s.Role == roleValid && s.Effects == 0 {
			f.verdict, f.because = Inconclusive, "the oracle saw no effect of a delivery that was accepted; does it look at the right place, and long enough (--settle)?"
			f.received = "no effect"
			return f
		}
		last = s
	}
	if last == nil {
		return finding{verdict: Inconclusive, because: "the oracle was not asked"}
	}
	attempts := 0
	for _, x := range h.own {
		if x.role != roleAlive {
			attempts += len(x.attempts)
		}
	}
	f.received = fmt.Sprintf("%d effects of one event in %d deliveries", last.Effects, attempts)
	switch {
	case attempts < 2:
		f.verdict, f.because = Inconclusive, "the event was not delivered a second time"
	case last.Effects == 0:
		f.verdict, f.because = Inconclusive, "the oracle saw no effect; does it look at the right place, and long enough (--settle)?"
	case last.Effects > 1:
		f.verdict, f.because = Fail, "the same delivery, byte for byte, had its effect more than once"
	}
	return f
}

func judgeNoEffect(h *hearing) finding {
	for _, s := range h.sightings {
		if s.Error != "" {
			return finding{verdict: Inconclusive, because: "the oracle could not be asked: " + s.Error}
		}
		if s.Effects > 0 {
			return finding{verdict: Fail, because: "a delivery signed with a wrong key had an effect", expected: "no effect", received: fmt.Sprintf("%d effects", s.Effects)}
		}
	}
	return finding{verdict: Pass, because: "no effect", expected: "no effect", received: "no effect"}
}

func judgeRedirect(h *hearing) finding {
	f := finding{verdict: Pass, because: "no answer was a redirect", expected: "no redirect", received: "none"}
	for _, x := range h.legitimate() {
		if a := x.last(); a.Failure == "" && a.Status >= 300 && a.Status < 400 {
			f.verdict, f.because, f.proof = Fail, "a valid event was answered with a redirect", []*exchange{x}
			f.received = fmt.Sprintf("%d to %q", a.Status, shorten(a.Header.Get("Location"), 120))
			return f
		}
	}
	return f
}

// niceLatency is what good receivers keep to.
const niceLatency = time.Second

func judgeLatency(h *hearing) finding {
	var slow *exchange
	var times []time.Duration
	for _, x := range h.legitimate() {
		a := x.last()
		if a.Ours || a.Failure != "" && a.Failure != "timeout" {
			continue
		}
		times = append(times, a.Took)
		if slow == nil || a.Took > slow.last().Took {
			slow = x
		}
	}
	if slow == nil {
		return finding{verdict: Inconclusive, because: "no valid event was answered"}
	}
	slices.SortFunc(times, cmp.Compare)
	p99 := times[(len(times)-1)*99/100]
	limit, from := slow.policy.Timeout, slow.policy.Provenance("timeout")
	f := finding{
		verdict: Pass, because: "in time", from: from, proof: []*exchange{slow},
		expected: fmt.Sprintf("answers within %s (%s), better within %s", contracts.Days(limit), from.Level, niceLatency),
		received: fmt.Sprintf("p99 %s, slowest %s of %d answers", p99.Round(time.Millisecond), slow.last().Took.Round(time.Millisecond), len(times)),
	}
	switch late := timedOut(slow.last()) || slow.last().Took > limit; {
	case late && from.Level != contracts.Assumed:
		f.verdict, f.because = Fail, "slower than the provider waits"
	case late:
		f.verdict, f.basis, f.because = Warn, ByPractice, "slower than hookrig waits; the provider's own limit is not known"
	case p99 > niceLatency:
		f.verdict, f.basis, f.because = Warn, ByPractice, "slower than good practice"
	}
	return f
}

func timedOut(a *mockserver.Attempt) bool { return a.Failure == "timeout" }

func shorten(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n]) + "…"
	}
	return s
}
