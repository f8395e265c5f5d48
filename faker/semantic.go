package faker

import (
	"fmt"
	"math/big"
	mathbits "math/bits"
	"slices"
	"strconv"
	"strings"
)

// making makes the maker of a hint, or nil where the hint cannot serve the
// form: a hint never widens what the schema allows.
type making = func(p *planner, f *form, at *place, h *hint) maker

// rows is a fixed table of texts.
func rows(texts []string) making {
	return func(p *planner, f *form, _ *place, _ *hint) maker { return p.tableOf(f, texts) }
}

// rowsOf is a table of the locale.
func rowsOf(of func(*locale) []string) making {
	return func(p *planner, f *form, _ *place, _ *hint) maker { return p.tableOf(f, of(p.world.locale)) }
}

// A composed maker writes the text of a string, without quotes, that always
// belongs to a known form: a pattern for all that it can write. The planner
// uses it as it is where the form is proven to lie within the schema, and else
// only those of its values that the schema admits.
type composed struct {
	form    string   // "" if it has none
	formats []string // that each value is of
	write   func(g *gen, dst []byte, k key) []byte
}

func (c *composed) append(g *gen, dst []byte, k key) []byte {
	dst = append(dst, '"')
	dst = c.write(g, dst, k)
	return append(dst, '"')
}

// unquoted is the same behind an opening quote.
type unquoted composed

func (c *unquoted) append(g *gen, dst []byte, k key) []byte {
	return append(c.write(g, dst, k), '"')
}

// fit proves a composed maker, or tabulates it.
func (p *planner) fit(f *form, c *composed) maker {
	if p.proven(f.text, c) {
		return c
	}
	var candidates []string
	g := &gen{}
	for i := range uint64(96) {
		g.start(p.world, saltSample, i)
		text := unescape(c.write(g, nil, g.root.with(saltSample)))
		if !slices.Contains(candidates, text) {
			candidates = append(candidates, text)
		}
	}
	return p.tableOf(f, candidates)
}

var saltSample = draw("sample")

// proven reports whether everything of c's form keeps the rules.
func (p *planner) proven(r *textRules, c *composed) bool {
	for _, f := range r.formats {
		if !slices.Contains(c.formats, f) {
			return false
		}
	}
	if len(r.notFormats) > 0 || r.only != nil {
		return false
	}
	if len(r.patterns) == 0 && len(r.avoid) == 0 && r.shortest == 0 && r.longest < 0 {
		return true
	}
	if c.form == "" {
		return false
	}
	form := rule{"^(?:" + c.form + ")$", false}
	empty := func(shortest, longest int, rules ...rule) bool {
		l, err := p.language(rules, shortest, longest)
		return err == nil && l.total == 0
	}
	for _, x := range r.patterns {
		if !empty(0, -1, form, rule{x.expr, !x.not}) {
			return false
		}
	}
	for _, a := range r.avoid {
		if !empty(0, -1, form, rule{"^" + quoteMeta(a) + "$", false}) {
			return false
		}
	}
	return (r.shortest == 0 || empty(0, r.shortest-1, form)) && (r.longest < 0 || empty(r.longest+1, -1, form))
}

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
			dst = appendRune(dst, r)
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
	return p.fit(f, &composed{form: fmt.Sprintf("[0-9]{%d}", n), write: func(g *gen, dst []byte, k key) []byte {
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
	return p.fit(f, &composed{form: fmt.Sprintf("%s%d[0-9]{%d}", quoteMeta(prefix), p.world.year, digits), write: func(g *gen, dst []byte, k key) []byte {
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
	year := int64(p.world.year)
	return p.ranged(f, big.NewRat(year*limit+1, 1), big.NewRat(year*limit+max(1, limit/20), 1), nil)
}

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
	return new(big.Rat).SetFrac(big.NewInt(1), new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(min(n, 15))), nil))
}

func smallText(p *planner, f *form, at *place, h *hint) maker {
	lo, hi := int64(h.num("min", 1)), int64(h.num("max", 99_999))
	return p.decimalText(f, lo, max(lo, hi), 0)
}

func plainNumberText(p *planner, f *form, at *place, h *hint) maker {
	places := min(9, int(h.num("decimals", 2)))
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

// sentence is a note, or what went wrong where the name says so.
func sentence(p *planner, f *form, at *place, h *hint) maker {
	for _, w := range tokens(at.member()) {
		if w == "error" || w == "failure" || w == "exception" {
			return p.tableOf(f, mishaps)
		}
	}
	return p.tableOf(f, p.world.locale.sentences)
}
