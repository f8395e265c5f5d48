package faker

import (
	"encoding/json"
	"fmt"
	"regexp/syntax"
	"slices"
	"strings"
)

// textRules are all that a branch says of a string.
type textRules struct {
	shortest, longest int // in characters; longest -1: no bound
	patterns          []rule
	formats           []string
	notFormats        []string
	avoid             []string
	only              []string // of an enum

	words *language // of patterns and formats; nil where nothing asks for one
	table []string  // instead, where no automaton can be built
}

func (s *solver) textRules(b *branch) *textRules {
	r := &textRules{longest: -1}
	for _, n := range b.kept {
		if n.MinLength != nil {
			r.shortest = max(r.shortest, *n.MinLength)
		}
		if n.MaxLength != nil && (r.longest < 0 || *n.MaxLength < r.longest) {
			r.longest = max(0, *n.MaxLength)
		}
		if p := (rule{n.Pattern, false}); n.Pattern != "" && !slices.Contains(r.patterns, p) {
			r.patterns = append(r.patterns, p)
		}
		if n.Format != "" && s.judge.knows(n.Format) && !slices.Contains(r.formats, n.Format) {
			r.formats = append(r.formats, n.Format)
		}
	}
	for _, n := range b.broken {
		if n.Pattern != "" {
			r.patterns = append(r.patterns, rule{n.Pattern, true})
		}
		if n.Format != "" && s.judge.knows(n.Format) {
			r.notFormats = append(r.notFormats, n.Format)
		}
		for _, raw := range n.Enum {
			if v, err := decode(raw); err == nil {
				if text, ok := v.(string); ok {
					r.avoid = append(r.avoid, text)
				}
			}
		}
	}
	if r.longest >= 0 && r.longest < r.shortest {
		return nil
	}
	if !s.spell(r, b) {
		return nil
	}
	return r
}

func (r *textRules) plain() bool {
	return len(r.patterns) == 0 && len(r.formats) == 0 && len(r.notFormats) == 0 && len(r.avoid) == 0
}

// admits judges a candidate against the rules.
func (s *solver) admits(r *textRules, text string) bool {
	length := len([]rune(text))
	if length < r.shortest || r.longest >= 0 && length > r.longest || slices.Contains(r.avoid, text) || r.only != nil && !slices.Contains(r.only, text) {
		return false
	}
	for _, p := range r.patterns {
		if s.judge.matches(p.expr, text) == p.not {
			return false
		}
	}
	for _, f := range r.formats {
		if !s.judge.format(f, text) {
			return false
		}
	}
	for _, f := range r.notFormats {
		if s.judge.format(f, text) {
			return false
		}
	}
	return true
}

// maxAvoided bounds the single words that an automaton leaves out.
const maxAvoided = 500

// spell finds words that keep the rules: a language where patterns and formats
// are regular, else those of a few likely candidates that pass.
func (s *solver) spell(r *textRules, b *branch) bool {
	if r.plain() {
		return true
	}
	if len(r.notFormats) > 0 || len(r.avoid) > maxAvoided {
		return s.tabulate(r, b)
	}
	rules := slices.Clone(r.patterns)
	for _, f := range r.formats {
		expr := formatExpr(f)
		if expr == "" {
			return s.tabulate(r, b)
		}
		rules = append(rules, rule{expr, false})
	}
	for _, a := range r.avoid {
		rules = append(rules, rule{"^" + quoteMeta(a) + "$", true})
	}
	l, err := s.language(rules, r.shortest, r.longest)
	switch {
	case err != nil:
		return s.tabulate(r, b)
	case l.total == 0 && len(r.formats) > 0:
		return s.tabulate(r, b) // our part of the format is not all of it
	case l.total == 0:
		return false
	}
	if slices.ContainsFunc(r.patterns, func(p rule) bool { return !s.judge.linear(p.expr) }) {
		// Our reading of the pattern is not the engine's own.
		for i := range uint64(candidates) {
			if !s.admits(r, unescape(l.draw(nil, key(mix(i, 3))))) {
				return s.tabulate(r, b)
			}
		}
	}
	r.words = l
	return true
}

func (s *solver) language(rules []rule, shortest, longest int) (*language, error) {
	k := fmt.Sprintf("%#v %d %d", rules, shortest, longest)
	if l, ok := s.strings[k]; ok {
		if l == nil {
			return nil, tooLargeError{}
		}
		return l, nil
	}
	l, err := newLanguage(rules, shortest, longest)
	s.strings[k] = l
	if err != nil {
		s.strings[k] = nil
	}
	return l, err
}

// tabulate keeps of the examples in the schema and of likely words those that
// pass.
func (s *solver) tabulate(r *textRules, b *branch) bool {
	var tries []string
	for _, n := range implied(b.kept) {
		for _, raw := range append(slices.Clone(n.Examples), n.Default) {
			var text string
			if raw != nil && json.Unmarshal(raw, &text) == nil {
				tries = append(tries, text)
			}
		}
	}
	for _, f := range r.formats {
		tries = append(tries, formatSamples(f)...)
	}
	for _, p := range r.patterns {
		tries = append(tries, s.near(p, r)...)
	}
	tries = append(tries, likelyWords(r.shortest, r.longest)...)
	for _, c := range tries {
		if s.admits(r, c) && !slices.Contains(r.table, c) {
			r.table = append(r.table, c)
		}
	}
	if len(r.table) == 0 {
		s.gaveUp = fmt.Sprintf("no string found for %s", r.describe())
	}
	return len(r.table) > 0
}

// near makes words of a pattern without its lookarounds, which often keep them
// as well, and words from a walk through the pattern.
func (s *solver) near(p rule, r *textRules) (words []string) {
	if p.not {
		return nil
	}
	expr := dropLookarounds(p.expr)
	if l, err := s.language([]rule{{expr, false}}, r.shortest, r.longest); err == nil && l.total > 0 {
		for i := range uint64(candidates) {
			words = append(words, unescape(l.draw(nil, key(mix(i, 1)))))
		}
	}
	if re, err := syntax.Parse(ecma(expr), syntax.Perl); err == nil {
		for i := range uint64(candidates) {
			var b strings.Builder
			walkPattern(re, key(mix(i, 2)), 10_000, &b)
			words = append(words, b.String())
		}
	}
	return words
}

// candidates is how many words are tried where no automaton helps.
const candidates = 200

func (r *textRules) describe() string {
	var parts []string
	for _, p := range r.patterns {
		not := ""
		if p.not {
			not = "not "
		}
		parts = append(parts, fmt.Sprintf("%spattern %q", not, p.expr))
	}
	for _, f := range r.formats {
		parts = append(parts, fmt.Sprintf("format %q", f))
	}
	for _, f := range r.notFormats {
		parts = append(parts, fmt.Sprintf("not format %q", f))
	}
	if r.shortest > 0 || r.longest >= 0 {
		parts = append(parts, fmt.Sprintf("length %d to %d", r.shortest, r.longest))
	}
	return strings.Join(parts, ", ")
}

func unescape(text []byte) string {
	var out string
	if json.Unmarshal(append(append([]byte{'"'}, text...), '"'), &out) != nil {
		return string(text)
	}
	return out
}

func quoteMeta(s string) string {
	var b strings.Builder
	for _, r := range s {
		if strings.ContainsRune(`\.+*?()|[]{}^$`, r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// likelyWords are words of every length between the bounds, for tables of last
// resort.
func likelyWords(shortest, longest int) []string {
	const text = "abcdefghijklmnopqrstuvwxyz0123456789"
	words := []string{"", "a", "A1", "abc", "ABC", "Abc1", "123", "0", "-1", "a-b", "a_b", "a.b", "a b", "Aa1!aaaa", "https://example.com/a", "a@example.com", "2026-01-15", "é", "\n"}
	if longest < 0 || longest > shortest+8 {
		longest = shortest + 8
	}
	for n := shortest; n <= longest && n < 100_000; n++ {
		words = append(words, strings.Repeat(text, n/len(text)+1)[:n])
	}
	return words
}
