package verifier

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/mockserver"
)

// This file loads a receiver as a provider does on a bad day.

// mostAtOnce is how many deliveries are under way at once at most.
const mostAtOnce = 200

// bursts are many different events at the same moment.
func bursts(ctx context.Context, s *session) error {
	for _, n := range []int{50, mostAtOnce} {
		events := make([]contracts.Event, n)
		for i := range events {
			events[i] = s.event()
		}
		if err := s.atOnce(ctx, roleProbe, events...); err != nil {
			return err
		}
		s.wait(ctx, s.askedToWait())
	}
	return nil
}

// askedToWait is the longest time that an answer of the current check asks for.
func (s *session) askedToWait() (longest time.Duration) {
	for _, a := range s.attempts {
		if a.Status == 429 || a.Status == 503 {
			longest = max(longest, asksFor(&a))
		}
	}
	return longest
}

// slowedDown is for answers by which a receiver asks for less.
const slowedDown class = "was put off with a time to wait"

// classOfLoad tells a receiver that asks for time from one that breaks.
func classOfLoad(r rule, a *mockserver.Attempt) class {
	if (a.Status == 429 || a.Status == 503) && a.Failure == "" && a.Header.Get("Retry-After") != "" {
		return slowedDown
	}
	return classOf(r, a)
}

// loaded wants what a provider sends in large numbers to be taken, or put off.
func loaded(many string) func(*hearing) finding {
	return (&rating{many: many, pass: []class{took}, warn: []class{slowedDown, refused}, sort: classOfLoad}).judge
}

// Of a storm of retries.
const (
	stormEvents = 100 // each comes twice
	stormWave   = 20  // at once
)

// storm is a backlog after an outage: everything that was missed at once, and
// half of it a second time, because the provider gave up on the first answers.
func storm(ctx context.Context, s *session, events []contracts.Event) error {
	for _, round := range []string{roleProbe, roleRepeated} {
		for wave := range slices.Chunk(events, stormWave) {
			if err := s.atOnce(ctx, round, wave...); err != nil {
				return err
			}
		}
	}
	return nil
}

func retryStorm(ctx context.Context, s *session) error {
	events := make([]contracts.Event, stormEvents)
	for i := range events {
		events[i] = s.event()
	}
	return storm(ctx, s, events)
}

func retryStormAndLook(ctx context.Context, s *session) error {
	events := make([]contracts.Event, stormEvents)
	for i := range events {
		ev, ok := s.unseen(ctx)
		if !ok {
			return nil
		}
		events[i] = ev
	}
	if err := storm(ctx, s, events); err != nil {
		return err
	}
	return s.lookAtBacklog(ctx, roleRepeated, events)
}

// backlogTime is how long a receiver may work off what it has taken.
const backlogTime = time.Minute

// lookAtBacklog looks at many events until nothing new is seen of them for as long
// as an effect may take: who puts events into a queue works for a while after the
// last answer, and what is done twice is done last.
func (s *session) lookAtBacklog(ctx context.Context, role string, events []contracts.Event) error {
	quiet := s.options.Settle
	s.wait(ctx, quiet)
	seen, effects := s.lookAtAll(ctx, role, events)
	if slices.ContainsFunc(seen, func(one Sighting) bool { return one.Effects == 0 }) {
		quiet = max(quiet, belated)
	}
	working := quiet > 0
	for waited := time.Duration(0); working && waited < backlogTime && ctx.Err() == nil; waited += quiet {
		s.wait(ctx, quiet)
		was := effects
		seen, effects = s.lookAtAll(ctx, role, events)
		working = effects != was
	}
	if working && !slices.ContainsFunc(seen, func(one Sighting) bool { return one.Effects > 1 }) {
		seen = append(seen, Sighting{Check: s.current.name, Role: role, Error: fmt.Sprintf("effects were still coming %s after the last answer", backlogTime)})
	}
	s.sightings = append(s.sightings, seen...)
	return ctx.Err()
}

// lookAtAll asks once for all events, and adds their effects up. An oracle that
// fails is asked no more.
func (s *session) lookAtAll(ctx context.Context, role string, events []contracts.Event) (seen []Sighting, effects int) {
	for _, ev := range events {
		n, err := s.options.Oracle.Effects(ctx, ev, s.idOf(ev))
		one := Sighting{Check: s.current.name, Role: role, Delivery: s.idOf(ev), Effects: n}
		if effects += n; err != nil {
			one.Error = unasked(err).Error()
			return append(seen, one), effects
		}
		seen = append(seen, one)
	}
	return seen, effects
}

// rowLength is how many events are sent one after the other.
const rowLength = 50

func longRow(ctx context.Context, s *session) error {
	for range rowLength {
		if err := s.send(ctx, roleValid, s.event(), sending{}); err != nil {
			return err
		}
	}
	return nil
}

// A sustained rate.
const (
	rateEvents = 100
	ratePause  = 50 * time.Millisecond // 20 in a second
)

// paddings are how much is added to a body, so that the time it takes can be
// told by its size.
var paddings = []int{0, 10 << 10, 100 << 10}

// sustained sends at a steady rate, whatever the answers do: events of all types
// that were accepted, in three sizes.
func sustained(ctx context.Context, s *session) error {
	types := s.taken
	if len(types) == 0 {
		types = []int{s.home}
	}
	var sent []*mockserver.Delivery
	for i := range rateEvents {
		if i > 0 {
			s.wait(ctx, ratePause)
		}
		ev, name := s.eventAt(types[i%len(types)], s.ordinal), sizeName(0)
		s.ordinal++
		if padding := paddings[i%len(paddings)]; padding > 0 && canSendMalformed(s) == "" {
			ev.Body, name = asMember(`"`+strings.Repeat("x", padding)+`"`)(ev.Body), sizeName(padding)
		}
		sent = append(sent, s.dispatch(roleProbe, ev, sending{copy: i + 1, tamper: mockserver.Tamper{Name: name}}))
	}
	for _, d := range sent {
		if err := s.await(ctx, d); err != nil {
			return err
		}
	}
	return nil
}

func sizeName(padding int) string {
	if padding == 0 {
		return "usual size"
	}
	return fmt.Sprintf("with %d KiB more", padding>>10)
}

// judgeRow judges the times of answers to what was sent in one role.
func judgeRow(role string) func(*hearing) finding {
	return func(h *hearing) finding {
		of := h.of(role)
		if len(of) == 0 {
			return nothingSent
		}
		if f := loaded("events under load")(&hearing{own: asProbes(of)}); f.verdict == Fail {
			return f
		}
		return judgeTimes(of)
	}
}

// asProbes are exchanges for a judge that looks at probes.
func asProbes(of []*exchange) (out []*exchange) {
	for _, x := range of {
		probe := *x
		probe.role = roleProbe
		out = append(out, &probe)
	}
	return out
}

// judgeTimes wants 99 of 100 answers within good practice, and all within the
// provider's time.
func judgeTimes(of []*exchange) finding {
	slow := slices.MaxFunc(of, func(a, b *exchange) int { return cmp.Compare(a.attempt.Took, b.attempt.Took) })
	limit, from := slow.policy.Timeout, slow.policy.Provenance("timeout")
	f := finding{
		verdict: Pass, because: "in time: " + spread("all", of),
		expected: fmt.Sprintf("99 of 100 answers within %s, all within %s", niceLatency, contracts.Days(limit)),
		received: byKind(of), proof: []*exchange{slow},
	}
	switch {
	case slow.attempt.Took > limit || slow.attempt.Failure == "timeout":
		f.verdict, f.because, f.basis, f.from = Fail, "slower than the provider waits: "+spread("all", of), ByContract, from
		if from.Level == contracts.Assumed {
			f.verdict, f.basis = Warn, ByPractice
		}
	case percentile(tookSorted(of), 99) > niceLatency:
		f.verdict, f.because = Warn, "slower than good practice: "+spread("all", of)
	}
	return f
}

// percentile is the value within which so many of a hundred are (nearest rank), of
// some that are sorted.
func percentile[T any](sorted []T, p int) T { return sorted[(len(sorted)*p+99)/100-1] }

// tookSorted are the times of answers.
func tookSorted(of []*exchange) []time.Duration {
	times := make([]time.Duration, len(of))
	for i, x := range of {
		times[i] = x.attempt.Took
	}
	slices.Sort(times)
	return times
}

// spread is percentiles in words.
func spread(name string, of []*exchange) string {
	times := tookSorted(of)
	text := func(p int) string { return percentile(times, p).Round(time.Millisecond).String() }
	return fmt.Sprintf("%s %d: p50 %s, p95 %s, p99 %s", name, len(of), text(50), text(95), text(99))
}

// shownKinds is how many types of events are told apart.
const shownKinds = 5

// byKind is the percentiles by size, and by type: of the slowest.
func byKind(of []*exchange) string {
	sizes, types := map[string][]*exchange{}, map[string][]*exchange{}
	var out []string
	for _, x := range of {
		if x.attempt.Tamper != "" {
			sizes[x.attempt.Tamper] = append(sizes[x.attempt.Tamper], x)
		}
		types[x.event] = append(types[x.event], x)
	}
	for _, padding := range paddings {
		if some := sizes[sizeName(padding)]; len(some) > 0 {
			out = append(out, spread(sizeName(padding), some))
		}
	}
	names := make([]string, 0, len(types))
	for name := range types {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Or(cmp.Compare(percentile(tookSorted(types[b]), 95), percentile(tookSorted(types[a]), 95)), strings.Compare(a, b))
	})
	for _, name := range names[:min(shownKinds, len(names))] {
		out = append(out, spread(name, types[name]))
	}
	return strings.Join(out, "; ")
}
