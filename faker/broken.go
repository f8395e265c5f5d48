package faker

import (
	"cmp"
	"fmt"
	"iter"
	"slices"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/schema"
)

// Breakage is an event that breaks one rule, and nothing that has nothing to
// do with it.
type Breakage struct {
	// Label is rule:pointer, and stable: tests and reports may name it. Where
	// one place has the rule more than once, "#" and SchemaPointer follow, and
	// where one schema has it more than once there, a slash and what tells
	// them apart: the missing member of "required", "none" or "several" of
	// "oneOf". The labels of breakages that are no matter of a schema are
	// "wire:" and a name.
	Label string
	// Rule, Pointer and SchemaPointer are those of the schema.Violation that
	// the body is found to have. What is no matter of a schema has the rule
	// "wire", no SchemaPointer, and a Pointer if it is about one value.
	Rule, Pointer, SchemaPointer string
	// Event has the broken body. Its Type is nil for Values.
	Event contracts.Event
	// Raw: the body is no JSON text, in UTF-8 and with each member once.
	Raw bool
	// ContentType is what the body claims to be, where that is the point;
	// else it is empty and means what the contract says.
	ContentType string
}

// Broken yields, for each rule that an event of this name can break, one event
// that breaks it: the least change to a valid event of all members that has
// the compiled schema report that rule at that place. It may report more only
// at the same place, of "anyOf", "oneOf" and "contains" that enclose it, and
// of "unevaluated…" that enclose it. A rule that cannot be broken like that is
// left out. Of a list's elements the first is broken.
//
// After the schema's rules come bodies that no schema speaks of: cut short,
// in another charset, with a member twice, and the like. Of them wire:integer
// and wire:surrogate keep the schema.
//
// Nth chooses the valid event that is broken, and Set and Drop change it
// first; it is an error if they break it. The other errors are those of Event
// and New. Same seed, same ordinal, same bytes, here too.
func (f *Faker) Broken(name string, edits ...Edit) (iter.Seq[Breakage], error) {
	t, _, err := f.find(name)
	if err != nil {
		return nil, err
	}
	s, err := t.Schema()
	if err != nil {
		return nil, err
	}
	all, err := brokenOf(s, t.Name(), f.setting, edits)
	if err != nil {
		return nil, err
	}
	return func(yield func(Breakage) bool) {
		for x := range all {
			if x.Event.Type = t; !yield(x) {
				return
			}
		}
	}, nil
}

// Broken is Faker.Broken for a bare schema. The error is one of the edits', or
// an *ImpossibleError: a schema may have values, but none with all members.
func (v *Values) Broken(edits ...Edit) (iter.Seq[Breakage], error) {
	return brokenOf(v.plan.schema, "", v.setting, edits)
}

// brokenOf breaks the instances of a schema, those of an event where it has a
// name.
func brokenOf(s *schema.Schema, event string, w *setting, edits []Edit) (iter.Seq[Breakage], error) {
	whole, err := newPlan(s, event, w, Options{Shape: Full}, newWorkshop())
	if err != nil {
		return nil, err
	}
	e, err := whole.compile(event, edits)
	if err != nil {
		return nil, err
	}
	if found := s.Validate(e.body(w, e.nth)); len(found) > 0 {
		if event == "" {
			return nil, fmt.Errorf("the value breaks its schema before it is broken: %s", found[0])
		}
		return nil, fmt.Errorf("event %q breaks its contract before it is broken: %s", event, found[0])
	}
	return func(yield func(Breakage) bool) {
		all, _ := newBreaker(s, w).breakages(func(n uint64) []byte { return e.body(w, e.nth+n) })
		for _, x := range all {
			if !yield(x) {
				return
			}
		}
	}, nil
}

// A breaker breaks the rules of one schema. It lives for one call.
type breaker struct {
	schema  *schema.Schema
	setting *setting
	tools   *workshop
	steps   int // of solvers, so far

	known  map[string]bool // the rules that a survey has found, by key
	order  []string        // in its order, and those that were met later
	broken map[string]Breakage
	failed map[string]failure
	varied map[string]bool // the alternatives that events were made to keep
	met    bool            // something new, since this was last asked
}

// failure says why a rule is not broken yet.
type failure struct {
	tries  int
	reason string
}

// unbreakable is a rule that nothing breaks alone.
type unbreakable struct{ key, reason string }

// Bounds of the search. Events of other ordinals take other branches of
// "anyOf" and the like, so that more of them are looked at as long as they
// show something new.
const (
	maxBases    = 64
	idleBases   = 6
	maxTries    = 24 // of one rule, on different events
	maxBreaches = 4_000
	maxBreaking = 2_000_000 // steps of solvers
)

func newBreaker(s *schema.Schema, w *setting) *breaker {
	b := &breaker{schema: s, setting: w, tools: newWorkshop(), known: map[string]bool{}, broken: map[string]Breakage{}, failed: map[string]failure{}, varied: map[string]bool{}}
	b.tools.judge.containsEvaluates = func() bool { return dialectOf(s) == schema.Draft20 }
	b.survey(s.Node())
	return b
}

// breakages breaks what it can in the bodies of a base, and then their bytes.
func (b *breaker) breakages(base func(n uint64) []byte) ([]Breakage, []unbreakable) {
	root := b.schema.Node()
	for n, idle := uint64(0), 0; n < maxBases && idle < idleBases && !b.done(); n++ {
		body := base(n)
		v, err := decode(body)
		if err != nil || n > 0 && !b.tools.judge.keeps(root, v) {
			continue // an edit does not suit this ordinal
		}
		b.met = false
		b.visit(body, b.enter(nil, "", "", 0, len(body), v, []*held{{node: root}}))
		if idle++; b.met {
			idle = 0
		}
	}
	var all []Breakage
	var left []unbreakable
	for _, k := range b.order {
		if x, ok := b.broken[k]; ok {
			all = append(all, x)
		} else {
			left = append(left, unbreakable{k, cmp.Or(b.failed[k].reason, "no event has a value there")})
		}
	}
	b.label(all)
	return append(all, b.wire(base(0))...), left
}

// done: there is nothing left to try.
func (b *breaker) done() bool {
	return !slices.ContainsFunc(b.order, func(k string) bool {
		_, ok := b.broken[k]
		return !ok && b.failed[k].tries < maxTries
	})
}

// note makes a rule known, as something new or not.
func (b *breaker) note(k string) {
	if !b.known[k] {
		b.known[k] = true
		b.order = append(b.order, k)
		b.met = true
	}
}

// label names the breakages: briefly where that tells them apart, else with
// the place of the rule, else with the case as well. Until here their labels
// are their cases.
func (b *breaker) label(all []Breakage) {
	short, long, full := map[string]int{}, map[string]int{}, map[string]int{}
	for _, x := range all {
		short[x.short()]++
		long[x.long()]++
	}
	for i, x := range all {
		label := x.short()
		if short[label] > 1 {
			if label = x.long(); long[label] > 1 && x.Label != "" {
				label += "/" + x.Label
			}
		}
		if full[label]++; full[label] > 1 { // the same pointer of two documents
			label = fmt.Sprintf("%s~%d", label, full[label])
		}
		all[i].Label = label
	}
}

func (x *Breakage) short() string { return x.Rule + ":" + x.Pointer }
func (x *Breakage) long() string  { return x.short() + "#" + x.SchemaPointer }
