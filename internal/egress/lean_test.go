package egress

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

func TestWhatSuitsLean(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*http.Request)
		suits  bool
	}{
		{"plain", func(*http.Request) {}, true},
		{"no body", func(r *http.Request) { r.Body, r.ContentLength = nil, 0 }, true},
		{"https", func(r *http.Request) { r.URL.Scheme = "https" }, false},
		{"a body of unknown length", func(r *http.Request) { r.ContentLength = -1 }, false},
		{"a body that says nothing of its length", func(r *http.Request) { r.ContentLength = 0 }, false},
		{"a long body", func(r *http.Request) { r.ContentLength = leanBody + 1 }, false},
		{"chunks", func(r *http.Request) { r.TransferEncoding = []string{"chunked"} }, false},
		{"Expect", func(r *http.Request) { r.Header.Set("Expect", "100-continue") }, false},
		{"Connection", func(r *http.Request) { r.Header.Set("Connection", "close") }, false},
		{"Close", func(r *http.Request) { r.Close = true }, false},
		{"Upgrade", func(r *http.Request) { r.Header.Set("Upgrade", "h2c") }, false},
		{"CONNECT", func(r *http.Request) { r.Method = "CONNECT" }, false},
		{"a name in another script", func(r *http.Request) { r.URL.Host = "münchen.example" }, false},
		{"a zone", func(r *http.Request) { r.URL.Host = "[fe80::1%eth0]" }, false},
	} {
		r := httptest.NewRequest("POST", "http://shop.test/x", strings.NewReader("{}"))
		if c.change(r); suitsLean(r) != c.suits {
			t.Errorf("%s: %v", c.name, !c.suits)
		}
	}
}

// A context ends what the connection is doing, wherever that is.
func TestContextsEndExchanges(t *testing.T) {
	for name, serve := range map[string]func(net.Conn){
		"before the head": func(c net.Conn) { io.Copy(io.Discard, c) },
		"within the head": func(c net.Conn) { fmt.Fprint(c, "HTTP/1.1 200 OK\r\nX: "); io.Copy(io.Discard, c) },
		"within the body": func(c net.Conn) {
			fmt.Fprint(c, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok")
			io.Copy(io.Discard, c)
		},
		"within a chunk": func(c net.Conn) {
			fmt.Fprint(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nok")
			io.Copy(io.Discard, c)
		},
		"an endless answer": func(c net.Conn) { fmt.Fprint(c, "HTTP/1.1 200 OK\r\n\r\n"); drip(c) },
	} {
		where := listen(t, func(c net.Conn) {
			c.Read(make([]byte, 4096)) // net/http takes what comes before the request for garbage
			serve(c)
		})
		for _, way := range ways {
			for _, byDeadline := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s/%s/deadline %v", name, way.name, byDeadline), func(t *testing.T) {
					t.Parallel()
					transport := NewTransport(way.rules)
					defer transport.CloseIdleConnections()
					ctx, cancel := context.WithTimeout(With(t.Context(), way.way), 100*time.Millisecond)
					if !byDeadline {
						ctx, cancel = context.WithCancel(With(t.Context(), way.way))
						time.AfterFunc(50*time.Millisecond, cancel)
					}
					defer cancel()
					_, _, err := post(t, transport, ctx, "POST", "http://"+where)
					var timeout net.Error
					if byDeadline && !errors.Is(err, context.DeadlineExceeded) && !(errors.As(err, &timeout) && timeout.Timeout()) ||
						!byDeadline && !errors.Is(err, context.Canceled) {
						t.Errorf("%v", err)
					}
				})
			}
		}
	}
}

func drip(c net.Conn) {
	for {
		if _, err := c.Write([]byte("x")); err != nil {
			return
		}
		time.Sleep(time.Millisecond)
	}
}

// A context that ends after the exchange does not touch the connection, which
// may be another's by then.
func TestOldContextsTouchNothing(t *testing.T) {
	s := newReceiver(t, ok)
	transport := NewTransport(Rules{HighRate: true})
	defer transport.CloseIdleConnections()
	for range 50 {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		if _, body, err := post(t, transport, ctx, "POST", s.URL); err != nil || body != "ok" {
			t.Fatal(err)
		}
		cancel()
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Nanosecond)
	defer cancel()
	if _, _, err := post(t, transport, ctx, "POST", s.URL); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
	if _, _, err := post(t, transport, t.Context(), "POST", s.URL); err != nil { // the deadline of the last one is gone
		t.Error(err)
	}
	if n := s.connections.Load(); n != 1 {
		t.Errorf("%d connections", n)
	}
}

// A connection that the receiver closed while it rested is not tried.
func TestClosedConnectionsAreNoticed(t *testing.T) {
	closed := make(chan struct{})
	where := listen(t, func(c net.Conn) {
		buffer := make([]byte, 4096)
		c.Read(buffer)
		fmt.Fprint(c, ok)
		c.Close()
		closed <- struct{}{}
	})
	transport := NewTransport(Rules{HighRate: true})
	defer transport.CloseIdleConnections()
	for i := range 20 {
		if _, body, err := post(t, transport, t.Context(), "POST", "http://"+where); err != nil || body != "ok" {
			t.Fatalf("request %d: %v", i, err)
		}
		<-closed
	}
}

// As many connections as requests at once, and no more afterwards.
func TestLeanConnectionsAreKept(t *testing.T) {
	const together = 50
	var connections atomic.Int32
	var gate sync.WaitGroup
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		gate.Done()
		gate.Wait()
		w.Write(body)
	}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	server.Start()
	defer server.Close()
	transport := NewTransport(Rules{HighRate: true})
	for range 3 {
		var requests sync.WaitGroup
		gate.Add(together)
		for i := range together {
			requests.Go(func() {
				body := fmt.Sprint(i, strings.Repeat(" ", i*100))
				r, _ := http.NewRequestWithContext(t.Context(), "POST", server.URL, strings.NewReader(body))
				res, err := transport.RoundTrip(r)
				if err != nil {
					t.Error(err)
					return
				}
				defer res.Body.Close()
				if got, err := io.ReadAll(res.Body); err != nil || string(got) != body {
					t.Errorf("%v: another's answer: %q", err, got)
				}
			})
		}
		requests.Wait()
	}
	if n := connections.Load(); n != together {
		t.Errorf("%d connections for %d requests at a time", n, together)
	}
	if n := len(transport.lean.idle[server.Listener.Addr().String()]); n != together {
		t.Errorf("%d rest", n)
	}
	for _, l := range transport.lean.idle[server.Listener.Addr().String()][:20] {
		l.idle = l.idle.Add(-2 * idleTimeout)
	}
	transport.lean.clean()
	if n := len(transport.lean.idle[server.Listener.Addr().String()]); n != together-20 {
		t.Errorf("%d rest after the old ones went", n)
	}
	transport.CloseIdleConnections()
	if len(transport.lean.idle) > 0 || transport.lean.sweep != nil {
		t.Error("something is left")
	}
}

// An answer that was not read to its end takes its connection with it.
func TestUnreadAnswers(t *testing.T) {
	s := newReceiver(t, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")
	transport := NewTransport(Rules{HighRate: true})
	defer transport.CloseIdleConnections()
	for range 3 {
		r, _ := http.NewRequestWithContext(t.Context(), "POST", s.URL, strings.NewReader("{}"))
		res, err := transport.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Read(make([]byte, 2))
		res.Body.Close()
		res.Body.Close()
		if n, err := res.Body.Read(make([]byte, 2)); n != 0 || err == nil {
			t.Errorf("a closed body gives %d bytes, %v", n, err)
		}
	}
	if n := s.connections.Load(); n != 3 {
		t.Errorf("%d connections", n)
	}
}

// Whoever traces a request hears of the connection and of its end.
func TestTraces(t *testing.T) {
	s := newReceiver(t, ok)
	for _, way := range ways {
		var got, wrote atomic.Int32
		ctx := httptrace.WithClientTrace(With(t.Context(), way.way), &httptrace.ClientTrace{
			GotConn:      func(httptrace.GotConnInfo) { got.Add(1) },
			WroteRequest: func(i httptrace.WroteRequestInfo) { wrote.Add(1) },
		})
		transport := NewTransport(way.rules)
		if _, _, err := post(t, transport, ctx, "POST", s.URL); err != nil || got.Load() != 1 || wrote.Load() != 1 {
			t.Errorf("%s: %v, %d, %d", way.name, err, got.Load(), wrote.Load())
		}
		transport.CloseIdleConnections()
	}
}

// How each break looks from the receiver's side.
func TestScriptsOnTheWire(t *testing.T) {
	for _, c := range []struct {
		script Script
		heads  int // 1: the head came
		body   string
		reset  bool
	}{
		{Script{Break: ResetBeforeHead}, 0, "", true},
		{Script{Break: ResetAfterHead}, 1, "", true},
		{Script{Break: ResetAfterBody}, 1, `{"a":1}`, true},
		{Script{Break: CloseInBody}, 1, `{"a`, false},
		{Script{Break: CloseInBody, Chunked: true}, 1, "1\r\n{\r\n1\r\n\"\r\n1\r\na\r\n", false},
	} {
		var got bytes.Buffer
		ended := make(chan error, 1)
		where := listen(t, func(conn net.Conn) {
			_, err := io.Copy(&got, conn)
			ended <- err
		})
		_, _, err := post(t, NewTransport(Rules{}), With(t.Context(), Way{Script: &c.script}), "POST", "http://"+where)
		end := <-ended
		var broken *BrokenError
		if errors.As(err, &broken) != c.reset || err == nil || broken != nil && broken.Where != c.script.Break {
			t.Errorf("%+v: %v", c.script, err)
		}
		if errors.Is(end, syscall.ECONNRESET) != c.reset {
			t.Errorf("%+v: it ended with %v", c.script, end)
		}
		head, body, found := strings.Cut(got.String(), "\r\n\r\n")
		if found != (c.heads == 1) || body != c.body {
			t.Errorf("%+v: %q", c.script, got.String())
		}
		if found && !c.script.Chunked && !strings.Contains(head, "\r\nContent-Length: 7") {
			t.Errorf("%+v: not the length of the whole: %q", c.script, head)
		}
	}
}

func TestExpect(t *testing.T) {
	for _, c := range []struct {
		name   string
		first  string // what the receiver says to the head
		then   string
		status int
		body   bool
	}{
		{"leave", "HTTP/1.1 100 Continue\r\n\r\n", ok, 200, true},
		{"leave, after a hint", "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n", ok, 200, true},
		{"a hint, and no leave", "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n", "", 417, false},
		{"silence", "", ok, 200, true},
		{"no leave", "HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n", "", 417, false},
		{"an answer at once", "HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\nno", "", 401, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { // the wait for leave must not end because the machine is slow
				near, far := net.Pipe()
				bodies := make(chan string, 1)
				go func() {
					defer far.Close()
					head := make([]byte, 4096)
					n, _ := far.Read(head)
					say(far, c.first)
					body := make([]byte, 7)
					n2, _ := io.ReadFull(far, body)
					if !strings.Contains(string(head[:n]), "\r\nExpect: 100-continue\r\n") {
						t.Errorf("%q", head[:n])
					}
					bodies <- string(body[:n2])
					say(far, c.then)
				}()
				transport := NewTransport(Rules{})
				transport.dial = func(context.Context, string, string) (net.Conn, error) { return near, nil }
				var wrote atomic.Bool
				ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{WroteRequest: func(httptrace.WroteRequestInfo) { wrote.Store(true) }})
				begun := time.Now()
				res, _, err := post(t, transport, With(ctx, Way{Script: &Script{Expect: true}}), "POST", "http://shop.test")
				if err != nil || res.StatusCode != c.status {
					t.Fatalf("%v, %v", res, err)
				}
				if body := <-bodies; (body == `{"a":1}`) != c.body || wrote.Load() != c.body {
					t.Errorf("the body %q", body)
				}
				if took := time.Since(begun); (took == expectTimeout) != (c.name == "silence") {
					t.Errorf("it took %v", took)
				}
			})
		})
	}
}

// say writes a text; with nothing to say a pipe would wait for a reader.
func say(conn net.Conn, text string) {
	if text != "" {
		fmt.Fprint(conn, text)
	}
}

// The endpoints of one certificate share connections, and nobody else does.
func TestTransportsByTLS(t *testing.T) {
	transport := NewTransport(Rules{})
	one, _ := transport.with(TLS{ServerName: "a"})
	same, _ := transport.with(TLS{ServerName: "a"})
	other, _ := transport.with(TLS{ServerName: "b"})
	if one != same || one == other {
		t.Error("not by content")
	}
	for i := range 3 * maxTransports {
		if _, err := transport.with(TLS{ServerName: fmt.Sprint(i)}); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(transport.apart); n > maxTransports {
		t.Errorf("%d are kept", n)
	}
}

// pretender is a connection whose other side has said all that it will say.
type pretender struct {
	net.Conn
	says   io.Reader
	closed bool
}

func (p *pretender) Read(b []byte) (int, error)  { return p.says.Read(b) }
func (p *pretender) Write(b []byte) (int, error) { return len(b), nil }
func (p *pretender) Close() error                { p.closed = true; return nil }
func (p *pretender) SetDeadline(time.Time) error { return nil }

// Whatever a receiver says: no panic, no more than was said, and the connection
// is used again only if nothing is left on it.
func FuzzAnswer(f *testing.F) {
	for _, c := range conformance {
		if len(c.answer) < 1000 {
			f.Add(strings.TrimSuffix(c.answer, "\x00"))
		}
	}
	f.Fuzz(func(t *testing.T, says string) {
		conn := &pretender{says: strings.NewReader(says)}
		l := &lean{dial: func(context.Context, string, string) (net.Conn, error) { return conn, nil }}
		defer l.closeIdle()
		r, _ := http.NewRequestWithContext(t.Context(), "POST", "http://shop.test/", strings.NewReader("{}"))
		res, err := l.roundTrip(r)
		if err != nil {
			if !conn.closed {
				t.Error("a broken connection stays open")
			}
			return
		}
		body, err := io.ReadAll(res.Body)
		if len(body) > len(says) {
			t.Errorf("%d bytes of %d", len(body), len(says))
		}
		res.Body.Close()
		kept := len(l.idle["shop.test:80"]) == 1
		if kept == conn.closed {
			t.Error("neither kept nor closed")
		}
		if kept && (err != nil || l.idle["shop.test:80"][0].in.Buffered() > 0 || res.StatusCode < 200) {
			t.Errorf("kept after %v", err)
		}
	})
}
