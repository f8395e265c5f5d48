package mockserver

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"
)

func TestRuns(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := New(Options{Transport: InProcess(answers(200)), Seed: 1})
		began := time.Now()
		runs := NewRuns()
		make := func(name string, p Pattern) *Run { return newRun(t, s, Schedule{Name: name, Pattern: p}, RunOptions{}) }
		endless := Pattern{Every: Duration(10 * time.Second)}

		early := make("early", endless)
		if err := runs.Start(early); err != nil {
			t.Fatal(err)
		}
		err := s.Run(t.Context(), func(ctx context.Context) error {
			return runs.Run(ctx, func(context.Context) error {
				if err := runs.Start(make("late", Pattern{Rate: 1, Count: 2})); err != nil {
					return err
				}
				if err := runs.Start(make("early", endless)); !errors.Is(err, ErrRunLives) {
					t.Errorf("a second run of the same name: %v", err)
				}
				if err := runs.Forget("early"); !errors.Is(err, ErrRunLives) {
					t.Errorf("forgetting a live run: %v", err)
				}
				time.Sleep(15 * time.Second)
				var names []string
				for _, r := range runs.All() {
					names = append(names, r.Name()+" "+string(r.Status().State))
				}
				if !slices.Equal(names, []string{"early running", "late done"}) {
					t.Error(names)
				}
				if runs.Find("early") != early || runs.Find("nobody") != nil {
					t.Error("Find finds another")
				}
				if err := runs.Forget("late"); err != nil || runs.Find("late") != nil {
					t.Errorf("forgetting an ended run: %v", err)
				}
				return nil
			})
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := early.Status(); got.State != RunInterrupted || got.Next != 2 {
			t.Errorf("%+v", got)
		}
		if took := time.Since(began); took != 15*time.Second {
			t.Errorf("it took %v", took)
		}
		if err := runs.Start(make("after", endless)); !errors.Is(err, ErrStopped) {
			t.Errorf("after the end: %v", err)
		}
		if err := runs.Run(t.Context(), func(context.Context) error { return nil }); err == nil {
			t.Error("runs can be carried out twice")
		}
	})
}

// Runs.Run returns when its goroutines have ended, not before.
func TestRunsWaitForTheirGoroutines(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := inBubble(t, answers(200))
		runs := NewRuns()
		busy := newRun(t, s, Schedule{Name: "busy", Pattern: Pattern{Rate: 1}}, RunOptions{Make: func(i uint64, sh Share) (Parcel, error) {
			time.Sleep(time.Minute)
			return sold(i, sh)
		}})
		err := runs.Run(t.Context(), func(context.Context) error {
			err := runs.Start(busy)
			time.Sleep(time.Second)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if !busy.ended() {
			t.Error("a run goes on")
		}
	})
}
