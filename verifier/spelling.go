package verifier

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"github.com/hookrig/hookrig/mockserver"
)

// This file is for evidence that is kept as JSON: writing it spells the values in
// it anew, and times lose what only this process knows.

// respelled is the evidence with all values from outside in one spelling, so that
// it is judged in the same words before and after it was kept.
func (e *Evidence) respelled() *Evidence {
	out := *e
	out.Sightings = slices.Clone(e.Sightings)
	for i := range out.Sightings {
		out.Sightings[i].State = plainJSON(out.Sightings[i].State)
	}
	out.Trials = slices.Clone(e.Trials)
	for i := range out.Trials {
		t := &out.Trials[i]
		t.Records = slices.Clone(t.Records)
		for j := range t.Records {
			r := &t.Records[j]
			r.Before, r.State, r.Reference = plainJSON(r.Before), plainJSON(r.State), plainJSON(r.Reference)
		}
		if t.Sequence != nil {
			q := *t.Sequence
			q.Steps = slices.Clone(q.Steps)
			for j := range q.Steps {
				q.Steps[j].Edits = plainEdits(q.Steps[j].Edits)
			}
			t.Sequence = &q
		}
	}
	return &out
}

func plainEdits(edits map[string]json.RawMessage) map[string]json.RawMessage {
	if len(edits) == 0 {
		return nil
	}
	out := map[string]json.RawMessage{}
	for pointer, value := range edits {
		out[pointer] = plainJSON(value)
	}
	return out
}

// plainJSON is a value without spaces between its tokens, and without the escapes
// that json.Marshal adds. What is no JSON stays as it is.
func plainJSON(value json.RawMessage) json.RawMessage {
	var out bytes.Buffer
	if json.Compact(&out, value) != nil {
		return value
	}
	text := out.Bytes()
	plain := make([]byte, 0, len(text))
	for i := 0; i < len(text); {
		n := 1
		if text[i] == '\\' {
			n = 2
			if i+6 <= len(text) && text[i+1] == 'u' {
				n = 6
			}
		}
		if n == 6 {
			switch code, _ := strconv.ParseUint(string(text[i+2:i+6]), 16, 32); code { // the text is JSON
			case '<', '>', '&', '\u2028', '\u2029':
				plain, i = append(plain, string(rune(code))...), i+n
				continue
			}
		}
		plain, i = append(plain, text[i:i+n]...), i+n
	}
	return plain
}

// wallClock takes from a run's attempts the time that only this process can read,
// and keeps how long they are apart.
func wallClock(journal []mockserver.Entry) {
	var first time.Time
	for i := range journal {
		if a := journal[i].Attempt; a != nil {
			if first.IsZero() {
				first = a.Started
			}
			kept := *a
			kept.Started = first.Round(0).Add(a.Started.Sub(first))
			journal[i].Attempt = &kept
		}
	}
}
