package egress

import (
	"bytes"
	"compress/gzip"
	"crypto/tls"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

func TestRedirectsAreTheCallers(t *testing.T) {
	var canary atomic.Int32
	end := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { canary.Add(1) }))
	defer end.Close()
	var status int
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", end.URL)
		w.Header().Add("Set-Cookie", "a=b")
		w.WriteHeader(status)
	}))
	defer server.Close()
	client := Client(NewTransport(Rules{}))
	defer client.CloseIdleConnections()
	for _, status = range []int{301, 302, 303, 307, 308} {
		answer, err := client.Post(server.URL, "application/json", strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != status {
			t.Errorf("got %d, want %d", answer.StatusCode, status)
		}
	}
	if canary.Load() != 0 {
		t.Errorf("%d redirects were followed", canary.Load())
	}
	if client.Jar != nil {
		t.Error("the client keeps cookies")
	}
}

// After a 101 the connection is the caller's, and no deadline ends its reading.
func TestProtocolsAreNotSwitched(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		fmt.Fprint(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: silence\r\n\r\n")
		io.Copy(io.Discard, conn)
	}))
	defer server.Close()
	client := Client(NewTransport(Rules{}))
	defer client.CloseIdleConnections()
	answer, err := client.Get(server.URL)
	if err == nil {
		answer.Body.Close()
		t.Errorf("the answer %s was handed on", answer.Status)
	}
}

func TestProxyOnlyWhenAsked(t *testing.T) {
	if NewTransport(Rules{}).proxy != nil {
		t.Error("a proxy is followed without being asked for")
	}
	if NewTransport(Rules{ProxyFromEnvironment: true}).proxy == nil {
		t.Error("no proxy although asked for")
	}
}

func TestAnswersStayAsTheyAre(t *testing.T) {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	fmt.Fprint(z, strings.Repeat("0", 1<<20))
	z.Close()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if got := r.Header.Get("Accept-Encoding"); got != "" {
			t.Errorf("asked for %q", got)
		}
		w.Header().Set("Content-Encoding", "gzip")
		w.Write(packed.Bytes())
	}))
	defer server.Close()
	client := Client(NewTransport(Rules{}))
	defer client.CloseIdleConnections()
	answer, err := client.Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.Uncompressed || answer.ContentLength != int64(packed.Len()) {
		t.Errorf("the answer was unpacked")
	}
}

func TestHeadersOfAnAnswerAreLimited(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Long", strings.Repeat("x", 128<<10))
	}))
	defer server.Close()
	client := Client(NewTransport(Rules{}))
	defer client.CloseIdleConnections()
	if answer, err := client.Get(server.URL); err == nil {
		answer.Body.Close()
		t.Error("128 KiB of headers were read")
	}
}

// As many requests as there were connections find them again.
func TestConnectionsAreKept(t *testing.T) {
	const together = 50
	var connections atomic.Int32
	var gate sync.WaitGroup
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { gate.Done(); gate.Wait() }))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	server.Start()
	defer server.Close()
	client := Client(NewTransport(Rules{}))
	defer client.CloseIdleConnections()
	for range 2 {
		var requests sync.WaitGroup
		gate.Add(together)
		for range together {
			requests.Go(func() {
				answer, err := client.Get(server.URL)
				if err != nil {
					t.Error(err)
					return
				}
				_, _ = io.Copy(io.Discard, answer.Body)
				answer.Body.Close()
			})
		}
		requests.Wait()
	}
	if n := connections.Load(); n >= 2*together-10 {
		t.Errorf("%d connections for %d requests at a time", n, together)
	}
}

func TestTLS(t *testing.T) {
	serve := func(maxVersion uint16) *httptest.Server {
		server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.Proto) }))
		server.TLS = &tls.Config{MaxVersion: maxVersion, MinVersion: tls.VersionTLS10}
		server.EnableHTTP2 = maxVersion >= tls.VersionTLS12
		server.Config.ErrorLog = discard
		server.StartTLS()
		t.Cleanup(server.Close)
		return server
	}
	modern, old := serve(tls.VersionTLS13), serve(tls.VersionTLS11)
	authority := func(s *httptest.Server) []byte {
		return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
	}
	for _, c := range []struct {
		name  string
		url   string
		rules Rules
		ok    bool
	}{
		{"unknown authority", modern.URL, Rules{}, false},
		{"authority given", modern.URL, Rules{RootCAs: authority(modern)}, true},
		{"TLS 1.1", old.URL, Rules{RootCAs: authority(old)}, false},
		{"no certificate in the PEM", modern.URL, Rules{RootCAs: []byte("no")}, false},
	} {
		client := Client(NewTransport(c.rules))
		answer, err := client.Get(c.url)
		if (err == nil) != c.ok {
			t.Errorf("%s: %v", c.name, err)
		}
		if err == nil {
			answer.Body.Close()
			if answer.ProtoMajor != 2 {
				t.Errorf("%s: HTTP/%d", c.name, answer.ProtoMajor)
			}
		}
		client.CloseIdleConnections()
	}
	if err := (Rules{RootCAs: authority(modern)}).Check(); err != nil {
		t.Error(err)
	}
	if (Rules{RootCAs: []byte("no")}).Check() == nil {
		t.Error("a PEM without certificates is sound")
	}
	if (Rules{Allow: []netip.Prefix{netip.MustParsePrefix("::ffff:10.0.0.0/104")}}).Check() == nil {
		t.Error("a prefix that never matches is sound")
	}
}
