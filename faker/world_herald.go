package faker

import (
	"slices"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/faker/audit"
	"github.com/hookrig/hookrig/faker/shop"
)

// Heralds are the providers that tell of entities when they are new, so that no
// other event of theirs can be the first about one: see
// [audit.Auditor.FromTheStart].
func (w *World) Heralds() []audit.Herald {
	var all []audit.Herald
	for _, c := range w.contracts {
		for _, k := range w.heralds.kinds[c] {
			all = append(all, audit.Herald{By: c.Provider(), Kind: k, Always: w.heralds.always[c][k]})
		}
	}
	return all
}

// newKinds are those of which nothing exists before the stream begins, by the
// action that makes one.
func newKinds() map[string]shop.Kind {
	kinds := map[string]shop.Kind{"order.placed": shop.KindOrder, "package.packed": shop.KindPackage, "ticket.received": shop.KindTicket}
	for _, k := range shop.Papers() {
		kinds[string(k)+".created"] = k
	}
	return kinds
}

// heralds are the event types that tell of something new.
type heralds struct {
	by     map[*contracts.EventType][]shop.Kind
	kinds  map[*contracts.Contract][]shop.Kind
	always map[*contracts.Contract]map[shop.Kind]bool
}

// heraldsOf finds them. Where several of a provider do, it is those that always
// come.
func heraldsOf(effects map[*shop.Action][]*effect) *heralds {
	h := &heralds{map[*contracts.EventType][]shop.Kind{}, map[*contracts.Contract][]shop.Kind{}, map[*contracts.Contract]map[shop.Kind]bool{}}
	all := newKinds()
	for _, action := range sortedKeys(all) {
		kind := all[action]
		fits := func(e *effect) bool { return e.each == nil && e.delay == 0 }
		for _, e := range effects[shop.ActionOf(action)] {
			if c := e.typ.Contract(); fits(e) && len(e.when) == 0 {
				if h.always[c] == nil {
					h.always[c] = map[shop.Kind]bool{}
				}
				h.always[c][kind] = true
			}
		}
		for _, e := range effects[shop.ActionOf(action)] {
			c := e.typ.Contract()
			if !fits(e) || len(e.when) > 0 && h.always[c][kind] || slices.Contains(h.by[e.typ], kind) {
				continue
			}
			if h.by[e.typ] = append(h.by[e.typ], kind); !slices.Contains(h.kinds[c], kind) {
				h.kinds[c] = append(h.kinds[c], kind)
			}
		}
	}
	return h
}
