package mockserver

import "time"

// queue holds every delivery that waits: those that are due, by endpoint, and
// those that are not, by time. It has no lock of its own; the server's guards it.
//
// Each endpoint has a lane. Lanes with something due stand in turn, and next
// serves them one delivery at a time, in a circle. What it gives is booked: its
// intent is to be written down. Then load lets it wait for a slot of its lane, and
// what has one stands in off, for any worker.
type queue struct {
	perEndpoint int
	workers     int
	free        int    // workers for whom nothing is booked
	running     int    // deliveries that have a slot
	sooner      func() // called when release may have to be asked earlier than it said

	lanes  map[laneKey]*lane
	turn   fifo[*lane]
	off    fifo[*Delivery] // may leave
	later  byTime[*Delivery]
	paused byTime[*lane]     // by their rate
	seq    uint64            // of the last delivery that joined
	speeds map[laneKey]speed // of the last attempts; forgotten altogether when there are too many
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
	held    *Delivery       // until another has left; it stands in queue.later
	booked  int             // deliveries, until their outcome is written down
	loaded  fifo[*Delivery] // booked, their intents written down, without a slot
	running int             // have a slot
	listed  bool            // stands in queue.turn
	resting bool            // stands in queue.paused
	speed   speed
}

// speed is what is known of an endpoint by its last attempt.
type speed uint8

const (
	unknown speed = iota
	quick
	slow
)

const (
	// slowAttempt is the time from which on an attempt makes its endpoint a slow
	// one: what answers in time does so within far less.
	slowAttempt = 2 * time.Second
	knownSpeeds = 10_000
)

func newQueue(perEndpoint, workers int, sooner func()) queue {
	return queue{
		perEndpoint: perEndpoint, workers: workers, free: workers, sooner: sooner,
		lanes: map[laneKey]*lane{}, speeds: map[laneKey]speed{},
	}
}

// join gives a delivery its lane. The limits are those that its endpoint says
// last.
func (q *queue) join(d *Delivery) {
	e := d.parcel.Endpoint
	key := laneKey{e.Name, e.URL}
	l := q.lanes[key]
	if l == nil {
		l = &lane{key: key, speed: q.speeds[key]}
		q.lanes[key] = l
	}
	l.most, l.gap = orDefault(e.Concurrency, q.perEndpoint), 0
	if e.Rate > 0 {
		l.gap = time.Duration(min(float64(time.Second)/e.Rate, 1<<62))
	}
	l.members++
	q.seq++
	d.lane, d.seq = l, q.seq
}

// put lets a delivery wait in its lane for a worker, or behind those that go
// before it.
func (q *queue) put(d *Delivery, now time.Time) {
	if q.holds(d, now) {
		return
	}
	d.place = placeLane
	if d.lane.enter(d) {
		d.lane.due.push(d)
		q.list(d.lane)
	}
}

// putLater lets a delivery wait until d.due.
func (q *queue) putLater(d *Delivery) {
	d.place = placeHeap
	q.later.push(d)
	if d.index == 0 {
		q.sooner()
	}
}

// release moves what is due into its lane. It returns how much that was, how
// long the next one has to wait, and whether there is a next one.
func (q *queue) release(now time.Time) (released int, wait time.Duration, more bool) {
	for len(q.later) > 0 && !q.later[0].due.After(now) {
		d := q.later.pop()
		d.lane.unhold(d)
		q.put(d, now)
		released++
	}
	for len(q.paused) > 0 && !q.paused[0].slot.After(now) {
		l := q.paused.pop()
		l.resting = false
		if q.list(l); l.members == 0 && !l.listed {
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

// next books the delivery whose turn it is, or nil if no lane may have another
// attempt. Each one goes on to load and done, or back by unbook.
func (q *queue) next(now time.Time) *Delivery {
	for range q.turn.len() { // of the lanes that may not, each has something booked: they are few
		l := q.turn.pop()
		l.listed = false
		l.skip()
		switch {
		case !q.mayRun(l):
			q.settle(l)
			continue
		case l.gap > 0 && l.slot.After(now):
			q.pause(l)
			continue
		}
		d := l.due.pop()
		d.place = nowhere
		l.booked++
		q.free--
		l.pace(now)
		q.settle(l)
		return d
	}
	return nil
}

// mayRun is the bulkhead. An endpoint never has more attempts at once than there
// are workers left for all others: the more endpoints hang, the less each of them
// gets. One half of the workers is out of reach for endpoints that are known to be
// slow, and a quarter for those of which nothing is known: however many hang,
// workers are there for those that answer.
func (q *queue) mayRun(l *lane) bool {
	spare := q.free
	switch l.speed {
	case slow:
		spare -= q.workers / 2
	case unknown:
		spare -= q.workers / 4
	}
	return l.due.len() > 0 && l.booked < min(l.limit(), spare)
}

// limit is how much may be booked at once. An endpoint that answers quickly has as
// much booked besides as it has slots: what leaves next is written down together
// with the outcomes of what left before. A rate's slots are for attempts that leave
// now, and of an endpoint that is not known to be quick a delivery would be called
// attempting for long before it leaves.
func (l *lane) limit() int {
	if l.speed == quick && l.gap == 0 {
		return 2 * l.most
	}
	return l.most
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

// load lets a delivery leave, or wait for a slot.
func (q *queue) load(d *Delivery) {
	d.lane.loaded.push(d)
	q.launch(d.lane)
}

func (q *queue) launch(l *lane) {
	for l.running < l.most && l.loaded.len() > 0 {
		l.running++
		q.running++
		q.off.push(l.loaded.pop())
	}
}

// done frees the slot and the worker that d had, once its outcome is written
// down, and learns from its attempt.
func (q *queue) done(d *Delivery, took time.Duration) {
	q.learn(d.lane, took)
	q.quit(d)
}

// quit is done for a delivery that was not sent.
func (q *queue) quit(d *Delivery) {
	d.lane.running--
	q.running--
	q.launch(d.lane)
	q.unbook(d)
}

// unbook frees the worker.
func (q *queue) unbook(d *Delivery) {
	d.lane.booked--
	q.free++
	q.settle(d.lane)
}

// isBusy reports whether anything is booked.
func (q *queue) isBusy() bool { return q.free < q.workers }

func (q *queue) learn(l *lane, took time.Duration) {
	was := l.speed
	if l.speed = quick; took >= slowAttempt {
		l.speed = slow
	}
	if l.speed == was {
		return
	}
	if len(q.speeds) >= knownSpeeds {
		clear(q.speeds)
	}
	q.speeds[l.key] = l.speed
}

// remove takes a waiting delivery out. It reports whether it was there.
func (q *queue) remove(d *Delivery) bool {
	switch d.place {
	case nowhere:
		return false
	case placeHeap:
		d.lane.unhold(d)
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
	q.sooner()
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
