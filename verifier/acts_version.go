package verifier

import (
	"context"
	"slices"
	"strings"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/diff"
	"github.com/hookrig/hookrig/faker"
)

// What a receiver makes of the next version of its contract.

// hasNext is the reason why nothing is known of a next version.
func hasNext(s *session) string {
	if s.options.Against == nil {
		return lacksNext
	}
	return ""
}

// nextVersion tries the changes of one effect, all at once, at the first event
// that has some.
func nextVersion(effect diff.Effect) act {
	return func(ctx context.Context, s *session) error {
		for _, t := range s.around() {
			after, err := s.options.Against.EventType(t.Name())
			if err != nil {
				continue // it is no longer sent
			}
			changes, err := diff.CompareEvents(t, after)
			if err != nil {
				return err
			}
			v, err := newVersion(s, t, after)
			if err != nil {
				return err
			}
			if members := v.members(changes, effect); len(members) > 0 {
				_, err := v.trial.narrow(ctx, members)
				return err
			}
		}
		return notApplicable("no event of the scope has such a change that a body shows")
	}
}

// version makes events of one version that have what another one changes.
type version struct {
	trial   *trialOf
	next    []place // of an event as the other version has it
	changes map[string]diff.Change
}

func newVersion(s *session, t, after *contracts.EventType) (*version, error) {
	of := func(c *contracts.Contract) (*faker.Faker, error) {
		return faker.New(c, faker.Options{Seed: s.options.Seed, At: s.options.At, Events: []string{t.Name()}, Shape: faker.Full})
	}
	now, err := of(t.Contract())
	if err != nil {
		return nil, err
	}
	then, err := of(after.Contract())
	if err != nil {
		return nil, err
	}
	ev, err := then.Event(after.Name(), faker.Nth(s.ordinal))
	if err != nil {
		return nil, err
	}
	v := &version{next: places(ev.Body), changes: map[string]diff.Change{}}
	v.trial = &trialOf{session: s, evolution: &evolution{name: "what changes"}, faker: now, of: t}
	v.trial.change = func(body []byte, members []string) ([]byte, int) {
		n := 0
		for _, m := range members {
			changed, found := v.apply(body, m)
			if found {
				body = changed
				n++
			}
		}
		return body, n
	}
	return v, nil
}

// members names the changes of an effect that a body of the event shows.
func (v *version) members(changes []diff.Change, effect diff.Effect) (out []string) {
	ev := v.trial.event(v.trial.ordinal)
	for _, ch := range changes {
		name := ch.Pointer + " (" + ch.Rule + ")"
		if ch.Part != diff.PartPayload || ch.Effect != effect || v.changes[name].Rule != "" || len(out) == mostMembers {
			continue
		}
		v.changes[name] = ch
		if _, ok := v.apply(ev.Body, name); ok {
			out = append(out, name)
		}
	}
	return out
}

// apply makes one change in a body, wherever it stands.
func (v *version) apply(body []byte, name string) (out []byte, found bool) {
	ch := v.changes[name]
	pointer := ch.Pointer
	if ch.Rule == "member-added" {
		pointer = pointer[:strings.LastIndexByte(pointer, '/')]
	}
	list := places(body)
	out = body
	for i := len(list) - 1; i >= 0; i-- { // what stands before stays where it is
		if !covers(pointer, list[i].pointer) || v.trial.names(list[i].pointer) {
			continue
		}
		if changed, ok := v.edit(ch, out, list, i); ok {
			out, found = changed, true
		}
	}
	return out, found
}

func (v *version) edit(ch diff.Change, body []byte, list []place, i int) ([]byte, bool) {
	switch {
	case ch.Rule == "member-added":
		token := ch.Pointer[strings.LastIndexByte(ch.Pointer, '/')+1:]
		value := v.value(ch)
		there := slices.ContainsFunc(list, func(p place) bool { return p.pointer == list[i].pointer+"/"+token })
		if list[i].kind() != '{' || token == "*" || there || value == "" {
			return nil, false
		}
		return add(body, list[i], quote(strings.NewReplacer("~1", "/", "~0", "~").Replace(token))+":"+value), true
	case ch.Rule == "member-removed", ch.Rule == "member-optional":
		return without(body, list, i)
	case ch.Value != nil:
		return put(body, list[i], string(ch.Value)), true
	}
	return nil, false
}

// value is what a new member holds: as in an event of the other version, or any.
func (v *version) value(ch diff.Change) string {
	for _, p := range v.next {
		if covers(ch.Pointer, p.pointer) {
			return p.text
		}
	}
	return string(ch.Value)
}

// covers reports whether a pointer with "*" means a place.
func covers(pattern, pointer string) bool {
	a, b := strings.Split(pattern, "/"), strings.Split(pointer, "/")
	return slices.EqualFunc(a, b, func(x, y string) bool { return x == y || x == "*" })
}
