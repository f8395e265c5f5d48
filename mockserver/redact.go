package mockserver

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
)

const redacted = "[redacted]"

// RedactURL is a URL as journals and answers may show it: without the userinfo,
// and without the values of query parameters that look like credentials. What
// cannot be parsed is hidden altogether.
func RedactURL(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return redacted
	}
	u.User = nil
	if u.RawQuery != "" {
		parts := strings.Split(u.RawQuery, "&")
		for i, part := range parts {
			name, _, _ := strings.Cut(part, "=")
			if plain, err := url.QueryUnescape(name); err != nil || isCredential(plain) {
				parts[i] = name + "=" + redacted
			}
		}
		u.RawQuery = strings.Join(parts, "&")
	}
	return u.String()
}

// redactor remembers what RedactURL made of the URLs that deliveries go to: they
// are few, and each comes with every attempt.
type redactor struct {
	mu    sync.Mutex
	known map[string]string
}

func (r *redactor) url(raw string) string {
	const most = 1000
	r.mu.Lock()
	defer r.mu.Unlock()
	u, ok := r.known[raw]
	if !ok {
		if r.known == nil || len(r.known) >= most {
			r.known = map[string]string{}
		}
		u = RedactURL(raw)
		r.known[raw] = u
	}
	return u
}

var (
	credentialParts = []string{"token", "secret", "passw", "pwd", "signature", "credential", "apikey", "api_key", "api-key", "auth"}
	credentialNames = []string{"key", "sig", "code", "access", "session", "sid", "pass"}
)

// isCredential judges a name of a query parameter or header.
func isCredential(name string) bool {
	name = strings.ToLower(name)
	return slices.Contains(credentialNames, name) ||
		slices.ContainsFunc(credentialParts, func(part string) bool { return strings.Contains(name, part) })
}

// redactHeader copies headers with the values of the secret ones hidden. The
// others are shared.
func redactHeader(h http.Header, secret []string) http.Header {
	hidden := func(name string) bool {
		return strings.EqualFold(name, "Cookie") || isCredential(name) ||
			slices.ContainsFunc(secret, func(s string) bool { return strings.EqualFold(s, name) })
	}
	out := make(http.Header, len(h))
	for name, values := range h {
		if !hidden(name) {
			out[name] = values
			continue
		}
		out[name] = make([]string, len(values))
		for i, v := range values {
			if v != "" { // that nothing was sent is no secret
				out[name][i] = redacted
			}
		}
	}
	return out
}
