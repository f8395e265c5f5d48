package registration

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/hookrig/hookrig/contracts/signature"
)

// sellercenterSigned reports whether a query carries the right Signature: the
// hex HMAC-SHA256 of all other parameters, sorted by name, each name and value
// percent-encoded (RFC 3986), joined by = and &, under the caller's API key.
func sellercenterSigned(query url.Values, key signature.Secret) bool {
	mac := hmac.New(sha256.New, []byte(key.Reveal()))
	first := true
	for _, name := range sortedKeys(query) {
		if name == "Signature" {
			continue
		}
		for _, value := range query[name] {
			if !first {
				mac.Write([]byte("&"))
			}
			first = false
			mac.Write([]byte(percentEncode(name) + "=" + percentEncode(value)))
		}
	}
	given, err := hex.DecodeString(query.Get("Signature"))
	return err == nil && hmac.Equal(given, mac.Sum(nil))
}

// percentEncode differs from url.QueryEscape in the space alone.
func percentEncode(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
