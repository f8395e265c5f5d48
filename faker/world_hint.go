package faker

import (
	"fmt"
	"strings"

	"github.com/hookrig/hookrig/contracts/schema"
	"github.com/hookrig/hookrig/faker/shop"
)

// A lead says where a value comes from in a world: an entity, one of its kind
// that is near; the properties that lead from there to another entity; and the
// property of that, nil where the entity itself is meant.
type lead struct {
	text  string
	start shop.Kind
	refs  []*shop.Property
	last  *shop.Property
}

const worldPrefix = "world."

// worldArgs are the arguments of every hint that leads into a world.
var worldArgs = []string{"world", "map", "prefix", "layout", "zone"}

// leads reads the lead of a hint: its name, or the argument of another.
func (h *hint) leads(pointer, name string, args map[string]any) *HintError {
	text, short := strings.CutPrefix(name, worldPrefix)
	if !short {
		v, ok := args["world"]
		if !ok || name == "constant" && args["value"] == nil {
			return nil
		}
		if text, ok = v.(string); !ok {
			return &HintError{pointer, fmt.Sprintf("argument \"world\" of %q is a text such as \"order.number\"", name), nil}
		}
		text = strings.TrimPrefix(text, worldPrefix)
	}
	l, message, nearest := readLead(text)
	if message != "" {
		return &HintError{pointer, message, nearest}
	}
	h.lead = l
	if short && l.last != nil && len(l.last.Plain) > 0 {
		h.kind = kinds()[l.last.Plain[0]]
		for i := 1; i+1 < len(l.last.Plain); i += 2 {
			h.args[l.last.Plain[i]] = l.last.Plain[i+1]
		}
	}
	if short && l.last != nil && l.last.Type == shop.Money {
		h.kind = &anyMoney
	}
	return nil
}

// readLead reads "order.customer.email". The message says what is wrong.
func readLead(text string) (l *lead, message string, nearest []string) {
	if text == "none" {
		text = "shop.none"
	}
	words := strings.Split(text, ".")
	l = &lead{text: text, start: shop.Kind(words[0])}
	at := shop.KindOf(l.start)
	if at == nil {
		var names []string
		for _, k := range shop.Kinds() {
			names = append(names, string(k.Kind))
		}
		return nil, fmt.Sprintf("the world has no %q", words[0]), schema.Nearest(words[0], names)
	}
	for i, word := range words[1:] {
		p := at.Property(word)
		switch {
		case p == nil:
			var names []string
			for _, p := range at.Properties {
				names = append(names, p.Name)
			}
			return nil, fmt.Sprintf("%s has no %q in the world", at.Kind, word), schema.Nearest(word, names)
		case i == len(words)-2 && p.Type != shop.One:
			l.last = p
		case p.Type != shop.One:
			return nil, fmt.Sprintf("%s.%s leads to no single entity in the world", at.Kind, word), nil
		default:
			l.refs = append(l.refs, p)
			at = shop.KindOf(p.Of)
		}
	}
	return l, "", nil
}

// ends is the kind of the entity that the lead ends at.
func (l *lead) ends() shop.Kind {
	if n := len(l.refs); n > 0 {
		return l.refs[n-1].Of
	}
	return l.start
}

// many reports whether the lead ends at a list.
func (l *lead) many() bool { return l.last != nil && l.last.Type == shop.Many }

// entity reports whether it ends at an entity.
func (l *lead) entity() bool { return l.last == nil }

// looksLike gives a choice, where there is no world, the values that it has in
// one.
func (h *hint) looksLike() {
	if h.kind != nil || h.lead == nil || h.lead.last == nil || h.lead.last.Type != shop.Choice {
		return
	}
	h.kind = kinds()["pick"]
	table, _ := h.args["map"].(map[string]any)
	var values []any
	for _, v := range h.lead.last.Values {
		said, ok := table[v]
		if !ok {
			said = v
		}
		values = append(values, said)
	}
	h.args["values"] = values
}

// anyMoney is what money looks like, whatever it is written as.
var anyMoney = kind{
	name: "finance.amount", types: numberType, args: []string{"min", "max"}, text: amountText,
	number: func(p *planner, f *form, at *place, h *hint) maker {
		if f.typ&schema.Number == 0 {
			return minorUnits(p, f, at, h)
		}
		return amount(p, f, at, h)
	},
}

func isMapOfScalars(v any) bool {
	m, ok := v.(map[string]any)
	if !ok {
		return false
	}
	for _, v := range m {
		switch v.(type) {
		case map[string]any, []any, nil:
			return false
		}
	}
	return len(m) > 0
}

// A BindError is a contract that cannot be played in a world: a cause that is
// none, or a value that the schema can never take.
type BindError struct {
	Event   string
	Pointer string // of the schema in its document; "" for a cause
	Message string
	Nearest []string
}

// Error gives the event, the place and what is wrong.
func (e *BindError) Error() string {
	msg := fmt.Sprintf("%s: %s", e.Event, e.Message)
	if e.Pointer != "" {
		msg = fmt.Sprintf("%s, x-faker at %q: %s", e.Event, e.Pointer, e.Message)
	}
	if len(e.Nearest) > 0 {
		msg += "; did you mean " + strings.Join(e.Nearest, ", ") + "?"
	}
	return msg
}
