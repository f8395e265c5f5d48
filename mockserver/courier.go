package mockserver

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/internal/egress"
)

const (
	headerLimit     = 16 << 10 // of an answer's headers that are kept
	sentHeaderLimit = 64 << 10 // of a request's headers; no server takes as much
	drainLimit      = 64 << 10 // of an answer's body that is read past, so that the connection can be used again
)

// courier carries one request and brings the answer back. It never follows a
// redirect and never tries twice.
type courier struct {
	transport http.RoundTripper
	high      *egress.Transport // the same, where it is that; it may carry plain requests itself
	heeds     bool              // the transport takes orders by context: see egress.With
	aims      remembered[*aim]
	limit     int // of the body
	unmarked  bool
	clock     clock
}

func newCourier(o Options) courier {
	high, _ := o.Transport.(*egress.Transport)
	return courier{
		transport: o.Transport, high: high, heeds: egress.Heeds(o.Transport),
		limit: orDefault(o.BodyLimit, defaultBodyLimit), unmarked: o.Unmarked, clock: newClock(o.Speed),
	}
}

// answer is what came back. With an err, it is what had come until then.
type answer struct {
	status int
	header http.Header
	body   []byte
	err    error
	sent   bool // the request was written in full
	over   *Connection
}

// mark adds the headers by which a receiver's operator recognises test traffic.
func (c *courier) mark(h http.Header) {
	if c.unmarked {
		return
	}
	if h.Get("User-Agent") == "" {
		h["User-Agent"] = userAgent()
	}
	h["X-Hookrig-Test"] = testMark
}

// Values that all requests share.
var (
	userAgent = sync.OnceValue(func() []string { return []string{"hookrig/" + version()} })
	testMark  = []string{"1"}
	identity  = []string{"identity"}
	noAgent   = []string{""} // the only way to keep net/http from adding its own
)

// exchange makes one attempt. The deadline bounds all of it, from dialling to the
// last byte.
func (c *courier) exchange(ctx context.Context, deadline time.Time, to *aim, r *contracts.Request) (got answer) {
	if plain := c.plain(ctx, to, r); plain != nil {
		a := c.high.Carry(ctx, deadline, plain, int64(c.limit), drainLimit)
		got = answer{status: a.Status, header: a.Header, body: a.Body, err: a.Err, sent: a.Sent}
	} else {
		got = c.roundTrip(ctx, deadline, r)
	}
	got.header = clipHeader(got.header)
	if got.status == http.StatusSwitchingProtocols { // what follows is no body, and no deadline ends it
		got.err = errors.New("the answer switches to another protocol, which nobody asked for")
	}
	if len(got.body) < cap(got.body)/2 { // it will be held for long, by many
		got.body = append([]byte(nil), got.body...)
	}
	return got
}

// aim is what is known of a URL that requests go to.
type aim struct {
	problem error          // why none can
	shown   string         // as the journal may show it
	lean    *egress.Target // nil: not by Carry
}

func (c *courier) aim(raw string) *aim {
	return c.aims.of(raw, func(raw string) *aim {
		a := &aim{}
		a.shown = RedactURL(raw)
		u, err := url.Parse(raw)
		switch {
		case err != nil:
			a.problem = errors.New("its URL is none") // url.Error would quote it, credentials and all
		case u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
			a.problem = fmt.Errorf("its URL needs http or https and a host, not %q", a.shown)
		case c.high != nil:
			a.lean = c.high.Aim(raw)
		}
		return a
	})
}

// plain is the request for a transport that carries such itself, else nil.
func (c *courier) plain(ctx context.Context, to *aim, r *contracts.Request) *egress.Plain {
	if to.lean == nil {
		return nil
	}
	if p := (&egress.Plain{Target: to.lean, Method: r.Method, Header: r.Header, Body: r.Body}); c.high.Carries(ctx, p) {
		return p
	}
	return nil
}

// roundTrip is the way over any transport.
func (c *courier) roundTrip(ctx context.Context, deadline time.Time, r *contracts.Request) (got answer) {
	ctx, cancel := context.WithDeadline(ctx, deadline)
	defer cancel()
	var sent atomic.Bool // the transport may still be writing when we have stopped waiting
	seen := observer{clock: c.clock, began: c.clock.now()}
	protocol := ""
	defer func() { got.sent, got.over = sent.Load(), seen.connection(protocol) }()
	req, err := http.NewRequestWithContext(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn:      seen.gotConn,
		WroteRequest: func(info httptrace.WroteRequestInfo) { sent.Store(info.Err == nil) },
	}), r.Method, r.URL, bytes.NewReader(r.Body))
	if err != nil {
		return answer{err: err}
	}
	req.Header = r.Header.Clone() // a transport may still read it when it has given up
	if r.Header["User-Agent"] == nil {
		req.Header["User-Agent"] = noAgent
	}
	if r.Header["Accept-Encoding"] == nil {
		req.Header["Accept-Encoding"] = identity // the answer's bytes are what we judge, and gzip can be a bomb
	}
	if host := r.Header.Get("Host"); host != "" {
		req.Host = host
	}
	if req.Header["Idempotency-Key"] != nil || req.Header["X-Idempotency-Key"] != nil {
		req.GetBody = nil // net/http takes these headers for leave to send twice
	}
	res, err := c.transport.RoundTrip(req)
	if err != nil {
		return answer{err: err}
	}
	defer res.Body.Close()
	got.status, got.header, protocol = res.StatusCode, res.Header, res.Proto
	if res.StatusCode == http.StatusSwitchingProtocols {
		return got
	}
	if res.Body == http.NoBody {
		return got
	}
	got.body, got.err = io.ReadAll(io.LimitReader(res.Body, int64(c.limit)))
	if got.err == nil && len(got.body) == c.limit {
		_, _ = io.CopyN(io.Discard, res.Body, drainLimit) // what matters has been read
	}
	return got
}

// isFraming: headers that say where a request ends or what becomes of its
// connection. Two opinions on that are how requests are smuggled.
func isFraming(name string) bool {
	switch http.CanonicalHeaderKey(name) {
	case "Connection", "Content-Length", "Keep-Alive", "Proxy-Connection", "Te", "Trailer", "Transfer-Encoding", "Upgrade":
		return true
	}
	return false
}

// sendable refuses what would be no HTTP request or more than one.
func sendable(to *aim, r *contracts.Request) error {
	if to.problem != nil {
		return to.problem
	}
	if !egress.IsToken(r.Method) {
		return fmt.Errorf("%q is no method", r.Method)
	}
	size := 0
	for name, values := range r.Header {
		if !egress.IsToken(name) {
			return fmt.Errorf("%q is no header name", name)
		}
		if isFraming(name) {
			return fmt.Errorf("the header %q belongs to the connection, which the transport writes", name)
		}
		for _, v := range values {
			if size += len(name) + len(v); !egress.IsFieldValue(v) {
				return fmt.Errorf("the value of header %q holds control characters", name)
			}
		}
	}
	if size > sentHeaderLimit {
		return fmt.Errorf("its headers are %d bytes, more than %d", size, sentHeaderLimit)
	}
	return nil
}

// clipHeader keeps headers up to a limit, in the order of their names.
func clipHeader(h http.Header) http.Header {
	size := 0
	for name, values := range h {
		for _, v := range values {
			size += len(name) + len(v)
		}
	}
	if size <= headerLimit {
		return h
	}
	kept := http.Header{}
	size = 0
	for _, name := range slices.Sorted(maps.Keys(h)) {
		for _, v := range h[name] {
			if size += len(name) + len(v); size > headerLimit {
				return kept
			}
			kept[name] = append(kept[name], v)
		}
	}
	return kept
}

// version is this module's, as the program was built with it.
var version = sync.OnceValue(func() string {
	const module = "github.com/hookrig/hookrig"
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "dev"
	}
	for _, m := range append(info.Deps, &info.Main) {
		if m.Path == module && m.Version != "" && m.Version != "(devel)" {
			return m.Version
		}
	}
	return "dev"
})
