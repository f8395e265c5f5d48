package verifier_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/examples/receivers"
	"github.com/hookrig/hookrig/internal/egress"
	"github.com/hookrig/hookrig/mockserver"
	"github.com/hookrig/hookrig/verifier"
)

// These tests are about who is to blame when there is no answer.

// transport is a function as http.RoundTripper.
type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// hangs takes the request and never answers.
func hangs(_ http.ResponseWriter, r *http.Request) {
	io.Copy(io.Discard, r.Body)
	<-r.Context().Done()
}

// A receiver that takes requests and gives no answer was reached: that is its
// fault, and by the provider's own time-out (2 s, published).
func TestReceiversThatGiveNoAnswer(t *testing.T) {
	for name, handler := range map[string]http.HandlerFunc{
		"hangs":  hangs,
		"resets": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"stops half": func(w http.ResponseWriter, r *http.Request) {
			w.Write(make([]byte, 3000))
			panic(http.ErrAbortHandler)
		},
	} {
		virtualRun(t, name, func(t *testing.T) {
			c := shop(t)
			r := run(t, verifier.Options{Contract: c, URL: "http://receiver.test/", Secrets: secretsOf(c), Transport: mockserver.InProcess(handler)})
			fails := []string{"acknowledgement/valid-event"}
			if name == "hangs" {
				fails = append(fails, "acknowledgement/latency")
			}
			if got := findings(r, verifier.Fail); !same(got, fails) || r.Verdict != verifier.NotConformant {
				t.Errorf("%s: fails %q, want %q", r.Verdict, got, fails)
			}
			if got := r.Checks[0]; got.Basis != verifier.ByContract || !strings.Contains(got.Received, "no answer") {
				t.Errorf("%+v", got)
			}
		})
	}
}

func TestReceiverThatAnswersGarbage(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			conn.Read(make([]byte, 1))
			conn.Write([]byte("220 mail.example.com ESMTP\r\n\r\n"))
			conn.Close()
		}
	}()
	c := shop(t)
	r := run(t, verifier.Options{Contract: c, URL: "http://" + listener.Addr().String(), Secrets: secretsOf(c)})
	if got := findings(r, verifier.Fail); !same(got, []string{"acknowledgement/valid-event"}) {
		t.Errorf("%s: fails %q (%s)", r.Verdict, got, r.Checks[0].Received)
	}
}

// Nobody is there: nothing can be judged.
func TestUnreachable(t *testing.T) {
	silence := func(r *http.Request) (*http.Response, error) { // as a firewall that drops packets
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	for name, fails := range map[string]transport{
		"nothing listens": func(*http.Request) (*http.Response, error) { return nil, syscall.ECONNREFUSED },
		"no such host":    func(*http.Request) (*http.Response, error) { return nil, &net.DNSError{IsNotFound: true} },
		"no resolver":     func(*http.Request) (*http.Response, error) { return nil, &net.DNSError{IsTemporary: true} },
		"no way":          func(*http.Request) (*http.Response, error) { return nil, syscall.EHOSTUNREACH },
		"no ports":        func(*http.Request) (*http.Response, error) { return nil, syscall.EADDRNOTAVAIL },
		"no TLS":          func(*http.Request) (*http.Response, error) { return nil, errors.New("tls: handshake failure") },
		"silence":         silence,
	} {
		virtualRun(t, name, func(t *testing.T) {
			c := shop(t)
			_, err := verifier.Run(t.Context(), verifier.Options{
				Contract: c, URL: "http://somebody:canary@receiver.test/?token=canary", Secrets: secretsOf(c), Transport: fails,
			})
			var unreachable *verifier.UnreachableError
			if !errors.As(err, &unreachable) || strings.Contains(err.Error(), "canary") {
				t.Errorf("got %v", err)
			}
		})
	}
}

// An address that may not be dialled is neither a finding nor a receiver that
// does not answer.
func TestRefusedAddress(t *testing.T) {
	c := shop(t)
	for _, address := range []string{"http://169.254.169.254/latest", "http://[fe80::1]/"} {
		r, err := verifier.Run(t.Context(), verifier.Options{Contract: c, URL: address, Secrets: secretsOf(c)})
		var refused *egress.RefusedError
		if r != nil || !errors.As(err, &refused) {
			t.Errorf("%s: got %v", address, err)
		}
	}
}

// What fails on our side in the middle of a run leaves the check open in which
// it happened, and no other.
func TestFaultsOfOurOwn(t *testing.T) {
	c := shop(t)
	for name, fault := range map[string]error{
		"ports": syscall.EADDRNOTAVAIL, "resolver": &net.DNSError{IsTimeout: true}, "egress": &egress.RefusedError{Address: "10.0.0.1:80"},
	} {
		virtualRun(t, name, func(t *testing.T) {
			receiver := receivers.New(c, receivers.None, secretsOf(c)...)
			o := options(c, receiver)
			var requests atomic.Int64
			working := o.Transport
			o.Transport = transport(func(r *http.Request) (*http.Response, error) {
				if requests.Add(1) == 9 { // three of the baseline and three for the pace, two of each-event
					return nil, fault
				}
				return working.RoundTrip(r)
			})
			r := run(t, o)
			if got := findings(r, verifier.Inconclusive); !same(got, []string{"authenticity/missing-signature"}) {
				t.Errorf("inconclusive: %q", got)
			}
			if r.Verdict != verifier.Conformant || r.Counts.Fail+r.Counts.Warn > 0 {
				t.Errorf("%s: %+v", r.Verdict, r.Counts)
			}
		})
	}
}

// Whenever a run is interrupted, it has no report.
func TestInterruptedRuns(t *testing.T) {
	c := shop(t)
	for at := range int64(30) {
		virtual(t, func(t *testing.T) {
			receiver := receivers.New(c, receivers.None, secretsOf(c)...)
			o := options(c, receiver)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			var requests atomic.Int64
			o.Transport = mockserver.InProcess(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if requests.Add(1) > at {
					cancel()
				}
				receiver.ServeHTTP(w, r)
			}))
			if r, err := verifier.Run(ctx, o); r != nil || !errors.Is(err, context.Canceled) {
				t.Errorf("interrupted at request %d: %v", at+1, err)
			}
		})
	}
}

// The oracle is interrupted as well.
func TestInterruptedWhileSettling(t *testing.T) {
	virtual(t, func(t *testing.T) {
		c := shop(t)
		o := options(c, receivers.New(c, receivers.None, secretsOf(c)...))
		o.Settle, o.Only = time.Hour, []string{"state/lost-answer"}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if r, err := verifier.Run(ctx, o); r != nil || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
	})
}

// A receiver that a check brings down fails this check; the rest is not held
// against it.
func TestReceiverThatGoesAway(t *testing.T) {
	virtual(t, func(t *testing.T) {
		c := shop(t)
		receiver := receivers.New(c, receivers.None, secretsOf(c)...)
		o := options(c, receiver)
		working := o.Transport
		var down atomic.Bool
		o.Transport = transport(func(r *http.Request) (*http.Response, error) {
			if down.Load() {
				return nil, syscall.ECONNREFUSED
			}
			body, _ := io.ReadAll(r.Body)
			if down.Store(!strings.HasSuffix(strings.TrimSpace(string(body)), "}")); down.Load() {
				return nil, syscall.ECONNRESET
			}
			r.Body = io.NopCloser(strings.NewReader(string(body)))
			return working.RoundTrip(r)
		})
		r := run(t, o)
		if got := findings(r, verifier.Fail); !same(got, []string{"authenticity/before-parsing"}) {
			t.Errorf("fails %q", got)
		}
		for _, f := range r.Checks {
			if f.Name == "state/duplicate-once" && (f.Verdict != verifier.Inconclusive || !strings.Contains(f.Because, "authenticity/before-parsing")) {
				t.Errorf("%s: %s, %s", f.Name, f.Verdict, f.Because)
			}
		}
	})
}

// Where the network breaks, what an oracle has seen so far is no judgement, and
// what was not sent is open: the verdict says that it is not about all.
func TestReceiverThatGoesAwayWhileTheOracleLooks(t *testing.T) {
	virtual(t, func(t *testing.T) {
		c := shop(t)
		o := options(c, receivers.New(c, receivers.None, secretsOf(c)...))
		o.Only = []string{"state", "acknowledgement/latency"}
		working := o.Transport
		var mu sync.Mutex
		came := map[string]int{} // deliveries by body
		bursts := 0
		o.Transport = transport(func(r *http.Request) (*http.Response, error) {
			body, _ := io.ReadAll(r.Body)
			mu.Lock()
			if came[string(body)]++; came[string(body)] == 16 { // of twenty at once
				bursts++
			}
			down := bursts > 1
			mu.Unlock()
			if down {
				return nil, syscall.ECONNREFUSED
			}
			r.Body = io.NopCloser(strings.NewReader(string(body)))
			return working.RoundTrip(r)
		})
		r := run(t, o)
		if got := findings(r, verifier.Fail, verifier.Warn); len(got) > 0 || r.Verdict != verifier.Conformant {
			t.Errorf("%s, findings %q", r.Verdict, got)
		}
		open := 0
		for _, f := range r.Checks {
			if strings.Contains(f.Because, "since state/parallel-duplicates-once") {
				open++
			}
			if f.Name == "state/parallel-duplicates-once" && (f.Verdict != verifier.Inconclusive || !strings.Contains(f.Because, "nobody listens")) {
				t.Errorf("%s: %s, %s", f.Name, f.Verdict, f.Because)
			}
		}
		var text strings.Builder
		if err := r.Text(&text, false); err != nil || open < 8 || r.Counts.Inconclusive != open+1 || !strings.Contains(text.String(), fmt.Sprintf("conformant, as far as seen: %d checks not judged", open+1)) {
			t.Errorf("%d checks open: %v\n%s", open, err, text.String())
		}
	})
}

// Who refuses repeats while busy has not shown that it knows them.
func TestRefusedRepeatsShowNothing(t *testing.T) {
	virtual(t, func(t *testing.T) {
		c := shop(t)
		receiver := receivers.New(c, receivers.DoubleEffect, secretsOf(c)...)
		o := options(c, receiver)
		o.Only = []string{"state/parallel-duplicates-once", "state/duplicate-once"}
		var busy sync.Mutex
		o.Transport = mockserver.InProcess(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !busy.TryLock() {
				w.WriteHeader(http.StatusServiceUnavailable)
				return
			}
			defer busy.Unlock()
			time.Sleep(10 * time.Millisecond) // the others come meanwhile
			receiver.ServeHTTP(w, r)
		}))
		for _, f := range run(t, o).Checks {
			want := map[string]verifier.Verdict{"state/parallel-duplicates-once": verifier.Inconclusive, "state/duplicate-once": verifier.Fail}[f.Name]
			if want != "" && f.Verdict != want {
				t.Errorf("%s: %s, %s (%s)", f.Name, f.Verdict, f.Because, f.Received)
			}
		}
	})
}

// A receiver that the first valid event brings down was there.
func TestReceiverThatDiesOfTheFirstEvent(t *testing.T) {
	virtual(t, func(t *testing.T) {
		c := shop(t)
		var requests atomic.Int64
		r := run(t, verifier.Options{Contract: c, URL: "http://receiver.test/", Secrets: secretsOf(c), Transport: transport(func(*http.Request) (*http.Response, error) {
			if requests.Add(1) == 1 {
				return nil, io.ErrUnexpectedEOF
			}
			return nil, syscall.ECONNREFUSED
		})})
		if got := findings(r, verifier.Fail); !same(got, []string{"acknowledgement/valid-event"}) {
			t.Errorf("fails %q", got)
		}
	})
}

// later is a receiver that works a while after it has answered, or before if the
// while is nothing.
func later(c *contracts.Contract, defect receivers.Defect, wait time.Duration) (*receivers.Receiver, http.RoundTripper) {
	receiver := receivers.New(c, defect, secretsOf(c)...)
	right := receivers.New(c, receivers.None, secretsOf(c)...) // for the answer alone
	working := mockserver.InProcess(receiver)
	return receiver, mockserver.InProcess(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		again := func() *http.Request {
			in := r.Clone(context.Background())
			in.Body, in.RequestURI = io.NopCloser(strings.NewReader(string(body))), ""
			in.URL.Scheme, in.URL.Host = "http", "receiver.test"
			return in
		}
		work := func() {
			if answer, err := working.RoundTrip(again()); err == nil {
				answer.Body.Close()
			}
		}
		if wait == 0 { // a timer would race with who looks when the answer is there
			work()
		} else {
			time.AfterFunc(wait, work)
		}
		right.ServeHTTP(w, again())
	}))
}

// Effects that come later are waited for, the second one too.
func TestSettle(t *testing.T) {
	state := []string{"state/duplicate-once", "state/parallel-duplicates-once", "state/signed-anew-once", "state/lost-answer", "state/same-id-once", "state/any-sequence"}
	late := append([]string{"authenticity/no-effect"}, state...) // what is seen too late is not counted as once
	blind := append([]string{"state/after-forgery", "state/all-acknowledged-done"}, late...)
	for _, row := range []struct {
		name         string
		defect       receivers.Defect
		wait, settle time.Duration
		fails, open  []string
	}{
		{"right", receivers.None, 3 * time.Second, 5 * time.Second, nil, nil},
		{"wrong", receivers.DoubleEffect, 3 * time.Second, 5 * time.Second, state, nil},
		{"acts before it checks", receivers.EffectBeforeCheck, 3 * time.Second, 5 * time.Second, []string{"authenticity/no-effect"}, nil},
		{"too slow", receivers.None, 8 * time.Second, 5 * time.Second, nil, late},
		{"at once, and right", receivers.None, 0, 0, nil, nil},
		{"a pace that is learned, and right", receivers.None, 3 * time.Second, 0, nil, nil},
		{"a short one, and right", receivers.None, 20 * time.Millisecond, 0, nil, nil},
		{"one that is learned, and wrong", receivers.DoubleEffect, 3 * time.Second, 0, state, nil},
		{"one too slow to be learned", receivers.DoubleEffect, 8 * time.Second, 0, nil, blind},
	} {
		virtualRun(t, row.name, func(t *testing.T) {
			c := shop(t)
			receiver, working := later(c, row.defect, row.wait)
			o := options(c, receiver)
			o.Transport, o.Settle = working, row.settle
			r := run(t, slim(o))
			if got := findings(r, verifier.Fail); !same(got, row.fails) {
				t.Errorf("fails %q, want %q", got, row.fails)
			}
			if got := findings(r, verifier.Inconclusive); !same(got, row.open) {
				t.Errorf("inconclusive %q, want %q", got, row.open)
			}
			time.Sleep(time.Minute) // let the receiver finish
		})
	}
}

// Events that had effects before the run are no evidence.
func TestEventsThatTheReceiverKnows(t *testing.T) {
	virtual(t, func(t *testing.T) {
		c := shop(t)
		receiver := receivers.New(c, receivers.None, secretsOf(c)...)
		for i := range 3 { // the same seed, so the same events
			if r := run(t, options(c, receiver)); r.Counts.Pass+r.Counts.Skip != len(r.Checks) {
				t.Errorf("run %d: %+v", i+1, r.Counts)
			}
		}
		o := options(c, receiver)
		o.Oracle = verifier.OracleFunc(func(context.Context, contracts.Event, string) (int, error) { return 1, nil })
		r := run(t, o)
		if r.Counts.Inconclusive != 9 || !slices.ContainsFunc(r.Checks, func(f verifier.Result) bool { return strings.Contains(f.Because, "--seed") }) {
			t.Errorf("%+v", r.Counts)
		}
	})
}

// An oracle that cannot tell two events apart is no witness of what became of
// either, whether they had one effect or two.
func TestOracleThatTakesTwoEventsForOne(t *testing.T) {
	for _, defect := range []receivers.Defect{receivers.None, receivers.KnowsByRecord, receivers.ReadsFloats} {
		virtualRun(t, string(defect), func(t *testing.T) {
			c := provider(t, "shoptet")
			receiver := receivers.New(c, defect, secretsOf(c)...)
			o := options(c, receiver)
			o.Only = []string{"state/same-record-done", "state/near-numbers-done"}
			o.Oracle = verifier.OracleFunc(func(_ context.Context, ev contracts.Event, _ string) (int, error) {
				var asked, done struct{ EventInstance string }
				n := 0
				for _, effect := range receiver.Book() {
					if json.Unmarshal(ev.Body, &asked) == nil && json.Unmarshal(effect.Body, &done) == nil && asked == done {
						n++
					}
				}
				return n, nil
			})
			if got := findings(run(t, o), verifier.Inconclusive); !same(got, o.Only) {
				t.Errorf("inconclusive: %q, want %q", got, o.Only)
			}
		})
	}
}

// A receiver that goes on acknowledging and works no more loses events: the
// oracle, which saw effects before, is not at fault.
func TestWorkThatStops(t *testing.T) {
	virtualRun(t, "after some events", func(t *testing.T) {
		c := shop(t)
		working := receivers.New(c, receivers.None, secretsOf(c)...)
		idle := receivers.New(c, receivers.None, secretsOf(c)...)
		o := options(c, working)
		var asked atomic.Int32
		o.Transport = mockserver.InProcess(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if asked.Add(1) > 12 {
				idle.ServeHTTP(w, r)
				return
			}
			working.ServeHTTP(w, r)
		}))
		o.Events = []string{c.EventTypes()[0].Name()}
		o.Only = []string{"state/duplicate-once", "state/parallel-duplicates-once", "state/all-acknowledged-done"}
		r := run(t, o)
		if got := findings(r, verifier.Fail); !same(got, []string{"state/all-acknowledged-done"}) {
			t.Errorf("fails %q", got)
		}
	})
}
