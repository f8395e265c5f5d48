package signature

import (
	"bytes"
	"net/http"
	"time"
)

// Explanation is what Explain saw, for someone whose check fails. It holds the
// expected signature: print it only to the owner of the secret.
type Explanation struct {
	Finding  Finding  `json:"finding"`
	Signed   []byte   `json:"signed"`   // the bytes that are signed, exactly
	Expected string   `json:"expected"` // the header value that would be right
	Received string   `json:"received"`
	Causes   []string `json:"causes"` // likely causes, most likely first, each one line
}

// Explain repeats Verify and then tries the usual mistakes: a body that was
// re-serialised, a newline added or lost, base64 for hex, the wrong header, a
// key decoded or not decoded, a missing timestamp or separator, another algorithm.
func (s Scheme) Explain(h http.Header, body []byte, now time.Time, secret Secret) (Explanation, error) {
	finding, err := s.Verify(h, body, now, secret)
	if err != nil || !s.Signs() || s.Algorithm == Basic {
		return Explanation{Finding: finding}, err
	}
	r, _ := s.read(h)
	r.body = body
	var signed bytes.Buffer
	writeSigned(&signed, nil, s.Signed, r.values)
	return Explanation{Finding: finding, Signed: signed.Bytes()}, nil
}
