package faker

import (
	"time"
)

// A world is what all events of a faker share: the moment, the people and
// places of a locale. It is read-only.
type world struct {
	seed   key
	at     int64 // seconds since 1970
	locale *locale
	full   bool
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
		full:   o.Shape == Full,
	}
}

// start begins event number n of a type.
func (g *gen) start(w *world, salt uint64, n uint64) {
	g.world = w
	g.root = key(mix(uint64(w.seed.with(salt)), n))
	g.scope = g.root
	g.budget = maxValues
}

var saltSeed, saltTaste, saltCountry = draw("seed"), draw("taste"), draw("country")

// taste bends a share by how talkative the event is, so that optional members
// come and go together: a third of events is complete, some are sparse.
func (g *gen) taste(s share) share {
	if s >= certain || s == 0 {
		return s
	}
	switch r := g.root.with(saltTaste).below(10); {
	case r < 3:
		return s + (certain-s)/10*9
	case r < 5:
		return s / 10 * 8
	}
	return s
}

// country of the event.
func (g *gen) country() int {
	return int(g.root.with(saltCountry).below(uint64(len(g.locale.countries))))
}
