package signature

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Sign returns the headers for exactly these bytes. With several secrets the
// first signs, and where the scheme allows several signatures all do. Secrets
// that are empty count as not given. A scheme that does not sign returns an
// empty header.
//
// The error is ErrNoSecret, a *SecretError, a *SchemeError, or an *InputError:
// an id or a time that the scheme needs and that is missing, or an id with
// characters that would make the signed bytes ambiguous.
func (s Scheme) Sign(in Input, secrets ...Secret) (http.Header, error) {
	h := make(http.Header, 3)
	if err := s.SignTo(h, in, secrets...); err != nil {
		return nil, err
	}
	return h, nil
}

// SignTo is Sign for a sender that already has a header: it sets the
// scheme's headers there. After an error h is as before.
func (s Scheme) SignTo(h http.Header, in Input, secrets ...Secret) error {
	signer, err := s.Signer()
	if err != nil {
		return err
	}
	return signer.SignTo(h, in, secrets...)
}

// Signer is a sound scheme, for whoever signs much by it. The zero Signer signs
// nothing. It is safe for concurrent use.
type Signer struct {
	scheme                   Scheme
	signature, timestamp, id string // headers; "": none
	needsTime, needsID       bool
}

// Signer checks the scheme once and for all. The error is a *SchemeError. The scheme
// must not be changed afterwards.
func (s Scheme) Signer() (Signer, error) {
	if err := s.Check(); err != nil {
		return Signer{}, err
	}
	return Signer{
		scheme: s, needsTime: s.needs(placeTimestamp), needsID: s.needs(placeID),
		signature: http.CanonicalHeaderKey(s.Header), timestamp: http.CanonicalHeaderKey(s.TimestampHeader), id: http.CanonicalHeaderKey(s.IDHeader),
	}, nil
}

// SignTo is [Scheme.SignTo].
func (s *Signer) SignTo(h http.Header, in Input, secrets ...Secret) error {
	switch {
	case !s.scheme.Signs():
		return nil
	case !given(secrets):
		if s.scheme.Optional {
			return nil
		}
		return ErrNoSecret
	case s.scheme.Algorithm == Basic:
		return signBasic(h, secrets)
	}
	v, err := s.values(in)
	if err != nil {
		return err
	}
	var buffer [192]byte
	value, err := s.scheme.appendValue(buffer[:0], in, v, secrets)
	if err != nil {
		return err
	}
	lines := make([]string, 0, 3) // one allocation for all values
	set := func(name, value string) {
		lines = append(lines, value)
		n := len(lines)
		h[name] = lines[n-1 : n : n]
	}
	set(s.signature, string(value))
	if s.timestamp != "" {
		set(s.timestamp, v.timestamp)
	}
	if s.id != "" {
		set(s.id, v.id)
	}
	return nil
}

// values spells the input as it is signed and sent.
func (s *Signer) values(in Input) (values, error) {
	v := values{body: in.Body}
	if s.needsTime {
		if in.Time.Unix() < 0 || in.Time.Unix() > maxTimestamp {
			return v, in.timeProblem()
		}
		v.timestamp = strconv.FormatInt(in.Time.Unix(), 10)
	}
	if s.needsID {
		if problem := s.scheme.idProblem(in.ID); problem != "" {
			return v, in.idError(problem)
		}
		v.id = in.ID
	}
	return v, nil
}

// InputError says what is wrong with what was given to be signed.
type InputError struct {
	Member  string // of Input: "Time", "ID" or "URL"
	Problem string
}

func (e *InputError) Error() string { return "cannot sign: " + e.Problem }

func (in Input) timeProblem() error {
	if in.Time.IsZero() {
		return &InputError{"Time", "no signing time is given"}
	}
	return &InputError{"Time", fmt.Sprintf("the signing time %s is none in unix seconds", in.Time.Format(time.RFC3339))}
}

func (in Input) idError(problem string) error {
	if in.ID == "" {
		return &InputError{"ID", "no id is given"}
	}
	return &InputError{"ID", fmt.Sprintf("the id %q cannot be used: %s", in.ID, problem)}
}

// maxTimestamp is the last second of the year 9999.
const maxTimestamp = 253402300799

// idProblem says why an id cannot be used. An id that holds one of the
// template's own separators would let the same signed bytes be read in two
// ways: "a.1" + "." + "2" and "a" + "." + "1.2".
func (s *Scheme) idProblem(id string) string {
	switch {
	case id == "":
		return "it is empty"
	case strings.ContainsFunc(id, func(r rune) bool { return r <= ' ' || r > '~' }):
		return "a header holds printable ASCII without spaces only"
	case s.Separator != "" && strings.Contains(id, s.Separator) && has(s.value(), placeID):
		return fmt.Sprintf("it holds %q, which separates signatures", s.Separator)
	}
	for _, template := range [...]string{s.Signed, s.Value} {
		if !has(template, placeID) {
			continue
		}
		for template != "" {
			literal, _, rest := cut(template)
			if literal != "" && strings.Contains(id, literal) {
				return fmt.Sprintf("it holds %q, which separates the signed parts", literal)
			}
			template = rest
		}
	}
	return ""
}

// appendValue appends the value of the signature header.
func (s *Scheme) appendValue(dst []byte, in Input, v values, secrets []Secret) ([]byte, error) {
	var err error
	start := len(dst)
	for piece := range s.pieces(s.value()) {
		repeated := has(piece, placeSignature)
		for i, secret := range secrets {
			if secret.IsZero() {
				continue
			}
			if len(dst) > start {
				dst = append(dst, s.Separator...)
			}
			if dst, err = s.appendPiece(dst, piece, in, v, i, secret); err != nil {
				return nil, err
			}
			if !repeated || s.Separator == "" {
				break
			}
		}
	}
	return dst, nil
}

func (s *Scheme) appendPiece(dst []byte, piece string, in Input, v values, i int, secret Secret) ([]byte, error) {
	for piece != "" {
		literal, name, rest := cut(piece)
		dst = append(dst, literal...)
		switch name {
		case placeTimestamp:
			dst = append(dst, v.timestamp...)
		case placeID:
			dst = append(dst, v.id...)
		case placeSignature:
			if s.Algorithm == JWTHS256 {
				key, err := s.key(i, secret)
				if err != nil {
					return nil, err
				}
				token, err := s.token(in, key)
				if err != nil {
					return nil, err
				}
				dst = append(dst, token...)
				break
			}
			k, err := s.keyed(i, secret)
			if err != nil {
				return nil, err
			}
			var mac [sha512.Size]byte // the largest
			n := copy(mac[:], s.sum(k, v, dst[len(dst):]))
			k.release()
			dst = s.appendMAC(dst, mac[:n])
		}
		piece = rest
	}
	return dst, nil
}

// mac is the MAC of the signed bytes. It may stand in scratch.
func (s *Scheme) mac(key []byte, v values, scratch []byte) []byte {
	return s.sum(hmac.New(hashes[s.Algorithm], key), v, scratch)
}

// sum is mac for a hash that has the key.
func (s *Scheme) sum(m hash.Hash, v values, scratch []byte) []byte {
	scratch = writeSigned(m, scratch, s.Signed, v)
	return m.Sum(scratch[:0])
}

func (s *Scheme) appendMAC(dst, mac []byte) []byte {
	if s.Encoding == Base64 {
		return base64.StdEncoding.AppendEncode(dst, mac)
	}
	return hex.AppendEncode(dst, mac)
}

// hashes of the MAC algorithms.
var hashes = map[string]func() hash.Hash{
	HMACSHA1:   sha1.New,
	HMACSHA256: sha256.New,
	HMACSHA512: sha512.New,
}
