package verifier

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/signature"
	"github.com/hookrig/hookrig/faker"
	"github.com/hookrig/hookrig/mockserver"
)

// What has to be so for a check to apply.

func scheme(s *session) signature.Scheme {
	scheme, _ := s.options.Contract.Signature()
	return scheme
}

func signs(s *session) string {
	switch sc := scheme(s); {
	case !sc.Signs():
		return "the provider does not sign its deliveries"
	case sc.Optional && len(s.options.Secrets) == 0 && !strings.Contains(s.options.URL, "@"):
		return "the target URL carries no credentials, so there is nothing to check"
	}
	return ""
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
	if !strings.Contains(scheme(s).Signed, "{timestamp}") {
		return "the provider signs no time"
	}
	return ""
}

func namesEvents(s *session) string {
	if !s.options.Contract.Discriminator().Stated {
		return "the contract does not say how a delivery names its event"
	}
	return ""
}

func canSendMalformed(s *session) string {
	t := s.scope[0]
	if strings.Contains(t.Path(), "{") && strings.Contains(scheme(s).Signed, "{body}") {
		return "the address is made from the body, which has to be readable for that"
	}
	return ""
}

// What the checks send.

func threeValid(ctx context.Context, s *session) error {
	for range 3 {
		if _, err := s.send(ctx, roleValid, s.event(0), sending{}); err != nil {
			return err
		}
	}
	return nil
}

func everyEvent(ctx context.Context, s *session) error {
	for i := range s.scope {
		if _, err := s.send(ctx, roleValid, s.event(i), sending{}); err != nil {
			return err
		}
	}
	return nil
}

// probe sends one event with a changed request.
func (s *session) probe(ctx context.Context, name string, change func(*contracts.Request)) error {
	_, err := s.send(ctx, roleProbe, s.event(0), sending{tamper: mockserver.Tamper{
		Name: name, Request: func(_ int, r *contracts.Request) { change(r) },
	}})
	return err
}

// proofHeader is the header that carries what the receiver has to check.
func proofHeader(s *session) string {
	if scheme(s).Algorithm == signature.Basic {
		return "Authorization"
	}
	return http.CanonicalHeaderKey(scheme(s).Header)
}

func withoutSignature(ctx context.Context, s *session) error {
	return s.probe(ctx, "missing-signature", func(r *contracts.Request) { r.Header.Del(proofHeader(s)) })
}

func emptySignature(ctx context.Context, s *session) error {
	return s.probe(ctx, "empty-signature", func(r *contracts.Request) { r.Header.Set(proofHeader(s), "") })
}

func truncatedSignature(ctx context.Context, s *session) error {
	return s.probe(ctx, "truncated-signature", func(r *contracts.Request) {
		whole := r.Header.Get(proofHeader(s))
		r.Header.Set(proofHeader(s), whole[:len(whole)-len(whole)/4-1])
	})
}

// wrongSecrets are secrets of the right form that nobody shares.
func wrongSecrets(s *session) []signature.Secret {
	sc := scheme(s)
	text := "hookrig-does-not-know-the-key"
	switch {
	case sc.Algorithm == signature.Basic:
		text = "hookrig:" + text
	case sc.Key == "base64":
		text = sc.KeyPrefix + "aG9va3JpZy1kb2VzLW5vdC1rbm93LXRoZS1rZXk="
	}
	return []signature.Secret{signature.NewSecret(text)}
}

func wrongKey(ctx context.Context, s *session) error {
	_, err := s.send(ctx, roleProbe, s.event(0), sending{secrets: wrongSecrets(s), tamper: mockserver.Tamper{Name: "wrong-key"}})
	return err
}

func alteredBody(ctx context.Context, s *session) error {
	return s.probe(ctx, "altered-body", func(r *contracts.Request) { r.Body = altered(r.Body) })
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
	ev := s.event(0)
	var out bytes.Buffer
	if err := json.Indent(&out, ev.Body, "", " "); err != nil {
		return err
	}
	ev.Body = escapeOneLetter(out.Bytes())
	_, err := s.send(ctx, roleProbe, ev, sending{tamper: mockserver.Tamper{Name: "respelled-body"}})
	return err
}

// escapeOneLetter writes the last letter that stands within a string value as a
// \u escape: the value stays the same.
func escapeOneLetter(body []byte) []byte {
	end := bytes.LastIndexByte(body, '"')
	if end < 1 || body[end-1] < 'a' || body[end-1] > 'z' || bytes.LastIndexByte(body[:end], '\\') >= end-6 && bytes.LastIndexByte(body[:end], '\\') >= 0 {
		return body
	}
	const digits = "0123456789abcdef"
	letter := body[end-1]
	out := append(slices.Clone(body[:end-1]), '\\', 'u', '0', '0', digits[letter>>4], digits[letter&15])
	return append(out, body[end:]...)
}

func staleTimestamp(ctx context.Context, s *session) error {
	_, err := s.send(ctx, roleProbe, s.event(0), sending{at: s.start.Add(-24 * time.Hour), tamper: mockserver.Tamper{Name: "stale-timestamp"}})
	return err
}

func forgedAndLook(ctx context.Context, s *session) error {
	ev, ok := s.unseen(ctx)
	if !ok {
		return nil
	}
	id, err := s.send(ctx, roleProbe, ev, sending{secrets: wrongSecrets(s), tamper: mockserver.Tamper{Name: "wrong-key"}})
	if err == nil {
		s.look(ctx, roleProbe, ev, id)
	}
	return err
}

func malformedJSON(ctx context.Context, s *session) error {
	ev := s.event(0)
	cut := ev.Body[:len(ev.Body)*2/3]
	if strings.Contains(scheme(s).Signed, "{body}") { // signed as it is sent, or a good receiver answers 401
		ev.Body = cut
		_, err := s.send(ctx, roleProbe, ev, sending{tamper: mockserver.Tamper{Name: "malformed-json"}})
		return err
	}
	_, err := s.send(ctx, roleProbe, ev, sending{tamper: mockserver.Tamper{Name: "malformed-json", Request: func(_ int, r *contracts.Request) { r.Body = cut }}})
	return err
}

// unknownName is what no provider calls an event.
const unknownName = "hookrig-unknown-event"

func unknownEvent(ctx context.Context, s *session) error {
	t := s.scope[0]
	tag := strings.Replace(t.Tag(), t.Name(), unknownName, 1)
	d := s.options.Contract.Discriminator()
	how := sending{tamper: mockserver.Tamper{Name: "unknown-event"}}
	ev := s.event(0)
	if d.Header != "" {
		how.tamper.Request = func(_ int, r *contracts.Request) { r.Header.Set(d.Header, tag) }
	} else {
		pointer := d.Pointer
		if d.Each != "" {
			pointer = d.Each + "/0" + d.Pointer
		}
		text, err := json.Marshal(tag)
		if err != nil {
			return err
		}
		if ev, err = s.faker.Event(t.Name(), faker.Nth(s.ordinal), faker.Set(pointer, string(text))); err != nil {
			return err
		}
		s.ordinal++
	}
	_, err := s.send(ctx, roleProbe, ev, how)
	return err
}

func unknownField(ctx context.Context, s *session) error {
	ev := s.event(0)
	if end := bytes.LastIndexByte(ev.Body, '}'); end > 0 {
		more := `"hookrigUnknown":{"since":"tomorrow"}`
		if !bytes.Equal(bytes.TrimSpace(ev.Body[:end]), []byte("{")) {
			more = "," + more
		}
		ev.Body = slices.Concat(ev.Body[:end], []byte(more), ev.Body[end:])
	}
	_, err := s.send(ctx, roleProbe, ev, sending{tamper: mockserver.Tamper{Name: "unknown-field"}})
	return err
}

func duplicate(ctx context.Context, s *session) error {
	ev := s.event(0)
	id, err := s.send(ctx, roleValid, ev, sending{})
	for i := 0; i < 2 && err == nil; i++ {
		_, err = s.send(ctx, roleRepeated, ev, sending{id: id})
	}
	return err
}

func duplicateAndLook(ctx context.Context, s *session) error {
	ev, ok := s.unseen(ctx)
	if !ok {
		return nil
	}
	id, err := s.send(ctx, roleValid, ev, sending{})
	if err != nil {
		return err
	}
	s.look(ctx, roleValid, ev, id)
	for range 2 {
		if _, err := s.send(ctx, roleRepeated, ev, sending{id: id}); err != nil {
			return err
		}
	}
	s.look(ctx, roleRepeated, ev, id)
	return nil
}

func lostAnswer(ctx context.Context, s *session) error {
	ev, ok := s.unseen(ctx)
	if !ok {
		return nil
	}
	id, err := s.send(ctx, roleRepeated, ev, sending{retry: true, tamper: mockserver.Tamper{
		Name: "lost-answer", LoseAnswer: func(attempt int) bool { return attempt == 1 },
	}})
	if err == nil {
		s.look(ctx, roleRepeated, ev, id)
	}
	return err
}
