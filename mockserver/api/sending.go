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
	"github.com/hookrig/hookrig/mockserver"
)

// sending is the body of POST /api/v1/deliveries. What is absent is zero; the
// document allows no zero of its own but the seed's. Numbers are read as JSON
// means them: 3.0 is an integer, and up to 2^53 exact.
type sending struct {
	Provider, Event string
	To, Endpoint    string // one of them; neither: whoever has subscribed
	Secret          string
	ID, Key, Label  string
	Count           float64
	Rate            float64
	Delay           string
	Seed            *float64
	Set             map[string]json.RawMessage
	Force, Once     bool
	Tamper          tampering
}

// sent is the answer.
type sent struct {
	Run  string   `json:"run,omitempty"` // that sends them
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

// mostSent is how many deliveries one request queues itself. More are a run.
const mostSent = 10_000

// send queues what is asked for and returns when it is written down.
func (a *api) send(ctx context.Context, s *sending) (sent, error) {
	if !a.server.Running() {
		return sent{}, stopping()
	}
	t, err := a.eventType(s)
	if err != nil {
		return sent{}, err
	}
	delay, err := s.check()
	if err != nil {
		return sent{}, err
	}
	aims, release, err := a.aim(ctx, s)
	if err != nil {
		return sent{}, err
	}
	defer release()
	seed := rand.Uint64() >> 11 // every client can hold 53 bits
	if s.Seed != nil {
		seed = uint64(*s.Seed)
	}
	if n := max(int(s.Count), 1) * len(aims); n > 1 && s.ID != "" {
		return sent{}, newProblem(http.StatusUnprocessableEntity, fmt.Sprintf("%d deliveries cannot have one id", n)).
			kind("invalid-request").atBody("/id")
	}
	if s.Count*float64(len(aims)) > mostSent {
		return a.sendRun(ctx, s, seed)
	}
	events, err := a.events(s, t, seed)
	if err != nil {
		return sent{}, err
	}
	for _, to := range aims {
		if err := to.sealable(events[0], seed); err != nil {
			return sent{}, err
		}
	}
	handles := make([]*mockserver.Delivery, 0, len(events)*len(aims))
	for i, ev := range events {
		p := mockserver.Parcel{Event: ev, ID: s.ID, Key: s.Key, Label: s.Label, Once: s.Once, Delay: delay}
		if s.Rate > 0 {
			p.Delay += time.Duration(float64(i) / s.Rate * float64(time.Second))
		}
		for _, to := range aims {
			if !to.takes(ev) {
				continue
			}
			p.Endpoint, p.Tamper = to.Endpoint, to.tamper.of(seed, uint64(i), t)
			handles = append(handles, a.server.Send(p))
		}
	}
	if len(handles) == 0 {
		return sent{}, nobodyWants()
	}
	ids, err := queued(ctx, handles)
	return sent{IDs: ids, Seed: &seed}, err
}

// longestDelay of a first attempt.
const longestDelay = 90 * 24 * time.Hour

// within reads a duration of up to 90 days, 0 for "". at is its place in the body.
func within(text, at string) (time.Duration, error) {
	if text == "" {
		return 0, nil
	}
	d, err := contracts.ParseDuration(text)
	if err != nil || d > longestDelay {
		return 0, newProblem(http.StatusUnprocessableEntity, `a duration like "90s", "15m" or "1d12h", 90 days at most`).
			kind("invalid-request").atBody(at)
	}
	return d, nil
}

// check says what the document cannot.
func (s *sending) check() (delay time.Duration, err error) {
	if delay, err = within(s.Delay, "/delay"); err != nil {
		return 0, err
	}
	if p := s.Tamper.check(); p != nil {
		return 0, p
	}
	return delay, nil
}

// eventType finds what is to be sent.
func (s *Stores) eventType(in *sending) (*contracts.EventType, error) {
	c, err := s.contract(in.Provider)
	if err != nil {
		return nil, err.atBody("/provider")
	}
	t, unknown := c.EventType(in.Event)
	if unknown == nil {
		return t, nil
	}
	p := newProblem(http.StatusUnprocessableEntity, unknown.Error()).kind("unknown-event").atBody("/event").
		hint("GET /api/v1/providers/" + in.Provider + "/events")
	var e *contracts.UnknownEventError
	if errors.As(unknown, &e) {
		p.Nearest = e.Nearest
	}
	return nil, p
}

// contract finds a provider's.
func (s *Stores) contract(provider string) (*contracts.Contract, *problem) {
	names := make([]string, len(s.contracts))
	for i, c := range s.contracts {
		if names[i] = c.Provider(); names[i] == provider {
			return c, nil
		}
	}
	return nil, newProblem(http.StatusUnprocessableEntity, fmt.Sprintf("unknown provider %q", provider)).
		kind("unknown-provider").nearestTo(provider, names).hint("GET /api/v1/providers")
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

// queued waits until all deliveries are written down.
func queued(ctx context.Context, handles []*mockserver.Delivery) ([]string, error) {
	ids := make([]string, 0, len(handles))
	var failed []error
	for _, d := range handles {
		if err := d.Queued(ctx); err != nil {
			failed = append(failed, err)
			continue
		}
		ids = append(ids, d.ID())
	}
	if len(failed) == 0 {
		return ids, nil
	}
	p := notQueued(failed[0], fmt.Sprintf("the journal did not take %d of %d deliveries", len(failed), len(handles)))
	p.IDs = ids
	return nil, p
}

func notQueued(err error, detail string) *problem {
	switch {
	case errors.Is(err, mockserver.ErrStopped):
		return stopping()
	case errors.Is(err, mockserver.ErrKnown), errors.Is(err, mockserver.ErrLive):
		return newProblem(http.StatusConflict, "there is a delivery of this id already").kind("known-delivery").atBody("/id")
	case errors.Is(err, mockserver.ErrFull):
		return diskFull(detail + ": the disk is full")
	}
	return newProblem(http.StatusServiceUnavailable, fmt.Sprintf("%s: %v", detail, err))
}

func stopping() *problem {
	return newProblem(http.StatusServiceUnavailable, "the server takes no deliveries: it has not started, or it is stopping")
}
