package faker

import (
	"slices"

	"github.com/hookrig/hookrig/contracts/schema"
)

// clashDepth is how many levels of required members are looked at when two
// branches are compared; discriminators seldom stand deeper.
const clashDepth = 3

// dead narrows the types of a branch to those without an obvious conflict and
// reports whether none is left. It is sound, not complete: a branch that
// survives may still turn out to be impossible.
func (s *solver) dead(b *branch) bool {
	b.types = s.alive(b.kept, b.types, clashDepth)
	return b.types == 0
}

// clash reports whether nothing that keeps the branch can keep n as well.
func (s *solver) clash(b *branch, n *schema.Node) bool {
	return s.alive(append(slices.Clip(b.kept), n), b.types, clashDepth) == 0
}

// alive are the types of a value that may keep all nodes.
func (s *solver) alive(nodes []*schema.Node, types schema.Types, depth int) schema.Types {
	all := implied(nodes)
	s.steps += len(all) / 4
	enums := false
	for _, n := range all {
		if n.Bool != nil {
			if !*n.Bool {
				return 0
			}
			continue
		}
		types &= n.Types
		enums = enums || n.HasEnum
	}
	if types == 0 {
		return 0
	}
	if enums && !s.someKept(all, types) {
		return 0
	}
	if types&schema.Object != 0 && !s.objectAlive(all, depth) {
		types &^= schema.Object
	}
	if types&schema.Array != 0 && !bounded(all, func(n *schema.Node) (*int, *int) { return n.MinItems, n.MaxItems }) {
		types &^= schema.Array
	}
	if types&schema.String != 0 && !bounded(all, func(n *schema.Node) (*int, *int) { return n.MinLength, n.MaxLength }) {
		types &^= schema.String
	}
	if number := schema.Integer | schema.Number; types&number != 0 {
		r := &numberRules{}
		for _, n := range all {
			r.above(n.Minimum, false)
			r.above(n.ExclusiveMinimum, true)
			r.below(n.Maximum, false)
			r.below(n.ExclusiveMaximum, true)
		}
		if r.lo != nil && r.hi != nil {
			if c := r.lo.Cmp(r.hi); c > 0 || c == 0 && (r.loOpen || r.hiOpen) {
				types &^= number
			}
		}
	}
	return types
}

// someKept reports whether a value that an enum lists keeps what the nodes say
// themselves. What they apply in place does not count: the branch has taken it
// apart, and of a "oneOf" it may just be deciding which half to refuse.
func (s *solver) someKept(nodes []*schema.Node, types schema.Types) bool {
	var enum *schema.Node
	for _, n := range nodes {
		if n.HasEnum && (enum == nil || len(n.Enum) < len(enum.Enum)) {
			enum = n
		}
	}
	return slices.ContainsFunc(s.judge.enum(enum), func(v any) bool {
		return types&typeOf(v) != 0 && !slices.ContainsFunc(nodes, func(n *schema.Node) bool {
			return !s.judge.plain(n, v, &seen{})
		})
	})
}

// bounded reports whether the highest minimum is no higher than the lowest
// maximum.
func bounded(nodes []*schema.Node, of func(*schema.Node) (least, most *int)) bool {
	lo, hi := 0, -1
	for _, n := range nodes {
		least, most := of(n)
		if least != nil {
			lo = max(lo, *least)
		}
		if most != nil && (hi < 0 || *most < hi) {
			hi = max(0, *most)
		}
	}
	return hi < 0 || lo <= hi
}

func (s *solver) objectAlive(nodes []*schema.Node, depth int) bool {
	if !bounded(nodes, func(n *schema.Node) (*int, *int) { return n.MinProperties, n.MaxProperties }) {
		return false
	}
	looked := map[string]bool{}
	required := required(nodes)
	nodes = slices.DeleteFunc(slices.Clone(nodes), func(n *schema.Node) bool { return n.PropertyNames == nil && !saysMembers(n) })
	for _, name := range required {
		if looked[name] {
			continue
		}
		looked[name] = true
		var members []*schema.Node
		for _, n := range nodes {
			if n.PropertyNames != nil && !s.judge.keeps(n.PropertyNames, name) {
				return false
			}
			members = append(members, s.judge.memberNodes(n, name)...)
		}
		if len(members) == 0 {
			continue
		}
		if depth == 0 {
			if slices.ContainsFunc(members, func(m *schema.Node) bool { return m.Bool != nil && !*m.Bool }) {
				return false
			}
			continue
		}
		if s.alive(members, schema.AnyType, depth-1) == 0 {
			return false
		}
	}
	return true
}

// required are the names that the nodes ask for, some perhaps more than once.
func required(nodes []*schema.Node) (names []string) {
	for _, n := range nodes {
		names = append(names, n.Required...)
	}
	return names
}
