package shop

var (
	orderStatuses    = []string{"placed", "confirmed", "picking", "partiallyShipped", "shipped", "delivered", "closed", "canceled", "deleted"}
	payingStatuses   = []string{"open", "reserved", "paid", "partiallyRefunded", "refunded", "voided"}
	shippingStatuses = []string{"open", "partial", "shipped", "delivered", "none"}
	channels         = []string{"web", "app", "marketplace", "pos"}
	itemStatuses     = []string{"open", "reserved", "outOfStock", "canceled", "unshippable", "shipped", "delivered", "returned"}
	paymentStatuses  = []string{"open", "reserved", "captured", "failed", "voided", "partiallyRefunded", "refunded"}
	paymentMethods   = []string{"card", "paypal", "invoice", "prepayment", "giftCard", "cash"}
	packageStatuses  = []string{"open", "labeled", "shipped", "delivered", "canceled"}
	carriers         = []string{"dhl", "dpd", "gls", "ups"}
)

func orderKinds() []*KindInfo {
	c := kind[*Cart](KindCart, "what a customer has chosen and not yet ordered")
	c.choice("status", "", func(e *Cart) string { return e.Status }, "open", "ordered", "abandoned")
	c.money("total", "with tax", func(e *Cart) int64 { return e.Total })
	many(c, "variants", KindVariant, "", func(e *Cart) []*Variant { return e.Variants })

	i := kind[*Item](KindItem, "one piece of an order")
	i.integer("position", "in the order, from 1", func(e *Item) int64 { return e.Position }, "index")
	i.choice("status", "", func(e *Item) string { return e.Status }, itemStatuses...)
	i.text("reason", "of a cancellation or a return", func(e *Item) string { return e.Reason }, "text.sentence")
	i.integer("quantity", "1: an item is one piece, see `line`", func(*Item) int64 { return 1 })
	i.text("sku", "", func(e *Item) string { return e.Variant.SKU }, "commerce.sku")
	i.same("variant.sku")
	i.text("ean", "", func(e *Item) string { return e.Variant.EAN }, "commerce.ean")
	i.same("variant.ean")
	i.text("name", "", func(e *Item) string { return e.Variant.Name }, "commerce.productName")
	i.same("variant.name")
	i.money("price", "what it costs in the order, with tax", func(e *Item) int64 { return e.Price })
	i.money("net", "without tax", func(e *Item) int64 { return e.Net })
	i.money("tax", "", func(e *Item) int64 { return e.Tax })
	i.rate("vatRate", "", func(e *Item) int64 { return e.Rate })
	i.money("listPrice", "before the discount, with tax", func(e *Item) int64 { return e.List })
	i.money("listNet", "before the discount, without tax", func(e *Item) int64 { return e.ListNet })
	i.money("discount", "listPrice less price", func(e *Item) int64 { return e.Discount })
	i.integer("warehouse", "", func(e *Item) int64 { return e.House }, "id.small")
	i.read("packageId", Integer, "of the package that it lies in", []string{"id.small"}, func(e *Item) Value {
		if e.PackageID == 0 {
			return Value{}
		}
		return Value{Type: Integer, Int: e.PackageID}
	})
	many(i, "coupons", KindCoupon, "that took the discount off", func(e *Item) []*Coupon { return e.Coupons })
	one(i, "product", KindProduct, "as it was when the order was placed", func(e *Item) *Product { return e.Product })
	one(i, "variant", KindVariant, "as it was when the order was placed", func(e *Item) *Variant { return e.Variant })

	l := kind[*Line](KindLine, "all pieces of one variant in an order")
	l.integer("position", "in the order, from 1", func(e *Line) int64 { return e.Position }, "index")
	l.integer("quantity", "", func(e *Line) int64 { return e.Quantity })
	l.text("sku", "", func(e *Line) string { return e.Variant.SKU }, "commerce.sku")
	l.same("variant.sku")
	l.text("ean", "", func(e *Line) string { return e.Variant.EAN }, "commerce.ean")
	l.same("variant.ean")
	l.text("name", "", func(e *Line) string { return e.Variant.Name }, "commerce.productName")
	l.same("variant.name")
	l.money("price", "of one piece, with tax", func(e *Line) int64 { return e.Price })
	l.money("priceNet", "of one piece, without tax", func(e *Line) int64 { return e.PriceNet })
	l.money("total", "of all, with tax", func(e *Line) int64 { return e.Total })
	l.money("net", "of all, without tax", func(e *Line) int64 { return e.Net })
	l.money("tax", "of all", func(e *Line) int64 { return e.Tax })
	l.rate("vatRate", "", func(e *Line) int64 { return e.Rate })
	one(l, "product", KindProduct, "as it was when the order was placed", func(e *Line) *Product { return e.Product })
	one(l, "variant", KindVariant, "as it was when the order was placed", func(e *Line) *Variant { return e.Variant })

	return []*KindInfo{c.KindInfo, orderKind(), i.KindInfo, l.KindInfo, paymentKind(), feeKind(), refundKind(), packageKind()}
}

func orderKind() *KindInfo { //nolint:funlen // a table
	o := kind[*Order](KindOrder, "what a customer bought")
	o.text("number", "`2026000123`", func(e *Order) string { return e.Number }, "code.year")
	o.owns(func(e *Order, v Value) { e.Number = v.Text })
	o.choice("status", "", func(e *Order) string { return e.Status }, orderStatuses...)
	o.choice("paymentStatus", "", func(e *Order) string { return e.Paying }, payingStatuses...)
	o.choice("shippingStatus", "", func(e *Order) string { return e.Shipping }, shippingStatuses...)
	o.choice("channel", "where it was placed", func(e *Order) string { return e.Channel }, channels...)
	o.sets(func(e *Order, v Value) { e.Channel = v.Text })
	o.text("note", "of the customer, of some", func(e *Order) string { return e.Note }, "text.sentence")
	o.sets(func(e *Order, v Value) { e.Note = v.Text })
	o.choice("carrier", "", func(e *Order) string { return e.Carrier }, carriers...)
	o.sets(func(e *Order, v Value) { e.Carrier = v.Text })
	o.money("total", "goods and shipping as placed, with tax", func(e *Order) int64 { return e.Total })
	o.money("net", "of the total, without tax", func(e *Order) int64 { return e.Net })
	o.money("tax", "of the total", func(e *Order) int64 { return e.Tax })
	o.money("goods", "the sum of the items' prices, with tax", func(e *Order) int64 { return e.Goods })
	o.money("goodsNet", "without tax", func(e *Order) int64 { return e.GoodsNet })
	o.money("goodsTax", "", func(e *Order) int64 { return e.GoodsTax })
	o.money("shippingCost", "with tax", func(e *Order) int64 { return e.Freight })
	o.sets(func(e *Order, v Value) { e.freight(v.Int) })
	o.money("shippingNet", "without tax", func(e *Order) int64 { return e.FreightNet })
	o.money("shippingTax", "", func(e *Order) int64 { return e.FreightTax })
	o.money("discount", "already taken off the items' prices", func(e *Order) int64 { return e.Discount })
	o.money("canceled", "of items that will not come, with tax", func(e *Order) int64 { return e.Canceled })
	o.money("due", "total less canceled", func(e *Order) int64 { return e.Total - e.Canceled })
	o.money("paid", "so far", func(e *Order) int64 { return e.Paid })
	o.money("refunded", "so far", func(e *Order) int64 { return e.Refunded })
	o.rate("vatRate", "of the country that it goes to", func(e *Order) int64 { return e.Rate })
	o.integer("itemCount", "", func(e *Order) int64 { return int64(len(e.Items)) })
	o.boolean("isPaid", "", func(e *Order) bool { return e.Paid > 0 })
	o.time("confirmedAt", "its payment is reserved, or promised", func(e *Order) int64 { return e.Confirmed })
	o.time("shippedAt", "all of it", func(e *Order) int64 { return e.Shipped })
	o.time("invoicedAt", "", func(e *Order) int64 { return e.Invoiced })
	o.time("deliveredAt", "all of it", func(e *Order) int64 { return e.Delivered })
	o.time("endedAt", "closed, canceled or deleted", func(e *Order) int64 { return e.Ended })
	one(o, "customer", KindCustomer, "", func(e *Order) *Customer { return e.Customer })
	puts(o, func(e *Order, to *Customer) { e.Customer = to })
	one(o, "billing", KindAddress, "", func(e *Order) *Address { return e.Bill })
	puts(o, func(e *Order, to *Address) { e.Bill = to })
	one(o, "shipping", KindAddress, "", func(e *Order) *Address { return e.To })
	puts(o, func(e *Order, to *Address) { e.To = to })
	one(o, "payment", KindPayment, "the one that counts", func(e *Order) *Payment {
		if n := len(e.Payments); n > 0 {
			return e.Payments[n-1]
		}
		return nil
	})
	puts(o, func(e *Order, to *Payment) { e.Payments = replaced(e.Payments, e.Payments[len(e.Payments)-1], to) })
	one(o, "invoice", KindInvoice, "once there is one", func(e *Order) *Document { return e.Invoice })
	one(o, "coupon", KindCoupon, "of some", func(e *Order) *Coupon { return e.Coupon })
	many(o, "items", KindItem, "each piece", func(e *Order) []*Item { return e.Items })
	many(o, "lines", KindLine, "the pieces of one variant together", func(e *Order) []*Line { return e.Lines })
	many(o, "payments", KindPayment, "failed ones as well", func(e *Order) []*Payment { return e.Payments })
	many(o, "packages", KindPackage, "", func(e *Order) []*Package { return e.Packages })
	many(o, "fees", KindFee, "what it costs besides the goods", func(e *Order) []*Fee { return e.Fees })
	many(o, "refunds", KindRefund, "", func(e *Order) []*Refund { return e.Refunds })
	many(o, "children", KindOrder, "orders that were split off for others to deliver", func(e *Order) []*Order { return e.Children })
	many(o, "purchases", KindPurchase, "at suppliers who deliver some of it", func(e *Order) []*Document { return e.Bought })
	return o.KindInfo
}

func paymentKind() *KindInfo {
	p := kind[*Payment](KindPayment, "money that a customer owes, and pays")
	p.choice("method", "", func(e *Payment) string { return e.Method }, paymentMethods...)
	p.sets(func(e *Payment, v Value) {
		switch e.Method = v.Text; {
		case e.Method != "card":
			e.Card = ""
		case e.Card == "":
			e.Card = "visa"
		}
	})
	p.choice("status", "", func(e *Payment) string { return e.Status }, paymentStatuses...)
	p.text("reference", "of the payment provider", func(e *Payment) string { return e.Reference }, "text.code", "like", "################")
	p.owns(func(e *Payment, v Value) { e.Reference = v.Text })
	p.choice("card", "of card payments", func(e *Payment) string { return e.Card }, "visa", "mastercard", "amex")
	p.sets(func(e *Payment, v Value) {
		if e.Method == "card" {
			e.Card = v.Text
		}
	})
	p.money("amount", "of the order", func(e *Payment) int64 { return e.Amount })
	p.money("captured", "so far", func(e *Payment) int64 { return e.Captured })
	p.money("refunded", "so far", func(e *Payment) int64 { return e.Refunded })
	p.boolean("isSuccess", "did not fail", func(e *Payment) bool { return e.Status != "failed" })
	p.time("paidAt", "", func(e *Payment) int64 { return e.Paid })
	return p.KindInfo
}

func feeKind() *KindInfo {
	f := kind[*Fee](KindFee, "what an order costs besides its goods")
	f.choice("type", "", func(e *Fee) string { return e.Type }, "shipping")
	f.money("amount", "with tax", func(e *Fee) int64 { return e.Amount })
	f.money("net", "without tax", func(e *Fee) int64 { return e.Net })
	f.money("tax", "", func(e *Fee) int64 { return e.Tax })
	f.rate("vatRate", "", func(e *Fee) int64 { return e.Rate })
	return f.KindInfo
}

func refundKind() *KindInfo {
	r := kind[*Refund](KindRefund, "money that goes back")
	r.money("amount", "with tax", func(e *Refund) int64 { return e.Amount })
	r.money("net", "without tax", func(e *Refund) int64 { return e.Net })
	r.money("tax", "", func(e *Refund) int64 { return e.Tax })
	r.text("reason", "", func(e *Refund) string { return e.Reason }, "text.sentence")
	r.integer("paymentId", "that it goes back on", func(e *Refund) int64 { return e.Payment }, "id.small")
	many(r, "items", KindItem, "that it pays for", func(e *Refund) []*Item { return e.Items })
	return r.KindInfo
}

func packageKind() *KindInfo {
	p := kind[*Package](KindPackage, "a parcel of an order")
	p.choice("carrier", "", func(e *Package) string { return e.Carrier }, carriers...)
	p.choice("status", "", func(e *Package) string { return e.Status }, packageStatuses...)
	p.text("shipmentKey", "the shop's own name for it", func(e *Package) string { return e.Shipment }, "text.code", "like", "shpmnt-##-#")
	p.text("trackingNumber", "once it has a label", func(e *Package) string { return e.Tracking }, "commerce.trackingNumber")
	p.owns(func(e *Package, v Value) {
		if e.Tracking != "" {
			e.Tracking = v.Text
			e.URL = trackingURL(e.Tracking)
		}
	})
	p.text("trackingUrl", "once it has a label", func(e *Package) string { return e.URL }, "internet.url")
	p.integer("weight", "in grams", func(e *Package) int64 { return e.Weight })
	p.sets(func(e *Package, v Value) { e.Weight = v.Int })
	p.time("shippedAt", "", func(e *Package) int64 { return e.Shipped })
	p.time("deliveredAt", "", func(e *Package) int64 { return e.Delivered })
	p.time("expectedFrom", "the first day of the expected delivery", func(e *Package) int64 { return e.First }, "date.future")
	p.time("expectedUntil", "the last day of it", func(e *Package) int64 { return e.Last }, "date.future")
	one(p, "deliveryNote", KindDelivery, "", func(e *Package) *Document { return e.Note })
	many(p, "items", KindItem, "", func(e *Package) []*Item { return e.Items })
	return p.KindInfo
}
