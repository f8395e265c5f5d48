package verifier

import (
	"fmt"
	"slices"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/mockserver"
)

// judgeBaseline looks besides for what is mostly behind a refusal of what is valid.
func judgeBaseline(h *hearing) finding {
	f := accepted(h, roleValid)
	if f.verdict != Fail || len(f.proof) == 0 {
		return f
	}
	switch a := f.proof[0].attempt; {
	case unended(a):
		f.fix = "End the answer: give it a length or close it, as soon as the status is known."
	case a.Failure != "":
	case h.evidence.Proven && (a.Status == 401 || a.Status == 403):
		f.because += "; is the secret the same on both sides?"
		f.fix = "Give hookrig (--secret-env) and the receiver the same secret. If they have it, compute the signature over the bytes as they came, before anything parses them."
	case a.Status == 404, a.Status == 405, a.Status == 410:
		f.because += "; is this the address of the route?"
		f.fix = "Give --to the address as it is registered with the provider, path included, and let the route take POST."
	case a.Status >= 300 && a.Status < 400:
		f.because += "; the answer is a redirect, which no provider follows"
		f.fix = "Register the address that answers itself, and give it to --to."
	case a.Status >= 500:
		f.fix = "Look into the receiver's log for what broke on this event. Answer first, and do slow work afterwards."
	}
	return f
}

func judgeEachEvent(h *hearing) finding {
	f := accepted(h, roleValid)
	switch f.verdict {
	case Fail:
		var names []string
		for _, x := range f.proof {
			names = append(names, x.event)
		}
		f.because += ": " + shorten(quoteAll(names), 300)
	case Pass:
		f.because = fmt.Sprintf("events accepted: %d", len(h.own))
	}
	return f
}

// judgeStale judges deliveries whose signed time is a day off, or more: see farOff.
func judgeStale(when, delivery string) func(*hearing) finding {
	return unlessTooSoon(onProbe(func(h *hearing, x *exchange) finding { return judgeTime(h, x, when, delivery) }))
}

func judgeTime(h *hearing, x *exchange, when, delivery string) finding {
	a := x.attempt
	off := "24 hours " + when
	if far := farOff(h.contract); far > day {
		off = contracts.Days(far) + " " + when
		delivery = "a delivery that was signed " + off + " it came"
	}
	f := finding{verdict: Pass, because: "refused", expected: "a refusal: the delivery was signed " + off + " it came"}
	window, from := toleranceOf(h.contract)
	if window > 0 {
		f.basis, f.from = ByContract, from
	}
	switch {
	case a.Failure != "" && !unended(a):
		f.verdict, f.because = Fail, delivery+" got no answer, where it should be refused"
	case a.Status >= 500:
		f.verdict, f.because = Fail, delivery+" broke the receiver, which should refuse it"
	case success(a) && window > 0:
		f.verdict, f.because = Fail, fmt.Sprintf("%s is believed; the contract allows %s", delivery, contracts.Days(window))
	case success(a): // nobody sources a window
		f.verdict, f.because = Warn, delivery+" is believed; the contract names no window, so this is advice"
	case a.Status < 400:
		f.verdict, f.because = Warn, "it was neither accepted nor refused"
	}
	return f
}

// judgeUnknownEvent is strict with receivers that break, and advises those that refuse.
var judgeUnknownEvent = (&rating{
	what: "an event that it does not know", pass: []class{took}, warn: append([]class{misspoke}, refusals...), says: map[class]string{
		took: "acknowledged",
	},
}).judge

func success(a *mockserver.Attempt) bool {
	return a.Failure == "" && a.Status >= 200 && a.Status < 300
}

// judgeOnce wants one effect of one event, however often it was delivered. That
// says something only where the receiver took it more than once.
func judgeOnce(h *hearing) finding {
	deliveries := slices.Concat(h.of(roleProbe), h.of(roleValid), h.of(roleRepeated))
	if len(h.sightings) == 0 || len(deliveries) < 2 {
		return nothingSent
	}
	fewest, most := h.sightings[0].Effects, 0
	for _, s := range h.sightings {
		fewest, most = min(fewest, s.Effects), max(most, s.Effects)
	}
	taken := 0
	for _, x := range deliveries {
		if x.taken() {
			taken++
		}
	}
	f := finding{expected: "one effect", received: fmt.Sprintf("%d effects of one event in %d deliveries", most, len(deliveries))}
	switch {
	case most > 1:
		f.verdict, f.because = Fail, "the same delivery, byte for byte, had its effect more than once"
	case fewest == 0:
		f.verdict, f.because = Inconclusive, "the oracle saw no effect; "+whereToLook
	case taken < 2:
		f.verdict, f.because = Inconclusive, fmt.Sprintf("%d of %d deliveries of one event accepted: what was refused had no chance of a second effect", taken, len(deliveries))
	default:
		f.verdict, f.because = Pass, "one effect"
	}
	return f
}

// taken reports whether the receiver said that it has the event, also where that
// answer was thrown away or did not end.
func (x *exchange) taken() bool {
	a := x.attempt
	return a != nil && (a.Status >= 200 && a.Status < 300 || a.Status != 0 && successRule(x.policy).policy.Accepts(a.Status))
}

// whereToLook is asked of an oracle that sees nothing.
const whereToLook = "does it look at the right place, and long enough (--settle)?"

func judgeNoEffect(h *hearing) finding {
	if len(h.sightings) == 0 {
		return nothingSent
	}
	f := finding{expected: "no effect", received: "no effect", proof: h.of(roleProbe)}
	f.verdict, f.because = Inconclusive, "the oracle saw no effect of a valid event either; "+whereToLook
	for _, s := range h.sightings {
		switch {
		case s.Effects == 0:
		case s.Role == roleProbe:
			f.verdict, f.because, f.received = Fail, "a delivery signed with a wrong key had an effect", fmt.Sprintf("effects: %d", s.Effects)
			return f
		default:
			f.verdict, f.because = Pass, "no effect, while a valid event had one"
		}
	}
	return f
}

func judgeRedirect(h *hearing) finding {
	answers := 0
	for _, x := range h.legitimate() {
		a := x.attempt
		if a.Failure == "" {
			answers++
		}
		if a.Failure == "" && a.Status >= 300 && a.Status < 400 {
			return finding{
				verdict: Fail, because: "a valid event was answered with a redirect", expected: "no redirect", proof: []*exchange{x},
				received: fmt.Sprintf("%d to %q", a.Status, shorten(a.Header.Get("Location"), 120)),
			}
		}
	}
	if answers == 0 {
		return unanswered
	}
	return finding{verdict: Pass, because: "no answer was a redirect", expected: "no redirect", received: fmt.Sprintf("none in %d answers", answers)}
}

// unanswered is for checks that look at answers and found none.
var unanswered = finding{verdict: Inconclusive, because: "no valid event was answered"}

const fixUnended = "End every answer, a refusal too: give it a length, or end it as soon as the status is known."

// niceLatency is what good receivers keep to.
const niceLatency = time.Second

func judgeLatency(h *hearing) finding {
	var slow *exchange
	var times []time.Duration
	for _, x := range h.legitimate() {
		if a := x.attempt; a.Failure == "" || a.Failure == "timeout" {
			times = append(times, a.Took)
			if slow == nil || a.Took > slow.attempt.Took {
				slow = x
			}
		}
	}
	if slow == nil {
		return unanswered
	}
	slices.Sort(times)
	p99 := percentile(times, 99)
	limit, from := slow.policy.Timeout, slow.policy.Provenance("timeout")
	f := finding{
		verdict: Pass, because: "in time", from: from, proof: []*exchange{slow},
		expected: fmt.Sprintf("answers within %s (%s), better within %s", contracts.Days(limit), from.Level, niceLatency),
		received: fmt.Sprintf("p99 %s, slowest %s of %d answers", p99.Round(time.Millisecond), slow.attempt.Took.Round(time.Millisecond), len(times)),
	}
	hangs := h.unendedRefusals()
	switch late := slow.attempt.Failure != "" || slow.attempt.Took > limit; {
	case unended(slow.attempt):
		f.verdict, f.because = Fail, "an answer begins and does not end: the provider waits for the rest until its time is over, and counts it as none"
		f.received, f.fix = answer(slow.attempt), fixUnended
		if from.Level == contracts.Assumed {
			f.basis = ByPractice
		}
	case late && from.Level != contracts.Assumed:
		f.verdict, f.because = Fail, "slower than the provider waits"
	case late:
		f.verdict, f.basis, f.because = Warn, ByPractice, "slower than hookrig waits; the provider's own limit is not known"
	case len(hangs) > 0:
		f.verdict, f.basis, f.because = Fail, ByPractice, "answers to requests that are refused begin and do not end: each holds a connection, and strangers can take them all"
		f.received, f.proof = fmt.Sprintf("%s; so in %d of %d answers", answer(hangs[0].attempt), len(hangs), len(h.all)), hangs
		f.fix = fixUnended
	case p99 > niceLatency:
		f.verdict, f.basis, f.because = Warn, ByPractice, "slower than good practice"
	case from.Level == contracts.Assumed:
		f.basis = ByPractice
	}
	return f
}

// unendedRefusals are unusual requests whose answers began and did not end.
func (h *hearing) unendedRefusals() (out []*exchange) {
	for _, x := range h.all {
		if x.role == roleProbe && x.observed() && unended(x.attempt) {
			out = append(out, x)
		}
	}
	return out
}

func shorten(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n]) + "…"
	}
	return s
}
