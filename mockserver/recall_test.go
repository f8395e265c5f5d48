package mockserver

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/signature"
)

// recall finds again what the tests send.
func recall(p *contracts.Policy) func(Record) (Parcel, error) {
	return func(r Record) (Parcel, error) {
		t, err := shop().EventType(r.Event)
		if err != nil {
			return Parcel{}, err
		}
		return Parcel{
			Event:    contracts.Event{Type: t},
			Endpoint: Endpoint{Name: r.Route.Name, Ref: r.Route.Ref, URL: r.Route.URL, Secrets: []signature.Secret{secret}},
			Policy:   p,
		}, nil
	}
}

// lives runs one server after the other over a journal, each for as long as f
// takes or says.
func lives(t *testing.T, o Options, fs ...func(ctx context.Context, s *Server)) {
	t.Helper()
	for _, f := range fs {
		s := New(o)
		err := s.Run(t.Context(), func(ctx context.Context) error { f(ctx, s); return nil })
		if err != nil {
			t.Fatal(err)
		}
	}
}

// A delivery goes on where it was, at the moment at which it would have; what
// was missed meanwhile happens at once.
func TestRecall(t *testing.T) {
	for _, c := range []struct {
		down time.Duration // after the first attempt, 10 s
		at   time.Duration // of the second attempt, from the first
	}{{20 * time.Second, time.Minute}, {time.Hour, time.Hour + 10*time.Second}} {
		bubble(t, func(t *testing.T) {
			o := Options{Journal: NewMemory(), Transport: InProcess(answers(500, 200)), Recall: recall(nil), Seed: 7}
			var id string
			var first Attempt
			lives(t, o, func(ctx context.Context, s *Server) {
				p := parcel(virtual, nil)
				p.Label = "tc-17"
				d := s.Send(p)
				time.Sleep(10 * time.Second)
				id, first = d.ID(), d.Outcome().Attempts[0]
			})
			time.Sleep(c.down)
			lives(t, o, func(ctx context.Context, s *Server) {
				if st := s.Stats(); st.Waiting+st.Attempting+st.Delivered != 1 || st.Sent != 1 || st.Left != 0 {
					t.Errorf("%+v", st)
				}
				d, err := s.Lookup(id)
				if err != nil {
					t.Fatal(err)
				}
				out := wait(t, d)
				if out.State != Delivered || len(out.Attempts) != 2 || out.Attempts[1].Number != 2 {
					t.Fatalf("%+v", out)
				}
				if at := out.Attempts[1].Started.Sub(first.Started); at != c.at {
					t.Errorf("down for %v: the second attempt after %v, want %v", c.down, at, c.at)
				}
				r, _, _ := NewLedger(o.Journal).Find(ctx, id)
				if r.Label != "tc-17" || r.Rounds != 1 || len(r.Attempts) != 2 || r.State != Delivered {
					t.Errorf("%+v", r)
				}
			})
		})
	}
}

// However often the program is stopped, for however long, a policy is kept to
// the end: the same attempts are charged, and the same waits lie between them.
func TestThePolicyIsKeptAcrossRuns(t *testing.T) {
	seen := func(as []*Attempt) (got []string) {
		for _, a := range as {
			if !a.Ours {
				got = append(got, fmt.Sprint(a.Number, a.Wait))
			}
		}
		return got
	}
	slow := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-time.After(2 * time.Second):
		case <-r.Context().Done():
		}
		w.WriteHeader(500)
	})
	jittered := policy(func(p *contracts.Policy) { p.Jitter = 0.3; p.GiveUp = 6 * time.Hour })
	var want []string
	for round := range uint64(20) {
		bubble(t, func(t *testing.T) {
			rnd := rand.New(rand.NewPCG(round, 5))
			o := Options{Journal: NewMemory(), Transport: InProcess(slow), Recall: recall(jittered), Seed: 3, Speed: []float64{1, 60}[round/2%2]}
			id := "d"
			lives(t, o, func(ctx context.Context, s *Server) {
				p := parcel(virtual, jittered)
				p.ID = id
				s.Send(p)
				if round < 4 {
					s.Idle(ctx)
				}
			})
			ledger := NewLedger(o.Journal)
			for r, _, _ := ledger.Find(t.Context(), id); !r.State.ended(); r, _, _ = ledger.Find(t.Context(), id) {
				time.Sleep(time.Duration(rnd.Int64N(int64(10 * time.Hour))))
				lives(t, o, func(_ context.Context, _ *Server) {
					time.Sleep(time.Duration(rnd.Int64N(int64(2*time.Hour) / int64(max(1, o.Speed)))))
				})
			}
			r, _, _ := ledger.Find(t.Context(), id)
			if got := seen(r.Attempts); want == nil {
				want = got
			} else if !slices.Equal(got, want) {
				t.Errorf("round %d: attempts and waits\n%v, want\n%v", round, got, want)
			}
			if r.State != Exhausted || len(want) < 7 {
				t.Errorf("%+v", r)
			}
		})
	}
}

// An intent without outcome is an attempt that may have reached the receiver. It
// is made again, charged to nobody, and the journal says what is known.
func TestUnknownOutcome(t *testing.T) {
	bubble(t, func(t *testing.T) {
		inbox := NewInbox(nil, InboxOptions{})
		dead := true
		journal := &journalOf{Memory: NewMemory(), fail: func(kind string) error {
			if dead && kind == EntryAttempt {
				return errFull
			}
			return nil
		}}
		o := Options{Journal: journal, Transport: InProcess(inbox), Recall: recall(nil)}
		var id string
		lives(t, o, func(_ context.Context, s *Server) {
			id = s.Send(parcel(virtual, nil)).ID()
			synctest.Wait()
		})
		ledger := NewLedger(journal)
		if r, _, _ := ledger.Find(t.Context(), id); r.Intent == nil || r.State != Attempting || len(r.Attempts) != 0 {
			t.Errorf("%+v", r)
		}
		dead = false
		lives(t, o, func(ctx context.Context, s *Server) {
			d, _ := s.Lookup(id)
			out := wait(t, d)
			if out.State != Delivered || len(out.Attempts) != 2 {
				t.Fatalf("%+v", out)
			}
			if a := out.Attempts[0]; a.Failure != "unknown" || !a.Ours || a.Number != 1 || a.Reason == "" {
				t.Errorf("%+v", a)
			}
			if out.Attempts[1].Number != 1 {
				t.Errorf("the attempt of unknown outcome was charged: %+v", out.Attempts[1])
			}
			audit(t, s)
		})
		if r, _, _ := ledger.Find(t.Context(), id); r.Intent != nil || r.State != Delivered || len(r.Attempts) != 2 {
			t.Errorf("%+v", r)
		}
		got := inbox.Received()
		if len(got) != 2 || string(got[0].Request.Body) != string(got[1].Request.Body) || got[0].Request.Header.Get("X-Shop-Id") != got[1].Request.Header.Get("X-Shop-Id") {
			t.Errorf("%+v", got)
		}
	})
}

// What cannot be recalled stays as it is, is counted, and can be cancelled, or
// taken up by a later run.
func TestRecallRefuses(t *testing.T) {
	bubble(t, func(t *testing.T) {
		o := Options{Journal: NewMemory(), Transport: InProcess(answers(500, 500, 200))}
		var ids []string
		lives(t, o, func(_ context.Context, s *Server) {
			ids = append(ids, s.Send(parcel(virtual, nil)).ID(), s.Send(parcel(virtual, nil)).ID())
			synctest.Wait()
		})
		time.Sleep(time.Hour)
		gone := errors.New("no such endpoint")
		o.Recall = func(Record) (Parcel, error) { return Parcel{}, gone }
		lives(t, o, func(ctx context.Context, s *Server) {
			if st := s.Stats(); st.Left != 2 || st.Sent != 0 {
				t.Errorf("%+v", st)
			}
			if err := s.Idle(ctx); err != nil {
				t.Error(err)
			}
			d, err := s.Lookup(ids[0])
			if err != nil {
				t.Fatal(err)
			}
			if out, err := d.Wait(ctx); !errors.Is(err, ErrLost) || out.State != Waiting || len(out.Attempts) != 1 {
				t.Errorf("%+v, %v", out, err)
			}
			if _, err := s.Resend(ids[0]); !errors.Is(err, ErrLive) {
				t.Errorf("%v", err)
			}
			p := parcel(virtual, nil)
			p.ID, p.Again = ids[0], true
			if err := s.Send(p).Queued(ctx); !errors.Is(err, ErrLive) {
				t.Errorf("%v", err)
			}
			if err := s.Cancel(ids[1]); err != nil {
				t.Error(err)
			}
			if err := s.Cancel(ids[1]); !errors.Is(err, ErrEnded) {
				t.Errorf("%v", err)
			}
			if _, err := s.Resend(ids[1]); !errors.Is(err, ErrLost) || !errors.Is(err, gone) {
				t.Errorf("%v", err)
			}
		})
		o.Recall = recall(nil)
		lives(t, o, func(ctx context.Context, s *Server) {
			if st := s.Stats(); st.Left != 0 || st.Sent != 1 {
				t.Errorf("%+v", st)
			}
			s.Idle(ctx)
			if count, err := NewLedger(o.Journal).Count(ctx, Query{}); err != nil || count[Delivered] != 1 || count[Cancelled] != 1 || len(count) != 2 {
				t.Errorf("%v, %v", count, err)
			}
		})
	})
}

func TestRecallNeedsTheJournal(t *testing.T) {
	broken := errors.New("broken")
	j := &flaky{Memory: NewMemory(), err: broken}
	s := New(Options{Journal: j, Transport: InProcess(answers(200)), Recall: recall(nil)})
	d := s.Send(parcel(virtual, nil))
	if err := s.Run(t.Context(), func(context.Context) error { t.Error("ran"); return nil }); !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
	if err := d.Queued(t.Context()); !errors.Is(err, ErrStopped) {
		t.Errorf("%v", err)
	}
}

// Chains keep their order across runs: what has begun goes on first, though it
// has to wait.
func TestRecallKeepsOrder(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var mu sync.Mutex
		var got []string
		down := true
		o := Options{Journal: NewMemory(), Recall: recall(nil), Transport: InProcess(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			mu.Lock()
			defer mu.Unlock()
			if down {
				w.WriteHeader(500)
				return
			}
			got = append(got, string(body))
			w.WriteHeader(202)
		}))}
		lives(t, o, func(_ context.Context, s *Server) {
			for i := range 40 {
				p := parcel(virtual, nil)
				p.Event = event("sold", i)
				p.Key = fmt.Sprint("k", i%2)
				if i%4 > 1 {
					p.Key, p.Event = "", event("ordered", i)
				}
				s.Send(p)
			}
			time.Sleep(time.Second)
		})
		down = false
		time.Sleep(2 * time.Second)
		lives(t, o, func(ctx context.Context, s *Server) { s.Idle(ctx) })
		next := map[string]int{}
		for _, body := range got {
			var kind string
			var id int
			fmt.Sscanf(body, `{"type":%q,"id":%d}`, &kind, &id)
			chain := kind
			if kind == "sold" {
				chain = fmt.Sprint(kind, id%2)
			}
			if id < next[chain] {
				t.Errorf("%s after %d", body, next[chain])
			}
			next[chain] = id
		}
		if len(got) != 40 {
			t.Errorf("%d of 40", len(got))
		}
	})
}

// No run gives an id that an earlier one has given, whatever became of it; what
// has an id of its own is sent once.
func TestIDsAcrossRuns(t *testing.T) {
	bubble(t, func(t *testing.T) {
		refuse := true
		journal := &journalOf{Memory: NewMemory(), fail: func(string) error {
			if refuse {
				return errFull
			}
			return nil
		}}
		o := Options{Journal: journal, Transport: InProcess(answers(200)), Seed: 5, Recall: recall(nil)}
		durable := map[string]bool{}
		for range 4 {
			s := New(o)
			early := s.Send(parcel(virtual, nil))
			s.Run(t.Context(), func(ctx context.Context) error {
				handles := []*Delivery{early}
				refuse = true
				for range 3 {
					handles = append(handles, s.Send(parcel(virtual, nil)))
				}
				synctest.Wait()
				refuse = false
				for range 3 {
					handles = append(handles, s.Send(parcel(virtual, nil)))
				}
				synctest.Wait()
				for _, d := range handles {
					if d.Queued(ctx) != nil {
						continue
					}
					if durable[d.ID()] {
						t.Errorf("%s was given twice", d.ID())
					}
					durable[d.ID()] = true
				}
				mine := parcel(virtual, nil)
				mine.ID = "tick-17"
				err := s.Send(mine).Queued(ctx)
				if durable["tick-17"] != errors.Is(err, ErrKnown) {
					t.Errorf("%v", err)
				}
				durable["tick-17"] = true
				return s.Idle(ctx)
			})
		}
		if len(durable) < 12 {
			t.Errorf("only %d ids", len(durable))
		}
	})
}

// What has ended, in whatever run, is sent again by what it is.
// What is cancelled or sent again together is written down together: a commit for
// each of a hundred thousand would take minutes.
func TestManyAreOneCommit(t *testing.T) {
	const n = 500
	bubble(t, func(t *testing.T) {
		var commits sync.Map // kind of entry -> *atomic.Int32
		of := func(kind string) *atomic.Int32 {
			c, _ := commits.LoadOrStore(kind, new(atomic.Int32))
			return c.(*atomic.Int32)
		}
		journal := &journalOf{Memory: NewMemory(), seen: func(batch []Entry) { of(batch[0].Kind).Add(1) }}
		few := func(kind string, f func() ([]string, error)) {
			t.Helper()
			of(kind).Store(0)
			if ids, err := f(); err != nil || len(ids) != n {
				t.Errorf("%d, %v", len(ids), err)
			}
			if c := of(kind).Load(); c > n/10 {
				t.Errorf("%d commits", c)
			}
		}
		o := Options{Journal: journal, Transport: InProcess(answers(200))}
		lives(t, o, func(ctx context.Context, s *Server) {
			for range n {
				p := parcel(virtual, nil)
				p.Delay = time.Hour
				s.Send(p)
			}
			time.Sleep(time.Minute)
			few(EntryEnded, func() ([]string, error) { return s.CancelAll(ctx, Query{}) })
			few(EntryQueued, func() ([]string, error) { return s.ResendAll(ctx, Query{}) })
			if err := s.Idle(ctx); err != nil {
				t.Error(err)
			}
			for range n {
				p := parcel(virtual, nil)
				p.Delay = time.Hour
				s.Send(p)
			}
			time.Sleep(time.Minute)
		}, func(ctx context.Context, s *Server) { // it recalls nothing
			few(EntryEnded, func() ([]string, error) { return s.CancelAll(ctx, Query{}) })
			if ids, err := s.CancelAll(ctx, Query{}); err != nil || len(ids) != 0 {
				t.Errorf("%d, %v", len(ids), err)
			}
		})
	})
}

// Where the journal takes no end, nothing is cancelled, and all goes on.
func TestManyThatCannotBeCancelled(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var full atomic.Bool
		journal := &journalOf{Memory: NewMemory(), fail: func(string) error {
			if full.Load() {
				return ErrFull
			}
			return nil
		}}
		s := Start(t, Options{Journal: journal, Transport: InProcess(answers(200))})
		for range 10 {
			p := parcel(virtual, nil)
			p.Delay = time.Hour
			s.Send(p)
		}
		time.Sleep(time.Minute)
		full.Store(true)
		if ids, err := s.CancelAll(t.Context(), Query{}); !errors.Is(err, ErrFull) || len(ids) != 0 {
			t.Errorf("%v, %v", ids, err)
		}
		full.Store(false)
		time.Sleep(2 * time.Hour)
		if st := s.Stats(); st.Delivered != 10 {
			t.Errorf("%+v", st)
		}
		audit(t, s)
	})
}

func TestResendAll(t *testing.T) {
	bubble(t, func(t *testing.T) {
		o := Options{Journal: NewMemory(), Transport: InProcess(answers(410)), Recall: recall(nil)}
		label := func(s *Server, n int, label string) {
			for range n {
				p := parcel(virtual, nil)
				p.Label = label
				s.Send(p)
			}
		}
		lives(t, o, func(ctx context.Context, s *Server) {
			label(s, 3, "a")
			label(s, 2, "b")
			s.Idle(ctx)
		})
		time.Sleep(time.Hour)
		since := time.Now()
		o.Transport = InProcess(answers(200))
		lives(t, o, func(ctx context.Context, s *Server) {
			label(s, 2, "a")
			s.Idle(ctx)
			ids, err := s.ResendAll(ctx, Query{Label: "a", Until: since})
			if err != nil || len(ids) != 3 {
				t.Errorf("%v, %v", ids, err)
			}
			if again, err := s.ResendAll(ctx, Query{State: Exhausted, Limit: 1}); err != nil || len(again) != 1 {
				t.Errorf("%v, %v", again, err)
			}
			s.Idle(ctx)
			if count, _ := NewLedger(o.Journal).Count(ctx, Query{}); count[Exhausted] != 1 || count[Delivered] != 6 {
				t.Errorf("%v", count)
			}
			if r, _, _ := NewLedger(o.Journal).Find(ctx, ids[0]); r.Rounds != 2 || len(r.Attempts) != 2 || r.Earlier != 1 {
				t.Errorf("%+v", r)
			}
			if ids, err := s.ResendAll(ctx, Query{Since: time.Now().Add(time.Hour)}); err != nil || len(ids) != 0 {
				t.Errorf("%v, %v", ids, err)
			}
		})
		o.Transport = InProcess(answers(500))
		lives(t, o, func(ctx context.Context, s *Server) {
			label(s, 3, "c")
			synctest.Wait()
			if ids, err := s.CancelAll(ctx, Query{Label: "c"}); err != nil || len(ids) != 3 {
				t.Errorf("%v, %v", ids, err)
			}
			if ids, err := s.CancelAll(ctx, Query{}); err != nil || len(ids) != 0 {
				t.Errorf("%v, %v", ids, err)
			}
		})
	})
}

// A journal that dies at any entry, as a program does that is killed, and one
// server after the other that goes on with what was written down. Nothing that
// was confirmed is lost, and nothing comes twice but what was in flight.
func TestKilledAtAnyEntry(t *testing.T) {
	for dies := 1; dies <= 60; dies++ {
		bubble(t, func(t *testing.T) { killedAt(t, dies) })
	}
}

func killedAt(t *testing.T, dies int) {
	inbox := NewInbox(nil, InboxOptions{})
	var mu sync.Mutex
	left := dies
	memory := NewMemory()
	journal := &journalOf{Memory: memory, fail: func(string) error {
		mu.Lock()
		defer mu.Unlock()
		if left--; left < 0 {
			return errFull
		}
		return nil
	}}
	o := Options{Journal: journal, Transport: InProcess(inbox), Recall: recall(nil), Seed: 9, PerEndpoint: 3}
	var confirmed []string
	ctx, kill := context.WithTimeout(t.Context(), time.Second)
	defer kill()
	s := New(o)
	s.Run(ctx, func(ctx context.Context) error {
		for range 20 {
			p := parcel(virtual, nil)
			p.Key = "k"
			if d := s.Send(p); d.Queued(ctx) == nil {
				confirmed = append(confirmed, d.ID())
			}
		}
		<-ctx.Done()
		return nil
	})
	open := 0
	for page := range pages(t.Context(), NewLedger(memory), Query{Live: true}) {
		for _, r := range page {
			if r.Intent != nil {
				open++
			}
		}
	}
	o.Journal = memory
	lives(t, o, func(ctx context.Context, s *Server) { s.Idle(ctx) })
	arrived := map[string]int{}
	for _, got := range inbox.Received() {
		arrived[got.Request.Header.Get("X-Shop-Id")]++
	}
	twice := 0
	for _, id := range confirmed {
		twice += max(0, arrived[id]-1)
		if r, _, _ := NewLedger(memory).Find(t.Context(), id); r.State != Delivered || arrived[id] == 0 {
			t.Errorf("killed at %d: %s arrived %d times: %+v", dies, id, arrived[id], r)
		}
	}
	if twice > open {
		t.Errorf("killed at %d: %d came twice, %d were in flight", dies, twice, open)
	}
}
