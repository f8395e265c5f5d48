package api

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/hookrig/hookrig/mockserver"
)

// FuzzRequest sends anything to the API. Whatever it is, it is answered, soon,
// and never as if it were our fault.
func FuzzRequest(f *testing.F) {
	for _, seed := range [][4]string{
		{"POST", "/api/v1/deliveries", ping + `,"count":2,"set":{"/n":1}}`, "Idempotency-Key: k"},
		{"POST", "/api/v1/deliveries", ping + `,"seed":1e-7,"rate":0.5,"label":"x"}`, "Content-Type: application/json; charset=utf-8"},
		{"GET", "/api/v1/deliveries?state=waiting&limit=3&cursor=YmVmb3JlOjE", "", "Origin: http://localhost:8080"},
		{"GET", "/api/v1/deliveries/dlv_x?wait=1ms", "", "Host: [::1]:80"},
		{"PUT", "/api/v1/endpoints/a.b", `{"url":"http://u:p@[::1]:80/?a=b","headers":{"X":"y"}}`, "Host: [::1"},
		{"GET", "/api/v1/journal/stream?after=1", "", "Last-Event-ID: 2"},
		{"HEAD", "/", "", "Sec-Fetch-Site: cross-site"},
		{"PUT", "/api/v1/schedules/a", `{"cron":"0 2 * * *","zone":"Europe/Prague","provider":"acme","event":"order.created","to":"http://u:p@[::1]:80/","catchUp":true}`, ""},
		{"PUT", "/api/v1/schedules/b", `{"ramp":{"from":0,"to":1e9,"over":"9999d99h"},"mix":[{"provider":"bravo","event":"ping","weight":1e-308}],"to":"http://x/"}`, ""},
		{"POST", "/api/v1/runs", `{"name":"load","trace":{"offsets":["0s","1.5s","-1s"],"speed":1e-9},"count":3,"jitter":"1ms","provider":"bravo","event":"ping","to":"http://x/"}`, ""},
		{"POST", "/api/v1/schedules/a/start", "", ""},
		{"DELETE", "/api/v1/secrets/%00", "", "Authorization: Bearer x"},
	} {
		f.Add(seed[0], seed[1], seed[2], seed[3])
	}
	server := mockserver.New(mockserver.Options{Transport: mockserver.InProcess(answers(200))})
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = server.Run(ctx, func(ctx context.Context) error { <-ctx.Done(); return nil })
	}()
	f.Cleanup(func() { stop(); <-ended })
	stores, err := Load(ctx, Config{Contracts: both()})
	if err != nil {
		f.Fatal(err)
	}
	handler, err := New(Options{Server: server, Stores: stores, Fake: fake})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, method, target, body, header string) {
		r, err := http.NewRequestWithContext(t.Context(), method, "http://localhost:8080", strings.NewReader(body))
		if err != nil {
			return // no HTTP
		}
		u, err := r.URL.Parse(target)
		if err != nil || strings.ContainsAny(target, " \r\n") {
			return
		}
		r.URL.Path, r.URL.RawPath, r.URL.RawQuery = u.Path, u.RawPath, u.RawQuery
		r.Header.Set("Content-Type", "application/json")
		name, value, _ := strings.Cut(header, ": ")
		if r.Header.Set(name, value); name == "Host" {
			r.Host = value
		}
		soon, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r.WithContext(soon))
		if w.Code >= 500 {
			t.Errorf("%d: %s", w.Code, w.Body)
		}
	})
}
