package faker

import (
	"slices"

	"github.com/hookrig/hookrig/contracts/schema"
)

// arrayRules are one way to lay out a list: a goal for each of the first
// elements, one for all after them, and how many there may be.
type arrayRules struct {
	prefix []*goal
	rest   *goal
	min    int
	max    int // -1: no bound
	unique bool
	open   bool // no schema speaks of the elements
}

func (r *arrayRules) at(i int) *goal {
	if i < len(r.prefix) {
		return r.prefix[i]
	}
	return r.rest
}

func (r *arrayRules) measure() int {
	height := 0
	for i := range min(r.min, len(r.prefix)+1) {
		height = max(height, r.at(i).height)
	}
	return height
}

// weigh is how many values the flattest list has at least.
func (r *arrayRules) weigh() int {
	weight := 1
	for i := range min(r.min, len(r.prefix)) {
		weight = heavier(weight, r.prefix[i].weight)
	}
	for range min(max(0, r.min-len(r.prefix)), maxWeight) {
		if weight = heavier(weight, r.rest.weight); weight >= maxWeight {
			break
		}
	}
	return weight
}

// longest is how many elements there can be at most, -1 without bound.
func (r *arrayRules) longest() int {
	longest := r.max
	for i := 0; i <= len(r.prefix); i++ {
		if (longest < 0 || i < longest) && !r.at(i).possible() {
			longest = i
		}
	}
	return longest
}

// A witness rule is "contains" with its counts.
type witness struct {
	node        *schema.Node
	least, most int
}

// maxElements bounds what one list can be asked to have.
const maxElements = 100_000

// maxWitnesses bounds how many elements are laid out one by one.
const maxWitnesses = 256

// arrayRules lays out the witnesses of "contains" in a few ways; the ways that
// cannot be kept drop out when heights are known.
func (s *solver) arrayRules(b *branch) []*arrayRules {
	base := &arrayRules{max: -1, open: true}
	var witnesses []witness
	explicit := 0
	for _, n := range b.kept {
		if n.MinItems != nil {
			base.min = max(base.min, *n.MinItems)
		}
		if n.MaxItems != nil && (base.max < 0 || *n.MaxItems < base.max) {
			base.max = max(0, *n.MaxItems)
		}
		base.unique = base.unique || n.UniqueItems
		base.open = base.open && n.Items == nil && n.PrefixItems == nil
		explicit = max(explicit, len(n.PrefixItems))
		if n.Contains != nil {
			least, most := containsBounds(n)
			witnesses = append(witnesses, witness{n.Contains, least, most})
		}
	}
	if base.max >= 0 && base.min > base.max {
		return nil
	}
	if base.max >= 0 {
		explicit = min(explicit, base.max)
	}
	for i := range explicit {
		base.prefix = append(base.prefix, s.goal(s.itemLiterals(b, i, nil)...))
	}
	base.rest = s.goal(s.itemLiterals(b, explicit, nil)...)
	if base.min > maxElements {
		s.gaveUp = "too many elements are asked for by \"minItems\""
		return nil
	}
	if len(witnesses) == 0 {
		return []*arrayRules{base}
	}
	return s.placeWitnesses(b, base, witnesses, explicit)
}

// itemLiterals are what element i must meet.
func (s *solver) itemLiterals(b *branch, i int, more []literal) []literal {
	lits := slices.Clone(more)
	for _, n := range b.kept {
		if c := itemNode(n, i); c != nil {
			lits = append(lits, must(c))
		}
	}
	return lits
}

// placeWitnesses tries: all witnesses in the same elements, each rule in
// elements of its own, both from the front and after the positional items.
func (s *solver) placeWitnesses(b *branch, base *arrayRules, ws []witness, explicit int) []*arrayRules {
	for _, w := range ws {
		if w.most >= 0 && w.least > w.most {
			return nil
		}
	}
	var layouts []*arrayRules
	for _, from := range []int{0, explicit, 1, 2} {
		for _, together := range []bool{true, false} {
			if r := s.layOut(b, base, ws, from, together, explicit); r != nil {
				layouts = append(layouts, r)
			}
			if len(ws) == 1 {
				break
			}
		}
		if explicit <= from && from > 0 {
			break
		}
	}
	return layouts
}

func (s *solver) layOut(b *branch, base *arrayRules, ws []witness, from int, together bool, explicit int) *arrayRules {
	holds := map[int][]int{} // by position: the rules it is a witness of
	end := 0
	next := from
	for k, w := range ws {
		if w.least > maxWitnesses {
			s.gaveUp = "too many elements are asked for by \"minContains\""
			return nil
		}
		if together {
			next = from
		}
		for range w.least {
			holds[next] = append(holds[next], k)
			next++
		}
		end = max(end, next)
	}
	if base.max >= 0 && end > base.max {
		return nil
	}
	r := *base
	r.min = max(r.min, end)
	if base.open && r.max < 0 {
		r.max = max(r.min, end)
	}
	r.prefix = nil
	literals := func(i int) []literal {
		var more []literal
		for k, w := range ws {
			switch {
			case slices.Contains(holds[i], k):
				more = append(more, must(w.node))
			case w.most >= 0:
				more = append(more, mustNot(w.node))
			}
		}
		return s.itemLiterals(b, i, more)
	}
	for i := range max(explicit, end) {
		r.prefix = append(r.prefix, s.goal(literals(i)...))
	}
	r.rest = s.goal(literals(max(explicit, end))...)
	return &r
}
