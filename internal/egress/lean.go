package egress

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
)

// leanBody is the longest body of the lean way: such a request fits into the
// buffers of both systems, so that writing it never waits for a receiver that
// answers before it reads.
const leanBody = 64 << 10

// lean carries plain HTTP/1.1 requests in the goroutine of the caller: one
// write, then reads. Connections are kept, and nothing else runs meanwhile.
//
// As net/http does for requests that are not safe to repeat, it never sends
// twice: a kept connection that breaks while the request is on its way is the
// answer to this request.
type lean struct {
	dial func(ctx context.Context, network, address string) (net.Conn, error)

	mu    sync.Mutex
	idle  map[string][]*line // by address, the last used at the end
	sweep *time.Timer        // runs while something is idle
}

// suitsLean reports whether the request is of the plain kind. The others need
// what net/http has: names in other scripts, TLS, a body of unknown length,
// headers that change how the connection is used.
func suitsLean(r *http.Request) bool {
	return suitsTarget(r.URL) && suitsHeader(r.Header) && r.Method != http.MethodConnect && len(r.TransferEncoding) == 0 && !r.Close &&
		r.ContentLength >= 0 && r.ContentLength <= leanBody && (r.ContentLength > 0 || r.Body == nil || r.Body == http.NoBody)
}

func suitsTarget(u *url.URL) bool {
	return u.Scheme == "http" && isVisible(u.Host) && strings.IndexByte(u.Host, '%') < 0
}

func suitsHeader(h http.Header) bool {
	for _, name := range [...]string{"Connection", "Expect", "Te", "Trailer", "Upgrade"} {
		if _, set := h[name]; set {
			return false
		}
	}
	return true
}

func (t *lean) roundTrip(r *http.Request) (*http.Response, error) {
	defer closeBody(r)
	ctx := r.Context()
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	where := address(r.URL)
	deadline, _ := ctx.Deadline() // zero: none
	l, err := t.line(ctx, deadline, where, (*line).rests)
	if err != nil {
		return nil, fail(ctx, err)
	}
	if l.out, err = appendRequest(l.out[:0], r); err != nil {
		l.close()
		return nil, err
	}
	stop := l.watch(ctx)
	trace := httptrace.ContextClientTrace(ctx)
	gotConn(trace, l)
	_, wrote := l.conn.Write(l.out)
	wroteRequest(trace, wrote)
	res, err := l.answer(r) // also after a broken write: an answer may have come before
	if err != nil {
		stop()
		l.close()
		if wrote != nil {
			err = wrote
		}
		return nil, fail(ctx, err)
	}
	body := &leanAnswer{body: res.Body, ctx: ctx, home: t, line: l, where: where, stop: stop,
		last: res.Close || wrote != nil || res.StatusCode == http.StatusSwitchingProtocols}
	if res.Body == http.NoBody {
		body.end(true)
		return res, nil
	}
	res.Body = body
	return res, nil
}

func appendRequest(b []byte, r *http.Request) ([]byte, error) {
	b, err := appendHead(b, r)
	if err != nil {
		return b, err
	}
	n := int(r.ContentLength)
	b = appendLength(b, r.Method, n)
	if n == 0 {
		return b, nil
	}
	start := len(b)
	b = append(b, make([]byte, n)...)
	if _, err := io.ReadFull(r.Body, b[start:]); err != nil {
		return b, fmt.Errorf("the body is not of %d bytes: %w", n, err)
	}
	return b, nil
}

// appendLength ends a head by saying how long the body is.
func appendLength(b []byte, method string, n int) []byte {
	if n > 0 || method == http.MethodPost || method == http.MethodPut || method == http.MethodPatch {
		b = append(b, "Content-Length: "...)
		b = strconv.AppendInt(b, int64(n), 10)
		b = append(b, "\r\n"...)
	}
	return append(b, "\r\n"...)
}

// line is a kept connection that suits, which includes that it rests, or a new one, which
// suits as well. It has a deadline.
func (t *lean) line(ctx context.Context, deadline time.Time, where string, suits func(*line) bool) (*line, error) {
	for l := t.kept(where); l != nil; l = t.kept(where) {
		l.used = true
		if l.release(ctx) && l.conn.SetDeadline(deadline) == nil && suits(l) {
			return l, nil
		}
		l.close()
	}
	conn, err := t.dial(until{ctx, deadline}, "tcp", where)
	if err != nil {
		return nil, err
	}
	if err := conn.SetDeadline(deadline); err != nil {
		_ = conn.Close()
		return nil, err
	}
	l := newLine(conn)
	suits(l)
	return l, nil
}

func (t *lean) kept(where string) *line {
	t.mu.Lock()
	defer t.mu.Unlock()
	rest := t.idle[where]
	if len(rest) == 0 {
		return nil
	}
	l := rest[len(rest)-1]
	rest[len(rest)-1] = nil
	t.idle[where] = rest[:len(rest)-1]
	return l
}

// keep lets a connection rest until it is wanted again.
func (t *lean) keep(where string, l *line) {
	if cap(l.out) > 8<<10 {
		l.out = nil
	}
	l.idle = time.Now()
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.idle[where]) >= maxIdlePerHost {
		l.close()
		return
	}
	if t.idle == nil {
		t.idle = map[string][]*line{}
	}
	t.idle[where] = append(t.idle[where], l)
	if t.sweep == nil {
		t.sweep = time.AfterFunc(idleTimeout, t.clean)
	}
}

// clean closes what has rested too long, and comes back while something rests.
func (t *lean) clean() {
	t.mu.Lock()
	defer t.mu.Unlock()
	oldest := time.Now().Add(-idleTimeout)
	for where, lines := range t.idle {
		for len(lines) > 0 && lines[0].idle.Before(oldest) {
			lines[0].close()
			lines = lines[1:]
		}
		if t.idle[where] = lines; len(lines) == 0 {
			delete(t.idle, where)
		}
	}
	if t.sweep = nil; len(t.idle) > 0 {
		t.sweep = time.AfterFunc(idleTimeout, t.clean)
	}
}

func (t *lean) closeIdle() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, lines := range t.idle {
		for _, l := range lines {
			l.close()
		}
	}
	t.idle = nil
	if t.sweep != nil {
		t.sweep.Stop()
		t.sweep = nil
	}
}

// leanAnswer is the body of an answer. Its end gives the connection back.
type leanAnswer struct {
	body  io.Reader
	ctx   context.Context
	home  *lean
	line  *line
	where string
	stop  func() bool
	last  bool  // the connection carries no further request
	done  error // what Read says from now on
}

// Read implements io.Reader.
func (a *leanAnswer) Read(p []byte) (int, error) {
	if a.done != nil {
		return 0, a.done
	}
	n, err := a.body.Read(p)
	if err == nil {
		return n, nil
	}
	if a.done = err; err != io.EOF {
		a.done = fail(a.ctx, err)
	}
	a.end(err == io.EOF)
	return n, a.done
}

// Close implements io.Closer. What has not been read is not worth waiting for.
func (a *leanAnswer) Close() error {
	if a.done == nil {
		a.done = http.ErrBodyReadAfterClose
		a.end(false)
	}
	return nil
}

// end keeps the connection if nothing is left on it that could be taken for
// the next answer.
func (a *leanAnswer) end(whole bool) {
	mine := a.stop()
	if !whole || !mine || a.last || a.line.in.Buffered() > 0 {
		a.line.close()
		return
	}
	a.home.keep(a.where, a.line)
}
