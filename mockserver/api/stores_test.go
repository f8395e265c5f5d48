package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hookrig/hookrig/contracts/signature"
	"github.com/hookrig/hookrig/mockserver"
	"github.com/hookrig/hookrig/mockserver/registration"
)

// disk is what is left of a program when it has ended.
type disk struct {
	journal *mockserver.Memory
	secrets *Secrets
}

func newDisk() *disk { return &disk{mockserver.NewMemory(), &Secrets{}} }

// boot runs a program on the disk until f returns.
func (d *disk) boot(t *testing.T, receiver http.Handler, f func(g *rig)) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	g := newRigWith(t, Config{Contracts: both(), Shelf: d.journal, Secrets: d.secrets}, receiver, func(o *Options, so *mockserver.Options) {
		so.Journal = d.journal
		o.Server = mockserver.New(*so)
	})
	go func() {
		defer close(ended)
		_ = g.server.Run(ctx, func(ctx context.Context) error { <-ctx.Done(); return nil })
	}()
	synctest.Wait()
	defer func() { stop(); <-ended }()
	f(g)
}

// shelf is everything on the disk but the secrets.
func (d *disk) shelf(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	for _, kind := range []string{"endpoint", "subscription", "label", kindSchedule, kindRun, kindStatus, kindFollowed} {
		for doc, err := range d.journal.All(t.Context(), kind) {
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&all, "%s %s %s\n", kind, doc.Name, doc.Doc)
		}
	}
	for e, err := range d.journal.Entries(t.Context(), 0) {
		line, failed := json.Marshal(e)
		if err != nil || failed != nil {
			t.Fatal(err, failed)
		}
		all.Write(line)
	}
	return all.String()
}

// recorder keeps the requests that it answers.
type recorder struct {
	mu     sync.Mutex
	seen   []*http.Request
	status int
}

func (r *recorder) ServeHTTP(w http.ResponseWriter, in *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.seen = append(r.seen, in)
	w.WriteHeader(r.status)
}

// Deliveries of every kind go on after a restart, to where they went before, with
// everything that the journal does not hold.
func TestRestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDisk()
		ids := map[string]string{}
		order := `{"provider":"acme","event":"order.created"`
		d.boot(t, answers(503), func(g *rig) {
			g.do("PUT", "/api/v1/secrets/acme", `{"value":"whsec_`+canary+`"}`).is(204)
			g.do("PUT", "/api/v1/secrets/other", `{"value":"whsec_b3RoZXI="}`).is(204)
			g.do("PUT", "/api/v1/endpoints/shop", `{"url":"http://shop.test/hooks?token=`+canary+`","secret":"acme","rate":50,"concurrency":3,
				"headers":{"X-Api-Key":"`+canary+`"},"basicAuth":{"user":"u","password":"`+canary+`"},"tamper":{"lost-ack":0.5}}`).is(200)
			subs, err := g.api.subs.Create(t.Context(), registration.Draft{
				Provider: "acme", Events: []string{"order.created"}, URL: "https://u:" + canary + "@sub.test/", Secret: signature.NewSecret("whsec_" + canary),
			})
			if err != nil {
				t.Fatal(err)
			}
			for name, body := range map[string]string{
				"shop":                       `,"endpoint":"shop","tamper":"lost-ack"}`,
				"other":                      `,"endpoint":"shop","secret":"other"}`,
				"url":                        `,"to":"http://to.test/hooks","secret":"acme"}`,
				"private":                    `,"to":"http://u:` + canary + `@private.test/","secret":"acme"}`,
				"subscription " + subs[0].ID: `}`,
			} {
				ids[name] = g.do("POST", "/api/v1/deliveries", order+body).ids()[0]
			}
			time.Sleep(time.Second) // attempts, and their outcomes
		})
		if text := d.shelf(t); strings.Contains(text, canary) {
			t.Fatalf("a secret beside the store of secrets: %s", text)
		}
		time.Sleep(time.Hour)
		receiver := &recorder{status: 200}
		d.boot(t, receiver, func(g *rig) {
			for name, id := range ids {
				if got := g.detail(id); got.State != mockserver.Delivered || len(got.Attempts) != 2 {
					t.Errorf("%s: %+v", name, got)
				}
			}
			if got := g.do("GET", "/api/v1/endpoints/shop", "").is(200).body; got != `{"name":"shop","url":"http://shop.test/hooks?token=[redacted]","secret":"acme",`+
				`"headers":["X-Api-Key"],"basicAuth":true,"rate":50,"concurrency":3,"tamper":{"lost-ack":0.5}}`+"\n" {
				t.Error(got)
			}
		})
		hosts := map[string]int{}
		for _, r := range receiver.seen {
			user, password, _ := r.BasicAuth()
			hosts[r.Host]++
			switch r.Host {
			case "shop.test":
				if r.URL.RawQuery != "token="+canary || r.Header.Get("X-Api-Key") != canary || user != "u" || password != canary {
					t.Errorf("%s %v", r.URL, r.Header)
				}
			case "private.test", "sub.test":
				if user != "u" || password != canary {
					t.Errorf("%s %v", r.Host, r.Header)
				}
			}
			if r.Header.Get("Acme-Signature") == "" {
				t.Errorf("%s is not signed", r.Host)
			}
		}
		if want := map[string]int{"shop.test": 2, "to.test": 1, "private.test": 1, "sub.test": 1}; fmt.Sprint(hosts) != fmt.Sprint(want) {
			t.Errorf("%v, want %v", hosts, want)
		}
		// Nobody needs the URL any more.
		d.boot(t, receiver, func(g *rig) {
			g.do("POST", "/api/v1/deliveries/"+ids["private"]+"/resend", "").problem(410)
			g.do("POST", "/api/v1/deliveries/"+ids["shop"]+"/resend", "").ids()
		})
		if names := d.secrets.Names(); slices.ContainsFunc(names, func(n string) bool { return strings.HasPrefix(n, targetPrefix) }) {
			t.Errorf("kept: %v", names)
		}
	})
}

// Which secret signs is the same after a restart.
func TestRecallFindsTheSecret(t *testing.T) {
	s, err := Load(t.Context(), Config{Contracts: both(), Secrets: &Secrets{}})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"one", "two"} {
		if err := s.secrets.Put(name, signature.NewSecret(name)); err != nil {
			t.Fatal(err)
		}
	}
	e, rest := (&endpointInput{URL: "http://u:p@shop.test", Secret: "one"}).split()
	if err := s.keepEndpoint(t.Context(), "shop", e, rest); err != nil {
		t.Fatal(err)
	}
	id, _, err := s.targets.hold("http://u:p@to.test")
	if err != nil {
		t.Fatal(err)
	}
	for refText, want := range map[string]string{
		"endpoint/shop":                "one http://u:p@shop.test",
		"endpoint/shop?secret=two":     "two http://u:p@shop.test",
		"endpoint/gone":                `unknown endpoint "gone"`,
		"target":                       "- http://shown.test",
		"":                             "- http://shown.test",
		"target?secret=two":            "two http://shown.test",
		"target/" + id:                 "- http://u:p@to.test",
		"target/" + id + "?secret=one": "one http://u:p@to.test",
		"target/gone":                  "the credentials in its URL were forgotten: no delivery needed them",
		"subscription/17":              `subscription "17": unknown subscription`,
		"bus/17":                       `the journal says where to in words that nobody knows: "bus/17"`,
		"endpoint/":                    `the journal says where to in words that nobody knows: "endpoint/"`,
	} {
		p, err := s.Recall(mockserver.Record{Provider: "acme", Event: "order.created", Route: &mockserver.Route{Ref: refText, URL: "http://shown.test"}})
		got := fmt.Sprint(err)
		if err == nil {
			key := "-"
			if p.Endpoint.Keys != nil {
				key = p.Endpoint.Keys()[0].Reveal()
			}
			got = key + " " + p.Endpoint.URL
			if refText != "" && p.Endpoint.Ref != refText {
				t.Errorf("%s became %s", refText, p.Endpoint.Ref)
			}
		}
		if got != want {
			t.Errorf("%s: %s, want %s", refText, got, want)
		}
	}
	for _, r := range []mockserver.Record{
		{Provider: "nobody", Event: "x", Route: &mockserver.Route{}},
		{Provider: "acme", Event: "nothing", Route: &mockserver.Route{}},
		{Provider: "acme", Event: "order.paid", Route: &mockserver.Route{Tamper: "none such"}},
		{Provider: "acme", Event: "order.paid", Route: &mockserver.Route{Hidden: true}},
	} {
		if _, err := s.Recall(r); err == nil {
			t.Errorf("%+v: no error", r)
		}
	}
	p, err := s.Recall(mockserver.Record{Provider: "acme", Event: "order.paid", Route: &mockserver.Route{Tamper: "duplicate"}})
	if err != nil || !p.Tamper.Twice || p.Event.Type.Name() != "order.paid" {
		t.Errorf("%v %+v", err, p)
	}
}

// brittle is a shelf that breaks when it is told to.
type brittle struct {
	*mockserver.Memory
	broken error
}

func (b *brittle) Put(ctx context.Context, kind, name string, doc []byte) error {
	if b.broken != nil {
		return b.broken
	}
	return b.Memory.Put(ctx, kind, name, doc)
}

func (b *brittle) Delete(ctx context.Context, kind, name string) error {
	if b.broken != nil {
		return b.broken
	}
	return b.Memory.Delete(ctx, kind, name)
}

// A change that cannot be kept has not happened, and a crash between two writes
// leaves nothing behind.
func TestEndpointsAreKeptWholly(t *testing.T) {
	shelf, secrets := &brittle{Memory: mockserver.NewMemory()}, &Secrets{}
	g := newRigWith(t, Config{Contracts: both(), Shelf: shelf, Secrets: secrets}, answers(200))
	put := func(password string) got {
		return g.do("PUT", "/api/v1/endpoints/shop", `{"url":"http://u:`+password+`@shop.test"}`)
	}
	put("one").is(200)
	before := secrets.Names()
	shelf.broken = fmt.Errorf("chunk 7: %w", mockserver.ErrFull)
	if p := put("two").problem(507); !strings.HasSuffix(p.Type, ":disk-full") || p.Hint == "" {
		t.Errorf("%+v", p)
	}
	g.do("DELETE", "/api/v1/endpoints/shop", "").problem(507)
	shelf.broken = errors.New("chunk 7 is gone")
	if p := put("two").problem(500); strings.Contains(p.Detail, "chunk") {
		t.Errorf("%+v", p)
	}
	if now := secrets.Names(); !slices.Equal(now, before) || len(now) != 1 {
		t.Errorf("%v, before %v", now, before)
	}
	if e, _ := g.api.endpoints.get("shop"); e.whole.URL != "http://u:one@shop.test" {
		t.Error("the change that failed was made")
	}
	shelf.broken = nil
	put("three").is(200)
	if len(secrets.Names()) != 1 || secrets.Names()[0] == before[0] {
		t.Errorf("%v", secrets.Names())
	}
	_ = secrets.Put(hiddenPrefix+"shop.LOST", signature.NewSecret("x")) // as a crash would leave it
	s, err := Load(t.Context(), Config{Contracts: both(), Shelf: shelf, Secrets: secrets})
	if err != nil || len(secrets.Names()) != 1 {
		t.Fatalf("%v: %v", err, secrets.Names())
	}
	if e, err := s.toEndpoint("shop", ""); err != nil || e.URL != "http://u:three@shop.test" {
		t.Errorf("%v", err)
	}
	g.do("DELETE", "/api/v1/endpoints/shop", "").is(204)
	if len(secrets.Names()) != 0 {
		t.Errorf("%v", secrets.Names())
	}
}

// An endpoint whose hidden part is lost is known, and says what to do.
func TestEndpointsThatLostTheirSecrets(t *testing.T) {
	shelf := mockserver.NewMemory()
	g := newRigWith(t, Config{Contracts: both(), Shelf: shelf}, answers(200))
	g.do("PUT", "/api/v1/endpoints/shop", `{"url":"http://u:p@shop.test"}`).is(200)
	g.do("PUT", "/api/v1/endpoints/open", `{"url":"http://shop.test"}`).is(200)
	g = newRigWith(t, Config{Contracts: both(), Shelf: shelf}, answers(200))
	if body := g.do("GET", "/api/v1/endpoints/shop", "").is(200).body; !strings.Contains(body, `"incomplete":true`) {
		t.Error(body)
	}
	send := `{"provider":"bravo","event":"ping","endpoint":"%s"}`
	if p := g.do("POST", "/api/v1/deliveries", fmt.Sprintf(send, "shop")).problem(422); !strings.HasSuffix(p.Type, ":incomplete-endpoint") || p.Hint == "" {
		t.Errorf("%+v", p)
	}
	g.do("POST", "/api/v1/deliveries", fmt.Sprintf(send, "open")).ids()
	g.do("PUT", "/api/v1/endpoints/shop", `{"url":"http://u:p@shop.test"}`).is(200)
	g.do("POST", "/api/v1/deliveries", fmt.Sprintf(send, "shop")).ids()
}

// A document that cannot be read is an error, not an endpoint less.
func TestShelfOfNonsense(t *testing.T) {
	shelf := mockserver.NewMemory()
	if err := shelf.Put(t.Context(), "endpoint", "shop", []byte("{")); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(t.Context(), Config{Contracts: both(), Shelf: shelf}); err == nil || !strings.Contains(err.Error(), `endpoint "shop"`) {
		t.Error(err)
	}
}

// URLs with credentials are kept while a live delivery needs them, however many
// come.
func TestTargetsAreForgotten(t *testing.T) {
	secrets := &Secrets{}
	g := newRigWith(t, Config{Contracts: both(), Secrets: secrets}, answers(200))
	live := g.do("POST", "/api/v1/deliveries", `{"provider":"bravo","event":"ping","to":"http://u:live@shop.test","delay":"1h"}`).ids()[0]
	_, release, err := g.api.targets.hold("http://u:held@shop.test")
	if err != nil {
		t.Fatal(err)
	}
	for i := range fewTargets + 20 {
		g.detail(g.do("POST", "/api/v1/deliveries", fmt.Sprintf(`{"provider":"bravo","event":"ping","to":"http://u:%d@shop.test"}`, i)).ids()[0])
	}
	if n := len(secrets.Names()); n < 2 || n > fewTargets+1 {
		t.Errorf("%d are kept", n)
	}
	kept := func() (all []string) {
		if err := g.api.targets.sweep(t.Context(), g.api.ledger); err != nil {
			t.Fatal(err)
		}
		for _, name := range secrets.Names() {
			secret, _ := secrets.Get(name)
			all = append(all, secret.Reveal())
		}
		return slices.Sorted(slices.Values(all))
	}
	if got := kept(); fmt.Sprint(got) != "[http://u:held@shop.test http://u:live@shop.test]" {
		t.Errorf("%v", got)
	}
	release()
	g.do("POST", "/api/v1/deliveries/"+live+"/cancel", "").is(202)
	if got := kept(); len(got) != 0 {
		t.Errorf("%v", got)
	}
	if again, _, err := g.api.targets.hold("http://u:live@shop.test"); err != nil || again == "" || len(kept()) != 1 {
		t.Errorf("%q, %v", again, err)
	}
}

func TestSecretsOfSubscriptionsAreTheirOwn(t *testing.T) {
	g := newRig(t, answers(200))
	if err := g.api.secrets.Put("subscription.7.key", signature.NewSecret("x")); err != nil {
		t.Fatal(err)
	}
	g.do("PUT", "/api/v1/secrets/subscription.7.key", `{"value":"y"}`).problem(422)
	g.do("DELETE", "/api/v1/secrets/subscription.7.key", "").problem(422)
	g.do("POST", "/api/v1/deliveries", ping+`,"secret":"subscription.7.key"}`).problem(422)
	g.do("PUT", "/api/v1/secrets/shop", `{"value":"y"}`).is(204)
	if body := g.do("GET", "/api/v1/secrets", "").body; body != `{"secrets":["shop"]}`+"\n" {
		t.Error(body)
	}
}

func TestSecretsAreBounded(t *testing.T) {
	g := newRig(t, answers(200))
	for i := range most {
		_ = g.api.secrets.Put(fmt.Sprint("s", i), signature.NewSecret("x"))
	}
	g.do("PUT", "/api/v1/secrets/new", `{"value":"x"}`).problem(507)
	g.do("PUT", "/api/v1/secrets/s7", `{"value":"x"}`).is(204)
	g.do("DELETE", "/api/v1/secrets/s7", "").is(204)
	g.do("PUT", "/api/v1/secrets/new", `{"value":"x"}`).is(204)
}

// interrupting is a reader that lets something happen while it is asked.
type interrupting struct {
	mockserver.Reader
	meanwhile func()
}

func (i interrupting) List(ctx context.Context, q mockserver.Query) ([]mockserver.Record, error) {
	page, err := i.Reader.List(ctx, q)
	i.meanwhile()
	return page, err
}

// What is used while it is looked what is needed may be needed by a delivery that
// came too late to be seen.
func TestTargetsThatAreUsedMeanwhile(t *testing.T) {
	g := newRig(t, answers(200))
	use := func(url string) (release func()) {
		_, release, err := g.api.targets.hold(url)
		if err != nil {
			t.Fatal(err)
		}
		return release
	}
	for _, url := range []string{"http://u:idle@x", "http://u:used@x", "http://u:held@x"} {
		use(url)()
	}
	for want := range 2 { // the second time nobody comes in between
		reader := interrupting{g.api.ledger, func() {
			if want == 0 {
				use("http://u:used@x")()
				use("http://u:held@x")
			}
		}}
		if err := g.api.targets.sweep(t.Context(), reader); err != nil {
			t.Fatal(err)
		}
		if n := len(g.api.secrets.Names()); n != 2-want {
			t.Errorf("%d are kept, want %d", n, 2-want)
		}
	}
}
