package registration_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/hookrig/hookrig/contracts/signature"
	"github.com/hookrig/hookrig/mockserver"
	"github.com/hookrig/hookrig/mockserver/registration"
)

// app is an app as its developer writes it: it keeps the shared secret of the
// handshake and checks every call with it.
type app struct {
	mu     sync.Mutex
	calls  []string
	secret signature.Secret
	status int // of the handshake; 0: 204
	scheme signature.Scheme
}

func newApp(t *testing.T) *app {
	scheme, _ := builtin(t)[4].Signature()
	scheme.Claims = map[string]string{"app_installation_id": scheme.Claims["app_installation_id"], "api_url": scheme.Claims["api_url"]}
	return &app{scheme: scheme}
}

func (a *app) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	a.mu.Lock()
	defer a.mu.Unlock()
	call := r.Method + " " + r.URL.Path
	if r.URL.Path == "/app/handshake" {
		var in struct {
			Secret string `json:"shared_secret"`
		}
		if err := json.Unmarshal(body, &in); err != nil {
			call += " " + err.Error()
		}
		a.secret = signature.NewSecret(in.Secret)
	} else {
		call += " " + string(body)
	}
	finding, err := a.scheme.Verify(r.Header, body, noon, a.secret)
	if err != nil || !finding.OK() {
		call += fmt.Sprintf(" refused: %v %v", finding, err)
	}
	a.calls = append(a.calls, call)
	if a.status != 0 {
		w.WriteHeader(a.status)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func (a *app) took() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.calls)
}

func ergonodeClient(t *testing.T, transport http.RoundTripper) (client, *registration.Subscriptions, *logged) {
	t.Helper()
	log, logger := newLog()
	subs := load(t, registration.Config{Logger: logger})
	o := registration.Options{Subscriptions: subs, Transport: transport, Logger: logger}
	return serve(t, "ergonode", o).with("Content-Type", "application/json"), subs, log
}

const installed = `{"id":"…","name":"Sync","description":"Sends products to the shop","version":"1.0.0","compatible":"1.0.0",
	"events":["app_installed","app_uninstalled"],"url":"https://app.test/app","active":true}`

func manifestOf(change ...string) string {
	m := `{"name":"Sync","description":"Sends products to the shop","version":"1.0.0","compatible":"1.0.0","icon":"x","features":["synchronization"],
	"events":["app_installed","app_uninstalled"],"url":"https://app.test/app"}`
	return strings.NewReplacer(change...).Replace(m)
}

func TestErgonodeHandshake(t *testing.T) {
	a := newApp(t)
	c, subs, log := ergonodeClient(t, mockserver.InProcess(a))
	var made struct{ ID string }
	if err := json.Unmarshal([]byte(c.do("POST", "/apps", manifestOf()).want(t, 201, installed).body), &made); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(a.took(), "\n"); got != "POST /app/handshake\nPUT /app/consume/app_installed {\"name\":\"app_installed\"}" {
		t.Errorf("the app saw %s", got)
	}
	if matching := subs.Matching("ergonode", "product_value_added"); len(matching) != 1 {
		t.Fatalf("%d subscriptions", len(matching))
	}
	endpoint, err := subs.Endpoint(made.ID)
	if err != nil || endpoint.URL != "https://app.test/app" || len(endpoint.Keys()) != 1 || !endpoint.Keys()[0].Equal(a.secret) {
		t.Errorf("%+v %v: deliveries are signed with another secret than was agreed", endpoint, err)
	}

	c.do("POST", "/apps", manifestOf()).want(t, 409, `{"message":"…","field":"version"}`)
	c.do("POST", "/apps", manifestOf(`"version":"1.0.0"`, `"version":"1.1.0-rc"`)).want(t, 200, "")
	c.do("POST", "/apps", manifestOf(`"version":"1.0.0"`, `"version":"1.1.0"`)).want(t, 200, "")
	c.do("POST", "/apps", manifestOf(`"version":"1.0.0"`, `"version":"1.0.9"`)).want(t, 409, "")
	if len(a.took()) != 2 {
		t.Errorf("an update shook hands again: %v", a.took())
	}
	c.do("GET", "/apps", "").want(t, 200, `{"apps":[`+strings.Replace(installed, `"version":"1.0.0"`, `"version":"1.1.0"`, 1)+`]}`)
	c.do("GET", "/apps/"+made.ID, "").want(t, 200, "")
	c.do("DELETE", "/apps/"+made.ID, "").want(t, 204, "")
	if got := a.took(); got[len(got)-1] != `PUT /app/consume/app_uninstalled {"name":"app_uninstalled"}` {
		t.Errorf("the app saw %s", got)
	}
	c.do("DELETE", "/apps/"+made.ID, "").want(t, 404, "")
	if strings.Contains(log.String(), a.secret.Reveal()) {
		t.Error("the shared secret is in the log")
	}
}

// failing is a transport that gets nowhere.
type failing struct{}

func (failing) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, errors.New("dial tcp 10.0.0.7:443: refused")
}

func TestErgonodeHandshakeFails(t *testing.T) {
	for name, test := range map[string]struct {
		transport http.RoundTripper
		message   string
	}{
		"refused":      {statusApp(t, 500), "the app was not installed: it answered the handshake with 500"},
		"redirected":   {statusApp(t, 302), "the app was not installed: it answered the handshake with 302"},
		"unreachable":  {failing{}, "the app was not installed: it could not be called for the handshake"},
		"no transport": {nil, "the app was not installed: it could not be called for the handshake"},
	} {
		t.Run(name, func(t *testing.T) {
			c, subs, log := ergonodeClient(t, test.transport)
			c.do("POST", "/apps", manifestOf()).want(t, 502, fmt.Sprintf(`{"message":%q,"field":"url"}`, test.message))
			if len(subs.List("")) != 0 || !strings.Contains(log.String(), "a handshake failed") {
				t.Errorf("%d registrations, log %s", len(subs.List("")), log)
			}
		})
	}
}

func statusApp(t *testing.T, status int) http.RoundTripper {
	a := newApp(t)
	a.status = status
	return mockserver.InProcess(a)
}

func TestErgonodeRefuses(t *testing.T) {
	a := newApp(t)
	c, subs, _ := ergonodeClient(t, mockserver.InProcess(a))
	for name, test := range map[string]struct{ manifest, field string }{
		"short name":        {manifestOf("Sync", "Sy"), "name"},
		"long name":         {manifestOf("Sync", strings.Repeat("ą", 31)), "name"},
		"short description": {manifestOf("Sends products to the shop", "Sends products, yes"), "description"},
		"long description":  {manifestOf("Sends products to the shop", strings.Repeat("d", 201)), "description"},
		"version":           {manifestOf(`"version":"1.0.0"`, `"version":"1.0"`), "version"},
		"compatible":        {manifestOf(`"compatible":"1.0.0"`, `"compatible":"1.0.1"`), "compatible"},
		"event":             {manifestOf("app_installed", "product_created"), "events"},
		"URL":               {manifestOf("https://app.test/app", "app.test"), "url"},
		"no URL":            {manifestOf("https://app.test/app", ""), "url"},
	} {
		var problem struct{ Message, Field string }
		answer := c.do("POST", "/apps", test.manifest)
		if err := json.Unmarshal([]byte(answer.body), &problem); err != nil || answer.status != 400 || problem.Field != test.field {
			t.Errorf("%s: %d %s", name, answer.status, answer.body)
		}
	}
	if len(a.took()) != 0 || len(subs.List("")) != 0 {
		t.Errorf("an app was called: %v", a.took())
	}
	fixed := serve(t, "ergonode", registration.Options{Subscriptions: subs, Tokens: map[string]signature.Secret{"ergonode": signature.NewSecret("right")}})
	fixed.do("GET", "/apps", "").want(t, 401, "")
	fixed.with("Authorization", "Bearer right").do("GET", "/apps", "").want(t, 200, `{"apps":[]}`)
}
