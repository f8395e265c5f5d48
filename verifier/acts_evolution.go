package verifier

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/faker"
)

// How a provider's events change over the years, tried at every member at once.
// Where that is refused, halves of the members are tried until one is left: the
// finding names it.

// evolution is a kind of change that a member may go through.
type evolution struct {
	name    string // of probes: "null" at /a
	missing string // why there is nothing to send
	// lawful changes keep the contract, all together too.
	lawful bool
	// adds: the change keeps what is in a member; others put it away.
	adds bool
	// fits reports whether the change means something at a place of a valid body.
	fits func(t *contracts.EventType, body []byte, list []place, i int) bool
	// edit makes it; false where that cannot be.
	edit func(body []byte, list []place, i int) ([]byte, bool)
}

const (
	mostMembers  = 120 // that are tried
	mostLookouts = 8   // events that are looked at for one that has all members
)

// act tries the change at an event with all members.
func (e *evolution) act(ctx context.Context, s *session) error {
	for _, t := range s.around() {
		f, err := s.allMembers(t)
		if err != nil {
			return err
		}
		trial := &trialOf{session: s, evolution: e, faker: f, of: t}
		trial.change = trial.apply
		members, inner := trial.members()
		if len(members) == 0 {
			continue
		}
		// What contains other members hides them while it is changed itself.
		if len(inner) > 0 && len(inner) < len(members) {
			if done, err := trial.narrow(ctx, inner); done || err != nil {
				return err
			}
		}
		_, err = trial.narrow(ctx, members)
		return err
	}
	return notApplicable(e.missing)
}

// allMembers makes events of a type with all members. It takes a while to get
// ready, and every evolution begins with the same events.
func (s *session) allMembers(t *contracts.EventType) (*faker.Faker, error) {
	if f, ok := s.fullest[t]; ok {
		return f, nil
	}
	f, err := faker.New(s.options.Contract, faker.Options{
		Seed: s.options.Seed, At: s.options.At, Events: []string{t.Name()}, Shape: faker.Full,
	})
	if err != nil {
		return nil, err
	}
	if s.fullest == nil {
		s.fullest = map[*contracts.EventType]*faker.Faker{}
	}
	s.fullest[t] = f
	return f, nil
}

// trialOf is an evolution at one event.
type trialOf struct {
	*session
	*evolution
	faker  *faker.Faker
	of     *contracts.EventType
	change func(body []byte, members []string) (changed []byte, found int)
}

func (t *trialOf) event(ordinal uint64) contracts.Event {
	ev, err := t.faker.Event(t.of.Name(), faker.Nth(ordinal))
	if err != nil { // New has proven it
		panic("verifier: " + err.Error())
	}
	return ev
}

// members are the places, with "*" for any item, at which the change can be
// made; inner are those that contain none of the others.
func (t *trialOf) members() (all, inner []string) {
	ev, seen := t.event(t.ordinal), map[string]bool{}
	list := places(ev.Body)
	patterns := patternsOf(list)
	for i, p := range list {
		if p.pointer == "" || seen[patterns[i]] || t.names(p.pointer) || len(all) == mostMembers {
			continue
		}
		seen[patterns[i]] = true
		if t.fits(t.of, ev.Body, list, i) {
			all = append(all, patterns[i])
		}
	}
	if all = t.together(ev.Body, all); t.adds {
		return all, all
	}
	for _, m := range all {
		if !slices.ContainsFunc(all, func(o string) bool { return strings.HasPrefix(o, m+"/") }) {
			inner = append(inner, m)
		}
	}
	return all, inner
}

// together leaves out members that break the contract beside the others: what
// may change alone need not together.
func (t *trialOf) together(body []byte, members []string) (out []string) {
	if !t.lawful {
		return members
	}
	if changed, _ := t.change(body, members); keeps(t.of, changed) {
		return members
	}
	for _, m := range members {
		if changed, _ := t.change(body, append(slices.Clip(out), m)); keeps(t.of, changed) {
			out = append(out, m)
		}
	}
	return out
}

// apply changes all members of some patterns, from the last to the first: what
// stands before stays where it is. It counts the patterns that it found.
func (t *trialOf) apply(body []byte, members []string) ([]byte, int) {
	list := places(body)
	patterns := patternsOf(list)
	found := map[string]bool{}
	for i := len(list) - 1; i > 0; i-- {
		if !slices.Contains(members, patterns[i]) {
			continue
		}
		found[patterns[i]] = true // also where it goes with what it is in
		if within(members, patterns[i]) && !t.adds {
			continue
		}
		if changed, ok := t.edit(body, list, i); ok {
			body = changed
		}
	}
	return body, len(found)
}

// within reports whether a member is part of another one.
func within(members []string, pattern string) bool {
	return slices.ContainsFunc(members, func(m string) bool { return strings.HasPrefix(pattern, m+"/") })
}

// narrow tries members at once, and halves of them while they are refused. It
// reports whether they were refused.
func (t *trialOf) narrow(ctx context.Context, members []string) (refused bool, err error) {
	if refused, err = t.try(ctx, members); !refused || err != nil {
		return refused, err
	}
	for len(members) > 1 {
		half := len(members) / 2
		var smaller []string
		for _, part := range [][]string{members[:half], members[half:]} {
			again, err := t.try(ctx, part)
			if err != nil {
				return true, err
			}
			if again {
				smaller = part
				break
			}
		}
		if smaller == nil { // only together
			break
		}
		members = smaller
	}
	return true, nil
}

// try sends a new event with these members changed: one that a receiver has
// seen would be acknowledged unread.
func (t *trialOf) try(ctx context.Context, members []string) (refused bool, err error) {
	var best contracts.Event
	most := -1
	for range mostLookouts {
		ev := t.event(t.ordinal)
		t.ordinal++
		body, n := t.change(ev.Body, members)
		if ev.Body = body; t.lawful && !keeps(t.of, ev.Body) {
			continue
		}
		if n > most {
			best, most = ev, n
		}
		if n == len(members) {
			break
		}
	}
	if most < 1 {
		return false, nil
	}
	return t.refuses(ctx, probeName(t.name, members), best)
}

// refuses sends an event and reports whether it was not accepted.
func (s *session) refuses(ctx context.Context, name string, ev contracts.Event) (bool, error) {
	if err := s.plainProbe(ctx, name, ev); err != nil || len(s.attempts) == 0 {
		return false, err
	}
	return !successRule(ev.Type.Policy()).accepts(&s.attempts[len(s.attempts)-1]), nil
}

// probeName says what was changed, and where.
func probeName(what string, members []string) string {
	if len(members) == 1 {
		return what + " at " + shorten(members[0], 150)
	}
	return fmt.Sprintf("%s at %d members", what, len(members))
}

// patternsOf are the pointers of places with "*" for each item of a list.
func patternsOf(list []place) []string {
	out := make([]string, len(list))
	at := map[string]int{}
	for i, p := range list {
		at[p.pointer] = i
		if cut := strings.LastIndexByte(p.pointer, '/'); cut >= 0 {
			parent := at[p.pointer[:cut]]
			token := p.pointer[cut+1:]
			if list[parent].kind() == '[' {
				token = "*"
			}
			out[i] = out[parent] + "/" + token
		}
	}
	return out
}

// The changes.

// optionalNull: a member that may be missing comes as null.
var optionalNull = &evolution{
	name: "null", missing: "no event of the scope has an optional member",
	fits: func(t *contracts.EventType, body []byte, list []place, i int) bool {
		return list[i].kind() != 'n' && optionalAt(t, body, list, i)
	},
	edit: becomes("null"),
}

// optionalAbsent: a member that may be missing is.
var optionalAbsent = &evolution{
	name: "nothing", missing: "the events of the scope have no optional members", lawful: true,
	fits: optionalAt, edit: without,
}

// optionalAt reports whether the contract lets an event go without the member at
// a place.
func optionalAt(t *contracts.EventType, body []byte, list []place, i int) bool {
	less, ok := without(body, list, i)
	return ok && keeps(t, less)
}

// unknownValue: a member has a value that is not in its list. The contract's
// schema tells which members have one.
var unknownValue = &evolution{
	name: "an unknown value", missing: "no event of the scope has a member with a list of allowed values",
	fits: func(t *contracts.EventType, body []byte, list []place, i int) bool {
		if list[i].kind() != '"' {
			return false
		}
		changed, _ := unlisted(body, list, i)
		v, err := t.Validate(changed)
		return err == nil && len(v) == 1 && v[0].Rule == "enum"
	},
	edit: unlisted,
}

var unlisted = becomes(`"hookrig-unknown"`)

// innerMember: an object within the body, or in a list, has one more member.
var innerMember = &evolution{
	name: "an unknown member", missing: "no event of the scope has an object within its body that the contract leaves open", lawful: true, adds: true,
	fits: func(t *contracts.EventType, body []byte, list []place, i int) bool { return list[i].kind() == '{' },
	edit: func(body []byte, list []place, i int) ([]byte, bool) {
		at := list[i].start + 1 // what is in the object may have changed
		member := `"hookrigUnknown":{"since":"tomorrow"}`
		if rest := bytes.TrimLeft(body[at:], " \t\r\n"); rest[0] != '}' {
			member += ","
		}
		return slices.Concat(body[:at], []byte(member), body[at:]), true
	},
}

// longTexts: a text that people write is longer than the columns that people make.
var longTexts = &evolution{
	name: "a long text", missing: "no event of the scope has a text for people", lawful: true,
	fits: func(_ *contracts.EventType, _ []byte, list []place, i int) bool {
		was, ok := list[i].str()
		return ok && strings.Contains(strings.TrimSpace(was), " ")
	},
	edit: becomes(quote(longText)),
}

// longer is what texts for people become; where there are none, one that may
// be a code.
func longer(ctx context.Context, s *session) error {
	err := longTexts.act(ctx, s)
	if none := notApplicable(""); errors.As(err, &none) {
		return someText(longText)(ctx, s)
	}
	return err
}

// bigNumbers: a number that counts up needs more than 32 bits.
var bigNumbers = &evolution{
	name: "a large number", missing: "no event of the scope has a whole number without an upper limit", lawful: true,
	fits: func(_ *contracts.EventType, _ []byte, list []place, i int) bool {
		return wholeNumber.MatchString(list[i].text)
	},
	edit: becomes("4294967297"),
}

var wholeNumber = regexp.MustCompile(`^\d+$`)

// becomes puts a text in place of a value.
func becomes(text string) func([]byte, []place, int) ([]byte, bool) {
	return func(body []byte, list []place, i int) ([]byte, bool) { return put(body, list[i], text), true }
}

// keeps reports whether a body keeps the contract.
func keeps(t *contracts.EventType, body []byte) bool {
	v, err := t.Validate(body)
	return err == nil && len(v) == 0
}

// narrowed rates the probes of an evolution by the last that was refused: the
// one with the fewest members.
func narrowed(what string, pass, warn []class) func(*hearing) finding {
	r := &rating{what: what, pass: pass, warn: warn}
	return func(h *hearing) finding {
		f := r.judge(h)
		if f.verdict != Fail && f.verdict != Warn {
			return f
		}
		smallest := f.proof[len(f.proof)-1:]
		verdict := f.verdict
		f = r.finding(smallest[0], true)
		f.verdict, f.proof = verdict, smallest
		return f
	}
}

// toleratedAt and preferredAt are tolerated and preferred, with the member.
func toleratedAt(what string) func(*hearing) finding { return narrowed(what, []class{took}, nil) }

func preferredAt(what string) func(*hearing) finding {
	return narrowed(what, []class{took}, append([]class{misspoke, notAllowed, refused}, clean...))
}
