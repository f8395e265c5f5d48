package verifier

import (
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"
)

// someSteps draws steps with all that can be special about them.
func someSteps(t *rapid.T) *Sequence {
	n := rapid.IntRange(1, 50).Draw(t, "steps")
	q := &Sequence{}
	for i := range n {
		s := SequenceStep{
			ID: "e" + strconv.Itoa(rapid.IntRange(0, 8).Draw(t, "id")), Event: strconv.Itoa(i),
			LostAnswer: rapid.Bool().Draw(t, "lost"), Forged: rapid.Bool().Draw(t, "forged"),
			Group: rapid.IntRange(0, 2).Draw(t, "group"),
		}
		s.Entity = s.ID[1:]
		if rapid.Bool().Draw(t, "after") {
			s.After = "1h"
		}
		if rapid.Bool().Draw(t, "edited") {
			s.Edits = map[string]json.RawMessage{"/name": json.RawMessage(quote(rapid.StringN(0, 20, -1).Draw(t, "text")))}
		}
		q.Steps = append(q.Steps, s)
	}
	return q
}

// TestReduceFindsTheCause: where some steps are the cause, and of each of them one
// thing that is special, nothing else is left.
func TestReduceFindsTheCause(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := someSteps(t)
		cause := map[string]bool{} // by what only this step has, its event's name
		for range rapid.IntRange(1, 3).Draw(t, "causes") {
			cause[q.Steps[rapid.IntRange(0, len(q.Steps)-1).Draw(t, "cause")].Event] = true
		}
		lost := rapid.Bool().Draw(t, "needs a lost answer")
		if lost {
			for i := range q.Steps {
				q.Steps[i].LostAnswer = q.Steps[i].LostAnswer || cause[q.Steps[i].Event]
			}
		}
		tried := 0
		short, err := reduce(q, func(next *Sequence) (bool, error) {
			tried++
			met := 0
			for _, s := range next.Steps {
				if cause[s.Event] && (s.LostAnswer || !lost) {
					met++
				}
			}
			return met == len(cause), nil
		})
		if err != nil || len(short.Steps) != len(cause) {
			t.Fatalf("%d steps are left of %d, %d are the cause: %v", len(short.Steps), len(q.Steps), len(cause), err)
		}
		for _, s := range short.Steps {
			if !cause[s.Event] || s.LostAnswer != lost || s.After != "" || s.Forged || s.Group > 0 || s.Edits != nil {
				t.Errorf("%+v", s)
			}
		}
		if most := 60 * len(q.Steps); tried > most {
			t.Errorf("%d tries for %d steps", tried, len(q.Steps))
		}
	})
}

// TestReduceIsLocallyMinimal: whatever the rule, no step of what is left can be
// taken away.
func TestReduceIsLocallyMinimal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := someSteps(t)
		salt := rapid.Uint32().Draw(t, "salt")
		fails := func(next *Sequence) (bool, error) {
			h := fnv.New32a()
			fmt.Fprint(h, salt)
			for _, s := range next.Steps {
				fmt.Fprint(h, " ", s.Event)
			}
			return len(next.Steps) == len(q.Steps) || h.Sum32()%4 == 0, nil
		}
		short, err := reduce(q, fails)
		if err != nil {
			t.Fatal(err)
		}
		if ok, _ := fails(short); !ok {
			t.Fatal("what is left does not fail")
		}
		if again, _ := reduce(q, fails); !slices.EqualFunc(again.Steps, short.Steps, func(a, b SequenceStep) bool { return a.Event == b.Event }) {
			t.Error("a second time ends in something else")
		}
		if len(short.Steps) == len(q.Steps) {
			return // the rule above may hold for the whole alone
		}
		for i := range short.Steps {
			less := Sequence{Steps: slices.Concat(short.Steps[:i], short.Steps[i+1:])}
			if ok, _ := fails(&less); ok && len(less.Steps) > 0 {
				t.Errorf("of %d steps the one with number %d is not needed", len(short.Steps), i+1)
			}
		}
	})
}

// TestReduceShortensTexts: a text that is too long for a receiver becomes as long
// as it has to be, and no longer than twice that.
func TestReduceShortensTexts(t *testing.T) {
	long := json.RawMessage(quote(fmt.Sprintf("%0300d", 0)))
	q := &Sequence{Steps: []SequenceStep{{ID: "e1", Edits: map[string]json.RawMessage{"/note": long, "/name": long}}, {ID: "e1", Edits: map[string]json.RawMessage{"/note": long}}}}
	short, err := reduce(q, func(next *Sequence) (bool, error) {
		return slices.ContainsFunc(next.Steps, func(s SequenceStep) bool { return len(s.Edits["/note"]) > 50 }), nil
	})
	if err != nil || len(short.Steps) != 1 || len(short.Steps[0].Edits) != 1 || len(short.Steps[0].Edits["/note"]) > 102 {
		t.Errorf("%v: %+v", err, short.Steps)
	}
}

// TestReduceStops: what was reached before the limit is kept.
func TestReduceStops(t *testing.T) {
	q := &Sequence{}
	for i := range 40 {
		q.Steps = append(q.Steps, SequenceStep{ID: strconv.Itoa(i)})
	}
	tried := 0
	short, err := reduce(q, func(next *Sequence) (bool, error) {
		if tried++; tried > 10 {
			return false, errEnough
		}
		return slices.ContainsFunc(next.Steps, func(s SequenceStep) bool { return s.ID == "39" }), nil
	})
	if !errors.Is(err, errEnough) || len(short.Steps) >= 40 || tried != 11 || short.Steps[len(short.Steps)-1].ID != "39" {
		t.Errorf("%v, %d steps, %d tries", err, len(short.Steps), tried)
	}
}

func TestTriesFor(t *testing.T) {
	for _, row := range []struct{ failed, of, want int }{{5, 5, 1}, {4, 5, 2}, {3, 5, 4}, {1, 5, 12}, {1, 1000, mostTries}} {
		if got := triesFor(row.failed, row.of); got != row.want {
			t.Errorf("%d of %d: %d tries, want %d", row.failed, row.of, got, row.want)
		}
	}
}
