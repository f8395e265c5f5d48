package kill

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// arrival is one request of a delivery.
type arrival struct {
	body, header string // header is all of it but the signature and its time
	answered     bool
}

// hook is a function that may be changed while it is in use.
type hook struct{ f atomic.Pointer[func(int)] }

func (h *hook) set(f func(int)) { h.f.Store(&f) }
func (h *hook) clear()          { h.f.Store(nil) }

func (h *hook) call(n int) {
	if f := h.f.Load(); f != nil {
		(*f)(n)
	}
}

// receiver remembers every request and checks its signature, by hand.
type receiver struct {
	t       testing.TB
	server  *httptest.Server
	delay   atomic.Int64 // before each answer, as a time.Duration
	arrived atomic.Int64
	// before and after are told the number of each request, from 1: before its answer,
	// and when that was written.
	before, after hook

	mu sync.Mutex
	by map[string][]*arrival // by delivery
}

func newReceiver(t testing.TB) *receiver {
	r := &receiver{t: t, by: map[string][]*arrival{}}
	r.server = httptest.NewServer(r)
	t.Cleanup(func() {
		r.server.CloseClientConnections() // a process that was killed does not say goodbye
		r.server.Close()
	})
	return r
}

// targets are URLs of the receiver, each an endpoint of its own.
func (r *receiver) targets(n int) (all []string) {
	for i := range n {
		all = append(all, fmt.Sprintf("%s/%d", r.server.URL, i))
	}
	return all
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return // cut off by a kill
	}
	id := req.Header.Get("X-Shop-Id")
	if want := signatureOf(id, req.Header.Get("X-Shop-Timestamp"), body); req.Header.Get("X-Shop-Signature") != want {
		r.t.Errorf("%s: signature %q, want %q", id, req.Header.Get("X-Shop-Signature"), want)
	}
	rest := maps.Clone(req.Header)
	delete(rest, "X-Shop-Signature")
	delete(rest, "X-Shop-Timestamp")
	a := &arrival{body: string(body), header: fmt.Sprint(req.Method, req.Host, req.URL, rest)}
	r.mu.Lock()
	r.by[id] = append(r.by[id], a)
	r.mu.Unlock()
	n := int(r.arrived.Add(1))
	r.before.call(n)
	if d := r.delay.Load(); d > 0 {
		time.Sleep(time.Duration(d)) // a receiver that takes its time
	}
	w.WriteHeader(http.StatusNoContent)
	if r.after.f.Load() != nil {
		_ = http.NewResponseController(w).Flush()
		r.after.call(n)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	a.answered = true
}

func signatureOf(id, at string, body []byte) string {
	sum := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(sum, "%s.%s.%s", id, at, body)
	return "v1," + base64.StdEncoding.EncodeToString(sum.Sum(nil))
}

// undelivered are how many of the confirmed ones have not been answered.
func (r *receiver) undelivered(confirmed map[string]bool) (n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for id := range confirmed {
		answered := false
		for _, a := range r.by[id] {
			answered = answered || a.answered
		}
		if !answered {
			n++
		}
	}
	return n
}

// judge holds what arrived against what was confirmed and what was under way when
// the process was killed: all of the former must be there, and only of the latter
// one request too many. It returns how many these are.
func (r *receiver) judge(confirmed, underWay map[string]bool) (duplicates int) {
	r.t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	lost := 0
	for id := range confirmed {
		if len(r.by[id]) == 0 {
			lost++
		}
	}
	if lost > 0 {
		r.t.Errorf("%d of %d confirmed deliveries are lost", lost, len(confirmed))
	}
	for id, all := range r.by {
		if duplicates += len(all) - 1; len(all) > 2 || len(all) == 2 && !underWay[id] {
			r.t.Errorf("%s came %d times; was it under way: %v", id, len(all), underWay[id])
		}
		for _, a := range all[1:] {
			if a.body != all[0].body || a.header != all[0].header {
				r.t.Errorf("%s came twice, and not the same:\n%s\n%s\n%s\n%s", id, all[0].header, all[0].body, a.header, a.body)
			}
		}
	}
	return duplicates
}

// deliveries are those of which something has arrived.
func (r *receiver) deliveries() map[string]bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := map[string]bool{}
	for id := range r.by {
		all[id] = true
	}
	return all
}
