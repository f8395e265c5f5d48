package audit_test

import (
	"strconv"
	"testing"

	"github.com/hookrig/hookrig/faker/audit"
	"github.com/hookrig/hookrig/faker/shop"
)

// told is a value for a property, other than those that the shop has.
func toldValue(p *shop.Property) shop.Value {
	switch p.Type {
	case shop.Choice:
		return shop.Value{Type: shop.Choice, Text: p.Values[len(p.Values)-1]}
	case shop.Money, shop.Rate:
		return shop.Value{Type: p.Type, Int: 1230}
	case shop.Integer:
		return shop.Value{Type: p.Type, Int: 77}
	case shop.Time:
		return shop.Value{Type: p.Type, Int: 86_400_000}
	}
	return shop.Value{Type: shop.Text, Text: "told"}
}

// each visits what a step shows, and what that leads to.
func each(s *shop.Step, visit func(e shop.Entity)) {
	var walk func(e shop.Entity, levels int)
	walk = func(e shop.Entity, levels int) {
		if visit(e); levels == 0 {
			return
		}
		for _, p := range shop.KindOf(e.Kind()).Properties {
			switch {
			case p.One != nil:
				if one := p.One(e); one != nil {
					walk(one, levels-1)
				}
			case p.Count != nil:
				for i := range p.Count(e) {
					walk(p.At(e, i), levels-1)
				}
			}
		}
	}
	for i := range s.Action.Kinds {
		walk(s.Of[i], 2)
	}
}

// Whatever may be told of a shop holds from the start of a life to its end, for
// who it is about and nobody else, and the shop still makes sense.
func TestEditedShopMakesSense(t *testing.T) {
	const days = 3
	_, plain := steps(shop.Options{Seed: 4, Orders: 60}, days)
	var usual, counter, own []shop.Edit
	for _, kind := range shop.Kinds() {
		for _, p := range kind.Properties {
			edit := shop.Edit{Kind: kind.Kind, Property: p, Value: toldValue(p)}
			switch name := string(kind.Kind) + "." + p.Name; {
			case p.Write == nil || kind.Kind == shop.KindShop || name == "stock.quantity": // of which it is told how much there is at first
			case p.Own:
				edit.Where = []shop.Match{{Property: kind.Property("id"), Text: firstID(plain, kind.Kind, p)}}
				own = append(own, edit)
			case name == "order.channel" || name == "payment.method": // then nothing is sent
				counter = append(counter, edit)
			default:
				usual = append(usual, edit)
			}
		}
	}
	for _, edits := range [][]shop.Edit{usual, counter, own} {
		judgeEdits(t, edits, days)
	}
}

// firstID is the ID of somebody who has the property.
func firstID(all []shop.Step, k shop.Kind, p *shop.Property) (id string) {
	for i := range all {
		each(&all[i], func(e shop.Entity) {
			if id == "" && e.Kind() == k && p.Read(e).Type != shop.None {
				id = strconv.FormatInt(e.Base().ID, 10)
			}
		})
		if id != "" {
			return id
		}
	}
	return ""
}

func judgeEdits(t *testing.T, edits []shop.Edit, days int64) {
	t.Helper()
	opened, all := steps(shop.Options{Seed: 4, Orders: 60, Edits: edits}, days)
	a := audit.New(opened)
	right, wrong := make([]int, len(edits)), make([]int, len(edits))
	for i := range all {
		a.See(audit.OfStep(&all[i]))
		each(&all[i], func(e shop.Entity) {
			for n, edit := range edits {
				if e.Kind() != edit.Kind || excepted(e, edit.Property) {
					continue
				}
				isMeant := len(edit.Where) == 0 || strconv.FormatInt(e.Base().ID, 10) == edit.Where[0].Text
				switch v := edit.Property.Read(e); {
				case v == edit.Value && isMeant:
					right[n]++
				case v == edit.Value, v.Type != shop.None && isMeant:
					wrong[n]++
				}
			}
		})
	}
	for n, edit := range edits {
		if right[n] == 0 || wrong[n] > 0 {
			t.Errorf("%s.%s was told %s: %d times it is so, and %d times it is wrong", edit.Kind, edit.Property.Name, edit.Value.Spell(nil), right[n], wrong[n])
		}
	}
	for _, v := range a.Violations()[:min(5, a.Count())] {
		t.Errorf("a shop was told: %s", v)
	}
}

// excepted are those for whom what was told does not hold any more.
func excepted(e shop.Entity, p *shop.Property) bool {
	switch e := e.(type) {
	case *shop.Customer:
		return e.Status == "anonymized"
	case *shop.Order:
		return e.Parent != 0 && p.Name == "shippingCost" // it is sent with its parent
	}
	return false
}
