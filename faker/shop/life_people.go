package shop

// people is what customers do besides buying.
func (s *shard) people() {
	s.in(0, s.gap, s.people)
	if !s.busy() {
		return
	}
	b := pick(s, s.customers)
	jobs := []func(*buyer){
		s.rename, s.newHome, s.newHome, s.moveHome, s.moveHome, s.leaveHome, s.password, s.password, s.block, s.unblock, s.unblock, s.anonymize,
		s.deleteCustomer, s.subscribe, s.subscribe, s.unsubscribe, s.ask, s.ask,
	}
	jobs[s.below(len(jobs))](b)
}

func (b *buyer) edit(s *shard) *Customer {
	b.Customer = changed(s, b.Customer)
	return b.Customer
}

func (s *shard) rename(b *buyer) {
	if b.Status != "registered" {
		return
	}
	c := b.edit(s)
	if s.chance(5000) {
		c.Group = "vip"
	} else {
		c.Phone = s.words.Place(s.next()).Phone
	}
	s.tell("customer.updated", fix(s.edits, c))
}

func (s *shard) newHome(b *buyer) {
	if b.Status != "registered" || len(b.Addresses) > 3 {
		return
	}
	c := b.edit(s)
	a := s.newAddress(c, s.now)
	c.Addresses = with(c.Addresses, a)
	s.tell("customer.addressAdded", c, a)
}

func (s *shard) moveHome(b *buyer) {
	if b.Status != "registered" {
		return
	}
	c := b.edit(s)
	was := pick(s, c.Addresses)
	a := changed(s, was)
	extra := a.Additional
	a.Place = s.words.Place(s.next())
	a.Additional = extra
	fix(s.edits, a)
	c.Addresses = replaced(c.Addresses, was, a)
	if was == c.Home {
		c.Home, c.Country = a, a.Place.Country
	}
	s.tell("customer.addressChanged", c, a)
}

func (s *shard) leaveHome(b *buyer) {
	n := len(b.Addresses) - 1
	if b.Status != "registered" || n < 1 {
		for _, b := range s.customers {
			if n = len(b.Addresses) - 1; b.Status == "registered" && n > 0 {
				s.dropHome(b, n)
				return
			}
		}
		return
	}
	s.dropHome(b, n)
}

func (s *shard) dropHome(b *buyer, n int) {
	c := b.edit(s)
	a := c.Addresses[n]
	c.Addresses = c.Addresses[:n:n]
	s.tell("customer.addressRemoved", c, a)
}

func (s *shard) password(b *buyer) {
	if b.Status == "registered" {
		s.tell("customer.passwordReset", b.edit(s))
	}
}

func (s *shard) block(b *buyer) {
	if b.Status == "registered" {
		b.edit(s).Status = "blocked"
		s.tell("customer.blocked", b.Customer)
	}
}

func (s *shard) unblock(*buyer) {
	for _, b := range s.customers {
		if b.Status == "blocked" {
			b.edit(s).Status = "registered"
			s.tell("customer.unblocked", b.Customer)
			return
		}
	}
}

// anonymize forgets who a customer was. Orders that are over are not told of
// again, and who has open ones waits.
func (s *shard) anonymize(b *buyer) {
	if b.open == 0 && b.Status == "registered" && s.chance(6000) {
		s.erase(b)
	}
}

func (s *shard) erase(b *buyer) {
	c := b.edit(s)
	c.Status = "anonymized"
	c.Person, c.Phone, c.Company, c.Born = Person{Email: "forgotten-" + itoa(c.ID) + "@example.com"}, "", "", 0
	a := changed(s, c.Home)
	a.Person, a.Company = Person{}, ""
	a.Street, a.House, a.Line, a.Additional, a.Place.Phone = "", "", "", "", ""
	c.Home, c.Addresses = a, []*Address{a}
	s.tell("customer.anonymized", c)
	s.replaceBuyer(b)
}

func (s *shard) deleteCustomer(b *buyer) {
	if b.open == 0 && b.may() && s.chance(6000) {
		s.remove(b)
	}
}

func (s *shard) remove(b *buyer) {
	b.edit(s).Status = "deleted"
	s.tell("customer.deleted", b.Customer)
	s.replaceBuyer(b)
}

// replaceBuyer takes somebody off the customers. A shop with few keeps one for each
// that leaves.
func (s *shard) replaceBuyer(b *buyer) {
	s.customers = without(s.customers, b)
	if len(s.customers) < customersOfShard/2 {
		n := s.newCustomer(s.now, "registered")
		s.customers = append(s.customers, n)
		s.tell("customer.registered", n.Customer)
		s.newcomer = append(s.newcomer, n.Customer)
	}
}

func (s *shard) subscribe(b *buyer) {
	if b.sub != nil && b.sub.Status == "subscribed" || !b.may() {
		return
	}
	if b.sub == nil {
		b.sub = &Subscriber{Ident: s.id(KindSubscriber), Email: b.Email}
	}
	sub := changed(s, b.sub)
	sub.Status, sub.Customer = "subscribed", b.Customer
	b.sub = sub
	s.tell("newsletter.subscribed", sub)
}

func (s *shard) unsubscribe(*buyer) {
	for _, b := range s.customers {
		if b.sub != nil && b.sub.Status == "subscribed" {
			b.sub = changed(s, b.sub)
			b.sub.Status = "unsubscribed"
			s.tell("newsletter.unsubscribed", b.sub)
			return
		}
	}
}

// ask is a question, and its answer.
func (s *shard) ask(b *buyer) {
	if !b.may() {
		return
	}
	id := s.id(KindTicket)
	t := &Ticket{Ident: id, Number: "T-" + itoa(100_000+id.ID), Subject: s.words.Sentence(id.Key), Status: "open", Customer: b.Customer}
	fix(s.edits, t)
	s.tell("ticket.received", t, b.Customer)
	s.work(hour, day, func() {
		t := changed(s, t)
		t.Status, t.Customer = "answered", b.Customer
		s.tell("ticket.answered", t, t.Customer)
	})
}
