package registration_test

import (
	"context"
	"encoding/xml"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/signature"
	"github.com/hookrig/hookrig/faker"
	"github.com/hookrig/hookrig/faker/shop"
	"github.com/hookrig/hookrig/mockserver/registration"
)

// told is what the events of a world have told of so far. It stands in for the
// run of a world.
type told struct {
	mu      sync.Mutex
	world   *faker.World
	stream  *faker.Stream
	records *faker.Records
	last    faker.WorldEvent
}

func tellOf(t *testing.T, all []*contracts.Contract) *told {
	t.Helper()
	w, err := faker.NewWorld(all, faker.WorldOptions{Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	return &told{world: w, stream: w.Stream(), records: w.Records(0)}
}

// until tells of all events up to the next one of an action.
func (s *told) until(t *testing.T, action string) faker.WorldEvent {
	t.Helper()
	for range 100_000 {
		s.last = s.stream.Next()
		s.records.Learn(s.last.Step)
		if s.last.Action == action {
			return s.last
		}
	}
	t.Fatalf("nothing of %s in a long time", action)
	return s.last
}

func (s *told) Look(l *contracts.Lookup, key string) ([]byte, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.records.Look(l, key, s.last.Time)
}

// Each provider's own credentials, answer, and refusal.
func TestLookups(t *testing.T) {
	all := builtin(t)
	living := tellOf(t, all)
	placed := living.until(t, "order.placed")
	id, number := orderOf(placed)
	subs := load(t, registration.Config{Contracts: all})
	o := registration.Options{Subscriptions: subs, Entities: living, Tokens: map[string]signature.Secret{
		"sellercenter": signature.NewSecret(sellerKey), "shoptet": signature.NewSecret("right"),
	}}
	const jwt = "Authorization"
	for _, c := range []struct {
		provider, header, value, path, want, missing, refusal string
		status                                                int
	}{
		{"shoptet", "Shoptet-Access-Token", "right", "/api/orders/" + number, `"code":"` + number + `"`, "/api/orders/1", `"errorCode":"not-found"`, 404},
		{"xentral", jwt, "Bearer x", "/api/v1/salesOrders/" + id, `"id":"` + id + `"`, "/api/v1/salesOrders/1", "no record", 404},
		{"scayle", "X-Access-Token", "x", "/shops/any/countries/DE/orders/" + id, `"id":` + id, "/shops/any/countries/DE/orders/1", `"errorKey":"not_found"`, 404},
		{"ergonode", jwt, "Bearer x", "/api/categories/beauty-and-personal-care", "", "/api/categories/nothing", `"message":"there is no record`, 404},
		{"sellercenter", "X", "x", "/" + sellerQuery("GetOrder", "OrderId="+id), "<OrderId>" + id + "</OrderId>", "/" + sellerQuery("GetOrder", "OrderId=1"), "E016: ", 200},
	} {
		client := serve(t, c.provider, o).with(c.header, c.value)
		got := client.do("GET", c.path, "")
		if c.want != "" && (got.status != 200 || !strings.Contains(got.body, c.want)) {
			t.Errorf("%s %s: %d %s", c.provider, c.path, got.status, got.body)
		}
		if head := client.do("HEAD", c.path, ""); head.status != got.status || head.body != "" {
			t.Errorf("%s HEAD %s: %d %s", c.provider, c.path, head.status, head.body)
		}
		if got := client.do("GET", c.missing, ""); got.status != c.status || !strings.Contains(got.body, c.refusal) {
			t.Errorf("%s %s: %d %s", c.provider, c.missing, got.status, got.body)
		}
		if got := client.do("DELETE", c.path, ""); got.status != 405 && !strings.Contains(got.body, "E005") {
			t.Errorf("%s DELETE %s: %d %s", c.provider, c.path, got.status, got.body)
		}
	}
	if got := serve(t, "shoptet", o).with("Shoptet-Access-Token", "wrong").do("GET", "/api/orders/"+number, ""); got.status != 401 {
		t.Errorf("with a wrong token: %d %s", got.status, got.body)
	}
	o.Entities = nil
	if got := serve(t, "shoptet", o).with("Shoptet-Access-Token", "right").do("GET", "/api/orders/"+number, ""); got.status != 404 {
		t.Errorf("where nothing can be looked up: %d %s", got.status, got.body)
	}
}

// orderOf is how an event's order is named.
func orderOf(e faker.WorldEvent) (id, number string) {
	o := e.Step.Of[0].(*shop.Order)
	return strconv.FormatInt(o.ID, 10), o.Number
}

// XML by default and JSON if asked for; the registration's own actions stay.
func TestLookupsOfSellerCenter(t *testing.T) {
	all := builtin(t)
	living := tellOf(t, all)
	id, _ := orderOf(living.until(t, "order.placed"))
	client := serve(t, "sellercenter", registration.Options{Subscriptions: load(t, registration.Config{Contracts: all}), Entities: living})
	query := sellerQuery("GetOrderItems", "OrderId="+id)
	for _, base := range []string{"/", ""} {
		got := client.do("GET", base+query, "")
		var in struct {
			XMLName xml.Name `xml:"SuccessResponse"`
			Head    struct{ RequestAction string }
			Items   []struct {
				Order string `xml:"OrderId"`
			} `xml:"Body>OrderItems>OrderItem"`
		}
		if err := xml.Unmarshal([]byte(got.body), &in); err != nil || in.Head.RequestAction != "GetOrderItems" || len(in.Items) == 0 || in.Items[0].Order != id {
			t.Errorf("%d %v %s", got.status, err, got.body)
		}
	}
	asJSON := client.do("GET", strings.Replace(query, "Format=XML", "Format=json", 1), "")
	if !strings.HasPrefix(asJSON.body, `{"SuccessResponse":{"Head":{`) || asJSON.header.Get("Content-Type") != "application/json" {
		t.Errorf("%v %s", asJSON.header, asJSON.body)
	}
	if got := client.do("GET", sellerQuery("GetWebhooks"), ""); !strings.Contains(got.body, "<RequestAction>GetWebhooks</RequestAction>") {
		t.Errorf("%d %s", got.status, got.body)
	}
	if got := client.do("GET", "?Action=GetOrder&OrderId="+id, ""); !strings.Contains(got.body, "E001") {
		t.Errorf("without credentials: %s", got.body)
	}
}

const ownWithLookups = `asyncapi: 3.1.0
info: {title: Own, version: 1.0.0}
x-hookrig:
  provider: own
  lookups:
    - {route: "GET /v1/orders/{id}", key: order.id, missing: 410, answer: {type: object, required: [id], properties: {id: {type: integer, x-faker: world.order.id}, total: {type: string, x-faker: world.order.total}}}}
    - {route: 'GET /v1/find?by=["{tracking}"]', key: order.packages.trackingNumber, answer: {type: object, required: [weight], properties: {weight: {type: integer, x-faker: world.package.weight}, order: {type: integer, x-faker: world.order.id}}}}
channels: {all: {messages: {placed: {$ref: "#/components/messages/placed"}, shipped: {$ref: "#/components/messages/shipped"}}}}
operations: {all: {action: send, channel: {$ref: "#/channels/all"}}}
components:
  messages:
    placed: {x-hookrig: {cause: order.placed}, payload: {type: object, required: [type], properties: {type: {const: placed}}}}
    shipped: {x-hookrig: {cause: package.shipped}, payload: {type: object, required: [type], properties: {type: {const: shipped}}}}
`

// A contract of one's own has lookups without a registration API.
func TestLookupsOfOwnContracts(t *testing.T) {
	c, err := contracts.Load(fstest.MapFS{"own.yaml": {Data: []byte(ownWithLookups)}}, "own.yaml")
	if err != nil {
		t.Fatal(err)
	}
	all := []*contracts.Contract{c, userContract(t, "silent", "a")}
	living := tellOf(t, all[:1])
	id, _ := orderOf(living.until(t, "order.placed"))
	o := registration.Options{Subscriptions: load(t, registration.Config{Contracts: all}), Entities: living}
	client := serve(t, "own", o)
	if got := client.do("GET", "/v1/orders/"+id, ""); got.status != 200 || !strings.Contains(got.body, `"id":`+id+`,"total":"`) {
		t.Errorf("%d %s", got.status, got.body)
	}
	if got := client.do("GET", "/v1/orders/1", ""); got.status != 410 || !strings.Contains(got.body, `there is no record of \"1\"`) {
		t.Errorf("a made-up order: %d %s", got.status, got.body)
	}
	if got := client.do("GET", "/v1/nothing", ""); got.status != 404 {
		t.Errorf("another path: %d %s", got.status, got.body)
	}
	living.until(t, "package.shipped")
	tracking := living.last.Step.Of[1].(*shop.Package).Tracking
	if got := client.do("GET", "/v1/find?by="+url.QueryEscape(`["`+tracking+`"]`)+"&more=1", ""); got.status != 200 || !strings.Contains(got.body, `"weight":`) {
		t.Errorf("by a list's element: %d %s", got.status, got.body)
	}
	o.Tokens = map[string]signature.Secret{"own": signature.NewSecret("right"), "silent": signature.NewSecret("x")}
	client = serve(t, "own", o)
	for value, want := range map[string]int{"": 401, "Bearer wrong": 401, "Bearer right": 200} {
		if got := client.with("Authorization", value).do("GET", "/v1/orders/"+id, ""); got.status != want {
			t.Errorf("%q: %d %s", value, got.status, got.body)
		}
	}
	if got := client.with("Authorization", "Bearer right").with("Origin", "https://example.com").do("GET", "/v1/orders/"+id, ""); got.status != 403 {
		t.Errorf("a page in a browser: %d %s", got.status, got.body)
	}
	if got := serve(t, "", o).do("GET", "", ""); got.body != "/providers/own/\n" {
		t.Errorf("the list: %s", got.body)
	}
}

// Whatever is asked for: an answer of the provider's, and no panic.
func TestLookupsOfHostilePaths(t *testing.T) {
	all := builtin(t)
	living := tellOf(t, all)
	living.until(t, "order.placed")
	handler, err := registration.New(registration.Options{Subscriptions: load(t, registration.Config{Contracts: all}), Entities: living})
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{
		"%2e%2e", "..", "..%2f..%2fetc%2fpasswd", "%00", "%ff%fe", "'", "%22%7d", "{code}", "%7Bcode%7D", "*", ".", "0", "-1", "1e3", "00001",
		strings.Repeat("9", 5000), strings.Repeat("%41", 2000), "a%0d%0aX-Evil:%201", "a?b=c", "a%3Fb", "ä", "%E2%80%AE", "a/b", "a//b", "%20", "",
	} {
		for _, target := range []string{
			"/providers/shoptet/api/orders/" + key, "/providers/xentral/api/v1/salesOrders/" + key, "/providers/scayle/shops/" + key + "/countries/x/orders/" + key,
			"/providers/ergonode/api/products/" + key, "/providers/sellercenter/?Action=GetOrder&OrderId=" + key + "&Timestamp=1&UserID=1&Version=1&Signature=1",
		} {
			u, err := url.ParseRequestURI("http://x" + target)
			if err != nil {
				continue // no server gets it
			}
			r := hostileRequest("GET", "/", "application/json", "").WithContext(context.Background())
			r.URL = u
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, r)
			isXML := strings.Contains(target, "sellercenter")
			if !isXML && w.Code != http.StatusNotFound || isXML && !strings.Contains(w.Body.String(), "ErrorResponse") {
				t.Errorf("%s: %d %s", target, w.Code, w.Body)
			}
			if len(w.Body.String()) > 2000 || strings.Contains(w.Body.String(), "\x00") || w.Header().Get("X-Evil") != "" {
				t.Errorf("%.200s: %d bytes of answer", target, w.Body.Len())
			}
		}
	}
}
