package shop

import "strings"

// What the catalogue is made of besides goods. What all of the shop has since
// before the stream began stays as it is, since no shard sees what another one
// does; what changes is what a shard has made itself.

// own is what a shard has made.
type own struct {
	category  *Category
	attribute *Attribute
	brand     *Brand
	made      int64 // how many attributes
}

var (
	seasons = []string{"Outlet", "Sale", "Premium", "Trend"}
	fields  = []attributeForm{
		{"fit", "select", "", "slim regular loose"}, {"closure", "select", "", "zip buttons laces"}, {"pattern", "select", "", "plain striped dotted"},
		{"lining", "select", "", "none silk fleece"},
	}
	moreOptions = []string{"short", "long", "wide", "narrow", "soft", "light", "double", "round"}
)

// careTree makes a category, and later renames, moves and deletes it.
func (s *shard) careTree(*goods) {
	c := s.own.category
	if c == nil {
		base := pick(s, s.categories)
		c = &Category{Ident: s.id(KindCategory), Name: pick(s, seasons) + " " + base.Name, Parent: base}
		c.Code = s.words.Slug(c.Name) + "-" + itoa(c.ID%1000)
		c.Path = base.Code + "/" + c.Code
		s.own.category = c
		fix(s.edits, c)
		s.tell("category.created", c)
		return
	}
	c = changed(s, c)
	s.own.category = c
	switch s.share(40, 25, 35) {
	case 0:
		c.Name = another(c.Name)
		s.tell("category.renamed", fix(s.edits, c))
	case 1:
		c.Parent = pick(s, s.categories)
		c.Path = c.Parent.Code + "/" + c.Code
		s.tell("category.moved", c)
	default:
		s.own.category = nil
		s.tell("category.deleted", c)
	}
}

// another is a name that varies one.
func another(n string) string {
	if base, ok := strings.CutSuffix(n, " & more"); ok {
		return base
	}
	return n + " & more"
}

func (s *shard) careAttribute(*goods) {
	a := s.own.attribute
	if a == nil || s.chance(3000) {
		f := pick(s, fields)
		a = f.attribute(s.id(KindAttribute), func(int) Ident { return s.id(KindOption) })
		a.Code += "_" + itoa(2+s.own.made*Shards+int64(s.number))
		s.own.made++
		s.own.attribute = a
		s.tell("attribute.created", a)
		return
	}
	a = changed(s, a)
	a.Name = another(a.Name)
	s.own.attribute = a
	s.tell("attribute.renamed", a)
}

func (s *shard) careOption(*goods) {
	if s.own.attribute == nil {
		return
	}
	a := changed(s, s.own.attribute)
	n := len(a.Options) - 1
	action := ""
	var o *Option
	switch fate := s.share(30, 20, 25, 25); {
	case fate == 0 && n < 8 || n < 1:
		text := pick(s, moreOptions)
		for _, known := range a.Options {
			if known.Code == text {
				text += "_" + itoa(int64(n))
				break
			}
		}
		o = &Option{Ident: s.id(KindOption), Code: text, Name: strings.ToUpper(text[:1]) + text[1:]}
		a.Options = with(a.Options, o)
		action = "attribute.optionAdded"
	case fate < 2:
		o, a.Options = a.Options[n], a.Options[:n:n]
		action = "attribute.optionRemoved"
	default:
		old := a.Options[s.below(n+1)]
		o = changed(s, old)
		if action = "attribute.optionRenamed"; fate == 2 {
			o.Name = another(o.Name)
		} else {
			action = "attribute.optionRecoded"
			o.Previous = o.Code
			if base, ok := strings.CutSuffix(o.Code, "_new"); ok {
				o.Code = base
			} else {
				o.Code += "_new"
			}
		}
		a.Options = replaced(a.Options, old, o)
	}
	s.own.attribute = a
	s.tell(action, a, o)
}

func (s *shard) careBrand(*goods) {
	b := s.own.brand
	if b == nil {
		id := s.id(KindBrand)
		n := pick(s, s.brands).Name + " " + pick(s, []string{"Kids", "Home", "Sport"})
		b = &Brand{Ident: id, Name: n, Code: s.words.Slug(n) + "-" + itoa(id.ID%1000)}
		s.own.brand = fix(s.edits, b)
		s.tell("brand.created", b)
		return
	}
	b = changed(s, b)
	if s.own.brand = b; s.chance(5000) {
		s.own.brand = nil
		s.tell("brand.deleted", b)
		return
	}
	b.Name = another(b.Name)
	s.tell("brand.updated", fix(s.edits, b))
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
