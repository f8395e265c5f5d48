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

// redactor remembers what became of the URLs that deliveries go to and of the
// names of their headers: they are few, and come with every attempt.
type redactor struct {
	urls  remembered[string]
	names remembered[bool]
}

func (r *redactor) url(raw string) string { return r.urls.of(raw, RedactURL) }

// remembered keeps the results of a function. When they are many, it begins anew.
type remembered[T any] struct {
	mu    sync.Mutex
	known map[string]T
}

func (r *remembered[T]) of(key string, f func(string) T) T {
	const most = 1000
	r.mu.Lock()
	defer r.mu.Unlock()
	v, ok := r.known[key]
	if !ok {
		if r.known == nil || len(r.known) >= most {
			r.known = map[string]T{}
		}
		v = f(key)
		r.known[key] = v
	}
	return v
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

var hidden = []string{redacted}

// hide replaces the values of secret headers: the signature's, the endpoint's own,
// and those whose names say so.
func (r *redactor) hide(h http.Header, signature string, own http.Header) {
	for name, values := range h {
		if !strings.EqualFold(name, signature) && !strings.EqualFold(name, "Cookie") && !r.names.of(name, isCredential) && !isAmong(own, name) {
			continue
		}
		if len(values) == 1 && values[0] != "" {
			h[name] = hidden
			continue
		}
		values = slices.Clone(values)
		for i, v := range values {
			if v != "" { // that nothing was sent is no secret
				values[i] = redacted
			}
		}
		h[name] = values
	}
}

func isAmong(h http.Header, name string) bool {
	for own := range h {
		if strings.EqualFold(own, name) {
			return true
		}
	}
	return false
}
