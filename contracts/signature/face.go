// Package signature signs webhook requests and checks their signatures.
//
// A [Scheme] is plain data: which bytes are signed with which algorithm, how
// the result is spelled and in which header it travels. No provider is named
// here; a contract brings its Scheme. Signing and checking are the two
// directions of the same data, and [Scheme.Explain] tells someone whose check
// fails which bytes were signed and what most likely went wrong.
//
// Nothing here reads a clock: the time of signing and of checking is a
// parameter.
package signature

import (
	"errors"
	"net/http"
	"time"
)

var errSkeleton = errors.New("not there yet")

// Algorithms.
const (
	None       = "none"      // the provider does not sign
	HMACSHA1   = "hmac-sha1" // RFC 2104 over Signed
	HMACSHA256 = "hmac-sha256"
	HMACSHA512 = "hmac-sha512"
	JWTHS256   = "jwt-hs256" // a token in a header (RFC 7519); the body is not signed
	Basic      = "basic"     // RFC 7617 credentials, no signature at all
)

// Scheme says how a provider authenticates its deliveries. The zero Scheme is
// None.
type Scheme struct {
	Algorithm string `json:"algorithm"`
	// Signed is the template of the signed bytes. Placeholders: {body},
	// {timestamp} (unix seconds as sent), {id}. For example
	// "{id}.{timestamp}.{body}".
	Signed string `json:"signed,omitempty"`
	// Encoding spells the MAC: "hex" (lower case) or "base64".
	Encoding string `json:"encoding,omitempty"`
	// Header carries the signature (or token); Value is its template,
	// "{signature}" if empty, for example "v1,{signature}" or
	// "t={timestamp},v1={signature}". Several signatures (secret rotation) are joined by
	// Separator, or not allowed where that is empty.
	Header    string `json:"header,omitempty"`
	Value     string `json:"value,omitempty"`
	Separator string `json:"separator,omitempty"`
	// TimestampHeader and IDHeader carry {timestamp} and {id} where the
	// scheme sends them as headers.
	TimestampHeader string `json:"timestampHeader,omitempty"`
	IDHeader        string `json:"idHeader,omitempty"`
	// Key spells how the secret's text becomes key bytes: "text" (the
	// default) or "base64" (an optional prefix such as "whsec_" in KeyPrefix
	// is cut first).
	Key       string `json:"key,omitempty"`
	KeyPrefix string `json:"keyPrefix,omitempty"`
	// Tolerance is the largest distance between the timestamp and the time
	// of checking; 0 means that nobody sources one and none is enforced.
	Tolerance time.Duration `json:"tolerance,omitempty"`
	// Claims are the claims of a JWT: a name and a template of the value with the
	// placeholders {uuid} (derived from the delivery's id), {id}, {url} (scheme and host of the target).
	Claims map[string]string `json:"claims,omitempty"`
	// Optional marks credentials that a registration may leave out (basic
	// credentials in a URL): without a secret nothing is sent and nothing is
	// checked, and callers say so. A scheme that signs is never optional.
	Optional bool `json:"optional,omitempty"`
}

// Signs reports whether deliveries carry something that a receiver can check.
func (s Scheme) Signs() bool { return s.Algorithm != "" && s.Algorithm != None }

// Check says whether the scheme itself is sound: known algorithm, placeholders,
// a header where one is needed. Messages name the member.
func (s Scheme) Check() error { return errSkeleton }

// Secret is a shared secret. It prints, logs and marshals as "[redacted]".
type Secret struct{ text string }

// NewSecret keeps text as a secret.
func NewSecret(text string) Secret { return Secret{text} }

// IsZero reports whether there is no secret at all.
func (s Secret) IsZero() bool { return s.text == "" }

// Reveal is the secret's text, for the one place that must have it.
func (s Secret) Reveal() string { return s.text }

// Input is what a signature depends on beside the secret.
type Input struct {
	Body []byte
	ID   string    // the delivery's id; stable over attempts
	Time time.Time // when it is signed
	URL  string    // the target, for claims
}

// ErrNoSecret: the scheme signs and no secret was given. It is never a skip.
var ErrNoSecret = errors.New("the contract signs its deliveries and no secret was given")

// Sign returns the headers for exactly these bytes. With several secrets the
// first signs, and where the scheme allows several signatures all do. The
// error is ErrNoSecret, or names what is wrong with the secret (never the secret itself).
func (s Scheme) Sign(in Input, secrets ...Secret) (http.Header, error) { return nil, errSkeleton }

// Reasons for which Verify refuses. They are values of Finding.Reason.
const (
	ReasonMissing   = "missing"   // no signature header
	ReasonMalformed = "malformed" // not spelled as the scheme says
	ReasonMismatch  = "mismatch"  // well spelled, wrong value
	ReasonStale     = "stale"     // timestamp too old
	ReasonFuture    = "future"    // timestamp too far ahead
	ReasonAmbiguous = "ambiguous" // the header stands more than once
)

// Finding says why a request's signature is refused; the zero Finding means
// that it is accepted.
type Finding struct {
	Reason string `json:"reason"`
	Detail string `json:"detail"` // one line, without secrets or expected values
}

// OK reports whether the signature was accepted.
func (f Finding) OK() bool { return f.Reason == "" }

// Verify checks the headers of a request against its exact body. Any of the
// secrets may match. Comparison is constant-time. The error is ErrNoSecret or
// a broken scheme: it means that nothing was checked.
func (s Scheme) Verify(h http.Header, body []byte, now time.Time, secrets ...Secret) (Finding, error) {
	return Finding{}, errSkeleton
}

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
	return Explanation{}, errSkeleton
}
