//go:build !unix

package egress

import "net"

// wire cannot be looked at here: a connection that broke while at rest fails with its
// next request.
type wire struct{ conn net.Conn }

func newWire(conn net.Conn) *wire { return &wire{conn} }

func (w *wire) rests() bool { return true }

func (w *wire) ask(out []byte) (rests bool, err error) {
	_, err = w.conn.Write(out)
	return true, err
}
