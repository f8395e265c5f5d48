package shop

import (
	"strconv"
	"strings"
)

// goods is a product as it is now, with the stocks of its variants.
type goods struct {
	*Product
	stocks   []*Stock
	costs    []*Cost
	incoming []bool // more is on its way
	owned    bool   // the shop makes it itself
}

// buyer is a customer as it is now.
type buyer struct {
	*Customer
	open int // orders that are not over
	sub  *Subscriber
}

const (
	goodsOfShard     = 18
	customersOfShard = 24
	mostCustomers    = 150
)

func newShard(o Options, number, orders int, house *House, at int64, edits map[Kind][]Edit) *shard {
	s := &shard{
		words: o.Words, house: house, edits: edits, number: number, seed: mix(mix(o.Seed, saltShard), uint64(number)),
		now: at, counts: map[Kind]int64{},
		opened: at, gap: max(1, day*Shards/int64(orders)), pace: max(1, day/(2*int64(orders))),
	}
	s.state = s.seed
	s.furnish(o)
	for range goodsOfShard {
		s.assort = append(s.assort, s.newGoods(s.past()))
	}
	for i, g := range s.assort { // bundles and neighbours exist once their parts do
		s.relate(g, s.assort[(i+1)%len(s.assort)].Product)
	}
	for range customersOfShard {
		s.customers = append(s.customers, s.newCustomer(s.past(), "registered"))
	}
	s.now = at
	if !o.Quiet {
		s.open()
	}
	return s
}

// past is a moment before the stream begins.
func (s *shard) past() int64 { return s.now - s.between(2*day, 300*day) }

// furnish makes what there is besides goods and customers.
func (s *shard) furnish(o Options) {
	for i := range 5 {
		n := s.words.Category(i)
		c := &Category{Ident: s.shared(KindCategory, o, i), Name: n, Code: s.words.Slug(n)}
		if c.Path = c.Code; i > 1 {
			c.Parent = s.categories[0]
			c.Path = c.Parent.Code + "/" + c.Code
		}
		s.categories = append(s.categories, fix(s.edits, c))
	}
	for i := range 5 {
		n := s.words.Brand(i)
		s.brands = append(s.brands, fix(s.edits, &Brand{Ident: s.shared(KindBrand, o, i), Name: n, Code: s.words.Slug(n)}))
	}
	for i, f := range attributeForms {
		s.attributes = append(s.attributes, f.attribute(s.shared(KindAttribute, o, i), func(n int) Ident { return s.shared(KindOption, o, 20*i+n) }))
	}
	for range 3 {
		id := s.idAt(KindSupplier, s.past())
		s.suppliers = append(s.suppliers, fix(s.edits, &Supplier{Ident: id, Name: s.words.Company(id.Key), Number: code("S-####", id.Key)}))
	}
	for range 2 {
		id := s.idAt(KindUser, s.past())
		s.users = append(s.users, fix(s.edits, &User{Ident: id, Person: s.words.Person(id.Key), Page: "orders"}))
	}
	id := s.idAt(KindProject, s.past())
	s.projects = []*Project{{Ident: id, Name: s.words.Word(id.Key), Number: code("PR-####", id.Key)}}
	for range 2 {
		s.coupons = append(s.coupons, s.newCoupon(s.past()))
	}
	for range 4 {
		id := s.idAt(KindTag, s.past())
		s.tags = append(s.tags, &Tag{Ident: id, Name: s.words.Word(id.Key)})
	}
	for _, typ := range settingTypes {
		id := s.idAt(KindSetting, s.past())
		s.settings = append(s.settings, &Setting{Ident: id, Type: typ, Name: s.words.Word(id.Key)})
	}
}

// attributeForm is what an attribute is like: its code, type and options.
type attributeForm struct{ code, typ, unit, options string }

var attributeForms = []attributeForm{
	{"color", "select", "", "black white blue red green grey beige"},
	{"size", "select", "", "xs s m l xl xxl"},
	{"material", "select", "", "cotton wool linen leather fleece silk"},
	{"season", "multiSelect", "", "spring summer autumn winter"},
	{"weight", "number", "g", ""},
	{"care", "text", "", ""},
}

// attribute makes one, and its options.
func (f attributeForm) attribute(id Ident, option func(n int) Ident) *Attribute {
	a := &Attribute{Ident: id, Code: f.code, Name: strings.ToUpper(f.code[:1]) + f.code[1:], Type: f.typ, Scope: "global", Unit: f.unit}
	if f.typ == "text" {
		a.Scope = "local"
	}
	for n, o := range strings.Fields(f.options) {
		a.Options = append(a.Options, &Option{Ident: option(n), Code: o, Name: strings.ToUpper(o[:1]) + o[1:]})
	}
	return a
}

// shared is the identity of what the whole shop has, whatever the shard, since
// before the stream began.
func (s *shard) shared(kind Kind, o Options, n int) Ident {
	at := s.opened - (400-int64(n%40))*day
	return Ident{ID: int64(10 + n), Key: mix(mix(o.Seed, name(string(kind))), uint64(n)+saltEntity), Created: at, Updated: at}
}

// newGoods makes a product with its variants, prices and stocks.
func (s *shard) newGoods(at int64) *goods {
	id := s.idAt(KindProduct, at)
	n := s.words.Product(id.Key)
	p := &Product{
		Ident: id, Name: n, Number: code("??-####", id.Key), Slug: s.words.Slug(n) + code("-###", id.Key),
		Description: s.words.Sentence(id.Key), Status: "live", Quality: "approved", Tariff: code("6#######", id.Key),
		Type: "simple", Brand: pick(s, s.brands), Project: pick(s, s.projects),
	}
	fix(s.edits, p)
	p.URL = "https://" + s.house.Domain + "/p/" + p.Slug
	p.Category = pick(s, s.categories)
	p.Categories = []*Category{p.Category}
	p.Tags = []*Tag{pick(s, s.tags)}
	p.Media = []*Media{s.newMedia(p, at)}
	p.Features = []*Feature{s.newFeature(s.attributes[2], at), s.newFeature(s.attributes[4], at)}
	g := &goods{Product: p, owned: s.chance(4500)}
	price := s.priceLike()
	variants := 1
	if s.chance(6000) {
		variants = 2 + s.below(3)
		p.Type = "variants"
		p.Bindings = []*Attribute{s.attributes[0]}
		if s.words.Wearable(p.Name) {
			p.Bindings = []*Attribute{s.attributes[0], s.attributes[1]}
		}
	}
	for range variants {
		g.addVariant(s, price, at)
	}
	return g
}

// priceLike is a price that ends as prices do.
func (s *shard) priceLike() int64 {
	level := s.house.Country.Level
	return (s.between(5, 149)*level+level-1)*100 + 90
}

func (g *goods) addVariant(s *shard, price, at int64) *Variant {
	id := s.idAt(KindVariant, at)
	n := len(g.Variants)
	v := &Variant{Ident: id, SKU: g.Number + code("-???", id.Key), EAN: ean(s.house.Country.EAN, id.Key), Name: g.Name}
	if g.Type == "variants" {
		colors := g.Bindings[0].Options
		nth := (int(g.Key%7) + n) % len(colors)
		options := []*Option{colors[nth]}
		v.Color = s.words.Color(nth)
		v.Name += ", " + v.Color
		if sizes := s.attributes[1]; len(g.Bindings) > 1 && g.Bindings[1].ID == sizes.ID {
			options = append(options, sizes.Options[n%len(sizes.Options)])
			v.Size = s.words.Size(n)
			v.Name += ", " + v.Size
		}
		for i, o := range options {
			v.Features = append(v.Features, &Feature{Ident: s.idAt(KindFeature, at), Text: o.Code, Attribute: g.Bindings[i], Option: o})
		}
	}
	v.Price = s.newPrice(price, at)
	fix(s.edits, v)
	g.Variants = with(g.Variants, v)
	st := &Stock{
		Ident: s.idAt(KindStock, at), Quantity: s.between(4, 30), Minimum: s.between(2, 5),
		Location: 100 + s.between(0, 400), House: 1 + int64(s.below(2)),
	}
	fix(s.edits, st)
	g.stocks = with(g.stocks, st)
	g.costs = with(g.costs, s.newCost(g, v, at))
	g.incoming = append(g.incoming, false)
	return v
}

func (s *shard) newPrice(amount, at int64) *Price {
	p := &Price{Ident: s.idAt(KindPrice, at), Amount: amount, Before: amount, Rate: s.house.Country.VAT, From: 1, Since: at}
	p.Net = net(amount, p.Rate)
	fix(s.edits, p)
	p.Before = p.Amount
	return p
}

func (s *shard) newCost(g *goods, v *Variant, at int64) *Cost {
	id := s.idAt(KindCost, at)
	return fix(s.edits, &Cost{
		Ident: id, Amount: v.Price.Net * s.between(35, 60) / 100, From: 1, Pack: 1 + 9*int64(s.below(2)), Standard: true,
		Number: code("??####", id.Key), Name: g.Name, Since: at, Supplier: pick(s, s.suppliers),
	})
}

// net is an amount without its tax, rounded half up.
func net(gross, rate int64) int64 { return (gross*10_000*2 + 10_000 + rate) / (2 * (10_000 + rate)) }

func (s *shard) newMedia(p *Product, at int64) *Media {
	m := &Media{Ident: s.idAt(KindMedia, at)}
	m.Path = "/media/" + p.Slug + code("-##", m.Key) + ".jpg"
	m.URL = "https://media.example.com" + m.Path
	return m
}

func (s *shard) newFeature(a *Attribute, at int64) *Feature {
	f := &Feature{Ident: s.idAt(KindFeature, at), Attribute: a}
	s.fill(f)
	return f
}

// fill draws what an attribute says.
func (s *shard) fill(f *Feature) {
	switch f.Attribute.Type {
	case "select", "multiSelect":
		f.Option = pick(s, f.Attribute.Options)
		f.Text = f.Option.Code
	case "number":
		f.Text = code("4##", s.next())
	default:
		f.Text = s.words.Sentence(s.next())
	}
}

// relate gives a product a neighbour, and some of them parts.
func (s *shard) relate(g *goods, other *Product) {
	if s.chance(3000) {
		g.Relations = []*Relation{{Ident: s.idAt(KindRelation, g.Created), Type: "similar", Other: other.leaf()}}
	}
	if s.chance(1500) {
		g.Parts = []*Part{{Ident: s.idAt(KindPart, g.Created), Quantity: 1 + int64(s.below(3)), Child: other.leaf()}}
	}
}

func (s *shard) newCoupon(at int64) *Coupon {
	id := s.idAt(KindCoupon, at)
	return fix(s.edits, &Coupon{Ident: id, Code: code("SAVE-????##", id.Key), Rate: 500 * s.between(1, 4), Since: at, Until: s.now + s.between(20*day, 90*day), Status: "open"})
}

// ean is an article number with its check digit.
func ean(prefix string, key uint64) string {
	text := code(prefix+"############"[:12-len(prefix)], key)
	sum := 0
	for i := range 12 {
		d := int(text[i] - '0')
		if i%2 == 1 {
			d *= 3
		}
		sum += d
	}
	return text + string(rune('0'+(10-sum%10)%10))
}

func (s *shard) newCustomer(at int64, status string) *buyer {
	id := s.idAt(KindCustomer, at)
	c := &Customer{
		Ident: id, Person: s.words.Person(id.Key), Number: "C-" + itoa(100_000+id.ID),
		Status: status, Group: "standard",
	}
	c.Email = strings.Replace(c.Email, "@", "."+itoa(id.ID)+"@", 1)
	if !s.chance(500) {
		c.Title = ""
	}
	if s.chance(4000) {
		c.Born = s.now - s.between(19*365, 75*365)*day
		c.Born -= c.Born % day
	}
	if s.chance(1200) {
		c.Group = "business"
		c.Company = s.words.Company(id.Key)
	}
	fix(s.edits, c)
	c.Home = s.newAddress(c, at)
	c.Home.Default = true
	c.Home.Type = "billing"
	c.Addresses = []*Address{c.Home}
	c.Country, c.Phone = c.Home.Place.Country, c.Home.Place.Phone
	fix(s.edits, c)
	return &buyer{Customer: c}
}

func (s *shard) newAddress(c *Customer, at int64) *Address {
	a := &Address{Ident: s.idAt(KindAddress, at), Person: c.Person, Company: c.Company, Type: "shipping"}
	a.Place = s.words.Place(a.Key)
	if !s.chance(2000) {
		a.Additional = ""
	}
	return fix(s.edits, a)
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// leaf is a product as another one holds it: without its own neighbours, so that
// products do not hold each other for ever.
func (p *Product) leaf() *Product {
	c := *p
	c.Relations, c.Parts = nil, nil
	return &c
}
