package shop

import "strings"

// What the catalogue is made of besides goods. Products hold what they were
// given: a category that is renamed has its new name in what happens to it from
// then on.

func (s *shard) careTree(*goods) {
	i := s.below(len(s.categories))
	switch s.share(40, 25, 20, 15) {
	case 0:
		c := changed(s, s.categories[i])
		c.Name = s.words.Category(s.below(1000))
		s.recategorize(s.categories[i], c)
		s.tell("category.renamed", c)
	case 1:
		if i < 2 {
			return
		}
		c := changed(s, s.categories[i])
		c.Parent = s.categories[s.below(2)]
		c.Path = c.Parent.Code + "/" + c.Code
		s.recategorize(s.categories[i], c)
		s.tell("category.moved", c)
	default:
		n := s.words.Category(s.below(1000))
		c := &Category{Ident: s.id(KindCategory), Name: n, Parent: s.categories[0]}
		c.Code = s.words.Slug(n) + code("-##", c.Key) + "-" + itoa(c.ID)
		c.Path = c.Parent.Code + "/" + c.Code
		s.tell("category.created", c)
		s.work(day, 5*day, func() { s.tell("category.deleted", changed(s, c)) })
	}
}

// recategorize brings a changed category into the products that stand there.
func (s *shard) recategorize(was, now *Category) {
	s.categories = replaced(s.categories, was, now)
	for _, g := range s.assort {
		list := replaced(g.Categories, was, now)
		if list == nil {
			continue
		}
		c := *g.Product // no change of the product itself
		c.Categories = list
		c.Category = list[0]
		g.Product = &c
	}
}

func (s *shard) careAttribute(*goods) {
	if s.chance(5000) {
		f := attributeForms[s.below(len(attributeForms))]
		a := s.newAttribute(f, s.now)
		a.Code += "_" + itoa(a.ID)
		s.tell("attribute.created", a)
		return
	}
	was := pick(s, s.attributes)
	a := changed(s, was)
	a.Name = s.words.Word(s.next())
	s.reattribute(was, a)
	s.tell("attribute.renamed", a)
}

// reattribute brings a changed attribute into the products.
func (s *shard) reattribute(was, now *Attribute) {
	s.attributes = replaced(s.attributes, was, now)
	for _, g := range s.assort {
		c := *g.Product
		if list := replaced(c.Bindings, was, now); list != nil {
			c.Bindings = list
		}
		for _, f := range c.Features {
			if f.Attribute.ID == now.ID {
				n := *f
				n.Attribute = now
				c.Features = replaced(c.Features, f, &n)
			}
		}
		g.Product = &c
	}
}

func (s *shard) careOption(*goods) {
	was := s.attributes[s.below(4)]
	a := changed(s, was)
	switch s.share(30, 20, 25, 25) {
	case 0:
		o := s.newOption(strings.ToLower(s.words.Slug(s.words.Word(s.next())))+code("-##", s.next()), s.now)
		a.Options = with(a.Options, o)
		s.reattribute(was, a)
		s.tell("attribute.optionAdded", a, o)
	case 1:
		n := len(a.Options) - 1
		if n < 6 {
			return
		}
		o := a.Options[n]
		a.Options = a.Options[:n:n]
		s.reattribute(was, a)
		s.tell("attribute.optionRemoved", a, o)
	default:
		old := a.Options[len(a.Options)-1]
		o := changed(s, old)
		action := "attribute.optionRenamed"
		if s.chance(5000) {
			action = "attribute.optionRecoded"
			o.Previous, o.Code = o.Code, strings.SplitN(o.Code, "-", 2)[0]+code("-##", s.next())
			if o.Code == o.Previous {
				return
			}
		} else {
			o.Name = s.words.Word(s.next())
		}
		a.Options = replaced(a.Options, old, o)
		s.reattribute(was, a)
		s.tell(action, a, o)
	}
}

func (s *shard) careBrand(*goods) {
	switch s.share(40, 60) {
	case 0:
		was := pick(s, s.brands)
		b := changed(s, was)
		b.Name = strings.TrimSuffix(was.Name, " & Co") + " & Co"
		if b.Name == was.Name {
			b.Name = strings.TrimSuffix(was.Name, " & Co")
		}
		s.brands = replaced(s.brands, was, b)
		for _, g := range s.assort {
			if g.Brand == was {
				c := *g.Product
				c.Brand = b
				g.Product = &c
			}
		}
		s.tell("brand.updated", b)
	default:
		id := s.id(KindBrand)
		n := s.words.Brand(s.below(1000))
		b := &Brand{Ident: id, Name: n, Code: s.words.Slug(n) + "-" + itoa(id.ID)}
		s.tell("brand.created", b)
		s.work(day, 5*day, func() { s.tell("brand.deleted", changed(s, b)) })
	}
}

func (s *shard) careCoupon(*goods) {
	i := s.below(len(s.coupons))
	was := s.coupons[i]
	switch {
	case was.Until < s.now || s.chance(2500):
		gone := changed(s, was)
		gone.Status = "closed"
		s.tell("coupon.deleted", gone)
		s.coupons = without(s.coupons, was)
		c := s.newCoupon(s.now)
		s.coupons = with(s.coupons, c)
		s.tell("coupon.created", c)
	default:
		c := changed(s, was)
		c.Until += 10 * day
		s.coupons = replaced(s.coupons, was, c)
		s.tell("coupon.updated", c)
	}
}
