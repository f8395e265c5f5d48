package faker

import (
	"encoding/binary"
	"fmt"
	mathbits "math/bits"
	"regexp/syntax"
	"slices"
	"strings"
	"unicode"
)

// A language is a set of strings that all meet several patterns and none of
// several others, with a length between two bounds. Its words are numbered, so
// that drawing a word is drawing a number and different numbers give different
// words.
//
// It is the product of one automaton for each pattern over a common partition
// of the alphabet: two runes that no pattern tells apart are one letter.
type language struct {
	letters [][]rune // for each letter the runes that we write
	plain   []string // the same where they are ASCII without escapes
	states  []langState
	start   int
	lengths []int      // the lengths that we draw from, at least one unless empty
	counts  [][]uint64 // by remaining length and state: how many words, capped
	chain   []string   // by position, where all words have one form: "^[A-Z]{2}[0-9]{4}$"
	total   uint64
}

type langState struct {
	next   []int // by letter; -1 is the dead state
	only   int   // the one letter that does not lead there; -1: several do not
	accept bool
}

const (
	maxLangStates = 4000
	maxLangCells  = 4_000_000
	manyWords     = uint64(1) << 40 // counts are capped here
	spread        = 8               // how many lengths above the shortest we draw from
)

// rule is one pattern of a language.
type rule struct {
	expr string
	not  bool
}

// errTooLarge: the automaton outgrew its bounds.
type tooLargeError struct{}

func (tooLargeError) Error() string { return "the patterns need too large an automaton" }

// newLanguage builds the language of all rules with lengths from shortest to
// longest (-1: no bound). An empty language is no error: its total is 0.
func newLanguage(rules []rule, shortest, longest int) (*language, error) {
	var parts []*machine
	for _, r := range rules {
		m, err := compileRule(r)
		if err != nil {
			return nil, err
		}
		parts = append(parts, m...)
	}
	l := &language{}
	ranges := partition(parts)
	for _, p := range ranges {
		letters := fairRunes(p)
		l.letters = append(l.letters, letters)
		if slices.ContainsFunc(letters, func(r rune) bool { return r < ' ' || r > '~' || r == '"' || r == '\\' }) {
			letters = nil
		}
		l.plain = append(l.plain, string(letters))
	}
	if err := l.product(parts, ranges); err != nil {
		return nil, err
	}
	if err := l.count(shortest, longest); err != nil {
		return nil, err
	}
	l.straighten()
	return l, nil
}

// straighten finds the chain.
func (l *language) straighten() {
	if len(l.lengths) != 1 {
		return
	}
	s := l.start
	var chain []string
	for range l.lengths[0] {
		only := l.states[s].only
		if only < 0 || l.plain[only] == "" {
			return
		}
		chain = append(chain, l.plain[only])
		s = l.states[s].next[only]
	}
	l.chain = chain
}

// machine is one pattern as a program, with the sets of instructions that it
// can be at as states, made on demand.
type machine struct {
	prog   *syntax.Prog
	not    bool
	words  bool // uses \b or \B
	lines  bool // uses (?m)
	ids    map[string]int
	sets   []pcSet
	steps  [][]int // by state and letter; -1: not yet known
	begins bool    // can only match at the beginning

	buf   []byte
	next  []uint32
	runes []uint32
	stack []uint32
	marks []uint32 // per instruction, the last closure that saw it
	mark  uint32
}

// pcSet is a state: the instructions before assertions are looked at, what
// stood before, and whether the pattern has matched already.
type pcSet struct {
	pcs     []uint32
	before  rune // -1 at the beginning, else a representative
	matched bool
}

// compileRule turns a pattern as JSON Schema has it (unanchored, ECMA-262)
// into machines. Lookaheads at its beginning become machines of their own.
func compileRule(r rule) ([]*machine, error) {
	heads, body := splitLookaheads(r.expr)
	if r.not && len(heads) > 0 {
		return nil, fmt.Errorf("pattern %q is refused by a \"not\" and looks ahead", r.expr)
	}
	var ms []*machine
	for _, x := range append(heads, rule{body, r.not}) {
		re, err := syntax.Parse(ecma(x.expr), syntax.Perl)
		if err != nil {
			return nil, fmt.Errorf("pattern %q: %w", r.expr, err)
		}
		prog, err := syntax.Compile(re.Simplify())
		if err != nil {
			return nil, fmt.Errorf("pattern %q: %w", r.expr, err)
		}
		m := &machine{
			prog: prog, not: x.not, ids: map[string]int{}, marks: make([]uint32, len(prog.Inst)),
			begins: prog.StartCond()&syntax.EmptyBeginText != 0,
		}
		for _, in := range prog.Inst {
			if in.Op == syntax.InstEmptyWidth {
				op := syntax.EmptyOp(in.Arg)
				m.words = m.words || op&(syntax.EmptyWordBoundary|syntax.EmptyNoWordBoundary) != 0
				m.lines = m.lines || op&(syntax.EmptyBeginLine|syntax.EmptyEndLine) != 0
			}
		}
		ms = append(ms, m)
	}
	return ms, nil
}

// runeRange is an inclusive range.
type runeRange struct{ lo, hi rune }

// partition cuts the alphabet where any pattern distinguishes runes and joins
// the pieces that all patterns treat alike.
func partition(ms []*machine) [][]runeRange {
	cuts := map[rune]bool{0: true, 0xd800: true, 0xe000: true}
	cut := func(lo, hi rune) { cuts[lo] = true; cuts[hi+1] = true }
	for _, m := range ms {
		for i := range m.prog.Inst {
			in := &m.prog.Inst[i]
			switch in.Op {
			case syntax.InstRune, syntax.InstRune1:
				for _, r := range instRanges(in) {
					cut(r.lo, r.hi)
				}
			case syntax.InstRuneAnyNotNL:
				cut('\n', '\n')
			}
		}
		if m.words {
			cut('0', '9')
			cut('A', 'Z')
			cut('_', '_')
			cut('a', 'z')
		}
		if m.lines {
			cut('\n', '\n')
		}
	}
	var at []rune
	for c := range cuts {
		if c <= unicode.MaxRune {
			at = append(at, c)
		}
	}
	slices.Sort(at)
	byKind := map[string]int{}
	var letters [][]runeRange
	for i, lo := range at {
		hi := rune(unicode.MaxRune)
		if i+1 < len(at) {
			hi = at[i+1] - 1
		}
		if lo == 0xd800 {
			continue // surrogates are no characters
		}
		var kind strings.Builder
		for _, m := range ms {
			m.kind(lo, &kind)
		}
		k, ok := byKind[kind.String()]
		if !ok {
			k = len(letters)
			byKind[kind.String()] = k
			letters = append(letters, nil)
		}
		letters[k] = append(letters[k], runeRange{lo, hi})
	}
	return letters
}

// kind writes how the machine treats a rune.
func (m *machine) kind(r rune, b *strings.Builder) {
	for i := range m.prog.Inst {
		in := &m.prog.Inst[i]
		switch in.Op {
		case syntax.InstRune, syntax.InstRune1, syntax.InstRuneAny, syntax.InstRuneAnyNotNL:
			b.WriteByte("01"[bit(in.MatchRune(r))])
		}
	}
	if m.words {
		b.WriteByte("01"[bit(syntax.IsWordChar(r))])
	}
	if m.lines {
		b.WriteByte("01"[bit(r == '\n')])
	}
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

func instRanges(in *syntax.Inst) []runeRange {
	var rs []runeRange
	if len(in.Rune) == 1 {
		r0 := in.Rune[0]
		rs = append(rs, runeRange{r0, r0})
		if syntax.Flags(in.Arg)&syntax.FoldCase != 0 {
			for r := unicode.SimpleFold(r0); r != r0; r = unicode.SimpleFold(r) {
				rs = append(rs, runeRange{r, r})
			}
		}
		return rs
	}
	for i := 0; i+1 < len(in.Rune); i += 2 {
		rs = append(rs, runeRange{in.Rune[i], in.Rune[i+1]})
	}
	return rs
}

// fairRunes chooses the runes that we write for a letter: what reads well.
func fairRunes(rs []runeRange) []rune {
	has := func(r rune) bool {
		return slices.ContainsFunc(rs, func(x runeRange) bool { return x.lo <= r && r <= x.hi })
	}
	pick := func(lo, hi rune, ok func(rune) bool) (out []rune) {
		for r := lo; r <= hi; r++ {
			if has(r) && ok(r) {
				out = append(out, r)
			}
		}
		return out
	}
	any := func(rune) bool { return true }
	if lower := pick('a', 'z', any); len(lower) == 26 {
		return lower
	}
	alnum := func(r rune) bool { return r < 128 && (unicode.IsLetter(r) || unicode.IsDigit(r)) }
	if out := pick('0', 'z', alnum); out != nil {
		return out
	}
	if out := pick('!', '~', func(r rune) bool { return r != '"' && r != '\\' }); out != nil {
		return out
	}
	if out := pick(' ', '~', any); out != nil {
		return out
	}
	var out []rune
	for _, graphic := range []bool{true, false} {
		for _, x := range rs {
			for r := x.lo; r <= x.hi && r-x.lo < 512 && len(out) < 32; r++ {
				if !graphic || unicode.IsLetter(r) || unicode.IsDigit(r) {
					out = append(out, r)
				}
			}
		}
		if out != nil {
			break
		}
	}
	return out
}

// product builds the states that can be reached together.
func (l *language) product(parts []*machine, ranges [][]runeRange) error {
	reps := make([]rune, len(ranges))
	for i, rs := range ranges {
		reps[i] = rs[0].lo
	}
	ids := map[string]int{}
	var tuples [][]int
	var buf []byte
	intern := func(t []int) int {
		buf = buf[:0]
		for _, s := range t {
			buf = binary.AppendUvarint(buf, uint64(s))
		}
		id, ok := ids[string(buf)]
		if !ok {
			id = len(tuples)
			ids[string(buf)] = id
			tuples = append(tuples, slices.Clone(t))
		}
		return id
	}
	t := make([]int, len(parts))
	for i, m := range parts {
		t[i] = m.intern(pcSet{pcs: []uint32{uint32(m.prog.Start)}, before: -1})
	}
	intern(t)
	for s := 0; s < len(tuples); s++ {
		if len(tuples) > maxLangStates || len(tuples)*len(ranges) > maxLangCells {
			return tooLargeError{}
		}
		st := langState{next: make([]int, len(ranges)), accept: true}
		for i, m := range parts {
			st.accept = st.accept && m.accepts(tuples[s][i]) != m.not
		}
		for c, r := range reps {
			dead := false
			for i, m := range parts {
				t[i] = m.step(tuples[s][i], c, len(ranges), r)
				dead = dead || m.hopeless(t[i])
			}
			st.next[c] = -1
			if !dead {
				st.next[c] = intern(t)
			}
		}
		st.only = onlyLetter(st.next)
		l.states = append(l.states, st)
	}
	return nil
}

func onlyLetter(next []int) int {
	only := -1
	for c, to := range next {
		if to >= 0 {
			if only >= 0 {
				return -1
			}
			only = c
		}
	}
	return only
}

func (m *machine) intern(p pcSet) int {
	if p.matched {
		p.pcs, p.before = nil, 0
	}
	buf := binary.AppendVarint(m.buf[:0], int64(p.before)<<1|int64(bit(p.matched)))
	for _, pc := range p.pcs {
		buf = binary.AppendUvarint(buf, uint64(pc))
	}
	m.buf = buf
	id, ok := m.ids[string(buf)]
	if !ok {
		id = len(m.sets)
		m.ids[string(buf)] = id
		p.pcs = slices.Clone(p.pcs)
		m.sets = append(m.sets, p)
		m.steps = append(m.steps, nil)
	}
	return id
}

// hopeless: no continuation can make the machine agree.
func (m *machine) hopeless(s int) bool { return m.not && m.sets[s].matched || !m.not && m.stuck(s) }

// stuck: an anchored pattern has failed for good.
func (m *machine) stuck(s int) bool {
	p := m.sets[s]
	return !p.matched && len(p.pcs) == 0
}

func (m *machine) accepts(s int) bool {
	p := m.sets[s]
	if p.matched {
		return true
	}
	_, matched := m.closure(p.pcs, syntax.EmptyOpContext(p.before, -1))
	return matched
}

// step reads a rune of letter c, of which r is one and of which there are n.
func (m *machine) step(s, c, n int, r rune) int {
	if m.steps[s] == nil {
		m.steps[s] = slices.Repeat([]int{-1}, n)
	}
	if to := m.steps[s][c]; to >= 0 {
		return to
	}
	p := m.sets[s]
	to := s
	if !p.matched {
		closed, matched := m.closure(p.pcs, syntax.EmptyOpContext(p.before, r))
		next := pcSet{before: m.remember(r), matched: matched, pcs: m.next[:0]}
		if !matched {
			for _, pc := range closed {
				if in := &m.prog.Inst[pc]; in.MatchRune(r) {
					next.pcs = append(next.pcs, in.Out)
				}
			}
			if !m.begins { // a search may begin at every position
				next.pcs = append(next.pcs, uint32(m.prog.Start))
			}
			slices.Sort(next.pcs)
			next.pcs = slices.Compact(next.pcs)
			m.next = next.pcs
		}
		to = m.intern(next)
	}
	m.steps[s][c] = to
	return to
}

// remember keeps of the last rune only what assertions can ask.
func (m *machine) remember(r rune) rune {
	switch {
	case m.lines && r == '\n':
		return '\n'
	case m.words && syntax.IsWordChar(r):
		return 'a'
	}
	return ' '
}

// closure follows all empty transitions that hold under flags. The result is
// valid until the next call.
func (m *machine) closure(pcs []uint32, flags syntax.EmptyOp) (runes []uint32, matched bool) {
	m.mark++
	stack := append(m.stack[:0], pcs...)
	runes = m.runes[:0]
	for len(stack) > 0 {
		pc := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if m.marks[pc] == m.mark {
			continue
		}
		m.marks[pc] = m.mark
		in := &m.prog.Inst[pc]
		switch in.Op {
		case syntax.InstAlt, syntax.InstAltMatch:
			stack = append(stack, in.Out, in.Arg)
		case syntax.InstCapture, syntax.InstNop:
			stack = append(stack, in.Out)
		case syntax.InstEmptyWidth:
			if syntax.EmptyOp(in.Arg)&^flags == 0 {
				stack = append(stack, in.Out)
			}
		case syntax.InstMatch:
			matched = true
		case syntax.InstFail:
		default:
			runes = append(runes, pc)
		}
	}
	m.stack, m.runes = stack, runes
	return runes, matched
}

// count fills the table of word counts. The shortest word of at least the
// given length is no longer than that length plus the number of states.
func (l *language) count(shortest, longest int) error {
	horizon := shortest + len(l.states)
	if longest >= 0 {
		horizon = min(horizon, longest)
	}
	if horizon > maxLangCells || (horizon+1)*len(l.states) > maxLangCells {
		horizon = max(shortest, maxLangCells/len(l.states)-1)
		if (horizon+1)*len(l.states) > 2*maxLangCells {
			return tooLargeError{}
		}
	}
	for n := 0; n <= horizon; n++ {
		row := make([]uint64, len(l.states))
		for s, st := range l.states {
			if n == 0 {
				row[s] = uint64(bit(st.accept))
				continue
			}
			for c, to := range st.next {
				if to >= 0 {
					row[s] = min(manyWords, row[s]+min(manyWords, uint64(len(l.letters[c]))*l.counts[n-1][to]))
				}
			}
		}
		l.counts = append(l.counts, row)
		if n >= shortest && row[l.start] > 0 {
			l.lengths = append(l.lengths, n)
			l.total = min(manyWords, l.total+row[l.start])
			if l.total >= manyWords || len(l.lengths) >= spread {
				break
			}
		}
	}
	return nil
}

// draw writes the word that a key chooses. Where words are too many to be
// numbered each rune is drawn for itself.
func (l *language) draw(dst []byte, k key) []byte {
	if l.chain != nil {
		bits, left := uint64(k), 0
		for _, runes := range l.chain {
			if len(runes) == 1 {
				dst = append(dst, runes[0])
				continue
			}
			if left--; left < 0 {
				bits, left = mix(bits, saltRune), 8
			}
			var i uint64
			i, bits = mathbits.Mul64(bits, uint64(len(runes)))
			dst = append(dst, runes[i])
		}
		return dst
	}
	if l.total < manyWords {
		return l.append(dst, k.below(l.total))
	}
	// With that many words the longest length has nearly all of them.
	s := l.start
	for n := l.lengths[len(l.lengths)-1]; n > 0; n-- {
		k = k.with(saltRune)
		st := &l.states[s]
		all := uint64(0)
		for c, to := range st.next {
			if to >= 0 {
				all += l.counts[n-1][to] * uint64(len(l.letters[c]))
			}
		}
		r := k.below(all)
		for c, to := range st.next {
			if to < 0 {
				continue
			}
			below := l.counts[n-1][to]
			if size := below * uint64(len(l.letters[c])); r >= size {
				r -= size
				continue
			}
			dst = appendRune(dst, l.letters[c][r/below])
			s = to
			break
		}
	}
	return dst
}

var saltRune = draw("rune")

// append writes word number i, which must be below total, as text.
func (l *language) append(dst []byte, i uint64) []byte {
	n := l.lengths[len(l.lengths)-1]
	for _, length := range l.lengths {
		c := l.counts[length][l.start]
		if i < c {
			n = length
			break
		}
		i -= c
	}
	s := l.start
	for ; n > 0; n-- {
		last := -1
		for c, to := range l.states[s].next {
			if to < 0 {
				continue
			}
			below := l.counts[n-1][to]
			if below == 0 {
				continue
			}
			last = c
			if size := below * uint64(len(l.letters[c])); i >= size {
				i -= size
				continue
			}
			break
		}
		to := l.states[s].next[last]
		below := l.counts[n-1][to]
		i = min(i, below*uint64(len(l.letters[last]))-1)
		dst = appendRune(dst, l.letters[last][i/below])
		i %= below
		s = to
	}
	return dst
}
