package egress

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync"
)

// A receiver may send more than its answer, and net/http may take the rest for
// the answer to the next request: it gives a connection back before it looks
// whether something is left over. A request on a connection that was used before
// therefore waits until net/http waits for bytes of it, which says that nothing
// was left, or has closed it, after which net/http takes another.

// watched is a connection that knows whether somebody waits for its bytes.
type watched struct {
	net.Conn
	peer    peer
	mu      sync.Mutex
	change  sync.Cond
	reading bool
	closed  bool
}

// watch wraps the connections that dial opens.
func watch(dial func(ctx context.Context, network, address string) (net.Conn, error)) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		w := &watched{Conn: conn, peer: peer{conn.RemoteAddr(), conn.RemoteAddr().String()}}
		w.change.L = &w.mu
		return w, nil
	}
}

// peer is an address whose text is made once: it is told of every request.
type peer struct {
	net.Addr
	text string
}

func (p *peer) String() string { return p.text }

// RemoteAddr implements net.Conn.
func (w *watched) RemoteAddr() net.Addr { return &w.peer }

func (w *watched) Read(b []byte) (int, error) {
	w.set(&w.reading, true)
	n, err := w.Conn.Read(b)
	w.set(&w.reading, false)
	return n, err
}

func (w *watched) Close() error {
	w.set(&w.closed, true)
	return w.Conn.Close()
}

func (w *watched) set(which *bool, to bool) {
	w.mu.Lock()
	*which = to
	w.mu.Unlock()
	w.change.Broadcast()
}

// rest waits until nothing is left over of an answer.
func (w *watched) rest() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for !w.reading && !w.closed {
		w.change.Wait()
	}
}

// restFirst is a hook for net/http's client.
func restFirst(info httptrace.GotConnInfo) {
	conn := info.Conn
	for info.Reused {
		switch c := conn.(type) {
		case *watched:
			c.rest()
			return
		case *tls.Conn:
			if c.ConnectionState().NegotiatedProtocol == "h2" { // its answers say whose they are
				return
			}
			conn = c.NetConn()
		default:
			return
		}
	}
}

// carry sends r by net/http.
func carry(by *http.Transport, r *http.Request) (*http.Response, error) {
	asked := httptrace.ContextClientTrace(r.Context())
	if asked == nil {
		return by.RoundTrip(r.WithContext(httptrace.WithClientTrace(r.Context(), &httptrace.ClientTrace{GotConn: restFirst})))
	}
	own := *asked
	own.GotConn = func(info httptrace.GotConnInfo) {
		restFirst(info)
		if asked.GotConn != nil {
			asked.GotConn(info)
		}
	}
	return by.RoundTrip(r.WithContext(retraced{r.Context(), asked, &own}))
}

// retraced is a context with other hooks than it had. WithClientTrace would join the
// two by reflection, which costs a tenth of a request.
type retraced struct {
	context.Context
	asked, own *httptrace.ClientTrace
}

// Value implements context.Context.
func (c retraced) Value(key any) any {
	if v := c.Context.Value(key); v != any(c.asked) {
		return v
	}
	return c.own
}
