package shop

// care is somebody who keeps the catalogue in order.
func (s *shard) care() {
	s.work(0, s.gap/2, s.care)
	g := pick(s, s.assort)
	jobs := []func(*goods){
		s.careText, s.careText, s.careText, s.careTags, s.careFeature, s.careFeature, s.careFeature, s.careCategory, s.careBinding,
		s.carePart, s.carePart, s.careMedia, s.careMedia, s.careRelation, s.careRelation, s.careVariant, s.carePrice, s.carePrice, s.careCost, s.careCost,
		s.careAttribute, s.careAttribute, s.careOption, s.careOption, s.careTree, s.careTree, s.careBrand, s.careGoods, s.careQuality, s.careCoupon,
	}
	jobs[s.below(len(jobs))](g)
}

// edit is the product, to be changed.
func (g *goods) edit(s *shard) *Product {
	g.Product = changed(s, g.Product)
	return g.Product
}

func (s *shard) careText(g *goods) {
	p := g.edit(s)
	p.Description = s.words.Sentence(s.next())
	s.tell("product.updated", fix(s.edits, p))
}

func (s *shard) careTags(g *goods) {
	p := g.edit(s)
	a, b := s.below(len(s.tags)), s.below(len(s.tags)-1)
	if b >= a {
		b++
	}
	p.Tags = []*Tag{s.tags[a], s.tags[b]}
	s.tell("product.tagged", p)
}

func (s *shard) careFeature(g *goods) {
	p := g.edit(s)
	for _, a := range s.attributes {
		if a.Type != "select" && !hasFeature(p, a) && s.chance(5000) {
			f := s.newFeature(a, s.now)
			p.Features = with(p.Features, f)
			s.tell("product.featureAdded", p, f, a)
			return
		}
	}
	if len(p.Features) == 0 {
		return
	}
	was := pick(s, p.Features)
	if s.chance(4500) {
		p.Features = without(p.Features, was)
		s.tell("product.featureRemoved", p, was, was.Attribute)
		return
	}
	f := changed(s, was)
	f.Before = was.Text
	if s.fill(f); f.Text == was.Text {
		return
	}
	p.Features = replaced(p.Features, was, f)
	s.tell("product.featureChanged", p, f, f.Attribute)
}

func hasFeature(p *Product, a *Attribute) bool {
	for _, f := range p.Features {
		if f.Attribute.ID == a.ID {
			return true
		}
	}
	return false
}

func (s *shard) careCategory(g *goods) {
	p := g.edit(s)
	if len(p.Categories) > 1 {
		c := p.Categories[1]
		p.Categories = p.Categories[:1]
		s.tell("product.categoryRemoved", p, c)
		return
	}
	c := pick(s, s.categories)
	if c.ID == p.Category.ID {
		return
	}
	p.Categories = with(p.Categories, c)
	s.tell("product.categoryAdded", p, c)
}

// careBinding lets variants differ by one attribute more, or one less again.
func (s *shard) careBinding(g *goods) {
	p := g.edit(s)
	if p.Type != "variants" {
		return
	}
	if n := len(p.Bindings); p.Bindings[n-1].ID == s.attributes[2].ID {
		a := p.Bindings[n-1]
		p.Bindings = p.Bindings[:n-1]
		s.tell("product.bindingRemoved", p, a)
		return
	}
	p.Bindings = with(p.Bindings, s.attributes[2])
	s.tell("product.bindingAdded", p, s.attributes[2])
}

func (s *shard) carePart(g *goods) {
	p := g.edit(s)
	other := pick(s, s.assort)
	switch {
	case len(p.Parts) == 0 && other != g:
		part := &Part{Ident: s.id(KindPart), Quantity: 1 + int64(s.below(4)), Child: other.leaf()}
		p.Parts = []*Part{part}
		s.tell("product.partAdded", p, part)
	case len(p.Parts) > 0 && s.chance(5500):
		part := changed(s, p.Parts[0])
		part.Before = part.Quantity
		part.Quantity = part.Quantity%6 + 1
		p.Parts = []*Part{part}
		s.tell("product.partChanged", p, part)
	case len(p.Parts) > 0:
		part := p.Parts[0]
		p.Parts = nil
		s.tell("product.partRemoved", p, part)
	}
}

func (s *shard) careMedia(g *goods) {
	p := g.edit(s)
	switch n := len(p.Media); {
	case n == 0 || n < 4 && s.chance(4000):
		m := s.newMedia(p, s.now)
		p.Media = with(p.Media, m)
		s.tell("product.mediaAdded", p, m)
	case s.chance(5000):
		was := p.Media[n-1]
		m := changed(s, was)
		m.Path = "/media/" + p.Slug + code("-##", s.next()) + ".jpg"
		m.URL = "https://media.example.com" + m.Path
		p.Media = replaced(p.Media, was, m)
		s.tell("product.mediaChanged", p, m)
	default:
		m := p.Media[n-1]
		p.Media = without(p.Media, m)
		s.tell("product.mediaRemoved", p, m)
	}
}

func (s *shard) careRelation(g *goods) {
	p := g.edit(s)
	other := pick(s, s.assort)
	switch {
	case len(p.Relations) == 0 && other != g:
		r := &Relation{Ident: s.id(KindRelation), Type: "accessory", Other: other.leaf()}
		p.Relations = []*Relation{r}
		s.tell("product.relationAdded", p, r)
	case len(p.Relations) > 0 && s.chance(5500):
		r := changed(s, p.Relations[0])
		if r.Type == "similar" {
			r.Type = "upgrade"
		} else {
			r.Type = "similar"
		}
		p.Relations = []*Relation{r}
		s.tell("product.relationChanged", p, r)
	case len(p.Relations) > 0:
		r := p.Relations[0]
		p.Relations = nil
		s.tell("product.relationRemoved", p, r)
	}
}

// careVariant adds a variant, or takes out the last one if none is left of it
// and nobody waits for more.
func (s *shard) careVariant(g *goods) {
	if g.Type != "variants" {
		return
	}
	p := g.edit(s)
	n := len(p.Variants) - 1
	if n < 2 || n < 5 && s.chance(5000) {
		v := g.addVariant(s, p.Variants[0].Price.Amount, s.now)
		s.tell("product.variantAdded", p, v)
		s.tell("price.created", v.Price, v, p)
		return
	}
	if g.stocks[n].Reserved > 0 || g.incoming[n] {
		return
	}
	v := p.Variants[n]
	p.Variants, g.stocks, g.costs, g.incoming = p.Variants[:n:n], g.stocks[:n:n], g.costs[:n:n], g.incoming[:n:n]
	s.tell("product.variantRemoved", p, v)
}

func (s *shard) carePrice(g *goods) {
	p := g.edit(s)
	i := s.below(len(p.Variants))
	v := p.Variants[i]
	if s.chance(3000) { // a price for more pieces: it is announced, and taken back some days later
		tier := s.newPrice(v.Price.Amount*9/10, s.now)
		tier.From = 10
		s.tell("price.created", tier, v, p)
		s.work(day, 6*day, func() {
			if now := g.variant(v.ID); now != nil {
				s.tell("price.deleted", changed(s, tier), now, g.Product)
			}
		})
		return
	}
	v = changed(s, v)
	price := changed(s, v.Price)
	price.Before, price.Amount, price.Since = price.Amount, s.priceLike(), s.now
	price.Net = net(price.Amount, price.Rate)
	v.Price = fix(s.edits, price)
	fix(s.edits, v)
	p.Variants = replaced(p.Variants, p.Variants[i], v)
	s.tell("price.updated", v.Price, v, p)
}

func (s *shard) careCost(g *goods) {
	i := s.below(len(g.Variants))
	v := g.Variants[i]
	was := g.costs[i]
	switch s.share(40, 30, 30) {
	case 0:
		c := changed(s, was)
		c.Amount = c.Amount * s.between(92, 109) / 100
		c.Since = s.now
		fix(s.edits, c)
		g.costs[i] = c
		s.tell("cost.updated", c, v, g.Product, c.Supplier)
	default:
		c := s.newCost(g, v, s.now)
		c.Standard = false
		s.tell("cost.created", c, v, g.Product, c.Supplier)
		s.work(day, 6*day, func() {
			if now := g.variant(v.ID); now != nil {
				s.tell("cost.deleted", changed(s, c), now, g.Product, c.Supplier)
			}
		})
	}
}

// variant finds a variant as it is now, nil once it is gone.
func (g *goods) variant(id int64) *Variant {
	for _, v := range g.Variants {
		if v.ID == id && g.Status != "retired" {
			return v
		}
	}
	return nil
}

func (s *shard) careQuality(g *goods) {
	p := g.edit(s)
	if p.Quality = "approved"; s.chance(2500) {
		p.Quality = "rejected"
	}
	s.tell("product.qualityChecked", p)
}

// careGoods brings a new product, or takes one out of the assortment of which
// none is reserved or bought.
func (s *shard) careGoods(*goods) {
	for i, g := range s.assort {
		if len(s.assort) < goodsOfShard || s.chance(8000) || g.busy() {
			continue
		}
		p := g.edit(s)
		p.Status = "retired"
		s.assort = append(s.assort[:i:i], s.assort[i+1:]...)
		s.tell("product.deleted", p)
		return
	}
	if len(s.assort) > goodsOfShard+4 {
		return
	}
	g := s.newGoods(s.now)
	g.Quality = "pending"
	s.assort = with(s.assort, g)
	s.tell("product.created", g.Product)
	for i, v := range g.Variants {
		if i > 0 {
			s.tell("product.variantAdded", g.Product, v)
		}
		s.tell("price.created", v.Price, v, g.Product)
		s.tell("cost.created", g.costs[i], v, g.Product, g.costs[i].Supplier)
		s.stock("stock.inStock", ware{g, i})
	}
	s.work(hour, day, func() { s.careQuality(g) })
	s.feed(g.Product)
}

func (g *goods) busy() bool {
	for i, st := range g.stocks {
		if st.Reserved > 0 || g.incoming[i] {
			return true
		}
	}
	return false
}
