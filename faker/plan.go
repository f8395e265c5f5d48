package faker

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/hookrig/hookrig/contracts/schema"
)

// A planner turns solved goals into makers. The same goal becomes several
// makers where it stands in several places, because what a value should look
// like depends on where it stands; a recursive goal becomes one, which loops
// lead back to.
type planner struct {
	*solver
	opts   Options
	shared map[*goal]*pending // of recursive goals
	bare   map[*goal]*pending // of goals below the deepest level
	level  int                // the deepest with optional members
	nodes  int                // makers so far
	err    *ImpossibleError
	later  []func() // what needs all makers

	built   []*objects
	setting *setting
	whole   maker // the plan's root
	groups  map[*objects]*moneyGroup
	hintErr *HintError
}

func newPlanner(s *solver, o Options, w *setting) *planner {
	return &planner{solver: s, opts: o, setting: w, shared: map[*goal]*pending{}, bare: map[*goal]*pending{}, groups: map[*objects]*moneyGroup{}}
}

// build makes the maker of a plan's root. What went wrong is in err and
// hintErr.
func (p *planner) build(whole *goal) maker {
	p.level = p.deepest(whole)
	p.whole = p.plan(whole, &place{})
	for _, f := range p.later {
		f()
	}
	var texts []*[]byte
	for _, m := range p.built {
		m.polish()
		for i := range m.members {
			texts = append(texts, &m.members[i].text)
		}
	}
	together(texts...)
	return p.whole
}

// pending is a maker that is still being built.
type pending struct{ maker }

// maxMakers bounds plans of schemas that fan out without recursion; beyond,
// places share makers.
const maxMakers = 20_000

// place is where a value stands in the event.
type place struct {
	up     *place
	name   string   // of the member; "" for the root and for list elements
	item   bool     // an element of a list
	beside []string // the names of the members beside it
	holder maker    // the object or list that holds it
	depth  int      // how many objects and lists hold it
	differ bool     // it is part of something that must be like nothing beside it

	own, elements *opening // that a hint opens, of a world: here, or in the elements of the list
	among         bool     // it is part of one of several ways
}

// isBare reports whether values there have only what they must.
func (p *planner) isBare(at *place) bool { return at.depth > p.level && !at.differ }

// listed reports whether the place is in an element of a list.
func (p *place) listed() bool {
	for ; p != nil; p = p.up {
		if p.item {
			return true
		}
	}
	return false
}

// path is the JSON Pointer of the place, with "*" for elements.
func (p *place) path() string {
	switch {
	case p == nil || p.up == nil:
		return ""
	case p.item:
		return p.up.path() + "/*"
	}
	return p.up.path() + "/" + schema.Escape(p.name)
}

func (p *planner) plan(g *goal, at *place) maker {
	if o, ok := p.shared[g]; ok {
		if g.recursive {
			return &loop{o}
		}
		return o
	}
	bare := p.isBare(at)
	if o, ok := p.bare[g]; ok && bare {
		return o
	}
	p.nodes++
	o := &pending{}
	switch {
	case g.recursive || p.nodes > maxMakers:
		p.shared[g] = o
	case bare:
		p.bare[g] = o
	}
	o.maker = p.ways(g, at)
	return o.maker
}

// ways chooses among the forms of a goal.
func (p *planner) ways(g *goal, at *place) maker {
	hint := p.hintOf(g, at)
	p.open(hint, at)
	forms, spare := p.plausible(g.forms, hint, at)
	c := &chooser{}
	flattest := impossible
	add := func(f *form, w way) {
		if f.height < flattest {
			flattest, c.flattest = f.height, len(c.ways)
		}
		c.ways = append(c.ways, w)
		c.total += w.weight
	}
	at.among = at.among || several(forms)
	for _, f := range forms { // null comes first, see chooser.nulls
		if f.typ == schema.Null {
			c.nulls = shareOf(hint.nulls())
			add(f, way{p.form(g, f, at, hint), 0})
		}
	}
	for _, f := range forms {
		if f.typ != schema.Null {
			add(f, way{p.branch(g, f, at, hint), 1})
		}
	}
	if spare != nil && g.recursive {
		add(spare, way{p.form(g, spare, at, p.hintFor(g, spare, at, hint)), 0})
	}
	if p.opts.Shape == Full {
		c.nulls = 0
	}
	c.worldly = p.staging != nil && several(forms)
	return p.bind(hint, forms, at, c.alone(), c.somethings(forms).alone())
}

// branch makes one of several forms, which may have a hint of its own.
func (p *planner) branch(g *goal, f *form, at *place, all *hint) maker {
	h := p.hintFor(g, f, at, all)
	if h == all || h.lead == nil {
		return p.form(g, f, at, h)
	}
	own, elements := at.own, at.elements
	p.open(h, at)
	m := p.form(g, f, at, h)
	m = p.bind(h, []*form{f}, at, m, m)
	at.own, at.elements = own, elements
	return m
}

// plausible drops forms that are allowed but that nobody would send: types
// that the schema allows only because it does not speak of types. Where the
// flattest form is among them it is returned as a spare, to end recursion.
func (p *planner) plausible(forms []*form, hint *hint, at *place) (kept []*form, spare *form) {
	wanted, said := schema.Types(0), schema.Types(0)
	flattest := forms[0]
	for _, f := range forms {
		wanted |= f.typ
		if f.height < flattest.height {
			flattest = f
		}
		for _, n := range f.kept {
			switch {
			case saysObject(n):
				said |= schema.Object
			case saysArray(n):
				said |= schema.Array
			case saysString(n):
				said |= schema.String
			case saysNumber(n):
				said |= schema.Number | schema.Integer
			}
		}
	}
	if wanted != schema.AnyType {
		return forms, nil
	}
	switch {
	case said != 0:
	case hint.types() != 0:
		said = hint.types()
	case at.up == nil:
		said = schema.Object
	default:
		said = schema.String
	}
	kept = slices.DeleteFunc(slices.Clone(forms), func(f *form) bool { return f.typ&said == 0 })
	if len(kept) == 0 {
		return forms, nil
	}
	if slices.Contains(kept, flattest) {
		flattest = nil
	}
	return kept, flattest
}

func (p *planner) form(g *goal, f *form, at *place, h *hint) maker {
	if m := p.spelledOut(g, f, h); m != nil {
		return m
	}
	switch {
	case f.values != nil:
		return p.listed(f, at, h)
	case f.number != nil:
		return p.number(f, at, h)
	case f.text != nil:
		return p.text(f, at, h)
	case f.array != nil:
		return p.array(f, at, h)
	}
	if names, _ := h.args["names"].([]any); slices.ContainsFunc(names, func(v any) bool { s, ok := v.(string); return ok && f.object.find(s) >= 0 }) {
		h.serve()
	}
	return p.object(f, at)
}

func (p *planner) array(f *form, at *place, h *hint) maker {
	r := f.array
	longest := r.longest()
	m := &lists{min: r.min, max: longest, unique: r.unique}
	var empty float64
	m.usualMin, m.usualMax, empty = h.lengths(p.opts.Shape, r)
	m.empty = shareOf(empty)
	if p.opts.Shape == Full {
		m.usualMin = max(m.usualMin, len(r.prefix))
	}
	if longest >= 0 {
		m.usualMin, m.usualMax = min(m.usualMin, longest), min(m.usualMax, longest)
	}
	m.usualMin = max(m.usualMin, r.min)
	m.usualMax = max(m.usualMax, m.usualMin)
	if p.isBare(at) {
		m.usualMin, m.usualMax, m.empty = r.min, r.min, 0
	}
	here := &place{up: at, item: true, holder: m, depth: at.depth + 1, differ: at.differ || r.unique && r.min > 1, own: at.elements, among: at.among}
	for i, g := range r.prefix {
		if longest >= 0 && i >= longest {
			break
		}
		m.prefix = append(m.prefix, p.plan(g, here))
	}
	if longest < 0 || longest > len(r.prefix) {
		m.rest = p.plan(r.rest, here)
	}
	if r.unique && (longest < 0 || longest > 1) {
		p.distinguish(m, r, at)
	} else {
		p.vary(m)
	}
	return m
}

func (p *planner) object(f *form, at *place) maker {
	r := f.object
	m := &objects{min: r.min, max: r.max}
	var beside []string
	for _, mem := range r.members {
		beside = append(beside, mem.name)
	}
	heights := r.heights()
	for i, mem := range r.members {
		mm := memberMaker{
			text:   append(append([]byte{','}, quoted(mem.name)...), ':'),
			salt:   name(mem.name),
			always: mem.required,
		}
		about := memberFacts{name: mem.name, height: heights[i]}
		m.about = append(m.about, about)
		if !mem.required && about.height == impossible {
			mm.forbid = true
			mm.make = fixed("null")
			m.members = append(m.members, mm)
			continue
		}
		here := &place{up: at, name: mem.name, beside: beside, holder: m, depth: at.depth + 1, differ: at.differ, among: at.among}
		mm.make = p.plan(mem.goal, here)
		mm.tied, _ = mm.make.(tied)
		if !mem.required {
			m.flat = append(m.flat, i)
		}
		if !mem.required && !mem.reserve {
			mm.share, mm.loose = p.shareOf(mem, here)
		}
		m.members = append(m.members, mm)
	}
	m.spare = slices.Clone(m.flat)
	slices.SortStableFunc(m.spare, func(a, b int) int { return order(r.members[a].reserve, r.members[b].reserve) })
	slices.SortStableFunc(m.flat, func(a, b int) int { return cmp.Compare(m.about[a].height, m.about[b].height) })
	m.counted = len(r.needs) > 0 || r.min > len(r.members)-r.optionalCount() || r.max >= 0 && r.max < len(m.flat)+len(r.members)-r.optionalCount()
	if m.counted {
		m.needs = r.needed()
	}
	p.relate(m)
	p.sumUp(m)
	p.built = append(p.built, m)
	return m
}

// shareOf is how many events have an optional member. Members that are mostly
// there come and go together: most objects are complete, and the gaps are in
// the others.
func (p *planner) shareOf(mem member, at *place) (s share, loose bool) {
	switch {
	case p.opts.Shape == Minimal || p.isBare(at.up):
		return 0, true
	case p.opts.Shape == Full:
		return certain, true
	}
	absent := p.hintOf(mem.goal, at).absences(mem)
	if absent == 0 || absent > gaps {
		return shareOf(1 - absent), true
	}
	return shareOf(1 - absent/gaps), false
}

// gaps is the share of objects that lack something.
const gaps = 0.4

// fail notes that a value cannot be made after all; the first one counts.
func (p *planner) fail(at *place, reason string) {
	if p.err == nil {
		p.err = &ImpossibleError{Pointer: at.path(), Reason: reason, GaveUp: true}
	}
}

func itoa(i int) string { return strconv.Itoa(i) }
