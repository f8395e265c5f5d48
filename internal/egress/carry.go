package egress

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/textproto"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Answer is what came back of a request that was carried. With an error, it is
// what had come until then. Its header must not be changed: answers that say the
// same share it.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte // up to the limit that was asked for
	Sent   bool   // the request was written in full
	Err    error
}

// Target is where plain requests go: a URL that was looked at once for many of
// them.
type Target struct {
	where string // to dial
	host  string
	path  string
}

// Aim looks at a URL for [Transport.Carry]. It is nil where requests do not go the
// lean way: not with [Rules.HighRate], by a proxy, or to what is not plain HTTP.
func (t *Transport) Aim(target string) *Target {
	u, err := url.Parse(target)
	if err != nil || t.lean == nil || !suitsTarget(u) || !t.direct(&http.Request{URL: u}) {
		return nil
	}
	return &Target{where: address(u), host: u.Host, path: u.RequestURI()}
}

// Plain is a request that can be carried. A header "Host" stands for the target's.
type Plain struct {
	Target *Target
	Method string
	Header http.Header
	Body   []byte
}

// Carries reports whether [Transport.Carry] takes a request that has a Target. ctx
// may hold a [Way].
func (t *Transport) Carries(ctx context.Context, p *Plain) bool {
	return wayOf(ctx) == (Way{}) && p.Method != http.MethodConnect && len(p.Body) <= leanBody && suitsHeader(p.Header)
}

// Carry is RoundTrip for a sender at a high rate: without timers, traces and
// readers, which would cost more than the request. It ends at the deadline or
// with ctx. The answer's body is read to the limit; of what is longer the rest is passed
// over up to drain bytes.
func (t *Transport) Carry(ctx context.Context, deadline time.Time, p *Plain, limit, drain int64) (got Answer) {
	if err := context.Cause(ctx); err != nil {
		return Answer{Err: err}
	}
	within := until{ctx, deadline}
	var wrong, wrote error
	l, err := t.lean.line(ctx, deadline, p.Target.where, func(l *line) (rests bool) {
		if l.out, wrong = p.append(l.out[:0]); wrong != nil {
			return true
		}
		l.attend(ctx)
		rests, wrote = l.ask()
		return rests
	})
	if err != nil {
		return Answer{Err: within.reason(err)}
	}
	if wrong != nil {
		l.close()
		return Answer{Err: wrong}
	}
	got, last := l.fetch(p.Method, limit, drain) // also after a broken write: an answer may have come before
	if got.Sent = wrote == nil; got.Err != nil {
		if wrote != nil && got.Status == 0 {
			got.Err = wrote
		}
		got.Err = within.reason(got.Err)
	}
	if ctx.Err() == nil && !last && wrote == nil && got.Err == nil && l.in.Buffered() == 0 {
		t.lean.keep(p.Target.where, l)
	} else {
		l.close()
	}
	return got
}

func (p *Plain) append(b []byte) ([]byte, error) {
	host := p.Target.host
	if own := p.Header["Host"]; len(own) > 0 && own[0] != "" {
		host = own[0]
	}
	b, err := appendLines(b, p.Method, p.Target.path, host, p.Header)
	if err != nil {
		return b, err
	}
	if p.Header["Accept-Encoding"] == nil {
		b = append(b, "Accept-Encoding: identity\r\n"...) // as in Transport.over
	}
	return append(appendLength(b, p.Method, len(p.Body)), p.Body...), nil
}

// fetch reads one answer. It reports whether the connection carries no further one.
func (l *line) fetch(method string, limit, drain int64) (got Answer, last bool) {
	l.meter.left = maxHeaderBytes
	if _, err := l.in.Peek(1); err != nil { // a second look would not find the same error
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return Answer{Err: err}, true
	}
	if got, ok := l.short(method, limit); ok {
		return got, false
	}
	res, err := l.answer(&http.Request{Method: method}) //nolint:bodyclose // Close would read a flood to its end
	if err != nil {
		return Answer{Err: err}, true
	}
	got = Answer{Status: res.StatusCode, Header: res.Header}
	if res.StatusCode == http.StatusSwitchingProtocols {
		return got, true
	}
	got.Body, got.Err = io.ReadAll(io.LimitReader(res.Body, limit))
	last = res.Close
	if got.Err == nil && int64(len(got.Body)) == limit {
		n, err := io.CopyN(io.Discard, res.Body, drain)
		last = last || n == drain || !errors.Is(err, io.EOF)
	}
	return got, last
}

// short reads an answer that has come in one piece and has nothing special:
// HTTP/1.1, a length, a connection that stays. Of any other it takes nothing, and
// net/http reads it.
func (l *line) short(method string, limit int64) (got Answer, ok bool) {
	if method == http.MethodHead {
		return got, false
	}
	raw, _ := l.in.Peek(l.in.Buffered())
	if known := l.seen.head; known == "" || len(raw) < len(known) || string(raw[:len(known)]) != known {
		end := bytes.Index(raw, []byte("\r\n\r\n"))
		if end < 0 {
			return got, false
		}
		if l.seen, ok = read(string(raw[:end+4])); !ok {
			return got, false
		}
	}
	raw = raw[len(l.seen.head):]
	length := l.seen.length
	if length > limit || length > int64(len(raw)) {
		return got, false
	}
	got = Answer{Status: l.seen.status, Header: l.seen.header, Body: append([]byte{}, raw[:length]...)}
	_, _ = l.in.Discard(len(l.seen.head) + int(length))
	return got, true
}

// seen is the head of an answer. Receivers say the same most of the time.
type seen struct {
	head   string // with the line that ends it; "": none
	status int
	header http.Header
	length int64 // of the body
}

func read(head string) (s seen, ok bool) {
	status, fields, _ := strings.Cut(head[:len(head)-2], "\r\n")
	if len(status) < 13 || !strings.HasPrefix(status, "HTTP/1.1 ") || status[12] != ' ' || !IsFieldValue(status) {
		return s, false
	}
	code, err := strconv.ParseUint(status[9:12], 10, 16)
	if err != nil || code < 200 || code == http.StatusNoContent || code == http.StatusNotModified {
		return s, false
	}
	header, length := plainHeader(fields)
	if length < 0 {
		return s, false
	}
	return seen{head: head, status: int(code), header: header, length: length}, true
}

// plainHeader reads lines that each end with CRLF. The length is that of the
// body, below zero where anything is unusual.
func plainHeader(fields string) (h http.Header, length int64) {
	n := strings.Count(fields, "\r\n")
	h = make(http.Header, n)
	values := make([]string, 0, n)
	length = -1
	for fields != "" {
		var line string
		line, fields, _ = strings.Cut(fields, "\r\n")
		name, value, ok := strings.Cut(line, ":")
		if !ok || !IsToken(name) || !IsFieldValue(value) {
			return nil, -1
		}
		name, value = textproto.CanonicalMIMEHeaderKey(name), strings.Trim(value, " \t")
		switch name {
		case "Connection", "Transfer-Encoding", "Trailer", "Upgrade", "Pragma":
			return nil, -1
		case "Content-Length":
			size, err := strconv.ParseUint(value, 10, 31)
			if err != nil || length >= 0 {
				return nil, -1
			}
			length = int64(size)
		}
		values = append(values, value)
		if h[name] == nil { // the usual case shares the memory of all
			h[name] = values[len(values)-1 : len(values) : len(values)]
		} else {
			h[name] = append(h[name], value)
		}
	}
	return h, length
}

// until is a context with a deadline, if it is not zero, that has no timer: what dials looks at the
// deadline itself, and connections have their own.
type until struct {
	context.Context
	deadline time.Time
}

// Deadline implements context.Context.
func (u until) Deadline() (time.Time, bool) { return u.deadline, !u.deadline.IsZero() }

// reason is an error as the caller is to see it, see fail.
func (u until) reason(err error) error {
	if cause := context.Cause(u.Context); cause != nil {
		return cause
	}
	if !time.Now().Before(u.deadline) {
		return context.DeadlineExceeded
	}
	return err
}
