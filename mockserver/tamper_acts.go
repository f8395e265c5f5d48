package mockserver

import (
	"slices"
	"strconv"
	"strings"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/signature"
)

// This file is what the named tampers do at each layer above the wire, and to
// which schemes it makes a difference.

func signs(s signature.Scheme) bool { return s.Algorithm != "" && s.Algorithm != signature.None }

// dates reports whether a delivery says when it was signed.
func dates(s signature.Scheme) bool {
	const placeholder = "{timestamp}"
	if strings.Contains(s.Signed+s.Value, placeholder) || s.TimestampHeader != "" {
		return signs(s)
	}
	for _, claim := range s.Claims {
		if strings.Contains(claim, placeholder) {
			return true
		}
	}
	return false
}

func signsBody(s signature.Scheme) bool { return signs(s) && strings.Contains(s.Signed, "{body}") }

// sealWrongly signs with a secret of the right form that nobody shares.
func sealWrongly(_ int, s signature.Scheme, o *contracts.SealOptions) error {
	if !signs(s) {
		return errNotForThis
	}
	text := wrongKey
	switch {
	case s.Algorithm == signature.Basic:
		text = "hookrig:" + text
	case s.Key == signature.Base64:
		text = s.KeyPrefix + "aG9va3JpZy1kb2VzLW5vdC1rbm93LXRoZS1rZXk="
	}
	o.Secrets = []signature.Secret{signature.NewSecret(text)}
	return nil
}

func sealStale(_ int, s signature.Scheme, o *contracts.SealOptions) error {
	if !dates(s) {
		return errNotForThis
	}
	o.Time = o.Time.Add(-staleAge)
	return nil
}

// alterBody changes the last digit, so that a JSON text is still one; where
// there is none it adds a space.
func alterBody(_ int, r *contracts.Request) {
	body := slices.Clone(r.Body)
	if i := strings.LastIndexAny(string(body), "0123456789"); i >= 0 {
		body[i] = '0' + (body[i]-'0'+1)%10
	} else {
		body = append(body, ' ')
	}
	r.Body = body
}

func truncateBody(_ int, r *contracts.Request) { r.Body = r.Body[:len(r.Body)/2] }

func quoted(s string) string {
	if len(s) > 64 {
		s = s[:64] + "…"
	}
	return strconv.Quote(s)
}

func tamperNames() string {
	names := make([]string, len(tampers))
	for i := range tampers {
		names[i] = tampers[i].Name
	}
	return strings.Join(names, ", ")
}
