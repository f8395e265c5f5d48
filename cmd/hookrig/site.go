package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// readyRow is the one line of a command that waits for requests.
type readyRow struct {
	Type string `json:"type"` // "ready"
	URL  string `json:"url"`
}

// door is an address, and who answers there.
type door struct {
	net.Listener
	handler http.Handler
}

// url is where the door is, for who is on this machine: one that is open to all addresses
// has no address of its own.
func (d door) url() string {
	host := d.Addr().String()
	if at, ok := d.Addr().(*net.TCPAddr); ok && at.IP.IsUnspecified() {
		host = net.JoinHostPort("127.0.0.1", strconv.Itoa(at.Port))
	}
	return (&url.URL{Scheme: "http", Host: host}).String()
}

// site is what a command serves.
type site struct {
	doors    []door
	within   time.Duration   // for reading one request; 0: no limit
	done     <-chan struct{} // closed when it has served enough; nil: never
	ready    func()          // once connections are taken
	end      func() error    // when all requests have ended
	inFlight context.Context //nolint:containedctx // of requests: nil lets them end at their leisure
}

// listenAt opens an address that a flag gives.
func listenAt(flag, addr string) (net.Listener, error) {
	if err := checkAddr(flag, addr); err != nil {
		return nil, err
	}
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, usagef(flag+" 127.0.0.1:0", "cannot listen on %q: %w", addr, plainNetError(err))
	}
	return ln, nil
}

// serveUntil serves until the context ends or the site is done, and then lets
// requests in flight end.
func (c *console) serveUntil(ctx context.Context, s site) error {
	c.busy.Store(true)
	failed := make(chan error, len(s.doors))
	servers := make([]*http.Server, len(s.doors))
	for i, d := range s.doors {
		server := &http.Server{
			Handler: d.handler, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: s.within, IdleTimeout: time.Minute,
			ErrorLog: log.New(c.notes, "hookrig: ", 0),
		}
		if s.inFlight != nil {
			server.BaseContext = func(net.Listener) context.Context { return s.inFlight }
		}
		servers[i] = server
		go func() { failed <- server.Serve(d) }()
	}
	s.ready()
	_ = c.flush() // told at the end
	var broken error
	select {
	case <-ctx.Done():
	case <-s.done:
	case broken = <-failed:
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	for _, server := range servers {
		if err := server.Shutdown(grace); err != nil {
			server.Close()
		}
	}
	if broken != nil {
		return unjudged("", broken)
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
func checkAddr(flag, addr string) error {
	fault := addrFault(addr)
	if fault == "" {
		return nil
	}
	meant := "127.0.0.1:0"
	if _, notPort := strconv.ParseUint(addr, 10, 16); notPort == nil {
		meant = "127.0.0.1:" + addr
	} else if host := strings.Trim(addr, "[]"); net.ParseIP(host) != nil || strings.EqualFold(host, "localhost") {
		meant = net.JoinHostPort(host, "9000")
	}
	return usagef(flag+" "+shellWord(meant), "%s %q is no address to listen on: %s", flag, addr, fault)
}

// addrFault is what is wrong with an address to listen on, or "".
func addrFault(addr string) string {
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		return "it is written HOST:PORT"
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return fmt.Sprintf("the port %q is not between 0 and 65535", port)
	}
	return ""
}

// isHostName reports whether a Host header can have this name, with a port or
// without.
func isHostName(name string) bool {
	return !strings.ContainsFunc(name, unicode.IsSpace) && !strings.ContainsAny(name, "/@,?#")
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
