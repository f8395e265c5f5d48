package signature

import (
	"crypto/hmac"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Verify checks the headers of a request against its exact body. Any of the
// secrets may match, and any of the signatures where the scheme allows several;
// pieces of the header that the scheme does not know are passed over.
// Comparison is constant-time. Header names are found in any case.
//
// The signature is judged before the time, so ReasonStale and ReasonFuture
// say that the secret was right. A timestamp exactly Tolerance away is
// accepted. The error is ErrNoSecret, a *SecretError or a *SchemeError: it
// means that nothing was checked.
func (s Scheme) Verify(h http.Header, body []byte, now time.Time, secrets ...Secret) (Finding, error) {
	if err := s.Check(); err != nil || !s.Signs() {
		return Finding{}, err
	}
	if !given(secrets) {
		if s.Optional {
			return Finding{}, nil
		}
		return Finding{}, ErrNoSecret
	}
	if s.Algorithm == Basic {
		return verifyBasic(h, secrets)
	}
	keys := make([][]byte, 0, len(secrets))
	for i, secret := range secrets {
		if secret.IsZero() {
			continue
		}
		key, err := s.key(i, secret)
		if err != nil {
			return Finding{}, err
		}
		keys = append(keys, key)
	}
	r, finding := s.read(h)
	if !finding.OK() {
		return finding, nil
	}
	r.body = body
	if s.Algorithm == JWTHS256 {
		return s.verifyTokens(r, keys, now), nil
	}
	if finding = s.verifyMACs(r, keys); !finding.OK() || s.Tolerance == 0 {
		return finding, nil
	}
	return s.verifyTime(r, now), nil
}

// received is what a request says of its signature.
type received struct {
	values
	signatures []string
}

// read takes the signatures, the timestamp and the id from the headers.
func (s Scheme) read(h http.Header) (received, Finding) {
	var r received
	value, finding := single(h, s.Header)
	if !finding.OK() {
		return r, finding
	}
	if finding = s.readValue(value, &r); !finding.OK() {
		return r, finding
	}
	if s.TimestampHeader != "" {
		if r.timestamp, finding = single(h, s.TimestampHeader); !finding.OK() {
			return r, finding
		}
	}
	if s.IDHeader != "" {
		if r.id, finding = single(h, s.IDHeader); !finding.OK() {
			return r, finding
		}
	}
	if s.sends(placeTimestamp) {
		if problem := timestampProblem(r.timestamp); problem != "" {
			return r, malformed("the timestamp " + problem)
		}
	}
	if s.sends(placeID) {
		if problem := s.idProblem(r.id); problem != "" {
			return r, malformed("the id cannot be used: " + problem)
		}
	}
	return r, Finding{}
}

// readValue takes the signature header's value apart.
func (s Scheme) readValue(value string, r *received) Finding {
	if value == "" {
		return malformed(fmt.Sprintf("the header %s is empty", s.Header))
	}
	differ := false
	keep := func(place *string, seen bool, value string) {
		differ = differ || seen && *place != value
		*place = value
	}
	var timestamp, id bool
	for piece := range s.pieces(value) {
		for template := range s.pieces(s.value()) {
			var p received
			if !matchPiece(template, piece, p.put) {
				continue
			}
			if has(template, placeTimestamp) {
				keep(&r.timestamp, timestamp, p.timestamp)
				timestamp = true
			}
			if has(template, placeID) {
				keep(&r.id, id, p.id)
				id = true
			}
			r.signatures = append(r.signatures, p.signatures...)
			break
		}
	}
	switch {
	case len(r.signatures) == 0:
		return malformed(fmt.Sprintf("the header %s is not spelled %q", s.Header, s.value()))
	case differ:
		return Finding{ReasonAmbiguous, fmt.Sprintf("the header %s gives different timestamps or ids", s.Header)}
	}
	return Finding{}
}

// put keeps what a placeholder stood for.
func (r *received) put(name, value string) {
	switch name {
	case placeTimestamp:
		r.timestamp = value
	case placeID:
		r.id = value
	case placeSignature:
		r.signatures = append(r.signatures, value)
	}
}

func (s Scheme) verifyMACs(r received, keys [][]byte) Finding {
	macs := make([][]byte, len(keys))
	for i, key := range keys {
		macs[i] = s.mac(key, r.values, nil)
	}
	matched, spelled := false, false
	for _, text := range r.signatures {
		mac, err := s.decodeMAC(text)
		if err != nil || len(mac) != len(macs[0]) {
			continue
		}
		spelled = true
		for _, expected := range macs {
			if hmac.Equal(mac, expected) {
				matched = true
			}
		}
	}
	switch {
	case matched:
		return Finding{}
	case !spelled:
		return malformed(fmt.Sprintf("the signature is not %d bytes in %s", len(macs[0]), s.Encoding))
	}
	return Finding{ReasonMismatch, "the signature is another: other bytes or another secret were signed"}
}

func (s Scheme) decodeMAC(text string) ([]byte, error) {
	if s.Encoding == Base64 {
		return decodeBase64(text)
	}
	return hex.DecodeString(text)
}

// decodeBase64 refuses what the standard library forgives (line breaks, bits
// left over): there is one spelling of each signature.
func decodeBase64(text string) ([]byte, error) {
	if strings.ContainsAny(text, "\r\n") {
		return nil, errors.New("line break in base64")
	}
	return base64.StdEncoding.Strict().DecodeString(text)
}

func (s Scheme) verifyTokens(r received, keys [][]byte, now time.Time) Finding {
	var last Finding
	for _, token := range r.signatures {
		for _, key := range keys {
			finding := s.verifyToken(token, key, now)
			if finding.OK() {
				return finding
			}
			// What a right key says of a token outranks what a wrong one says.
			if last.OK() || last.Reason == ReasonMismatch {
				last = finding
			}
		}
	}
	return last
}

// verifyTime judges the distance of the timestamp to now.
func (s Scheme) verifyTime(r received, now time.Time) Finding {
	seconds, _ := strconv.ParseInt(r.timestamp, 10, 64) // read has judged it
	age := now.Sub(time.Unix(seconds, 0))
	switch {
	case age > s.Tolerance:
		return Finding{ReasonStale, fmt.Sprintf("signed %s ago, the limit is %s", spelled(age), spelled(s.Tolerance))}
	case -age > s.Tolerance:
		return Finding{ReasonFuture, fmt.Sprintf("signed %s ahead, the limit is %s", spelled(-age), spelled(s.Tolerance))}
	}
	return Finding{}
}

// spelled is a duration for people: what is long needs no seconds.
func spelled(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d >= 2*365*day:
		return fmt.Sprintf("%.1f years", d.Hours()/24/365.25)
	case d >= 2*day:
		return fmt.Sprintf("%d days", d/day)
	}
	text := d.String()
	if d >= time.Second {
		text = d.Round(time.Second).String()
	}
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// timestampProblem says why text is no timestamp. There is one spelling of
// each second: no sign, no leading zeros, no fraction.
func timestampProblem(text string) string {
	if text == "" {
		return "is empty"
	}
	seconds, err := strconv.ParseInt(text, 10, 64)
	switch {
	case err != nil || strconv.FormatInt(seconds, 10) != text || seconds < 0:
		return "is not written in unix seconds"
	case seconds > maxTimestamp:
		return "is too large for unix seconds (are they milliseconds?)"
	}
	return ""
}

// single gives the one value of a header.
func single(h http.Header, name string) (string, Finding) {
	var value string
	count := 0
	for key, values := range h {
		if len(values) > 0 && strings.EqualFold(key, name) {
			value, count = values[0], count+len(values)
		}
	}
	switch count {
	case 0:
		return "", Finding{ReasonMissing, fmt.Sprintf("the header %s is not there", name)}
	case 1:
		return value, Finding{}
	}
	return "", Finding{ReasonAmbiguous, fmt.Sprintf("the header %s stands %d times", name, count)}
}

func malformed(detail string) Finding { return Finding{ReasonMalformed, detail} }
