package api

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/mockserver"
)

// plan is when to send and what: the body of PUT /api/v1/schedules/{name} and of
// POST /api/v1/runs, and what the shelf has of it. What a share of the mix does
// not say, the plan says for all of them.
type plan struct {
	mockserver.Schedule
	Provider string                     `json:"provider,omitempty"`
	Event    string                     `json:"event,omitempty"`
	To       string                     `json:"to,omitempty"`     // neither To nor Endpoint: whoever has subscribed
	Hidden   string                     `json:"hidden,omitempty"` // id of To among the targets, where it has credentials: To is then what may be shown
	Endpoint string                     `json:"endpoint,omitempty"`
	Secret   string                     `json:"secret,omitempty"`
	Key      string                     `json:"key,omitempty"`
	Once     bool                       `json:"once,omitempty"`
	Set      map[string]json.RawMessage `json:"set,omitempty"`
	Force    bool                       `json:"force,omitempty"`
	Tamper   tampering                  `json:"tamper,omitzero"`
	// World, in place of a pattern and of events, describes a shop whose events are sent as it lives.
	World     json.RawMessage   `json:"world,omitempty"`
	Endpoints map[string]string `json:"endpoints,omitempty"` // of a world, by provider; of one that is not here: whoever has subscribed
}

// readPlan reads a body that the document has let pass. A seed that is absent is
// drawn now, so that each restart goes on with the same.
func readPlan(r *http.Request) (p plan, err error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return p, err
	}
	if err := json.Unmarshal(body, &p); err != nil {
		// Where JSON and Go differ: 3.0 is an integer, a duration may be too long.
		problem := newProblem(http.StatusUnprocessableEntity, "a number or a duration cannot be read").kind("invalid-request")
		var typ *json.UnmarshalTypeError
		if errors.As(err, &typ) {
			return p, problem.atBody("").hint("write integers without a fraction")
		}
		return p, problem.atBody("").hint("write durations as 10s, 15m, 2h or 30d")
	}
	p.Seed = cmp.Or(p.Seed, 1+rand.Uint64()>>11) // every client can hold 53 bits
	return p, nil
}

// sending is what a share of the plan sends.
func (p *plan) sending(share mockserver.Share) sending {
	s := sending{
		Provider: cmp.Or(share.Provider, p.Provider), Event: cmp.Or(share.Event, p.Event),
		Endpoint: share.Endpoint, Secret: p.Secret, Set: p.Set, Force: p.Force, Tamper: p.Tamper,
	}
	if s.Endpoint == "" {
		s.Endpoint, s.To = p.Endpoint, p.To
	}
	return s
}

// checkPlan says what is wrong with a plan: what would be refused each time is
// better said now. That nobody has subscribed yet is no mistake.
func (a *api) checkPlan(ctx context.Context, p *plan) error {
	if p.World != nil {
		return a.checkWorld(p)
	}
	if len(p.Endpoints) > 0 {
		return newProblem(http.StatusUnprocessableEntity, "endpoints by provider belong to a world").kind("invalid-request").atBody("/endpoints")
	}
	var wrong *mockserver.ScheduleError
	if err := p.Schedule.Check(); errors.As(err, &wrong) {
		return newProblem(http.StatusUnprocessableEntity, wrong.Message).kind("invalid-request").hint(wrong.Hint()).atBody(wrong.Pointer)
	} else if err != nil {
		return err
	}
	if len(p.Mix) == 0 {
		return a.checkShare(ctx, p, mockserver.Share{})
	}
	if p.Event != "" {
		return newProblem(http.StatusUnprocessableEntity, `say what to send: either "event" or "mix"`).kind("invalid-request").atBody("/event")
	}
	for i, share := range p.Mix {
		if err := a.checkShare(ctx, p, share); err != nil {
			at := fmt.Sprintf("/mix/%d", i)
			for member, given := range map[string]string{"/provider": share.Provider, "/event": share.Event, "/endpoint": share.Endpoint} {
				if given != "" {
					err = moved(err, member, at+member)
				}
			}
			return err
		}
	}
	return nil
}

func (a *api) checkShare(ctx context.Context, p *plan, share mockserver.Share) error {
	s := p.sending(share)
	if s.Provider == "" || s.Event == "" {
		return newProblem(http.StatusUnprocessableEntity, `say what to send: "provider" and "event", or a "mix" of them`).
			kind("invalid-request").atBody("").hint(`"provider": "acme", "event": "order.created"`)
	}
	t, err := a.eventType(&s)
	if err != nil {
		return err
	}
	if _, err := s.check(); err != nil {
		return err
	}
	events, err := a.events(&s, t, p.Seed)
	if err != nil {
		return err
	}
	if s.To != "" {
		if s.To, err = a.urlOf(p); err != nil {
			return err
		}
	}
	aims, release, err := a.aim(ctx, &s)
	if isNobodySubscribed(err) {
		return nil
	}
	if err != nil {
		return err
	}
	defer release()
	for i := range aims {
		if err := aims[i].sealable(events[0], p.Seed); err != nil {
			return err
		}
	}
	return nil
}

func isNobodySubscribed(err error) bool {
	var p *problem
	return errors.As(err, &p) && p.Type == "urn:hookrig:problem:nobody-subscribed"
}

// urlOf is a plan's To with its credentials.
func (a *api) urlOf(p *plan) (string, error) {
	if p.Hidden == "" {
		return p.To, nil
	}
	url, ok := a.targets.url(p.Hidden)
	if !ok {
		return "", newProblem(http.StatusUnprocessableEntity, "the store of secrets does not have the credentials of the URL any more").
			kind("invalid-target").atBody("/to").hint("put the schedule again")
	}
	return url, nil
}

// maker makes the events of a plan. A run asks it from one goroutine.
func (a *api) maker(p *plan) mockserver.Maker {
	type name struct{ provider, event string }
	made := map[name]func(uint64) contracts.Event{}
	return func(index uint64, share mockserver.Share) (mockserver.Parcel, error) {
		s := p.sending(share)
		t, err := a.eventType(&s)
		if err != nil {
			return mockserver.Parcel{}, err
		}
		event := made[name{s.Provider, s.Event}]
		if event == nil {
			if event, err = a.fake(t, p.Seed, p.Set); err != nil {
				return mockserver.Parcel{}, err
			}
			made[name{s.Provider, s.Event}] = event
		}
		ev := event(index)
		to, err := a.planned(p, &s, ev)
		if err != nil {
			return mockserver.Parcel{}, err
		}
		if len(p.Set) > 0 && !p.Force {
			if violations, err := t.Validate(ev.Body); err != nil || len(violations) > 0 {
				return mockserver.Parcel{}, errors.Join(err, errors.New("with the values of set the event breaks its contract"))
			}
		}
		return mockserver.Parcel{Event: ev, Endpoint: to.Endpoint, Key: p.Key, Once: p.Once, Tamper: to.tamper.of(p.Seed, index, t)}, nil
	}
}

// planned is where the events of a share go now; of several subscriptions the
// first that takes it: see [api.fanOut].
func (a *api) planned(p *plan, s *sending, ev contracts.Event) (aim, error) {
	if s.To != "" && s.Endpoint == "" { // held since the plan was made
		url, err := a.urlOf(p)
		return aim{Endpoint: a.toURL(url, p.Hidden, p.Secret), tamper: firstOf(p.Tamper, a.chaos)}, err
	}
	aims, release, err := a.aim(context.Background(), s)
	if err != nil {
		return aim{}, err
	}
	release()
	for _, to := range aims {
		if to.takes(ev) {
			return to, nil
		}
	}
	return aim{}, nobodyWants()
}
