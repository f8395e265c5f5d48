package egress

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"strconv"
	"time"
)

// Script says how a request is written where that is to be unusual or wrong.
// Such a request has an HTTP/1.1 connection of its own, which is closed
// afterwards. The zero Script writes it as usual.
type Script struct {
	Chunked bool          // the body goes in chunks, without a Content-Length
	Expect  bool          // Expect: 100-continue; the body waits for leave, a second at most
	Drip    time.Duration // the body goes in small pieces, spread over this time
	Break   Break         // where the sender stops
	Length  Length        // what is said of the body's length
	OldTLS  bool          // TLS 1.1 at most is offered, which nobody should speak any more (RFC 8996)
}

// Break is where the sender stops.
type Break string

// The breaks. All but one reset the connection and end in a [*BrokenError].
const (
	Unbroken        Break = ""
	ResetBeforeHead Break = "before the head" // connected, and nothing sent
	ResetAfterHead  Break = "after the head"  // its Content-Length promises a body
	ResetAfterBody  Break = "after the body"  // nobody waits for the answer
	CloseInBody     Break = "in the body"     // half of it is sent and no more follows; an answer is read
)

// Length is what a request says of its body's length. All but the true one leave
// it to the reader where the body ends, which is how requests are smuggled past
// a proxy (RFC 9112, section 11.2).
type Length string

// The lengths.
const (
	TrueLength      Length = ""
	LengthAndChunks Length = "a length and chunks" // both are right
	TwoLengths      Length = "two lengths"         // the first is right, the second a byte too short
	ShortLength     Length = "half the length"     // the rest of the body follows
)

// BrokenError: the connection was reset as the script says. It is our own
// doing, and no answer of the receiver's.
type BrokenError struct{ Where Break }

func (e *BrokenError) Error() string { return "the connection was reset on purpose " + string(e.Where) }

const (
	dripPieces  = 64
	chunkPieces = 4
	// resetPause lets the receiver read what was sent: a reset may overtake it.
	resetPause = 50 * time.Millisecond
)

// play carries a request as its script says.
func (t *Transport) play(r *http.Request, way Way) (*http.Response, error) {
	defer closeBody(r)
	ctx, s := r.Context(), *way.Script
	if !t.direct(r) {
		return nil, &SetupError{"a proxy would not pass on a request that is written wrong"}
	}
	if !isVisible(r.URL.Host) {
		return nil, &SetupError{"the host needs its ASCII spelling (xn--…) for a request that is written by hand"}
	}
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
	}
	if s.Break == CloseInBody && len(body) < 2 {
		return nil, &SetupError{"the body is too short to be cut"}
	}
	conn, err := t.dial(ctx, "tcp", address(r.URL))
	if err != nil {
		return nil, fail(ctx, err)
	}
	tcp := conn
	if r.URL.Scheme == "https" && s.Break != ResetBeforeHead {
		var of TLS
		if way.TLS != nil {
			of = *way.TLS
		}
		config, err := t.config(of)
		if err != nil {
			_ = conn.Close()
			return nil, err
		}
		if s.OldTLS {
			config.MinVersion, config.MaxVersion = tls.VersionTLS10, tls.VersionTLS11
		}
		if conn, err = secure(ctx, conn, config, r.URL.Hostname()); err != nil {
			return nil, fail(ctx, err)
		}
	}
	p := &player{line: newLine(conn), tcp: tcp, script: s, body: body}
	res, err := p.perform(ctx, r)
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	return res, nil
}

// player writes one request.
type player struct {
	*line
	tcp    net.Conn // below TLS
	script Script
	body   []byte
}

func (p *player) perform(ctx context.Context, r *http.Request) (*http.Response, error) {
	trace := httptrace.ContextClientTrace(ctx)
	deadline, _ := ctx.Deadline() // zero: none
	if err := p.conn.SetDeadline(deadline); err != nil {
		return nil, err
	}
	stop := p.watch(ctx)
	gotConn(trace, p.line)
	res, err := p.send(ctx, r)
	var broken *BrokenError
	onPurpose := errors.As(err, &broken)
	if res == nil && err == nil && p.script.Break != CloseInBody || onPurpose && broken.Where == ResetAfterBody {
		wroteRequest(trace, nil)
	}
	var broke net.Error
	if res == nil && !onPurpose && (err == nil || errors.As(err, &broke)) { // also after a broken write: an answer may have come before
		answer, reading := p.answer(r)
		if res = answer; reading == nil {
			err = nil
		} else if err == nil {
			err = reading
		}
	}
	if err != nil {
		stop()
		if onPurpose {
			return nil, err
		}
		return nil, fail(ctx, err)
	}
	res.Body = &lastAnswer{ReadCloser: res.Body, ctx: ctx, stop: stop, conn: p.conn}
	return res, nil
}

// send writes the request. With an answer that came before the body was asked
// for there is no error and nothing more to send.
func (p *player) send(ctx context.Context, r *http.Request) (early *http.Response, err error) {
	if p.script.Break == ResetBeforeHead {
		return nil, p.reset(ctx)
	}
	head, err := appendHead(nil, r)
	if err != nil {
		return nil, err
	}
	head = p.appendLength(head)
	if p.script.Expect {
		head = append(head, "Expect: 100-continue\r\n"...)
	}
	if _, err := p.conn.Write(append(head, "Connection: close\r\n\r\n"...)); err != nil {
		return nil, err
	}
	if p.script.Break == ResetAfterHead {
		return nil, p.reset(ctx)
	}
	if p.script.Expect {
		if early, err = p.leave(ctx, r); early != nil || err != nil {
			return early, err
		}
	}
	if err := p.sendBody(ctx); err != nil {
		return nil, err
	}
	if p.script.Break == ResetAfterBody {
		return nil, p.reset(ctx)
	}
	return nil, nil
}

// appendLength says how long the body is.
func (p *player) appendLength(head []byte) []byte {
	length, right := "Content-Length: ", strconv.Itoa(len(p.body))+"\r\n"
	switch p.script.Length {
	case LengthAndChunks:
		head = append(head, length+right...)
	case TwoLengths:
		return append(head, length+right+length+strconv.Itoa(max(0, len(p.body)-1))+"\r\n"...)
	case ShortLength:
		return append(head, length+strconv.Itoa(len(p.body)/2)+"\r\n"...)
	}
	if p.chunked() {
		return append(head, "Transfer-Encoding: chunked\r\n"...)
	}
	return append(head, length+right...)
}

// chunked reports whether the body goes in chunks.
func (p *player) chunked() bool { return p.script.Chunked || p.script.Length == LengthAndChunks }

// leave waits for leave to send the body. An answer instead of it is final.
func (p *player) leave(ctx context.Context, r *http.Request) (*http.Response, error) {
	until := time.Now().Add(expectTimeout)
	deadline, limited := ctx.Deadline()
	if limited && deadline.Before(until) {
		until = deadline
	}
	if err := p.conn.SetReadDeadline(until); err != nil {
		return nil, err
	}
	p.meter.left = maxHeaderBytes
	_, err := p.in.Peek(1)
	if back := p.conn.SetReadDeadline(deadline); back != nil {
		return nil, back
	}
	if ctx.Err() != nil { // its mark on the connection is gone
		return nil, context.Cause(ctx)
	}
	var silent net.Error
	switch {
	case errors.As(err, &silent) && silent.Timeout():
		return nil, nil
	case err != nil:
		return nil, err
	}
	for {
		res, err := p.head(r)
		if err != nil {
			return nil, err
		}
		if res.StatusCode == http.StatusContinue {
			return nil, nil
		}
		if res.StatusCode >= 200 || res.StatusCode == http.StatusSwitchingProtocols {
			p.meter.left = unlimited
			return res, nil
		}
	}
}

func (p *player) sendBody(ctx context.Context) error {
	body := p.body
	if p.script.Break == CloseInBody {
		body = body[:len(body)/2]
	}
	pieces := 1
	switch {
	case p.script.Drip > 0:
		pieces = dripPieces
	case p.chunked():
		pieces = chunkPieces
	}
	size := max(1, (len(body)+pieces-1)/pieces)
	count := (len(body) + size - 1) / size
	for i := range count {
		if i > 0 && p.script.Drip > 0 {
			if err := pause(ctx, p.script.Drip/time.Duration(count-1)); err != nil {
				return err
			}
		}
		piece := body[i*size : min(len(body), (i+1)*size)]
		if p.chunked() {
			piece = append(append([]byte(strconv.FormatInt(int64(len(piece)), 16)+"\r\n"), piece...), "\r\n"...)
		}
		if _, err := p.conn.Write(piece); err != nil {
			return err
		}
	}
	switch {
	case p.script.Break == CloseInBody:
		return p.closeWrite()
	case p.chunked():
		_, err := p.conn.Write([]byte("0\r\n\r\n"))
		return err
	}
	return nil
}

func (p *player) closeWrite() error {
	half, ok := p.conn.(interface{ CloseWrite() error })
	if !ok {
		return &SetupError{"this connection cannot be closed on one side only"}
	}
	return half.CloseWrite()
}

// reset breaks the connection without a farewell.
func (p *player) reset(ctx context.Context) error {
	if err := pause(ctx, resetPause); err != nil {
		return err
	}
	tcp, ok := p.tcp.(*net.TCPConn)
	if !ok {
		return &SetupError{"this connection cannot be reset"}
	}
	if err := tcp.SetLinger(0); err != nil {
		return err
	}
	_ = tcp.Close()
	return &BrokenError{p.script.Break}
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// lastAnswer is the last on its connection.
type lastAnswer struct {
	io.ReadCloser
	ctx  context.Context
	stop func() bool
	conn net.Conn
}

// Read implements io.Reader.
func (a *lastAnswer) Read(p []byte) (int, error) {
	n, err := a.ReadCloser.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = fail(a.ctx, err)
	}
	return n, err
}

// Close implements io.Closer.
func (a *lastAnswer) Close() error {
	a.stop()
	return a.conn.Close()
}
