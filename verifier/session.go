package verifier

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"strconv"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/signature"
	"github.com/hookrig/hookrig/faker"
	"github.com/hookrig/hookrig/mockserver"
)

// session is a run: it sends what the checks want and remembers what the
// oracle said. It judges nothing.
type session struct {
	options Options
	faker   *faker.Faker
	server  *mockserver.Server
	journal *mockserver.Memory
	planned []*check
	scope   []*contracts.EventType

	current   *check
	ordinal   uint64 // of the next event of the current check
	baselined bool   // the baseline was accepted
	start     time.Time
	skipped   map[string]string
	sightings []Sighting
}

// Sighting is what the oracle said of one event at one moment.
type Sighting struct {
	Check    string `json:"check"`
	Role     string `json:"role"`
	Delivery string `json:"delivery"`
	Effects  int    `json:"effects"`
	Error    string `json:"error,omitempty"`
}

// conduct runs the planned checks one after the other.
func (s *session) conduct(ctx context.Context) error {
	for i, c := range s.planned {
		if s.options.Progress != nil {
			s.options.Progress(i, len(s.planned), c.name)
		}
		s.current, s.ordinal = c, ordinalOf(c.name)
		if reason := s.reasonToSkip(c); reason != "" {
			s.skipped[c.name] = reason
			continue
		}
		if c.act == nil { // judges what the others sent
			continue
		}
		if err := c.act(ctx, s); err != nil {
			return err
		}
		if c.name == baseline {
			if err := s.reached(ctx); err != nil {
				return err
			}
			continue
		}
		if c.hostile {
			if _, err := s.send(ctx, roleAlive, s.event(0), sending{}); err != nil {
				return err
			}
		}
	}
	if s.options.Progress != nil {
		s.options.Progress(len(s.planned), len(s.planned), "")
	}
	return nil
}

func (s *session) reasonToSkip(c *check) string {
	if c.name == baseline {
		return ""
	}
	if !s.baselined && c.act != nil {
		return "valid events are refused, so no later answer would mean anything"
	}
	if c.applies == nil {
		return ""
	}
	return c.applies(s)
}

// ordinalOf gives every check events of its own that no other check moves.
func ordinalOf(name string) uint64 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(name))
	return uint64(h.Sum32()) << 8
}

// reached looks at the baseline: was anybody there, and did they accept?
func (s *session) reached(ctx context.Context) error {
	exchanges, err := s.exchanges(ctx)
	if err != nil {
		return err
	}
	s.baselined = true
	for _, x := range exchanges {
		a := x.last()
		if a == nil || (a.Ours && a.Failure != "egress") {
			return &UnreachableError{Target: targetOf(s.options.URL), Reason: detail(a)}
		}
		if s.start.IsZero() {
			s.start = a.Started
		}
		if unreachable(a) {
			return &UnreachableError{Target: targetOf(s.options.URL), Reason: detail(a)}
		}
		if rule := successRule(x.policy); !rule.accepts(a) {
			s.baselined = false
		}
	}
	return nil
}

// unreachable tells a receiver that is not there from one that misbehaves: of
// the latter it is known that it had the request.
func unreachable(a *mockserver.Attempt) bool {
	switch a.Failure {
	case "refused", "dns", "tls", "unreachable", "egress":
		return true
	case "timeout":
		return !a.Sent
	}
	return false
}

func detail(a *mockserver.Attempt) string {
	switch {
	case a == nil:
		return "nothing was sent"
	case a.Detail != "":
		return a.Detail
	}
	return a.Failure
}

// Roles of deliveries within a check.
const (
	roleValid    = "valid"    // as the provider sends it: the receiver has to accept it
	roleProbe    = "probe"    // what the check is about
	roleRepeated = "repeated" // the probe again
	roleAlive    = "alive"    // a valid event after hostile ones
)

// sending says how a delivery differs from what the provider does.
type sending struct {
	tamper  mockserver.Tamper
	secrets []signature.Secret // instead of the run's
	at      time.Time          // signing time
	id      string             // to repeat a delivery
	retry   bool               // a second attempt where the first has no good answer
}

// retryPause stands for the provider's own wait before it tries again, which
// lasts minutes to hours.
const retryPause = 100 * time.Millisecond

// send delivers one event and waits for the end. The delivery's id is
// returned. The error means that we could not send.
func (s *session) send(ctx context.Context, role string, ev contracts.Event, how sending) (string, error) {
	secrets := s.options.Secrets
	if how.secrets != nil {
		secrets = how.secrets
	}
	policy := ev.Type.Policy()
	policy.Waits, policy.Repeat, policy.GiveUp, policy.RetryAfterCap = nil, 0, 0, 0
	if how.retry {
		policy.Waits = []time.Duration{retryPause}
	}
	d := s.server.Send(mockserver.Parcel{
		Event:    ev,
		Endpoint: mockserver.Endpoint{URL: s.options.URL, Secrets: secrets},
		ID:       how.id,
		Label:    s.current.name + " " + role,
		Policy:   &policy,
		Time:     how.at,
		Tamper:   how.tamper,
	})
	if _, err := d.Wait(ctx); err != nil {
		return "", err
	}
	return d.ID(), nil
}

// event is a fresh event of the scope's type number n, counted around.
func (s *session) event(n int) contracts.Event {
	t := s.scope[n%len(s.scope)]
	ev, err := s.faker.Event(t.Name(), faker.Nth(s.ordinal))
	if err != nil { // New has proven every selected event
		panic("verifier: " + err.Error())
	}
	s.ordinal++
	return ev
}

// freshTries is how many events are tried to find one that the receiver has
// not seen.
const freshTries = 20

var errNotFresh = errors.New("the receiver already knows the events of this seed: choose another --seed")

// unseen is an event of which the oracle says that it had no effect yet. An
// oracle that cannot be asked is noted as a sighting; ok is false then.
func (s *session) unseen(ctx context.Context) (ev contracts.Event, ok bool) {
	if s.options.Oracle == nil {
		return s.event(0), false
	}
	var err error
	for range freshTries {
		ev = s.event(0)
		var n int
		if n, err = s.options.Oracle.Effects(ctx, ev, ""); err == nil && n == 0 {
			return ev, true
		}
		if err != nil {
			break
		}
		err = errNotFresh
	}
	s.sightings = append(s.sightings, Sighting{Check: s.current.name, Role: roleProbe, Error: err.Error()})
	return ev, false
}

// settlePause is the time between two looks at the oracle.
const settlePause = 100 * time.Millisecond

// look asks the oracle until two answers in a row agree or the time is up.
func (s *session) look(ctx context.Context, role string, ev contracts.Event, id string) {
	n, err := s.options.Oracle.Effects(ctx, ev, id)
	waiting, cancel := context.WithTimeout(ctx, s.options.Settle)
	defer cancel()
	for steady := 0; err == nil && s.options.Settle > 0 && steady < 2; {
		pause, stop := context.WithTimeout(waiting, settlePause)
		<-pause.Done()
		stop()
		if waiting.Err() != nil {
			break
		}
		var again int
		if again, err = s.options.Oracle.Effects(ctx, ev, id); again == n {
			steady++
		} else {
			n, steady = again, 0
		}
	}
	seen := Sighting{Check: s.current.name, Role: role, Delivery: id, Effects: n}
	if err != nil {
		seen.Error = err.Error()
	}
	s.sightings = append(s.sightings, seen)
}

// gather is the evidence of the run.
func (s *session) gather(ctx context.Context) (*Evidence, error) {
	o := s.options
	e := &Evidence{
		Contract: o.Contract.Digest(), Target: targetOf(o.URL), Seed: o.Seed, Skipped: s.skipped,
		Oracle: o.Oracle != nil, Sightings: s.sightings, Selected: len(o.Events) > 0,
		ContractArg: o.ContractArg, SecretEnv: o.SecretEnv, ExtraArgs: o.ExtraArgs,
	}
	for _, t := range s.scope {
		e.Scope = append(e.Scope, t.Name())
	}
	for _, c := range s.planned {
		e.Planned = append(e.Planned, c.name)
	}
	for entry, err := range s.journal.Entries(ctx, 0) {
		if err != nil {
			return nil, fmt.Errorf("cannot read the journal: %w", err)
		}
		e.Journal = append(e.Journal, entry)
	}
	return e, nil
}

func (s *session) exchanges(ctx context.Context) ([]*exchange, error) {
	e, err := s.gather(ctx)
	if err != nil {
		return nil, err
	}
	return fold(s.options.Contract, e.Journal)
}

// quoteAll is a list of names for people.
func quoteAll(names []string) string {
	out := ""
	for i, n := range names {
		if i > 0 {
			out += ", "
		}
		out += strconv.Quote(n)
	}
	return out
}
