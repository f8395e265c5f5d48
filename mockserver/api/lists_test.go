package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"

	"github.com/hookrig/hookrig/mockserver"
	"github.com/hookrig/hookrig/mockserver/sqlite"
)

// BenchmarkLists reads a journal of 10,000 deliveries: one page, and all of it.
func BenchmarkLists(b *testing.B) {
	for name, journal := range map[string]func(b *testing.B) mockserver.Journal{
		"memory": func(*testing.B) mockserver.Journal { return mockserver.NewMemory() },
		"sqlite": func(b *testing.B) mockserver.Journal {
			j, err := sqlite.Open(filepath.Join(b.TempDir(), "journal"), sqlite.Options{})
			if err != nil {
				b.Fatal(err)
			}
			b.Cleanup(func() { _ = j.Close() })
			return j
		},
	} {
		b.Run(name, func(b *testing.B) {
			server := mockserver.Start(b, mockserver.Options{Journal: journal(b), Transport: mockserver.InProcess(answers(200))})
			stores, err := Load(b.Context(), Config{Contracts: both()})
			if err != nil {
				b.Fatal(err)
			}
			handler, err := New(Options{Server: server, Stores: stores, Fake: fake})
			if err != nil {
				b.Fatal(err)
			}
			get := func(b *testing.B, method, path, body string) (w *httptest.ResponseRecorder) {
				w = httptest.NewRecorder()
				handler.ServeHTTP(w, request(method, path, body))
				if w.Code >= 300 {
					b.Fatal(w.Body)
				}
				return w
			}
			for i := range 10 {
				get(b, http.MethodPost, "/api/v1/deliveries", ping+fmt.Sprintf(`,"count":1000,"label":"l%d"}`, i))
			}
			if err := server.Idle(b.Context()); err != nil {
				b.Fatal(err)
			}
			for _, path := range []string{"?limit=50", "?limit=500", "?label=l0&limit=50", "?state=exhausted", "?limit=50&provider=bravo&event=ping&state=delivered"} {
				b.Run(path, func(b *testing.B) {
					for b.Loop() {
						get(b, http.MethodGet, "/api/v1/deliveries"+path, "")
					}
				})
			}
			b.Run("page", func(b *testing.B) {
				for b.Loop() {
					get(b, http.MethodGet, "/", "")
				}
			})
			b.Run("all", func(b *testing.B) {
				for b.Loop() {
					seen := 0
					for path := "/api/v1/deliveries?limit=500"; path != ""; {
						var page listing
						if err := json.Unmarshal(get(b, http.MethodGet, path, "").Body.Bytes(), &page); err != nil {
							b.Fatal(err)
						}
						if seen += len(page.Deliveries); page.Next == "" {
							break
						}
						path = "/api/v1/deliveries?limit=500&cursor=" + page.Next
					}
					if seen != 10_000 {
						b.Fatal(seen)
					}
				}
			})
			b.Run("send 10000", func(b *testing.B) {
				for b.Loop() {
					get(b, http.MethodPost, "/api/v1/deliveries", ping+`,"count":10000}`)
				}
			})
			b.Run("send", func(b *testing.B) {
				for b.Loop() {
					get(b, http.MethodPost, "/api/v1/deliveries", ping+`}`)
				}
			})
		})
	}
}
