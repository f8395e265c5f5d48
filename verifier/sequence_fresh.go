package verifier

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"math/big"
	"slices"
	"strconv"
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
	version    string // of the event
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
	return compareVersions(a.version, b.version)
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
		form := s.formOf(t, body, step.Entity != "")
		a.stage, a.version = form.stage, form.version
		a.event, a.names = s.renamed(form, a.entity, number)
		a.twin, a.twinNames = s.renamed(form, a.entity+" twin", number)
		if a.event.Equal(a.twin) && len(a.names) == 0 {
			return nil, notApplicable(fmt.Sprintf("nothing in %q tells one event from another", t.Name()))
		}
		c.actors = append(c.actors, a)
	}
	return c, nil
}

// form is a body with blanks for the values that name its record.
type form struct {
	event   contracts.Event
	stage   *contracts.Stage // nil: it tells of no record
	version string
	names   []string // pointers
	was     []string // the values there, as JSON texts
	blanks  []blank
}

// blank is where the n-th name stands.
type blank struct{ start, end, n int }

// formOf reads a body once, however often the sequence is sent.
func (s *session) formOf(t *contracts.EventType, body []byte, tells bool) *form {
	key := fmt.Sprint(tells, t.Name(), " ", string(body))
	if f, ok := s.forms[key]; ok {
		return f
	}
	f := &form{event: contracts.Event{Type: t, Body: body}}
	list := places(body)
	pointers := s.naming(t, list)
	switch _, stage := s.options.Contract.EntityOf(t); {
	case stage != nil && tells:
		f.stage, f.version, pointers = stage, valueAt(body, stage.Version), stage.Key
	case stage != nil: // alone as it is, it begins a record
		for _, pointer := range stage.Key {
			if !slices.Contains(pointers, pointer) {
				pointers = append(pointers, pointer)
			}
		}
	}
	f.names = pointers
	f.was = make([]string, len(pointers))
	for _, p := range list {
		if n := slices.Index(pointers, p.pointer); n >= 0 {
			f.was[n] = p.text
		}
	}
	for _, p := range list { // an event often names its record twice
		if n := slices.Index(f.was, p.text); n >= 0 && (p.pointer == pointers[n] || len(p.text) > 6 || slices.Contains(pointers, p.pointer)) {
			f.blanks = append(f.blanks, blank{p.start, p.end, n})
		}
	}
	if s.forms == nil {
		s.forms = map[string]*form{}
	}
	s.forms[key] = f
	return f
}

// naming are the values by which an event that tells of no record is told from
// others: those of the contract's identity, or all, but for times and for what
// names the event's type.
func (s *session) naming(t *contracts.EventType, list []place) (out []string) {
	for _, within := range [][]string{t.Identity().Members, {""}} {
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

// renamed fills a form with new names; the n-th is the same for all events of a
// record. What the faker would make comes first. Where the contract allows none
// of them the old ones stay.
func (s *session) renamed(f *form, of string, number uint64) (contracts.Event, []string) {
	h := fnv.New64a()
	fmt.Fprintf(h, "%d %s %s %d", s.options.Seed, s.current.name, of, number)
	sum := h.Sum64()
	likely := s.likely(f, sum>>24)
	for level := range 3 {
		names := make([]string, len(f.was))
		for n, was := range f.was {
			if names[n] = roomy(likely[n], sum+uint64(n)); level > 0 || names[n] == "" {
				names[n] = digits(was, sum+uint64(n))
			}
			if level > 1 || names[n] == was {
				names[n] = cmp.Or(suffixed(was, sum), names[n])
			}
		}
		body := f.fill(names)
		if broken, err := f.event.Type.Validate(body); err == nil && len(broken) == 0 {
			return contracts.Event{Type: f.event.Type, Body: body}, names
		}
	}
	return f.event, f.was
}

// fill is the form's body with other names.
func (f *form) fill(names []string) []byte {
	body, last := make([]byte, 0, len(f.event.Body)+64), 0
	for _, b := range f.blanks {
		body = append(append(body, f.event.Body[last:b.start]...), names[b.n]...)
		last = b.end
	}
	return append(body, f.event.Body[last:]...)
}

// likely are the names that the faker makes, "" where it makes none. All events of
// a record are named by what its first event would say.
func (s *session) likely(f *form, ordinal uint64) []string {
	out := make([]string, len(f.was))
	t, pointers := f.event.Type, f.names
	if f.stage != nil {
		life, _ := s.options.Contract.EntityOf(t)
		i := slices.IndexFunc(life.Stages, func(st contracts.Stage) bool { return s.inScope(st.Event) })
		if i < 0 {
			return out
		}
		t, pointers = life.Stages[i].Event, life.Stages[i].Key
	}
	if !s.inScope(t) {
		return out
	}
	ev, err := s.faker.Event(t.Name(), faker.Nth(ordinal))
	if err != nil {
		return out
	}
	list := places(ev.Body)
	for _, p := range list {
		// A word without a digit is of a list, which may be short.
		if n := slices.Index(pointers, p.pointer); n >= 0 && strings.ContainsAny(p.text, "0123456789") {
			out[n] = p.text
		}
	}
	return out
}

func (s *session) inScope(t *contracts.EventType) bool { return slices.Contains(s.scope, t) }

// roomy is a number of nine digits in place of a shorter one: of so many none is
// drawn twice.
func roomy(text string, sum uint64) string {
	if text == "" || text[0] == '"' || len(text) >= 9 {
		return text
	}
	return strconv.FormatUint(100_000_000+sum%900_000_000, 10)
}

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
