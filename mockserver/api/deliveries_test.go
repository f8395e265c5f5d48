package api

import (
	"context"
	"encoding/base64"
	"fmt"
	"html"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hookrig/hookrig/mockserver"
)

type listing struct {
	Deliveries []delivery
	Next       string
}

func (g *rig) list(query string) (l listing) {
	g.t.Helper()
	g.do("GET", "/api/v1/deliveries"+query, "").is(200).into(&l)
	return l
}

func TestListing(t *testing.T) {
	g := newRig(t, answers(200, 500, 200))
	var ids []string
	for i := range 3 {
		id := g.do("POST", "/api/v1/deliveries", ping+fmt.Sprintf(`,"label":"l%d"}`, i)).ids()[0]
		g.detail(id)
		ids = append(ids, id)
	}
	for query, want := range map[string][]string{
		"":                                   {ids[2], ids[1], ids[0]},
		"?limit=2":                           {ids[2], ids[1]},
		"?state=exhausted":                   {ids[1]},
		"?state=delivered":                   {ids[2], ids[0]},
		"?label=l0":                          {ids[0]},
		"?label=l0&state=exhausted":          {},
		"?provider=bravo&event=ping":         {ids[2], ids[1], ids[0]},
		"?provider=acme":                     {},
		"?event=pong":                        {},
		"?endpoint=http://shop.test/hooks":   {ids[2], ids[1], ids[0]},
		"?endpoint=shop":                     {},
		"?cursor=" + g.list("?limit=1").Next: {ids[1], ids[0]},
	} {
		got := []string{}
		for _, d := range g.list(query).Deliveries {
			got = append(got, d.ID)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", query, got, want)
		}
	}
	if d := g.list("?state=exhausted").Deliveries[0]; d.Last.Status != 500 || d.Last.Number != 1 || d.Then != "keep" || d.Reason == "" || d.Queued.IsZero() {
		t.Errorf("%+v", d)
	}
}

// Pages hold every delivery once, however many there are and whatever is sent
// meanwhile.
func TestPages(t *testing.T) {
	g := newRig(t, answers(200))
	ids := g.do("POST", "/api/v1/deliveries", ping+`,"count":20}`).ids()
	slices.Reverse(ids)
	for _, limit := range []int{1, 3, 10, 20, 500} {
		first := g.list(fmt.Sprintf("?limit=%d", limit))
		if limit < 20 && first.Next == "" || limit >= 20 && first.Next != "" {
			t.Errorf("limit %d: next %q", limit, first.Next)
		}
	}
	for _, limit := range []int{1, 3, 7} {
		var seen []string
		for next := "&cursor=" + writeCursor(1<<40); next != ""; {
			page := g.list(fmt.Sprintf("?limit=%d", limit) + next)
			for _, d := range page.Deliveries {
				seen = append(seen, d.ID)
			}
			g.do("POST", "/api/v1/deliveries", ping+`,"label":"late"}`).ids()
			if next = ""; page.Next != "" {
				next = "&cursor=" + page.Next
			}
		}
		if seen = seen[len(seen)-20:]; !slices.Equal(seen, ids) {
			t.Errorf("limit %d: %v", limit, seen)
		}
	}
}

func TestWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			select {
			case <-time.After(3 * time.Second):
			case <-r.Context().Done():
			}
		})
		g := newRig(t, slow)
		began := time.Now()
		id := g.do("POST", "/api/v1/deliveries", ping+`}`).ids()[0]
		for _, c := range []struct {
			query string
			state mockserver.State
			after time.Duration
		}{
			{"?wait=500ms", mockserver.Attempting, time.Second / 2},
			{"?wait=1s", mockserver.Attempting, 3 * time.Second / 2},
			{"?wait=2m", mockserver.Delivered, 3 * time.Second},
			{"?wait=2m", mockserver.Delivered, 3 * time.Second},
			{"", mockserver.Delivered, 3 * time.Second},
		} {
			synctest.Wait()
			var d deliveryDetail
			g.do("GET", "/api/v1/deliveries/"+id+c.query, "").is(200).into(&d)
			if d.State != c.state || time.Since(began) != c.after {
				t.Errorf("%s: %s after %v", c.query, d.State, time.Since(began))
			}
		}
		// Who hangs up does not wait on.
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		id = g.do("POST", "/api/v1/deliveries", ping+`}`).ids()[0]
		began = time.Now()
		g.serve(request("GET", "/api/v1/deliveries/"+id+"?wait=5m", "").WithContext(ctx))
		if time.Since(began) != time.Second {
			t.Errorf("%v", time.Since(began))
		}
	})
}

func TestBodiesThatAreNoText(t *testing.T) {
	g := newRig(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("ok\xff<b>")) }))
	id := g.do("POST", "/api/v1/deliveries", ping+`}`).ids()[0]
	d := g.detail(id)
	if a := d.Attempts[0]; a.Body != "" || string(a.Base64) != "ok\xff<b>" {
		t.Errorf("%+v", a)
	}
	raw := g.do("GET", "/api/v1/deliveries/"+id, "").body
	if strings.Count(raw, `"body"`) != 1 || strings.Contains(raw, `"Body"`) {
		t.Error(raw)
	}
}

// What an earlier server has left can be looked at and cancelled, and the answer
// says why it cannot be sent again.
func TestDeliveriesOfAnEarlierServer(t *testing.T) {
	old := mockserver.NewMemory()
	old.Append(t.Context(), mockserver.Entry{
		Kind: mockserver.EntryQueued, Delivery: "dlv_old", Provider: "bravo", Event: "ping", Endpoint: "e", Body: []byte(`{}`), State: mockserver.Waiting,
	})
	g := newRig(t, answers(200), func(_ *Options, o *mockserver.Options) { o.Journal = old })
	if d := g.detail("dlv_old"); d.State != mockserver.Waiting || d.Body != "{}" {
		t.Errorf("%+v", d)
	}
	g.do("POST", "/api/v1/deliveries/dlv_old/resend", "").problem(409)
	g.do("POST", "/api/v1/deliveries/dlv_old/cancel", "").is(202)
	g.do("POST", "/api/v1/deliveries/dlv_old/cancel", "").problem(409)
	g.do("POST", "/api/v1/deliveries/dlv_old/resend", "").problem(410)
}

func TestPage(t *testing.T) {
	g := newRig(t, answers(200, 503))
	if a := g.do("GET", "/", ""); !strings.Contains(a.body, "Nothing was sent yet") {
		t.Error(a.body)
	}
	evil := `<script>alert("x")</script>`
	g.detail(g.do("POST", "/api/v1/deliveries", ping+`,"label":`+fmt.Sprintf("%q", evil)+`}`).ids()[0])
	id := g.do("POST", "/api/v1/deliveries", ping+`}`).ids()[0]
	g.detail(id)
	a := g.do("GET", "/", "").is(200)
	for _, want := range []string{id, "bravo ping", "exhausted", "answered 503", "503, attempt 1", "http://shop.test/hooks", "v1.2.3", html.EscapeString("2 deliveries:"), "&lt;script&gt;"} {
		if !strings.Contains(a.body, want) {
			t.Errorf("the page does not show %q", want)
		}
	}
	if strings.Contains(a.body, "<script") {
		t.Error("a script on the page")
	}
	if strings.Contains(a.body, "answered 200") {
		t.Error("the reason of a success, which is none")
	}
	// The style that is served is the one that the policy allows.
	_, rest, _ := strings.Cut(a.body, "<style>")
	style, _, _ := strings.Cut(rest, "</style>")
	if style != pageCSS {
		t.Errorf("the template has changed the style: %s", style)
	}
	_, rest, _ = strings.Cut(a.header.Get("Content-Security-Policy"), "style-src 'sha256-")
	hash, _, _ := strings.Cut(rest, "'")
	if sum, err := base64.StdEncoding.DecodeString(hash); err != nil || len(sum) != 32 {
		t.Errorf("%s", a.header.Get("Content-Security-Policy"))
	}
}

// Who waits is told when the next attempt is, on the clock on the wall.
func TestPageTellsTheNextAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newRig(t, answers(503, 200), func(_ *Options, o *mockserver.Options) { o.Speed = 60 })
		g.do("PUT", "/api/v1/secrets/acme", `{"value":"whsec_`+canary+`"}`).is(204)
		id := g.do("POST", "/api/v1/deliveries", `{"provider":"acme","event":"order.created","to":"http://shop.test/hooks","secret":"acme"}`).ids()[0]
		synctest.Wait()
		var d deliveryDetail
		g.do("GET", "/api/v1/deliveries/"+id, "").is(200).into(&d)
		due := `<time datetime="` + d.Last.Due.Format(time.RFC3339) + `">`
		if a := g.do("GET", "/", ""); d.State != mockserver.Waiting || strings.Count(a.body, due) != 1 {
			t.Errorf("%s, due %v\n%s", d.State, d.Last.Due, a.body)
		}
		d = g.detail(id)
		if a := g.do("GET", "/", ""); d.State != mockserver.Delivered || strings.Contains(a.body, due) {
			t.Errorf("%s: %s", d.State, a.body)
		}
	})
}

func TestStatus(t *testing.T) {
	g := newRig(t, answers(200))
	g.detail(g.do("POST", "/api/v1/deliveries", ping+`}`).ids()[0])
	var s struct {
		Version    string
		LastEntry  uint64
		Deliveries mockserver.Stats
	}
	g.do("GET", "/api/v1/status", "").is(200).into(&s)
	if s.Version != "v1.2.3" || s.LastEntry != 4 || s.Deliveries.Sent != 1 || s.Deliveries.Delivered != 1 {
		t.Errorf("%+v", s)
	}
}

func TestCatalogue(t *testing.T) {
	g := newRig(t, answers(200))
	var p struct{ Providers []providerRow }
	g.do("GET", "/api/v1/providers", "").is(200).into(&p)
	if len(p.Providers) != 2 || p.Providers[0].Provider != "acme" || p.Providers[0].Events != 2 ||
		p.Providers[0].Signature != "hmac-sha256" || p.Providers[1].Signature != "none" || len(p.Providers[0].Digest) != 64 {
		t.Errorf("%+v", p)
	}
	var e struct{ Events []eventRow }
	g.do("GET", "/api/v1/providers/acme/events", "").is(200).into(&e)
	want := []eventRow{{"acme", "order.created", "An order was placed", "full"}, {"acme", "order.paid", "An order was paid", "none"}}
	if !slices.Equal(e.Events, want) {
		t.Errorf("%+v", e)
	}
}

func TestStoresAreBounded(t *testing.T) {
	g := newRig(t, answers(200))
	for i := range most {
		g.api.endpoints.put(fmt.Sprint("e", i), endpoint{})
	}
	g.do("PUT", "/api/v1/endpoints/new", `{"url":"http://x"}`).problem(507)
	g.do("PUT", "/api/v1/endpoints/e7", `{"url":"http://x"}`).is(200)
	g.do("DELETE", "/api/v1/endpoints/e7", "").is(204)
	g.do("PUT", "/api/v1/endpoints/new", `{"url":"http://x"}`).is(200)
}
