package faker

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

// distinguish gives a list the pool that its uniqueItems asks for.
func (p *planner) distinguish(m *lists, r *arrayRules, at *place) {
	p.later = append(p.later, func() {
		wanted := max(m.min, 2*m.usualMax, 8)
		if len(m.prefix) > 0 {
			p.distinctTuple(m, r, at)
			return
		}
		pool := p.samples(m.rest, r.rest, wanted)
		if len(pool) < m.min {
			p.fail(at, "not enough different elements for \"uniqueItems\"")
			return
		}
		m.max = len(pool)
		m.usualMin, m.usualMax = min(m.usualMin, len(pool)), min(m.usualMax, len(pool))
		m.distinct = &enumeration{pool: pool}
	})
}

// samples makes different values of a maker, up to the number wanted. They are
// judged by their goal: in a recursive schema lists further down may not have
// their pools yet.
func (p *planner) samples(m maker, of *goal, wanted int) table {
	var pool table
	taken := map[string]bool{}
	add := func(text []byte) {
		v, err := decode(text)
		if err != nil || of.recursive && !p.judge.meets(of.lits, v) {
			return
		}
		if c := canonical(v); !taken[c] {
			taken[c] = true
			pool = append(pool, text)
		}
	}
	for _, text := range enumerate(m, 4*wanted) {
		if len(pool) < wanted {
			add(text)
		}
	}
	g := &gen{}
	for i := uint64(0); i < uint64(40*wanted+64) && len(pool) < wanted; i++ {
		g.start(p.world, saltSample, i)
		add(m.append(g, nil, g.root.with(saltSample)))
	}
	return pool
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
// have schemas of their own.
func (p *planner) distinctTuple(m *lists, r *arrayRules, at *place) {
	n := max(m.usualMax, m.min)
	var pools []table
	for i := range n {
		pools = append(pools, p.samples(m.at(i), r.at(i), 2*n+2))
	}
	taken := make([]any, 0, n)
	var rows table
	var place func(i int) bool
	steps := 0
	place = func(i int) bool {
		if i == n {
			return true
		}
		for _, text := range pools[i] {
			if steps++; steps > 100_000 {
				return false
			}
			v, _ := decode(text)
			clash := false
			for _, w := range taken {
				clash = clash || equal(v, w)
			}
			if clash {
				continue
			}
			taken, rows = append(taken, v), append(rows, text)
			if place(i + 1) {
				return true
			}
			taken, rows = taken[:i], rows[:i]
		}
		return false
	}
	for !place(0) {
		if n--; n < m.min {
			p.fail(at, "not enough different elements for \"uniqueItems\"")
			return
		}
		taken, rows = taken[:0], rows[:0]
		pools = pools[:n]
	}
	m.prefix = nil
	for _, r := range rows {
		m.prefix = append(m.prefix, fixed(r))
	}
	m.max, m.usualMax = n, n
	m.usualMin = min(m.usualMin, n)
}
