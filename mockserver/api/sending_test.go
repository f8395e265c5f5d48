package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hookrig/hookrig/contracts/signature"
	"github.com/hookrig/hookrig/mockserver"
)

const ping = `{"provider":"bravo","event":"ping","to":"http://shop.test/hooks"`

func TestSending(t *testing.T) {
	inbox := mockserver.NewInbox(both()[0], mockserver.InboxOptions{Secrets: []signature.Secret{signature.NewSecret("whsec_" + canary)}})
	g := newRig(t, inbox)
	g.do("PUT", "/api/v1/secrets/acme", `{"value":"whsec_`+canary+`"}`).is(204)
	var answer struct {
		IDs  []string
		Seed uint64
	}
	g.do("POST", "/api/v1/deliveries",
		`{"provider":"acme","event":"order.created","to":"http://u:p@shop.test/hooks?token=t","secret":"acme","count":3,"seed":7,"label":"tc-17","set":{"/total":42,"/buyer/email":"a@b.example"}}`).is(202).into(&answer)
	if len(answer.IDs) != 3 || answer.Seed != 7 {
		t.Fatalf("%+v", answer)
	}
	bodies := map[string]bool{}
	for _, id := range answer.IDs {
		d := g.detail(id)
		if d.State != mockserver.Delivered || d.Provider != "acme" || d.Event != "order.created" || d.Label != "tc-17" || d.Rounds != 1 ||
			d.Endpoint != "http://shop.test/hooks?token=[redacted]" || len(d.Attempts) != 1 || d.Attempts[0].Status != 200 || d.Last == nil || d.Last.Status != 200 {
			t.Errorf("%+v", d)
		}
		var body struct {
			Total int
			Buyer struct{ Email string }
		}
		if err := json.Unmarshal([]byte(d.Body), &body); err != nil || body.Total != 42 || body.Buyer.Email != "a@b.example" {
			t.Errorf("%v: %s", err, d.Body)
		}
		bodies[d.Body] = true
	}
	if len(bodies) != 3 {
		t.Error("events are alike")
	}
	for _, r := range inbox.Received() { // opened: signature and contract hold
		if r.Problem != nil || !bodies[string(r.Request.Body)] {
			t.Errorf("%v: %s", r.Problem, r.Request.Body)
		}
	}
}

func TestSeedRepeats(t *testing.T) {
	g := newRig(t, answers(200))
	var first, second struct {
		IDs  []string
		Seed uint64
	}
	g.do("POST", "/api/v1/deliveries", ping+`}`).is(202).into(&first)
	g.do("POST", "/api/v1/deliveries", ping+fmt.Sprintf(`,"seed":%d,"count":2}`, first.Seed)).is(202).into(&second)
	if g.detail(first.IDs[0]).Body != g.detail(second.IDs[0]).Body {
		t.Error("the seed that was told makes another event")
	}
	if second.IDs[0] == second.IDs[1] || second.IDs[0] == first.IDs[0] {
		t.Error("ids repeat")
	}
}

// The answer comes at once, and the first attempts leave at the rate.
func TestRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newRig(t, answers(200))
		began := time.Now()
		ids := g.do("POST", "/api/v1/deliveries", ping+`,"count":5,"rate":2}`).ids()
		if time.Since(began) > 0 {
			t.Error("the answer waits for the deliveries")
		}
		for i, id := range ids {
			d := g.detail(id)
			if at := d.Attempts[0].Started.Sub(began); at != time.Duration(i)*time.Second/2 {
				t.Errorf("delivery %d left after %v", i, at)
			}
		}
	})
}

// A wrong secret is put right, and what was refused is sent again.
func TestSecretIsRightedThenResent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		inbox := mockserver.NewInbox(both()[0], mockserver.InboxOptions{Secrets: []signature.Secret{signature.NewSecret("whsec_" + canary)}})
		g := newRig(t, inbox)
		g.do("PUT", "/api/v1/secrets/acme", `{"value":"whsec_d3Jvbmc="}`).is(204)
		g.do("PUT", "/api/v1/endpoints/shop", `{"url":"http://shop.test/hooks","secret":"acme","headers":{"X-Api-Key":"k-`+canary+`"}}`).is(200)
		id := g.do("POST", "/api/v1/deliveries", `{"provider":"acme","event":"order.created","endpoint":"shop"}`).ids()[0]
		var d deliveryDetail
		g.do("GET", "/api/v1/deliveries/"+id+"?wait=6m", "").problem(400)
		g.do("GET", "/api/v1/deliveries/"+id+"?wait=5m", "").into(&d) // two attempts by then
		if d.State != mockserver.Waiting || len(d.Attempts) != 2 || d.Attempts[0].Status != 401 || d.Last.Next.IsZero() || !d.Last.Due.Equal(d.Last.Next) {
			t.Fatalf("%+v", d)
		}
		g.do("POST", "/api/v1/deliveries/"+id+"/resend", "").problem(409)
		g.do("PUT", "/api/v1/secrets/acme", `{"value":"whsec_`+canary+`"}`).is(204)
		g.do("POST", "/api/v1/deliveries/"+id+"/cancel", "").is(202).into(&d)
		if d.State != mockserver.Cancelled {
			t.Errorf("%+v", d)
		}
		if p := g.do("POST", "/api/v1/deliveries/"+id+"/cancel", "").problem(409); !strings.HasSuffix(p.Type, ":already-ended") {
			t.Errorf("%+v", p)
		}
		if ids := g.do("POST", "/api/v1/deliveries/"+id+"/resend", "").ids(); !slices.Equal(ids, []string{id}) {
			t.Errorf("%v", ids)
		}
		d = g.detail(id)
		if d.State != mockserver.Delivered || d.Rounds != 2 || len(d.Attempts) != 3 || d.Endpoint != "shop" {
			t.Errorf("%+v", d)
		}
		received := inbox.Received()
		if last := received[len(received)-1]; last.Problem != nil || last.Request.Header.Get("X-Api-Key") != "k-"+canary || string(last.Request.Body) != d.Body {
			t.Errorf("%+v", last)
		}
		g.do("DELETE", "/api/v1/secrets/acme", "").is(204)
		g.do("POST", "/api/v1/deliveries/"+id+"/resend", "").ids()
		if d = g.detail(id); d.State != mockserver.Cancelled || d.Attempts[3].Failure != "seal" {
			t.Errorf("a forgotten secret still signs: %+v", d)
		}
	})
}

// hinted are the kinds of problems that always say what to do.
var hinted = regexp.MustCompile("^(unknown-(provider|event|endpoint|secret)|secret-required|breaks-contract)$")

func TestWhatCannotBeSent(t *testing.T) {
	g := newRig(t, answers(200))
	g.do("PUT", "/api/v1/secrets/acme", `{"value":"whsec_`+canary+`"}`).is(204)
	g.do("PUT", "/api/v1/secrets/plain", `{"value":"not base64!"}`).is(204)
	g.do("PUT", "/api/v1/endpoints/shop?force=true", `{"url":"http://shop.test/hooks","secret":"acne"}`).is(200)
	order := `{"provider":"acme","event":"order.created","to":"http://shop.test/hooks"`
	for _, c := range []struct {
		body    string
		status  int
		kind    string
		at      string
		nearest string
	}{
		{`{"provider":"acmee","event":"x","to":"http://x"}`, 422, "unknown-provider", "/provider", "acme"},
		{`{"provider":"acme","event":"order.create","to":"http://x"}`, 422, "unknown-event", "/event", "order.created"},
		{order + `}`, 422, "secret-required", "/secret", ""},
		{order + `,"secret":"acne"}`, 422, "unknown-secret", "/secret", "acme"},
		{order + `,"secret":"plain"}`, 422, "invalid-secret", "/secret", ""},
		{`{"provider":"acme","event":"order.created","endpoint":"shop"}`, 422, "unknown-secret", "/endpoint", "acme"},
		{`{"provider":"bravo","event":"ping","endpoint":"shopp"}`, 422, "unknown-endpoint", "/endpoint", "shop"},
		{`{"provider":"bravo","event":"ping"}`, 422, "nobody-subscribed", "body", ""},
		{ping + `,"endpoint":"shop"}`, 422, "invalid-request", "body", ""},
		{`{"provider":"bravo","event":"ping","to":"shop.test/hooks"}`, 422, "invalid-target", "/to", ""},
		{`{"provider":"bravo","event":"ping","to":"ftp://u:` + canary + `@shop.test"}`, 422, "invalid-target", "/to", ""},
		{ping + `,"set":{"/m":1}}`, 422, "unknown-pointer", "/set/~1m", "/n"},
		{ping + `,"set":{"/n":"one"}}`, 422, "breaks-contract", "/set/~1n", ""},
		{order + `,"secret":"acme","set":{"/buyer":{"email":"nobody"}}}`, 422, "breaks-contract", "/set/~1buyer", ""},
		// The document's own rules.
		{`{"event":"ping","to":"http://x"}`, 422, "invalid-request", "body", ""},
		{ping + `,"count":0}`, 422, "invalid-request", "/count", ""},
		{ping + `,"count":1000001}`, 422, "invalid-request", "/count", ""},
		{ping + `,"count":"3"}`, 422, "invalid-request", "/count", ""},
		{ping + `,"count":1.5}`, 422, "invalid-request", "/count", ""},
		{ping + `,"count":null}`, 422, "invalid-request", "/count", ""},
		{ping + `,"rate":0}`, 422, "invalid-request", "/rate", ""},
		{ping + `,"rate":1e9}`, 422, "invalid-request", "/rate", ""},
		{ping + `,"seed":-1}`, 422, "invalid-request", "/seed", ""},
		{ping + `,"seed":1e30}`, 422, "invalid-request", "/seed", ""},
		{ping + `,"seed":1e400}`, 422, "invalid-request", "/seed", ""},
		{ping + `,"set":[]}`, 422, "invalid-request", "/set", ""},
		{ping + `,"label":"a\u0000b"}`, 422, "invalid-request", "/label", ""},
		{ping + `,"label":"` + strings.Repeat("x", 201) + `"}`, 422, "invalid-request", "/label", ""},
		{ping + `,"colour":"red"}`, 422, "unknown-member", "/colour", ""},
		{ping + `,"Count":3}`, 422, "unknown-member", "/Count", "count"},
		{ping + `,"secret":"../../etc"}`, 422, "invalid-request", "/secret", ""},
		{`[]`, 422, "invalid-request", "body", ""},
		{`null`, 422, "invalid-request", "body", ""},
		// What is no JSON text at all.
		{`{`, 400, "invalid-request", "body", ""},
		{ping + `} trailing`, 400, "invalid-request", "body", ""},
		{ping + `}{}`, 400, "invalid-request", "body", ""},
		{ping + `,"count":1,"count":2}`, 400, "invalid-request", "/count", ""},
		{"\ufeff" + ping + `}`, 400, "invalid-request", "body", ""},
		{ping + ",\"label\":\"\xff\"}", 400, "invalid-request", "body", ""},
		{ping + `,"set":{"/n":` + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000) + `}}`, 400, "invalid-request", "body", ""},
		{ping + `,"label":"` + strings.Repeat("x", bodyLimit) + `"}`, 413, "", "", ""},
	} {
		name := c.body[:min(len(c.body), 100)]
		p := g.do("POST", "/api/v1/deliveries", c.body).problem(c.status)
		if c.kind == "" && p.Type != "about:blank" || c.kind != "" && p.Type != "urn:hookrig:problem:"+c.kind {
			t.Errorf("%s: type %q", name, p.Type)
		}
		if where := p.where(); c.at != "" && !slices.Contains(where, c.at) {
			t.Errorf("%s: at %q, want %q: %+v", name, where, c.at, p)
		}
		if c.nearest != "" && !slices.Contains(p.Nearest, c.nearest) {
			t.Errorf("%s: nearest %v", name, p.Nearest)
		}
		if hinted.MatchString(c.kind) && p.Hint == "" {
			t.Errorf("%s: no hint", name)
		}
	}
	if s := g.server.Stats(); s.Sent > 0 {
		t.Errorf("%+v", s)
	}
	for _, body := range []string{ping + `,"set":{"/n":"one"},"force":true}`, ping + `,"count":1.0}`, ping + `,"seed":9007199254740991}`} {
		if a := g.do("POST", "/api/v1/deliveries", body); a.status != 202 {
			t.Errorf("%s: %s", body, a.body)
		}
	}
}

// Several mistakes are all named.
func TestEveryMistakeIsNamed(t *testing.T) {
	g := newRig(t, answers(200))
	p := g.do("POST", "/api/v1/deliveries", `{"provider":"","to":"http://x","count":0,"rate":-1,"x":1}`).problem(422)
	want := []string{"/count", "/provider", "/rate", "/x", "body"} // the event is missing in all of it
	if got := p.where(); !slices.Equal(slices.Sorted(slices.Values(got)), want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestIdempotencyKey(t *testing.T) {
	g := newRig(t, answers(200))
	first := g.do("POST", "/api/v1/deliveries", ping+`,"count":2}`, "Idempotency-Key: k1")
	again := g.do("POST", "/api/v1/deliveries", ping+`,"count":2}`, "Idempotency-Key: k1")
	if !slices.Equal(first.ids(), again.ids()) || again.body != first.body {
		t.Errorf("%s, %s", first.body, again.body)
	}
	if first.header.Get("Idempotency-Replayed") != "" || again.header.Get("Idempotency-Replayed") != "true" {
		t.Error("a replay is not marked, or something else is")
	}
	if p := g.do("POST", "/api/v1/deliveries", ping+`,"count":3}`, "Idempotency-Key: k1").problem(422); !strings.HasSuffix(p.Type, ":idempotency-key-reused") {
		t.Errorf("%+v", p)
	}
	g.do("POST", "/api/v1/deliveries", ping+`}`, "Idempotency-Key: k2").ids()
	g.do("POST", "/api/v1/deliveries", ping+`}`).ids()
	g.do("POST", "/api/v1/deliveries", ping+`}`).ids()
	if s := g.server.Stats(); s.Sent != 5 {
		t.Errorf("%+v", s)
	}
	// What failed may be tried again under the same key.
	g.do("POST", "/api/v1/deliveries", `{"provider":"bravo","event":"ping","endpoint":"late"}`, "Idempotency-Key: k3").problem(422)
	g.do("PUT", "/api/v1/endpoints/late", `{"url":"http://shop.test"}`).is(200)
	g.do("POST", "/api/v1/deliveries", `{"provider":"bravo","event":"ping","endpoint":"late"}`, "Idempotency-Key: k3").ids()
	g.do("POST", "/api/v1/deliveries", ping+`}`, "Idempotency-Key: "+strings.Repeat("k", 256)).problem(400)
}

func TestIdempotencyKeyOfRequestsAtOnce(t *testing.T) {
	g := newRig(t, answers(200))
	var mu sync.Mutex
	var all []string
	var crew sync.WaitGroup
	for range 16 {
		crew.Go(func() {
			r := request("POST", "/api/v1/deliveries", ping+`}`, "Idempotency-Key: k")
			w := httptest.NewRecorder()
			g.handler.ServeHTTP(w, r)
			mu.Lock()
			defer mu.Unlock()
			all = append(all, w.Body.String())
		})
	}
	crew.Wait()
	if all = slices.Compact(all); len(all) != 1 || g.server.Stats().Sent != 1 {
		t.Errorf("%d sent: %v", g.server.Stats().Sent, all)
	}
}

func TestReplaysAreBounded(t *testing.T) {
	var p replays
	digest := [32]byte{}
	ids := make([]string, replayIDs/100)
	do := func(key string) (again bool) {
		_, again, err := p.do(t.Context(), key, digest, func() (sent, error) { return sent{IDs: ids}, nil })
		if err != nil {
			t.Fatal(err)
		}
		return again
	}
	for i := range 101 {
		do(fmt.Sprint(i))
	}
	if do("100") != true || do("0") != false || len(p.byKey) > 101 || p.ids > replayIDs {
		t.Errorf("%d keys, %d ids", len(p.byKey), p.ids)
	}
	ids = nil
	for i := range replayKeys + 10 {
		do(fmt.Sprint("k", i))
	}
	if len(p.byKey) > replayKeys || len(p.oldest) > replayKeys {
		t.Errorf("%d keys", len(p.byKey))
	}
}

func TestServerThatIsNotRunning(t *testing.T) {
	stopped := mockserver.New(mockserver.Options{Transport: mockserver.InProcess(answers(200))})
	g := newRig(t, answers(200), func(o *Options, _ *mockserver.Options) { o.Server = stopped })
	g.do("GET", "/readyz", "").problem(503)
	g.do("GET", "/healthz", "").is(200)
	g.do("POST", "/api/v1/deliveries", ping+`}`).problem(503)
	if s := stopped.Stats(); s.Sent > 0 {
		t.Errorf("%+v", s)
	}
}

// failing is a journal that takes nothing.
type failing struct{ *mockserver.Memory }

var errDisk = errors.New("disk full")

func (failing) Append(_ context.Context, _ ...mockserver.Entry) error { return errDisk }

func TestJournalThatTakesNothing(t *testing.T) {
	g := newRig(t, answers(200), func(_ *Options, o *mockserver.Options) { o.Journal = failing{mockserver.NewMemory()} })
	p := g.do("POST", "/api/v1/deliveries", ping+`,"count":3}`).problem(503)
	if !strings.Contains(p.Detail, "3 of 3") || !strings.Contains(p.Detail, "disk full") {
		t.Errorf("%+v", p)
	}
}

func TestNewRefuses(t *testing.T) {
	server := mockserver.New(mockserver.Options{})
	stores, err := Load(t.Context(), Config{Contracts: both()})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Load(t.Context(), Config{}); err == nil {
		t.Error("stores without contracts")
	}
	for name, o := range map[string]Options{
		"no server": {Stores: stores, Fake: fake},
		"no stores": {Server: server, Fake: fake},
		"no faker":  {Server: server, Stores: stores},
	} {
		if _, err := New(o); err == nil || !strings.HasPrefix(err.Error(), "control API: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := New(Options{Server: server, Stores: stores, Fake: fake}); err != nil {
		t.Error(err)
	}
}
