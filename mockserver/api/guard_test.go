package api

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/hookrig/hookrig/contracts/signature"
	"github.com/hookrig/hookrig/mockserver"
)

// A page that was rebound to our address, or that posts to it from elsewhere,
// gets nothing.
func TestHostsAndOrigins(t *testing.T) {
	g := newRig(t, answers(200), func(o *Options, _ *mockserver.Options) { o.Hosts = []string{"QA.example", "192.0.2.7"} })
	local := context.WithValue(t.Context(), http.LocalAddrContextKey, &net.TCPAddr{IP: net.ParseIP("10.1.2.3"), Port: 8080})
	for _, c := range []struct {
		headers string // separated by "; "
		get     int
		post    int
	}{
		{"Host: localhost", 200, 202},
		{"Host: LOCALHOST:8080", 200, 202},
		{"Host: localhost.:8080", 200, 202},
		{"Host: hookrig.localhost:8080", 200, 202},
		{"Host: 127.0.0.1:8080", 200, 202},
		{"Host: 127.1.2.3", 200, 202},
		{"Host: [::1]:8080", 200, 202},
		{"Host: [::1]", 200, 202},
		{"Host: [::ffff:127.0.0.1]:8080", 200, 202},
		{"Host: 10.1.2.3:8080", 200, 202},
		{"Host: qa.example:9999", 200, 202},
		{"Host: 192.0.2.7", 200, 202},

		{"Host: evil.test", 403, 403},
		{"Host: evil.test:8080", 403, 403},
		{"Host: localhost.evil.test", 403, 403},
		{"Host: 127.0.0.1.evil.test", 403, 403},
		{"Host: notlocalhost", 403, 403},
		{"Host: sub.qa.example", 403, 403},
		{"Host: 10.1.2.4", 403, 403},
		{"Host: 0.0.0.0:8080", 403, 403},
		{"Host: 2130706433", 403, 403},
		{"Host: 127.0.0.1@evil.test", 403, 403},
		{"Host: ", 403, 403},

		{"Host: localhost:8080; Origin: http://localhost:8080", 200, 202},
		{"Host: localhost:8080; Origin: http://localhost:8080; Sec-Fetch-Site: same-origin", 200, 202},
		{"Host: localhost:8080; Sec-Fetch-Site: none", 200, 202},
		{"Host: localhost:8080; Origin: http://localhost:3000", 403, 403},
		{"Host: localhost:8080; Origin: http://127.0.0.1:8080", 403, 403},
		{"Host: localhost:8080; Origin: https://evil.test", 403, 403},
		{"Host: localhost:8080; Origin: null", 403, 403},
		{"Host: localhost:8080; Origin: ://", 403, 403},
		{"Host: localhost:8080; Sec-Fetch-Site: cross-site", 200, 403}, // a link to our page
		{"Host: localhost:8080; Sec-Fetch-Site: same-site", 200, 403},  // another port
	} {
		headers := strings.Split(c.headers, "; ")
		get := g.serve(request("GET", "/", "", headers...).WithContext(local))
		post := g.serve(request("POST", "/api/v1/deliveries", ping+`}`, headers...).WithContext(local))
		if get.status != c.get || post.status != c.post {
			t.Errorf("%s: GET %d, POST %d, want %d, %d", c.headers, get.status, post.status, c.get, c.post)
		}
		if probe := g.serve(request("GET", "/healthz", "", headers...)); probe.status != 200 {
			t.Errorf("%s: a probe gets %d", c.headers, probe.status)
		}
	}
}

func TestToken(t *testing.T) {
	g := newRig(t, answers(200), func(o *Options, _ *mockserver.Options) { o.Token = signature.NewSecret("t0k3n-" + canary) })
	right := "Authorization: Bearer t0k3n-" + canary
	for _, o := range g.api.document.operations {
		path := strings.NewReplacer("{id}", "x", "{name}", "x", "{provider}", "x").Replace(o.Path)
		a := g.do(o.Method, path, "")
		if path == "/healthz" || path == "/readyz" {
			a.is(200)
			continue
		}
		if p := a.problem(401); !strings.Contains(p.Hint, "Bearer") || a.header.Get("WWW-Authenticate") == "" {
			t.Errorf("%s: %+v", path, p)
		}
		if o.id == "streamEntries" {
			continue // it would not end
		}
		if a := g.do(o.Method, path, "", right); a.status == 401 {
			t.Errorf("%s %s: 401 with the token", o.Method, path)
		}
	}
	g.do("GET", "/nowhere", "").problem(401)
	for header, status := range map[string]int{
		right:                                   200,
		"Authorization: bearer t0k3n-" + canary: 200,
		"Authorization: Bearer t0k3n-" + canary + "x":   401,
		"Authorization: Bearer t0k3n":                   401,
		"Authorization: Bearer ":                        401,
		"Authorization: Bearer":                         401,
		"Authorization: Basic t0k3n-" + canary:          401,
		"Authorization: t0k3n-" + canary:                401,
		"Cookie: token=t0k3n-" + canary:                 401,
		"Authorization: Bearer  t0k3n-" + canary:        401,
		"Proxy-Authorization: Bearer t0k3n-" + canary:   401,
		"Authorization: Bearer t0k3n-" + canary + ", x": 401,
	} {
		if a := g.do("GET", "/api/v1/status", "", header); a.status != status {
			t.Errorf("%s: %d", header, a.status)
		}
	}
	if strings.Contains(g.log.String(), canary) {
		t.Error("the token is in the log")
	}
}

func TestHeadersOfEveryAnswer(t *testing.T) {
	g := newRig(t, answers(200))
	for _, a := range []got{
		g.do("GET", "/", ""), g.do("GET", "/api/v1/status", ""), g.do("GET", "/nowhere", ""),
		g.do("GET", "/", "", "Host: evil.test"), g.do("POST", "/api/v1/deliveries", "{"),
	} {
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", "Referrer-Policy": "no-referrer",
			"Cross-Origin-Resource-Policy": "same-origin", "Access-Control-Allow-Origin": "",
		} {
			if a.header.Get(name) != want {
				t.Errorf("%d: %s is %q", a.status, name, a.header.Get(name))
			}
		}
		if csp := a.header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || !strings.Contains(csp, "frame-ancestors 'none'") {
			t.Errorf("%d: %s", a.status, csp)
		}
	}
}

func TestMethodsTypesAndQueries(t *testing.T) {
	g := newRig(t, answers(200))
	form := "Content-Type: application/x-www-form-urlencoded"
	for _, c := range []struct {
		method, path, body string
		header             string
		status             int
		says               string
	}{
		{"GET", "/api/v1/delivery", "", "", 404, "nothing at"},
		{"GET", "/api/v1/deliveries/", "", "", 404, "nothing at"},
		{"GET", "/api//v1/deliveries", "", "", 404, "nothing at"},
		{"GET", "/api/v1/../v1/deliveries", "", "", 404, "nothing at"},
		{"GET", "/api/v1/deliveries/%2e%2e/secrets", "", "", 404, "nothing at"},
		{"DELETE", "/api/v1/deliveries", "", "", 405, "DELETE"},
		{"BREW", "/api/v1/secrets/x", "", "", 405, "BREW"},
		{"GET", "/api/v1/secrets/x", "", "", 405, "GET"},
		{"OPTIONS", "/api/v1/deliveries", "", "", 405, "OPTIONS"},
		{"HEAD", "/api/v1/secrets/x", "", "", 405, "HEAD"},
		{"POST", "/api/v1/deliveries", ping + "}", form, 415, "JSON"},
		{"POST", "/api/v1/deliveries", ping + "}", "Content-Type: text/plain", 415, "JSON"},
		{"POST", "/api/v1/deliveries", ping + "}", "Content-Type: application/jsonx", 415, "JSON"},
		{"POST", "/api/v1/deliveries", ping + "}", "Content-Type: ;", 415, "JSON"},
		{"POST", "/api/v1/deliveries", "", "", 415, "JSON"},
		{"POST", "/api/v1/deliveries", "", "Content-Type: application/json", 400, "JSON"},
		{"POST", "/api/v1/deliveries/x/resend", "", form, 415, "JSON"},
		{"PUT", "/api/v1/secrets/x", "value=x", form, 415, "JSON"},
		{"GET", "/api/v1/deliveries?stat=waiting", "", "", 400, "query stat"},
		{"GET", "/api/v1/deliveries?state=gone", "", "", 400, "query state: value must be one of"},
		{"GET", "/api/v1/deliveries?state=", "", "", 400, "query state"},
		{"GET", "/api/v1/deliveries?limit=0", "", "", 400, "query limit: minimum"},
		{"GET", "/api/v1/deliveries?limit=501", "", "", 400, "query limit: maximum"},
		{"GET", "/api/v1/deliveries?limit=ten", "", "", 400, "query limit"},
		{"GET", "/api/v1/deliveries?limit=1&limit=2", "", "", 400, "more than once"},
		{"GET", "/api/v1/deliveries?limit=%zz", "", "", 400, "query"},
		{"GET", "/api/v1/deliveries?limit=1;state=x", "", "", 400, "query"},
		{"GET", "/api/v1/deliveries?cursor=abc", "", "", 400, "cursor"},
		{"GET", "/api/v1/deliveries?cursor=" + writeCursor(0), "", "", 400, "cursor"},
		{"GET", "/api/v1/deliveries?cursor=YmVmb3JlOi0x", "", "", 400, "cursor"},
		{"GET", "/api/v1/deliveries?cursor=" + strings.Repeat("a", 101), "", "", 400, "cursor"},
		{"GET", "/api/v1/journal?after=-1", "", "", 400, "after"},
		{"GET", "/api/v1/journal/stream?after=x", "", "", 400, "after"},
		{"GET", "/api/v1/journal/stream", "", "Last-Event-ID: 1e3", 400, "Last-Event-ID"},
		{"GET", "/api/v1/status?verbose=1", "", "", 400, "verbose"},
		{"PUT", "/api/v1/secrets/a%20b", `{"value":"x"}`, "", 400, "path name"},
		{"PUT", "/api/v1/secrets/-x", `{"value":"x"}`, "", 400, "path name"},
		{"PUT", "/api/v1/secrets/" + strings.Repeat("x", 101), `{"value":"x"}`, "", 400, "path name"},
		{"PUT", "/api/v1/secrets/x", `{"value":""}`, "", 422, "/value"},
		{"PUT", "/api/v1/secrets/x", `{"secret":"x"}`, "", 422, "see errors"},
		{"PUT", "/api/v1/endpoints/x", `{"url":"http://x","headers":{"a b":"c"}}`, "", 422, "/headers"},
		{"PUT", "/api/v1/endpoints/x", `{"url":"http://x","headers":{"a":"c\r\nd: e"}}`, "", 422, "/headers/a"},
		{"PUT", "/api/v1/endpoints/x", `{"url":"http://x y"}`, "", 422, "space"},
		{"GET", "/api/v1/deliveries/dlv_none", "", "", 404, "unknown delivery"},
		{"GET", "/api/v1/deliveries/dlv_none?wait=1s", "", "", 404, "unknown delivery"},
		{"GET", "/api/v1/deliveries/dlv_none?wait=-1s", "", "", 400, "wait"},
		{"GET", "/api/v1/deliveries/" + strings.Repeat("x", 201), "", "", 400, "path id"},
		{"POST", "/api/v1/deliveries/dlv_none/resend", "", "", 404, "unknown delivery"},
		{"POST", "/api/v1/deliveries/dlv_none/cancel", "", "", 404, "unknown delivery"},
		{"DELETE", "/api/v1/secrets/x", "", "", 404, "no secret of this name"},
		{"GET", "/api/v1/endpoints/x", "", "", 404, "unknown endpoint"},
		{"DELETE", "/api/v1/endpoints/x", "", "", 404, "unknown endpoint"},
		{"GET", "/api/v1/providers/acne/events", "", "", 404, "unknown provider"},
	} {
		var headers []string
		if c.header != "" {
			headers = []string{c.header}
		}
		a := g.do(c.method, c.path, c.body, headers...)
		if c.method == "HEAD" {
			a.is(c.status)
			continue
		}
		if p := a.problem(c.status); !strings.Contains(p.Detail, c.says) {
			t.Errorf("%s %s: %q", c.method, c.path, p.Detail)
		}
	}
	allow := g.do("POST", "/api/v1/secrets/x", "{}").header.Values("Allow")
	if strings.Join(allow, ",") != "PUT,DELETE" {
		t.Errorf("Allow: %v", allow)
	}
	if p := g.do("GET", "/api/v1/deliveries?stat=waiting", "").problem(400); len(p.Nearest) != 1 || p.Nearest[0] != "state" {
		t.Errorf("%+v", p)
	}
	if p := g.do("GET", "/api/v1/providers/acne/events", "").problem(404); len(p.Nearest) != 1 || p.Nearest[0] != "acme" {
		t.Errorf("%+v", p)
	}
	if g.log.Len() > 0 {
		t.Errorf("log: %s", g.log)
	}
}

// A body whose length nobody says is cut off as well.
func TestEndlessBody(t *testing.T) {
	g := newRig(t, answers(200))
	server := httptest.NewServer(g.handler)
	defer server.Close()
	r, err := http.NewRequestWithContext(t.Context(), "POST", server.URL+"/api/v1/deliveries", endless{})
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	res, err := server.Client().Do(r)
	if err != nil {
		t.Skip("the connection was closed before the answer could be read") // allowed, and as good
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("status %d", res.StatusCode)
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}
