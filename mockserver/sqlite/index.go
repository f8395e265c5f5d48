package sqlite

import (
	"hash/maphash"
	"math"
	"slices"
	"sort"
	"sync"
	"time"

	"github.com/hookrig/hookrig/mockserver"
)

// index knows of each delivery what one asks for, and where its entries stand:
// the last one, from which each says where the one before it is. It lives in
// memory, about 100 bytes a delivery without pointers, and is made from the
// entries when the file is opened. In the file it would cost twice what the
// entries do: a row is written when a delivery begins and again when it ends, and
// an index over random ids writes a page of its own for nearly each of them.
type index struct {
	mu    sync.RWMutex
	last  uint64 // Seq of the last entry
	rows  []row  // by first
	gone  int    // rows that were forgotten, but not yet taken out
	byID  map[key]int32
	seeds [2]maphash.Seed
	names []string // number n stands at n-1; 0 is ""
	named map[string]uint32
}

// row is a delivery.
type row struct {
	key         key
	first, last uint64 // Seq of its first and last entry
	queued      int64  // ns since 1970, of the first entry
	moved       int64  // the same of the last
	provider    uint32
	event       uint32
	endpoint    uint32
	label       uint32
	state       state
}

// key stands for an id. By 128 bits that nobody can aim at, no two ids are taken
// for one another.
type key [2]uint64

type state uint8

const (
	forgotten state = iota
	waiting
	attempting
	delivered
	exhausted
	cancelled
	strange // a journal that somebody else wrote
)

var stateNames = [...]mockserver.State{
	waiting: mockserver.Waiting, attempting: mockserver.Attempting,
	delivered: mockserver.Delivered, exhausted: mockserver.Exhausted, cancelled: mockserver.Cancelled, strange: "",
}

func stateOf(s mockserver.State) state {
	for i := waiting; i < strange; i++ {
		if stateNames[i] == s {
			return i
		}
	}
	return strange
}

func (s state) ended() bool { return s == delivered || s == exhausted || s == cancelled }

// nanos are those since 1970, as near as they can be for a time that is centuries away.
func nanos(t time.Time) int64 {
	switch year := t.Year(); {
	case year < 1700:
		return math.MinInt64
	case year > 2200:
		return math.MaxInt64
	}
	return t.UnixNano()
}

func newIndex() *index {
	return &index{
		byID: map[key]int32{}, named: map[string]uint32{},
		seeds: [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()},
	}
}

func (x *index) keyOf(id string) key {
	return key{maphash.String(x.seeds[0], id), maphash.String(x.seeds[1], id)}
}

// The rest needs x.mu, for writing where it changes something.

// place is where a delivery stands.
type place struct {
	key  key
	at   int32  // in rows; -1: nowhere yet
	last uint64 // Seq of its last entry, 0 if there is none
}

func (x *index) placeOf(id string) place {
	p := place{key: x.keyOf(id), at: -1}
	if at, known := x.byID[p.key]; known {
		p.at, p.last = at, x.rows[at].last
	}
	return p
}

// add takes the next entry in, whose number is seq, and whose delivery had that
// place a moment ago. It returns where that stands now.
func (x *index) add(e *mockserver.Entry, seq uint64, p place) (at int32) {
	x.last = seq
	at, known := p.at, p.at >= 0
	if !known {
		at, known = x.byID[p.key] // it may have come in between
	}
	if !known {
		at = int32(len(x.rows))
		x.byID[p.key] = at
		x.rows = append(x.rows, row{
			key: p.key, first: seq, queued: nanos(e.At),
			provider: x.number(e.Provider), event: x.number(e.Event), endpoint: x.number(e.Endpoint), label: x.number(e.Label),
		})
	}
	r := &x.rows[at]
	r.last, r.moved, r.state = seq, nanos(e.At), stateOf(e.State)
	return at
}

func (x *index) number(name string) uint32 {
	if name == "" {
		return 0
	}
	n, ok := x.named[name]
	if !ok {
		x.names = append(x.names, name)
		n = uint32(len(x.names))
		x.named[name] = n
	}
	return n
}

// of is nil if there is no such delivery.
func (x *index) of(id string) *row {
	at, ok := x.byID[x.keyOf(id)]
	if !ok {
		return nil
	}
	return &x.rows[at]
}

// lastOf is the Seq of a delivery's last entry, 0 if there is none.
func (x *index) lastOf(k key) uint64 {
	at, ok := x.byID[k]
	if !ok {
		return 0
	}
	return x.rows[at].last
}

// forget takes rows out. They stay in their places until there are many, since
// all others would have to move.
func (x *index) forget(keys []key) {
	for _, k := range keys {
		if at, ok := x.byID[k]; ok {
			x.rows[at].state = forgotten
			delete(x.byID, k)
			x.gone++
		}
	}
	if x.gone <= len(x.rows)/2 {
		return
	}
	x.rows = slices.Clone(slices.DeleteFunc(x.rows, func(r row) bool { return r.state == forgotten }))
	x.gone = 0
	clear(x.byID)
	for i := range x.rows {
		x.byID[x.rows[i].key] = int32(i)
	}
}

// selection is a query in the index's terms.
type selection struct {
	mockserver.Query
	state                            state // forgotten: any
	provider, event, endpoint, label uint32
	since, until                     int64
	none                             bool // it names what does not occur
}

func (x *index) selection(q mockserver.Query) selection {
	s := selection{Query: q, since: math.MinInt64, until: math.MaxInt64}
	for _, part := range []struct {
		name string
		n    *uint32
	}{{q.Provider, &s.provider}, {q.Event, &s.event}, {q.Endpoint, &s.endpoint}, {q.Label, &s.label}} {
		if *part.n = x.named[part.name]; *part.n == 0 && part.name != "" {
			s.none = true
		}
	}
	if q.State != "" {
		s.state = stateOf(q.State)
	}
	if !q.Since.IsZero() {
		s.since = nanos(q.Since)
	}
	if !q.Until.IsZero() {
		s.until = nanos(q.Until)
	}
	return s
}

func (s *selection) takes(r *row) bool {
	return r.state != forgotten && !s.none &&
		(s.state == 0 || s.state == r.state) &&
		(!s.Live || !r.state.ended()) &&
		(s.provider == 0 || s.provider == r.provider) &&
		(s.event == 0 || s.event == r.event) &&
		(s.endpoint == 0 || s.endpoint == r.endpoint) &&
		(s.label == 0 || s.label == r.label) &&
		r.queued >= s.since && r.queued < s.until
}

// list is a page, the latest first.
func (x *index) list(q mockserver.Query) []row {
	s := x.selection(q)
	end := len(x.rows)
	if q.Before > 0 {
		end = sort.Search(end, func(i int) bool { return x.rows[i].first >= q.Before })
	}
	var page []row
	for i := end - 1; i >= 0 && (q.Limit <= 0 || len(page) < q.Limit); i-- {
		if s.takes(&x.rows[i]) {
			page = append(page, x.rows[i])
		}
	}
	return page
}

func (x *index) count(q mockserver.Query) map[mockserver.State]int {
	s := x.selection(q)
	var n [strange + 1]int
	for i := range x.rows {
		if r := &x.rows[i]; s.takes(r) {
			n[r.state]++
		}
	}
	count := map[mockserver.State]int{}
	for s, n := range n {
		if n > 0 {
			count[stateNames[s]] = n
		}
	}
	return count
}

// expired are the oldest deliveries that ended before a time, as many as asked for.
func (x *index) expired(before int64, most int) (rows []row) {
	for i := 0; i < len(x.rows) && len(rows) < most; i++ {
		if r := x.rows[i]; r.state.ended() && r.moved < before {
			rows = append(rows, r)
		}
	}
	return rows
}
