package mockserver

import (
	"container/heap"
	"slices"
	"time"
)

// timed stands in a [byTime].
type timed interface {
	// when is the time, and what decides between equal times.
	when() (time.Time, uint64)
	// stands tells where in the heap it stands.
	stands(index int)
}

func (d *Delivery) when() (time.Time, uint64) { return d.due, d.seq }
func (d *Delivery) stands(index int)          { d.index = index }
func (l *lane) when() (time.Time, uint64)     { return l.slot, 0 }
func (l *lane) stands(int)                    {}

// byTime is a heap: the earliest stands first.
type byTime[T timed] []T

func (h *byTime[T]) push(v T)     { heap.Push((*heapOf[T])(h), v) }
func (h *byTime[T]) pop() T       { return heap.Pop((*heapOf[T])(h)).(T) }
func (h *byTime[T]) remove(i int) { heap.Remove((*heapOf[T])(h), i) }

// heapOf is how container/heap wants to see it.
type heapOf[T timed] []T

func (h heapOf[T]) Len() int { return len(h) }
func (h heapOf[T]) Less(i, j int) bool {
	a, first := h[i].when()
	b, second := h[j].when()
	if c := a.Compare(b); c != 0 {
		return c < 0
	}
	return first < second
}
func (h heapOf[T]) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].stands(i)
	h[j].stands(j)
}
func (h *heapOf[T]) Push(x any) {
	v := x.(T)
	v.stands(len(*h))
	*h = append(*h, v)
}
func (h *heapOf[T]) Pop() any {
	var zero T
	last := len(*h) - 1
	v := (*h)[last]
	(*h)[last] = zero
	*h = (*h)[:last]
	return v
}

// fifo is a queue of constant cost that lets go of what was taken.
type fifo[T any] struct {
	items []T
	start int
}

func (f *fifo[T]) len() int { return len(f.items) - f.start }
func (f *fifo[T]) front() T { return f.items[f.start] }
func (f *fifo[T]) push(v T) { f.items = append(f.items, v) }

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
