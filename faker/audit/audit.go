// Package audit judges whether a stream of a shop makes sense: references
// resolve, lives take legal turns, money adds up to the cent, stock is never
// negative, times are causal, and what one event says of an order does not
// contradict what another says.
//
// It knows what shops are like and nothing of how a stream was made. It reads
// [Sighting]s: what a step of a world shows ([OfStep]), or what the bodies of
// events say where their contract binds them. A sighting may say little; what
// it does not say is not judged.
package audit

import (
	"fmt"
	"sort"
	"time"

	"github.com/hookrig/hookrig/faker/shop"
)

// Sighting is what one event, or one step, shows.
type Sighting struct {
	At     int64  // milliseconds since 1970
	Action string // what happened, "" if that is not known
	Where  string // names the event in violations
	Nth    uint64 // the caller's own number of the event, such as a line's
	// By is who tells, such as a provider, and New are the kinds of entities that
	// the event tells of for the first time. See [Auditor.FromTheStart].
	By  string
	New []shop.Kind
	// Whole says that nothing happens that is not sighted, and that entities
	// show all that they have. What is new must then begin with a step that makes
	// it.
	Whole bool
	Facts []*Fact
}

// Fact is an entity, as far as it is shown.
type Fact struct {
	Kind   shop.Kind
	Fresh  bool // as it is at the moment; else perhaps as it once was
	Values map[string]shop.Value
	Ones   map[string]*Fact
	Lists  map[string][]*Fact
	// Cut are lists of which not all elements are shown.
	Cut map[string]bool
	// Clashes are properties that one event shows twice, with two values.
	Clashes []string
}

// Violation is something that does not make sense.
type Violation struct {
	Rule    string // stable, such as "money/order"
	At      int64  // milliseconds since 1970
	Where   string
	Nth     uint64 // the sighting's
	Entity  string // "order 1004"
	Message string
}

// String is the violation on one line.
func (v Violation) String() string {
	if v.Entity == "" {
		return fmt.Sprintf("%s: %s: %s", v.Where, v.Rule, v.Message)
	}
	return fmt.Sprintf("%s: %s: %s: %s", v.Where, v.Rule, v.Entity, v.Message)
}

// Auditor reads a stream. It remembers the entities that were told of last, so
// that a stream may be of any length.
type Auditor struct {
	opened int64
	now    int64  // the latest moment
	last   int64  // of the sighting before
	start  *start // nil: nobody knows when the stream began
	memory
	found []Violation
	count int
	at    *Sighting
}

// maxKept bounds the violations that are kept; all are counted.
const maxKept = 1000

// New begins an audit of a stream that opens at a moment, in milliseconds since
// 1970. What is older exists without having been seen.
func New(opened int64) *Auditor {
	return &Auditor{opened: opened, memory: newMemory(Remembered)}
}

// A Herald tells of entities of a kind when they are new, by a sighting with New.
type Herald struct {
	By     string
	Kind   shop.Kind
	Always bool // of every one, at the moment when it comes to be
}

// FromTheStart says that the stream was not begun in its midst, and who its
// heralds are. A herald that tells of something without having told that it is
// new has left something out; of what always has a herald nobody tells before
// it did. It is said before the first sighting.
func (a *Auditor) FromTheStart(heralds []Herald) {
	a.start = &start{heralds: heralds, names: map[herald][]string{}, waiting: map[herald][]suspect{}}
}

// Forgotten is how many entities are not remembered any more. What comes later
// is not held against what they were like.
func (a *Auditor) Forgotten() int { return a.forgotten }

// Violations are what does not make sense so far, the first thousand.
func (a *Auditor) Violations() []Violation { return a.found }

// Count is how many violations there were.
func (a *Auditor) Count() int { return a.count }

// See judges the next sighting.
func (a *Auditor) See(s *Sighting) {
	a.at = s
	if s.At < a.last {
		a.report("time/order", nil, "it happened %s before the event that stands before it", time.Duration(a.last-s.At)*time.Millisecond)
	}
	a.last, a.now = s.At, max(a.now, s.At)
	for _, f := range s.Facts {
		a.fact(f, true)
	}
	a.meaning(s)
	a.together(s)
}

func (a *Auditor) fact(f *Fact, about bool) {
	r := a.record(f)
	if about && f.Fresh && r != nil {
		a.announced(f, r)
	}
	a.local(f)
	for _, name := range f.Clashes {
		a.report("contradiction/"+string(f.Kind), f, "the event shows two values of %s", name)
	}
	if r != nil {
		a.history(f, r)
	}
	for _, name := range sorted(f.Ones) {
		if one := f.Ones[name]; one != nil {
			a.fact(one, false)
		}
	}
	for _, name := range sorted(f.Lists) {
		for _, one := range f.Lists[name] {
			a.fact(one, false)
		}
	}
	if r != nil {
		r.learn(f)
	}
}

func (a *Auditor) report(rule string, f *Fact, format string, args ...any) {
	if a.count++; len(a.found) >= maxKept {
		return
	}
	v := Violation{Rule: rule, At: a.at.At, Where: a.at.Where, Nth: a.at.Nth, Message: fmt.Sprintf(format, args...)}
	if f != nil {
		v.Entity = string(f.Kind)
		for _, name := range names {
			if x, ok := f.Values[name]; ok {
				v.Entity += " " + text(x)
				break
			}
		}
	}
	a.found = append(a.found, v)
}

// names are properties that tell entities of a kind apart.
var names = []string{"id", "number", "key", "uuid", "sku", "code"}

// unnamed are kinds of which some of these do not tell apart.
var unnamed = map[shop.Kind]map[string]bool{
	shop.KindOption: {"code": true}, shop.KindCost: {"number": true}, shop.KindItem: {"sku": true}, shop.KindLine: {"sku": true},
	shop.KindAttribute: {"code": true}, shop.KindOrder: {}, shop.KindProduct: {}, shop.KindPackage: {},
}

// Same compares two values, as far as their precision goes: times of bodies may
// have lost what is less than a second.
func Same(a, b shop.Value) bool { return same(a, b) }

func sorted[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}

// text spells a value for messages and names.
func text(v shop.Value) string {
	if v.Type == shop.Text || v.Type == shop.Choice {
		return string(v.Spell(nil))
	}
	return fmt.Sprint(v.Int)
}
