package verifier

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/signature"
	"github.com/hookrig/hookrig/mockserver"
)

// What has to be so for a check of this group to apply.

// allOf joins reasons; the first one counts.
func allOf(conditions ...func(*session) string) func(*session) string {
	return func(s *session) string {
		for _, c := range conditions {
			if reason := c(s); reason != "" {
				return reason
			}
		}
		return ""
	}
}

func algorithm(want ...string) func(*session) string {
	return func(s *session) string {
		if !slices.Contains(want, scheme(s).Algorithm) {
			return "it concerns " + strings.Join(want, " and ") + ", and the provider uses " + orNone(scheme(s).Algorithm)
		}
		return ""
	}
}

func orNone(algorithm string) string {
	if algorithm == "" {
		return signature.None
	}
	return algorithm
}

func sendsTime(s *session) string {
	if scheme(s).TimestampHeader == "" {
		return "the provider sends no time in a header of its own"
	}
	return signs(s)
}

func sendsSeveral(s *session) string {
	if scheme(s).Separator == "" {
		return "the provider sends one signature at most"
	}
	return signs(s)
}

// What the checks send.

// forging sends an event and spoils the proof that it carries.
func forging(name string, change func(*session, *contracts.Request)) act {
	return func(ctx context.Context, s *session) error {
		return s.probe(ctx, name, func(r *contracts.Request) { change(s, r) })
	}
}

// proofTo is a change of what the receiver has to check.
func proofTo(to func(whole string) string) func(*session, *contracts.Request) {
	return func(s *session, r *contracts.Request) {
		r.Header.Set(proofHeader(s), to(r.Header.Get(proofHeader(s))))
	}
}

func withoutProof(s *session, r *contracts.Request) { r.Header.Del(proofHeader(s)) }

func threeQuarters(whole string) string { return whole[:len(whole)*3/4] }

// garbled has as many characters as before, and the last of them are of no
// encoding.
func garbled(whole string) string {
	n := min(20, len(whole)/2)
	return whole[:len(whole)-n] + strings.Repeat("*", n)
}

func wrongKey(ctx context.Context, s *session) error {
	how, ev := forged(s), s.event()
	how.at = s.start
	s.expect(ev, how.at)
	return s.send(ctx, roleProbe, ev, how)
}

// expect remembers the proof that a forged delivery should have carried: its
// receiver must not tell.
func (s *session) expect(ev contracts.Event, at time.Time) {
	switch scheme(s).Algorithm {
	case signature.Basic, signature.JWTHS256: // they do not depend on the body: what would be right is a secret itself
		return
	}
	right, err := scheme(s).Sign(signature.Input{Body: ev.Body, ID: s.idOf(ev), Time: at, URL: s.options.URL}, s.options.Secrets[:1]...)
	if err != nil {
		return
	}
	value := right.Get(proofHeader(s))
	if before, after, ok := strings.Cut(scheme(s).Value, "{signature}"); ok && !strings.Contains(before+after, "{") {
		value = strings.TrimSuffix(strings.TrimPrefix(value, before), after)
	}
	s.told.expected = append(s.told.expected, value)
}

// seenBefore sends a valid event, and then something else under the signature
// that the receiver has found to be right.
func seenBefore(name string, fresh bool, change func(s *session, seen, r *contracts.Request)) act {
	return func(ctx context.Context, s *session) error {
		first, at := s.event(), s.start
		seen := new(contracts.Request)
		watch := mockserver.Tamper{Request: func(_ int, r *contracts.Request) {
			*seen = contracts.Request{Header: r.Header.Clone(), Body: r.Body}
		}}
		if err := s.send(ctx, roleValid, first, sending{at: at, tamper: watch, secrets: s.oneSecret()}); err != nil {
			return err
		}
		second := first
		if fresh {
			second = s.event()
		}
		return s.send(ctx, roleProbe, second, sending{at: at, secrets: s.oneSecret(), tamper: mockserver.Tamper{
			Name: name, Request: func(_ int, r *contracts.Request) { change(s, seen, r) },
		}})
	}
}

func laterTimestamp(s *session, _, r *contracts.Request) {
	r.Header.Set(scheme(s).TimestampHeader, fmt.Sprint(s.start.Add(30*time.Second).Unix()))
}

func signatureOfAnother(s *session, seen, r *contracts.Request) {
	for _, name := range []string{proofHeader(s), scheme(s).TimestampHeader, scheme(s).IDHeader} {
		if name = http.CanonicalHeaderKey(name); name != "" {
			r.Header[name] = seen.Header[name]
		}
	}
}

func withoutTimestamp(s *session, r *contracts.Request) { r.Header.Del(scheme(s).TimestampHeader) }

// garbledTimestamps are times that are none.
func garbledTimestamps(ctx context.Context, s *session) error {
	for _, value := range []string{"", "yesterday", "-1", "9223372036854775808", "1.5e9"} {
		err := s.probe(ctx, strconv.Quote(value), func(r *contracts.Request) { r.Header.Set(scheme(s).TimestampHeader, value) })
		if err != nil {
			return err
		}
	}
	return nil
}

const day = 24 * time.Hour

// farOff is how far off a signed time is that nobody may believe: a day, or a day
// more than the contract allows.
func farOff(c *contracts.Contract) time.Duration {
	if window, _ := toleranceOf(c); window > day/2 {
		return max(day, window+day)
	}
	return day
}

// severalSignatures sends a right and a wrong signature, in both orders, as a
// provider does whose secret is being replaced.
func severalSignatures(ctx context.Context, s *session) error {
	wrong, right := wrongSecrets(s), s.oneSecret()
	for _, p := range []struct {
		name    string
		secrets []signature.Secret
	}{{"the right signature first", append(right[:1:1], wrong...)}, {"the right signature second", append(wrong[:1:1], right...)}} {
		if err := s.send(ctx, roleProbe, s.event(), sending{secrets: p.secrets, tamper: mockserver.Tamper{Name: p.name}}); err != nil {
			return err
		}
	}
	return nil
}

func unknownVersion(s *session, r *contracts.Request) {
	name := proofHeader(s)
	r.Header.Set(name, "v9,aG9va3JpZw=="+scheme(s).Separator+r.Header.Get(name))
}

// twoHeaders sends the right and a wrong proof in two lines, in both orders.
func twoHeaders(ctx context.Context, s *session) error {
	wrong := func(whole string) string { return garbled(whole) }
	for _, p := range []struct {
		name  string
		lines func(right string) []string
	}{
		{"the right one first", func(right string) []string { return []string{right, wrong(right)} }},
		{"the right one second", func(right string) []string { return []string{wrong(right), right} }},
	} {
		err := s.probe(ctx, p.name, func(r *contracts.Request) {
			r.Header[proofHeader(s)] = p.lines(r.Header.Get(proofHeader(s)))
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// weakerAlgorithm signs with the shared secret and an algorithm that nobody
// agreed on.
func weakerAlgorithm(s *session, r *contracts.Request) {
	weak := scheme(s)
	weak.Algorithm = signature.HMACSHA1
	id := ""
	if weak.IDHeader != "" {
		id = r.Header.Get(weak.IDHeader)
	}
	// What cannot be signed so goes without: under the right signature a receiver
	// would be blamed for accepting it.
	r.Header.Del(proofHeader(s))
	_ = weak.SignTo(r.Header, signature.Input{Body: r.Body, ID: id, Time: s.start, URL: s.options.URL}, s.oneSecret()...)
}

// unsigned is a token that says of itself that it has no signature.
func unsigned(token string) string {
	parts := strings.Split(token, ".")
	if len(parts) < 2 {
		return token
	}
	head := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","typ":"JWT"}`))
	return head + "." + parts[1] + "."
}

// otherPassword keeps the user's name of basic credentials.
func otherPassword(value string) string {
	const prefix = "Basic "
	plain, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(value, prefix))
	user, _, ok := strings.Cut(string(plain), ":")
	if err != nil || !ok {
		return garbled(value)
	}
	return prefix + base64.StdEncoding.EncodeToString([]byte(user+":hookrig-does-not-know-the-password"))
}

// oneSecret is at most one: a receiver may well accept the other one of two.
func (s *session) oneSecret() []signature.Secret {
	return s.options.Secrets[:min(1, len(s.options.Secrets))]
}

// unsignedHalf is what a stranger sends who has no idea of the provider.
func unsignedHalf(s *session, r *contracts.Request) {
	withoutProof(s, r)
	r.Body = r.Body[:len(r.Body)*2/3]
}

// inOtherAlphabets is text whose characters are more than its bytes in other
// encodings.
const inOtherAlphabets = "Žluťoučký kůň – 株式会社 – مرحبا"

func multibyteBody(ctx context.Context, s *session) error {
	v, err := s.vary("a member that takes any text", text(func(string) string { return inOtherAlphabets }))
	if err != nil {
		return err
	}
	return s.plainProbe(ctx, "text of other alphabets", v.event)
}

// judgeTwoHeaders wants both orders to come to the same.
func judgeTwoHeaders(h *hearing) finding {
	probes := h.of(roleProbe)
	if len(probes) < 2 {
		return nothingSent
	}
	f := finding{verdict: Pass, because: "the order makes no difference", expected: "the same refusal in both orders", proof: probes[:2]}
	first, second := classOf(successRule(probes[0].policy), probes[0].attempt), classOf(successRule(probes[1].policy), probes[1].attempt)
	f.received = answer(probes[0].attempt) + ", then " + answer(probes[1].attempt)
	switch {
	case first == silent || second == silent || first == endless || second == endless || first == broke || second == broke:
		f.verdict, f.because = Fail, "two lines of the signature's header break the receiver"
	case first != second:
		f.verdict, f.because = Warn, "of two signatures, which one is looked at depends on their order"
	}
	return f
}

// judgeTales looks for what answers must not tell.
func judgeTales(tale, what string) func(*hearing) finding {
	return func(h *hearing) finding {
		answers := 0
		var doubt *exchange
		for _, x := range h.all {
			if x.attempt == nil || x.attempt.Status == 0 {
				continue
			}
			answers++
			switch told := h.evidence.Told[x.delivery]; {
			case told == tale:
				return finding{verdict: Fail, because: "an answer tells " + what, expected: "nothing of it in any answer", received: answer(x.attempt), proof: []*exchange{x}}
			case told == taleWord && tale == taleSecret && doubt == nil:
				doubt = x
			}
		}
		switch {
		case answers == 0:
			return unanswered
		case doubt != nil:
			return finding{verdict: Inconclusive, because: "an answer holds the secret, or a word that is the same: give both sides a longer one", received: answer(doubt.attempt), proof: []*exchange{doubt}}
		}
		return finding{verdict: Pass, because: "no answer tells " + what, expected: "nothing of it in any answer"}
	}
}

func anotherBody(_ *session, r *contracts.Request) { r.Body = altered(r.Body) }
