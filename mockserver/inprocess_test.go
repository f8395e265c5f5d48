package mockserver

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

func post(t *testing.T, url string, body io.Reader) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "POST", url, body)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// A handler cannot tell InProcess from net/http, and neither can a client.
func TestInProcessIsLikeASocket(t *testing.T) {
	for name, handler := range map[string]http.HandlerFunc{
		"nothing":      func(http.ResponseWriter, *http.Request) {},
		"echo":         func(w http.ResponseWriter, r *http.Request) { io.Copy(w, r.Body) },
		"status":       func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(418); w.WriteHeader(200) },
		"no content":   func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204); fmt.Fprint(w, "lost") },
		"not modified": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(304) },
		"html":         func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html><body>hello</body></html>") },
		"error":        func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", 400) },
		"late headers": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(200); w.Header().Set("X-Late", "1") },
		"large":        func(w http.ResponseWriter, _ *http.Request) { w.Write(bytes.Repeat([]byte("x"), 100_000)) },
		"flushed": func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, "one ")
			w.(http.Flusher).Flush()
			fmt.Fprint(w, "two")
		},
		"flushed empty": func(w http.ResponseWriter, _ *http.Request) { w.(http.Flusher).Flush() },
		"request": func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintln(w, r.Method, r.Host, r.RequestURI, r.URL.Path, r.URL.Host, r.Proto, r.ContentLength, r.Header.Get("Content-Length"), r.TLS == nil, r.Header["User-Agent"] == nil)
		},
		"limit": func(w http.ResponseWriter, r *http.Request) {
			_, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 3))
			fmt.Fprint(w, err)
		},
		"invalid status": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(99) },
		"abort":          func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	} {
		t.Run(name, func(t *testing.T) {
			server := httpServer(t, handler)
			network := &http.Transport{}
			defer network.CloseIdleConnections()
			for _, method := range []string{"POST", "HEAD"} {
				exchange := func(transport http.RoundTripper, url string) string {
					r := post(t, url+"/a%20b?c=d", strings.NewReader("some body"))
					r.Method = method
					r.Header.Set("User-Agent", "")
					res, err := transport.RoundTrip(r)
					if err != nil {
						return "no answer"
					}
					defer res.Body.Close()
					body, err := io.ReadAll(res.Body)
					return fmt.Sprint(res.Status, res.Header["Content-Type"], res.Header["X-Late"], res.Header["Content-Length"], string(body), err)
				}
				want := exchange(network, server.URL)
				got := exchange(InProcess(handler), server.URL)
				if name == "flushed" || name == "flushed empty" || name == "large" { // chunked on the wire
					want, got = strings.ReplaceAll(want, "[0]", "[]"), strings.ReplaceAll(got, "[0]", "[]")
				}
				if got != want {
					t.Errorf("%s: in process %.300s\non the wire     %.300s", method, got, want)
				}
			}
		})
	}
}

func TestInProcessTimesOut(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var sawEnd error
		transport := InProcess(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			<-r.Context().Done()
			_, err := w.Write(bytes.Repeat([]byte("x"), 10_000))
			sawEnd = err
		}))
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		begun := time.Now()
		_, err := transport.RoundTrip(post(t, virtual, nil).WithContext(ctx))
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(begun) != 3*time.Second {
			t.Errorf("%v after %v", err, time.Since(begun))
		}
		synctest.Wait()
		if sawEnd == nil {
			t.Error("the handler could write to a client that is gone")
		}
	})
}

// The client goes while the handler streams: both ends come free.
func TestInProcessClientGoesWhileStreaming(t *testing.T) {
	for name, leave := range map[string]func(*http.Response, context.CancelFunc){
		"close":  func(res *http.Response, _ context.CancelFunc) { res.Body.Close() },
		"cancel": func(_ *http.Response, cancel context.CancelFunc) { cancel() },
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				ended := false
				transport := InProcess(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					for {
						if _, err := w.Write(bytes.Repeat([]byte("x"), 5000)); err != nil {
							break
						}
					}
					ended = r.Context().Err() != nil
				}))
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				res, err := transport.RoundTrip(post(t, virtual, nil).WithContext(ctx))
				if err != nil {
					t.Fatal(err)
				}
				io.CopyN(io.Discard, res.Body, 20_000)
				leave(res, cancel)
				synctest.Wait()
				if !ended {
					t.Error("the handler's context lives on")
				}
				if _, err := res.Body.Read(make([]byte, 1)); err == nil {
					t.Error("the body can still be read")
				}
			})
		})
	}
}

func TestInProcessStreamsTheRequest(t *testing.T) {
	bubble(t, func(t *testing.T) {
		body, write := io.Pipe()
		transport := InProcess(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			got, err := io.ReadAll(r.Body)
			fmt.Fprint(w, string(got), err)
		}))
		go func() {
			for range 3 {
				time.Sleep(time.Second)
				fmt.Fprint(write, "x")
			}
			write.Close()
		}()
		res, err := transport.RoundTrip(post(t, virtual, body))
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := io.ReadAll(res.Body); string(got) != "xxx<nil>" {
			t.Errorf("%s", got)
		}
	})
}

func TestInProcessPanics(t *testing.T) {
	for name, f := range map[string]func(){
		"panic":  func() { panic("boom") },
		"abort":  func() { panic(http.ErrAbortHandler) },
		"goexit": runtime.Goexit,
	} {
		for _, streaming := range []bool{false, true} {
			t.Run(fmt.Sprint(name, streaming), func(t *testing.T) {
				bubble(t, func(t *testing.T) {
					res, err := InProcess(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
						if streaming {
							w.(http.Flusher).Flush()
						}
						f()
					})).RoundTrip(post(t, virtual, strings.NewReader("body")))
					if streaming {
						if err != nil {
							t.Fatal(err)
						}
						_, err = io.ReadAll(res.Body)
					}
					if !errors.Is(err, syscall.ECONNRESET) {
						t.Errorf("%v", err)
					}
					if strings.Contains(fmt.Sprint(err), "boom") != (name == "panic") {
						t.Errorf("%v", err)
					}
				})
			})
		}
	}
}

func TestInProcessClosesTheBody(t *testing.T) {
	bubble(t, func(t *testing.T) {
		cancelled, cancel := context.WithCancel(t.Context())
		cancel()
		for _, ctx := range []context.Context{t.Context(), cancelled} {
			body := &closing{}
			InProcess(http.NotFoundHandler()).RoundTrip(post(t, virtual, body).WithContext(ctx))
			synctest.Wait()
			if !body.closed {
				t.Errorf("not closed (context: %v)", ctx.Err())
			}
		}
	})
}

type closing struct{ closed bool }

func (c *closing) Read([]byte) (int, error) { return 0, io.EOF }
func (c *closing) Close() error             { c.closed = true; return nil }

func TestInProcessThroughAClient(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /orders/{id}", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.PathValue("id"), r.TLS != nil) })
	client := &http.Client{Transport: InProcess(mux)}
	res, err := client.Post("https://shop.test/orders/7", "", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if got, _ := io.ReadAll(res.Body); string(got) != "7true" {
		t.Errorf("%s", got)
	}
}
