package faker

import (
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/hookrig/hookrig/contracts/schema"
	"github.com/hookrig/hookrig/faker/shop"
)

// A spelling appends a value of the world as a schema has it; false where the
// schema does not take the value.
type spelling func(g *gen, dst []byte, v shop.Value) ([]byte, bool)

// spellings finds how a bound property is written. What can never be written is
// an error now.
func (p *planner) spellings(b *bound, h *hint, forms []*form, at *place) bool {
	prop := h.lead.last
	table, _ := h.args["map"].(map[string]any)
	if !p.knowsAll(table, prop, forms, at) {
		return false
	}
	if closed := closedSet(prop); closed != nil {
		return p.closed(b, closed, table, forms, h, at)
	}
	for _, f := range forms {
		if s := p.spelling(prop, f, at, h); s != nil {
			b.spell = append(b.spell, s)
		}
	}
	if len(table) > 0 {
		b.spell = slices.Insert(b.spell, 0, p.mapped(table, forms))
	}
	if len(b.spell) == 0 {
		p.misfit(at, forms[0].kept, fmt.Sprintf("%q is a %s, and the schema takes none", h.lead.text, prop.Type))
	}
	return len(b.spell) > 0
}

// closedSet are all values of a property, nil where they are open.
func closedSet(p *shop.Property) []string {
	switch p.Type {
	case shop.Choice:
		return p.Values
	case shop.Boolean:
		return []string{"false", "true"}
	}
	return nil
}

// knowsAll: a map names values that the world has, and gives values that the
// schema has.
func (p *planner) knowsAll(table map[string]any, prop *shop.Property, forms []*form, at *place) bool {
	closed := closedSet(prop)
	for _, k := range sortedKeys(table) {
		if closed != nil && !slices.Contains(closed, k) {
			p.staging.fail(forms[0].kept, fmt.Sprintf("%q is none of the values that \"map\" can name", k), schema.Nearest(k, closed)...)
			return false
		}
		if !p.takes(forms, table[k]) && !at.among {
			p.staging.fail(forms[0].kept, fmt.Sprintf("\"map\" says %s for %q, which the schema does not take", encode(table[k]), k))
			return false
		}
	}
	return true
}

// takes reports whether one of the forms admits a scalar.
func (p *planner) takes(forms []*form, v any) bool {
	return slices.ContainsFunc(forms, func(f *form) bool {
		if f.values != nil {
			want := canonical(v)
			return slices.ContainsFunc(f.values, func(text []byte) bool {
				got, err := decode(text)
				return err == nil && canonical(got) == want
			})
		}
		return typeOf(v)&f.types() != 0 && p.formAdmits(f, v) ||
			typeOf(v) == schema.Integer && f.types()&schema.Number != 0 && p.formAdmits(f, v)
	})
}

// closed writes the values of a closed set from a table.
func (p *planner) closed(b *bound, values []string, table map[string]any, forms []*form, h *hint, at *place) bool {
	texts := map[string][]byte{}
	for _, v := range values {
		said, ok := table[v]
		if !ok {
			said = h.str("prefix", "") + v
			if b.prop.Type == shop.Boolean && p.takes(forms, v == "true") {
				said = v == "true"
			}
		}
		if !p.takes(forms, said) {
			if at.among {
				continue
			}
			p.staging.fail(forms[0].kept, fmt.Sprintf("%q can be %q, which the schema does not take: map it to a value of the schema", h.lead.text, v))
			return false
		}
		texts[v] = encode(said)
	}
	b.spell = []spelling{func(_ *gen, dst []byte, v shop.Value) ([]byte, bool) {
		key := v.Text
		if v.Type == shop.Boolean {
			key = values[v.Int]
		}
		text, ok := texts[key]
		return append(dst, text...), ok
	}}
	return true
}

// mapped writes the open values that a map names.
func (p *planner) mapped(table map[string]any, forms []*form) spelling {
	texts := map[string][]byte{}
	for k, v := range table {
		if p.takes(forms, v) {
			texts[k] = encode(v)
		}
	}
	return func(_ *gen, dst []byte, v shop.Value) ([]byte, bool) {
		var room [64]byte
		text, ok := texts[string(plainText(room[:0], v))]
		return append(dst, text...), ok
	}
}

// plainText is how maps and conditions name a value.
func plainText(dst []byte, v shop.Value) []byte {
	switch v.Type {
	case shop.Text, shop.Choice:
		return v.Spell(dst)
	case shop.Boolean:
		return strconv.AppendBool(dst, v.Int != 0)
	}
	return appendInt(dst, v.Int)
}

// spelling writes an open value in one form, nil where it cannot.
func (p *planner) spelling(prop *shop.Property, f *form, at *place, h *hint) spelling {
	switch {
	case f.values != nil && f.typ == 0:
		return amongst(f.values)
	case f.text != nil:
		return p.spelledText(prop, f, h)
	case f.number != nil:
		return spelledNumber(prop, f, h, at)
	}
	return nil
}

// amongst takes the values that an enum lists.
func amongst(values [][]byte) spelling {
	texts := map[string][]byte{}
	for _, text := range values {
		v, err := decode(text)
		if s, ok := v.(string); ok && err == nil {
			texts[s] = text
		} else if n, ok := v.(json.Number); ok && err == nil {
			texts[n.String()] = text
		}
	}
	if len(texts) == 0 {
		return nil
	}
	return func(_ *gen, dst []byte, v shop.Value) ([]byte, bool) {
		var room [64]byte
		text, ok := texts[string(plainText(room[:0], v))]
		return append(dst, text...), ok
	}
}

// spelledText writes strings.
func (p *planner) spelledText(prop *shop.Property, f *form, h *hint) spelling {
	prefix := h.str("prefix", "")
	c := &composed{}
	switch prop.Type {
	case shop.Time:
		layout := layoutOf(f, "", h)
		if plainOf(prop) == "person.birthDate" && h.str("layout", "") == "" && !slices.Contains(f.text.formats, "date-time") {
			layout = "2006-01-02"
		}
		zone := zoneOf(h.str("zone", ""))
		c.form, c.formats = layoutExpr(layout, zone), layoutFormats(layout)
		return p.checked(f, c, "", func(g *gen, dst []byte, v shop.Value) []byte { return g.appendTime(dst, v.Int, layout, zone) })
	case shop.Money:
		c.form = `-?[0-9]{1,12}\.[0-9]{2}`
		return p.checked(f, c, prefix, func(_ *gen, dst []byte, v shop.Value) []byte { return appendCents(dst, v.Int) })
	case shop.Rate:
		return p.checked(f, c, prefix, func(_ *gen, dst []byte, v shop.Value) []byte { return appendDecimal(dst, v.Int, rateScale(h)) })
	case shop.Text:
		switch plainOf(prop) {
		case "id.hex":
			c.form = "[0-9a-f]{32}"
		case "id.uuid":
			c.form, c.formats = uuidForm, []string{"uuid"}
		}
		return p.checked(f, c, prefix, func(_ *gen, dst []byte, v shop.Value) []byte { return v.Spell(dst) })
	case shop.Integer:
		c.form = `-?[0-9]{1,18}`
		return p.checked(f, c, prefix, func(_ *gen, dst []byte, v shop.Value) []byte { return appendInt(dst, v.Int) })
	}
	return nil
}

const uuidForm = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"

// judging keeps the judges of texts, which remember what they compiled, from
// working side by side.
var judging sync.Mutex

// checked writes a text in quotes, and looks whether the schema takes it where
// that is not proven.
func (p *planner) checked(f *form, c *composed, prefix string, write func(g *gen, dst []byte, v shop.Value) []byte) spelling {
	if prefix != "" && c.form != "" {
		c.form = quoteMeta(prefix) + c.form
	}
	safe := f.text.free() || c.form != "" && p.proven(f.text, c)
	lead := string(quoted(prefix))
	lead = lead[:len(lead)-1] // the quote that begins, and the prefix
	return func(g *gen, dst []byte, v shop.Value) ([]byte, bool) {
		start := len(dst)
		dst = append(dst, lead...)
		text := len(dst)
		dst = write(g, dst, v)
		for _, ch := range dst[text:] {
			if ch < ' ' || ch == '"' || ch == '\\' {
				dst = append(dst[:text], quoted(string(dst[text:]))[1:]...)
				dst = dst[:len(dst)-1]
				break
			}
		}
		dst = append(dst, '"')
		if safe {
			return dst, true
		}
		var s string
		if json.Unmarshal(dst[start:], &s) != nil {
			return dst, false
		}
		judging.Lock()
		defer judging.Unlock()
		return dst, p.admits(f.text, s)
	}
}

// spelledNumber writes numbers.
func spelledNumber(prop *shop.Property, f *form, h *hint, at *place) spelling {
	whole := f.typ&schema.Number == 0
	scale := 0
	switch prop.Type {
	case shop.Integer:
	case shop.Money:
		if !whole {
			scale = 2
		}
	case shop.Rate:
		scale = rateScale(h)
		if whole {
			scale = 2
		}
	case shop.Time:
		unit := int64(1000)
		if h.str("layout", "") == "unixMilli" {
			unit = 1
		}
		return fitting(f.number, 0, func(v shop.Value) (int64, bool) { return v.Int / unit, true })
	case shop.Text:
		k := kinds()[plainOf(prop)]
		if (k == nil || k.types&numberType == 0) && !at.among {
			return nil
		}
		return fitting(f.number, 0, func(v shop.Value) (int64, bool) {
			n, err := strconv.ParseInt(v.Text, 10, 64)
			return n, err == nil
		})
	default:
		return nil
	}
	return fitting(f.number, scale, func(v shop.Value) (int64, bool) { return v.Int, true })
}

// rateScale is how many of a rate's four decimal places follow the point.
func rateScale(h *hint) int {
	if percent, _ := h.args["percent"].(bool); percent {
		return 2
	}
	return 4
}

// fitting writes decimal numbers that keep the rules.
func fitting(r *numberRules, scale int, read func(shop.Value) (int64, bool)) spelling {
	easy := len(r.avoid) == 0 && len(r.notMultiples) == 0 && (r.step == nil || r.step.Cmp(big.NewRat(1, 1)) == 0) && small(r.lo) && small(r.hi)
	lo, hi := int64(-1<<62), int64(1<<62)
	if easy && r.lo != nil {
		if lo = r.lo.Num().Int64(); r.loOpen {
			lo++
		}
	}
	if easy && r.hi != nil {
		if hi = r.hi.Num().Int64(); r.hiOpen {
			hi--
		}
	}
	unit := unitOfPlaces(scale)
	return func(_ *gen, dst []byte, v shop.Value) ([]byte, bool) {
		n, ok := read(v)
		if !ok {
			return dst, false
		}
		if easy && (scale == 0 || r.step == nil && r.lo == nil && r.hi == nil) {
			return appendDecimal(dst, n, scale), n >= lo && n <= hi
		}
		return appendDecimal(dst, n, scale), r.keeps(new(big.Rat).Mul(big.NewRat(n, 1), unit))
	}
}

// small: no bound, or a whole one that can be compared in 64 bits.
func small(r *big.Rat) bool { return r == nil || r.IsInt() && r.Num().IsInt64() }

// appendCents writes money with two decimal places.
func appendCents(dst []byte, v int64) []byte {
	if v < 0 {
		dst = append(dst, '-')
		v = -v
	}
	dst = appendInt(dst, v/100)
	return append(dst, '.', '0'+byte(v/10%10), '0'+byte(v%10))
}

// appendTime writes milliseconds since 1970.
func (w *setting) appendTime(dst []byte, ms int64, layout string, zone *time.Location) []byte {
	switch {
	case layout == rfc3339 && zone == time.UTC:
		return w.appendRFC3339(dst, floorDiv(ms, 1000))
	case layout == "2006-01-02" && zone == time.UTC:
		return w.appendDay(dst, floorDiv(ms, 1000))
	case layout == "unix":
		return appendInt(dst, floorDiv(ms, 1000))
	case layout == "unixMilli":
		return appendInt(dst, ms)
	}
	return time.UnixMilli(ms).In(zone).AppendFormat(dst, layout)
}

// plainOf is the hint that a property looks like, "" if it has none.
func plainOf(p *shop.Property) string {
	if len(p.Plain) == 0 {
		return ""
	}
	return p.Plain[0]
}
