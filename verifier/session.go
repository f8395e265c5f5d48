package verifier

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"strconv"
	"sync"
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

	// Of the current check.
	current  *check
	ordinal  uint64 // of the next event
	attempts []mockserver.Attempt

	start     time.Time // of the first attempt
	baselined bool      // the baseline was accepted
	gone      string    // the check in which the receiver went away
	skipped   map[string]string
	altered   changes
	told      tales
	sightings []Sighting
}

// Sighting is what the oracle said of one event at one moment.
type Sighting struct {
	Check    string `json:"check"`
	Role     string `json:"role"`
	Delivery string `json:"delivery"`
	Effects  int    `json:"effects"`
	// State is what the receiver held of the record, where that was looked at.
	State json.RawMessage `json:"state,omitempty"`
	Error string          `json:"error,omitempty"`
}

// conduct runs the planned checks one after the other.
func (s *session) conduct(ctx context.Context) error {
	if err := s.tryOracle(ctx); err != nil {
		return err
	}
	for i, c := range s.planned {
		if s.options.Progress != nil {
			s.options.Progress(i, len(s.planned), c.name)
		}
		s.current, s.ordinal, s.attempts = c, ordinalOf(c.name), nil
		if reason := s.reasonToSkip(c); reason != "" {
			s.skipped[c.name] = reason
			continue
		}
		if c.act == nil { // judges what the others sent
			continue
		}
		if err := s.perform(ctx, c); err != nil {
			return err
		}
	}
	if s.options.Progress != nil {
		s.options.Progress(len(s.planned), len(s.planned), "")
	}
	return nil
}

// perform lets a check send, and looks whether the receiver is there.
func (s *session) perform(ctx context.Context, c *check) error {
	if c.oracle && s.options.Oracle == nil || c.state && s.options.State == nil { // nothing of what it sent could be judged
		return nil
	}
	err := c.act(ctx, s)
	if nothing := notApplicable(""); errors.As(err, &nothing) {
		s.skipped[c.name] = string(nothing)
		return nil
	}
	if err != nil {
		return err
	}
	if c.name == baseline {
		return s.reached()
	}
	if c.hostile && len(s.attempts) > 0 {
		if err := s.send(ctx, roleAlive, s.event(), sending{}); err != nil {
			return err
		}
	}
	if n := len(s.attempts); n > 0 && unreachable(&s.attempts[n-1]) {
		s.gone = c.name
	}
	return nil
}

func (s *session) reasonToSkip(c *check) string {
	switch {
	case c.name == baseline:
		return ""
	case c.act != nil && !s.baselined:
		return "valid events are refused, so no later answer would mean anything"
	case c.act != nil && s.gone != "":
		return "nobody can be reached any more since " + s.gone
	case c.applies == nil:
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

// reached looks at the baseline: was anybody there, and did they accept? Who
// answered the first event and is gone at the second was there.
func (s *session) reached() error {
	first := s.attempts[0]
	s.start = first.Started
	s.baselined = true
	rule := successRule(s.scope[0].Policy())
	for _, a := range s.attempts {
		if a.Ours || unreachable(&first) {
			return &UnreachableError{Target: mockserver.RedactURL(s.options.URL), Reason: detail(&a)}
		}
		s.baselined = s.baselined && rule.accepts(&a)
	}
	return nil
}

// unreachable tells a receiver that is not there from one that misbehaves: of
// the latter it is known that it had the request.
func unreachable(a *mockserver.Attempt) bool {
	switch a.Failure {
	case "refused", "dns", "tls", "unreachable":
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
	copy    int                // of several that are under way at once; each has an id of its own in the journal
}

// notApplicable is an act's way to say that there is nothing to send for this
// contract: the reason why the check is skipped.
type notApplicable string

func (n notApplicable) Error() string { return string(n) }

// send makes one attempt at delivering an event. Whatever comes of it is in the
// journal, a fault of our own too; the error means that the run is over.
func (s *session) send(ctx context.Context, role string, ev contracts.Event, how sending) error {
	return s.await(ctx, s.dispatch(role, ev, how))
}

// dispatch sends without waiting for the outcome.
func (s *session) dispatch(role string, ev contracts.Event, how sending) *mockserver.Delivery {
	secrets := s.options.Secrets
	if how.secrets != nil {
		secrets = how.secrets
	}
	id, sealed := s.idOf(ev), s.idOf(ev)
	if how.copy > 0 { // the receiver sees one delivery
		id = fmt.Sprintf("%s_%d", sealed, how.copy)
		how.tamper.Seal = func(_ int, _ signature.Scheme, o *contracts.SealOptions) error {
			o.ID = sealed
			return nil
		}
	}
	if change := how.tamper.Request; change != nil {
		how.tamper.Request = func(attempt int, r *contracts.Request) {
			change(attempt, r)
			if !bytes.Equal(r.Body, ev.Body) {
				s.altered.set(id, r.Body)
			}
		}
	}
	return s.server.Send(mockserver.Parcel{
		Event:    ev,
		Endpoint: mockserver.Endpoint{URL: s.options.URL, Secrets: secrets, Concurrency: together},
		ID:       id, Again: true,
		Label:  s.current.name + " " + role,
		Once:   true,
		Time:   how.at,
		Tamper: how.tamper,
	})
}

// await waits for what was sent.
func (s *session) await(ctx context.Context, sent *mockserver.Delivery) error {
	outcome, err := sent.Wait(ctx)
	n := len(outcome.Attempts)
	if n > 0 {
		s.attempts = append(s.attempts, outcome.Attempts[n-1])
	}
	if err != nil && n > 0 && outcome.State == mockserver.Cancelled {
		// A fault of our own leaves the check open. Before anything went well,
		// one that does not heal is the run's error.
		if f := outcome.Attempts[n-1].Failure; s.baselined || f != "egress" && f != "seal" {
			return nil
		}
	}
	return err
}

// together is how many deliveries are under way at once where that is the point.
const together = 20

// changes are the bodies that were changed after they were sealed, by delivery.
// Deliveries that are under way at once change theirs at once.
type changes struct {
	mu     sync.Mutex
	bodies map[string][]byte
}

func (c *changes) set(id string, body []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.bodies[id] = body
}

// idOf is the id of an event's deliveries. It follows from the bytes, so that an
// event that is sent again keeps it, and an oracle that goes by it can be asked
// before the first delivery.
func (s *session) idOf(ev contracts.Event) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d %s %s", s.options.Seed, ev.Type.Name(), ev.Body))
	return "dlv_" + hex.EncodeToString(sum[:10])
}

// event is a fresh event of the scope's first type.
func (s *session) event() contracts.Event {
	ev := s.eventAt(0, s.ordinal)
	s.ordinal++
	return ev
}

func (s *session) eventAt(n int, ordinal uint64) contracts.Event {
	ev, err := s.faker.Event(s.scope[n].Name(), faker.Nth(ordinal))
	if err != nil { // New has proven every selected event
		panic("verifier: " + err.Error())
	}
	return ev
}

// freshTries is how many events are tried to find one that the receiver has
// not seen.
const freshTries = 200

var errNotFresh = errors.New("the receiver already knows the events of this seed: choose another --seed")

// tryOracle asks for the baseline's first event before anything is sent. Whoever
// gives an oracle wants effects to be looked at: one that is broken must not end
// in a verdict without them.
func (s *session) tryOracle(ctx context.Context) error {
	if s.options.Oracle == nil {
		return nil
	}
	ev := s.eventAt(0, ordinalOf(baseline))
	if _, err := s.options.Oracle.Effects(ctx, ev, s.idOf(ev)); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return &OracleError{Event: ev.Type.Name(), Err: err}
	}
	return nil
}

// unseen is an event of which the oracle says that it had no effect yet. An
// oracle that cannot be asked is noted as a sighting; ok is false then.
func (s *session) unseen(ctx context.Context) (ev contracts.Event, ok bool) {
	if s.options.Oracle == nil {
		return ev, false
	}
	why := errNotFresh
	for range freshTries {
		ev = s.event()
		n, err := s.options.Oracle.Effects(ctx, ev, s.idOf(ev))
		if err == nil && n == 0 {
			return ev, true
		}
		if err != nil {
			why = err
			break
		}
	}
	s.sightings = append(s.sightings, Sighting{Check: s.current.name, Role: roleProbe, Delivery: s.idOf(ev), Error: why.Error()})
	return ev, false
}

// settlePause is the time between two looks at the oracle.
const settlePause = 100 * time.Millisecond

// look asks the oracle for an event's effects until there are more than so many,
// or the time in which effects appear is over: only then it is known that there
// are no more. The error is ctx's.
func (s *session) look(ctx context.Context, role string, ev contracts.Event, most int) error {
	settled, cancel := context.WithTimeout(ctx, s.options.Settle)
	defer cancel()
	seen := Sighting{Check: s.current.name, Role: role, Delivery: s.idOf(ev)}
	for {
		n, err := s.options.Oracle.Effects(ctx, ev, seen.Delivery)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if seen.Effects = n; err != nil {
			seen.Error = err.Error()
		}
		if err != nil || n > most || settled.Err() != nil {
			s.sightings = append(s.sightings, seen)
			return nil
		}
		wait(settled, settlePause)
	}
}

// wait lets time pass, as long as ctx allows.
func wait(ctx context.Context, d time.Duration) {
	pause, stop := context.WithTimeout(ctx, d)
	defer stop()
	<-pause.Done()
}

// gather is the evidence of the run.
func (s *session) gather(ctx context.Context) (*Evidence, error) {
	o := s.options
	e := &Evidence{
		Contract: o.Contract.Digest(), Target: mockserver.RedactURL(o.URL), Seed: o.Seed, Skipped: s.skipped,
		Oracle: o.Oracle != nil, State: o.State != nil, Sightings: s.sightings, Selected: len(o.Events) > 0, Altered: s.altered.bodies, Proven: signs(s) == "",
		ContractArg: o.ContractArg, SecretEnv: o.SecretEnv, ExtraArgs: o.ExtraArgs,
	}
	for _, t := range s.scope {
		e.Scope = append(e.Scope, t.Name())
	}
	e.Bound, e.Require, e.Inapplicable = o.bound, o.Require, inapplicable(s)
	for _, c := range s.planned {
		e.Planned = append(e.Planned, c.name)
	}
	s.told.secrets = secretTexts(&o)
	secrets := hiding(append(s.told.secrets, s.told.expected...))
	for entry, err := range s.journal.Entries(ctx, 0) {
		if err != nil {
			return nil, fmt.Errorf("cannot read the journal: %w", err)
		}
		if entry.Attempt != nil {
			s.told.listen(entry)
			entry.Attempt = hidden(secrets, *entry.Attempt)
		}
		e.Journal = append(e.Journal, entry)
	}
	e.Told = s.told.found
	return e, nil
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
