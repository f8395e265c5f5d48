package audit_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/hookrig/hookrig/faker/audit"
	"github.com/hookrig/hookrig/faker/shop"
)

// spoil finds the n-th sighting of an action and damages it.
type spoil struct {
	action string
	rule   string // that must notice
	do     func(s *audit.Sighting)
}

func set(f *audit.Fact, name string, change func(v shop.Value) shop.Value) {
	f.Values[name] = change(f.Values[name])
}

func plus(n int64) func(shop.Value) shop.Value {
	return func(v shop.Value) shop.Value { v.Int += n; return v }
}

func to(s string) func(shop.Value) shop.Value {
	return func(v shop.Value) shop.Value { return shop.Value{Type: shop.Choice, Text: s} }
}

var spoils = []spoil{
	{"order.placed", "money/order", func(s *audit.Sighting) { set(s.Facts[0], "total", plus(1)) }},
	{"order.placed", "money/order", func(s *audit.Sighting) { set(s.Facts[0].Lists["items"][0], "price", plus(-1)) }},
	{"order.placed", "money/item", func(s *audit.Sighting) { set(s.Facts[0].Lists["items"][0], "tax", plus(1)) }},
	{"order.placed", "money/order", func(s *audit.Sighting) { set(s.Facts[0].Lists["lines"][0], "quantity", plus(1)) }},
	{"order.confirmed", "constant/order", func(s *audit.Sighting) { set(s.Facts[0], "number", to("2026777777")) }},
	{"order.confirmed", "constant/order", func(s *audit.Sighting) {
		set(s.Facts[0], "total", plus(100))
		set(s.Facts[0], "net", plus(100))
	}},
	{"order.confirmed", "life/order", func(s *audit.Sighting) { set(s.Facts[0], "status", to("shipped")) }},
	{"order.delivered", "life/order", func(s *audit.Sighting) { set(s.Facts[0], "status", to("placed")) }},
	{"order.delivered", "state/items", func(s *audit.Sighting) { set(s.Facts[0].Lists["items"][0], "status", to("shipped")) }},
	{"order.canceled", "state/items", func(s *audit.Sighting) { set(s.Facts[0].Lists["items"][0], "status", to("delivered")) }},
	{"order.paid", "state/payment", func(s *audit.Sighting) { set(s.Facts[0], "paymentStatus", to("open")) }},
	{"order.paid", "money/order", func(s *audit.Sighting) { set(s.Facts[0], "paid", plus(1)) }},
	{"order.dispatched", "time/once", func(s *audit.Sighting) { set(s.Facts[0], "confirmedAt", plus(60_000)) }},
	{"order.dispatched", "time/future", func(s *audit.Sighting) { set(s.Facts[0], "updatedAt", plus(60_000)) }},
	{"order.dispatched", "time/updated", func(s *audit.Sighting) { set(s.Facts[0], "updatedAt", plus(-60_000)) }},
	{"order.dispatched", "constant/order", func(s *audit.Sighting) { set(s.Facts[0], "createdAt", plus(60_000)) }},
	{"order.dispatched", "time/order", func(s *audit.Sighting) { s.At -= 100 * day }},
	{"order.dispatched", "reference/order", func(s *audit.Sighting) { rename(s.Facts[0]) }},
	{"order.dispatched", "constant/order", func(s *audit.Sighting) { set(s.Facts[0], "id", plus(-16)) }},
	{"package.shipped", "reference/package", func(s *audit.Sighting) { rename(s.Facts[1]) }},
	{"package.shipped", "state/package", func(s *audit.Sighting) { delete(s.Facts[0].Lists["items"][0].Values, "packageId") }},
	{"package.shipped", "life/package.shipped", func(s *audit.Sighting) { set(s.Facts[1], "status", to("labeled")) }},
	{"package.delivered", "time/package", func(s *audit.Sighting) { set(s.Facts[1], "deliveredAt", plus(-90*day)) }},
	{"payment.captured", "money/payment", func(s *audit.Sighting) { set(s.Facts[1], "captured", plus(9_000_000)) }},
	{"payment.refunded", "money/refund", func(s *audit.Sighting) { set(s.Facts[1], "amount", plus(1)) }},
	{"payment.refunded", "money/order", func(s *audit.Sighting) { set(s.Facts[0], "refunded", plus(-1)) }},
	{"order.closed", "money/rising", func(s *audit.Sighting) { set(s.Facts[0], "paid", plus(-1)) }},
	{"order.placed", "money/negative", func(s *audit.Sighting) { set(s.Facts[0], "discount", plus(-1_000_000)) }},
	{"invoice.created", "money/invoice", func(s *audit.Sighting) {
		set(s.Facts[0], "total", plus(1))
		set(s.Facts[0], "net", plus(1))
	}},
	{"invoice.released", "reference/invoice", func(s *audit.Sighting) { rename(s.Facts[0]) }},
	{"invoice.released", "life/invoice.released", func(s *audit.Sighting) { set(s.Facts[0], "status", to("draft")) }},
	{"invoice.sent", "life/invoice", func(s *audit.Sighting) { set(s.Facts[0], "status", to("draft")) }},
	{"creditNote.created", "money/creditNote", func(s *audit.Sighting) {
		set(s.Facts[0], "total", plus(5))
		set(s.Facts[0], "net", plus(5))
	}},
	{"stock.moved", "stock/movement", func(s *audit.Sighting) { set(s.Facts[0], "quantity", plus(1)); set(s.Facts[0], "available", plus(1)) }},
	{"stock.moved", "stock/negative", func(s *audit.Sighting) { set(s.Facts[0], "quantity", plus(-100)) }},
	{"stock.reserved", "stock/reserved", func(s *audit.Sighting) { set(s.Facts[0], "reserved", plus(1000)) }},
	{"stock.reserved", "money/stock", func(s *audit.Sighting) { set(s.Facts[0], "available", plus(1)) }},
	{"customer.loggedOut", "life/customer", func(s *audit.Sighting) { set(s.Facts[0], "status", to("guest")) }},
	{"order.placed", "life/customer", func(s *audit.Sighting) { set(s.Facts[0].Ones["customer"], "status", to("anonymized")) }},
}

// rename makes another entity of a fact, one that nothing told of.
func rename(f *audit.Fact) {
	for _, name := range []string{"id", "key", "uuid"} {
		set(f, name, plus(7_000_003))
	}
	if f.Kind != shop.KindPackage {
		set(f, "number", to("2026999999"))
	}
}

// Each rule notices the damage that it is about. A damaged sighting is seen
// before the true one, which puts the entity right again.
func TestSeededViolations(t *testing.T) {
	opened, all := steps(shop.Options{Seed: 3, Orders: 30}, 16)
	a := audit.New(opened)
	todo := slices.Clone(spoils)
	for j := range all {
		for i, x := range todo {
			s := audit.OfStep(&all[j])
			if x.action != s.Action || !hasPlace(x, s) {
				continue
			}
			before := len(a.Violations())
			x.do(s)
			a.See(s)
			if !slices.ContainsFunc(a.Violations()[before:], func(v audit.Violation) bool { return v.Rule == x.rule }) {
				t.Errorf("a spoiled %s was not noticed by %s, found were %v", x.action, x.rule, a.Violations()[before:])
			}
			todo = slices.Delete(todo, i, i+1)
			break
		}
		a.See(audit.OfStep(&all[j]))
	}
	for _, x := range todo {
		t.Errorf("no %s to spoil", x.action)
	}
}

// hasPlace skips what cannot be spoiled in that way: sales over the counter have
// no packages.
func hasPlace(x spoil, s *audit.Sighting) bool {
	f := s.Facts[0]
	if strings.HasPrefix(x.rule, "life/customer") && x.action != "order.placed" {
		return true
	}
	return f.Values["channel"].Text != "pos"
}
