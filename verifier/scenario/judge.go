package scenario

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/hookrig/hookrig/mockserver"
	"github.com/hookrig/hookrig/verifier"
)

func (e *Expect) compares() bool {
	word := string(bytes.TrimSpace(e.State))
	return word == `"unchanged"` || word == `"changed"`
}

// judge judges a step.
func (r *runner) judge(ctx context.Context, i int) error {
	step := &r.plan.Steps[i]
	var err error
	r.result.Steps[i].Expectations, err = r.expect(ctx, step.Expect, step.Events)
	r.result.Steps[i].judge()
	return err
}

// judgeEnd judges all events in the end.
func (r *runner) judgeEnd(ctx context.Context) error {
	all := make([]int, len(r.plan.Events))
	for n := range all {
		all[n] = n
	}
	var err error
	r.result.Expectations, err = r.expect(ctx, r.plan.Scenario.Expect, all)
	return err
}

// expect judges some events by what is expected of them.
func (r *runner) expect(ctx context.Context, e *Expect, events []int) (out []Expectation, err error) {
	if e == nil {
		return nil, nil
	}
	settle := r.plan.Scenario.Settle
	if r.o.Settle > 0 {
		settle = r.o.Settle
	}
	if e.Effects != nil && r.o.Oracle != nil || e.State != nil && r.o.State != nil {
		if err := pause(ctx, settle); err != nil {
			return nil, err
		}
	}
	if e.Answers != "" {
		out = append(out, r.answers(e.Answers, events))
	}
	if e.Effects != nil {
		out = append(out, r.effects(ctx, *e.Effects, events))
	}
	if e.State != nil {
		out = append(out, r.state(ctx, e.State, events))
	}
	return out, ctx.Err()
}

// tally puts the verdicts on single events together: one that fails is told, and
// nothing passes that was not seen.
type tally struct {
	Expectation
	passed, failed, unseen int
	because                string // why something was not seen
}

func (t *tally) fail(n int, format string, args ...any) {
	if t.failed++; t.failed == 1 {
		t.Event, t.Found = &n, fmt.Sprintf(format, args...)
	}
}

func (t *tally) unknown(because string) {
	t.unseen++
	if t.because == "" {
		t.because = because
	}
}

func (t *tally) verdict() Expectation {
	switch {
	case t.failed > 0:
		t.Verdict = verifier.Fail
		if t.failed > 1 {
			t.Found += fmt.Sprintf("; and %d more", t.failed-1)
		}
	case t.passed == 0 || t.unseen > 0:
		t.Verdict, t.Found = verifier.Inconclusive, t.because
		if t.because == "" {
			t.Found = "no provider tells of it"
		}
	default:
		t.Verdict = verifier.Pass
	}
	return t.Expectation
}

func (r *runner) answers(want string, events []int) Expectation {
	t := tally{Expectation: Expectation{Of: "answers", Want: want}}
	for _, n := range events {
		e := &r.result.Events[n]
		found := ""
		answered := 0
		for i := range e.Outcome.Attempts {
			a := &e.Outcome.Attempts[i]
			if a.Ours || a.Status == 0 && a.Failure == "tampered" {
				continue
			}
			answered++
			if status := strconv.Itoa(a.Status); found == "" && want != "success" && status != want && status[:1]+"xx" != want {
				found = answer(a)
			}
		}
		switch {
		case e.Planned.Tamper == "drop":
		case answered == 0:
			t.unknown("a delivery could not be made: " + e.why())
		case want == "success" && e.Outcome.State == mockserver.Exhausted:
			t.fail(n, "%s ended as %s: %s", r.eventName(n), e.Outcome.State, answer(&e.Outcome.Attempts[len(e.Outcome.Attempts)-1]))
		case found != "":
			t.fail(n, "%s: %s", r.eventName(n), found)
		case !e.ended():
			t.unknown("a delivery could not be made to its end: " + e.why())
		default:
			t.passed++
		}
	}
	return t.verdict()
}

// answer is what came back, in words.
func answer(a *mockserver.Attempt) string {
	if a.Failure != "" {
		return "no answer (" + a.Failure + ")"
	}
	return fmt.Sprintf("answer %d", a.Status)
}

func (r *runner) eventName(n int) string {
	t := r.plan.Events[n].Event.Type
	return t.Contract().Provider() + " " + t.Name()
}

func (r *runner) effects(ctx context.Context, want int, events []int) Expectation {
	t := tally{Expectation: Expectation{Of: "effects", Want: strconv.Itoa(want)}}
	if r.o.Oracle == nil {
		t.unknown("no oracle counts effects")
		return t.verdict()
	}
	looked, blind := 0, 0
	for _, n := range events {
		e := &r.plan.Events[n]
		first := r.plan.first(n)
		switch {
		case e.Copy > 0: // asked for once
			continue
		case !verifier.Sees(r.o.Oracle, e.Event):
			blind++
			continue
		case r.strange[first] != "":
			t.unknown(r.strange[first])
			continue
		}
		looked++
		id := r.idOf(n)
		if _, told := r.o.Oracle.(verifier.Attentive); told {
			id = r.toldOf(n)
		}
		had, err := r.o.Oracle.Effects(ctx, e.Event, id)
		switch {
		case err != nil:
			t.unknown("the oracle could not be asked: " + brief(r.veil.Text(err.Error())))
		case had == want:
			t.passed++
		case had < want && !r.reached[first]:
			if e.Tamper != "drop" {
				t.unknown("a delivery could not be made: " + r.result.Events[n].why())
			} else if t.because == "" {
				t.because = "nothing of it was sent"
			}
		default:
			t.fail(n, "%s had %d", r.eventName(n), had)
		}
	}
	if blind > 0 {
		t.unknown(fmt.Sprintf("the oracle can be asked for %d of %d events", looked, looked+blind))
	}
	return t.verdict()
}

func (r *runner) state(ctx context.Context, want json.RawMessage, events []int) Expectation {
	var word string
	_ = json.Unmarshal(want, &word) // "" where members are wanted
	t := tally{Expectation: Expectation{Of: "state", Want: word}}
	if word == "" {
		t.Want = string(want)
	}
	if r.o.State == nil {
		t.unknown("no oracle shows states")
		return t.verdict()
	}
	subjects := r.subjects(events)
	if blind := r.unseen(events, subjects); blind != "" {
		t.unknown("the oracle can be asked for no event of " + blind)
	}
	for _, n := range subjects {
		state, err := r.o.State.State(ctx, r.plan.Events[n].Event, r.idOf(n))
		if err != nil {
			t.unknown("the oracle could not be asked: " + brief(r.veil.Text(err.Error())))
			continue
		}
		began, looked := r.began[n]
		switch {
		case !looked && (word == "unchanged" || word == "changed"):
			t.unknown("nobody looked before")
		case holds(word, want, began, state):
			t.passed++
		case !r.reached[r.plan.first(n)]:
			t.unknown("a delivery never came: " + r.result.Events[n].why())
		default:
			t.fail(n, "after %s it is %s", r.eventName(n), r.shown(state))
		}
	}
	return t.verdict()
}

func (r *runner) shown(state json.RawMessage) string {
	if verifier.SameState(state, nil) {
		return "not known"
	}
	return brief(r.veil.Text(string(state)))
}

// brief is the start of what somebody else wrote. It never ends within a
// character.
func brief(text string) string {
	const most = 200 // characters
	if r := []rune(strings.ToValidUTF8(text, "\ufffd")); len(r) > most {
		return string(r[:most]) + "…"
	}
	return strings.ToValidUTF8(text, "\ufffd")
}

// holds reports whether a state is what is wanted.
func holds(word string, want, began, state json.RawMessage) bool {
	switch word {
	case "known":
		return !verifier.SameState(state, nil)
	case "gone":
		return verifier.SameState(state, nil)
	case "unchanged":
		return verifier.SameState(began, state)
	case "changed":
		return !verifier.SameState(began, state)
	}
	return verifier.HasState(state, want)
}
