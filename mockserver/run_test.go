package mockserver

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// sold makes a sold event for each index.
func sold(index uint64, _ Share) (Parcel, error) {
	p := parcel(virtual, nil)
	p.Event = event("sold", int(index))
	return p, nil
}

func newRun(t *testing.T, s *Server, sch Schedule, o RunOptions) *Run {
	t.Helper()
	if sch.Name == "" {
		sch.Name = "plan"
	}
	if o.Make == nil {
		o.Make = sold
	}
	r, err := NewRun(s, sch, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// inBackground carries a run out until the test ends.
func inBackground(t *testing.T, r *Run) {
	t.Helper()
	go func() { _ = r.Do(t.Context()) }()
}

// queuedAt are the times at which deliveries were queued, since began, as
// "index@time".
func queuedAt(t *testing.T, s *Server, began time.Time) []string {
	t.Helper()
	var all []string
	for _, e := range entries(t, s) {
		if e.Kind == EntryQueued {
			all = append(all, fmt.Sprintf("%s@%v", e.Delivery[strings.LastIndexByte(e.Delivery, '-')+1:], e.At.Sub(began)))
		}
	}
	return all
}

func wantQueued(t *testing.T, s *Server, began time.Time, want string) {
	t.Helper()
	if got := strings.Join(queuedAt(t, s, began), " "); got != want {
		t.Errorf("queued\n     %s\nwant %s", got, want)
	}
}

// adds checks what must hold of a run from the beginning.
func adds(t *testing.T, s RunStatus) {
	t.Helper()
	if sum := s.Emitted + s.Known + s.Refused + s.Skipped; sum != s.Next {
		t.Errorf("%d have had their turn, but they sum up to %d: %+v", s.Next, sum, s)
	}
}

func TestRunSendsAtItsTimes(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := inBubble(t, answers(200))
		began := time.Now()
		r := newRun(t, s, Schedule{Label: "tc-17", Pattern: Pattern{Rate: 4, Count: 5}}, RunOptions{})
		if got := r.Status(); got.State != RunReady || got.Next != 0 {
			t.Errorf("%+v", got)
		}
		if err := r.Do(t.Context()); err != nil {
			t.Fatal(err)
		}
		wantQueued(t, s, began, "0@0s 1@250ms 2@500ms 3@750ms 4@1s")
		got := r.Status()
		adds(t, got)
		if got.State != RunDone || got.Emitted != 5 || !got.At.Equal(time.Now()) || got.Late.Count != 5 || got.Late.Max != 0 {
			t.Errorf("%+v", got)
		}
		for _, e := range entries(t, s) {
			if e.Label != "tc-17" || !strings.HasPrefix(e.Delivery, "plan-") {
				t.Errorf("%+v", e)
			}
		}
		if err := r.Do(t.Context()); err == nil {
			t.Error("a run can be carried out twice")
		}
		for name, ask := range map[string]func() error{"Pause": r.Pause, "Resume": r.Resume, "Advance": r.Advance, "Stop": r.Stop} {
			if err := ask(); !errors.Is(err, ErrRunOver) {
				t.Errorf("%s after the end: %v", name, err)
			}
		}
		if err := s.Idle(t.Context()); err != nil {
			t.Fatal(err)
		}
		audit(t, s)
	})
}

// The receiver hangs, and each delivery takes its time-out; the clock goes on.
func TestRunIsOpen(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := inBubble(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
		began := time.Now()
		r := newRun(t, s, Schedule{Pattern: Pattern{Rate: 100, Count: 1000}}, RunOptions{})
		if err := r.Do(t.Context()); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took != 9990*time.Millisecond {
			t.Errorf("it took %v", took)
		}
		if got := r.Status().Late; got.Count != 1000 || got.Max != 0 {
			t.Errorf("%+v", got)
		}
	})
}

// A maker that cannot keep up makes the run late, which is said; nothing is left out.
func TestRunIsLate(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := inBubble(t, answers(200))
		r := newRun(t, s, Schedule{Pattern: Pattern{Rate: 100, Count: 200}}, RunOptions{Make: func(i uint64, sh Share) (Parcel, error) {
			time.Sleep(20 * time.Millisecond)
			return sold(i, sh)
		}})
		if err := r.Do(t.Context()); err != nil {
			t.Fatal(err)
		}
		got := r.Status()
		adds(t, got)
		if got.Emitted != 200 || got.Late.Count != 200 || got.Late.Max != 2010*time.Millisecond || (got.Late.P50-time.Second).Abs() > 30*time.Millisecond {
			t.Errorf("%+v", got)
		}
	})
}

// Parcels are made before they are due, but not long before.
func TestRunMakesAhead(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := inBubble(t, answers(200))
		began := time.Now()
		var made []time.Duration
		r := newRun(t, s, Schedule{Pattern: Pattern{Trace: &Trace{Offsets: []Duration{0, Duration(minutes(1)), Duration(minutes(1)), Duration(minutes(2))}}}},
			RunOptions{Make: func(i uint64, sh Share) (Parcel, error) {
				made = append(made, time.Since(began))
				time.Sleep(100 * time.Millisecond)
				return sold(i, sh)
			}})
		if err := r.Do(t.Context()); err != nil {
			t.Fatal(err)
		}
		want := []time.Duration{0, 59 * time.Second, 59*time.Second + 100*time.Millisecond, 119 * time.Second}
		if !slices.Equal(made, want) {
			t.Errorf("made at %v, want %v", made, want)
		}
		wantQueued(t, s, began, "0@100ms 1@1m0s 2@1m0s 3@2m0s")
	})
}

func TestRunPaused(t *testing.T) {
	for _, row := range []struct {
		name    string
		pattern Pattern
		catchUp bool
		want    string // paused at 25 s for 50 s
		skipped uint64
	}{
		{"a stream goes on where it stood", Pattern{Rate: 0.1, Count: 6}, false, "0@0s 1@10s 2@20s 3@1m20s 4@1m30s 5@1m40s", 0},
		{"times on the wall are skipped", Pattern{Every: Duration(10 * time.Second), Count: 10}, false, "0@0s 1@10s 2@20s 8@1m20s 9@1m30s", 5},
		{"a stream catches up", Pattern{Rate: 0.1, Count: 10}, true, "0@0s 1@10s 2@20s 3@1m15s 4@1m15s 5@1m15s 6@1m15s 7@1m15s 8@1m20s 9@1m30s", 0},
		{"times on the wall catch up", Pattern{Every: Duration(10 * time.Second), Count: 9}, true, "0@0s 1@10s 2@20s 3@1m15s 4@1m15s 5@1m15s 6@1m15s 7@1m15s 8@1m20s", 0},
		{"a burst stays whole", Pattern{Burst: &Burst{Size: 2, Every: Duration(minutes(1))}, Count: 4}, false, "0@0s 1@0s 2@1m50s 3@1m50s", 0},
	} {
		t.Run(row.name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				s := inBubble(t, answers(200))
				began := time.Now()
				r := newRun(t, s, Schedule{Pattern: row.pattern, CatchUp: row.catchUp}, RunOptions{})
				inBackground(t, r)
				time.Sleep(25 * time.Second)
				if err := r.Pause(); err != nil {
					t.Fatal(err)
				}
				time.Sleep(20 * time.Second)
				_ = r.Pause() // changes nothing
				if got := r.Status(); got.State != RunPaused || got.At.Sub(began) != 25*time.Second {
					t.Errorf("%+v", got)
				}
				time.Sleep(30 * time.Second)
				if err := r.Resume(); err != nil {
					t.Fatal(err)
				}
				_ = r.Resume() // changes nothing
				if err := r.Wait(t.Context()); err != nil {
					t.Fatal(err)
				}
				wantQueued(t, s, began, row.want)
				got := r.Status()
				adds(t, got)
				if got.Skipped != row.skipped || got.Late.Max != 0 {
					t.Errorf("%+v", got)
				}
			})
		})
	}
}

func TestRunAdvance(t *testing.T) {
	for _, row := range []struct {
		name    string
		pattern Pattern
		want    string // advanced at 5 s, paused at 15 s, advanced twice, resumed at 45 s
	}{
		{"the rest of a stream moves up", Pattern{Rate: 0.1, Count: 7}, "0@0s 1@5s 2@15s 3@25s 4@35s 5@55s 6@1m5s"},
		{"times on the wall stay", Pattern{Every: Duration(10 * time.Second), Count: 8}, "0@0s 1@5s 2@20s 3@25s 4@35s 5@50s 6@1m0s 7@1m10s"},
	} {
		t.Run(row.name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				s := inBubble(t, answers(200))
				began := time.Now()
				r := newRun(t, s, Schedule{Pattern: row.pattern}, RunOptions{})
				inBackground(t, r)
				at := func(d time.Duration, ask func() error) {
					time.Sleep(time.Until(began.Add(d)))
					synctest.Wait()
					if err := ask(); err != nil {
						t.Error(err)
					}
				}
				at(5*time.Second, r.Advance)
				at(24*time.Second, r.Pause)
				at(25*time.Second, r.Advance)
				at(35*time.Second, r.Advance)
				at(45*time.Second, r.Resume)
				if err := r.Wait(t.Context()); err != nil {
					t.Fatal(err)
				}
				wantQueued(t, s, began, row.want)
				adds(t, r.Status())
			})
		})
	}
}

// A month of a schedule passes in a real minute.
func TestRunAtSpeed(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := Start(t, Options{Transport: InProcess(answers(200)), Speed: 3600})
		began := time.Now() // of the bubble: 2000-01-01
		r := newRun(t, s, Schedule{Pattern: Pattern{Cron: "0 */6 * * *", Count: 5}}, RunOptions{})
		if err := r.Do(t.Context()); err != nil {
			t.Fatal(err)
		}
		wantQueued(t, s, began, "0@0s 1@6s 2@12s 3@18s 4@24s")
		if got := r.Status(); got.Speed != 3600 {
			t.Errorf("%+v", got)
		}
	})
}

func TestRunBeginsWhenItShould(t *testing.T) {
	for _, row := range []struct {
		name    string
		pattern Pattern
		start   time.Duration // from now
		want    string
	}{
		{"stream, later", Pattern{Rate: 0.1, Count: 2}, time.Minute, "0@1m0s 1@1m10s"},
		{"wall, later", Pattern{Every: Duration(10 * time.Second), Count: 2}, time.Minute, "0@1m0s 1@1m10s"},
		{"a stream that should have begun begins now", Pattern{Rate: 0.1, Count: 2}, -time.Minute, "0@0s 1@10s"},
		{"a wall keeps its phase", Pattern{Every: Duration(10 * time.Second), Count: 9}, -65 * time.Second, "7@5s 8@15s"},
	} {
		t.Run(row.name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				s := inBubble(t, answers(200))
				began := time.Now()
				r := newRun(t, s, Schedule{Start: began.Add(row.start), Pattern: row.pattern}, RunOptions{})
				if err := r.Do(t.Context()); err != nil {
					t.Fatal(err)
				}
				wantQueued(t, s, began, row.want)
				adds(t, r.Status())
			})
		})
	}
}

// A machine that was suspended did not miss its hours one second late.
func TestRunSleptThrough(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := inBubble(t, answers(200))
		began := time.Now()
		r := newRun(t, s, Schedule{Pattern: Pattern{Every: Duration(10 * time.Second), Count: 33}}, RunOptions{Make: func(i uint64, sh Share) (Parcel, error) {
			if i == 2 {
				time.Sleep(minutes(5)) // nothing else stops a bubble's goroutine
			}
			return sold(i, sh)
		}})
		if err := r.Do(t.Context()); err != nil {
			t.Fatal(err)
		}
		wantQueued(t, s, began, "0@0s 1@10s 32@5m20s")
		adds(t, r.Status())
	})
}

func TestRunThatEndsEarly(t *testing.T) {
	endless := Schedule{Name: "plan", Pattern: Pattern{Every: Duration(10 * time.Second)}}
	ended := func(t *testing.T, r *Run, as RunState, next uint64) {
		t.Helper()
		got := r.Status()
		adds(t, got)
		if got.State != as || got.Next != next || !got.Due.IsZero() {
			t.Errorf("%+v", got)
		}
	}
	t.Run("by Stop", func(t *testing.T) {
		bubble(t, func(t *testing.T) {
			r := newRun(t, inBubble(t, answers(200)), endless, RunOptions{})
			time.AfterFunc(25*time.Second, func() { _ = r.Stop() })
			if err := r.Do(t.Context()); err != nil {
				t.Fatal(err)
			}
			ended(t, r, RunStopped, 3)
		})
	})
	t.Run("before it began", func(t *testing.T) {
		bubble(t, func(t *testing.T) {
			r := newRun(t, inBubble(t, answers(200)), endless, RunOptions{})
			_ = r.Stop()
			if err := r.Do(t.Context()); err != nil {
				t.Fatal(err)
			}
			ended(t, r, RunStopped, 0)
		})
	})
	t.Run("by its context", func(t *testing.T) {
		bubble(t, func(t *testing.T) {
			r := newRun(t, inBubble(t, answers(200)), endless, RunOptions{})
			ctx, cancel := context.WithTimeout(t.Context(), 25*time.Second)
			defer cancel()
			if err := r.Do(ctx); !errors.Is(err, context.DeadlineExceeded) {
				t.Fatal(err)
			}
			ended(t, r, RunInterrupted, 3)
		})
	})
	t.Run("with its server", func(t *testing.T) {
		bubble(t, func(t *testing.T) {
			s := New(Options{Transport: InProcess(answers(200))})
			r := newRun(t, s, endless, RunOptions{})
			done := make(chan error)
			go func() { done <- r.Do(t.Context()) }()
			err := s.Run(t.Context(), func(context.Context) error {
				time.Sleep(25 * time.Second)
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			if err := <-done; !errors.Is(err, ErrStopped) {
				t.Fatal(err)
			}
			ended(t, r, RunInterrupted, 3)
		})
	})
	t.Run("what a closed server did not take is next", func(t *testing.T) {
		bubble(t, func(t *testing.T) {
			s := New(Options{Transport: InProcess(answers(200))})
			r := newRun(t, s, endless, RunOptions{})
			s.close() // as between the end of Run's context and the end of its goroutines
			if err := r.Do(t.Context()); !errors.Is(err, ErrStopped) {
				t.Fatal(err)
			}
			ended(t, r, RunInterrupted, 0)
		})
	})
	t.Run("its maker panics", func(t *testing.T) {
		bubble(t, func(t *testing.T) {
			r := newRun(t, inBubble(t, answers(200)), endless, RunOptions{Make: func(uint64, Share) (Parcel, error) { panic("maker") }})
			func() {
				defer func() { _ = recover() }()
				_ = r.Do(t.Context())
			}()
			ended(t, r, RunInterrupted, 0)
		})
	})
}

// What cannot be made or written down is counted, and the clock goes on.
func TestRunGoesOnWithoutWhatIsRefused(t *testing.T) {
	bubble(t, func(t *testing.T) {
		full := false
		var mu sync.Mutex
		journal := &journalOf{Memory: NewMemory(), fail: func(kind string) error {
			mu.Lock()
			defer mu.Unlock()
			if full && kind == EntryQueued {
				return errFull
			}
			return nil
		}}
		s := Start(t, Options{Journal: journal, Transport: InProcess(answers(200))})
		began := time.Now()
		r := newRun(t, s, Schedule{Pattern: Pattern{Rate: 0.1, Count: 6}}, RunOptions{Make: func(i uint64, sh Share) (Parcel, error) {
			if i == 1 {
				return Parcel{}, errors.New("no such endpoint")
			}
			return sold(i, sh)
		}})
		inBackground(t, r)
		time.Sleep(15 * time.Second)
		if got := r.Status(); got.Refused != 1 || got.Problem != "event 1: no such endpoint" {
			t.Errorf("%+v", got)
		}
		time.Sleep(10 * time.Second)
		mu.Lock()
		full = true
		mu.Unlock()
		time.Sleep(10 * time.Second)
		mu.Lock()
		full = false
		mu.Unlock()
		if err := r.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
		wantQueued(t, s, began, "0@0s 2@20s 4@40s 5@50s")
		got := r.Status()
		adds(t, got)
		if got.Refused != 2 || !strings.Contains(got.Problem, errFull.Error()) {
			t.Errorf("%+v", got)
		}
	})
}

func TestRunMixes(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := inBubble(t, answers(200))
		mix := Mix{{Event: "sold", Weight: 2}, {Event: "returned"}}
		var picked []Share
		r := newRun(t, s, Schedule{Seed: 4, Mix: mix, Pattern: Pattern{Rate: 100, Count: 50}}, RunOptions{Make: func(i uint64, sh Share) (Parcel, error) {
			picked = append(picked, sh)
			return sold(i, sh)
		}})
		if err := r.Do(t.Context()); err != nil {
			t.Fatal(err)
		}
		for i, sh := range picked {
			if sh != mix.Pick(4, uint64(i)) {
				t.Errorf("event %d is %+v", i, sh)
			}
		}
	})
}

// asStored is a status as it comes back from where it was kept.
func asStored(t *testing.T, s RunStatus) RunStatus {
	t.Helper()
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var back RunStatus
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	return back
}

// A server that is stopped and a new one on its journal, an hour later.
func TestRunGoesOnAfterARestart(t *testing.T) {
	for _, row := range []struct {
		name    string
		pattern Pattern
		catchUp bool
		paused  bool
		stale   time.Duration // how old the status is that was kept
		first   string
		second  string // of the second server, which begins at 1h0m25s
		known   uint64
	}{
		{name: "stream", pattern: Pattern{Rate: 0.1, Count: 5}, first: "0@0s 1@10s 2@20s", second: "3@1h0m30s 4@1h0m40s"},
		{name: "wall", pattern: Pattern{Every: Duration(10 * time.Second), Count: 365}, first: "0@0s 1@10s 2@20s", second: "363@1h0m30s 364@1h0m40s"},
		{name: "cron", pattern: Pattern{Cron: "*/30 * * * *", Count: 4}, first: "0@0s", second: "3@1h30m0s"},
		{name: "cron catches up", pattern: Pattern{Cron: "*/30 * * * *", Count: 4}, catchUp: true, first: "0@0s", second: "1@1h0m25s 2@1h0m25s 3@1h30m0s"},
		{name: "paused", pattern: Pattern{Rate: 0.1, Count: 4}, paused: true, first: "0@0s 1@10s 2@20s", second: "3@1h1m10s"},
		{name: "a status that is old", pattern: Pattern{Rate: 0.1, Count: 5}, stale: 20 * time.Second, known: 2,
			first: "0@0s 1@10s 2@20s", second: "3@1h0m50s 4@1h1m0s"},
	} {
		t.Run(row.name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				schedule := Schedule{Name: "plan", Seed: 11, CatchUp: row.catchUp, Pattern: row.pattern}
				journal := NewMemory()
				began := time.Now()
				var kept RunStatus
				first := New(Options{Journal: journal, Transport: InProcess(answers(200)), Seed: 1})
				err := first.Run(t.Context(), func(ctx context.Context) error {
					r := newRun(t, first, schedule, RunOptions{})
					go func() { _ = r.Do(ctx) }()
					time.Sleep(25*time.Second - row.stale)
					if row.paused {
						_ = r.Pause()
					}
					kept = asStored(t, r.Status())
					time.Sleep(row.stale)
					return nil
				})
				if err != nil {
					t.Fatal(err)
				}
				wantQueued(t, first, began, row.first)

				time.Sleep(time.Hour)
				second := Start(t, Options{Journal: journal, Transport: InProcess(answers(200)), Seed: 1})
				r := newRun(t, second, schedule, RunOptions{From: kept})
				if row.paused {
					time.AfterFunc(40*time.Second, func() { _ = r.Resume() })
				}
				if err := r.Do(t.Context()); err != nil {
					t.Fatal(err)
				}
				wantQueued(t, second, began, row.first+" "+row.second)
				got := r.Status()
				adds(t, got)
				if got.Known != row.known {
					t.Errorf("%+v", got)
				}
			})
		})
	}
}

// A run that is taken up again and paused before it begins stands still from
// where it stood.
func TestRunPausedBeforeItBegins(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := inBubble(t, answers(200))
		began := time.Now()
		from := RunStatus{State: RunInterrupted, Start: began.Add(-25 * time.Second), At: began.Add(-15 * time.Second), Next: 1}
		r := newRun(t, s, Schedule{Pattern: Pattern{Rate: 0.05, Count: 3}}, RunOptions{From: from})
		if err := r.Pause(); err != nil {
			t.Fatal(err)
		}
		inBackground(t, r)
		time.Sleep(time.Minute)
		if got := r.Status(); got.State != RunPaused || got.Next != 1 {
			t.Errorf("%+v", got)
		}
		if err := r.Resume(); err != nil {
			t.Fatal(err)
		}
		if err := r.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
		wantQueued(t, s, began, "1@1m10s 2@1m30s")
	})
}
