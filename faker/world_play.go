package faker

import (
	"time"

	"github.com/hookrig/hookrig/faker/shop"
)

// A Play is a world in which nothing happens but what somebody asks for: orders
// that go as they are wished, and what follows from them. It is what scenarios
// are made of. The same requests give the same events. It is not safe for
// concurrent use.
type Play struct {
	world   *World
	shop    *shop.Shop
	now     int64
	waiting []line
	told    map[told]int
	all     map[string]int // actions, whatever they were about
}

// told is something that has happened to an order.
type told struct {
	order  int64
	action string
}

// Play begins a play, at the moment of the world's options.
func (w *World) Play() *Play {
	s := w.shopOf(true)
	return &Play{world: w, shop: s, now: s.Opened(), told: map[told]int{}, all: map[string]int{}}
}

// Now is the moment that the play has come to.
func (p *Play) Now() time.Time { return time.UnixMilli(p.now).UTC() }

// Order lets a customer order as they wish. It returns the IDs of the order, as
// in world.order.id, and of the customer; the order's is 0 where there can be
// none: the customer is unknown or may not, or nothing is left. Its events come
// with the next Advance, some milliseconds later.
func (p *Play) Order(wish shop.Wish) (order, customer int64) { return p.shop.Order(wish) }

// Do lets a customer do something at this moment, an action about customers
// alone such as "customer.anonymized". False: the action is none of them, or the
// customer cannot: only who has no open order is forgotten.
func (p *Play) Do(customer int64, action string) bool { return p.shop.Do(customer, action) }

// Advance lets time pass, and returns the events meanwhile. Less than nothing is
// nothing.
func (p *Play) Advance(d time.Duration) []WorldEvent {
	p.now += max(0, d.Milliseconds())
	return p.live()
}

// live lets everything happen until now.
func (p *Play) live() []WorldEvent {
	steps := p.shop.Advance(0, p.now+1)
	due := p.waiting
	for i := range steps {
		due = p.world.caused(due, &steps[i])
		p.note(&steps[i])
	}
	due, p.waiting = inTime(due, p.now+1)
	return p.world.made(due)
}

// note keeps in mind what happens, and to which orders.
func (p *Play) note(s *shop.Step) {
	p.all[s.Action.Name]++
	for i, k := range s.Action.Kinds {
		if k == shop.KindOrder {
			p.told[told{s.Of[i].Base().ID, s.Action.Name}]++
		}
	}
}

// Happened is how often an action has happened to an order so far.
func (p *Play) Happened(order int64, action string) int { return p.told[told{order, action}] }

// playStep is how far a play goes at once while it waits for something.
const playStep = time.Minute

// Until lets time pass until an action has happened to an order (or, for order
// 0, to anything), at most so long. The events end within a minute after it;
// found is false where it did not happen.
func (p *Play) Until(order int64, action string, within time.Duration) (events []WorldEvent, found bool) {
	so := p.happened(order, action)
	for left := within; left > 0 && !found; left -= playStep {
		p.now += min(left, playStep).Milliseconds()
		events = append(events, p.live()...)
		found = p.happened(order, action) > so
	}
	return events, found
}

// happened is Happened, of anything for order 0.
func (p *Play) happened(order int64, action string) int {
	if order == 0 {
		return p.all[action]
	}
	return p.Happened(order, action)
}
