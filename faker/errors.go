package faker

import (
	"fmt"
	"strings"

	"github.com/hookrig/hookrig/contracts/schema"
)

// ImpossibleError: no instance can be made.
type ImpossibleError struct {
	Event   string
	Pointer string // into the schema's document
	Reason  string
	GaveUp  bool // not proven unsatisfiable, only not found
}

// Error says "unsatisfiable" or "gave up", where, and why.
func (e *ImpossibleError) Error() string {
	what := "unsatisfiable"
	if e.GaveUp {
		what = "gave up"
	}
	if e.Event != "" {
		what = fmt.Sprintf("event %q: %s", e.Event, what)
	}
	return fmt.Sprintf("%s: %s (at %q)", what, e.Reason, e.Pointer)
}

// PointerError: an edit names a place that the event's schema does not know.
type PointerError struct {
	Event, Pointer string // no Event: of a bare schema
	Nearest        []string
}

// Error names the place and what was perhaps meant.
func (e *PointerError) Error() string {
	msg := fmt.Sprintf("%s has no member %q", subject(e.Event), e.Pointer)
	if len(e.Nearest) > 0 {
		msg += "; did you mean " + strings.Join(e.Nearest, ", ") + "?"
	}
	return msg
}

// subject is what an error is about: an event, or a bare schema.
func subject(event string) string {
	if event == "" {
		return "the schema"
	}
	return fmt.Sprintf("event %q", event)
}

// explain finds what makes a goal impossible: the deepest part without any
// form.
func (s *solver) explain(g *goal) *ImpossibleError {
	why := s.gaveUp
	if why == "" {
		why = s.inexact
	}
	e := &ImpossibleError{GaveUp: why != ""}
	visited := map[*goal]bool{}
	for !visited[g] {
		visited[g] = true
		next := g
		for _, f := range g.refused {
			if part, what := f.blocked(); part != nil {
				next = part
				e.Reason = what
				break
			}
		}
		if next == g {
			if next, e.Reason = s.suspect(g, e.Reason); next == g {
				break
			}
		}
		g = next
	}
	var pointers []string
	if !e.GaveUp {
		pointers = s.conflict(g)
	} else if len(g.lits) > 0 {
		pointers = []string{g.lits[0].node.Pointer}
	}
	if len(pointers) > 0 {
		e.Pointer = pointers[0]
	}
	switch {
	case e.GaveUp:
		e.Reason = why
	case len(pointers) > 1:
		e.Reason = strings.TrimPrefix(e.Reason+"; ", "; ") + fmt.Sprintf("no value keeps the schemas at %s together", strings.Join(quoteAll(pointers), ", "))
	default:
		e.Reason = strings.TrimPrefix(e.Reason+"; ", "; ") + "no value keeps the schema"
	}
	return e
}

// suspect finds a required member that was seen to be impossible before any
// form was made.
func (s *solver) suspect(g *goal, reason string) (*goal, string) {
	var nodes []*schema.Node
	for _, l := range g.lits {
		if !l.not {
			nodes = append(nodes, l.node)
		}
	}
	nodes = implied(nodes)
	for _, n := range nodes {
		for _, name := range n.Required {
			var members []literal
			var only []*schema.Node
			for _, m := range nodes {
				for _, c := range s.judge.memberNodes(m, name) {
					only, members = append(only, c), append(members, must(c))
				}
			}
			if len(only) > 0 && s.alive(only, schema.AnyType, clashDepth) == 0 {
				return s.goal(members...), fmt.Sprintf("member %q is required and cannot be made", name)
			}
		}
	}
	return g, reason
}

func quoteAll(words []string) []string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = fmt.Sprintf("%q", w)
	}
	return out
}

// blocked finds a part of a form that cannot be made but must be.
func (f *form) blocked() (*goal, string) {
	switch {
	case f.object != nil:
		for _, m := range f.object.members {
			if m.required && !m.goal.possible() {
				return m.goal, fmt.Sprintf("member %q is required and cannot be made", m.name)
			}
		}
	case f.array != nil:
		for i := range min(f.array.min, len(f.array.prefix)+1) {
			if g := f.array.at(i); !g.possible() {
				return g, fmt.Sprintf("element %d is required and cannot be made", i)
			}
		}
	}
	return nil, ""
}
