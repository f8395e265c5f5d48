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

	"github.com/hookrig/hookrig/faker/shop"
)

// Sighting is what one event, or one step, shows.
type Sighting struct {
	At     int64  // milliseconds since 1970
	Action string // what happened, "" if that is not known
	Where  string // names the event in violations
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
	Entity  string // "order 1004"
	Message string
}

// String is the violation on one line.
func (v Violation) String() string {
	return fmt.Sprintf("%s: %s: %s: %s", v.Where, v.Rule, v.Entity, v.Message)
}

// Auditor reads a stream. It remembers the entities that were told of last, so
// that a stream may be of any length.
type Auditor struct {
	opened int64
	now    int64
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
	if s.At < a.now {
		a.report("time/order", nil, "it comes %d ms after something later", a.now-s.At)
	}
	a.now = max(a.now, s.At)
	for _, f := range s.Facts {
		a.fact(f)
	}
	a.meaning(s)
	a.together(s)
}

func (a *Auditor) fact(f *Fact) {
	r := a.record(f)
	a.local(f)
	for _, name := range f.Clashes {
		a.report("contradiction/"+string(f.Kind), f, "the event shows two values of %s", name)
	}
	if r != nil {
		a.history(f, r)
	}
	for _, name := range sorted(f.Ones) {
		if one := f.Ones[name]; one != nil {
			a.fact(one)
		}
	}
	for _, name := range sorted(f.Lists) {
		for _, one := range f.Lists[name] {
			a.fact(one)
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
	v := Violation{Rule: rule, At: a.at.At, Where: a.at.Where, Message: fmt.Sprintf(format, args...)}
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
