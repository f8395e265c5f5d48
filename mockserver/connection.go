package mockserver

import (
	"crypto/tls"
	"net/http/httptrace"
	"sync/atomic"
	"time"
)

// Connection is what is known of the connection that an attempt used.
type Connection struct {
	Remote   string        `json:"remote,omitempty"`   // the address that was reached: the proxy's where there is one
	Reused   bool          `json:"reused,omitempty"`   // an earlier request had opened it
	Connect  time.Duration `json:"connect,omitempty"`  // to resolve the name, connect and agree on TLS; 0 where it was reused
	Protocol string        `json:"protocol,omitempty"` // of the answer: "HTTP/1.1", "HTTP/2.0"; "" where there was none

	// Of TLS; zero without it.
	TLS     string    `json:"tls,omitempty"`     // "TLS 1.3"
	Cipher  string    `json:"cipher,omitempty"`  // by its IANA name
	Expires time.Time `json:"expires,omitzero"`  // the receiver's certificate
	Missing int       `json:"missing,omitempty"` // certificates between the receiver's and the authority that it did not send, and that others will not find
}

// observer notes the connection of one attempt. Transports may call its hooks
// from other goroutines, and late.
type observer struct {
	clock clock
	began time.Time
	over  atomic.Pointer[Connection]
}

func (o *observer) gotConn(info httptrace.GotConnInfo) {
	c := &Connection{Reused: info.Reused}
	if !info.Reused {
		c.Connect = o.clock.now().Sub(o.began)
	}
	if info.Conn != nil {
		c.Remote = info.Conn.RemoteAddr().String()
		if secure, ok := info.Conn.(interface{ ConnectionState() tls.ConnectionState }); ok {
			c.secured(secure.ConnectionState())
		}
	}
	o.over.Store(c)
}

// connection is what was noted, nil where the transport has none to show.
func (o *observer) connection(protocol string) *Connection {
	seen := o.over.Load()
	if seen == nil {
		return nil
	}
	c := *seen
	c.Protocol = protocol
	return &c
}

func (c *Connection) secured(s tls.ConnectionState) {
	c.TLS, c.Cipher = tls.VersionName(s.Version), tls.CipherSuiteName(s.CipherSuite)
	if len(s.PeerCertificates) > 0 {
		c.Expires = s.PeerCertificates[0].NotAfter
	}
	if len(s.VerifiedChains) == 0 {
		return
	}
	chain := s.VerifiedChains[0]
	for _, between := range chain[:len(chain)-1] {
		sent := false
		for _, p := range s.PeerCertificates {
			sent = sent || p.Equal(between)
		}
		if !sent {
			c.Missing++
		}
	}
}
