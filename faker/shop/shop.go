package shop

import (
	"cmp"
	"time"
)

// Shards is how many parts a shop has that live side by side.
const Shards = 16

// Options of New. Words is needed, the rest has useful zero values.
type Options struct {
	Seed uint64
	// At is the moment at which the stream begins; zero is 2026-01-15T10:00:00Z.
	// The shop is older.
	At time.Time
	// Orders is how many orders a usual day has, 120 if 0. All else follows.
	Orders int
	// Quiet: nobody comes and nothing happens but what [Shop.Order] and [Shop.Do]
	// begin.
	Quiet bool
	Words Words
	Edits []Edit // one after the other
}

// Words is where the shop is: how people and goods are called there. All draw
// from the key or the number alone, so that the same gives the same.
type Words interface {
	Person(key uint64) Person
	// Place is an address in one of the countries that the shop sells to.
	Place(key uint64) Place
	// Home is the shop's own country.
	Home() *Country
	Company(key uint64) string
	Product(key uint64) string
	Category(n int) string
	Brand(n int) string
	// Wearable tells products that have sizes.
	Wearable(product string) bool
	// Color is how a color is called: black, white, blue, red, green, grey or
	// beige.
	Color(n int) string
	Size(n int) string
	Sentence(key uint64) string
	Word(key uint64) string
	// Slug is a text in small letters, digits and hyphens.
	Slug(text string) string
}

// Shop is a shop that lives. It is not safe for concurrent use, but its shards
// may be advanced side by side.
type Shop struct {
	opened int64
	house  *House
	shards [Shards]*shard
}

// New opens a shop.
func New(o Options) *Shop {
	if o.At.IsZero() {
		o.At = time.Date(2026, time.January, 15, 10, 0, 0, 0, time.UTC)
	}
	at := o.At.UnixMilli()
	key := mix(o.Seed, saltShard)
	home := o.Words.Home()
	founder := o.Words.Company(key)
	name := o.Words.Slug(founder)
	s := &Shop{opened: at, house: &House{
		Ident: Ident{ID: 100_000 + int64(key%800_000), Key: mix(key, saltKey), Created: at - 900*day, Updated: at - 30*day},
		Name:  founder, Domain: name + ".example.com", Email: "shop@" + name + ".example.com", Tenant: name, Country: home,
	}}
	edits := byKind(o.Edits)
	fix(edits, s.house)
	for i := range s.shards {
		s.shards[i] = newShard(o, i, cmp.Or(o.Orders, 120), s.house, at, edits)
	}
	return s
}

// House is the shop as an entity.
func (s *Shop) House() *House { return s.house }

// Opened is the moment at which the stream begins, in milliseconds since 1970.
func (s *Shop) Opened() int64 { return s.opened }

// Advance lets a shard live until a moment, not included, and returns what
// happened there, in order.
func (s *Shop) Advance(shard int, until int64) []Step { return s.shards[shard].advance(until) }
