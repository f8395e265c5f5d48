package scenario

import (
	"bytes"
	_ "embed"
	"io"
	"slices"

	"github.com/hookrig/hookrig/verifier"
)

//go:embed result.html
var pageText string

var page = verifier.Page(pageText)

// shownEvents is how many events the page shows with their payload, requests and
// answers: those of expectations that fail come first, then whatever was not
// delivered, then the rest.
const shownEvents = 200

// HTML writes the result as one page that needs no network and runs no script:
// steps, expectations, events with payload, requests and answers.
func (r *Result) HTML(w io.Writer) error {
	var b bytes.Buffer
	if err := page.Execute(&b, r.view()); err != nil {
		return err
	}
	_, err := b.WriteTo(w)
	return err
}

// pageView is what the page shows of a result.
type pageView struct {
	*Result
	Headline string
	Rows     []shownStep
	Shown    []shownEvent // in the order of the run
	More     int          // events that are not shown
}

type shownStep struct {
	*StepResult
	Deliveries, Taken int
}

type shownEvent struct {
	Index int
	*EventResult
	Exchanges []verifier.Exchange
}

// Open reports whether the event is what somebody looks for first.
func (e shownEvent) Open() bool { return e.Verdict != verifier.Pass }

func (r *Result) view() *pageView {
	v := &pageView{Result: r, Headline: map[verifier.Verdict]string{
		verifier.Pass: "As expected", verifier.Fail: "Not as expected", verifier.Inconclusive: "Not all could be seen", verifier.Skip: "Nothing was expected",
	}[r.Verdict]}
	for i := range r.Steps {
		row := shownStep{StepResult: &r.Steps[i], Deliveries: len(r.Steps[i].Events)}
		for _, n := range r.Steps[i].Events {
			if n < len(r.Events) && r.Events[n].Verdict == verifier.Pass {
				row.Taken++
			}
		}
		v.Rows = append(v.Rows, row)
	}
	for _, n := range r.toShow() {
		e := &r.Events[n]
		one := shownEvent{Index: n, EventResult: e}
		for i := range e.Outcome.Attempts {
			body := []byte(e.Planned.Body)
			if body == nil {
				body = e.Planned.Raw
			}
			one.Exchanges = append(one.Exchanges, verifier.ExchangeOf(e.Delivery, e.Planned.Event, body, &e.Outcome.Attempts[i]))
		}
		v.Shown = append(v.Shown, one)
	}
	v.More = len(r.Events) - len(v.Shown)
	return v
}

// toShow are the indexes of the events that the page has room for.
func (r *Result) toShow() []int {
	var first, second, third []int
	blamed := map[int]bool{}
	note := func(all []Expectation) {
		for _, e := range all {
			if e.Event != nil && e.Verdict == verifier.Fail {
				blamed[*e.Event] = true
			}
		}
	}
	note(r.Expectations)
	for i := range r.Steps {
		note(r.Steps[i].Expectations)
	}
	for n := range r.Events {
		switch {
		case blamed[n]:
			first = append(first, n)
		case r.Events[n].Verdict != verifier.Pass:
			second = append(second, n)
		default:
			third = append(third, n)
		}
	}
	all := slices.Concat(first, second, third)
	all = all[:min(len(all), shownEvents)]
	slices.Sort(all)
	return all
}
