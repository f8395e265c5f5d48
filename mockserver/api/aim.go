package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/signature"
	"github.com/hookrig/hookrig/internal/egress"
	"github.com/hookrig/hookrig/mockserver"
	"github.com/hookrig/hookrig/mockserver/registration"
)

// aim is where the deliveries of a request go.
type aim struct {
	mockserver.Endpoint
	at     string // the member of the request that says so
	tamper tampering
	wants  func(body []byte) bool // whether it takes an event; nil: it takes all
}

// takes reports whether an event goes there.
func (to *aim) takes(ev contracts.Event) bool { return to.wants == nil || to.wants(ev.Body) }

// aim finds out where to. What was found cannot be forgotten before release is
// called.
func (a *api) aim(ctx context.Context, s *sending) (to []aim, release func(), err error) {
	release = func() {}
	if s.Secret != "" && !a.hasSecret(s.Secret) {
		p := a.unknownSecret(http.StatusUnprocessableEntity, s.Secret).atBody("/secret")
		return nil, nil, p.hint(`PUT /api/v1/secrets/NAME, then "secret": "NAME"`)
	}
	switch {
	case s.To != "" && s.Endpoint != "":
		return nil, nil, newProblem(http.StatusUnprocessableEntity,
			`say where to: "to", a URL, or "endpoint", a name, or neither for whoever has subscribed`).kind("invalid-request").atBody("")
	case s.Endpoint != "":
		to, err = a.aimAtEndpoint(s)
	case s.To != "":
		to, release, err = a.aimAtURL(ctx, s)
	default:
		to, err = a.aimAtSubscribers(s)
	}
	for i := range to {
		to[i].tamper = firstOf(s.Tamper, to[i].tamper, a.chaos)
	}
	return to, release, err
}

func (s *Stores) aimAtEndpoint(in *sending) ([]aim, error) {
	whole, err := s.toEndpoint(in.Endpoint, in.Secret)
	var p *problem
	if errors.As(err, &p) {
		return nil, p.atBody("/endpoint")
	}
	e, _ := s.endpoints.get(in.Endpoint)
	if e.Secret != "" && in.Secret == "" && !s.hasSecret(e.Secret) {
		return nil, s.unknownSecret(http.StatusUnprocessableEntity, e.Secret).atBody("/endpoint").
			hint("PUT the secret that the endpoint names: GET /api/v1/endpoints/" + in.Endpoint)
	}
	return []aim{{Endpoint: whole, at: "/endpoint", tamper: e.Tamper}}, err
}

func (a *api) aimAtURL(ctx context.Context, s *sending) ([]aim, func(), error) {
	if p := checkURL(s.To, "/to"); p != nil {
		return nil, nil, p
	}
	if a.targets.full() {
		if err := a.targets.sweep(ctx, a.ledger); err != nil {
			return nil, nil, err
		}
	}
	id, release, err := a.targets.hold(s.To)
	if err != nil {
		return nil, nil, err
	}
	return []aim{{Endpoint: a.toURL(s.To, id, s.Secret), at: "/to"}}, release, nil
}

func (s *Stores) aimAtSubscribers(in *sending) (to []aim, err error) {
	if in.Secret != "" {
		return nil, newProblem(http.StatusUnprocessableEntity, `subscriptions have secrets of their own: "secret" goes with "to" or "endpoint"`).
			kind("invalid-request").atBody("/secret")
	}
	for _, sub := range s.subs.Matching(in.Provider, in.Event) {
		e, err := s.subs.Endpoint(sub.ID)
		if errors.Is(err, registration.ErrUnknown) {
			continue // deleted meanwhile
		}
		if err != nil {
			return nil, newProblem(http.StatusUnprocessableEntity, err.Error()).kind("incomplete-subscription").atBody("").
				hint("DELETE /api/v1/subscriptions/" + sub.ID)
		}
		to = append(to, aim{Endpoint: e, wants: func(body []byte) bool { return s.subs.Wants(sub, body) }})
	}
	if len(to) == 0 {
		return nil, newProblem(http.StatusUnprocessableEntity, "nobody has subscribed to this event").kind("nobody-subscribed").atBody("").
			hint(`POST /api/v1/subscriptions, or say where to: "to": "http://localhost:3000/hooks"`)
	}
	return to, nil
}

func nobodyWants() *problem {
	return newProblem(http.StatusUnprocessableEntity, "whoever has subscribed to this event filters it out").kind("nobody-subscribed").atBody("").
		hint(`"set" the members that the filters look at`)
}

func hasUserinfo(raw string) bool {
	u, err := url.Parse(raw)
	return err == nil && u.User != nil
}

func checkURL(raw, pointer string) *problem {
	_, err := egress.CheckURL(raw)
	if err == nil {
		return nil
	}
	return newProblem(http.StatusUnprocessableEntity, err.Error()).kind("invalid-target").atBody(pointer).hint(hintOf(err))
}

func hintOf(err error) string {
	var hinted interface{ Hint() string }
	if errors.As(err, &hinted) {
		return hinted.Hint()
	}
	return ""
}

// sealable seals one event to see whether it can be: what would end every
// delivery is better said now.
func (to *aim) sealable(ev contracts.Event, seed uint64) error {
	scheme, _ := ev.Type.Contract().Signature()
	o := contracts.SealOptions{URL: to.URL, ID: "dlv_", Time: time.Now()}
	if to.Keys != nil {
		o.Secrets = to.Keys()
	}
	_, err := ev.Type.Contract().Seal(ev, o)
	if err != nil {
		return to.notSealable(err)
	}
	if to.tamper.name == "" {
		return nil // a rate passes over what it does not concern
	}
	if t := to.tamper.of(seed, 0, ev.Type); t.Seal != nil {
		if err := t.Seal(1, scheme, &o); err != nil {
			return newProblem(http.StatusUnprocessableEntity, err.Error()).kind("not-sealable").atBody("/tamper").hint("GET /api/v1/tampers")
		}
	}
	return nil
}

func (to *aim) notSealable(err error) *problem {
	p := newProblem(http.StatusUnprocessableEntity, fmt.Sprint(err))
	secretAt := "/secret"
	if id, ok := registration.IDOfRef(to.Ref); ok {
		p.Detail, secretAt = fmt.Sprintf("subscription %q: %v", id, err), ""
	}
	var target *contracts.TargetError
	var secret *signature.SecretError
	switch {
	case errors.Is(err, signature.ErrNoSecret):
		return p.kind("secret-required").atBody(secretAt).hint(`PUT /api/v1/secrets/NAME, then "secret": "NAME"`)
	case errors.As(err, &secret):
		return p.kind("invalid-secret").atBody(secretAt)
	case errors.As(err, &target):
		p.Detail = "target: " + target.Reason // without the URL: it may hold credentials
		return p.kind("invalid-target").atBody(to.at)
	default:
		return p.kind("not-sealable").atBody("")
	}
}
