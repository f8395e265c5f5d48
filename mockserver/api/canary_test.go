package api

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hookrig/hookrig/contracts/signature"
	"github.com/hookrig/hookrig/mockserver"
)

// TestCanary puts a secret into every place where one may be given, and into some
// by mistake, and looks for it in everything that comes out.
func TestCanary(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		token := "Authorization: Bearer " + canary
		var mu sync.Mutex
		received := map[string]bool{}
		receiver := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			user, password, _ := r.BasicAuth()
			mu.Lock()
			defer mu.Unlock()
			received[r.Host] = user == "u" && password == canary
			w.WriteHeader(503)
		})
		d := newDisk()
		var logs bytes.Buffer
		g := newRigWith(t, Config{Contracts: both(), Shelf: d.journal, Secrets: d.secrets}, receiver, func(o *Options, so *mockserver.Options) {
			o.Token = signature.NewSecret(canary)
			so.Journal, so.Logger = d.journal, slog.New(slog.NewTextHandler(&logs, &slog.HandlerOptions{Level: slog.LevelDebug}))
		})
		_, key := certificate(t)
		quoted, err := json.Marshal(key)
		if err != nil {
			t.Fatal(err)
		}
		var answers []got
		do := func(status int, method, path, body string, headers ...string) got {
			t.Helper()
			a := g.do(method, path, body, append(headers, token)...)
			if status != 0 {
				a.is(status)
			}
			answers = append(answers, a)
			return a
		}
		secret := "whsec_" + canary
		private := func(host string) string { return "http://u:" + canary + "@" + host + ".test/h?token=" + canary }

		// Where it belongs.
		do(204, "PUT", "/api/v1/secrets/acme", `{"value":"`+secret+`"}`)
		do(200, "PUT", "/api/v1/endpoints/shop", `{"url":"`+private("shop")+`","secret":"acme","headers":{"X-Plain":"`+canary+`","Cookie":"`+canary+`"}}`)
		do(200, "PUT", "/api/v1/endpoints/basic", `{"url":"http://basic.test","secret":"acme","basicAuth":{"user":"u","password":"`+canary+`"}}`)
		do(201, "POST", "/api/v1/subscriptions", `{"provider":"acme","events":["order.created"],"url":"`+private("sub")+`","secret":"acme"}`)
		event := `"provider":"acme","event":"order.created"`
		do(200, "PUT", "/api/v1/schedules/s", `{"every":"1h",`+event+`,"secret":"acme","to":"`+private("schedule")+`"}`)
		do(202, "POST", "/api/v1/schedules/s/start", "")
		do(202, "POST", "/api/v1/runs", `{"name":"r","rate":10,"count":3,`+event+`,"secret":"acme","to":"`+private("run")+`"}`)
		do(202, "POST", "/api/v1/scenarios/runs", `{"name":"story","scenario":{"name":"s","providers":["acme"],"steps":["order placed"],"expect":{"answers":"success"}},"to":"`+private("story")+`","secret":"acme"}`)
		for i, to := range []string{`"endpoint":"shop"`, `"endpoint":"basic"`, `"secret":"acme","to":"` + private("to") + `"`, `"label":"all"`} {
			do(202, "POST", "/api/v1/deliveries", `{`+event+`,`+to+`}`, fmt.Sprint("Idempotency-Key: ", i, canary))
			do(202, "POST", "/api/v1/deliveries", `{`+event+`,`+to+`}`)
		}
		time.Sleep(2 * time.Second)
		for _, host := range []string{"shop.test", "basic.test", "sub.test", "schedule.test", "run.test", "story.test", "to.test"} {
			mu.Lock()
			reached := received[host]
			mu.Unlock()
			if !reached {
				t.Errorf("%s was not reached with its credentials: the test tests nothing", host)
			}
		}

		// Where it does not.
		for _, c := range []struct{ method, path, body string }{
			{"PUT", "/api/v1/secrets/x", `{"value":["` + canary + `"]}`},
			{"PUT", "/api/v1/secrets/x", `{"value":"` + canary + `","more":"` + canary + `"}`},
			{"PUT", "/api/v1/secrets/x", `{"value":"` + canary + `"`},
			{"PUT", "/api/v1/secrets/" + url.PathEscape(canary), `{"value":"x"}`},
			{"DELETE", "/api/v1/secrets/" + url.PathEscape(canary), ""},
			{"GET", "/api/v1/secret/" + url.PathEscape(canary), ""},
			{"PUT", "/api/v1/endpoints/shop", `{"url":"http://u:` + canary + ` @shop.test"}`},
			{"PUT", "/api/v1/endpoints/shop", `{"url":"` + canary + `"}`},
			{"PUT", "/api/v1/endpoints/y", `{"url":"http://u:` + canary + `@x","headers":{"a":"` + canary + `\u0000"}}`},
			{"PUT", "/api/v1/endpoints/y", `{"url":"http://x","secret":"` + canary + `"}`},
			{"PUT", "/api/v1/endpoints/y", `{"url":"http://x","basicAuth":{"user":"` + canary + `"}}`},
			{"PUT", "/api/v1/endpoints/y", `{"url":"https://x","tls":{"cert":` + string(quoted) + `,"key":"` + canary + `"}}`},
			{"PUT", "/api/v1/endpoints/y", `{"url":"https://x","tls":{"ca":"` + canary + `"}}`},
			{"POST", "/api/v1/deliveries", `{"provider":"bravo","event":"ping","to":"http://u:` + canary + `@"}`},
			{"POST", "/api/v1/deliveries", `{"provider":"bravo","event":"ping","to":"http://u:` + canary + `@shop.test/%zz"}`},
			{"POST", "/api/v1/deliveries", `{` + event + `,"to":"http://x","secret":"` + canary + `"}`},
			{"POST", "/api/v1/deliveries", `{` + event + `,"to":"http://x","secret":"` + strings.TrimSuffix(canary, "=") + `"}`},
			{"POST", "/api/v1/subscriptions", `{"provider":"acme","events":["order.created"],"url":"ftp://u:` + canary + `@x","secret":"` + secret + `"}`},
			{"POST", "/api/v1/subscriptions", `{"provider":"acme","events":["order.created"],"url":"` + private("x") + `","secret":"acme","x":"` + canary + `"}`},
			{"PUT", "/api/v1/schedules/x", `{"every":"1h",` + event + `,"secret":"` + strings.TrimSuffix(canary, "=") + `","to":"` + private("x") + `"}`},
			{"POST", "/api/v1/scenarios/runs", `{"scenario":"refund","to":"` + private("x") + `","oracles":["` + private("x") + `"]}`},
			{"POST", "/api/v1/runs", `{"every":"no",` + event + `,"to":"` + private("x") + `"}`},
		} {
			if a := do(0, c.method, c.path, c.body); a.status < 400 {
				t.Errorf("%s %s %s: %d", c.method, c.path, c.body, a.status)
			}
		}

		// Everything that can be read.
		id, sub := g.readable(token, "deliveries"), g.readable(token, "subscriptions")
		names := map[string]string{
			"/api/v1/deliveries/{id}": id, "/api/v1/subscriptions/{id}": sub, "/api/v1/endpoints/{name}": "shop",
			"/api/v1/schedules/{name}": "s", "/api/v1/runs/{name}": "r", "/api/v1/providers/{provider}/events": "acme",
			"/api/v1/scenarios/runs/{name}": "story", "/api/v1/scenarios/runs/{name}/events": "story", "/api/v1/scenarios/runs/{name}/report": "story",
		}
		for _, o := range g.api.document.operations {
			if o.Method != http.MethodGet {
				continue
			}
			path := strings.NewReplacer("{id}", names[o.Path], "{name}", names[o.Path], "{provider}", names[o.Path]).Replace(o.Path)
			ctx, cancel := context.WithTimeout(t.Context(), time.Second) // of a stream its first second
			r := request("GET", path, "", token).WithContext(ctx)
			a := g.serve(r)
			cancel()
			if a.status != http.StatusOK && a.status != http.StatusConflict { // a journal in memory cannot be audited
				t.Errorf("%s: %d %s", path, a.status, a.body)
			}
			answers = append(answers, a)
		}
		do(200, "GET", "/api/v1/endpoints/basic", "")
		do(200, "GET", "/api/v1/journal?format=jsonl", "")
		do(200, "GET", "/api/v1/journal?format=har", "")

		for _, a := range answers {
			seek(t, "an answer", a.body)
			seek(t, "a header of an answer", fmt.Sprint(a.header))
		}
		seek(t, "the shelf or the journal", d.shelf(t))
		seek(t, "the log", g.log.String()+logs.String())
		if logs.Len() == 0 {
			t.Error("nothing was logged: the test tests less than it says")
		}
		seek(t, "a dump of the stores", fmt.Sprintf("%+v %#v", g.api.secrets, &g.api.targets))
	})
}

// readable is the id of the first element of a list.
func (g *rig) readable(token, list string) string {
	g.t.Helper()
	var page map[string]json.RawMessage
	g.do("GET", "/api/v1/"+list, "", token).is(200).into(&page)
	var all []struct{ ID string }
	if err := json.Unmarshal(page[list], &all); err != nil || len(all) == 0 {
		g.t.Fatalf("%s: %v", list, err)
	}
	return all[0].ID
}

// seek looks for the canary, in the spellings that it may have taken on.
func seek(t *testing.T, where, text string) {
	t.Helper()
	plain := strings.TrimSuffix(canary, "=")
	for _, spelled := range []string{plain, url.QueryEscape(canary), base64.StdEncoding.EncodeToString([]byte("u:" + plain))[:20], "BEGIN PRIVATE KEY", plain[2 : len(plain)-2]} {
		if i := strings.Index(text, spelled); i >= 0 {
			t.Errorf("a secret in %s: …%s…", where, text[max(0, i-200):min(len(text), i+100)])
			return
		}
	}
}
