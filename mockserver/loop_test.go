package mockserver

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/signature"
)

// starts are the attempts' starts as distances from the first.
func starts(o Outcome) []time.Duration {
	var at []time.Duration
	for _, a := range o.Attempts {
		at = append(at, a.Started.Sub(o.Attempts[0].Started))
	}
	return at
}

func TestAttemptsFollowThePolicy(t *testing.T) {
	const day = 24 * time.Hour
	table := func(waits ...time.Duration) *contracts.Policy {
		return policy(func(p *contracts.Policy) { p.Waits, p.Repeat, p.GiveUp = waits, 0, 0 })
	}
	month := []time.Duration{minutes(1), minutes(5), minutes(30), 2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 10 * time.Hour, day, day, 5 * day, 21 * day}

	for _, c := range []struct {
		name    string
		policy  *contracts.Policy
		speed   float64
		handler http.Handler
		state   State
		then    string
		starts  []time.Duration
	}{
		{"the first answer counts", nil, 0, answers(204), Delivered, "", []time.Duration{0}},
		{"until it is a success", nil, 0, answers(500, 302, 200), Delivered, "", []time.Duration{0, minutes(1), minutes(11)}},
		{"one attempt", table(), 0, answers(500), Exhausted, contracts.Disable, []time.Duration{0}},
		{"a month's table", table(month...), 0, answers(500), Exhausted, contracts.Disable, sums(month)},
		{"a month's table at speed", table(month...), 3600, answers(500), Exhausted, contracts.Disable, sums(scaled(slices.Clone(month), 3600))},
		{"repeat until giving up", nil, 0, answers(500), Exhausted, contracts.Disable,
			append([]time.Duration{0, minutes(1)}, every(time.Hour, minutes(11), day)...)},
		{"repeat until giving up, at speed", nil, 1000, answers(500), Exhausted, contracts.Disable,
			scaled(append([]time.Duration{0, minutes(1)}, every(time.Hour, minutes(11), day)...), 1000)},
		{"gone", nil, 0, answers(500, 410), Exhausted, contracts.Delete, []time.Duration{0, minutes(1)}},
		{"Retry-After in seconds", nil, 0, asking("3600", 503), Delivered, "", []time.Duration{0, time.Hour}},
		{"Retry-After over the cap", nil, 0, asking("86400", 429), Delivered, "", []time.Duration{0, 2 * time.Hour}},
		// A bubble's clock starts at midnight UTC, 2000-01-01.
		{"Retry-After as a date", nil, 0, asking("Sat, 01 Jan 2000 01:30:00 GMT", 503), Delivered, "", []time.Duration{0, minutes(90)}},
		{"time-outs are real", table(minutes(10)), 600, hanging(), Exhausted, contracts.Disable, []time.Duration{0, 6 * time.Second}},
	} {
		t.Run(c.name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				s := Start(t, Options{Transport: InProcess(c.handler), Speed: c.speed, Seed: 1})
				o := wait(t, s.Send(parcel(virtual, c.policy)))
				if o.State != c.state || o.Then != c.then || o.Reason == "" {
					t.Errorf("%s, then %q, because %q; want %s, then %q", o.State, o.Then, o.Reason, c.state, c.then)
				}
				if got := starts(o); fmt.Sprint(got) != fmt.Sprint(c.starts) {
					t.Errorf("attempts at\n%v, want\n%v", got, c.starts)
				}
				for i, a := range o.Attempts {
					if a.Number != i+1 || a.Ours || a.Reason == "" {
						t.Errorf("attempt %d: %+v", i+1, a)
					}
				}
				audit(t, s)
			})
		})
	}
}

func sums(waits []time.Duration) []time.Duration {
	at := []time.Duration{0}
	for _, w := range waits {
		at = append(at, at[len(at)-1]+w)
	}
	return at
}

func every(step, from, to time.Duration) (at []time.Duration) {
	for ; from <= to; from += step {
		at = append(at, from)
	}
	return at
}

func scaled(at []time.Duration, speed time.Duration) []time.Duration {
	for i := range at {
		at[i] /= speed
	}
	return at
}

// asking answers with a status and a Retry-After first, and then takes the delivery.
func asking(after string, status int) http.Handler {
	next := answers(status, 200)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Retry-After", after)
		next.ServeHTTP(w, r)
	})
}

// hanging never answers.
func hanging() http.Handler {
	return http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
}

// At speed, an attempt says when the next one would be due had no wait been
// shortened, how long the policy waits, and when the next one is really due.
func TestPolicyTimeAtSpeed(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := Start(t, Options{Transport: InProcess(answers(500, 500, 200)), Speed: 60})
		o := wait(t, s.Send(parcel(virtual, nil)))
		first := o.Attempts[0]
		if first.Wait != minutes(1) || !first.Next.Equal(first.Started.Add(minutes(1))) {
			t.Errorf("first attempt: wait %v, next %v", first.Wait, first.Next)
		}
		if next := o.Attempts[1].Next.Sub(first.Started); next != minutes(11) {
			t.Errorf("the third attempt is due after %v of the policy's time", next)
		}
		if second, third := o.Attempts[1], o.Attempts[2]; !second.Due.Equal(third.Started) || second.Due.Equal(second.Next) {
			t.Errorf("due %v by the clock, made %v", second.Due, third.Started)
		}
		if last := o.Attempts[2]; last.Wait != 0 || !last.Next.IsZero() || !last.Due.IsZero() {
			t.Errorf("after the last attempt: wait %v, next %v, due %v", last.Wait, last.Next, last.Due)
		}
		for _, e := range entries(t, s) {
			if e.Speed != 60 {
				t.Errorf("%s entry without its speed", e.Kind)
			}
		}
	})
}

func TestJitterStaysInBoundsAndRepeats(t *testing.T) {
	jittery := policy(func(p *contracts.Policy) { p.Waits, p.Repeat, p.GiveUp, p.Jitter = nil, time.Hour, 30*time.Hour, 0.2 })
	run := func(t *testing.T, seed uint64) (waits []time.Duration) {
		bubble(t, func(t *testing.T) {
			s := Start(t, Options{Transport: InProcess(answers(500)), Seed: seed})
			at := starts(wait(t, s.Send(parcel(virtual, jittery))))
			for i := range at[1:] {
				waits = append(waits, at[i+1]-at[i])
			}
		})
		return waits
	}
	first := run(t, 7)
	distinct := map[time.Duration]bool{}
	for _, w := range first {
		if w < 48*time.Minute || w > 72*time.Minute {
			t.Errorf("a wait of %v is not an hour ± 20 %%", w)
		}
		distinct[w] = true
	}
	if len(distinct) < len(first)-1 {
		t.Errorf("waits repeat: %v", first)
	}
	if again := run(t, 7); fmt.Sprint(again) != fmt.Sprint(first) {
		t.Errorf("the same seed makes other waits:\n%v\n%v", first, again)
	}
	if other := run(t, 8); fmt.Sprint(other) == fmt.Sprint(first) {
		t.Error("another seed makes the same waits")
	}
}

func TestOnce(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := inBubble(t, answers(500))
		p := parcel(virtual, nil)
		p.Once = true
		o := wait(t, s.Send(p))
		if o.State != Exhausted || len(o.Attempts) != 1 || o.Then != contracts.Keep {
			t.Errorf("%+v", o)
		}
	})
}

// Each attempt is signed afresh, keeps its id and its bytes, and opens.
func TestEveryAttemptIsSealedAfresh(t *testing.T) {
	bubble(t, func(t *testing.T) {
		failures := 3
		inbox := NewInbox(shop(), InboxOptions{Secrets: []signature.Secret{secret}, Respond: func(*Received) int {
			failures--
			if failures >= 0 {
				return 500
			}
			return 0
		}})
		s := inBubble(t, inbox)
		d := s.Send(parcel(virtual, nil))
		if o := wait(t, d); o.State != Delivered {
			t.Fatalf("%+v", o)
		}
		stamps := map[string]bool{}
		for _, r := range inbox.Received() {
			if r.Problem != nil || len(r.Opened.Events) != 1 || !r.Opened.Events[0].Equal(event("sold", 1)) {
				t.Errorf("%+v", r)
			}
			if r.Request.Header.Get("X-Shop-Id") != d.ID() {
				t.Errorf("the id changed to %q", r.Request.Header.Get("X-Shop-Id"))
			}
			stamps[r.Request.Header.Get("X-Shop-Timestamp")] = true
		}
		if len(stamps) != 4 {
			t.Errorf("timestamps %v, want one for each of 4 attempts", stamps)
		}
	})
}

func TestSigningTimeCanBeGiven(t *testing.T) {
	bubble(t, func(t *testing.T) {
		inbox := NewInbox(shop(), InboxOptions{Secrets: []signature.Secret{secret}})
		s := inBubble(t, inbox)
		p := parcel(virtual, nil)
		p.Once, p.Time = true, time.Now().Add(-time.Hour)
		if o := wait(t, s.Send(p)); o.Attempts[0].Status != 401 {
			t.Errorf("a stale timestamp was answered %d", o.Attempts[0].Status)
		}
	})
}

func TestMarks(t *testing.T) {
	for _, unmarked := range []bool{false, true} {
		bubble(t, func(t *testing.T) {
			inbox := NewInbox(nil, InboxOptions{})
			s := Start(t, Options{Transport: InProcess(inbox), Unmarked: unmarked})
			p := parcel(virtual, nil)
			p.Endpoint.Header = http.Header{"x-gateway": {"one", "two"}, "Content-Type": {"text/plain"}}
			wait(t, s.Send(p))
			h := inbox.Received()[0].Request.Header
			_, agent := h["User-Agent"]
			if marked := h.Get("X-Hookrig-Test") == "1" && strings.HasPrefix(h.Get("User-Agent"), "hookrig/"); marked == unmarked || agent == unmarked {
				t.Errorf("Unmarked %v: %v", unmarked, h)
			}
			if len(h["X-Gateway"]) != 2 {
				t.Errorf("the endpoint's headers are not sent: %v", h)
			}
			if h.Get("Content-Type") != "application/json" {
				t.Errorf("an endpoint's header took the place of the contract's: %v", h)
			}
		})
	}
}

func TestTamper(t *testing.T) {
	bubble(t, func(t *testing.T) {
		inbox := NewInbox(shop(), InboxOptions{Secrets: []signature.Secret{secret}})
		s := inBubble(t, inbox)
		p := parcel(virtual, nil)
		p.Tamper = Tamper{
			Name: "body altered, then the answer lost",
			Request: func(attempt int, r *contracts.Request) {
				if attempt == 1 {
					r.Body = append(r.Body[:len(r.Body):len(r.Body)], ' ')
				}
			},
			LoseAnswer: func(attempt int) bool { return attempt == 2 },
		}
		o := wait(t, s.Send(p))
		if o.State != Delivered || len(o.Attempts) != 3 {
			t.Fatalf("%+v", o)
		}
		for i, want := range []struct {
			status  int
			failure string
		}{{401, ""}, {200, "lost-answer"}, {200, ""}} {
			a := o.Attempts[i]
			if a.Status != want.status || a.Failure != want.failure || a.Tamper != p.Tamper.Name || a.Ours {
				t.Errorf("attempt %d: %+v", i+1, a)
			}
		}
		if !strings.Contains(o.Attempts[1].Reason, "timeout") {
			t.Errorf("a lost answer is not treated as a time-out: %q", o.Attempts[1].Reason)
		}
	})
}

// What cannot heal ends at once, with the error, and is not the receiver's fault.
func TestWhatCannotBeMade(t *testing.T) {
	refused := errors.New("seal")
	for _, c := range []struct {
		name   string
		change func(*Parcel)
		is     error
	}{
		{"no secret", func(p *Parcel) { p.Endpoint.Secrets = nil }, signature.ErrNoSecret},
		{"no URL", func(p *Parcel) { p.Endpoint.URL = "shop.test" }, refused},
		{"a scheme that is not HTTP", func(p *Parcel) { p.Endpoint.URL = "ftp://shop.test" }, refused},
		{"a header that splits", func(p *Parcel) { p.Endpoint.Header = http.Header{"X-A": {"1\r\nX-B: 2"}} }, refused},
		{"a header name that is none", func(p *Parcel) { p.Endpoint.Header = http.Header{"X A": {"1"}} }, refused},
		{"an id that splits", func(p *Parcel) { p.ID = "1\r\nX-B: 2" }, refused},
		{"a method that is none", func(p *Parcel) {
			p.Tamper.Request = func(_ int, r *contracts.Request) { r.Method = "PO ST" }
		}, refused},
	} {
		t.Run(c.name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				s := inBubble(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("something was sent") }))
				p := parcel(virtual, nil)
				c.change(&p)
				o, err := s.Send(p).Wait(t.Context())
				if err == nil || c.is != refused && !errors.Is(err, c.is) {
					t.Errorf("error %v", err)
				}
				if o.State != Cancelled || len(o.Attempts) != 1 || !o.Attempts[0].Ours || o.Attempts[0].Failure != "seal" {
					t.Errorf("%+v", o)
				}
				audit(t, s)
			})
		})
	}
}
