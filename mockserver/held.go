package mockserver

import "time"

// This file is about a delivery that is held back on purpose until one that was
// queued later has left for the same endpoint, see Tamper.Behind.

// holds puts a delivery aside that is to be overtaken, if none of its lane is: it
// overtakes that one otherwise.
func (q *queue) holds(d *Delivery, now time.Time) bool {
	hold := d.hold
	d.hold = 0
	if hold <= 0 || d.lane.held != nil {
		return false
	}
	d.lane.held = d
	d.due = now.Add(hold)
	q.putLater(d)
	return true
}

// overtake lets the delivery go that was held until one like this has left.
func (q *queue) overtake(by *Delivery, now time.Time) {
	d := by.lane.held
	if d == nil || by.seq < d.seq {
		return
	}
	q.later.remove(d.index)
	by.lane.held = nil
	d.due = now
	q.put(d, now)
}

// unhold is for a delivery that leaves the heap.
func (l *lane) unhold(d *Delivery) {
	if l.held == d {
		l.held = nil
	}
}
