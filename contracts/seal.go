package contracts

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/hookrig/hookrig/contracts/signature"
)

// SealOptions are what a sealed request depends on beside the event.
type SealOptions struct {
	// URL is the target as it is registered with the provider. Its userinfo
	// is sent as basic credentials and is the secret of a basic scheme.
	URL     string
	Secrets []signature.Secret // required where the contract signs
	ID      string             // the delivery's id, stable over attempts
	Time    time.Time          // the signing time
}

// TargetError says what is wrong with a target URL.
type TargetError struct{ URL, Reason string }

// Error repeats the URL without its credentials.
func (e *TargetError) Error() string { return fmt.Sprintf("target %q: %s", e.URL, e.Reason) }

// Seal builds the request that the provider would send: method, address,
// headers, signature and the event's exact bytes. It is the one place where
// deliveries are signed. The error is a *TargetError, signature.ErrNoSecret
// (wrapped), or says that the event belongs to another contract or that a
// placeholder of the path has no value in the body.
func (c *Contract) Seal(ev Event, o SealOptions) (*Request, error) {
	t := ev.Type
	if t == nil || t.contract != c {
		return nil, fmt.Errorf("the event is not one of the %s contract", c.provider)
	}
	target, credentials, err := parseTarget(o.URL)
	if err != nil {
		return nil, err
	}
	path, err := t.pathOf(ev.Body)
	if err != nil {
		return nil, err
	}
	if path != "" {
		target.RawPath = strings.TrimSuffix(target.EscapedPath(), "/") + path
		if target.Path, err = url.PathUnescape(target.RawPath); err != nil {
			return nil, &TargetError{URL: target.Redacted(), Reason: err.Error()}
		}
	}
	secrets := o.Secrets
	if c.scheme.Algorithm == signature.Basic && len(secrets) == 0 && !credentials.IsZero() {
		secrets = []signature.Secret{credentials}
	}
	signed, err := c.scheme.Sign(signature.Input{Body: ev.Body, ID: o.ID, Time: o.Time, URL: target.String()}, secrets...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.provider, err)
	}
	h := http.Header{"Content-Type": {t.contentType}}
	if !credentials.IsZero() && c.scheme.Algorithm != signature.Basic {
		user, password, _ := strings.Cut(credentials.Reveal(), ":")
		h.Set("Authorization", basicAuthorization(user, password))
	}
	for _, fixed := range c.headers {
		h.Set(fixed.name, fixed.value)
	}
	if t.identity.Header != "" && o.ID != "" {
		h.Set(t.identity.Header, o.ID)
	}
	if c.discriminator.header != "" {
		h.Set(c.discriminator.header, t.tag)
	}
	for name, values := range signed {
		h[name] = values
	}
	return &Request{Method: t.method, URL: target.String(), Header: h, Body: ev.Body}, nil
}

func basicAuthorization(user, password string) string {
	r := http.Request{Header: http.Header{}}
	r.SetBasicAuth(user, password)
	return r.Header.Get("Authorization")
}

// parseTarget splits the userinfo off a target URL.
func parseTarget(raw string) (*url.URL, signature.Secret, error) {
	u, err := url.Parse(raw)
	if err != nil {
		// The error of url.Parse repeats the URL, credentials included.
		return nil, signature.Secret{}, &TargetError{URL: "…", Reason: "is no URL"}
	}
	switch {
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, signature.Secret{}, &TargetError{URL: u.Redacted(), Reason: "must start with http:// or https://"}
	case u.Host == "":
		return nil, signature.Secret{}, &TargetError{URL: u.Redacted(), Reason: "names no host"}
	}
	var credentials signature.Secret
	if u.User != nil {
		password, _ := u.User.Password()
		credentials = signature.NewSecret(u.User.Username() + ":" + password)
	}
	u.User, u.Fragment = nil, ""
	return u, credentials, nil
}

// pathOf fills the placeholders of the path from the body.
func (t *EventType) pathOf(body []byte) (string, error) {
	if !strings.Contains(t.path, "{") {
		return t.path, nil
	}
	var missing string
	path := addressParameter.ReplaceAllStringFunc(t.path, func(m string) string {
		pointer := m[1 : len(m)-1]
		value, ok := textAt(body, tokensOf(pointer))
		if !ok || value == "" {
			missing = pointer
		}
		return url.PathEscape(value)
	})
	if missing != "" {
		return "", fmt.Errorf("%s: the path %s needs a value at %s and the body has none", t.name, t.path, missing)
	}
	return path, nil
}
