package faker

import (
	"fmt"
	"math/big"
	mathbits "math/bits"
	"strings"
)

// coded is a text of a pattern.
func coded(expr string, formats ...string) making {
	return func(p *planner, f *form, _ *place, _ *hint) maker {
		l, err := p.language([]rule{{"^" + expr + "$", false}}, 0, -1)
		if err != nil || l.total == 0 {
			return nil
		}
		return p.fit(f, &composed{form: expr, formats: formats, write: func(_ *gen, dst []byte, k key) []byte {
			return l.draw(dst, k)
		}})
	}
}

// like is a text in a given form: # a digit, ? a capital letter, % a lower-case
// hex digit.
func like(otherwise string) making {
	return func(p *planner, f *form, at *place, h *hint) maker {
		shape := h.str("like", otherwise)
		return p.fit(f, &composed{form: shapeExpr(shape), write: func(_ *gen, dst []byte, k key) []byte {
			return appendShape(dst, shape, k)
		}})
	}
}

func shapeExpr(shape string) string {
	var b strings.Builder
	for _, r := range shape {
		switch r {
		case '#':
			b.WriteString("[0-9]")
		case '?':
			b.WriteString("[A-Z]")
		case '%':
			b.WriteString("[0-9a-f]")
		default:
			b.WriteString(quoteMeta(string(r)))
		}
	}
	return b.String()
}

func appendShape(dst []byte, shape string, k key) []byte {
	bits, left := uint64(k), 0
	for _, r := range shape {
		n := uint64(0)
		switch r {
		case '#':
			n = 10
		case '?':
			n = 26
		case '%':
			n = 16
		default:
			if r == ' ' || r == '+' || r == '-' {
				dst = append(dst, byte(r))
			} else {
				dst = appendRune(dst, r)
			}
			continue
		}
		if left--; left < 0 {
			bits, left = mix(bits, saltSample), 8
		}
		var v uint64
		v, bits = mathbits.Mul64(bits, n)
		switch r {
		case '#':
			dst = append(dst, '0'+byte(v))
		case '?':
			dst = append(dst, 'A'+byte(v))
		default:
			dst = append(dst, "0123456789abcdef"[v])
		}
	}
	return dst
}

const uuidExpr = `[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}`

// uuid makes a random UUID, version 4 of RFC 9562.
func uuid(p *planner, f *form, at *place, h *hint) maker {
	return p.fit(f, &composed{form: uuidExpr, formats: []string{"uuid"}, write: func(_ *gen, dst []byte, k key) []byte {
		const hex = "0123456789abcdef"
		hi, lo := uint64(k), uint64(k.with(saltSample))
		for i := range 32 {
			if i == 8 || i == 12 || i == 16 || i == 20 {
				dst = append(dst, '-')
			}
			v := hi >> 60
			if hi <<= 4; i == 15 {
				hi = lo
			}
			switch i {
			case 12:
				v = 4
			case 16:
				v = 8 | v&3
			}
			dst = append(dst, hex[v])
		}
		return dst
	}})
}

func hexID(p *planner, f *form, at *place, h *hint) maker {
	shape := strings.Repeat("%", int(h.num("length", 32)))
	return p.fit(f, &composed{form: shapeExpr(shape), write: func(_ *gen, dst []byte, k key) []byte { return appendShape(dst, shape, k) }})
}

func tariffNumber(p *planner, f *form, at *place, h *hint) maker {
	n := max(4, int(h.num("digits", 8)))
	shape := "####" + strings.Repeat("0", 2) + strings.Repeat("#", n)
	shape = shape[:n]
	return p.fit(f, &composed{form: "[1-9]" + shapeExpr(shape[1:]), write: func(_ *gen, dst []byte, k key) []byte {
		dst = append(dst, '1'+byte(k.below(9)))
		return appendShape(dst, shape[1:], k.with(saltSample))
	}})
}

func urls(scheme, ext string) making {
	return func(p *planner, f *form, at *place, h *hint) maker {
		path := h.str("path", "")
		form := `https://(www|shop|media|api)\.example\.(com|org|net)/[a-z0-9-]+(/[0-9]+)?` + quoteMeta(ext)
		if path != "" {
			form = `https://(www|shop|media|api)\.example\.(com|org|net)` + quoteMeta(path)
		}
		return p.fit(f, &composed{
			form:    form,
			formats: []string{"uri", "iri", "uri-reference", "iri-reference", "uri-template"},
			write: func(_ *gen, dst []byte, k key) []byte {
				dst = append(dst, scheme...)
				dst = append(dst, hosts[k.below(uint64(len(hosts)))]...)
				if path != "" {
					return append(dst, path...)
				}
				k = k.with(saltSample)
				dst = append(dst, '/')
				dst = append(dst, slugs[k.below(uint64(len(slugs)))]...)
				dst = append(dst, '/')
				dst = appendInt(dst, int64(1000+k.with(saltSample).below(90_000)))
				return append(dst, ext...)
			},
		})
	}
}

func fileName(dir string) making {
	return func(p *planner, f *form, at *place, h *hint) maker {
		ext := h.str("ext", "pdf")
		return p.fit(f, &composed{form: quoteMeta(dir) + `[a-z0-9-]+-[0-9]+\.` + quoteMeta(ext), write: func(_ *gen, dst []byte, k key) []byte {
			dst = append(dst, dir...)
			dst = append(dst, slugs[k.below(uint64(len(slugs)))]...)
			dst = append(dst, '-')
			dst = appendInt(dst, int64(100+k.with(saltSample).below(900)))
			dst = append(dst, '.')
			return append(dst, ext...)
		}})
	}
}

// ean makes a GTIN with the country's prefix and a right check digit.
func ean(p *planner, f *form, at *place, h *hint) maker {
	n := int(h.num("digits", 13))
	if n != 8 && n != 12 && n != 13 && n != 14 {
		n = 13
	}
	return p.fit(f, &composed{form: fmt.Sprintf("[0-9]{%d}", n), check: gtin, write: func(g *gen, dst []byte, k key) []byte {
		start := len(dst)
		prefix := g.country().ean
		if n == 8 || n == 12 {
			prefix = prefix[:1]
		}
		if n == 14 {
			prefix = "1" + prefix
		}
		dst = append(dst, prefix...)
		rest := k.below(1_000_000_000_000)
		for range n - 1 - len(prefix) {
			dst = append(dst, '0'+byte(rest%10))
			rest /= 10
		}
		return append(dst, eanCheck(dst[start:]))
	}})
}

// yearCode is the year and a number, as shops number their orders.
func yearCode(p *planner, f *form, at *place, h *hint) maker {
	digits, prefix := min(12, max(1, int(h.num("digits", 6)))), h.str("prefix", "")
	return p.fit(f, &composed{form: fmt.Sprintf("%s%d[0-9]{%d}", quoteMeta(prefix), p.setting.year, digits), write: func(g *gen, dst []byte, k key) []byte {
		for _, r := range prefix {
			dst = appendRune(dst, r)
		}
		dst = appendInt(dst, int64(g.year))
		return appendDigits(dst, codeNumber(k, digits), digits)
	}})
}

// codeNumber is a number that a shop of some size would have reached.
func codeNumber(k key, digits int) uint64 {
	limit := uint64(1)
	for range digits {
		limit *= 10
	}
	return 1 + k.below(max(1, min(limit-1, limit/20)))
}

func appendDigits(dst []byte, v uint64, digits int) []byte {
	start := len(dst)
	for range digits {
		dst = append(dst, '0')
	}
	for i := len(dst) - 1; i >= start; i-- {
		dst[i] = '0' + byte(v%10)
		v /= 10
	}
	return dst
}

func yearNumber(p *planner, f *form, at *place, h *hint) maker {
	limit := int64(1)
	for range min(12, max(1, int(h.num("digits", 6)))) {
		limit *= 10
	}
	year := int64(p.setting.year)
	return p.ranged(f, big.NewRat(year*limit+1, 1), big.NewRat(year*limit+max(1, limit/20), 1), nil)
}
