package faker

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hookrig/hookrig/contracts/schema"
)

// An IdleHint is an x-faker, or an argument of one, that changes no value of
// the selected events. It does no harm, and its author expects something else.
type IdleHint struct {
	Event   string // one that it stands in
	Pointer string // of the schema, in its document
	Message string
}

// IdleHints lists the hints without an effect, by their pointers. A hint in a
// shared schema has one if it has one in any of the selected events. Whether
// "absent" matters is known for Typical events only.
func (f *Faker) IdleHints() []IdleHint { return slices.Clone(f.idle) }

// hintUse is what becomes of one x-faker while plans are made.
type hintUse struct {
	event  string
	kind   *kind
	types  schema.Types
	served bool

	asksNull, hasNull     bool
	asksAbsent, isAbsence bool
}

// used notes that a hint is asked for.
func (w *workshop) used(pointer string, h *hint) *hintUse {
	u := w.uses[pointer]
	if u == nil {
		u = &hintUse{event: w.event, kind: h.kind, asksNull: h.null != nil && h.lead == nil, asksAbsent: h.absent != nil && h.lead == nil}
		w.uses[pointer] = u
	}
	return u
}

// about notes the types of the value that a hint is for.
func (h *hint) about(forms ...*form) *hint {
	if h.use != nil {
		for _, f := range forms {
			h.use.types |= f.types()
		}
	}
	return h
}

// serve notes that a hint has an effect.
func (h *hint) serve() {
	if h.use != nil {
		h.use.served = true
	}
}

// served notes it where a maker came of it. What relations are worth is known
// when all plans are made.
func (h *hint) served(m maker) maker {
	if m != nil && !h.is("same") && !h.is("sum") {
		h.serve()
	}
	return m
}

// idle lists what had no effect.
func (w *workshop) idle(s Shape) (out []IdleHint) {
	for _, pointer := range slices.Sorted(maps.Keys(w.uses)) {
		u := w.uses[pointer]
		if u.kind == nil { // it only leads into a world
			continue
		}
		say := func(format string, args ...any) {
			out = append(out, IdleHint{u.event, pointer, fmt.Sprintf(format, args...)})
		}
		switch name := u.kind.name; {
		case u.served:
		case u.kind.types != 0 && u.kind.types&u.types == 0:
			say("the hint %q is for %s, which the schema does not allow here", name, namesOf(u.kind.types))
		case name == "same" || name == "sum":
			say("the hint %q has no effect: what it refers to is nowhere, or does not surely keep the schema", name)
		default:
			say("the hint %q has no effect: nothing that it makes keeps the schema", name)
		}
		if u.asksNull && !u.hasNull {
			say("the argument \"null\" of %q has no effect: the schema allows no null here", u.kind.name)
		}
		if u.asksAbsent && !u.isAbsence && (s == Typical || s == "") {
			say("the argument \"absent\" of %q has no effect: the value is never left out", u.kind.name)
		}
	}
	return out
}

// namesOf are types as JSON Schema spells them.
func namesOf(types schema.Types) string {
	var names []string
	for _, t := range []struct {
		bit  schema.Types
		name string
	}{{schema.String, "string"}, {schema.Number, "number"}, {schema.Integer, "integer"}, {schema.Boolean, "boolean"}, {schema.Array, "array"}, {schema.Object, "object"}} {
		if types&t.bit != 0 && !(t.bit == schema.Integer && types&schema.Number != 0) {
			names = append(names, t.name)
		}
	}
	return strings.Join(names, " or ")
}
