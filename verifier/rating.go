package verifier

import (
	"fmt"
	"slices"

	"github.com/hookrig/hookrig/mockserver"
)

// class sorts answers by what they tell a provider.
type class string

const (
	took        class = "was accepted"
	misspoke    class = "was acknowledged in a way that this provider does not take for success"
	redirected  class = "was redirected"
	badRequest  class = "was refused as a bad request"
	unsupported class = "was refused as something that is not supported"
	tooLarge    class = "was refused as too large"
	denied      class = "was refused as unauthorised"
	notAllowed  class = "was refused: no such method or address"
	refused     class = "was refused"
	broke       class = "broke the receiver"
	endless     class = "got an answer that begins and does not end"
	silent      class = "got no answer"
)

// clean are refusals by which a receiver says what is wrong.
var clean = []class{badRequest, unsupported, tooLarge}

// refusals are all ways to say no.
var refusals = append([]class{denied, notAllowed, refused}, clean...)

// classOf an answer to a delivery under a rule of what counts as success.
func classOf(r rule, a *mockserver.Attempt) class {
	switch {
	case a.Failure != "" && !unended(a):
		return silent
	case r.accepts(a):
		return took
	case unended(a) && a.Status < 300:
		return endless
	case a.Status < 300:
		return misspoke
	case a.Status < 400:
		return redirected
	case a.Status == 501:
		return notAllowed
	case a.Status >= 500:
		return broke
	}
	switch a.Status {
	case 400, 422:
		return badRequest
	case 406, 411, 415, 417:
		return unsupported
	case 413, 414, 431:
		return tooLarge
	case 401, 403:
		return denied
	case 404, 405, 410:
		return notAllowed
	}
	return refused
}

// rating is a judge as data: what it makes of each class of answer to a
// check's probes. What is named nowhere fails.
type rating struct {
	what       string // was sent: the subject of a sentence
	many       string // several were sent on purpose: what they are, "events at once"
	pass, warn []class
	expected   string                                // "": the provider's success codes
	says       map[class]string                      // instead of the class's own words
	sort       func(rule, *mockserver.Attempt) class // nil: classOf
}

func (r *rating) verdict(c class) Verdict {
	switch {
	case slices.Contains(r.pass, c):
		return Pass
	case slices.Contains(r.warn, c):
		return Warn
	}
	return Fail
}

func (r *rating) class(x *exchange) class {
	sort := classOf
	if r.sort != nil {
		sort = r.sort
	}
	return sort(successRule(x.policy), x.attempt)
}

// judge rates every probe of a check; the worst one decides.
func (r *rating) judge(h *hearing) finding {
	probes := h.of(roleProbe)
	if len(probes) == 0 {
		return nothingSent
	}
	worst := map[Verdict][]*exchange{}
	for _, x := range probes {
		v := r.verdict(r.class(x))
		worst[v] = append(worst[v], x)
	}
	for _, v := range []Verdict{Fail, Warn, Pass} {
		if of := worst[v]; len(of) > 0 {
			f := r.finding(of[0], len(probes) > 1 && v != Pass)
			if f.verdict, f.proof = v, of; r.many != "" {
				f.because = r.ofMany(of, len(probes), v)
			}
			return f
		}
	}
	return nothingSent
}

// ofMany says what became of probes that were sent together, of so many in all.
func (r *rating) ofMany(of []*exchange, all int, v Verdict) string {
	if v == Pass {
		return fmt.Sprintf("all %d %s were accepted", all, r.many)
	}
	were := "was"
	if len(of) > 1 {
		were = "were"
	}
	return fmt.Sprintf("of %d %s, %d %s not accepted; the first %s", all, r.many, len(of), were, r.class(of[0]))
}

// finding says in words what became of a probe; several are told apart by name.
func (r *rating) finding(x *exchange, several bool) finding {
	c := r.class(x)
	f := finding{expected: r.expected, received: answer(x.attempt), because: r.says[c]}
	if f.because == "" {
		f.because = r.what + " " + string(c)
	}
	if several {
		f.because = nameOf(x) + ": " + f.because
	}
	if f.expected == "" {
		f.expected = successRule(x.policy).String()
	}
	return f
}

// nameOf a probe is the name of what was done to it.
func nameOf(x *exchange) string {
	if x.attempt.Tamper != "" {
		return x.attempt.Tamper
	}
	return x.event
}

// asForgery: a forgery has to be refused as what it is. What a provider makes of the refusal
// is its own business; that it is one is practice.
func asForgery(what string) func(*hearing) finding {
	r := rating{what: what, pass: []class{denied}, warn: append([]class{refused}, clean...), expected: "401 or 403", says: map[class]string{
		misspoke:   what + " was accepted",
		endless:    what + " was accepted, by an answer that does not end",
		badRequest: "it was refused, but as a bad request: nobody can tell a forgery from a slip",
	}}
	return r.judge
}

// refusedAnyway is for what must not be believed, whatever the reason that is given.
func refusedAnyway(what string) func(*hearing) finding {
	r := rating{what: what, pass: refusals, expected: "a refusal (4xx)"}
	return unlessTooSoon(r.judge)
}

// unreadable has to be refused as a bad request.
func unreadable(what string) func(*hearing) finding {
	return (&rating{what: what, pass: clean, warn: refusals, expected: "400 or 422", says: map[class]string{
		took:     what + " was accepted: the event is lost",
		misspoke: what + " was accepted: the event is lost",
		denied:   what + " was refused, but not as a bad request",
	}}).judge
}

// tolerated has to be accepted.
func tolerated(what string) func(*hearing) finding {
	return (&rating{what: what, pass: []class{took}}).judge
}

// preferred ought to be accepted; a clean refusal costs the receiver retries,
// and its registration perhaps, and is nothing worse.
func preferred(what string) func(*hearing) finding {
	return (&rating{what: what, pass: []class{took}, warn: append([]class{misspoke, notAllowed, refused}, clean...)}).judge
}

// either may be accepted or refused, as long as it is done in good order.
func either(what string) func(*hearing) finding {
	return (&rating{what: what, pass: append([]class{took, misspoke}, clean...), warn: []class{refused, notAllowed}, expected: "success, or a refusal such as 400, 413, 415 or 422"}).judge
}
