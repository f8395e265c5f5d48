package faker

// objects makes the members that are there, in the order of the document.
type objects struct {
	members  []memberMaker
	about    []memberFacts // parallel to members
	min, max int
	counted  bool    // min, max or needs matter
	needs    [][]int // by member, those that must come with it
	spare    []int   // optional members in the order in which they help to reach min
	flat     []int   // the same for shrinking events, flattest first
}

// memberMaker is what making a member takes, kept small.
type memberMaker struct {
	text   []byte                                 // ,"name": and, of most strings, the quote
	make   maker                                  // nil where text has the value too
	write  func(g *gen, dst []byte, k key) []byte // of a string that text has the quote of
	salt   uint64
	share  share // of the objects that have it
	tied   tied  // nil where no world says whether it is there
	always bool
	loose  bool // share is of all objects, not of those with gaps
	forbid bool
}

// memberFacts is what is seldom asked.
type memberFacts struct {
	name   string
	whole  maker // the value with its quotes
	height int
}

var (
	saltPresent, saltGaps = draw("present"), draw("gaps")
	shareOfGaps           = shareOf(gaps)
)

func (m *objects) append(g *gen, dst []byte, k key) []byte {
	g.push(k)
	g.budget -= len(m.members)
	start := len(dst)
	if m.counted {
		var room [64]bool
		there := m.choose(g, k, room[:0])
		for i := range m.members {
			if there[i] {
				dst = m.members[i].append(g, dst, k)
			}
		}
	} else {
		for i := range m.members {
			if mm := &m.members[i]; mm.always || m.wants(g, k, i) {
				dst = mm.append(g, dst, k)
			}
		}
	}
	g.pop()
	if len(dst) == start {
		return append(dst, '{', '}')
	}
	dst[start] = '{' // where the first member's comma stands
	return append(dst, '}')
}

func (mm *memberMaker) append(g *gen, dst []byte, k key) []byte {
	dst = append(dst, mm.text...)
	switch {
	case mm.write != nil:
		return append(mm.write(g, dst, k.with(mm.salt)), '"')
	case mm.make != nil:
		return mm.make.append(g, dst, k.with(mm.salt))
	}
	return dst
}

// polish takes the plan apart into what is written as it is and what is made.
// Relations have been found by then: they look at whole values.
func (m *objects) polish() {
	for i := range m.members {
		mm := &m.members[i]
		m.about[i].whole = mm.make
		switch made := mm.make.(type) {
		case fixed:
			mm.text, mm.make = append(mm.text, made...), nil
		case *composed:
			mm.text, mm.make, mm.write = append(mm.text, '"'), nil, made.write
		}
	}
}

// together moves texts that are used together next to each other in memory.
func together(texts ...*[]byte) {
	size := 0
	for _, t := range texts {
		size += len(*t)
	}
	all := make([]byte, 0, size)
	for _, t := range texts {
		start := len(all)
		all = append(all, *t...)
		*t = all[start:len(all):len(all)]
	}
}

// wants decides about an optional member without regard to the others.
func (m *objects) wants(g *gen, k key, i int) bool {
	mm := &m.members[i]
	switch {
	case mm.forbid:
		return false
	case g.force != nil && g.force[k.with(mm.salt)]:
		return true
	case g.shrink || g.budget < maxValues-maxListed:
		return false
	case mm.tied != nil && g.stage.step != nil:
		if is, sure := mm.tied.there(g); sure {
			return is
		}
	}
	if !mm.loose && g.loops == 0 && !k.with(saltGaps).chance(shareOfGaps) {
		return true
	}
	return mm.share > 0 && k.with(mm.salt).with(saltPresent).chance(mm.share>>min(g.loops, 31))
}

// has reports whether member i is there.
func (m *objects) has(g *gen, k key, i int) bool {
	if m.counted {
		var room [64]bool
		return m.choose(g, k, room[:0])[i]
	}
	return m.members[i].always || m.wants(g, k, i)
}

// choose decides about all members of an object whose number or company is
// limited.
func (m *objects) choose(g *gen, k key, there []bool) []bool {
	count := 0
	there = append(there, make([]bool, len(m.members))...)
	for i := range m.members {
		if m.members[i].always {
			there[i] = true
			count++
		}
	}
	// Members come with all that they need and that is not there yet.
	var room [64]int
	add := func(i int) {
		there[i] = true
		come := append(room[:0], i)
		for k := 0; k < len(come); k++ {
			for _, n := range m.needs[come[k]] {
				if !there[n] {
					there[n] = true
					come = append(come, n)
				}
			}
		}
		if count += len(come); m.max >= 0 && count > m.max {
			count -= len(come)
			for _, n := range come {
				there[n] = false
			}
		}
	}
	for i := range m.members {
		if !there[i] && m.wants(g, k, i) {
			add(i)
		}
	}
	spare := m.spare
	if g.shrink {
		spare = m.flat
	}
	for _, i := range spare {
		if count >= m.min {
			break
		}
		if !there[i] {
			add(i)
		}
	}
	return there
}

// lists makes elements.
type lists struct {
	prefix   []maker
	rest     maker
	min, max int // bounds of the schema; max -1 where there is none
	usualMin int // and of what looks real
	usualMax int
	empty    share // of lists although usualMin is more
	unique   bool
	distinct *enumeration // elements that differ, where unique
}

var saltCount, saltEmpty = draw("count"), draw("empty")

func (m *lists) count(g *gen, k key) int {
	n := m.min
	if !g.shrink && g.budget > maxValues-maxListed && (m.empty == 0 || !k.with(saltEmpty).chance(m.empty)) {
		n = k.with(saltCount).between(m.usualMin, m.usualMax)
	}
	if g.least != nil {
		if n = max(n, g.least[k]); m.max >= 0 {
			n = min(n, m.max)
		}
	}
	return n
}

func (m *lists) at(i int) maker {
	if i < len(m.prefix) {
		return m.prefix[i]
	}
	return m.rest
}

func (m *lists) append(g *gen, dst []byte, k key) []byte {
	n := m.count(g, k)
	if m.distinct != nil {
		return m.distinct.append(g, dst, k, n)
	}
	g.push(k)
	g.budget -= n
	scope, index := g.scope, g.index
	dst = append(dst, '[')
	for i := range n {
		if i > 0 {
			dst = append(dst, ',')
		}
		item := k.item(i)
		g.scope, g.index = item, i
		dst = m.at(i).append(g, dst, item)
	}
	g.scope, g.index = scope, index
	g.pop()
	return append(dst, ']')
}
