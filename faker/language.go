package faker

import (
	"encoding/binary"
	mathbits "math/bits"
	"slices"
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

// tooLargeError: the automaton outgrew its bounds.
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
		to, runes := -1, ""
		for c, next := range l.states[s].next {
			switch {
			case next < 0:
				continue
			case to >= 0 && next != to || l.plain[c] == "":
				return
			}
			to = next
			runes += l.plain[c]
		}
		chain = append(chain, runes)
		s = to
	}
	l.chain = chain
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
		l.states = append(l.states, st)
	}
	return nil
}

// count fills the table of word counts. The shortest word of at least the
// given length is no longer than that length plus the number of states.
func (l *language) count(shortest, longest int) error {
	horizon := shortest + len(l.states)
	if longest >= 0 {
		horizon = min(horizon, longest)
	}
	short := false // of the horizon
	if horizon > maxLangCells || (horizon+1)*len(l.states) > maxLangCells {
		short = true
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
	if short && l.total == 0 { // the first word may lie behind it
		return tooLargeError{}
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
