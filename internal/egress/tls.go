package egress

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
)

// TLS is what one https target needs beside the system's authorities. The
// zero TLS needs nothing. Names and certificates are always verified.
type TLS struct {
	CA         []byte // PEM; authorities that are trusted besides
	Cert, Key  []byte // PEM; the client certificate, with its chain, and its key
	ServerName string // the name in the target's certificate; "": the URL's host
}

// Check says whether connections can be made with it. The error quotes nothing.
func (t TLS) Check() error {
	_, err := t.config(nil)
	return err
}

// SetupError says that a request cannot be made as it was asked for. It is
// our own doing and never the receiver's fault.
type SetupError struct{ Problem string } // lower case, without secrets

func (e *SetupError) Error() string { return e.Problem }

// config has pool for authorities unless there is a CA; nil is the system's.
func (t TLS) config(pool *x509.CertPool) (*tls.Config, error) {
	c := &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: pool, ServerName: t.ServerName}
	if len(t.CA) > 0 {
		more, err := authorities(t.CA)
		if err != nil {
			return nil, &SetupError{"certificate authority: " + err.Error()}
		}
		if c.RootCAs = more; pool != nil {
			c.RootCAs = pool.Clone()
			c.RootCAs.AppendCertsFromPEM(t.CA)
		}
	}
	switch {
	case len(t.Cert) == 0 && len(t.Key) == 0:
		return c, nil
	case len(t.Cert) == 0 || len(t.Key) == 0:
		return nil, &SetupError{"a client certificate needs both the certificate and its key"}
	}
	pair, err := tls.X509KeyPair(t.Cert, t.Key)
	if err != nil {
		return nil, &SetupError{fmt.Sprintf("client certificate: %v", err)}
	}
	c.Certificates = []tls.Certificate{pair}
	return c, nil
}

// authorities are the system's and those of the PEM; nil where that is empty.
func authorities(pem []byte) (*x509.CertPool, error) {
	if len(pem) == 0 {
		return nil, nil
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, errors.New("there is no PEM certificate in it")
	}
	return pool, nil
}

// tlsKey is a TLS by content.
type tlsKey struct{ ca, cert, key, name string }
