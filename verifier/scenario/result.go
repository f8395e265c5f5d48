package scenario

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/hookrig/hookrig/internal/junit"
	"github.com/hookrig/hookrig/mockserver"
	"github.com/hookrig/hookrig/verifier"
)

// Result is how a run went.
type Result struct {
	Scenario     string           `json:"scenario"`
	About        string           `json:"about,omitempty"`
	Seed         uint64           `json:"seed"`
	Providers    []string         `json:"providers"`
	Verdict      verifier.Verdict `json:"verdict"` // fail if anything failed, else inconclusive if anything was not seen
	Steps        []StepResult     `json:"steps"`
	Expectations []Expectation    `json:"expectations,omitempty"` // in the end
	Events       []EventResult    `json:"events"`
}

// StepResult is how a step went.
type StepResult struct {
	Step         int              `json:"step"` // from 1
	Name         string           `json:"name"`
	Order        string           `json:"order,omitempty"`
	Line         int              `json:"line"` // in the scenario's file
	Events       []int            `json:"events,omitempty"`
	Verdict      verifier.Verdict `json:"verdict"` // skip where nothing is expected
	Expectations []Expectation    `json:"expectations,omitempty"`
}

// Expectation is what was expected, and what was found.
type Expectation struct {
	Of      string           `json:"of"` // answers, effects or state
	Want    string           `json:"want"`
	Verdict verifier.Verdict `json:"verdict"`
	Found   string           `json:"found,omitempty"` // where it does not pass
	Event   *int             `json:"event,omitempty"` // the first that fails: its index
}

// EventResult is how a delivery went.
type EventResult struct {
	Planned  Row                `json:"planned"`
	Delivery string             `json:"delivery,omitempty"`
	Outcome  mockserver.Outcome `json:"outcome"`
	Error    string             `json:"error,omitempty"` // why it could not be made
	// Verdict: pass if it was delivered, fail if the receiver did not take it,
	// inconclusive if that is not the receiver's doing.
	Verdict verifier.Verdict `json:"verdict"`
}

// result is the form that Run fills in.
func (p *Plan) result() *Result {
	r := &Result{Scenario: p.Scenario.Name, About: p.Scenario.About, Seed: p.Seed, Providers: p.Providers, Verdict: verifier.Inconclusive}
	for i := range p.Steps {
		s := &p.Steps[i]
		line, _ := p.Scenario.doc.Position(s.pointer)
		r.Steps = append(r.Steps, StepResult{Step: i + 1, Name: s.Name, Order: s.Order, Line: line, Events: s.Events, Verdict: verifier.Inconclusive})
	}
	for i := range p.Events {
		r.Events = append(r.Events, EventResult{Planned: p.Events[i].Row(), Verdict: verifier.Inconclusive})
	}
	return r
}

func (e *EventResult) judge() {
	switch {
	case !e.ended():
		e.Verdict = verifier.Inconclusive
	case e.Outcome.State == mockserver.Delivered:
		e.Verdict = verifier.Pass
	default:
		e.Verdict = verifier.Fail
	}
}

// ended reports whether the delivery ended by what the receiver did.
func (e *EventResult) ended() bool {
	return e.Outcome.State == mockserver.Delivered || e.Outcome.State == mockserver.Exhausted
}

func (e *EventResult) why() string {
	if e.Error != "" {
		return brief(e.Error)
	}
	return brief(e.Outcome.Reason)
}

func (s *StepResult) judge() { s.Verdict = worst(s.Expectations) }

// end judges the whole run.
func (r *Result) end() {
	all := r.Expectations
	for _, s := range r.Steps {
		all = append(all[:len(all):len(all)], s.Expectations...)
	}
	r.Verdict = worst(all)
}

// worst is the verdict on several expectations; skip where there are none.
func worst(all []Expectation) verifier.Verdict {
	out := verifier.Skip
	for _, e := range all {
		switch {
		case e.Verdict == verifier.Fail, out == verifier.Skip, out == verifier.Pass:
			out = e.Verdict
		}
		if out == verifier.Fail {
			break
		}
	}
	return out
}

// JSON writes the result as one JSON object.
func (r *Result) JSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e.Encode(r)
}

// Text writes the result for people: a line a step, and what was found where it
// does not pass.
func (r *Result) Text(w io.Writer) error {
	var b strings.Builder
	for i := range r.Steps {
		r.Steps[i].text(&b)
	}
	for _, e := range r.Expectations {
		fmt.Fprintf(&b, "%-12s in the end, %s\n", e.Verdict, e.text())
	}
	fmt.Fprintf(&b, "%s: %s (seed %d, %d deliveries)\n", verifier.Printable(r.Scenario), r.Verdict, r.Seed, len(r.Events))
	_, err := io.WriteString(w, b.String())
	return err
}

// String is the step as Text writes it.
func (s StepResult) String() string {
	var b strings.Builder
	s.text(&b)
	return b.String()
}

func (s *StepResult) text(b *strings.Builder) {
	verdict := string(s.Verdict)
	if s.Verdict == verifier.Skip {
		verdict = "-"
	}
	fmt.Fprintf(b, "%-12s %d %s", verdict, s.Step, verifier.Printable(s.Name))
	if s.Order != "" && s.Order != "order" {
		fmt.Fprintf(b, " (%s)", verifier.Printable(s.Order))
	}
	fmt.Fprintf(b, ", deliveries: %d\n", len(s.Events))
	for _, e := range s.Expectations {
		if e.Verdict != verifier.Pass {
			fmt.Fprintf(b, "%-12s   line %d, %s\n", "", s.Line, e.text())
		}
	}
}

// text is for terminals: a receiver or an oracle may have written a part of it.
func (e *Expectation) text() string {
	out := "expected " + e.Of + " " + e.Want
	if e.Found != "" {
		out += ": " + e.Found
	}
	return verifier.Printable(out)
}

// JUnit writes the result as JUnit XML: a test case an expectation. What is
// inconclusive is skipped there, as JUnit has no word for it.
func (r *Result) JUnit(w io.Writer) error {
	suite := junit.Suite{Name: r.Scenario}
	add := func(where string, took time.Duration, all []Expectation) {
		for i, e := range all {
			c := junit.Case{Class: r.Scenario, Name: where + ": " + e.Of + " " + e.Want}
			if i == 0 { // the time is the step's
				c.Time = junit.Seconds(took.Seconds())
			}
			switch e.Verdict {
			case verifier.Fail:
				c.Failure = &junit.Message{Message: verifier.Printable(e.Found)}
			case verifier.Inconclusive:
				c.Skipped = &junit.Message{Message: verifier.Printable(e.Found)}
			}
			suite.Add(c)
		}
	}
	for _, s := range r.Steps {
		var took time.Duration
		for _, n := range s.Events {
			for _, a := range r.Events[n].Outcome.Attempts {
				took += a.Took
			}
		}
		add(fmt.Sprintf("%d %s", s.Step, s.Name), took, s.Expectations)
	}
	add("in the end", 0, r.Expectations)
	return (&junit.Report{Name: "hookrig run " + r.Scenario, Suites: []junit.Suite{suite}}).Write(w)
}
