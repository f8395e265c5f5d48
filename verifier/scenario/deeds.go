package scenario

import "github.com/hookrig/hookrig/faker/shop"

// What is no action of the shop.
const (
	doPlace   = "order placed"
	doHappen  = "happened"
	doAgain   = "again"
	doWait    = "wait"
	doAtOnce  = "at once"
	newBuyer  = "registered"
	guest     = "guest"
	asAnother = "as "
	withNext  = "with next" // of "reorder"
)

// deed is what a step asks of the shop: an action that is waited for, which the
// order's wish brings about, or what its customer does.
type deed struct {
	action   string
	customer bool                                // the customer does it, at once
	wish     func(w *shop.Wish, items int)       // nil: it happens anyway
	unless   func(w *shop.Wish) (because string) // nil: always possible
}

// deeds are all that steps can say of an order, besides "happened".
var deeds = map[string]deed{
	doPlace:             {action: "order.placed"},
	"payment failed":    {action: "payment.failed", wish: func(w *shop.Wish, _ int) { w.Fails++ }},
	"paid":              {action: "payment.captured", unless: dead},
	"confirmed":         {action: "order.confirmed", unless: unpaid},
	"address changed":   {action: "order.updated", wish: func(w *shop.Wish, _ int) { w.Correct = true }, unless: unpaid},
	"item canceled":     {action: "item.canceled", wish: func(w *shop.Wish, n int) { w.Drop += n }, unless: unpaid},
	"canceled":          {action: "order.canceled", wish: func(w *shop.Wish, _ int) { w.Cancel = !w.Unpaid }},
	"out of stock":      {action: "item.outOfStock", wish: func(w *shop.Wish, n int) { w.Missing += n }, unless: dead},
	"partially shipped": {action: "package.shipped", wish: func(w *shop.Wish, _ int) { w.Packages = 2 }, unless: dead},
	"shipped":           {action: "order.dispatched", unless: dead},
	"delivered":         {action: "order.delivered", unless: dead},
	"returned":          {action: "item.returned", wish: func(w *shop.Wish, n int) { w.Returns += n }, unless: dead},
	"refunded":          {action: "payment.refunded", unless: kept},
	"closed":            {action: "order.closed", unless: dead},

	"customer registered": {action: "customer.registered", customer: true},
	"customer updated":    {action: "customer.updated", customer: true},
	"customer moved":      {action: "customer.addressChanged", customer: true},
	"customer blocked":    {action: "customer.blocked", customer: true},
	"customer unblocked":  {action: "customer.unblocked", customer: true},
	"customer erased":     {action: "customer.anonymized", customer: true},
	"customer deleted":    {action: "customer.deleted", customer: true},
}

func unpaid(w *shop.Wish) string {
	if w.Unpaid {
		return "it is never paid"
	}
	return ""
}

func dead(w *shop.Wish) string {
	if w.Cancel {
		return "it is canceled"
	}
	return unpaid(w)
}

func kept(w *shop.Wish) string {
	if w.Returns+w.Missing == 0 {
		return "nothing comes back and nothing is missing"
	}
	return dead(w)
}

// wishOf is how an order goes: its options, and what the steps say of it.
func (s *Scenario) wishOf(name string) shop.Wish {
	o := s.Orders[name]
	w := shop.Wish{
		Items: max(1, o.Items), Guest: o.Customer == guest, Method: o.Method, Channel: o.Channel,
		Fails: map[string]int{"fails once": 1, "fails twice": 2}[o.Payment], Unpaid: o.Payment == "never",
	}
	failed := w.Fails
	w.Fails = 0
	for i := range s.Steps {
		step := &s.Steps[i]
		if d := deeds[step.Do]; step.Order == name && d.wish != nil {
			d.wish(&w, step.Items)
		}
	}
	w.Fails = max(w.Fails, failed)
	if w.Unpaid {
		w.Fails = 0
	}
	return w
}
