package faker

import (
	"encoding/json"
	"math"
	"math/big"
	"slices"
	"strconv"

	"github.com/hookrig/hookrig/contracts/schema"
)

// numberRules are all that a branch says of a number.
type numberRules struct {
	lo, hi         *big.Rat // nil: no bound
	loOpen, hiOpen bool
	step           *big.Rat        // nil: any
	integer        bool            // no fractions
	fraction       bool            // no integers
	avoid          map[string]bool // by exact spelling
	notMultiples   []*big.Rat
}

func newNumberRules(b *branch) *numberRules {
	r := &numberRules{integer: b.types&schema.Number == 0, fraction: b.types&schema.Integer == 0, avoid: map[string]bool{}}
	for _, n := range b.kept {
		r.above(n.Minimum, false)
		r.above(n.ExclusiveMinimum, true)
		r.below(n.Maximum, false)
		r.below(n.ExclusiveMaximum, true)
		if n.MultipleOf != nil && n.MultipleOf.Sign() > 0 {
			r.step = commonMultiple(r.step, n.MultipleOf)
		}
	}
	for _, n := range b.broken {
		if n.MultipleOf != nil && n.MultipleOf.Sign() > 0 {
			r.notMultiples = append(r.notMultiples, n.MultipleOf)
		}
		for _, raw := range n.Enum {
			if v, err := decode(raw); err == nil {
				if num, ok := v.(json.Number); ok {
					if q, ok := new(big.Rat).SetString(string(num)); ok {
						r.avoid[q.RatString()] = true
					}
				}
			}
		}
	}
	if r.fraction {
		r.notMultiples = append(r.notMultiples, big.NewRat(1, 1))
	}
	if r.integer {
		r.step = commonMultiple(r.step, big.NewRat(1, 1))
	}
	return r
}

func (r *numberRules) above(v *big.Rat, open bool) {
	if v == nil {
		return
	}
	if r.lo == nil || v.Cmp(r.lo) > 0 || v.Cmp(r.lo) == 0 && open {
		r.lo, r.loOpen = v, open
	}
}

func (r *numberRules) below(v *big.Rat, open bool) {
	if v == nil {
		return
	}
	if r.hi == nil || v.Cmp(r.hi) < 0 || v.Cmp(r.hi) == 0 && open {
		r.hi, r.hiOpen = v, open
	}
}

// commonMultiple is the least positive number that both divide.
func commonMultiple(a, b *big.Rat) *big.Rat {
	if a == nil {
		return b
	}
	// lcm(p/q, r/s) = lcm(p·s, r·q) / (q·s)
	x := new(big.Int).Mul(a.Num(), b.Denom())
	y := new(big.Int).Mul(b.Num(), a.Denom())
	gcd := new(big.Int).GCD(nil, nil, x, y)
	lcm := new(big.Int).Mul(x, new(big.Int).Quo(y, gcd))
	return new(big.Rat).SetFrac(lcm, new(big.Int).Mul(a.Denom(), b.Denom()))
}

// possible reports whether there are such numbers. Not sure: none was found, and
// not all were looked at.
func (r *numberRules) possible() (possible, sure bool) {
	l := r.lattice(nil)
	none := r.step != nil && slices.ContainsFunc(r.notMultiples, func(m *big.Rat) bool { return multiple(r.step, m) })
	return l.size() > 0, l.size() > 0 || !l.partial || none
}

// within narrows the rules to a plausible range, or leaves them as they are
// where that leaves nothing.
func (r *numberRules) within(lo, hi *big.Rat) *numberRules {
	n := *r
	n.above(lo, false)
	n.below(hi, false)
	if some, _ := n.possible(); some {
		return &n
	}
	return r
}

// A lattice is the set of numbers that we draw from: (first + i·step) / 10^scale
// for 0 ≤ i < count, or a list of texts where that does not fit.
type lattice struct {
	first, step int64
	count       uint64
	scale       int
	listed      []string
	partial     bool // some numbers of the rules were not looked at
	exact       bool // prefer multiples that stay multiples in floating point
	unit        float64
}

func (l *lattice) size() uint64 {
	if l.listed != nil {
		return uint64(len(l.listed))
	}
	return l.count
}

const latticeWindow = 1000 // how many points an unbounded range is cut to

// lattice lays the points; unit is the resolution wished for where the schema
// has none (nil: whole numbers, or finer if there are none).
func (r *numberRules) lattice(unit *big.Rat) *lattice {
	if r.step != nil {
		return r.layout(r.step)
	}
	if unit == nil {
		unit = big.NewRat(1, 1)
	}
	// Finer and finer until some point lies between the bounds.
	partial := false
	for d := range 40 {
		l := r.layout(unit)
		if l.size() > 0 {
			return l
		}
		partial = partial || l.partial
		unit = new(big.Rat).Quo(unit, big.NewRat(10, 1))
		if d == 20 && r.lo != nil && r.hi != nil { // bounds very close together
			gap := new(big.Rat).Sub(r.hi, r.lo)
			if gap.Sign() <= 0 {
				return r.layout(unitOf(r.lo))
			}
			unit = tenth(gap)
		}
	}
	return &lattice{partial: partial}
}

// unitOf is the greatest power of ten, 1 at most, of which v is a multiple.
func unitOf(v *big.Rat) *big.Rat {
	d, _ := decimals(v)
	return tenTo(-max(d, 0))
}

// tenTo is a power of ten; n is not positive.
func tenTo(n int) *big.Rat {
	return new(big.Rat).SetFrac(big.NewInt(1), new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(-n)), nil))
}

// tenth is a power of ten of at most a tenth of gap, which is a decimal number.
func tenth(gap *big.Rat) *big.Rat {
	d, _ := decimals(gap)
	return tenTo(-d - 1)
}

// layout finds the multiples of step within the bounds.
func (r *numberRules) layout(step *big.Rat) *lattice {
	var first, last *big.Int
	if r.lo != nil {
		first = ceil(new(big.Rat).Quo(r.lo, step))
		if r.loOpen && new(big.Rat).Mul(new(big.Rat).SetInt(first), step).Cmp(r.lo) == 0 {
			first.Add(first, big.NewInt(1))
		}
	}
	if r.hi != nil {
		last = floor(new(big.Rat).Quo(r.hi, step))
		if r.hiOpen && new(big.Rat).Mul(new(big.Rat).SetInt(last), step).Cmp(r.hi) == 0 {
			last.Sub(last, big.NewInt(1))
		}
	}
	window := big.NewInt(int64(max(latticeWindow, 2*len(r.avoid))))
	switch {
	case first == nil && last == nil:
		first, last = big.NewInt(1), window
	case first == nil:
		first = new(big.Int).Sub(last, window)
		if first.Sign() <= 0 && last.Sign() > 0 {
			first = big.NewInt(1)
		}
	case last == nil:
		last = new(big.Int).Add(first, window)
	}
	if first.Cmp(last) > 0 {
		return &lattice{}
	}
	return r.points(step, first, last)
}

func ceil(r *big.Rat) *big.Int {
	q, m := new(big.Int).DivMod(r.Num(), r.Denom(), new(big.Int))
	if m.Sign() > 0 {
		q.Add(q, big.NewInt(1))
	}
	return q
}

func floor(r *big.Rat) *big.Int { return new(big.Int).Div(r.Num(), r.Denom()) }

// points lists or bounds the multiples first·step … last·step.
func (r *numberRules) points(step *big.Rat, first, last *big.Int) *lattice {
	scale, scaled := decimals(step)
	if scale < 0 {
		return &lattice{partial: true}
	}
	span := new(big.Int).Sub(last, first)
	fits := len(r.avoid) == 0 && len(r.notMultiples) == 0 && scale <= 15
	lo, hi := new(big.Int).Mul(first, scaled), new(big.Int).Mul(last, scaled)
	limit := big.NewInt(math.MaxInt64 / 4)
	if fits && lo.CmpAbs(limit) < 0 && hi.CmpAbs(limit) < 0 && scaled.IsInt64() {
		unit, _ := step.Float64()
		return &lattice{first: lo.Int64(), step: scaled.Int64(), count: span.Uint64() + 1, scale: scale, exact: scale > 0 && r.step != nil, unit: unit}
	}
	// A hundred admissible points, the first ones and some spread over the range.
	// One more than are to be avoided finds one that is not.
	l := &lattice{}
	look := 200 + len(r.avoid)
	stride := new(big.Int).Add(new(big.Int).Quo(span, big.NewInt(97)), big.NewInt(1))
	taken := map[string]bool{}
	for _, by := range []*big.Int{big.NewInt(1), stride} {
		k := new(big.Int).Set(first)
		for i := 0; i < look && k.Cmp(last) <= 0 && len(l.listed) < 100; i++ {
			v := new(big.Rat).Mul(new(big.Rat).SetInt(k), step)
			if r.admits(v) {
				if text := trimZeros(v.FloatString(scale)); !taken[text] {
					taken[text] = true
					l.listed = append(l.listed, text)
				}
			}
			k.Add(k, by)
		}
	}
	l.partial = span.CmpAbs(big.NewInt(int64(look))) >= 0
	return l
}

func (r *numberRules) admits(v *big.Rat) bool {
	return (len(r.avoid) == 0 || !r.avoid[v.RatString()]) &&
		!slices.ContainsFunc(r.notMultiples, func(m *big.Rat) bool { return multiple(v, m) })
}

// decimals is how many decimal places the multiples of step need, and step as
// that many places' integer; -1 where it has no finite decimal expansion, which
// no number of a JSON text lacks.
func decimals(step *big.Rat) (int, *big.Int) {
	rest := new(big.Int).Set(step.Denom())
	twos := int(rest.TrailingZeroBits())
	rest.Rsh(rest, uint(twos))
	fives, five := 0, big.NewInt(5)
	for rest.BitLen() > 1 {
		q, m := new(big.Int).QuoRem(rest, five, new(big.Int))
		if m.Sign() != 0 {
			return -1, nil
		}
		rest = q
		fives++
	}
	d := max(twos, fives)
	scaled := new(big.Int).Mul(step.Num(), new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(d)), nil))
	return d, scaled.Quo(scaled, step.Denom())
}

func trimZeros(s string) string {
	dot := -1
	for i := range s {
		if s[i] == '.' {
			dot = i
		}
	}
	if dot < 0 {
		return s
	}
	end := len(s)
	for s[end-1] == '0' {
		end--
	}
	if end == dot+1 {
		end--
	}
	return s[:end]
}

// append writes point i.
func (l *lattice) append(dst []byte, i uint64) []byte {
	if l.listed != nil {
		return append(dst, l.listed[i]...)
	}
	return appendDecimal(dst, l.at(i), l.scale)
}

// at is point i in units of 10^-scale.
func (l *lattice) at(i uint64) int64 {
	if !l.exact {
		return l.first + int64(i)*l.step
	}
	// Validators that divide in floating point refuse some true multiples
	// (19.99 of 0.01); the next point that survives is as good.
	v := l.first + int64(i)*l.step
	for range 64 {
		f, _ := strconv.ParseFloat(string(appendDecimal(make([]byte, 0, 32), v, l.scale)), 64)
		if q := f / l.unit; q == math.Trunc(q) {
			return v
		}
		if i++; i >= l.count {
			i = 0
		}
		v = l.first + int64(i)*l.step
	}
	return v
}

const pairs = "00010203040506070809101112131415161718192021222324252627282930313233343536373839404142434445464748495051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899"

// appendInt writes a number of a few digits faster than strconv does.
func appendInt(dst []byte, v int64) []byte {
	if v < 0 || v >= 1e8 {
		return strconv.AppendInt(dst, v, 10)
	}
	u := uint32(v)
	n := 1
	for limit := uint32(10); n < 8 && u >= limit; limit *= 10 {
		n++
	}
	dst = append(dst, "00000000"[:n]...)
	at := dst[len(dst)-n:]
	for n > 2 {
		p := u % 100 * 2
		u /= 100
		n -= 2
		at[n], at[n+1] = pairs[p], pairs[p+1]
	}
	if n == 2 {
		at[0], at[1] = pairs[u*2], pairs[u*2+1]
	} else {
		at[0] = '0' + byte(u)
	}
	return dst
}

// appendDecimal writes v·10^-scale without trailing zeros.
func appendDecimal(dst []byte, v int64, scale int) []byte {
	for scale > 0 && v%10 == 0 {
		v /= 10
		scale--
	}
	if scale == 0 {
		return appendInt(dst, v)
	}
	if v < 0 {
		dst = append(dst, '-')
		v = -v
	}
	var buf [24]byte
	digits := appendInt(buf[:0], v)
	if whole := len(digits) - scale; whole > 0 {
		dst = append(dst, digits[:whole]...)
		dst = append(dst, '.')
		return append(dst, digits[whole:]...)
	}
	dst = append(dst, '0', '.')
	for i := len(digits); i < scale; i++ {
		dst = append(dst, '0')
	}
	return append(dst, digits...)
}

// keeps reports whether v keeps all rules.
func (r *numberRules) keeps(v *big.Rat) bool {
	if c := r.lo; c != nil && (v.Cmp(c) < 0 || v.Cmp(c) == 0 && r.loOpen) {
		return false
	}
	if c := r.hi; c != nil && (v.Cmp(c) > 0 || v.Cmp(c) == 0 && r.hiOpen) {
		return false
	}
	return (r.step == nil || multiple(v, r.step)) && r.admits(v)
}
