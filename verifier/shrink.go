package verifier

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"
	"unicode/utf8"
)

// reduce finds a shorter sequence that still fails: from the result no step can
// be taken away, and nothing that is special about a step. It is the delta
// debugging of Zeller and Hildebrandt, which takes blocks away before single
// steps. What is tried, and when, follows from the sequence and the answers alone.
// An error of fails ends it: the result is the best so far.
func reduce(q *Sequence, fails func(*Sequence) (bool, error)) (*Sequence, error) {
	r := &reducing{best: q, fails: fails}
	r.hurry()
	r.families()
	for shorter := true; shorter && r.err == nil; {
		was := r.kept
		r.blocks()
		r.plainer()
		shorter = r.kept > was
	}
	return r.best, r.err
}

type reducing struct {
	best  *Sequence
	fails func(*Sequence) (bool, error)
	kept  int // how often something could be taken away
	err   error
}

// accepts tries other steps, and keeps them if the sequence still fails.
func (r *reducing) accepts(steps []SequenceStep) bool {
	if r.err != nil || len(steps) == 0 {
		return false
	}
	next := *r.best
	next.Steps = steps
	ok, err := r.fails(&next)
	if r.err = err; err != nil || !ok {
		return false
	}
	r.best = &next
	r.kept++
	return true
}

// hurry takes away all pauses at once: what needs none is reduced in less time.
func (r *reducing) hurry() {
	steps := slices.Clone(r.best.Steps)
	waits := false
	for i := range steps {
		waits = waits || steps[i].After != ""
		steps[i].After = ""
	}
	if waits {
		r.accepts(steps)
	}
}

// families takes away whole records, and then whole events.
func (r *reducing) families() {
	for _, name := range []func(SequenceStep) string{
		func(s SequenceStep) string { return s.Entity },
		func(s SequenceStep) string { return s.ID },
	} {
		var names []string
		for _, s := range r.best.Steps {
			if !slices.Contains(names, name(s)) {
				names = append(names, name(s))
			}
		}
		for _, n := range names {
			rest := slices.DeleteFunc(slices.Clone(r.best.Steps), func(s SequenceStep) bool { return name(s) == n })
			if len(rest) < len(r.best.Steps) {
				r.accepts(rest)
			}
		}
	}
}

// blocks takes away steps that follow each other, half of them at first and one
// at last.
func (r *reducing) blocks() {
	for size := len(r.best.Steps) / 2; size > 0; size /= 2 {
		for i := 0; i+size <= len(r.best.Steps) && r.err == nil; {
			rest := slices.Concat(r.best.Steps[:i], r.best.Steps[i+size:])
			if !r.accepts(rest) {
				i += size
			}
		}
	}
}

// plainer takes away what is special about steps.
func (r *reducing) plainer() {
	for i := range r.best.Steps {
		for _, change := range []func(*SequenceStep) bool{
			func(s *SequenceStep) bool { was := s.After; s.After = ""; return was != "" },
			func(s *SequenceStep) bool { was := s.Restart; s.Restart = false; return was },
			func(s *SequenceStep) bool { was := s.LostAnswer; s.LostAnswer = false; return was },
			func(s *SequenceStep) bool { was := s.Forged; s.Forged = false; return was },
			func(s *SequenceStep) bool { was := s.Group; s.Group = 0; return was > 0 },
		} {
			steps := slices.Clone(r.best.Steps)
			if change(&steps[i]) {
				r.accepts(steps)
			}
		}
		for _, pointer := range sortedKeys(r.best.Steps[i].Edits) {
			if !r.edit(i, pointer, nil) {
				r.shorten(i, pointer)
			}
		}
	}
}

// edit gives an edit another value, or takes it away from all steps of the event.
func (r *reducing) edit(i int, pointer string, value json.RawMessage) bool {
	steps := slices.Clone(r.best.Steps)
	for j := range steps {
		if steps[j].ID != steps[i].ID {
			continue
		}
		edits := map[string]json.RawMessage{}
		for p, was := range steps[j].Edits {
			if p != pointer {
				edits[p] = was
			} else if value != nil {
				edits[p] = value
			}
		}
		if steps[j].Edits = edits; len(edits) == 0 {
			steps[j].Edits = nil
		}
	}
	return r.accepts(steps)
}

// shorten halves the text of an edit as long as it still fails.
func (r *reducing) shorten(i int, pointer string) {
	for {
		var text string
		if json.Unmarshal(r.best.Steps[i].Edits[pointer], &text) != nil || utf8.RuneCountInString(text) < 2 {
			return
		}
		runes := []rune(text)
		half := len(runes) / 2
		if !r.edit(i, pointer, json.RawMessage(quote(string(runes[:half])))) && !r.edit(i, pointer, json.RawMessage(quote(string(runes[half:])))) {
			return
		}
	}
}

// How much a sequence that fails may cost before the shortest so far is taken.
const (
	reducingDeliveries = 1500
	reducingTime       = time.Minute // where it is real
	confirmations      = 5           // how often it is sent again, before and after
	mostTries          = 12
)

var errEnough = errors.New("the sequence could be reduced further")

// reduceFailing reduces a sequence that was seen to fail, and notes the trial of
// the shortest one. A receiver with a race does not fail each time: what fails
// less often is tried more often.
func (s *session) reduceFailing(ctx context.Context, q *Sequence, flaw Flaw) error {
	until := ctx
	if !s.options.Virtual {
		limited, cancel := context.WithTimeout(ctx, reducingTime)
		defer cancel()
		until = limited
	}
	start := len(s.attempts)
	failed := 1
	for range confirmations - 1 {
		t, err := s.try(ctx, q, roleReducing)
		if err != nil {
			return err
		}
		if t.shows(flaw) {
			failed++
		}
	}
	tries := triesFor(failed, confirmations)
	short, err := reduce(q, func(next *Sequence) (bool, error) {
		for range tries {
			if until.Err() != nil || len(s.attempts)-start > reducingDeliveries {
				return false, errEnough
			}
			t, err := s.try(ctx, next, roleReducing)
			if nothing := notApplicable(""); errors.As(err, &nothing) {
				return false, nil
			}
			if err != nil || t.shows(flaw) {
				return err == nil, err
			}
		}
		return false, nil
	})
	if err != nil && !errors.Is(err, errEnough) {
		return err
	}
	return s.confirm(ctx, q, short, flaw, tries)
}

// confirm sends the shortest sequence some times more. What never fails again is
// no finding: a name may have been one that the receiver knew.
func (s *session) confirm(ctx context.Context, q, short *Sequence, flaw Flaw, tries int) error {
	var last *Trial
	failed, runs, most := 0, 0, max(confirmations, tries)
	if slices.ContainsFunc(short.Steps, func(step SequenceStep) bool { return step.Restart }) {
		most = 1
	}
	for range most {
		t, err := s.try(ctx, short, roleConfirm)
		if err != nil {
			return err
		}
		if runs++; t.shows(flaw) {
			failed++
			last = t
		}
	}
	if last == nil {
		s.trials[len(s.trials)-1].Error = fmt.Sprintf("it failed once, and not in %d further runs: %s", runs, q.Because)
		return nil
	}
	_, because := last.judge()
	done := *short
	done.Flaw, done.Because, done.Found, done.Failed, done.Runs = flaw, because, len(q.Steps), failed, runs
	last.Sequence = &done
	s.trials = append(s.trials, *last)
	return nil
}

// shows reports whether a trial failed, and in this way.
func (t *Trial) shows(flaw Flaw) bool { return t.Error == "" && t.flaw() == flaw }

// triesFor is how often what failed so many times of so many has to be sent until
// it fails once with 95 %.
func triesFor(failed, of int) int {
	if failed >= of {
		return 1
	}
	p := float64(failed) / float64(of)
	return min(int(math.Ceil(math.Log(0.05)/math.Log(1-p))), mostTries)
}
