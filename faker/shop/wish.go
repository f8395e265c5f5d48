package shop

// Wish is an order as somebody wants it to go: instead of the dice, it decides
// at each turn of the order's life. Its zero value is an order of one piece, by a
// customer with an account, that is paid by card, shipped in one package and
// kept.
type Wish struct {
	Customer int64  // the ID of a customer whom an earlier wish brought; 0: somebody new
	Guest    bool   // of somebody new
	Items    int    // pieces, 1 if 0
	Method   string // of the payment, "card" if empty: see payment.method
	Channel  string // "web" if empty: see order.channel
	Fails    int    // so many payments fail before one is taken
	Unpaid   bool   // none ever is
	Packages int    // 1 or 2; 2 needs two pieces
	Correct  bool   // its address is changed before it is released
	Cancel   bool   // it is canceled before it is released
	Drop     int    // so many pieces are canceled before it is released
	Missing  int    // so many are not on their shelves
	Returns  int    // so many come back
	Split    bool   // the last piece comes from another warehouse
}

// Order lets somebody order at this moment, as they wish. It returns the IDs of
// the order and of its customer; the first is 0 where nobody could order: the
// customer is not known any more, or may not. What happens is among the steps of
// the next [Shop.Advance] of shard 0.
func (s *Shop) Order(w Wish) (order, customer int64) {
	h := s.shards[0]
	b := h.wishBuyer(&w)
	if b == nil {
		return 0, 0
	}
	channel := w.Channel
	if channel == "" {
		channel = "web"
	}
	b.open++
	l := h.placeAs(b, h.wishWares(&w), channel, nil, &w)
	if l == nil {
		return 0, b.ID
	}
	return l.ID, b.ID
}

// Customers are the IDs of the customers of shard 0 with a status, the oldest
// first.
func (s *Shop) Customers(status string) []int64 {
	var ids []int64
	for _, b := range s.shards[0].customers {
		if b.Status == status {
			ids = append(ids, b.ID)
		}
	}
	return ids
}

// Do lets a customer of shard 0 do something at this moment: the name of an
// action about customers alone, such as "customer.anonymized". It reports
// whether that could be done.
func (s *Shop) Do(customer int64, action string) bool {
	h := s.shards[0]
	for _, b := range h.customers {
		if b.ID == customer {
			return h.wishDo(b, action)
		}
	}
	return false
}

func (s *shard) wishDo(b *buyer, action string) bool {
	turns := map[string]struct{ from, to string }{
		"customer.registered": {"guest", "registered"}, "customer.blocked": {"registered", "blocked"}, "customer.unblocked": {"blocked", "registered"},
		"customer.updated": {"registered", ""}, "customer.loggedIn": {"registered", ""}, "customer.loggedOut": {"registered", ""},
		"customer.passwordReset": {"registered", ""},
	}
	switch action {
	case "customer.anonymized", "customer.deleted":
		if b.open > 0 || !b.may() {
			return false
		}
		if action == "customer.deleted" {
			s.remove(b)
		} else {
			s.erase(b)
		}
		return true
	case "customer.addressChanged":
		s.moveHome(b)
		return b.Status == "registered"
	}
	t, ok := turns[action]
	if !ok || b.Status != t.from {
		return false
	}
	if c := b.edit(s); t.to != "" {
		c.Status = t.to
	}
	s.tell(action, b.Customer)
	return true
}

func (s *shard) wishBuyer(w *Wish) *buyer {
	if w.Customer == 0 {
		status := "registered"
		if w.Guest {
			status = "guest"
		}
		b := s.newCustomer(s.now, status)
		s.customers = append(s.customers, b)
		s.forget()
		if status == "registered" {
			s.tell("customer.registered", b.Customer)
		}
		return b
	}
	for _, b := range s.customers {
		if b.ID == w.Customer && b.may() {
			return b
		}
	}
	return nil
}

// wishWares are so many pieces of what there is most of, at most three of one
// kind.
func (s *shard) wishWares(w *Wish) []ware {
	var wares []ware
	for _, g := range s.assort {
		for i, st := range g.stocks {
			for n := min(3, st.Available()); n > 0 && len(wares) < max(1, w.Items) && g.Status == "live"; n-- {
				wares = append(wares, ware{g, i})
			}
		}
	}
	return wares
}

// decide is a turn of an order's life: what is wished, or what the dice say.
func (l *life) decide(share int, wished func(w *Wish) bool) bool {
	if l.wish != nil {
		return wished(l.wish)
	}
	return l.chance(share)
}

// not is for turns that nobody wishes.
func not(*Wish) bool { return false }
