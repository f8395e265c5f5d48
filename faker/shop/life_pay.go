package shop

import "cmp"

// owe gives the order its payment.
func (l *life) owe() {
	method := paymentMethods[l.share(46, 26, 14, 10, 4)]
	switch l.Channel {
	case "pos":
		method = []string{"cash", "card"}[l.below(2)]
	case "marketplace":
		method = "card"
	}
	if l.wish != nil {
		method = cmp.Or(l.wish.Method, "card")
	}
	l.Order.Payments = []*Payment{l.newPayment(method)}
	fix(l.edits, l.Order)
}

func (l *life) newPayment(method string) *Payment {
	p := &Payment{Ident: l.id(KindPayment), Method: method, Status: "open", Amount: l.Total}
	p.Reference = code("################", p.Key)
	if method == "card" {
		p.Card = []string{"visa", "mastercard", "amex"}[l.below(3)]
	}
	return fix(l.edits, p)
}

// charge begins the payment.
func (l *life) charge() {
	switch l.payment().Method {
	case "invoice":
		l.in(second, minute, l.confirm)
	case "prepayment":
		l.prepay()
	case "cash":
		l.in(second, minute, func() {
			l.capture()
			l.receipt()
			l.confirm()
		})
	default:
		l.in(second, 90*second, l.authorize)
	}
}

// authorize reserves the money, or fails; most of those who fail try again.
func (l *life) authorize() {
	failed := int64(len(l.Payments) - 1)
	if l.decide(400, func(w *Wish) bool { return w.Unpaid || failed < int64(w.Fails) }) {
		p := l.pay(func(p *Payment) { p.Status = "failed" })
		l.tell("payment.failed", l.Order, p)
		if l.decide(2500, func(w *Wish) bool { return w.Unpaid }) {
			l.in(hour, 5*hour, func() { l.cancel("payment failed") })
			return
		}
		l.in(minute, 10*minute, func() {
			again := l.newPayment(p.Method)
			l.set(func(o *Order) { o.Payments = with(o.Payments, again) })
			l.authorize()
		})
		return
	}
	p := l.pay(func(p *Payment) { p.Status = "reserved" })
	l.set(func(o *Order) { o.Paying = "reserved" })
	l.tell("payment.reserved", l.Order, p)
	l.in(second, minute, l.confirm)
}

// prepay asks for the money first, by a pro forma invoice.
func (l *life) prepay() {
	l.work(5*minute, hour, func() {
		d := l.draft(KindProforma)
		d.sums(l.Order)
		d.Due = l.now + 7*day
		l.bills = append(l.bills, d)
		l.papered("created", d)
		l.paperWork(d, func(*Document) {})
	})
	if l.decide(800, func(w *Wish) bool { return w.Unpaid }) {
		l.in(8*day, 9*day, func() { l.cancel("was not paid") })
		return
	}
	l.work(20*hour, 4*day, func() {
		l.capture()
		l.in(second, minute, l.confirm)
	})
}

// capture takes what is due and not paid yet.
func (l *life) capture() {
	amount := l.Total - l.Canceled - l.Paid
	if amount <= 0 {
		return
	}
	p := l.pay(func(p *Payment) {
		p.Status, p.Paid = "captured", l.now
		p.Captured += amount
	})
	l.set(func(o *Order) {
		o.Paid += amount
		o.Paying = "paid"
	})
	l.tell("payment.captured", l.Order, p)
	l.tell("order.paid", l.Order)
	l.payments = append(l.payments, p)
}

// receipt proves a payment in cash.
func (l *life) receipt() {
	d := l.draft(KindReceipt)
	d.sums(l.Order)
	d.Status = "released"
	l.papered("created", d)
	if l.decide(1500, not) {
		l.in(hour, day, func() { l.papered("updated", l.rewritten(d, "released")) })
	} else if l.decide(2500, not) {
		l.in(hour, day, func() { l.papered("deleted", l.rewritten(d, "deleted")) })
	}
}

// unpay gives back what an order has cost that is over before it was shipped.
func (l *life) unpay(reason string) {
	switch p := l.payment(); {
	case l.Paid > l.Refunded:
		l.refund(l.Paid-l.Refunded, l.Net, reason, nil)
	case p.Status == "reserved" || p.Status == "open":
		p = l.pay(func(p *Payment) { p.Status = "voided" })
		l.set(func(o *Order) { o.Paying = "voided" })
		l.tell("payment.voided", l.Order, p)
	}
}

// refund gives money back. net is what of it is without tax.
func (l *life) refund(amount, net int64, reason string, items []*Item) {
	r := &Refund{Ident: l.id(KindRefund), Amount: amount, Net: net, Tax: amount - net, Reason: reason, Payment: l.payment().ID, Items: items}
	p := l.pay(func(p *Payment) {
		p.Refunded += amount
		if p.Status = "partiallyRefunded"; p.Refunded == p.Captured {
			p.Status = "refunded"
		}
	})
	l.set(func(o *Order) {
		o.Refunded += amount
		o.Refunds = with(o.Refunds, r)
		if o.Paying = "partiallyRefunded"; o.Refunded == o.Paid {
			o.Paying = "refunded"
		}
	})
	l.about(l.tell("payment.refunded", l.Order, r, p), items...)
}

// settle takes the money of an order that has been shipped.
func (l *life) settle() {
	if l.payment().Method != "invoice" || l.Paid > 0 {
		l.capture()
		l.overpaid()
		return
	}
	if l.decide(8500, func(w *Wish) bool { return !w.Unpaid }) {
		l.work(day, 6*day, l.capture)
		return
	}
	l.work(8*day, 9*day, func() {
		if l.Total-l.Canceled-l.Paid <= 0 {
			return
		}
		d := l.draft(KindDunning)
		d.sums(l.Order)
		d.Before = l.Invoice
		l.tell("dunning.started", d, l.Order)
		l.work(day, 4*day, l.capture)
	})
}

// overpaid gives back what was paid for items that never came.
func (l *life) overpaid() {
	if over := l.Paid - l.Refunded - (l.Total - l.Canceled); over > 0 {
		var items []*Item
		for _, it := range l.Items {
			if it.Status == "canceled" || it.Status == "outOfStock" || it.Status == "unshippable" {
				items = append(items, it)
			}
		}
		l.refund(over, net(over, l.Rate), "was not delivered", items)
	}
}
