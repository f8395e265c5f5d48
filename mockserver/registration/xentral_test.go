package registration_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/hookrig/hookrig/contracts/signature"
	"github.com/hookrig/hookrig/mockserver/registration"
)

func xentralClient(t *testing.T, c registration.Config) (client, *registration.Subscriptions) {
	t.Helper()
	subs := load(t, c)
	return serve(t, "xentral", registration.Options{Subscriptions: subs}).with("Authorization", "Bearer any").with("Content-Type", "application/json"), subs
}

func TestXentralRegisters(t *testing.T) {
	secrets := newSecrets()
	c, subs := xentralClient(t, registration.Config{Secrets: secrets})
	const key = "e4nRJ04Ss2m3EkQxn19V"
	answer := c.do("POST", "/api/v1/webhooks", `{"name":"my hook","url":"https://a.example/hooks?token=mine","signatureKey":"`+key+`",
		"events":[{"id":"com.xentral.salesOrder.created.v1"},{"id":"com.xentral.product.updated.v1"}]}`).want(t, 201, "")
	if answer.body != "" || answer.header.Get("Location") != "/providers/xentral/api/v1/webhooks/1" {
		t.Fatalf("%q at %q", answer.body, answer.header.Get("Location"))
	}
	hook := `{"id":"1","name":"my hook","url":"https://a.example/hooks?token=mine","events":[{"id":"com.xentral.salesOrder.created.v1"},{"id":"com.xentral.product.updated.v1"}]}`
	c.do("GET", "/api/v1/webhooks", "").want(t, 200, `{"data":[`+hook+`],"extra":{"totalCount":1}}`)
	c.do("GET", "/api/v1/webhooks/1", "").want(t, 200, `{"data":`+hook+`}`)
	matching := subs.Matching("xentral", "salesOrder.created")
	if len(matching) != 1 {
		t.Fatal("the store does not know the webhook")
	}
	endpoint, err := subs.Endpoint(matching[0].ID)
	if err != nil || endpoint.URL != "https://a.example/hooks?token=mine" || len(endpoint.Keys()) != 1 || !endpoint.Keys()[0].Equal(signature.NewSecret(key)) {
		t.Errorf("%+v %v", endpoint, err)
	}
	c.do("DELETE", "/api/v1/webhooks/1", "").want(t, 204, "")
	c.do("GET", "/api/v1/webhooks/1", "").want(t, 404, "")
	c.do("DELETE", "/api/v1/webhooks/1", "").want(t, 404, "")
	c.do("GET", "/api/v1/webhooks", "").want(t, 200, `{"data":[],"extra":{"totalCount":0}}`)
	if secrets.names() != 0 {
		t.Error("secrets of a deleted webhook are left")
	}
}

func TestXentralRefuses(t *testing.T) {
	c, subs := xentralClient(t, registration.Config{})
	body := func(name, url, key, event string) string {
		return fmt.Sprintf(`{"name":%q,"url":%q,"signatureKey":%q,"events":[{"id":%q}]}`, name, url, key, event)
	}
	key, event := strings.Repeat("k", 20), "com.xentral.salesOrder.created.v1"
	for name, test := range map[string]struct {
		body, field string
	}{
		"no name":       {body("", "https://a.example/", key, event), "name"},
		"long name":     {body(strings.Repeat("ü", 101), "https://a.example/", key, event), "name"},
		"http":          {body("n", "http://a.example/", key, event), "url"},
		"long URL":      {body("n", "https://a.example/"+strings.Repeat("a", 238), key, event), "url"},
		"no URL":        {body("n", "", key, event), "url"},
		"short key":     {body("n", "https://a.example/", key[1:], event), "signatureKey"},
		"long key":      {body("n", "https://a.example/", strings.Repeat("k", 256), event), "signatureKey"},
		"the channel":   {body("n", "https://a.example/", key, "salesOrder.created"), "events"},
		"another event": {body("n", "https://a.example/", key, "com.xentral.salesOrder.created.v2"), "events"},
	} {
		var problem struct {
			Status     int
			Violations map[string][]string
		}
		answer := c.do("POST", "/api/v1/webhooks", test.body)
		if err := json.Unmarshal([]byte(answer.body), &problem); err != nil || answer.status != 400 || problem.Status != 400 || problem.Violations[test.field] == nil {
			t.Errorf("%s: %d %s", name, answer.status, answer.body)
		}
	}
	if got := c.do("POST", "/api/v1/webhooks", "[]"); got.status != 400 {
		t.Errorf("a list: %d", got.status)
	}
	if got := c.do("PATCH", "/api/v1/webhooks/1", "{}"); got.status != 405 {
		t.Errorf("there is no pause: %d", got.status)
	}
	if got := c.with("Authorization", "Basic any").do("GET", "/api/v1/webhooks", ""); got.status != 401 || got.header.Get("WWW-Authenticate") != "Bearer" {
		t.Errorf("no token: %d", got.status)
	}
	if len(subs.List("")) != 0 {
		t.Error("something was kept")
	}
	longest := strings.Repeat("ü", 100)
	c.do("POST", "/api/v1/webhooks", body(longest, "https://a.example/"+strings.Repeat("a", 237), strings.Repeat("k", 255), event)).want(t, 201, "")
	c.do("POST", "/api/v1/webhooks", `{"name":"no events yet","url":"https://a.example/","signatureKey":"`+key+`"}`).want(t, 201, "")
}

func TestXentralEventTypes(t *testing.T) {
	c, _ := xentralClient(t, registration.Config{})
	var list struct {
		Data []struct {
			ID, Group string
			Schema    map[string]any
		}
	}
	if err := json.Unmarshal([]byte(c.do("GET", "/api/v1/webhookEventTypes", "").want(t, 200, "").body), &list); err != nil {
		t.Fatal(err)
	}
	if len(list.Data) != 143 || list.Data[0].ID != "com.xentral.salesOrder.created.v1" || list.Data[0].Group != "salesOrder" || list.Data[0].Schema != nil {
		t.Errorf("%d, the first %+v", len(list.Data), list.Data[0])
	}
	if err := json.Unmarshal([]byte(c.do("GET", "/api/v1/webhookEventTypes?include=schema", "").want(t, 200, "").body), &list); err != nil {
		t.Fatal(err)
	}
	for _, row := range list.Data {
		properties, _ := row.Schema["properties"].(map[string]any)
		name, _ := properties["type"].(map[string]any)
		if name["const"] != row.ID || properties["body"] == nil {
			t.Errorf("%s has another schema", row.ID)
		}
	}
}
