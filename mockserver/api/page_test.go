package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hookrig/hookrig/contracts/signature"
	"github.com/hookrig/hookrig/mockserver"
)

func TestPageIsFiltered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newRig(t, answers(200, 503))
		first := g.do("POST", "/api/v1/deliveries", ping+`,"label":"a \"b\" & c"}`).ids()[0]
		g.detail(first)
		second := g.do("POST", "/api/v1/deliveries", ping+`}`).ids()[0]
		g.detail(second)
		for query, want := range map[string][2]bool{
			"":                                     {true, true},
			"?state=&label=":                       {true, true},
			"?state=delivered":                     {true, false},
			"?state=exhausted&label=":              {false, true},
			"?label=a+%22b%22+%26+c":               {true, false},
			"?label=a+%22b%22+%26+c&state=waiting": {false, false},
		} {
			body := g.do("GET", "/"+query, "").is(200).body
			if got := [2]bool{strings.Contains(body, first), strings.Contains(body, second)}; got != want {
				t.Errorf("%s: %v, want %v", query, got, want)
			}
			if sums := strings.Contains(body, "2 deliveries: 0 waiting, 0 attempting, 1 delivered, 1 exhausted"); sums == strings.Contains(query, "label=a") {
				t.Errorf("%s: the sums are not those of the label", query)
			}
			if strings.Contains(query, "label=a") != strings.Contains(body, `value="a &#34;b&#34; &amp; c"`) {
				t.Errorf("%s: the form does not show what was chosen: %s", query, body)
			}
			if strings.Contains(query, "exhausted") != strings.Contains(body, "<option selected>exhausted") {
				t.Errorf("%s: the form does not show what was chosen", query)
			}
		}
		if body := g.do("GET", "/?state=cancelled", "").body; !strings.Contains(body, "Nothing like this was sent") {
			t.Error(body)
		}
		g.do("GET", "/?state=lost", "").problem(400)
		g.do("GET", "/?cursor=AAAA", "").problem(400)

		g.do("POST", "/api/v1/deliveries", ping+`,"count":250,"label":"many"}`).ids()
		seen, next := map[string]bool{}, "/?label=many"
		link := regexp.MustCompile(`<a href="([^"]+)">older</a>`)
		pages := 0
		for ; next != ""; pages++ {
			body := g.do("GET", strings.ReplaceAll(next, "&amp;", "&"), "").is(200).body
			for _, m := range regexp.MustCompile(`deliveries/(dlv_\w+)`).FindAllStringSubmatch(body, -1) {
				seen[m[1]] = true
			}
			next = ""
			if m := link.FindStringSubmatch(body); m != nil {
				next = m[1]
			}
		}
		if pages != 3 || len(seen) != 250 {
			t.Errorf("%d pages, %d deliveries", pages, len(seen))
		}

		g.do("POST", "/api/v1/runs", `{"name":"load","every":"1h",`+pings+`}`).is(202)
		time.Sleep(time.Second)
		if body := g.do("GET", "/", "").body; !strings.Contains(body, `<a href="/api/v1/runs/load">load</a> running: 1 sent, next <time`) {
			t.Error(body)
		}
	})
}

// A browser signs in with a password, and can change nothing by it.
func TestBrowserSignsIn(t *testing.T) {
	g := newRig(t, answers(200), func(o *Options, _ *mockserver.Options) { o.Token = signature.NewSecret(canary) })
	basic := func(user, password string) string {
		r := request("GET", "/", "")
		r.SetBasicAuth(user, password)
		return "Authorization: " + r.Header.Get("Authorization")
	}
	a := g.do("GET", "/", "")
	a.problem(401)
	if h := a.header.Values("WWW-Authenticate"); len(h) != 2 || !strings.HasPrefix(h[0], "Bearer ") || !strings.HasPrefix(h[1], "Basic ") {
		t.Errorf("%q", h)
	}
	for _, user := range []string{"", "me"} {
		g.do("GET", "/", "", basic(user, canary)).is(200)
		g.do("HEAD", "/", "", basic(user, canary)).is(200)
		g.do("GET", "/api/v1/deliveries", "", basic(user, canary)).is(200)
		g.do("GET", "/metrics", "", basic(user, canary)).is(200)
	}
	g.do("GET", "/", "", basic(canary, "")).problem(401)
	g.do("GET", "/", "", basic("me", canary+"x")).problem(401)
	g.do("GET", "/", "", "Authorization: Basic "+canary).problem(401)
	if a := g.do("POST", "/api/v1/deliveries", ping+`}`, basic("me", canary)); len(a.header.Values("WWW-Authenticate")) != 1 {
		t.Errorf("%d %v", a.status, a.header)
	} else {
		a.problem(401)
	}
	g.do("DELETE", "/api/v1/endpoints/x", "", basic("me", canary)).problem(401)
	g.do("GET", "/?token="+canary, "").problem(401)
}

// moody is a journal's shelf that may take nothing.
type moody struct {
	*mockserver.Memory
	err  atomic.Pointer[error]
	puts atomic.Int32
	room atomic.Int64 // for a document of any kind, in bytes; 0: for any
}

func (m *moody) Put(ctx context.Context, kind, name string, doc []byte) error {
	if kind == "probe" {
		m.puts.Add(1)
		if err := m.err.Load(); err != nil {
			return *err
		}
	}
	if room := m.room.Load(); room > 0 && int64(len(doc)) > room {
		return fmt.Errorf("disk: %w", mockserver.ErrFull)
	}
	return m.Memory.Put(ctx, kind, name, doc)
}

func TestReadiness(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shelf := &moody{Memory: mockserver.NewMemory()}
		g := newRigWith(t, Config{Contracts: both(), Shelf: shelf}, answers(200))
		for range 100 {
			g.do("GET", "/readyz", "").is(200)
		}
		if n := shelf.puts.Load(); n != 1 {
			t.Errorf("%d probes at once", n)
		}
		full := fmt.Errorf("disk: %w", mockserver.ErrFull)
		shelf.err.Store(&full)
		time.Sleep(2 * everyProbe)
		if p := g.do("GET", "/readyz", "").problem(503); p.Type != "urn:hookrig:problem:disk-full" {
			t.Errorf("%+v", p)
		}
		g.do("GET", "/healthz", "").is(200) // a restart would not help
		odd := errors.New("bad sector " + canary)
		shelf.err.Store(&odd)
		time.Sleep(2 * everyProbe)
		if p := g.do("GET", "/readyz", "").problem(503); strings.Contains(p.Detail, canary) || !strings.Contains(g.log.String(), "bad sector") {
			t.Errorf("%+v", p)
		}
		shelf.err.Store(nil)
		time.Sleep(2 * everyProbe)
		g.do("GET", "/readyz", "").is(200)

		shelf.room.Store(300) // a few bytes still fit
		g.do("GET", "/readyz", "").is(200)
		g.do("PUT", "/api/v1/endpoints/big", `{"url":"http://shop.test/`+strings.Repeat("x", 300)+`"}`).problem(507)
		for range 3 {
			g.do("GET", "/readyz", "").problem(503)
			time.Sleep(2 * everyProbe)
		}
		shelf.room.Store(0)
		g.do("GET", "/readyz", "").is(200)
	})
}

func TestMetrics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMachine()
		g := m.boot(t, answers(200))
		g.do("POST", "/api/v1/deliveries", ping+`,"count":7}`).ids()
		time.Sleep(time.Minute)
		g.stop()
		if err := m.journal.Put(t.Context(), kindFollowed, "journal", []byte(`{"seq":0}`)); err != nil { // a crash
			t.Fatal(err)
		}

		slow := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			time.Sleep(20 * time.Millisecond)
			if strings.HasSuffix(r.URL.Path, "bad") {
				panic(http.ErrAbortHandler)
			}
			w.WriteHeader(200)
		})
		g = m.boot(t, slow)
		scrape := func() map[string]string {
			a := g.do("GET", "/metrics", "").is(200)
			if ct := a.header.Get("Content-Type"); !strings.HasPrefix(ct, "text/plain; version=0.0.4") {
				t.Error(ct)
			}
			all := map[string]string{}
			for line := range strings.Lines(a.body) {
				if name, value, ok := strings.Cut(strings.TrimSpace(line), "} "); ok {
					all[name+"}"] = value
				} else if name, value, ok := strings.Cut(strings.TrimSpace(line), " "); ok && name != "#" {
					all[name] = value
				}
			}
			return all
		}
		if got := scrape(); got[`hookrig_deliveries_ended_total{outcome="delivered",provider="bravo"}`] != "" || got["hookrig_runs"] != "0" {
			t.Errorf("figures of an earlier server: %v", got)
		}
		g.do("POST", "/api/v1/deliveries", ping+`,"count":3}`).ids()
		g.do("POST", "/api/v1/deliveries", `{"provider":"bravo","event":"ping","to":"http://shop.test/bad","label":"`+strings.Repeat("x", 50)+`"}`).ids()
		g.do("POST", "/api/v1/deliveries", ping+`,"delay":"1h"}`).ids()
		g.do("POST", "/api/v1/runs", `{"name":"load","rate":10,`+pings+`}`).is(202)
		time.Sleep(950 * time.Millisecond)
		got := scrape()
		for name, want := range map[string]string{
			`hookrig_deliveries_ended_total{outcome="delivered",provider="bravo"}`: "13",
			`hookrig_deliveries_ended_total{outcome="exhausted",provider="bravo"}`: "1",
			`hookrig_attempts_total{ours="false",provider="bravo",result="2xx"}`:   "13",
			`hookrig_attempt_duration_seconds_bucket{provider="bravo",le="0.01"}`:  "0",
			`hookrig_attempt_duration_seconds_bucket{provider="bravo",le="0.025"}`: "13",
			`hookrig_attempt_duration_seconds_count{provider="bravo"}`:             "13",
			`hookrig_deliveries{state="waiting"}`:                                  "1",
			`hookrig_journal_lag_entries`:                                          "0",
			`hookrig_runs`:                                                         "1",
			`hookrig_run_lateness_seconds{quantile="1"}`:                           "0",
		} {
			if got[name] != want {
				t.Errorf("%s is %q, want %q", name, got[name], want)
			}
		}
		for name := range got {
			if strings.Contains(name, "xxx") || strings.Contains(name, "load") || strings.Contains(name, "shop") {
				t.Errorf("a label that clients choose: %s", name)
			}
		}
	})
}
