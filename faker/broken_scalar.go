package faker

import (
	"bytes"
	"encoding/json"
	"math/big"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/hookrig/hookrig/contracts/schema"
)

// changes lists texts for the value of a site that may break a rule, the least
// change first. Which of them do, and nothing else, is found out elsewhere.
func (b *breaker) changes(body []byte, s *site, h *held, x breach) func(func([]byte) bool) {
	return func(yield func([]byte) bool) {
		text := body[s.start:s.end]
		n := h.node
		switch x.keyword {
		case "type":
			wrongTypes(text, s.value, yield)
			return
		case "enum":
			_ = nearby(text, s.value, yield) && wrongTypes(text, s.value, yield)
			return
		case "anyOf", "oneOf", "not":
			_ = nearby(text, s.value, yield) && wrongTypes(text, s.value, yield)
			return
		}
		switch v := s.value.(type) {
		case string:
			changeText(v, n, x, yield)
		case json.Number:
			if r, ok := new(big.Rat).SetString(string(v)); ok {
				s.changeNumber(r, n, x, yield)
			}
		case []any:
			b.changeList(text, v, n, x, yield)
		case map[string]any:
			b.changeObject(text, s, n, x, yield)
		}
	}
}

// each yields texts while they are wanted.
func each(yield func([]byte) bool, texts ...string) bool {
	for _, text := range texts {
		if !yield([]byte(text)) {
			return false
		}
	}
	return true
}

// wrongTypes are values of other types, the mistakes that people make first.
func wrongTypes(text []byte, v any, yield func([]byte) bool) bool {
	switch v := v.(type) {
	case json.Number:
		if r, ok := new(big.Rat).SetString(string(v)); ok && r.IsInt() && len(v) < 16 {
			if !each(yield, r.FloatString(0)+".5") {
				return false
			}
		}
		if !yield(quoted(string(v))) {
			return false
		}
	case bool:
		if !yield(quoted(string(text))) {
			return false
		}
	case []any:
		if len(v) > 0 && !yield(encodeValue(v[0])) {
			return false
		}
		return each(yield, `{}`, `"x"`, `null`, `1`, `true`)
	case map[string]any:
		return each(yield, `[]`, `"x"`, `null`, `1`, `true`)
	}
	return each(yield, `1`, `true`, `null`, `"x"`, `[]`, `{}`, `1.5`)
}

func encodeValue(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if e.Encode(v) != nil {
		return []byte("null")
	}
	return bytes.TrimRight(b.Bytes(), "\n")
}

// nearby are other values of the same type.
func nearby(text []byte, v any, yield func([]byte) bool) bool {
	switch v := v.(type) {
	case string:
		return yield(quoted(v+"x")) && twists(v, yield)
	case bool:
		if v {
			return each(yield, "false")
		}
		return each(yield, "true")
	case json.Number:
		r, ok := new(big.Rat).SetString(string(v))
		if !ok {
			return true
		}
		for _, d := range []*big.Rat{big.NewRat(1, 1), big.NewRat(-1, 1), big.NewRat(1, 2), big.NewRat(1000, 1), new(big.Rat).Mul(big.NewRat(-2, 1), r)} {
			if out := spelled(new(big.Rat).Add(r, d)); out != "" && !each(yield, out) {
				return false
			}
		}
	case []any:
		cs := children(text, 0)
		for i := len(cs) - 1; i >= 0; i-- {
			if !yield(remove(text, []string{cs[i].name})) {
				return false
			}
		}
		if !each(yield, "[]") {
			return false
		}
		for _, more := range []string{`"x"`, `1`, `null`} {
			if !yield(insert(text, 0, cs, len(cs), []byte(more))) {
				return false
			}
		}
	case map[string]any:
		cs := children(text, 0)
		for _, c := range cs {
			if !yield(remove(text, []string{c.name})) {
				return false
			}
		}
		return yield(insert(text, 0, cs, len(cs), []byte(`"extra":"x"`))) && each(yield, "{}")
	}
	return true
}

// spelled is a number in plain digits, "" where it has no end.
func spelled(r *big.Rat) string {
	scale, _ := decimals(unitOf(r))
	if scale < 0 || !multiple(r, unitOf(r)) {
		return ""
	}
	return trimZeros(r.FloatString(scale))
}

func changeText(v string, n *schema.Node, x breach, yield func([]byte) bool) {
	switch x.keyword {
	case "format", "pattern":
		twists(v, yield)
	case "minLength":
		r := []rune(v)
		if k := *n.MinLength - 1; k <= len(r) {
			_ = yield(quoted(string(r[:k]))) && yield(quoted(string(r[len(r)-k:])))
		}
	case "maxLength":
		if *n.MaxLength < schema.DefaultLimits.Bytes {
			longer(v, *n.MaxLength+1-utf8.RuneCountInString(v), yield)
		}
	}
}

// longer adds characters to a text: more of its kind.
func longer(v string, count int, yield func([]byte) bool) bool {
	if count <= 0 {
		return true
	}
	r := []rune(v)
	if len(r) == 0 {
		return yield(quoted(strings.Repeat("x", count)))
	}
	last := string(r[len(r)-1:])
	middle := len(r) / 2
	return yield(quoted(v+strings.Repeat(last, count))) &&
		yield(quoted(v+strings.Repeat("x", count))) &&
		yield(quoted(strings.Repeat(string(r[:1]), count)+v)) &&
		yield(quoted(string(r[:middle])+strings.Repeat(string(r[middle]), count)+string(r[middle:])))
}

// twists are texts that differ in one character: another one of its kind,
// then one of another kind, then one more or one less.
func twists(v string, yield func([]byte) bool) bool {
	const longest = 64 // of longer texts only the two ends are looked at
	r := []rune(v)
	var at []int
	for i := range r {
		if i < longest/2 || i >= len(r)-longest/2 {
			at = append(at, i)
		}
	}
	for _, kinds := range []bool{true, false} {
		for _, i := range at {
			for _, c := range others(r[i], kinds) {
				changed := slices.Clone(r)
				changed[i] = c
				if !yield(quoted(string(changed))) {
					return false
				}
			}
		}
	}
	for _, c := range "x0 -_.~%" {
		if !yield(quoted(v+string(c))) || !yield(quoted(string(c)+v)) {
			return false
		}
	}
	if len(r) > 0 && !(yield(quoted(string(r[1:]))) && yield(quoted(string(r[:len(r)-1])))) {
		return false
	}
	return yield([]byte(`""`))
}

// others are characters to put in the place of one, of its kind or not.
func others(c rune, same bool) []rune {
	var all string
	switch {
	case unicode.IsDigit(c) && same:
		all = "90"
	case unicode.IsUpper(c) && same:
		all = "ZA"
	case unicode.IsLetter(c) && same:
		all = "zag"
	case same:
		all = "-_. "
	default:
		all = "x0_- .%~("
	}
	return slices.DeleteFunc([]rune(all), func(r rune) bool { return r == c })
}

// changeNumber looks for the number nearest to a bound, or between multiples.
func (s *site) changeNumber(v *big.Rat, n *schema.Node, x breach, yield func([]byte) bool) {
	give := func(r *big.Rat) bool {
		text := spelled(r)
		return text == "" || yield([]byte(text))
	}
	one := big.NewRat(1, 1)
	if x.keyword == "multipleOf" {
		half := new(big.Rat).Quo(n.MultipleOf, big.NewRat(2, 1))
		tenth := new(big.Rat).Quo(n.MultipleOf, big.NewRat(10, 1))
		for _, d := range []*big.Rat{one, half, tenth, big.NewRat(1, 1000)} {
			if !give(new(big.Rat).Add(v, d)) || !give(new(big.Rat).Sub(v, d)) {
				return
			}
		}
		return
	}
	bound := map[string]*big.Rat{
		"minimum": n.Minimum, "exclusiveMinimum": n.ExclusiveMinimum, "maximum": n.Maximum, "exclusiveMaximum": n.ExclusiveMaximum,
	}[x.keyword]
	if bound == nil {
		return
	}
	for _, step := range s.stepsOf(bound) {
		k := new(big.Rat).Quo(bound, step)
		multiple := floor(k)
		switch x.keyword {
		case "minimum":
			multiple = new(big.Int).Sub(ceil(k), big.NewInt(1))
		case "maximum":
			multiple = new(big.Int).Add(floor(k), big.NewInt(1))
		case "exclusiveMaximum":
			multiple = ceil(k)
		}
		if !give(new(big.Rat).Mul(new(big.Rat).SetInt(multiple), step)) {
			return
		}
	}
}

// stepsOf are the distances of the numbers at a site: the multiples that its
// schemas ask for, else whole numbers or cents, and then finer ones.
func (s *site) stepsOf(bound *big.Rat) []*big.Rat {
	var asked *big.Rat
	whole := false
	for _, h := range s.held {
		if m := h.node.MultipleOf; m != nil && m.Sign() > 0 {
			asked = commonMultiple(asked, m)
		}
		whole = whole || h.node.Types&(schema.Number|schema.Integer) == schema.Integer
	}
	one := big.NewRat(1, 1)
	switch {
	case whole:
		return []*big.Rat{commonMultiple(asked, one), one}
	case asked != nil:
		return []*big.Rat{asked, one}
	case bound.IsInt():
		return []*big.Rat{one, big.NewRat(1, 100)}
	}
	return []*big.Rat{unitOf(bound), big.NewRat(1, 100), one}
}
