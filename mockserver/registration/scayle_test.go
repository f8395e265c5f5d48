package registration_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/mockserver/registration"
)

func scayleClient(t *testing.T) (client, *registration.Subscriptions) {
	t.Helper()
	subs := load(t, registration.Config{})
	return serve(t, "scayle", registration.Options{Subscriptions: subs}).with("X-Access-Token", "any").with("Content-Type", "application/json"), subs
}

func TestScayleRegisters(t *testing.T) {
	c, subs := scayleClient(t)
	const filters = `[{"merchantReferenceKeys":{"include":["merchant-1","merchant-2"]}}]`
	c.do("POST", "/webhooks/subscriptions", `{"event":"customer-created","version":1,"url":"https:\/\/foo:bar@foobar.tld\/notifiy","filters":`+filters+`}`).
		want(t, 201, `{"id":1,"event":"customer-created","version":1,"url":"https://***:***@foobar.tld/notifiy","filters":`+filters+`}`)
	c.do("POST", "/webhooks/subscriptions", `{"event":"customer-created","url":"https://foobar.tld:8080/x?a=b"}`).
		want(t, 201, `{"id":2,"event":"customer-created","version":1,"url":"https://foobar.tld:8080/x?a=b"}`)

	// The deliveries carry the credentials that answers mask.
	endpoint, err := subs.Endpoint("1")
	if err != nil {
		t.Fatal(err)
	}
	contract := builtin(t)[3]
	event, err := contract.EventType("customer-created")
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := contract.Seal(eventOf(event, []byte(`{}`)), contracts.SealOptions{URL: endpoint.URL, ID: "1", Time: noon})
	if err != nil || sealed.Header.Get("Authorization") != "Basic Zm9vOmJhcg==" || sealed.URL != "https://foobar.tld/notifiy" {
		t.Errorf("%+v %v", sealed, err)
	}

	c.do("PATCH", "/webhooks/subscriptions/1", `{"url":"https://new:pass@foobar.tld/"}`).
		want(t, 200, `{"id":1,"event":"customer-created","version":1,"url":"https://***:***@foobar.tld/","filters":`+filters+`}`)
	c.do("PATCH", "/webhooks/subscriptions/1", `{"filters":null,"event":"customer-created","version":1}`).want(t, 200, "")
	c.do("PATCH", "/webhooks/subscriptions/1", `{"filters":[]}`).
		want(t, 200, `{"id":1,"event":"customer-created","version":1,"url":"https://***:***@foobar.tld/","filters":[]}`)
	c.do("DELETE", "/webhooks/subscriptions/2", "").want(t, 204, "")
	c.do("GET", "/webhooks/subscriptions", "").
		want(t, 200, `{"entities":[{"id":1,"event":"customer-created","version":1,"url":"https://***:***@foobar.tld/","filters":[]}]}`)
	c.do("GET", "/webhooks/subscriptions/1", "").want(t, 200, "")
}

func TestScayleRefuses(t *testing.T) {
	c, subs := scayleClient(t)
	create(t, subs, draft("scayle", "https://a.example/", "order-confirmed"), draft("shoptet", "https://a.example/", "order:create"))
	problem := func(key, message, context string) string {
		return fmt.Sprintf(`{"errors":[{"errorKey":%q,"message":%q,"context":%s}]}`, key, message, context)
	}
	tests := []struct {
		name, method, path, body string
		status                   int
		want                     string
	}{
		{"event", "POST", "", `{"event":"order-confirm","url":"https://a.example/"}`, 400, problem("validation_error", "…", `{"field":"event","nearest":["order-confirmed"]}`)},
		{"no event", "POST", "", `{"url":"https://a.example/"}`, 400, problem("validation_error", "event is required", `{"field":"event"}`)},
		{"version", "POST", "", `{"event":"order-confirmed","version":2,"url":"https://a.example/"}`, 400, problem("validation_error", "…", `{"field":"version"}`)},
		{"URL", "POST", "", `{"event":"order-confirmed","url":"a.example"}`, 400, problem("validation_error", "…", `{"field":"url"}`)},
		{"no URL", "POST", "", `{"event":"order-confirmed"}`, 400, problem("validation_error", "…", `{"field":"url"}`)},
		{"a colon in a name", "POST", "", `{"event":"order-confirmed","url":"https://a:b:c@/"}`, 400, problem("validation_error", "…", `{"field":"url"}`)},
		{"filters", "POST", "", `{"event":"order-confirmed","url":"https://a.example/","filters":{}}`, 400, problem("validation_error", "…", `{"field":"filters"}`)},
		{"a type", "POST", "", `{"event":1}`, 400, problem("validation_error", "in event a string is expected, not a number", `{"field":"event"}`)},
		{"event of a patch", "PATCH", "/1", `{"event":"order-invoiced"}`, 400, problem("validation_error", "…", `{"field":"event"}`)},
		{"version of a patch", "PATCH", "/1", `{"version":2}`, 400, problem("validation_error", "…", `{"field":"version"}`)},
		{"URL of a patch", "PATCH", "/1", `{"url":""}`, 400, problem("validation_error", "…", `{"field":"url"}`)},
		{"unknown", "GET", "/404", "", 404, problem("not_found", "…", `{"field":"id"}`)},
		{"another provider's", "GET", "/2", "", 404, problem("not_found", "…", `{"field":"id"}`)},
		{"another provider's, patch", "PATCH", "/2", `{}`, 404, problem("not_found", "…", `{"field":"id"}`)},
		{"another provider's, delete", "DELETE", "/2", "", 404, problem("not_found", "…", `{"field":"id"}`)},
		{"method", "PUT", "/1", "", 405, problem("method_not_allowed", "…", `{}`)},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := c
			c.t = t
			c.do(test.method, "/webhooks/subscriptions"+test.path, test.body).want(t, test.status, test.want)
		})
	}
	if len(subs.List("")) != 2 {
		t.Error("something has changed")
	}
	c.with("X-Access-Token", "").do("GET", "/webhooks/events", "").want(t, 401, problem("unauthorized", "…", `{"field":"X-Access-Token"}`))
}

func TestScayleEvents(t *testing.T) {
	c, _ := scayleClient(t)
	var list struct{ Entities []map[string]any }
	if err := json.Unmarshal([]byte(c.do("GET", "/webhooks/events", "").want(t, 200, "").body), &list); err != nil {
		t.Fatal(err)
	}
	if len(list.Entities) != 26 || !alike(list.Entities[0], map[string]any{
		"event": "customer-created", "version": 1.0, "description": "…", "isDeprecated": false, "isBlocking": false,
		"supportedFilters": map[string]any{"merchants": false},
	}) {
		t.Errorf("%d, the first %v", len(list.Entities), list.Entities[0])
	}
}
