package mockserver

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

// Whatever is asked of a run and however often its server is restarted: each
// index has its turn once and in order, the sums hold, a stream keeps its gaps
// and is sent in full, and times on the wall are the pattern's.
func TestRunWhateverIsAsked(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var s story
		s.Pattern = rapid.SampledFrom([]Pattern{
			{Every: Duration(10 * time.Second)}, {Cron: "* * * * *"}, {Rate: 0.2}, {Rate: 0.2, Poisson: true},
			{Burst: &Burst{Size: 3, Every: Duration(time.Minute)}}, {Ramp: &Ramp{From: 0.1, To: 1, Over: Duration(minutes(1))}},
		}).Draw(rt, "pattern")
		s.Name, s.Seed = "plan", rapid.Uint64().Draw(rt, "seed")
		s.Count = rapid.Uint64Range(1, 60).Draw(rt, "count")
		s.Jitter = Duration(rapid.Int64Range(0, int64(5*time.Second)).Draw(rt, "jitter"))
		s.CatchUp = rapid.Bool().Draw(rt, "catchUp")
		s.acts = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) act {
			return act{
				time.Duration(rapid.Int64Range(0, int64(90*time.Second)).Draw(t, "wait")),
				rapid.SampledFrom([]string{"pause", "resume", "advance", "stop", "interrupt"}).Draw(t, "name"),
			}
		}), 0, 12).Draw(rt, "acts")
		var err error
		synctest.Test(t, func(t *testing.T) { err = s.play(t) })
		if err != nil {
			rt.Fatal(err)
		}
	})
}

type act struct {
	wait time.Duration
	name string
}

// story is a schedule and what happens to its run.
type story struct {
	Schedule
	acts []act

	journal *Memory
	start   time.Time // of the first run
	moved   bool      // something was sent before its time
}

func (s *story) play(t *testing.T) error {
	s.journal = NewMemory()
	var kept RunStatus
	for more := true; more; {
		server := New(Options{Journal: s.journal, Transport: InProcess(answers(200)), Seed: 1})
		err := server.Run(t.Context(), func(ctx context.Context) (err error) {
			r := newRun(t, server, s.Schedule, RunOptions{From: kept})
			more, err = s.chapter(ctx, r)
			kept = asStored(t, r.Status())
			return err
		})
		if err != nil {
			return err
		}
		if more {
			time.Sleep(7 * time.Second) // until the next server
		}
	}
	adds(t, kept)
	if kept.State != RunDone || kept.Next != s.Count || kept.Known+kept.Refused > 0 {
		return fmt.Errorf("at the end: %+v", kept)
	}
	return s.judge(t, kept)
}

// chapter carries a run out until it is done, or interrupted or stopped.
func (s *story) chapter(ctx context.Context, r *Run) (more bool, err error) {
	own, cancel := context.WithCancel(ctx)
	defer cancel()
	over := make(chan error, 1)
	go func() { over <- r.Do(own) }()
	synctest.Wait()
	if s.start.IsZero() {
		s.start = r.Status().Start
	}
	for len(s.acts) > 0 {
		a := s.acts[0]
		s.acts = s.acts[1:]
		time.Sleep(a.wait)
		synctest.Wait()
		switch a.name {
		case "pause":
			_ = r.Pause()
		case "resume":
			_ = r.Resume()
		case "advance":
			s.moved = true
			_ = r.Advance()
		case "stop":
			_ = r.Stop()
			return true, <-over
		case "interrupt":
			before := r.Status()
			cancel()
			<-over
			if before.State == RunPaused && r.Status().State != RunPaused {
				return false, fmt.Errorf("a paused run was interrupted and is %s", r.Status().State)
			}
			return true, nil
		}
	}
	_ = r.Resume()
	return false, <-over
}

func (s *story) judge(t *testing.T, kept RunStatus) error {
	var at []time.Time
	last := -1
	for e := range s.journal.Entries(t.Context(), 0) {
		if e.Kind != EntryQueued {
			continue
		}
		index, err := strconv.Atoi(strings.TrimPrefix(e.Delivery, "plan-"))
		if err != nil || index <= last {
			return fmt.Errorf("%s comes after index %d", e.Delivery, last)
		}
		last = index
		at = append(at, e.At)
		switch due := s.due(index); {
		case s.moved:
		case s.onClock() && !s.CatchUp && !e.At.Equal(due):
			return fmt.Errorf("event %d was due at %v and came at %v", index, due, e.At)
		case e.At.Before(due):
			return fmt.Errorf("event %d was due at %v and came before, at %v", index, due, e.At)
		}
	}
	if uint64(len(at)) != kept.Emitted || !s.onClock() && kept.Emitted != s.Count {
		return fmt.Errorf("%d queued, %+v", len(at), kept)
	}
	if s.onClock() || s.CatchUp || s.moved {
		return nil
	}
	for i := 1; i < len(at); i++ {
		gap, want := at[i].Sub(at[i-1]), s.due(i).Sub(s.due(i-1))
		if want > gap {
			return fmt.Errorf("events %d and %d are %v apart, in the pattern %v", i-1, i, gap, want)
		}
	}
	return nil
}

func (s *story) due(index int) time.Time {
	for _, at := range s.Times(s.start, s.Seed, uint64(index)) {
		return at
	}
	return time.Time{}
}

// Everybody may ask at once. What the race detector does not see, the sums do.
func TestRunAskedByMany(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := inBubble(t, answers(200))
		r := newRun(t, s, Schedule{Pattern: Pattern{Rate: 200, Count: 2000}}, RunOptions{})
		inBackground(t, r)
		var crowd sync.WaitGroup
		for i := range 4 {
			crowd.Go(func() {
				for n := range 200 {
					time.Sleep(time.Duration(i+1) * 7 * time.Millisecond)
					_ = []func() error{r.Pause, r.Resume, r.Advance}[(n+i)%3]()
					if got := r.Status(); got.Emitted+got.Known+got.Refused+got.Skipped != got.Next {
						t.Errorf("%+v", got)
					}
				}
			})
		}
		crowd.Wait()
		_ = r.Resume()
		if err := r.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := r.Status(); got.Emitted != 2000 || got.Late.Max != 0 {
			t.Errorf("%+v", got)
		}
	})
}
