package mockserver

import "math"

// What is drawn by an index is drawn from its own name and number, never from a
// stream, so that it can be drawn again alone.
const (
	drawMix uint64 = iota + 1
	drawJitter
	drawGap // and above: the levels of poisson
)

// uniform is in [0,1).
func uniform(seed, name, index uint64) float64 {
	return float64(scramble(scramble(seed^name*golden)+index*golden)>>11) / (1 << 53)
}

const golden = 0x9e3779b97f4a7c15

// scramble is the finalizer of SplitMix64 (Steele, Lea, Flood 2014).
func scramble(x uint64) uint64 {
	x += golden
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// poisson are the arrivals of a Poisson process of rate 1, to be had at any
// index without those before it.
//
// The gaps form a tree: a block of 256 gaps, of 256 such blocks, and so on. From
// the top down each block's length is drawn (the sum of k gaps is Gamma(k)) and
// divided among its parts in the proportion of lengths drawn for them, which is
// how parts of a known sum are distributed. So six draws of 256 lengths, at most,
// lead to any of 2^48 arrivals.
type poisson struct {
	seed   uint64
	levels [poissonLevels]poissonBlock
}

const (
	poissonBits   = 8
	poissonParts  = 1 << poissonBits
	poissonLevels = 6
)

// poissonBlock is one block with the places where its parts begin; the last
// place is its end.
type poissonBlock struct {
	drawn  bool
	block  uint64
	places [poissonParts + 1]float64
}

// at is the place of an arrival.
func (p *poisson) at(index uint64) (float64, bool) {
	if index>>(poissonBits*poissonLevels) > 0 {
		return 0, false
	}
	return p.level(0, index>>poissonBits).places[index%poissonParts+1], true // a gap lies before each arrival
}

// level is the block with this number among those whose parts have 256^n gaps.
func (p *poisson) level(n int, block uint64) *poissonBlock {
	b := &p.levels[n]
	if b.drawn && b.block == block {
		return b
	}
	b.drawn, b.block = true, block
	k := math.Pow(poissonParts, float64(n))
	sum := 0.0
	for i := range poissonParts {
		b.places[i] = sum
		sum += gamma(k, uniform(p.seed, drawGap+uint64(n), block*poissonParts+uint64(i)))
	}
	b.places[poissonParts] = sum
	if n == poissonLevels-1 {
		return b
	}
	above := p.level(n+1, block>>poissonBits)
	part := block % poissonParts
	begin, end := above.places[part], above.places[part+1]
	for i, place := range b.places {
		b.places[i] = min(begin+place*((end-begin)/sum), end)
	}
	b.places[poissonParts] = end
	return b
}

// gamma is the u-quantile of Gamma(k): exact for k = 1, the exponential
// distribution, and by Wilson and Hilferty (1931) above, which for k ≥ 256 is
// closer than any test of the arrivals could tell.
func gamma(k, u float64) float64 {
	if k == 1 {
		return -math.Log1p(-u)
	}
	z := math.Sqrt2 * math.Erfinv(2*u-1)
	if u == 0 {
		z = -8.3 // the quantile of 2^-54, where Erfinv gives -Inf
	}
	root := 1 - 1/(9*k) + z/(3*math.Sqrt(k))
	return k * root * root * root
}
