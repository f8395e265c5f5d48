package mockserver

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"syscall"
	"testing"

	"github.com/hookrig/hookrig/internal/egress"
)

var resolverDown = &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "server misbehaving", Name: "shop.test", IsTemporary: true}}

func TestClassify(t *testing.T) {
	dial := func(err error) error { return &url.Error{Op: "Post", Err: &net.OpError{Op: "dial", Err: err}} }
	errno := func(n syscall.Errno) error { return dial(os.NewSyscallError("connect", n)) }
	for _, c := range []struct {
		err     error
		failure string
		ours    bool
	}{
		{context.DeadlineExceeded, "timeout", false},
		{dial(os.ErrDeadlineExceeded), "timeout", false},
		{errno(syscall.ETIMEDOUT), "timeout", false},
		{errno(syscall.ECONNREFUSED), "refused", false},
		{errno(syscall.ECONNRESET), "reset", false},
		{errno(syscall.EPIPE), "reset", false},
		{errno(syscall.EHOSTUNREACH), "unreachable", false},
		{errno(syscall.ENETUNREACH), "local", true},
		{errno(syscall.EMFILE), "local", true},
		{errno(syscall.EADDRNOTAVAIL), "local", true},
		{dial(&net.DNSError{Err: "no such host", IsNotFound: true}), "dns", false},
		{resolverDown, "resolver", true},
		{dial(&net.DNSError{Err: "i/o timeout", IsTimeout: true}), "resolver", true},
		{dial(&egress.RefusedError{Address: "169.254.169.254", Reason: "link-local"}), "egress", true},
		{dial(x509.HostnameError{Certificate: &x509.Certificate{}, Host: "shop.test"}), "tls", false},
		{errors.New("remote error: tls: handshake failure"), "tls", false},
		{fmt.Errorf("read: %w", io.EOF), "eof", false},
		{io.ErrUnexpectedEOF, "eof", false},
		{errors.New("http: server closed idle connection"), "eof", false},
		{errors.New("malformed HTTP response"), "protocol", false},
	} {
		if failure, ours := classify(c.err); failure != c.failure || ours != c.ours {
			t.Errorf("%v: %q, ours %v; want %q, %v", c.err, failure, ours, c.failure, c.ours)
		}
	}
}
