package verifier

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/signature"
	"github.com/hookrig/hookrig/faker"
	"github.com/hookrig/hookrig/mockserver"
)

// act sends what a check wants to see answered.
type act func(context.Context, *session) error

// What has to be so for a check to apply: the reason why it does not, or "".

func scheme(s *session) signature.Scheme {
	scheme, _ := s.options.Contract.Signature()
	return scheme
}

func signs(s *session) string {
	switch sc := scheme(s); {
	case !sc.Signs():
		return "the provider does not sign its deliveries"
	case sc.Optional && len(s.options.Secrets) == 0 && !carriesCredentials(s.options.URL):
		return lacksCredentials
	}
	return ""
}

func carriesCredentials(target string) bool {
	u, err := url.Parse(target)
	return err == nil && u.User != nil
}

func coversBody(s *session) string {
	if reason := signs(s); reason != "" {
		return reason
	}
	if !strings.Contains(scheme(s).Signed, "{body}") {
		return "what the provider sends as proof does not cover the body"
	}
	return ""
}

func signsTime(s *session) string {
	if reason := signs(s); reason != "" {
		return reason
	}
	sc := scheme(s)
	for _, text := range append(slices.Collect(maps.Values(sc.Claims)), sc.Signed) {
		if strings.Contains(text, "{timestamp") { // also {timestamp+5m}
			return ""
		}
	}
	return "the provider signs no time"
}

func namesEvents(s *session) string {
	if !s.options.Contract.Discriminator().Stated {
		return "the contract does not say how a delivery names its event"
	}
	return ""
}

func canSendMalformed(s *session) string {
	t := s.subject()
	if strings.Contains(t.Path(), "{") && strings.Contains(scheme(s).Signed, "{body}") {
		return "the address is made from the body, which has to be readable for that"
	}
	return ""
}

// What the checks send.

func threeValid(ctx context.Context, s *session) error {
	for range 3 {
		if err := s.send(ctx, roleValid, s.event(), sending{}); err != nil {
			return err
		}
	}
	return nil
}

// everyEvent sends the same ordinal of each, so that a smaller scope sends the
// same bytes.
func everyEvent(ctx context.Context, s *session) error {
	for i := range s.scope {
		if err := s.send(ctx, roleValid, s.eventAt(i, s.ordinal), sending{}); err != nil {
			return err
		}
	}
	return nil
}

// probe sends one event with a changed request.
func (s *session) probe(ctx context.Context, name string, change func(*contracts.Request)) error {
	return s.send(ctx, roleProbe, s.event(), sending{
		secrets: s.oneSecret(),
		tamper:  mockserver.Tamper{Name: name, Request: func(_ int, r *contracts.Request) { change(r) }},
	})
}

// plainProbe sends one unusual event as the provider would send it.
func (s *session) plainProbe(ctx context.Context, name string, ev contracts.Event) error {
	return s.send(ctx, roleProbe, ev, sending{tamper: mockserver.Tamper{Name: name}})
}

// proofHeader is the header that carries what the receiver has to check.
func proofHeader(s *session) string {
	if scheme(s).Algorithm == signature.Basic {
		return "Authorization"
	}
	return http.CanonicalHeaderKey(scheme(s).Header)
}

// wrongSecrets are secrets of the right form that nobody shares.
func wrongSecrets(s *session) []signature.Secret {
	sc := scheme(s)
	text := "hookrig-does-not-know-the-key"
	switch {
	case sc.Algorithm == signature.Basic:
		text = "hookrig:" + text
	case sc.Key == signature.Base64:
		text = sc.KeyPrefix + "aG9va3JpZy1kb2VzLW5vdC1rbm93LXRoZS1rZXk="
	}
	return []signature.Secret{signature.NewSecret(text)}
}

// forged is a delivery of somebody who does not know the secret.
func forged(s *session) sending {
	return sending{secrets: wrongSecrets(s), tamper: mockserver.Tamper{Name: "wrong-key"}}
}

// altered changes one digit of a JSON text, so that it still parses; where
// there is none it adds a space.
func altered(body []byte) []byte {
	out := slices.Clone(body)
	for i := len(out) - 1; i > 0; i-- {
		if d := out[i]; d >= '1' && d <= '8' {
			out[i]++
			return out
		}
	}
	return append(out, ' ')
}

// respelledBody sends the same JSON value spelled in another legal way, rightly
// signed over those bytes.
func respelledBody(ctx context.Context, s *session) error {
	ev := s.event()
	var out bytes.Buffer
	if err := json.Indent(&out, ev.Body, "", " "); err != nil {
		return err
	}
	ev.Body = escapeOneLetter(out.Bytes())
	return s.plainProbe(ctx, "respelled-body", ev)
}

// lastLetter stands at the end of the last string of a JSON text.
var lastLetter = regexp.MustCompile(`([a-z])"[^"]*$`)

// escapeOneLetter writes a letter within a string as an escape: the value stays
// the same. Texts that have escapes already are left alone.
func escapeOneLetter(body []byte) []byte {
	at := lastLetter.FindSubmatchIndex(body)
	if at == nil || bytes.IndexByte(body, '\\') >= 0 {
		return body
	}
	return slices.Concat(body[:at[2]], fmt.Appendf(nil, `\u%04x`, body[at[2]]), body[at[3]:])
}

// signedAt sends an event whose time of signing is as far off as nobody may believe,
// before now (-1) or after it (1).
func signedAt(name string, direction time.Duration) act {
	return func(ctx context.Context, s *session) error {
		return s.send(ctx, roleProbe, s.event(), sending{at: s.start.Add(direction * farOff(s.options.Contract)), tamper: mockserver.Tamper{Name: name}})
	}
}

func forgedAndLook(ctx context.Context, s *session) error {
	ev, ok := s.unseen(ctx)
	if !ok {
		return nil
	}
	if err := s.send(ctx, roleProbe, ev, forged(s)); err != nil {
		return err
	}
	if err := s.look(ctx, roleProbe, ev, 0); err != nil {
		return err
	}
	if s.sightings[len(s.sightings)-1].Effects > 0 {
		return nil
	}
	// That no effect is seen means something only of an oracle that sees one.
	if ev, ok = s.unseen(ctx); !ok {
		return nil
	}
	if err := s.send(ctx, roleValid, ev, sending{}); err != nil {
		return err
	}
	return s.look(ctx, roleValid, ev, 0)
}

// unlike sends an event whose body is another text, signed as it is sent: else a
// good receiver answers 401.
func (s *session) unlike(ctx context.Context, name string, ev contracts.Event, body []byte, change func(*contracts.Request)) error {
	return s.mishandled(ctx, mockserver.Tamper{Name: name}, ev, body, change)
}

func (s *session) mishandled(ctx context.Context, tamper mockserver.Tamper, ev contracts.Event, body []byte, change func(*contracts.Request)) error {
	signed := strings.Contains(scheme(s).Signed, "{body}")
	if signed {
		ev.Body = body
	}
	if change != nil || !signed {
		tamper.Request = func(_ int, r *contracts.Request) {
			r.Body = body
			if change != nil {
				change(r)
			}
		}
	}
	return s.send(ctx, roleProbe, ev, sending{tamper: tamper})
}

func malformedJSON(ctx context.Context, s *session) error {
	ev := s.event()
	return s.unlike(ctx, "malformed-json", ev, ev.Body[:len(ev.Body)*2/3], nil)
}

// unknownName is what no provider calls an event.
const unknownName = "hookrig-unknown-event"

func unknownEvent(ctx context.Context, s *session) error {
	t := s.subject()
	tag := strings.Replace(t.Tag(), t.Name(), unknownName, 1)
	if tag == t.Tag() {
		tag = unknownName
	}
	d := s.options.Contract.Discriminator()
	if d.Header != "" {
		return s.probe(ctx, "unknown-event", func(r *contracts.Request) { r.Header.Set(d.Header, tag) })
	}
	pointer := d.Pointer
	if d.Each != "" {
		pointer = d.Each + "/0" + d.Pointer
	}
	ev, err := s.faker.Event(t.Name(), faker.Nth(s.ordinal), faker.Set(pointer, tag))
	if err != nil {
		return err
	}
	s.ordinal++
	return s.plainProbe(ctx, "unknown-event", ev)
}

func unknownField(ctx context.Context, s *session) error {
	ev := s.event()
	if end := bytes.LastIndexByte(ev.Body, '}'); end > 0 {
		more := `"hookrigUnknown":{"since":"tomorrow"}`
		if !bytes.HasSuffix(bytes.TrimSpace(ev.Body[:end]), []byte("{")) {
			more = "," + more
		}
		ev.Body = slices.Concat(ev.Body[:end], []byte(more), ev.Body[end:])
	}
	return s.plainProbe(ctx, "unknown-field", ev)
}

// again sends an event a second and a third time, as a provider does that missed
// the answers.
func (s *session) again(ctx context.Context, ev contracts.Event) error {
	for range 2 {
		if err := s.send(ctx, roleRepeated, ev, sending{}); err != nil {
			return err
		}
	}
	return nil
}

func duplicate(ctx context.Context, s *session) error {
	ev := s.event()
	if err := s.send(ctx, roleValid, ev, sending{}); err != nil {
		return err
	}
	return s.again(ctx, ev)
}

func duplicateAndLook(ctx context.Context, s *session) error {
	ev, ok := s.unseen(ctx)
	if !ok {
		return nil
	}
	if err := s.send(ctx, roleValid, ev, sending{}); err != nil {
		return err
	}
	if err := s.look(ctx, roleValid, ev, 0); err != nil {
		return err
	}
	if err := s.again(ctx, ev); err != nil {
		return err
	}
	return s.look(ctx, roleRepeated, ev, 1)
}

func lostAnswer(ctx context.Context, s *session) error {
	ev, ok := s.unseen(ctx)
	if !ok {
		return nil
	}
	lost := mockserver.Tamper{Name: "lost-answer", LoseAnswer: func(int) bool { return true }}
	if err := s.send(ctx, roleProbe, ev, sending{tamper: lost}); err != nil {
		return err
	}
	if err := s.send(ctx, roleRepeated, ev, sending{}); err != nil {
		return err
	}
	return s.look(ctx, roleRepeated, ev, 1)
}
