package shop

// life is an order on its way: the order as it is now, and what is planned for
// it. A life that is over is forgotten.
type life struct {
	*shard
	*Order
	buyer *buyer
	wish  *Wish       // nil: the dice decide
	wares []ware      // by item
	bills []*Document // invoice, credit notes and the like that are to be filed
	ended bool

	copied uint64 // how many steps had been told, and one, when Order was copied
}

// ware is where an item comes from.
type ware struct {
	goods   *goods
	variant int
}

// open begins what never ends.
func (s *shard) open() {
	s.in(0, 2*s.gap, s.visit)
	s.in(0, 2*s.gap, s.care)
	s.in(0, 2*s.gap, s.people)
	s.in(0, 2*s.gap, s.office)
	s.in(hour/2, hour, s.hourly)
	s.in(hour, 12*hour, s.daily)
}

// visit is a customer who comes, and perhaps buys.
func (s *shard) visit() {
	s.in(0, s.gap, s.visit) // twice as often as on average: half of them come at the wrong hour
	if !s.busy() {
		return
	}
	b := s.buyerOf()
	if b == nil {
		return
	}
	channel := channels[s.share(58, 20, 17, 5)]
	if b.Status == "registered" && channel != "pos" && s.chance(6000) {
		b.Customer = changed(s, b.Customer)
		b.LastLogin = s.now
		s.tell("customer.loggedIn", b.Customer)
		s.in(20*minute, 2*hour, func() {
			if b.Status == "registered" {
				b.Customer = changed(s, b.Customer)
				s.tell("customer.loggedOut", b.Customer)
			}
		})
	}
	wares := s.choose(b)
	if len(wares) == 0 {
		return
	}
	b.open++ // whoever is buying is not forgotten meanwhile
	if channel == "pos" {
		s.in(second, minute, func() { s.place(b, wares, channel, nil) })
		return
	}
	cart := &Cart{Ident: s.id(KindCart), Status: "open"}
	for _, w := range wares {
		v := w.goods.Variants[w.variant]
		cart.Variants = append(cart.Variants, v)
		cart.Total += v.Price.Amount
	}
	s.in(second, minute, func() {
		cart.Created, cart.Updated = s.now, s.now
		s.tell("cart.created", cart, b.Customer)
		if s.chance(600) {
			s.in(hour, 3*hour, func() {
				cart = changed(s, cart)
				cart.Status = "abandoned"
				s.tell("cart.abandoned", cart, b.Customer)
				b.open--
			})
			return
		}
		s.in(2*minute, 15*minute, func() { s.place(b, wares, channel, cart) })
	})
}

// buyerOf is who comes: a newcomer, a guest or somebody who was here before.
func (s *shard) buyerOf() *buyer {
	if s.chance(3500) {
		status := "guest"
		if s.chance(5500) {
			status = "registered"
		}
		b := s.newCustomer(s.now, status)
		s.customers = append(s.customers, b)
		s.forget()
		if status == "registered" {
			s.tell("customer.registered", b.Customer)
			s.newcomer = append(s.newcomer, b.Customer)
		}
		return b
	}
	b := pick(s, s.customers)
	switch {
	case !b.may():
		return nil
	case b.Status == "guest" && s.chance(3000):
		b.Customer = changed(s, b.Customer)
		b.Status = "registered"
		s.tell("customer.registered", b.Customer)
		s.newcomer = append(s.newcomer, b.Customer)
	}
	return b
}

func (b *buyer) may() bool { return b.Status == "guest" || b.Status == "registered" }

// forget lets go of somebody who has no open order, when there are many.
func (s *shard) forget() {
	if len(s.customers) <= mostCustomers {
		return
	}
	for i, b := range s.customers {
		if b.open == 0 {
			s.customers = append(s.customers[:i], s.customers[i+1:]...)
			return
		}
	}
}

// choose fills a cart: usually a few pieces that are there, now and then one
// that is not, as when two buy the last one at the same moment.
func (s *shard) choose(b *buyer) []ware {
	lines := 1 + s.share(60, 28, 12)
	most := 2
	if b.Group == "business" {
		most = 5
	}
	var wares []ware
	for range lines {
		g := pick(s, s.assort)
		if g.Status != "live" {
			continue
		}
		w := ware{g, s.below(len(g.Variants))}
		if g.stocks[w.variant].Available() < 1 && !s.chance(300) {
			continue
		}
		if hasWare(wares, w) {
			continue
		}
		for range 1 + s.below(most)*s.below(2) {
			wares = append(wares, w)
		}
	}
	return wares
}

func hasWare(wares []ware, w ware) bool {
	for _, v := range wares {
		if v == w {
			return true
		}
	}
	return false
}

// set changes the order: a copy of it, unless it is one already that no step
// has shown yet.
func (l *life) set(change func(o *Order)) {
	if l.copied != l.seq+1 {
		l.Order = changed(l.shard, l.Order)
		l.copied = l.seq + 1
	}
	l.Order.Updated = l.now
	change(l.Order)
}

// item changes one item, wherever the order has it.
func (l *life) item(i int, change func(it *Item)) *Item {
	was := l.Items[i]
	now := changed(l.shard, was)
	change(now)
	l.set(func(o *Order) {
		o.Items = replaced(o.Items, was, now)
		for j, p := range o.Packages {
			if items := replaced(p.Items, was, now); items != nil {
				c := *p
				c.Items = items
				o.Packages = replaced(o.Packages, o.Packages[j], &c)
			}
		}
	})
	return now
}

// replaced is a list with one element exchanged, nil where it is not there.
func replaced[T comparable](list []T, was, now T) []T {
	for i, v := range list {
		if v == was {
			out := append([]T(nil), list...)
			out[i] = now
			return out
		}
	}
	return nil
}

// pay changes the payment that counts.
func (l *life) pay(change func(p *Payment)) *Payment {
	n := len(l.Payments) - 1
	now := changed(l.shard, l.Payments[n])
	change(now)
	l.set(func(o *Order) { o.Payments = replaced(o.Payments, o.Payments[n], now) })
	return now
}

func (l *life) payment() *Payment { return l.Payments[len(l.Payments)-1] }

// stands lists the items that are still to come, or have come.
func (l *life) stands() []int {
	var all []int
	for i, it := range l.Items {
		if it.Status == "open" || it.Status == "reserved" || it.Status == "shipped" || it.Status == "delivered" {
			all = append(all, i)
		}
	}
	return all
}

// waiting lists the items that are not shipped yet.
func (l *life) waiting() []int {
	var all []int
	for i, it := range l.Items {
		if it.Status == "open" || it.Status == "reserved" {
			all = append(all, i)
		}
	}
	return all
}

// end lets go of the order.
func (l *life) end() {
	if !l.ended {
		l.ended = true
		l.buyer.open--
	}
}
