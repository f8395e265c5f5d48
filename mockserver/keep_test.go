package mockserver

import (
	"bytes"
	"net/http"
	"sync/atomic"
	"testing"
	"time"
)

// Handles hold answers up to a limit, the journal all of them; what is let go
// makes room.
func TestAnswersAreKeptToALimit(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var big atomic.Bool
		big.Store(true)
		page := bytes.Repeat([]byte("sorry "), 200<<10)
		s := Start(t, Options{BodyLimit: 1 << 20, Transport: InProcess(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if big.Load() {
				w.WriteHeader(503)
				w.Write(page)
			}
		}))})
		var handles []*Delivery
		for range 80 {
			handles = append(handles, s.Send(parcel(virtual, nil)))
		}
		time.Sleep(time.Second)
		kept := 0
		for _, d := range handles {
			a := d.Outcome().Attempts[0]
			if kept += len(a.Body); a.Status != 503 || (a.Body == nil) != (a.Header == nil) {
				t.Errorf("%+v", a)
			}
			if r, _, _ := NewLedger(s.Journal()).Find(t.Context(), d.ID()); len(r.Attempts[0].Body) != 1<<20 {
				t.Errorf("the journal has %d bytes", len(r.Attempts[0].Body))
			}
		}
		if kept != 31<<20 {
			t.Errorf("%d bytes are kept", kept)
		}
		s.CancelAll(t.Context(), Query{})
		big.Store(false)
		for range keptEnded {
			s.Send(parcel(virtual, nil))
		}
		s.Idle(t.Context())
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.kept < keptEnded || s.kept > 2000*keptEnded {
			t.Errorf("%d bytes are held of %d small answers", s.kept, keptEnded)
		}
	})
}
