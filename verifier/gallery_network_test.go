package verifier_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"testing"
	"time"

	"github.com/hookrig/hookrig/examples/receivers"
	"github.com/hookrig/hookrig/internal/egress"
	"github.com/hookrig/hookrig/verifier"
)

// site is where a receiver listens.
type site struct {
	secure bool
	days   int      // that its certificate is good for; 0: a year
	only   []string // checks; nil: http and transport
}

// onNetwork are the defects that need connections to show.
var onNetwork = map[receivers.Defect]site{
	receivers.NeedsLength:          {},
	receivers.RefusesExpect:        {},
	receivers.ReadsOnce:            {},
	receivers.KeepsLockOnCut:       {},
	receivers.KeepsLockOnReset:     {},
	receivers.ReadsCanonicalNames:  {},
	receivers.ClosesConnections:    {},
	receivers.DropsUsedConnections: {only: []string{"http/keep-alive"}},
	receivers.OnlyHTTP2:            {secure: true},
	receivers.SpeaksOldTLS:         {secure: true},
	receivers.SpeaksNoNewTLS:       {secure: true},
	receivers.LetsCertificateEnd:   {secure: true, days: 10},
	receivers.ConnectsSlowly:       {secure: true, only: []string{"transport/connect-time", "transport/tls-version"}},
}

// atSite lets a receiver listen, and has the options that reach it.
func atSite(t *testing.T, r *receivers.Receiver, o verifier.Options, at site) verifier.Options {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	scheme, secure, rules := "http", (*tls.Config)(nil), egress.Rules{}
	if at.secure {
		scheme = "https"
		secure, rules.RootCAs = certified(t, time.Now().AddDate(0, 0, at.days))
	}
	ctx, cancel := context.WithCancel(t.Context())
	over := make(chan error)
	go func() { over <- r.Serve(ctx, l, secure) }()
	transport := egress.NewTransport(rules)
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		cancel()
		if err := <-over; err != nil {
			t.Error(err)
		}
	})
	user := ""
	if o.Contract.Provider() == "scayle" {
		user = secretsOf(o.Contract)[0].Reveal() + "@"
	}
	o.Transport, o.URL = transport, scheme+"://"+user+l.Addr().String()+"/hooks"
	o.Settle = 200 * time.Millisecond
	return o
}

// certified is a configuration with a certificate for loopback, good until some
// time or for a year, and the authority to trust.
func certified(t *testing.T, until time.Time) (*tls.Config, []byte) {
	t.Helper()
	if time.Until(until) < time.Hour {
		until = time.Now().AddDate(1, 0, 0)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "shop"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().AddDate(0, 0, -80), NotAfter: until, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, MinVersion: tls.VersionTLS12},
		pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

// overNetwork judges one receiver over real sockets, in real time.
func overNetwork(t *testing.T, r *receivers.Receiver, name string, at site) *verifier.Report {
	t.Helper()
	c := galleryContract(t, name)
	o := atSite(t, r, options(c, r), at)
	o.Events = []string{c.EventTypes()[0].Name()}
	if o.Only = at.only; o.Only == nil {
		o.Only = []string{"http", "transport"}
	}
	return run(t, o)
}

func TestDefectsThatNeedANetwork(t *testing.T) {
	for defect, at := range onNetwork {
		t.Run(string(defect), func(t *testing.T) {
			t.Parallel()
			row := gallery[defect]
			c := galleryContract(t, row.at)
			compare(t, string(defect), row.at, found(overNetwork(t, receivers.New(c, defect, secretsOf(c)...), row.at, at)), row.found)
		})
	}
}

// The right receivers over the network, with TLS and without.
func TestCorrectReceiversOnANetwork(t *testing.T) {
	names := []string{"shop", "scayle"}
	if full {
		names = galleryNames
	}
	for _, name := range names {
		for _, at := range []site{{}, {secure: true}} {
			t.Run(fmt.Sprintf("%s TLS=%v", name, at.secure), func(t *testing.T) {
				t.Parallel()
				c := galleryContract(t, name)
				r := overNetwork(t, receivers.New(c, receivers.None, secretsOf(c)...), name, at)
				compare(t, fmt.Sprintf("on a network, TLS %v", at.secure), name, found(r), nil)
			})
		}
	}
}
