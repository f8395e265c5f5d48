package mockserver

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// TestConnection: the journal says what each attempt went over.
func TestConnection(t *testing.T) {
	for name, row := range map[string]struct {
		start    func(*httptest.Server)
		wire     *Wire
		protocol string // "": none is reached
		tls      string
		reused   bool // by the second attempt
	}{
		"plain":       {(*httptest.Server).Start, nil, "HTTP/1.1", "", true},
		"closing":     {func(s *httptest.Server) { s.Config.SetKeepAlivesEnabled(false); s.Start() }, nil, "HTTP/1.1", "", false},
		"TLS":         {(*httptest.Server).StartTLS, nil, "HTTP/1.1", "TLS 1.3", true},
		"HTTP/2":      {func(s *httptest.Server) { s.EnableHTTP2 = true; s.StartTLS() }, nil, "HTTP/2.0", "TLS 1.3", true},
		"by hand":     {func(s *httptest.Server) { s.EnableHTTP2 = true; s.StartTLS() }, &Wire{}, "HTTP/1.1", "TLS 1.3", false},
		"old TLS":     {func(s *httptest.Server) { s.TLS = &tls.Config{MinVersion: tls.VersionTLS10}; s.StartTLS() }, &Wire{OldTLS: true}, "HTTP/1.1", "TLS 1.1", false},
		"old refused": {(*httptest.Server).StartTLS, &Wire{OldTLS: true}, "", "", false},
	} {
		t.Run(name, func(t *testing.T) {
			receiver := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
			receiver.Config.ErrorLog = log.New(io.Discard, "", 0)
			row.start(receiver)
			defer receiver.Close()
			server := Start(t, Options{})
			for i := range 2 {
				p := parcel(receiver.URL, once(time.Minute))
				p.Once, p.Tamper.Wire = true, row.wire
				if receiver.TLS != nil {
					p.Endpoint.TLS = &TLS{CA: certificatePEM(receiver)}
				}
				a := wait(t, server.Send(p)).Attempts[0]
				c := a.Connection
				if row.protocol == "" {
					if c != nil || a.Failure != failTLS {
						t.Errorf("%+v over %+v", a, c)
					}
					continue
				}
				if c == nil {
					t.Fatalf("nothing is known of the connection of %+v", a)
				}
				secure := row.tls != ""
				if c.Protocol != row.protocol || c.TLS != row.tls || c.Reused != (row.reused && i == 1) || c.Missing != 0 ||
					c.Remote != receiver.Listener.Addr().String() || (c.Connect > 0) == c.Reused || (c.Cipher != "") != secure || c.Expires.IsZero() == secure {
					t.Errorf("attempt %d went over %+v", i+1, c)
				}
			}
		})
	}
}

// A receiver has to send what stands between its certificate and the authority.
func TestMissingCertificates(t *testing.T) {
	leaf, between, root := &x509.Certificate{Raw: []byte("leaf")}, &x509.Certificate{Raw: []byte("between")}, &x509.Certificate{Raw: []byte("root")}
	for _, row := range []struct {
		sent, chain []*x509.Certificate
		missing     int
	}{
		{[]*x509.Certificate{leaf, between}, []*x509.Certificate{leaf, between, root}, 0},
		{[]*x509.Certificate{leaf, root, between}, []*x509.Certificate{leaf, between, root}, 0},
		{[]*x509.Certificate{leaf}, []*x509.Certificate{leaf, between, root}, 1},
		{[]*x509.Certificate{leaf}, []*x509.Certificate{leaf}, 0}, // trusted itself
		{[]*x509.Certificate{leaf}, nil, 0},
	} {
		var chains [][]*x509.Certificate
		if row.chain != nil {
			chains = append(chains, row.chain)
		}
		var c Connection
		if c.secured(tls.ConnectionState{PeerCertificates: row.sent, VerifiedChains: chains}); c.Missing != row.missing {
			t.Errorf("%d sent of %d: %d missing", len(row.sent), len(row.chain), c.Missing)
		}
	}
}
