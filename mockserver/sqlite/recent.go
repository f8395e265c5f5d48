package sqlite

import "encoding/binary"

// recent are places of deliveries whose entries came a moment ago. Most come again
// soon, and the index is larger than the processor's cache. It is the writer's own, who
// alone changes the index.
type recent struct {
	index   *index
	spots   [4096]spot
	commit  int            // number of the one that is being made, from 1
	evicted map[key]uint64 // last entries in this commit of deliveries that lost their spots
}

type spot struct {
	place         // with the last entry of this commit, too
	id     string // "": nobody's
	commit int    // the last with an entry of it
}

func newRecent(x *index) recent {
	return recent{index: x, commit: 1, evicted: map[key]uint64{}}
}

// next is the place of the delivery that the entry seq is of, and the number of the
// entry before that, 0 if there is none.
func (r *recent) next(id string, seq uint64) (p place, before uint64) {
	s := r.spot(id)
	if s.id != id || id == "" {
		if s.commit == r.commit {
			r.evicted[s.key] = s.last
		}
		*s = spot{place: r.index.placeOf(id), id: id}
		if last, ok := r.evicted[s.key]; ok {
			s.last = last
		}
	}
	p, before = s.place, s.last
	s.last, s.commit = seq, r.commit
	return p, before
}

// found is where a delivery stands that was nowhere yet.
func (r *recent) found(id string, at int32) {
	if s := r.spot(id); s.id == id {
		s.at = at
	}
}

// committed is for the end of a commit.
func (r *recent) committed() {
	r.commit++
	clear(r.evicted)
}

// forget is for a commit that failed, and for an index that has changed otherwise.
func (r *recent) forget() {
	clear(r.spots[:])
	clear(r.evicted)
}

// spot is one of the few in which a delivery may stand. The ends of ids differ most.
func (r *recent) spot(id string) *spot {
	var end [8]byte
	copy(end[:], id[max(0, len(id)-8):])
	return &r.spots[binary.LittleEndian.Uint64(end[:])*0x9e3779b97f4a7c15>>52]
}
