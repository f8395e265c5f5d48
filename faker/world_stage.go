package faker

import (
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/hookrig/hookrig/contracts/schema"
	"github.com/hookrig/hookrig/faker/shop"
)

// A stage is what an event of a world is about while it is made: the step that
// caused it, and the entities that its objects and lists have opened.
type stage struct {
	step   *shop.Step
	cause  int         // of the event type's
	each   shop.Entity // the element that the event is for, if it is for one
	house  *shop.House
	scopes [maxScopes]shop.Entity
}

// maxScopes bounds how many objects and lists with entities of their own lie
// within each other.
const maxScopes = 12

// An origin is an entity as seen from a place in an event: one that is at hand,
// and properties that lead on.
type origin struct {
	slot int
	refs []*shop.Property
}

// Slots that are neither an entity of the step (from 0) nor a scope.
const (
	slotNone = -1 - iota
	slotEach
	slotAction
	slotShop
	firstScope = 100 // and those after
)

// find is the entity of an origin, nil where there is none.
func (s *stage) find(o *origin) shop.Entity {
	var e shop.Entity
	switch {
	case o.slot >= firstScope:
		e = s.scopes[o.slot-firstScope]
	case o.slot >= 0:
		e = s.step.Of[o.slot]
	case o.slot == slotEach:
		e = s.each
	case o.slot == slotAction:
		e = s.step.Happening
	case o.slot == slotShop:
		e = s.house
	}
	for _, p := range o.refs {
		if e == nil {
			return nil
		}
		e = p.One(e)
	}
	return e
}

// An opening is an object or a list in an event that has an entity of its own.
type opening struct {
	up    *opening
	kind  shop.Kind
	level int
}

// A cause is what makes an event type happen, understood.
type cause struct {
	action *shop.Action
	each   *lead // many
	list   origin
	when   []condition
	delay  int64 // milliseconds
}

// slots are the entities that a cause has at hand, the nearest first.
func (c *cause) slots() (slots []origin, kinds []shop.Kind) {
	add := func(slot int, kind shop.Kind) {
		slots, kinds = append(slots, origin{slot: slot}), append(kinds, kind)
	}
	if c.each != nil {
		add(slotEach, c.each.last.Of)
	}
	for i, k := range c.action.Kinds {
		add(i, k)
	}
	add(slotAction, shop.KindAction)
	add(slotShop, shop.KindShop)
	return slots, kinds
}

// resolve finds an entity of a kind for a value that stands in the scopes, when
// the event has this cause.
func (c *cause) resolve(at *opening, kind shop.Kind) origin {
	var slots []origin
	var kinds []shop.Kind
	for s := at; s != nil; s = s.up {
		slots, kinds = append(slots, origin{slot: firstScope + s.level}), append(kinds, s.kind)
	}
	if o := nearestOf(slots, kinds, kind); o.slot != slotNone {
		return o
	}
	slots, kinds = c.slots()
	return nearestOf(slots, kinds, kind)
}

// nearestOf finds the first that is of the kind, else the first that leads to
// one.
func nearestOf(slots []origin, kinds []shop.Kind, kind shop.Kind) origin {
	for i, k := range kinds {
		if k.Is(kind) {
			return slots[i]
		}
	}
	for i, k := range kinds {
		if refs := wayTo(k, kind); refs != nil {
			return origin{slots[i].slot, refs}
		}
	}
	return origin{slot: slotNone}
}

// wayTo is the shortest way from a kind to another by properties of which there
// is one alone, nil where there is none.
func wayTo(from, to shop.Kind) []*shop.Property {
	type step struct {
		kind shop.Kind
		refs []*shop.Property
	}
	seen := map[shop.Kind]bool{from: true}
	for queue := []step{{kind: from}}; len(queue) > 0; queue = queue[1:] {
		at := queue[0]
		targets := map[shop.Kind]int{}
		info := shop.KindOf(at.kind)
		for _, p := range info.Properties {
			if p.Type == shop.One {
				targets[p.Of]++
			}
		}
		for _, p := range info.Properties {
			if p.Type != shop.One || targets[p.Of] > 1 || seen[p.Of] {
				continue
			}
			seen[p.Of] = true
			refs := slices.Concat(at.refs, []*shop.Property{p})
			if p.Of.Is(to) {
				return refs
			}
			queue = append(queue, step{p.Of, refs})
		}
	}
	return nil
}

// A staging is what a plan needs to know of a world: the causes of its event.
// It collects what does not fit.
type staging struct {
	event   string
	causes  []*cause
	misfits []*misfit
	err     *BindError
}

// A misfit counts how often a bound value could not be written.
type misfit struct {
	event, pointer, lead string
	reason               string // why it never can be, for some cause
	count                atomic.Uint64
}

// Misfit is a bound value that some events do not have: their contract keeps it
// out, or nothing leads to it. They have a plain value instead.
type Misfit struct {
	Event   string
	Pointer string // of the schema, in its document
	Lead    string // "order.number"
	Reason  string
	Count   uint64 // of values so far; 0 for what is known beforehand
}

// fail notes the first error of a binding.
func (s *staging) fail(f []*schema.Node, message string, nearest ...string) {
	if s.err == nil {
		s.err = &BindError{Event: s.event, Pointer: pointerOf(f), Message: message, Nearest: nearest}
	}
}

func pointerOf(nodes []*schema.Node) string {
	for _, n := range implied(nodes) {
		if _, ok := n.Extensions[hintKey]; ok {
			return n.Pointer
		}
	}
	if len(nodes) > 0 {
		return nodes[0].Pointer
	}
	return ""
}

// origins resolves a lead for all causes of the event.
func (s *staging) origins(l *lead, at *opening, nodes []*schema.Node) ([]origin, *misfit) {
	m := &misfit{event: s.event, pointer: pointerOf(nodes), lead: l.text}
	var from []origin
	for _, c := range s.causes {
		o := c.resolve(at, l.start)
		if o.slot == slotNone {
			m.reason = fmt.Sprintf("nothing leads from %s to %q", c.action.Name, l.start)
		} else {
			o.refs = append(o.refs[:len(o.refs):len(o.refs)], l.refs...)
		}
		from = append(from, o)
	}
	s.misfits = append(s.misfits, m)
	return from, m
}
