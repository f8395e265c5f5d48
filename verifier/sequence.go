package verifier

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/schema"
)

// Sequence is a number of deliveries as data, with what went wrong when they
// were sent: enough to send them again. It holds no secrets and no addresses.
type Sequence struct {
	Provider string `json:"provider"`
	Contract string `json:"contract"` // digest of the document
	Seed     uint64 `json:"seed"`     // of the run that found it
	Check    string `json:"check"`    // that it fails
	Flaw     Flaw   `json:"flaw"`
	Because  string `json:"because"` // what was seen
	// Found is how many deliveries the sequence had before it was reduced.
	Found int `json:"found,omitempty"`
	// Failed of Runs is how often it failed when it was sent again at the end: a
	// receiver with a race does not fail each time.
	Failed int            `json:"failed,omitempty"`
	Runs   int            `json:"runs,omitempty"`
	Steps  []SequenceStep `json:"steps"`
}

// SequenceStep is one delivery of a Sequence. The zero values of all but the
// first three members are what the provider does.
type SequenceStep struct {
	// ID names the event: steps with one ID deliver one event, the same bytes
	// under the same delivery id.
	ID    string `json:"id"`
	Event string `json:"event"`
	// Body is the event's, as text where it is one, else in base64 as Raw. Each
	// time that the sequence is sent the values in it that name the record or the
	// event are replaced by new ones: receivers remember.
	Body string `json:"body,omitempty"`
	Raw  []byte `json:"raw,omitempty"`
	// Entity names the record that the event tells of: steps with one Entity tell
	// of one record. Empty: no other event tells of it.
	Entity string `json:"entity,omitempty"`
	// Edits are values, by JSON Pointer, that the body has instead of its own.
	Edits map[string]json.RawMessage `json:"edits,omitempty"`
	// Forged says that it is signed with a key that nobody shares.
	Forged bool `json:"forged,omitempty"`
	// LostAnswer says that the receiver's answer is thrown away unread.
	LostAnswer bool `json:"lostAnswer,omitempty"`
	// After is waited before the delivery, a duration as in contracts.
	After string `json:"after,omitempty"`
	// Restart says that the receiver is restarted before the delivery.
	Restart bool `json:"restart,omitempty"`
	// Group puts neighbours with the same number on the way at once. 0: alone.
	Group int `json:"group,omitempty"`
}

// Flaw is what a sequence shows.
type Flaw string

// The flaws, from the worst.
const (
	Believed Flaw = "believed" // an event had an effect that was never rightly signed
	Twice    Flaw = "twice"    // an event had its effect more often than once
	Lost     Flaw = "lost"     // an acknowledged event had no effect
	Stale    Flaw = "state"    // a record ends in another state than after its events in their order
	Refused  Flaw = "refused"  // an event was not accepted
)

//go:embed sequence.schema.json
var sequenceSchema []byte

var sequenceRule = sync.OnceValues(func() (*schema.Schema, error) {
	doc, err := schema.Read("sequence.schema.json", sequenceSchema, schema.Limits{})
	if err != nil {
		return nil, err
	}
	return schema.Compile(doc, "", schema.Options{})
})

// SequenceSchema is the JSON Schema (draft-07) of one sequence.
func SequenceSchema() []byte { return slices.Clone(sequenceSchema) }

// ReadSequences reads a file of sequences, JSON objects one a line. Name is used
// in messages. Errors are a *schema.Error with the place or an
// *UnknownCheckError.
func ReadSequences(name string, text []byte) ([]*Sequence, error) {
	var out []*Sequence
	for i, line := range bytes.Split(text, []byte("\n")) {
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		one, err := readSequence(name, i, line)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(out, func(other *Sequence) bool { return other.Check == one.Check }) {
			return nil, &schema.Error{File: name, Line: i + 1, Column: 1, Message: "a second sequence for " + one.Check}
		}
		out = append(out, one)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%s holds no sequence: nothing that takes several deliveries failed in the run that wrote it", name)
	}
	return out, nil
}

// readSequence reads the line after so many others.
func readSequence(name string, before int, line []byte) (*Sequence, error) {
	padded := append(bytes.Repeat([]byte("\n"), before), line...) // so that places are those of the file
	doc, err := schema.Read(name, padded, schema.Limits{})
	if err != nil {
		return nil, err
	}
	rule, err := sequenceRule()
	if err != nil {
		return nil, err
	}
	if broken := rule.Validate(line); len(broken) > 0 {
		return nil, doc.Errorf(broken[0].Pointer, "%s: expected %s, found %s", broken[0].Rule, broken[0].Expected, broken[0].Found)
	}
	q := new(Sequence)
	if err := json.Unmarshal(line, q); err != nil {
		return nil, doc.Errorf("", "%v", err)
	}
	if !slices.Contains(sequenceChecks(), q.Check) {
		return nil, &UnknownCheckError{Name: q.Check, Nearest: sequenceChecks()}
	}
	for i, s := range q.Steps {
		if s.Body != "" && !json.Valid([]byte(s.Body)) {
			return nil, doc.Errorf(fmt.Sprintf("/steps/%d/body", i), "it is no JSON")
		}
		if _, err := contracts.ParseDuration(s.After); s.After != "" && err != nil {
			return nil, doc.Errorf(fmt.Sprintf("/steps/%d/after", i), "%v", err)
		}
	}
	return q, nil
}

// takeSequences refuses sequences that this run cannot send.
func (o *Options) takeSequences() error {
	for _, q := range o.Sequences {
		if q.Provider != o.Contract.Provider() {
			return fmt.Errorf("the sequence is of %q, and the contract is that of %q", q.Provider, o.Contract.Provider())
		}
		for i := range q.Steps {
			if _, err := o.Contract.EventType(q.Steps[i].Event); err != nil {
				return err
			}
		}
	}
	if len(o.Only) == 0 {
		for _, q := range o.Sequences {
			o.Only = append(o.Only, q.Check)
		}
	}
	return nil
}

// foundWith is the digest of the contract that a given sequence was found with,
// where that is another one than the run's.
func (o *Options) foundWith() string {
	for _, q := range o.Sequences {
		if q.Contract != "" && q.Contract != o.Contract.Digest() {
			return q.Contract
		}
	}
	return ""
}

// sequenceChecks are the checks that send a sequence.
func sequenceChecks() (names []string) {
	for _, c := range table {
		if c.sequence != nil {
			names = append(names, c.name)
		}
	}
	return names
}

// Sequences writes the sequences of the report's findings, one a line, as
// ReadSequences takes them. A report without such findings writes nothing.
func (r *Report) Sequences(w io.Writer) error {
	for _, c := range r.Checks {
		if c.Sequence == nil {
			continue
		}
		var line bytes.Buffer
		enc := json.NewEncoder(&line)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(c.Sequence); err != nil {
			return err
		}
		if _, err := w.Write(line.Bytes()); err != nil {
			return err
		}
	}
	return nil
}

func sortedKeys(edits map[string]json.RawMessage) []string { return slices.Sorted(maps.Keys(edits)) }

func (s *SequenceStep) bytes() []byte {
	if s.Raw != nil {
		return s.Raw
	}
	return []byte(s.Body)
}

// wait is the pause before a step; what cannot be read is none, and was refused
// where it came from a file.
func (s *SequenceStep) wait() time.Duration {
	d, _ := contracts.ParseDuration(s.After)
	return d
}

// words tell a step to people.
func (s *SequenceStep) words() string {
	out := s.Event + " (" + s.ID + ")"
	var more []string
	add := func(is bool, what string) {
		if is {
			more = append(more, what)
		}
	}
	add(s.After != "", "after "+s.After)
	add(s.Restart, "after a restart")
	add(s.Forged, "forged")
	add(s.LostAnswer, "its answer is lost, so that it comes again")
	for _, pointer := range sortedKeys(s.Edits) {
		add(true, pointer+" = "+shorten(string(s.Edits[pointer]), 60))
	}
	if len(more) > 0 {
		out += " [" + strings.Join(more, ", ") + "]"
	}
	return out
}

// words tell the deliveries to people: those that are under way at once stand
// within braces.
func (q *Sequence) words() string {
	var parts []string
	for i := 0; i < len(q.Steps); {
		n := q.together(i)
		if n == 1 {
			parts = append(parts, q.Steps[i].words())
		} else {
			var group []string
			for _, s := range q.Steps[i : i+n] {
				group = append(group, s.words())
			}
			parts = append(parts, "{"+strings.Join(group, " ∥ ")+"}")
		}
		i += n
	}
	return strings.Join(parts, " → ")
}

// legend says what the names of the events mean, where records have several.
func (q *Sequence) legend() string {
	for _, s := range q.Steps {
		if number, ok := strings.CutPrefix(s.ID, s.Entity); ok && s.Entity != "" && number != "" {
			return fmt.Sprintf(" (%s: event %s of the record %s)", s.ID, number, s.Entity)
		}
	}
	return ""
}

// together is how many steps from i on are under way at once.
func (q *Sequence) together(i int) int {
	n := 1
	for g := q.Steps[i].Group; g > 0 && i+n < len(q.Steps) && q.Steps[i+n].Group == g && n < together; {
		n++
	}
	return n
}
