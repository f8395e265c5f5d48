package egress

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestMain(m *testing.M) {
	log.SetOutput(io.Discard) // net/http tells of answers that nobody asked for
	os.Exit(m.Run())
}

// receiver answers each request with bytes: the texts in turn, the last one
// for good. An empty text closes the connection, as does an answer that ends in "\x00".
type receiver struct {
	URL         string
	connections atomic.Int32
	requests    atomic.Int32
}

func newReceiver(t *testing.T, answers ...string) *receiver {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	s := &receiver{URL: "http://" + listener.Addr().String()}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			s.connections.Add(1)
			go s.serve(conn, answers)
		}
	}()
	return s
}

func (s *receiver) serve(conn net.Conn, answers []string) {
	defer conn.Close()
	in := bufio.NewReader(conn)
	for {
		r, err := http.ReadRequest(in)
		if err != nil {
			return
		}
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			return
		}
		text := answers[min(int(s.requests.Add(1)), len(answers))-1]
		rest, closes := strings.CutSuffix(text, "\x00")
		if _, err := io.WriteString(conn, rest); err != nil || closes || text == "" {
			return
		}
	}
}

func post(t *testing.T, transport http.RoundTripper, ctx context.Context, method, url string) (*http.Response, string, error) {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(`{"a":1}`))
	if err != nil {
		t.Fatal(err)
	}
	res, err := transport.RoundTrip(r)
	if err != nil {
		return nil, "", err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	return res, string(body), err
}

const ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

// conformance is what the three ways of a Transport have to make of the same
// bytes. After each answer comes a second request, whose answer is ok: nothing
// of the first may be taken for it.
var conformance = []struct {
	name   string
	answer string
	method string // "": POST
	status int    // 0: an error
	body   string
	short  bool // the body ends in an error
	kept   bool // the connection can be used again
}{
	{name: "a length", answer: ok, status: 200, body: "ok", kept: true},
	{name: "no body", answer: "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", status: 200, kept: true},
	{name: "204", answer: "HTTP/1.1 204 No Content\r\n\r\n", status: 204, kept: true},
	{name: "304 with a length", answer: "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", status: 304, kept: true},
	{name: "to HEAD", method: "HEAD", answer: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", status: 200, kept: true},
	{name: "to PUT", method: "PUT", answer: ok, status: 200, body: "ok", kept: true},
	{name: "in chunks", answer: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\no\r\n1;x=y\r\nk\r\n0\r\n\r\n", status: 200, body: "ok", kept: true},
	{name: "in chunks, with trailers", answer: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: A\r\n\r\n2\r\nok\r\n0\r\nA: b\r\n\r\n", status: 200, body: "ok", kept: true},
	{name: "chunks and a length", answer: "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", status: 200, body: "ok", kept: true},
	{name: "informational answers before", answer: "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n" + ok, status: 200, body: "ok", kept: true},
	{name: "until the end", answer: "HTTP/1.1 200 OK\r\n\r\nok\x00", status: 200, body: "ok"},
	{name: "Connection: close", answer: "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok", status: 200, body: "ok"},
	{name: "HTTP/1.0", answer: "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", status: 200, body: "ok"},
	{name: "HTTP/1.0 that stays", answer: "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok", status: 200, body: "ok", kept: true},
	{name: "the same length twice", answer: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok", status: 200, body: "ok", kept: true},
	{name: "no reason", answer: "HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok", status: 200, body: "ok", kept: true},
	{name: "bare line feeds", answer: "HTTP/1.1 200 OK\nContent-Length: 2\n\nok", status: 200, body: "ok", kept: true},
	{name: "redirect", answer: "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", status: 302, kept: true},

	{name: "an answer more", answer: ok + "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged", status: 200, body: "ok"},
	{name: "an answer behind 204", answer: "HTTP/1.1 204 No Content\r\nContent-Length: 99\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged", status: 204},
	{name: "an answer behind HEAD's", method: "HEAD", answer: "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged", status: 200},
	{name: "an answer behind chunks", answer: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged", status: 200},
	{name: "garbage behind", answer: ok + "\r\n\r\n\r\n", status: 200, body: "ok"},

	{name: "cut short", answer: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nok\x00", status: 200, body: "ok", short: true},
	{name: "cut short within chunks", answer: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nok\x00", status: 200, body: "ok", short: true},
	{name: "a chunk of no length", answer: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nok", status: 200, short: true},
	{name: "a chunk of an absurd length", answer: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nok", status: 200, short: true},

	{name: "nothing", answer: ""},
	{name: "half a head", answer: "HTTP/1.1 200 OK\r\nContent-Le\x00"},
	{name: "two lengths", answer: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok!"},
	{name: "a length below zero", answer: "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"},
	{name: "a length that is none", answer: "HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\nok"},
	{name: "an encoding that is none", answer: "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nok"},
	{name: "a space before the colon", answer: "HTTP/1.1 200 OK\r\nContent-Length : 1\r\n\r\nok\x00", status: 200, body: "ok"}, // no length then
	{name: "a line without a colon", answer: "HTTP/1.1 200 OK\r\nnonsense\r\n\r\n"},
	{name: "no HTTP", answer: "220 smtp.shop.test ESMTP\r\n"},
	{name: "a status of two digits", answer: "HTTP/1.1 20 OK\r\n\r\n"},
	{name: "a status of letters", answer: "HTTP/1.1 abc OK\r\n\r\n"},
	{name: "a version that is none", answer: "HTTP/x 200 OK\r\n\r\n"},
	{name: "long headers", answer: "HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 128<<10) + "\r\n\r\n"},
	{name: "many headers", answer: "HTTP/1.1 200 OK\r\n" + strings.Repeat("X: y\r\n", 30<<10) + "\r\n"},
	{name: "a long status line", answer: "HTTP/1.1 200 " + strings.Repeat("x", 128<<10) + "\r\n\r\n"},
	{name: "informational answers without end", answer: strings.Repeat("HTTP/1.1 103 Early Hints\r\n\r\n", 30_000)},
}

// ways are the three of a Transport.
var ways = []struct {
	name  string
	rules Rules
	way   Way
	keeps bool
}{
	{"usual", Rules{}, Way{}, true},
	{"lean", Rules{HighRate: true}, Way{}, true},
	{"by hand", Rules{}, Way{Script: &Script{}}, false},
}

func TestConformance(t *testing.T) {
	for _, way := range ways {
		t.Run(way.name, func(t *testing.T) {
			for _, c := range conformance {
				t.Run(c.name, func(t *testing.T) {
					t.Parallel()
					s := newReceiver(t, c.answer, ok)
					transport := NewTransport(way.rules)
					defer transport.CloseIdleConnections()
					ctx, cancel := context.WithTimeout(With(t.Context(), way.way), time.Minute)
					defer cancel()
					method := c.method
					if method == "" {
						method = "POST"
					}
					res, body, err := post(t, transport, ctx, method, s.URL)
					switch {
					case c.status == 0:
						if err == nil {
							t.Fatalf("%s %q", res.Status, body)
						}
					case res == nil || (err != nil) != c.short:
						t.Fatalf("error %v", err)
					case res.StatusCode != c.status || body != c.body:
						t.Errorf("%d %q", res.StatusCode, body)
					}
					if ctx.Err() != nil {
						t.Fatal("it took until the deadline")
					}
					res, body, err = post(t, transport, ctx, "POST", s.URL)
					if err != nil || res.StatusCode != 200 || body != "ok" {
						t.Errorf("the next one: %v, %q", err, body)
					}
					if n := s.connections.Load(); (n == 1) != (c.kept && way.keeps) {
						t.Errorf("%d connections", n)
					}
				})
			}
		})
	}
}

// What a receiver sees of the lean way, byte by byte.
func TestBytesOnTheWire(t *testing.T) {
	for _, c := range []struct {
		name string
		way  Way
		want string
	}{
		{"lean", Way{}, "POST /hooks/a%20b?x=%2F HTTP/1.1\r\nHost: HOST\r\nContent-Type: application/json\r\nX-A: 1\r\nX-A: 2\r\nContent-Length: 12\r\n\r\n{\"a\":\"ünt\"}"},
		{"by hand", Way{Script: &Script{}}, "POST /hooks/a%20b?x=%2F HTTP/1.1\r\nHost: HOST\r\nContent-Type: application/json\r\nX-A: 1\r\nX-A: 2\r\nContent-Length: 12\r\nConnection: close\r\n\r\n{\"a\":\"ünt\"}"},
		{"in chunks", Way{Script: &Script{Chunked: true}}, "POST /hooks/a%20b?x=%2F HTTP/1.1\r\nHost: HOST\r\nContent-Type: application/json\r\nX-A: 1\r\nX-A: 2\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n3\r\n{\"a\r\n3\r\n\":\"\r\n3\r\nün\r\n3\r\nt\"}\r\n0\r\n\r\n"},
	} {
		got := make(chan string, 1)
		listener := listen(t, func(conn net.Conn) {
			want := len(strings.Replace(c.want, "HOST", conn.LocalAddr().String(), 1))
			b := make([]byte, want)
			_, _ = io.ReadFull(conn, b)
			got <- string(b)
			fmt.Fprint(conn, ok)
		})
		transport := NewTransport(Rules{HighRate: true})
		defer transport.CloseIdleConnections()
		r, err := http.NewRequestWithContext(With(t.Context(), c.way), "POST", "http://"+listener+"/hooks/a%20b?x=%2F", strings.NewReader(`{"a":"ünt"}`))
		if err != nil {
			t.Fatal(err)
		}
		r.Header = http.Header{"X-A": {"1", "2"}, "Content-Type": {"application/json"}, "User-Agent": {""}, "Content-Length": {"7"}, "Transfer-Encoding": {"chunked"}, "Host": {"evil.test"}}
		res, err := transport.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		want := strings.Replace(c.want, "HOST", listener, 1)
		if sent := <-got; sent != want {
			t.Errorf("%s: got\n%q\nwant\n%q", c.name, sent, want)
		}
	}
}

// listen serves each connection in a goroutine and returns the address.
func listen(t *testing.T, serve func(net.Conn)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				_ = conn.SetDeadline(time.Now().Add(time.Minute)) // a test that waits for more has failed
				serve(conn)
			}()
		}
	}()
	return listener.Addr().String()
}

func TestHeadersAreNotInjected(t *testing.T) {
	s := newReceiver(t, ok)
	for _, way := range ways {
		for name, change := range map[string]func(*http.Request){
			"value":     func(r *http.Request) { r.Header["X-A"] = []string{"1\r\nX-B: 2"} },
			"feed":      func(r *http.Request) { r.Header["X-A"] = []string{"1\nX-B: 2"} },
			"fold":      func(r *http.Request) { r.Header["X-A"] = []string{"1\r\n 2"} },
			"zero":      func(r *http.Request) { r.Header["X-A"] = []string{"1\x002"} },
			"name":      func(r *http.Request) { r.Header["X-A: 1\r\nX-B"] = []string{"2"} },
			"no name":   func(r *http.Request) { r.Header[""] = []string{"2"} },
			"colon":     func(r *http.Request) { r.Header["X:"] = []string{"2"} },
			"method":    func(r *http.Request) { r.Method = "POST / HTTP/1.1\r\nX: y\r\n\r\nGET" },
			"host":      func(r *http.Request) { r.Host = "a\r\nX-B: 2" },
			"host mark": func(r *http.Request) { r.Host = "a b" },
			"path":      func(r *http.Request) { r.URL.Opaque = "//x/ HTTP/1.1\r\nX-B: 2" },
			"query":     func(r *http.Request) { r.URL.RawQuery = "a=1 HTTP/1.1\r\nX-B: 2" },
		} {
			transport := NewTransport(way.rules)
			ctx, cancel := context.WithTimeout(With(t.Context(), way.way), time.Minute)
			r, _ := http.NewRequestWithContext(ctx, "POST", s.URL, strings.NewReader("{}"))
			change(r)
			if res, err := transport.RoundTrip(r); err == nil {
				res.Body.Close()
				if !(way.name == "usual" && strings.HasPrefix(name, "host")) { // net/http sends what is left of it
					t.Errorf("%s, %s: sent", way.name, name)
				}
			}
			if ctx.Err() != nil {
				t.Errorf("%s, %s: it was tried until the deadline", way.name, name)
			}
			cancel()
			transport.CloseIdleConnections()
		}
	}
}
