package verifier

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// flaw is what a trial shows, "" for nothing. The worst comes first.
func (t *Trial) flaw() Flaw {
	flaw, _ := t.judge()
	return flaw
}

// judge compares what came of the sequence with what came of the same events
// told once and in order.
func (t *Trial) judge() (Flaw, string) {
	if t.Strict {
		for _, e := range t.Events {
			if e.Refused > 0 {
				return Refused, fmt.Sprintf("%s was refused (%s)", e.Event, e.Answer)
			}
		}
	}
	if t.Effects {
		if flaw, because := t.judgeEffects(); flaw != "" {
			return flaw, because
		}
	}
	for _, r := range t.Records {
		if !r.Unsteady && t.seen(r.Entity) && !SameState(r.State, r.Reference) {
			return Stale, "the record ends in another state than where the same events come once and in order: " + difference(r.State, r.Reference)
		}
	}
	for _, e := range t.Events {
		if !e.Forged && e.Accepted == 0 && e.Refused > 0 {
			return Refused, fmt.Sprintf("%s was never accepted in %d deliveries (%s)", e.Event, e.Refused, e.Answer)
		}
	}
	return "", ""
}

func (t *Trial) judgeEffects() (Flaw, string) {
	for _, e := range t.Events {
		switch {
		case e.Forged && e.Effects > 0 && (e.Entity == "" || t.forged(e.Entity)):
			return Believed, fmt.Sprintf("%s had an effect, and was never rightly signed", e.Event)
		case !e.Forged && e.Effects > max(e.Reference, 1):
			return Twice, fmt.Sprintf("%s had %d effects; delivered once and in order it has %d", e.Event, e.Effects, e.Reference)
		}
	}
	for _, e := range t.Events {
		if e.Effects < t.least(e) {
			return Lost, fmt.Sprintf("%s was acknowledged and had %d effects; delivered once and in order it has %d", e.Event, e.Effects, e.Reference)
		}
	}
	return "", ""
}

// forged reports whether nothing that is rightly signed told of a record: an oracle
// may count the effects of the others.
func (t *Trial) forged(entity string) bool {
	return !slices.ContainsFunc(t.Events, func(e TrialEvent) bool { return e.Entity == entity && !e.Forged })
}

// least is how many effects an event must have had. What was overtaken by newer
// news, or never acknowledged, may be left out; an oracle that counts by record
// sees that in all events of the record.
func (t *Trial) least(e TrialEvent) int {
	excused := 0
	for _, other := range t.Events {
		if (other.ID == e.ID || e.Reference > 1 && e.Entity != "" && other.Entity == e.Entity) && (other.Overtaken || other.Accepted == 0) {
			excused++
		}
	}
	return max(e.Reference-excused, 0)
}

// seen reports whether all events of a record were accepted.
func (t *Trial) seen(entity string) bool {
	return !slices.ContainsFunc(t.Events, func(e TrialEvent) bool { return e.Entity == entity && !e.Forged && e.Accepted == 0 })
}

// blind says why a trial without a flaw shows nothing, "" where it does.
func (t *Trial) blind(needsState bool) string {
	if t.Error != "" {
		return t.Error
	}
	if t.Effects && !slices.ContainsFunc(t.Events, func(e TrialEvent) bool { return e.Reference > 0 || e.Effects > 0 }) {
		return "the oracle saw no effect; " + whereToLook
	}
	if !needsState {
		return ""
	}
	for _, r := range t.Records {
		switch {
		case r.Unsteady:
			return "two records that were told the same in the same order end in different states: let the oracle show only what the events say"
		case t.Strict && SameState(r.Before, r.Reference):
			return "the state is the same before and after the last change, so it cannot show which one came last: let the oracle show what the events change"
		}
	}
	return ""
}

// judgeSequence judges the last trial of a check: that of the sequence in its
// shortest form.
func judgeSequence(h *hearing) finding {
	var last *Trial
	for i := range h.evidence.Trials {
		if h.evidence.Trials[i].Check == h.check.name {
			last = &h.evidence.Trials[i]
		}
	}
	if last == nil {
		return nothingSent
	}
	f := finding{expected: "each event once, and the newest state of each record, in whatever order they come"}
	for _, x := range h.own {
		if x.role != roleWaking && slices.Contains(last.Deliveries, x.delivery) {
			f.proof = append(f.proof, x)
		}
	}
	flaw, because := last.judge()
	needsState := h.check.strict
	blind := last.blind(needsState && h.evidence.State)
	if flaw == Lost && blind == "" {
		blind = h.tooSlow()
	}
	switch {
	case flaw == Refused && last.Error == "" || flaw != "" && blind == "":
		f.verdict, f.because, f.received, f.sequence = Fail, because, "after "+last.Sequence.words()+last.Sequence.legend(), last.Sequence
		if last.Sequence.Found > len(last.Sequence.Steps) {
			f.because += fmt.Sprintf("; %d of %d deliveries show it", len(last.Sequence.Steps), last.Sequence.Found)
		}
	case blind != "":
		f.verdict, f.because = Inconclusive, blind
	case needsState && !h.evidence.State:
		f.verdict, f.because = Inconclusive, "all were accepted; without an oracle that shows states nobody sees which one won"
		f.expected, f.received = "an oracle that shows states", noOracle
	default:
		f.verdict, f.because = Pass, "as if they had come once and in order"
		f.received = fmt.Sprintf("so it was, in %d deliveries of %d events", len(last.Sequence.Steps), len(last.Events))
	}
	return f
}

// difference tells in what two states differ, the first of it.
func difference(got, want json.RawMessage) string {
	switch {
	case nothing(want):
		return "it is there, and should be gone"
	case nothing(got):
		return "it is gone, and should be there"
	}
	texts := map[string]string{}
	for _, p := range places(want) {
		texts[p.pointer] = p.text
	}
	for _, p := range slices.Backward(places(got)) { // members come before what holds them
		if was, known := texts[p.pointer]; p.pointer != "" && p.kind() != '{' && p.kind() != '[' && !(known && SameState(json.RawMessage(p.text), json.RawMessage(was))) {
			if !known {
				was = "nothing"
			}
			return fmt.Sprintf("%s is %s, and should be %s", shorten(p.pointer, 120), shorten(p.text, 80), shorten(was, 80))
		}
	}
	return fmt.Sprintf("it is %s, and should be %s", shorten(string(got), 120), shorten(string(want), 120))
}

// anonymous hides the values that name a record, as values and within longer
// texts.
func anonymous(state json.RawMessage, names []string) json.RawMessage {
	if !json.Valid(state) {
		return state
	}
	const hidden = `"<name>"`
	out := []byte(state)
	for _, name := range names {
		plain := strings.Trim(name, `"`)
		if plain == "" {
			continue
		}
		for _, p := range slices.Backward(places(out)) {
			text, isString := p.str()
			switch {
			case p.text == name, isString && text == plain, p.text == plain:
				out = put(out, p, hidden)
			case isString && len(plain) > 3 && strings.Contains(text, plain):
				out = put(out, p, quote(strings.ReplaceAll(text, plain, "<name>")))
			}
		}
	}
	return out
}
