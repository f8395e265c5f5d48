package faker

import (
	"encoding/json"
	"fmt"
	"math/big"
	"strconv"
)

// ranged draws from a range as far as the schema allows it, else from what it
// allows.
func (p *planner) ranged(f *form, lo, hi, unit *big.Rat) maker {
	return draws(f.number.within(lo, hi).lattice(unit))
}

func (h *hint) bounds(lo, hi float64) (*big.Rat, *big.Rat) {
	lo = h.num("min", min(lo, h.num("max", lo)))
	hi = max(lo, h.num("max", max(hi, lo)))
	return new(big.Rat).SetFloat64(lo), new(big.Rat).SetFloat64(hi)
}

func smallNumber(p *planner, f *form, at *place, h *hint) maker {
	lo, hi := h.bounds(1, 99_999)
	return p.ranged(f, lo, hi, nil)
}

func plainInteger(p *planner, f *form, at *place, h *hint) maker {
	lo, hi := h.bounds(1, 100)
	return p.ranged(f, lo, hi, nil)
}

// indexed counts along the nearest list.
func indexed(p *planner, f *form, at *place, h *hint) maker {
	from, length := int64(h.num("from", 1)), int64(0)
	for up := at; up != nil && length == 0; up = up.up {
		if list, ok := up.holder.(*lists); ok {
			if length = int64(list.max); list.max < 0 {
				length = maxIndex
			}
		}
	}
	m := ordinal(from)
	if length == 0 || !f.number.holds(&lattice{first: from, step: 1, count: uint64(length)}) {
		return plainInteger(p, f, at, &hint{args: smallRange("1", "9")})
	}
	return m
}

// ordinal is the index of the element, counted from a number.
type ordinal int64

func (m ordinal) append(g *gen, dst []byte, _ key) []byte {
	return appendInt(dst, int64(m)+int64(g.index))
}

func plainNumber(p *planner, f *form, at *place, h *hint) maker {
	lo, hi := h.bounds(1, 100)
	return p.ranged(f, lo, hi, unitOfPlaces(int(h.num("decimals", 2))))
}

func unitOfPlaces(n int) *big.Rat {
	return tenTo(-min(n, 15))
}

func smallText(p *planner, f *form, at *place, h *hint) maker {
	lo, hi := int64(h.num("min", 1)), int64(h.num("max", 99_999))
	return p.decimalText(f, lo, max(lo, hi), 0)
}

func plainNumberText(p *planner, f *form, at *place, h *hint) maker {
	places := min(6, int(h.num("decimals", 2))) // 10^12 in millionths are 60 bits
	lo, hi := h.num("min", 1), h.num("max", 100)
	unit := 1.0
	for range places {
		unit *= 10
	}
	return p.decimalText(f, int64(lo*unit), int64(max(lo, hi)*unit), places)
}

// decimalText is a number written as a string, always with its decimal places.
func (p *planner) decimalText(f *form, lo, hi int64, places int) maker {
	form := `-?[0-9]{1,19}`
	if lo >= 0 {
		form = fmt.Sprintf(`[0-9]{%d,%d}`, max(1, len(strconv.FormatInt(lo, 10))-places), max(1, len(strconv.FormatInt(hi, 10))-places))
	}
	if places > 0 {
		form += fmt.Sprintf(`\.[0-9]{%d}`, places)
	}
	return p.fit(f, &composed{form: form, write: func(_ *gen, dst []byte, k key) []byte {
		return appendMoney(dst, lo+int64(k.below(uint64(hi-lo)+1)), places)
	}})
}

// appendMoney writes v·10^-places with all its places.
func appendMoney(dst []byte, v int64, places int) []byte {
	if v < 0 {
		dst = append(dst, '-')
		v = -v
	}
	unit := int64(1)
	for range places {
		unit *= 10
	}
	dst = appendInt(dst, v/unit)
	if places == 0 {
		return dst
	}
	dst = append(dst, '.')
	return appendDigits(dst, uint64(v%unit), places)
}

func num(s string) json.Number { return json.Number(s) }

func smallRange(lo, hi string) map[string]any { return map[string]any{"min": num(lo), "max": num(hi)} }
