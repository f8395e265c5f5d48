package verifier

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"math/big"
	"slices"
	"strings"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/faker"
)

// A receiver remembers what it was sent. So a sequence is sent under new names
// each time: every value that names a record, or tells an event from others, is
// replaced by one that the faker would make, and all else stays as it is.

// cast are the events of one time that a sequence is sent.
type cast struct {
	actors []*actor // in the order of their first steps
}

// actor is one event of a sequence, and its twin: the same of another record,
// which is told once and in order, so that it shows what ought to come out.
type actor struct {
	id, entity string
	event      contracts.Event
	twin       contracts.Event
	names      []string // values that name the record, of the event …
	twinNames  []string // … and of its twin, as JSON texts
	stage      *contracts.Stage
}

func (c *cast) find(id string) *actor {
	for _, a := range c.actors {
		if a.id == id {
			return a
		}
	}
	return nil
}

// of are the events of one record, the oldest first where the contract says how
// to tell; in the order of the sequence where it does not.
func (c *cast) of(entity string) (out []*actor) {
	for _, a := range c.actors {
		if a.entity == entity {
			out = append(out, a)
		}
	}
	slices.SortStableFunc(out, func(a, b *actor) int { return a.compare(b) })
	return out
}

// entities are the records of the sequence; each event without one is its own.
func (c *cast) entities() (out []string) {
	for _, a := range c.actors {
		if !slices.Contains(out, a.entity) {
			out = append(out, a.entity)
		}
	}
	return out
}

// compare orders two events of one record by what the contract calls their
// version: 0 where that does not tell.
func (a *actor) compare(b *actor) int {
	if a.stage == nil || b.stage == nil || a.stage.Version == "" || b.stage.Version == "" {
		return 0
	}
	return compareVersions(valueAt(a.event.Body, a.stage.Version), valueAt(b.event.Body, b.stage.Version))
}

// compareVersions compares two JSON texts: times, numbers, or else texts.
func compareVersions(a, b string) int {
	var s, t string
	if json.Unmarshal([]byte(a), &s) == nil && json.Unmarshal([]byte(b), &t) == nil {
		one, isTime := parseTime(s)
		other, areTimes := parseTime(t)
		if isTime && areTimes {
			return one.Compare(other.Time)
		}
		return strings.Compare(s, t)
	}
	x, isNumber := new(big.Rat).SetString(a)
	y, areNumbers := new(big.Rat).SetString(b)
	if isNumber && areNumbers {
		return x.Cmp(y)
	}
	return 0
}

// freshCast makes the events of a sequence under names that the oracles do not
// know. An oracle that cannot be asked is the reason why there is none.
func (s *session) freshCast(ctx context.Context, q *Sequence) (c *cast, why string, err error) {
	for range freshTries {
		s.casts++
		if c, err = s.castOf(q, s.casts); err != nil {
			return nil, "", err
		}
		if c.alike() {
			continue
		}
		known, err := s.knows(ctx, c)
		switch {
		case ctx.Err() != nil:
			return nil, "", ctx.Err()
		case err != nil:
			return nil, err.Error(), nil
		case !known:
			return c, "", nil
		}
	}
	return nil, errNotFresh.Error(), nil
}

// tellable reports whether an event can be told from another of its kind.
func (s *session) tellable(step SequenceStep) bool {
	for number := range uint64(5) {
		if c, err := s.castOf(&Sequence{Steps: []SequenceStep{step}}, number); err == nil && !c.alike() {
			return true
		}
	}
	return false
}

// alike reports whether two records have one name: the faker draws some from a
// short list.
func (c *cast) alike() bool {
	seen := map[string]string{}
	for _, a := range c.actors {
		for of, ev := range map[string]contracts.Event{a.entity: a.event, a.entity + " twin": a.twin} {
			names := a.names
			if of != a.entity {
				names = a.twinNames
			}
			key := ev.Type.Name() + strings.Join(names, "\x00")
			if a.stage != nil {
				key = strings.Join(names, "\x00")
			}
			if other, known := seen[key]; known && other != of {
				return true
			}
			seen[key] = of
		}
	}
	return false
}

// knows asks the oracles for the first event of each record.
func (s *session) knows(ctx context.Context, c *cast) (bool, error) {
	for _, entity := range c.entities() {
		first := c.of(entity)[0]
		for _, ev := range []contracts.Event{first.event, first.twin} {
			if s.options.Oracle != nil {
				if n, err := s.options.Oracle.Effects(ctx, ev, s.idOf(ev)); err != nil || n > 0 {
					return true, err
				}
			}
			if s.options.State != nil {
				if state, err := s.options.State.State(ctx, ev, s.idOf(ev)); err != nil || !nothing(state) {
					return true, err
				}
			}
		}
	}
	return false, nil
}

func nothing(state json.RawMessage) bool {
	text := strings.TrimSpace(string(state))
	return text == "" || text == "null"
}

// castOf makes the events of a sequence under the names of one number. The error
// means that they cannot be made of this contract.
func (s *session) castOf(q *Sequence, number uint64) (*cast, error) {
	c := &cast{}
	for i := range q.Steps {
		step := &q.Steps[i]
		if c.find(step.ID) != nil {
			continue
		}
		t, err := s.options.Contract.EventType(step.Event)
		if err != nil {
			return nil, err
		}
		body := step.bytes()
		for _, pointer := range sortedKeys(step.Edits) {
			body = putAt(body, pointer, string(step.Edits[pointer]))
		}
		a := &actor{id: step.ID, entity: cmp.Or(step.Entity, "\x00"+step.ID)}
		var pointers []string
		if _, stage := s.options.Contract.EntityOf(t); stage != nil && step.Entity != "" {
			a.stage, pointers = stage, stage.Key
		} else {
			pointers = s.naming(contracts.Event{Type: t, Body: body})
		}
		a.event, a.names = s.renamed(t, body, pointers, a.entity, number)
		a.twin, a.twinNames = s.renamed(t, body, pointers, a.entity+" twin", number)
		if a.event.Equal(a.twin) && len(a.names) == 0 {
			return nil, notApplicable(fmt.Sprintf("nothing in %q tells one event from another", t.Name()))
		}
		c.actors = append(c.actors, a)
	}
	return c, nil
}

// naming are the values by which an event that tells of no record is told from
// others: those of the contract's identity, or all, but for times and for what
// names the event's type.
func (s *session) naming(ev contracts.Event) (out []string) {
	id := ev.Type.Identity()
	list := places(ev.Body)
	for _, within := range [][]string{id.Members, {""}} {
		for _, p := range list {
			text, isString := p.str()
			_, isTime := parseTime(text)
			inside := slices.ContainsFunc(within, func(m string) bool { return p.pointer == m || strings.HasPrefix(p.pointer, m+"/") })
			if inside && (isString && len(text) > 2 && !isTime || p.kind() == '0' && len(p.text) > 1) && !s.names(p.pointer) {
				out = append(out, p.pointer)
			}
		}
		if len(out) > 0 {
			break
		}
	}
	return out
}

// renamed is a body with new values at the pointers; the n-th value is the same
// for all events of a record. Other members with the old value get the new one
// too: an event often names its record twice. Where the contract does not allow
// a value it stays.
func (s *session) renamed(t *contracts.EventType, body []byte, pointers []string, of string, number uint64) (contracts.Event, []string) {
	var values []string
	for i, pointer := range pointers {
		was := valueAt(body, pointer)
		if was == "" {
			values = append(values, "")
			continue
		}
		h := fnv.New64a()
		fmt.Fprintf(h, "%d %s %s %d %d", s.options.Seed, s.current.name, of, number, i)
		sum := h.Sum64()
		for _, value := range []string{s.likeliest(t, pointer, sum), digits(was, sum), suffixed(was, sum)} {
			if value == "" || value == was {
				continue
			}
			next := replaced(body, pointer, was, value)
			if broken, err := t.Validate(next); err == nil && len(broken) == 0 {
				body = next
				break
			}
		}
		values = append(values, valueAt(body, pointer))
	}
	return contracts.Event{Type: t, Body: body}, values
}

// likeliest is the value that the faker makes there, "" where it makes none. All
// events of a record are named by what its first event would say.
func (s *session) likeliest(t *contracts.EventType, pointer string, sum uint64) string {
	if life, stage := s.options.Contract.EntityOf(t); life != nil {
		for _, first := range life.Stages {
			if n := slices.Index(stage.Key, pointer); n >= 0 && s.inScope(first.Event) {
				t, pointer = first.Event, first.Key[n]
				break
			}
		}
	}
	if !s.inScope(t) {
		return ""
	}
	ev, err := s.faker.Event(t.Name(), faker.Nth(sum>>24))
	if err != nil {
		return ""
	}
	value := valueAt(ev.Body, pointer)
	if !strings.ContainsAny(value, "0123456789") { // a word of a list, which may be short
		return ""
	}
	return value
}

func (s *session) inScope(t *contracts.EventType) bool { return slices.Contains(s.scope, t) }

// digits is a text in which each digit became another one.
func digits(text string, sum uint64) string {
	out := []byte(text)
	for i, c := range out {
		if c >= '1' && c <= '9' {
			out[i] = '1' + byte((uint64(c-'1')+sum%9+1)%9)
			sum = sum/9 ^ sum<<7
		}
	}
	return string(out)
}

// suffixed is a string with a number behind it, "" for what is none.
func suffixed(text string, sum uint64) string {
	if !strings.HasPrefix(text, `"`) {
		return ""
	}
	return fmt.Sprintf(`%s-%d"`, strings.TrimSuffix(text, `"`), sum%100_000)
}

// replaced is a body with another text at a pointer, and wherever else the same
// long text stands as a value.
func replaced(body []byte, pointer, was, value string) []byte {
	for _, p := range slices.Backward(places(body)) {
		if p.pointer == pointer || p.text == was && len(was) > 6 {
			body = put(body, p, value)
		}
	}
	return body
}

// putAt is a body with another text at a pointer; one that has nothing there
// stays as it is.
func putAt(body []byte, pointer, text string) []byte {
	for _, p := range places(body) {
		if p.pointer == pointer {
			return put(body, p, text)
		}
	}
	return body
}
