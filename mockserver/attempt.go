package mockserver

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/hookrig/hookrig/contracts"
)

// defaultTimeout is for a policy that has none: an attempt always has a deadline.
const defaultTimeout = 30 * time.Second

// Attempt is one try. The receiver answered if Failure is empty; a Status beside
// a Failure is an answer that did not arrive in full, or that a Tamper discarded.
type Attempt struct {
	Number  int           `json:"number"`           // from 1; an attempt that is Ours does not use its number up
	Started time.Time     `json:"started"`          // real time
	Took    time.Duration `json:"took"`             // real time, to the last byte that was read
	Request RequestLine   `json:"request,omitzero"` // zero until it was made
	Status  int           `json:"status,omitempty"`
	Header  http.Header   `json:"header,omitempty"` // up to 16 KiB
	Body    []byte        `json:"body,omitempty"`   // up to Options.BodyLimit
	Sent    bool          `json:"sent,omitempty"`   // the request was written in full: whatever the Failure, the receiver may have acted on it
	// Failure says why there is no answer. Of the receiver: "timeout", "refused" (nothing listens), "reset", "eof" (closed
	// without an answer), "unreachable", "dns" (no such host), "tls", "protocol" (the answer is no HTTP), "lost-answer" (by a
	// Tamper), "tampered" (a Tamper broke the connection; with Ours: nothing was sent). Ours: "interrupted", "unknown" (the program ended during the attempt), "egress" (an address that may not be dialled), "seal" (the request could not be made),
	// "resolver", "local" (no ports, files, memory or network on this machine).
	Failure string `json:"failure,omitempty"`
	Detail  string `json:"detail,omitempty"` // the failure in the system's words
	// Ours marks failures that are not the receiver's: a refused address, a shutdown, a broken resolver.
	Ours   bool   `json:"ours,omitempty"`
	Reason string `json:"reason,omitempty"` // of the step that followed; and that the receiver may have had the request, where it gave no answer
	Tamper string `json:"tamper,omitempty"`
	// Connection is what was used; nil where none was had, by a transport that has none, and at a high rate.
	Connection *Connection   `json:"connection,omitempty"`
	Wait       time.Duration `json:"wait,omitempty"` // before the next attempt, as the policy says it: Options.Speed not applied
	Next       time.Time     `json:"next,omitzero"`  // when the next attempt is due by the policy's time, in which no wait was shortened by Options.Speed
	Due        time.Time     `json:"due,omitzero"`   // the same in real time
}

// RequestLine is what was sent, without secrets and bodies.
type RequestLine struct {
	Method string      `json:"method"`
	URL    string      `json:"url"`    // without userinfo
	Header http.Header `json:"header"` // signature and authorization redacted
}

// attempt seals, sends and reads the answer. The reply is what the policy gets
// to see of it; the error is that of a failure.
func (s *Server) attempt(ctx context.Context, d *Delivery, n int) (*Attempt, contracts.Reply, error) {
	p := &d.parcel
	t := p.Tamper.on(n)
	a := &Attempt{Number: n, Started: s.clock.now(), Tamper: t.Name}
	if t.Drop {
		a.Failure, a.Ours, a.Detail = failTampered, true, "nothing was sent"
		return a, contracts.Reply{Failure: failTampered}, nil
	}
	way, err := s.way(ctx, p.Endpoint, &t)
	if err != nil {
		a.Failure, a.Ours, a.Detail = failSeal, true, err.Error()
		return a, contracts.Reply{Failure: failSeal}, err
	}
	req, to, err := s.request(d, a, &t)
	if err != nil {
		a.Failure, a.Ours, a.Detail = failSeal, true, err.Error()
		return a, contracts.Reply{Failure: failSeal}, err
	}
	timeout := d.policy.Timeout
	if timeout <= 0 {
		timeout = defaultTimeout
	}
	got := s.courier.exchange(way, a.Started.Add(timeout), to, req)
	s.redactor.hide(req.Header, s.mannersOf(p.Event.Type).signature, p.Endpoint.Header) // it is sent, and is ours again
	a.Request = RequestLine{Method: req.Method, URL: to.shown, Header: req.Header}
	a.Took = s.clock.now().Sub(a.Started)
	a.Status, a.Header, a.Body, a.Sent, a.Connection = got.status, got.header, got.body, got.sent, got.over

	if got.err != nil {
		a.Failure, a.Ours = classify(got.err)
		if ctx.Err() != nil { // then nobody can tell what would have happened
			a.Failure, a.Ours = failInterrupted, true
		}
		a.Detail = got.err.Error()
		if got.sent {
			a.Reason = "the request was sent in full"
		}
		return a, contracts.Reply{Failure: a.Failure}, got.err
	}
	if lose := t.LoseAnswer; lose != nil && lose(n) {
		a.Failure = failLostAnswer
		return a, contracts.Reply{Failure: failTimeout}, nil
	}
	return a, contracts.Reply{Status: a.Status, RetryAfter: a.Header.Get("Retry-After")}, nil
}

// request is the sealed event with everything else that is sent, and tampered with,
// and where it goes.
func (s *Server) request(d *Delivery, a *Attempt, t *Tamper) (*contracts.Request, *aim, error) {
	p := &d.parcel
	at := p.Time
	if at.IsZero() {
		at = a.Started
	}
	contract := p.Event.Type.Contract()
	o := contracts.SealOptions{URL: p.Endpoint.URL, Target: s.targets.of(p.Endpoint.URL, parseTarget), Secrets: p.Endpoint.keys(), ID: d.id, Time: at}
	if t.Seal != nil {
		scheme, _ := contract.Signature()
		if err := t.Seal(a.Number, scheme, &o); err != nil {
			return nil, nil, fmt.Errorf("tamper %q: %w", t.Name, err)
		}
	}
	req, err := contract.Seal(p.Event, o)
	var target *contracts.TargetError
	switch {
	case errors.As(err, &target): // it repeats the URL
		return nil, nil, &contracts.TargetError{URL: RedactURL(target.URL), Reason: target.Reason}
	case err != nil:
		return nil, nil, err
	}
	for name, values := range p.Endpoint.Header {
		if key := http.CanonicalHeaderKey(name); req.Header[key] == nil {
			req.Header[key] = slices.Clone(values)
		}
	}
	s.courier.mark(req.Header)
	if t.Request != nil {
		req.Header = req.Header.Clone() // its values may be shared
		t.Request(a.Number, req)
	}
	to := s.courier.aim(req.URL)
	if err := sendable(to, req); err != nil {
		return nil, nil, fmt.Errorf("the request cannot be sent: %w", err)
	}
	return req, to, nil
}

// parseTarget is nil for a URL that Seal will refuse.
func parseTarget(raw string) *contracts.Target {
	t, err := contracts.ParseTarget(raw)
	if err != nil {
		return nil
	}
	return t
}
