package egress

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// Limits of one transport.
const (
	maxIdlePerHost = 256      // a run keeps this many connections to one receiver alive
	maxHeaderBytes = 64 << 10 // of an answer, informational ones before it included
	maxTransports  = 64       // of targets with a TLS of their own

	dialTimeout   = 10 * time.Second
	idleTimeout   = 90 * time.Second
	expectTimeout = time.Second // for leave to send the body (RFC 9110, section 10.1.1)
)

// Transport carries requests under Rules. It has no limit for a whole answer:
// give each request a context with a deadline.
type Transport struct {
	dial  func(ctx context.Context, network, address string) (net.Conn, error)
	proxy func(*http.Request) (*url.URL, error) // nil: none
	rules Rules
	usual *http.Transport
	lean  *lean // nil: net/http does it all

	mu    sync.Mutex
	apart map[tlsKey]*http.Transport // targets with a TLS of their own
}

// NewTransport returns a transport that judges each address at connect time,
// follows no proxy unless asked, unpacks no answer and keeps connections alive.
// What [Rules.Check] refuses is passed over.
func NewTransport(r Rules) *Transport {
	return newTransport(r, nil)
}

// newTransport resolves names by the resolver; nil is the system's.
func newTransport(r Rules, resolver *net.Resolver) *Transport {
	dialer := &net.Dialer{
		Timeout:        dialTimeout,
		KeepAlive:      30 * time.Second,
		ControlContext: r.control,
		Resolver:       resolver,
	}
	t := &Transport{dial: r.dial(dialer), rules: r, apart: map[tlsKey]*http.Transport{}}
	if r.ProxyFromEnvironment {
		t.proxy = http.ProxyFromEnvironment
	}
	if r.HighRate {
		t.lean = &lean{dial: t.dial}
	}
	config, _ := t.config(TLS{}) // without members of its own there is nothing to fail
	t.usual = t.over(config)
	return t
}

func (t *Transport) over(config *tls.Config) *http.Transport {
	return &http.Transport{
		Proxy:                  t.proxy,
		DialContext:            watch(t.dial),
		TLSClientConfig:        config,
		TLSHandshakeTimeout:    dialTimeout,
		ForceAttemptHTTP2:      true, // net/http would drop it for the dialer of our own
		DisableCompression:     true, // the answer's bytes are what we judge, and gzip can be a bomb
		MaxIdleConnsPerHost:    maxIdlePerHost,
		IdleConnTimeout:        idleTimeout,
		ExpectContinueTimeout:  expectTimeout,
		MaxResponseHeaderBytes: maxHeaderBytes,
	}
}

func (t *Transport) config(of TLS) (*tls.Config, error) {
	pool, _ := authorities(t.rules.RootCAs) // see NewTransport
	return of.config(pool)
}

// RoundTrip implements http.RoundTripper. It heeds the [Way] of the request's context.
func (t *Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	way := wayOf(r.Context())
	switch {
	case r.URL.Scheme != "http" && r.URL.Scheme != "https":
		closeBody(r)
		return nil, &SetupError{fmt.Sprintf("the scheme %q is not http or https", r.URL.Scheme)}
	case way.Script != nil:
		return t.play(r, way)
	case way.TLS != nil:
		transport, err := t.with(*way.TLS)
		if err != nil {
			closeBody(r)
			return nil, err
		}
		return carry(transport, r)
	case t.lean != nil && t.direct(r) && suitsLean(r):
		return t.lean.roundTrip(r)
	}
	return carry(t.usual, r)
}

// DialContext opens a connection under the rules, for whoever only asks
// whether somebody listens there.
func (t *Transport) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	return t.dial(ctx, network, address)
}

// direct reports whether no proxy stands between us and the target.
func (t *Transport) direct(r *http.Request) bool {
	if t.proxy == nil {
		return true
	}
	proxy, err := t.proxy(r)
	return proxy == nil && err == nil
}

// with finds the transport for a TLS by its content, so that endpoints with
// the same certificates share connections, and no others do.
func (t *Transport) with(of TLS) (*http.Transport, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if known := t.apart[tlsKey{string(of.CA), string(of.Cert), string(of.Key), of.ServerName}]; known != nil {
		return known, nil
	}
	config, err := t.config(of)
	if err != nil {
		return nil, err
	}
	for old, transport := range t.apart { // any: they come back with their next request
		if len(t.apart) < maxTransports {
			break
		}
		transport.CloseIdleConnections()
		delete(t.apart, old)
	}
	transport := t.over(config)
	t.apart[tlsKey{string(of.CA), string(of.Cert), string(of.Key), of.ServerName}] = transport
	return transport, nil
}

// CloseIdleConnections closes those that no request uses. Later requests dial afresh.
func (t *Transport) CloseIdleConnections() {
	t.usual.CloseIdleConnections()
	if t.lean != nil {
		t.lean.closeIdle()
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, transport := range t.apart {
		transport.CloseIdleConnections()
	}
}

// Way is how one request is to leave, where that differs from others.
type Way struct {
	TLS    *TLS    // of https targets; nil: the transport's
	Script *Script // nil: as HTTP wants it
}

type wayKey struct{}

// With is a context whose requests go that way through a [Transport]. Others
// know nothing of it: ask [Heeds] before.
func With(ctx context.Context, w Way) context.Context {
	return context.WithValue(ctx, wayKey{}, w)
}

func wayOf(ctx context.Context) Way {
	w, _ := ctx.Value(wayKey{}).(Way)
	return w
}

// Heeds reports whether t is a [Transport], or wraps one and says so by a
// method Unwrap() http.RoundTripper.
func Heeds(t http.RoundTripper) bool {
	for {
		if _, ok := t.(*Transport); ok {
			return true
		}
		wrapper, ok := t.(interface{ Unwrap() http.RoundTripper })
		if !ok {
			return false
		}
		t = wrapper.Unwrap()
	}
}

func closeBody(r *http.Request) {
	if r.Body != nil {
		r.Body.Close()
	}
}
