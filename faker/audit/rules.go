package audit

import (
	"slices"
	"strings"

	"github.com/hookrig/hookrig/faker/shop"
)

// num reads a whole value of a fact.
func (f *Fact) num(name string) (int64, bool) {
	v, ok := f.Values[name]
	return v.Int, ok
}

func (f *Fact) word(name string) string {
	v, ok := f.Values[name]
	if !ok {
		return ""
	}
	return text(v)
}

// sums are values that others add up to, within one entity: the first is the
// sum, a minus takes off.
var sums = map[shop.Kind][][]string{
	shop.KindOrder: {
		{"total", "net", "tax"}, {"goods", "goodsNet", "goodsTax"}, {"shippingCost", "shippingNet", "shippingTax"}, {"total", "goods", "shippingCost"},
		{"net", "goodsNet", "shippingNet"}, {"tax", "goodsTax", "shippingTax"}, {"due", "total", "-canceled"},
	},
	shop.KindItem:   {{"price", "net", "tax"}, {"listPrice", "price", "discount"}},
	shop.KindLine:   {{"total", "net", "tax"}},
	shop.KindRefund: {{"amount", "net", "tax"}}, shop.KindFee: {{"amount", "net", "tax"}},
	shop.KindPrice: {{"amount", "net", "tax"}},
	shop.KindStock: {{"available", "quantity", "-reserved"}},
}

var ofPaper = [][]string{{"total", "net", "tax"}}

// totals are sums over a list of an entity.
var totals = map[shop.Kind][]struct{ sum, list, of string }{
	shop.KindOrder: {
		{"goods", "items", "price"}, {"goodsNet", "items", "net"}, {"goodsTax", "items", "tax"}, {"discount", "items", "discount"},
		{"goods", "lines", "total"}, {"shippingCost", "fees", "amount"}, {"itemCount", "lines", "quantity"}, {"refunded", "refunds", "amount"}, {"paid", "payments", "captured"},
	},
	shop.KindCreditNote: {{"total", "items", "price"}},
	shop.KindReturn:     {{"total", "items", "price"}},
}

// local judges what a fact says by itself.
func (a *Auditor) local(f *Fact) {
	rows := sums[f.Kind]
	if f.Kind.Is(shop.KindDocument) {
		rows = ofPaper
	}
	for _, row := range rows {
		a.sum(f, row)
	}
	for _, t := range totals[f.Kind] {
		want, ok := f.num(t.sum)
		list, shown := f.Lists[t.list]
		if !ok || !shown || f.Cut[t.list] {
			continue
		}
		var got int64
		whole := true
		for _, one := range list {
			n, ok := one.num(t.of)
			whole = whole && ok
			got += n
		}
		if whole && got != want {
			a.report("money/"+string(f.Kind), f, "%s is %d, and the %s have together a %s of %d", t.sum, want, t.list, t.of, got)
		}
	}
	a.bounds(f)
	a.moments(f)
	a.agree(f)
}

func (a *Auditor) sum(f *Fact, row []string) {
	want, ok := f.num(row[0])
	var got int64
	for _, name := range row[1:] {
		plain := strings.TrimPrefix(name, "-")
		n, shown := f.num(plain)
		if ok = ok && shown; plain != name {
			n = -n
		}
		got += n
	}
	if ok && got != want {
		a.report("money/"+string(f.Kind), f, "%s is %d, and %s are together %d", row[0], want, strings.Join(row[1:], " and "), got)
	}
}

// atMost are values that others bound.
var atMost = map[shop.Kind][][2]string{
	shop.KindPayment: {{"captured", "amount"}, {"refunded", "captured"}},
	shop.KindOrder:   {{"paid", "total"}, {"refunded", "paid"}, {"canceled", "total"}},
	shop.KindStock:   {{"reserved", "quantity"}},
}

// bounds: nothing is negative but changes, and nothing exceeds what it is part
// of.
func (a *Auditor) bounds(f *Fact) {
	for name, v := range f.Values {
		if v.Int >= 0 || v.Type != shop.Money && v.Type != shop.Integer && v.Type != shop.Rate || name == "change" {
			continue
		}
		rule := "money/negative"
		if f.Kind == shop.KindStock {
			rule = "stock/negative"
		}
		a.report(rule, f, "%s is %d", name, v.Int)
	}
	for _, p := range atMost[f.Kind] {
		part, ok := f.num(p[0])
		if whole, ok2 := f.num(p[1]); ok && ok2 && part > whole {
			rule := "money/" + string(f.Kind)
			if f.Kind == shop.KindStock {
				rule = "stock/reserved"
			}
			a.report(rule, f, "%s is %d, and %s only %d", p[0], part, p[1], whole)
		}
	}
}

// lines of moments, in the order in which they come.
var lines = map[shop.Kind][][]string{
	shop.KindOrder:   {{"createdAt", "confirmedAt", "shippedAt", "deliveredAt", "updatedAt"}, {"createdAt", "invoicedAt", "updatedAt"}},
	shop.KindPackage: {{"createdAt", "shippedAt", "deliveredAt", "updatedAt"}},
	shop.KindPayment: {{"createdAt", "paidAt", "updatedAt"}},
	shop.KindJob:     {{"createdAt", "finishedAt"}},
}

var usualLine = [][]string{{"createdAt", "updatedAt"}}

// slack is what times of different precision may differ by, in milliseconds.
const slack = 1000

func (a *Auditor) moments(f *Fact) {
	rows := lines[f.Kind]
	if rows == nil {
		rows = usualLine
	}
	for _, row := range rows {
		last, before := int64(0), ""
		for _, name := range row {
			t, ok := f.num(name)
			if !ok {
				continue
			}
			if before != "" && t <= last-slack {
				a.report("time/"+string(f.Kind), f, "%s lies before %s", name, before)
			}
			if t >= a.at.At+slack {
				a.report("time/future", f, "%s lies after the event", name)
			}
			last, before = t, name
		}
	}
}

// dead are the states of items that do not come, and gone of those that left.
var (
	dead = []string{"canceled", "outOfStock", "unshippable"}
	gone = []string{"shipped", "delivered", "returned"}
)

// agree: the states of an order, its items and its payment say the same.
func (a *Auditor) agree(f *Fact) {
	if f.Kind != shop.KindOrder || !f.Fresh {
		return
	}
	status := f.word("status")
	for _, it := range f.Lists["items"] {
		s := it.word("status")
		if s == "" || status == "" {
			continue
		}
		isDead, isGone := slices.Contains(dead, s), slices.Contains(gone, s)
		wrong := false
		switch status {
		case "placed", "confirmed", "picking":
			wrong = isGone
		case "shipped":
			wrong = !isDead && !isGone
		case "delivered", "closed":
			wrong = !isDead && s != "delivered" && s != "returned"
		case "canceled":
			wrong = !isDead
		}
		if wrong {
			a.report("state/items", f, "it is %s, and the item at %s is %s", status, it.word("position"), s)
		}
		if _, packed := it.num("packageId"); isGone && a.at.Whole && !packed && f.word("channel") != "pos" {
			a.report("state/package", f, "the item at %s is %s and in no package", it.word("position"), s)
		}
	}
	switch paid, ok := f.num("paid"); {
	case ok && f.word("paymentStatus") == "paid" && paid == 0:
		a.report("state/payment", f, "it is paid, and nothing was")
	case ok && paid > 0 && slices.Contains([]string{"open", "reserved", "voided"}, f.word("paymentStatus")):
		a.report("state/payment", f, "%d were paid, and it is %s", paid, f.word("paymentStatus"))
	}
}

// stock: a quantity changes by movements, each by what it says.
func (a *Auditor) stock(f *Fact, r *record) {
	was, known := r.value("quantity")
	now, shown := f.num("quantity")
	if f.Kind != shop.KindStock || !known || !shown || !a.at.Whole {
		return
	}
	change, _ := f.num("change")
	if a.at.Action != "stock.moved" {
		change = 0
	}
	if was.Int+change != now {
		a.report("stock/movement", f, "%d pieces and %d more are %d", was.Int, change, now)
	}
}

// meanings are what an action leaves an entity like.
var meanings = map[string]struct {
	kind           shop.Kind
	property, must string
}{
	"order.placed": {shop.KindOrder, "status", "placed"}, "order.confirmed": {shop.KindOrder, "status", "confirmed"},
	"order.released": {shop.KindOrder, "status", "picking"}, "order.canceled": {shop.KindOrder, "status", "canceled"},
	"order.delivered": {shop.KindOrder, "status", "delivered"}, "order.closed": {shop.KindOrder, "status", "closed"},
	"order.deleted": {shop.KindOrder, "status", "deleted"}, "package.shipped": {shop.KindPackage, "status", "shipped"},
	"package.delivered": {shop.KindPackage, "status", "delivered"}, "package.canceled": {shop.KindPackage, "status", "canceled"},
	"item.returned": {shop.KindItem, "status", "returned"}, "item.canceled": {shop.KindItem, "status", "canceled"},
	"item.outOfStock": {shop.KindItem, "status", "outOfStock"}, "item.unshippable": {shop.KindItem, "status", "unshippable"},
	"payment.reserved": {shop.KindPayment, "status", "reserved"}, "payment.failed": {shop.KindPayment, "status", "failed"},
	"payment.captured": {shop.KindPayment, "status", "captured"}, "customer.blocked": {shop.KindCustomer, "status", "blocked"},
	"customer.anonymized": {shop.KindCustomer, "status", "anonymized"}, "customer.deleted": {shop.KindCustomer, "status", "deleted"},
	"product.deleted": {shop.KindProduct, "status", "retired"}, "job.finished": {shop.KindJob, "status", "finished"}, "job.failed": {shop.KindJob, "status", "failed"},
}

// meaning judges that an action did what it says.
func (a *Auditor) meaning(s *Sighting) {
	m, ok := meanings[s.Action]
	for _, f := range s.Facts {
		kind, verb, _ := strings.Cut(s.Action, ".")
		if f.Kind.Is(shop.KindDocument) && string(f.Kind) == kind && slices.Contains([]string{"released", "sent", "archived", "canceled", "deleted", "started"}, verb) {
			m.kind, m.property, m.must, ok = f.Kind, "status", verb, f.Kind != shop.KindDunning
		}
		if now := f.word(m.property); ok && f.Fresh && f.Kind == m.kind && now != "" && now != m.must {
			a.report("life/"+s.Action, f, "%s is %s", m.property, now)
		}
	}
}

// together judges what the entities of one sighting say of each other.
func (a *Auditor) together(s *Sighting) {
	var order, invoice *Fact
	for _, f := range s.Facts {
		switch f.Kind {
		case shop.KindOrder:
			order = f
		case shop.KindInvoice:
			invoice = f
		}
	}
	if order == nil {
		return
	}
	if invoice != nil && s.Action == "invoice.created" {
		total, ok := invoice.num("total")
		if due, ok2 := order.num("due"); ok && ok2 && total != due {
			a.report("money/invoice", invoice, "it bills %d, and %d are due", total, due)
		}
	}
	if c := order.Ones["customer"]; s.Action == "order.placed" && c != nil && slices.Contains([]string{"blocked", "anonymized", "deleted"}, c.word("status")) {
		a.report("life/customer", c, "a customer who is %s orders", c.word("status"))
	}
}
