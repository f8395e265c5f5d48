package mockserver

import (
	"context"
	"sync"
)

// crew are the goroutines of a server. Workers are hired as they are needed and
// stay until the server stops.
type crew struct {
	running sync.WaitGroup // everybody
	most    int            // workers
	hired   int            // guarded by server.mu, like the rest
	idle    int
	work    func()
}

// call brings a worker to the queue: who is idle, or somebody new. A worker that
// takes something calls the next. It needs s.mu.
func (s *Server) call() {
	switch c := &s.crew; {
	case s.closed || c.work == nil:
	case c.idle > 0:
		s.ready.Signal()
	case c.hired < c.most: // the server is not closed: admit and keepTime are still there, so nobody has waited in vain
		c.hired++
		c.running.Go(c.work)
	}
}

// take waits for a delivery whose turn it is. It returns nil when the server is
// closed or ctx is done, so that nobody takes up again what a shutdown interrupted.
func (s *Server) take(ctx context.Context) *Delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	for !s.closed && ctx.Err() == nil {
		if d := s.queue.next(s.clock.now()); d != nil {
			s.move(d, Attempting)
			if s.queue.turn.len() > 0 {
				s.call()
			}
			return d
		}
		s.crew.idle++
		s.ready.Wait()
		s.crew.idle--
	}
	return nil
}
