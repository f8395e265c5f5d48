package faker

import "slices"

// making makes the maker of a hint, or nil where the hint cannot serve the
// form: a hint never widens what the schema allows.
type making = func(p *planner, f *form, at *place, h *hint) maker

// rows is a fixed table of texts.
func rows(texts []string) making {
	return func(p *planner, f *form, _ *place, _ *hint) maker { return p.tableOf(f, texts) }
}

// rowsOf is a table of the locale.
func rowsOf(of func(*locale) []string) making {
	return func(p *planner, f *form, _ *place, _ *hint) maker { return p.tableOf(f, of(p.setting.locale)) }
}

// A composed maker writes the text of a string, without quotes, that always
// belongs to a known form: a pattern for all that it can write. The planner
// uses it as it is where the form is proven to lie within the schema, and else
// only those of its values that the schema admits.
type composed struct {
	form    string       // "" if it has none
	formats []string     // that each value is of
	check   *checkDigits // nil where it has none
	write   func(g *gen, dst []byte, k key) []byte
}

func (c *composed) append(g *gen, dst []byte, k key) []byte {
	dst = append(dst, '"')
	dst = c.write(g, dst, k)
	return append(dst, '"')
}

// fit proves a composed maker, or tabulates it.
func (p *planner) fit(f *form, c *composed) maker {
	if p.proven(f.text, c) {
		return c
	}
	var candidates []string
	g := &gen{}
	for i := range uint64(96) {
		g.start(p.setting, saltSample, i)
		text := unescape(c.write(g, nil, g.root.with(saltSample)))
		if !slices.Contains(candidates, text) {
			candidates = append(candidates, text)
		}
	}
	usual, _ := p.tableOf(f, candidates).(table)
	if c.check != nil && len(usual) < fewRows {
		if others, _ := p.mended(f, c).(table); len(others) > len(usual) {
			return others
		}
	}
	if usual == nil {
		return nil
	}
	return usual
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

// sentence is a note, or what went wrong where the name says so.
func sentence(p *planner, f *form, at *place, h *hint) maker {
	for _, w := range tokens(at.member()) {
		if w == "error" || w == "failure" || w == "exception" {
			return p.tableOf(f, mishaps)
		}
	}
	return p.tableOf(f, p.setting.locale.sentences)
}
