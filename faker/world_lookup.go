package faker

import (
	"fmt"
	"strings"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/faker/shop"
)

// looking is a lookup, understood: which entities it finds, by which property,
// and what it says of one.
type looking struct {
	*plan
	action *shop.Action
	prop   *shop.Property
}

// addLookup makes the plan of one lookup's answer.
func (w *World) addLookup(l *contracts.Lookup, o Options, tools *workshop) error {
	kind, name, _ := strings.Cut(l.Key, ".")
	info := shop.KindOf(shop.Kind(kind))
	if info == nil {
		var known []string
		for _, k := range shop.Kinds() {
			known = append(known, string(k.Kind))
		}
		return l.Fault(fmt.Sprintf("%q is nothing that a world has", kind), kind, known)
	}
	prop := info.Property(name)
	if prop == nil || prop.Read == nil {
		var known []string
		for _, p := range info.Properties {
			if p.Read != nil {
				known = append(known, p.Name)
			}
		}
		return l.Fault(fmt.Sprintf("%q is no value of %s", name, kind), name, known)
	}
	s, err := l.Schema()
	if err != nil {
		return err
	}
	a := &shop.Action{Name: "lookup", Kinds: []shop.Kind{info.Kind}}
	tools.staging = &staging{event: "GET " + l.Path, causes: []*cause{{action: a}}}
	p, err := newPlan(s, tools.staging.event, w.setting, o, tools)
	if err != nil {
		return err
	}
	if err := tools.staging.err; err != nil {
		return err
	}
	w.misfits = append(w.misfits, tools.staging.misfits...)
	w.lookups[l] = &looking{p, a, prop}
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
	wanted map[shop.Kind][]*shop.Property // by which they are found
	found  map[recordKey]shop.Entity
	order  []recordKey // in which they were first told of
	most   int
}

type recordKey struct {
	kind shop.Kind
	name string // of the property
	text string
}

// mostRecords is how many entities are remembered where nobody says.
const mostRecords = 200_000

// Records begins to remember what the world's lookups can find: at most so many
// entities (200,000 if 0), and then those that it has known longest are
// forgotten.
func (w *World) Records(most int) *Records {
	r := &Records{world: w, wanted: map[shop.Kind][]*shop.Property{}, found: map[recordKey]shop.Entity{}, most: most}
	if most <= 0 {
		r.most = mostRecords
	}
	seen := map[*shop.Property]bool{}
	for _, l := range w.lookups {
		if !seen[l.prop] {
			seen[l.prop] = true
			r.wanted[l.action.Kinds[0]] = append(r.wanted[l.action.Kinds[0]], l.prop)
		}
	}
	return r
}

// Learn takes in a step: the entities that it is about as they are now, and
// those that they lead to unless something newer is known of them.
func (r *Records) Learn(s *shop.Step) {
	for i := range s.Action.Kinds {
		if s.Of[i] != nil {
			r.learn(s.Of[i], true, recordLevels)
		}
	}
}

// recordLevels is how far from what a step is about entities are looked for.
const recordLevels = 2

func (r *Records) learn(e shop.Entity, now bool, levels int) {
	for _, p := range r.wanted[e.Kind()] {
		k := recordKey{e.Kind(), p.Name, keyText(p.Read(e))}
		was, known := r.found[k]
		if known && !now && was.Base().Updated >= e.Base().Updated {
			continue
		}
		if r.found[k] = e; !known {
			r.order = append(r.order, k)
		}
	}
	for len(r.order) > r.most {
		delete(r.found, r.order[0])
		r.order = r.order[1:]
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

// Look answers a lookup of one of the world's contracts, at a moment: the body
// that says what is known of the entity with this key. found is false where none
// is known.
func (r *Records) Look(l *contracts.Lookup, key string, at time.Time) (body []byte, found bool) {
	look := r.world.lookups[l]
	if look == nil {
		return nil, false
	}
	kind := look.action.Kinds[0]
	e := r.found[recordKey{kind, look.prop.Name, key}]
	if e == nil {
		return nil, false
	}
	id := e.Base()
	step := &shop.Step{At: at.UnixMilli(), Action: look.action, Seq: uint64(id.ID)}
	step.Of[0] = e
	step.Happening = &shop.Happening{Ident: shop.Ident{ID: id.ID, Key: id.Key, Created: step.At, Updated: step.At}, Name: look.action.Name}
	made := &effect{plan: look.plan, cause: &cause{action: look.action}}
	return made.play(r.world.setting, nil, &line{at: step.At, step: step, effect: made}, r.world.house), true
}

// keyText is a value as it stands in a path.
func keyText(v shop.Value) string {
	if v.Type == shop.Text || v.Type == shop.Choice {
		return string(v.Spell(nil))
	}
	return fmt.Sprint(v.Int)
}
