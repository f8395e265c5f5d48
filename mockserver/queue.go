package mockserver

import "time"

// queue holds every delivery that waits: those that are due, by endpoint, and
// those that are not, by time. It has no lock of its own; the server's guards it.
//
// Each endpoint has a lane. Lanes with something due stand in turn, and next
// serves them one delivery at a time, in a circle.
type queue struct {
	perEndpoint int
	workers     int
	free        int // workers without a delivery

	lanes  map[laneKey]*lane
	turn   fifo[*lane]
	later  byTime[*Delivery]
	paused byTime[*lane] // by their rate
	seq    uint64
}

type laneKey struct{ name, url string }

// lane is one endpoint's share of the work. It stays while a live delivery
// belongs to it.
type lane struct {
	key     laneKey
	most    int           // attempts at once
	gap     time.Duration // between two attempts' starts, by the endpoint's rate; 0: none
	slot    time.Time     // of the next attempt, by the rate
	members int
	due     fifo[*Delivery]
	chains  map[chainKey]*chain
	running int
	listed  bool // stands in queue.turn
	resting bool // stands in queue.paused
	slow    bool // the last attempt took long
}

// slowAttempt is the time from which on an attempt makes its endpoint a slow
// one: what answers in time does so within far less.
const slowAttempt = time.Second

func newQueue(perEndpoint, workers int) queue {
	return queue{perEndpoint: perEndpoint, workers: workers, free: workers, lanes: map[laneKey]*lane{}}
}

// join gives a delivery its lane. The limits are those that its endpoint says
// last.
func (q *queue) join(d *Delivery) {
	e := &d.parcel.Endpoint
	key := laneKey{e.Name, e.URL}
	l := q.lanes[key]
	if l == nil {
		l = &lane{key: key}
		q.lanes[key] = l
	}
	l.most, l.gap = orDefault(e.Concurrency, q.perEndpoint), 0
	if e.Rate > 0 {
		l.gap = time.Duration(min(float64(time.Second)/e.Rate, 1<<62))
	}
	l.members++
	d.lane = l
}

// put lets a delivery wait in its lane for a worker, or behind those that go
// before it.
func (q *queue) put(d *Delivery) {
	d.place = placeLane
	if d.lane.enter(d) {
		d.lane.due.push(d)
		q.list(d.lane)
	}
}

// putLater lets a delivery wait until d.due. It reports whether that is the earliest.
func (q *queue) putLater(d *Delivery) bool {
	q.seq++
	d.seq = q.seq
	d.place = placeHeap
	q.later.push(d)
	return d.index == 0
}

// release moves what is due into its lane. It returns how much that was, how
// long the next one has to wait, and whether there is a next one.
func (q *queue) release(now time.Time) (released int, wait time.Duration, more bool) {
	for len(q.later) > 0 && !q.later[0].due.After(now) {
		q.put(q.later.pop())
		released++
	}
	for len(q.paused) > 0 && !q.paused[0].slot.After(now) {
		l := q.paused.pop()
		l.resting = false
		if q.list(l); l.members == 0 {
			delete(q.lanes, l.key)
		}
		released++
	}
	if len(q.later) > 0 {
		wait, more = q.later[0].due.Sub(now), true
	}
	if len(q.paused) > 0 {
		if w := q.paused[0].slot.Sub(now); !more || w < wait {
			wait, more = w, true
		}
	}
	return released, wait, more
}

// next takes the delivery whose turn it is, or nil if no lane may have another
// attempt. Each one taken must be given back by done. An earlier wake-up is
// needed if a lane had to be paused.
func (q *queue) next(now time.Time) (d *Delivery, paused bool) {
	for range q.turn.len() { // of the lanes that may not, each has an attempt running: they are few
		l := q.turn.pop()
		l.listed = false
		l.skip()
		switch {
		case !q.mayRun(l):
			q.settle(l)
			continue
		case l.gap > 0 && l.slot.After(now):
			q.pause(l)
			paused = true
			continue
		}
		d := l.due.pop()
		d.place = nowhere
		l.running++
		q.free--
		l.pace(now)
		q.settle(l)
		return d, paused
	}
	return nil, paused
}

// mayRun is the bulkhead. An endpoint never has more attempts at once than there
// are workers left for all others: the more endpoints hang, the less each of them
// gets, and the last free worker goes to one that has none. Endpoints that are
// known to be slow keep off a quarter of the workers: however many they are, that
// quarter is there for those that answer.
func (q *queue) mayRun(l *lane) bool {
	spare := q.free
	if l.slow {
		spare -= q.workers / 4
	}
	return l.due.len() > 0 && l.running < min(l.most, spare)
}

// lateness is what a rate makes up for: wake-ups come late, and the rate should
// be kept all the same.
const lateness = 50 * time.Millisecond

// pace books the slot of an attempt that starts now.
func (l *lane) pace(now time.Time) {
	if l.gap == 0 {
		return
	}
	if now.Sub(l.slot) > lateness {
		l.slot = now
	}
	l.slot = l.slot.Add(l.gap)
}

// done frees the worker that d had.
func (q *queue) done(d *Delivery, took time.Duration) {
	l := d.lane
	l.running--
	l.slow = took >= slowAttempt
	q.free++
	q.settle(l)
}

// remove takes a waiting delivery out. It reports whether it was there.
func (q *queue) remove(d *Delivery) bool {
	switch d.place {
	case nowhere:
		return false
	case placeHeap:
		q.later.remove(d.index)
	}
	d.place = nowhere // its lane skips it
	return true
}

// forget lets go of a delivery that has ended.
func (q *queue) forget(d *Delivery) {
	if l := d.lane; l != nil {
		d.lane = nil
		l.members--
		l.leave(d)
		q.settle(l)
	}
}

// settle lets a lane stand in turn if it has something to do, and forgets it if
// nothing belongs to it any more. A lane with a rate rests before, so that what
// comes next does not come too early.
func (q *queue) settle(l *lane) {
	q.list(l)
	switch {
	case l.members > 0 || l.listed || l.resting:
	case l.gap > 0:
		q.pause(l)
	default:
		delete(q.lanes, l.key)
	}
}

func (q *queue) pause(l *lane) {
	l.resting = true
	q.paused.push(l)
}

func (q *queue) list(l *lane) {
	if !l.listed && !l.resting && l.due.len() > 0 {
		l.listed = true
		q.turn.push(l)
	}
}

// skip drops deliveries that were cancelled while they stood in the lane.
func (l *lane) skip() {
	for l.due.len() > 0 && l.due.front().place != placeLane {
		l.due.pop()
	}
}

// place is where in the queue a delivery waits.
type place uint8

const (
	nowhere place = iota
	placeLane
	placeHeap
)
