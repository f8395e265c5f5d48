package faker

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/faker/shop"
)

// looking is a lookup, understood: which entities it finds, by what, and what it
// says of one.
type looking struct {
	*plan
	action *shop.Action
	way    keyWay
}

// A keyWay leads from an entity to the texts by which it is found.
type keyWay struct {
	key   string // as the contract says it
	kind  shop.Kind
	steps []*shop.Property // one of them leads to a list at most
	each  *shop.Property   // that one; nil: none
	leaf  *shop.Property
}

// visit yields the texts, each with the list's element that it is one of.
func (k *keyWay) visit(e, each shop.Entity, steps []*shop.Property, yield func(text string, each shop.Entity)) {
	if len(steps) == 0 {
		if v := k.leaf.Read(e); v.Type != shop.None {
			yield(keyText(v), each)
		}
		return
	}
	p := steps[0]
	if p.Type == shop.One {
		if one := p.One(e); one != nil {
			k.visit(one, each, steps[1:], yield)
		}
		return
	}
	for i := range p.Count(e) {
		at := p.At(e, i)
		k.visit(at, at, steps[1:], yield)
	}
}

// keyText is a value as it stands in a path.
func keyText(v shop.Value) string {
	if v.Type == shop.Integer {
		return strconv.FormatInt(v.Int, 10)
	}
	return string(v.Spell(nil))
}

// readKey understands the key of a lookup: KIND.PROPERTY, or a longer way.
func readKey(l *contracts.Lookup) (k keyWay, err error) {
	parts := strings.Split(l.Key, ".")
	info := shop.KindOf(shop.Kind(parts[0]))
	if info == nil || info.Kind == shop.KindDocument {
		var known []string
		for _, k := range shop.Kinds() {
			if k.Kind != shop.KindDocument { // any of the others
				known = append(known, string(k.Kind))
			}
		}
		return k, l.Fault(fmt.Sprintf("%q is nothing that a world has", parts[0]), parts[0], known)
	}
	k = keyWay{key: l.Key, kind: info.Kind}
	for i, name := range parts[1:] {
		p, isLast := info.Property(name), i == len(parts)-2
		if p == nil || isLast == (p.Read == nil) || p.Type == shop.Many && k.each != nil {
			return k, l.Fault(fmt.Sprintf("%q is no value of %s that tells one from another", name, info.Kind), name, keyNames(info, isLast))
		}
		switch {
		case isLast && p.Type != shop.Integer && p.Type != shop.Text && p.Type != shop.Choice:
			return k, l.Fault(fmt.Sprintf("%q is no value of %s that tells one from another", name, info.Kind), name, keyNames(info, isLast))
		case isLast:
			k.leaf = p
			continue
		case p.Type == shop.Many:
			k.each = p
		}
		k.steps, info = append(k.steps, p), shop.KindOf(p.Of)
	}
	return k, nil
}

func keyNames(info *shop.KindInfo, leaves bool) (names []string) {
	for _, p := range info.Properties {
		if isLeaf := p.Type == shop.Integer || p.Type == shop.Text || p.Type == shop.Choice; isLeaf && leaves || p.Read == nil && !leaves {
			names = append(names, p.Name)
		}
	}
	return names
}

// addLookup makes the plan of one lookup's answer.
func (w *World) addLookup(l *contracts.Lookup, o Options, tools *workshop) error {
	way, err := readKey(l)
	if err != nil {
		return err
	}
	s, err := l.Schema()
	if err != nil {
		return err
	}
	c := &cause{action: &shop.Action{Name: "lookup", Kinds: []shop.Kind{way.kind}}}
	if way.each != nil {
		c.each = &lead{last: way.each}
	}
	// Answers are whole: who fetches a record wants to know what an event left out.
	o.Shape = Full
	tools.staging = &staging{event: l.Route(), causes: []*cause{c}}
	p, err := newPlan(s, tools.staging.event, w.setting, o, tools)
	if err != nil {
		return err
	}
	if err := tools.staging.err; err != nil {
		return err
	}
	w.misfits = append(w.misfits, tools.staging.misfits...)
	w.lookups[l] = &looking{p, c.action, way}
	return nil
}

// Lookups are those of the world's contracts, in their order.
func (w *World) Lookups() (all []*contracts.Lookup) {
	for _, c := range w.contracts {
		all = append(all, c.Lookups()...)
	}
	return all
}

// Records are the entities that a stream has told of so far, as they were when
// it did. They answer lookups. The zero value is not usable: see
// [World.Records]. They are not safe for concurrent use.
type Records struct {
	world  *World
	wanted map[shop.Kind][]*keyWay // by which they are found
	known  map[recordID]*record
	found  map[recordName]recordID
	queue  []*record // in which they are forgotten, but for those that were told of since
	most   int
	clock  uint64 // ticks with each step
}

type recordID struct {
	kind shop.Kind
	id   int64
}

// recordName is what a lookup asks for.
type recordName struct{ key, text string }

type record struct {
	recordID
	entity       shop.Entity
	gone         bool // and not found any more
	names        []recordName
	told, queued uint64 // by the clock
}

// mostRecords is how many entities are remembered where nobody says.
const mostRecords = 200_000

// Records begins to remember what the world's lookups can find: at most so many
// entities (200,000 if 0), and then those that nothing was told of for longest
// are forgotten.
func (w *World) Records(most int) *Records {
	r := &Records{
		world: w, wanted: map[shop.Kind][]*keyWay{},
		known: map[recordID]*record{}, found: map[recordName]recordID{}, most: most,
	}
	if most <= 0 {
		r.most = mostRecords
	}
	for _, l := range w.lookups {
		ways := r.wanted[l.way.kind]
		if !slices.ContainsFunc(ways, func(k *keyWay) bool { return k.key == l.way.key }) {
			r.wanted[l.way.kind] = append(ways, &l.way)
		}
	}
	return r
}

// Learn takes in a step: the entities that it is about as they are now, and
// those that they lead to unless something newer is known of them. What the step
// did away with is not found any more.
func (r *Records) Learn(s *shop.Step) {
	r.clock++
	for i := range s.Action.Kinds {
		if s.Of[i] != nil {
			r.learn(s.Of[i], true, recordLevels)
		}
	}
	if i, gone := endOf(s.Action); gone && s.Of[i] != nil {
		r.bury(s.Of[i])
	}
}

// recordLevels is how far from what a step is about entities are looked for.
const recordLevels = 2

func (r *Records) learn(e shop.Entity, now bool, levels int) {
	if ways := r.wanted[e.Kind()]; ways != nil {
		r.keep(e, now, ways)
	}
	if levels == 0 {
		return
	}
	for _, p := range shop.KindOf(e.Kind()).Properties {
		switch p.Type {
		case shop.One:
			if one := p.One(e); one != nil {
				r.learn(one, false, levels-1)
			}
		case shop.Many:
			for i := range p.Count(e) {
				r.learn(p.At(e, i), false, levels-1)
			}
		}
	}
}

func (r *Records) keep(e shop.Entity, now bool, ways []*keyWay) {
	id := recordID{e.Kind(), e.Base().ID}
	one := r.known[id]
	if one == nil {
		one = &record{recordID: id, queued: r.clock}
		r.known[id], r.queue = one, append(r.queue, one)
	}
	one.told = r.clock
	if one.gone || one.entity != nil && !newer(e, one.entity, now) {
		return
	}
	one.entity = e
	for _, way := range ways {
		way.visit(e, nil, way.steps, func(text string, _ shop.Entity) {
			n := recordName{way.key, text}
			if r.found[n] = id; !slices.Contains(one.names, n) {
				one.names = append(one.names, n)
			}
		})
	}
	r.forget()
}

// newer reports whether an entity is to stand in place of what is known of it:
// events that come late tell of entities as they were.
func newer(e, known shop.Entity, now bool) bool {
	a, b := e.Base().Updated, known.Base().Updated
	return a > b || now && a == b
}

// forget makes room: what nothing was told of for longest goes first. What was
// told of since it was queued is queued anew.
func (r *Records) forget() {
	for len(r.known) > r.most {
		one := r.queue[0]
		r.queue = r.queue[1:]
		if one.told > one.queued {
			one.queued = one.told
			r.queue = append(r.queue, one)
			continue
		}
		delete(r.known, one.recordID)
		for _, n := range one.names {
			if r.found[n] == one.recordID {
				delete(r.found, n)
			}
		}
	}
}

// bury makes that an entity is not found any more, nor what was a part of it.
func (r *Records) bury(e shop.Entity) {
	if one := r.known[recordID{e.Kind(), e.Base().ID}]; one != nil {
		one.entity, one.gone = nil, true
	}
	for _, name := range partsOf[e.Kind()] {
		switch p := shop.KindOf(e.Kind()).Property(name); p.Type {
		case shop.One:
			if one := p.One(e); one != nil {
				r.bury(one)
			}
		case shop.Many:
			for i := range p.Count(e) {
				r.bury(p.At(e, i))
			}
		}
	}
}

// partsOf is what ends with an entity.
var partsOf = map[shop.Kind][]string{
	shop.KindCustomer: {"addresses"}, shop.KindProduct: {"variants", "features", "parts", "media", "relations"}, shop.KindVariant: {"price"},
}

// endOf says which of an action's entities is gone after it.
func endOf(a *shop.Action) (of int, gone bool) {
	switch a.Name {
	case "customer.addressRemoved", "product.variantRemoved", "product.featureRemoved", "product.partRemoved",
		"product.mediaRemoved", "product.relationRemoved", "attribute.optionRemoved":
		return 1, true
	}
	return 0, strings.HasSuffix(a.Name, ".deleted")
}

// Look answers a lookup of one of the world's contracts, at a moment: the body
// that says what is known of the entity with this key. found is false where none
// is known, or it is gone.
func (r *Records) Look(l *contracts.Lookup, key string, at time.Time) (body []byte, found bool) {
	look := r.world.lookups[l]
	if look == nil {
		return nil, false
	}
	one := r.known[r.found[recordName{l.Key, key}]]
	if one == nil || one.gone {
		return nil, false
	}
	var each shop.Entity
	look.way.visit(one.entity, nil, look.way.steps, func(text string, of shop.Entity) {
		if text == key && !found {
			each, found = of, true
		}
	})
	if !found {
		return nil, false // it has another name by now
	}
	id := one.entity.Base()
	step := &shop.Step{At: at.UnixMilli(), Action: look.action, Seq: uint64(id.ID)}
	step.Of[0] = one.entity
	step.Happening = &shop.Happening{Ident: shop.Ident{ID: id.ID, Key: id.Key, Created: step.At, Updated: step.At}, Name: look.action.Name}
	made := &effect{plan: look.plan, cause: &cause{action: look.action}}
	return made.play(r.world.setting, nil, &line{at: step.At, step: step, effect: made, each: each}, r.world.house), true
}
