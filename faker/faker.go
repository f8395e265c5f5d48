package faker

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/schema"
)

// Shape says how much of what is optional an event carries.
//
// Schemas can name more than anybody reads, so no shape is without end. A
// recursive schema is entered again twice, then takes its shortest way out.
// Where an event would have more than about 3,000 values, optional members are
// made down to the level at which they are that many, and below it only what
// is required. Events of recursive schemas and long lists keep to what they
// must have once 800 values are made, those of other schemas after 6,000.
type Shape string

// The shapes.
const (
	Minimal Shape = "minimal" // what is required, and the shortest lists
	Typical Shape = "typical" // a realistic share of the optional members; the zero Shape means this
	Full    Shape = "full"    // everything the schema names, within the bounds of [Shape], and no null where something else may stand
)

// Options of New and FromSchema. The zero value is usable.
type Options struct {
	Seed uint64
	// At is the moment that the events are about, in the years 1971 to 2098;
	// zero is 2026-01-15T10:00:00Z. The clock is never read.
	At     time.Time
	Locale string   // one of Locales, "en" if empty
	Shape  Shape    // Typical if empty
	Events []string // only these are proven and can be made; empty: all of the contract
}

func (o Options) check() error {
	if year := o.At.Year(); !o.At.IsZero() && (year < 1971 || year > 2098) {
		return fmt.Errorf("events cannot be about the year %d", year)
	}
	if o.Locale != "" && !slices.Contains(Locales(), o.Locale) {
		return fmt.Errorf("unknown locale %q; known are %s", o.Locale, strings.Join(Locales(), ", "))
	}
	switch o.Shape {
	case "", Minimal, Typical, Full:
		return nil
	}
	return fmt.Errorf("unknown shape %q; known are %s, %s, %s", o.Shape, Minimal, Typical, Full)
}

// Faker makes events of one contract. It is immutable and safe for concurrent
// use.
type Faker struct {
	contract *contracts.Contract
	options  Options
	setting  *setting
	plans    map[*contracts.EventType]*plan
	names    []string
	idle     []IdleHint
}

// A plan makes the bodies of one event type.
type plan struct {
	maker
	salt    uint64
	root    *schema.Node
	schema  *schema.Schema
	setting *setting
}

// New compiles a plan for each selected event and proves that it can be made:
// everything that a plan cannot guarantee by construction is found here, and
// later generation without edits cannot fail. The error is a
// *contracts.UnknownEventError, an *ImpossibleError, a *HintError, an error of
// the contract's schema, or says which option is wrong.
func New(c *contracts.Contract, o Options) (*Faker, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	f := &Faker{contract: c, options: o, setting: newSetting(o), plans: map[*contracts.EventType]*plan{}}
	types := c.EventTypes()
	if len(o.Events) > 0 {
		types = nil
		for _, name := range o.Events {
			t, err := c.EventType(name)
			if err != nil {
				return nil, err
			}
			types = append(types, t)
		}
	}
	tools := newWorkshop()
	for _, t := range types {
		s, err := t.Schema()
		if err != nil {
			return nil, err
		}
		p, err := newPlan(s, t.Name(), f.setting, o, tools)
		if err != nil {
			return nil, err
		}
		f.plans[t] = p
		f.names = append(f.names, t.Name())
	}
	f.idle = tools.idle(o.Shape)
	return f, nil
}

// A workshop has what the plans of one faker share while they are made.
type workshop struct {
	judge   *judge
	strings map[string]*language
	tables  map[tableKey]table // quoted, of words that no rule limits

	staging *staging            // of a world, nil for plain events
	event   string              // that a plan is made for
	uses    map[string]*hintUse // of written hints, by the pointers of their schemas
}

// tableKey tells lists of words apart by where they stand in memory: those
// that are asked for often are the locale's.
type tableKey struct {
	first *string
	count int
}

func newWorkshop() *workshop {
	return &workshop{judge: newJudge(), strings: map[string]*language{}, tables: map[tableKey]table{}, uses: map[string]*hintUse{}}
}

// provenOrdinals are made and judged when a plan is compiled.
const provenOrdinals = 3

// newPlan compiles a schema. The instances of the first ordinals are judged by
// the compiled schema, which is a second opinion: a plan is correct by
// construction or it is refused.
func newPlan(s *schema.Schema, event string, w *setting, o Options, tools *workshop) (*plan, error) {
	root := s.Node()
	tools.event = event
	tools.judge.containsEvaluates = sync.OnceValue(func() bool { return dialectOf(s) == schema.Draft20 })
	solver := newSolver(tools)
	whole := solver.goal(must(root))
	solver.solve(whole)
	if !whole.possible() {
		e := solver.explain(whole)
		e.Event = event
		return nil, e
	}
	pl := newPlanner(solver, o, w)
	p := &plan{maker: pl.build(whole), salt: name(event), root: root, schema: s, setting: w}
	if pl.hintErr != nil {
		return nil, pl.hintErr
	}
	if pl.err != nil {
		pl.err.Event = event
		return nil, pl.err
	}
	for n := range uint64(provenOrdinals) {
		body := p.body(w, nil, n, nil)
		if found := s.Validate(body); len(found) > 0 {
			return nil, &ImpossibleError{
				Event:   event,
				Pointer: found[0].SchemaPointer,
				Reason:  "what the plan makes breaks the schema: " + found[0].String(),
				GaveUp:  true,
			}
		}
	}
	return p, nil
}

// dialectOf is the dialect that a schema is read by.
func dialectOf(s *schema.Schema) schema.Dialect {
	var doc struct {
		Schema string `json:"$schema"`
	}
	if json.Unmarshal(s.Bundle(), &doc) == nil && strings.Contains(doc.Schema, string(schema.Draft20)) {
		return schema.Draft20
	}
	return ""
}

var gens = sync.Pool{New: func() any { return new(gen) }}

// body appends instance n. adjust may change how it is made.
func (p *plan) body(w *setting, dst []byte, n uint64, adjust func(*gen)) []byte {
	g := gens.Get().(*gen)
	*g = gen{}
	g.start(w, p.salt, n)
	if adjust != nil {
		adjust(g)
	}
	dst = p.append(g, dst, g.root)
	gens.Put(g)
	return dst
}

// Event makes one event. Without edits the error is only ever about the name
// (*contracts.UnknownEventError); with edits it may be a *PointerError, a
// *PoolError, or say that a value is no JSON. Set may make the event break its
// contract on purpose; validate it if that matters.
func (f *Faker) Event(name string, edits ...Edit) (contracts.Event, error) {
	t, p, err := f.find(name)
	if err != nil {
		return contracts.Event{}, err
	}
	e, err := p.compile(name, edits)
	if err != nil {
		return contracts.Event{}, err
	}
	return contracts.Event{Type: t, Body: e.body(f.setting, e.nth)}, nil
}

// Events yields ordinals 0, 1, 2, … without end, or from the one that Nth
// names. The edits are checked here, once.
func (f *Faker) Events(name string, edits ...Edit) (iter.Seq[contracts.Event], error) {
	t, p, err := f.find(name)
	if err != nil {
		return nil, err
	}
	e, err := p.compile(name, edits)
	if err != nil {
		return nil, err
	}
	return func(yield func(contracts.Event) bool) {
		for n := e.nth; yield(contracts.Event{Type: t, Body: e.body(f.setting, n)}); n++ {
		}
	}, nil
}

func (f *Faker) find(name string) (*contracts.EventType, *plan, error) {
	t, err := f.contract.EventType(name)
	if err != nil {
		return nil, nil, err
	}
	p, ok := f.plans[t]
	if !ok {
		return nil, nil, &contracts.UnknownEventError{Provider: f.contract.Provider(), Name: name, Nearest: schema.Nearest(name, f.names)}
	}
	return t, p, nil
}

// Append appends the body of event number n of a selected type to dst: the
// fast path, without edits. It allocates nothing but what dst lacks, and panics
// if the type was not selected in New.
func (f *Faker) Append(dst []byte, t *contracts.EventType, n uint64) []byte {
	p, ok := f.plans[t]
	if !ok {
		panic(fmt.Sprintf("faker: event %q was not selected in New", t.Name()))
	}
	return p.body(f.setting, dst, n, nil)
}

// Request makes one event and seals it as the provider would, ready for
// httptest: it has a body that can be read again, and a length.
func (f *Faker) Request(name string, seal contracts.SealOptions, edits ...Edit) (*http.Request, error) {
	ev, err := f.Event(name, edits...)
	if err != nil {
		return nil, err
	}
	sealed, err := f.contract.Seal(ev, seal)
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequest(sealed.Method, sealed.URL, bytes.NewReader(sealed.Body))
	if err != nil {
		return nil, err
	}
	r.Header = sealed.Header.Clone()
	if r.Header == nil {
		r.Header = http.Header{}
	}
	body := sealed.Body
	r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	r.RequestURI = "" // a client may send it; a handler does not look at it
	return r, nil
}

// Values makes the instances of a bare schema. It is immutable and safe for
// concurrent use.
type Values struct {
	setting *setting
	plan    *plan
}

// FromSchema makes values of a bare schema. The error is an *ImpossibleError, a
// *HintError or says which option is wrong. Options.Events has no meaning here.
func FromSchema(s *schema.Schema, o Options) (*Values, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	w := newSetting(o)
	p, err := newPlan(s, "", w, o, newWorkshop())
	if err != nil {
		return nil, err
	}
	return &Values{w, p}, nil
}

// Value makes one instance, with the edits and the errors of [Faker.Event].
func (v *Values) Value(edits ...Edit) (json.RawMessage, error) {
	e, err := v.plan.compile("", edits)
	if err != nil {
		return nil, err
	}
	return e.body(v.setting, e.nth), nil
}

// Append appends instance number n to dst.
func (v *Values) Append(dst []byte, n uint64) []byte { return v.plan.body(v.setting, dst, n, nil) }
