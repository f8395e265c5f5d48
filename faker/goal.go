package faker

import (
	"encoding/binary"
	"slices"

	"github.com/hookrig/hookrig/contracts/schema"
)

// A literal is a schema that a value must keep or, with not, must break.
type literal struct {
	node *schema.Node
	not  bool
}

func must(n *schema.Node) literal    { return literal{n, false} }
func mustNot(n *schema.Node) literal { return literal{n, true} }

// A goal is a set of literals that one value meets together. The same set is
// the same *goal, which is what makes recursive schemas finite: they are
// cycles of goals.
type goal struct {
	id    int
	lits  []literal
	forms []*form // the ways to meet it, one JSON type each; nil until solved

	// height is how many levels the flattest finite value has; impossible
	// where there is none.
	height    int
	weight    int     // values of the flattest instance, as far as heights are known
	recursive bool    // it leads back to itself
	cut       bool    // not all forms were looked for
	refused   []*form // impossible forms, for explanations
}

const impossible = int(^uint(0) >> 1)

func (g *goal) possible() bool { return g.height != impossible }

// A solver turns schemas into goals and goals into forms. It lives as long as
// the compilation of one event.
type solver struct {
	*workshop
	ids     map[*schema.Node]int
	byKey   map[string]*goal
	goals   []*goal
	negated map[*schema.Node][]option
	derived map[string]*schema.Node
	steps   int

	effort int // how far searches go; it grows where they fail

	// gaveUp and inexact are set when a search was cut short, or tried only
	// some of infinitely many ways: what then looks unsatisfiable may only
	// not have been found.
	gaveUp, inexact string
}

// Bounds of one compilation. They are far above what real schemas need and
// keep hostile ones within a fraction of a second.
const (
	maxGoals       = 20_000
	maxSteps       = 400_000
	maxForms       = 48 // alternatives of one goal
	maxNegatives   = 3  // ways to break, for one way to keep
	maxBranchSteps = 2_000
	maxEffort      = 64 // times the three before
)

func newSolver(w *workshop) *solver {
	return &solver{
		workshop: w,
		ids:      map[*schema.Node]int{},
		byKey:    map[string]*goal{},
		negated:  map[*schema.Node][]option{},
		derived:  map[string]*schema.Node{},
	}
}

func (s *solver) id(n *schema.Node) int {
	id, ok := s.ids[n]
	if !ok {
		id = len(s.ids)
		s.ids[n] = id
	}
	return id
}

// goal interns a set of literals.
func (s *solver) goal(lits ...literal) *goal {
	set := make([]literal, 0, len(lits))
	for _, l := range lits {
		l.node = straight(l.node)
		if b := l.node.Bool; b != nil {
			if *b != l.not {
				continue // says nothing
			}
			set = []literal{must(s.never())}
			break
		}
		if slices.Contains(set, literal{l.node, !l.not}) {
			set = []literal{must(s.never())}
			break
		}
		if !slices.Contains(set, l) {
			set = append(set, l)
		}
	}
	ordered := slices.Clone(set)
	slices.SortFunc(ordered, func(a, b literal) int {
		if d := s.id(a.node) - s.id(b.node); d != 0 {
			return d
		}
		return order(a.not, b.not)
	})
	var buf []byte
	for _, l := range ordered {
		id := uint64(s.id(l.node)) << 1
		if l.not {
			id |= 1
		}
		buf = binary.AppendUvarint(buf, id)
	}
	g, ok := s.byKey[string(buf)]
	if !ok {
		// The literals stay in the order of their first use: it says
		// which schema stands nearest to the value and so whose hints and
		// whose order of members count.
		g = &goal{id: len(s.goals), lits: set, height: impossible}
		s.byKey[string(buf)] = g
		s.goals = append(s.goals, g)
	}
	return g
}

func order(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// straight follows references that say nothing else, so that a schema and a
// bare reference to it are one goal.
func straight(n *schema.Node) *schema.Node {
	for range 100 {
		if n.Ref == nil || n.Bool != nil || !bareReference(n) {
			return n
		}
		n = n.Ref
	}
	return n
}

func bareReference(n *schema.Node) bool {
	return n.Types == schema.AnyType && !n.HasEnum && len(n.Extensions) == 0 &&
		n.AllOf == nil && n.AnyOf == nil && n.OneOf == nil && n.Not == nil && n.If == nil &&
		!saysObject(n) && !saysArray(n) && !saysString(n) && !saysNumber(n) &&
		n.Description == "" && n.Title == "" && n.Default == nil && n.Examples == nil
}

func saysObject(n *schema.Node) bool {
	return n.Properties != nil || n.PatternProperties != nil || n.AdditionalProperties != nil ||
		n.UnevaluatedProperties != nil || n.PropertyNames != nil || n.Required != nil ||
		n.DependentRequired != nil || n.DependentSchemas != nil || n.MinProperties != nil || n.MaxProperties != nil
}

func saysArray(n *schema.Node) bool {
	return n.PrefixItems != nil || n.Items != nil || n.UnevaluatedItems != nil || n.Contains != nil ||
		n.MinItems != nil || n.MaxItems != nil || n.UniqueItems
}

func saysString(n *schema.Node) bool {
	return n.MinLength != nil || n.MaxLength != nil || n.Pattern != "" || n.Format != ""
}

func saysNumber(n *schema.Node) bool {
	return n.Minimum != nil || n.Maximum != nil || n.ExclusiveMinimum != nil || n.ExclusiveMaximum != nil || n.MultipleOf != nil
}

// solve expands the goal and everything below it, and computes heights: a
// least fixed point over a graph that may have cycles.
func (s *solver) solve(root *goal) {
	done := 0
	for s.effort = 1; s.effort <= maxEffort; s.effort *= 8 {
		for ; done < len(s.goals); done++ {
			if done >= maxGoals || s.steps > maxSteps {
				s.gaveUp = "the schema has too many combinations"
				break
			}
			s.expand(s.goals[done])
		}
		s.measure()
		if root.possible() || !s.expandAgain() {
			break
		}
	}
	switch {
	case !root.possible():
	case root.weight >= maxWeight:
		root.height = impossible
		s.gaveUp = "every instance has too many values"
	case root.height > schema.DefaultLimits.Depth+1:
		root.height = impossible
		s.gaveUp = "every instance is nested too deeply"
	}
	for _, g := range s.goals {
		if g.cut && !g.possible() && s.gaveUp == "" {
			s.gaveUp = "too many combinations of branches"
		}
		g.forms = slices.DeleteFunc(g.forms, func(f *form) bool {
			if f.height == impossible && len(g.refused) < 4 {
				g.refused = append(g.refused, f)
			}
			return f.height == impossible
		})
	}
	findRecursive(s.goals)
}

// expandAgain looks harder for forms of goals that were cut short and have
// none; false where there is no such goal.
func (s *solver) expandAgain() bool {
	again := false
	for _, g := range slices.Clone(s.goals) {
		if g.cut && !g.possible() && s.effort < maxEffort {
			again = true
			effort := s.effort
			s.effort *= 8
			s.expand(g)
			s.effort = effort
		}
	}
	return again
}

// measure computes heights as far as the forms found go.
func (s *solver) measure() {
	for changed := true; changed; {
		changed = false
		for i := len(s.goals) - 1; i >= 0; i-- {
			g := s.goals[i]
			for _, f := range g.forms {
				f.height = f.measure()
				if f.height != impossible && f.height+1 < g.height {
					g.height, g.weight = f.height+1, f.weigh()
					changed = true
				}
			}
		}
	}
}

// findRecursive marks the goals that lead back to themselves: those in a
// strongly connected component with an edge inside (Tarjan's algorithm).
func findRecursive(goals []*goal) {
	index, low := make([]int, len(goals)), make([]int, len(goals))
	var stack []*goal
	onStack := make([]bool, len(goals))
	next := 1
	var visit func(g *goal)
	visit = func(g *goal) {
		index[g.id], low[g.id] = next, next
		next++
		stack, onStack[g.id] = append(stack, g), true
		for _, c := range g.parts() {
			switch {
			case index[c.id] == 0:
				visit(c)
				low[g.id] = min(low[g.id], low[c.id])
			case onStack[c.id]:
				low[g.id] = min(low[g.id], index[c.id])
				g.recursive = g.recursive || c == g
			}
		}
		if low[g.id] != index[g.id] {
			return
		}
		for alone := stack[len(stack)-1] == g; ; {
			top := stack[len(stack)-1]
			stack, onStack[top.id] = stack[:len(stack)-1], false
			top.recursive = top.recursive || !alone
			if top == g {
				return
			}
		}
	}
	for _, g := range goals {
		if index[g.id] == 0 {
			visit(g)
		}
	}
}

// parts are the goals of members and elements.
func (g *goal) parts() []*goal {
	var parts []*goal
	for _, f := range g.forms {
		switch {
		case f.object != nil:
			for _, m := range f.object.members {
				parts = append(parts, m.goal)
			}
		case f.array != nil:
			parts = append(append(parts, f.array.prefix...), f.array.rest)
		}
	}
	return parts
}
