package mockserver

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hookrig/hookrig/contracts"
)

// run runs a server in a bubble and returns it when Run has returned.
func run(t *testing.T, o Options, f func(ctx context.Context, s *Server) error) (*Server, error) {
	t.Helper()
	s := New(o)
	err := s.Run(t.Context(), func(ctx context.Context) error { return f(ctx, s) })
	return s, err
}

func TestRunReturnsTheErrorOfF(t *testing.T) {
	bubble(t, func(t *testing.T) {
		boom := errors.New("boom")
		s, err := run(t, Options{Transport: InProcess(answers(200))}, func(context.Context, *Server) error { return boom })
		if err != boom {
			t.Errorf("%v", err)
		}
		if err := s.Run(t.Context(), func(context.Context) error { t.Error("ran twice"); return nil }); err == nil {
			t.Error("a second Run has no error")
		}
	})
}

func TestRunCleansUpWhateverBecomesOfF(t *testing.T) {
	for name, f := range map[string]func(){
		"panic":  func() { panic("boom") },
		"goexit": runtime.Goexit,
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) { // fails if a goroutine stays
				ended := make(chan struct{})
				go func() {
					defer close(ended)
					defer func() { recover() }()
					run(t, Options{Transport: InProcess(answers(200))}, func(context.Context, *Server) error { f(); return nil })
				}()
				<-ended
			})
		})
	}
}

func TestSentBeforeRun(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := New(Options{Transport: InProcess(answers(200))})
		d := s.Send(parcel(virtual, nil))
		soon, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := d.Queued(soon); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("queued before Run: %v", err)
		}
		cancelled := s.Send(parcel(virtual, nil))
		if err := s.Cancel(cancelled.ID()); err != nil {
			t.Error(err)
		}
		s.Run(t.Context(), func(ctx context.Context) error {
			if err := d.Queued(ctx); err != nil {
				t.Error(err)
			}
			return s.Idle(ctx)
		})
		if o := d.Outcome(); o.State != Delivered {
			t.Errorf("%+v", o)
		}
		if o := cancelled.Outcome(); o.State != Cancelled || len(o.Attempts) != 0 {
			t.Errorf("%+v", o)
		}
		audit(t, s)
	})
}

func TestSentAfterRun(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s, _ := run(t, Options{Transport: InProcess(answers(200))}, func(context.Context, *Server) error { return nil })
		d := s.Send(parcel(virtual, nil))
		if err := d.Queued(t.Context()); !errors.Is(err, ErrStopped) {
			t.Errorf("Queued: %v", err)
		}
		if o, err := d.Wait(t.Context()); !errors.Is(err, ErrStopped) || o.State != "" {
			t.Errorf("Wait: %+v, %v", o, err)
		}
		audit(t, s)
	})
}

// What was sent before f returned is written down; what waits stays waiting, and
// its handle does not block.
func TestLeftWaiting(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var failing, late *Delivery
		s, err := run(t, Options{Transport: InProcess(answers(500))}, func(ctx context.Context, s *Server) error {
			failing = s.Send(parcel(virtual, nil))
			synctest.Wait()
			late = s.Send(parcel(virtual, nil))
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range []*Delivery{failing, late} {
			if err := d.Queued(t.Context()); err != nil {
				t.Errorf("Queued: %v", err)
			}
			if o, err := d.Wait(t.Context()); !errors.Is(err, ErrStopped) || o.State != Waiting {
				t.Errorf("%+v, %v", o, err)
			}
		}
		if n := len(failing.Outcome().Attempts); n != 1 {
			t.Errorf("%d attempts", n)
		}
		if err := s.Idle(t.Context()); !errors.Is(err, ErrStopped) {
			t.Errorf("Idle: %v", err)
		}
		audit(t, s)
	})
}

// An attempt that a shutdown interrupts is recorded, and is nobody's failure.
func TestShutdownDuringAnAttempt(t *testing.T) {
	bubble(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		journal := &journalOf{Memory: NewMemory(), fail: func(string) error { return nil }}
		s := New(Options{Journal: journal, Transport: InProcess(hanging())})
		var d *Delivery
		begun := time.Now()
		err := s.Run(ctx, func(ctx context.Context) error {
			d = s.Send(parcel(virtual, nil))
			time.Sleep(time.Second)
			cancel()
			_, err := d.Wait(context.WithoutCancel(ctx))
			return err
		})
		if !errors.Is(err, ErrStopped) {
			t.Errorf("Wait: %v", err)
		}
		if took := time.Since(begun); took != time.Second {
			t.Errorf("Run took %v", took)
		}
		o := d.Outcome()
		if o.State != Waiting || len(o.Attempts) != 1 {
			t.Fatalf("%+v", o)
		}
		a := o.Attempts[0]
		if a.Failure != "interrupted" || !a.Ours || a.Number != 1 || a.Took != time.Second || !strings.Contains(a.Reason, "sent in full") {
			t.Errorf("%+v", a)
		}
		if all := entries(t, s); all[len(all)-1].Kind != EntryAttempt {
			t.Errorf("the journal ends with %+v", all[len(all)-1])
		}
		if d.progress.charged != 0 {
			t.Errorf("%d attempts were charged", d.progress.charged)
		}
		audit(t, s)
	})
}

func TestCancel(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := inBubble(t, answers(500))
		d := s.Send(parcel(virtual, nil))
		time.Sleep(30 * time.Second) // it now waits for its second attempt
		if err := s.Cancel(d.ID()); err != nil {
			t.Fatal(err)
		}
		o := wait(t, d)
		if o.State != Cancelled || len(o.Attempts) != 1 || o.Reason != "cancelled" {
			t.Errorf("%+v", o)
		}
		if err := s.Cancel(d.ID()); !errors.Is(err, ErrEnded) {
			t.Errorf("cancelled twice: %v", err)
		}
		if err := s.Cancel("dlv_unknown"); !errors.Is(err, ErrUnknown) {
			t.Errorf("cancelled an unknown one: %v", err)
		}
		time.Sleep(time.Hour)
		audit(t, s)
		if n := len(entries(t, s)); n != 4 {
			t.Errorf("%d entries, want queued, intent, attempt, ended", n)
		}
	})
}

func TestCancelDuringAnAttempt(t *testing.T) {
	for status, want := range map[int]State{200: Delivered, 500: Cancelled} {
		bubble(t, func(t *testing.T) {
			s := inBubble(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				time.Sleep(time.Second)
				w.WriteHeader(status)
			}))
			d := s.Send(parcel(virtual, nil))
			time.Sleep(time.Second / 2)
			if err := s.Cancel(d.ID()); err != nil {
				t.Fatal(err)
			}
			if o := wait(t, d); o.State != want || len(o.Attempts) != 1 {
				t.Errorf("%+v", o)
			}
			audit(t, s)
		})
	}
}

func TestResend(t *testing.T) {
	bubble(t, func(t *testing.T) {
		inbox := NewInbox(nil, InboxOptions{})
		s := inBubble(t, inbox)
		if _, err := s.Resend("dlv_unknown"); !errors.Is(err, ErrUnknown) {
			t.Errorf("%v", err)
		}
		p := parcel(virtual, nil)
		p.Delay = time.Second // it does not end before it is asked for
		first := s.Send(p)
		if _, err := s.Resend(first.ID()); !errors.Is(err, ErrLive) {
			t.Errorf("%v", err)
		}
		wait(t, first)
		time.Sleep(time.Minute)
		again, err := s.Resend(first.ID())
		if err != nil {
			t.Fatal(err)
		}
		if found, _ := s.Lookup(first.ID()); found != again {
			t.Error("the id does not name the new round")
		}
		if o := wait(t, again); again.ID() != first.ID() || o.State != Delivered || o.Attempts[0].Number != 1 {
			t.Errorf("%+v", o)
		}
		got := inbox.Received()
		a, b := got[0].Request, got[1].Request
		if string(a.Body) != string(b.Body) || a.Header.Get("X-Shop-Id") != b.Header.Get("X-Shop-Id") {
			t.Errorf("not the same delivery:\n%+v\n%+v", a, b)
		}
		if a.Header.Get("X-Shop-Signature") == b.Header.Get("X-Shop-Signature") {
			t.Error("the signature is not a fresh one")
		}
		audit(t, s)
	})
}

// What was mishandled on purpose is sent again rightly.
func TestResendIsNotMishandled(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := inBubble(t, NewInbox(nil, InboxOptions{}))
		p := parcel(virtual, nil)
		p.Once = true
		var err error
		if p.Tamper, err = TamperNamed("altered-body"); err != nil {
			t.Fatal(err)
		}
		first := s.Send(p)
		if o := wait(t, first); o.Attempts[0].Tamper == "" {
			t.Fatalf("%+v", o)
		}
		again, err := s.Resend(first.ID())
		if err != nil {
			t.Fatal(err)
		}
		if o := wait(t, again); o.State != Delivered || o.Attempts[0].Tamper != "" {
			t.Errorf("%+v", o)
		}
		audit(t, s)
	})
}

func TestAnIDIsTakenOnce(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := inBubble(t, answers(200))
		p := parcel(virtual, nil)
		p.ID = "mine"
		p.Delay = time.Second // it does not end before the second is sent
		first, second := s.Send(p), s.Send(p)
		if err := second.Queued(t.Context()); !errors.Is(err, ErrLive) {
			t.Errorf("%v", err)
		}
		wait(t, first)
		if err := s.Send(p).Queued(t.Context()); !errors.Is(err, ErrKnown) {
			t.Errorf("%v", err)
		}
		p.Again = true
		wait(t, s.Send(p))
		if st := s.Stats(); st.Sent != 4 || st.Refused != 2 || st.Delivered != 2 {
			t.Errorf("%+v", st)
		}
		audit(t, s)
	})
}

func TestIDs(t *testing.T) {
	ids := func(seed uint64) (got []string) {
		s := New(Options{Seed: seed, Transport: InProcess(answers(200))})
		for range 3 {
			got = append(got, s.Send(parcel(virtual, nil)).ID())
		}
		return got
	}
	if a, b := fmt.Sprint(ids(1)), fmt.Sprint(ids(1)); a != b {
		t.Errorf("the same seed makes %s and %s", a, b)
	}
	if a, b := fmt.Sprint(ids(0)), fmt.Sprint(ids(0)); a == b {
		t.Errorf("without a seed ids can be guessed: %s", a)
	}
	one := ids(1)
	if one[0] == one[1] || len(one[0]) != len("dlv_")+16 || !strings.HasPrefix(one[0], "dlv_") {
		t.Errorf("%v", one)
	}
}

// A parcel without an event is refused, not a panic.
func TestNoEvent(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := inBubble(t, answers(200))
		if err := s.Send(Parcel{Endpoint: Endpoint{URL: virtual}}).Queued(t.Context()); err == nil {
			t.Error("queued")
		}
		audit(t, s)
	})
}

// stuckTB records a failure.
type stuckTB struct {
	testing.TB
	cleanup []func()
	failed  string
	ctx     context.Context
}

func (t *stuckTB) Context() context.Context          { return t.ctx }
func (t *stuckTB) Cleanup(f func())                  { t.cleanup = append(t.cleanup, f) }
func (t *stuckTB) Fatalf(format string, args ...any) { t.failed = fmt.Sprintf(format, args...) }

func TestStartFailsATestWhoseServerHangs(t *testing.T) {
	bubble(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		tb := &stuckTB{TB: t, ctx: ctx}
		release := make(chan struct{})
		s := Start(tb, Options{Transport: roundTrip(func(*http.Request) (*http.Response, error) {
			<-release // deaf to its context
			return nil, errors.New("too late")
		})})
		s.Send(parcel(virtual, nil))
		synctest.Wait()
		cancel()
		tb.cleanup[0]()
		if tb.failed == "" {
			t.Error("the test did not fail")
		}
		close(release)
	})
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// A fault of our own uses up neither a number nor the policy's patience.
func TestOwnFaultsAreNotCharged(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var at0 time.Time
		faults := 5
		inner := InProcess(answers(200))
		s := Start(t, Options{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			if faults--; faults >= 0 {
				return nil, resolverDown
			}
			return inner.RoundTrip(r)
		})})
		single := policy(func(p *contracts.Policy) { p.Waits, p.Repeat, p.GiveUp = nil, 0, 0 })
		o := wait(t, s.Send(parcel(virtual, single)))
		if o.State != Delivered || len(o.Attempts) != 6 {
			t.Fatalf("%+v", o)
		}
		at := starts(o)
		for i, want := range []time.Duration{0, 1, 3, 7, 15, 31} {
			if at[i] != want*time.Second || o.Attempts[i].Number != 1 || o.Attempts[i].Ours != (i < 5) {
				t.Errorf("attempt %d at %v: %+v", i, at[i], o.Attempts[i])
			}
		}
		// In the midst of a life, and longer than the policy's patience.
		failed, patient := false, policy(func(p *contracts.Policy) { p.Waits, p.Repeat, p.GiveUp = nil, minutes(1), minutes(3) })
		s = Start(t, Options{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			if failed && time.Since(at0) < time.Hour {
				return nil, resolverDown
			}
			failed = true
			return InProcess(answers(500)).RoundTrip(r)
		})})
		at0 = time.Now()
		o = wait(t, s.Send(parcel(virtual, patient)))
		if last := o.Attempts[len(o.Attempts)-1]; o.State != Exhausted || last.Number != 4 {
			t.Errorf("%d attempts were charged, want 4: %+v", last.Number, last)
		}

		s = Start(t, Options{Transport: roundTrip(func(r *http.Request) (*http.Response, error) { return nil, resolverDown })})
		p := parcel(virtual, nil)
		p.Once = true
		if o, err := s.Send(p).Wait(t.Context()); err == nil || o.State != Cancelled {
			t.Errorf("one attempt, our fault: %+v, %v", o, err)
		}
		audit(t, s)
	})
}
