package faker

import (
	"slices"
	"strings"
)

// A split is the element's share of a group's amount: reductions make up the
// discount, payments the total. The first element takes what does not divide.
type split struct {
	*plainMoney
	group  *moneyGroup
	list   *lists
	upList int    // containers between the value and the list
	up     int    // and the object that holds the list
	beside uint64 // the salt of the group's object beside the list; 0: it holds the list
	role   moneyRole
}

func (m *split) append(g *gen, dst []byte, _ key) []byte {
	k := g.up(m.up)
	up := func(n int) key { return g.up(m.up + n) }
	if m.beside != 0 {
		k = k.with(m.beside)
		up = func(n int) key { return g.up(m.up + n - 1) }
	}
	if g.sumOf != m.group || g.sumAt != k {
		g.sums, g.sumOf, g.sumAt = m.group.parts(g, k, up), m.group, k
	}
	all := m.role.of(&g.sums)
	n := int64(max(1, m.list.count(g, g.up(m.upList))))
	share := all / n
	if g.index == 0 {
		share = all - share*(n-1)
	}
	return m.write(dst, share)
}

// splitDiscount finds the list whose elements make up a group's discount.
func (p *planner) splitDiscount(m *objects, group *moneyGroup) {
	for i := range m.members {
		list := p.splittable(m, i, "reductions", "discounts", "appliedreductions", "applieddiscounts")
		if list == nil {
			continue
		}
		if p.divide(list, group, 0, roleDiscount, "absolutewithtax", "amount", "value", "amount/absolutewithtax", "absolute") {
			group.reductions, group.owner, group.member = list, m, i
		}
		return
	}
}

// splitTotal finds the list of payments beside a total.
func (p *planner) splitTotal(m *objects, group *moneyGroup, beside uint64) {
	for i := range m.members {
		if list := p.splittable(m, i, "payment", "payments", "transactions"); list != nil {
			p.divide(list, group, beside, roleGross, "amount", "value", "total")
		}
	}
}

func (p *planner) splittable(m *objects, i int, names ...string) *lists {
	list, ok := m.members[i].make.(*lists)
	if !ok || list.distinct != nil || list.unique || list.prefix != nil || !slices.Contains(names, strings.Join(tokens(m.about[i].name), "")) {
		return nil
	}
	return list
}

// divide replaces the amount of each element by its share. beside is the salt
// of the group's object where that stands beside the list.
func (p *planner) divide(list *lists, group *moneyGroup, beside uint64, role moneyRole, paths ...string) bool {
	item, ok := list.rest.(*objects)
	if !ok {
		return false
	}
	var walk func(o *objects, prefix string, depth int) bool
	walk = func(o *objects, prefix string, depth int) bool {
		for i := range o.members {
			mm := &o.members[i]
			path := prefix + strings.Join(tokens(o.about[i].name), "")
			if sub, ok := mm.make.(*objects); ok && depth == 0 && walk(sub, path+"/", depth+1) {
				return true
			}
			if money, ok := mm.make.(*plainMoney); ok && slices.Contains(paths, path) {
				mm.make = &split{plainMoney: money, group: group, list: list, upList: depth + 1, up: depth + 2, beside: beside, role: role}
				return true
			}
		}
		return false
	}
	return walk(item, "", 0)
}
