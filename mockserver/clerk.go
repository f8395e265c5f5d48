package mockserver

import (
	"context"
	"fmt"
	"time"
)

// The clerk is one goroutine that writes down what workers must not wait for
// one by one: the intents of what is due, before anything of it leaves, and the
// outcomes of what has left. Each time it takes all that there is. While it
// waits for the disk more gathers, so that the cost of a commit is shared by as
// many as come meanwhile.
//
// A delivery is booked from the moment at which its intent is to be written, and
// has a slot of its endpoint from the moment at which it may leave, both until its
// outcome is durable: what a program that is killed will send twice is never more
// than the slots.

// A commit is worth a wait for company when there is a crowd, the longer the larger
// that is: a journal without a disk takes no time, and who is alone does not wait.
// It ends when three quarters of what has left are answered: while that is written
// down the others keep the workers busy.
const (
	crowd    = 4  // deliveries in the commit before: from here on the wait is as long as that took
	throng   = 64 // for each so many, as long again
	longRest = 5 * time.Millisecond
)

// result is what became of a delivery whose turn it was.
type result struct {
	*Delivery
	attempt *Attempt // nil: none was made
	next    step
	at      time.Time
}

// desk is memory that the clerk uses again and again.
type desk struct {
	entries []Entry
	results []result      // answered changes places with it
	enough  int           // so many answers end a rest; 0: none is taken. Guarded by server.mu
	full    chan struct{} // of capacity 1: there are enough
}

// keepBooks writes until the server is closed and nothing is booked any more.
func (s *Server) keepBooks(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	var rest time.Duration
	for {
		if rest > 0 && s.awaits() {
			timer.Reset(rest)
			select {
			case <-s.desk.full:
			case <-timer.C:
			}
		}
		intents, results, over := s.collect(ctx)
		switch n := len(intents) + len(results); {
		case n > 0:
			began := s.clock.now()
			s.enter(intents, results)
			if rest = 0; n >= crowd {
				rest = min(s.clock.now().Sub(began)*time.Duration(1+n/throng), longRest)
			}
		case over:
			return
		default:
			<-s.books
		}
	}
}

// awaits reports whether more answers may come soon, and are worth waiting for.
func (s *Server) awaits() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-s.desk.full: // of an earlier rest
	default:
	}
	s.desk.enough = (3*s.queue.running + 3) / 4
	return len(s.answered) < s.desk.enough
}

// collect books what is due and fetches what was answered.
func (s *Server) collect(ctx context.Context) (intents []*Delivery, results []result, over bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.desk.enough = 0
	clear(s.desk.results)
	results, s.answered = s.answered, s.desk.results[:0]
	s.desk.results = results
	if s.closed || ctx.Err() != nil { // nobody takes up again what a shutdown interrupted
		return nil, results, s.closed && !s.queue.isBusy()
	}
	now := s.clock.now()
	for len(intents) < batchSize {
		d := s.queue.next(now)
		if d == nil {
			break
		}
		s.move(d, Attempting)
		intents = append(intents, d)
	}
	return intents, results, false
}

// enter writes down, and lets happen what was written.
func (s *Server) enter(intents []*Delivery, results []result) {
	now := s.clock.now()
	entries := s.desk.entries[:0]
	for i := range results {
		entries = results[i].append(entries, now)
	}
	outcomes := len(entries)
	begun := make([]Attempt, len(intents))
	for i, d := range intents {
		entries = append(entries, d.intentEntry(now, &begun[i]))
	}

	var unwritten, unbegun error
	if len(intents) > 0 {
		unbegun = s.scribe.write(entries...)
	}
	if outcomes > 0 && (unbegun != nil || len(intents) == 0) {
		unwritten = s.scribe.insist(entries[:outcomes]...)
	}
	if unbegun != nil {
		s.log.Warn("attempts put off: their intents cannot be written down", "deliveries", len(intents), "error", unbegun)
	}

	clear(entries) // what they refer to may be let go of
	s.desk.entries = entries

	var cancelled []*Delivery
	settle := func(r *result) {
		if s.step(r) {
			cancelled = append(cancelled, r.Delivery)
		}
	}
	s.mu.Lock()
	for _, d := range intents {
		if unbegun == nil {
			s.queue.load(d)
			continue
		}
		s.queue.unbook(d)
		next := s.putOff(d, "the journal does not take entries")
		next.wait = min(next.wait, journalPause)
		settle(&result{Delivery: d, next: next, at: s.clock.now()})
	}
	for i := range results {
		r := &results[i]
		if r.attempt == nil {
			s.queue.quit(r.Delivery)
		} else {
			s.queue.done(r.Delivery, r.attempt.Took)
		}
		if unwritten != nil && r.attempt != nil {
			// The journal keeps an intent without outcome, which is the truth.
			r.next = step{state: Waiting, err: fmt.Errorf("outcome not written down: %w", unwritten)}
		}
		settle(r)
	}
	s.call()
	if s.closed && !s.queue.isBusy() {
		s.ready.Broadcast() // everybody may go home
	}
	s.mu.Unlock()
	if err := s.withdraw(cancelled...); err != nil {
		s.log.Warn("cancelled deliveries go on", "error", err)
	}
}

// append adds the entries of a result.
func (r *result) append(entries []Entry, at time.Time) []Entry {
	if r.attempt != nil {
		entries = append(entries, r.attemptEntry(at, r.attempt, r.next))
	}
	if r.next.state.ended() {
		entries = append(entries, r.endedEntry(at, r.next))
	}
	return entries
}

// answer hands a result to the clerk. It needs s.mu.
func (s *Server) answer(r result) {
	s.answered = append(s.answered, r)
	switch len(s.answered) {
	case 1:
		wake(s.books)
	case s.desk.enough:
		wake(s.desk.full)
	}
}
