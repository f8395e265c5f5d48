package audit

import (
	"slices"
	"strings"

	"github.com/hookrig/hookrig/faker/shop"
)

// start is what is known of a stream that was not begun in its midst.
type start struct {
	heralds []Herald
	names   map[herald][]string // by which they call what is new
	waiting map[herald][]suspect
}

// suspect is an event about something that a herald has not told of, from before
// it was seen by which names this herald would have.
type suspect struct {
	at *Sighting
	f  *Fact
	r  *record
}

// mostSuspects bounds those of one herald.
const mostSuspects = 1000

type herald struct {
	by   string
	kind shop.Kind
}

// announced judges that whoever tells of something has told that it is new, and
// that somebody has who always does.
func (a *Auditor) announced(f *Fact, r *record) {
	if a.start == nil {
		return
	}
	s := a.at
	if slices.Contains(s.New, f.Kind) {
		a.meet(herald{s.By, f.Kind}, f)
		r.tells(s.By)
		return
	}
	if a.forgotten > 0 && !r.known {
		return // it may have been told of
	}
	for _, h := range a.start.heralds {
		if h.Kind != f.Kind || h.By != s.By && !h.Always || slices.Contains(r.told, h.By) {
			continue
		}
		if who := (herald{h.By, h.Kind}); len(a.start.names[who]) == 0 {
			if waiting := a.start.waiting[who]; len(waiting) < mostSuspects {
				a.start.waiting[who] = append(waiting, suspect{s, f, r})
				r.tells(h.By)
			}
			continue
		}
		if !a.start.calls(h, r) {
			continue
		}
		a.report("reference/"+string(f.Kind), f, "%s has not told that there is one", h.By)
		r.tells(h.By) // once is enough
	}
}

func (r *record) tells(by string) {
	if !slices.Contains(r.told, by) {
		r.told = append(r.told, by)
	}
}

// meet notes by which names a herald calls what is new. Now it can be said of what
// came before whether it should have been told of.
func (a *Auditor) meet(h herald, f *Fact) {
	for _, name := range names {
		if _, ok := f.Values[name]; ok && !slices.Contains(a.start.names[h], name) {
			a.start.names[h] = append(a.start.names[h], name)
		}
	}
	waiting, now := a.start.waiting[h], a.at
	delete(a.start.waiting, h)
	for _, x := range waiting {
		if a.start.calls(Herald{By: h.by, Kind: h.kind}, x.r) {
			a.at = x.at
			a.report("reference/"+string(h.kind), x.f, "%s has not told that there is one", h.by)
		}
	}
	a.at = now
}

// calls reports whether an entity is known by a name that the herald would call
// it by.
func (s *start) calls(h Herald, r *record) bool {
	for _, name := range s.names[herald{h.By, h.Kind}] {
		for _, key := range r.keys {
			if strings.HasPrefix(key, string(h.Kind)+" "+name+" ") {
				return true
			}
		}
	}
	return false
}
