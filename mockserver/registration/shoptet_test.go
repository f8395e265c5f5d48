package registration_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/hookrig/hookrig/contracts/signature"
	"github.com/hookrig/hookrig/mockserver"
	"github.com/hookrig/hookrig/mockserver/registration"
)

func shoptetClient(t *testing.T, c registration.Config, o registration.Options) (client, *registration.Subscriptions) {
	t.Helper()
	o.Subscriptions = load(t, c)
	return serve(t, "shoptet", o).with("Shoptet-Access-Token", "123456-a-123-x").with("Content-Type", "application/json"), o.Subscriptions
}

// shoptetError is the body of an error.
func shoptetError(code, message, instance string) string {
	return fmt.Sprintf(`{"data":null,"errors":[{"errorCode":%q,"message":%q,"instance":%q}],"metadata":{"requestId":"…"}}`, code, message, instance)
}

func TestShoptetRegisters(t *testing.T) {
	now := noon
	c, subs := shoptetClient(t, registration.Config{Now: func() time.Time { return now }}, registration.Options{})
	c.do("POST", "/api/webhooks", `{"data":[
		{"event":"order:create","url":"https://myapplication.tld/new_order.php"},
		{"event":"order:update","url":"https://myapplication.tld:8443/?token=mine","sendPayload":"full"}]}`).
		want(t, 201, `{"data":{"webhooks":[
		{"id":1,"event":"order:create","url":"https://myapplication.tld/new_order.php","created":"2026-03-01T12:00:00+0100","updated":null},
		{"id":2,"event":"order:update","url":"https://myapplication.tld:8443/?token=mine","created":"2026-03-01T12:00:00+0100","updated":null,"sendPayload":"full"}]},
		"errors":null,"metadata":{"requestId":"…"}}`)

	now = now.Add(time.Minute)
	c.do("PATCH", "/api/webhooks/1", `{"data":{"url":"https://other.tld/"}}`).want(t, 200, `{"data":null,"errors":null,"metadata":{"requestId":"…"}}`)
	c.do("PATCH", "/api/webhooks/2", `{"data":{"sendPayload":null}}`).want(t, 200, "")
	c.do("GET", "/api/webhooks/1", "").want(t, 200, `{"data":
		{"id":1,"event":"order:create","url":"https://other.tld/","created":"2026-03-01T12:00:00+0100","updated":"2026-03-01T12:01:00+0100"},
		"errors":null,"metadata":{"requestId":"…"}}`)
	c.do("DELETE", "/api/webhooks/1", "").want(t, 200, `{"data":null,"errors":null,"metadata":{"requestId":"…"}}`)
	c.do("GET", "/api/webhooks", "").want(t, 200, `{"data":{"webhooks":[
		{"id":2,"event":"order:update","url":"https://myapplication.tld:8443/?token=mine","created":"2026-03-01T12:00:00+0100","updated":"2026-03-01T12:01:00+0100"}]},
		"errors":null,"metadata":{"requestId":"…"}}`)
	c.do("POST", "/api/webhooks", `{"data":[{"event":"order:create","url":"https://myapplication.tld/"}]}`).want(t, 201, "")
	if len(subs.Matching("shoptet", "order:create")) != 1 || len(subs.Matching("shoptet", "order:update")) != 1 {
		t.Error("the store does not know what was registered")
	}
}

func TestShoptetRefuses(t *testing.T) {
	c, _ := shoptetClient(t, registration.Config{}, registration.Options{})
	one := func(event, url string) string { return fmt.Sprintf(`{"data":[{"event":%q,"url":%q}]}`, event, url) }
	c.do("POST", "/api/webhooks", one("order:update", "https://a.tld/")).want(t, 201, "")
	c.do("POST", "/api/webhooks", one("customer:update", "https://a.tld/")).want(t, 201, "")

	var many []string
	for range 51 {
		many = append(many, `{"event":"order:create","url":"https://a.tld/"}`)
	}
	tests := []struct {
		name, method, path, body string
		status                   int
		code, message, instance  string
	}{
		{"the event has a webhook", "POST", "", one("order:update", "https://b.tld/"), 422, "webhook-already-exists", "Webhook already exists for this event", "order:update"},
		{"conflict with a live one", "POST", "", one("order:cancel", "https://a.tld/"), 409, "webhook-conflict", `"order:cancel" cannot be registered together with "order:update"`, "order:cancel"},
		{"conflict, enable", "POST", "", one("customer:enableOrders", "https://a.tld/"), 409, "webhook-conflict", "…", "customer:enableOrders"},
		{"conflict, disable", "POST", "", one("customer:disableOrders", "https://a.tld/"), 409, "webhook-conflict", "…", "customer:disableOrders"},
		{"unknown event", "POST", "", one("order:creat", "https://a.tld/"), 422, "invalid-request-data", "…", "order:creat"},
		{"port", "POST", "", one("order:create", "http://localhost:3000"), 400, "invalid-url", "the URL is refused: port 3000 is not one of 80, 8080, 443, 8443", "url"},
		{"long URL", "POST", "", one("order:create", "https://a.tld/"+strings.Repeat("a", 2000)), 400, "invalid-url", "the URL has 2014 characters, 2000 is the most", "url"},
		{"empty URL", "POST", "", one("order:create", ""), 400, "invalid-url", "…", "url"},
		{"51 in one call", "POST", "", `{"data":[` + strings.Join(many, ",") + `]}`, 413, "payload-too-large", "51 webhooks in one call, 50 are the most", "data"},
		{"none", "POST", "", `{"data":[]}`, 422, "invalid-request-data", "…", "data"},
		{"no list", "POST", "", `{"data":{"event":"order:create"}}`, 422, "invalid-request-data", "…", "data"},
		{"no JSON", "POST", "", `{"data":[`, 422, "invalid-request-data", "…", "unknown"},
		{"two documents", "POST", "", one("order:create", "https://a.tld/") + "{}", 422, "invalid-request-data", "…", "unknown"},
		{"no URL", "POST", "", `{"data":[{"event":"order:create"}]}`, 422, "invalid-request-data", "…", "data.0"},
		{"sendPayload", "POST", "", `{"data":[{"event":"order:create","url":"https://a.tld/","sendPayload":"half"}]}`, 422, "invalid-request-data", "…", "sendPayload"},
		{"unknown id", "GET", "/404", "", 404, "webhook-not-found", "…", "id"},
		{"an id spelled otherwise", "GET", "/01", "", 404, "webhook-not-found", "…", "id"},
		{"unknown id, change", "PATCH", "/404", `{"data":{"url":"https://a.tld/"}}`, 404, "webhook-not-found", "…", "id"},
		{"unknown id, delete", "DELETE", "/404", "", 404, "webhook-not-found", "…", "id"},
		{"no change", "PATCH", "/1", `{"data":{}}`, 422, "invalid-request-data", "…", "data"},
		{"change to a bad URL", "PATCH", "/1", `{"data":{"url":"http://localhost:3000"}}`, 400, "invalid-url", "…", "url"},
		{"change to no URL", "PATCH", "/1", `{"data":{"url":""}}`, 400, "invalid-url", "…", "url"},
		{"method", "PUT", "/1", "", 405, "method-not-allowed", "…", "unknown"},
		{"path", "GET", "/1/2", "", 404, "unknown-endpoint", "…", "unknown"},
		{"filter", "GET", "/notifications?status=odd", "", 400, "invalid-value", "…", "status"},
		{"page", "GET", "/notifications?page=0", "", 400, "invalid-value", "…", "page"},
		{"page size", "GET", "/notifications?itemsPerPage=501", "", 400, "invalid-value", "…", "itemsPerPage"},
		{"from", "GET", "/notifications?from=yesterday", "", 400, "invalid-value", "…", "from"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := c
			c.t = t
			c.do(test.method, "/api/webhooks"+test.path, test.body).want(t, test.status, shoptetError(test.code, test.message, test.instance))
		})
	}
	var list struct{ Data struct{ Webhooks []any } }
	if err := json.Unmarshal([]byte(c.do("GET", "/api/webhooks", "").body), &list); err != nil || len(list.Data.Webhooks) != 2 {
		t.Errorf("%d webhooks are registered (%v)", len(list.Data.Webhooks), err)
	}

	t.Run("conflict within a request", func(t *testing.T) {
		c, subs := shoptetClient(t, registration.Config{}, registration.Options{})
		c.do("POST", "/api/webhooks", `{"data":[{"event":"order:cancel","url":"https://a.tld/"},{"event":"order:update","url":"https://a.tld/"}]}`).
			want(t, 409, shoptetError("webhook-conflict", "…", "order:update"))
		c.do("POST", "/api/webhooks", `{"data":[{"event":"order:create","url":"https://a.tld/"},{"event":"order:create","url":"https://b.tld/"}]}`).
			want(t, 422, shoptetError("webhook-already-exists", "…", "order:create"))
		if len(subs.List("")) != 0 {
			t.Error("half of a request was kept")
		}
	})
}

func TestShoptetCredentials(t *testing.T) {
	subs := load(t, registration.Config{})
	c := serve(t, "shoptet", registration.Options{Subscriptions: subs})
	c.do("GET", "/api/webhooks", "").want(t, 401, shoptetError("missing-access-token", "…", "Shoptet-Access-Token"))
	c.with("Shoptet-Private-API-Token", "any").do("GET", "/api/webhooks", "").want(t, 200, "")
	c.with("Shoptet-Access-Token", "any").do("GET", "/api/webhooks", "").want(t, 200, "")
	c.with("Shoptet-Access-Token", "any").with("Origin", "https://evil.example").do("GET", "/api/webhooks", "").want(t, 403, "")

	fixed := serve(t, "shoptet", registration.Options{Subscriptions: subs, Tokens: map[string]signature.Secret{"shoptet": signature.NewSecret("right")}})
	fixed.with("Shoptet-Access-Token", "wrong").do("GET", "/api/webhooks", "").want(t, 401, shoptetError("invalid-token", "…", "Shoptet-Access-Token"))
	fixed.with("Shoptet-Access-Token", "right").do("GET", "/api/webhooks", "").want(t, 200, "")
}

func TestShoptetContentTypes(t *testing.T) {
	c, _ := shoptetClient(t, registration.Config{}, registration.Options{})
	body := `{"data":{"url":"https://a.tld/"}}`
	c.do("POST", "/api/webhooks", `{"data":[{"event":"order:update","url":"https://a.tld/"}]}`).want(t, 201, "")
	for contentType, status := range map[string]int{
		"application/json; charset=utf-8": 200, "application/vnd.shoptet.v1.0": 200, "application/problem+json": 200,
		"": 415, "text/plain": 415, "application/x-www-form-urlencoded": 415, "application/vnd.x+xml": 415, ";": 415,
	} {
		if got := c.with("Content-Type", contentType).do("PATCH", "/api/webhooks/1", body); got.status != status {
			t.Errorf("%q: status %d, want %d", contentType, got.status, status)
		}
	}
}

func TestRelaxedURLsAreVisible(t *testing.T) {
	c, _ := shoptetClient(t, registration.Config{RelaxedURLs: true}, registration.Options{})
	const rule = "port 3000 is not one of 80, 8080, 443, 8443"
	answer := c.do("POST", "/api/webhooks", `{"data":[{"event":"order:update","url":"http://localhost:3000"},{"event":"order:create","url":"http://localhost:3000"}]}`).want(t, 201, "")
	if got := answer.header[registration.RelaxedHeader]; len(got) != 1 || got[0] != rule {
		t.Errorf("%v", got)
	}
	answer = c.do("PATCH", "/api/webhooks/1", `{"data":{"url":"http://localhost"}}`).want(t, 200, "")
	if answer.header[registration.RelaxedHeader] != nil {
		t.Error("nothing was waived")
	}
}

// TestShoptetDelivers: register, renew the key, and get a signed event through
// a mock server; the log of notifications tells of it. A receiver that fails
// loses its registration, and PATCH gets it back.
func TestShoptetDelivers(t *testing.T) {
	contract := builtin(t)[1]
	var inbox *mockserver.Inbox
	status := http.StatusOK
	server := mockserver.Start(t, mockserver.Options{Speed: 1e6, Transport: mockserver.InProcess(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if status != http.StatusOK {
			w.WriteHeader(status)
			return
		}
		inbox.ServeHTTP(w, r)
	}))})
	ledger := mockserver.NewLedger(server.Journal())
	c, subs := shoptetClient(t, registration.Config{Now: time.Now}, registration.Options{Deliveries: ledger})
	c.do("POST", "/api/webhooks", `{"data":[{"event":"order:create","url":"https://shop.test/hooks"}]}`).want(t, 201, "")
	var renewed struct {
		Data struct{ SignatureKey string }
	}
	if err := json.Unmarshal([]byte(c.do("POST", "/api/webhooks/renew-signature-key", "").want(t, 200, "").body), &renewed); err != nil || len(renewed.Data.SignatureKey) != 32 {
		t.Fatalf("key %q (%v)", renewed.Data.SignatureKey, err)
	}
	inbox = mockserver.NewInbox(contract, mockserver.InboxOptions{Secrets: []signature.Secret{signature.NewSecret(renewed.Data.SignatureKey)}})

	event, err := contract.EventType("order:create")
	if err != nil {
		t.Fatal(err)
	}
	body := []byte(`{"eshopId":222651,"event":"order:create","eventCreated":"2026-03-01T12:00:00+0100","eventInstance":"2026000057"}`)
	send := func() mockserver.Outcome {
		t.Helper()
		matching := subs.Matching("shoptet", "order:create")
		if len(matching) != 1 {
			t.Fatalf("%d subscriptions", len(matching))
		}
		endpoint, err := subs.Endpoint(matching[0].ID)
		if err != nil {
			t.Fatal(err)
		}
		outcome, err := server.Send(mockserver.Parcel{Event: eventOf(event, body), Endpoint: endpoint}).Wait(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return outcome
	}
	if outcome := send(); outcome.State != mockserver.Delivered {
		t.Fatalf("%+v", outcome)
	}
	status = http.StatusInternalServerError
	if outcome := send(); outcome.State != mockserver.Exhausted {
		t.Fatalf("%+v", outcome)
	}
	for entry, err := range server.Journal().Entries(t.Context(), 0) {
		if err == nil {
			err = subs.Ended(t.Context(), entry)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(subs.Matching("shoptet", "order:create")) != 0 {
		t.Error("three attempts failed and the registration is still active")
	}

	c.do("GET", "/api/webhooks/notifications", "").want(t, 200, `{"data":{"notifications":[
		{"id":`+seqs(t, ledger)[0]+`,"webhookId":1,"webhookUrl":"https://shop.test/hooks","event":"order:create","eventCreated":"2026-03-01T12:00:00+0100",
		 "created":"…","attempted":"…","attempts":3,"status":"failed","active":false,"data":`+string(body)+`},
		{"id":`+seqs(t, ledger)[1]+`,"webhookId":1,"webhookUrl":"https://shop.test/hooks","event":"order:create","eventCreated":"2026-03-01T12:00:00+0100",
		 "created":"…","attempted":"…","attempts":1,"status":"success","active":false,"data":`+string(body)+`}],
		"paginator":{"totalCount":2,"page":1,"pageCount":1,"itemsOnPage":2,"itemsPerPage":20}},"errors":null,"metadata":{"requestId":"…"}}`)

	c.do("PATCH", "/api/webhooks/1", `{"data":{"url":"https://shop.test/hooks2"}}`).want(t, 200, "")
	status = http.StatusOK
	if outcome := send(); outcome.State != mockserver.Delivered {
		t.Errorf("after the registration came back: %+v", outcome)
	}
}

func seqs(t *testing.T, ledger *mockserver.Ledger) (seqs []string) {
	t.Helper()
	records, err := ledger.List(t.Context(), mockserver.Query{})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range records {
		seqs = append(seqs, fmt.Sprint(r.Seq))
	}
	return seqs
}

func TestShoptetNotifications(t *testing.T) {
	record := func(seq uint64, endpoint, event string, age time.Duration, state mockserver.State, attempts int) mockserver.Record {
		r := mockserver.Record{Seq: seq, Provider: "shoptet", Event: event, Endpoint: endpoint, Queued: noon.Add(-age), State: state, Body: []byte("{}")}
		for range attempts {
			r.Attempts = append(r.Attempts, &mockserver.Attempt{Started: noon})
		}
		r.Attempts = append(r.Attempts, &mockserver.Attempt{Started: noon, Ours: true})
		return r
	}
	const day = 24 * time.Hour
	log := deliveries{
		record(9, "subscription/1", "order:create", 0, mockserver.Waiting, 0),
		record(8, "subscription/1", "order:create", day, mockserver.Waiting, 1),
		record(7, "subscription/2", "order:update", 2*day, mockserver.Delivered, 1),
		record(6, "subscription/2", "order:update", 3*day, mockserver.Exhausted, 3),
		record(5, "shop", "order:update", 3*day, mockserver.Delivered, 1),
		record(4, "subscription/x", "order:update", 3*day, mockserver.Delivered, 1),
		record(3, "subscription/2", "order:update", 7*day, mockserver.Delivered, 1),
		record(2, "subscription/2", "order:update", 7*day+time.Second, mockserver.Delivered, 1),
	}
	c, _ := shoptetClient(t, registration.Config{}, registration.Options{Deliveries: log})
	for query, want := range map[string]string{
		"":                                  "9 8 7 6 3",
		"?status=new":                       "9",
		"?status=failed":                    "8 6",
		"?status=success":                   "7 3",
		"?active=true":                      "9 8",
		"?active=0&event=order:update":      "7 6 3",
		"?event=order:create":               "9 8",
		"?itemsPerPage=2":                   "9 8",
		"?itemsPerPage=2&page=3":            "3",
		"?itemsPerPage=2&page=4":            "",
		"?from=2026-02-27T12:00:00%2B0100":  "9 8 7",
		"?from=2026-02-27T12:00:00%2B01:00": "9 8 7",
		"?from=2020-01-01T00:00:00Z":        "9 8 7 6 3",
	} {
		var got struct {
			Data struct {
				Notifications []struct {
					ID       uint64
					Attempts int
				}
			}
		}
		answer := c.do("GET", "/api/webhooks/notifications"+query, "").want(t, 200, "")
		if err := json.Unmarshal([]byte(answer.body), &got); err != nil {
			t.Fatal(err)
		}
		var ids []string
		for _, n := range got.Data.Notifications {
			ids = append(ids, fmt.Sprint(n.ID))
		}
		if strings.Join(ids, " ") != want {
			t.Errorf("%s: got %v, want %s", query, ids, want)
		}
	}
}
