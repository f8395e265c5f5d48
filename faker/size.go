package faker

// Schemas of whole languages (build files, charts, bills of materials) fan out
// until an instance with all that is optional has millions of values. Nobody
// reads those, and no receiver takes them. So an event has its optional members
// down to the level at which they are plenty; below, it has what it must. The
// level is a matter of the schema, so members that come first get no more than
// those that come last.

// plenty is how many values an event has, about, before its lower levels keep
// to what they must have.
const plenty = 3_000

// deepest is the last level whose optional members are made.
func (p *planner) deepest(whole *goal) int {
	size := make([]float64, len(p.goals))
	next := make([]float64, len(p.goals))
	for i, g := range p.goals {
		size[i] = float64(max(1, g.weight))
	}
	for level := range maxLevels { // size counts what objects above the level have
		for i, g := range p.goals {
			next[i] = p.expected(g, size)
		}
		size, next = next, size
		if size[whole.id] > plenty {
			return max(level-1, 1)
		}
	}
	return maxLevels
}

// expected is how many values a goal has about, where size has that of its
// parts one level less deep.
func (p *planner) expected(g *goal, size []float64) float64 {
	if len(g.forms) == 0 {
		return 1
	}
	all := 0.0
	for _, f := range g.forms {
		all++
		switch {
		case f.object != nil:
			for _, m := range f.object.members {
				if m.goal.possible() && (m.required || !m.reserve) {
					all += size[m.goal.id]
				}
			}
		case f.array != nil:
			r := f.array
			least, most, _ := (&hint{}).lengths(p.opts.Shape, r)
			n := (least + most + 1) / 2
			if longest := r.longest(); longest >= 0 {
				n = min(n, longest)
			}
			for i := range min(n, len(r.prefix)) {
				all += size[r.prefix[i].id]
			}
			all += float64(max(0, n-len(r.prefix))) * size[r.rest.id]
		}
	}
	return all / float64(len(g.forms))
}
