package main

import (
	"context"
	"errors"
	"log"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// readyRow is the one line of a command that waits for requests.
type readyRow struct {
	Type string `json:"type"` // "ready"
	URL  string `json:"url"`
}

// site is what a command serves.
type site struct {
	addr     string
	handler  http.Handler
	within   time.Duration    // for reading one request; 0: no limit
	done     <-chan struct{}  // closed when it has served enough; nil: never
	ready    func(url string) // once connections are taken
	end      func() error     // when all requests have ended
	inFlight context.Context  //nolint:containedctx // of requests: nil lets them end at their leisure
}

// serveUntil serves until the context ends or the site is done, and then lets
// requests in flight end.
func (c *console) serveUntil(ctx context.Context, s site) error {
	if err := checkAddr(s.addr); err != nil {
		return err
	}
	ln, err := net.Listen("tcp", s.addr)
	if err != nil {
		return usagef("--addr 127.0.0.1:0", "cannot listen on %q: %w", s.addr, plainNetError(err))
	}
	server := &http.Server{
		Handler: s.handler, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: s.within, IdleTimeout: time.Minute,
		ErrorLog: log.New(c.notes, "hookrig: ", 0),
	}
	if s.inFlight != nil {
		server.BaseContext = func(net.Listener) context.Context { return s.inFlight }
	}
	c.busy.Store(true)
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(ln) }()
	s.ready((&url.URL{Scheme: "http", Host: ln.Addr().String()}).String())
	_ = c.flush() // told at the end
	select {
	case <-ctx.Done():
	case <-s.done:
	case err := <-failed:
		return unjudged("", err)
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if err := server.Shutdown(grace); err != nil {
		server.Close()
	}
	return s.end()
}

// plainNetError is the reason alone: the address is said before it.
func plainNetError(err error) error {
	var op *net.OpError
	if errors.As(err, &op) && op.Err != nil {
		return op.Err
	}
	return err
}

// checkAddr refuses an address without a port, and says what was meant.
func checkAddr(addr string) error {
	_, _, err := net.SplitHostPort(addr)
	if err == nil {
		return nil
	}
	meant := "127.0.0.1:0"
	if _, notPort := strconv.ParseUint(addr, 10, 16); notPort == nil {
		meant = "127.0.0.1:" + addr
	} else if host := strings.Trim(addr, "[]"); net.ParseIP(host) != nil || strings.EqualFold(host, "localhost") {
		meant = net.JoinHostPort(host, "9000")
	}
	return usagef("--addr "+shellWord(meant), "--addr %q is no address to listen on: it is written HOST:PORT", addr)
}

func portOf(addr string) string { return addr[strings.LastIndexByte(addr, ':')+1:] }

// isLoopback reports whether an address to listen on is reached from this
// machine only.
func isLoopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}
