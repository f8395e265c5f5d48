package shop

import "cmp"

var (
	paperStatuses = []string{"draft", "released", "sent", "started", "completed", "archived", "canceled", "deleted"}
	jobStatuses   = []string{"running", "finished", "failed"}
	jobTypes      = []string{
		"orderImport", "stockSync", "productExport", "productImport", "customerImport", "paymentImport", "feed", "import", "export", "report",
		"accounting", "orderProposal", "extendedOrderProposal", "autoShipment", "transfer", "request",
	}
)

func paperKinds() []*KindInfo {
	docs := map[Kind]string{
		KindInvoice:    "the bill of an order",
		KindCreditNote: "what takes a bill back, or part of it",
		KindReturn:     "goods that come back",
		KindDelivery:   "what goes along with a package",
		KindProforma:   "a bill to be paid in advance",
		KindReceipt:    "the proof of a payment",
		KindOffer:      "what something would cost",
		KindPurchase:   "an order at a supplier",
		KindProduction: "goods that the shop makes itself",
		KindLiability:  "the bill of a supplier",
		KindPicklist:   "what is to be fetched from the shelves",
		KindDunning:    "a reminder to pay",
		KindOutgoing:   "money that goes to a supplier",
		KindDocument:   "any of the papers above, by what they share",
	}
	var all []*KindInfo
	for _, k := range append(Papers(), KindDocument) {
		all = append(all, paperKind(k, docs[k]))
	}
	return append(all, jobKind())
}

func paperKind(k Kind, doc string) *KindInfo {
	d := kind[*Document](k, doc)
	d.choice("type", "the paper's kind", func(e *Document) string { return string(e.Type) }, paperNames()...)
	d.text("number", "`2026000123`", func(e *Document) string { return e.Number }, "code.year")
	d.choice("status", "", func(e *Document) string { return e.Status }, paperStatuses...)
	d.money("total", "with tax", func(e *Document) int64 { return e.Total })
	d.money("net", "without tax", func(e *Document) int64 { return e.Net })
	d.money("tax", "", func(e *Document) int64 { return e.Tax })
	d.rate("vatRate", "", func(e *Document) int64 { return e.Rate })
	d.boolean("isComplete", "all goods have come or gone", func(e *Document) bool { return e.Complete })
	d.time("dueAt", "of some", func(e *Document) int64 { return e.Due }, "date.future")
	d.time("sentAt", "", func(e *Document) int64 { return e.Sent })
	all := k == KindDocument
	if all || isOfOrder(k) {
		one(d, "order", KindOrder, "", func(e *Document) *Order { return e.Order })
	}
	if all || isOfOrder(k) || k == KindOffer {
		one(d, "customer", KindCustomer, "", func(e *Document) *Customer { return e.Customer })
	}
	if all || k == KindPurchase || k == KindLiability || k == KindOutgoing {
		one(d, "supplier", KindSupplier, "", func(e *Document) *Supplier { return e.Supplier })
	}
	if all || k == KindPurchase || k == KindProduction || k == KindOffer {
		d.integer("quantity", "of the variant", func(e *Document) int64 { return e.Quantity })
		one(d, "product", KindProduct, "", func(e *Document) *Product { return e.Product })
		one(d, "variant", KindVariant, "", func(e *Document) *Variant { return e.Variant })
	}
	if before, ok := follows[k]; all || ok {
		one(d, "before", cmp.Or(before, KindDocument), "the paper that it follows", func(e *Document) *Document { return e.Before })
	}
	if !all && !isOfOrder(k) {
		return d.KindInfo
	}
	many(d, "items", KindItem, "pieces of the order", func(e *Document) []*Item { return e.Items })
	return d.KindInfo
}

// follows are the papers that others come from.
var follows = map[Kind]Kind{
	KindCreditNote: KindInvoice, KindReturn: KindInvoice, KindDunning: KindInvoice, KindLiability: KindPurchase, KindOutgoing: KindLiability,
}

func paperNames() []string {
	var names []string
	for _, k := range Papers() {
		names = append(names, string(k))
	}
	return names
}

func jobKind() *KindInfo {
	j := kind[*Job](KindJob, "work that runs by itself: an import, an export, a report")
	j.choice("type", "", func(e *Job) string { return e.Type }, jobTypes...)
	j.choice("status", "", func(e *Job) string { return e.Status }, jobStatuses...)
	j.integer("planId", "of what runs again and again, by type and channel", func(e *Job) int64 { return 10 + int64(name(e.Type+e.Channel)%90) }, "id.small")
	j.text("channel", "that it exchanges with", func(e *Job) string { return e.Channel }, "text.name")
	j.text("name", "", func(e *Job) string { return e.Name }, "text.title")
	j.text("file", "of some", func(e *Job) string { return e.File }, "file.name", "ext", "csv")
	j.text("error", "where it failed", func(e *Job) string { return e.Error }, "text.sentence")
	j.time("finishedAt", "", func(e *Job) int64 { return e.Finished })
	many(j, "products", KindProduct, "", func(e *Job) []*Product { return e.Products })
	many(j, "variants", KindVariant, "", func(e *Job) []*Variant { return e.Variants })
	many(j, "orders", KindOrder, "", func(e *Job) []*Order { return e.Orders })
	many(j, "payments", KindPayment, "", func(e *Job) []*Payment { return e.Payments })
	many(j, "customers", KindCustomer, "", func(e *Job) []*Customer { return e.Customers })
	one(j, "document", KindDocument, "of a transfer", func(e *Job) *Document { return e.Document })
	return j.KindInfo
}
