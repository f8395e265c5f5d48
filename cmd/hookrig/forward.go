package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/hookrig/hookrig/internal/egress"
	"github.com/hookrig/hookrig/mockserver"
)

const (
	forwardTimeout = 30 * time.Second
	forwardLimit   = 1 << 20 // bytes of an answer that are passed back
)

// forwarder passes requests on to another receiver.
type forwarder struct {
	target *url.URL
	client *http.Client
}

func newForwarder(address string) (*forwarder, error) {
	u, err := target("--forward-to", address)
	if err != nil {
		return nil, err
	}
	return &forwarder{u, egress.Client(egress.NewTransport(rules))}, nil
}

// answer is what the other receiver said.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// send passes a request on: its exact bytes, and its headers but those that
// belong to one connection.
func (f *forwarder) send(ctx context.Context, got *mockserver.Received) (*answer, error) {
	ctx, cancel := context.WithTimeout(ctx, forwardTimeout)
	defer cancel()
	to := f.address(got).String()
	req, err := http.NewRequestWithContext(ctx, got.Request.Method, to, bytes.NewReader(got.Request.Body))
	if err != nil {
		return nil, err
	}
	for name, values := range got.Request.Header {
		if !slices.Contains(ownHeaders, name) {
			req.Header[name] = values
		}
	}
	if req.Header["User-Agent"] == nil {
		req.Header["User-Agent"] = []string{""} // none came, so none goes on
	}
	res, err := f.client.Do(req)
	if err != nil {
		return nil, withoutAddress(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, forwardLimit))
	return &answer{res.StatusCode, res.Header, body}, err
}

// withoutAddress is an error of a client without the URL that it names, which
// may hold credentials.
func withoutAddress(err error) error {
	var at *url.Error
	if errors.As(err, &at) {
		return at.Err
	}
	return err
}

// address is the target with what belongs to the delivery: the query, and the
// path where the contract appends one to the registered URL.
func (f *forwarder) address(got *mockserver.Received) *url.URL {
	to := *f.target
	came, err := url.Parse(got.Request.URL)
	if err != nil {
		return &to
	}
	if came.RawQuery != "" {
		to.RawQuery = strings.TrimPrefix(to.RawQuery+"&"+came.RawQuery, "&")
	}
	if len(got.Opened.Events) == 0 {
		return &to
	}
	segments := strings.Split(came.EscapedPath(), "/")
	appended := placeholder.ReplaceAllString(got.Opened.Events[0].Type.Path(), "x")
	if n := strings.Count(appended, "/"); n > 0 && n < len(segments) {
		return to.JoinPath(segments[len(segments)-n:]...)
	}
	return &to
}

// ownHeaders belong to one connection (RFC 9110, section 7.6.1).
var ownHeaders = []string{
	"Connection", "Content-Length", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization", "Proxy-Connection",
	"Te", "Trailer", "Transfer-Encoding", "Upgrade",
}

// relay is the ResponseWriter of one request that is passed on: whatever the
// inbox writes, what goes out is the other receiver's answer.
type relay struct {
	forwarder *forwarder
	ctx       context.Context //nolint:containedctx // it lives as long as the request whose context this is
	to        http.ResponseWriter
	answer    *answer
	failed    error
	scratch   http.Header
}

// respond is the inbox's question which status to answer.
func (r *relay) respond(got *mockserver.Received) int {
	r.answer, r.failed = r.forwarder.send(r.ctx, got)
	if r.failed != nil {
		got.Problem = fmt.Errorf("not passed on: %w", r.failed)
		return http.StatusBadGateway
	}
	return r.answer.status
}

// Header is for the inbox's own headers, which go nowhere.
func (r *relay) Header() http.Header {
	if r.scratch == nil {
		r.scratch = http.Header{}
	}
	return r.scratch
}

// WriteHeader sends the other receiver's answer.
func (r *relay) WriteHeader(status int) {
	if r.answer == nil || r.failed != nil {
		http.Error(r.to, "the request could not be passed on", status)
		return
	}
	for name, values := range r.answer.header {
		if !slices.Contains(ownHeaders, name) {
			r.to.Header()[name] = values
		}
	}
	r.to.WriteHeader(r.answer.status)
	r.to.Write(r.answer.body)
}

// Write drops the inbox's own text.
func (r *relay) Write(p []byte) (int, error) { return len(p), nil }
