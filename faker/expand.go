package faker

import (
	"slices"
	"strconv"

	"github.com/hookrig/hookrig/contracts/schema"
)

// An option is one way to take a choice: literals that hold together.
type option []literal

// A task is a literal that is still to be taken apart. Its scope says which
// enclosing schemas with "unevaluated…" count what it evaluates.
type task struct {
	literal
	scope *scope
}

type scope struct {
	owner *schema.Node
	outer *scope
}

// A branch is one combination of choices on the way from a goal to its forms:
// the schemas whose own assertions hold (kept), and the single assertions that
// must fail (broken).
type branch struct {
	kept    []*schema.Node
	scopes  []*scope // of kept
	broken  []*schema.Node
	types   schema.Types
	todo    []task
	choices []choice  // "anyOf" and its like, not yet taken
	refuse  []literal // what must fail
	quota   int       // of search.found: how far ways to fail are tried; 0: not yet set
}

type choice struct {
	options []option
	scope   *scope
	only    bool         // the other options must fail
	unless  *schema.Node // must fail if an option but the first is taken
}

// refused is what must fail if option i is taken.
func (c *choice) refused(i int) (lits []literal) {
	if c.only {
		for k, o := range c.options {
			if k != i {
				lits = append(lits, mustNot(o[0].node))
			}
		}
	}
	if c.unless != nil && i > 0 {
		lits = append(lits, mustNot(c.unless))
	}
	return lits
}

func (b *branch) clone() *branch {
	c := *b
	c.kept = slices.Clip(b.kept)
	c.scopes = slices.Clip(b.scopes)
	c.broken = slices.Clip(b.broken)
	c.choices = slices.Clip(b.choices)
	c.refuse = slices.Clip(b.refuse)
	c.todo = slices.Clone(b.todo)
	return &c
}

// expand finds the forms of a goal.
func (s *solver) expand(g *goal) {
	if values, ok := s.enumerated(g.lits); ok {
		if len(values) > 0 {
			g.forms = []*form{{values: values}}
		}
		return
	}
	b := &branch{types: schema.AnyType}
	for _, l := range g.lits {
		b.todo = append(b.todo, task{literal: l})
	}
	x := &search{solver: s, limit: s.steps + maxBranchSteps*s.effort}
	x.keep(b)
	g.forms, g.cut = x.forms, x.cut
}

// A search walks through the branches of one goal.
type search struct {
	*solver
	limit int // of solver.steps
	forms []*form
	found int // branches that became forms
	cut   bool
}

// spent counts a step and reports whether the search is over.
func (x *search) spent() bool {
	x.steps++
	over := x.steps > x.limit || len(x.forms) >= maxForms*x.effort
	x.cut = x.cut || over
	return over
}

// keep works through everything that must hold and takes each choice in turn.
func (x *search) keep(b *branch) {
	for len(b.todo) > 0 {
		t := b.todo[0]
		b.todo = b.todo[1:]
		if !x.take(b, t) {
			return
		}
	}
	if len(b.choices) == 0 {
		x.breakAll(b)
		return
	}
	c := b.choices[0]
	for i, o := range c.options {
		if x.spent() {
			return
		}
		next := b.clone()
		next.choices = next.choices[1:]
		for _, l := range o {
			next.todo = append(next.todo, task{l, c.scope})
		}
		refused := c.refused(i)
		x.steps += len(refused) / 25
		next.refuse = append(next.refuse, refused...)
		if !x.dead(next) {
			x.keep(next)
		}
	}
}

// take adds one literal to the branch; false if the branch is dead.
func (s *solver) take(b *branch, t task) bool {
	n := t.node
	if t.not {
		b.refuse = append(b.refuse, t.literal)
		return true
	}
	if n.Bool != nil {
		return *n.Bool
	}
	for i, k := range b.kept {
		if k == n && sameScope(b.scopes[i], t.scope) {
			return true
		}
	}
	b.types &= n.Types
	if b.types == 0 {
		return false
	}
	in := t.scope
	if n.UnevaluatedProperties != nil || n.UnevaluatedItems != nil {
		in = &scope{owner: n, outer: in}
	}
	b.kept = append(b.kept, n)
	b.scopes = append(b.scopes, in)

	hold := func(c *schema.Node) { b.todo = append(b.todo, task{must(c), in}) }
	if n.Ref != nil {
		hold(n.Ref)
	}
	for _, c := range n.AllOf {
		hold(c)
	}
	if n.Not != nil {
		b.refuse = append(b.refuse, mustNot(n.Not))
	}
	s.branchOut(b, n, in)
	return true
}

// branchOut adds the choices that a node leaves open.
func (s *solver) branchOut(b *branch, n *schema.Node, in *scope) {
	for _, c := range []choice{{options: alternately(n.AnyOf), scope: in}, {options: alternately(n.OneOf), scope: in, only: true}} {
		if c.options != nil {
			b.choices = append(b.choices, c)
		}
	}
	if n.If != nil && (n.Then != nil || n.Else != nil) {
		then, otherwise := option{must(n.If)}, option{}
		if n.Then != nil {
			then = append(then, must(n.Then))
		}
		if n.Else != nil {
			otherwise = append(otherwise, must(n.Else))
		}
		b.choices = append(b.choices, choice{options: []option{then, otherwise}, scope: in, unless: n.If})
	}
	for _, m := range sortedKeys(n.DependentSchemas) {
		with := option{must(s.requiring(m)), must(n.DependentSchemas[m])}
		without := option{must(s.forbidding(m))}
		b.choices = append(b.choices, choice{options: []option{with, without}, scope: in})
	}
}

// alternately are options of one schema each.
func alternately(nodes []*schema.Node) (options []option) {
	for _, n := range nodes {
		options = append(options, option{must(n)})
	}
	return options
}

func sameScope(a, b *scope) bool {
	for a != nil && b != nil {
		if a.owner != b.owner {
			return false
		}
		a, b = a.outer, b.outer
	}
	return a == b
}

// breakAll takes everything that must fail. What cannot hold anyway costs
// nothing; for the rest a few ways to break it are tried, the least intrusive
// first.
func (x *search) breakAll(b *branch) {
	if x.dead(b) {
		return
	}
	if b.quota == 0 {
		b.quota = x.found + maxNegatives*x.effort
	}
	for i, l := range b.refuse {
		if x.clash(b, l.node) {
			continue
		}
		for _, o := range x.negate(l.node) {
			if x.spent() {
				return
			}
			if x.found >= b.quota {
				x.cut = true
				return
			}
			next := b.clone()
			next.refuse = slices.Clone(b.refuse[i+1:])
			for _, way := range o {
				if way.not && primitive(way.node) {
					next.broken = append(next.broken, way.node)
					next.types &= way.node.Types
					continue
				}
				next.todo = append(next.todo, task{literal: way})
			}
			if !x.dead(next) {
				x.keep(next)
			}
		}
		return
	}
	b.refuse = nil
	x.finish(b)
}

// finish decides "unevaluated…", which depends on all choices inside.
func (x *search) finish(b *branch) {
	var owners []*schema.Node
	for i := range len(b.scopes) {
		n := b.kept[i]
		if (n.UnevaluatedProperties != nil || n.UnevaluatedItems != nil) && !slices.Contains(owners, n) {
			owners = append(owners, n)
			b.kept = append(b.kept, x.leftovers(n, b.within(n)))
		}
	}
	if x.dead(b) {
		return
	}
	if forms := x.formsOf(b); len(forms) > 0 {
		x.found++
		x.forms = append(x.forms, forms...)
	}
}

// within lists the kept nodes whose evaluations count for owner.
func (b *branch) within(owner *schema.Node) []*schema.Node {
	var nodes []*schema.Node
	for i := range b.scopes {
		n := b.kept[i]
		for sc := b.scopes[i]; sc != nil; sc = sc.outer {
			if sc.owner == owner {
				nodes = append(nodes, n)
				break
			}
		}
	}
	return nodes
}

// leftovers says the same as "unevaluated…" of owner once it is known which
// schemas inside it hold: what none of them names meets the keyword's schema.
func (s *solver) leftovers(owner *schema.Node, inside []*schema.Node) *schema.Node {
	d := &schema.Node{}
	tag := "leftovers"
	if owner.UnevaluatedProperties != nil {
		d.AdditionalProperties = owner.UnevaluatedProperties
		for _, n := range inside {
			tag += " " + strconv.Itoa(s.id(n))
			for _, p := range n.Properties {
				d.Properties = append(d.Properties, schema.Property{Name: p.Name, Node: s.always()})
			}
			for _, p := range n.PatternProperties {
				d.PatternProperties = append(d.PatternProperties, schema.PatternProperty{Pattern: p.Pattern, Node: s.always()})
			}
			if n.AdditionalProperties != nil || n != owner && n.UnevaluatedProperties != nil {
				d.AdditionalProperties = nil
				d.Properties, d.PatternProperties = nil, nil
				break
			}
		}
	}
	if owner.UnevaluatedItems != nil {
		tag += " items"
		first, all := 0, false
		for _, n := range inside {
			tag += " " + strconv.Itoa(s.id(n))
			first = max(first, len(n.PrefixItems))
			all = all || n.Items != nil || n != owner && n.UnevaluatedItems != nil
		}
		if !all {
			d.Items = owner.UnevaluatedItems
			for range first {
				d.PrefixItems = append(d.PrefixItems, s.always())
			}
			if s.judge.evaluates() {
				d.Items = s.orContained(owner, inside)
			}
		}
	}
	return s.derive(owner, tag, d)
}

// orContained are items that some "contains" has evaluated, or that meet
// "unevaluatedItems".
func (s *solver) orContained(owner *schema.Node, inside []*schema.Node) *schema.Node {
	d := &schema.Node{AnyOf: []*schema.Node{owner.UnevaluatedItems}}
	tag := "contained"
	for _, n := range inside {
		if n.Contains != nil {
			tag += " " + strconv.Itoa(s.id(n))
			d.AnyOf = append(d.AnyOf, n.Contains)
		}
	}
	return s.derive(owner, tag, d)
}
