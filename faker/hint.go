package faker

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"sort"
	"strings"

	"github.com/hookrig/hookrig/contracts/schema"
)

// A hint says what a value means: given as x-faker, or guessed from the name of
// a member. The zero hint says nothing.
type hint struct {
	kind   *kind
	args   map[string]any
	given  bool     // written down, not guessed
	null   *float64 // shares asked for, nil: the default
	absent *float64
	use    *hintUse // of one that is written down
	lead   *lead    // where the value comes from in a world, nil if nothing says
}

// A kind is one entry of the vocabulary. Its functions return nil where the
// kind cannot serve the form; the value is then made from the schema alone.
type kind struct {
	name   string
	types  schema.Types
	args   []string // names of arguments
	lone   string   // the argument that may be given without its name
	text   func(p *planner, f *form, at *place, h *hint) maker
	number func(p *planner, f *form, at *place, h *hint) maker
}

// Hints lists the names that x-faker understands, sorted.
func Hints() []string {
	var names []string
	for _, k := range vocabulary() {
		names = append(names, k.name)
	}
	sort.Strings(names)
	return names
}

// A HintError is an x-faker that cannot be understood.
type HintError struct {
	Pointer string // of the schema, in its document
	Message string
	Nearest []string // hints or arguments that exist
}

// Error gives the place, what is wrong and what was perhaps meant.
func (e *HintError) Error() string {
	msg := fmt.Sprintf("x-faker at %q: %s", e.Pointer, e.Message)
	if len(e.Nearest) > 0 {
		msg += "; did you mean " + strings.Join(e.Nearest, ", ") + "?"
	}
	return msg
}

const hintKey = "x-faker"

// parseHint reads the value of x-faker.
func parseHint(pointer string, v any) (*hint, *HintError) {
	h := &hint{given: true}
	switch v := v.(type) {
	case string:
		return h, h.named(pointer, v, nil)
	case map[string]any:
		if len(v) != 1 {
			return nil, &HintError{Pointer: pointer, Message: "one hint is expected, a name or {name: {argument: value}}"}
		}
		for name, args := range v {
			return h, h.named(pointer, name, args)
		}
	}
	return nil, &HintError{Pointer: pointer, Message: "a name or {name: {argument: value}} is expected"}
}

func (h *hint) named(pointer, name string, args any) *HintError {
	given, isMap := args.(map[string]any)
	h.args = map[string]any{}
	if err := h.leads(pointer, name, given); err != nil {
		return err
	}
	if h.lead == nil || !strings.HasPrefix(name, worldPrefix) {
		h.kind = kinds()[name]
	}
	switch {
	case h.lead != nil && isMap || args == nil:
	case h.kind == nil && h.lead == nil:
	case h.kind != nil && h.kind.lone != "" && (!isMap || h.kind.name == "constant"):
		given = map[string]any{h.kind.lone: args}
	case !isMap:
		return &HintError{pointer, fmt.Sprintf("the arguments of %q are not a map", name), nil}
	}
	if h.kind == nil && h.lead == nil {
		return &HintError{pointer, fmt.Sprintf("unknown hint %q", name), schema.Nearest(name, Hints())}
	}
	for _, a := range sortedKeys(given) {
		v := given[a]
		switch {
		case a == "null" || a == "absent":
			share, ok := number(v)
			if !ok || share < 0 || share > 1 {
				return &HintError{pointer, fmt.Sprintf("argument %q of %q is a share from 0 to 1", a, name), nil}
			}
			if a == "null" {
				h.null = &share
			} else {
				h.absent = &share
			}
		case slices.Contains(h.takes(), a):
			h.args[a] = v
		default:
			return &HintError{pointer, fmt.Sprintf("%q has no argument %q", name, a), schema.Nearest(a, append(h.takes(), "null", "absent"))}
		}
	}
	if err := h.check(pointer, name); err != nil {
		return err
	}
	h.looksLike()
	return nil
}

// takes are the arguments of a hint.
func (h *hint) takes() (args []string) {
	if h.kind != nil {
		args = slices.Clone(h.kind.args)
	}
	if h.lead != nil {
		args = append(args, worldArgs...)
	}
	return args
}

// check judges the types of the arguments, which their names tell.
func (h *hint) check(pointer, name string) *HintError {
	wrong := func(a, want string) *HintError {
		return &HintError{pointer, fmt.Sprintf("argument %q of %q is %s", a, name, want), nil}
	}
	for _, a := range sortedKeys(h.args) {
		v := h.args[a]
		n, isNumber := number(v)
		_, isText := v.(string)
		list, isList := v.([]any)
		switch a {
		case "min", "max", "share":
			if whole := n == math.Trunc(n) && n >= 0 && n <= maxIndex; h.is("list") && !(isNumber && whole) {
				return wrong(a, "a whole number up to 1000")
			}
			if !isNumber || math.Abs(n) > mostAsked {
				return wrong(a, "a number from -10^12 to 10^12")
			}
		case "digits", "length", "decimals", "from":
			if !isNumber || n != math.Trunc(n) || n < 0 || n > 1000 {
				return wrong(a, "a whole number up to 1000")
			}
		case "zone":
			if text, _ := v.(string); !isZone(text) {
				return wrong(a, `an offset such as "+0100" or "+01:00"`)
			}
		case "percent":
			if _, ok := v.(bool); !ok {
				return wrong(a, "true or false")
			}
		case "values":
			if !isList || len(list) == 0 {
				return wrong(a, "a list of values")
			}
		case "names":
			if !isList || slices.ContainsFunc(list, func(v any) bool { _, ok := v.(string); return !ok }) {
				return wrong(a, "a list of names")
			}
		case "of":
			if !isText && !isList {
				return wrong(a, "a pointer or a list of pointers")
			}
		case "map":
			if !isMapOfScalars(v) {
				return wrong(a, "a map of the world's values to the contract's")
			}
		case "value":
		default:
			if !isText {
				return wrong(a, "a text")
			}
		}
	}
	if lo, hi := h.num("min", math.Inf(-1)), h.num("max", math.Inf(1)); lo > hi {
		return &HintError{pointer, fmt.Sprintf("min is above max in %q", name), nil}
	}
	return nil
}

// mostAsked bounds the numbers that a hint asks for, which are computed with in
// 64 bits.
const mostAsked = 1e12

func number(v any) (float64, bool) {
	n, ok := v.(json.Number)
	if !ok {
		return 0, false
	}
	f, err := n.Float64()
	return f, err == nil
}

func (h *hint) str(arg, otherwise string) string {
	if s, ok := h.args[arg].(string); ok {
		return s
	}
	return otherwise
}

func (h *hint) num(arg string, otherwise float64) float64 {
	if f, ok := number(h.args[arg]); ok {
		return f
	}
	return otherwise
}

func (h *hint) is(name string) bool { return h.kind != nil && h.kind.name == name }

func (h *hint) types() schema.Types {
	if h.kind == nil {
		return 0
	}
	return h.kind.types
}

const (
	usualNulls    = 0.1
	usualEmpty    = 0.06
	usualAbsences = 0.15
	certain       = ^share(0)
)

func (h *hint) nulls() float64 {
	if h.use != nil {
		h.use.hasNull = true
	}
	if h.null != nil {
		return *h.null
	}
	return usualNulls
}

func (h *hint) absences(m member) float64 {
	if h.use != nil {
		h.use.isAbsence = true
	}
	switch {
	case h.absent != nil:
		return *h.absent
	case !m.declared:
		return 0.4
	case slices.ContainsFunc(m.goal.forms, func(f *form) bool { return f.object != nil || f.array != nil }):
		return usualAbsences / 3 // what an event is about is seldom left out
	}
	return usualAbsences
}

// lengths are the usual lengths of a list, and the share of empty ones.
func (h *hint) lengths(s Shape, r *arrayRules) (least, most int, empty float64) {
	least, most = 1, 3
	if h.is("list") {
		h.serve()
		most = int(h.num("max", max(3, h.num("min", 0))))
		least = int(h.num("min", min(1, float64(most))))
	} else if s != Full && r.min == 0 {
		empty = usualEmpty
	}
	switch {
	case r.open && len(r.prefix) == 0:
		return r.min, r.min, 0 // nothing is said of the elements: nothing is invented
	case s == Minimal:
		return r.min, r.min, 0
	case s == Full:
		n := min(max(2, least), most)
		return max(n, r.min), max(n, r.min), 0
	}
	return max(least, r.min), max(most, r.min), empty
}

// trues is the share of true of a boolean.
func (h *hint) trues() float64 {
	if h.is("boolean") {
		h.serve()
		return h.num("share", 0.5)
	}
	return 0.5
}

// text and number ask the kind for a maker.
func (h *hint) text(p *planner, f *form, at *place) maker {
	if h.kind == nil || h.kind.text == nil {
		return nil
	}
	return h.served(h.kind.text(p, f, at, h))
}

func (h *hint) number(p *planner, f *form, at *place) maker {
	if h.kind == nil || h.kind.number == nil {
		return nil
	}
	return h.served(h.kind.number(p, f, at, h))
}

// hintedMembers are names that x-faker gives to an open object.
func hintedMembers(b *branch) []string {
	for _, n := range b.kept {
		if v, ok := n.Extensions[hintKey]; ok {
			h, err := parseHint(n.Pointer, v)
			if err != nil || !h.is("members") {
				return nil
			}
			var names []string
			list, _ := h.args["names"].([]any)
			for _, v := range list {
				if s, ok := v.(string); ok {
					names = append(names, s)
				}
			}
			return names
		}
	}
	return nil
}

// hintOf finds the hint of a value: the nearest x-faker, else a guess.
func (p *planner) hintOf(g *goal, at *place) *hint {
	nodes := asserted(g)
	if h := p.written(nodes); h != nil {
		if h.kind == nil && h.lead != nil { // it says where the value comes from, and not what it looks like
			guess := *p.guess(nodes, g.forms, at)
			guess.lead, guess.args = h.lead, maps.Clone(guess.args)
			if guess.args == nil {
				guess.args = map[string]any{}
			}
			maps.Copy(guess.args, h.args)
			guess.given, guess.use, guess.null, guess.absent = true, h.use, h.null, h.absent
			return guess.about(g.forms...)
		}
		return h.about(g.forms...)
	}
	return p.guess(nodes, g.forms, at)
}

// asserted are the schemas that a goal keeps.
func asserted(g *goal) (nodes []*schema.Node) {
	for _, l := range g.lits {
		if !l.not {
			nodes = append(nodes, l.node)
		}
	}
	return nodes
}

// hintFor is the hint of one form of a value: what is written for all forms
// counts before what is written in the branch that the form comes from, and so
// does a format.
func (p *planner) hintFor(g *goal, f *form, at *place, all *hint) *hint {
	if !all.given {
		if h := p.written(f.kept); h != nil {
			return h.about(f)
		}
		if formatOf(f.kept) != formatOf(asserted(g)) {
			return p.guess(f.kept, []*form{f}, at)
		}
	}
	return all
}

// written is the nearest x-faker, nil where there is none.
func (p *planner) written(nodes []*schema.Node) *hint {
	for _, n := range implied(nodes) {
		v, ok := n.Extensions[hintKey]
		if !ok {
			continue
		}
		h, err := parseHint(n.Pointer, v)
		if err != nil {
			if p.hintErr == nil {
				p.hintErr = err
			}
			return &hint{}
		}
		h.use = p.used(n.Pointer, h)
		if h.lead != nil {
			h.serve()
		}
		return h
	}
	return nil
}

// amongst lets a hint choose among the values of an enum.
func (h *hint) amongst(p *planner, f *form, at *place) maker {
	if h.kind == nil || h.kind.text == nil || !h.given && !h.is("person.gender") && !h.is("finance.currencyCode") && !h.is("address.countryCode") {
		return nil
	}
	r := &textRules{longest: -1}
	for _, text := range f.values {
		v, err := decode(text)
		s, ok := v.(string)
		if err != nil || !ok {
			return nil
		}
		r.only = append(r.only, s)
	}
	pseudo := &form{typ: schema.String, text: r, kept: f.kept}
	if h.is("same") {
		return p.mirror(pseudo, at, h, func() maker { return table(f.values) })
	}
	if h.is("person.gender") && h.args["male"] == nil && h.args["female"] == nil {
		male, female := oneOf(r.only, "m", "male", "man", "mr"), oneOf(r.only, "f", "female", "w", "woman", "ms", "mrs")
		if male == "" || female == "" {
			return nil
		}
		spelled := *h
		spelled.args = map[string]any{"male": male, "female": female}
		h = &spelled
	}
	return h.text(p, pseudo, at)
}

// oneOf is the first value that is one of the words, in whatever case.
func oneOf(values []string, words ...string) string {
	for _, v := range values {
		if slices.Contains(words, strings.ToLower(v)) {
			return v
		}
	}
	return ""
}
