package faker

import (
	"slices"
	"unicode"
)

// People and addresses belong to the nearest list element, or else to the
// event: the customer of an order is also who it is billed to. Whoever stands
// under another role is somebody else.

var (
	saltPerson, saltAddress = draw("person"), draw("address")
	saltMale, saltFirst     = draw("male"), draw("first")
	saltLast, saltCity      = draw("last"), draw("city")
	saltStreet, saltHouse   = draw("street"), draw("house")
	saltShipping            = draw("shipping")
	saltPhone, saltDigits   = draw("phone"), draw("digits")
	otherPeople             = []string{"seller", "supplier", "merchant", "employee", "author", "agent", "courier", "vendor", "staff", "operator", "referrer"}
	otherAddresses          = []string{"shipping", "delivery", "ship", "forward", "recipient"}
	otherPlaces             = append(slices.Clone(otherPeople), "warehouse", "store", "pickup", "collection", "sender", "origin")
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
			c.form = part.form(p.setting.locale)
			return p.fit(f, c)
		}
		all := part.rows(p.setting.locale, h)
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
