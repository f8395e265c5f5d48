package mockserver

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hookrig/hookrig/internal/egress"
)

// Wire is how a request is written where that is to be unusual or wrong. Such a request
// has an HTTP/1.1 connection of its own, so the server needs the transport
// that it has by default, or one that wraps it and has a method
// Unwrap() http.RoundTripper; over any other the delivery cannot be made.
type Wire struct {
	Chunked bool          // the body goes in chunks, without a Content-Length
	Expect  bool          // Expect: 100-continue; the body waits for leave, a second at most
	Drip    time.Duration // the body goes in small pieces, spread over this time
	Break   Break         // where the sender stops
	Length  Length        // what is said of the body's length
	OldTLS  bool          // TLS 1.1 at most is offered, which a receiver should refuse
}

// Break is where the sender stops. All but BreakInBody reset the connection,
// which the journal calls the failure "tampered".
type Break string

// The breaks; "" is none.
const (
	BreakBeforeHead = Break(egress.ResetBeforeHead) // connected, and nothing sent
	BreakAfterHead  = Break(egress.ResetAfterHead)  // its Content-Length promises a body
	BreakAfterBody  = Break(egress.ResetAfterBody)  // nobody waits for the answer
	BreakInBody     = Break(egress.CloseInBody)     // half of it is sent and no more follows; an answer is read
)

// Length is what a request says of its body's length (RFC 9112, section 6.3).
type Length string

// The lengths; "" is the true one.
const (
	LengthAndChunks = Length(egress.LengthAndChunks) // Content-Length and chunks; both are right
	TwoLengths      = Length(egress.TwoLengths)      // the first is right, the second a byte too short
	ShortLength     = Length(egress.ShortLength)     // half of it, and the rest of the body follows
)

// TLS is what an endpoint needs beside the system's authorities. Names and
// certificates are always verified. It needs the network, like [Wire].
type TLS struct {
	CA         []byte // PEM; authorities that are trusted besides
	Cert, Key  []byte // PEM; the client certificate, with its chain, and its key
	ServerName string // the name in the endpoint's certificate; "": the URL's host
}

// Check says whether connections can be made with it. The error quotes nothing.
func (t *TLS) Check() error {
	of := egress.TLS(*t)
	return of.Check()
}

// String and GoString keep the key out of logs.
func (t TLS) String() string { return "TLS(" + redacted + ")" }

// GoString implements fmt.GoStringer.
func (t TLS) GoString() string { return t.String() }

var errNeedsNetwork = errors.New("it needs a connection of its own, and this server's transport has none: use the network")

// way is a context that tells the transport how this attempt leaves.
func (s *Server) way(ctx context.Context, e *Endpoint, t *Tamper) (context.Context, error) {
	if e.TLS == nil && t.Wire == nil {
		return ctx, nil
	}
	if !s.courier.heeds {
		if t.Wire != nil {
			return ctx, fmt.Errorf("tamper %q: %w", t.Name, errNeedsNetwork)
		}
		return ctx, errors.New("the endpoint's TLS cannot be used: this server's transport has no connections")
	}
	var w egress.Way
	if e.TLS != nil {
		of := egress.TLS(*e.TLS)
		w.TLS = &of
	}
	if t.Wire != nil {
		w.Script = &egress.Script{Chunked: t.Wire.Chunked, Expect: t.Wire.Expect, Drip: t.Wire.Drip, Break: egress.Break(t.Wire.Break), Length: egress.Length(t.Wire.Length), OldTLS: t.Wire.OldTLS}
	}
	return egress.With(ctx, w), nil
}
