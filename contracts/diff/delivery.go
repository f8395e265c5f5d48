package diff

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/hookrig/hookrig/contracts"
)

// ofContract compares what both contracts say of all events: signature, where a
// delivery names its event, and what can be registered together.
func ofContract(before, after *contracts.Contract) []Change {
	out := append(ofSignature(before, after), ofDiscriminator(before, after)...)
	was, _ := before.Conflicts()
	is, _ := after.Conflicts()
	for _, group := range without(is, was) {
		out = append(out, Change{
			Part: PartRegistration, Pointer: "/registration/conflicts", Rule: "conflict-added", Effect: Breaking,
			Message: fmt.Sprintf("%s can no longer be registered together", strings.Join(group, ", ")),
		})
	}
	for _, group := range without(was, is) {
		out = append(out, Change{
			Part: PartRegistration, Pointer: "/registration/conflicts", Rule: "conflict-removed", Effect: Compatible,
			Message: fmt.Sprintf("%s can be registered together now", strings.Join(group, ", ")),
		})
	}
	return out
}

// without are the groups that are not among others; their order means nothing.
func without(groups, others [][]string) (out [][]string) {
	key := func(group []string) string { return strings.Join(slices.Sorted(slices.Values(group)), "\x00") }
	known := map[string]bool{}
	for _, g := range others {
		known[key(g)] = true
	}
	for _, g := range groups {
		if !known[key(g)] {
			out = append(out, g)
		}
	}
	return out
}

func ofDiscriminator(before, after *contracts.Contract) []Change {
	was, is := before.Discriminator(), after.Discriminator()
	was.Provenance, is.Provenance = contracts.Provenance{}, contracts.Provenance{}
	if was == is {
		return nil
	}
	say := func(d contracts.Discriminator) string {
		switch {
		case d.Header != "":
			return "in the header " + d.Header
		case d.Each != "":
			return "at " + d.Each + "/*" + d.Pointer
		case !d.Stated:
			return "nowhere that the contract says"
		}
		return "at " + d.Pointer
	}
	return []Change{{
		Part: PartRequest, Pointer: "/event", Rule: "event-name", Effect: Breaking,
		Message: fmt.Sprintf("a delivery names its event %s; it was %s", say(is), say(was)),
	}}
}

// statement is a text of the contract that receivers depend on as it is.
type statement struct{ pointer, rule, what, was, is string }

// changed is a breaking change for each statement that is no longer the same.
func changed(part string, list []statement) (out []Change) {
	for _, s := range list {
		if s.was != s.is {
			out = append(out, Change{
				Part: part, Pointer: s.pointer, Rule: s.rule, Effect: Breaking,
				Message: fmt.Sprintf("%s is %s; it was %s", s.what, named(s.is), named(s.was)),
			})
		}
	}
	return out
}

func named(s string) string {
	if s == "" {
		return "none"
	}
	return fmt.Sprintf("%q", s)
}

func ofSignature(before, after *contracts.Contract) []Change {
	was, _ := before.Signature()
	is, _ := after.Signature()
	switch {
	case !was.Signs() && !is.Signs():
		return nil
	case !was.Signs():
		return []Change{{
			Part: PartSignature, Pointer: "/signature", Rule: "signature-added", Effect: Compatible,
			Message: "deliveries are signed now (" + is.Algorithm + "): check them",
		}}
	case !is.Signs():
		return []Change{{
			Part: PartSignature, Pointer: "/signature", Rule: "signature-removed", Effect: Breaking,
			Message: "deliveries are no longer signed: a receiver that checks refuses all of them",
		}}
	}
	out := changed(PartSignature, []statement{
		{"/signature/algorithm", "signature", "the algorithm", was.Algorithm, is.Algorithm},
		{"/signature/signed", "signature", "what is signed", was.Signed, is.Signed},
		{"/signature/encoding", "signature", "the encoding", was.Encoding, is.Encoding},
		{"/signature/header", "header", "the header of the signature", canonical(was.Header), canonical(is.Header)},
		{"/signature/value", "signature", "the form of the header's value", was.Value, is.Value},
		{"/signature/separator", "signature", "what separates several signatures", was.Separator, is.Separator},
		{"/signature/timestampHeader", "header", "the header of the time", canonical(was.TimestampHeader), canonical(is.TimestampHeader)},
		{"/signature/idHeader", "header", "the header of the id", canonical(was.IDHeader), canonical(is.IDHeader)},
		{"/signature/key", "signature", "how a secret is spelled", was.Key, is.Key},
		{"/signature/keyPrefix", "signature", "what secrets begin with", was.KeyPrefix, is.KeyPrefix},
	})
	out = append(out, ofClaims(was.Claims, is.Claims)...)
	if was.Optional != is.Optional {
		ch := Change{Part: PartSignature, Pointer: "/signature/optional", Rule: "signature", Effect: Compatible, Message: "deliveries always carry credentials now"}
		if is.Optional {
			ch.Effect, ch.Message = Breaking, "deliveries may come without credentials"
		}
		out = append(out, ch)
	}
	if was.Tolerance != is.Tolerance {
		ch := Change{Part: PartSignature, Pointer: "/signature/tolerance", Rule: "tolerance", Effect: Compatible}
		ch.Message = fmt.Sprintf("signed times are good for %s; it was %s", span(is.Tolerance, "no stated time"), span(was.Tolerance, "no stated time"))
		if was.Tolerance > 0 && (is.Tolerance == 0 || is.Tolerance > was.Tolerance) {
			ch.Effect = Breaking // a receiver that keeps to the old window refuses some
		}
		out = append(out, ch)
	}
	return out
}

func canonical(header string) string { return strings.ToLower(header) }

func ofClaims(was, is map[string]string) (out []Change) {
	all := maps.Clone(was)
	if all == nil {
		all = map[string]string{}
	}
	maps.Copy(all, is)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		old, had := was[name]
		now, has := is[name]
		ch := Change{Part: PartSignature, Pointer: "/signature/claims/" + name, Rule: "claim", Effect: Breaking}
		switch {
		case !had:
			ch.Effect, ch.Message = Compatible, fmt.Sprintf("the token has one more claim, %q", name)
		case !has:
			ch.Message = fmt.Sprintf("the token no longer has the claim %q", name)
		case old != now:
			ch.Message = fmt.Sprintf("the claim %q is %q; it was %q", name, now, old)
		default:
			continue
		}
		out = append(out, ch)
	}
	return out
}

// ofRequest compares how an event's delivery looks but for the body.
func ofRequest(p eventPair) []Change {
	out := changed(PartRequest, []statement{
		{"/method", "method", "the method", p.before.Method(), p.after.Method()},
		{"/address", "path", "the path", p.before.Path(), p.after.Path()},
		{"/contentType", "content-type", "the content type", p.before.ContentType(), p.after.ContentType()},
	})
	if p.before.Name() == p.after.Name() {
		out = append(out, changed(PartRequest, []statement{{"/value", "event-name", "what a delivery calls the event", p.before.Tag(), p.after.Tag()}})...)
	}
	was, is := p.before.Headers(), p.after.Headers()
	for _, name := range slices.Sorted(maps.Keys(was)) {
		ch := Change{Part: PartRequest, Pointer: "/headers/" + name, Rule: "header", Effect: Breaking}
		switch now, has := is[name]; {
		case !has:
			ch.Message = fmt.Sprintf("the header %s is no longer sent", name)
		case now[0] != was[name][0]:
			ch.Message = fmt.Sprintf("the header %s says %q; it was %q", name, now[0], was[name][0])
		default:
			continue
		}
		out = append(out, ch)
	}
	for _, name := range slices.Sorted(maps.Keys(is)) {
		if _, had := was[name]; !had {
			out = append(out, Change{
				Part: PartRequest, Pointer: "/headers/" + name, Rule: "header-added", Effect: Compatible,
				Message: fmt.Sprintf("a new header %s: %q", name, is[name][0]),
			})
		}
	}
	return out
}

func ofIdentity(p eventPair) []Change {
	was, is := p.before.Identity(), p.after.Identity()
	say := func(id contracts.Identity) string {
		parts := slices.Sorted(slices.Values(id.Members))
		if id.Header != "" {
			parts = append(parts, "the header "+canonical(id.Header))
		}
		if len(parts) == 0 {
			return "not said"
		}
		return strings.Join(parts, ", ")
	}
	if say(was) == say(is) {
		return nil
	}
	ch := Change{Part: PartIdentity, Pointer: "/identity", Rule: "identity", Effect: Breaking}
	ch.Message = fmt.Sprintf("what makes two deliveries the same event is %s; it was %s", say(is), say(was))
	if say(was) == "not said" {
		ch.Effect = Compatible
	}
	return []Change{ch}
}

// ofDelivery compares delivery policies. The provider's patience is a promise:
// less of it breaks.
func ofDelivery(p eventPair) []Change {
	was, is := p.before.Policy(), p.after.Policy()
	var out []Change
	say := func(member, rule string, worse bool, format string, args ...any) {
		effect := Compatible
		if worse {
			effect = Breaking
		}
		out = append(out, Change{Part: PartDelivery, Pointer: "/delivery/" + member, Rule: rule, Effect: effect, Message: fmt.Sprintf(format, args...)})
	}
	if lost, won := accepted(was, is); lost+won > 0 {
		say("success", "success", lost > 0, "success is %s; it was %s", is.Accepted(), was.Accepted())
	}
	if was.Timeout != is.Timeout {
		say("timeout", "timeout", is.Timeout < was.Timeout, "an answer may take %s; it was %s", contracts.Days(is.Timeout), contracts.Days(was.Timeout))
	}
	out = append(out, ofRetries(was, is)...)
	if was.Then != is.Then {
		order := []string{contracts.Keep, contracts.Disable, contracts.Delete}
		say("then", "then", slices.Index(order, is.Then) > slices.Index(order, was.Then), "once deliveries are given up the provider will %s the registration; it was %s", is.Then, was.Then)
	}
	if was.Gone != is.Gone {
		order := []string{"", contracts.Keep, contracts.Disable, contracts.Delete}
		say("gone", "then", slices.Index(order, is.Gone) > slices.Index(order, was.Gone), "after a 410 the registration: %s; it was %s", orElse(is.Gone, "as after any failure"), orElse(was.Gone, "as after any failure"))
	}
	if was.RetryAfterCap != is.RetryAfterCap {
		say("retryAfterCap", "retry-after", is.RetryAfterCap < was.RetryAfterCap, "Retry-After is obeyed up to %s; it was %s", span(is.RetryAfterCap, "not at all"), span(was.RetryAfterCap, "not at all"))
	}
	if was.Ordering != is.Ordering {
		say("ordering", "ordering", is.Ordering == "none", "the order of deliveries is promised: %s; it was %s", is.Ordering, was.Ordering)
	}
	if was.Duplicates != is.Duplicates {
		say("duplicates", "duplicates", false, "duplicates: %s; it was %s", is.Duplicates, was.Duplicates)
	}
	return out
}

// accepted counts the status codes that are no longer a success, and the new ones.
func accepted(was, is contracts.Policy) (lost, won int) {
	for code := 100; code < 600; code++ {
		switch old, now := was.Accepts(code), is.Accepts(code); {
		case old && !now:
			lost++
		case now && !old:
			won++
		}
	}
	return lost, won
}

// ofRetries compares when a delivery is tried again: an outage that was survived
// before has to be survived now.
func ofRetries(was, is contracts.Policy) []Change {
	if slices.Equal(was.Waits, is.Waits) && was.Repeat == is.Repeat && was.GiveUp == is.GiveUp {
		if was.Jitter == is.Jitter {
			return nil
		}
		return []Change{{
			Part: PartDelivery, Pointer: "/delivery/jitter", Rule: "retries", Effect: Compatible,
			Message: fmt.Sprintf("waits vary by %g; it was %g", is.Jitter, was.Jitter),
		}}
	}
	oldCount, oldSpan := patience(was)
	count, last := patience(is)
	ch := Change{Part: PartDelivery, Pointer: "/delivery/waits", Rule: "retries", Effect: Compatible}
	ch.Message = fmt.Sprintf("%s; it was %s", attempts(count, last), attempts(oldCount, oldSpan))
	if fewer(count, oldCount) || last < oldSpan {
		ch.Effect = Breaking
	}
	return []Change{ch}
}

func fewer(n, than int) bool { return n >= 0 && (than < 0 || n < than) }

// endless stands for the last attempt of a provider that never gives up.
const endless = time.Duration(1<<63 - 1)

// patience is how many attempts there are, -1 for no bound, and when the last
// one starts.
func patience(p contracts.Policy) (attempts int, last time.Duration) {
	attempts = 1
	for _, w := range p.Waits {
		if p.GiveUp > 0 && last+w > p.GiveUp {
			return attempts, last
		}
		last += min(w, endless-last)
		attempts++
	}
	switch {
	case p.Repeat == 0:
	case p.GiveUp == 0:
		return -1, endless
	case p.GiveUp > last:
		more := int((p.GiveUp - last) / p.Repeat)
		attempts, last = attempts+more, last+time.Duration(more)*p.Repeat
	}
	return attempts, last
}

func attempts(n int, last time.Duration) string {
	switch {
	case n < 0:
		return "attempts without end"
	case n == 1:
		return "one attempt"
	}
	return fmt.Sprintf("%d attempts within %s", n, contracts.Days(last))
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

func span(d time.Duration, none string) string {
	if d == 0 {
		return none
	}
	return contracts.Days(d)
}
