package faker

import (
	"encoding/json"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/schema"
	"github.com/hookrig/hookrig/faker/audit"
	"github.com/hookrig/hookrig/faker/shop"
)

// Sighting reads an event backwards: what its body says of the entities of a
// world, where the contract binds it. at is the event's moment. An event may
// have several causes and the body does not tell which: the first is taken
// whose action it is, or the first of all where action is "". It is nil for an
// event that is not of the world.
func (w *World) Sighting(ev contracts.Event, action string, at time.Time) *audit.Sighting {
	p, c, n := w.planOf(ev.Type, action)
	if p == nil {
		return nil
	}
	v, err := decode(ev.Body)
	if err != nil {
		return nil
	}
	r := &reading{cause: n, found: map[string]*audit.Fact{}}
	r.read(p.maker, v)
	s := &audit.Sighting{At: at.UnixMilli(), Action: action, Where: ev.Type.Contract().Provider() + " " + ev.Type.Name()}
	s.By, s.New = ev.Type.Contract().Provider(), w.heralds.by[ev.Type]
	for i, k := range c.action.Kinds {
		if f := r.found[slotName(origin{slot: i})]; f != nil {
			f.Kind = k
		}
	}
	for _, key := range sortedKeys(r.found) {
		s.Facts = append(s.Facts, r.found[key])
	}
	return s
}

// Opened is the moment at which the stream begins: what is older was not made
// in it.
func (w *World) Opened() time.Time { return time.UnixMilli(w.shopOf(true).Opened()).UTC() }

// planOf finds the plan of an event type and which of its causes an action is.
func (w *World) planOf(t *contracts.EventType, action string) (*plan, *cause, int) {
	var first *effect
	for _, list := range w.effects {
		for _, e := range list {
			if e.typ != t {
				continue
			}
			if e.action.Name == action {
				return e.plan, e.cause, e.of
			}
			if first == nil || e.of < first.of {
				first = e
			}
		}
	}
	if first == nil {
		return nil, nil, 0
	}
	return first.plan, first.cause, first.of
}

// A reading collects what a body says.
type reading struct {
	cause  int
	found  map[string]*audit.Fact // by the origin that they were read at
	scopes [maxScopes]*audit.Fact
}

func slotName(o origin) string {
	name := strconv.Itoa(o.slot)
	for _, p := range o.refs {
		name += "." + p.Name
	}
	return name
}

// fact finds or begins what is said of an entity.
func (r *reading) fact(o origin, kind shop.Kind) *audit.Fact {
	if o.slot >= firstScope {
		f := r.scopes[o.slot-firstScope]
		for _, p := range o.refs {
			if f == nil {
				return nil
			}
			one := f.Ones[p.Name]
			if one == nil {
				one = newFact(p.Of, false)
				f.Ones[p.Name] = one
			}
			f = one
		}
		return f
	}
	key := slotName(o)
	f := r.found[key]
	if f == nil {
		f = newFact(kind, len(o.refs) == 0)
		r.found[key] = f
	}
	return f
}

func newFact(k shop.Kind, fresh bool) *audit.Fact {
	return &audit.Fact{Kind: k, Fresh: fresh, Values: map[string]shop.Value{}, Ones: map[string]*audit.Fact{}, Lists: map[string][]*audit.Fact{}}
}

// read follows a maker through the value that it made.
func (r *reading) read(m maker, v any) {
	switch m := m.(type) {
	case *pending:
		r.read(m.maker, v)
	case *loop:
	case *chooser:
		for _, w := range m.ways {
			if couldMake(w.maker, v) {
				r.read(w.maker, v)
			}
		}
	case *objects:
		members, _ := v.(map[string]any)
		for i := range m.members {
			if child, ok := members[m.about[i].name]; ok {
				r.read(m.about[i].whole, child)
			}
		}
	case *lists:
		items, _ := v.([]any)
		for i, item := range items {
			if e := m.at(i); e != nil {
				r.read(e, item)
			}
		}
	case *bound:
		r.value(m, v)
	case *boundObject:
		o := m.from[r.cause]
		if o.slot == slotNone || v == nil {
			return
		}
		r.within(m.level, r.fact(o, m.kind), func() { r.read(m.inner, v) })
	case *boundList:
		r.list(m, v)
	}
}

// couldMake tells ways apart by the types of their values.
func couldMake(m maker, v any) bool {
	switch m := m.(type) {
	case *pending:
		return couldMake(m.maker, v)
	case *objects, *boundObject:
		members, ok := v.(map[string]any)
		if objects, plain := m.(*objects); ok && plain {
			return constantsAgree(objects, members)
		}
		return ok
	case *lists, *boundList:
		_, ok := v.([]any)
		return ok
	}
	return true
}

// constantsAgree tells objects apart by the members that have a few values.
func constantsAgree(m *objects, members map[string]any) bool {
	for i := range m.members {
		v, there := members[m.about[i].name]
		if there && !oneOfFew(m.about[i].whole, canonical(v)) {
			return false
		}
	}
	return true
}

// oneOfFew reports whether a maker with few values, if it is one, makes the
// value.
func oneOfFew(m maker, value string) bool {
	switch m := m.(type) {
	case *bound:
		return len(m.spell) == 0 || oneOfFew(m.whole, value)
	case fixed:
		return canonicalText(m) == value
	case table:
		return len(m) > few || slices.ContainsFunc(m, func(row []byte) bool { return canonicalText(row) == value })
	}
	return true
}

// few values are what tells alternatives apart.
const few = 20

func canonicalText(text []byte) string {
	v, err := decode(text)
	if err != nil {
		return ""
	}
	return canonical(v)
}

func (r *reading) within(level int, f *audit.Fact, do func()) {
	was := r.scopes[level]
	r.scopes[level] = f
	do()
	r.scopes[level] = was
}

func (r *reading) list(m *boundList, v any) {
	o := m.from[r.cause]
	items, ok := v.([]any)
	if o.slot == slotNone || !ok {
		return
	}
	holder := r.fact(o, m.holder)
	var all []*audit.Fact
	for i, item := range items {
		f := newFact(m.prop.Of, holder != nil && holder.Fresh && holder.Kind == shop.KindOrder)
		r.within(m.level, f, func() {
			if e := m.list.at(i); e != nil {
				r.read(e, item)
			}
		})
		all = append(all, f)
	}
	if holder != nil {
		holder.Lists[m.prop.Name] = all
	}
}

// value takes a property's value out of its spelling; what cannot be told is
// left out.
func (r *reading) value(m *bound, v any) {
	o := m.from[r.cause]
	if o.slot == slotNone || m.heard == nil {
		return
	}
	x, ok := m.heard(v)
	if !ok {
		return
	}
	if f := r.fact(o, m.kind); f != nil {
		if was, twice := f.Values[m.prop.Name]; twice && !audit.Same(was, x) {
			f.Clashes = append(f.Clashes, m.prop.Name)
		}
		f.Values[m.prop.Name] = x
	}
}

// hearing reads what the spellings of a property write.
func hearing(prop *shop.Property, h *hint, forms []*form) func(v any) (shop.Value, bool) {
	back := map[string]string{}
	table, _ := h.args["map"].(map[string]any)
	for _, k := range sortedKeys(table) {
		said := canonical(table[k])
		if _, twice := back[said]; twice {
			back[said] = "" // two values are written alike
			continue
		}
		back[said] = k
	}
	prefix := h.str("prefix", "")
	decimal := slices.ContainsFunc(forms, func(f *form) bool { return f.number != nil && f.typ&schema.Number != 0 })
	return func(v any) (shop.Value, bool) {
		text, isText := v.(string)
		k, mapped := back[canonical(v)]
		if mapped {
			text, isText = k, k != ""
			if !isText {
				return shop.Value{}, false
			}
		}
		if b, ok := v.(bool); ok && !mapped {
			text, isText = strconv.FormatBool(b), true
		}
		if isText {
			text = strings.TrimPrefix(text, prefix)
		}
		return heardAs(prop, h, text, v, decimal)
	}
}

func heardAs(prop *shop.Property, h *hint, text string, v any, decimal bool) (shop.Value, bool) {
	out := shop.Value{Type: prop.Type}
	n, isNumber := v.(json.Number)
	switch prop.Type {
	case shop.Text, shop.Choice:
		if out.Text = text; isNumber && text == "" {
			out.Text = n.String()
		}
		return out, out.Text != ""
	case shop.Boolean:
		if text == "true" {
			out.Int = 1
		}
		return out, text == "true" || text == "false"
	case shop.Time:
		return heardTime(out, h, text, n)
	}
	if !isNumber {
		n = json.Number(text)
	}
	r, ok := new(big.Rat).SetString(n.String())
	if !ok {
		return out, false
	}
	scale := int64(1)
	switch {
	case prop.Type == shop.Money && (!isNumber || strings.ContainsAny(n.String(), ".") || decimal):
		scale = 100
	case prop.Type == shop.Rate:
		if scale = 10_000; r.Cmp(big.NewRat(1, 1)) >= 0 {
			scale = 100
		}
	}
	r.Mul(r, big.NewRat(scale, 1))
	out.Int = r.Num().Int64()
	return out, r.IsInt()
}

func heardTime(out shop.Value, h *hint, text string, n json.Number) (shop.Value, bool) {
	layout := h.str("layout", "")
	if n == "" && (layout == "unix" || layout == "unixMilli") {
		n = json.Number(text)
	}
	if n != "" {
		ms, err := n.Int64()
		if layout != "unixMilli" {
			ms *= 1000
		}
		out.Int = ms
		return out, err == nil
	}
	layouts := []string{layout, time.RFC3339}
	for _, l := range layouts {
		if l == "" || !strings.Contains(l, "05") {
			continue // days and the like are too coarse to compare
		}
		if at, err := time.ParseInLocation(l, text, zoneOf(h.str("zone", ""))); err == nil {
			out.Int = at.UnixMilli()
			return out, true
		}
	}
	return out, false
}
