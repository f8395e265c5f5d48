package contracts

import (
	"encoding/base64"
	"errors"
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
	URL string
	// Target is what ParseTarget made of URL, for whoever sends much to it. nil, or one of
	// another URL: the URL is parsed.
	Target  *Target
	Secrets []signature.Secret // required where the contract signs
	// ID is the delivery's id, stable over attempts. It is required where the
	// contract signs it: a signature that says {id} or {uuid}.
	ID string
	// Time is the signing time. It is required where the contract signs it: a
	// signature that says {timestamp}.
	Time time.Time
}

// TargetError says what is wrong with a target URL.
type TargetError struct{ URL, Reason string }

// Error repeats the URL without its credentials.
func (e *TargetError) Error() string { return fmt.Sprintf("target %q: %s", e.URL, e.Reason) }

// Seal builds the request that the provider would send: method, address,
// headers, signature and the event's exact bytes, which the request shares. It
// is the one place where deliveries are signed. Where the contract names a
// header for the event's id, it is sent if there is an ID. The error is a *TargetError, signature.ErrNoSecret
// or a *signature.InputError (both wrapped), or says that the event belongs to
// another contract or that a placeholder of the path has no value in the body.
func (c *Contract) Seal(ev Event, o SealOptions) (*Request, error) {
	t := ev.Type
	if t == nil || t.contract != c {
		return nil, fmt.Errorf("the event is not one of the %s contract", c.provider)
	}
	target := o.Target
	if target == nil || target.raw != o.URL {
		var err error
		if target, err = ParseTarget(o.URL); err != nil {
			return nil, err
		}
	}
	address, err := t.addressAt(target, ev.Body)
	if err != nil {
		return nil, err
	}
	h, err := t.staticHeader(o.ID)
	if err != nil {
		return nil, err
	}
	secrets := o.Secrets
	switch {
	case target.credentials.IsZero():
	case c.scheme.Algorithm != signature.Basic:
		h["Authorization"] = []string{basicAuthorization(target.credentials)}
	case len(secrets) == 0:
		secrets = []signature.Secret{target.credentials}
	}
	in := signature.Input{Body: ev.Body, ID: o.ID, Time: o.Time, URL: address}
	if err := c.signer.SignTo(h, in, secrets...); err != nil {
		var input *signature.InputError
		if errors.As(err, &input) {
			return nil, fmt.Errorf("%s: SealOptions.%s: %w", c.provider, input.Member, err)
		}
		return nil, fmt.Errorf("%s: %w", c.provider, err)
	}
	return &Request{Method: t.method, URL: in.URL, Header: h, Body: ev.Body}, nil
}

// addressAt is the target with the event's path behind it.
func (t *EventType) addressAt(target *Target, body []byte) (string, error) {
	path, err := t.address.of(body)
	if err != nil {
		return "", fmt.Errorf("%s: %w", t.name, err)
	}
	if path == "" {
		return target.text, nil
	}
	u := target.url
	u.RawPath = strings.TrimSuffix(u.EscapedPath(), "/") + path
	if u.Path, err = url.PathUnescape(u.RawPath); err != nil {
		return "", &TargetError{URL: u.Redacted(), Reason: err.Error()}
	}
	return u.String(), nil
}

// staticHeader is what stands in every delivery of the event, but for the
// signature.
func (t *EventType) staticHeader(id string) (http.Header, error) {
	const more = 5 // of a signature, and of who sends it
	h := make(http.Header, len(t.headers)+more)
	lines := make([]string, 0, len(t.headers)+3) // one allocation for all values
	set := func(name, value string) {
		lines = append(lines, value)
		n := len(lines)
		h[http.CanonicalHeaderKey(name)] = lines[n-1 : n : n]
	}
	set("Content-Type", t.contentType)
	for _, fixed := range t.headers {
		set(fixed.name, fixed.value)
	}
	if t.identity.Header != "" && id != "" {
		if !isHeaderValue(id) {
			return nil, fmt.Errorf("the delivery's id %q cannot stand in the header %s", short(id), t.identity.Header)
		}
		set(t.identity.Header, id)
	}
	if name := t.contract.discriminator.header; name != "" {
		set(name, t.tag)
	}
	return h, nil
}

// basicAuthorization is the header for "user:password" (RFC 7617).
func basicAuthorization(credentials signature.Secret) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(credentials.Reveal()))
}

// Target is a target URL that was parsed. It prints without its credentials.
type Target struct {
	raw         string
	url         url.URL // without userinfo and fragment
	text        string  // of url
	credentials signature.Secret
}

// String is the URL without its userinfo.
func (t *Target) String() string { return t.text }

// ParseTarget splits the userinfo off a target URL. The error is a *TargetError.
func ParseTarget(raw string) (*Target, error) {
	u, err := url.Parse(raw)
	if err != nil {
		// The error of url.Parse repeats the URL, credentials included.
		return nil, &TargetError{URL: "…", Reason: "is no URL"}
	}
	switch {
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, &TargetError{URL: u.Redacted(), Reason: "must start with http:// or https://"}
	case u.Hostname() == "":
		return nil, &TargetError{URL: u.Redacted(), Reason: "names no host"}
	}
	t := &Target{raw: raw}
	if u.User != nil {
		password, _ := u.User.Password()
		if strings.Contains(u.User.Username(), ":") { // RFC 7617, section 2
			return nil, &TargetError{URL: u.Redacted(), Reason: "has a user name with a colon"}
		}
		t.credentials = signature.NewSecret(u.User.Username() + ":" + password)
	}
	u.User, u.Fragment = nil, ""
	t.url, t.text = *u, u.String()
	return t, nil
}
