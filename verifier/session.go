package verifier

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
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
	home     int    // the event type that it is about, in the scope
	round    int    // 0, or how often it was sent to other types before
	ordinal  uint64 // of the next event
	attempts []mockserver.Attempt
	sent     []string      // the types of its events
	queued   []string      // its deliveries
	probes   int           // of them
	bytes    int64         // of its bodies
	waited   time.Duration // of our own will
	unusual  bool          // it wrote a request by hand

	taken  []int                     // the types of the scope that were accepted, once each was sent
	met    map[string]map[string]int // the events that each group has met, with the rank of the worst check
	quick  map[string][]*check       // the checks of each group that may have further rounds
	rounds map[string]int            // that checks had

	dispatched map[string]bool // events, by the id that the receiver sees
	rehearsal  bool            // nothing is sent: see Plan
	bills      map[string]bill // what each check took
	costs      map[string]bill // the same of the rehearsal, where there is a budget
	spent      clock
	waiting    waiting
	vain       int // how often a receiver that asked for time was given it for nothing
	cut        cut // what the budget left out

	start     time.Time         // of the last attempt before the check; signed times count from it
	baselined bool              // the baseline was accepted
	gone      map[string]string // see Evidence.Gone
	goneIn    string            // the check in which the receiver went away
	skipped   map[string]string
	altered   changes
	told      tales
	proofs    proofs
	sightings []Sighting
	learned   time.Duration    // how long effects are waited for, where the run found that they come late
	trials    []Trial          // the last of each check is the one that counts
	casts     uint64           // under how many names the current check sent its sequence
	forms     map[string]*form // bodies of sequences that were read
	fullest   map[*contracts.EventType]*faker.Faker
}

// conduct runs the planned checks one after the other.
func (s *session) conduct(ctx context.Context) error {
	if err := s.tryOracles(ctx); err != nil {
		return err
	}
	planned := s.inOrder()
	for i, c := range planned {
		s.tell(i, len(planned), c.name)
		s.begin(c)
		s.choose()
		if reason := s.reasonToSkip(c); reason != "" {
			s.skipped[c.name] = reason
			continue
		}
		if c.act == nil { // judges what the others sent
			continue
		}
		if s.goneIn != "" {
			s.gone[c.name] = "nobody can be reached any more since " + s.goneIn
			continue
		}
		if !s.affords(c) {
			s.leaveOut(c)
			continue
		}
		if _, err := s.perform(ctx, c); err != nil {
			return err
		}
		s.noteTaken()
		s.noteMet(c)
	}
	if err := s.spread(ctx); err != nil {
		return err
	}
	s.tell(len(planned), len(planned), "")
	return nil
}

func (s *session) tell(done, total int, check string) {
	if s.options.Progress != nil {
		s.options.Progress(done, total, check)
	}
}

// begin makes a check the current one.
func (s *session) begin(c *check) {
	if n := len(s.attempts); n > 0 && s.baselined { // a run may last longer than receivers believe a signature
		s.start = s.attempts[n-1].Started
	}
	s.current, s.ordinal, s.round, s.home = c, ordinalOf(c.name), 0, 0
	s.attempts, s.sent, s.queued, s.probes, s.bytes, s.waited, s.unusual = nil, nil, nil, 0, 0, 0, false
}

// perform lets the current check send, and looks whether the receiver is there.
// It reports whether there was something to send.
func (s *session) perform(ctx context.Context, c *check) (sent bool, err error) {
	if c.oracle && s.options.Oracle == nil || c.state && s.options.State == nil { // nothing of what it sent could be judged
		return false, nil
	}
	defer func() { s.note(c) }()
	err = c.act(ctx, s)
	if nothing := notApplicable(""); errors.As(err, &nothing) {
		if s.round == 0 {
			s.skipped[c.name] = string(nothing)
		}
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if c.name == baseline {
		if err := s.reached(); err != nil || !s.baselined {
			return true, err
		}
		if err := s.decideOracles(ctx); err != nil {
			return true, err
		}
		return true, s.pace(ctx)
	}
	if c.hostile && len(s.attempts) > 0 {
		if err := s.send(ctx, roleAlive, s.event(), sending{}); err != nil {
			return false, err
		}
	}
	if n := len(s.attempts); n > 0 && unreachable(&s.attempts[n-1]) {
		s.goneIn, s.gone = c.name, map[string]string{c.name: "the receiver went away in the middle: " + answer(&s.attempts[n-1])}
	}
	return true, nil
}

func (s *session) reasonToSkip(c *check) string {
	switch {
	case c.name == baseline:
		return ""
	case c.act != nil && !s.baselined:
		return "valid events are refused, so no later answer would mean anything"
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
	rolePacing   = "pacing"   // a valid event that shows how long effects take
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
	out, err := s.deliver(ctx, outgoing{role, ev, how})
	if out[0] != nil {
		s.waiting.note(role, out[0])
	}
	return err
}

// dispatch sends without waiting for the outcome.
func (s *session) dispatch(role string, ev contracts.Event, how sending) *mockserver.Delivery {
	secrets := s.options.Secrets
	if how.secrets != nil {
		secrets = how.secrets
	}
	label := s.label(role)
	s.sent = append(s.sent, ev.Type.Name())
	s.bytes += int64(len(ev.Body))
	if role == roleProbe {
		s.probes++
	}
	sealed := s.idOf(ev)
	if how.secrets == nil { // else it may not have an effect
		s.dispatched[sealed] = true
	}
	s.unusual = s.unusual || how.tamper.Wire != nil
	id := sealed
	if how.copy > 0 { // the receiver sees one delivery
		id = fmt.Sprintf("%s_%d", sealed, how.copy)
		how.tamper.Seal = func(_ int, _ signature.Scheme, o *contracts.SealOptions) error {
			o.ID = sealed
			return nil
		}
	}
	s.queued = append(s.queued, id)
	change, header := how.tamper.Request, proofHeader(s)
	how.tamper.Request = func(attempt int, r *contracts.Request) {
		s.proofs.note(id, r.Header.Get(header))
		if change != nil {
			change(attempt, r)
			if !bytes.Equal(r.Body, ev.Body) {
				s.altered.set(id+" "+label, r.Body)
			}
		}
	}
	return s.server.Send(mockserver.Parcel{
		Event:    ev,
		Endpoint: mockserver.Endpoint{URL: s.options.URL, Secrets: secrets, Concurrency: mostAtOnce},
		ID:       id, Again: true,
		Label:  label,
		Once:   true,
		Time:   how.at,
		Tamper: how.tamper,
		Policy: s.policyOf(role, ev, how),
	})
}

// label says in the journal what a delivery is to its check: the check, its role,
// and the round behind the first.
func (s *session) label(role string) string {
	if s.round > 0 {
		return fmt.Sprintf("%s %s %d", s.current.name, role, s.round)
	}
	return s.current.name + " " + role
}

// await waits for what was sent.
func (s *session) await(ctx context.Context, sent *mockserver.Delivery) error {
	a, err := s.outcome(ctx, sent)
	if a != nil {
		s.attempts = append(s.attempts, *a)
	}
	return err
}

// outcome waits for what was sent and returns the attempt at it, nil where none
// was made.
func (s *session) outcome(ctx context.Context, sent *mockserver.Delivery) (last *mockserver.Attempt, err error) {
	outcome, err := sent.Wait(ctx)
	if n := len(outcome.Attempts); n > 0 {
		last = &outcome.Attempts[n-1]
		s.spent.add(last)
		if !putOff(last) { // who puts a delivery off says nothing of effects
			s.overhear(sent.ID(), last)
		}
	}
	if err != nil && last != nil && outcome.State == mockserver.Cancelled {
		// A fault of our own leaves the check open. Before anything went well,
		// one that does not heal is the run's error.
		if f := last.Failure; s.baselined || f != "egress" && f != "seal" {
			return last, nil
		}
	}
	return last, err
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
	sum := sha256.New()
	fmt.Fprintf(sum, "%d %s ", s.options.Seed, ev.Type.Name())
	sum.Write(ev.Body)
	return "dlv_" + hex.EncodeToString(sum.Sum(nil)[:10])
}

// event is a fresh event of the type that the check is about.
func (s *session) event() contracts.Event {
	ev := s.eventAt(s.home, s.ordinal)
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

// wait lets time pass, as long as ctx allows. A rehearsal notes it instead.
func (s *session) wait(ctx context.Context, d time.Duration) {
	s.waited += d
	if !s.rehearsal {
		wait(ctx, d)
	}
}

func wait(ctx context.Context, d time.Duration) {
	pause, stop := context.WithTimeout(ctx, d)
	defer stop()
	<-pause.Done()
}

// gather is the evidence of the run.
func (s *session) gather(ctx context.Context) (*Evidence, error) {
	o := s.options
	e := &Evidence{
		Contract: o.Contract.Digest(), Target: mockserver.RedactURL(o.URL), Seed: o.Seed, Skipped: s.skipped, Gone: s.gone,
		Oracle: o.Oracle != nil, State: o.State != nil, Unasked: len(o.Oracles), Sightings: s.sightings, Trials: s.trials, Selected: len(o.Events) > 0, Tiers: o.tiers(), FailOn: o.FailOn, Budget: o.Budget, LeftOut: s.cut, Altered: s.altered.bodies, Proven: signs(s) == "",
		ContractArg: o.ContractArg, SecretEnv: o.SecretEnv, ExtraArgs: o.ExtraArgs, Given: len(o.Sequences) > 0, Settled: s.learned, FoundWith: o.foundWith(),
	}
	for _, t := range s.scope {
		e.Scope = append(e.Scope, t.Name())
	}
	e.Bound, e.Require = o.bound, o.Require
	e.Inapplicable, e.Elsewhere = inapplicable(s)
	for _, c := range s.planned {
		e.Planned = append(e.Planned, c.name)
	}
	s.told.secrets, s.told.words = secretTexts(&o)
	secrets := hiding(slices.Concat(s.told.secrets, s.told.words, s.told.expected))
	e.Sightings, e.Trials, e.ExtraArgs = hiddenSightings(secrets, e.Sightings), hiddenTrials(secrets, e.Trials), secrets.Replace(e.ExtraArgs)
	for entry, err := range s.journal.Entries(ctx, 0) {
		if err != nil {
			return nil, fmt.Errorf("cannot read the journal: %w", err)
		}
		if entry.Attempt != nil {
			s.told.listen(entry)
			entry.Attempt = hidden(secrets, *entry.Attempt)
			entry.Attempt = hidden(hiding(s.proofs.of[entry.Delivery]), *entry.Attempt)
		}
		e.Journal = append(e.Journal, entry)
	}
	wallClock(e.Journal)
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
