package signature

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Explanation is what Explain saw, for someone whose check fails. It holds the
// expected signature: print it only to the owner of the secret.
type Explanation struct {
	Finding Finding `json:"finding"`
	// Signed are the bytes that are signed, exactly; of a token its first two
	// parts; nil where nothing is, or where the timestamp or id that belongs to
	// them was not received.
	Signed   []byte   `json:"signed"`
	Expected string   `json:"expected"` // the header value that would be right, "" if it cannot be said
	Received string   `json:"received"` // the header value as it came, "" if none did
	Causes   []string `json:"causes"`   // likely causes, most likely first, each one line
}

// Explain repeats Verify and then tries the usual mistakes: a body that was
// re-serialised, a newline added or lost, base64 for hex, the wrong header, a
// key decoded or not decoded, a missing timestamp or separator, another algorithm.
//
// A cause that begins with "the signature is right" or "the signature stands"
// was proven: with that one change, or those two, the received signature comes
// out. Otherwise the causes are what is left to suspect. An accepted signature
// has none. Errors are those of Verify.
//
// The work is bounded whatever is received: some thousand attempts, and no
// more than a quarter of a gigabyte hashed. It takes a few milliseconds for a
// small body, and less than a second for a large one.
func (s Scheme) Explain(h http.Header, body []byte, now time.Time, secret Secret) (Explanation, error) {
	finding, err := s.Verify(h, body, now, secret)
	if err != nil || !s.Signs() || secret.IsZero() {
		return Explanation{Finding: finding}, err
	}
	e := Explanation{Finding: finding, Received: strings.Join(lookup(h, s.header()), ", ")}
	switch s.Algorithm {
	case Basic:
		s.explainBasic(&e, h, secret)
	case JWTHS256:
		s.explainToken(&e, h, secret)
	default:
		s.explainMAC(&e, h, body, secret)
	}
	return e, nil
}

func (s Scheme) explainMAC(e *Explanation, h http.Header, body []byte, secret Secret) {
	key, err := s.key(0, secret)
	if err != nil {
		return // Verify has returned it
	}
	r := s.glance(h)
	r.body = body
	if s.told(r.values) {
		var signed bytes.Buffer
		writeSigned(&signed, nil, s.Signed, r.values)
		e.Signed = signed.Bytes()
		if value, err := s.appendValue(nil, Input{}, r.values, []Secret{secret}); err == nil {
			e.Expected = string(value)
		}
	}
	if e.Finding.OK() {
		return
	}
	if cause := s.causeBesideMAC(e.Finding); cause != "" {
		e.Causes = []string{cause}
		return
	}
	t := trial{scheme: s, received: r, spellings: s.spellings(h), budget: maxHashed}
	causes, found := t.run(key, secret.Reveal())
	switch {
	case !found:
		causes = s.suspicions(e, h, r, &t, s.mac(key, r.values, nil))
	case len(causes) == 0:
		causes = []string{"the signature is right for what was received, but " + e.Finding.Detail}
	}
	e.Causes = causes
}

// causeBesideMAC names the cause where the signature itself is not to blame.
func (s Scheme) causeBesideMAC(f Finding) string {
	switch f.Reason {
	case ReasonStale:
		return "the signature is right, its time is not: " + f.Detail +
			"; sign each attempt afresh, and compare the clocks of both sides"
	case ReasonFuture:
		return "the signature is right, its time is not: " + f.Detail + "; compare the clocks of both sides"
	case ReasonAmbiguous:
		return f.Detail + ": send it once, and look for a proxy that adds it again"
	}
	return ""
}

// suspicions are the causes that remain when no usual mistake gives the
// received signature.
func (s Scheme) suspicions(e *Explanation, h http.Header, r received, t *trial, expected []byte) []string {
	if len(lookup(h, s.Header)) == 0 {
		return s.missing(h)
	}
	if n := t.cutOff(string(s.appendMAC(nil, expected))); n > 0 {
		return []string{fmt.Sprintf("the signature is right as far as it goes, but ends after %d characters: send all of it", n)}
	}
	causes := s.badCompanions(r)
	if strings.TrimSpace(e.Received) == "" {
		return append(causes, fmt.Sprintf("the header %s is empty: send the signature in it", s.Header))
	}
	switch size := t.size(); {
	case size == 0:
		causes = append(causes, fmt.Sprintf("the header %s holds no MAC in hex or base64: spell it %q in %s", s.Header, s.value(), s.Encoding))
	case size != len(expected):
		causes = append(causes, fmt.Sprintf("the signature has the length of %s: use %s", macNames[size], s.Algorithm))
	}
	return append(causes,
		"the secret is another one: compare both sides' secrets, and whether both belong to the same environment and registration",
		"the body was changed on its way, in none of the usual manners: compare its bytes on both sides")
}

// missing is for a request without the signature's header.
func (s Scheme) missing(h http.Header) []string {
	causes := []string{fmt.Sprintf("the header %s is not there: send it, and look for a proxy that drops it", s.Header)}
	for _, name := range slices.Sorted(maps.Keys(h)) {
		if looksLikeSignature(name) {
			causes = append(causes, fmt.Sprintf("the header %s looks like a signature, but no usual mistake gives its value: is it another scheme's?", name))
		}
	}
	return causes
}

// badCompanions says what is wrong with the timestamp and the id.
func (s Scheme) badCompanions(r received) []string {
	var causes []string
	if s.sends(placeTimestamp) {
		if r.timestamp == "" {
			causes = append(causes, "the timestamp was not received: send it, it belongs to the signature")
		} else if problem := timestampProblem(r.timestamp); problem != "" {
			causes = append(causes, "the timestamp "+problem+": send it as unix seconds")
		}
	}
	if s.sends(placeID) {
		if r.id == "" {
			causes = append(causes, "the id was not received: send it, it belongs to the signature")
		} else if problem := s.idProblem(r.id); problem != "" {
			causes = append(causes, "the id cannot be used, "+problem+": send another")
		}
	}
	return causes
}

// macNames are the algorithms by the length of their MAC in bytes.
var macNames = map[int]string{20: HMACSHA1, 32: HMACSHA256, 64: HMACSHA512}

func looksLikeSignature(header string) bool {
	name := strings.ToLower(header)
	return strings.Contains(name, "signature") || strings.Contains(name, "hmac") || strings.Contains(name, "digest")
}

// glance is read without judgement: what there is, as it is.
func (s Scheme) glance(h http.Header) received {
	var r received
	for _, value := range lookup(h, s.Header) {
		s.readValue(value, &r)
	}
	if s.TimestampHeader != "" {
		r.timestamp = strings.Join(lookup(h, s.TimestampHeader), ", ")
	}
	if s.IDHeader != "" {
		r.id = strings.Join(lookup(h, s.IDHeader), ", ")
	}
	return r
}

// told reports whether everything that is signed was received.
func (s Scheme) told(v values) bool {
	return (v.timestamp != "" || !s.needs(placeTimestamp)) && (v.id != "" || !s.needs(placeID))
}

// header is where the signature travels.
func (s Scheme) header() string {
	if s.Algorithm == Basic {
		return authorization
	}
	return s.Header
}

// lookup gives all values of a header, whatever the case of its name.
func lookup(h http.Header, name string) []string {
	var all []string
	for _, key := range slices.Sorted(maps.Keys(h)) {
		if strings.EqualFold(key, name) {
			all = append(all, h[key]...)
		}
	}
	return all
}
