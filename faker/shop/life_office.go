package shop

// hourly is what runs by itself.
func (s *shard) hourly() {
	s.in(150*minute, 210*minute, s.hourly)
	if s.chance(2500) {
		j := s.job("stockSync", pick(s, outlets))
		j.Variants = s.some()
		s.done(j)
	}
}

// fetchOrders brings the orders of sales channels into the office.
func (s *shard) fetchOrders() {
	lives := s.imports
	s.imports = nil
	j := s.job("orderImport", "Marketplace")
	for _, l := range lives {
		j.Orders = append(j.Orders, l.Order)
	}
	s.done(j)
	for _, l := range lives {
		s.tell("order.imported", l.touched())
	}
}

// daily is what runs once a day.
func (s *shard) daily() {
	s.in(23*hour, 25*hour, s.daily)
	if s.number == 0 {
		s.tell("shop.metricsUpdated")
		s.tell("shop.statisticsUpdated")
	}
	if len(s.payments) > 0 {
		j := s.job("paymentImport", "Bank")
		j.Payments, s.payments = s.payments, nil
		s.done(j)
	}
	if len(s.newcomer) > 0 {
		j := s.job("customerImport", "Newsletter")
		j.Customers, s.newcomer = s.newcomer, nil
		s.done(j)
	}
	if len(s.shipped) > 0 {
		j := s.job("autoShipment", "")
		for _, l := range s.shipped {
			j.Orders = append(j.Orders, l.Order)
		}
		s.shipped = nil
		s.done(j)
	}
}

var outlets = []string{"Web shop", "Marketplace", "App"}

func (s *shard) job(typ, channel string) *Job {
	return &Job{Ident: s.id(KindJob), Type: typ, Status: "running", Channel: channel, Name: s.words.Word(s.next()), File: typ + code("-####", s.next()) + ".csv"}
}

// done tells of a job's end.
func (s *shard) done(j *Job) {
	c := changed(s, j)
	c.Status, c.Finished = "finished", s.now
	s.tell("job.finished", c)
}

// some is a handful of variants.
func (s *shard) some() []*Variant {
	var list []*Variant
	for range 1 + s.below(3) {
		v := pick(s, pick(s, s.assort).Variants)
		if !has(list, v) {
			list = append(list, v)
		}
	}
	return list
}

func has[T comparable](list []T, x T) bool {
	for _, v := range list {
		if v == x {
			return true
		}
	}
	return false
}

// office is what the staff does.
func (s *shard) office() {
	s.work(0, s.gap/2, s.office)
	jobs := []func(){
		s.session, s.session, s.offer, s.offer, s.setting, s.project, s.report, s.report, s.run("import"), s.run("export"), s.run("accounting"),
		s.run("orderProposal"), s.run("extendedOrderProposal"), s.transfer, s.transfer, s.run("request"), s.push, s.push, s.refresh,
	}
	jobs[s.below(len(jobs))]()
}

func (s *shard) session() {
	i := s.below(len(s.users))
	page := func(n string) *User {
		u := changed(s, s.users[i])
		u.Page = n
		s.users = replaced(s.users, s.users[i], u)
		return u
	}
	s.tell("user.loggedIn", page("start"))
	for n := range 1 + s.below(3) {
		s.in(int64(n+1)*minute, int64(n+3)*minute, func() {
			s.tell("user.changedPage", page(pick(s, []string{"orders", "products", "customers", "stock"})))
		})
	}
	s.in(6*minute, hour, func() { s.tell("user.loggedOut", page("start")) })
}

// offer is what a business customer asks for.
func (s *shard) offer() {
	d := s.draft(KindOffer)
	b := pick(s, s.customers)
	d.Customer = b.Customer
	g := pick(s, s.assort)
	d.Product, d.Variant, d.Quantity = g.Product, g.Variants[0], s.between(5, 50)
	d.value(g.Variants[0].Price.Net*d.Quantity, s.house.Country.VAT)
	d.Due = s.now + 30*day
	s.paperDesk(d, true, func(d *Document) {
		s.work(day, 5*day, func() { s.papered("archived", s.rewritten(d, "archived")) })
	})
}

func (s *shard) setting() {
	i := s.below(len(s.settings))
	g := changed(s, s.settings[i])
	g.Name = s.words.Word(s.next())
	s.settings = replaced(s.settings, s.settings[i], g)
	s.tell("setting.changed", g)
}

func (s *shard) project() {
	if !s.chance(4000) {
		return
	}
	id := s.id(KindProject)
	s.tell("project.created", &Project{Ident: id, Name: s.words.Word(id.Key), Number: "PR-" + itoa(id.ID)})
}

func (s *shard) report() {
	j := s.job("report", "")
	s.done(j)
	s.in(minute, hour, func() {
		j := changed(s, j)
		j.Status = "finished"
		s.tell("report.viewed", j)
	})
}

// run is a job of a type.
func (s *shard) run(typ string) func() {
	return func() {
		j := s.job(typ, pick(s, outlets))
		s.tell("job.started", j)
		s.in(second, 10*minute, func() {
			if typ != "request" && s.chance(600) {
				s.failed(j)
				return
			}
			s.done(j)
		})
	}
}

func (s *shard) failed(j *Job) {
	c := changed(s, j)
	c.Status, c.Finished, c.Error = "failed", s.now, "connection timed out"
	s.tell("job.failed", c)
}

// transfer hands a paper to somebody else's system.
func (s *shard) transfer() {
	d := s.recent[s.below(len(s.recent))]
	if d == nil {
		return
	}
	j := s.job("transfer", pick(s, outlets))
	j.Document = d
	if s.chance(2500) {
		s.failed(j)
		return
	}
	s.done(j)
}

// push brings a product to a sales channel, or from one.
func (s *shard) push() {
	g := pick(s, s.assort)
	typ, action := "productExport", "product.exported"
	if s.chance(4000) {
		typ, action = "productImport", "product.imported"
	}
	j := s.job(typ, pick(s, outlets))
	j.Status, j.Finished = "finished", s.now
	j.Products = []*Product{g.Product}
	s.tell(action, g.edit(s), j)
}

func (s *shard) refresh() { s.feed(pick(s, s.assort).Product) }

// feed tells a marketplace of a product.
func (s *shard) feed(p *Product) {
	j := s.job("feed", "Marketplace")
	j.Products = []*Product{p}
	s.tell("job.started", j)
	s.in(10*second, 20*minute, func() { s.done(j) })
}
