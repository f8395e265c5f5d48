package verifier

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/mockserver"
)

// Roles of the deliveries of sequences.
const (
	roleSequence  = "sequence"   // of one that was sent
	roleReference = "reference"  // the same of another record, once and in order
	roleReducing  = "reducing"   // tries on the way to fewer deliveries
	roleConfirm   = "confirming" // of the shortest, again
	roleWaking    = "waking"     // until a receiver that was restarted answers
)

// Trial is what was seen of one time that a sequence was sent.
type Trial struct {
	Check    string        `json:"check"`
	Sequence *Sequence     `json:"sequence"` // as it is written down
	Strict   bool          `json:"strict,omitempty"`
	Events   []TrialEvent  `json:"events,omitempty"`
	Records  []TrialRecord `json:"records,omitempty"`
	Effects  bool          `json:"effects,omitempty"` // they were looked at
	Error    string        `json:"error,omitempty"`   // why nothing could be seen
	// Deliveries are those of the sequence, and then those of its twins.
	Deliveries []string `json:"deliveries,omitempty"`
}

// TrialEvent is what became of one event of a sequence.
type TrialEvent struct {
	ID       string `json:"id"`
	Event    string `json:"event"`
	Entity   string `json:"entity,omitempty"`
	Accepted int    `json:"accepted"` // deliveries
	Refused  int    `json:"refused"`
	Answer   string `json:"answer,omitempty"` // the first that was a refusal
	// Forged says that no delivery of it was rightly signed.
	Forged bool `json:"forged,omitempty"`
	// Overtaken says that a newer event of its record may have come before it: to
	// leave it out is right.
	Overtaken bool `json:"overtaken,omitempty"`
	// Effects that it had, and those that its twin had, which was delivered once
	// and in order.
	Effects   int `json:"effects"`
	Reference int `json:"reference"`
}

// TrialRecord is what the receiver held of one record in the end, and of its
// twin. Values that name the records are hidden, so that the two can be
// compared.
type TrialRecord struct {
	Entity    string          `json:"entity"`
	Before    json.RawMessage `json:"before,omitempty"` // the twin before its last event
	State     json.RawMessage `json:"state,omitempty"`
	Reference json.RawMessage `json:"reference,omitempty"`
	// Unsteady says that a second twin, told the same in the same order, ended
	// in a state of its own: states then tell nothing.
	Unsteady bool `json:"unsteady,omitempty"`
}

// try sends a sequence under fresh names and looks at what came of it. The error
// ends the run.
func (s *session) try(ctx context.Context, q *Sequence, role string) (*Trial, error) {
	t := &Trial{Check: s.current.name, Sequence: q, Strict: s.current.strict, Effects: s.options.Oracle != nil}
	c, why, err := s.freshCast(ctx, q)
	if err != nil || why != "" {
		t.Error = why
		return t, err
	}
	for _, a := range c.actors {
		e := TrialEvent{ID: a.id, Event: a.event.Type.Name(), Forged: true}
		if a.entity[0] != 0 {
			e.Entity = a.entity
		}
		t.Events = append(t.Events, e)
	}
	before := len(s.queued)
	defer func() { t.Deliveries = slices.Clone(s.queued[before:]) }()
	for _, step := range []func(context.Context, *cast, *Trial, string) error{s.play, s.insist, s.tellTwins, s.compare} {
		if err := step(ctx, c, t, role); err != nil {
			return t, err
		}
		if t.Error != "" {
			break
		}
	}
	return t, nil
}

// play sends the steps.
func (s *session) play(ctx context.Context, c *cast, t *Trial, role string) error {
	q := t.Sequence
	newest := map[string][]*actor{} // sent so far, by record
	for i := 0; i < len(q.Steps); {
		n := q.together(i)
		steps := q.Steps[i : i+n]
		i += n
		if err := s.pauseBefore(ctx, &steps[0], t); err != nil || t.Error != "" {
			return err
		}
		for j := range steps {
			if a := c.find(steps[j].ID); !steps[j].Forged {
				newest[a.entity] = append(newest[a.entity], a)
			}
		}
		attempts, err := s.sendTogether(ctx, c, steps, role)
		if err != nil {
			return err
		}
		for j := range steps {
			if steps[j].Forged {
				continue
			}
			a, e := c.find(steps[j].ID), t.event(steps[j].ID)
			e.Forged = false
			if e.Accepted == 0 {
				e.Overtaken = slices.ContainsFunc(newest[a.entity], func(b *actor) bool { return a.compare(b) < 0 })
			}
			e.note(a.event, attempts[j], steps[j].LostAnswer)
		}
	}
	return nil
}

// note counts an answer. A delivery whose answer was thrown away, or that was put
// off, was neither accepted nor refused.
func (e *TrialEvent) note(ev contracts.Event, a *mockserver.Attempt, lost bool) {
	switch {
	case lost || a == nil || a.Ours || putOff(a):
	case successRule(ev.Type.Policy()).accepts(a):
		e.Accepted++
	default:
		if e.Refused++; e.Answer == "" {
			e.Answer = answer(a)
		}
	}
}

func (t *Trial) event(id string) *TrialEvent {
	i := slices.IndexFunc(t.Events, func(e TrialEvent) bool { return e.ID == id })
	return &t.Events[i]
}

// pauseBefore waits and restarts as a step says.
func (s *session) pauseBefore(ctx context.Context, step *SequenceStep, t *Trial) error {
	if d := step.wait(); d > 0 {
		s.wait(ctx, d)
	}
	if !step.Restart || s.rehearsal {
		return ctx.Err()
	}
	if err := s.options.Restart(ctx); err != nil {
		if ctx.Err() == nil {
			t.Error = "the receiver could not be restarted: " + err.Error()
		}
		return ctx.Err()
	}
	const waking, pause = 30 * time.Second, 200 * time.Millisecond
	for waited := time.Duration(0); waited < waking; waited += pause {
		if err := s.send(ctx, roleWaking, s.event(), sending{}); err != nil {
			return err
		}
		if n := len(s.attempts); n > 0 && s.attempts[n-1].Failure == "" {
			return nil
		}
		s.wait(ctx, pause)
	}
	t.Error = "the receiver did not answer after its restart"
	return ctx.Err()
}

// sendTogether sends the steps of one group and returns their attempts.
func (s *session) sendTogether(ctx context.Context, c *cast, steps []SequenceStep, role string) ([]*mockserver.Attempt, error) {
	list := make([]outgoing, len(steps))
	for i := range steps {
		how := sending{}
		if steps[i].Forged {
			how = forged(s)
		}
		if steps[i].LostAnswer {
			how.tamper.Name, how.tamper.LoseAnswer = "lost-answer", func(int) bool { return true }
		}
		if len(steps) > 1 {
			how.copy = i + 1
			how.tamper.Name = fmt.Sprintf("one of %d at once", len(steps))
		}
		list[i] = outgoing{role, c.find(steps[i].ID).event, how}
	}
	return s.deliver(ctx, list...)
}

// insist delivers once more what was never accepted, as the provider would.
func (s *session) insist(ctx context.Context, c *cast, t *Trial, role string) error {
	for i := range t.Events {
		e := &t.Events[i]
		if e.Forged || e.Accepted > 0 || t.Strict && e.Refused > 0 {
			continue
		}
		a := c.find(e.ID)
		e.Overtaken = e.Overtaken || slices.ContainsFunc(c.of(a.entity), func(b *actor) bool { return a.compare(b) < 0 })
		attempts, err := s.sendTogether(ctx, c, []SequenceStep{{ID: e.ID}}, role)
		if err != nil {
			return err
		}
		e.note(a.event, attempts[0], false)
	}
	return nil
}

// tellTwins tells the twins of all events that the receiver was told: once each,
// in order.
func (s *session) tellTwins(ctx context.Context, c *cast, t *Trial, _ string) error {
	for _, entity := range c.entities() {
		all := slices.DeleteFunc(c.of(entity), func(a *actor) bool { return t.event(a.id).Forged })
		for i, a := range all {
			if err := s.send(ctx, roleReference, a.twin, sending{}); err != nil {
				return err
			}
			if n := len(s.attempts); n == 0 || !successRule(a.twin.Type.Policy()).accepts(&s.attempts[n-1]) {
				t.Error = fmt.Sprintf("the receiver does not accept %q where it comes once and in order", a.twin.Type.Name())
				return nil
			}
			if i == max(len(all)-2, 0) && t.Strict && s.options.State != nil && a.stage != nil {
				s.wait(ctx, s.options.Settle)
				before, err := s.stateOf(ctx, a.twin, a.twinNames)
				if err != nil {
					t.Error = err.Error()
					return ctx.Err()
				}
				t.Records = append(t.Records, TrialRecord{Entity: entity, Before: before})
			}
		}
	}
	return nil
}

// compare looks at the effects and at the states in the end.
func (s *session) compare(ctx context.Context, c *cast, t *Trial, role string) error {
	s.wait(ctx, s.options.Settle)
	if err := s.countAll(ctx, c, t); err != nil {
		return s.unseeable(ctx, t, err)
	}
	if t.flaw() == Lost && s.options.Settle > 0 { // perhaps it is only late
		s.wait(ctx, s.options.Settle)
		if err := s.countAll(ctx, c, t); err != nil {
			return s.unseeable(ctx, t, err)
		}
	}
	if t.flaw() == Lost && role == roleSequence {
		err := s.turnUp(ctx, func() (bool, error) {
			err := s.countAll(ctx, c, t)
			return t.flaw() != Lost, err
		})
		if err != nil {
			return s.unseeable(ctx, t, err)
		}
	}
	if s.options.State == nil {
		return ctx.Err()
	}
	for _, entity := range c.entities() {
		if err := s.compareStates(ctx, c, t, entity); err != nil {
			return s.unseeable(ctx, t, err)
		}
	}
	return ctx.Err()
}

// unseeable keeps an oracle's error; one of ctx ends the run.
func (s *session) unseeable(ctx context.Context, t *Trial, err error) error {
	t.Error = unasked(err).Error()
	return ctx.Err()
}

func (s *session) countAll(ctx context.Context, c *cast, t *Trial) (err error) {
	if s.options.Oracle == nil {
		return nil
	}
	for i := range t.Events {
		e, a := &t.Events[i], c.find(t.Events[i].ID)
		if e.Effects, err = s.options.Oracle.Effects(ctx, a.event, s.idOf(a.event)); err != nil {
			return err
		}
		if e.Reference, err = s.options.Oracle.Effects(ctx, a.twin, s.idOf(a.twin)); err != nil {
			return err
		}
	}
	return nil
}

func (s *session) compareStates(ctx context.Context, c *cast, t *Trial, entity string) (err error) {
	all := c.of(entity)
	last := all[len(all)-1]
	if last.stage == nil || t.event(last.id).Forged {
		return nil
	}
	i := slices.IndexFunc(t.Records, func(r TrialRecord) bool { return r.Entity == entity })
	if i < 0 {
		t.Records = append(t.Records, TrialRecord{Entity: entity})
		i = len(t.Records) - 1
	}
	r := &t.Records[i]
	if r.State, err = s.stateOf(ctx, last.event, last.names); err != nil {
		return err
	}
	r.Reference, err = s.stateOf(ctx, last.twin, last.twinNames)
	if err != nil || SameState(r.State, r.Reference) {
		return err
	}
	r.Unsteady, err = s.unsteady(ctx, all, t, r.Reference)
	return err
}

// unsteady tells one more twin the same in the same order, and looks whether it
// ends like the first.
func (s *session) unsteady(ctx context.Context, all []*actor, t *Trial, reference json.RawMessage) (bool, error) {
	s.casts++
	var last contracts.Event
	var names []string
	for _, a := range all {
		if t.event(a.id).Forged {
			continue
		}
		last, names = s.renamed(s.formOf(a.event.Type, a.event.Body, true), a.entity+" third", s.casts)
		if err := s.send(ctx, roleReference, last, sending{}); err != nil {
			return false, err
		}
	}
	s.wait(ctx, s.options.Settle)
	state, err := s.stateOf(ctx, last, names)
	return !SameState(state, reference), err
}

// stateOf asks for a record's state and hides the values that name it.
func (s *session) stateOf(ctx context.Context, ev contracts.Event, names []string) (json.RawMessage, error) {
	state, err := s.options.State.State(ctx, ev, s.idOf(ev))
	if err != nil || nothing(state) {
		return nil, err
	}
	return anonymous(state, names), nil
}
