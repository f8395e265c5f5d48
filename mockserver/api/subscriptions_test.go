package api

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/hookrig/hookrig/contracts/catalog"
	"github.com/hookrig/hookrig/mockserver"
	"github.com/hookrig/hookrig/mockserver/registration"
)

// subscribe creates a subscription and gives its id.
func (g *rig) subscribe(body string) string {
	g.t.Helper()
	var s registration.Subscription
	g.do("POST", "/api/v1/subscriptions", body).is(201).into(&s)
	return s.ID
}

func TestSubscriptions(t *testing.T) {
	g := newRig(t, answers(200))
	g.do("PUT", "/api/v1/secrets/acme", `{"value":"whsec_`+canary+`"}`).is(204)
	a := g.do("POST", "/api/v1/subscriptions", `{"provider":"acme","events":["order.created","order.created"],"url":"http://u:`+canary+`@shop.test/hooks","secret":"acme","extra":{"x":1}}`).is(201)
	var s registration.Subscription
	a.into(&s)
	if a.header.Get("Location") != "/api/v1/subscriptions/"+s.ID || s.ID == "" || !s.Active || !slices.Equal(s.Events, []string{"order.created"}) || s.Secret != "acme" || string(s.Extra) != `{"x":1}` {
		t.Errorf("%s", a.body)
	}
	if strings.Contains(a.body, canary) || !s.Private {
		t.Errorf("the credentials are shown: %s", a.body)
	}
	path := "/api/v1/subscriptions/" + s.ID
	if body := g.do("GET", path, "").is(200).body; body != a.body {
		t.Errorf("%s\nwant %s", body, a.body)
	}

	// An event without a target goes there, with its secret, until it is disabled.
	order := `{"provider":"acme","event":"order.created"}`
	d := g.detail(g.do("POST", "/api/v1/deliveries", order).ids()[0])
	if d.State != "delivered" || d.Endpoint != "subscription/"+s.ID {
		t.Errorf("%+v", d)
	}
	g.do("PATCH", path, `{"active":false,"reason":"maintenance"}`).is(200).into(&s)
	if s.Active || s.Reason != "maintenance" || s.Updated.IsZero() {
		t.Errorf("%+v", s)
	}
	if p := g.do("POST", "/api/v1/deliveries", order).problem(422); p.Type != "urn:hookrig:problem:nobody-subscribed" {
		t.Errorf("%+v", p)
	}
	s = registration.Subscription{}
	g.do("PATCH", path, `{"active":true,"url":"http://other.test/"}`).is(200).into(&s)
	if !s.Active || s.Reason != "" || s.URL != "http://other.test/" || s.Private {
		t.Errorf("%+v", s)
	}

	g.do("DELETE", path, "").is(204)
	for _, method := range []string{"GET", "DELETE"} {
		if p := g.do(method, path, "").problem(404); p.Type != "urn:hookrig:problem:unknown-subscription" {
			t.Errorf("%+v", p)
		}
	}
	g.do("PATCH", path, `{"active":true}`).problem(404)
	if strings.Contains(g.log.String(), canary) {
		t.Error("the log has the credentials")
	}
}

func TestSubscriptionsAreListed(t *testing.T) {
	g := newRig(t, answers(200))
	var ids []string
	for i := range 5 {
		provider, event := "bravo", "ping"
		if i%2 == 1 {
			provider, event = "acme", "order.created"
		}
		ids = append(ids, g.subscribe(fmt.Sprintf(`{"provider":%q,"events":[%q],"url":"http://shop.test/%d","active":%t}`, provider, event, i, i < 3)))
	}
	list := func(query string) (all []string, next string) {
		var page struct {
			Subscriptions []registration.Subscription
			Next          string
		}
		g.do("GET", "/api/v1/subscriptions"+query, "").is(200).into(&page)
		for _, s := range page.Subscriptions {
			all = append(all, s.ID)
		}
		return all, page.Next
	}
	pick := func(n ...int) (all []string) {
		for _, i := range n {
			all = append(all, ids[i])
		}
		return all
	}
	for query, want := range map[string][]string{
		"":                                   ids,
		"?provider=acme":                     pick(1, 3),
		"?event=ping":                        pick(0, 2, 4),
		"?active=true":                       pick(0, 1, 2),
		"?active=false&event=order.created":  pick(3),
		"?provider=nobody":                   nil,
		"?provider=acme&event=order.created": pick(1, 3),
	} {
		if got, next := list(query); !slices.Equal(got, want) || next != "" {
			t.Errorf("%s: %v, want %v; next %q", query, got, want, next)
		}
	}
	first, next := list("?limit=2")
	g.do("DELETE", "/api/v1/subscriptions/"+ids[1], "").is(204) // the last of the page: the next is not shifted
	second, next := list("?limit=2&cursor=" + next)
	third, next := list("?limit=2&cursor=" + next)
	if got := slices.Concat(first, second, third); !slices.Equal(got, ids) || next != "" {
		t.Errorf("pages %v %v %v of %v", first, second, third, ids)
	}
	g.do("GET", "/api/v1/subscriptions?cursor=AAAA", "").problem(400)
}

func TestSubscriptionsThatAreRefused(t *testing.T) {
	g := newRig(t, answers(200))
	for body, want := range map[string]string{
		`{"provider":"acmee","events":["order.created"],"url":"http://shop.test/"}`:                    "422 unknown-provider /provider [acme]",
		`{"provider":"acme","events":["order.created","order.creatd"],"url":"http://shop.test/"}`:      "422 unknown-event /events/1 [order.created]",
		`{"provider":"acme","events":["order.created"],"url":"ftp://shop.test/"}`:                      "422 invalid-target /url []",
		`{"provider":"acme","events":["order.created"],"url":"http://shop.test/","secret":"none"}`:     "422 unknown-secret /secret []",
		`{"provider":"acme","events":[],"url":"http://shop.test/"}`:                                    "422 invalid-request /events []",
		`{"provider":"acme","events":["order.created"],"url":"http://shop.test/","active":"no"}`:       "422 invalid-request /active []",
		`{"provider":"acme","events":["order.created"],"url":"http://shop.test/","evnets":[]}`:         "422 unknown-member /evnets [events]",
		`{"provider":"acme","events":["order.created"],"url":"http://shop.test/","reason":"\u202e x"}`: "422 invalid-request /reason []",
	} {
		p := g.do("POST", "/api/v1/subscriptions", body).problem(422)
		got := fmt.Sprintf("%d %s %s %v", p.Status, strings.TrimPrefix(p.Type, "urn:hookrig:problem:"), strings.Join(p.where(), " "), p.Nearest)
		if got != want {
			t.Errorf("%s\n%s, want %s: %s", body, got, want, p.Detail)
		}
	}
	if n := len(g.api.subs.List("")); n > 0 {
		t.Errorf("%d were kept", n)
	}
	id := g.subscribe(`{"provider":"acme","events":["order.created"],"url":"http://shop.test/"}`)
	g.do("PATCH", "/api/v1/subscriptions/"+id, `{}`).problem(422)
	if p := g.do("PATCH", "/api/v1/subscriptions/"+id, `{"events":["order.creatd"]}`).problem(422); p.Hint == "" || p.where()[0] != "/events/0" {
		t.Errorf("%+v", p)
	}
}

// What a provider would refuse because of others is a conflict.
func TestSubscriptionConflicts(t *testing.T) {
	for kind, want := range map[registration.Kind]int{
		registration.KindExists: 409, registration.KindConflict: 409, registration.KindFull: 507,
	} {
		g := newRig(t, answers(200))
		err := g.api.refusedSubscription(&registration.RefusedError{Kind: kind, Field: "event", Event: "b", Other: "17", Message: "m"}, &subscriptionInput{Events: []string{"a", "b"}})
		p, ok := err.(*problem)
		if !ok || p.Status != want || kind == registration.KindExists && (p.Hint != "DELETE /api/v1/subscriptions/17" || p.where()[0] != "/events/1") {
			t.Errorf("%s: %+v", kind, err)
		}
	}
	if err := new(api).refusedSubscription(http.ErrAbortHandler, nil); err != http.ErrAbortHandler {
		t.Errorf("%v: not the client's fault", err)
	}
}

// Where a provider lets its clients filter, what does not pass is not sent: of a
// request, of a run, and of what a run sends to further subscribers.
func TestFilteredSubscriptions(t *testing.T) {
	scayle, err := catalog.Load("scayle")
	if err != nil {
		t.Fatal(err)
	}
	g := newRigWith(t, Config{Contracts: append(both()[:2:2], scayle)}, answers(200))
	subscribe := func(include string) string {
		return g.subscribe(`{"provider":"scayle","events":["order-confirmed"],"url":"http://u:p@shop.test/` + include + `",
			"extra":{"version":1,"filters":[{"merchantReferenceKeys":{"include":["` + include + `"]}}]}}`)
	}
	main, other := subscribe("main"), subscribe("other")
	const order = `{"provider":"scayle","event":"order-confirmed","set":{"/payload/items":`
	of := func(merchants ...string) string {
		var items []string
		for _, m := range merchants {
			items = append(items, `{"merchant":{"referenceKey":"`+m+`"}}`)
		}
		return order + "[" + strings.Join(items, ",") + "]}"
	}
	where := func(ids ...string) (to []string) {
		for _, id := range ids {
			d := g.detail(id)
			to = append(to, strings.TrimPrefix(d.Endpoint, "subscription/"))
		}
		slices.Sort(to)
		return to
	}
	for merchants, want := range map[string][]string{"main": {main}, "other": {other}, "main other": {main, other}} {
		if to := where(g.do("POST", "/api/v1/deliveries", of(strings.Fields(merchants)...)+`,"force":true}`).ids()...); !slices.Equal(to, want) {
			t.Errorf("%s goes to %q, want %q", merchants, to, want)
		}
	}
	if p := g.do("POST", "/api/v1/deliveries", of("third")+`,"force":true}`).problem(422); p.Type != "urn:hookrig:problem:nobody-subscribed" {
		t.Errorf("%+v", p)
	}
	for merchants, want := range map[string]int{"other": 1, "main other": 2, "third": 0} {
		label := strings.ReplaceAll(merchants, " ", "-")
		g.do("POST", "/api/v1/runs", of(strings.Fields(merchants)...)+`,"force":true,"name":"`+label+`","label":"`+label+`","burst":{"size":1,"every":"1s"},"count":1}`).is(202)
		for g.run(label).State != mockserver.RunDone {
			runtime.Gosched()
		}
		var page struct{ Deliveries []struct{ ID string } }
		for n := 0; n == 0 || len(page.Deliveries) < want && n < 1e6; n++ {
			g.do("GET", "/api/v1/deliveries?label="+label, "").is(200).into(&page)
		}
		if len(page.Deliveries) != want || (want == 0) != (g.run(label).Refused == 1) {
			t.Errorf("%s: %+v, %+v", merchants, page, g.run(label))
		}
	}
}

// The key that all registrations with a provider share is a secret like any other: it
// can be one that the receiver knows. As long as it signs it stays.
func TestSharedKey(t *testing.T) {
	shoptet, err := catalog.Load("shoptet")
	if err != nil {
		t.Fatal(err)
	}
	signed := make(chan bool, 1)
	g := newRigWith(t, Config{Contracts: append(both()[:2:2], shoptet)}, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		sum := hmac.New(sha1.New, []byte("known"))
		sum.Write(body)
		signed <- r.Header.Get("Shoptet-Webhook-Signature") == hex.EncodeToString(sum.Sum(nil))
	}))
	const key = "/api/v1/secrets/shoptet.signature-key"
	send := func(want bool) {
		t.Helper()
		g.do("POST", "/api/v1/deliveries", `{"provider":"shoptet","event":"order:create"}`).ids()
		if got := <-signed; got != want {
			t.Errorf("signed with the key that was put: %t", got)
		}
	}
	g.do("PUT", key, `{"value":"known"}`).is(204)
	g.do("DELETE", key, "").is(204)
	g.do("PUT", key, `{"value":"known"}`).is(204)
	id := g.subscribe(`{"provider":"shoptet","events":["order:create"],"url":"http://shop.test/"}`)
	send(true)
	if _, err := g.api.subs.SharedKey("shoptet"); err != nil {
		t.Fatal(err)
	}
	send(false)
	g.do("PUT", key, `{"value":"known"}`).is(204)
	send(true)
	if p := g.do("DELETE", key, "").problem(409); !strings.HasSuffix(p.Type, ":secret-in-use") || p.Hint == "" {
		t.Errorf("%+v", p)
	}
	g.do("DELETE", "/api/v1/subscriptions/"+id, "").is(204)
	g.do("DELETE", key, "").is(204)
}
