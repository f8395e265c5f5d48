package faker

import (
	"bytes"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/hookrig/hookrig/faker/shop"
)

// Relations that x-faker declares: a value that equals another one (same), or
// that adds up others (sum). The other value is not remembered but made again
// from its own key, so the order of members does not matter.

// A route leads from a value to others of the event.
type route struct {
	up    int // containers to leave; -1: from the body
	steps []string
	from  maker // the container that the steps begin at, once plans are made
}

// parseRoute reads a JSON Pointer ("/a/b") or a relative one ("1/b").
func parseRoute(s string) (route, bool) {
	r := route{up: -1}
	if s != "" && s[0] != '/' {
		digits, rest, _ := strings.Cut(s, "/")
		up, err := strconv.Atoi(digits)
		if err != nil || up < 1 || up > maxLevels || rest == "" {
			return r, false
		}
		r.up, s = up, "/"+rest
	}
	steps, err := splitPointer(s)
	r.steps = steps
	return r, err == nil && len(steps) > 0
}

// same equals another value.
func same(p *planner, f *form, at *place, h *hint) maker {
	return p.mirror(f, at, h, func() maker { return p.unhinted(f, at) })
}

func (p *planner) mirror(f *form, at *place, h *hint, own func() maker) maker {
	r, ok := parseRoute(h.str("as", ""))
	if !ok {
		p.badHint(f, "argument \"as\" of \"same\" is no pointer: "+strconv.Quote(h.str("as", "")))
		return nil
	}
	m := &mirror{route: r, text: f.text != nil}
	m.own = own()
	p.later = append(p.later, func() {
		m.usable = p.root(&m.route, at) && p.reaches(m.from, m.steps, func(target maker) bool {
			return target != maker(m) && p.accepts(f, target)
		})
		if m.usable {
			h.serve()
		}
	})
	return m
}

// unhinted makes a value from its schema alone.
func (p *planner) unhinted(f *form, at *place) maker {
	h := p.guess(f.kept, []*form{f}, at)
	if f.text != nil {
		return p.text(f, at, h)
	}
	return p.number(f, at, h)
}

// badHint notes an x-faker that cannot be understood.
func (p *planner) badHint(f *form, message string) {
	pointer := ""
	if len(f.kept) > 0 {
		pointer = f.kept[0].Pointer
	}
	if p.hintErr == nil {
		p.hintErr = &HintError{Pointer: pointer, Message: message}
	}
}

// root finds the container that a route begins at.
func (p *planner) root(r *route, at *place) bool {
	if r.up < 0 {
		r.from = p.whole
		return true
	}
	for range r.up - 1 {
		if at = at.up; at == nil {
			return false
		}
	}
	r.from = at.holder
	return r.from != nil
}

// reaches reports whether the steps lead to something, and everything that
// they can lead to passes.
func (p *planner) reaches(m maker, steps []string, passes func(maker) bool) bool {
	switch m := m.(type) {
	case *pending:
		return p.reaches(m.maker, steps, passes)
	case *boundObject:
		return p.reaches(m.inner, steps, passes)
	case *boundList:
		return p.reaches(&m.list, steps, passes)
	case *loop:
		return false // how deep a recursive value goes is not known here
	case *chooser:
		for i, w := range m.ways {
			if m.nulls > 0 && i == 0 {
				continue
			}
			if !p.reaches(w.maker, steps, passes) {
				return false
			}
		}
		return true
	}
	if len(steps) == 0 {
		return passes(m)
	}
	switch m := m.(type) {
	case *objects:
		for i := range m.members {
			if m.about[i].name == steps[0] {
				return !m.members[i].forbid && p.reaches(m.members[i].make, steps[1:], passes)
			}
		}
	case *lists:
		if m.distinct != nil {
			return false
		}
		if steps[0] == "*" {
			for i := range len(m.prefix) + 1 {
				if e := m.at(i); e != nil && !p.reaches(e, steps[1:], passes) {
					return false
				}
			}
			return m.rest != nil || m.prefix != nil
		}
		if i, err := strconv.Atoi(steps[0]); err == nil && i >= 0 && m.at(i) != nil {
			return p.reaches(m.at(i), steps[1:], passes)
		}
	}
	return false
}

// accepts reports whether everything that a maker makes keeps a form.
func (p *planner) accepts(f *form, m maker) bool {
	all := func(rows table) bool {
		return !slices.ContainsFunc(rows, func(row []byte) bool {
			v, err := decode(row)
			return err != nil || typeOf(v)&f.typ == 0 || !p.formAdmits(f, v)
		})
	}
	switch m := m.(type) {
	case fixed:
		return all(table{m})
	case table:
		return all(m)
	case byCountry:
		return all(table(m))
	case *languageList:
		return all(table(m.own)) && all(m.rest)
	case *mirror:
		return p.accepts(f, m.own) // and what it equals is of its form as well
	case *bound:
		return (f.text == nil || f.text.free()) && (f.number == nil || f.number.hi == nil && f.number.step == nil || f.number.integer) && p.accepts(f, m.whole)
	case *composed:
		return f.text != nil && (p.proven(f.text, m) || f.text.free())
	case words:
		return f.text != nil && f.text.free()
	case numbers:
		return f.number != nil && f.number.holds(m.lattice)
	case integers:
		if f.text != nil { // written as a string
			return p.proven(f.text, &composed{form: m.expr()})
		}
		return f.number != nil && f.number.holds(m.lattice())
	case *plainMoney, *part, *split:
		return f.number != nil && (p.allowsMoney(f, big.NewRat(1, 1)) && cents(m) || p.allowsMoney(f, big.NewRat(1, 100)))
	}
	return false
}

// expr is a pattern for the numbers of a range.
func (m integers) expr() string {
	if m.first < 0 {
		return `-?[0-9]{1,19}`
	}
	return fmt.Sprintf(`[0-9]{%d,%d}`, len(strconv.FormatInt(m.first, 10)), len(strconv.FormatInt(m.first+int64(m.count)-1, 10)))
}

func cents(m maker) bool {
	switch m := m.(type) {
	case *plainMoney:
		return m.cents
	case *part:
		return m.plain.cents
	case *split:
		return m.cents
	}
	return false
}

// free: any string will do.
func (r *textRules) free() bool {
	return r.plain() && r.shortest == 0 && r.longest < 0 && r.only == nil
}

// holds reports whether all points of a lattice keep the rules.
func (r *numberRules) holds(l *lattice) bool {
	if l.listed != nil || l.count <= 64 {
		for i := range l.size() {
			v, ok := new(big.Rat).SetString(string(l.append(nil, i)))
			if !ok || !r.keeps(v) {
				return false
			}
		}
		return true
	}
	unit := unitOfPlaces(l.scale)
	at := func(v int64) *big.Rat { return new(big.Rat).Mul(big.NewRat(v, 1), unit) }
	step := at(l.step)
	return len(r.avoid) == 0 && len(r.notMultiples) == 0 && r.keeps(at(l.first)) &&
		r.keeps(at(l.first+int64(l.count-1)*l.step)) && (r.step == nil || multiple(step, r.step))
}

// A mirror makes the value that its route leads to, or its own where there is
// none in this event.
type mirror struct {
	route
	own    maker
	text   bool // a string: numbers get quotes
	usable bool
}

// maxMirrors bounds chains of mirrors, which could be circles.
const maxMirrors = 8

func (m *mirror) append(g *gen, dst []byte, k key) []byte {
	if m.usable && g.mirrors < maxMirrors {
		g.mirrors++
		found := false
		g.follow(&m.route, func(target maker, tk key) {
			if !found {
				start := len(dst)
				if dst = target.append(g, dst, tk); bytes.Equal(dst[start:], []byte("null")) {
					dst = dst[:start] // a null is not equalled
					return
				}
				if m.text && dst[start] != '"' {
					dst = append(append(dst, '"'), '"')
					copy(dst[start+1:len(dst)-1], dst[start:])
					dst[start] = '"'
				}
				found = true
			}
		})
		g.mirrors--
		if found {
			return dst
		}
	}
	return m.own.append(g, dst, k)
}

// follow visits the values that a route leads to, in their own surroundings.
func (g *gen) follow(r *route, visit func(maker, key)) {
	saved := g.position
	keys, scopes := g.keys, g.scopes
	k := g.root
	if r.up < 0 {
		g.level, g.scope, g.index = 0, g.root, 0
	} else {
		k = g.up(r.up - 1)
		g.level = max(0, g.level-r.up)
		if g.level < maxLevels {
			g.scope = g.scopes[g.level]
		}
	}
	g.walk(r.from, k, r.steps, visit)
	g.position = saved
	g.keys, g.scopes = keys, scopes
}

func (g *gen) walk(m maker, k key, steps []string, visit func(maker, key)) {
	switch m := m.(type) {
	case *pending:
		g.walk(m.maker, k, steps, visit)
		return
	case *boundObject:
		g.walkObject(m, k, steps, visit)
		return
	case *boundList:
		g.walkList(m, k, steps, visit)
		return
	case *chooser:
		g.walk(m.ways[m.pick(g, k)].maker, k, steps, visit)
		return
	}
	if len(steps) == 0 {
		visit(m, k)
		return
	}
	switch m := m.(type) {
	case *objects:
		for i := range m.members {
			if m.about[i].name == steps[0] && m.has(g, k, i) {
				g.push(k)
				g.walk(m.about[i].whole, k.with(m.members[i].salt), steps[1:], visit)
				g.pop()
			}
		}
	case *lists:
		n := m.count(g, k)
		first, last := 0, n
		if i, err := strconv.Atoi(steps[0]); err == nil {
			first, last = i, min(n, i+1)
		}
		at := g.position
		for i := first; i < last; i++ {
			g.push(k)
			g.scope, g.index = k.item(i), i
			g.walk(m.at(i), k.item(i), steps[1:], visit)
			g.position = at
		}
	}
}

// A summer adds up what its routes lead to.
type summer struct {
	routes []route
	own    maker
}

// sumPlaces is the precision of sums, in decimal places.
const sumPlaces = 4

func sum(p *planner, f *form, at *place, h *hint) maker {
	m := &summer{}
	add := func(v any) {
		s, _ := v.(string)
		r, ok := parseRoute(s)
		if !ok {
			p.badHint(f, "argument \"of\" of \"sum\" is no pointer: "+strconv.Quote(s))
		}
		m.routes = append(m.routes, r)
	}
	if list, ok := h.args["of"].([]any); ok {
		for _, v := range list {
			add(v)
		}
	} else {
		add(h.args["of"])
	}
	m.own = p.unhinted(f, at)
	p.later = append(p.later, func() {
		usable := p.allowsSums(f)
		for i := range m.routes {
			usable = usable && p.root(&m.routes[i], at) && p.reaches(m.routes[i].from, m.routes[i].steps, func(target maker) bool {
				return target != maker(m) && addable(target, f.number.integer)
			})
		}
		if !usable {
			m.routes = nil
			return
		}
		h.serve()
	})
	return m
}

// allowsSums: no bound but zero from below, and whole numbers or all.
func (p *planner) allowsSums(f *form) bool {
	r := f.number
	return r != nil && r.hi == nil && (r.lo == nil || r.lo.Sign() <= 0 && !r.loOpen) &&
		(r.step == nil || r.step.Cmp(big.NewRat(1, 1)) == 0) && len(r.avoid) == 0 && len(r.notMultiples) == 0
}

// addable: a number that is not negative and, if so asked, whole.
func addable(m maker, whole bool) bool {
	switch m := m.(type) {
	case integers:
		return m.first >= 0
	case numbers:
		return m.listed == nil && m.first >= 0 && m.scale <= sumPlaces && (!whole || m.scale == 0)
	case *plainMoney, *part, *split:
		return !whole || cents(m)
	case *summer:
		return true
	case *bound:
		return addable(m.whole, whole) && m.prop.Type != shop.Time
	}
	return false
}

func (m *summer) append(g *gen, dst []byte, k key) []byte {
	if m.routes == nil || g.mirrors >= maxMirrors {
		return m.own.append(g, dst, k)
	}
	g.mirrors++
	var total int64
	var room [32]byte
	for i := range m.routes {
		g.follow(&m.routes[i], func(target maker, tk key) {
			total += scaledInt(target.append(g, room[:0], tk))
		})
	}
	g.mirrors--
	return appendDecimal(dst, total, sumPlaces)
}

// scaledInt reads a decimal number in units of 10^-sumPlaces.
func scaledInt(text []byte) int64 {
	var v int64
	places := -1
	for _, c := range text {
		switch {
		case c == '.':
			places = 0
		case c >= '0' && c <= '9' && places < sumPlaces:
			v = v*10 + int64(c-'0')
			if places >= 0 {
				places++
			}
		}
	}
	for places = max(places, 0); places < sumPlaces; places++ {
		v *= 10
	}
	return v
}
