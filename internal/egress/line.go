package egress

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"slices"
	"strings"
	"time"
)

// line is one HTTP/1.1 connection that we write by hand. Its answers are read
// by net/http, under limits of our own.
type line struct {
	conn  net.Conn
	meter meter
	in    *bufio.Reader
	out   []byte // the request, put together
	used  bool   // carried a request before
	wire  *wire
	idle  time.Time // since when it rests
	seen  seen

	watched <-chan struct{} // what attend watches; nil: nothing
	unwatch func() bool
}

func newLine(conn net.Conn) *line {
	l := &line{conn: conn, meter: meter{from: conn}, wire: newWire(conn)}
	l.in = bufio.NewReaderSize(&l.meter, 4<<10)
	return l
}

var errLongHead = fmt.Errorf("the answer's headers are longer than %d bytes", maxHeaderBytes)

// meter reads up to a limit. What the buffer before it holds was counted already.
type meter struct {
	from io.Reader
	left int64
}

// Read implements io.Reader.
func (m *meter) Read(p []byte) (int, error) {
	if m.left <= 0 {
		return 0, errLongHead
	}
	n, err := m.from.Read(p[:min(int64(len(p)), m.left)])
	m.left -= int64(n)
	return n, err
}

const unlimited = 1 << 62

// answer reads the head of the final answer and passes over informational ones.
func (l *line) answer(r *http.Request) (*http.Response, error) {
	l.meter.left = maxHeaderBytes
	for {
		res, err := l.head(r)
		if err != nil {
			return nil, err
		}
		if res.StatusCode >= 200 || res.StatusCode == http.StatusSwitchingProtocols {
			l.meter.left = unlimited
			return res, nil
		}
	}
}

// head reads one head.
func (l *line) head(r *http.Request) (*http.Response, error) {
	res, err := http.ReadResponse(l.in, r)
	switch {
	case err == nil && res.StatusCode < 100:
		return nil, fmt.Errorf("the answer has the status %03d", res.StatusCode)
	case err == nil && res.ProtoMajor != 1:
		return nil, fmt.Errorf("the answer is %q, not HTTP/1.1", res.Proto)
	}
	return res, err
}

// fail is an error as the caller is to see it: a context that ended is the reason for
// what the connection says.
func fail(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return err
}

// rests reports whether the connection is new, or open and silent.
func (l *line) rests() bool { return !l.used || l.wire.rests() }

// ask writes l.out on a connection that rests. It reports false, and has written
// nothing, where it does not.
func (l *line) ask() (rests bool, err error) {
	if l.used {
		return l.wire.ask(l.out)
	}
	_, err = l.conn.Write(l.out) // who speaks first is heard when the answer is read
	return true, err
}

// watch lets the end of ctx end whatever the connection is doing; its deadline the
// caller sets. The caller calls stop; if it returns false, the connection is of no
// more use.
func (l *line) watch(ctx context.Context) (stop func() bool) {
	return context.AfterFunc(ctx, func() { _ = l.conn.SetDeadline(time.Unix(1, 0)) })
}

// attend is watch for a line that carries one request after the other until ctx
// ends: to begin and stop watching costs more than to go on. Whoever takes the line
// next calls release.
func (l *line) attend(ctx context.Context) {
	if done := ctx.Done(); l.watched != done {
		l.watched, l.unwatch = done, l.watch(ctx)
	}
}

// release lets go of what attend began, unless ctx is of the same end. It reports
// whether the connection is of use.
func (l *line) release(ctx context.Context) bool {
	if l.watched == nil || l.watched == ctx.Done() {
		return true
	}
	l.watched = nil
	return l.unwatch()
}

func (l *line) close() {
	if l.watched != nil {
		l.unwatch()
	}
	_ = l.conn.Close()
}

// appendHead writes the request's head without the line that ends it, nor
// what says how long the body is.
func appendHead(b []byte, r *http.Request) ([]byte, error) {
	method, host := r.Method, r.Host
	if method == "" {
		method = http.MethodGet
	}
	if host == "" {
		host = r.URL.Host
	}
	return appendLines(b, method, r.URL.RequestURI(), host, r.Header)
}

// appendLines is appendHead for the parts of a request.
func appendLines(b []byte, method, target, host string, h http.Header) ([]byte, error) {
	if !IsToken(method) || !isVisible(target) || host == "" || !isVisible(host) {
		return nil, &SetupError{"the request line or the host cannot be written"}
	}
	b = append(b, method...)
	b = append(b, ' ')
	b = append(b, target...)
	b = append(b, " HTTP/1.1\r\nHost: "...)
	b = append(b, strings.TrimSuffix(host, ":")...)
	b = append(b, "\r\n"...)

	var few [24]string
	names := few[:0]
	for name := range h {
		names = append(names, name)
	}
	slices.Sort(names) // the same request is the same bytes
	for _, name := range names {
		if framing(name) {
			continue
		}
		if !IsToken(name) {
			return nil, &SetupError{fmt.Sprintf("%q is no header name", name)}
		}
		for _, v := range h[name] {
			if !IsFieldValue(v) {
				return nil, &SetupError{fmt.Sprintf("the value of header %q holds control characters", name)}
			}
			if v == "" && name == "User-Agent" { // so says net/http's client that there is none
				continue
			}
			b = append(b, name...)
			b = append(b, ": "...)
			b = append(b, v...)
			b = append(b, "\r\n"...)
		}
	}
	return b, nil
}

// framing are the headers that follow from the request itself. As net/http's
// client we write our own.
func framing(name string) bool {
	switch name {
	case "Host", "Content-Length", "Transfer-Encoding", "Trailer":
		return true
	}
	return false
}

// IsToken reports whether s can be a method or the name of a header: a token of RFC 9110, section 5.6.2.
func IsToken(s string) bool {
	for i := range len(s) {
		if !tokenBytes[s[i]] {
			return false
		}
	}
	return s != ""
}

var tokenBytes = func() (is [256]bool) {
	for c := byte('!'); c < 0x7f; c++ {
		is[c] = strings.IndexByte(`"(),/:;<=>?@[\]{}`, c) < 0
	}
	return is
}()

func isVisible(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] >= 0x7f {
			return false
		}
	}
	return true
}

// IsFieldValue reports whether s can be the value of a header: it holds no control characters but tabs (RFC 9110, section 5.5).
func IsFieldValue(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' && c != '\t' || c == 0x7f {
			return false
		}
	}
	return true
}

// address is what to dial for a URL.
func address(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = "80"
		if u.Scheme == "https" {
			port = "443"
		}
	}
	return net.JoinHostPort(u.Hostname(), port)
}

// secure speaks TLS over conn, and HTTP/1.1 over that.
func secure(ctx context.Context, conn net.Conn, config *tls.Config, host string) (net.Conn, error) {
	config.NextProtos = []string{"http/1.1"}
	if config.ServerName == "" {
		config.ServerName = host
	}
	c := tls.Client(conn, config)
	if err := c.HandshakeContext(ctx); err != nil {
		_ = conn.Close()
		return nil, err
	}
	return c, nil
}

func gotConn(trace *httptrace.ClientTrace, l *line) {
	if trace != nil && trace.GotConn != nil {
		trace.GotConn(httptrace.GotConnInfo{Conn: l.conn, Reused: l.used, WasIdle: l.used})
	}
}

func wroteRequest(trace *httptrace.ClientTrace, err error) {
	if trace != nil && trace.WroteRequest != nil {
		trace.WroteRequest(httptrace.WroteRequestInfo{Err: err})
	}
}
