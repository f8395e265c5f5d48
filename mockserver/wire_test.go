package mockserver

import (
	"bytes"
	"compress/gzip"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/internal/egress"
)

// The tests of this file use real sockets on loopback, and real time: they look
// at what happened, not at how long it took.

// once is a policy of one attempt with a time-out.
func once(timeout time.Duration) *contracts.Policy {
	return policy(func(p *contracts.Policy) { p.Waits, p.Repeat, p.Timeout = nil, 0, timeout })
}

func deliverTo(t *testing.T, o Options, url string, p *contracts.Policy) Attempt {
	t.Helper()
	o2 := wait(t, Start(t, o).Send(parcel(url, p)))
	if len(o2.Attempts) != 1 {
		t.Fatalf("%+v", o2)
	}
	return o2.Attempts[0]
}

func httpServer(t *testing.T, f http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewUnstartedServer(f)
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.Start()
	t.Cleanup(s.Close)
	return s
}

func TestRedirectsAreAnswers(t *testing.T) {
	var canary atomic.Int32
	elsewhere := httpServer(t, func(http.ResponseWriter, *http.Request) { canary.Add(1) })
	for _, status := range []int{301, 302, 303, 307, 308} {
		s := httpServer(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, elsewhere.URL, status) })
		a := deliverTo(t, Options{}, s.URL, once(time.Minute))
		if a.Status != status || a.Failure != "" || a.Header.Get("Location") != elsewhere.URL {
			t.Errorf("%d: %+v", status, a)
		}
	}
	if n := canary.Load(); n > 0 {
		t.Errorf("%d redirects were followed", n)
	}
}

func TestFailuresOnTheWire(t *testing.T) {
	const short = 2 * time.Second // enough for a busy machine to send the request
	hang := func(_ http.ResponseWriter, r *http.Request) { io.Copy(io.Discard, r.Body); <-r.Context().Done() }
	hijack := func(f func(net.Conn)) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			io.Copy(io.Discard, r.Body)
			c, _, err := w.(http.Hijacker).Hijack()
			if err == nil {
				f(c)
				c.Close()
			}
		}
	}
	secure := httptest.NewUnstartedServer(nil)
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	t.Cleanup(secure.Close)
	old := httptest.NewUnstartedServer(nil)
	old.Config.ErrorLog = log.New(io.Discard, "", 0)
	old.TLS = &tls.Config{MaxVersion: tls.VersionTLS10, MinVersion: tls.VersionTLS10}
	old.StartTLS()
	t.Cleanup(old.Close)

	for _, c := range []struct {
		name    string
		url     string
		handler http.HandlerFunc
		timeout time.Duration
		failure string
		status  int
		sent    bool
	}{
		{name: "nothing listens", url: "http://127.0.0.1:1", failure: "refused"},
		{name: "no answer in time", handler: hang, timeout: short, failure: "timeout", sent: true},
		{name: "a body that does not end", handler: func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprint(w, "some")
			w.(http.Flusher).Flush()
			hang(w, r)
		}, timeout: short, failure: "timeout", status: 200, sent: true},
		{name: "closed without an answer", handler: hijack(func(net.Conn) {}), failure: "eof", sent: true},
		{name: "reset", handler: hijack(func(c net.Conn) { c.(*net.TCPConn).SetLinger(0) }), failure: "reset", sent: true},
		{name: "closed in the body", handler: hijack(func(c net.Conn) {
			fmt.Fprint(c, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nsome")
		}), failure: "eof", status: 200, sent: true},
		{name: "no HTTP", handler: hijack(func(c net.Conn) { fmt.Fprint(c, "220 smtp.shop.test ESMTP\r\n") }), failure: "protocol", sent: true},
		{name: "headers without end", handler: hijack(func(c net.Conn) {
			fmt.Fprint(c, "HTTP/1.1 200 OK\r\n")
			line := []byte("X-Flood: " + strings.Repeat("x", 8000) + "\r\n")
			for i := 0; i < 20_000; i++ {
				if _, err := c.Write(line); err != nil {
					return
				}
			}
		}), failure: "protocol", sent: true},
		{name: "another protocol", handler: hijack(func(c net.Conn) {
			fmt.Fprint(c, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: silence\r\n\r\n")
			io.Copy(io.Discard, c)
		}), failure: "protocol", status: 101, sent: true},
		{name: "an unknown authority", url: secure.URL, failure: "tls"},
		{name: "an old TLS", url: old.URL, failure: "tls"},
		{name: "no TLS", url: strings.Replace(httpServer(t, hang).URL, "http:", "https:", 1), failure: "tls"},
	} {
		for _, highRate := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/high rate %v", c.name, highRate), func(t *testing.T) {
				t.Parallel()
				url, timeout := c.url, c.timeout
				if url == "" {
					url = httpServer(t, c.handler).URL
				}
				if timeout == 0 {
					timeout = time.Minute
				}
				a := deliverTo(t, Options{Transport: egress.NewTransport(egress.Rules{HighRate: highRate})}, url, once(timeout))
				if a.Failure != c.failure || a.Status != c.status || a.Ours || a.Detail == "" {
					t.Errorf("%+v", a)
				}
				if sent := strings.Contains(a.Reason, "sent in full"); sent != c.sent || a.Sent != c.sent {
					t.Errorf("sent in full: %v, because %q", sent, a.Reason)
				}
			})
		}
	}
}

func TestUnknownHost(t *testing.T) {
	a := deliverTo(t, Options{Transport: roundTrip(func(*http.Request) (*http.Response, error) {
		return nil, &net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: "shop.invalid", IsNotFound: true}}
	})}, "http://shop.invalid/", once(time.Minute))
	if a.Failure != "dns" || a.Ours {
		t.Errorf("%+v", a)
	}
}

// An address that may not be dialled is our decision.
func TestRefusedAddress(t *testing.T) {
	s := Start(t, Options{})
	o, err := s.Send(parcel("http://169.254.169.254/latest", nil)).Wait(t.Context())
	var refused *egress.RefusedError
	if !errors.As(err, &refused) || o.State != Cancelled || o.Attempts[0].Failure != "egress" || !o.Attempts[0].Ours {
		t.Errorf("%+v, %v", o, err)
	}
}

// A flood is read up to a limit, and its status counts.
func TestFloodingAnswer(t *testing.T) {
	s := httpServer(t, func(w http.ResponseWriter, _ *http.Request) {
		for block := bytes.Repeat([]byte("x"), 64<<10); ; {
			if _, err := w.Write(block); err != nil {
				return
			}
		}
	})
	for _, highRate := range []bool{false, true} {
		a := deliverTo(t, Options{BodyLimit: 1000, Transport: egress.NewTransport(egress.Rules{HighRate: highRate})}, s.URL, once(time.Minute))
		if a.Status != 200 || a.Failure != "" || len(a.Body) != 1000 || a.Took >= time.Minute {
			t.Errorf("status %d, failure %q, %d bytes, after %v", a.Status, a.Failure, len(a.Body), a.Took)
		}
	}
}

// A packed answer is not unpacked, however it came to be packed: what is kept
// are its bytes.
func TestPackedAnswer(t *testing.T) {
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	for block, i := make([]byte, 1<<20), 0; i < 32; i++ {
		z.Write(block)
	}
	z.Close()
	asked := make(chan string, 2)
	s := httpServer(t, func(w http.ResponseWriter, r *http.Request) {
		asked <- r.Header.Get("Accept-Encoding")
		w.Header().Set("Content-Encoding", "gzip")
		w.Write(bomb.Bytes())
	})
	for _, highRate := range []bool{false, true} {
		a := deliverTo(t, Options{BodyLimit: 100, Transport: egress.NewTransport(egress.Rules{HighRate: highRate})}, s.URL, once(time.Minute))
		if a.Failure != "" || !bytes.Equal(a.Body, bomb.Bytes()[:100]) {
			t.Errorf("%q: %x", a.Failure, a.Body)
		}
		if encoding := <-asked; encoding != "identity" {
			t.Errorf("asked for %q", encoding)
		}
	}
}

// Headers that say where a request ends are the transport's to write.
func TestFramingIsTheTransports(t *testing.T) {
	s := httpServer(t, func(http.ResponseWriter, *http.Request) { t.Error("it was sent") })
	for _, name := range []string{"Content-Length", "Transfer-Encoding", "Trailer", "Connection", "Keep-Alive", "Upgrade", "TE", "Proxy-Connection"} {
		p := parcel(s.URL, once(time.Minute))
		p.Endpoint.Header = http.Header{name: {"5"}}
		o, err := Start(t, Options{}).Send(p).Wait(t.Context())
		if err == nil || o.Attempts[0].Failure != "seal" || !strings.Contains(err.Error(), http.CanonicalHeaderKey(name)) {
			t.Errorf("%s: %v", name, err)
		}
	}
	p := parcel(s.URL, once(time.Minute))
	p.Endpoint.Header = http.Header{"X-Long": {strings.Repeat("x", sentHeaderLimit)}}
	if _, err := Start(t, Options{}).Send(p).Wait(t.Context()); err == nil {
		t.Error("headers without end are sent")
	}
}

// A long answer's connection is used again, if its end is near.
func TestConnectionsAreKept(t *testing.T) {
	var connections atomic.Int32
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Write(bytes.Repeat([]byte("x"), 20_000))
	}))
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	s.Start()
	defer s.Close()
	server := Start(t, Options{})
	for range 10 {
		wait(t, server.Send(parcel(s.URL, once(time.Minute))))
	}
	if n := connections.Load(); n > 3 { // net/http gives one up when its writer is late by 50 ms
		t.Errorf("%d connections for 10 deliveries, one after the other", n)
	}
}

func TestManyHeadersAreClipped(t *testing.T) {
	s := httpServer(t, func(w http.ResponseWriter, _ *http.Request) {
		for i := range 30 {
			w.Header().Set(fmt.Sprintf("X-%03d", i), strings.Repeat("x", 1000))
		}
	})
	a := deliverTo(t, Options{}, s.URL, once(time.Minute))
	size := 0
	for name, values := range a.Header {
		size += len(name) + len(values[0])
	}
	if a.Status != 200 || size > headerLimit || a.Header.Get("X-000") == "" {
		t.Errorf("status %d, %d bytes of headers kept", a.Status, size)
	}
}

// net/http repeats a request with such a header on a connection that breaks; the
// receiver would see attempts that the journal does not have.
func TestNoHiddenSecondAttempt(t *testing.T) {
	var requests atomic.Int32
	s := httpServer(t, func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		if requests.Add(1) == 1 {
			return // the connection is now one that is kept alive
		}
		c, _, err := w.(http.Hijacker).Hijack()
		if err == nil {
			c.Close()
		}
	})
	server := Start(t, Options{})
	p := parcel(s.URL, once(time.Minute))
	p.Endpoint.Header = http.Header{"Idempotency-Key": {"1"}}
	wait(t, server.Send(p))
	if o := wait(t, server.Send(p)); o.Attempts[0].Failure != "eof" {
		t.Errorf("%+v", o)
	}
	if n := requests.Load(); n != 2 {
		t.Errorf("the receiver saw %d requests, the journal 2", n)
	}
}

// net/http's client would add a User-Agent of its own.
func TestUnmarkedOnTheWire(t *testing.T) {
	var agent atomic.Value
	s := httpServer(t, func(_ http.ResponseWriter, r *http.Request) { agent.Store(fmt.Sprint(r.Header["User-Agent"])) })
	deliverTo(t, Options{Unmarked: true}, s.URL, once(time.Minute))
	if agent.Load() != "[]" {
		t.Errorf("User-Agent: %v", agent.Load())
	}
}

func TestHostHeaderOfATamper(t *testing.T) {
	var host atomic.Value
	s := httpServer(t, func(_ http.ResponseWriter, r *http.Request) { host.Store(r.Host) })
	server := Start(t, Options{})
	p := parcel(s.URL, once(time.Minute))
	p.Tamper.Request = func(_ int, r *contracts.Request) { r.Header.Set("Host", "other.test") }
	wait(t, server.Send(p))
	if host.Load() != "other.test" {
		t.Errorf("host %v", host.Load())
	}
}
