// Package infer makes a contract out of recorded bodies: a skeleton to begin
// with, where a provider documents nothing.
//
// What samples show is not what a provider promises. So everything in the
// document is marked as assumed, optional members say in how many bodies they
// were, and nothing is taken for a limit: no length, no range, no end of a list.
// Formats are claimed only where every sample has them, listed values only where
// few values came back often. Bodies themselves are left out unless they are
// asked for: they hold people's data.
//
// Memory is bounded by what the bodies have in common, not by their number.
package infer

import (
	"errors"
	"fmt"
	"iter"
	"net/http"
	"slices"
	"strings"
)

// Sample is one recorded body.
type Sample struct {
	Body   []byte
	Header http.Header // as recorded; nil: nobody wrote it down
	Event  string      // what whoever recorded it calls the event; "" if unknown
	Where  string      // file and line, for messages
}

// Options of Infer. The zero Options guess everything.
type Options struct {
	Provider string // short name, [a-z][a-z0-9-]*; "" is "inferred"
	// At is the JSON Pointer at which bodies say which event they are, for example
	// "/type"; "/events/*/type" where a body is a list of events. Header names a
	// header instead. Without either it is guessed.
	At, Header string
	// Event names the one event that all bodies are; nothing is looked for then.
	Event string
	// Examples is how many bodies of each event are shown as examples. 0: none.
	Examples int
}

// Result is what was inferred.
type Result struct {
	Document []byte // the contract, an AsyncAPI document in YAML
	Events   []Count
	// At or Header is where bodies say which event they are; empty where all are
	// taken for one. Guessed is set where nobody had said so.
	At, Header string
	Guessed    bool
	Bodies     int // that the contract was made from
	Skipped    int // that were not usable
	// Problems are the first of those, with where and why.
	Problems []string
	// Notes are what a person should look at.
	Notes []string
}

// Count is one event and how many bodies had it.
type Count struct {
	Event  string `json:"event"`
	Bodies int    `json:"bodies"`
}

// ErrNothing: there was no body to infer anything from.
var ErrNothing = errors.New("there is no usable body")

// Bounds: recordings are untrusted.
const (
	mostProblems = 10
	mostEvents   = 2000
	mostNodes    = 20_000 // places of all events together
	mostMembers  = 256    // names of one object; beyond, it is a map
	longestName  = 200    // of a member, in bytes; beyond, it is a key of a map
	mostDepth    = 60     // levels that are looked at: each makes two of the document's 200
	mostLevels   = 200    // of a body
)

// EventsError: what was taken for the name of the event has too many values.
type EventsError struct{ At string }

// Error names the place.
func (e *EventsError) Error() string {
	return fmt.Sprintf("what stands at %s has more than %d values: it does not name events", e.At, mostEvents)
}

// Hint says how to name the right place.
func (e *EventsError) Hint() string { return "say where events are named: --event-at /type" }

// Infer makes a contract from samples. They are read twice where the place of
// the event's name has to be guessed. An error that the samples yield ends it;
// bodies that are no JSON are counted and passed over. Other errors are
// ErrNothing and *EventsError.
func Infer(samples iter.Seq2[Sample, error], o Options) (*Result, error) {
	in := &inference{options: o, result: &Result{At: o.At, Header: o.Header}, events: map[string]*event{}, nodes: mostNodes}
	if o.At == "" && o.Header == "" && o.Event == "" {
		if err := in.guess(samples); err != nil {
			return nil, err
		}
	}
	for s, err := range samples {
		if err != nil {
			return nil, err
		}
		if err := in.add(s); err != nil {
			return nil, err
		}
	}
	if in.result.Bodies == 0 {
		return in.result, ErrNothing
	}
	for _, e := range in.inOrder() {
		in.result.Events = append(in.result.Events, Count{e.name, e.bodies})
	}
	in.notes()
	in.result.Document = in.document()
	return in.result, nil
}

// inference is a contract on its way.
type inference struct {
	options Options
	result  *Result
	events  map[string]*event
	nodes   int // places that may still be made
	crowded bool
	signed  []string // headers that look like signatures
}

// event is what was seen of one event.
type event struct {
	name     string
	bodies   int
	body     *place
	examples [][]byte
}

func (in *inference) inOrder() []*event {
	var names []string
	for name := range in.events {
		names = append(names, name)
	}
	slices.Sort(names)
	out := make([]*event, len(names))
	for i, name := range names {
		out[i] = in.events[name]
	}
	return out
}

// problem notes a body that is of no use.
func (in *inference) problem(s Sample, format string, args ...any) {
	in.result.Skipped++
	if len(in.result.Problems) < mostProblems {
		in.result.Problems = append(in.result.Problems, s.Where+": "+fmt.Sprintf(format, args...))
	}
}

// add takes one body in. The error means that nothing sensible can come of it.
func (in *inference) add(s Sample) error {
	v, err := parse(s.Body)
	if err != nil {
		in.problem(s, "%v", err)
		return nil
	}
	for name := range s.Header {
		if low := strings.ToLower(name); !slices.Contains(in.signed, name) && len(in.signed) < mostProblems &&
			(strings.Contains(low, "signature") || strings.Contains(low, "hmac")) {
			in.signed = append(in.signed, name)
		}
	}
	list, why := in.split(s, v)
	if why != "" {
		in.problem(s, "%s", why)
		return nil
	}
	in.result.Bodies++
	for _, one := range list {
		e := in.events[one.name]
		if e == nil {
			if len(in.events) == mostEvents {
				return &EventsError{in.result.At + in.result.Header}
			}
			e = &event{name: one.name, body: &place{}}
			in.events[one.name] = e
		}
		e.bodies++
		in.see(e.body, one.body, 0)
		if len(e.examples) < in.options.Examples && len(list) == 1 {
			e.examples = append(e.examples, slices.Clone(s.Body))
		}
	}
	return nil
}

// named is a body, or one event of several in a body, with its name.
type named struct {
	name string
	body any
}

const badName = "a name is one line of at most 300 bytes"

// split tells which events a body holds, or why that cannot be told.
func (in *inference) split(s Sample, v any) ([]named, string) {
	r := in.result
	switch {
	case r.Header != "":
		name := s.Header.Get(r.Header)
		if !isName(name) {
			return nil, fmt.Sprintf("its header %s names no event (%s)", r.Header, badName)
		}
		return []named{{name, v}}, ""
	case r.At == "":
		name := in.options.Event
		if name == "" {
			name = "event"
		}
		return []named{{name, v}}, ""
	}
	each, member, several := strings.Cut(r.At, "/*")
	if !several {
		name, _ := at(v, r.At).(string)
		if !isName(name) {
			return nil, fmt.Sprintf("there is no event's name at %s (%s)", r.At, badName)
		}
		return []named{{name, v}}, ""
	}
	items, ok := at(v, each).([]any)
	if !ok || len(items) == 0 {
		return nil, "there is no list of events at " + each
	}
	var out []named
	for i, item := range items {
		name, _ := at(item, member).(string)
		if !isName(name) {
			return nil, fmt.Sprintf("there is no event's name at %s/%d%s (%s)", each, i, member, badName)
		}
		out = append(out, named{name, with(v, tokens(each), []any{item})})
	}
	return out, ""
}

func isName(s string) bool {
	return s != "" && len(s) <= 300 && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f || r == '\ufffd' })
}

// notes tell what a person should look at.
func (in *inference) notes() {
	r := in.result
	say := func(format string, args ...any) { r.Notes = append(r.Notes, fmt.Sprintf(format, args...)) }
	switch {
	case r.Guessed && r.Header != "":
		say("guessed: the header %s names the event", r.Header)
	case r.Guessed && r.At != "":
		say("guessed: %s names the event", r.At)
	case r.At == "" && r.Header == "" && in.options.Event == "":
		say("nothing in the bodies names their event: all are taken for one")
	}
	few := 0
	for _, e := range r.Events {
		if e.Bodies < 20 {
			few++
		}
	}
	if few > 0 {
		say("fewer than 20 bodies of %d of %d events: what is required and listed there is a guess", few, len(r.Events))
	}
	slices.Sort(in.signed)
	for _, name := range in.signed {
		say("the header %s looks like a signature: say how it is made in x-hookrig.signature", name)
	}
	if in.crowded {
		say("the bodies have more different members than are looked at; objects with very many are taken for maps")
	}
}
