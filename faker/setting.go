package faker

import "time"

// A setting is what all events of a faker share: the moment, the people and
// places of a locale. It is read-only.
type setting struct {
	seed   key
	at     int64 // seconds since 1970
	year   int
	locale *locale

	calendar calendar
}

// usualMoment is the moment of events whose Options name none.
var usualMoment = time.Date(2026, time.January, 15, 10, 0, 0, 0, time.UTC)

func newSetting(o Options) *setting {
	at := o.At
	if at.IsZero() {
		at = usualMoment
	}
	return &setting{
		seed:   key(mix(o.Seed, saltSeed)),
		at:     at.Unix(),
		year:   at.UTC().Year(),
		locale: localeOf(o.Locale),

		calendar: newCalendar(at.Unix()),
	}
}

// start begins event number n of a type.
func (g *gen) start(w *setting, salt uint64, n uint64) {
	g.setting = w
	g.root = key(mix(uint64(w.seed.with(salt)), n))
	g.scope = g.root
	g.budget = maxValues
	g.at = w.at
	g.land = &w.locale.countries[g.nation()]
}

// nation is the index of the event's country.
func (g *gen) nation() int {
	if n := uint64(len(g.locale.countries)); n > 1 {
		return int(g.root.with(saltCountry).below(n))
	}
	return 0
}

var saltSeed, saltCountry = draw("seed"), draw("country")

// country of the event.
func (g *gen) country() *country { return g.land }
