package mockserver

import (
	"context"
	"errors"
	"iter"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// journalOf fails as told.
type journalOf struct {
	*Memory
	mu   sync.Mutex
	fail func(kind string) error // may be nil
	seen func([]Entry)           // may be nil
}

func (j *journalOf) Append(ctx context.Context, entries ...Entry) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err // as a database does
	}
	for _, e := range entries {
		if j.fail == nil {
			break
		}
		if err := j.fail(e.Kind); err != nil {
			return err
		}
	}
	if j.seen != nil {
		j.seen(entries)
	}
	return j.Memory.Append(ctx, entries...)
}

func (j *journalOf) Entries(ctx context.Context, after uint64) iter.Seq2[Entry, error] {
	return j.Memory.Entries(ctx, after)
}

var errFull = errors.New("disk full")

func TestJournalThatFails(t *testing.T) {
	for _, kind := range []string{EntryIntent, EntryAttempt, EntryEnded} {
		t.Run(kind, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				failures, requests := 3, 0
				journal := &journalOf{Memory: NewMemory(), fail: func(k string) error {
					if k == kind && failures > 0 {
						failures--
						return errFull
					}
					return nil
				}}
				s := Start(t, Options{Journal: journal, Transport: InProcess(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { requests++ }))})
				o := wait(t, s.Send(parcel(virtual, nil)))
				if o.State != Delivered || len(o.Attempts) != 1 || requests != 1 {
					t.Errorf("%d requests, %+v", requests, o)
				}
				audit(t, s)
			})
		})
	}
	t.Run(EntryQueued, func(t *testing.T) {
		bubble(t, func(t *testing.T) {
			var failing atomic.Bool
			failing.Store(true)
			journal := &journalOf{Memory: NewMemory(), fail: func(string) error {
				if failing.Load() {
					return errFull
				}
				return nil
			}}
			s := Start(t, Options{Journal: journal, Transport: InProcess(answers(200))})
			d := s.Send(parcel(virtual, nil))
			if err := d.Queued(t.Context()); !errors.Is(err, errFull) {
				t.Errorf("%v", err)
			}
			failing.Store(false)
			wait(t, s.Send(parcel(virtual, nil)))
			audit(t, s)
		})
	})
	t.Run("cancel", func(t *testing.T) {
		bubble(t, func(t *testing.T) {
			var failing atomic.Bool
			journal := &journalOf{Memory: NewMemory(), fail: func(string) error {
				if failing.Load() {
					return errFull
				}
				return nil
			}}
			s := Start(t, Options{Journal: journal, Transport: InProcess(answers(500, 500, 200))})
			d := s.Send(parcel(virtual, nil))
			time.Sleep(time.Second)
			failing.Store(true)
			if err := s.Cancel(d.ID()); !errors.Is(err, errFull) {
				t.Errorf("%v", err)
			}
			failing.Store(false)
			if o := wait(t, d); o.State != Delivered { // as if nobody had cancelled
				t.Errorf("%+v", o)
			}
			audit(t, s)
		})
	})
}

// However long a disk was full: when there is room, deliveries go on within
// seconds, whatever they waited for.
func TestJournalThatWasFullForLong(t *testing.T) {
	for _, kind := range []string{EntryIntent, EntryAttempt} {
		t.Run(kind, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				var full atomic.Bool
				full.Store(true)
				journal := &journalOf{Memory: NewMemory(), fail: func(k string) error {
					if k == kind && full.Load() {
						return ErrFull
					}
					return nil
				}}
				s := Start(t, Options{Journal: journal, Transport: InProcess(answers(200))})
				var all []*Delivery
				for range 20 {
					all = append(all, s.Send(parcel(virtual, nil)))
				}
				time.Sleep(30*time.Minute + 10*time.Second + time.Millisecond)
				full.Store(false)
				room := time.Now()
				for _, d := range all {
					if o := wait(t, d); o.State != Delivered || len(o.Attempts) != 1 {
						t.Errorf("%+v", o)
					}
				}
				if took := time.Since(room); took > 2*journalPause {
					t.Errorf("they went on after %v", took)
				}
				audit(t, s)
			})
		})
	}
}

// A journal that never takes an outcome does not keep Run from returning, and
// leaves the truth: an intent whose outcome is unknown.
func TestShutdownWithAJournalThatFails(t *testing.T) {
	bubble(t, func(t *testing.T) {
		journal := &journalOf{Memory: NewMemory(), fail: func(kind string) error {
			if kind == EntryAttempt {
				return errFull
			}
			return nil
		}}
		begun := time.Now()
		var d *Delivery
		s, _ := run(t, Options{Journal: journal, Transport: InProcess(answers(200))}, func(_ context.Context, s *Server) error {
			d = s.Send(parcel(virtual, nil))
			synctest.Wait()
			return nil
		})
		if took := time.Since(begun); took > journalGrace {
			t.Errorf("Run took %v", took)
		}
		if o, err := d.Wait(t.Context()); o.State != Waiting || !errors.Is(err, errFull) {
			t.Errorf("%+v, %v", o, err)
		}
		all := entries(t, s)
		if last := all[len(all)-1]; last.Kind != EntryIntent {
			t.Errorf("the last entry is %q", last.Kind)
		}
	})
}
