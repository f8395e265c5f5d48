package mockserver

import "sync"

// crew are the goroutines of a server. Workers are hired as they are needed and
// stay until the server stops.
type crew struct {
	running sync.WaitGroup // everybody
	most    int            // workers
	hired   int            // guarded by server.mu, like the rest
	idle    int
	work    func()
}

// call brings a worker to what may leave: who is idle, or somebody new. A worker
// that takes something calls the next. It is for goroutines of the crew, and
// needs s.mu.
func (s *Server) call() {
	switch c := &s.crew; {
	case s.queue.off.len() == 0:
	case c.idle > 0:
		s.ready.Signal()
	case c.hired < c.most:
		c.hired++
		c.running.Go(c.work)
	}
}

// take hands over the result of what was taken before, if any, and waits for a
// delivery that may leave. It returns nil when the server is
// closed and nothing is booked: what is booked is attempted, which ends at once
// then, and is recorded.
func (s *Server) take(before result) *Delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	if before.Delivery != nil {
		s.answer(before)
	}
	for {
		if s.queue.off.len() > 0 {
			d := s.queue.off.pop()
			if d.cancelled { // since it was booked
				s.answer(result{Delivery: d, next: withdrawn, at: s.clock.now()})
				continue
			}
			s.call()
			return d
		}
		if s.closed && !s.queue.isBusy() {
			return nil
		}
		s.crew.idle++
		s.ready.Wait()
		s.crew.idle--
	}
}
