package diff

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/schema"
)

// This file compares what bodies do not show: which record an event tells of, when
// it is sent, and what its members stand for.

// ofMeaning compares what a contract says an event means.
func ofMeaning(p eventPair) ([]Change, error) {
	was, err := bindingsOf(p.before)
	if err != nil {
		return nil, err
	}
	is, err := bindingsOf(p.after)
	if err != nil {
		return nil, err
	}
	return slices.Concat(ofLifecycle(p), ofCauses(p.before.Causes(), p.after.Causes()), ofBindings(was, is)), nil
}

// ofLifecycle compares an event's place in the life of a record. The name of the
// kind of record is the contract's own word: receivers never meet it.
func ofLifecycle(p eventPair) []Change {
	life, was := p.before.Contract().EntityOf(p.before)
	next, is := p.after.Contract().EntityOf(p.after)
	one := func(entity, rule string, effect Effect, message string) Change {
		return Change{Part: PartLifecycle, Pointer: "/lifecycle/entities/" + schema.Escape(entity), Rule: rule, Effect: effect, Message: message}
	}
	switch {
	case was == nil && is == nil:
		return nil
	case was == nil:
		return []Change{one(next.Entity, "lifecycle-added", Compatible, fmt.Sprintf("it is said now that the event %s a record of the kind %q", does[is.Phase], next.Entity))}
	case is == nil:
		return []Change{one(life.Entity, "lifecycle-removed", Breaking, fmt.Sprintf("it is no longer said which record of the kind %q the event tells of", life.Entity))}
	}
	var out []Change
	if was.Phase != is.Phase {
		out = append(out, one(next.Entity, "phase", Breaking, fmt.Sprintf("the event %s a record of the kind %q; it %s one", does[is.Phase], next.Entity, did[was.Phase])))
	}
	if !slices.Equal(was.Key, is.Key) {
		out = append(out, one(next.Entity, "record-key", Breaking, fmt.Sprintf("the record is named by %s; it was by %s", strings.Join(is.Key, ", "), strings.Join(was.Key, ", "))))
	}
	if was.Version != is.Version {
		ch := one(next.Entity, "record-version", Breaking, "which of two events is newer is told by "+orElse(is.Version, "nothing")+"; it was by "+orElse(was.Version, "nothing"))
		if was.Version == "" {
			ch.Effect = Compatible
		}
		out = append(out, ch)
	}
	return out
}

var (
	does = map[contracts.Phase]string{contracts.Begins: "begins", contracts.Changes: "changes", contracts.Ends: "ends"}
	did  = map[contracts.Phase]string{contracts.Begins: "began", contracts.Changes: "changed", contracts.Ends: "ended"}
)

// ofCauses compares what an event is sent for.
func ofCauses(was, is []contracts.Cause) (out []Change) {
	old, now := causeTexts(was), causeTexts(is)
	say := func(effect Effect, rule, format string, args ...any) {
		out = append(out, Change{Part: PartCause, Pointer: "/cause", Rule: rule, Effect: effect, Message: fmt.Sprintf(format, args...)})
	}
	switch {
	case len(old) == 0 && len(now) > 0:
		say(Compatible, "cause-added", "it is said now when the event is sent: %s", strings.Join(now, ", "))
		return out
	case len(old) > 0 && len(now) == 0:
		say(Unclear, "cause-removed", "it is no longer said when the event is sent; it was %s", strings.Join(old, ", "))
		return out
	}
	for _, text := range now {
		if !slices.Contains(old, text) {
			say(Breaking, "cause-added", "the event is sent for one more reason: %s", text)
		}
	}
	for _, text := range old {
		if !slices.Contains(now, text) {
			say(Breaking, "cause-removed", "the event is no longer sent for %s", text)
		}
	}
	return out
}

// causeTexts are causes in words; a delay is part of the delivery, and plays no
// part.
func causeTexts(causes []contracts.Cause) (out []string) {
	for _, c := range causes {
		text := c.Action
		if c.Each != "" {
			text += ", each of " + c.Each
		}
		if len(c.When) > 0 {
			text += ", when " + strings.Join(slices.Sorted(slices.Values(c.When)), " and ")
		}
		out = append(out, text)
	}
	return out
}

// bindings are the members of a body and what they stand for, "" where that is
// not said.
type bindings map[string]string

// ofBindings compares what members stand for that both versions have.
func ofBindings(was, is bindings) (out []Change) {
	for _, pointer := range slices.Sorted(maps.Keys(is)) {
		old, had := was[pointer]
		now := is[pointer]
		if !had || old == now {
			continue
		}
		ch := Change{Part: PartMeaning, Pointer: pointer, Rule: "binding", Effect: Breaking, Message: fmt.Sprintf("it stands for %s; it was %s", now, old)}
		switch {
		case old == "":
			ch.Effect, ch.Message = Compatible, "it is said now what it stands for: "+now
		case now == "":
			ch.Effect, ch.Message = Unclear, "it is no longer said what it stands for; it was "+old
		}
		out = append(out, ch)
	}
	return out
}

// bindingsOf reads the members of an event's body.
func bindingsOf(t *contracts.EventType) (bindings, error) {
	s, err := t.Schema()
	if err != nil {
		return nil, err
	}
	w := &walk{out: bindings{}, open: map[*schema.Node]bool{}}
	w.node(s.Node(), "")
	return w.out, nil
}

// walk finds the bindings of a schema. A schema that holds itself is entered once.
type walk struct {
	out  bindings
	open map[*schema.Node]bool
}

// mostMembers bounds how many members are looked at.
const mostMembers = 20_000

func (w *walk) node(n *schema.Node, at string) {
	if n == nil || w.open[n] || len(w.out) > mostMembers {
		return
	}
	w.open[n] = true
	defer delete(w.open, n)
	if text := leadOf(n.Extensions["x-faker"]); text != "" || w.out[at] == "" {
		w.out[at] = text
	}
	for _, sub := range slices.Concat([]*schema.Node{n.Ref, n.Then, n.Else}, n.AllOf, n.AnyOf, n.OneOf) {
		w.node(sub, at)
	}
	for _, p := range n.Properties {
		w.node(p.Node, at+"/"+schema.Escape(p.Name))
	}
	for _, sub := range append([]*schema.Node{n.Items, n.AdditionalProperties}, n.PrefixItems...) {
		w.node(sub, at+"/*")
	}
}

// leadOf is the way into the world that a hint names, "" for any other hint: which
// words are made up says nothing to a receiver.
func leadOf(hint any) string {
	const prefix = "world."
	switch hint := hint.(type) {
	case string:
		if strings.HasPrefix(hint, prefix) {
			return hint
		}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(hint)) {
			args, _ := hint[name].(map[string]any)
			lead, _ := args["world"].(string)
			switch {
			case strings.HasPrefix(name, prefix):
				lead = name
			case lead != "":
				lead = prefix + strings.TrimPrefix(lead, prefix)
			default:
				continue
			}
			if mapping, ok := args["map"]; ok {
				if text, err := json.Marshal(mapping); err == nil {
					lead += " written as " + string(text)
				}
			}
			return lead
		}
	}
	return ""
}
