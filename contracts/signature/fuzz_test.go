package signature_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/hookrig/hookrig/contracts/signature"
)

// FuzzVerify: no header and no body bring Verify or Explain down, and nothing
// is accepted that was not signed: whoever does not know the secret cannot
// write an accepted header.
func FuzzVerify(f *testing.F) {
	f.Add(uint8(0), "a0e0a3e7689bd4c80e4d6ffcccb05235b864e1d0", "1716910210", "msg_17", []byte("{}"))
	for i, shape := range shapes {
		h := signed(f, shape.scheme, input)
		value := h.Get(shape.scheme.Header)
		if shape.scheme.Algorithm == signature.Basic {
			value = h.Get("Authorization")
		}
		f.Add(uint8(i), value, "1716910210", "msg_17", someBody)
		f.Add(uint8(i), "v1,"+value+" "+value+",v1="+value, "1716910210", "msg.17", someBody[1:])
	}
	f.Fuzz(func(t *testing.T, which uint8, value, timestamp, id string, body []byte) {
		scheme := shapes[int(which)%len(shapes)].scheme
		h := http.Header{}
		h.Set("Authorization", value)
		if scheme.Header != "" {
			h.Set(scheme.Header, value)
		}
		if scheme.TimestampHeader != "" {
			h.Set(scheme.TimestampHeader, timestamp)
		}
		if scheme.IDHeader != "" {
			h.Set(scheme.IDHeader, id)
		}
		secret := secretFor(scheme)
		finding, err := scheme.Verify(h, body, at, secret)
		if err != nil {
			t.Fatal(err)
		}
		if scheme.Algorithm != signature.JWTHS256 && scheme.Algorithm != signature.Basic {
			if honest := honestly(scheme, h, body, secret); finding.OK() && !honest {
				t.Fatalf("accepted %v", h)
			}
		}
		if len(body) > 1024 {
			return // Explain makes thousands of attempts
		}
		explanation, err := scheme.Explain(h, body, at, secret)
		if err != nil || explanation.Finding != finding || finding.OK() == (len(explanation.Causes) > 0) {
			t.Fatalf("%+v, %v", explanation, err)
		}
		for _, cause := range explanation.Causes {
			if strings.ContainsAny(cause, "\r\n") || strings.Contains(cause, secret.Reveal()) {
				t.Fatalf("cause %q", cause)
			}
		}
	})
}

// honestly reports whether the right signature of the input stands in the
// header at all, in whatever case and surroundings.
func honestly(s signature.Scheme, h http.Header, body []byte, secret signature.Secret) bool {
	e, err := s.Explain(h, body, at, secret)
	if err != nil {
		return false
	}
	plain := e.Expected
	if i := strings.LastIndexAny(plain, ",="); s.Value != "" && i >= 0 {
		plain = strings.TrimRight(plain, "=")
		plain = plain[strings.LastIndexAny(plain, ",=")+1:]
	}
	return plain != "" && strings.Contains(strings.ToLower(h.Get(s.Header)), strings.ToLower(plain))
}
