package verifier

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hookrig/hookrig/mockserver"
)

// This file judges connections, as far as the journal has seen them.

// overTLS is the condition of checks that ask for what only TLS has.
func overTLS(s *session) string {
	if !strings.HasPrefix(strings.ToLower(s.options.URL), "https:") {
		return lacksHTTPS
	}
	return hasConnections(s)
}

// byHand is a valid event on an HTTP/1.1 connection of its own.
func byHand(name string, wire mockserver.Wire) act {
	return func(ctx context.Context, s *session) error {
		return s.send(ctx, roleProbe, s.event(), sending{tamper: mockserver.Tamper{Name: name, Wire: &wire}})
	}
}

// asUsual is a valid event as it is always sent, under a name.
func asUsual(name string) act {
	return func(ctx context.Context, s *session) error { return s.plainProbe(ctx, name, s.event()) }
}

// inARow are deliveries one right after the other.
const inARow = 5

func oneAfterTheOther(ctx context.Context, s *session) error {
	for range inARow {
		if err := s.send(ctx, roleValid, s.event(), sending{}); err != nil {
			return err
		}
	}
	return nil
}

// unseenConnections is for runs over transports that show none.
var unseenConnections = finding{verdict: Inconclusive, because: "no connection was seen"}

// connections are those of the exchanges in which the receiver got what the
// provider sends.
func (h *hearing) connections() (out []*exchange) {
	for _, x := range h.legitimate() {
		if x.attempt.Connection != nil {
			out = append(out, x)
		}
	}
	return out
}

// judgeKeepAlive wants connections to be kept. Whoever closes each after its
// answer is within his rights; whoever closes it under a request is not.
func judgeKeepAlive(h *hearing) finding {
	f := accepted(h, roleValid)
	if f.verdict != Pass {
		if f.verdict == Fail && slices.ContainsFunc(f.proof, lostOnKept) {
			f.because = "the receiver drops a connection that it kept, and the delivery on it is lost"
			f.expected, f.basis = "connections that are kept until the answer says that they end", ""
		}
		return f
	}
	f.expected, f.basis = "one connection for all of them", ""
	seen, reused := 0, 0
	for _, x := range h.of(roleValid) {
		if c := x.attempt.Connection; c != nil {
			seen++
			if c.Reused {
				reused++
			}
		}
	}
	if seen < 2 {
		return unseenConnections
	}
	f.received = fmt.Sprintf("%d of %d deliveries on a connection that was open", reused, seen)
	if f.because = "connections are kept"; reused == 0 {
		f.verdict, f.because = Warn, "the receiver closes the connection after each answer"
	}
	return f
}

// lostOnKept reports whether a delivery went unanswered on a connection that had
// served an earlier one.
func lostOnKept(x *exchange) bool {
	a := x.attempt
	return a.Connection != nil && a.Connection.Reused && (a.Failure == "eof" || a.Failure == "reset")
}

// judgeProtocols wants the same answer over each version of HTTP that is offered.
func judgeProtocols(h *hearing) finding {
	f := tolerated("a valid event")(h)
	if f.verdict != Pass {
		return f
	}
	var spoken []string
	for _, x := range h.of(roleProbe) {
		if c := x.attempt.Connection; c != nil && !slices.Contains(spoken, c.Protocol) {
			spoken = append(spoken, c.Protocol)
		}
	}
	switch len(spoken) {
	case 0:
		return unseenConnections
	case 1:
		f.because = "accepted over " + spoken[0] + "; no other version is offered"
	default:
		f.because = "accepted over " + strings.Join(spoken, " and ")
	}
	return f
}

// judgeTLS wants old versions refused, and the newest offered.
func judgeTLS(h *hearing) finding {
	probes := h.of(roleProbe)
	if len(probes) == 0 {
		return nothingSent
	}
	f := finding{verdict: Pass, because: "TLS 1.1 is refused", expected: "TLS 1.3 or 1.2, and nothing older", received: answer(probes[0].attempt), proof: probes[:1]}
	if c := probes[0].attempt.Connection; c != nil || probes[0].attempt.Failure == "" {
		f.verdict, f.because = Fail, "a version of TLS was agreed on that is broken"
		if c != nil {
			f.received = c.TLS
		}
		return f
	}
	if why := probes[0].attempt.Failure; !slices.Contains([]string{"tls", "reset", "eof"}, why) { // how a handshake is refused
		f.verdict, f.because = Inconclusive, "no connection came about, and not because TLS 1.1 was refused"
		return f
	}
	newest := ""
	for _, x := range h.connections() {
		newest = max(newest, x.attempt.Connection.TLS)
	}
	switch newest {
	case "":
		return unseenConnections
	case "TLS 1.2":
		f.verdict, f.because, f.received = Warn, "TLS 1.3 is not offered", newest
	}
	return f
}

// renewal is how long before its end a certificate is renewed by those who do
// it in time: the usual programs do it after two thirds of ninety days.
const renewal = 21 * 24 * time.Hour

// judgeCertificate looks at what was presented. Whatever does not verify is no
// connection at all.
func judgeCertificate(h *hearing) finding {
	list := h.connections()
	if len(list) == 0 || list[0].attempt.Connection.TLS == "" {
		return unseenConnections
	}
	x := list[0]
	c := x.attempt.Connection
	left := c.Expires.Sub(x.attempt.Started)
	f := finding{
		verdict: Pass, because: "the chain is complete, and the certificate is good for a while", proof: list[:1],
		expected: fmt.Sprintf("a complete chain, and a certificate that is good for %d days at least", int(renewal.Hours()/24)),
		received: fmt.Sprintf("a certificate that is good for %d days", int(left.Hours()/24)),
	}
	switch {
	case c.Missing > 0:
		f.verdict, f.because = Fail, "the receiver does not send the certificates between its own and the authority's: this machine found them elsewhere, and providers will not"
		f.received = fmt.Sprintf("%d certificates missing", c.Missing)
	case left < renewal:
		f.verdict, f.because = Warn, "the certificate ends soon, and nobody has renewed it"
	}
	return f
}

// judgeConnect judges how long it takes to get a connection: the usual one, since
// a single one may be slow for many reasons.
func judgeConnect(h *hearing) finding {
	var fresh []*exchange
	for _, x := range h.connections() {
		if !x.attempt.Connection.Reused {
			fresh = append(fresh, x)
		}
	}
	if len(fresh) == 0 {
		return unseenConnections
	}
	slices.SortStableFunc(fresh, func(a, b *exchange) int {
		return int(a.attempt.Connection.Connect - b.attempt.Connection.Connect)
	})
	usual := fresh[(len(fresh)-1)/2]
	took := usual.attempt.Connection.Connect
	f := finding{
		verdict: Pass, because: "connections come about in time", proof: []*exchange{usual},
		expected: "connected, TLS included, within " + niceConnect.String(),
		received: fmt.Sprintf("usually %s, of %d connections", took.Round(time.Millisecond), len(fresh)),
	}
	if took > niceConnect {
		f.verdict, f.because = Warn, "connecting takes long; providers give up on it, or count it into their time-out"
	}
	return f
}

// niceConnect is Shopify's limit for a connection.
const niceConnect = time.Second
