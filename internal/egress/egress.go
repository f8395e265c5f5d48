// Package egress is the only place that dials out.
//
// [NewTransport] judges every address when the socket is about to be
// connected, after the name has been resolved. What a name meant a moment
// ago, or how an address is spelled in a URL, therefore decides nothing.
// [Client] wraps a transport so that redirects are handed to the caller
// instead of being followed, and [CheckURL] tells a user early that a target
// cannot work.
//
// Some addresses are refused whatever the rules say: those that reach the
// metadata service of a cloud, those that mean nobody or many, and IPv6 forms
// that carry an IPv4 address inside. Loopback and private addresses are where
// receivers under test usually live, so they are open by default and closed
// by PublicOnly.
//
// With a proxy (ProxyFromEnvironment) it is the proxy's address that is
// judged; where the proxy then connects is the proxy's to judge.
package egress

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"time"
)

// Rules say where connections may go. The zero Rules allow loopback, private
// and public addresses; link-local and cloud metadata addresses are refused
// whatever the rules say.
type Rules struct {
	PublicOnly           bool           // refuse all but globally reachable addresses …
	Allow                []netip.Prefix // … except these
	ProxyFromEnvironment bool           // HTTP_PROXY and its kin, as net/http reads them
	RootCAs              []byte         // PEM; besides the system's
}

// Check says whether the rules can be followed to the letter: certificates
// that can be read, prefixes that can match.
func (r Rules) Check() error {
	if len(r.RootCAs) > 0 && !x509.NewCertPool().AppendCertsFromPEM(r.RootCAs) {
		return errors.New("root certificates: there is no PEM certificate in them")
	}
	for _, p := range r.Allow {
		if !p.IsValid() || p.Addr().Is4In6() {
			return fmt.Errorf("allowed addresses: %q is no IPv4 or IPv6 prefix", p)
		}
	}
	return nil
}

// RefusedError: the address is not one that may be dialled. It is our decision and never the receiver's fault.
// Look for it with errors.As: the client wraps it.
type RefusedError struct {
	Address string // as it would have been dialled, with the port
	Reason  string // one line
}

func (e *RefusedError) Error() string {
	return "refused to connect to " + e.Address + ": " + e.Reason
}

// Limits of one transport.
const (
	maxIdlePerHost = 256      // a run keeps this many connections to one receiver alive
	maxHeaderBytes = 64 << 10 // of an answer
)

// NewTransport returns a transport that judges each address at connect time, follows no proxy unless asked,
// asks for identity encoding and keeps connections alive. It has no limit for
// a whole answer: give each request a context with a deadline.
// What [Rules.Check] refuses is passed over.
func NewTransport(r Rules) *http.Transport {
	dialer := &net.Dialer{
		Timeout:        10 * time.Second,
		KeepAlive:      30 * time.Second,
		ControlContext: r.control,
	}
	t := &http.Transport{
		DialContext:            r.dial(dialer),
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    10 * time.Second,
		ForceAttemptHTTP2:      true, // net/http would drop it for the dialer of our own
		DisableCompression:     true, // the answer's bytes are what we judge, and gzip can be a bomb
		MaxIdleConnsPerHost:    maxIdlePerHost,
		IdleConnTimeout:        90 * time.Second,
		ExpectContinueTimeout:  time.Second,
		MaxResponseHeaderBytes: maxHeaderBytes,
	}
	if r.ProxyFromEnvironment {
		t.Proxy = http.ProxyFromEnvironment
	}
	if len(r.RootCAs) > 0 {
		pool, err := x509.SystemCertPool()
		if err != nil {
			pool = x509.NewCertPool()
		}
		pool.AppendCertsFromPEM(r.RootCAs)
		t.TLSClientConfig.RootCAs = pool
	}
	return t
}

// Client returns a client that never follows a redirect, keeps no cookies and
// has no time limit of its own. The caller sees a 3xx answer as it is. An
// answer that switches protocols is an error: nobody asked for one, and the
// context would not end the reading of what follows it.
func Client(t http.RoundTripper) *http.Client {
	return &http.Client{
		Transport:     onlyHTTP{t},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// onlyHTTP refuses answers after which the connection speaks something else.
type onlyHTTP struct{ http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (t onlyHTTP) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := t.RoundTripper.RoundTrip(r)
	if err == nil && res.StatusCode == http.StatusSwitchingProtocols {
		res.Body.Close()
		return nil, errors.New("the answer switches to another protocol")
	}
	return res, err
}

// CloseIdleConnections is what http.Client's method of that name looks for.
func (t onlyHTTP) CloseIdleConnections() {
	if c, ok := t.RoundTripper.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}
