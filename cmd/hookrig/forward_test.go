package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/hookrig/hookrig/contracts/catalog"
)

// TestForwardPassesOnWhatBelongsToTheDelivery: exact bytes, the headers of the
// delivery but not of the connection, the contract's part of the path; and the
// other receiver's answer comes back.
func TestForwardPassesOnWhatBelongsToTheDelivery(t *testing.T) {
	const body = `{"name": "product_deleted", "resource_id": {"id":"X","type":"product_sku"}, "synchronization": {"events": []}}`
	var uri, sent string
	var header http.Header
	inner := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		uri, sent, header = r.Method+" "+r.URL.RequestURI(), string(text), r.Header
		w.Header().Set("X-Inner", "yes")
		w.Header().Set("Retry-After", "7")
		w.WriteHeader(http.StatusTooManyRequests)
		io.WriteString(w, "slowly")
	}))
	defer inner.Close()
	for _, tt := range []struct{ provider, path, body, to, want string }{
		{"ergonode", "/app/consume/product_created?x=1", strings.ReplaceAll(ergonodeBody, "\n", ""), "/base/", "PUT /base/consume/product_created?x=1"},
		{"ergonode", "/anything", body, "/base?k=v", "PUT /base?k=v"}, // no event: nothing is known of its path
		{"sellercenter", "/a/b", `{"event":"onFeedCreated","payload":{}}`, "/hooks", "PUT /hooks"},
	} {
		contract, err := catalog.Load(tt.provider)
		if err != nil {
			t.Fatal(err)
		}
		c := newConsole(nil, strings.NewReader(""), io.Discard, io.Discard, func(string) (string, bool) { return "", false })
		f, err := newForwarder(inner.URL + tt.to)
		if err != nil {
			t.Fatal(err)
		}
		l := &listener{console: c, contract: contract, forward: f, enough: make(chan struct{})}
		l.options.Unchecked, l.options.Seen = true, l.seen
		r := httptest.NewRequest(http.MethodPut, "http://outer"+tt.path, strings.NewReader(tt.body))
		r.Header = http.Header{"Content-Type": {"application/json"}, "X-Own": {"1", "2"}, "Connection": {"close"}, "Te": {"trailers"}, "Proxy-Authorization": {"Basic x"}}
		w := httptest.NewRecorder()
		l.ServeHTTP(w, r)
		if uri != tt.want || sent != tt.body {
			t.Errorf("%s: %s %q, want %s", tt.path, uri, sent, tt.want)
		}
		if len(header["X-Own"]) != 2 || header.Get("Te") != "" || header.Get("Proxy-Authorization") != "" || header.Get("User-Agent") != "" {
			t.Errorf("%s: headers %v", tt.path, header)
		}
		if w.Code != http.StatusTooManyRequests || w.Body.String() != "slowly" || w.Header().Get("X-Inner") != "yes" || w.Header().Get("Retry-After") != "7" {
			t.Errorf("%s: answered %d %q %v", tt.path, w.Code, w.Body, w.Header())
		}
	}
}

const ergonodeBody = `{"name":"product_created","resource_id":{"id":"X","type":"product_sku"},
"synchronization":{"events":[{"type":"product_created","payload":{"sku":"X","type":"SIMPLE-PRODUCT","category_codes":[]}}]}}`

// TestForwardToNobody: the sender is told that nobody was there.
func TestForwardToNobody(t *testing.T) {
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	var out strings.Builder
	c := newConsole(nil, strings.NewReader(""), &out, io.Discard, func(string) (string, bool) { return "", false })
	f, err := newForwarder(gone.URL)
	if err != nil {
		t.Fatal(err)
	}
	l := &listener{console: c, forward: f, enough: make(chan struct{})}
	l.options.Seen = l.seen
	w := httptest.NewRecorder()
	l.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "http://outer/", strings.NewReader("{}")))
	if w.Code != http.StatusBadGateway || l.broken != 1 || !strings.Contains(out.String(), "not passed on") {
		t.Errorf("answered %d, %d broken, said %q", w.Code, l.broken, out.String())
	}
}
