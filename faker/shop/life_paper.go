package shop

// draft is a new paper.
func (s *shard) draft(k Kind) *Document {
	d := &Document{Ident: s.id(k), Type: k, Status: "draft"}
	d.Number = s.yearly(d.ID)
	return d
}

// draft is a new paper of the order.
func (l *life) draft(k Kind) *Document {
	d := l.shard.draft(k)
	if isOfOrder(k) {
		d.Order, d.Customer = l.Order, l.Customer
	}
	return d
}

// value gives a paper a net amount, and its tax.
func (d *Document) value(net, rate int64) {
	d.Net, d.Rate = net, rate
	d.Tax = (net*rate + 5_000) / 10_000
	d.Total = d.Net + d.Tax
}

// sums gives a paper what is due of an order, and the pieces that it is for.
func (d *Document) sums(o *Order) {
	d.Total, d.Net, d.Tax, d.Rate, d.Items = 0, 0, 0, o.Rate, nil
	for _, it := range o.Items {
		switch it.Status {
		case "canceled", "outOfStock", "unshippable":
			continue
		}
		d.Items = append(d.Items, it)
		d.Total, d.Net, d.Tax = d.Total+it.Price, d.Net+it.Net, d.Tax+it.Tax
	}
	d.Total, d.Net, d.Tax = d.Total+o.Freight, d.Net+o.FreightNet, d.Tax+o.FreightTax
}

// papered tells of a paper.
func (s *shard) papered(verb string, d *Document) {
	action := string(d.Type) + "." + verb
	s.remember(d, verb)
	if isOfOrder(d.Type) {
		s.tell(action, d, d.Order)
		return
	}
	s.tell(action, d)
}

// remember keeps the papers that were written last, as long as there are such.
func (s *shard) remember(d *Document, verb string) {
	for i, old := range s.recent {
		if old != nil && old.ID == d.ID && old.Type == d.Type {
			s.recent[i] = nil
		}
	}
	if verb != "deleted" {
		s.recent[s.seq%uint64(len(s.recent))] = d
	}
}

// papered tells of a paper, with the order as it is now.
func (l *life) papered(verb string, d *Document) {
	if d.Order != nil {
		d.Order = l.Order
	}
	l.shard.papered(verb, d)
}

// rewritten is a paper with another status.
func (s *shard) rewritten(d *Document, status string) *Document {
	d = changed(s, d)
	d.Status = status
	if status == "sent" {
		d.Sent = s.now
	}
	return d
}

// paperWork releases a paper and sends it; some are changed before, and few are
// canceled or deleted and made anew. then gets the paper in its last state, if
// it counts.
func (l *life) paperWork(d *Document, then func(d *Document)) {
	l.work(minute, 30*minute, func() {
		fate := l.share(8700, 900, 200, 200)
		if d.Type == KindProforma || d.Type == KindCreditNote { // people think again
			fate = l.share(7700, 1300, 500, 500)
		}
		if l.wish != nil {
			fate = 0
		}
		switch fate {
		case 1:
			d = l.rewritten(d, d.Status)
			l.papered("updated", d)
		case 2, 3:
			end, verb := "canceled", "canceled"
			if l.chance(5000) {
				end, verb = "deleted", "deleted"
			}
			old := d
			d = l.draft(d.Type)
			d.Total, d.Net, d.Tax, d.Rate, d.Items, d.Due, d.Before = old.Total, old.Net, old.Tax, old.Rate, old.Items, old.Due, old.Before
			l.papered(verb, l.rewritten(old, end))
			l.bills = append(without(l.bills, old), d)
			l.papered("created", d)
			l.paperWork(d, then)
			return
		}
		l.step(&d, "released")
		l.work(minute, hour, func() {
			l.step(&d, "sent")
			then(d)
		})
	})
}

// step brings a paper into its next state, which is also the action's name.
func (l *life) step(d **Document, status string) {
	now := l.rewritten(*d, status)
	if list := replaced(l.bills, *d, now); list != nil {
		l.bills = list
	}
	*d = now
	l.papered(status, now)
}

// file puts the papers of an order away.
func (l *life) file() {
	for _, d := range l.bills {
		if l.chance(5000) && d.Status != "deleted" && d.Status != "canceled" {
			l.step(&d, "archived")
		}
	}
	l.bills = nil
}

// desk is the life of a paper that belongs to no order: it is released, sent,
// and what becomes of it is up to then, which gets it.
func (s *shard) paperDesk(d *Document, sends bool, then func(d *Document)) {
	s.papered("created", d)
	step := func(status string) {
		d = s.rewritten(d, status)
		s.papered(status, d)
	}
	s.work(10*minute, 3*hour, func() {
		fate := s.share(7000, 1400, 900, 700)
		if d.Type == KindLiability || d.Type == KindProduction { // of which there are few, and which are planned too early
			fate = s.share(5500, 1700, 1400, 1400)
		}
		switch fate {
		case 1:
			d = s.rewritten(d, d.Status)
			s.papered("updated", d)
		case 2:
			step("canceled")
			return
		case 3:
			step("deleted")
			return
		}
		step("released")
		if !sends {
			then(d)
			return
		}
		s.work(10*minute, 3*hour, func() {
			step("sent")
			then(d)
		})
	})
}
