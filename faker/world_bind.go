package faker

import (
	"slices"
	"strconv"

	"github.com/hookrig/hookrig/contracts/schema"
	"github.com/hookrig/hookrig/faker/shop"
)

// tied makers know whether a world has a value for them.
type tied interface {
	// there reports whether the value is; sure is false where the world says
	// nothing.
	there(g *gen) (is, sure bool)
}

// bind ties what a goal makes to the world, where a hint says so and the plan is
// one of a world. whole makes any of the forms, inner any but null.
func (p *planner) bind(h *hint, forms []*form, at *place, whole, inner maker) maker {
	if p.staging == nil || h.lead == nil {
		return whole
	}
	nodes := forms[0].kept
	isNull := slices.ContainsFunc(forms, func(f *form) bool { return f.types() == schema.Null })
	switch {
	case h.lead.last != nil && h.lead.text == "shop.none":
		return &bound{whole: whole, prop: h.lead.last, kind: shop.KindShop, isNull: isNull, from: nowhere(p.staging), misfit: &misfit{}}
	case h.lead.many():
		m, _ := inner.(*lists)
		if m == nil {
			p.misfit(at, nodes, strconv.Quote(h.lead.text)+" is a list, and the schema wants none")
			return whole
		}
		b := &boundList{whole: whole, holder: h.lead.ends(), list: *m, prop: h.lead.last, level: at.elements.level, salt: name(string(h.lead.last.Of)), isNull: isNull}
		b.from, b.misfit = p.staging.origins(h.lead, at.opening(), nodes)
		p.later = append(p.later, func() { b.list.rest, b.list.prefix = m.rest, m.prefix })
		b.list.distinct = nil
		return b
	case h.lead.entity():
		if !slices.ContainsFunc(forms, func(f *form) bool { return f.object != nil || f.array != nil }) {
			p.misfit(at, nodes, strconv.Quote(h.lead.text)+" is an entity and the schema wants a single value: name one of its properties")
			return whole
		}
		b := &boundObject{whole: whole, inner: inner, kind: h.lead.ends(), level: at.own.level, salt: name(string(h.lead.ends())), isNull: isNull}
		b.from, b.misfit = p.staging.origins(h.lead, at.own.up, nodes)
		return b
	}
	b := &bound{whole: whole, prop: h.lead.last, kind: h.lead.ends(), isNull: isNull, heard: hearing(h.lead.last, h, forms)}
	if !p.spellings(b, h, forms, at) && !at.among {
		return whole
	}
	b.from, b.misfit = p.staging.origins(h.lead, at.opening(), nodes)
	return b
}

// nowhere is where what is never there comes from.
func nowhere(s *staging) []origin {
	from := make([]origin, len(s.causes))
	for i := range from {
		from[i].slot = slotShop
	}
	return from
}

// open gives a place the scope that its hint opens, before what is inside is
// planned.
func (p *planner) open(h *hint, at *place) {
	if p.staging == nil || h.lead == nil {
		return
	}
	outer := at.opening()
	s := &opening{up: outer}
	if outer != nil {
		s.level = outer.level + 1
	}
	switch {
	case s.level >= maxScopes:
		p.staging.fail(nil, "objects with entities of their own lie too deep within each other")
	case h.lead.many():
		s.kind = h.lead.last.Of
		at.elements = s
	case h.lead.entity():
		s.kind = h.lead.ends()
		at.own = s
	}
}

// opening is the nearest scope of a place, its own first.
func (p *place) opening() *opening {
	for ; p != nil; p = p.up {
		if p.own != nil {
			return p.own
		}
	}
	return nil
}

// entityKey is the key of what an entity brings into an event: the same in all
// events that it is in.
func entityKey(e shop.Entity, salt uint64) key { return key(mix(e.Base().Key, salt)) }

// bound writes a property of an entity.
type bound struct {
	whole  maker
	from   []origin // by cause
	prop   *shop.Property
	kind   shop.Kind // of the entity
	isNull bool
	spell  []spelling // in order of preference
	heard  func(v any) (shop.Value, bool)
	*misfit
}

func (m *bound) read(g *gen) (v shop.Value, sure bool) {
	o := &m.from[g.stage.cause]
	if o.slot == slotNone {
		return v, false
	}
	if e := g.stage.find(o); e != nil {
		v = m.prop.Read(e)
	}
	return v, true
}

func (m *bound) there(g *gen) (is, sure bool) {
	v, sure := m.read(g)
	return v.Type != shop.None || m.isNull, sure
}

func (m *bound) append(g *gen, dst []byte, k key) []byte {
	if g.stage.step == nil {
		return m.whole.append(g, dst, k)
	}
	v, sure := m.read(g)
	switch {
	case !sure:
		return m.whole.append(g, dst, k)
	case v.Type == shop.None && m.isNull:
		return append(dst, "null"...)
	case v.Type != shop.None:
		start := len(dst)
		for _, s := range m.spell {
			var ok bool
			if dst, ok = s(g, dst, v); ok {
				return dst
			}
			dst = dst[:start]
		}
	}
	m.count.Add(1)
	return m.whole.append(g, dst, k)
}

// boundObject opens a scope for what is inside.
type boundObject struct {
	whole, inner maker
	kind         shop.Kind
	from         []origin
	level        int
	salt         uint64
	isNull       bool
	*misfit
}

func (m *boundObject) entity(g *gen) (e shop.Entity, sure bool) {
	o := &m.from[g.stage.cause]
	if o.slot == slotNone {
		return nil, false
	}
	return g.stage.find(o), true
}

func (m *boundObject) there(g *gen) (is, sure bool) {
	e, sure := m.entity(g)
	return e != nil || m.isNull, sure
}

func (m *boundObject) append(g *gen, dst []byte, k key) []byte {
	if g.stage.step == nil {
		return m.whole.append(g, dst, k)
	}
	e, sure := m.entity(g)
	if e == nil && sure && m.isNull {
		return append(dst, "null"...)
	}
	if e == nil && sure {
		m.count.Add(1)
	}
	k, was := g.enter(m.level, e, m.salt, k)
	dst = m.inner.append(g, dst, k)
	g.leave(m.level, was)
	return dst
}

// left is what a scope hides while it is open.
type left struct {
	entity shop.Entity
	scope  key
	index  int
}

// enter opens the scope of an entity, or closes the level where there is none.
// What is made inside belongs to the entity: it has the entity's key.
func (g *gen) enter(level int, e shop.Entity, salt uint64, k key) (key, left) {
	was := left{g.stage.scopes[level], g.scope, g.index}
	g.stage.scopes[level] = e
	if e != nil {
		k = entityKey(e, salt)
		g.scope = k
	}
	return k, was
}

func (g *gen) leave(level int, was left) {
	g.stage.scopes[level], g.scope, g.index = was.entity, was.scope, was.index
}

// boundList has one element for each entity of a list.
type boundList struct {
	whole  maker
	list   lists
	holder shop.Kind
	from   []origin
	prop   *shop.Property
	level  int
	salt   uint64
	isNull bool
	*misfit
}

// entities is who holds the list, and how many it has; holder is nil where the
// schema does not take them, or nobody has such a list.
func (m *boundList) entities(g *gen) (holder shop.Entity, n int, sure bool) {
	o := &m.from[g.stage.cause]
	if o.slot == slotNone {
		return nil, 0, false
	}
	e := g.stage.find(o)
	if e == nil {
		return nil, 0, true
	}
	n = m.prop.Count(e)
	if n < m.list.min || m.list.max >= 0 && n > m.list.max {
		return nil, 0, true
	}
	return e, n, true
}

func (m *boundList) there(g *gen) (is, sure bool) {
	e, _, sure := m.entities(g)
	return e != nil || m.isNull, sure
}

func (m *boundList) append(g *gen, dst []byte, k key) []byte {
	if g.stage.step == nil {
		return m.whole.append(g, dst, k)
	}
	holder, n, sure := m.entities(g)
	if holder == nil {
		if sure {
			if m.isNull {
				return append(dst, "null"...)
			}
			m.count.Add(1)
		}
		_, was := g.enter(m.level, nil, 0, k)
		dst = m.whole.append(g, dst, k)
		g.leave(m.level, was)
		return dst
	}
	g.push(k)
	dst = append(dst, '[')
	for i := range n {
		if i > 0 {
			dst = append(dst, ',')
		}
		k, was := g.element(m, holder, i)
		dst = m.list.at(i).append(g, dst, k)
		g.leave(m.level, was)
	}
	g.pop()
	return append(dst, ']')
}

// element enters the scope of one element.
func (g *gen) element(m *boundList, holder shop.Entity, i int) (key, left) {
	k, was := g.enter(m.level, m.prop.At(holder, i), m.salt, 0)
	g.index = i
	return k, was
}

// several: there is more than one way to be something.
func several(forms []*form) bool {
	n := 0
	for _, f := range forms {
		if f.types() != schema.Null {
			n++
		}
	}
	return n > 1
}

// misfit is an error, unless another way may take the value.
func (p *planner) misfit(at *place, nodes []*schema.Node, message string, nearest ...string) {
	if !at.among {
		p.staging.fail(nodes, message, nearest...)
	}
}

// suited is the way that takes the values which the world has: the usual one,
// or the first that does.
func (m *chooser) suited(g *gen, k key) int {
	usual := m.any(g, k)
	for i := range m.ways {
		if j := (usual + i) % len(m.ways); suits(g, m.ways[j].maker) {
			return j
		}
	}
	return usual
}

// suits reports whether all that is bound in a maker, down to its lists, can be
// written as it is bound.
func suits(g *gen, m maker) bool {
	switch m := m.(type) {
	case *pending:
		return suits(g, m.maker)
	case *bound:
		v, sure := m.read(g)
		if !sure {
			return true
		}
		if v.Type == shop.None {
			return m.isNull
		}
		var room [256]byte
		return slices.ContainsFunc(m.spell, func(s spelling) bool {
			_, ok := s(g, room[:0], v)
			return ok
		})
	case *boundObject:
		e, sure := m.entity(g)
		if !sure || e == nil {
			return !sure || m.isNull
		}
		_, was := g.enter(m.level, e, m.salt, 0)
		ok := suits(g, m.inner)
		g.leave(m.level, was)
		return ok
	case *objects:
		for i := range m.members {
			if whole := m.about[i].whole; m.members[i].always && !suits(g, whole) {
				return false
			}
		}
	}
	return true
}

// walkObject and walkList are gen.walk in the scopes of a world.
func (g *gen) walkObject(m *boundObject, k key, steps []string, visit func(maker, key)) {
	if g.stage.step == nil {
		g.walk(m.whole, k, steps, visit)
		return
	}
	e, _ := m.entity(g)
	k, was := g.enter(m.level, e, m.salt, k)
	g.walk(m.inner, k, steps, visit)
	g.leave(m.level, was)
}

func (g *gen) walkList(m *boundList, k key, steps []string, visit func(maker, key)) {
	var holder shop.Entity
	n := 0
	if g.stage.step != nil {
		holder, n, _ = m.entities(g)
	}
	if holder == nil || len(steps) == 0 {
		g.walk(m.whole, k, steps, visit)
		return
	}
	first, last := 0, n
	if i, err := strconv.Atoi(steps[0]); err == nil {
		first, last = i, min(n, i+1)
	}
	g.push(k)
	for i := first; i < last; i++ {
		k, was := g.element(m, holder, i)
		g.walk(m.list.at(i), k, steps[1:], visit)
		g.leave(m.level, was)
	}
	g.pop()
}
