package mockserver

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/catalog"
	"github.com/hookrig/hookrig/contracts/signature"
)

// builtin is a parcel of a built-in contract.
func builtin(t *testing.T, provider string) Parcel {
	t.Helper()
	c, err := catalog.Load(provider)
	if err != nil {
		t.Fatal(err)
	}
	return Parcel{
		Event:    contracts.Event{Type: c.EventTypes()[0], Body: []byte(`{"name":"n"}`)},
		Endpoint: Endpoint{URL: "https://shop.test/hooks", Secrets: []signature.Secret{signature.NewSecret("ann:correct horse battery staple")}},
	}
}

// The attempts at a receiver that always fails come when each provider's own
// table says, where it has one; where it has none, what we do instead is marked.
func TestBuiltInPolicies(t *testing.T) {
	const day = 24 * time.Hour
	ours := sums([]time.Duration{minutes(1), minutes(5), minutes(30), 2 * time.Hour, 12 * time.Hour})
	// The provider's table: 1, 5, 10, 30, 60, 120, 300 and 600 minutes, then daily, for 30 days.
	month := []time.Duration{minutes(1), minutes(5), minutes(10), minutes(30), minutes(60), minutes(120), minutes(300), minutes(600)}
	for at := sums(month)[8]; at+day <= 30*day; at += day {
		month = append(month, day)
	}
	for _, c := range []struct {
		provider string
		fails    int // a status that is no success
		starts   []time.Duration
		then     string
		waits    contracts.Level
		cap      contracts.Level
	}{
		{"xentral", 500, ours, contracts.Keep, contracts.Assumed, contracts.Assumed},
		{"shoptet", 201, sums([]time.Duration{minutes(15), minutes(15)}), contracts.Disable, contracts.Reported, contracts.Assumed},
		{"sellercenter", 204, sums(month), contracts.Delete, contracts.Published, contracts.Assumed},
		{"scayle", 302, ours, contracts.Keep, contracts.Assumed, contracts.Assumed},
		{"ergonode", 404, ours, contracts.Keep, contracts.Assumed, contracts.Assumed},
	} {
		for _, speed := range []float64{1, 60} {
			t.Run(fmt.Sprint(c.provider, " at speed ", speed), func(t *testing.T) {
				bubble(t, func(t *testing.T) {
					s := Start(t, Options{Transport: InProcess(answers(c.fails)), Speed: speed, Seed: 1})
					p := builtin(t, c.provider)
					o := wait(t, s.Send(p))
					if o.State != Exhausted || o.Then != c.then {
						t.Errorf("%s, then %q", o.State, o.Then)
					}
					want := slices.Clone(c.starts)
					if speed != 1 {
						scaled(want, time.Duration(speed))
					}
					if got := starts(o); fmt.Sprint(got) != fmt.Sprint(want) {
						t.Errorf("attempts at\n%v, want\n%v", got, want)
					}
					policy := p.Event.Type.Policy()
					if got := policy.Provenance("waits").Level; got != c.waits {
						t.Errorf("the waits are %s, want %s", got, c.waits)
					}
					if got := policy.Provenance("retryAfterCap").Level; got != c.cap {
						t.Errorf("the cap of Retry-After is %s, want %s", got, c.cap)
					}
				})
			})
		}
		t.Run(c.provider+" obeys Retry-After, capped", func(t *testing.T) {
			for header, want := range map[string]time.Duration{
				"7200":                          2 * time.Hour,
				"Sat, 01 Jan 2000 05:00:00 GMT": 5 * time.Hour,
				"864000":                        day,
				"soon":                          c.starts[1],
			} {
				bubble(t, func(t *testing.T) {
					s := Start(t, Options{Transport: InProcess(asking(header, 429))})
					if o := wait(t, s.Send(builtin(t, c.provider))); o.State != Delivered || starts(o)[1] != want {
						t.Errorf("Retry-After: %s: attempts at %v, %s", header, starts(o), o.Attempts[0].Reason)
					}
				})
			}
		})
	}
}

// A receiver that is away for ten minutes, in each way in which one can be, gets
// what was sent; what failed on our side is not charged to it.
func TestTenMinutesAway(t *testing.T) {
	gone := func(err error) http.RoundTripper {
		return roundTrip(func(r *http.Request) (*http.Response, error) {
			r.Body.Close()
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: err}
		})
	}
	aborting := func(w http.ResponseWriter, r *http.Request) { io.Copy(io.Discard, r.Body); panic(http.ErrAbortHandler) }
	for _, c := range []struct {
		name    string
		away    http.RoundTripper
		failure string
		ours    bool
	}{
		{"down", gone(syscall.ECONNREFUSED), "refused", false},
		{"hanging", InProcess(hanging()), "timeout", false},
		{"dripping", InProcess(http.HandlerFunc(drip)), "timeout", false},
		{"resetting", InProcess(http.HandlerFunc(aborting)), "reset", false},
		{"unreachable", gone(syscall.EHOSTUNREACH), "unreachable", false},
		{"name gone", gone(&net.DNSError{Err: "no such host", IsNotFound: true}), "dns", false},
		{"resolver gone", gone(&net.DNSError{Err: "server misbehaving", IsTemporary: true}), "resolver", true},
		{"ports exhausted", gone(syscall.EADDRNOTAVAIL), "local", true},
		{"files exhausted", gone(syscall.EMFILE), "local", true},
		{"network down", gone(syscall.ENETDOWN), "local", true},
		{"overloaded", InProcess(answers(503)), "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				begun := time.Now()
				back := InProcess(answers(200))
				s := Start(t, Options{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
					if time.Since(begun) < minutes(10) {
						return c.away.RoundTrip(r)
					}
					return back.RoundTrip(r)
				})})
				var handles []*Delivery
				for range 20 {
					handles = append(handles, s.Send(parcel(virtual, nil)))
				}
				for _, d := range handles {
					o := wait(t, d)
					charged := 0
					for _, a := range o.Attempts[:len(o.Attempts)-1] {
						if a.Failure != c.failure || a.Ours != c.ours {
							t.Fatalf("%+v", a)
						}
						if !a.Ours {
							charged++
						}
					}
					last := o.Attempts[len(o.Attempts)-1]
					if o.State != Delivered || last.Number != charged+1 || c.ours == (charged > 0) || !c.ours && charged != 2 {
						t.Fatalf("%d attempts charged: %+v", charged, o)
					}
				}
				audit(t, s)
			})
		})
	}
}

// drip answers a byte a second, for ever.
func drip(w http.ResponseWriter, r *http.Request) {
	for {
		if _, err := w.Write([]byte("x")); err != nil {
			return
		}
		w.(http.Flusher).Flush()
		select {
		case <-time.After(time.Second):
		case <-r.Context().Done():
			return
		}
	}
}

// While a secret is rotated both sign, where the scheme has room for two.
func TestRotatedSecrets(t *testing.T) {
	bubble(t, func(t *testing.T) {
		old, new := signature.NewSecret("old secret"), signature.NewSecret("new secret")
		for _, knows := range []signature.Secret{old, new} {
			inbox := NewInbox(shop(), InboxOptions{Secrets: []signature.Secret{knows}})
			s := inBubble(t, inbox)
			p := parcel(virtual, nil)
			p.Endpoint.Secrets, p.Once = nil, true
			p.Endpoint.Keys = func() []signature.Secret { return []signature.Secret{new, old} }
			if o := wait(t, s.Send(p)); o.State != Delivered {
				t.Errorf("%+v", o)
			}
			if got := inbox.Received()[0].Request.Header.Get("X-Shop-Signature"); strings.Count(got, "v1,") != 2 {
				t.Errorf("signed %q", got)
			}
		}
	})
}

// At a load of attempts in flight and of thousands that wait, the server stops
// at once; nothing is lost, and nothing is charged.
func TestStopAtLoad(t *testing.T) {
	bubble(t, func(t *testing.T) {
		const sent = 3000
		journal := NewMemory()
		o := Options{Journal: journal, Transport: InProcess(hanging()), Recall: recall(nil)}
		ctx, stop := context.WithCancel(t.Context())
		s := New(o)
		var stopped time.Time
		s.Run(ctx, func(ctx context.Context) error {
			for i := range sent {
				s.Send(parcel(fmt.Sprintf("http://e%d.test/", i%100), nil))
			}
			time.Sleep(time.Second)
			stopped = time.Now()
			stop()
			return nil
		})
		if took := time.Since(stopped); took > 0 {
			t.Errorf("it took %v", took)
		}
		interrupted := 0
		for page, err := range pages(t.Context(), NewLedger(journal), Query{}) {
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range page {
				if r.State != Waiting {
					t.Fatalf("%+v", r)
				}
				for _, a := range r.Attempts {
					if interrupted++; !a.Ours {
						t.Fatalf("charged: %+v", a)
					}
				}
			}
		}
		if interrupted < 100 {
			t.Errorf("only %d attempts were in flight", interrupted)
		}
		o.Transport = InProcess(answers(200))
		lives(t, o, func(ctx context.Context, s *Server) {
			s.Idle(ctx)
			if st := s.Stats(); st.Delivered != sent || st.Sent != sent {
				t.Errorf("%+v", st)
			}
		})
	})
}
