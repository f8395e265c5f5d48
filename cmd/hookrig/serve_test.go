package main

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/catalog"
	"github.com/hookrig/hookrig/faker"
	"github.com/hookrig/hookrig/internal/egress"
	"github.com/hookrig/hookrig/mockserver"
	"github.com/hookrig/hookrig/mockserver/api"
	"github.com/hookrig/hookrig/mockserver/sqlite"
)

// Whoever watches "hookrig serve" sees each attempt, by its own provider's
// policy, and how it ended where it went wrong.
func TestServeTells(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		none := func(string) (string, bool) { return "", false }
		c := newConsole(nil, strings.NewReader(""), &out, io.Discard, none)
		log := serveLog{c, []*contracts.Contract{catalog.Shoptet(), catalog.SellerCenter()}}
		server := mockserver.Start(t, mockserver.Options{
			Journal:   &tee{mockserver.NewMemory(), log.entry},
			Transport: egress.NewTransport(egress.Rules{PublicOnly: true}), // nothing is dialled
		})
		made, err := faker.New(catalog.SellerCenter(), faker.Options{})
		if err != nil {
			t.Fatal(err)
		}
		event, err := made.Event("onOrderCreated")
		if err != nil {
			t.Fatal(err)
		}
		(&serveReady{
			console: c, url: "http://127.0.0.1:8080", providers: "http://127.0.0.1:8081/providers/", journal: "in memory", taken: 2, left: 1,
		}).tell()
		_, _ = server.Send(mockserver.Parcel{
			ID: "dlv_1", Event: event, Endpoint: mockserver.Endpoint{URL: "http://127.0.0.1:9/hooks"},
		}).Wait(t.Context()) // the error is what is printed
		if err := c.flush(); err != nil {
			t.Fatal(err)
		}
		want := `^serving on http://127\.0\.0\.1:8080, described at http://127\.0\.0\.1:8080/api/openapi\.json, providers at http://127\.0\.0\.1:8081/providers/, journal in memory
2 deliveries of earlier runs taken up, 1 left waiting
2000-01-01 00:00:00  --> sellercenter onOrderCreated  \[dlv_1\]
2000-01-01 00:00:00  <-- \[---\] POST http://127\.0\.0\.1:9/hooks  0ms  attempt 1  \[dlv_1\]  egress: .*
2000-01-01 00:00:00      cancelled: could not be made: dial tcp 127\.0\.0\.1:9: refused to connect .*  \[dlv_1\]
$`
		if !regexp.MustCompile(want).Match(out.Bytes()) {
			t.Errorf("it prints\n%s", out.String())
		}
	})
}

// The providers' APIs are addressed by the names of the control API: a page
// whose own name leads to this machine reads nothing, though it sends no Origin.
func TestRegistrationHosts(t *testing.T) {
	c := quietConsole(io.Discard, nil)
	s, err := c.openStore(inMemory, sqlite.Retain{}, slog.New(slog.DiscardHandler), "")
	if err != nil {
		t.Fatal(err)
	}
	h, err := c.house(t.Context(), houseplan{known: []*contracts.Contract{catalog.Shoptet()}, store: s, secrets: &api.Secrets{}, tell: func(mockserver.Entry) {}, hosts: []string{"hookrig"}})
	if err != nil {
		t.Fatal(err)
	}
	handler, err := h.registrations()
	if err != nil {
		t.Fatal(err)
	}
	for host, want := range map[string]int{
		"localhost:8081": 200, "127.0.0.1:8081": 200, "hookrig:8081": 200, "evil.example": 403, "hookrig.evil.example:8081": 403,
	} {
		r, answer := httptest.NewRequest(http.MethodGet, "/providers/shoptet/api/webhooks", nil), httptest.NewRecorder()
		r.Host = host
		r.Header.Set("Shoptet-Access-Token", "any")
		if handler.ServeHTTP(answer, r); answer.Code != want {
			t.Errorf("addressed as %s it answers %d, want %d: %s", host, answer.Code, want, answer.Body)
		}
	}
}
