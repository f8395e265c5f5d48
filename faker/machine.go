package faker

import (
	"encoding/binary"
	"fmt"
	"regexp/syntax"
	"slices"
	"strings"
	"unicode"
)

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
	stack := append(m.stack[:0], pcs...) //nolint:gocritic // the buffer is kept below
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
