// Package egress is the only place that dials out.
//
// [NewTransport] judges every address when the socket is about to be
// connected, after the name has been resolved. What a name meant a moment
// ago, or how an address is spelled in a URL, therefore decides nothing.
// [Client] wraps a transport so that redirects are handed to the caller
// instead of being followed, and [CheckURL] tells a user early that a target
// cannot work.
//
// One [Transport] carries requests in three ways, all over connections that
// were judged alike. Requests go through net/http (HTTP/1.1 and HTTP/2). With
// HighRate, plain HTTP requests take a lean way of our own, at a third of the
// CPU time. And a request whose context holds a [Script] is written by hand,
// because it is to be wrong.
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
	"errors"
	"fmt"
	"net/http"
	"net/netip"
)

// Rules say where connections may go. The zero Rules allow loopback, private
// and public addresses; link-local and cloud metadata addresses are refused
// whatever the rules say.
type Rules struct {
	PublicOnly           bool             // refuse all but globally reachable addresses, and all but the Ports …
	Allow                []netip.Prefix   // … except at these addresses
	Ports                []uint16         // nil: 80, 443, 8080 and 8443
	Own                  []netip.AddrPort // where this program itself listens: never dialled, so that it cannot feed itself
	ProxyFromEnvironment bool             // HTTP_PROXY and its kin, as net/http reads them
	RootCAs              []byte           // PEM; besides the system's
	HighRate             bool             // plain HTTP takes the lean way
}

// Check says whether the rules can be followed to the letter: certificates
// that can be read, prefixes that can match.
func (r Rules) Check() error {
	if _, err := authorities(r.RootCAs); err != nil {
		return fmt.Errorf("root certificates: %w", err)
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
