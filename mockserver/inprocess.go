package mockserver

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"strconv"
	"sync"
	"syscall"
)

// InProcess is a transport that calls a handler without a network: the one for
// virtual time (testing/synctest).
//
// The handler runs in a goroutine of its own with a context that ends with the
// request's, and meets what it would meet behind net/http's server: a buffered
// [http.ResponseWriter] that is an [http.Flusher], a body that streams, writes
// that fail once the client has gone. A handler that panics looks to the client
// like a connection reset. There are no connections to hijack, no deadlines to
// set, no trailers and no informational answers.
func InProcess(h http.Handler) http.RoundTripper { return inProcess{h} }

// IsInProcess reports whether t is what [InProcess] returned. What another transport
// leads to, nobody knows, one that is wrapped around it included.
func IsInProcess(t http.RoundTripper) bool {
	_, ok := t.(inProcess)
	return ok
}

// answerBuffer is how many bytes of an answer wait for more, as in net/http.
const answerBuffer = 2048

type inProcess struct{ handler http.Handler }

// RoundTrip calls the handler and returns when it has answered or the request's
// context is done. The handler may run on until the answer's body is closed.
func (t inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := context.Cause(r.Context()); err != nil {
		closeBody(r)
		return nil, err
	}
	handling, cancel := context.WithCancelCause(context.Background())
	c := &call{request: r, header: http.Header{}, answered: make(chan struct{}), cancel: cancel}
	in := c.serverRequest(handling)
	c.stopWatching = context.AfterFunc(r.Context(), func() { c.hangUp(context.Cause(r.Context())) })
	if trace := httptrace.ContextClientTrace(r.Context()); trace != nil && trace.WroteRequest != nil {
		trace.WroteRequest(httptrace.WroteRequestInfo{})
	}
	go c.serve(t.handler, in)

	select {
	case <-c.answered:
	case <-r.Context().Done():
		return nil, context.Cause(r.Context())
	}
	if c.err != nil {
		return nil, c.err
	}
	return c.response, nil
}

// call is one request that a handler works on. It is the handler's ResponseWriter.
type call struct {
	request      *http.Request
	cancel       context.CancelCauseFunc // of the handler's context
	stopWatching func() bool             // of the client's context
	hangingUp    sync.Once

	// Of the handler's goroutine alone.
	header  http.Header // as the handler sees it
	sent    http.Header // as it was when the status was chosen
	status  int
	written int64  // bytes of the body
	pending []byte // those that are not sent yet

	// The answer, once answered is closed.
	answered chan struct{}
	response *http.Response
	err      error

	mu   sync.Mutex
	body *io.PipeWriter // set by the handler's goroutine, once the answer streams
	gone error          // why the client has gone
}

func (c *call) serve(h http.Handler, r *http.Request) {
	finished := false
	defer func() {
		if reason := recover(); !finished {
			c.abort(reason)
		}
		c.stopWatching()
		c.hangUp(context.Canceled)
	}()
	h.ServeHTTP(c, r)
	finished = true
	c.finish()
}

// serverRequest is the request as a server would have read it.
func (c *call) serverRequest(ctx context.Context) *http.Request {
	r := c.request
	in := r.Clone(ctx)
	in.RequestURI = r.URL.RequestURI()
	in.URL.Scheme, in.URL.Host, in.URL.User = "", "", nil
	in.Proto, in.ProtoMajor, in.ProtoMinor = "HTTP/1.1", 1, 1
	in.RemoteAddr = "127.0.0.1:0"
	in.GetBody = nil
	if in.Header == nil {
		in.Header = http.Header{}
	}
	if in.Host == "" {
		in.Host = r.URL.Host
	}
	if in.Body == nil {
		in.Body = http.NoBody
	}
	if in.ContentLength > 0 {
		in.Header.Set("Content-Length", strconv.FormatInt(in.ContentLength, 10))
	}
	if ua := in.Header["User-Agent"]; len(ua) > 0 && ua[0] == "" {
		delete(in.Header, "User-Agent") // so says net/http's client that there is none
	}
	if r.URL.Scheme == "https" {
		in.TLS = &tls.ConnectionState{Version: tls.VersionTLS13, HandshakeComplete: true, ServerName: r.URL.Hostname()}
	}
	return in
}

// Header is what the answer will have, until the first byte leaves.
func (c *call) Header() http.Header { return c.header }

// WriteHeader chooses the status. As in net/http, a second call does nothing.
func (c *call) WriteHeader(status int) {
	if status < 100 || status > 999 {
		panic(fmt.Sprintf("invalid WriteHeader code %v", status))
	}
	if c.status == 0 && status >= 200 {
		c.status = status
		c.sent = c.header.Clone()
	}
}

// Write fails once the client has gone.
func (c *call) Write(p []byte) (int, error) {
	if c.status == 0 {
		c.WriteHeader(http.StatusOK)
	}
	if c.bodiless() {
		return 0, http.ErrBodyNotAllowed
	}
	if c.written == 0 && c.sent.Get("Content-Type") == "" && c.sent.Get("Content-Encoding") == "" {
		c.sent.Set("Content-Type", http.DetectContentType(p))
	}
	c.written += int64(len(p))
	switch {
	case c.request.Method == http.MethodHead:
		return len(p), nil
	case c.body == nil && len(c.pending)+len(p) <= answerBuffer:
		c.pending = append(c.pending, p...)
		return len(p), nil
	}
	if err := c.stream(); err != nil {
		return 0, err
	}
	return c.body.Write(p)
}

// Flush sends what has been written so far.
func (c *call) Flush() {
	if c.status == 0 {
		c.WriteHeader(http.StatusOK)
	}
	if !c.bodiless() {
		_ = c.stream() // the client tells what became of it
	}
}

func (c *call) bodiless() bool {
	return c.status == http.StatusNoContent || c.status == http.StatusNotModified
}

// stream sends what is pending, after which writes go straight to the client.
func (c *call) stream() error {
	if c.body == nil {
		r, w := io.Pipe()
		c.mu.Lock()
		c.body = w
		if c.gone != nil {
			w.CloseWithError(c.gone)
		}
		c.mu.Unlock()
		c.answer(&clientBody{PipeReader: r, hangUp: c.hangUp}, -1)
	}
	if len(c.pending) == 0 {
		return nil // a pipe would wait for a reader even so
	}
	_, err := c.body.Write(c.pending)
	c.pending = nil
	return err
}

// finish ends the answer. One that fits into the buffer needs no pipe, and its
// handler waits for no client.
func (c *call) finish() {
	if c.status == 0 {
		c.WriteHeader(http.StatusOK)
	}
	if c.body != nil {
		_ = c.body.Close() // of a pipe, never fails
		return
	}
	length := c.written
	if c.request.Method == http.MethodHead && (length == 0 || length > answerBuffer) {
		length = -1 // net/http does not say it either
	}
	c.answer(io.NopCloser(bytes.NewReader(c.pending)), length)
}

// answer lets RoundTrip return. A length of -1 is not known.
func (c *call) answer(body io.ReadCloser, length int64) {
	if length >= 0 && !c.bodiless() && c.sent.Get("Content-Length") == "" {
		c.sent.Set("Content-Length", strconv.FormatInt(length, 10))
	}
	c.response = &http.Response{
		Status:     strconv.Itoa(c.status) + " " + http.StatusText(c.status),
		StatusCode: c.status,
		Proto:      "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: c.sent, Body: body, ContentLength: length, Request: c.request,
	}
	close(c.answered)
}

// isAbort reports whether a handler broke the connection on purpose.
func isAbort(reason any) bool {
	err, ok := reason.(error)
	return ok && errors.Is(err, http.ErrAbortHandler)
}

// abort is a handler's panic, or the end of its goroutine (t.FailNow).
func (c *call) abort(reason any) {
	err := error(&net.OpError{Op: "read", Net: "in-process", Err: syscall.ECONNRESET})
	if reason != nil && !isAbort(reason) {
		err = fmt.Errorf("the handler panicked: %v: %w", reason, err)
	}
	if c.body != nil {
		c.body.CloseWithError(err)
		return
	}
	c.err = err
	close(c.answered)
}

// hangUp ends the exchange for the handler: its context, its reads and its writes.
func (c *call) hangUp(why error) {
	c.hangingUp.Do(func() {
		c.mu.Lock()
		c.gone = why
		body := c.body
		c.mu.Unlock()
		c.cancel(why)
		closeBody(c.request)
		if body != nil {
			body.CloseWithError(why)
		}
	})
}

// clientBody is a streamed body as the client holds it.
type clientBody struct {
	*io.PipeReader
	hangUp func(error)
}

// Close tells the handler that nobody reads on.
func (b *clientBody) Close() error {
	_ = b.PipeReader.Close() // never fails
	b.hangUp(context.Canceled)
	return nil
}

func closeBody(r *http.Request) {
	if r.Body != nil {
		r.Body.Close()
	}
}
