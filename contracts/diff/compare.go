package diff

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/hookrig/hookrig/contracts/schema"
)

// comparer compares schemas. What it has compared once it knows: schemas of a
// document are shared by its events.
type comparer struct {
	ids   map[*schema.Node]int
	flat  map[string]map[schema.Types][]*shape
	known map[string][]Change // pointers count from the place of the comparison
	open  map[string]bool     // under way: recursive schemas meet themselves
	depth int
	steps int
	over  bool // a bound was met: something was not looked at
}

func newComparer() *comparer {
	return &comparer{ids: map[*schema.Node]int{}, flat: map[string]map[schema.Types][]*shape{}, known: map[string][]Change{}, open: map[string]bool{}}
}

// key names a conjunction; the order of its schemas means nothing.
func (c *comparer) key(all conj) string {
	ids := make([]int, len(all))
	for i, n := range all {
		if c.ids[n] == 0 {
			c.ids[n] = len(c.ids) + 1
		}
		ids[i] = c.ids[n]
	}
	slices.Sort(ids)
	var b strings.Builder
	for _, id := range slices.Compact(ids) {
		b.WriteString(strconv.Itoa(id))
		b.WriteByte(',')
	}
	return b.String()
}

// compare lists the changes from one conjunction to another. Pairs that are
// being compared already count as equal: a difference in them is found there.
func (c *comparer) compare(was, is conj) []Change {
	was, is = trimmed(was), trimmed(is)
	a, b := c.key(was), c.key(is)
	if a == b {
		return nil
	}
	key := a + ">" + b
	if known, ok := c.known[key]; ok {
		return known
	}
	if c.open[key] {
		return nil
	}
	if c.steps++; c.steps > mostSteps || c.depth > mostNested {
		c.over = true
		return nil
	}
	c.open[key] = true
	c.depth++
	out := c.alternativesOf(c.shapes(was), c.shapes(is))
	c.depth--
	delete(c.open, key)
	if len(out) > mostChanges {
		c.over = true
		out = out[:mostChanges]
	}
	c.known[key] = out
	return out
}

// trimmed leaves out schemas that allow anything, and has those that references
// lead to: so the same schema has the same key, whichever way it was reached.
func trimmed(all conj) conj {
	out := make(conj, 0, len(all))
	for _, n := range all {
		for isReference(n) {
			n = n.Ref
		}
		if n.Bool == nil || !*n.Bool {
			out = append(out, n)
		}
	}
	return out
}

// isReference reports whether a schema is a reference and judges nothing itself.
func isReference(n *schema.Node) bool {
	if n.Ref == nil || n.Types != schema.AnyType {
		return false
	}
	bare := *n
	bare.Pointer, bare.Document, bare.Title, bare.Description = "", "", "", ""
	bare.Ref, bare.Types, bare.Default, bare.Examples, bare.Extensions = nil, 0, nil, nil, nil
	return reflect.DeepEqual(bare, schema.Node{})
}

// same reports whether two lists of schemas mean the same, one by one.
func (c *comparer) same(a, b conj) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if len(c.compare(conj{a[i]}, conj{b[i]})) > 0 || len(c.compare(conj{b[i]}, conj{a[i]})) > 0 {
			return false
		}
	}
	return true
}

// alternativesOf compares what is allowed at one place, kind by kind.
func (c *comparer) alternativesOf(was, is map[schema.Types][]*shape) []Change {
	switch {
	case len(is) == 0 && len(was) == 0:
		return nil
	case len(is) == 0:
		return []Change{{Rule: "never", Effect: Compatible, Message: "no value is possible here any more"}}
	case len(was) == 0:
		return []Change{{Rule: "never", Effect: Breaking, Message: "a value where none was possible", Value: sampleOf(is)}}
	}
	out := typeChanges(was, is)
	for _, kind := range kinds {
		olds, news := was[kind], is[kind]
		if len(olds) == 0 || len(news) == 0 {
			continue
		}
		out = append(out, c.kind(olds, news)...)
	}
	return distinct(out)
}

// kind compares alternatives for values of one kind.
func (c *comparer) kind(olds, news []*shape) (out []Change) {
	if len(olds) == 1 && len(news) == 1 {
		return c.shape(olds[0], news[0])
	}
	met := map[*shape]bool{}
	for _, n := range news {
		like := c.alike(olds, n, false)
		if len(like) > 1 {
			like = c.alike(like, n, true)
		}
		for _, o := range like {
			met[o] = true
		}
		out = append(out, c.alternative(like, n)...)
	}
	for _, o := range olds {
		if !met[o] {
			out = append(out, Change{Rule: "alternative-removed", Effect: Compatible, Message: "one form of the value is no longer sent: " + c.describe(o)})
		}
	}
	return out
}

// alike are the old forms that a new one may be: those that do not say of
// themselves that they are another one.
func (c *comparer) alike(olds []*shape, n *shape, byType bool) (out []*shape) {
	for _, o := range olds {
		if !c.disjoint(o, n, byType) {
			out = append(out, o)
		}
	}
	return out
}

// alternative compares a new form of a value with those old ones that it may be.
func (c *comparer) alternative(like []*shape, n *shape) []Change {
	switch len(like) {
	case 0:
		return []Change{{Rule: "alternative-added", Effect: Breaking, Message: "the value has one more form: " + c.describe(n), Value: n.sample()}}
	case 1:
		return c.form(like[0], n)
	}
	var best []Change
	for i, o := range like {
		changes := c.form(o, n)
		if len(changes) == 0 {
			return nil
		}
		if i == 0 || Worst(changes).rank() > Worst(best).rank() {
			best = changes
		}
	}
	// What no single old form allows, several together may.
	if Worst(best) == Breaking {
		return []Change{{Rule: "alternatives", Effect: Unclear, Message: "the forms of the value changed, and several old ones overlap: " + best[0].Message}}
	}
	return best
}

// form compares one of several forms. That whole numbers become fractions is
// told by the types where there is one form only.
func (c *comparer) form(was, is *shape) []Change {
	out := c.shape(was, is)
	if was.whole && !is.whole && is.values == nil {
		out = append(out, Change{Rule: "type", Effect: Breaking, Message: "number: it was integer"})
	}
	return out
}

// shape compares two shapes of one kind.
func (c *comparer) shape(was, is *shape) (out []Change) {
	switch {
	case is.values != nil:
		out = listed(was, is)
	case was.values != nil:
		out = unlisted(was, is)
	case is.kind == schema.String:
		out = texts(was, is)
	case is.kind == schema.Number:
		out = numbers(was, is)
	case is.kind == schema.Array:
		out = c.lists(was, is)
	case is.kind == schema.Object:
		out = c.objects(was, is)
	}
	return append(out, c.conditions(was, is)...)
}

// conditions compares keywords of which only sameness is decided.
func (c *comparer) conditions(was, is *shape) (out []Change) {
	for _, keyword := range was.conditionsInOrder {
		if !c.among(was.conditions[keyword], is.conditions[keyword]) {
			name, _, _ := strings.Cut(keyword, " ")
			out = append(out, Change{Rule: "condition", Effect: Unclear, Message: fmt.Sprintf("the old version has a condition (%s) that the new one does not have in this form", name)})
		}
	}
	for _, keyword := range is.conditionsInOrder {
		if !c.among(is.conditions[keyword], was.conditions[keyword]) {
			name, _, _ := strings.Cut(keyword, " ")
			if _, had := was.conditions[keyword]; !had { // told above otherwise
				out = append(out, Change{Rule: "condition", Effect: Compatible, Message: fmt.Sprintf("the new version has one more condition (%s)", name)})
			}
		}
	}
	return out
}

// among reports whether each condition has its like on the other side.
func (c *comparer) among(these, those []conj) bool {
	for _, a := range these {
		if !slices.ContainsFunc(those, func(b conj) bool { return c.same(a, b) }) {
			return false
		}
	}
	return true
}

// at moves changes to where they stand in something larger.
func at(token string, changes []Change) []Change {
	out := make([]Change, len(changes))
	for i, ch := range changes {
		ch.Pointer = "/" + token + ch.Pointer
		out[i] = ch
	}
	return out
}

func distinct(all []Change) []Change {
	type id struct {
		pointer, rule, message string
		effect                 Effect
	}
	seen := map[id]bool{}
	return slices.DeleteFunc(all, func(ch Change) bool {
		key := id{ch.Pointer, ch.Rule, ch.Message, ch.Effect}
		again := seen[key]
		seen[key] = true
		return again
	})
}

// typeChanges compares which kinds of values there are.
func typeChanges(was, is map[schema.Types][]*shape) (out []Change) {
	old, now := typesOf(was), typesOf(is)
	if added := now &^ old; added != 0 {
		if added.Has(schema.Null) {
			out = append(out, Change{Rule: "null-allowed", Effect: Breaking, Message: "null is newly allowed", Value: json.RawMessage("null")})
		}
		if rest := added &^ schema.Null; rest != 0 {
			out = append(out, Change{
				Rule: "type", Effect: Breaking, Message: fmt.Sprintf("%s: it was %s", typeNames(now), typeNames(old)), Value: valueOf(rest, is),
			})
		}
	}
	if gone := old &^ now; gone != 0 {
		if gone.Has(schema.Null) {
			out = append(out, Change{Rule: "null-removed", Effect: Compatible, Message: "null is no longer sent"})
		}
		if rest := gone &^ schema.Null; rest != 0 {
			out = append(out, Change{Rule: "type", Effect: Compatible, Message: fmt.Sprintf("only %s: it was %s", typeNames(now), typeNames(old))})
		}
	}
	return out
}

// valueOf is a value of one of the types; nil if none is easily made.
func valueOf(types schema.Types, is map[schema.Types][]*shape) json.RawMessage {
	for _, kind := range kinds {
		for _, s := range is[kind] {
			v := s.sample()
			if kind == schema.Number && !types.Has(schema.Integer) { // whole numbers are nothing new
				v = json.RawMessage("0.5")
			}
			if v != nil && kindOf(v)&types != 0 && s.admits(v) {
				return v
			}
		}
	}
	return nil
}

func typesOf(of map[schema.Types][]*shape) (types schema.Types) {
	for kind, list := range of {
		if kind != schema.Number {
			types |= kind
			continue
		}
		for _, s := range list {
			types |= schema.Integer
			if !s.whole && (s.values == nil || slices.ContainsFunc(s.values.list, func(v json.RawMessage) bool { return kindOf(v) == schema.Number })) {
				types |= schema.Number
			}
		}
	}
	return types
}

func typeNames(t schema.Types) string {
	if t == schema.AnyType {
		return "any value"
	}
	var names []string
	for _, of := range []struct {
		bit  schema.Types
		name string
	}{{schema.Object, "object"}, {schema.Array, "array"}, {schema.String, "string"}, {schema.Number, "number"}, {schema.Integer, "integer"}, {schema.Boolean, "boolean"}, {schema.Null, "null"}} {
		if t&of.bit != 0 && (of.bit != schema.Integer || !t.Has(schema.Number)) {
			names = append(names, of.name)
		}
	}
	return strings.Join(names, " or ")
}
