package main

import (
	"encoding/json"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/faker"
	"github.com/hookrig/hookrig/faker/shop"
)

// livingWorlds are the worlds of runs, by the runs' names. They answer lookups,
// the one that began last first. They implement registration.Entities.
type livingWorlds struct {
	mu    sync.Mutex
	order []string
	all   map[string]*worldRun
}

func (l *livingWorlds) add(run string, w *worldRun) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.all == nil {
		l.all = map[string]*worldRun{}
	}
	if l.all[run] == nil {
		l.order = append(l.order, run)
	}
	l.all[run] = w
}

func (l *livingWorlds) drop(run string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.all, run)
	l.order = slices.DeleteFunc(l.order, func(name string) bool { return name == run })
}

// Look implements registration.Entities.
func (l *livingWorlds) Look(lookup *contracts.Lookup, key string) ([]byte, bool) {
	for _, w := range l.latest() {
		if body, found := w.look(lookup, key); found {
			return body, true
		}
	}
	return nil, false
}

func (l *livingWorlds) latest() (all []*worldRun) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, run := range slices.Backward(l.order) {
		all = append(all, l.all[run])
	}
	return all
}

// worldRun is a world as a run asks for it. It implements api.World, api.Begun and api.Ended.
type worldRun struct {
	forgotten func() // with its run; nil: it has none
	doc       worldDoc
	stream    *faker.Stream
	opened    time.Time
	first     uint64             // index of told[0]
	told      []faker.WorldEvent // that may still be asked for

	caughtUp chan struct{} // closed once the records know what an earlier server has told

	mu      sync.Mutex
	records *faker.Records // of what was told
	now     time.Time      // of the last of it
}

// catchUpWait is how long a lookup waits for a world that is still being lived
// through again: less than clients wait for an answer.
const catchUpWait = 10 * time.Second

func (s *worldRun) learn(step *shop.Step) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.records.Learn(step)
	if at := time.UnixMilli(step.At); at.After(s.now) {
		s.now = at
	}
}

// look answers a lookup as of the last event that was made: at most a second
// before it is sent, and a little more after a start.
func (s *worldRun) look(l *contracts.Lookup, key string) ([]byte, bool) {
	select {
	case <-s.caughtUp:
	case <-time.After(catchUpWait):
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.records.Look(l, key, s.now)
}

// Forgotten implements api.Ended.
func (s *worldRun) Forgotten() {
	if s.forgotten != nil {
		s.forgotten()
	}
}

// Document has all that was left open.
func (s *worldRun) Document() json.RawMessage {
	text, err := json.Marshal(s.doc)
	if err != nil {
		panic(err) // it was read from such a text
	}
	return text
}

// At implements api.World.
func (s *worldRun) At(index uint64) time.Duration {
	if end := s.first + uint64(len(s.told)); index > end {
		s.stream.Skip(index-end, s.learn)
		s.first, s.told = index, s.told[:0]
	}
	for index >= s.first+uint64(len(s.told)) {
		s.told = append(s.told, s.stream.Next())
	}
	at := s.told[index-s.first].Time
	select {
	case <-s.caughtUp:
	default:
		s.catchUp(at)
	}
	return s.real(at.Sub(s.opened))
}

// real is a while of the shop's on the clock. What a slow shop takes centuries for
// comes after the longest while there is, and not before it began.
func (s *worldRun) real(d time.Duration) time.Duration {
	if s.doc.Speed == 0 {
		return d
	}
	while := float64(d) / s.doc.Speed
	if while >= math.MaxInt64 {
		return math.MaxInt64
	}
	return time.Duration(while)
}

// A server that was killed has sent more than it had written down of its run,
// by so much and so many events at most.
const (
	unsaved     = 3 * time.Second
	unsavedMost = 20_000
)

// catchUp learns what an earlier server may have told after a moment: deliveries
// of it may be under way again before the run is there.
func (s *worldRun) catchUp(at time.Time) {
	for len(s.told) < unsavedMost {
		last := &s.told[len(s.told)-1]
		if s.learn(last.Step); s.real(last.Time.Sub(at)) > unsaved {
			break
		}
		s.told = append(s.told, s.stream.Next())
	}
	close(s.caughtUp)
}

// Event implements api.World.
func (s *worldRun) Event(index uint64) contracts.Event {
	s.told = s.told[index-s.first:]
	s.first = index
	s.learn(s.told[0].Step)
	return s.told[0].Event
}
