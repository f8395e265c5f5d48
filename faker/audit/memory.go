package audit

import (
	"slices"

	"github.com/hookrig/hookrig/faker/shop"
)

// Remembered is how many entities an auditor remembers. A shop of 100 orders a
// day tells of so many in three months, and of an order for three weeks.
const Remembered = 200_000

// record is what is known of an entity.
type record struct {
	values []said
	keys   []string // by which it is found
	told   []string // who has told that it is new
	at     int64    // when it was last told of
	known  bool     // it was told of before
	loose  bool     // a value that is firm has changed

	newer, older *record // the neighbours in the memory
}

// said is the last value of a property.
type said struct {
	name string
	shop.Value
}

func (r *record) value(name string) (shop.Value, bool) {
	for i := range r.values {
		if r.values[i].name == name {
			return r.values[i].Value, true
		}
	}
	return shop.Value{}, false
}

func (r *record) keep(name string, v shop.Value) {
	for i := range r.values {
		if r.values[i].name == name {
			r.values[i].Value = v
			return
		}
	}
	r.values = append(r.values, said{name, v})
}

// memory is the entities that were told of last.
type memory struct {
	records   map[string]*record
	most, n   int
	ends      record // a ring: newer is the oldest, older the newest
	forgotten int
	horizon   int64 // until when some were told of that are forgotten
}

func newMemory(most int) memory { return memory{records: map[string]*record{}, most: most} }

// touch makes a record the newest, and lets go of the oldest where there are too
// many.
func (m *memory) touch(r *record, now int64) {
	if m.ends.newer == nil {
		m.ends.newer, m.ends.older = &m.ends, &m.ends
	}
	if r.newer == nil {
		m.n++
	} else {
		r.unlink()
	}
	r.at = now
	r.older, r.newer = m.ends.older, &m.ends
	r.older.newer, r.newer.older = r, r
	for m.n > m.most {
		m.forget(m.ends.newer)
	}
}

func (r *record) unlink() { r.older.newer, r.newer.older = r.newer, r.older }

func (m *memory) forget(r *record) {
	m.drop(r)
	m.forgotten++
	m.horizon = max(m.horizon, r.at)
	for _, key := range r.keys {
		if m.records[key] == r {
			delete(m.records, key)
		}
	}
}

// drop takes a record out of the ring.
func (m *memory) drop(r *record) {
	if r.newer == nil {
		return
	}
	r.unlink()
	r.newer, r.older = nil, nil
	m.n--
}

// record finds what is known of a fact's entity, by any of its names; nil where
// it shows none.
func (a *Auditor) record(f *Fact) *record {
	if f.Kind == shop.KindDocument { // papers of different types may have one number
		if f.word("type") == "" {
			return nil
		}
		f.Kind = shop.Kind(f.word("type"))
	}
	var r *record
	var keys []string
	for _, name := range names {
		v, ok := f.Values[name]
		if !ok || unnamed[f.Kind][name] {
			continue
		}
		key := string(f.Kind) + " " + name + " " + text(v)
		keys = append(keys, key)
		if known := a.records[key]; known != nil && r == nil {
			r = known
		}
	}
	if len(keys) == 0 {
		return nil
	}
	if r == nil {
		r = &record{}
		a.begins(f)
	} else {
		r.known = true
	}
	for _, key := range keys {
		other := a.records[key]
		if other == r {
			continue
		}
		if other != nil {
			if r.take(other) {
				a.drop(other)
				for _, k := range other.keys {
					a.records[k] = r
				}
			} else {
				a.report("reference/identity", f, "%q names two entities", key)
			}
		}
		a.records[key] = r
		r.keys = append(r.keys, key)
	}
	a.touch(r, a.now)
	return r
}

// take joins what was known of an entity under another of its names; false where
// the two are different ones.
func (r *record) take(other *record) bool {
	for _, name := range names {
		was, ok := r.value(name)
		if now, ok2 := other.value(name); ok && ok2 && !same(was, now) {
			return false
		}
	}
	for _, x := range other.values {
		if _, known := r.value(x.name); !known {
			r.values = append(r.values, x)
		}
	}
	r.told = append(r.told, other.told...)
	for _, key := range other.keys {
		if !slices.Contains(r.keys, key) {
			r.keys = append(r.keys, key)
		}
	}
	return true
}

// learn remembers what a fact says, as far as anything is held against it. What
// is perhaps old news is not taken for the state.
func (r *record) learn(f *Fact) {
	for name, v := range f.Values {
		if !judged(f.Kind, name) {
			continue
		}
		if f.Fresh {
			r.keep(name, v)
			continue
		}
		if _, known := r.value(name); !known && (constant(f.Kind, name) || firm[f.Kind][name] != nil) {
			r.keep(name, v)
		}
	}
}

// judged are the properties of which the value before matters.
func judged(k shop.Kind, name string) bool {
	return name == "createdAt" || name == "updatedAt" || slices.Contains(names, name) || constant(k, name) ||
		slices.Contains(once[k], name) || slices.Contains(rising[k], name) || turnsOf(k)[name] != nil || firm[k][name] != nil || k == shop.KindStock && name == "quantity"
}
