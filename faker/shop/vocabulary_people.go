package shop

import "strings"

func shopKinds() []*KindInfo {
	a := kind[*Happening](KindAction, "what happened, in every event")
	a.text("name", "the action's name", func(e *Happening) string { return e.Name })
	a.time("at", "the moment, of an event with a delay as well", func(e *Happening) int64 { return e.Created })
	a.choice("itemStatus", "the status that the pieces have now", func(e *Happening) string { return e.Status }, itemStatuses...)
	a.text("reason", "why, where there is a reason", func(e *Happening) string { return e.Reason }, "text.sentence")
	many(a, "items", KindItem, "the pieces that it is about", func(e *Happening) []*Item { return e.Items })

	s := kind[*House](KindShop, "the shop itself, in every event")
	s.text("name", "", func(e *House) string { return e.Name }, "company.name")
	s.sets(func(e *House, v Value) { e.Name = v.Text })
	s.text("domain", "", func(e *House) string { return e.Domain }, "internet.host")
	s.sets(func(e *House, v Value) { e.Domain = v.Text })
	s.text("url", "", func(e *House) string { return "https://" + e.Domain }, "internet.url")
	s.text("email", "", func(e *House) string { return e.Email }, "internet.email")
	s.sets(func(e *House, v Value) { e.Email = v.Text })
	s.text("tenant", "its short name", func(e *House) string { return e.Tenant }, "text.slug")
	s.sets(func(e *House, v Value) { e.Tenant = v.Text })
	s.text("currency", "of all amounts, ISO 4217", func(e *House) string { return e.Country.Currency }, "finance.currencyCode")
	s.boolean("isOpen", "it is: who is closed has nothing to tell", func(*House) bool { return true })
	s.text("none", "never there, `world.none` for short: of what the shop does not have", func(*House) string { return "" })
	countryOf(s, func(e *House) *Country { return e.Country })

	g := kind[*Setting](KindSetting, "something that the shopkeeper can set")
	g.choice("type", "", func(e *Setting) string { return e.Type }, settingTypes...)
	g.text("name", "", func(e *Setting) string { return e.Name }, "text.name")

	p := kind[*Project](KindProject, "what work is booked on")
	p.text("name", "", func(e *Project) string { return e.Name }, "text.title")
	p.text("number", "", func(e *Project) string { return e.Number }, "text.code", "like", "PR-####")
	return []*KindInfo{a.KindInfo, s.KindInfo, g.KindInfo, p.KindInfo}
}

var settingTypes = []string{"currencies", "billingInformation", "design", "mandatoryFields", "domain", "orderStatuses", "paymentMethods", "shippingMethods"}

func countryOf[E Entity](t table[E], get func(E) *Country) {
	part := func(name, doc, plain string, get2 func(*Country) string) {
		t.text(name, doc, func(e E) string {
			if c := get(e); c != nil {
				return get2(c)
			}
			return ""
		}, plain)
	}
	part("country", "its name", "address.country", func(c *Country) string { return c.Name })
	part("countryCode", "two letters", "address.countryCode", func(c *Country) string { return c.Alpha2 })
	part("countryCode3", "three letters", "address.countryCode3", func(c *Country) string { return c.Alpha3 })
	part("language", "`en_GB`", "language.code", func(c *Country) string { return c.Language })
}

func personOf[E Entity](t table[E], get func(E) *Person) {
	t.text("firstName", "", func(e E) string { return get(e).First }, "person.firstName")
	t.sets(func(e E, v Value) { get(e).called(v.Text, get(e).Last) })
	t.text("lastName", "", func(e E) string { return get(e).Last }, "person.lastName")
	t.sets(func(e E, v Value) { get(e).called(get(e).First, v.Text) })
	t.text("fullName", "", func(e E) string { return get(e).Full }, "person.fullName")
	t.text("salutation", "", func(e E) string { return get(e).Salutation }, "person.salutation")
	t.sets(func(e E, v Value) { get(e).Salutation = v.Text })
	t.text("title", "of some", func(e E) string { return get(e).Title }, "person.title")
	t.sets(func(e E, v Value) { get(e).Title = v.Text })
	t.read("gender", Choice, "none once the person is forgotten", []string{"person.gender"}, func(e E) Value {
		switch p := get(e); {
		case p.First == "":
			return Value{}
		case p.Male:
			return Value{Type: Choice, Text: "male"}
		}
		return Value{Type: Choice, Text: "female"}
	})
	t.Properties[len(t.Properties)-1].Values = []string{"male", "female"}
	t.sets(func(e E, v Value) { get(e).Male = v.Text == "male" })
}

// called gives a person another name.
func (p *Person) called(first, last string) { p.First, p.Last, p.Full = first, last, first+" "+last }

func peopleKinds() []*KindInfo { //nolint:funlen // a table
	c := kind[*Customer](KindCustomer, "who buys")
	c.text("number", "", func(e *Customer) string { return e.Number }, "text.code", "like", "C-######")
	c.owns(func(e *Customer, v Value) { e.Number = v.Text })
	c.choice("status", "", func(e *Customer) string { return e.Status }, customerStatuses...)
	c.choice("group", "", func(e *Customer) string { return e.Group }, "standard", "vip", "business")
	c.sets(func(e *Customer, v Value) { e.Group = v.Text })
	personOf(c, func(e *Customer) *Person { return &e.Person })
	c.text("email", "", func(e *Customer) string { return e.Email }, "internet.email")
	c.sets(func(e *Customer, v Value) { e.Email = v.Text })
	c.text("phone", "", func(e *Customer) string { return e.Phone }, "phone.number")
	c.sets(func(e *Customer, v Value) { e.Phone = v.Text })
	c.text("company", "of business customers", func(e *Customer) string { return e.Company }, "company.name")
	c.sets(func(e *Customer, v Value) { e.Company = v.Text })
	c.time("birthDate", "of some", func(e *Customer) int64 { return e.Born }, "person.birthDate")
	c.sets(func(e *Customer, v Value) { e.Born = v.Int })
	c.time("lastLoginAt", "", func(e *Customer) int64 { return e.LastLogin })
	c.boolean("isGuest", "without an account", func(e *Customer) bool { return e.Status == "guest" })
	c.boolean("isActive", "may order", func(e *Customer) bool { return e.Status == "guest" || e.Status == "registered" })
	countryOf(c, func(e *Customer) *Country { return e.Country })
	one(c, "address", KindAddress, "the usual one", func(e *Customer) *Address { return e.Home })
	many(c, "addresses", KindAddress, "", func(e *Customer) []*Address { return e.Addresses })

	a := kind[*Address](KindAddress, "where something goes to, or a bill")
	a.choice("type", "", func(e *Address) string { return e.Type }, "billing", "shipping")
	personOf(a, func(e *Address) *Person { return &e.Person })
	a.text("company", "of business customers", func(e *Address) string { return e.Company }, "company.name")
	a.sets(func(e *Address, v Value) { e.Company = v.Text })
	a.text("street", "", func(e *Address) string { return e.Street }, "address.street")
	a.sets(func(e *Address, v Value) { e.Line = strings.Replace(e.Line, e.Street, v.Text, 1); e.Street = v.Text })
	a.text("houseNumber", "", func(e *Address) string { return e.House }, "address.houseNumber")
	a.sets(func(e *Address, v Value) {
		before, after, _ := strings.Cut(e.Line, e.Street)
		e.Line = strings.Replace(before, e.House, v.Text, 1) + e.Street + strings.Replace(after, e.House, v.Text, 1)
		e.House = v.Text
	})
	a.text("line", "street and number", func(e *Address) string { return e.Line }, "address.line")
	a.text("additional", "of some", func(e *Address) string { return e.Additional }, "address.additional")
	a.sets(func(e *Address, v Value) { e.Additional = v.Text })
	a.text("zipCode", "", func(e *Address) string { return e.Zip }, "address.zipCode")
	a.sets(func(e *Address, v Value) { e.Zip = v.Text })
	a.text("city", "", func(e *Address) string { return e.City }, "address.city")
	a.sets(func(e *Address, v Value) { e.City = v.Text })
	a.text("state", "", func(e *Address) string { return e.State }, "address.state")
	a.sets(func(e *Address, v Value) { e.State = v.Text })
	a.text("phone", "", func(e *Address) string { return e.Place.Phone }, "phone.number")
	a.sets(func(e *Address, v Value) { e.Place.Phone = v.Text })
	a.boolean("isDefault", "the customer's usual one", func(e *Address) bool { return e.Default })
	a.boolean("isDefaultBilling", "", func(e *Address) bool { return e.Default })
	a.boolean("isDefaultShipping", "", func(e *Address) bool { return e.Default })
	countryOf(a, func(e *Address) *Country { return e.Place.Country })

	n := kind[*Subscriber](KindSubscriber, "an address of the newsletter")
	n.text("email", "", func(e *Subscriber) string { return e.Email }, "internet.email")
	n.same("customer.email")
	n.choice("status", "", func(e *Subscriber) string { return e.Status }, "subscribed", "unsubscribed")
	one(n, "customer", KindCustomer, "", func(e *Subscriber) *Customer { return e.Customer })

	u := kind[*User](KindUser, "somebody who works in the shop")
	personOf(u, func(e *User) *Person { return &e.Person })
	u.text("userName", "", func(e *User) string { return e.User }, "internet.userName")
	u.sets(func(e *User, v Value) { e.User = v.Text })
	u.text("email", "", func(e *User) string { return e.Email }, "internet.email")
	u.sets(func(e *User, v Value) { e.Email = v.Text })
	u.text("page", "that was opened last", func(e *User) string { return e.Page }, "text.slug")

	k := kind[*Ticket](KindTicket, "a question of a customer")
	k.text("number", "", func(e *Ticket) string { return e.Number }, "text.code", "like", "T-######")
	k.text("subject", "", func(e *Ticket) string { return e.Subject }, "text.sentence")
	k.sets(func(e *Ticket, v Value) { e.Subject = v.Text })
	k.choice("status", "", func(e *Ticket) string { return e.Status }, "open", "answered")
	one(k, "customer", KindCustomer, "", func(e *Ticket) *Customer { return e.Customer })
	one(k, "order", KindOrder, "that it is about, of some", func(e *Ticket) *Order { return e.Order })

	s := kind[*Supplier](KindSupplier, "who sells to the shop")
	s.text("name", "", func(e *Supplier) string { return e.Name }, "company.name")
	s.sets(func(e *Supplier, v Value) { e.Name = v.Text })
	s.text("number", "", func(e *Supplier) string { return e.Number }, "text.code", "like", "S-####")
	s.owns(func(e *Supplier, v Value) { e.Number = v.Text })
	return []*KindInfo{c.KindInfo, a.KindInfo, n.KindInfo, u.KindInfo, k.KindInfo, s.KindInfo}
}

var customerStatuses = []string{"guest", "registered", "blocked", "anonymized", "deleted"}
