package registration_test

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/hookrig/hookrig/mockserver"
	"github.com/hookrig/hookrig/mockserver/registration"
)

// fuzzAPI throws requests at one provider's API. Whatever comes: no panic, no
// fault of ours, an answer that can be parsed, and registrations that keep the
// store's rules and survive a restart.
func fuzzAPI(f *testing.F, provider string, paths []string, bodies ...string) {
	all := builtin(f)
	answers := mockserver.InProcess(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }))
	for i := range paths {
		for _, method := range []string{"GET", "POST", "PATCH", "DELETE"} {
			f.Add(method, uint8(i), "", contentTypeOf(provider), bodies[0])
		}
		for _, body := range bodies {
			f.Add("POST", uint8(i), "?page=2&Format=JSON", contentTypeOf(provider), body)
		}
	}
	f.Fuzz(func(t *testing.T, method string, which uint8, suffix, contentType, body string) {
		r, err := http.NewRequest(method, "http://localhost/providers/"+provider+paths[int(which)%len(paths)]+suffix, strings.NewReader(body))
		if err != nil {
			return
		}
		sample := hostileRequest("GET", "/", contentType, "")
		r.Header = sample.Header
		shelf, secrets := mockserver.NewMemory(), newSecrets()
		config := registration.Config{Contracts: all, Shelf: shelf, Secrets: secrets}
		subs := load(t, config)
		if _, err := subs.Create(t.Context(), registration.Draft{Provider: "shoptet", URL: "https://a.example/", Events: []string{"order:create"}},
			registration.Draft{Provider: "scayle", URL: "https://u:p@a.example/", Events: []string{"order-confirmed"}},
			registration.Draft{Provider: "xentral", URL: "https://a.example/"}); err != nil {
			t.Fatal(err)
		}
		handler, err := registration.New(registration.Options{Subscriptions: subs, Deliveries: deliveries{}, Transport: answers})
		if err != nil {
			t.Fatal(err)
		}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if w.Code >= 500 && w.Code != http.StatusBadGateway {
			t.Errorf("status %d: %s", w.Code, w.Body)
		}
		switch contentType := w.Header().Get("Content-Type"); {
		case w.Body.Len() == 0 || strings.HasPrefix(contentType, "text/plain"):
		case strings.Contains(contentType, "json"):
			if !json.Valid(w.Body.Bytes()) {
				t.Errorf("no JSON: %s", w.Body)
			}
		default:
			if err := xml.Unmarshal(w.Body.Bytes(), new(struct{})); err != nil {
				t.Errorf("%v: %s", err, w.Body)
			}
		}
		again, err := registration.Load(context.Background(), config)
		if err != nil {
			t.Fatalf("after a restart: %v", err)
		}
		if len(again.List("")) != len(subs.List("")) {
			t.Errorf("%d registrations, after a restart %d", len(subs.List("")), len(again.List("")))
		}
		for _, sub := range subs.List("") {
			if endpoint, err := subs.Endpoint(sub.ID); err != nil || mockserver.RedactURL(endpoint.URL) != sub.URL {
				t.Errorf("%+v: %q %v", sub, endpoint.URL, err)
			}
		}
	})
}

func FuzzShoptet(f *testing.F) {
	fuzzAPI(f, "shoptet", []string{"/api/webhooks", "/api/webhooks/1", "/api/webhooks/2", "/api/webhooks/notifications", "/api/webhooks/renew-signature-key", "/api/"},
		`{"data":[{"event":"order:update","url":"https://a.example/?token=x","sendPayload":"full"}]}`,
		`{"data":{"url":"https://a.example/","sendPayload":null}}`, `{"data":[{"event":"order:create","url":"http://localhost:3000"}]}`)
}

func FuzzXentral(f *testing.F) {
	fuzzAPI(f, "xentral", []string{"/api/v1/webhooks", "/api/v1/webhooks/3", "/api/v1/webhooks/1", "/api/v1/webhookEventTypes"},
		`{"name":"n","url":"https://a.example/","signatureKey":"kkkkkkkkkkkkkkkkkkkk","events":[{"id":"com.xentral.salesOrder.created.v1"}]}`)
}

func FuzzSellerCenter(f *testing.F) {
	const rest = "&Timestamp=t&UserID=u&Version=1.0&Signature=s"
	fuzzAPI(f, "sellercenter", []string{"?Action=CreateWebhook" + rest, "/?Action=DeleteWebhook" + rest, "/?Action=GetWebhooks" + rest, "/?Action=GetWebhookEntities" + rest},
		sellerRequest("http://a.example/?token=x", "onOrderCreated"), "<Request><Webhook>f8bf8d09-1647-4136-b405-03c44f228cf5</Webhook></Request>")
}

func FuzzScayle(f *testing.F) {
	fuzzAPI(f, "scayle", []string{"/webhooks/subscriptions", "/webhooks/subscriptions/2", "/webhooks/subscriptions/1", "/webhooks/events"},
		`{"event":"order-confirmed","version":1,"url":"https://u:p@a.example/","filters":[{"merchantReferenceKeys":{"include":["a"]}}]}`,
		`{"url":"https://b.example/","filters":null}`)
}

func FuzzErgonode(f *testing.F) {
	fuzzAPI(f, "ergonode", []string{"/apps", "/apps/1"}, manifestOf(), manifestOf("https://app.test", "http://u:p@app.test:1"))
}
