package contracts

import "slices"

// Lifecycle says which events tell of one kind of entity, an order for
// example, and how its states follow each other.
type Lifecycle struct {
	Entity     string
	Stages     []Stage // those that begin, then those that change, then those that end
	Provenance Provenance
}

// Stage is an event's place in a lifecycle.
type Stage struct {
	Event *EventType
	Phase Phase
	// Key are JSON Pointers of the values that together name the entity in the
	// event's body: as many, and in the same order, in all stages of a lifecycle.
	Key []string
	// Version is the JSON Pointer of the value that tells which of two events is
	// the newer one: a time or a number that grows; "" where none does.
	Version string
}

// Phase is what an event does to the entity that it tells of.
type Phase string

// The phases.
const (
	Begins  Phase = "begin"
	Changes Phase = "change"
	Ends    Phase = "end"
)

// Lifecycles are the entities that the contract tells of, in the order of the
// document. Callers must not change the slice.
func (c *Contract) Lifecycles() []Lifecycle { return c.lifecycles }

// EntityOf finds the lifecycle that an event belongs to, and its stage there;
// nil where it belongs to none.
func (c *Contract) EntityOf(t *EventType) (*Lifecycle, *Stage) {
	for i := range c.lifecycles {
		l := &c.lifecycles[i]
		for j := range l.Stages {
			if l.Stages[j].Event == t {
				return l, &l.Stages[j]
			}
		}
	}
	return nil, nil
}

// lifecycles reads the section when the events are known. Its own key, version
// and provenance hold for all entities that say nothing else, and theirs for all
// of their events.
func (r *asyncReader) lifecycles() error {
	x, _ := r.root.child(extensionKey)
	p, ok := x.child("lifecycle")
	if !ok {
		return nil
	}
	c := r.contract
	shared := Stage{}
	from := c.level
	var entities []member
	err := p.fields(map[string]func(place) error{
		"key":        entityKey(&shared.Key),
		"version":    pointerText(&shared.Version),
		"provenance": func(v place) (err error) { from, err = levelOf(v, c.sources); return },
		"entities":   func(v place) error { entities = v.members(); return v.object() },
	})
	if err != nil {
		return err
	}
	if len(entities) == 0 {
		return p.errorf("the lifecycle names no entities").hint("write entities: {order: {begin: [order.created], change: [order.updated], end: [order.deleted]}}")
	}
	seen := map[*EventType]string{}
	for _, m := range entities {
		l := Lifecycle{Entity: m.name, Provenance: from}
		if err := r.entity(m.place, &l, shared, seen); err != nil {
			return err
		}
		c.lifecycles = append(c.lifecycles, l)
	}
	return nil
}

func (r *asyncReader) entity(p place, l *Lifecycle, shared Stage, seen map[*EventType]string) error {
	c := r.contract
	lists := map[Phase]place{}
	list := func(phase Phase) func(place) error {
		return func(v place) error { lists[phase] = v; return nil }
	}
	err := p.fields(map[string]func(place) error{
		"key":          entityKey(&shared.Key),
		"version":      pointerText(&shared.Version),
		"provenance":   func(v place) (err error) { l.Provenance, err = levelOf(v, c.sources); return },
		string(Begins): list(Begins), string(Changes): list(Changes), string(Ends): list(Ends),
	})
	if err != nil {
		return err
	}
	for _, phase := range []Phase{Begins, Changes, Ends} {
		at, ok := lists[phase]
		if !ok {
			continue
		}
		items, err := at.items()
		if err != nil {
			return err
		}
		for _, item := range items {
			stage := Stage{Phase: phase, Key: shared.Key, Version: shared.Version}
			if err := r.stage(item, &stage); err != nil {
				return err
			}
			if other, twice := seen[stage.Event]; twice {
				return item.errorf("the event %q already tells of %q", stage.Event.name, other).hint("an event tells of one entity")
			}
			if len(l.Stages) > 0 && len(stage.Key) != len(l.Stages[0].Key) {
				return item.errorf("%q names the entity by %d values, and %q by %d", stage.Event.name, len(stage.Key), l.Stages[0].Event.name, len(l.Stages[0].Key)).
					hint("give all events of an entity keys of the same values, in the same order")
			}
			seen[stage.Event] = l.Entity
			l.Stages = append(l.Stages, stage)
		}
	}
	if len(l.Stages) == 0 {
		return p.errorf("no event tells of %q", l.Entity).hint("write begin, change or end with names of events")
	}
	return nil
}

// stage reads the name of an event, or {event, key, version}.
func (r *asyncReader) stage(p place, s *Stage) error {
	named := p
	var name string
	var err error
	if _, whole := p.value.(map[string]any); whole {
		err = p.fields(map[string]func(place) error{
			"event":   func(v place) error { named = v; return line(&name)(v) },
			"key":     entityKey(&s.Key),
			"version": pointerText(&s.Version),
		})
	} else {
		name, err = p.line()
	}
	if err != nil {
		return err
	}
	t, ok := r.contract.byName[name]
	if !ok {
		return named.errorf("no event is named %q", name).nearest(name, r.contract.names())
	}
	if s.Event = t; len(s.Key) == 0 {
		return named.errorf("nothing says which entity %q tells of", name).hint("write key: [/id], the values of the body that name it")
	}
	return nil
}

// entityKey reads at least one pointer, each of them once.
func entityKey(into *[]string) func(place) error {
	return func(p place) error {
		items, err := p.items()
		if err != nil {
			return err
		}
		var key []string
		for _, item := range items {
			var s string
			if err := pointerText(&s)(item); err != nil {
				return err
			}
			if s == "" || slices.Contains(key, s) {
				return item.errorf("%q cannot be a part of the key", s).hint("write pointers of members, each once")
			}
			key = append(key, s)
		}
		if len(key) == 0 {
			return p.errorf("the key is empty").hint("write key: [/id], the values of the body that name the entity")
		}
		*into = key
		return nil
	}
}

// lifecycles looks whether the schemas know what the lifecycles are about.
func (l *linter) lifecycles(x place) {
	at, ok := x.child("lifecycle")
	if !ok {
		return
	}
	l.sources(at)
	entities, _ := at.child("entities")
	for _, life := range l.contract.lifecycles {
		entity, _ := entities.child(life.Entity)
		l.sources(entity)
		for _, s := range life.Stages {
			compiled, err := s.Event.Schema()
			if err != nil {
				continue // the event has said so
			}
			for _, pointer := range s.pointers() {
				if !newWalker().knows(compiled.Node(), tokensOf(pointer)) {
					l.add(entity, SeverityError, "lifecycle", "event %q has no member at %s, by which %q is known or ordered", s.Event.name, pointer, life.Entity)
				}
			}
		}
	}
}

func (s Stage) pointers() []string {
	if s.Version == "" {
		return s.Key
	}
	return append(slices.Clone(s.Key), s.Version)
}
