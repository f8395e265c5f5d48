package faker

import (
	"encoding/json"
	"math/big"
	"slices"
	"strings"
)

func num(s string) json.Number { return json.Number(s) }

func smallRange(lo, hi string) map[string]any { return map[string]any{"min": num(lo), "max": num(hi)} }

// amounts are the parts of a price, in cents; gross = net + tax always.
type amounts struct{ net, tax, gross, before, discount int64 }

// A moneyGroup is an object whose members are the parts of one price: what is
// with tax, without tax, and the tax. If it is the total of a list that stands
// near, its parts are the sums of theirs.
type moneyGroup struct {
	total *total
}

// total says where the parts of a sum are: members from an enclosing object to
// the list, and from each element to its price.
type total struct {
	up    int // enclosing objects from the group: 0 is the group itself
	owner *objects
	list  int   // member of owner
	price []int // members from the element's object to its money group
	group *moneyGroup
}

var saltNet, saltDiscount = draw("net"), draw("discount")

// parts computes the group of the object that has the key.
func (m *moneyGroup) parts(g *gen, k key, up func(int) key) amounts {
	if m.total != nil {
		if a, ok := m.total.sum(g, up); ok {
			return a
		}
	}
	net := 100 + int64(k.with(saltNet).below(20_000))
	vat := int64(g.locale.countries[g.country()].vat)
	a := amounts{net: net, tax: (net*vat + 50) / 100}
	a.gross = a.net + a.tax
	a.before = a.gross
	if d := k.with(saltDiscount); d.below(10) < 3 {
		a.discount = a.gross * (5 + int64(d.with(saltDiscount).below(25))) / 100
		a.before += a.discount
	}
	return a
}

// sum adds up the elements; false where the list or a price is not there.
func (t *total) sum(g *gen, up func(int) key) (amounts, bool) {
	var a amounts
	k := up(t.up)
	if !t.owner.has(g, k, t.list) {
		return a, false
	}
	m := &t.owner.members[t.list]
	list, _ := m.make.(*lists)
	if list == nil || list.distinct != nil {
		return a, false
	}
	lk := k.with(m.salt)
	for i := range list.count(g, lk) {
		o, _ := list.at(i).(*objects)
		ik := lk.item(i)
		for _, p := range t.price {
			if o == nil || !o.has(g, ik, p) {
				return a, false
			}
			ik = ik.with(o.members[p].salt)
			o, _ = o.members[p].make.(*objects)
		}
		one := t.group.parts(g, ik, func(int) key { return 0 })
		a.net += one.net
		a.tax += one.tax
		a.gross += one.gross
		a.before += one.before
		a.discount += one.discount
	}
	return a, true
}

// A part is one member of a money group.
type part struct {
	group *moneyGroup
	up    int // objects between the value and its group
	of    func(a *amounts) int64
	cents bool // whole cents, not units with two places
}

func (m *part) append(g *gen, dst []byte, _ key) []byte {
	k := g.up(m.up)
	if g.sumOf != m.group || g.sumAt != k {
		up := m.up
		g.sums = m.group.parts(g, k, func(n int) key { return g.up(up + n) })
		g.sumOf, g.sumAt = m.group, k
	}
	if m.cents {
		return appendDecimal(dst, m.of(&g.sums), 0)
	}
	return appendDecimal(dst, m.of(&g.sums), 2)
}

// mostCents bounds what a sum can reach; a schema that allows less gets prices
// of its own.
const mostCents = 10_000_000

// partNames are the names of parts, in letters only.
var partNames = map[string]func(a *amounts) int64{}

func init() {
	name := func(of func(a *amounts) int64, names ...string) {
		for _, n := range names {
			partNames[n] = of
		}
	}
	name(func(a *amounts) int64 { return a.gross }, "withtax", "gross", "grossamount", "grossprice", "totalgross", "pricewithvat", "withvat", "pricegross", "totalwithtax", "amountgross", "inclusive", "incltax", "priceincltax", "pricewithtax")
	name(func(a *amounts) int64 { return a.net }, "withouttax", "net", "netamount", "netprice", "totalnet", "pricewithoutvat", "withoutvat", "pricenet", "totalwithouttax", "amountnet", "exclusive", "excltax", "priceexcltax", "pricewithouttax")
	name(func(a *amounts) int64 { return a.tax }, "tax", "taxamount", "vatamount", "vat", "totaltax", "tax/amount", "vat/amount", "tax/vat/amount", "taxes/amount")
	name(func(a *amounts) int64 { return a.before }, "undiscountedwithtax", "listprice", "originalprice")
	name(func(a *amounts) int64 { return a.before - a.tax }, "undiscountedwithouttax")
	name(func(a *amounts) int64 { return a.discount }, "discount", "discountamount")
}

// relate finds the relations of an object once its members are planned: the
// parts of a price, and totals.
func (p *planner) relate(m *objects, at *place) {
	group := &moneyGroup{}
	var found []func()
	kinds := map[string]bool{}
	var walk func(o *objects, prefix string, up int)
	walk = func(o *objects, prefix string, up int) {
		for i := range o.members {
			mm := &o.members[i]
			path := prefix + strings.Join(tokens(mm.name), "")
			if sub, ok := mm.make.(*objects); ok && up < 2 {
				walk(sub, path+"/", up+1)
				continue
			}
			of, ok := partNames[path]
			if !ok || up == 0 && strings.Contains(path, "/") {
				continue
			}
			money, ok := mm.make.(*plainMoney)
			if !ok {
				continue
			}
			kinds[kindOf(of)] = true
			found = append(found, func() { mm.make = &part{group, up, of, money.cents} })
		}
	}
	walk(m, "", 0)
	if !kinds["gross"] && !kinds["net"] || len(kinds) < 2 {
		return
	}
	for _, set := range found {
		set()
	}
	p.groups[m] = group
}

// kindOf tells gross, net, tax and the rest apart by trying.
func kindOf(of func(*amounts) int64) string {
	switch of(&amounts{net: 1, tax: 2, gross: 4, before: 8, discount: 16}) {
	case 1:
		return "net"
	case 2:
		return "tax"
	case 4:
		return "gross"
	}
	return "other"
}

// listNames are lists whose prices add up.
var listNames = []string{"items", "lines", "lineitems", "positions", "orderitems", "products", "rows"}

// sumUp turns money groups that stand beside a list of priced elements into
// its totals.
func (p *planner) sumUp(m *objects) {
	for i := range m.members {
		list, ok := m.members[i].make.(*lists)
		if !ok || !slices.Contains(listNames, strings.Join(tokens(m.members[i].name), "")) || list.distinct != nil || list.prefix != nil {
			continue
		}
		item, ok := list.rest.(*objects)
		if !ok {
			continue
		}
		price, group := p.priceOf(item)
		if group == nil {
			continue
		}
		if own := p.groups[m]; own != nil {
			own.total = &total{up: 0, owner: m, list: i, price: price, group: group}
		}
		for k := range m.members {
			o, ok := m.members[k].make.(*objects)
			if !ok || k == i {
				continue
			}
			if own := p.groups[o]; own != nil && own.total == nil && slices.Contains([]string{"cost", "costs", "total", "totals", "price", "prices", "sum", "summary", "amount", "amounts"}, strings.Join(tokens(m.members[k].name), "")) {
				own.total = &total{up: 1, owner: m, list: i, price: price, group: group}
			}
		}
		return
	}
}

// priceOf finds the money group of an element: itself, or a member.
func (p *planner) priceOf(item *objects) ([]int, *moneyGroup) {
	if g := p.groups[item]; g != nil {
		return nil, g
	}
	for i := range item.members {
		if o, ok := item.members[i].make.(*objects); ok {
			if g := p.groups[o]; g != nil {
				return []int{i}, g
			}
		}
	}
	return nil, nil
}

// plainMoney is an amount that belongs to no group.
type plainMoney struct {
	maker
	cents bool
	free  bool // the schema allows whatever a group computes
}

func amount(p *planner, f *form, at *place, h *hint) maker {
	lo, hi := h.bounds(1, 500)
	m := p.ranged(f, lo, hi, big.NewRat(1, 100))
	if p.allowsMoney(f, big.NewRat(1, 100)) {
		return &plainMoney{maker: m}
	}
	return m
}

func minorUnits(p *planner, f *form, at *place, h *hint) maker {
	lo, hi := h.bounds(100, 50_000)
	m := p.ranged(f, lo, hi, nil)
	if p.allowsMoney(f, big.NewRat(1, 1)) {
		return &plainMoney{maker: m, cents: true}
	}
	return m
}

// allowsMoney: every amount from 0 to mostCents, in the given unit, keeps the
// schema.
func (p *planner) allowsMoney(f *form, unit *big.Rat) bool {
	r := f.number
	most := new(big.Rat).Mul(big.NewRat(mostCents, 1), unit)
	zero := new(big.Rat)
	return (r.lo == nil || r.lo.Cmp(zero) < 0 || r.lo.Cmp(zero) == 0 && !r.loOpen) &&
		(r.hi == nil || r.hi.Cmp(most) >= 0) &&
		(r.step == nil || multiple(unit, r.step)) &&
		len(r.avoid) == 0 && len(r.notMultiples) == 0
}

func amountText(p *planner, f *form, at *place, h *hint) maker {
	lo, hi := h.num("min", 1), h.num("max", 500)
	return p.decimalText(f, int64(lo*100), int64(max(lo, hi)*100), 2)
}

func minorUnitsText(p *planner, f *form, at *place, h *hint) maker {
	lo, hi := h.num("min", 100), h.num("max", 50_000)
	return p.decimalText(f, int64(lo), int64(max(lo, hi)), 0)
}

// vatRate is the country's.
func vatRate(p *planner, f *form, at *place, h *hint) maker {
	var all table
	percent, _ := h.args["percent"].(bool)
	for _, c := range p.world.locale.countries {
		rate := big.NewRat(int64(c.vat), 100)
		if percent || f.number.integer {
			rate = big.NewRat(int64(c.vat), 1)
		}
		if !f.number.keeps(rate) {
			return nil
		}
		all = append(all, []byte(trimZeros(rate.FloatString(2))))
	}
	return byCountry(all)
}

func vatRateText(p *planner, f *form, at *place, h *hint) maker {
	percent, _ := h.args["percent"].(bool)
	return national(func(c *country) string {
		if percent {
			return itoa(c.vat)
		}
		return big.NewRat(int64(c.vat), 100).FloatString(2)
	})(p, f, at, h)
}

// keeps reports whether v keeps all rules.
func (r *numberRules) keeps(v *big.Rat) bool {
	if c := r.lo; c != nil && (v.Cmp(c) < 0 || v.Cmp(c) == 0 && r.loOpen) {
		return false
	}
	if c := r.hi; c != nil && (v.Cmp(c) > 0 || v.Cmp(c) == 0 && r.hiOpen) {
		return false
	}
	return (r.step == nil || multiple(v, r.step)) && r.admits(v)
}
