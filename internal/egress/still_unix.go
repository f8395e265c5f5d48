//go:build unix

package egress

import (
	"net"
	"syscall"
)

// stillness returns a function that says whether a connection at rest is open
// and nothing has come: the other side may have closed it, or sent what nobody
// asked for and what the next request would take for its answer.
func stillness(conn net.Conn) func() bool {
	c, ok := conn.(syscall.Conn)
	if !ok {
		return func() bool { return true }
	}
	raw, err := c.SyscallConn()
	if err != nil {
		return func() bool { return false }
	}
	var still bool
	var one [1]byte
	look := func(fd uintptr) bool {
		_, err := syscall.Read(int(fd), one[:])
		still = err == syscall.EAGAIN || err == syscall.EWOULDBLOCK
		return true // do not wait
	}
	return func() bool {
		still = false
		return raw.Read(look) == nil && still
	}
}
