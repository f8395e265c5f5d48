package shop

var regrets = []string{"does not fit", "is broken", "looks different", "came too late", "was ordered twice"}

// comeBack is a customer who sends something back.
func (l *life) comeBack() {
	var items []int
	for i, it := range l.Items {
		if it.Status == "delivered" && (l.wish == nil && len(items) == 0 || l.decide(4000, func(w *Wish) bool { return len(items) < w.Returns })) {
			items = append(items, i)
		}
	}
	if len(items) == 0 {
		l.finish()
		return
	}
	d := l.draft(KindReturn)
	d.Rate = l.Rate
	for _, i := range items {
		it := l.Items[i]
		d.Items = append(d.Items, it)
		d.Total, d.Net, d.Tax = d.Total+it.Price, d.Net+it.Net, d.Tax+it.Tax
	}
	d.Before = l.Invoice
	l.bills = append(l.bills, d)
	l.papered("created", d)
	fate := l.share(9000, 500, 500)
	if l.wish != nil {
		fate = 0
	}
	switch fate {
	case 1:
		l.step(&d, "canceled")
		l.work(3*day, 5*day, l.finish)
		return
	case 2:
		l.step(&d, "deleted")
		l.work(3*day, 5*day, l.finish)
		return
	}
	if l.decide(1200, not) {
		d = l.rewritten(d, d.Status)
		l.bills = with(l.bills[:len(l.bills)-1], d)
		l.papered("updated", d)
	}
	l.work(10*minute, 5*hour, func() {
		l.step(&d, "released")
		l.work(minute, hour, func() { l.step(&d, "sent") })
		l.work(day, 2*day, func() { l.receive(d, items, pick(l.shard, regrets)) })
	})
}

// receive takes goods back, and pays for them.
func (l *life) receive(d *Document, items []int, reason string) {
	was := d
	for _, b := range l.bills { // it may have been sent since
		if b.ID == d.ID && b.Type == d.Type {
			was = b
		}
	}
	d = l.rewritten(was, "completed")
	d.Complete = true
	var sum, netto int64
	d.Items = nil
	for _, i := range items {
		it := l.item(i, func(it *Item) { it.Status, it.Reason = "returned", reason })
		d.Items = append(d.Items, it)
		sum, netto = sum+it.Price, netto+it.Net
	}
	l.bills = replaced(l.bills, was, d)
	l.papered("goodsReceived", d)
	for _, it := range d.Items {
		l.about(l.tell("item.returned", l.Order, it, d), it)
	}
	for _, i := range items {
		l.shelve(l.wares[i])
	}
	l.work(hour, day, func() {
		n := l.draft(KindCreditNote)
		n.Total, n.Net, n.Tax, n.Rate, n.Items, n.Before = sum, netto, sum-netto, l.Rate, d.Items, l.Invoice
		l.bills = append(l.bills, n)
		l.papered("created", n)
		l.paperWork(n, func(*Document) {
			l.capture()
			l.refund(sum, netto, reason, d.Items)
		})
	})
	l.work(3*day, 4*day, l.finish)
}

// shelve puts a piece back, unless nobody would buy it.
func (l *life) shelve(w ware) {
	if w.gone() || !l.chance(8500) {
		return
	}
	l.receiveStock(w, 1)
}

// finish closes an order, and files its papers.
func (l *life) finish() {
	if l.Status != "canceled" {
		if l.Total-l.Canceled-l.Paid > 0 { // the bill is not paid yet
			l.work(2*day, 4*day, l.finish)
			return
		}
		l.set(func(o *Order) { o.Status, o.Ended = "closed", l.now })
		l.tell("order.closed", l.Order)
	}
	l.file()
	if l.decide(300, not) || l.Status == "canceled" && l.decide(1500, not) {
		l.work(hour, day, func() {
			l.set(func(o *Order) { o.Status, o.Ended = "deleted", l.now })
			l.tell("order.deleted", l.Order)
			l.end()
		})
		return
	}
	l.end()
}
