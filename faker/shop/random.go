package shop

import "math/bits"

// mix is the generator's mixer: two rounds of folded multiplication, so that
// small and consecutive numbers spread as well.
func mix(a, b uint64) uint64 { return fold(fold(a, b), b) }

func fold(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a^0x9e3779b97f4a7c15, b^0x6a09e667f3bcc909)
	return hi ^ lo
}

const (
	saltKey uint64 = iota + 0x5ca1ab1e
	saltShard
	saltEntity
)

// dice is a stream of draws. Each shard has one of its own: what happens there
// depends on what happened there before and on nothing else.
type dice struct{ state uint64 }

func (d *dice) next() uint64 {
	d.state += 0x9e3779b97f4a7c15
	return mix(d.state, 0xd1b54a32d192ed03)
}

// below draws from 0 … n-1; 0 if n is not positive.
func (d *dice) below(n int) int {
	if n <= 0 {
		return 0
	}
	hi, _ := bits.Mul64(d.next(), uint64(n))
	return int(hi)
}

// between draws from lo … hi, both included.
func (d *dice) between(lo, hi int64) int64 {
	if hi <= lo {
		return lo
	}
	n, _ := bits.Mul64(d.next(), uint64(hi-lo+1))
	return lo + int64(n)
}

// chance is true in so many of 10,000 draws.
func (d *dice) chance(share int) bool { return d.below(10_000) < share }
