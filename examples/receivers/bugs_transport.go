package receivers

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"sync/atomic"
)

// What is wrong below HTTP, or with the address that was registered. These need
// Serve to show, and the last three an address or a certificate to fit.
const (
	ReadsCanonicalNames  Defect = "reads-canonical-names"  // an HTTP reader of its own, and headers are found in one spelling alone
	ClosesConnections    Defect = "closes-connections"     // Connection: close with every answer
	DropsUsedConnections Defect = "drops-used-connections" // a worker takes four requests of a connection, and the fifth finds it gone
	OnlyHTTP2            Defect = "only-http2"             // HTTP/1.1 was not switched on
	SpeaksOldTLS         Defect = "speaks-old-tls"         // the configuration of ten years ago
	SpeaksNoNewTLS       Defect = "speaks-no-new-tls"      // TLS 1.2 alone
	ConnectsSlowly       Defect = "connects-slowly"        // one handshake at a time, on a machine that is busy
	ServesWithoutTLS     Defect = "serves-without-tls"     // http on a public address
	WantsTokenInURL      Defect = "wants-token-in-url"     // ?token=…
	LetsCertificateEnd   Defect = "lets-certificate-end"   // nobody renews it
)

// secured is a habit of a server's TLS.
func secured(change func(*tls.Config)) habit {
	return habit{server: func(s *http.Server) {
		if s.TLSConfig != nil {
			change(s.TLSConfig)
		}
	}}
}

// usedKey finds how many requests came over a connection.
type usedKey struct{}

var transportBugs = []bug{
	{ReadsCanonicalNames, habit{reader: func(name string) bool { return name == http.CanonicalHeaderKey(name) }}},
	{ClosesConnections, habit{server: func(s *http.Server) { s.SetKeepAlivesEnabled(false) }}},
	{DropsUsedConnections, habit{
		server: func(s *http.Server) {
			s.ConnContext = func(ctx context.Context, _ net.Conn) context.Context {
				return context.WithValue(ctx, usedKey{}, new(atomic.Int32))
			}
		},
		front: func(_ *Receiver, _ http.ResponseWriter, req *http.Request) bool {
			if used, ok := req.Context().Value(usedKey{}).(*atomic.Int32); ok && used.Add(1) > 4 {
				panic(http.ErrAbortHandler)
			}
			return false
		},
	}},
	{OnlyHTTP2, habit{server: func(s *http.Server) {
		s.Protocols = new(http.Protocols)
		s.Protocols.SetHTTP2(true)
	}}},
	{SpeaksOldTLS, secured(func(c *tls.Config) { c.MinVersion = tls.VersionTLS10 })},
	{SpeaksNoNewTLS, secured(func(c *tls.Config) { c.MaxVersion = tls.VersionTLS12 })},
	{ConnectsSlowly, secured(func(c *tls.Config) {
		c.GetConfigForClient = func(*tls.ClientHelloInfo) (*tls.Config, error) { pause(slowness); return nil, nil }
	})},
	{ServesWithoutTLS, habit{}},
	{WantsTokenInURL, habit{}},
	{LetsCertificateEnd, habit{}},
}
