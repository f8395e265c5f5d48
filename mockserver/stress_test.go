package mockserver

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hookrig/hookrig/contracts"
)

// Many goroutines send, resend, cancel and wait while the receiver answers as it
// likes, and at a random moment the server is shut down. What must hold then:
// every send is in exactly one state, the journal tells the same, and the
// receiver saw the attempts that the journal has, no others.
func TestStress(t *testing.T) {
	for round := range uint64(30) {
		t.Run(fmt.Sprint(round), func(t *testing.T) {
			bubble(t, func(t *testing.T) { stress(t, round) })
		})
	}
}

func stress(t *testing.T, round uint64) {
	rnd := rand.New(rand.NewPCG(round, 1))
	lifetime := time.Duration(rnd.IntN(int(3 * time.Hour)))
	var wire atomic.Int64
	var mu sync.Mutex
	receiver := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		wire.Add(1)
		mu.Lock()
		pick, slow := rnd.IntN(6), time.Duration(rnd.IntN(7000))*time.Millisecond
		mu.Unlock()
		switch pick {
		case 0:
			select {
			case <-time.After(slow):
			case <-r.Context().Done():
			}
		case 1:
			panic(http.ErrAbortHandler)
		case 2:
			w.WriteHeader(410)
		case 3, 4:
			w.WriteHeader(503)
		}
	})
	// A journal that fails now and then, for a while.
	journal := &journalOf{Memory: NewMemory(), fail: func(string) error {
		mu.Lock()
		defer mu.Unlock()
		if rnd.IntN(50) == 0 {
			return errFull
		}
		return nil
	}}
	jitter := policy(func(p *contracts.Policy) { p.Jitter = 0.5 })
	ordered := policy(func(p *contracts.Policy) { p.Ordering = "endpoint"; p.Repeat = 0 })

	s := New(Options{Journal: journal, Transport: InProcess(receiver), Seed: round + 1, Workers: 1 + rnd.IntN(20), PerEndpoint: 1 + rnd.IntN(8)})
	ctx, cancel := context.WithTimeout(t.Context(), lifetime)
	defer cancel()
	var sent atomic.Int64
	var handles sync.Map
	err := s.Run(ctx, func(ctx context.Context) error {
		var crew sync.WaitGroup
		for worker := range uint64(6) {
			crew.Go(func() {
				rnd := rand.New(rand.NewPCG(round, worker+2))
				for range 40 {
					p := parcel(fmt.Sprintf("http://e%d.test/", rnd.IntN(4)), []*contracts.Policy{nil, jitter, ordered}[rnd.IntN(3)])
					if rnd.IntN(10) == 0 {
						p.ID, p.Again = fmt.Sprint("mine", rnd.IntN(3)), rnd.IntN(2) == 0
					}
					d := s.Send(p)
					sent.Add(1)
					handles.Store(d, p)
					switch rnd.IntN(5) {
					case 0:
						s.Cancel(d.ID())
					case 1:
						d.Wait(ctx)
						if again, err := s.Resend(d.ID()); err == nil {
							sent.Add(1)
							handles.Store(again, p)
						}
					case 2:
						d.Queued(ctx)
					case 3:
						time.Sleep(time.Duration(rnd.IntN(int(minutes(5)))))
					}
				}
			})
		}
		crew.Wait()
		if round%2 == 0 {
			return s.Idle(ctx)
		}
		return nil
	})
	if err != nil && !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, ErrStopped) {
		t.Fatal(err)
	}

	audit(t, s)
	st := s.Stats()
	if int64(st.Sent) != sent.Load() || st.Arriving > 0 || st.Attempting > 0 {
		t.Errorf("%d sent, and afterwards %+v", sent.Load(), st)
	}
	byState := map[State]int{}
	handles.Range(func(key, _ any) bool {
		d := key.(*Delivery)
		o, err := d.Wait(context.Background())
		byState[o.State]++
		if (o.State == Waiting || o.State == "") != (err != nil) {
			t.Errorf("%s: %s, error %v", d.ID(), o.State, err)
		}
		for i, a := range o.Attempts {
			if a.Started.IsZero() || i > 0 && a.Started.Before(o.Attempts[i-1].Started) {
				t.Errorf("%s: attempt %d started at %v", d.ID(), i, a.Started)
			}
		}
		return true
	})
	if byState[Waiting] != st.Waiting || byState[Delivered] != st.Delivered || byState[Exhausted] != st.Exhausted || byState[""] != st.Refused {
		t.Errorf("handles say %v, Stats %+v", byState, st)
	}
	var known, unknown int64
	open := map[string]bool{}
	for _, e := range entries(t, s) {
		switch e.Kind {
		case EntryIntent:
			open[e.Delivery] = true
		case EntryAttempt:
			if e.Attempt.Sent { // else it was interrupted before
				known++
			} else if e.Attempt.Failure != failInterrupted {
				t.Errorf("not sent: %+v", e.Attempt)
			}
			delete(open, e.Delivery)
		}
	}
	unknown = int64(len(open)) // intents whose outcome could not be written down at the end
	if n := wire.Load(); n < known || n > known+unknown {
		t.Errorf("the receiver saw %d attempts, the journal has %d and %d of unknown outcome", n, known, unknown)
	}
}
