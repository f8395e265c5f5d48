package faker

import (
	"math"
	"math/big"
	"slices"
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
		for i := range p.setting.locale.countries {
			all = append(all, part.rows(&p.setting.locale.countries[i])...)
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

// A coordinate is a latitude or longitude near the city of its address.
type coordinate struct {
	of       func(city) float64
	who      uint64
	shipping bool
}

// Coordinates have four decimal places, which is some ten metres, and lie
// within two kilometres of the city's middle.
const (
	coordinatePlaces = 4
	coordinateUnit   = 10_000
	aroundCity       = 200
)

func coordinateAt(of func(city) float64, at *place) *coordinate {
	who := role(at, otherPlaces)
	return &coordinate{of, who, who == 0 && role(at, otherAddresses) != 0}
}

func (m *coordinate) units(c *city) int64 { return int64(math.Round(m.of(*c) * coordinateUnit)) }

func (m *coordinate) draw(g *gen, k key) int64 {
	return m.units(g.home(m.who, m.shipping).city) - aroundCity + int64(k.below(2*aroundCity+1))
}

func (m *coordinate) append(g *gen, dst []byte, k key) []byte {
	return appendDecimal(dst, m.draw(g, k), coordinatePlaces)
}

func coordinates(of func(city) float64) making {
	return func(p *planner, f *form, at *place, h *hint) maker {
		m := coordinateAt(of, at)
		lo, hi := int64(90*coordinateUnit), int64(-90*coordinateUnit)
		for _, c := range p.setting.locale.countries {
			for i := range c.cities {
				lo, hi = min(lo, m.units(&c.cities[i])-aroundCity), max(hi, m.units(&c.cities[i])+aroundCity)
			}
		}
		l := &lattice{first: lo, step: 1, count: uint64(hi-lo) + 1, scale: coordinatePlaces}
		if f.number.holds(l) {
			return m
		}
		return p.ranged(f, big.NewRat(lo, coordinateUnit), big.NewRat(hi, coordinateUnit), big.NewRat(1, coordinateUnit))
	}
}

func coordinateText(of func(city) float64) making {
	return func(p *planner, f *form, at *place, h *hint) maker {
		m := coordinateAt(of, at)
		return p.fit(f, &composed{form: `-?[0-9]{1,2}\.[0-9]{4}`, write: func(g *gen, dst []byte, k key) []byte {
			return appendMoney(dst, m.draw(g, k), coordinatePlaces)
		}})
	}
}

func latitude(c city) float64  { return c.lat }
func longitude(c city) float64 { return c.lng }

// national is a value of the event's country.
func national(of func(*country) string) making {
	return func(p *planner, f *form, _ *place, _ *hint) maker {
		var all []string
		for i := range p.setting.locale.countries {
			all = append(all, of(&p.setting.locale.countries[i]))
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
	if at.listed() {
		own, _ := p.tableOf(f, p.setting.languages(style)).(table)
		others := slices.DeleteFunc(spellLanguages(languages, style), func(l string) bool { return slices.Contains(p.setting.languages(style), l) })
		rest, _ := p.tableOf(f, others).(table)
		if len(own) == len(p.setting.locale.countries) && len(rest) == len(others) {
			return &languageList{byCountry(own), rest}
		}
	}
	return national(func(c *country) string { return spellLanguage(c.language, style) })(p, f, at, h)
}

// languages are those of the locale's countries.
func (w *setting) languages(style string) (out []string) {
	for _, c := range w.locale.countries {
		out = append(out, spellLanguage(c.language, style))
	}
	return out
}

func spellLanguages(codes []string, style string) (out []string) {
	for _, c := range codes {
		out = append(out, spellLanguage(c, style))
	}
	return out
}

// A languageList has the language of the event's country first, and another
// for each further element of a list.
type languageList struct {
	own  byCountry
	rest table
}

func (m *languageList) append(g *gen, dst []byte, k key) []byte {
	i := g.index % (len(m.rest) + 1)
	if i == 0 {
		return m.own.append(g, dst, k)
	}
	return append(dst, m.rest[i-1]...)
}
