package faker

import (
	"regexp"
	"regexp/syntax"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/dlclark/regexp2"
)

// A pattern is a compiled "pattern" keyword.
type pattern struct {
	re2  *regexp.Regexp
	ecma *regexp2.Regexp // where RE2 cannot
	slow int             // matches that took too long
}

// maxSlow is how many matches may run into the time limit before the pattern
// counts as matching nothing.
const maxSlow = 3

func (j *judge) pattern(expr string) *pattern {
	p, ok := j.patterns[expr]
	if !ok {
		p = &pattern{}
		// As the compiled schemas have it: the linear engine where it can.
		if re, err := regexp.Compile(expr); err == nil {
			p.re2 = re
		} else if re, err := regexp2.Compile(expr, regexp2.ECMAScript); err == nil {
			re.MatchTimeout = 50 * time.Millisecond
			p.ecma = re
		}
		j.patterns[expr] = p
	}
	return p
}

// linear reports whether the pattern is one that RE2 reads as it is.
func (j *judge) linear(expr string) bool { return j.pattern(expr).re2 != nil }

func (j *judge) matches(expr, s string) bool {
	p := j.pattern(expr)
	switch {
	case p.re2 != nil:
		return p.re2.MatchString(s)
	case p.ecma != nil && p.slow < maxSlow:
		ok, err := p.ecma.MatchString(s)
		if err != nil {
			p.slow++
		}
		return err == nil && ok
	}
	return false
}

// ecma spells an ECMA-262 pattern as RE2 reads it, where the two differ only
// in spelling.
func ecma(expr string) string {
	if !strings.Contains(expr, `\`) && !strings.Contains(expr, `[^]`) {
		return expr
	}
	var b strings.Builder
	for i := 0; i < len(expr); i++ {
		if expr[i] != '\\' || i+1 >= len(expr) {
			b.WriteByte(expr[i])
			continue
		}
		i++
		switch c := expr[i]; {
		case c == 'u' && i+4 < len(expr) && isHex(expr[i+1:i+5]):
			b.WriteString(`\x{` + expr[i+1:i+5] + `}`)
			i += 4
		case c == 'u' && strings.HasPrefix(expr[i+1:], "{"):
			b.WriteString(`\x`)
		case c == 'c' && i+1 < len(expr):
			b.WriteString(`\x{` + string("0123456789abcdef"[expr[i+1]>>4&1]) + string("0123456789abcdef"[expr[i+1]&15]) + `}`)
			i++
		case c == 's':
			b.WriteString(inClass(expr, i, `\s\x{0b}\x{a0}\x{feff}\p{Z}`))
		default:
			b.WriteByte('\\')
			b.WriteByte(c)
		}
	}
	return b.String()
}

// inClass wraps members in brackets unless position i stands inside a class.
func inClass(expr string, i int, members string) string {
	open := false
	for k := 0; k < i; k++ {
		switch expr[k] {
		case '\\':
			k++
		case '[':
			open = true
		case ']':
			open = false
		}
	}
	if open {
		return members
	}
	return "[" + members + "]"
}

func isHex(s string) bool {
	for _, c := range s {
		if !strings.ContainsRune("0123456789abcdefABCDEF", c) {
			return false
		}
	}
	return true
}

// splitLookaheads cuts "^(?=a)(?!b)c" into the rules ^a, not ^b, and ^c.
// Anything else comes back whole.
func splitLookaheads(expr string) (heads []rule, body string) {
	rest, anchored := strings.CutPrefix(expr, "^")
	if !anchored {
		return nil, expr
	}
	for strings.HasPrefix(rest, "(?=") || strings.HasPrefix(rest, "(?!") {
		end := closing(rest)
		if end < 0 {
			return nil, expr
		}
		heads = append(heads, rule{"^(?:" + rest[3:end] + ")", rest[2] == '!'})
		rest = rest[end+1:]
		if rest != "" && strings.ContainsRune("*+?{", rune(rest[0])) {
			return nil, expr
		}
	}
	if strings.Contains(rest, "|") && topLevelBar(rest) && heads != nil {
		return nil, expr // "^(?=a)b|c": the lookahead holds for b only
	}
	return heads, "^" + rest
}

// closing is the index of the parenthesis that closes the one at 0.
func closing(s string) int {
	return find(s, func(c byte, depth int) bool { return c == ')' && depth == 0 })
}

// topLevelBar reports whether a choice stands outside of all parentheses.
func topLevelBar(s string) bool {
	return find(s, func(c byte, depth int) bool { return c == '|' && depth == 0 }) >= 0
}

// find is the index of the first character of an expression that is neither
// escaped nor in a class and that is wanted; -1 if there is none. The depth is
// that of parentheses once the character is read.
func find(s string, wanted func(c byte, depth int) bool) int {
	depth, class := 0, false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\':
			i++
			continue
		case class:
			class = c != ']'
			continue
		case c == '[':
			class = true
		case c == '(':
			depth++
		case c == ')':
			depth--
		}
		if wanted(s[i], depth) {
			return i
		}
	}
	return -1
}

// appendRune appends a rune as it stands inside a JSON string.
func appendRune(dst []byte, r rune) []byte {
	switch {
	case r == '"' || r == '\\':
		return append(dst, '\\', byte(r))
	case r < 0x20:
		const hex = "0123456789abcdef"
		return append(dst, '\\', 'u', '0', '0', hex[r>>4], hex[r&15])
	}
	return utf8.AppendRune(dst, r)
}

// dropLookarounds leaves out what only looks, so that the rest can be spelled.
func dropLookarounds(expr string) string {
	for {
		start := -1
		for _, open := range []string{"(?=", "(?!", "(?<=", "(?<!"} {
			if i := strings.Index(expr, open); i >= 0 && (start < 0 || i < start) {
				start = i
			}
		}
		if start < 0 {
			return expr
		}
		end := closing(expr[start:])
		if end < 0 {
			return expr
		}
		expr = expr[:start] + expr[start+end+1:]
	}
}

// walkPattern writes a string by walking the tree of a pattern. It need not
// match where the pattern looks around: the caller judges.
func walkPattern(re *syntax.Regexp, k key, room int, b *strings.Builder) {
	repeat := func(least, most int) {
		if most < 0 || most > least+3 {
			most = least + 3
		}
		for i := range k.between(least, most) {
			if b.Len() < room {
				walkPattern(re.Sub[0], k.item(i), room, b)
			}
		}
	}
	switch re.Op {
	case syntax.OpLiteral:
		b.WriteString(string(re.Rune))
	case syntax.OpCharClass:
		var ranges []runeRange
		for i := 0; i+1 < len(re.Rune); i += 2 {
			ranges = append(ranges, runeRange{re.Rune[i], re.Rune[i+1]})
		}
		if runes := fairRunes(ranges); len(runes) > 0 {
			b.WriteRune(runes[k.below(uint64(len(runes)))])
		}
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		b.WriteByte('a' + byte(k.below(26)))
	case syntax.OpCapture, syntax.OpConcat:
		for i, sub := range re.Sub {
			walkPattern(sub, k.item(i), room, b)
		}
	case syntax.OpAlternate:
		i := int(k.below(uint64(len(re.Sub))))
		walkPattern(re.Sub[i], k.item(i), room, b)
	case syntax.OpStar:
		repeat(0, -1)
	case syntax.OpPlus:
		repeat(1, -1)
	case syntax.OpQuest:
		repeat(0, 1)
	case syntax.OpRepeat:
		repeat(re.Min, re.Max)
	}
}
