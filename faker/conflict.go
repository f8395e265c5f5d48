package faker

import (
	"slices"

	"github.com/hookrig/hookrig/contracts/schema"
)

// Bounds of the search for a conflict: it only makes a message better.
const (
	maxConflictParts = 40
	maxConflictSteps = 100_000
)

// conflict finds schemas that contradict each other, none of which can be left
// out, and lists their pointers. The goal is known to be unsatisfiable.
func (s *solver) conflict(g *goal) []string {
	parts := s.parts(g)
	steps := 0
	for i := 0; i < len(parts) && len(parts) > 1 && len(parts) <= maxConflictParts && steps < maxConflictSteps; {
		fewer := slices.Delete(slices.Clone(parts), i, i+1)
		probe := newSolver(s.workshop)
		whole := probe.goal(fewer...)
		probe.solve(whole)
		steps += probe.steps + len(probe.goals)
		if whole.possible() || probe.gaveUp != "" || probe.inexact != "" {
			i++
		} else {
			parts = fewer
		}
	}
	var pointers []string
	for _, l := range parts {
		if p := l.node.Pointer; !slices.Contains(pointers, p) {
			pointers = append(pointers, p)
		}
	}
	return pointers
}

// parts are the literals of a goal with what they hold in place without a
// choice taken out of them. Where "unevaluated" keywords look at their
// neighbours, nothing can be taken apart.
func (s *solver) parts(g *goal) []literal {
	var kept []*schema.Node
	var parts []literal
	for _, l := range g.lits {
		if l.not {
			parts = append(parts, l)
		} else {
			kept = append(kept, l.node)
		}
	}
	kept = implied(kept)
	if slices.ContainsFunc(kept, func(n *schema.Node) bool { return n.UnevaluatedProperties != nil || n.UnevaluatedItems != nil }) {
		return g.lits
	}
	for _, n := range kept {
		own := *n
		own.Ref, own.AllOf = nil, nil
		if n.Bool != nil && !*n.Bool || n.Bool == nil && saysAnything(&own) {
			parts = append(parts, must(&own))
		}
	}
	return parts
}

// saysAnything: some values break the node.
func saysAnything(n *schema.Node) bool {
	return n.Types != schema.AnyType || n.HasEnum || n.AnyOf != nil || n.OneOf != nil || n.Not != nil || n.If != nil ||
		saysObject(n) || saysArray(n) || saysString(n) || saysNumber(n)
}
