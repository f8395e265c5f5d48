//go:build unix

package egress

import (
	"net"
	"syscall"
)

// wire is the system's side of a connection at rest: the other side may have closed
// it, or sent what nobody asked for and what the next request would take for its
// answer.
type wire struct {
	conn  net.Conn
	raw   syscall.RawConn // nil: there is none to look at
	look  func(fd uintptr) bool
	trade func(fd uintptr) bool

	still bool // when it was looked at last
	one   [1]byte

	out  []byte // what trade writes
	n    int    // how much of it is written; -1: nothing was tried
	fail error  // why not more
}

func newWire(conn net.Conn) *wire {
	w := &wire{conn: conn}
	if c, ok := conn.(syscall.Conn); ok {
		w.raw, _ = c.SyscallConn()
	}
	w.look = func(fd uintptr) bool {
		w.see(fd)
		return true // do not wait
	}
	w.trade = func(fd uintptr) bool {
		if w.n >= 0 {
			return true // something has come
		}
		if w.see(fd); !w.still {
			return true
		}
		w.n, w.fail = put(int(fd), w.out)
		return w.fail != nil || w.n < len(w.out)
	}
	return w
}

func (w *wire) see(fd uintptr) {
	_, err := syscall.Read(int(fd), w.one[:])
	w.still = err == syscall.EAGAIN || err == syscall.EWOULDBLOCK
}

// put writes what there is room for.
func put(fd int, b []byte) (n int, err error) {
	for {
		switch n, err = syscall.Write(fd, b); err {
		case syscall.EINTR:
			continue
		case syscall.EAGAIN:
			return 0, nil
		}
		return max(n, 0), err
	}
}

// rests reports whether the connection is open and nothing has come.
func (w *wire) rests() bool {
	w.still = w.raw == nil
	return w.raw == nil || w.raw.Read(w.look) == nil && w.still
}

// ask writes a request on a connection that rests, and waits until something comes, or
// the deadline is over. It reports false, and has written nothing, where it does not
// rest. All of that is one operation of the poller, which would else ask the system once
// more before it waits: that nothing was there when it began, trade has seen.
func (w *wire) ask(out []byte) (rests bool, err error) {
	if w.raw == nil {
		_, err = w.conn.Write(out)
		return true, err
	}
	w.out, w.n, w.fail = out, -1, nil
	_ = w.raw.Read(w.trade) // of a deadline hears who reads the answer
	w.out = nil
	switch {
	case w.n < 0:
		return false, nil
	case w.fail == nil && w.n < len(out):
		_, w.fail = w.conn.Write(out[w.n:])
	}
	return true, w.fail
}
