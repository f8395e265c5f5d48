package faker

import "math/big"

// A list of different elements draws from a pool that is made, and made sure
// to be different, while the plan is compiled.
type enumeration struct{ pool table }

// vary lets the elements of a list of table rows differ although nothing asks
// for it: nobody sends the same tag twice.
func (p *planner) vary(m *lists) {
	if rows, ok := m.rest.(table); ok && len(rows) > 1 && m.prefix == nil && m.usualMax <= len(rows) {
		m.distinct = &enumeration{pool: rows}
	}
}

func (m *enumeration) append(_ *gen, dst []byte, k key, n int) []byte {
	dst = append(dst, '[')
	size := uint64(len(m.pool))
	// A walk with a step that is prime to the size meets every row once.
	at := k.below(size)
	step := 1 + k.with(saltSample).below(size)
	for gcd(step, size) != 1 {
		step++
	}
	for i := range n {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, m.pool[at]...)
		at = (at + step) % size
	}
	return append(dst, ']')
}

func gcd(a, b uint64) uint64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// Bounds of lists whose elements are asked to differ: of all, and of those whose
// positions have schemas of their own.
const (
	maxDistinct = 20_000
	maxTuple    = 2_000
)

// distinguish gives a list the pool that its uniqueItems asks for.
func (p *planner) distinguish(m *lists, r *arrayRules, at *place) {
	p.later = append(p.later, func() {
		wanted := max(8, m.usualMax+min(m.usualMax, 1000))
		if len(m.prefix) > 0 {
			p.distinctTuple(m, r, at)
			return
		}
		if m.min > maxDistinct {
			p.fail(at, "too many different elements are asked for by \"minItems\" and \"uniqueItems\"")
			return
		}
		pool := p.samples(m.rest, r.rest, wanted, m.min)
		if len(pool) < m.min {
			p.fail(at, "not enough different elements for \"uniqueItems\"")
			return
		}
		m.max = len(pool)
		m.usualMin, m.usualMax = min(m.usualMin, len(pool)), min(m.usualMax, len(pool))
		m.distinct = &enumeration{pool: pool}
	})
}

// samples makes different values of a maker, up to the number wanted, and if
// there are fewer than least, of all that its goal allows. They are judged by
// their goal: in a recursive schema lists further down may not have their pools
// yet.
func (p *planner) samples(m maker, of *goal, wanted, least int) table {
	var pool table
	taken := map[string]bool{}
	add := func(text []byte) bool {
		v, err := decode(text)
		if err != nil || of.recursive && !p.judge.meets(of.lits, v) {
			return false
		}
		c := canonical(v)
		if taken[c] {
			return false
		}
		taken[c] = true
		pool = append(pool, text)
		return true
	}
	for _, text := range enumerate(m, 4*wanted) {
		if len(pool) < wanted {
			add(text)
		}
	}
	g := &gen{}
	idle := 0 // draws since the last new value: a pool of all values has seen each many times
	for i := uint64(0); len(pool) < wanted && idle < 64+16*len(pool); i++ {
		g.start(p.setting, saltSample, i)
		if idle++; add(m.append(g, nil, g.root.with(saltSample))) {
			idle = 0
		}
	}
	for _, f := range of.forms {
		if len(pool) >= least {
			break
		}
		for _, text := range enumerate(p.roomy(f, wanted), 4*wanted) {
			if v, err := decode(text); err == nil && len(pool) < wanted && p.judge.meets(of.lits, v) {
				add(text)
			}
		}
	}
	return pool
}

// roomy makes more values of a form than those that look real; nil where it
// knows no way to.
func (p *planner) roomy(f *form, wanted int) maker {
	switch {
	case f.number != nil:
		return draws(f.number.within(big.NewRat(1, 1), big.NewRat(int64(4*wanted), 1)).lattice(nil))
	case f.text != nil && f.text.words != nil:
		return words{f.text.words}
	case f.text != nil && f.text.table == nil:
		if l, err := p.language([]rule{{`^[a-z0-9]*$`, false}}, f.text.shortest, f.text.longest); err == nil {
			return words{l}
		}
	}
	return nil
}

// enumerate lists values of makers whose values have an order.
func enumerate(m maker, limit int) table {
	var out table
	switch m := m.(type) {
	case fixed:
		out = table{m}
	case table:
		out = m
	case biased:
		out = table{[]byte("true"), []byte("false")}
	case integers:
		return enumerate(numbers{m.lattice()}, limit)
	case numbers:
		l := *m.lattice
		l.exact = false
		for i := uint64(0); i < l.size() && i < uint64(limit); i++ {
			out = append(out, l.append(nil, i))
		}
	case words:
		stride := max(1, m.total/uint64(limit))
		for i := uint64(0); i < uint64(limit) && i*stride < m.total; i++ {
			out = append(out, append(m.language.append([]byte{'"'}, i*stride), '"'))
		}
	case *plainMoney:
		return enumerate(m.maker, limit)
	case *chooser:
		for _, w := range m.ways {
			out = append(out, enumerate(w.maker, limit)...)
		}
	}
	if len(out) > limit {
		out = out[:limit]
	}
	return out
}

// distinctTuple finds complete lists with different elements where positions
// have schemas of their own: a matching of positions and values.
func (p *planner) distinctTuple(m *lists, r *arrayRules, at *place) {
	n := max(m.usualMax, m.min)
	if n > maxTuple {
		p.fail(at, "too many different elements are asked for by \"minItems\" and \"uniqueItems\"")
		return
	}
	var t tuple
	for i := range n {
		if i > len(r.prefix) { // the same schema once more
			t.pools = append(t.pools, t.pools[i-1])
			continue
		}
		var pool []distinct
		for _, text := range p.samples(m.at(i), r.at(i), 2*n+2, n) {
			if v, err := decode(text); err == nil {
				pool = append(pool, distinct{text, canonical(v)})
			}
		}
		t.pools = append(t.pools, pool)
	}
	rows := t.match()
	if len(rows) < m.min {
		p.fail(at, "not enough different elements for \"uniqueItems\"")
		return
	}
	m.prefix = nil
	for _, text := range rows {
		m.prefix = append(m.prefix, fixed(text))
	}
	m.max, m.usualMax = len(rows), len(rows)
	m.usualMin = min(m.usualMin, len(rows))
}

// distinct is a value by its text and by what it equals.
type distinct struct {
	text  []byte
	value string
}

// A tuple gives each position a value of its pool that no other has.
type tuple struct {
	pools  [][]distinct
	chosen []distinct
	holder map[string]int // of a value
	seen   map[string]bool
}

// match fills as many of the first positions as it can, by augmenting paths.
func (t *tuple) match() (rows [][]byte) {
	t.chosen, t.holder = make([]distinct, len(t.pools)), map[string]int{}
	for i := range t.pools {
		if t.seen = map[string]bool{}; !t.place(i) {
			break
		}
	}
	for i := range len(t.holder) {
		rows = append(rows, t.chosen[i].text)
	}
	return rows
}

// place finds a value for a position: a free one, else one whose holder can
// take another.
func (t *tuple) place(i int) bool {
	for _, free := range []bool{true, false} {
		for _, d := range t.pools[i] {
			holder, held := t.holder[d.value]
			if held == free || t.seen[d.value] {
				continue
			}
			t.seen[d.value] = held
			if !held || t.place(holder) {
				t.holder[d.value], t.chosen[i] = i, d
				return true
			}
		}
	}
	return false
}
