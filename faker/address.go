package faker

import (
	"math/big"
	"strings"
)

// home is an address of the event.
type home struct {
	country *country
	city    *city
	street  string
	house   int
}

// home finds the address of a role. Goods mostly go where the bill goes.
func (g *gen) home(role uint64, shipping bool) home {
	k := g.scope.with(saltAddress ^ role)
	if shipping {
		k = g.scope.with(saltAddress)
		if other := k.with(saltShipping); other.below(10) < 3 {
			k = other
		}
	}
	c := g.country()
	return home{
		country: c,
		city:    &c.cities[k.with(saltCity).below(uint64(len(c.cities)))],
		street:  c.streets[k.with(saltStreet).below(uint64(len(c.streets)))],
		house:   1 + int(k.with(saltHouse).below(120)),
	}
}

type addressPart struct {
	rows  func(c *country) []string
	form  string
	write func(dst []byte, h home) []byte
}

var (
	street = addressPart{
		rows:  func(c *country) []string { return c.streets },
		write: func(dst []byte, h home) []byte { return append(dst, h.street...) },
	}
	houseNumber = addressPart{
		form:  `[1-9][0-9]{0,2}`,
		write: func(dst []byte, h home) []byte { return appendInt(dst, int64(h.house)) },
	}
	addressLine = addressPart{
		form: `[^\x00-\x1f"\\]{3,40}`,
		write: func(dst []byte, h home) []byte {
			if h.country.houseFirst {
				dst = append(appendInt(dst, int64(h.house)), ' ')
				return append(dst, h.street...)
			}
			dst = append(append(dst, h.street...), ' ')
			return appendInt(dst, int64(h.house))
		},
	}
	cityName = addressPart{
		rows:  func(c *country) []string { return eachCity(c, func(c city) string { return c.name }) },
		write: func(dst []byte, h home) []byte { return append(dst, h.city.name...) },
	}
	zipCode = addressPart{
		rows:  func(c *country) []string { return eachCity(c, func(c city) string { return c.zip }) },
		write: func(dst []byte, h home) []byte { return append(dst, h.city.zip...) },
	}
	state = addressPart{
		rows:  func(c *country) []string { return eachCity(c, func(c city) string { return c.state }) },
		write: func(dst []byte, h home) []byte { return append(dst, h.city.state...) },
	}
)

func eachCity(c *country, of func(city) string) (out []string) {
	for _, city := range c.cities {
		out = append(out, of(city))
	}
	return out
}

func address(part addressPart) making {
	return func(p *planner, f *form, at *place, _ *hint) maker {
		who := role(at, otherPlaces)
		shipping := who == 0 && role(at, otherAddresses) != 0
		c := &composed{form: part.form, write: func(g *gen, dst []byte, _ key) []byte {
			return part.write(dst, g.home(who, shipping))
		}}
		if part.rows == nil {
			return p.fit(f, c)
		}
		var all []string
		for i := range p.world.locale.countries {
			all = append(all, part.rows(&p.world.locale.countries[i])...)
		}
		rows, _ := p.tableOf(f, all).(table)
		switch len(rows) {
		case len(all):
			return c
		case 0:
			return nil
		}
		return rows
	}
}

func coordinates(of func(city) float64) making {
	return func(p *planner, f *form, at *place, _ *hint) maker {
		lo, hi := 90.0, -90.0
		for _, c := range p.world.locale.countries {
			for _, city := range c.cities {
				lo, hi = min(lo, of(city)), max(hi, of(city))
			}
		}
		return p.ranged(f, new(big.Rat).SetFloat64(lo), new(big.Rat).SetFloat64(hi), big.NewRat(1, 10_000))
	}
}

// national is a value of the event's country.
func national(of func(*country) string) making {
	return func(p *planner, f *form, _ *place, _ *hint) maker {
		var all []string
		for i := range p.world.locale.countries {
			all = append(all, of(&p.world.locale.countries[i]))
		}
		rows, _ := p.tableOf(f, all).(table)
		switch len(rows) {
		case len(all):
			return byCountry(rows)
		case 0:
			return nil
		}
		return rows
	}
}

// byCountry has a row for each country of the locale.
type byCountry table

func (m byCountry) append(g *gen, dst []byte, _ key) []byte { return append(dst, m[g.nation()]...) }

// languages are those that the elements of a list go through.
var languages = []string{"en_GB", "de_DE", "fr_FR", "cs_CZ", "pl_PL", "it_IT", "es_ES", "nl_NL"}

func spellLanguage(code, style string) string {
	switch style {
	case "en":
		return code[:2]
	case "en-GB":
		return strings.ReplaceAll(code, "_", "-")
	}
	return code
}

// languageCode is the language of the event's country; the elements of a list
// have one each, beginning with that.
func languageCode(p *planner, f *form, at *place, h *hint) maker {
	style := h.str("style", "en_GB")
	listed := false
	for up := at; up != nil; up = up.up {
		listed = listed || up.item
	}
	if listed {
		codes := []string{spellLanguage(p.world.locale.countries[0].language, style)}
		for _, l := range languages {
			if code := spellLanguage(l, style); code != codes[0] {
				codes = append(codes, code)
			}
		}
		if rows, _ := p.tableOf(f, codes).(table); len(rows) == len(codes) {
			return byIndex(rows)
		}
	}
	return national(func(c *country) string { return spellLanguage(c.language, style) })(p, f, at, h)
}

// byIndex has a row for each element of a list.
type byIndex table

func (m byIndex) append(g *gen, dst []byte, _ key) []byte { return append(dst, m[g.index%len(m)]...) }
