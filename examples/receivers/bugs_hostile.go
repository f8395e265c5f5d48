package receivers

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/hookrig/hookrig/contracts"
)

// What breaks under hostile input or load. Most of it is never met in a test
// shop.
const (
	BuffersHugeBodies  Defect = "buffers-huge-bodies"  // out of memory above 8 MiB
	RecursesUnbounded  Defect = "recurses-unbounded"   // out of stack at 5,000 levels
	FixedHeaderTable   Defect = "fixed-header-table"   // 512 headers
	UnpacksBombs       Defect = "unpacks-bombs"        // unpacks before it looks, without a limit
	TakesTwoLengths    Defect = "takes-two-lengths"    // an HTTP reader of its own, and the first of two lengths
	LocksWhileReading  Defect = "locks-while-reading"  // one sender at a time
	PausesNowAndThen   Defect = "pauses-now-and-then"  // every fortieth event waits for a clean-up
	SlowOnLargeBodies  Defect = "slow-on-large-bodies" // 15 ms a kilobyte
	BreaksUnderBurst   Defect = "breaks-under-burst"   // a pool of thirty connections, and no queue
	BreaksUnderBacklog Defect = "breaks-under-backlog" // finds duplicates among the last sixty events, and for older ones there is the unique key
	ShortMemory        Defect = "short-memory"         // knows the last sixty events
)

// huge is what this receiver cannot hold.
const huge = 8 << 20

var hostileBugs = []bug{
	{BuffersHugeBodies, fronted(broken, func(req *http.Request) bool { return req.ContentLength > huge })},
	{RecursesUnbounded, habit{early: when(broken, func(_ *Receiver, d *delivery) bool { return depth(d.body) > 5000 })}},
	{FixedHeaderTable, fronted(broken, func(req *http.Request) bool { return len(req.Header) > 512 })},
	{UnpacksBombs, habit{front: unpack}},
	{TakesTwoLengths, habit{reader: func(string) bool { return true }, once: true}},
	{LocksWhileReading, habit{read: func(req *http.Request) ([]byte, error) {
		oneReader.Lock()
		defer oneReader.Unlock()
		return io.ReadAll(req.Body)
	}}},
	{PausesNowAndThen, habit{act: func(r *Receiver, d *delivery) int {
		r.act(d)
		if r.count()%40 == 0 {
			pause(2 * time.Second)
		}
		return 0
	}}},
	{SlowOnLargeBodies, habit{act: func(r *Receiver, d *delivery) int {
		pause(min(3*time.Second, time.Duration(len(d.body)>>10)*15*time.Millisecond))
		r.act(d)
		return 0
	}}},
	{BreaksUnderBurst, habit{act: func(r *Receiver, d *delivery) int {
		defer r.leave()
		if r.enter() > 30 {
			return broken
		}
		pause(work)
		r.act(d)
		return 0
	}}},
	{BreaksUnderBacklog, habit{act: each(func(r *Receiver, key string, ev contracts.Event) int {
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.done[key] == 0 {
			r.do(key, ev)
			r.recent = append(r.recent, key)
		}
		if slices.Index(r.recent, key) < len(r.recent)-60 {
			return broken
		}
		return 0
	})}},
	{ShortMemory, habit{act: each(func(r *Receiver, key string, ev contracts.Event) int {
		r.mu.Lock()
		defer r.mu.Unlock()
		if !slices.Contains(r.recent, key) {
			r.recent = append(r.recent, key)
			r.recent = r.recent[max(0, len(r.recent)-60):]
			r.do(key, ev)
		}
		return 0
	})}},
}

var oneReader sync.Mutex

// count is how many events were done.
func (r *Receiver) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.book)
}

// depth is how deep the lists of a text are nested.
func depth(text []byte) (deepest int) {
	level := 0
	for _, c := range text {
		switch c {
		case '[':
			level++
			deepest = max(deepest, level)
		case ']':
			level--
		}
	}
	return deepest
}

// unpack is middleware that unpacks whatever comes packed.
func unpack(_ *Receiver, w http.ResponseWriter, req *http.Request) (answered bool) {
	if req.Header.Get("Content-Encoding") != "gzip" {
		return false
	}
	packed, err := io.ReadAll(io.LimitReader(req.Body, maxBody))
	req.Body = io.NopCloser(bytes.NewReader(packed))
	in, bad := gzip.NewReader(bytes.NewReader(packed))
	if err != nil || bad != nil {
		return false
	}
	if n, _ := io.Copy(io.Discard, io.LimitReader(in, 4*huge)); n < 4*huge {
		return false
	}
	w.WriteHeader(broken) // the memory was gone
	return true
}
