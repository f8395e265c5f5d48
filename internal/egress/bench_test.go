package egress

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
)

// The receiver is as cheap as can be, so that the sender is what is measured.
// For figures use one process for it: make bench.
func BenchmarkTransport(b *testing.B) {
	for _, size := range []int{250, 6144} {
		for _, way := range ways[:2] {
			b.Run(way.name+map[int]string{250: " 250 B", 6144: " 6 KB"}[size], func(b *testing.B) {
				listener, err := net.Listen("tcp", "127.0.0.1:0")
				if err != nil {
					b.Fatal(err)
				}
				defer listener.Close()
				go func() {
					for {
						conn, err := listener.Accept()
						if err != nil {
							return
						}
						go answerAll(conn, size)
					}
				}()
				transport := NewTransport(way.rules)
				defer transport.CloseIdleConnections()
				body := strings.Repeat("x", size)
				url := "http://" + listener.Addr().String() + "/hooks"
				b.ReportAllocs()
				b.SetParallelism(16)
				b.RunParallel(func(pb *testing.PB) {
					for pb.Next() {
						r, _ := http.NewRequestWithContext(b.Context(), "POST", url, strings.NewReader(body))
						r.Header = http.Header{"Content-Type": {"application/json"}, "X-Signature": {"v1,0123456789abcdef0123456789abcdef"}, "User-Agent": {"hookrig"}}
						res, err := transport.RoundTrip(r)
						if err != nil {
							b.Error(err)
							return
						}
						io.Copy(io.Discard, res.Body)
						res.Body.Close()
					}
				})
			})
		}
	}
}

func answerAll(conn net.Conn, size int) {
	defer conn.Close()
	in := bufio.NewReaderSize(conn, 8<<10)
	for {
		for { // to the end of the head
			line, err := in.ReadSlice('\n')
			if err != nil {
				return
			}
			if len(line) <= 2 {
				break
			}
		}
		if _, err := in.Discard(size); err != nil {
			return
		}
		if _, err := io.WriteString(conn, "HTTP/1.1 200 OK\r\nDate: Sun, 22 Nov 2026 02:00:00 GMT\r\nContent-Length: 0\r\n\r\n"); err != nil {
			return
		}
	}
}
