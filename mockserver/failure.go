package mockserver

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"strings"
	"syscall"

	"github.com/hookrig/hookrig/internal/egress"
)

// The words of Attempt.Failure.
const (
	failTimeout     = "timeout"
	failRefused     = "refused"
	failReset       = "reset"
	failEOF         = "eof"
	failUnreachable = "unreachable"
	failDNS         = "dns"
	failTLS         = "tls"
	failProtocol    = "protocol"
	failLostAnswer  = "lost-answer"
	failTampered    = "tampered"

	failInterrupted = "interrupted"
	failUnknown     = "unknown"
	failEgress      = "egress"
	failSeal        = "seal"
	failResolver    = "resolver"
	failLocal       = "local"
)

// permanent reports whether a fault of ours will be there the next time too.
func permanent(failure string) bool { return failure == failEgress || failure == failSeal }

// classify names the reason for which there is no answer, and says whether it is
// ours rather than the receiver's.
func classify(err error) (failure string, ours bool) {
	var refused *egress.RefusedError
	var setup *egress.SetupError
	var broken *egress.BrokenError
	var dns *net.DNSError
	var timeout interface{ Timeout() bool }
	switch {
	case errors.As(err, &refused):
		return failEgress, true
	case errors.As(err, &setup):
		return failSeal, true
	case errors.As(err, &broken):
		return failTampered, false // charged as what it plays, a connection that broke
	case errors.As(err, &dns):
		if dns.IsNotFound {
			return failDNS, false
		}
		return failResolver, true // it did not answer, or not properly
	case anyOf(err, syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS, syscall.ENOMEM,
		syscall.EADDRNOTAVAIL, syscall.ENETDOWN, syscall.ENETUNREACH):
		return failLocal, true
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return failTimeout, false
	case anyOf(err, syscall.ECONNREFUSED):
		return failRefused, false
	case anyOf(err, syscall.ECONNRESET, syscall.ECONNABORTED, syscall.EPIPE):
		return failReset, false
	case anyOf(err, syscall.EHOSTUNREACH, syscall.EHOSTDOWN):
		return failUnreachable, false
	case isTLS(err):
		return failTLS, false
	case anyOf(err, io.EOF, io.ErrUnexpectedEOF), strings.Contains(err.Error(), "server closed idle connection"):
		return failEOF, false
	}
	return failProtocol, false
}

func anyOf(err error, targets ...error) bool {
	for _, t := range targets {
		if errors.Is(err, t) {
			return true
		}
	}
	return false
}

func isTLS(err error) bool {
	var (
		record      tls.RecordHeaderError
		alert       tls.AlertError
		certificate *tls.CertificateVerificationError
		authority   x509.UnknownAuthorityError
		host        x509.HostnameError
		invalid     x509.CertificateInvalidError
	)
	return errors.As(err, &record) || errors.As(err, &alert) || errors.As(err, &certificate) ||
		errors.As(err, &authority) || errors.As(err, &host) || errors.As(err, &invalid) ||
		// crypto/tls and net/http keep some as plain text.
		strings.Contains(err.Error(), "tls: ") || strings.Contains(err.Error(), "HTTP response to HTTPS client")
}
