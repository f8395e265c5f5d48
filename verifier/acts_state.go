package verifier

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/mockserver"
)

// roleControl is a valid event whose effect shows that the oracle sees effects.
const roleControl = "control"

// atOnce sends deliveries together and waits for all of them.
func (s *session) atOnce(ctx context.Context, role string, events ...contracts.Event) error {
	list := make([]outgoing, len(events))
	for i, ev := range events {
		list[i] = outgoing{role, ev, sending{copy: i + 1, tamper: mockserver.Tamper{Name: fmt.Sprintf("one of %d at once", len(events))}}}
	}
	_, err := s.deliver(ctx, list...)
	return err
}

func repeated(ev contracts.Event, n int) []contracts.Event {
	out := make([]contracts.Event, n)
	for i := range out {
		out[i] = ev
	}
	return out
}

func duplicatesAtOnce(ctx context.Context, s *session) error {
	return s.atOnce(ctx, roleProbe, repeated(s.event(), together)...)
}

func duplicatesAtOnceAndLook(ctx context.Context, s *session) error {
	ev, ok := s.unseen(ctx)
	if !ok {
		return nil
	}
	if err := s.atOnce(ctx, roleProbe, repeated(ev, together)...); err != nil {
		return err
	}
	return s.look(ctx, roleProbe, ev, 1)
}

// many is how many different events are sent at once.
const many = 10

func manyAtOnce(ctx context.Context, s *session) error {
	var events []contracts.Event
	for range many {
		events = append(events, s.event())
	}
	return s.atOnce(ctx, roleProbe, events...)
}

func manyAtOnceAndLook(ctx context.Context, s *session) error {
	var events []contracts.Event
	for range many {
		ev, ok := s.unseen(ctx)
		if !ok {
			return nil
		}
		events = append(events, ev)
	}
	if err := s.atOnce(ctx, roleValid, events...); err != nil {
		return err
	}
	return s.lookTwice(ctx, roleValid, events...)
}

// lookTwice looks at several events, and once more at those that had no effect
// in time: an effect that is only late is no loss.
func (s *session) lookTwice(ctx context.Context, role string, events ...contracts.Event) error {
	for range 2 {
		for _, ev := range events {
			if s.seen(ev) {
				continue
			}
			if err := s.look(ctx, role, ev, 0); err != nil {
				return err
			}
		}
		lost := slices.DeleteFunc(slices.Clone(events), s.seen)
		if err := s.turnUp(ctx, func() (bool, error) { return s.haveEffects(ctx, lost), nil }); err != nil {
			return err
		}
	}
	return nil
}

// haveEffects asks once for all events. An oracle that fails is asked no more: the
// next look says so.
func (s *session) haveEffects(ctx context.Context, events []contracts.Event) bool {
	for _, ev := range events {
		if n, err := s.options.Oracle.Effects(ctx, ev, s.idOf(ev)); n == 0 && err == nil {
			return false
		}
	}
	return true
}

// seen reports whether the check has seen an effect of an event.
func (s *session) seen(ev contracts.Event) bool {
	return slices.ContainsFunc(s.sightings, func(seen Sighting) bool {
		return seen.Check == s.current.name && seen.Delivery == s.idOf(ev) && seen.Effects > 0
	})
}

// sendAndLook sends a valid event and waits for its effect.
func (s *session) sendAndLook(ctx context.Context, role string, ev contracts.Event, most int) error {
	if err := s.send(ctx, role, ev, sending{}); err != nil {
		return err
	}
	return s.look(ctx, role, ev, most)
}

// control sends an event with which nothing is wrong, and looks at the one that
// matters once more: by now its effect must be there.
func (s *session) control(ctx context.Context, of contracts.Event) error {
	ev, ok := s.unseen(ctx)
	if !ok {
		return nil
	}
	if err := s.sendAndLook(ctx, roleControl, ev, 0); err != nil {
		return err
	}
	return s.lookTwice(ctx, roleValid, of, ev)
}

// afterForgery sends an event that was refused before, because it was not
// rightly signed: whoever sent it then, the real one has to have its effect.
func afterForgery(ctx context.Context, s *session) error {
	ev, ok := s.unseen(ctx)
	if !ok {
		return nil
	}
	if err := s.send(ctx, roleProbe, ev, forged(s)); err != nil {
		return err
	}
	if err := s.sendAndLook(ctx, roleValid, ev, 0); err != nil {
		return err
	}
	return s.control(ctx, ev)
}

// signedAnew sends an event a second time as a later attempt is sent: the same
// body under a newer signature.
func signedAnew(ctx context.Context, s *session) error {
	ev, ok := s.unseen(ctx)
	if !ok {
		return nil
	}
	if err := s.send(ctx, roleValid, ev, sending{at: s.start.Add(-5 * time.Second)}); err != nil {
		return err
	}
	if err := s.send(ctx, roleRepeated, ev, sending{at: s.start}); err != nil {
		return err
	}
	return s.look(ctx, roleRepeated, ev, 1)
}

// fresh makes events until the oracle knows none of them. An oracle that cannot
// be asked is noted as a sighting; there are no events then.
func (s *session) fresh(ctx context.Context, make func() ([]contracts.Event, error)) ([]contracts.Event, error) {
	why := errNotFresh
	var id string
	for range freshTries {
		events, err := make()
		if err != nil {
			return nil, err
		}
		known := false
		for _, ev := range events {
			n, err := s.options.Oracle.Effects(ctx, ev, s.idOf(ev))
			if id = s.idOf(ev); err != nil {
				why = unasked(err)
			}
			known = known || n > 0 || err != nil
		}
		if !known {
			return events, nil
		}
		if !errors.Is(why, errNotFresh) {
			break
		}
	}
	s.sightings = append(s.sightings, Sighting{Check: s.current.name, Role: roleValid, Delivery: id, Error: why.Error()})
	return nil, nil
}

// pair sends two events that a receiver may take for one, and looks at both.
func pair(two func(s *session) (one, other contracts.Event, err error), same string) act {
	return row(func(s *session) ([]contracts.Event, error) {
		one, other, err := two(s)
		return []contracts.Event{one, other}, err
	}, same)
}

// row sends events that a receiver may take for one, and looks at all of them.
func row(several func(s *session) ([]contracts.Event, error), same string) act {
	return func(ctx context.Context, s *session) error {
		events, err := s.fresh(ctx, func() ([]contracts.Event, error) {
			events, err := several(s)
			if err == nil && sameIdentity(events[0], events[1]) {
				err = notApplicable(same)
			}
			return events, err
		})
		if err != nil || events == nil {
			return err
		}
		for i, ev := range events {
			if i > 0 && !s.tellsApart(ctx, ev) {
				return nil
			}
			if err := s.sendAndLook(ctx, roleValid, ev, 0); err != nil {
				return err
			}
		}
		return s.lookTwice(ctx, roleValid, events...)
	}
}

// tellsApart asks the oracle for an event that was not sent yet, after one that
// is much like it: whoever sees an effect now would see one of either for both.
func (s *session) tellsApart(ctx context.Context, ev contracts.Event) bool {
	n, err := s.options.Oracle.Effects(ctx, ev, s.idOf(ev))
	switch {
	case err != nil:
		err = unasked(err)
	case n > 0:
		err = errOneForTwo
	}
	if err != nil {
		s.sightings = append(s.sightings, Sighting{Check: s.current.name, Role: roleValid, Delivery: s.idOf(ev), Error: err.Error()})
	}
	return err == nil
}

var errOneForTwo = errors.New("the oracle shows the effect of one event for another one that was not sent yet: its placeholders have to name every member that tells them apart, and it has to compare them to the last digit")

// sameRecord is two events of one record, a second apart.
var sameRecord = pair(func(s *session) (one, other contracts.Event, err error) {
	return s.moved(time.Second)
}, "by the contract, two events of one record are the same event")

// sameIdentity reports whether the contract says that two events are the same.
func sameIdentity(a, b contracts.Event) bool {
	id := a.Type.Identity()
	if id.Header != "" || len(id.Members) == 0 || id.Provenance.Level == contracts.Assumed {
		return false
	}
	for _, pointer := range id.Members {
		if valueAt(a.Body, pointer) != valueAt(b.Body, pointer) {
			return false
		}
	}
	return true
}

// valueAt is the text of a body's value.
func valueAt(body []byte, pointer string) string {
	for _, p := range places(body) {
		if p.pointer == pointer {
			return p.text
		}
	}
	return ""
}

// sameID sends an event and then another body with the same identity.
func sameID(ctx context.Context, s *session) error {
	id := s.subject().Identity()
	if len(id.Members) == 0 || id.Provenance.Level == contracts.Assumed {
		return notApplicable("no source says which member of the body identifies the event")
	}
	events, err := s.fresh(ctx, func() ([]contracts.Event, error) {
		v, err := s.vary("a member that takes any text and is no part of its identity", func(p place) (string, bool) {
			if slices.Contains(id.Members, p.pointer) {
				return "", false
			}
			return text(func(was string) string { return was + ", and more" })(p)
		})
		return []contracts.Event{v.of, v.event}, err
	})
	if err != nil || events == nil {
		return err
	}
	if err := s.send(ctx, roleValid, events[0], sending{}); err != nil {
		return err
	}
	if err := s.plainProbe(ctx, "another body", events[1]); err != nil {
		return err
	}
	return s.look(ctx, roleRepeated, events[0], 1)
}

// olderEvent sends what happened to a record, and then what happened to it an
// hour before.
func olderEvent(ctx context.Context, s *session) error {
	newer, older, err := s.moved(-time.Hour)
	if err != nil {
		return err
	}
	if err := s.send(ctx, roleValid, newer, sending{}); err != nil {
		return err
	}
	return s.plainProbe(ctx, "an hour older", older)
}

// judgeEachOnce wants an effect of every event that was acknowledged and that the
// oracle was asked for, and no second one. What was not acknowledged will be
// sent again, and is no loss.
func judgeEachOnce(lost string) func(*hearing) finding {
	return func(h *hearing) finding {
		if len(h.sightings) == 0 {
			return nothingSent
		}
		f := finding{verdict: Pass, because: "each event had its effect", expected: "one effect of each event"}
		most := map[string]int{} // effects by delivery
		for _, s := range h.sightings {
			most[s.Delivery] = max(most[s.Delivery], s.Effects)
		}
		none, once, more := 0, 0, 0
		for delivery, effects := range most {
			switch {
			case effects == 1:
				once++
			case effects > 1:
				more++
			case h.acknowledged(delivery):
				none++
			}
		}
		f.received = fmt.Sprintf("effects of %d of %d events", once+more, len(most))
		switch {
		case once+more == 0:
			f.verdict, f.because = Inconclusive, "the oracle saw no effect; "+whereToLook
		case none > 0 && h.tooSlow() != "":
			f.verdict, f.because = Inconclusive, h.tooSlow()
		case none > 0:
			f.verdict, f.because = Fail, lost
		case more > 0:
			f.verdict, f.because = Fail, "an event had its effect more than once"
		}
		return f
	}
}

// judgeAllDone knows besides that an oracle which saw effects before looks at the
// right place: a receiver may stop its work and go on answering.
func judgeAllDone(h *hearing) finding {
	const lost = "events that were acknowledged had no effect"
	f := judgeEachOnce(lost)(h)
	if f.verdict == Inconclusive && len(h.sightings) > 0 && h.hadEffects() {
		f.verdict, f.because = Fail, lost+", although earlier ones of the same type had theirs"
	}
	return f
}

// hadEffects reports whether the oracle saw effects before this check, of an
// event of the type that this one is about: it looks at the right place.
func (h *hearing) hadEffects() bool {
	if len(h.own) == 0 {
		return false
	}
	of := map[string]string{} // event by delivery
	for _, x := range h.all {
		of[x.delivery] = x.event
	}
	for _, s := range h.evidence.Sightings {
		if s.Check == h.check.name {
			return false // what comes later does not count: it may work again
		}
		if s.Effects > 0 && s.Role != roleProbe && of[s.Delivery] == h.own[0].event {
			return true
		}
	}
	return false
}

// acknowledged reports whether a delivery was accepted at least once.
func (h *hearing) acknowledged(delivery string) bool {
	for _, x := range h.own {
		if (x.delivery == delivery || strings.HasPrefix(x.delivery, delivery+"_")) && successRule(x.policy).accepts(x.attempt) {
			return true
		}
	}
	return false
}
