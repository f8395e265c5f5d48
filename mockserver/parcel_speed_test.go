package mockserver

import (
	"testing"
	"time"
)

// A parcel's speed is its own: it is multiplied with the server's, stands in the
// journal, and holds when the delivery is sent again.
func TestParcelSpeed(t *testing.T) {
	for _, x := range []struct {
		server, parcel, mark float64
		took                 time.Duration
	}{
		{0, 0, 0, time.Minute}, {0, 60, 60, time.Second}, {4, 15, 60, time.Second}, {4, 0, 4, 15 * time.Second}, {0, -3, 0, time.Minute},
	} {
		bubble(t, func(t *testing.T) {
			s := Start(t, Options{Transport: InProcess(answers(500, 200, 500, 200)), Speed: x.server})
			p := parcel(virtual, nil)
			p.Speed = x.parcel
			first := s.Send(p)
			at := starts(wait(t, first))
			again, err := s.Resend(first.ID())
			if err != nil {
				t.Fatal(err)
			}
			if after := starts(wait(t, again)); at[1]-at[0] != x.took || after[1]-after[0] != x.took {
				t.Errorf("%+v: waits %v and %v", x, at, after)
			}
			for _, e := range entries(t, s) {
				if e.Speed != x.mark {
					t.Errorf("%+v: %q has speed %v", x, e.Kind, e.Speed)
				}
			}
		})
	}
}
