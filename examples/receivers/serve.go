package receivers

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"time"
)

// Serve takes deliveries from l until ctx ends; over TLS, if there is a
// configuration. What a defect does below HTTP shows here alone.
func (r *Receiver) Serve(ctx context.Context, l net.Listener, secure *tls.Config) error {
	if r.habit.reader != nil {
		return r.serveByHand(ctx, l)
	}
	server := &http.Server{Handler: r, ReadHeaderTimeout: patience, ErrorLog: log.New(io.Discard, "", 0)}
	if secure != nil {
		server.TLSConfig = secure.Clone()
	}
	if r.habit.server != nil {
		r.habit.server(server)
	}
	defer context.AfterFunc(ctx, func() { _ = server.Close() })()
	var err error
	if secure == nil {
		err = server.Serve(l)
	} else {
		err = server.ServeTLS(l, "", "")
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// patience is how long a client may take to send a head.
const patience = 30 * time.Second

// serveByHand is for receivers with an HTTP reader of their own.
func (r *Receiver) serveByHand(ctx context.Context, l net.Listener) error {
	defer context.AfterFunc(ctx, func() { _ = l.Close() })()
	for {
		conn, err := l.Accept()
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		go func() {
			defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
			defer func() { _ = conn.Close() }()
			in := bufio.NewReader(conn)
			for r.answerByHand(conn, in) == nil {
			}
		}()
	}
}

// answerByHand takes one request and keeps the headers that the habit reads.
func (r *Receiver) answerByHand(conn net.Conn, in *bufio.Reader) error {
	_ = conn.SetReadDeadline(time.Now().Add(patience))
	var head strings.Builder
	for line := ""; line != "\r\n"; {
		var err error
		if line, err = in.ReadString('\n'); err != nil || head.Len() > maxBody {
			return errors.Join(err, errLongHead)
		}
		if name, _, ok := strings.Cut(line, ":"); head.Len() == 0 || !ok || r.habit.reader(name) && !(r.habit.once && strings.Contains(head.String(), "\n"+name+":")) {
			head.WriteString(line)
		}
	}
	req, err := http.ReadRequest(bufio.NewReader(io.MultiReader(strings.NewReader(head.String()), in)))
	if err != nil {
		return err
	}
	w := &written{header: http.Header{}, status: http.StatusOK}
	r.ServeHTTP(w, req)
	_, _ = io.Copy(io.Discard, req.Body)
	answer := http.Response{
		StatusCode: w.status, ProtoMajor: 1, ProtoMinor: 1, Header: w.header, Request: req,
		Body: io.NopCloser(&w.body), ContentLength: int64(w.body.Len()),
	}
	return answer.Write(conn)
}

var errLongHead = errors.New("no head of a request")

// written is an answer that is put together before it is sent.
type written struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (w *written) Header() http.Header         { return w.header }
func (w *written) WriteHeader(status int)      { w.status = status }
func (w *written) Write(p []byte) (int, error) { return w.body.Write(p) }
