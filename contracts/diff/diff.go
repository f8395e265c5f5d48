// Package diff compares two versions of a contract from the receiver's side.
//
// A receiver is written for the old version and gets what the new one sends.
// So whatever the new version allows and the old one does not is breaking, and
// whatever it no longer allows is not: a text that may be longer breaks, one
// that is shorter does not. A promise that is taken back (a member, an event, a
// longer time-out) breaks too. [Compare] lists the changes as values.
//
// Schemas are compared by what they mean: "$ref", "allOf" and alternatives are
// followed, titles, examples and provenance play no part. What an event means is
// compared as far as the contracts say it: its record, its causes, what members
// stand for. What cannot be decided is Unclear, with the reason; nothing is
// called compatible by guess.
package diff

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/hookrig/hookrig/contracts"
)

// Effect is what a change means for a receiver of the old version.
type Effect string

// The effects, from the worst.
const (
	Breaking   Effect = "breaking"   // the new version sends what the old one excludes, or takes a promise back
	Unclear    Effect = "unclear"    // nobody can tell from the contracts alone
	Compatible Effect = "compatible" // everything that is sent keeps the old version
)

// rank sorts effects, the worst first.
func (e Effect) rank() int { return slices.Index([]Effect{Breaking, Unclear, Compatible}, e) }

// Parts of a contract that change.
const (
	PartEvent        = "event"        // whether there is such an event
	PartPayload      = "payload"      // the body
	PartRequest      = "request"      // method, path, content type, headers, where the event's name stands
	PartDelivery     = "delivery"     // success, time-out, retries, order
	PartIdentity     = "identity"     // what makes two deliveries the same event
	PartSignature    = "signature"    // how deliveries are authenticated
	PartRegistration = "registration" // what can be registered together
	PartLifecycle    = "lifecycle"    // which record the event tells of, and what becomes of it
	PartCause        = "cause"        // when the event is sent
	PartMeaning      = "meaning"      // what a member of the body stands for
)

// Change is one difference between two versions.
type Change struct {
	// Events that it concerns, in the order of the new contract; empty where it
	// concerns the whole contract.
	Events []string `json:"events,omitempty"`
	// Every is set where these are all events that both versions have.
	Every bool   `json:"every,omitempty"`
	Part  string `json:"part"`
	// Pointer is a JSON Pointer: of PartPayload and PartMeaning into the body, "*"
	// standing for any item or any further member; of the others into x-hookrig.
	Pointer string `json:"pointer"`
	Rule    string `json:"rule"` // which promise changed, such as "member-removed"
	Effect  Effect `json:"effect"`
	Message string `json:"message"` // one line for people
	// Value is one that the new version allows at Pointer and the old one does
	// not; nil where none was looked for or found.
	Value json.RawMessage `json:"value,omitempty"`
}

// String is the change on one line.
func (c Change) String() string {
	where := c.Pointer
	if c.Part != PartPayload && c.Part != PartMeaning {
		where = c.Part + c.Pointer
	} else if where == "" {
		where = "(body)"
	}
	return fmt.Sprintf("%s: %s: %s (%s)", where, c.Effect, c.Message, c.Rule)
}

// Worst is the worst effect among changes, "" where there are none.
func Worst(changes []Change) Effect {
	if len(changes) == 0 {
		return ""
	}
	return slices.MinFunc(changes, func(a, b Change) int { return cmp.Compare(a.Effect.rank(), b.Effect.rank()) }).Effect
}

// Compare lists what a receiver of one contract meets when its provider sends
// by the other one: first what concerns the whole contract, then what concerns
// every event, then the rest in the order of the new contract. The same change
// in several events is listed once. A contract compared with itself has none.
//
// The error is a *schema.Error: a payload does not compile.
func Compare(before, after *contracts.Contract) ([]Change, error) {
	c := newComparer()
	shared, gone, added := pair(before, after)
	renamed, err := c.renames(before, gone, added)
	if err != nil {
		return nil, err
	}
	all := append(ofContract(before, after), ofEvents(gone, added, renamed)...)
	for _, p := range append(shared, renamed...) {
		of, err := c.event(p)
		if err != nil {
			return nil, err
		}
		all = append(all, of...)
	}
	return merge(all, names(shared, renamed)), nil
}

// CompareEvents lists the changes of one event between two contracts, as
// Compare does for all.
func CompareEvents(before, after *contracts.EventType) ([]Change, error) {
	return newComparer().event(eventPair{before, after})
}

// eventPair is an event in both versions.
type eventPair struct{ before, after *contracts.EventType }

// pair finds the events that both versions have, in the order of the new one.
func pair(before, after *contracts.Contract) (shared []eventPair, gone, added []*contracts.EventType) {
	for _, t := range after.EventTypes() {
		if was, err := before.EventType(t.Name()); err == nil {
			shared = append(shared, eventPair{was, t})
		} else {
			added = append(added, t)
		}
	}
	for _, t := range before.EventTypes() {
		if _, err := after.EventType(t.Name()); err != nil {
			gone = append(gone, t)
		}
	}
	return shared, gone, added
}

// renames pairs an event that is gone with a new one whose body is the same but
// for the event's name. Where several would do, the one with the same title
// has it, or nobody.
func (c *comparer) renames(before *contracts.Contract, gone, added []*contracts.EventType) ([]eventPair, error) {
	d := before.Discriminator()
	named := d.Pointer
	if d.Each != "" {
		named = d.Each + "/*" + d.Pointer
	}
	matches := map[*contracts.EventType][]*contracts.EventType{}
	for _, was := range gone {
		for _, is := range added {
			if len(gone)*len(added) > mostRenames && was.Title() != is.Title() {
				continue
			}
			changes, err := c.payload(eventPair{was, is})
			if err != nil {
				return nil, err
			}
			if !slices.ContainsFunc(changes, func(ch Change) bool { return ch.Pointer != named }) {
				matches[was] = append(matches[was], is)
				matches[is] = append(matches[is], was)
			}
		}
	}
	var out []eventPair
	for _, was := range gone {
		for _, is := range matches[was] {
			alone := len(matches[was]) == 1 && len(matches[is]) == 1
			if alone || was.Title() != "" && was.Title() == is.Title() {
				out = append(out, eventPair{was, is})
				break
			}
		}
	}
	return out, nil
}

// mostRenames bounds how many pairs of events are compared in search of renames.
const mostRenames = 400

// ofEvents are the changes of which events there are.
func ofEvents(gone, added []*contracts.EventType, renamed []eventPair) (out []Change) {
	isRenamed := func(t *contracts.EventType) bool {
		return slices.ContainsFunc(renamed, func(p eventPair) bool { return p.before == t || p.after == t })
	}
	for _, p := range renamed {
		out = append(out, Change{
			Events: []string{p.after.Name()}, Part: PartEvent, Rule: "event-renamed", Effect: Breaking,
			Message: fmt.Sprintf("%q is now called %q", p.before.Name(), p.after.Name()),
		})
	}
	for _, t := range gone {
		if !isRenamed(t) {
			out = append(out, Change{Events: []string{t.Name()}, Part: PartEvent, Rule: "event-removed", Effect: Breaking, Message: "the event is no longer sent"})
		}
	}
	for _, t := range added {
		if !isRenamed(t) {
			out = append(out, Change{
				Events: []string{t.Name()}, Part: PartEvent, Rule: "event-added", Effect: Compatible,
				Message: "a new event: a receiver that does not know it has to acknowledge it all the same",
			})
		}
	}
	return out
}

// event compares one event of both versions.
func (c *comparer) event(p eventPair) ([]Change, error) {
	out, err := c.payload(p)
	if err != nil {
		return nil, err
	}
	if p.before.Name() != p.after.Name() { // told as a rename
		out = nil
	}
	meaning, err := ofMeaning(p)
	if err != nil {
		return nil, err
	}
	out = slices.Concat(ofRequest(p), ofIdentity(p), ofDelivery(p), out, meaning)
	for i := range out {
		out[i].Events = []string{p.after.Name()}
	}
	return out, nil
}

// payload compares the bodies of an event.
func (c *comparer) payload(p eventPair) ([]Change, error) {
	was, err := p.before.Schema()
	if err != nil {
		return nil, err
	}
	is, err := p.after.Schema()
	if err != nil {
		return nil, err
	}
	c.steps = 0
	out := slices.Clone(c.compare(conj{was.Node()}, conj{is.Node()}))
	if c.over {
		out = append(out, Change{Rule: "limit", Effect: Unclear, Message: "the schemas are too large to be compared in full"})
	}
	for i := range out {
		out[i].Part = PartPayload
	}
	return out, nil
}

func names(groups ...[]eventPair) (out []string) {
	for _, g := range groups {
		for _, p := range g {
			out = append(out, p.after.Name())
		}
	}
	return out
}

// merge says what several events have in common once.
func merge(all []Change, shared []string) []Change {
	at := map[string]int{}
	var out []Change
	for _, ch := range all {
		key := strings.Join([]string{ch.Part, ch.Pointer, ch.Rule, string(ch.Effect), ch.Message, string(ch.Value)}, "\x00")
		if i, ok := at[key]; ok && len(ch.Events) > 0 && len(out[i].Events) > 0 {
			if !slices.Contains(out[i].Events, ch.Events[0]) {
				out[i].Events = append(out[i].Events, ch.Events[0])
			}
			continue
		}
		at[key] = len(out)
		out = append(out, ch)
	}
	for i := range out {
		out[i].Every = len(out[i].Events) > 1 && len(out[i].Events) == len(shared) && out[i].Part != PartEvent
	}
	slices.SortStableFunc(out, func(a, b Change) int { return cmp.Compare(breadth(a), breadth(b)) })
	return out
}

// breadth is 0 for the whole contract, 1 for every event, 2 for some.
func breadth(c Change) int {
	switch {
	case len(c.Events) == 0:
		return 0
	case c.Every:
		return 1
	}
	return 2
}
