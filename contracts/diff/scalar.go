package diff

import (
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/hookrig/hookrig/contracts/schema"
)

// listed compares with a shape that lists its values: each is looked at.
func listed(was, is *shape) (out []Change) {
	if was.values == nil && (is.kind == schema.Array || is.kind == schema.Object) {
		return []Change{{Rule: "values", Effect: Unclear, Message: fmt.Sprintf("only listed values are sent (%d), and nobody looked whether the old version allows each", len(is.values.list))}}
	}
	for _, v := range is.values.list {
		if is.admits(v) && !was.admits(v) {
			out = append(out, Change{Rule: "value-added", Effect: Breaking, Message: "a new value: " + short(v), Value: v})
		}
	}
	switch {
	case was.values != nil:
		for _, v := range was.values.without(is.values) {
			out = append(out, Change{Rule: "value-removed", Effect: Compatible, Message: "a value that is no longer sent: " + short(v)})
		}
	case is.kind != schema.Boolean && is.kind != schema.Null:
		out = append(out, Change{Rule: "values", Effect: Compatible, Message: fmt.Sprintf("only listed values are sent: %d", len(is.values.list))})
	}
	return out
}

// unlisted compares a shape that lists its values with one that does not. Of
// booleans there are two all the same.
func unlisted(was, is *shape) []Change {
	if is.kind == schema.Null {
		return nil
	}
	all := []json.RawMessage{json.RawMessage("false"), json.RawMessage("true")}
	if is.kind != schema.Boolean {
		all = candidates(is)
	}
	for _, v := range append(all, is.sample()) {
		if v != nil && is.admits(v) && !was.values.has(v) {
			return []Change{{Rule: "values", Effect: Breaking, Message: fmt.Sprintf("any %s: it was one of %d listed values", kindName(is), len(was.values.list)), Value: v}}
		}
	}
	if is.kind == schema.Boolean {
		return nil
	}
	return []Change{{Rule: "values", Effect: Unclear, Message: "the values are no longer listed, and no other one was found"}}
}

func kindName(s *shape) string {
	if s.whole {
		return "integer"
	}
	return typeNames(s.kind)
}

// texts compares lengths, patterns and formats.
func texts(was, is *shape) []Change {
	out := sizes("length", "characters", was, is)
	for i := range out {
		if out[i].Effect == Breaking {
			out[i].Value = witness(was, is)
		}
	}
	out = append(out, rules("pattern", was.patterns, is.patterns, was, is)...)
	return append(out, rules("format", was.formats, is.formats, was, is)...)
}

// rules compares patterns or formats. A new one beside the old ones narrows. For
// the rest nobody can say which texts keep two patterns; a text that keeps only
// the new version is proof.
func rules(rule string, was, is []string, before, after *shape) []Change {
	gone := slices.DeleteFunc(slices.Clone(was), func(s string) bool { return slices.Contains(is, s) })
	added := slices.DeleteFunc(slices.Clone(is), func(s string) bool { return slices.Contains(was, s) })
	switch {
	case len(gone)+len(added) == 0:
		return nil
	case len(gone) == 0:
		return []Change{{Rule: rule, Effect: Compatible, Message: fmt.Sprintf("a %s is promised: %s", rule, strings.Join(added, ", "))}}
	}
	ch := Change{Rule: rule, Effect: Unclear}
	if len(added) > 0 {
		ch.Message = fmt.Sprintf("the %s is %s; it was %s", rule, strings.Join(added, ", "), strings.Join(gone, ", "))
	} else {
		ch.Message = fmt.Sprintf("the %s %s is no longer promised", rule, strings.Join(gone, ", "))
	}
	if v := witness(before, after); v != nil {
		ch.Effect, ch.Value = Breaking, v
	}
	return []Change{ch}
}

// sizes compares how long a text or a list may be, or how many members there are.
func sizes(rule, unit string, was, is *shape) (out []Change) {
	say := func(effect Effect, what string, now, old *int, none string) {
		out = append(out, Change{Rule: rule, Effect: effect, Message: fmt.Sprintf("%s %s %s; it was %s", what, bound(now, none), unit, bound(old, none))})
	}
	if lower, same := before(is.minSize, was.minSize, 0), equal(is.minSize, was.minSize); !same {
		say(effectOf(lower), "at least", is.minSize, was.minSize, "0")
	}
	if higher, same := before(was.maxSize, is.maxSize, -1), equal(is.maxSize, was.maxSize); !same {
		say(effectOf(higher), "at most", is.maxSize, was.maxSize, "any number of")
	}
	return out
}

func effectOf(wider bool) Effect {
	if wider {
		return Breaking
	}
	return Compatible
}

func equal(a, b *int) bool { return a == nil && b == nil || a != nil && b != nil && *a == *b }

// before reports whether a is less than b; what is absent is so much, or
// endless for -1.
func before(a, b *int, absent int) bool {
	value := func(p *int) int {
		switch {
		case p != nil:
			return *p
		case absent < 0:
			return int(^uint(0) >> 1)
		}
		return absent
	}
	return value(a) < value(b)
}

func bound(n *int, none string) string {
	if n == nil {
		return none
	}
	return fmt.Sprint(*n)
}

// numbers compares ranges and steps. That whole numbers become fractions is told
// as a change of type.
func numbers(was, is *shape) (out []Change) {
	for _, side := range []struct {
		name    string
		was, is limit
		sign    int
	}{{"at least", was.min, is.min, 1}, {"at most", was.max, is.max, -1}} {
		wider := side.was.beyond(side.is, side.sign)
		if !wider && !side.is.beyond(side.was, side.sign) {
			continue
		}
		ch := Change{Rule: "range", Effect: effectOf(wider), Message: fmt.Sprintf("%s %s; it was %s", side.name, side.is, side.was)}
		if wider {
			ch.Value = witness(was, is)
		}
		out = append(out, ch)
	}
	return append(out, steps(was, is)...)
}

// steps compares "multipleOf": what is a multiple of 10 is one of 5.
func steps(was, is *shape) []Change {
	var gone []string
	for _, m := range was.multiples {
		kept := is.whole && new(big.Rat).Inv(m).IsInt()
		for _, n := range is.multiples {
			kept = kept || new(big.Rat).Quo(n, m).IsInt()
		}
		if !kept {
			gone = append(gone, decimal(m))
		}
	}
	if len(gone) > 0 {
		ch := Change{Rule: "step", Effect: Unclear, Message: "no longer a multiple of " + strings.Join(gone, ", ")}
		if v := witness(was, is); v != nil {
			ch.Effect, ch.Value = Breaking, v
		}
		return []Change{ch}
	}
	var added []string
	for _, n := range is.multiples {
		if !slices.ContainsFunc(was.multiples, func(m *big.Rat) bool { return m.Cmp(n) == 0 }) {
			added = append(added, decimal(n))
		}
	}
	if len(added) > 0 {
		return []Change{{Rule: "step", Effect: Compatible, Message: "only multiples of " + strings.Join(added, ", ")}}
	}
	return nil
}

// beyond reports whether the bound is narrower than another: sign 1 for lower
// bounds, -1 for upper ones.
func (l limit) beyond(o limit, sign int) bool {
	switch {
	case l.at == nil:
		return false
	case o.at == nil:
		return true
	}
	if d := l.at.Cmp(o.at) * sign; d != 0 {
		return d > 0
	}
	return l.open && !o.open
}

func (l limit) String() string {
	switch {
	case l.at == nil:
		return "any number"
	case l.open:
		return decimal(l.at) + " (excluded)"
	}
	return decimal(l.at)
}

func decimal(r *big.Rat) string {
	n, exact := r.FloatPrec()
	if !exact {
		return r.RatString()
	}
	return r.FloatString(n)
}

// admits reports whether a value keeps what the shape says of scalars: it is
// asked of a compiled schema, so that formats and patterns mean what they mean
// there. Members, items and conditions are not looked at.
func (s *shape) admits(v json.RawMessage) bool {
	if s.values != nil && !s.values.has(v) {
		return false
	}
	if s.judge == nil {
		s.judge = s.compiled()
	}
	return s.judge(v)
}

func (s *shape) compiled() func(json.RawMessage) bool {
	rules := []any{map[string]any{"type": kindName(s)}}
	also := func(keyword string, value any) { rules = append(rules, map[string]any{keyword: value}) }
	for _, p := range s.patterns {
		also("pattern", p)
	}
	for _, f := range s.formats {
		also("format", f)
	}
	for _, m := range s.multiples {
		also("multipleOf", json.Number(decimal(m)))
	}
	for keyword, l := range map[string]limit{"inimum": s.min, "aximum": s.max} {
		if l.at != nil && l.open {
			also("exclusiveM"+keyword, json.Number(decimal(l.at)))
		} else if l.at != nil {
			also("m"+keyword, json.Number(decimal(l.at)))
		}
	}
	if s.kind == schema.String && s.minSize != nil {
		also("minLength", *s.minSize)
	}
	if s.kind == schema.String && s.maxSize != nil {
		also("maxLength", *s.maxSize)
	}
	never := func(json.RawMessage) bool { return false }
	text, err := json.Marshal(map[string]any{"allOf": rules})
	if err != nil {
		return never
	}
	doc, err := schema.Read("shape.json", text, schema.Limits{})
	if err != nil {
		return never
	}
	compiled, err := schema.Compile(doc, "", schema.Options{})
	if err != nil {
		return never
	}
	return func(v json.RawMessage) bool { return len(compiled.Validate(v)) == 0 }
}

// witness is a scalar that keeps the new shape and not the old one; nil if none
// is found. Where other conditions judge the value it proves nothing.
func witness(was, is *shape) json.RawMessage {
	if len(is.conditions) > 0 {
		return nil
	}
	for _, v := range append(candidates(is), candidates(was)...) {
		if is.admits(v) && !was.admits(v) {
			return v
		}
	}
	return nil
}

// longest bounds the texts that are made as witnesses.
const longest = 20_000

// candidates are values of many forms, those at the shape's own bounds first.
func candidates(s *shape) (out []json.RawMessage) {
	switch s.kind {
	case schema.String:
		for _, edge := range []*int{s.maxSize, s.minSize} {
			if edge == nil {
				continue
			}
			for _, n := range []int{*edge, *edge + 1, *edge - 1} {
				if n >= 0 && n <= longest {
					out = append(out, quoted(strings.Repeat("x", n)), quoted(strings.Repeat("7", n)), quoted(strings.Repeat("X", n)))
				}
			}
		}
		for _, text := range forms {
			out = append(out, quoted(text))
		}
	case schema.Number:
		one := big.NewRat(1, 1)
		for _, edge := range []limit{s.min, s.max} {
			if edge.at == nil {
				continue
			}
			for _, by := range []*big.Rat{new(big.Rat), one, big.NewRat(-1, 1), big.NewRat(1, 100), big.NewRat(-1, 100)} {
				out = append(out, json.RawMessage(decimal(new(big.Rat).Add(edge.at, by))))
			}
		}
		for _, m := range s.multiples {
			for _, k := range []int64{1, 2, 3, 7} {
				out = append(out, json.RawMessage(decimal(new(big.Rat).Mul(m, big.NewRat(k, 1)))))
			}
		}
		for _, text := range []string{"0", "1", "-1", "0.5", "0.001", "7", "1000003", "4294967297", "-1000003"} {
			out = append(out, json.RawMessage(text))
		}
	}
	return out
}

// forms are texts of the formats and codes that contracts have.
var forms = []string{
	"hookrig", "", "0", "-1.5", "2026-01-02T03:04:05Z", "2026-01-02", "03:04:05Z", "P1D", "a@b.example", "b.example",
	"https://b.example/c", "/c", "192.0.2.1", "2001:db8::1", "123e4567-e89b-42d3-a456-426614174000", "ABC", "abc-def", "AB12", "2026-01-02 03:04:05", "x y z", "ž", "en_GB", "de",
}

func quoted(s string) json.RawMessage {
	out, err := json.Marshal(s)
	if err != nil { // a string can be written
		return json.RawMessage(`""`)
	}
	return out
}

// sample is some value of the shape, nil where it is not easily made.
func (s *shape) sample() json.RawMessage {
	switch {
	case s.values != nil:
		return s.values.list[0]
	case s.kind == schema.Null:
		return json.RawMessage("null")
	case s.kind == schema.Boolean:
		return json.RawMessage("true")
	case s.kind == schema.Array && s.minSize == nil && len(s.conditions) == 0:
		return json.RawMessage("[]")
	case s.kind == schema.Object && s.minSize == nil && len(s.required) == 0 && len(s.conditions) == 0:
		return json.RawMessage("{}")
	}
	for _, v := range candidates(s) {
		if len(s.conditions) == 0 && s.admits(v) {
			return v
		}
	}
	return nil
}

func sampleOf(of map[schema.Types][]*shape) json.RawMessage {
	for _, kind := range kinds {
		for _, s := range of[kind] {
			if v := s.sample(); v != nil {
				return v
			}
		}
	}
	return nil
}

// describe tells a form of a value by what it is, and by the member in which it
// says what it is.
func (c *comparer) describe(s *shape) string {
	if s.values != nil {
		return short(s.values.list[0])
	}
	for _, name := range s.required {
		if m := c.only(s.member(name)); m != nil && m.values != nil && len(m.values.list) == 1 {
			return fmt.Sprintf("%s with %s %s", kindName(s), name, short(m.values.list[0]))
		}
	}
	return kindName(s)
}

func short(v json.RawMessage) string {
	const most = 60
	if text := string(v); utf8.RuneCountInString(text) > most {
		return string([]rune(text)[:most]) + "…"
	}
	return string(v)
}
