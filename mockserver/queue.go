package mockserver

import (
	"container/heap"
	"slices"
	"time"
)

// queue holds every delivery that waits: those that are due, by endpoint, and
// those that are not, by time. It has no lock of its own; the server's guards it.
//
// Each endpoint has a lane. Lanes with something due stand in turn, and next
// serves them one delivery at a time, in a circle.
type queue struct {
	perEndpoint int
	free        int // workers without a delivery

	lanes map[laneKey]*lane
	turn  fifo[*lane]
	later laterHeap
	seq   uint64
}

type laneKey struct {
	name, url string
	ordered   bool
}

// lane is one endpoint's share of the work.
type lane struct {
	key     laneKey
	due     fifo[*Delivery]
	running int
	listed  bool // stands in queue.turn
	// first is the delivery that holds up an ordered lane until it has ended.
	first *Delivery
}

func newQueue(perEndpoint, workers int) queue {
	return queue{perEndpoint: perEndpoint, free: workers, lanes: map[laneKey]*lane{}}
}

// put lets a delivery wait in its lane for a worker.
func (q *queue) put(d *Delivery) {
	l := q.lanes[d.lane]
	if l == nil {
		l = &lane{key: d.lane}
		q.lanes[d.lane] = l
	}
	d.place = placeLane
	if l.first == d {
		l.due.pushFront(d)
	} else {
		l.due.push(d)
	}
	q.list(l)
}

// putLater lets a delivery wait until d.due. It reports whether that is the earliest.
func (q *queue) putLater(d *Delivery) bool {
	q.seq++
	d.seq = q.seq
	d.place = placeHeap
	heap.Push(&q.later, d)
	return d.index == 0
}

// release moves what is due into its lane. It returns how many these were, how
// long the next one has to wait, and whether there is a next one.
func (q *queue) release(now time.Time) (released int, wait time.Duration, more bool) {
	for len(q.later) > 0 {
		d := q.later[0]
		if wait = d.due.Sub(now); wait > 0 {
			return released, wait, true
		}
		heap.Pop(&q.later)
		q.put(d)
		released++
	}
	return released, 0, false
}

// next takes the delivery whose turn it is, or nil if no lane may have another
// attempt. Each one taken must be given back by done.
func (q *queue) next() *Delivery {
	for range q.turn.len() { // of the lanes that may not, each has an attempt running: they are few
		l := q.turn.pop()
		l.listed = false
		l.skip()
		if !q.mayRun(l) {
			q.settle(l)
			continue
		}
		d := l.due.pop()
		d.place = nowhere
		l.running++
		q.free--
		if l.key.ordered {
			l.first = d
		}
		q.settle(l)
		return d
	}
	return nil
}

// mayRun is the bulkhead. An endpoint never has more attempts at once than there
// are workers left for all others: the more endpoints hang, the less each of them
// gets, and the last free worker goes to one that has none.
func (q *queue) mayRun(l *lane) bool {
	return l.ready() && l.running < min(q.perEndpoint, q.free)
}

// done frees the worker that d had. In an ordered lane it keeps the place of a
// delivery that has not ended.
func (q *queue) done(d *Delivery, ended bool) {
	l := q.lanes[d.lane]
	l.running--
	q.free++
	if ended && l.first == d {
		l.first = nil
	}
	q.settle(l)
}

// remove takes a waiting delivery out. It reports whether it was there.
func (q *queue) remove(d *Delivery) bool {
	switch d.place {
	case nowhere:
		return false
	case placeHeap:
		heap.Remove(&q.later, d.index)
	}
	d.place = nowhere // its lane skips it
	return true
}

// forget lets an ordered lane go on that was held up by d.
func (q *queue) forget(d *Delivery) {
	if l := q.lanes[d.lane]; l != nil && l.first == d {
		l.first = nil
		q.settle(l)
	}
}

// settle lets a lane stand in turn if it has something to do, and forgets it if
// it is empty.
func (q *queue) settle(l *lane) {
	q.list(l)
	if l.due.len() == 0 && l.running == 0 && l.first == nil && !l.listed {
		delete(q.lanes, l.key)
	}
}

func (q *queue) list(l *lane) {
	if !l.listed && l.ready() {
		l.listed = true
		q.turn.push(l)
	}
}

// ready reports whether the lane itself lets its next delivery go.
func (l *lane) ready() bool {
	return l.due.len() > 0 && (!l.key.ordered || l.running == 0 && (l.first == nil || l.first == l.due.front()))
}

// skip drops deliveries that were cancelled while they stood in the lane.
func (l *lane) skip() {
	for l.due.len() > 0 && l.due.front().place != placeLane {
		l.due.pop()
	}
}

// place is where in the queue a delivery waits.
type place int

const (
	nowhere place = iota
	placeLane
	placeHeap
)

// laterHeap orders by due time, then by arrival.
type laterHeap []*Delivery

func (h laterHeap) Len() int { return len(h) }
func (h laterHeap) Less(i, j int) bool {
	if c := h[i].due.Compare(h[j].due); c != 0 {
		return c < 0
	}
	return h[i].seq < h[j].seq
}
func (h laterHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i, j
}
func (h *laterHeap) Push(x any) {
	d := x.(*Delivery)
	d.index = len(*h)
	*h = append(*h, d)
}
func (h *laterHeap) Pop() any {
	last := len(*h) - 1
	d := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	return d
}

// fifo is a queue of constant cost that lets go of what was taken.
type fifo[T any] struct {
	items []T
	start int
}

func (f *fifo[T]) len() int { return len(f.items) - f.start }
func (f *fifo[T]) front() T { return f.items[f.start] }
func (f *fifo[T]) push(v T) { f.items = append(f.items, v) }

func (f *fifo[T]) pushFront(v T) {
	if f.start == 0 {
		f.items = slices.Insert(f.items, 0, v)
		return
	}
	f.start--
	f.items[f.start] = v
}

func (f *fifo[T]) pop() T {
	var zero T
	v := f.items[f.start]
	f.items[f.start] = zero
	f.start++
	if f.start*2 > len(f.items) {
		f.items = slices.Delete(f.items, 0, f.start)
		f.start = 0
	}
	return v
}
