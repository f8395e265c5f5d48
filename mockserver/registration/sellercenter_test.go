package registration_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hookrig/hookrig/contracts/signature"
	"github.com/hookrig/hookrig/mockserver/registration"
)

const sellerKey = "b1bdb357ced10fe4e9a69840cdd4f0e9c03d77fe"

// sellerQuery signs a query as clients of the provider do: RFC 3986, sorted, joined.
func sellerQuery(action string, more ...string) string {
	params := []string{
		"Action=" + action, "Format=XML", "Timestamp=2026-03-01T12%3A00%3A00%2B01%3A00",
		"UserID=look%40me.com", "Version=1.0",
	}
	params = append(params, more...)
	slices.Sort(params)
	mac := hmac.New(sha256.New, []byte(sellerKey))
	mac.Write([]byte(strings.Join(params, "&")))
	return "?" + strings.Join(params, "&") + "&Signature=" + hex.EncodeToString(mac.Sum(nil))
}

func sellerClient(t *testing.T, c registration.Config) (client, *registration.Subscriptions) {
	t.Helper()
	subs := load(t, c)
	tokens := map[string]signature.Secret{"sellercenter": signature.NewSecret(sellerKey)}
	return serve(t, "sellercenter", registration.Options{Subscriptions: subs, Tokens: tokens}).with("Content-Type", "text/xml; charset=UTF8"), subs
}

func sellerRequest(callback string, events ...string) string {
	var b strings.Builder
	for _, e := range events {
		b.WriteString("<Event>" + e + "</Event>")
	}
	return `<?xml version="1.0" encoding="UTF-8" ?><Request><Webhook><CallbackUrl>` + callback + `</CallbackUrl><Events>` + b.String() + `</Events></Webhook></Request>`
}

var uuid = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}`)

func wantXML(t *testing.T, r reply, status int, want string) {
	t.Helper()
	if got := uuid.ReplaceAllString(r.body, "UUID"); r.status != status || got != want {
		t.Fatalf("status %d\n%s\nwant %d\n%s", r.status, got, status, want)
	}
	if err := xml.Unmarshal([]byte(r.body), new(struct{})); err != nil || r.header.Get("Content-Type") != "text/xml; charset=utf-8" {
		t.Errorf("%v, %q", err, r.header.Get("Content-Type"))
	}
}

func TestSellerCenterRegisters(t *testing.T) {
	c, subs := sellerClient(t, registration.Config{})
	created := c.do("POST", "/"+sellerQuery("CreateWebhook"), sellerRequest("http://example.com/callback?a=1&amp;token=mine", "onOrderCreated", "onProductCreated"))
	wantXML(t, created, 200, `<?xml version="1.0" encoding="UTF-8"?>
<SuccessResponse>
  <Head>
    <RequestId/>
    <RequestAction>CreateWebhook</RequestAction>
    <ResponseType>Webhook</ResponseType>
    <Timestamp>2026-03-01T12:00:00+0100</Timestamp>
  </Head>
  <Body>
    <Webhook>
      <WebhookId>UUID</WebhookId>
      <CreatedAt>2026-03-01T12:00:00+0100</CreatedAt>
    </Webhook>
  </Body>
</SuccessResponse>
`)
	id := uuid.FindString(created.body)
	const listed = `<?xml version="1.0" encoding="UTF-8"?>
<SuccessResponse>
  <Head>
    <RequestId/>
    <RequestAction>GetWebhooks</RequestAction>
    <ResponseType>Webhooks</ResponseType>
    <Timestamp>2026-03-01T12:00:00+0100</Timestamp>
  </Head>
  <Body>
    <Webhooks>
      <Webhook>
        <WebhookId>UUID</WebhookId>
        <CallbackUrl>http://example.com/callback?a=1&amp;token=mine</CallbackUrl>
        <WebhookSource>api</WebhookSource>
        <Events>
          <Event>onOrderCreated</Event>
          <Event>onProductCreated</Event>
        </Events>
      </Webhook>
    </Webhooks>
  </Body>
</SuccessResponse>
`
	wantXML(t, c.do("GET", sellerQuery("GetWebhooks"), ""), 200, listed)
	wantXML(t, c.do("GET", sellerQuery("GetWebhooks", "Note=a%20b%2Bc~%2A"), ""), 200, listed)
	create(t, subs, draft("sellercenter", "http://other.example/", "onFeedCreated"), draft("shoptet", "https://a.example/", "order:create"))
	wantXML(t, c.do("GET", "/"+sellerQuery("GetWebhooks", "WebhookIds="+url.QueryEscape(`["`+id+`"]`)), ""), 200, listed)
	if got := c.do("GET", "/"+sellerQuery("GetWebhooks", "WebhookIds=%5B%5D"), ""); strings.Contains(got.body, "<Webhook>") {
		t.Errorf("none was asked for: %s", got.body)
	}
	if got := c.do("GET", "/"+sellerQuery("GetWebhooks"), ""); !strings.Contains(got.body, "<WebhookSource>web</WebhookSource>") {
		t.Errorf("one that no client made: %s", got.body)
	}
	wantXML(t, c.do("POST", "/"+sellerQuery("DeleteWebhook"), "<Request>\n<Webhook>"+id+"</Webhook>\n</Request>\n<!-- gone -->"), 200, `<?xml version="1.0" encoding="UTF-8"?>
<SuccessResponse>
  <Head>
    <RequestId/>
    <RequestAction>DeleteWebhook</RequestAction>
    <ResponseType/>
    <Timestamp>2026-03-01T12:00:00+0100</Timestamp>
  </Head>
  <Body/>
</SuccessResponse>
`)
	if len(subs.List("sellercenter")) != 1 || len(subs.List("shoptet")) != 1 {
		t.Error("the wrong one was deleted")
	}
}

func TestSellerCenterEntities(t *testing.T) {
	c, _ := sellerClient(t, registration.Config{})
	var got struct {
		Body struct {
			Entities []struct {
				Name   string
				Events []struct{ EventName, EventAlias string } `xml:"Events>Event"`
			} `xml:"Entities>Entity"`
		}
	}
	if err := xml.Unmarshal([]byte(c.do("GET", sellerQuery("GetWebhookEntities"), "").body), &got); err != nil {
		t.Fatal(err)
	}
	const want = "[{Feed [{Created onFeedCreated} {Completed onFeedCompleted}]} {Metrics [{Updated onMetricsUpdated}]}" +
		" {Order [{Created onOrderCreated} {ItemsStatusChanged onOrderItemsStatusChanged}]}" +
		" {Product [{Created onProductCreated} {Updated onProductUpdated} {QcStatusChanged onProductQcStatusChanged}]}" +
		" {Statistics [{Updated onStatisticsUpdated}]}]"
	if fmt.Sprint(got.Body.Entities) != want {
		t.Errorf("got  %v\nwant %s", got.Body.Entities, want)
	}
}

func TestSellerCenterRefuses(t *testing.T) {
	c, subs := sellerClient(t, registration.Config{})
	deep := strings.Repeat("<a>", 20_000)
	tests := []struct {
		name, method, query, body string
		code, message             string // of an answer with status 200
	}{
		{"bad URL", "POST", sellerQuery("CreateWebhook"), sellerRequest("callback", "onOrderCreated"), "98", `E098: Invalid Webhook Callback Url, "Given url is invalid"`},
		{"bad event", "POST", sellerQuery("CreateWebhook"), sellerRequest("http://a.example/", "onOrderCreated", "onOrder"), "99", `E099: Invalid Webhook Event Alias, "Events alias are not matching"`},
		{"no URL", "POST", sellerQuery("CreateWebhook"), sellerRequest("", "onOrderCreated"), "89", "E089: Required CallbackUrl field is missing"},
		{"no events", "POST", sellerQuery("CreateWebhook"), sellerRequest("http://a.example/"), "89", "E089: Required Events field is missing"},
		{"no webhook", "POST", sellerQuery("CreateWebhook"), "<Request/>", "89", "E089: Required Webhook field is missing"},
		{"no XML", "POST", sellerQuery("CreateWebhook"), "{}", "5", "E005: Invalid Request Format"},
		{"empty", "POST", sellerQuery("CreateWebhook"), "", "5", "E005: Invalid Request Format"},
		{"another root", "POST", sellerQuery("CreateWebhook"), "<Webhook/>", "5", "E005: Invalid Request Format"},
		{"two documents", "POST", sellerQuery("CreateWebhook"), sellerRequest("http://a.example/", "onOrderCreated") + "<Request/>", "5", "E005: Invalid Request Format"},
		{"an entity bomb", "POST", sellerQuery("CreateWebhook"), `<!DOCTYPE Request [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><Request><Webhook><CallbackUrl>&b;</CallbackUrl></Webhook></Request>`, "5", "E005: Invalid Request Format"},
		{"depth", "POST", sellerQuery("CreateWebhook"), "<Request>" + deep, "5", "E005: Invalid Request Format"},
		{"another encoding", "POST", sellerQuery("CreateWebhook"), `<?xml version="1.0" encoding="UTF-16"?><Request/>`, "5", "E005: Invalid Request Format"},
		{"unknown id", "POST", sellerQuery("DeleteWebhook"), "<Request><Webhook>f8bf8d09-1647-4136-b405-03c44f228cf5</Webhook></Request>", "100", "E100: Invalid Webhook ID"},
		{"no id", "POST", sellerQuery("DeleteWebhook"), "<Request></Request>", "89", "E089: Required Webhook field is missing"},
		{"no UUID", "POST", sellerQuery("DeleteWebhook"), "<Request><Webhook>17</Webhook></Request>", "97", "E097: Field Webhook has a wrong value"},
		{"ids", "GET", sellerQuery("GetWebhooks", "WebhookIds=17"), "", "97", "E097: Field WebhookIds has a wrong value"},
		{"unknown action", "GET", sellerQuery("GetOrders"), "", "8", "E008: Invalid Action"},
		{"method", "GET", sellerQuery("CreateWebhook"), "", "5", "E005: CreateWebhook needs POST"},
		{"no action", "GET", strings.Replace(sellerQuery("GetWebhooks"), "Action=GetWebhooks&", "", 1), "", "1", "E001: Parameter Action is mandatory"},
		{"no signature", "GET", strings.Split(sellerQuery("GetWebhooks"), "&Signature")[0], "", "1", "E001: Parameter Signature is mandatory"},
		{"a changed query", "GET", strings.Replace(sellerQuery("GetWebhooks"), "look%40me", "hook%40me", 1), "", "7", "E007: Login failed. Signature mismatch"},
		{"a cut signature", "GET", sellerQuery("GetWebhooks")[:len(sellerQuery("GetWebhooks"))-2], "", "7", "E007: Login failed. Signature mismatch"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := c
			c.t = t
			got := c.do(test.method, "/"+test.query, test.body)
			var e struct {
				XMLName xml.Name `xml:"ErrorResponse"`
				Head    struct{ RequestAction, ErrorType, ErrorCode, ErrorMessage string }
			}
			if err := xml.Unmarshal([]byte(got.body), &e); err != nil {
				t.Fatalf("%v\n%s", err, got.body)
			}
			if got.status != 200 || e.Head.ErrorType != "Sender" || e.Head.ErrorCode != test.code || !strings.HasPrefix(e.Head.ErrorMessage, test.message) || len(e.Head.ErrorMessage) > 400 {
				t.Errorf("%d %+v", got.status, e.Head)
			}
		})
	}
	if got := c.with("Content-Type", "application/json").do("POST", "/"+sellerQuery("CreateWebhook"), "{}"); !strings.Contains(got.body, "<ErrorCode>5<") {
		t.Errorf("JSON: %s", got.body)
	}
	if got := c.do("POST", "/"+sellerQuery("CreateWebhook"), strings.Repeat(" ", 1<<20)+"<Request/>"); got.status != 413 || !strings.Contains(got.body, "<ErrorCode>5<") {
		t.Errorf("more than 1 MiB: %d %s", got.status, got.body)
	}
	if len(subs.List("")) != 0 {
		t.Error("something was kept")
	}
}

func TestSellerCenterTakesAnySignature(t *testing.T) {
	c := serve(t, "sellercenter", registration.Options{Subscriptions: load(t, registration.Config{})})
	if got := c.do("GET", "/?Action=GetWebhooks&Timestamp=now&UserID=me&Version=1.0&Signature=any", ""); !strings.Contains(got.body, "<Webhooks/>") {
		t.Errorf("%d %s", got.status, got.body)
	}
	c.do("GET", "?Action=GetWebhooks&Timestamp=now&UserID=me&Version=1.0&Signature=any&Format=JSON", "").want(t, 200,
		`{"SuccessResponse":{"Head":{"RequestId":"","RequestAction":"GetWebhooks","ResponseType":"Webhooks","Timestamp":"…"},"Body":{"Webhooks":""}}}`)
	c.do("GET", "?Action=x&Timestamp=now&UserID=me&Version=1.0&Signature=any&Format=json", "").want(t, 200,
		`{"ErrorResponse":{"Head":{"RequestAction":"x","ErrorType":"Sender","ErrorCode":"8","ErrorMessage":"E008: Invalid Action"},"Body":""}}`)
	form := c.with("Content-Type", "application/x-www-form-urlencoded")
	for _, body := range []string{sellerRequest("http://a.example/", "onOrderCreated"), sellerRequest("http://b.example/", "onOrderCreated", "onFeedCreated")} {
		form.do("POST", "?Action=CreateWebhook&Timestamp=now&UserID=me&Version=1.0&Signature=any&Format=JSON", body).want(t, 200,
			`{"SuccessResponse":{"Head":{"RequestId":"","RequestAction":"CreateWebhook","ResponseType":"Webhook","Timestamp":"…"},"Body":{"Webhook":{"WebhookId":"…","CreatedAt":"…"}}}}`)
	}
	got := c.do("GET", "?Action=GetWebhooks&Timestamp=now&UserID=me&Version=1.0&Signature=any&Format=JSON", "").want(t, 200, "")
	if !strings.Contains(got.body, `"Webhook":[{`) || !strings.Contains(got.body, `{"Event":["onOrderCreated","onFeedCreated"]}`) || !strings.Contains(got.body, `{"Event":"onOrderCreated"}`) {
		t.Errorf("%s", got.body)
	}
}
