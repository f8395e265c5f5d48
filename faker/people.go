package faker

import (
	"math/big"
	"slices"
	"strings"
	"unicode"
)

// People and addresses belong to the nearest list element, or else to the
// event: the customer of an order is also who it is billed to. Whoever stands
// under another role is somebody else.

var (
	saltPerson, saltAddress   = draw("person"), draw("address")
	saltMale, saltFirst       = draw("male"), draw("first")
	saltLast, saltCity        = draw("last"), draw("city")
	saltStreet, saltHouse     = draw("street"), draw("house")
	saltShipping, saltCompany = draw("shipping"), draw("company")
	saltPhone, saltDigits     = draw("phone"), draw("digits")
	otherPeople               = []string{"seller", "supplier", "merchant", "employee", "author", "agent", "courier", "vendor", "staff", "operator", "referrer"}
	otherAddresses            = []string{"shipping", "delivery", "ship", "forward", "recipient"}
	otherPlaces               = append(slices.Clone(otherPeople), "warehouse", "store", "pickup", "collection", "sender", "origin")
)

// role is the salt of the nearest name that stands for somebody else, 0 if
// there is none up to the nearest list.
func role(at *place, others []string) uint64 {
	for ; at != nil && !at.item; at = at.up {
		for _, w := range tokens(at.name) {
			if slices.Contains(others, w) {
				return name(w)
			}
		}
	}
	return 0
}

type someone struct {
	male        bool
	first, last int
}

func (g *gen) person(role uint64) someone {
	k := g.scope.with(saltPerson ^ role)
	l := g.locale
	s := someone{male: k.with(saltMale)&1 == 0}
	first := l.female
	if s.male {
		first = l.male
	}
	s.first = int(k.with(saltFirst).below(uint64(len(first))))
	s.last = int(k.with(saltLast).below(uint64(len(l.last))))
	return s
}

func (s someone) firstName(l *locale) string {
	if s.male {
		return l.male[s.first]
	}
	return l.female[s.first]
}

func (s someone) lastName(l *locale) string {
	if !s.male && l.lastFemale != nil {
		return l.lastFemale[s.last]
	}
	return l.last[s.last]
}

// A personPart writes something of a person; form is a pattern for it.
type personPart struct {
	rows    func(l *locale, h *hint) []string // all that it can write, if that is a table
	form    func(l *locale) string            // or its form
	formats []string
	write   func(g *gen, dst []byte, s someone, h *hint) []byte
}

var (
	firstName = personPart{
		rows:  func(l *locale, _ *hint) []string { return slices.Concat(l.male, l.female) },
		write: func(g *gen, dst []byte, s someone, _ *hint) []byte { return append(dst, s.firstName(g.locale)...) },
	}
	lastName = personPart{
		rows:  func(l *locale, _ *hint) []string { return slices.Concat(l.last, l.lastFemale) },
		write: func(g *gen, dst []byte, s someone, _ *hint) []byte { return append(dst, s.lastName(g.locale)...) },
	}
	fullName = personPart{
		form: func(l *locale) string { return `\pL+ [\pL' -]+` },
		write: func(g *gen, dst []byte, s someone, _ *hint) []byte {
			dst = append(append(dst, s.firstName(g.locale)...), ' ')
			return append(dst, s.lastName(g.locale)...)
		},
	}
	gender = personPart{
		rows: func(_ *locale, h *hint) []string { return []string{h.str("male", "male"), h.str("female", "female")} },
		write: func(g *gen, dst []byte, s someone, h *hint) []byte {
			if s.male {
				return append(dst, h.str("male", "male")...)
			}
			return append(dst, h.str("female", "female")...)
		},
	}
	salutation = personPart{
		rows: func(l *locale, _ *hint) []string { return []string{l.mister, l.miss} },
		write: func(g *gen, dst []byte, s someone, _ *hint) []byte {
			if s.male {
				return append(dst, g.locale.mister...)
			}
			return append(dst, g.locale.miss...)
		},
	}
	title = personPart{
		rows: func(l *locale, _ *hint) []string { return l.titles },
		write: func(g *gen, dst []byte, s someone, h *hint) []byte {
			return append(dst, g.locale.titles[(s.first+s.last)%len(g.locale.titles)]...)
		},
	}
	email = personPart{
		form:    func(*locale) string { return `[a-z]+\.[a-z]+@example\.(com|org|net)` },
		formats: []string{"email", "idn-email"},
		write: func(g *gen, dst []byte, s someone, _ *hint) []byte {
			dst = append(appendPlain(dst, s.firstName(g.locale)), '.')
			dst = append(appendPlain(dst, s.lastName(g.locale)), '@')
			return append(dst, domains[(s.first+s.last)%len(domains)]...)
		},
	}
	userName = personPart{
		form: func(*locale) string { return `[a-z]+[0-9]{2}` },
		write: func(g *gen, dst []byte, s someone, _ *hint) []byte {
			dst = appendPlain(dst, s.firstName(g.locale)[:1])
			dst = appendPlain(dst, s.lastName(g.locale))
			return appendInt(dst, int64(10+(s.first*7+s.last)%90))
		},
	}
)

func person(part personPart) making {
	return func(p *planner, f *form, at *place, h *hint) maker {
		c := &composed{formats: part.formats}
		who := role(at, otherPeople)
		c.write = func(g *gen, dst []byte, _ key) []byte { return part.write(g, dst, g.person(who), h) }
		if part.form != nil {
			c.form = part.form(p.world.locale)
			return p.fit(f, c)
		}
		all := part.rows(p.world.locale, h)
		if rows, _ := p.tableOf(f, all).(table); len(rows) != len(all) {
			if rows == nil {
				return nil
			}
			return rows
		}
		return c
	}
}

// appendPlain writes a name in the letters of e-mail addresses.
func appendPlain(dst []byte, s string) []byte {
	for _, r := range s {
		switch {
		case r >= 'a' && r <= 'z':
			dst = append(dst, byte(r))
		case r >= 'A' && r <= 'Z':
			dst = append(dst, byte(r)+'a'-'A')
		case r > 127:
			dst = append(dst, folded(r)...)
		}
	}
	return dst
}

// folded spells the letters of our locales in ASCII.
func folded(r rune) string {
	const from, to = "áčďéěíňóřšťúůýžąćęłńśźżàâçèêëîïôûñõøå", "acdeeinorstuuyzacelnszzaaceeeiiounooa"
	r = unicode.ToLower(r)
	switch r {
	case 'ä':
		return "ae"
	case 'ö':
		return "oe"
	case 'ü':
		return "ue"
	case 'ß':
		return "ss"
	}
	i := 0
	for _, f := range from {
		if f == r {
			return to[i : i+1]
		}
		i++
	}
	return ""
}

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

func company(p *planner, f *form, at *place, h *hint) maker {
	var all []string
	l := p.world.locale
	for i, name := range l.last {
		form := l.firms[i%len(l.firms)]
		all = append(all, strings.Replace(form, "%s", name, 1))
	}
	return p.tableOf(f, all)
}

func phone(p *planner, f *form, at *place, h *hint) maker {
	who := role(at, otherPeople)
	return p.fit(f, &composed{form: `\+[0-9]{1,3}[0-9 ]{6,14}`, write: func(g *gen, dst []byte, _ key) []byte {
		c := g.country()
		k := g.scope.with(saltPhone ^ who)
		return appendShape(dst, c.phones[k.below(uint64(len(c.phones)))], k.with(saltDigits))
	}})
}

func iban(p *planner, f *form, at *place, h *hint) maker {
	return p.fit(f, &composed{form: `[A-Z]{2}[0-9]{2}[A-Z0-9]{14,24}`, write: func(g *gen, dst []byte, k key) []byte {
		c := g.country()
		var room [40]byte
		account := appendShape(room[:0], c.iban, k)
		if c.alpha2 == "GB" {
			account = append(append(room[:0], c.bics[0][:4]...), appendShape(nil, "##############", k)...)
		}
		a, b := ibanCheck(c.alpha2, string(account))
		dst = append(append(dst, c.alpha2...), a, b)
		return append(dst, account...)
	}})
}

func vatID(p *planner, f *form, at *place, h *hint) maker {
	return p.fit(f, &composed{form: `[A-Z]{2,3}[0-9]{8,10}`, write: func(g *gen, dst []byte, k key) []byte {
		c := g.country()
		dst = append(dst, c.vatPrefix...)
		start := len(dst)
		return c.vatID(appendDigits(dst, k.below(10_000_000_000), 10), start)
	}})
}
