package shop

// release gives the order to the warehouse.
func (l *life) release() {
	if l.ended {
		return
	}
	l.set(func(o *Order) { o.Status = "picking" })
	l.tell("order.released", l.Order)
	l.work(10*minute, 2*hour, func() {
		d := l.draft(KindPicklist)
		d.Status = "released"
		l.papered("created", d)
		l.in(second, minute, func() { l.papered("generated", l.rewritten(d, "completed")) })
		l.work(20*minute, 3*hour, l.fetch)
	})
}

// handOver is a sale over the counter: the customer has the goods at once, and
// nothing is sent.
func (l *life) handOver() {
	if l.ended {
		return
	}
	l.set(func(o *Order) { o.Status = "picking" })
	l.tell("order.released", l.Order)
	for _, i := range l.waiting() {
		if l.Items[i].Status == "open" {
			l.drop(i, "outOfStock", "item.outOfStock", "somebody else was quicker")
		}
	}
	items := l.waiting()
	if len(items) == 0 {
		l.cancelEmpty()
		return
	}
	l.leave(items)
	for _, i := range items {
		l.item(i, func(it *Item) { it.Status = "delivered" })
	}
	l.set(func(o *Order) { o.Status, o.Shipping, o.Shipped, o.Delivered = "delivered", "delivered", l.now, l.now })
	l.tell("order.delivered", l.Order)
	l.invoice()
	l.work(4*day, 6*day, l.finish)
}

// fetch takes the goods off the shelves, and finds what is missing.
func (l *life) fetch() {
	if l.ended {
		return
	}
	for _, i := range l.waiting() {
		switch {
		case l.Items[i].Status == "open":
			l.drop(i, "outOfStock", "item.outOfStock", "somebody else was quicker")
		case l.decide(70, func(w *Wish) bool { return i < w.Missing }):
			l.lose(i)
			l.drop(i, "outOfStock", "item.outOfStock", "is not on its shelf")
		case l.decide(90, not):
			l.drop(i, "unshippable", "item.unshippable", "is damaged")
		}
	}
	all := l.waiting()
	if len(all) == 0 {
		l.cancelEmpty()
		return
	}
	first := all
	var second []int
	if len(all) > 1 && l.decide(2500, func(w *Wish) bool { return w.Packages > 1 }) {
		first, second = all[:len(all)/2], all[len(all)/2:]
	}
	l.pack(first, func() {
		if len(second) == 0 {
			l.dispatch()
			return
		}
		l.work(5*hour, 2*day, func() { l.pack(second, l.dispatch) })
	})
}

// lose corrects a stock by a piece that is not there.
func (l *life) lose(i int) {
	w := l.wares[i]
	if w.gone() {
		return
	}
	st := changed(l.shard, w.goods.stocks[w.variant])
	st.Quantity, st.Reserved, st.Change = st.Quantity-1, st.Reserved-1, -1
	w.goods.stocks[w.variant] = st
	l.item(i, func(it *Item) { it.Status = "open" }) // no longer reserved
	l.stock("stock.moved", w)
}

// cancelEmpty ends an order of which nothing is left to ship.
func (l *life) cancelEmpty() {
	l.set(func(o *Order) {
		o.Status, o.Shipping, o.Ended, o.Canceled = "canceled", "none", l.now, o.Total
	})
	l.about(l.tell("order.canceled", l.Order), l.Items...)
	l.unpay("nothing could be delivered")
	l.finish()
}

// pack puts items into a package and sends it.
func (l *life) pack(items []int, then func()) {
	note := l.draft(KindDelivery)
	for _, i := range items {
		note.Items = append(note.Items, l.Items[i])
	}
	note.Total, note.Net, note.Tax, note.Rate = 0, 0, 0, l.Rate
	l.papered("created", note)
	if l.decide(400, not) {
		note = l.rewritten(note, "draft")
		l.papered("updated", note)
	}
	if l.decide(300, not) { // written wrongly: once more
		verb := []string{"canceled", "deleted"}[l.below(2)]
		l.papered(verb, l.rewritten(note, verb))
		old := note
		note = l.draft(KindDelivery)
		note.Items, note.Rate = old.Items, old.Rate
		l.papered("created", note)
	}
	note = l.rewritten(note, "released")
	l.papered("released", note)
	l.bills = append(l.bills, note)
	l.leave(items)
	p := l.wrap(items, note)
	l.in(minute, 20*minute, func() {
		p = l.label(p)
		if l.decide(300, not) {
			p = l.parcel(p, func(p *Package) { p.Status = "canceled" })
			l.about(l.tell("package.canceled", l.Order, p), p.Items...)
			p = l.label(l.wrap(items, note))
		}
		l.work(20*minute, 4*hour, func() { l.ship(items, p, note, then) })
	})
}

// leave takes the goods out of the stock.
func (l *life) leave(items []int) {
	counts := map[ware]int64{}
	for _, i := range items {
		counts[l.wares[i]]++
	}
	l.eachWare(counts, func(w ware, n int64) {
		if w.gone() {
			return
		}
		st := changed(l.shard, w.goods.stocks[w.variant])
		st.Quantity, st.Reserved, st.Change = st.Quantity-n, st.Reserved-n, -n
		w.goods.stocks[w.variant] = st
		l.stock("stock.moved", w)
	})
}

// wrap makes a package.
func (l *life) wrap(items []int, note *Document) *Package {
	p := &Package{Ident: l.id(KindPackage), Carrier: l.Carrier, Status: "open", Weight: 150, Note: note, First: l.dayAfter(1), Last: l.dayAfter(3)}
	p.Shipment = "shpmnt-" + itoa(l.ID) + "-" + itoa(int64(len(l.Packages)+1))
	for _, i := range items {
		l.item(i, func(it *Item) { it.PackageID = p.ID })
		p.Items = append(p.Items, l.Items[i])
		p.Weight += l.between(80, 900)
	}
	fix(l.edits, p)
	l.set(func(o *Order) { o.Packages = with(o.Packages, p) })
	l.about(l.tell("package.packed", l.Order, p), p.Items...)
	return p
}

// dayAfter is a day from now, at its beginning.
func (s *shard) dayAfter(n int64) int64 { return (s.now/day + n) * day }

// parcel changes a package.
func (l *life) parcel(was *Package, change func(p *Package)) *Package {
	for _, p := range l.Packages { // its items may have changed since
		if p.ID == was.ID {
			was = p
		}
	}
	now := changed(l.shard, was)
	change(now)
	l.set(func(o *Order) { o.Packages = replaced(o.Packages, was, now) })
	return now
}

func (l *life) label(p *Package) *Package {
	p = l.parcel(p, func(p *Package) {
		p.Status, p.Tracking = "labeled", code("00340###############", p.Key)
		p.URL = trackingURL(p.Tracking)
		fix(l.edits, p)
	})
	l.about(l.tell("package.labeled", l.Order, p), p.Items...)
	return p
}

func trackingURL(number string) string { return "https://www.example.com/track/" + number }

// ship hands a package to the carrier.
func (l *life) ship(items []int, p *Package, note *Document, then func()) {
	l.parcel(p, func(p *Package) { p.Status, p.Shipped = "shipped", l.now })
	for _, i := range items {
		l.item(i, func(it *Item) { it.Status = "shipped" })
	}
	l.set(func(o *Order) {
		if o.Status, o.Shipping = "partiallyShipped", "partial"; len(l.waiting()) == 0 {
			o.Status, o.Shipping, o.Shipped = "shipped", "shipped", l.now
		}
	})
	p = l.Packages[len(l.Packages)-1]
	l.about(l.tell("package.shipped", l.Order, p), p.Items...)
	l.step(&note, "sent")
	l.work(14*hour, 3*day, func() { l.deliver(items, p) }) // carriers come in the daytime
	then()
}

// dispatch is reached once everything is on its way.
func (l *life) dispatch() {
	l.tell("order.dispatched", l.touched())
	if l.decide(3000, not) {
		l.tell("order.autoShipped", l.touched())
		l.shipped = append(l.shipped, l)
	}
	l.in(minute, 10*minute, l.invoice)
}

// invoice bills what was shipped.
func (l *life) invoice() {
	d := l.draft(KindInvoice)
	d.sums(l.Order)
	d.Due = l.now + 7*day
	l.bills = append(l.bills, d)
	l.papered("created", d)
	l.paperWork(d, func(d *Document) {
		l.set(func(o *Order) { o.Invoice, o.Invoiced = d, l.now })
		l.tell("order.invoiced", l.Order)
	})
	l.settle()
}

// deliver is reached when a package is.
func (l *life) deliver(items []int, p *Package) {
	p = l.parcel(p, func(p *Package) { p.Status, p.Delivered = "delivered", l.now })
	for _, i := range items {
		l.item(i, func(it *Item) { it.Status = "delivered" })
	}
	for _, q := range l.Packages {
		if q.ID == p.ID {
			p = q
		}
	}
	done := true
	for _, i := range l.stands() {
		done = done && l.Items[i].Status == "delivered"
	}
	if done {
		l.set(func(o *Order) { o.Status, o.Shipping, o.Delivered = "delivered", "delivered", l.now })
	}
	l.about(l.tell("package.delivered", l.Order, p), p.Items...)
	if !done {
		return
	}
	l.tell("order.delivered", l.Order)
	if l.decide(1400, func(w *Wish) bool { return w.Returns > 0 }) {
		l.in(day/2, 3*day, l.comeBack)
		return
	}
	l.work(7*day, 10*day, l.finish)
}
