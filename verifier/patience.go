package verifier

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/mockserver"
)

// This file is about receivers that ask for time. How fast a run sends is our
// choice and no provider's: who limits it has not said yet what they make of a
// delivery. Only the checks of the stress tier are about that.

const (
	// mostPatience is how long a receiver that asks for time is given.
	mostPatience = 10 * time.Second
	// mostVain is how often it is given that, and takes nothing afterwards.
	mostVain = 5
)

// rolePutOff is a delivery that was sent again because the receiver asked for it.
const rolePutOff = "put-off"

// putOff reports whether an answer asks to be sent the delivery later, and says
// when: 429 or 503.
func putOff(a *mockserver.Attempt) bool {
	if a.Failure != "" && a.Failure != "lost-answer" || a.Header.Get("Retry-After") == "" {
		return false
	}
	return a.Status == http.StatusTooManyRequests || a.Status == http.StatusServiceUnavailable
}

// unlessTooSoon is a judge that takes no 429 for a refusal of what was sent.
func unlessTooSoon(judge func(*hearing) finding) func(*hearing) finding {
	return func(h *hearing) finding {
		f := judge(h)
		for _, x := range h.of(roleProbe) {
			if f.verdict == Pass && x.attempt.Status == http.StatusTooManyRequests {
				return finding{verdict: Inconclusive, because: "the receiver asked for fewer deliveries, and said nothing of this one", expected: f.expected, received: answer(x.attempt)}
			}
		}
		return f
	}
}

// asksFor is the time that an answer asks for, as far as it is given; a second
// where nobody can read it.
func asksFor(a *mockserver.Attempt) time.Duration {
	text := a.Header.Get("Retry-After")
	asked := time.Second
	if seconds, err := strconv.Atoi(text); err == nil {
		asked = time.Duration(min(max(0, seconds), int(mostPatience/time.Second))) * time.Second
	} else if at, err := http.ParseTime(text); err == nil {
		asked = at.Sub(a.Started.Add(a.Took))
	}
	return min(max(0, asked), mostPatience)
}

// delayed reports whether all that is known of an exchange is that it came too
// soon.
func (x *exchange) delayed() bool {
	return x.attempt != nil && putOff(x.attempt) && !x.stress
}

// outgoing is a delivery that is to be made.
type outgoing struct {
	role  string
	event contracts.Event
	how   sending
}

// deliver sends deliveries together and returns the last attempt at each, nil
// where none was made. What the receiver puts off is sent again, one after the
// other, when the time that it asked for is over, for as long as it takes some of
// it each time. The error means that the run is over.
func (s *session) deliver(ctx context.Context, list ...outgoing) ([]*mockserver.Attempt, error) {
	sent := make([]*mockserver.Delivery, len(list))
	for i, o := range list {
		sent[i] = s.dispatch(o.role, o.event, o.how)
	}
	out := make([]*mockserver.Attempt, len(list))
	for i, d := range sent {
		var err error
		if out[i], err = s.outcome(ctx, d); err != nil {
			return out, err
		}
	}
	late := s.toSendAgain(out)
	for len(late) > 0 {
		longest := time.Duration(0)
		for _, i := range late {
			longest = max(longest, asksFor(out[i]))
		}
		if wait(ctx, longest); ctx.Err() != nil { // the receiver's will: it is not billed
			return out, ctx.Err()
		}
		for _, i := range late {
			var err error
			if out[i], err = s.outcome(ctx, s.dispatch(list[i].role, list[i].event, list[i].how)); err != nil {
				return out, err
			}
		}
		was := len(late)
		if late = s.toSendAgain(out); len(late) == was {
			s.vain++
			break
		}
	}
	for _, a := range out {
		if a != nil {
			s.attempts = append(s.attempts, *a)
		}
	}
	return out, nil
}

// toSendAgain are the places of attempts that were put off, as long as it is of
// use to send such deliveries again.
func (s *session) toSendAgain(of []*mockserver.Attempt) (out []int) {
	if s.current.tier == Stress || s.vain >= mostVain {
		return nil
	}
	for i, a := range of {
		if a != nil && putOff(a) {
			out = append(out, i)
		}
	}
	return out
}
