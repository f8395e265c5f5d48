package mockserver

import (
	"context"
	"time"
)

// TB is the part of testing.TB that Start needs.
type TB interface {
	Helper()
	Cleanup(func())
	Context() context.Context
	Fatalf(format string, args ...any)
}

// startGrace is how long the end of a test waits for the server's goroutines.
const startGrace = 30 * time.Second

// Start runs a server until the test ends. The test fails if the server's
// goroutines do not end with it.
func Start(t TB, o Options) *Server {
	t.Helper()
	s := New(o)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = s.Run(t.Context(), func(ctx context.Context) error {
			<-ctx.Done()
			return nil
		})
	}()
	t.Cleanup(func() { // the test's context is over by now
		select {
		case <-ended:
		case <-time.After(startGrace):
			t.Fatalf("mockserver: still running %v after the test: does the receiver's handler or the transport hang?", startGrace)
		}
	})
	return s
}
