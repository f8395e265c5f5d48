package faker

import "math/bits"

// A key names one value of one event: it is mixed from the seed, the event's
// name, its ordinal and each token of the value's JSON Pointer. Whatever is
// drawn for a value is a function of its key, so no value depends on how many
// others were drawn before it.
type key uint64

// Odd constants without structure, from the binary expansion of the golden
// ratio and of the square root of two.
const (
	mixA = 0x9e3779b97f4a7c15
	mixB = 0x6a09e667f3bcc909
)

// fold multiplies and folds the product: one round of mixing. Both operands
// must have seen a round already, or be random constants.
func fold(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a^mixA, b^mixB)
	return hi ^ lo
}

// mix is a mixer for anything, small and consecutive numbers included.
func mix(a, b uint64) uint64 { return fold(fold(a, b), b) }

// with derives the key of a member, or of another draw for the same value.
func (k key) with(salt uint64) key { return key(fold(uint64(k), salt)) }

// item is the key of a list's element.
func (k key) item(i int) key { return key(mix(uint64(k), uint64(i)+saltItem)) }

// below draws from 0 … n-1. n must be positive.
func (k key) below(n uint64) uint64 {
	hi, _ := bits.Mul64(uint64(k), n)
	return hi
}

// between draws from lo … hi, both included.
func (k key) between(lo, hi int) int {
	return lo + int(k.below(uint64(hi-lo+1)))
}

// chance is true in the given share of keys, where all is certain.
func (k key) chance(share share) bool { return uint32(k>>32) < uint32(share) }

// share is a probability in units of 2⁻³².
type share uint32

func shareOf(p float64) share {
	switch {
	case !(p > 0):
		return 0
	case p >= 1:
		return ^share(0)
	}
	return share(p * (1 << 32))
}

// name turns a member's name into a salt.
func name(s string) uint64 {
	h := uint64(len(s))
	for i := 0; i < len(s); i++ {
		h = (h ^ uint64(s[i])) * 0x100000001b3
	}
	return mix(h, saltName)
}

// draw is the salt of a draw that is no member: how many, which branch, there
// or not.
func draw(what string) uint64 { return mix(name(what), saltDraw) }

// Salts keep members, elements and draws apart. Their values are part of the
// bytes that a seed gives.
const (
	saltItem uint64 = (iota + 1) << 32
	saltName
	saltDraw
)
