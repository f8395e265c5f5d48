package faker

import (
	"slices"
	"strings"

	"github.com/hookrig/hookrig/faker/shop"
)

// places are the words of a locale, as a shop asks for them.
type places struct{ *locale }

func (p places) Person(k uint64) shop.Person {
	g := gen{setting: &setting{locale: p.locale}, root: key(k)}
	g.scope = g.root
	s := g.person(0)
	l := p.locale
	salutation := l.miss
	if s.male {
		salutation = l.mister
	}
	out := shop.Person{First: s.firstName(l), Last: s.lastName(l), Salutation: salutation, Male: s.male}
	out.Full = out.First + " " + out.Last
	out.Title = l.titles[(s.first+s.last)%len(l.titles)]
	out.Email = string(email.write(&g, nil, s, nil))
	out.User = string(userName.write(&g, nil, s, nil))
	return out
}

func (p places) Place(k uint64) shop.Place {
	g := gen{setting: &setting{locale: p.locale}, root: key(k)}
	g.scope = g.root
	n := 0
	if g.root.with(saltCountry).below(10) > 7 { // most live in the shop's own country
		n = g.nation()
	}
	c := &p.countries[n]
	g.land = c
	h := g.home(0, false)
	return shop.Place{
		Street: h.street, House: string(houseNumber.write(nil, h)), Line: string(addressLine.write(nil, h)),
		Additional: p.additional[g.root.with(saltStreet).below(uint64(len(p.additional)))],
		Zip:        h.city.zip, City: h.city.name, State: h.city.state,
		Phone:   string(appendShape(nil, c.phones[g.root.with(saltPhone).below(uint64(len(c.phones)))], g.root.with(saltDigits))),
		Country: p.land(n),
	}
}

func (p places) Home() *shop.Country { return p.land(0) }

// land is one of the locale's countries. All of a shop's prices are in the
// currency of the first.
func (p places) land(n int) *shop.Country {
	c := &p.countries[n]
	level := int64(1)
	switch c.currency {
	case "CZK":
		level = 25
	case "PLN":
		level = 4
	}
	return &shop.Country{
		Name: c.name, Alpha2: c.alpha2, Alpha3: c.alpha3, Language: c.language, Currency: p.countries[0].currency,
		VAT: int64(c.vat) * 100, Level: level, EAN: c.ean,
	}
}

func oneWord(list []string, k uint64) string { return list[key(k).below(uint64(len(list)))] }

func (p places) Company(k uint64) string {
	return strings.Replace(oneWord(p.firms, mix(k, saltFirst)), "%s", oneWord(p.last, mix(k, saltLast)), 1)
}

// models tell articles of one name apart, in all languages; most articles have
// one.
var models = []string{"", "Active", "Basic", "Classic", "Comfort", "Eco", "Light", "Natural", "Nova", "Plus", "Premium", "Pro", "Retro", "Sport", "Studio", "Trend"}

func (p places) Product(k uint64) string {
	name := oneWord(p.products, mix(k, saltItem))
	if len(p.products) < 100 { // the longer lists are varied enough
		name += " " + oneWord(models, mix(k, saltLast))
	}
	return strings.TrimSpace(name)
}

func (p places) Category(n int) string { return p.categories[n%len(p.categories)] }
func (places) Brand(n int) string      { return brands[n%len(brands)] }

// clothes are parts of the names of what one wears, in all languages.
var clothes = []string{"hemd", "pullover", "jacke", "gürtel", "tričko", "svetr", "bunda", "pásek", "koszula", "sweter", "kurtka", "pasek"}

func (places) Wearable(product string) bool {
	return slices.ContainsFunc(clothes, func(part string) bool { return strings.Contains(strings.ToLower(product), part) })
}

// basicColors are what the lists of the other languages begin with.
var basicColors = []string{"black", "white", "blue", "red", "green", "grey", "beige"}

func (p places) Color(n int) string {
	if p.countries[0].language == "en_GB" {
		return basicColors[n%len(basicColors)]
	}
	return p.colors[n%len(basicColors)]
}

func (places) Size(n int) string          { return sizes[n%len(sizes)] }
func (p places) Sentence(k uint64) string { return oneWord(p.sentences, mix(k, saltItem)) }
func (p places) Word(k uint64) string     { return oneWord(p.words, mix(k, saltItem)) }

func (places) Slug(text string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(text) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		case r > 127:
			b.WriteString(folded(r))
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	return strings.Trim(b.String(), "-")
}
