package faker

import (
	"math/big"
	"slices"

	"github.com/hookrig/hookrig/contracts/schema"
)

// spelledOut are the values that a hint lists, of whatever type.
func (p *planner) spelledOut(g *goal, f *form, h *hint) maker {
	var values []any
	switch {
	case !h.given && f.values != nil: // a guess does not narrow an enum
	case h.is("pick"):
		values, _ = h.args["values"].([]any)
	case h.is("constant"):
		values = []any{h.args["value"]}
	}
	var rows table
	for _, v := range values {
		if typeOf(v)&f.types() != 0 && p.judge.meets(g.lits, v) {
			rows = append(rows, encode(v))
		}
	}
	if len(rows) == 0 {
		return nil
	}
	h.serve()
	return rows
}

func (p *planner) listed(f *form, at *place, h *hint) maker {
	if len(f.values) == 1 {
		return fixed(f.values[0])
	}
	if f.typ == schema.Boolean {
		return biased{shareOf(h.trues())}
	}
	if m := h.amongst(p, f, at); m != nil {
		return m
	}
	return table(f.values)
}

func (p *planner) number(f *form, at *place, h *hint) maker {
	if m := h.number(p, f, at); m != nil {
		return m
	}
	r := f.number
	if examples := p.examples(f); examples != nil {
		return examples
	}
	if r.integer {
		return draws(r.within(big.NewRat(1, 1), big.NewRat(100, 1)).lattice(nil))
	}
	return draws(r.within(big.NewRat(1, 1), big.NewRat(100, 1)).lattice(big.NewRat(1, 100)))
}

func (p *planner) text(f *form, at *place, h *hint) maker {
	if m := h.text(p, f, at); m != nil {
		return m
	}
	if examples := p.examples(f); examples != nil {
		return examples
	}
	r := f.text
	switch {
	case r.words != nil:
		return words{r.words}
	case r.table != nil:
		return quotedTable(r.table)
	}
	if m := p.tableOf(f, plainWords); m != nil {
		return m
	}
	// Only a length is asked for.
	l, err := p.language([]rule{{`^[a-z]*$`, false}}, r.shortest, r.longest)
	if err == nil && l.total > 0 {
		return words{l}
	}
	if m := p.tableOf(f, likelyWords(r.shortest, r.longest)); m != nil {
		return m
	}
	p.fail(at, "no string of the length found")
	return fixed(`""`)
}

// examples are the schema's own, where they keep it.
func (p *planner) examples(f *form) maker {
	var rows table
	for _, n := range implied(f.kept) {
		for _, raw := range append(slices.Clone(n.Examples), n.Default) {
			if raw == nil {
				continue
			}
			v, err := decode(raw)
			if err != nil || typeOf(v)&f.typ == 0 || !p.formAdmits(f, v) {
				continue
			}
			if text := compact(raw); !slices.ContainsFunc(rows, func(r []byte) bool { return string(r) == string(text) }) {
				rows = append(rows, text)
			}
		}
		if len(rows) > 0 {
			return rows
		}
	}
	return nil
}

// formAdmits judges a scalar against all that a form says.
func (p *planner) formAdmits(f *form, v any) bool {
	for _, n := range f.kept {
		if !p.judge.keeps(n, v) {
			return false
		}
	}
	switch v := v.(type) {
	case string:
		return f.text != nil && p.admits(f.text, v)
	default:
		r, ok := ratOf(v)
		return ok && f.number != nil && f.number.admits(r)
	}
}

// tableOf keeps of some candidate strings those that the form admits.
func (p *planner) tableOf(f *form, candidates []string) maker {
	if f.text.free() && len(candidates) > 0 {
		k := tableKey{&candidates[0], len(candidates)}
		if _, ok := p.tables[k]; !ok {
			p.tables[k] = quotedTable(candidates)
		}
		return p.tables[k]
	}
	var rows table
	for _, c := range candidates {
		if p.admits(f.text, c) {
			rows = append(rows, quoted(c))
		}
	}
	if len(rows) == 0 {
		return nil
	}
	return rows
}

func quotedTable(words []string) table {
	var rows table
	for _, w := range words {
		rows = append(rows, quoted(w))
	}
	texts := make([]*[]byte, len(rows))
	for i := range rows {
		texts[i] = &rows[i]
	}
	together(texts...)
	return rows
}
