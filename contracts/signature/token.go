package signature

import (
	"crypto/sha1"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// token is a compact JWT over the scheme's claims. Its claims are in the
// order of their names, so that the same input gives the same bytes.
func (s Scheme) token(in Input, key []byte) (string, error) {
	claims := make(jwt.MapClaims, len(s.Claims))
	for name, template := range s.Claims {
		value, err := claim(template, in)
		if err != nil {
			return "", fmt.Errorf("cannot make claim %q: %w", name, err)
		}
		claims[name] = value
	}
	return jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString(key)
}

func claim(template string, in Input) (any, error) {
	if offset, ok := claimOffset(template); ok {
		if in.Time.IsZero() {
			return nil, in.timeProblem()
		}
		return in.Time.Add(offset).Unix(), nil
	}
	var b strings.Builder
	for template != "" {
		literal, name, rest := cut(template)
		b.WriteString(literal)
		switch name {
		case placeID, placeUUID:
			if in.ID == "" {
				return nil, in.idError("")
			}
			if name == placeUUID {
				b.WriteString(uuidOf(in.ID))
			} else {
				b.WriteString(in.ID)
			}
		case placeURL:
			u, err := url.Parse(in.URL)
			if err != nil || u.Scheme == "" || u.Host == "" {
				return nil, &InputError{"URL", "the target is no absolute URL"} // the URL may hold credentials
			}
			b.WriteString(u.Scheme + "://" + u.Host)
		case placeTimestamp:
			if in.Time.IsZero() {
				return nil, in.timeProblem()
			}
			fmt.Fprint(&b, in.Time.Unix())
		}
		template = rest
	}
	return b.String(), nil
}

// uuidSpace is the name space of uuidOf, itself a random UUID.
var uuidSpace = [16]byte{0x5f, 0x0e, 0x2c, 0x8b, 0x91, 0x37, 0x4d, 0x6a, 0xa4, 0x1f, 0x07, 0xd3, 0xbe, 0x62, 0x48, 0xc9}

// uuidOf is a UUID of version 5 (RFC 9562, section 5.5): one id, one UUID.
func uuidOf(id string) string {
	h := sha1.New()
	h.Write(uuidSpace[:])
	h.Write([]byte(id))
	u := h.Sum(nil)[:16]
	u[6] = u[6]&0x0f | 0x50
	u[8] = u[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", u[:4], u[4:6], u[6:8], u[8:10], u[10:])
}

// verifyToken judges one token with one key. Times are judged only where the
// token claims them (RFC 7519, section 4.1).
func (s Scheme) verifyToken(token string, key []byte, now time.Time) Finding {
	claims := jwt.MapClaims{}
	parsed, err := jwt.NewParser(
		jwt.WithValidMethods([]string{tokenAlgorithm}),
		jwt.WithStrictDecoding(),
		jwt.WithTimeFunc(func() time.Time { return now }),
	).ParseWithClaims(token, claims, func(*jwt.Token) (any, error) { return key, nil })
	switch {
	case parsed == nil, errors.Is(err, jwt.ErrTokenMalformed):
		return malformed("the header holds no token")
	case parsed.Header["alg"] != tokenAlgorithm:
		return malformed("the token's algorithm is not " + tokenAlgorithm)
	case errors.Is(err, jwt.ErrTokenSignatureInvalid):
		return Finding{ReasonMismatch, "the token's signature is another"}
	case errors.Is(err, jwt.ErrTokenExpired):
		return Finding{ReasonStale, "the token has expired (claim exp)"}
	case errors.Is(err, jwt.ErrTokenNotValidYet):
		return Finding{ReasonFuture, "the token is not valid yet (claim nbf)"}
	case err != nil:
		return malformed("a claim of the token is not as RFC 7519 says")
	}
	return s.verifyClaims(claims)
}

// tokenAlgorithm is the only "alg" that a token may have: "none" and the
// asymmetric ones, with which a public key could pass for a secret, are refused.
const tokenAlgorithm = "HS256"

// verifyClaims looks whether the claims of the scheme are there. A claim with
// placeholders may have any value, the others have theirs.
func (s Scheme) verifyClaims(claims jwt.MapClaims) Finding {
	for name, template := range s.Claims {
		value, ok := claims[name]
		if !ok {
			return malformed(fmt.Sprintf("the token has no claim %q", name))
		}
		if !strings.Contains(template, "{") && value != template {
			return malformed(fmt.Sprintf("the token's claim %q is not %q", name, template))
		}
	}
	return Finding{}
}
