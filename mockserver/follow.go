package mockserver

import (
	"context"
	"iter"
	"sync"
)

// Follow yields the journal's entries with a Seq greater than after, and then
// each new one as this server writes it, until ctx is done. An error is the
// journal's, and the last value; the end of ctx is none.
func (s *Server) Follow(ctx context.Context, after uint64) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		for {
			more := s.scribe.bell.next() // before reading, so that nothing is missed
			for e, err := range s.scribe.journal.Entries(ctx, after) {
				if ctx.Err() != nil || !yield(e, err) || err != nil {
					return
				}
				after = e.Seq
			}
			select {
			case <-more:
			case <-ctx.Done():
				return
			}
		}
	}
}

// bell tells any number of listeners that something happened.
type bell struct {
	mu   sync.Mutex
	rung chan struct{} // closed by the next ring; nil while nobody listens
}

// next is closed by the next ring.
func (b *bell) next() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.rung == nil {
		b.rung = make(chan struct{})
	}
	return b.rung
}

func (b *bell) ring() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.rung != nil {
		close(b.rung)
		b.rung = nil
	}
}
