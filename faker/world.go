package faker

import (
	"cmp"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/faker/shop"
)

// WorldOptions of NewWorld. The zero value is usable.
type WorldOptions struct {
	Seed uint64
	// At is the moment at which the stream begins, in the years 1971 to 2090; zero
	// is 2026-01-15T10:00:00Z. The clock is never read.
	At     time.Time
	Locale string // one of Locales, "en" if empty
	Shape  Shape  // of what no binding decides; Typical if empty
	Orders int    // on a usual day, 120 if 0; all else in the shop follows
	// Edits say what the world is like, by [Set]. "world.customer.email" is told to
	// all customers, "world.order[number=2026000123].note" to one order, from the
	// start of its life, and what follows from it follows: prices are added up as
	// told. A JSON Pointer into a body tells the entity that the contract binds the
	// place to; where it binds it to none, or to what follows from other things,
	// such as a total, the place is edited in each body that has it. [Drop] takes a
	// pointer.
	Edits []Edit
	// Parallel runs do for 0 … n-1, side by side if it likes, and returns when all
	// are done; nil runs one after another. The events are the same.
	Parallel func(n int, do func(i int))
}

// World is a shop that lives, as contracts tell of it. It is immutable and safe
// for concurrent use.
type World struct {
	options  WorldOptions
	setting  *setting
	effects  map[*shop.Action][]*effect
	uncaused []*contracts.EventType
	misfits  []*misfit
	house    *shop.House

	contracts []*contracts.Contract
	types     []*contracts.EventType // that are caused
	plans     map[*contracts.EventType]*plan
	told      []shop.Edit
	edited    map[*contracts.EventType][]checked
	heralds   *heralds
	lookups   map[*contracts.Lookup]*looking
}

// An effect is what an action makes a provider send.
type effect struct {
	*plan
	*cause
	typ *contracts.EventType
	of  int // which of the type's causes it is
}

// WorldEvent is an event of a world.
type WorldEvent struct {
	Time   time.Time
	Action string
	Event  contracts.Event
	// Step is what caused it, with the entities as they were. It is never changed.
	Step *shop.Step
}

// NewWorld makes a world of contracts. The causes and the bindings of all their
// events are understood here: the error is a *schema.Error for a cause, a
// *HintError or a *BindError for a binding, an *EditError for an edit, what [New]
// returns, or says which option is wrong.
func NewWorld(all []*contracts.Contract, o WorldOptions) (*World, error) {
	plain := Options{Seed: o.Seed, At: o.At, Locale: o.Locale, Shape: o.Shape}
	if err := plain.check(); err != nil {
		return nil, err
	}
	if o.Orders < 0 || o.Orders > maxOrders {
		return nil, fmt.Errorf("a shop with %d orders a day cannot be played, the limit is %d", o.Orders, maxOrders)
	}
	w := &World{options: o, setting: newSetting(plain), contracts: all, effects: map[*shop.Action][]*effect{}, lookups: map[*contracts.Lookup]*looking{}}
	w.plans, w.edited = map[*contracts.EventType]*plan{}, map[*contracts.EventType][]checked{}
	if err := w.tell(); err != nil {
		return nil, err
	}
	for _, c := range all {
		tools := newWorkshop()
		for _, t := range c.EventTypes() {
			if err := w.add(t, plain, tools); err != nil {
				return nil, err
			}
		}
		for _, l := range c.Lookups() {
			if err := w.addLookup(l, plain, tools); err != nil {
				return nil, err
			}
		}
	}
	if len(w.effects) == 0 {
		return nil, errors.New(`no event has a cause: write x-hookrig: {cause: order.placed} on a message`)
	}
	if err := w.point(); err != nil {
		return nil, err
	}
	w.house = w.shopOf(true).House()
	w.heralds = heraldsOf(w.effects)
	return w, nil
}

// maxOrders bounds a shop's day.
const maxOrders = 1_000_000

// add makes the plan of one event type.
func (w *World) add(t *contracts.EventType, o Options, tools *workshop) error {
	causes, err := causesOf(t)
	if err != nil {
		return err
	}
	if len(causes) == 0 {
		w.uncaused = append(w.uncaused, t)
		return nil
	}
	s, err := t.Schema()
	if err != nil {
		return err
	}
	tools.staging = &staging{event: t.Name(), causes: causes}
	p, err := newPlan(s, t.Name(), w.setting, o, tools)
	if err != nil {
		return err
	}
	if err := tools.staging.err; err != nil {
		return err
	}
	w.misfits = append(w.misfits, tools.staging.misfits...)
	w.types = append(w.types, t)
	w.plans[t] = p
	for i, c := range causes {
		w.effects[c.action] = append(w.effects[c.action], &effect{plan: p, typ: t, of: i, cause: c})
	}
	return nil
}

// Uncaused lists the event types that nothing in the world causes.
func (w *World) Uncaused() []*contracts.EventType { return slices.Clone(w.uncaused) }

// Misfits lists what no binding could give: known beforehand, or counted in all
// events so far.
func (w *World) Misfits() []Misfit {
	var all []Misfit
	for _, m := range w.misfits {
		if n := m.count.Load(); n > 0 || m.reason != "" {
			all = append(all, Misfit{m.event, m.pointer, m.lead, m.reason, n})
		}
	}
	slices.SortFunc(all, func(a, b Misfit) int {
		return cmp.Or(strings.Compare(a.Event, b.Event), strings.Compare(a.Pointer, b.Pointer), strings.Compare(a.Lead, b.Lead))
	})
	return slices.Compact(all)
}

// shopOf opens a shop, quiet or not.
func (w *World) shopOf(quiet bool) *shop.Shop {
	return shop.New(shop.Options{
		Seed: w.options.Seed, At: w.options.At, Orders: w.options.Orders, Quiet: quiet, Words: places{w.setting.locale},
		Edits: w.told,
	})
}

// Events yields the stream without end, from the first moment on, in the order
// of their times. Each call begins anew and yields the same.
func (w *World) Events() iter.Seq[WorldEvent] {
	return func(yield func(WorldEvent) bool) {
		for s := w.Stream(); yield(s.Next()); {
		}
	}
}

// A Stream is a world's events, one after the other. It is not safe for
// concurrent use.
type Stream struct {
	world   *World
	shop    *shop.Shop
	until   int64
	due     []line // not yet made
	waiting []line // later than until
	made    []WorldEvent
}

// Stream begins the stream of [World.Events], from the first moment on.
func (w *World) Stream() *Stream {
	s := &Stream{world: w, shop: w.shopOf(false)}
	s.until = s.shop.Opened()
	return s
}

// Next is the next event. There always is one.
func (s *Stream) Next() WorldEvent {
	if len(s.made) == 0 {
		s.play()
		some := s.due[:min(len(s.due), piece*pieces)]
		s.due = s.due[len(some):]
		s.made = s.world.made(some)
	}
	e := s.made[0]
	s.made = s.made[1:]
	return e
}

// Skip passes over so many events, and tells pass, unless it is nil, the step of
// each. It takes less time than to make them.
func (s *Stream) Skip(n uint64, pass func(*shop.Step)) {
	if pass == nil {
		pass = func(*shop.Step) {}
	}
	for n > 0 {
		if len(s.made) == 0 {
			s.play()
			some := min(n, uint64(len(s.due)))
			for i := range s.due[:some] {
				pass(s.due[i].step)
			}
			s.due = s.due[some:]
			n -= some
			continue
		}
		some := min(n, uint64(len(s.made)))
		for i := range s.made[:some] {
			pass(s.made[i].Step)
		}
		s.made = s.made[some:]
		n -= some
	}
}

// play lets the shop live until something is due.
func (s *Stream) play() {
	for len(s.due) == 0 {
		s.until += s.world.window()
		s.due, s.waiting = s.world.lines(s.shop, s.until, s.waiting)
	}
}

// window is how much of the shop's time is played at once, in milliseconds: so
// much that workers have enough to do, and so little that memory does not
// matter. The events do not depend on it.
func (w *World) window() int64 {
	const day, least = 24 * 3_600_000, 10_000
	orders := cmp.Or(int64(w.options.Orders), 120)
	return max(least, min(day, day*windowOrders/orders))
}

const windowOrders = 60

// A line is an event that is still to be made.
type line struct {
	at   int64
	nth  int // of the step's
	step *shop.Step
	*effect
	each shop.Entity
}

// lines plays the shop until a moment. What comes later waits.
func (w *World) lines(s *shop.Shop, until int64, waiting []line) (due, later []line) {
	var played [shop.Shards][]shop.Step
	w.parallel(shop.Shards, func(i int) { played[i] = s.Advance(i, until) })
	due = waiting
	for i := range played {
		for j := range played[i] {
			due = w.caused(due, &played[i][j])
		}
	}
	return inTime(due, until)
}

// inTime puts lines in their order, and keeps back what is not due.
func inTime(due []line, until int64) (now, later []line) {
	slices.SortFunc(due, func(a, b line) int {
		switch {
		case a.at != b.at:
			return cmp.Compare(a.at, b.at)
		case a.step.Shard != b.step.Shard:
			return cmp.Compare(a.step.Shard, b.step.Shard)
		case a.step.Seq != b.step.Seq:
			return cmp.Compare(a.step.Seq, b.step.Seq)
		}
		return cmp.Compare(a.nth, b.nth)
	})
	n, _ := slices.BinarySearchFunc(due, until, func(l line, t int64) int { return cmp.Compare(l.at, t) })
	return due[:n], slices.Clone(due[n:])
}

// caused appends the events of a step.
func (w *World) caused(lines []line, step *shop.Step) []line {
	nth := 0
	for _, e := range w.effects[step.Action] {
		s := stage{step: step, cause: e.of, house: w.house}
		add := func() {
			if !slices.ContainsFunc(e.when, func(c condition) bool { return !c.holds(&s) }) {
				lines = append(lines, line{at: step.At + e.delay, nth: nth, step: step, effect: e, each: s.each})
				nth++
			}
		}
		if e.each == nil {
			add()
			continue
		}
		if holder := s.find(&e.list); holder != nil {
			for i := range e.each.last.Count(holder) {
				s.each = e.each.last.At(holder, i)
				add()
			}
		}
	}
	return lines
}

// How many bodies are made at once: a worker's piece, and the pieces.
const piece, pieces = 128, 64

// made makes the bodies of lines.
func (w *World) made(due []line) []WorldEvent {
	events := make([]WorldEvent, len(due))
	w.parallel((len(due)+piece-1)/piece, func(i int) {
		var room []byte
		for j := i * piece; j < min((i+1)*piece, len(due)); j++ {
			events[j], room = w.event(&due[j], room)
		}
	})
	return events
}

// event makes one event at the end of room, and returns what is left.
func (w *World) event(l *line, room []byte) (WorldEvent, []byte) {
	const page = 64 << 10
	if cap(room)-len(room) < page/8 {
		room = make([]byte, 0, page)
	}
	start := len(room)
	room = l.effect.play(w.setting, room, l, w.house)
	body := room[start:len(room):len(room)]
	if len(w.edited) > 0 {
		body = w.edit(l.typ, l.effect.plan, body)
	}
	return WorldEvent{Time: time.UnixMilli(l.at).UTC(), Action: l.action.Name, Step: l.step, Event: contracts.Event{Type: l.typ, Body: body}}, room
}

// play appends the body of a line.
func (e *effect) play(w *setting, dst []byte, l *line, house *shop.House) []byte {
	g := gens.Get().(*gen)
	*g = gen{}
	g.start(w, e.salt, mix(uint64(l.step.Shard)<<48|l.step.Seq, uint64(l.nth)))
	g.land = &w.locale.countries[0]
	g.at = floorDiv(l.at, 1000)
	g.stage = stage{step: l.step, cause: e.of, each: l.each, house: house}
	dst = e.maker.append(g, dst, g.root)
	gens.Put(g)
	return dst
}

func (w *World) parallel(n int, do func(int)) {
	if w.options.Parallel != nil {
		w.options.Parallel(n, do)
		return
	}
	for i := range n {
		do(i)
	}
}
