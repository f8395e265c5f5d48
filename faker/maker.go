package faker

import (
	"strconv"

	"github.com/hookrig/hookrig/contracts/schema"
)

// A maker appends one value. What it draws depends on the key alone, and on
// what the event shares: its moment, its country, its people.
type maker interface {
	append(g *gen, dst []byte, k key) []byte
}

// gen is the state of one event while it is made. It is small, lives for one
// call, and holds nothing that an earlier value could have changed.
type gen struct {
	*setting
	root key // of the event
	land *country
	position
	keys   [maxLevels]key // of the objects and lists that enclose the value
	scopes [maxLevels]key // and the scope in which each stands

	mirrors int // how many relations are being followed

	loops  int // how many recursive schemas have been entered again
	budget int // values left before recursion takes the flattest way out; see maxValues
	shrink bool

	sums  amounts // of the money group at sumKey, kept while its members are made
	sumOf *moneyGroup
	sumAt key

	at    int64 // the moment that the event is about, seconds since 1970
	stage stage // of an event of a world

	force map[key]bool // optional members that an edit needs
	least map[key]int  // list lengths that an edit needs
}

// position is what of a gen depends on where the value stands.
type position struct {
	scope key // of the nearest enclosing list element, else root
	index int // of that element
	level int // how many objects and lists enclose the value
}

const (
	maxLevels = 32    // whose keys are remembered
	maxLoops  = 2     // beyond, recursion takes the flattest way out
	maxValues = 800   // in one event, before recursion does so anywhere
	maxListed = 6_000 // and before all lists and objects are as short as can be
)

func (g *gen) push(k key) {
	if g.level < maxLevels {
		g.keys[g.level], g.scopes[g.level] = k, g.scope
	}
	g.level++
}

func (g *gen) pop() { g.level-- }

// up is the key of the object or list that encloses the value, 0 being the
// nearest.
func (g *gen) up(n int) key {
	if i := g.level - 1 - n; i >= 0 && i < maxLevels {
		return g.keys[i]
	}
	return g.root
}

// fixed is one text.
type fixed []byte

func (m fixed) append(_ *gen, dst []byte, _ key) []byte { return append(dst, m...) }

// table is a list of texts, each as likely as the others.
type table [][]byte

func (m table) append(_ *gen, dst []byte, k key) []byte {
	return append(dst, m[k.below(uint64(len(m)))]...)
}

// choice of several makers by weight; flattest is the one that ends recursion.
type chooser struct {
	ways     []way
	flattest int
	// nulls is the share of the first way, which is null; the rest is divided
	// by the weights.
	nulls share
	total uint64
	// worldly: in a world the way is taken that suits it.
	worldly bool
}

type way struct {
	maker
	weight uint64
}

// alone is the chooser, or the maker that it always chooses.
func (m *chooser) alone() maker {
	if len(m.ways) == 1 {
		return m.ways[0].maker
	}
	return m
}

// somethings chooses among the ways that are not null. The ways have the order
// of their forms, null first.
func (m *chooser) somethings(forms []*form) *chooser {
	n := 0
	for _, f := range forms {
		if f.typ == schema.Null {
			n++
		}
	}
	if n == 0 || n == len(m.ways) {
		return m
	}
	return &chooser{ways: m.ways[n:], flattest: max(0, m.flattest-n), total: m.total, worldly: m.worldly}
}

var saltChoice, saltNull = draw("choice"), draw("null")

func (m *chooser) pick(g *gen, k key) int {
	if m.worldly && g.stage.step != nil {
		return m.suited(g, k)
	}
	return m.any(g, k)
}

func (m *chooser) any(g *gen, k key) int {
	if g.shrink {
		return m.flattest
	}
	if m.nulls > 0 && k.with(saltNull).chance(m.nulls) {
		return 0
	}
	r := k.with(saltChoice).below(m.total)
	for i := range m.ways {
		if r < m.ways[i].weight {
			return i
		}
		r -= m.ways[i].weight
	}
	return len(m.ways) - 1
}

func (m *chooser) append(g *gen, dst []byte, k key) []byte {
	return m.ways[m.pick(g, k)].append(g, dst, k)
}

// loop enters a schema that is already being made.
type loop struct{ to maker }

func (m *loop) append(g *gen, dst []byte, k key) []byte {
	shrink := g.shrink
	g.loops++
	g.shrink = shrink || g.loops > maxLoops || g.budget < 0
	dst = m.to.append(g, dst, k)
	g.shrink = shrink
	g.loops--
	return dst
}

// integers draws whole numbers from a range.
type integers struct {
	first int64
	count uint64
}

func (m integers) append(_ *gen, dst []byte, k key) []byte {
	return appendInt(dst, m.first+int64(k.below(m.count)))
}

// draws is the quickest maker for a lattice.
func draws(l *lattice) maker {
	if l.listed == nil && l.scale == 0 && l.step == 1 {
		return integers{l.first, l.count}
	}
	return numbers{l}
}

// lattice is the set that the range is.
func (m integers) lattice() *lattice { return &lattice{first: m.first, step: 1, count: m.count} }

// numbers draws from a lattice.
type numbers struct{ *lattice }

func (m numbers) append(_ *gen, dst []byte, k key) []byte {
	return m.lattice.append(dst, k.below(m.size()))
}

// words draws from a language.
type words struct{ *language }

func (m words) append(_ *gen, dst []byte, k key) []byte {
	dst = append(dst, '"')
	dst = m.language.draw(dst, k)
	return append(dst, '"')
}

// biased is a boolean that is true in a share of events.
type biased struct{ share }

func (m biased) append(_ *gen, dst []byte, k key) []byte {
	return strconv.AppendBool(dst, k.chance(m.share))
}
