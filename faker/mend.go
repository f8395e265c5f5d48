package faker

import (
	"slices"
	"strings"
)

// Numbers with check digits keep them right under patterns of all kinds: where
// the usual numbers do not fit a schema, words of the schema's own language are
// drawn and mended, and those that are then right and still fit are used.

// checkDigits says how those of a kind of number are made right. mend
// works on a copy, and is nil for what cannot be such a number: a number is
// right if mending leaves it alone.
type checkDigits struct {
	wide []string // patterns for such numbers, wherever they are given out
	mend func(text []byte) []byte
}

func (c *checkDigits) right(text string) bool {
	return text != "" && string(c.mend([]byte(text))) == text
}

const (
	mendDraws = 2_000 // words that are looked at
	mendRows  = 256   // and kept at most
	fewRows   = 32    // of the usual numbers, before others are looked for
)

// mended is a table of right numbers that a form admits, nil where there are
// none among the words that are looked at. It looks among numbers of the usual
// form first.
func (p *planner) mended(f *form, c *composed) maker {
	if f.text.only != nil {
		return p.tableOf(f, slices.DeleteFunc(slices.Clone(f.text.only), func(text string) bool { return !c.check.right(text) }))
	}
	for _, form := range append([]string{c.form}, c.check.wide...) {
		if rows := p.mendWords(f.text, c.check, form); rows != nil {
			return p.tableOf(f, rows)
		}
	}
	return nil
}

func (p *planner) mendWords(r *textRules, c *checkDigits, form string) (rows []string) {
	l, err := p.language(append(slices.Clone(r.patterns), rule{"^(?:" + form + ")$", false}), r.shortest, r.longest)
	if err != nil {
		return nil
	}
	for i := range min(l.total, mendDraws) {
		var word []byte
		if l.total <= mendDraws {
			word = l.append(nil, i)
		} else {
			word = l.draw(nil, key(mix(i, saltSample)))
		}
		for _, text := range []string{string(word), string(c.mend(word))} {
			if c.right(text) && p.admits(r, text) && !slices.Contains(rows, text) {
				rows = append(rows, text)
			}
		}
		if len(rows) >= mendRows {
			break
		}
	}
	return rows
}

// gtin: of 8, 12, 13 or 14 digits the last.
var gtin = &checkDigits{[]string{`[0-9]{8}|[0-9]{12,14}`}, func(text []byte) []byte {
	n := len(text)
	if n != 8 && n != 12 && n != 13 && n != 14 || strings.Trim(string(text), "0123456789") != "" {
		return nil
	}
	return append(slices.Clone(text[:n-1]), eanCheck(text[:n-1]))
}}

// account: the two digits after the country. How long the numbers of a country
// are is the schema's to say, but for the countries that we know.
var account = &checkDigits{[]string{knownAccounts(), `[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}`}, func(text []byte) []byte {
	if len(text) < 15 || len(text) > 34 {
		return nil
	}
	land := string(text[:2])
	if c := countryOf(func(c *country) bool { return c.alpha2 == land }); c != nil && len(text) != 4+len(c.iban) {
		return nil
	}
	out := slices.Clone(text)
	out[2], out[3] = ibanCheck(land, string(text[4:]))
	return out
}}

// knownAccounts is a pattern for those of the countries that we know.
func knownAccounts() string {
	var forms []string
	countryOf(func(c *country) bool {
		forms = append(forms, c.alpha2+"[0-9]{2}"+shapeExpr(c.iban))
		return false
	})
	return strings.Join(forms, "|")
}

// taxNumber: by the rule of its country, of those that we know.
var taxNumber = &checkDigits{[]string{`[A-Z]{2,3}[0-9]{8,10}`}, func(text []byte) []byte {
	c := countryOf(func(c *country) bool { return strings.HasPrefix(string(text), c.vatPrefix) })
	if c == nil || strings.Trim(string(text[len(c.vatPrefix):]), "0123456789") != "" {
		return nil
	}
	// A rule wants ten digits and leaves as many as the number has.
	out := c.vatID(append(slices.Clone(text), "0000000000"...)[:len(c.vatPrefix)+10], len(c.vatPrefix))
	if len(out) != len(text) {
		return nil
	}
	return out
}}

// countryOf is the first country of any locale that fits, nil if none does.
func countryOf(fits func(*country) bool) *country {
	for _, l := range []*locale{&britain, &german, &czech, &polish} {
		for i := range l.countries {
			if fits(&l.countries[i]) {
				return &l.countries[i]
			}
		}
	}
	return nil
}
