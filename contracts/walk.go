package contracts

import "slices"

// Provenance of the body's member at a JSON Pointer ("" for the body itself).
// List indices may be numbers or "*". Statements of shared schemas count where
// the message says nothing longer; see docs/contract-format.md.
func (t *EventType) Provenance(pointer string) Provenance {
	tokens := tokensOf(pointer)
	// A shared schema says where its members come from, not that this event
	// has them: what the message calls assumed is assumed with all below it.
	if says, ok := bestOf(named(t.provenance), tokens); ok && says.Level == Assumed {
		return says
	}
	w := provenanceWalk{contract: t.contract, tokens: tokens, found: slices.Clone(t.provenance), seen: map[step]bool{}}
	w.at(t.payload, 0)
	if says, ok := bestOf(w.found, tokens); ok {
		return says
	}
	return t.contract.level
}

// provenanceWalk goes down a schema along a pointer and gathers what shared
// schemas say of the way. Every branch of a choice is walked, each schema once
// for each token, so that recursive schemas end.
type provenanceWalk struct {
	contract *Contract
	tokens   []string
	found    []statement
	seen     map[step]bool
}

// step is a schema and how much of the pointer led to it.
type step struct {
	document, at string
	depth        int
}

func (w *provenanceWalk) at(p place, depth int) {
	here := step{p.doc.Name(), p.at, depth}
	if w.seen[here] {
		return
	}
	w.seen[here] = true
	if says, ok := p.statements(); ok {
		// Lint reports what is unreadable; here it says nothing.
		own, _ := provenanceOf(says, w.contract.sources)
		for _, s := range own {
			s.at = slices.Concat(w.tokens[:depth], s.at)
			w.found = append(w.found, s)
		}
	}
	if ref, ok := p.child("$ref"); ok {
		if name, ok := ref.value.(string); ok {
			if next, err := w.contract.library.target(ref, name); err == nil {
				w.at(next, depth)
			}
		}
		return
	}
	for _, key := range [...]string{"allOf", "anyOf", "oneOf"} {
		if list, ok := p.child(key); ok {
			branches, _ := list.items()
			for _, b := range branches {
				w.at(b, depth)
			}
		}
	}
	for _, key := range [...]string{"then", "else"} {
		if b, ok := p.child(key); ok {
			w.at(b, depth)
		}
	}
	if depth < len(w.tokens) {
		w.down(p, depth)
	}
}

// statements are the provenance that a schema brings with it.
func (p place) statements() (place, bool) {
	x, ok := p.child(extensionKey)
	if !ok {
		return x, false
	}
	return x.child("provenance")
}

// down takes one token of the way.
func (w *provenanceWalk) down(p place, depth int) {
	if props, ok := p.child("properties"); ok {
		if c, ok := props.child(w.tokens[depth]); ok {
			w.at(c, depth+1)
			return
		}
	}
	for _, key := range [...]string{"items", "additionalItems", "additionalProperties", "contains"} {
		c, ok := p.child(key)
		if !ok {
			continue
		}
		if list, err := c.items(); err == nil {
			for _, item := range list {
				w.at(item, depth+1)
			}
			continue
		}
		w.at(c, depth+1)
	}
}
