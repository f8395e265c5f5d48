package faker

import (
	"math/big"
	"slices"
	"strings"
)

// amounts are the parts of a price, in cents; gross = net + tax always.
type amounts struct{ net, tax, gross, before, discount int64 }

// A moneyGroup is an object whose members are the parts of one price: what is
// with tax, without tax, and the tax. If it is the total of a list that stands
// near, its parts are the sums of theirs.
type moneyGroup struct {
	total *total
	taxed bool // it has its tax

	// What net lies between, and whether a hint said so of net itself.
	lo, hi  int64
	limited bool

	// reductions is the list, a member of the group's object, whose elements
	// make up the discount; without one there is sometimes a discount.
	reductions *lists
	owner      *objects
	member     int
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
	net := m.lo + int64(k.with(saltNet).below(uint64(m.hi-m.lo)))
	vat := int64(g.country().vat)
	a := amounts{net: net, tax: (net*vat + 50) / 100}
	a.gross = a.net + a.tax
	a.before = a.gross
	d := k.with(saltDiscount)
	reduced := d.below(10) < 3
	if m.reductions != nil {
		lk := k.with(m.owner.members[m.member].salt)
		reduced = m.owner.has(g, k, m.member) && m.reductions.count(g, lk) > 0
	}
	if reduced {
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
	role  moneyRole
	plain *plainMoney
}

func (m *part) append(g *gen, dst []byte, _ key) []byte {
	return m.plain.write(dst, m.role.of(m.group.at(g, m.up)))
}

// at is the group's amounts, as seen from a value so many objects below it.
func (m *moneyGroup) at(g *gen, up int) *amounts {
	k := g.up(up)
	if g.sumOf != m || g.sumAt != k {
		g.sums = m.parts(g, k, func(n int) key { return g.up(up + n) })
		g.sumOf, g.sumAt = m, k
	}
	return &g.sums
}

// write spells cents as the schema has them.
func (m *plainMoney) write(dst []byte, cents int64) []byte {
	if m.cents {
		return appendDecimal(dst, cents, 0)
	}
	return appendDecimal(dst, cents, 2)
}

// mostCents bounds what a sum can reach; a schema that allows less gets prices
// of its own.
const mostCents = 10_000_000

// A role is what a value is in a money group.
type moneyRole int

const (
	roleNone moneyRole = iota
	roleGross
	roleNet
	roleTax
	roleBefore    // gross before a discount
	roleBeforeNet // net before a discount
	roleDiscount
)

func (r moneyRole) of(a *amounts) int64 {
	switch r {
	case roleGross:
		return a.gross
	case roleNet:
		return a.net
	case roleTax:
		return a.tax
	case roleBefore:
		return a.before
	case roleBeforeNet:
		return a.net + (a.before-a.gross)*a.net/max(1, a.gross)
	}
	return a.discount
}

// roleOf tells what a member is from its path below the group, in lower-case
// letters: "tax/vat/amount", "withtax".
func roleOf(path string) moneyRole {
	last := path[strings.LastIndexByte(path, '/')+1:]
	before := strings.Contains(last, "undiscounted") || strings.Contains(last, "original")
	switch {
	case slices.Contains(taxNames, path):
		return roleTax
	case hasAny(last, "withouttax", "withoutvat", "excltax", "exclvat") || slices.Contains(netNames, last):
		if before {
			return roleBeforeNet
		}
		return roleNet
	case hasAny(last, "withtax", "withvat", "incltax", "inclvat") || slices.Contains(grossNames, last):
		if before {
			return roleBefore
		}
		return roleGross
	case slices.Contains(discountNames, path):
		return roleDiscount
	}
	return roleNone
}

func hasAny(s string, parts ...string) bool {
	return slices.ContainsFunc(parts, func(p string) bool { return strings.Contains(s, p) })
}

var (
	taxNames      = []string{"tax", "taxamount", "vatamount", "vat", "totaltax", "tax/amount", "vat/amount", "tax/vat/amount", "taxes/amount"}
	netNames      = []string{"net", "netamount", "netprice", "totalnet", "pricenet", "amountnet", "subtotal"}
	grossNames    = []string{"gross", "grossamount", "grossprice", "totalgross", "pricegross", "amountgross", "total", "grandtotal"}
	discountNames = []string{"discount", "discountamount", "totaldiscount"}
)

// relate finds the parts of a price among the members of an object and of the
// objects below it, once they are planned.
func (p *planner) relate(m *objects) {
	group := &moneyGroup{lo: 100, hi: 20_100}
	var bind []func()
	roles := map[moneyRole]bool{}
	var walk func(o *objects, prefix string, up int)
	walk = func(o *objects, prefix string, up int) {
		for i := range o.members {
			mm := &o.members[i]
			path := prefix + strings.Join(tokens(o.about[i].name), "")
			if sub, ok := mm.make.(*objects); ok {
				// An object that has its tax is a price of its own.
				if own := p.groups[sub]; up < 2 && (own == nil || !own.taxed) {
					walk(sub, path+"/", up+1)
				}
				continue
			}
			role := roleOf(path)
			switch {
			case role == roleNone, up > 0 && role != roleTax && p.groups[o] == nil:
				continue
			}
			var money *plainMoney
			switch made := mm.make.(type) {
			case *plainMoney:
				money = made
			case *part:
				money = made.plain
			default:
				continue
			}
			roles[role] = true
			group.limit(role, money)
			bind = append(bind, func() { mm.make = &part{group, up, role, money} })
		}
	}
	walk(m, "", 0)
	group.taxed = roles[roleTax]
	if !roles[roleGross] && !roles[roleNet] || len(roles) < 2 {
		return
	}
	for _, b := range bind {
		b()
	}
	p.groups[m] = group
	p.splitDiscount(m, group)
}

// highestVAT is above every usual rate, in per cent.
const highestVAT = 30

// limit takes over the bounds that a hint gives to a part. What is with tax
// bounds what is without, unless that has bounds of its own.
func (m *moneyGroup) limit(role moneyRole, money *plainMoney) {
	lo, hi := money.lo, min(money.hi, mostCents/100)
	if role == roleGross {
		hi = hi * 100 / (100 + highestVAT)
	}
	if (role == roleNet || role == roleGross && !m.limited) && lo >= 0 && lo < hi {
		m.lo, m.hi, m.limited = lo, hi, role == roleNet
	}
}

// listNames are lists whose prices add up.
var listNames = []string{"items", "lines", "lineitems", "positions", "orderitems", "products", "rows"}

// sumUp turns money groups that stand beside a list of priced elements into
// its totals.
func (p *planner) sumUp(m *objects) {
	for i := range m.members {
		list, ok := m.members[i].make.(*lists)
		if !ok || !slices.Contains(listNames, strings.Join(tokens(m.about[i].name), "")) || list.distinct != nil || list.prefix != nil {
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
		list.empty = 0 // an order is for something
		if own := p.groups[m]; own != nil {
			own.total = &total{up: 0, owner: m, list: i, price: price, group: group}
			p.splitTotal(m, own, 0)
		}
		for k := range m.members {
			o, ok := m.members[k].make.(*objects)
			if !ok || k == i {
				continue
			}
			if own := p.groups[o]; own != nil && own.total == nil && slices.Contains([]string{"cost", "costs", "total", "totals", "price", "prices", "sum", "summary", "amount", "amounts"}, strings.Join(tokens(m.about[k].name), "")) {
				own.total = &total{up: 1, owner: m, list: i, price: price, group: group}
				p.splitTotal(m, own, m.members[k].salt)
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
	cents  bool
	lo, hi int64 // cents that a hint gives as bounds; 0, 0 where none does
}

// asked are the bounds of a hint in cents.
func (m *plainMoney) asked(h *hint, unit float64) *plainMoney {
	if h.args["max"] != nil {
		m.lo, m.hi = int64(h.num("min", 0)*unit), int64(min(h.num("max", 0), mostCents)*unit)
	}
	return m
}

func amount(p *planner, f *form, at *place, h *hint) maker {
	lo, hi := h.bounds(1, 500)
	m := p.ranged(f, lo, hi, big.NewRat(1, 100))
	if p.allowsMoney(f, big.NewRat(1, 100)) {
		return (&plainMoney{maker: m}).asked(h, 100)
	}
	return m
}

func minorUnits(p *planner, f *form, at *place, h *hint) maker {
	lo, hi := h.bounds(100, 50_000)
	m := p.ranged(f, lo, hi, nil)
	if p.allowsMoney(f, big.NewRat(1, 1)) {
		return (&plainMoney{maker: m, cents: true}).asked(h, 1)
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
	for _, c := range p.setting.locale.countries {
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
