package egress

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"reflect"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// What short reads is what net/http reads, to the byte, and of everything else
// it takes nothing.
func FuzzShortAnswers(f *testing.F) {
	for _, seed := range []string{
		"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
		"HTTP/1.1 200 OK\r\ncontent-length:2 \r\nX-a: 1\r\nx-A:\t2\r\n\r\nokHTTP/1.1 500",
		"HTTP/1.1 503 \r\nRetry-After: 3\r\nContent-Length: 0\r\n\r\n",
		"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
		"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
		"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
		"HTTP/1.1 200 OK\r\nA: b\r\n c\r\nContent-Length: 2\r\n\r\nok",
		"HTTP/1.1 200 OK\r\nA: b\nB: c\r\nContent-Length: 2\r\n\r\nok",
		"HTTP/1.1 200 OK\r\nPragma: no-cache\r\nContent-Length: +2\r\n\r\nok",
		"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nok",
		"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		a, b := net.Pipe()
		_, _ = a.Close(), b.Close()
		l := newLine(a)
		l.in.Reset(strings.NewReader(text))
		if _, err := l.in.Peek(1); err != nil {
			return
		}
		before := l.in.Buffered()
		r, _ := http.NewRequest(http.MethodPost, "http://receiver.test/", nil)
		got, ok := l.short(http.MethodPost, 1000)
		if !ok {
			if l.in.Buffered() != before {
				t.Fatalf("it took %d bytes of what it does not read", before-l.in.Buffered())
			}
			return
		}
		rest, _ := io.ReadAll(l.in)
		in := bufio.NewReader(strings.NewReader(text))
		want, err := http.ReadResponse(in, r)
		if err != nil {
			t.Fatalf("net/http: %v, we: %+v", err, got)
		}
		body, err := io.ReadAll(want.Body)
		left, _ := io.ReadAll(in)
		if err != nil || want.Close || want.StatusCode != got.Status || string(body) != string(got.Body) || string(left) != string(rest) ||
			!reflect.DeepEqual(want.Header, got.Header) {
			t.Fatalf("net/http: %d %v %q, close %v, %v, left %q\nwe: %+v, left %q", want.StatusCode, want.Header, body, want.Close, err, left, got, rest)
		}
	})
}

// The end of a context ends what it carries, and nothing that others carry over
// the same connection later.
func TestCarryWithinContextsThatEnd(t *testing.T) {
	r := newReceiver(t, ok)
	transport := NewTransport(Rules{HighRate: true})
	defer transport.CloseIdleConnections()
	p := &Plain{Target: transport.Aim(r.URL), Method: "POST", Body: []byte("{}")}
	for n := range 20 {
		ctx, cancel := context.WithCancel(t.Context())
		for range 2 {
			if got := transport.Carry(ctx, time.Now().Add(10*time.Second), p, 100, 100); got.Err != nil || got.Status != 200 {
				t.Fatalf("round %d: %+v", n, got)
			}
		}
		if cancel(); n%2 == 0 {
			runtime.Gosched() // lets what the end set off run, or not
		}
		if got := transport.Carry(ctx, time.Now().Add(10*time.Second), p, 100, 100); !errors.Is(got.Err, context.Canceled) {
			t.Fatalf("after the end: %+v", got)
		}
	}
}

// carried makes one request of a high rate.
func carried(t *testing.T, transport *Transport, url, body string) Answer {
	t.Helper()
	p := Plain{Target: transport.Aim(url), Method: "POST", Header: http.Header{}, Body: []byte(body)}
	return transport.Carry(t.Context(), time.Now().Add(10*time.Second), &p, 1<<20, 1<<10)
}

// A connection on which something came while it rested, if only its end, is not tried.
func TestCarryNoticesWhatDoesNotRest(t *testing.T) {
	for _, c := range []struct {
		name string
		then func(net.Conn)
	}{
		{"closed", func(c net.Conn) { c.Close() }},
		{"reset", func(c net.Conn) { c.(*net.TCPConn).SetLinger(0); c.Close() }},
		{"spoken to", func(c net.Conn) { fmt.Fprint(c, strings.Replace(ok, "200", "500", 1)) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			next := make(chan struct{})
			done := make(chan struct{})
			where := listen(t, func(conn net.Conn) {
				conn.Read(make([]byte, 4096))
				fmt.Fprint(conn, ok)
				<-next
				c.then(conn)
				done <- struct{}{}
			})
			transport := NewTransport(Rules{HighRate: true})
			defer transport.CloseIdleConnections()
			for i := range 5 {
				got := carried(t, transport, "http://"+where, "")
				if got.Err != nil || got.Status != 200 {
					t.Fatalf("request %d: %d, %v", i, got.Status, got.Err)
				}
				next <- struct{}{}
				<-done
			}
		})
	}
}

// The longest body is more than there may be room for at once.
func TestCarryLongBodies(t *testing.T) {
	var connections atomic.Int32
	where := listen(t, func(conn net.Conn) {
		connections.Add(1)
		in := bufio.NewReader(conn)
		for {
			r, err := http.ReadRequest(in)
			if err != nil {
				return
			}
			body, err := io.ReadAll(r.Body)
			if err != nil {
				return
			}
			fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
		}
	})
	transport := NewTransport(Rules{HighRate: true})
	defer transport.CloseIdleConnections()
	for i := range 4 {
		body := strings.Repeat(string(rune('a'+i)), leanBody)
		if got := carried(t, transport, "http://"+where, body); got.Err != nil || string(got.Body) != body || !got.Sent {
			t.Fatalf("request %d: %d bytes, %v", i, len(got.Body), got.Err)
		}
		for _, l := range transport.lean.idle[where] {
			l.conn.(*net.TCPConn).SetWriteBuffer(16 << 10) // so that not all can be written at once
		}
	}
	if n := connections.Load(); n != 1 {
		t.Errorf("%d connections", n)
	}
}
