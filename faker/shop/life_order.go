package shop

// place makes an order of what was chosen.
func (s *shard) place(b *buyer, wares []ware, channel string, cart *Cart) {
	s.placeAs(b, wares, channel, cart, nil)
}

func (s *shard) placeAs(b *buyer, wares []ware, channel string, cart *Cart, wish *Wish) *life {
	wares = present(wares)
	if !b.may() || len(wares) == 0 {
		b.open--
		return nil
	}
	l := &life{shard: s, buyer: b, wares: wares, wish: wish}
	id := s.id(KindOrder)
	o := &Order{
		Ident: id, Number: s.yearly(id.ID), Status: "placed", Paying: "open", Shipping: "open", Channel: channel,
		Carrier: pick(s, carriers), Customer: b.Customer, Bill: b.Home, To: b.Home,
	}
	if n := len(b.Addresses); n > 1 && s.chance(6000) {
		o.To = b.Addresses[s.below(n)]
	}
	if s.chance(1200) {
		o.Note = s.words.Sentence(s.next())
	}
	l.Order = fix(s.edits, o)
	l.price()
	l.owe()
	if o.Customer != b.Customer { // somebody told what this order's customer is like
		b.Customer = o.Customer
		s.tell("customer.updated", b.Customer)
	}
	held := l.hold()
	if cart != nil {
		cart = changed(s, cart)
		cart.Status = "ordered"
	}
	l.tell("order.placed", l.Order)
	l.eachWare(held, func(w ware, _ int64) {
		l.stock("stock.reserved", w)
		l.low(w)
	})
	if o.Channel == "marketplace" || o.Channel == "app" {
		if s.imports = append(s.imports, l); len(s.imports) == 1 {
			s.in(minute, 4*minute, s.fetchOrders)
		}
	}
	l.charge()
	return l
}

// present drops what was taken out of the assortment since it was chosen.
func present(wares []ware) []ware {
	var kept []ware
	for _, w := range wares {
		if w.goods.Status == "live" && w.variant < len(w.goods.Variants) {
			kept = append(kept, w)
		}
	}
	return kept
}

// price fills the order with items and lines, and adds them up.
func (l *life) price() {
	o := l.Order
	o.Rate = o.To.Place.Country.VAT
	if l.decide(1200, not) {
		c := pick(l.shard, l.coupons)
		if c != nil && c.Status == "open" && c.Until > l.now {
			used := changed(l.shard, c)
			used.Uses++
			l.coupons = replaced(l.coupons, c, used)
			o.Coupon = used
		}
	}
	lines := map[ware]*Line{}
	for i, w := range l.wares {
		v := w.goods.Variants[w.variant]
		it := &Item{
			Ident: l.id(KindItem), Position: int64(i + 1), Status: "open", Rate: o.Rate, Product: w.goods.Product, Variant: v,
			List: v.Price.Amount, House: w.goods.stocks[w.variant].House,
		}
		if o.Coupon != nil {
			it.Discount = it.List * o.Coupon.Rate / 10_000
			it.Coupons = []*Coupon{o.Coupon}
		}
		it.Price = it.List - it.Discount
		it.Net, it.ListNet = net(it.Price, o.Rate), net(it.List, o.Rate)
		it.Tax = it.Price - it.Net
		o.Items = append(o.Items, it)
		o.Goods, o.GoodsNet, o.GoodsTax, o.Discount = o.Goods+it.Price, o.GoodsNet+it.Net, o.GoodsTax+it.Tax, o.Discount+it.Discount
		line := lines[w]
		if line == nil {
			line = &Line{
				Ident: l.id(KindLine), Position: int64(len(o.Lines) + 1), Price: it.Price, PriceNet: it.Net, Rate: o.Rate,
				Product: it.Product, Variant: v,
			}
			lines[w] = line
			o.Lines = append(o.Lines, line)
		}
		line.Quantity++
		line.Total, line.Net, line.Tax = line.Total+it.Price, line.Net+it.Net, line.Tax+it.Tax
	}
	level := l.house.Country.Level
	if free := 60_00 * level; o.Goods < free && o.Channel != "pos" {
		o.Freight = 490 * level
	}
	o.freight(o.Freight)
	fix(l.edits, o)
}

// freight adds up an order that costs so much to send.
func (o *Order) freight(cost int64) {
	o.Freight, o.FreightNet = cost, net(cost, o.Rate)
	o.FreightTax = o.Freight - o.FreightNet
	if o.Fees = nil; cost > 0 {
		o.Fees = []*Fee{{Ident: o.Ident, Type: "shipping", Amount: cost, Net: o.FreightNet, Tax: o.FreightTax, Rate: o.Rate}}
	}
	o.Total, o.Net, o.Tax = o.Goods+o.Freight, o.GoodsNet+o.FreightNet, o.GoodsTax+o.FreightTax
}

// hold takes the goods out of what others can buy. An item that somebody else
// was quicker to buy stays open.
func (l *life) hold() map[ware]int64 {
	held := map[ware]int64{}
	for i, w := range l.wares {
		if w.goods.stocks[w.variant].Available() < 1 {
			continue
		}
		w.goods.stocks[w.variant] = changed(l.shard, w.goods.stocks[w.variant])
		w.goods.stocks[w.variant].Reserved++
		held[w]++
		l.Items[i].Status = "reserved"
	}
	return held
}

// eachWare visits the wares of the order once, in the order of the items.
func (l *life) eachWare(counts map[ware]int64, visit func(w ware, n int64)) {
	for _, w := range l.wares {
		if n := counts[w]; n != 0 {
			delete(counts, w)
			visit(w, n)
		}
	}
}

// stock tells of a variant's stock.
func (s *shard) stock(action string, w ware) {
	s.tell(action, w.goods.stocks[w.variant], w.goods.Variants[w.variant], w.goods.Product)
}

// confirm is reached once the payment is reserved or promised.
func (l *life) confirm() {
	l.set(func(o *Order) { o.Status, o.Confirmed = "confirmed", l.now })
	l.tell("order.confirmed", l.Order)
	l.work(5*minute, hour, func() { l.tell("order.sent", l.touched()) })
	if l.Channel == "pos" {
		l.in(second, 20*second, l.handOver)
		return
	}
	switch {
	case !l.decide(800, func(w *Wish) bool { return w.Correct }):
	case l.wish != nil: // surely before the release, at whatever hour
		l.in(10*minute, 80*minute, l.correct)
	default:
		l.work(10*minute, 2*hour, l.correct)
	}
	l.work(90*minute, 6*hour, func() {
		if l.decide(450, func(w *Wish) bool { return w.Cancel }) {
			l.cancel("changed their mind")
			return
		}
		for i := range l.Items {
			if len(l.Items) > 1 && l.decide(500, func(w *Wish) bool { return i < w.Drop }) {
				l.drop(i, "canceled", "item.canceled", "changed their mind")
			}
		}
		if len(l.Items) > 1 && l.decide(350, func(w *Wish) bool { return w.Split }) {
			l.split()
		}
		l.release()
	})
}

// touched is the order with a new time of its last change.
func (l *life) touched() *Order {
	l.set(func(*Order) {})
	return l.Order
}

// correct changes where the order goes to, or its note.
func (l *life) correct() {
	if l.Status != "confirmed" {
		return
	}
	if l.decide(5000, not) {
		l.set(func(o *Order) { o.Note = l.words.Sentence(l.next()); fix(l.edits, o) })
	} else {
		a := changed(l.shard, l.To)
		a.Additional = l.words.Place(l.next()).Additional
		fix(l.edits, a)
		l.set(func(o *Order) { o.To = a; fix(l.edits, o) })
	}
	l.tell("order.updated", l.Order)
}

// drop takes an item off the order.
func (l *life) drop(i int, status, action, reason string) {
	it := l.Items[i]
	if it.Status != "open" && it.Status != "reserved" {
		return
	}
	reserved := it.Status == "reserved"
	it = l.item(i, func(it *Item) { it.Status, it.Reason = status, reason })
	l.set(func(o *Order) { o.Canceled += it.Price })
	l.about(l.tell(action, l.Order, it), it)
	if reserved {
		l.free(map[ware]int64{l.wares[i]: 1})
	}
}

// about says which items a step is about.
func (l *life) about(h *Happening, items ...*Item) {
	h.Items = items
	if len(items) > 0 {
		h.Status, h.Reason = items[0].Status, items[0].Reason
	}
}

// free gives reserved goods back to those who buy.
func (l *life) free(counts map[ware]int64) {
	l.eachWare(counts, func(w ware, n int64) {
		if w.gone() {
			return
		}
		st := changed(l.shard, w.goods.stocks[w.variant])
		empty := st.Available() == 0
		st.Reserved -= n
		w.goods.stocks[w.variant] = st
		l.stock("stock.freed", w)
		if empty {
			l.back(w)
		}
	})
}

// cancel ends an order before anything was shipped.
func (l *life) cancel(reason string) {
	if len(l.Packages) > 0 || l.ended {
		return
	}
	freed := map[ware]int64{}
	var items []*Item
	for _, i := range l.waiting() {
		if l.Items[i].Status == "reserved" {
			freed[l.wares[i]]++
		}
		items = append(items, l.item(i, func(it *Item) { it.Status, it.Reason = "canceled", reason }))
	}
	l.set(func(o *Order) {
		o.Status, o.Shipping, o.Ended, o.Canceled = "canceled", "none", l.now, o.Total
	})
	l.about(l.tell("order.canceled", l.Order), items...)
	l.free(freed)
	l.unpay(reason)
	l.finish()
}

// split leaves the last item to another warehouse, or to a supplier.
func (l *life) split() {
	i := len(l.Items) - 1
	if l.Items[i].Status != "reserved" {
		return
	}
	it := l.Items[i]
	id := l.id(KindOrder)
	child := *l.Order
	child.Ident, child.Number, child.Parent, child.Confirmed = id, l.Number+"-1", l.ID, l.now
	child.Items, child.Payments, child.Children, child.Fees = []*Item{it}, nil, nil, nil
	child.Lines = []*Line{{
		Ident: l.id(KindLine), Position: 1, Quantity: 1, Price: it.Price, PriceNet: it.Net, Total: it.Price, Net: it.Net, Tax: it.Tax, Rate: it.Rate,
		Product: it.Product, Variant: it.Variant,
	}}
	child.Total, child.Net, child.Tax = it.Price, it.Net, it.Tax
	child.Goods, child.GoodsNet, child.GoodsTax, child.Discount = it.Price, it.Net, it.Tax, it.Discount
	child.Freight, child.FreightNet, child.FreightTax, child.Canceled, child.Paid = 0, 0, 0, 0, 0
	action := "order.split"
	if l.decide(5000, not) {
		action = "order.dropShipped"
		w := l.wares[i]
		d := l.draft(KindPurchase)
		d.Quantity, d.Supplier, d.Product, d.Variant = 1, w.goods.costs[w.variant].Supplier, w.goods.Product, w.goods.Variants[w.variant]
		d.value(w.goods.costs[w.variant].Amount, l.house.Country.VAT)
		l.set(func(o *Order) { o.Bought = []*Document{d} })
		l.papered("created", d)
		l.work(hour, 5*hour, func() { l.purchased(d, ware{}, 0) })
	}
	l.set(func(o *Order) { o.Children = []*Order{&child} })
	l.tell(action, l.Order)
}
