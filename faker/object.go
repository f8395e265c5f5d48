package faker

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/hookrig/hookrig/contracts/schema"
)

// objectRules are all that a branch says of an object. Every member that can
// be made has a name here: where a schema leaves names open, a few are chosen.
type objectRules struct {
	members []member
	min     int
	max     int            // -1: no bound
	needs   map[int][]int  // by index, the members that must be there if that one is
	where   map[string]int // index of members by name
}

type member struct {
	name     string
	goal     *goal
	required bool
	declared bool // named by a schema, not chosen by us
	reserve  bool // only for minProperties, where the others do not suffice
}

func (r *objectRules) find(name string) int {
	if i, ok := r.where[name]; ok {
		return i
	}
	return -1
}

// add finds or appends a member.
func (r *objectRules) add(m member) int {
	i, ok := r.where[m.name]
	if !ok {
		i = len(r.members)
		r.where[m.name] = i
		r.members = append(r.members, m)
	}
	return i
}

func (r *objectRules) measure() int {
	height, optional := 0, []int(nil)
	heights := r.heights()
	for i, m := range r.members {
		switch {
		case m.required:
			height = max(height, m.goal.height)
		case heights[i] != impossible:
			optional = append(optional, heights[i])
		}
	}
	missing := r.min - (len(r.members) - r.optionalCount())
	if missing <= 0 {
		return height
	}
	if missing > len(optional) {
		return impossible
	}
	slices.Sort(optional)
	return max(height, optional[missing-1])
}

// weigh is how many values the flattest object has at least, but for what only
// minProperties asks for.
func (r *objectRules) weigh() int {
	weight := 1
	for _, m := range r.members {
		if m.required {
			weight = heavier(weight, m.goal.weight)
		}
	}
	return weight
}

func (r *objectRules) optionalCount() (count int) {
	for _, m := range r.members {
		count += bit(!m.required)
	}
	return count
}

// heights are those of the members with all that they need, impossible where
// some of that cannot be made.
func (r *objectRules) heights() []int {
	heights := make([]int, len(r.members))
	for i, m := range r.members {
		heights[i] = m.goal.height
	}
	if len(r.needs) == 0 {
		return heights
	}
	needing := make([][]int, len(r.members))
	for i, needs := range r.needs {
		for _, n := range needs {
			needing[n] = append(needing[n], i)
		}
	}
	// The highest first: what needs it, directly or not, is as high.
	order := make([]int, len(heights))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(heights[b], heights[a]) })
	done := make([]bool, len(heights))
	for _, i := range order {
		reach(i, done, needing, func(n int) { heights[n] = max(heights[n], heights[i]) })
	}
	return heights
}

// reach visits i and all that follow from it, but for what is marked, and
// marks it.
func reach(i int, marked []bool, follow [][]int, visit func(int)) {
	for todo := []int{i}; len(todo) > 0; {
		i := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if !marked[i] {
			marked[i] = true
			visit(i)
			todo = append(todo, follow[i]...)
		}
	}
}

// needed are the members that each one needs.
func (r *objectRules) needed() [][]int {
	all := make([][]int, len(r.members))
	for i, needs := range r.needs {
		all[i] = needs
	}
	return all
}

func (s *solver) objectRules(b *branch) *objectRules {
	r := &objectRules{max: -1, needs: map[int][]int{}, where: map[string]int{}}
	add := func(name string) int { return r.add(member{name: name, declared: true}) }
	for _, n := range inOrder(b.kept) {
		for _, p := range n.Properties {
			add(p.Name)
		}
		if n.MinProperties != nil {
			r.min = max(r.min, *n.MinProperties)
		}
		if n.MaxProperties != nil && (r.max < 0 || *n.MaxProperties < r.max) {
			r.max = max(0, *n.MaxProperties)
		}
	}
	for _, n := range b.kept {
		for _, name := range n.Required {
			r.members[add(name)].required = true
		}
		for _, name := range sortedKeys(n.DependentRequired) {
			i := add(name)
			for _, needed := range n.DependentRequired[name] {
				r.needs[i] = append(r.needs[i], add(needed))
			}
		}
	}
	marked, needed := make([]bool, len(r.members)), r.needed()
	for i := range r.members {
		if r.members[i].required {
			reach(i, marked, needed, func(n int) { r.members[n].required = true })
		}
	}
	for i := range r.members {
		r.members[i].goal = s.memberGoal(b, r.members[i].name)
	}
	s.inventMembers(b, r)
	required := len(r.members) - r.optionalCount()
	if r.max >= 0 && (required > r.max || r.min > r.max) {
		return nil
	}
	if r.min > len(r.members) {
		if !closed(b) {
			s.inexact = "only some names were tried for members that \"minProperties\" asks for"
		}
		return nil
	}
	return r
}

// closed: a schema names all members that there can be.
func closed(b *branch) bool {
	return slices.ContainsFunc(b.kept, func(n *schema.Node) bool {
		return n.AdditionalProperties != nil && refuses(n.AdditionalProperties) && n.PatternProperties == nil ||
			n.PropertyNames != nil && slices.ContainsFunc(implied([]*schema.Node{n.PropertyNames}), func(p *schema.Node) bool { return p.HasEnum || refuses(p) })
	})
}

// inOrder puts what a schema builds on before the schema, as readers expect it
// of the members that it adds.
func inOrder(kept []*schema.Node) []*schema.Node {
	left := make(map[*schema.Node]bool, len(kept))
	for _, n := range kept {
		left[n] = true
	}
	out := make([]*schema.Node, 0, len(kept))
	var visit func(n *schema.Node)
	visit = func(n *schema.Node) {
		if n == nil || !left[n] {
			return
		}
		left[n] = false
		visit(n.Ref)
		for _, c := range n.AllOf {
			visit(c)
		}
		out = append(out, n)
	}
	for _, n := range kept {
		visit(n)
	}
	return out
}

// memberGoal is what the value of a member must meet; impossible if no such
// member may be.
func (s *solver) memberGoal(b *branch, name string) *goal {
	var lits []literal
	for _, n := range b.kept {
		for _, c := range s.judge.memberNodes(n, name) {
			lits = append(lits, must(c))
		}
		if n.PropertyNames != nil && !s.judge.keeps(n.PropertyNames, name) {
			lits = append(lits, must(s.never()))
		}
	}
	return s.goal(lits...)
}

// inventMembers chooses names where the schema leaves them open and wants
// members: for maps, for patterns, and in reserve for minProperties.
func (s *solver) inventMembers(b *branch, r *objectRules) {
	dead := s.goal(must(s.never()))
	living := 0
	for _, m := range r.members {
		living += bit(m.goal != dead)
	}
	add := func(name string, declared, reserve bool) bool {
		g := s.memberGoal(b, name)
		if r.find(name) >= 0 || g == dead {
			return false
		}
		r.add(member{name: name, goal: g, declared: declared, reserve: reserve})
		return true
	}
	wanted := 0
	if living == 0 && mapLike(b) {
		wanted = 3
	}
	for _, name := range hintedMembers(b) {
		if add(name, true, false) {
			wanted = 0
		}
	}
	if r.max >= 0 {
		wanted = min(wanted, r.max)
	}
	reserve := 0
	if required := len(r.members) - r.optionalCount(); r.min > required {
		reserve = r.min
	}
	if reserve > maxReserve {
		s.gaveUp = "too many members are asked for by \"minProperties\""
		return
	}
	if wanted <= 0 && reserve == 0 {
		return
	}
	for _, name := range s.inventNames(b, max(wanted, 0)+reserve+len(r.members)) {
		switch {
		case wanted > 0:
			wanted -= bit(add(name, false, false))
			reserve -= bit(wanted > 0)
		case reserve > 0:
			reserve -= bit(add(name, false, true))
		default:
			return
		}
	}
}

const maxReserve = 5_000

// mapLike: the schema names no members but says what they are.
func mapLike(b *branch) bool {
	return slices.ContainsFunc(b.kept, func(n *schema.Node) bool {
		a := n.AdditionalProperties
		return n.PatternProperties != nil || a != nil && (a.Bool == nil)
	})
}

// inventNames proposes names in the language that patterns and propertyNames
// leave. Not every name need be admitted.
func (s *solver) inventNames(b *branch, count int) []string {
	var rules []rule
	shortest, longest := 1, -1
	var named []*schema.Node
	for _, n := range b.kept {
		if n.PropertyNames != nil {
			named = append(named, implied([]*schema.Node{n.PropertyNames})...)
		}
	}
	if names := listedNames(named); names != nil {
		return names
	}
	names := make([]string, 0, count)
	for _, p := range named {
		if p.Pattern != "" {
			rules = append(rules, rule{p.Pattern, false})
		}
		if p.MinLength != nil {
			shortest = max(shortest, *p.MinLength)
		}
		if p.MaxLength != nil && (longest < 0 || *p.MaxLength < longest) {
			longest = *p.MaxLength
		}
		if e := formatExpr(p.Format); p.Format != "" && e != "" {
			rules = append(rules, rule{e, false})
		}
	}
	if longest == 0 {
		shortest = 0
	}
	for _, n := range b.kept {
		for _, p := range n.PatternProperties {
			names = append(names, s.wordsOf(append(slices.Clone(rules), rule{p.Pattern, false}), shortest, longest, count)...)
		}
	}
	if rules == nil {
		for i := range count {
			w := nameWords[i%len(nameWords)]
			if i >= len(nameWords) {
				w += strconv.Itoa(i / len(nameWords))
			}
			if len(w) >= shortest && (longest < 0 || len(w) <= longest) {
				names = append(names, w)
			}
		}
	}
	usual := s.wordsOf(append(slices.Clone(rules), rule{"^[a-z0-9]*$", false}), shortest, longest, 2*count)
	if len(usual) < count {
		usual = append(usual, s.wordsOf(rules, shortest, longest, 2*count)...)
	}
	return append(names, usual...)
}

// listedNames are the names that enums list.
func listedNames(named []*schema.Node) (names []string) {
	for _, n := range named {
		for _, raw := range n.Enum {
			if v, err := decode(raw); err == nil {
				if name, ok := v.(string); ok {
					names = append(names, name)
				}
			}
		}
	}
	return names
}

var nameWords = []string{"main", "extra", "note", "group", "label", "source", "channel", "region", "batch", "option"}

// wordsOf draws different words of a language, as plain text.
func (s *solver) wordsOf(rules []rule, shortest, longest, count int) []string {
	l, err := s.language(rules, shortest, longest)
	if err != nil || l.total == 0 {
		return nil
	}
	var words []string
	step := max(1, l.total/uint64(count+1))
	for i := range min(uint64(count), l.total) {
		words = append(words, unescape(l.append(nil, l.total-1-i*step)))
	}
	return words
}
