package mockserver

import "context"

// Stats counts deliveries by state. Sent is always the sum of the others.
type Stats struct {
	Sent       int `json:"sent"`     // by Send and Resend, or taken up again from an earlier run
	Refused    int `json:"refused"`  // never written down; the handle says why
	Arriving   int `json:"arriving"` // not yet written down
	Waiting    int `json:"waiting"`
	Attempting int `json:"attempting"`
	Delivered  int `json:"delivered"`
	Exhausted  int `json:"exhausted"`
	Cancelled  int `json:"cancelled"`
	Left       int `json:"left"` // beside the sum: of earlier runs, refused by Options.Recall and left waiting when this one began
}

func (s *Stats) live() int { return s.Arriving + s.Waiting + s.Attempting }

func (s *Stats) of(state State) *int {
	switch state {
	case Waiting:
		return &s.Waiting
	case Attempting:
		return &s.Attempting
	case Delivered:
		return &s.Delivered
	case Exhausted:
		return &s.Exhausted
	case Cancelled:
		return &s.Cancelled
	case refused:
		return &s.Refused
	}
	return &s.Arriving
}

// Running reports whether the server takes parcels and delivers them: from the
// begin of Run until it is told to stop.
func (s *Server) Running() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.begun && !s.closed
}

// Stats counts the deliveries of this server.
func (s *Server) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stats
}

// Idle waits until no delivery is arriving, waiting or attempting. The error is
// ctx's, or ErrStopped if the server stopped before.
func (s *Server) Idle(ctx context.Context) error {
	s.mu.Lock()
	if s.stats.live() == 0 {
		s.mu.Unlock()
		return nil
	}
	if s.idle == nil {
		s.idle = make(chan struct{})
	}
	idle := s.idle
	s.mu.Unlock()
	select {
	case <-idle:
		return nil
	case <-s.over:
		return ErrStopped
	case <-ctx.Done():
		return ctx.Err()
	}
}
