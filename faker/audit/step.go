package audit

import (
	"github.com/hookrig/hookrig/faker/shop"
)

// parts are the lists of an order that are as fresh as the order.
var parts = map[string]bool{"items": true, "lines": true, "packages": true, "payments": true, "refunds": true}

// OfStep is what a step of a world shows: all that the vocabulary has of its
// entities.
func OfStep(st *shop.Step) *Sighting {
	s := &Sighting{At: st.At, Action: st.Action.Name, Where: st.Action.Name, Whole: true}
	for i := range st.Action.Kinds {
		s.Facts = append(s.Facts, Of(st.Of[i], true, 1))
	}
	return s
}

// Of shows an entity, with the elements of its lists where levels is not 0. Of entities
// that it merely leads to only what tells them apart is shown, and their states.
func Of(e shop.Entity, fresh bool, levels int) *Fact {
	f := &Fact{Kind: e.Kind(), Fresh: fresh, Values: map[string]shop.Value{}, Ones: map[string]*Fact{}, Lists: map[string][]*Fact{}}
	for _, p := range shop.KindOf(e.Kind()).Properties {
		switch {
		case p.Read != nil:
			if v := p.Read(e); v.Type != shop.None {
				f.Values[p.Name] = v
			}
		case levels == 0:
		case p.One != nil:
			if one := p.One(e); one != nil {
				f.Ones[p.Name] = who(one)
			}
		default:
			list := []*Fact{}
			for i := range p.Count(e) {
				list = append(list, Of(p.At(e, i), fresh && f.Kind == shop.KindOrder && parts[p.Name], 0))
			}
			f.Lists[p.Name] = list
		}
	}
	return f
}

// who shows no more than who an entity is.
func who(e shop.Entity) *Fact {
	f := &Fact{Kind: e.Kind(), Values: map[string]shop.Value{}}
	info := shop.KindOf(e.Kind())
	for _, name := range [...]string{"id", "createdAt", "status"} {
		if p := info.Property(name); p != nil && p.Read != nil {
			if v := p.Read(e); v.Type != shop.None {
				f.Values[name] = v
			}
		}
	}
	return f
}
