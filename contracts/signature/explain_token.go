package signature

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"hash"
	"net/http"
	"slices"
	"strings"
)

// tokenHashes are the MACs that RFC 7518, section 3.2, knows for tokens.
var tokenHashes = map[string]func() hash.Hash{"HS256": sha256.New, "HS384": sha512.New384, "HS512": sha512.New}

// explainToken does for tokens what explainMAC does for MACs. The signed bytes
// are in the token itself, so only the key, the algorithm and the place of the
// token can be mistaken.
func (s Scheme) explainToken(e *Explanation, h http.Header, secret Secret) {
	key, err := s.key(0, secret)
	if err != nil {
		return // Verify has returned it
	}
	header, token := s.findToken(h)
	if token == "" {
		if !e.Finding.OK() {
			e.Causes = []string{e.Finding.Detail + ": send the token, three parts with dots between them, as " + fmt.Sprintf("%q", s.value())}
		}
		return
	}
	dot := strings.LastIndexByte(token, '.')
	signed := token[:dot]
	mac := func(newHash func() hash.Hash, key []byte) string {
		m := hmac.New(newHash, key)
		m.Write([]byte(signed))
		return base64.RawURLEncoding.EncodeToString(m.Sum(nil))
	}
	e.Signed = []byte(signed)
	r := s.glance(h)
	e.Expected = strings.NewReplacer(signatureAlone, signed+"."+mac(sha256.New, key),
		"{"+placeTimestamp+"}", r.timestamp, "{"+placeID+"}", r.id).Replace(s.value())
	if e.Finding.OK() {
		return
	}
	switch {
	case !strings.EqualFold(header, s.Header):
		e.Causes = append(e.Causes, fmt.Sprintf("the token stands in the header %s: send it in %s", header, s.Header))
	case !slices.Contains(r.signatures, token):
		e.Causes = append(e.Causes, fmt.Sprintf("the token stands in its header in another manner: write the value as %q", s.value()))
	}
	algorithm := tokenHeader(token)
	newHash := tokenHashes[algorithm]
	if algorithm != tokenAlgorithm {
		e.Causes = append(e.Causes, fmt.Sprintf("the token's algorithm is %q: sign with %s", algorithm, tokenAlgorithm))
	}
	if newHash == nil {
		e.Expected = ""
		return
	}
	for _, k := range s.otherKeys(key, secret.Reveal()) {
		if hmac.Equal([]byte(mac(newHash, k.value)), []byte(token[dot+1:])) {
			if k.cause != "" {
				e.Causes = append(e.Causes, k.cause)
			}
			if len(e.Causes) == 0 {
				e.Causes = []string{"the signature is right, the token is refused: " + e.Finding.Detail}
			}
			return
		}
	}
	e.Causes = append(e.Causes,
		"the secret is another one: compare both sides' secrets, and whether both belong to the same installation",
		"the token was changed after it was signed: pass it on as it is")
}

// findToken looks for something with three parts, first where it belongs.
func (s Scheme) findToken(h http.Header) (header, token string) {
	for _, name := range s.headerNames(h) {
		for _, value := range h[name] {
			for text := range words(value) {
				if strings.Count(text, ".") == 2 && tokenHeader(text) != "" {
					return name, text
				}
			}
		}
	}
	return "", ""
}

// tokenHeader is the algorithm that a token's first part names.
func tokenHeader(token string) string {
	first, _, _ := strings.Cut(token, ".")
	text, err := base64.RawURLEncoding.DecodeString(first)
	if err != nil {
		return ""
	}
	var header struct{ Alg string }
	if json.Unmarshal(text, &header) != nil {
		return ""
	}
	return header.Alg
}
