package faker

import "time"

// A world is what all events of a faker share: the moment, the people and
// places of a locale. It is read-only.
type world struct {
	seed   key
	at     int64 // seconds since 1970
	locale *locale
}

// usualMoment is the moment of events whose Options name none.
var usualMoment = time.Date(2026, time.January, 15, 10, 0, 0, 0, time.UTC)

func newWorld(o Options) *world {
	at := o.At
	if at.IsZero() {
		at = usualMoment
	}
	return &world{
		seed:   key(mix(o.Seed, saltSeed)),
		at:     at.Unix(),
		locale: localeOf(o.Locale),
	}
}

// start begins event number n of a type.
func (g *gen) start(w *world, salt uint64, n uint64) {
	g.world = w
	g.root = key(mix(uint64(w.seed.with(salt)), n))
	g.scope = g.root
	g.budget = maxValues
}

var saltSeed, saltCountry = draw("seed"), draw("country")

// country of the event.
func (g *gen) country() int {
	return int(g.root.with(saltCountry).below(uint64(len(g.locale.countries))))
}
