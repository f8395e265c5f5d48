// Package signature signs webhook requests and checks their signatures.
//
// A [Scheme] is plain data: which bytes are signed with which algorithm, how
// the result is spelled and in which header it travels. No provider is named
// here; a contract brings its Scheme. Signing and checking are two directions
// of the same data:
//
//   - [Scheme.Sign] gives the headers for a body; [Scheme.SignTo] puts them
//     into a header that the caller already has.
//   - [Scheme.Verify] checks a request. What it refuses is a [Finding], a
//     value; an error means that nothing was checked.
//   - [Scheme.Explain] is for someone whose check fails: it shows which bytes
//     are signed, and tries the usual mistakes until one of them gives the
//     signature that was received.
//   - [Scheme.Check] says whether the data make sense at all. The other three
//     call it, so an unsound Scheme never signs and never accepts.
//
// # Templates
//
// Signed and Value are texts with placeholders. A placeholder is a name in
// braces; every other character stands for itself, and a brace that belongs to
// no placeholder is an error.
//
//	{body}       the exact bytes of the body               Signed
//	{timestamp}  unix seconds, spelled as they are sent     Signed, Value, Claims
//	{id}         the delivery's id                          Signed, Value, Claims
//	{signature}  the encoded MAC, or the token              Value
//	{uuid}       a UUID that depends on the id alone        Claims
//	{url}        scheme and host of the target              Claims
//
// # Several signatures
//
// While a secret is rotated a provider signs with the old and the new one.
// Where Separator is set, Value is cut at it, and the piece that holds
// {signature} is repeated for each secret. So "v1,{signature}" with a space
// gives "v1,AAA v1,BBB", and "t={timestamp},v1={signature}" with a comma
// gives "t=17,v1=aaa,v1=bbb". A checker takes the pieces in any order and
// passes over those that it does not know, which is how a newer version of a
// signature is introduced beside the old one.
//
// # Secrets
//
// A [Secret] never prints. One that is empty counts as none, and a scheme that
// signs without a secret is [ErrNoSecret], never a skip. Only a scheme with
// Optional (credentials that a registration may leave out) does without:
// Sign then adds no header and Verify accepts what comes, so the caller has to
// tell its user that nothing was checked.
//
// Nothing here reads a clock: the time of signing and of checking is a
// parameter.
package signature

import (
	"errors"
	"time"
)

// Algorithms.
const (
	None       = "none"        // the provider does not sign
	HMACSHA1   = "hmac-sha1"   // RFC 2104 over Signed
	HMACSHA256 = "hmac-sha256" // the same with SHA-256
	HMACSHA512 = "hmac-sha512" // the same with SHA-512
	JWTHS256   = "jwt-hs256"   // a token in a header (RFC 7519); the body is not signed
	Basic      = "basic"       // RFC 7617 credentials, no signature at all
)

// Values of Scheme.Encoding and Scheme.Key.
const (
	Hex    = "hex"    // of a MAC: lower case when signing, either case when checking
	Base64 = "base64" // RFC 4648 section 4, with padding
	Text   = "text"   // of a key: the secret's bytes as they are
)

// Scheme says how a provider authenticates its deliveries. The zero Scheme is
// None. It is plain data, safe for concurrent use as long as nobody changes it.
type Scheme struct {
	Algorithm string `json:"algorithm"`
	// Signed is the template of the signed bytes. Placeholders: {body},
	// {timestamp} (unix seconds as sent), {id}. For example
	// "{id}.{timestamp}.{body}". Only MACs have one.
	Signed string `json:"signed,omitempty"`
	// Encoding spells the MAC: "hex" or "base64". Hex is sent in lower case;
	// upper case stands for the same bytes and is accepted.
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
	// The times iat, nbf and exp are "{timestamp}" or "{timestamp+5m}" and
	// become numbers; no time is claimed that is not named here.
	Claims map[string]string `json:"claims,omitempty"`
	// Optional marks credentials that a registration may leave out (basic
	// credentials in a URL): without a secret nothing is sent and nothing is
	// checked, and callers say so. A scheme that signs is never optional.
	Optional bool `json:"optional,omitempty"`
}

// Signs reports whether deliveries carry something that a receiver can check.
func (s Scheme) Signs() bool { return s.Algorithm != "" && s.Algorithm != None }

// Input is what a signature depends on beside the secret. A scheme asks only
// for what it uses.
type Input struct {
	Body []byte
	ID   string    // the delivery's id; stable over attempts
	Time time.Time // when it is signed; sent in whole seconds
	URL  string    // the target, for claims
}

// ErrNoSecret: the scheme signs and no secret was given. It is never a skip.
var ErrNoSecret = errors.New("the contract signs its deliveries and no secret was given")

// Reasons for which Verify refuses. They are values of Finding.Reason.
const (
	ReasonMissing   = "missing"   // a header that the scheme needs is not there
	ReasonMalformed = "malformed" // not spelled as the scheme says
	ReasonMismatch  = "mismatch"  // well spelled, wrong value
	ReasonStale     = "stale"     // rightly signed, but too long ago
	ReasonFuture    = "future"    // rightly signed, but too far ahead
	ReasonAmbiguous = "ambiguous" // a header stands more than once
)

// Finding says why a request's signature is refused; the zero Finding means
// that it is accepted.
type Finding struct {
	Reason string `json:"reason"`
	Detail string `json:"detail"` // one line, without secrets or expected values
}

// OK reports whether the signature was accepted.
func (f Finding) OK() bool { return f.Reason == "" }
