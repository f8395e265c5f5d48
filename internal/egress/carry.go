package egress

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/textproto"
	"strconv"
	"strings"
	"time"
)

// Answer is what came back of a request that was carried. With an error, it is
// what had come until then.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte // up to the limit that was asked for
	Sent   bool   // the request was written in full
	Err    error
}

// Carries reports whether [Transport.Carry] takes a request: a plain one, over a
// transport with [Rules.HighRate]. ctx may hold a [Way].
func (t *Transport) Carries(ctx context.Context, r *http.Request) bool {
	return t.lean != nil && wayOf(ctx) == (Way{}) && t.direct(r) && suitsLean(r)
}

// Carry is RoundTrip for a sender at a high rate: without timers, traces and
// readers, which would cost more than the request. It ends at the deadline or
// with ctx. The answer's body is read to the limit; of what is longer the rest is passed
// over up to drain bytes.
func (t *Transport) Carry(ctx context.Context, deadline time.Time, r *http.Request, limit, drain int64) (got Answer) {
	defer closeBody(r)
	if err := context.Cause(ctx); err != nil {
		return Answer{Err: err}
	}
	within := until{ctx, deadline}
	where := address(r)
	l, err := t.lean.line(within, where)
	if err != nil {
		return Answer{Err: within.reason(err)}
	}
	if l.out, err = appendRequest(l.out[:0], r); err != nil {
		_ = l.conn.Close()
		return Answer{Err: err}
	}
	stop := l.watch(ctx)
	_, wrote := l.conn.Write(l.out)
	got, last := l.fetch(r, limit, drain) // also after a broken write: an answer may have come before
	if got.Sent = wrote == nil; got.Err != nil {
		if wrote != nil && got.Status == 0 {
			got.Err = wrote
		}
		got.Err = within.reason(got.Err)
	}
	if stop() && !last && wrote == nil && got.Err == nil && l.in.Buffered() == 0 {
		t.lean.keep(where, l)
	} else {
		_ = l.conn.Close()
	}
	return got
}

// fetch reads one answer. It reports whether the connection carries no further one.
func (l *line) fetch(r *http.Request, limit, drain int64) (got Answer, last bool) {
	l.meter.left = maxHeaderBytes
	if _, err := l.in.Peek(1); err != nil { // a second look would not find the same error
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return Answer{Err: err}, true
	}
	if got, ok := l.short(r, limit); ok {
		return got, false
	}
	res, err := l.answer(r) //nolint:bodyclose // Close would read a flood to its end
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
func (l *line) short(r *http.Request, limit int64) (got Answer, ok bool) {
	if r.Method == http.MethodHead {
		return got, false
	}
	raw, _ := l.in.Peek(l.in.Buffered())
	end := bytes.Index(raw, []byte("\r\n\r\n"))
	if end < 0 {
		return got, false
	}
	head := string(raw[:end+2])
	status, fields, _ := strings.Cut(head, "\r\n")
	if len(status) < 13 || !strings.HasPrefix(status, "HTTP/1.1 ") || status[12] != ' ' || !isFieldValue(status) {
		return got, false
	}
	code, err := strconv.ParseUint(status[9:12], 10, 16)
	if err != nil || code < 200 || code == http.StatusNoContent || code == http.StatusNotModified {
		return got, false
	}
	header, length := plainHeader(fields)
	if length < 0 || length > limit || end+4+int(length) > len(raw) {
		return got, false
	}
	got = Answer{Status: int(code), Header: header, Body: append([]byte{}, raw[end+4:end+4+int(length)]...)}
	_, _ = l.in.Discard(end + 4 + int(length))
	return got, true
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
		if !ok || !isToken(name) || !isFieldValue(value) {
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

// until is a context with a deadline that has no timer: what dials looks at the
// deadline itself, and connections have their own.
type until struct {
	context.Context
	deadline time.Time
}

// Deadline implements context.Context.
func (u until) Deadline() (time.Time, bool) { return u.deadline, true }

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
