package api

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/schema"
	"github.com/hookrig/hookrig/contracts/signature"
	"github.com/hookrig/hookrig/internal/egress"
	"github.com/hookrig/hookrig/mockserver"
)

// sending is the body of POST /api/v1/deliveries. What is absent is zero; the
// document allows no zero of its own but the seed's. Numbers are read as JSON
// means them: 3.0 is an integer, and up to 2^53 exact.
type sending struct {
	Provider, Event string
	To, Endpoint    string // one of them
	Secret          string
	Count           float64
	Rate            float64
	Seed            *float64
	Set             map[string]json.RawMessage
	Force           bool
	Label           string
}

// sent is the answer.
type sent struct {
	IDs  []string `json:"ids"`
	Seed *uint64  `json:"seed,omitempty"`
}

func (a *api) sendDeliveries(w http.ResponseWriter, r *http.Request) error {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	var s sending
	if err := json.Unmarshal(body, &s); err != nil {
		return err
	}
	// Whoever has asked gets the deliveries, even if it does not wait for the ids.
	ctx := context.WithoutCancel(r.Context())
	key := r.Header.Get("Idempotency-Key")
	if key == "" {
		done, err := a.send(ctx, &s)
		if err != nil {
			return err
		}
		return reply(w, http.StatusAccepted, done)
	}
	done, again, err := a.replays.do(r.Context(), key, sha256.Sum256(body), func() (sent, error) { return a.send(ctx, &s) })
	if err != nil {
		return err
	}
	if again {
		w.Header().Set("Idempotency-Replayed", "true")
	}
	return reply(w, http.StatusAccepted, done)
}

// send queues what is asked for and returns when it is written down.
func (a *api) send(ctx context.Context, s *sending) (sent, error) {
	if !a.server.Running() {
		return sent{}, stopping()
	}
	t, err := a.eventType(s)
	if err != nil {
		return sent{}, err
	}
	target, err := a.target(s)
	if err != nil {
		return sent{}, err
	}
	seed := rand.Uint64() >> 11 // every client can hold 53 bits
	if s.Seed != nil {
		seed = uint64(*s.Seed)
	}
	events, err := a.events(s, t, seed)
	if err != nil {
		return sent{}, err
	}
	if err := sealable(events[0], target, s); err != nil {
		return sent{}, err
	}
	handles := make([]*mockserver.Delivery, len(events))
	for i, ev := range events {
		p := mockserver.Parcel{Event: ev, Endpoint: target, Label: s.Label}
		if s.Rate > 0 {
			p.Delay = time.Duration(float64(i) / s.Rate * float64(time.Second))
		}
		handles[i] = a.server.Send(p)
	}
	ids, err := queued(ctx, handles)
	return sent{IDs: ids, Seed: &seed}, err
}

// eventType finds what is to be sent.
func (a *api) eventType(s *sending) (*contracts.EventType, error) {
	c, err := a.contract(s.Provider)
	if err != nil {
		return nil, err.atBody("/provider")
	}
	t, unknown := c.EventType(s.Event)
	if unknown == nil {
		return t, nil
	}
	p := newProblem(http.StatusUnprocessableEntity, unknown.Error()).kind("unknown-event").atBody("/event").
		hint("GET /api/v1/providers/" + s.Provider + "/events")
	var e *contracts.UnknownEventError
	if errors.As(unknown, &e) {
		p.Nearest = e.Nearest
	}
	return nil, p
}

// contract finds a provider's.
func (a *api) contract(provider string) (*contracts.Contract, *problem) {
	names := make([]string, len(a.contracts))
	for i, c := range a.contracts {
		if names[i] = c.Provider(); names[i] == provider {
			return c, nil
		}
	}
	return nil, newProblem(http.StatusUnprocessableEntity, fmt.Sprintf("unknown provider %q", provider)).
		kind("unknown-provider").nearestTo(provider, names).hint("GET /api/v1/providers")
}

// target is where the deliveries go, with the keys by name.
func (a *api) target(s *sending) (mockserver.Endpoint, error) {
	e := endpoint{URL: s.To}
	switch {
	case (s.To == "") == (s.Endpoint == ""):
		return mockserver.Endpoint{}, newProblem(http.StatusUnprocessableEntity, `say where to: either "to", a URL, or "endpoint", a name`).
			kind("invalid-request").atBody("")
	case s.Endpoint != "":
		var ok bool
		if e, ok = a.endpoints.get(s.Endpoint); !ok {
			return mockserver.Endpoint{}, newProblem(http.StatusUnprocessableEntity, fmt.Sprintf("unknown endpoint %q", s.Endpoint)).
				kind("unknown-endpoint").atBody("/endpoint").nearestTo(s.Endpoint, a.endpoints.names()).hint("PUT /api/v1/endpoints/" + s.Endpoint)
		}
	default:
		if p := checkURL(s.To, "/to"); p != nil {
			return mockserver.Endpoint{}, p
		}
	}
	if s.Secret != "" {
		e.Secret = s.Secret
	}
	out := mockserver.Endpoint{Name: s.Endpoint, URL: e.URL, Header: e.Header}
	if e.Secret == "" {
		return out, nil
	}
	if _, ok := a.secrets.get(e.Secret); !ok {
		return out, newProblem(http.StatusUnprocessableEntity, fmt.Sprintf("unknown secret %q", e.Secret)).
			kind("unknown-secret").atBody("/secret").nearestTo(e.Secret, a.secrets.Names()).hint("PUT /api/v1/secrets/" + e.Secret)
	}
	out.Keys = func() []signature.Secret {
		if secret, ok := a.secrets.get(e.Secret); ok {
			return []signature.Secret{secret}
		}
		return nil // forgotten meanwhile: the delivery ends, and says so
	}
	return out, nil
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

// events are the bodies to send. What was set may break the contract only by force.
func (a *api) events(s *sending, t *contracts.EventType, seed uint64) ([]contracts.Event, error) {
	event, err := a.fake(t, seed, s.Set)
	if err != nil {
		return nil, notSet(err)
	}
	events := make([]contracts.Event, max(int(s.Count), 1))
	for i := range events {
		ev := event(uint64(i))
		if len(s.Set) > 0 && !s.Force {
			violations, err := t.Validate(ev.Body)
			if err != nil {
				return nil, err
			}
			if len(violations) > 0 {
				return nil, breaksContract(s.Set, violations)
			}
		}
		events[i] = ev
	}
	return events, nil
}

func notSet(err error) *problem {
	p := newProblem(http.StatusUnprocessableEntity, err.Error())
	var set *SetError
	if !errors.As(err, &set) {
		return p.kind("invalid-request").atBody("/set")
	}
	p.kind("unknown-pointer").atBody("/set/" + schema.Escape(set.Pointer)).Nearest = set.Nearest
	return p
}

func breaksContract(set map[string]json.RawMessage, violations []contracts.Violation) *problem {
	p := newProblem(http.StatusUnprocessableEntity, "with these values the event breaks its contract").
		kind("breaks-contract").hint(`"force": true`)
	for _, v := range violations {
		at := "/set" // or the value that holds the broken one
		for _, pointer := range slices.Sorted(maps.Keys(set)) {
			if v.Pointer == pointer || strings.HasPrefix(v.Pointer, pointer+"/") {
				at = "/set/" + schema.Escape(pointer)
			}
		}
		says := v.String()
		if !slices.ContainsFunc(p.Errors, func(f flaw) bool { return f.Detail == says }) { // two schemas may say the same
			p.Errors = append(p.Errors, bodyFlaw(at, says))
		}
	}
	return p
}

// sealable seals one event to see whether it can be: what would end every
// delivery is better said now.
func sealable(ev contracts.Event, e mockserver.Endpoint, s *sending) error {
	o := contracts.SealOptions{URL: e.URL, ID: "dlv_", Time: time.Now()}
	if e.Keys != nil {
		o.Secrets = e.Keys()
	}
	_, err := ev.Type.Contract().Seal(ev, o)
	var target *contracts.TargetError
	var secret *signature.SecretError
	switch p := newProblem(http.StatusUnprocessableEntity, fmt.Sprint(err)); {
	case err == nil:
		return nil
	case errors.Is(err, signature.ErrNoSecret):
		return p.kind("secret-required").atBody("/secret").
			hint(fmt.Sprintf(`PUT /api/v1/secrets/%s, then "secret": %q`, s.Provider, s.Provider))
	case errors.As(err, &secret):
		return p.kind("invalid-secret").atBody("/secret")
	case errors.As(err, &target):
		p.Detail = "target: " + target.Reason // without the URL: it may hold credentials
		return p.kind("invalid-target").atBody(map[bool]string{true: "/to", false: "/endpoint"}[s.Endpoint == ""])
	default:
		return p.kind("not-sealable").atBody("")
	}
}

// queued waits until all deliveries are written down.
func queued(ctx context.Context, handles []*mockserver.Delivery) ([]string, error) {
	ids := make([]string, len(handles))
	var failed []error
	for i, d := range handles {
		ids[i] = d.ID()
		if err := d.Queued(ctx); err != nil {
			failed = append(failed, err)
		}
	}
	switch {
	case len(failed) == 0:
		return ids, nil
	case errors.Is(failed[0], mockserver.ErrStopped):
		return nil, stopping()
	}
	return nil, newProblem(http.StatusServiceUnavailable,
		fmt.Sprintf("the journal did not take %d of %d deliveries: %v", len(failed), len(handles), failed[0]))
}

func stopping() *problem {
	return newProblem(http.StatusServiceUnavailable, "the server takes no deliveries: it has not started, or it is stopping")
}
