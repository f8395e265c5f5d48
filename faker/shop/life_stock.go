package shop

// gone: the variant, or its product, is not sold any more.
func (w ware) gone() bool {
	return w.goods == nil || w.goods.Status == "retired" || w.variant >= len(w.goods.stocks)
}

// low looks what a reservation has left.
func (s *shard) low(w ware) {
	st := w.goods.stocks[w.variant]
	if st.Available() == 0 {
		s.stock("stock.soldOut", w)
		s.tell("product.availabilityChanged", w.goods.Product)
	}
	if st.Available() > st.Minimum || w.goods.incoming[w.variant] {
		return
	}
	s.stock("stock.minimumReached", w)
	w.goods.incoming[w.variant] = true
	n := st.Minimum*3 + s.between(2, 12)
	s.work(hour, 8*hour, func() {
		if w.goods.owned {
			s.produce(w, n)
		} else {
			s.order(w, n)
		}
	})
}

// back tells that there is something to sell again.
func (s *shard) back(w ware) {
	s.stock("stock.inStock", w)
	s.tell("product.availabilityChanged", w.goods.Product)
}

// receiveStock puts goods on the shelf.
func (s *shard) receiveStock(w ware, n int64) {
	if w.gone() {
		return
	}
	st := changed(s, w.goods.stocks[w.variant])
	empty := st.Available() == 0
	st.Quantity, st.Change = st.Quantity+n, n
	w.goods.stocks[w.variant] = st
	s.stock("stock.moved", w)
	if empty {
		s.back(w)
	}
}

// order buys goods at a supplier.
func (s *shard) order(w ware, n int64) {
	if w.gone() {
		return
	}
	d := s.draft(KindPurchase)
	cost := w.goods.costs[w.variant]
	d.Quantity, d.Supplier, d.Product, d.Variant = n, cost.Supplier, w.goods.Product, w.goods.Variants[w.variant]
	d.value(cost.Amount*n, s.house.Country.VAT)
	s.guard(d, w)
	s.paperDesk(d, true, func(d *Document) { s.purchased(d, w, n) })
}

// guard lets goods be ordered anew should the paper come to nothing.
func (s *shard) guard(_ *Document, w ware) {
	s.at(s.now+12*day, func() {
		if !w.gone() {
			w.goods.incoming[w.variant] = false
		}
	})
}

// purchased waits for the goods of a purchase order, and for its bill. Without
// a ware the supplier sends them to the customer.
func (s *shard) purchased(d *Document, w ware, n int64) {
	if w.goods == nil {
		if d.Status == "draft" {
			d = s.rewritten(d, "released")
			s.papered("released", d)
			d = s.rewritten(d, "sent")
			s.papered("sent", d)
		}
		s.work(day, 4*day, func() { s.owed(d) })
		return
	}
	rest := n
	if n > 1 && s.chance(2500) {
		rest = n / 2
		s.work(day, 3*day, func() {
			d = s.rewritten(d, d.Status)
			s.papered("goodsReceived", d)
			s.receiveStock(w, n-rest)
		})
	}
	s.work(4*day, 7*day, func() {
		d = s.rewritten(d, "completed")
		d.Complete = true
		s.papered("goodsReceived", d)
		s.receiveStock(w, rest)
		if !w.gone() {
			w.goods.incoming[w.variant] = false
		}
		s.owed(d)
		s.work(2*day, 6*day, func() {
			if s.chance(6000) {
				s.papered("archived", s.rewritten(d, "archived"))
			}
		})
	})
}

// owed is the bill of a supplier, and its payment.
func (s *shard) owed(of *Document) {
	s.work(hour, 2*day, func() {
		d := s.draft(KindLiability)
		d.Supplier, d.Before, d.Due = of.Supplier, of, s.now+14*day
		d.Total, d.Net, d.Tax, d.Rate = of.Total, of.Net, of.Tax, of.Rate
		s.paperDesk(d, false, func(d *Document) {
			s.work(hour, 5*day, func() {
				p := s.draft(KindOutgoing)
				p.Supplier, p.Before, p.Status = d.Supplier, d, "released"
				p.Total, p.Net, p.Tax, p.Rate = d.Total, d.Net, d.Tax, d.Rate
				s.papered("created", p)
				s.work(hour, day, func() { s.papered("executed", s.rewritten(p, "completed")) })
			})
		})
	})
}

// produce makes goods.
func (s *shard) produce(w ware, n int64) {
	if w.gone() {
		return
	}
	d := s.draft(KindProduction)
	d.Quantity, d.Product, d.Variant = n, w.goods.Product, w.goods.Variants[w.variant]
	s.guard(d, w)
	s.paperDesk(d, s.chance(6000), func(d *Document) {
		s.work(hour, day, func() {
			d = s.rewritten(d, "started")
			s.papered("started", d)
			s.work(5*hour, 2*day, func() {
				d = s.rewritten(d, "completed")
				d.Complete = true
				s.papered("completed", d)
				s.receiveStock(w, n)
				if !w.gone() {
					w.goods.incoming[w.variant] = false
				}
			})
		})
	})
}
