package verifier

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strings"
)

// What an unlucky day adds to a generated sequence beside order, duplicates and
// forgeries: texts that nobody thought of, and pauses. Both are drawn from a
// source of their own, so that the rest of the sequence does not depend on them.

// oddTexts are what people write into a text, and the contract allows.
var oddTexts = []func(was string) string{
	func(was string) string { return was + " 😀" },
	func(was string) string { return was + ` "O'Brien" \ <b>` },
	func(was string) string { return was + " " + longText },
}

// withOddTexts gives every second event of a sequence a text of another kind,
// where it has one for people.
func (s *session) withOddTexts(rng *rand.Rand, firsts []SequenceStep) {
	kind := rng.IntN(len(oddTexts))
	for i := rng.IntN(2); i < len(firsts); i += 2 {
		if pointer, text := s.oddText(&firsts[i], oddTexts[kind%len(oddTexts)], rng); pointer != "" {
			firsts[i].Edits = map[string]json.RawMessage{pointer: json.RawMessage(text)}
			kind++
		}
	}
}

// oddText changes one of the texts of an event that name nothing. It is "" where
// the contract allows that nowhere.
func (s *session) oddText(step *SequenceStep, to func(string) string, rng *rand.Rand) (pointer, text string) {
	t, err := s.options.Contract.EventType(step.Event)
	if err != nil {
		return "", ""
	}
	body := step.bytes()
	list := places(body)
	named := s.formOf(t, body, step.Entity != "")
	rng.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	for _, p := range list {
		was, ok := p.str()
		if !ok || !strings.Contains(strings.TrimSpace(was), " ") || s.names(p.pointer) || named.tells(p) {
			continue
		}
		if _, isTime := parseTime(was); isTime {
			continue
		}
		if text = quote(to(was)); keeps(t, put(body, p, text)) {
			return p.pointer, text
		}
	}
	return "", ""
}

// tells reports whether a value is one by which events are told apart, or put in
// their order.
func (f *form) tells(p place) bool {
	return slices.Contains(f.names, p.pointer) || f.stage != nil && p.pointer == f.stage.Version ||
		slices.ContainsFunc(f.blanks, func(b blank) bool { return b.start == p.start })
}

// Pauses of a generated sequence: few, and short enough for every provider to
// retry after them.
const (
	pauses       = 4
	virtualPause = "1m"
	realPause    = "50ms"
)

// withPauses lets time pass before some deliveries, but not within a group.
func (s *session) withPauses(rng *rand.Rand, steps []SequenceStep) {
	pause := realPause
	if s.options.Virtual {
		pause = virtualPause
	}
	for range pauses {
		if i := rng.IntN(len(steps)); steps[i].Group == 0 {
			steps[i].After = pause
		}
	}
}

// plainly is a sequence without odd texts: whoever does not even take one alone is
// judged by the checks of payloads, and here by what is left.
func (q *Sequence) plainly() (*Sequence, bool) {
	plain := *q
	plain.Steps = slices.Clone(q.Steps)
	had := false
	for i := range plain.Steps {
		had = had || plain.Steps[i].Edits != nil
		plain.Steps[i].Edits = nil
	}
	return &plain, had
}
