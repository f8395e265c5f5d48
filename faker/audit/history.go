package audit

import (
	"slices"

	"github.com/hookrig/hookrig/faker/shop"
)

// constants never change in the life of an entity.
var constants = map[shop.Kind][]string{
	shop.KindOrder: {
		"id", "key", "uuid", "number", "channel", "total", "net", "tax", "goods", "goodsNet", "goodsTax", "shippingCost", "shippingNet", "shippingTax",
		"discount", "vatRate", "itemCount",
	},
	shop.KindItem:    {"id", "key", "uuid", "position", "sku", "ean", "price", "net", "tax", "vatRate", "listPrice", "listNet", "discount"},
	shop.KindLine:    {"id", "key", "uuid", "position", "quantity", "sku", "ean", "price", "priceNet", "total", "net", "tax", "vatRate"},
	shop.KindPayment: {"id", "key", "uuid", "method", "reference", "card", "amount"},
	shop.KindRefund:  {"id", "key", "uuid", "amount", "net", "tax", "reason", "paymentId"},
	shop.KindPackage: {"id", "key", "uuid", "carrier", "shipmentKey", "weight"},
	shop.KindVariant: {"id", "key", "uuid", "sku", "ean"}, shop.KindProduct: {"id", "key", "uuid", "number", "type"},
	shop.KindCustomer: {"id", "key", "uuid", "number"}, shop.KindCoupon: {"id", "code", "rate"}, shop.KindBrand: {"id", "code"}, shop.KindCategory: {"id", "code"},
	shop.KindShop: {"id", "key", "uuid", "name", "domain", "currency", "tenant", "countryCode"},
}

var ofPapers = []string{"id", "key", "uuid", "number", "type", "total", "net", "tax", "vatRate", "quantity"}

func constant(k shop.Kind, name string) bool {
	if k.Is(shop.KindDocument) {
		return slices.Contains(ofPapers, name)
	}
	return slices.Contains(constants[k], name)
}

// once: said at some moment, and from then on the same.
var once = map[shop.Kind][]string{
	shop.KindOrder:   {"confirmedAt", "shippedAt", "deliveredAt"},
	shop.KindPackage: {"trackingNumber", "trackingUrl", "shippedAt", "deliveredAt"},
}

// rising values never become less.
var rising = map[shop.Kind][]string{
	shop.KindOrder:   {"paid", "refunded", "canceled"},
	shop.KindPayment: {"captured", "refunded"},
	shop.KindCoupon:  {"uses"},
}

// firm values change by these actions alone, which a stream tells of that is seen
// from its start.
var firm = map[shop.Kind]map[string][]string{
	shop.KindCustomer: {"email": {"customer.updated", "customer.anonymized"}},
}

// turns are the states that may follow a state, of the properties that are
// states.
var turns = map[shop.Kind]map[string]map[string][]string{
	shop.KindOrder: {
		"status": {
			"placed": {"confirmed", "canceled"}, "confirmed": {"picking", "canceled"}, "picking": {"partiallyShipped", "shipped", "delivered", "canceled"},
			"partiallyShipped": {"shipped"}, "shipped": {"delivered"}, "delivered": {"closed"}, "closed": {"deleted"}, "canceled": {"deleted"},
		},
		"paymentStatus": {
			"open": {"reserved", "paid", "voided"}, "reserved": {"paid", "voided"}, "paid": {"partiallyRefunded", "refunded"},
			"partiallyRefunded": {"refunded", "partiallyRefunded"},
		},
		"shippingStatus": {"open": {"partial", "shipped", "delivered", "none"}, "partial": {"shipped"}, "shipped": {"delivered"}},
	},
	shop.KindItem: {"status": {
		"open": {"outOfStock", "canceled"}, "reserved": {"open", "outOfStock", "canceled", "unshippable", "shipped", "delivered"}, "shipped": {"delivered"},
		"delivered": {"returned"},
	}},
	shop.KindPayment: {"status": {
		"open": {"reserved", "failed", "captured", "voided"}, "reserved": {"captured", "voided"}, "captured": {"partiallyRefunded", "refunded"},
		"failed": {"voided"}, "partiallyRefunded": {"refunded"},
	}},
	shop.KindPackage: {"status": {"open": {"labeled", "shipped"}, "labeled": {"shipped", "canceled"}, "shipped": {"delivered"}}},
	shop.KindCustomer: {"status": {
		"guest": {"registered", "deleted"}, "registered": {"blocked", "anonymized", "deleted"}, "blocked": {"registered"},
	}},
	shop.KindProduct: {"status": {"draft": {"live"}, "live": {"retired"}}},
	shop.KindTicket:  {"status": {"open": {"answered"}}},
	shop.KindJob:     {"status": {"running": {"finished", "failed"}}},
	shop.KindCart:    {"status": {"open": {"ordered", "abandoned"}}},
}

// paperTurns hold for all papers.
var paperTurns = map[string]map[string][]string{"status": {
	"draft": {"released", "canceled", "deleted"}, "released": {"sent", "started", "completed", "archived", "deleted"},
	"sent": {"started", "completed", "archived"}, "started": {"completed"}, "completed": {"archived", "sent"},
	"archived": {}, "canceled": {}, "deleted": {},
}}

func turnsOf(k shop.Kind) map[string]map[string][]string {
	if k.Is(shop.KindDocument) {
		return paperTurns
	}
	return turns[k]
}

// reaches reports whether a state can follow another in any number of turns.
func reaches(table map[string][]string, from, to string) bool {
	seen := []string{from}
	for i := 0; i < len(seen); i++ {
		for _, next := range table[seen[i]] {
			if next == to {
				return true
			}
			if !slices.Contains(seen, next) {
				seen = append(seen, next)
			}
		}
	}
	return false
}

// history judges a fact against what was known before.
func (a *Auditor) history(f *Fact, r *record) {
	for _, name := range sorted(f.Values) {
		v := f.Values[name]
		was, known := r.value(name)
		if !known || was.Type == shop.None {
			continue
		}
		switch {
		case constant(f.Kind, name), name == "createdAt":
			if !same(v, was) {
				a.report("constant/"+string(f.Kind), f, "%s was %s and is %s", name, text(was), text(v))
			}
			continue
		case firm[f.Kind][name] != nil:
			a.firm(f, r, name, was, v)
			continue
		case !f.Fresh:
			continue
		case slices.Contains(once[f.Kind], name):
			if !same(v, was) {
				a.report("time/once", f, "%s was %s and is %s", name, text(was), text(v))
			}
		case slices.Contains(rising[f.Kind], name):
			if v.Int < was.Int {
				a.report("money/rising", f, "%s was %d and is %d", name, was.Int, v.Int)
			}
		case name == "updatedAt":
			if v.Int < was.Int-1 {
				a.report("time/updated", f, "updatedAt went back by %d ms", was.Int-v.Int)
			}
		}
		if table := turnsOf(f.Kind)[name]; table != nil {
			a.turn(f, name, table, text(was), text(v))
		}
	}
	a.stock(f, r)
}

// firm judges a value that only some actions change. Once they have, what shows
// the old one may be older.
func (a *Auditor) firm(f *Fact, r *record, name string, was, now shop.Value) {
	switch {
	case a.start == nil || r.loose || same(was, now):
	case slices.Contains(firm[f.Kind][name], a.at.Action):
		r.loose = true
	default:
		a.report("state/"+string(f.Kind), f, "%s was %s and is %s, and nothing has told of a change", name, text(was), text(now))
	}
}

func (a *Auditor) turn(f *Fact, name string, table map[string][]string, was, now string) {
	if was == now {
		return
	}
	if a.at.Whole && slices.Contains(table[was], now) || !a.at.Whole && reaches(table, was, now) {
		return
	}
	a.report("life/"+string(f.Kind), f, "%s went from %s to %s", name, was, now)
}

// same compares values; those of bodies may have lost what is less than a
// second.
func same(a, b shop.Value) bool {
	if a.Type == shop.Time && b.Type == shop.Time {
		d := a.Int - b.Int
		return d > -1000 && d < 1000
	}
	if a.Type != b.Type {
		return text(a) == text(b)
	}
	return a.Int == b.Int && text(a) == text(b)
}

// makers are the actions that may show something for the first time.
var makers = map[shop.Kind][]string{
	shop.KindOrder: {"order.placed", "order.split", "order.dropShipped"}, shop.KindPackage: {"package.packed"}, shop.KindRefund: {"payment.refunded"},
	shop.KindCustomer: {"customer.registered", "customer.loggedIn", "cart.created", "order.placed"}, shop.KindTicket: {"ticket.received"},
	shop.KindProduct: {"product.created"}, shop.KindBrand: {"brand.created"}, shop.KindCategory: {"category.created"}, shop.KindCoupon: {"coupon.created"},
	shop.KindAttribute: {"attribute.created"}, shop.KindDunning: {"dunning.started"}, shop.KindVariant: {"product.created", "product.variantAdded"},
}

// begins judges the first sighting of an entity.
func (a *Auditor) begins(f *Fact) {
	made, ok := f.Values["createdAt"]
	if !a.at.Whole || !ok || made.Int < a.opened || made.Int <= a.horizon {
		return // it was there before, or may have been told of and is forgotten
	}
	allowed, judged := makers[f.Kind]
	if f.Kind.Is(shop.KindDocument) && !judged {
		allowed, judged = []string{string(f.Kind) + ".created"}, true
		if f.Kind == shop.KindPurchase {
			allowed = append(allowed, "order.dropShipped")
		}
	}
	if judged && !slices.Contains(allowed, a.at.Action) {
		a.report("reference/"+string(f.Kind), f, "nothing told of it before %s", a.at.Action)
	}
}
