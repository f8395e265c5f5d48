package registration_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/hookrig/hookrig/contracts/signature"
	"github.com/hookrig/hookrig/mockserver"
	"github.com/hookrig/hookrig/mockserver/registration"
)

// creating are the requests that register something, one for each provider, with
// all credentials that any of them asks for.
var creating = map[string]string{
	"xentral":      "/providers/xentral/api/v1/webhooks",
	"shoptet":      "/providers/shoptet/api/webhooks",
	"sellercenter": "/providers/sellercenter/?Action=CreateWebhook&Timestamp=t&UserID=u&Version=1.0&Signature=s",
	"scayle":       "/providers/scayle/webhooks/subscriptions",
	"ergonode":     "/providers/ergonode/apps",
}

func hostileRequest(method, target, contentType, body string) *http.Request {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	for _, name := range []string{"Shoptet-Access-Token", "X-Access-Token"} {
		r.Header.Set(name, "any")
	}
	r.Header.Set("Authorization", "Bearer any")
	r.Header.Set("Content-Type", contentType)
	return r
}

func contentTypeOf(provider string) string {
	if provider == "sellercenter" {
		return "text/xml"
	}
	return "application/json"
}

// TestHostileBodies: whatever a body holds, the answer is a refusal of limited
// size, and nothing is kept.
func TestHostileBodies(t *testing.T) {
	bodies := map[string]string{
		"empty":              "",
		"null":               "null",
		"a number":           "1",
		"a list":             "[]",
		"depth":              strings.Repeat(`{"data":[`, 50_000),
		"depth of lists":     `{"data":` + strings.Repeat("[", 200_000),
		"a huge list":        `{"data":[` + strings.Repeat(`{},`, 300_000) + `{}]}`,
		"huge numbers":       `{"version":1e999999999,"data":[{"event":1}]}`,
		"control characters": "{\"event\":\"\u0000\x1b[31m\",\"url\":\"\r\n\",\"data\":[{\"event\":\"\\u0000\\u001b\",\"url\":\"\\r\\nX: y\"}]}",
		"a huge event":       `{"event":"` + strings.Repeat("o", 900_000) + `","url":"https://a.example/","data":[{"event":"` + strings.Repeat("o", 100_000) + `","url":"https://a.example/"}]}`,
		"half a character":   "{\"event\":\"\xff\xfe\",\"url\":\"https://\xff/\"}",
		"more than 1 MiB":    `{"event":"` + strings.Repeat("o", 1<<20) + `"}`,
		"attributes":         "<Request " + strings.Repeat(`a="b" `, 100_000) + "/>",
		"huge text":          "<Request><Webhook><CallbackUrl>" + strings.Repeat("a", 1_000_000) + "</CallbackUrl><Events><Event>x</Event></Events></Webhook></Request>",
		"a huge name":        "<" + strings.Repeat("R", 1_000_000) + "/>",
		"many events":        "<Request><Webhook><CallbackUrl>http://a.example/</CallbackUrl><Events>" + strings.Repeat("<Event>onFeedCreate</Event>", 30_000) + "</Events></Webhook></Request>",
	}
	subs := load(t, registration.Config{})
	handler, err := registration.New(registration.Options{Subscriptions: subs, Transport: failing{}})
	if err != nil {
		t.Fatal(err)
	}
	for provider, target := range creating {
		for name, body := range bodies {
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, hostileRequest("POST", target, contentTypeOf(provider), body))
			refused := w.Code >= 400 && w.Code < 500 || provider == "sellercenter" && strings.Contains(w.Body.String(), "<ErrorResponse>")
			if !refused || w.Body.Len() > 3000 || strings.ContainsAny(w.Body.String(), "\x00\x1b\r") {
				t.Errorf("%s, %s: %d with %d bytes: %.300s", provider, name, w.Code, w.Body.Len(), w.Body)
			}
		}
	}
	if len(subs.List("")) != 0 {
		t.Errorf("%d registrations were kept", len(subs.List("")))
	}
}

// TestOurFailures: an answer says that the fault is ours, and not what it is.
func TestOurFailures(t *testing.T) {
	const canary = "c4n4ry of the disk"
	bodies := map[string]string{
		"xentral":      `{"name":"n","url":"https://a.example/","signatureKey":"kkkkkkkkkkkkkkkkkkkk","events":[]}`,
		"shoptet":      `{"data":[{"event":"order:create","url":"https://a.example/"}]}`,
		"sellercenter": sellerRequest("http://a.example/?token=x", "onFeedCreated"),
		"scayle":       `{"event":"order-confirmed","url":"https://u:p@a.example/"}`,
		"ergonode":     manifestOf(),
	}
	for provider, target := range creating {
		log, logger := newLog()
		secrets := newSecrets()
		secrets.refuse = errors.New(canary)
		subs := load(t, registration.Config{Secrets: secrets})
		handler, err := registration.New(registration.Options{Subscriptions: subs, Logger: logger})
		if err != nil {
			t.Fatal(err)
		}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, hostileRequest("POST", target, contentTypeOf(provider), bodies[provider]))
		if w.Code != 500 || strings.Contains(w.Body.String(), canary) || !strings.Contains(log.String(), canary) {
			t.Errorf("%s: %d %s\nlog %s", provider, w.Code, w.Body, log)
		}

		full := &fullShelf{mockserver.NewMemory(), 0}
		handler, err = registration.New(registration.Options{Subscriptions: load(t, registration.Config{Shelf: full})})
		if err != nil {
			t.Fatal(err)
		}
		w = httptest.NewRecorder()
		handler.ServeHTTP(w, hostileRequest("POST", target, contentTypeOf(provider), bodies[provider]))
		if w.Code != 507 {
			t.Errorf("%s: a full disk is %d %s", provider, w.Code, w.Body)
		}
	}
}

func TestNew(t *testing.T) {
	if _, err := registration.New(registration.Options{}); err == nil {
		t.Error("no subscriptions")
	}
	shoptet := builtin(t)[1:2]
	subs := load(t, registration.Config{Contracts: append(shoptet, userContract(t, "own", "a"))})
	if _, err := registration.New(registration.Options{Subscriptions: subs, Tokens: map[string]signature.Secret{"shoptett": signature.NewSecret("x")}}); err == nil || !strings.Contains(err.Error(), "shoptet") {
		t.Errorf("a token for nobody: %v", err)
	}
	handler, err := registration.New(registration.Options{Subscriptions: subs})
	if err != nil {
		t.Fatal(err)
	}
	const nothing = "There is nothing at this path. These providers have an API to register by, all others that of the control API:\n\n/providers/shoptet/\n\n"
	for target, want := range map[string]struct {
		status int
		body   string
	}{
		"/providers/":                        {200, "/providers/shoptet/\n"},
		"/providers/xentral/api/v1/webhooks": {404, nothing},
		"/providers/own/":                    {404, nothing},
		"/providers/shoptetx/api/webhooks":   {404, nothing},
		"/":                                  {404, nothing},
	} {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, hostileRequest("GET", target, "application/json", ""))
		if w.Code != want.status || w.Body.String() != want.body {
			t.Errorf("%s: %d %q", target, w.Code, w.Body)
		}
	}
	for _, target := range []string{"/providers/shoptet", "/providers/shoptet/", "/providers/shoptet/api/webhooks/", "/providers/shoptet/api//webhooks", "/providers/shoptet/%2e%2e/"} {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, hostileRequest("GET", target, "application/json", ""))
		if w.Code != 404 || !strings.Contains(w.Body.String(), `"errors":[{`) {
			t.Errorf("%s: %d %q", target, w.Code, w.Body)
		}
	}
}
