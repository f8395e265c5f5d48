package mockserver

import (
	"container/heap"
	"slices"
	"time"
)

// queue holds every delivery that waits: those that are due, by endpoint, and
// those that are not, by time. It has no lock of its own; the server's guards it.
//
// Each endpoint has a lane. Lanes with something to do and a free slot stand in
// turn, and next serves them one delivery at a time, in a circle.
type queue struct {
	perEndpoint, workers int

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
	return queue{perEndpoint: perEndpoint, workers: workers, lanes: map[laneKey]*lane{}}
}

// share is how many attempts one endpoint may have at once. One share more than
// there are busy endpoints is kept free, so that however many of them hang, the
// next one finds a worker (up to the number of workers).
func (q *queue) share() int {
	return max(1, min(q.perEndpoint, q.workers/(len(q.lanes)+1)))
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

// next takes the delivery whose turn it is, or nil. Each one taken must be given
// back by done.
func (q *queue) next() *Delivery {
	for q.turn.len() > 0 {
		l := q.turn.pop()
		l.listed = false
		for l.mayRun(q.share()) {
			d := l.due.pop()
			if d.place != placeLane {
				continue // cancelled while it stood there
			}
			d.place = nowhere
			l.running++
			if l.key.ordered {
				l.first = d
			}
			q.list(l)
			return d
		}
		q.drop(l)
	}
	return nil
}

// done frees the slot that d had. In an ordered lane it holds the place of a
// delivery that has not ended.
func (q *queue) done(d *Delivery, ended bool) {
	l := q.lanes[d.lane]
	l.running--
	if ended && l.first == d {
		l.first = nil
	}
	q.list(l)
	q.drop(l)
}

// remove takes a waiting delivery out, for good. It reports whether it was there.
func (q *queue) remove(d *Delivery) bool {
	switch d.place {
	case nowhere:
		return false
	case placeHeap:
		heap.Remove(&q.later, d.index)
	}
	d.place = nowhere // next skips it
	return true
}

// forget lets go of an ordered lane that was held up by d.
func (q *queue) forget(d *Delivery) {
	if l := q.lanes[d.lane]; l != nil && l.first == d {
		l.first = nil
		q.list(l)
		q.drop(l)
	}
}

func (l *lane) mayRun(share int) bool {
	if l.due.len() == 0 || l.running >= share {
		return false
	}
	if l.key.ordered {
		return l.running == 0 && (l.first == nil || l.first == l.due.front())
	}
	return true
}

func (q *queue) list(l *lane) {
	if !l.listed && l.mayRun(q.share()) {
		l.listed = true
		q.turn.push(l)
	}
}

// drop forgets a lane that is empty. The others' share may grow by that.
func (q *queue) drop(l *lane) {
	if l.due.len() > 0 || l.running > 0 || l.first != nil || l.listed || q.lanes[l.key] != l {
		return
	}
	before := q.share()
	delete(q.lanes, l.key)
	if q.share() > before { // then there are fewer lanes than workers
		for _, other := range q.lanes {
			q.list(other)
		}
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
