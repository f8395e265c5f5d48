package api

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
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

func TestIDs(t *testing.T) {
	g := newRig(t, answers(200))
	if ids := g.do("POST", "/api/v1/deliveries", ping+`,"id":"mine-1"}`).ids(); !slices.Equal(ids, []string{"mine-1"}) {
		t.Errorf("%v", ids)
	}
	g.detail("mine-1")
	for range 2 {
		if p := g.do("POST", "/api/v1/deliveries", ping+`,"id":"mine-1"}`).problem(409); !strings.HasSuffix(p.Type, ":known-delivery") || !slices.Equal(p.where(), []string{"/id"}) {
			t.Errorf("%+v", p)
		}
	}
	g.do("POST", "/api/v1/deliveries", ping+`,"id":"late","delay":"1h"}`).ids()
	g.do("POST", "/api/v1/deliveries", ping+`,"id":"late"}`).problem(409)
	if p := g.do("POST", "/api/v1/deliveries", ping+`,"id":"two","count":2}`).problem(422); !slices.Equal(p.where(), []string{"/id"}) {
		t.Errorf("%+v", p)
	}
}

func TestDelayOnceAndKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var order []string
		g := newRig(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			time.Sleep(time.Second)
			mu.Lock()
			defer mu.Unlock()
			order = append(order, r.Header.Get("Acme-Id"))
			w.WriteHeader(503)
		}))
		g.do("PUT", "/api/v1/secrets/acme", `{"value":"whsec_`+canary+`"}`).is(204)
		send := func(more string) got {
			return g.do("POST", "/api/v1/deliveries", `{"provider":"acme","event":"order.created","to":"http://shop.test","secret":"acme"`+more+`}`)
		}
		began := time.Now()
		late := send(`,"delay":"1m30s","once":true,"count":2,"rate":1`).ids()[1]
		time.Sleep(time.Minute)
		d := g.detail(late)
		if d.State != mockserver.Exhausted || len(d.Attempts) != 1 || d.Attempts[0].Started.Sub(began) != 91*time.Second {
			t.Errorf("%+v", d)
		}
		order = nil
		ids := send(`,"key":"order 7","once":true,"count":5`).ids()
		for _, id := range ids {
			g.detail(id)
		}
		if !slices.Equal(order, ids) {
			t.Errorf("%v, want %v", order, ids)
		}
		for _, delay := range []string{"91d", "9999999999999h", "1d2d"} {
			if p := send(`,"delay":"` + delay + `"`).problem(422); !slices.Equal(p.where(), []string{"/delay"}) {
				t.Errorf("%+v", p)
			}
		}
	})
}

func TestTampering(t *testing.T) {
	g := newRig(t, answers(200))
	g.do("PUT", "/api/v1/secrets/acme", `{"value":"whsec_`+canary+`"}`).is(204)
	g.do("PUT", "/api/v1/endpoints/shaky", `{"url":"http://shop.test","secret":"acme","tamper":{"drop":1}}`).is(200)
	send := func(more string) got {
		return g.do("POST", "/api/v1/deliveries", `{"provider":"acme","event":"order.created","secret":"acme"`+more+`}`)
	}
	for more, want := range map[string]string{
		`,"to":"http://shop.test","tamper":"duplicate","once":true`: "duplicate",
		`,"to":"http://shop.test","tamper":{"drop":1}`:              "drop",
		`,"to":"http://shop.test","tamper":{}`:                      "",
		`,"endpoint":"shaky"`:                                       "drop",
		`,"endpoint":"shaky","tamper":"duplicate","once":true`:      "duplicate",
	} {
		if d := g.detail(send(more).ids()[0]); d.Attempts[0].Tamper != want {
			t.Errorf("%s: %+v", more, d)
		}
	}
	// The same seed mishandles the same ones.
	dropped := func() (which []bool) {
		for _, id := range send(`,"to":"http://shop.test","tamper":{"drop":0.3},"seed":7,"count":40`).ids() {
			which = append(which, g.detail(id).State == mockserver.Cancelled)
		}
		return which
	}
	first := dropped()
	if !slices.Equal(first, dropped()) || !slices.Contains(first, true) || !slices.Contains(first, false) {
		t.Errorf("%v", first)
	}
	for more, kind := range map[string]string{
		`"tamper":"dropp"`:                      "unknown-tamper",
		`"tamper":{"dropp":0.1}`:                "unknown-tamper",
		`"tamper":{"drop":0.6,"duplicate":0.6}`: "invalid-request",
		`"tamper":{"drop":1.1}`:                 "invalid-request",
	} {
		p := send(`,"to":"http://shop.test",` + more).problem(422)
		if !strings.HasSuffix(p.Type, ":"+kind) || !strings.HasPrefix(p.where()[0], "/tamper") || kind == "unknown-tamper" && !slices.Contains(p.Nearest, "drop") {
			t.Errorf("%s: %+v", more, p)
		}
		if p := g.do("PUT", "/api/v1/endpoints/shaky", `{"url":"http://x",`+more+`}`).problem(422); !strings.HasSuffix(p.Type, ":"+kind) {
			t.Errorf("%s: %+v", more, p)
		}
	}
	// What would make no difference is refused, for nothing is signed here.
	if p := g.do("POST", "/api/v1/deliveries", ping+`,"tamper":"wrong-key"}`).problem(422); !strings.HasSuffix(p.Type, ":not-sealable") {
		t.Errorf("%+v", p)
	}
	var all struct{ Tampers []mockserver.TamperInfo }
	g.do("GET", "/api/v1/tampers", "").is(200).into(&all)
	if len(all.Tampers) != len(mockserver.Tampers()) || all.Tampers[0].Why == "" {
		t.Errorf("%+v", all)
	}
}

// Without a target an event goes to everybody who wants it, as the provider would
// send it.
func TestFanOut(t *testing.T) {
	receiver := &recorder{status: 200}
	g := newRig(t, receiver)
	subscribe := func(provider, event, url string, active bool) string {
		subs, err := g.api.subs.Create(t.Context(), registration.Draft{
			Provider: provider, Events: []string{event}, URL: url, Secret: signature.NewSecret("whsec_" + canary), Inactive: !active,
		})
		if err != nil {
			t.Fatal(err)
		}
		return subs[0].ID
	}
	event := `{"provider":"acme","event":"order.created"`
	if p := g.do("POST", "/api/v1/deliveries", event+`}`).problem(422); !strings.HasSuffix(p.Type, ":nobody-subscribed") || p.Hint == "" {
		t.Errorf("%+v", p)
	}
	one := subscribe("acme", "order.created", "http://one.test/hooks", true)
	subscribe("acme", "order.created", "http://u:"+canary+"@two.test/", true)
	subscribe("acme", "order.created", "http://off.test/", false)
	subscribe("acme", "order.paid", "http://other.test/", true)
	subscribe("bravo", "ping", "http://bravo.test/", true)
	ids := g.do("POST", "/api/v1/deliveries", event+`,"count":3,"label":"l"}`).ids()
	if len(ids) != 6 {
		t.Fatalf("%v", ids)
	}
	for i, id := range ids {
		if d := g.detail(id); d.State != mockserver.Delivered || i%2 == 0 && d.Endpoint != "subscription/"+one || d.Body != g.detail(ids[i/2*2]).Body {
			t.Errorf("%+v", d)
		}
	}
	hosts := map[string]int{}
	for _, r := range receiver.seen {
		hosts[r.Host]++
	}
	if fmt.Sprint(hosts) != "map[one.test:3 two.test:3]" {
		t.Error(hosts)
	}
	for more, at := range map[string]string{`,"secret":"acme"`: "/secret", `,"id":"x"`: "/id"} {
		g.do("PUT", "/api/v1/secrets/acme", `{"value":"x"}`).is(204)
		if p := g.do("POST", "/api/v1/deliveries", event+more+`}`).problem(422); !slices.Equal(p.where(), []string{at}) {
			t.Errorf("%s: %+v", more, p)
		}
	}
	// A subscription that could not be sent to is named.
	subs, err := g.api.subs.Create(t.Context(), registration.Draft{Provider: "acme", Events: []string{"order.created"}, URL: "http://keyless.test"})
	if err != nil {
		t.Fatal(err)
	}
	if p := g.do("POST", "/api/v1/deliveries", event+`}`).problem(422); !strings.Contains(p.Detail, subs[0].ID) || !strings.HasSuffix(p.Type, ":secret-required") {
		t.Errorf("%+v", p)
	}
}

// What is too much for one request is sent by a run, and by none that could not
// be sealed.
func TestManyAreARun(t *testing.T) {
	receiver := answers(200)
	g := newRig(t, receiver)
	var answer sent
	g.do("POST", "/api/v1/deliveries", ping+`,"count":10001,"seed":7,"label":"many"}`).is(202).into(&answer)
	if answer.Run == "" || len(answer.IDs) != firstIDs || answer.IDs[1] != answer.Run+"-1" || *answer.Seed != 7 {
		t.Fatalf("%+v", answer)
	}
	if err := g.api.work.runs.Find(answer.Run).Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := g.server.Idle(t.Context()); err != nil {
		t.Fatal(err)
	}
	if c := g.counts("?label=many"); c != (counts{Delivered: 10_001, Total: 10_001}) {
		t.Errorf("%+v", c)
	}
	one := g.do("POST", "/api/v1/deliveries", ping+`,"count":3,"seed":7}`).ids()
	if g.detail(one[2]).Body != g.detail(answer.IDs[2]).Body {
		t.Error("the seed makes other events in a run")
	}
	sentBefore := g.server.Stats().Sent
	for more, at := range map[string]string{
		`,"delay":"1s"`: "/delay", `,"id":"x"`: "/id", `,"set":{"/n":"x"}`: "/set/~1n", `,"secret":"none"`: "/secret",
	} {
		if p := g.do("POST", "/api/v1/deliveries", ping+`,"count":10001`+more+`}`).problem(422); !slices.Equal(p.where(), []string{at}) {
			t.Errorf("%s: %+v", more, p)
		}
	}
	g.do("POST", "/api/v1/deliveries", `{"provider":"bravo","event":"ping","count":10001}`).problem(422)
	if g.server.Stats().Sent != sentBefore {
		t.Error("something was sent")
	}
}

// certificate is one with its key, in PEM.
func certificate(t *testing.T) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "shop.test"}, NotAfter: time.Now().Add(time.Hour), IsCA: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})), string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}))
}

func TestEndpointsThatAreRefused(t *testing.T) {
	g := newRig(t, answers(200))
	cert, key := certificate(t)
	quote := func(text string) string {
		b, err := json.Marshal(text)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	for _, c := range []struct{ body, at string }{
		{`{"url":"http://x","headers":{"Host":"y"}}`, "/headers/Host"},
		{`{"url":"http://x","headers":{"content-length":"3"}}`, "/headers/content-length"},
		{`{"url":"http://x","headers":{"Transfer-Encoding":"chunked"}}`, "/headers/Transfer-Encoding"},
		{`{"url":"http://x","headers":{"connection":"close"}}`, "/headers/connection"},
		{`{"url":"http://x","headers":{"X-A":"1","x-a":"2"}}`, "/headers/x-a"},
		{`{"url":"http://x","headers":{"authorization":"x"},"basicAuth":{"user":"u","password":"p"}}`, "/basicAuth"},
		{`{"url":"http://u:p@x","basicAuth":{"user":"u","password":"p"}}`, "/basicAuth"},
		{`{"url":"http://x","basicAuth":{"user":"u:v","password":"p"}}`, "/basicAuth/user"},
		{`{"url":"http://x","tls":{"serverName":"y"}}`, "/tls"},
		{`{"url":"https://x","tls":{"ca":"no"}}`, "/tls/ca"},
		{`{"url":"https://x","tls":{"ca":` + quote(key) + `}}`, "/tls/ca"},
		{`{"url":"https://x","tls":{"cert":` + quote(cert+key) + `,"key":` + quote(key) + `}}`, "/tls/cert"},
		{`{"url":"https://x","tls":{"cert":` + quote(cert) + `}}`, "/tls"},
		{`{"url":"https://x","tls":{"cert":` + quote(cert) + `,"key":` + quote(canary) + `}}`, "/tls"},
		{`{"url":"http://x","secret":"nobody"}`, "/secret"},
	} {
		p := g.do("PUT", "/api/v1/endpoints/shop", c.body).problem(422)
		if !slices.Equal(p.where(), []string{c.at}) || strings.Contains(fmt.Sprint(p), canary) || strings.Contains(fmt.Sprint(p), "PRIVATE") {
			t.Errorf("%s: %+v", c.body, p)
		}
	}
	a := g.do("PUT", "/api/v1/endpoints/shop", `{"url":"https://x","tls":{"ca":`+quote("my secret is x\n"+cert)+`,"cert":`+quote(cert)+`,"key":`+quote(key)+`,"serverName":"shop.test"}}`).is(200)
	var e endpointView
	a.into(&e)
	if e.TLS.CA != cert || e.TLS.Cert != cert || e.TLS.ServerName != "shop.test" || strings.Contains(a.body, "PRIVATE") || strings.Contains(a.body, "my secret") {
		t.Errorf("%s", a.body)
	}
	whole, err := g.api.toEndpoint("shop", "")
	if err != nil || string(whole.TLS.Key) != key || string(whole.TLS.CA) != cert {
		t.Errorf("%v, %+v", err, whole)
	}
}

// What was meant as a secret and stands in the place of a name is not repeated.
func TestMistakenSecrets(t *testing.T) {
	g := newRig(t, answers(200))
	mistaken := "whsec_c2VjcmV0"
	for _, a := range []got{
		g.do("POST", "/api/v1/deliveries", ping+`,"secret":"`+mistaken+`"}`),
		g.do("POST", "/api/v1/deliveries", ping+`,"secret":"`+mistaken+`="}`),
		g.do("POST", "/api/v1/deliveries", ping+`,"tamper":"`+mistaken+`"}`),
		g.do("PUT", "/api/v1/endpoints/x", `{"url":"http://x","secret":"`+mistaken+`"}`),
		g.do("PUT", "/api/v1/secrets/"+mistaken, `{"value":"acme"}`),
		g.do("DELETE", "/api/v1/secrets/"+mistaken, ""),
		g.do("GET", "/api/v1/secrets/"+mistaken, ""),
		g.do("GET", "/api/v1/secret/"+mistaken, ""),
		g.do("GET", "/api/v1/deliveries?"+mistaken+"=1", ""),
		g.do("POST", "/api/v1/deliveries?secret="+mistaken, ping+`}`),
	} {
		if a.status < 400 {
			t.Errorf("%d: %s", a.status, a.body)
		}
		if p := a.problem(a.status); strings.Contains(fmt.Sprintf("%+v", p), mistaken) && a.status != 400 {
			t.Errorf("%s", a.body)
		}
	}
	if names := g.api.secretNames(); len(names) > 0 {
		t.Errorf("%v", names)
	}
}

func TestEncodingsOfBodies(t *testing.T) {
	g := newRig(t, answers(200))
	for header, status := range map[string]int{
		"Content-Type: application/json; charset=utf-8":                        202,
		"Content-Type: application/json; charset=\"UTF-8\"":                    202,
		"Content-Type: application/json; charset=utf-16":                       415,
		"Content-Type: application/json; charset=iso-8859-1":                   415,
		"Content-Encoding: gzip":                                               415,
		"Content-Encoding: br, identity":                                       415,
		"Content-Encoding: identity":                                           202,
		"Content-Encoding: " + strings.Repeat("x", 5000):                       415,
		"Content-Type: application/json; charset=" + strings.Repeat("x", 5000): 415,
	} {
		a := g.do("POST", "/api/v1/deliveries", ping+`}`, header)
		if a.status != status || len(a.body) > 1000 {
			t.Errorf("%s: %d %s", header, a.status, a.body)
		}
	}
	if a := g.do("POST", "/api/v1/deliveries/x/resend", `{}`, "Content-Encoding: gzip"); a.status != 415 {
		t.Errorf("%d", a.status)
	}
}

// pipes is a listener whose connections are in memory, so that their deadlines are
// those of virtual time.
type pipes chan net.Conn

func (p pipes) Accept() (net.Conn, error) {
	if c, ok := <-p; ok {
		return c, nil
	}
	return nil, net.ErrClosed
}
func (p pipes) Close() error   { return nil }
func (p pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8080} }

// A body that trickles in, or never comes, holds no connection for long.
func TestSlowBodies(t *testing.T) {
	for name, c := range map[string]struct {
		head   string
		token  string
		status string
	}{
		"a body that is needed":  {"POST /api/v1/deliveries HTTP/1.1\r\nContent-Type: application/json\r\n", "", "408"},
		"one that nobody wants":  {"GET /api/v1/status HTTP/1.1\r\nContent-Type: application/json\r\n", "", "408"},
		"where there is nothing": {"POST /nowhere HTTP/1.1\r\n", "", "404"},
		"from who may not ask":   {"POST /api/v1/deliveries HTTP/1.1\r\nContent-Type: application/json\r\n", "t0k3n", "401"},
		"one of another type":    {"POST /api/v1/deliveries HTTP/1.1\r\nContent-Type: text/plain\r\n", "", "415"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := newRig(t, answers(200), func(o *Options, _ *mockserver.Options) { o.Token = signature.NewSecret(c.token) })
				listener := make(pipes)
				server := &http.Server{Handler: g.handler, ErrorLog: log.New(io.Discard, "", 0)}
				ended := make(chan error)
				go func() { ended <- server.Serve(listener) }()
				client, conn := net.Pipe()
				listener <- conn
				began := time.Now()
				var crew sync.WaitGroup
				crew.Go(func() {
					fmt.Fprint(client, c.head+"Host: localhost\r\nContent-Length: 1000\r\n\r\n")
					for range 100 {
						if _, err := client.Write([]byte(" ")); err != nil {
							return
						}
						time.Sleep(time.Second)
					}
				})
				if err := client.SetReadDeadline(began.Add(time.Minute)); err != nil {
					t.Fatal(err)
				}
				answer, err := io.ReadAll(client)
				if took := time.Since(began); took > bodyPatience+time.Second {
					t.Errorf("it took %v", took)
				}
				if !strings.HasPrefix(string(answer), "HTTP/1.1 "+c.status) {
					t.Errorf("%v: %s", err, answer)
				}
				close(listener)
				<-ended
				_ = server.Close()
				_ = client.Close()
				crew.Wait()
			})
		})
	}
}

// fullDisk is a journal without room.
type fullDisk struct {
	*mockserver.Memory
	err error
}

func (f *fullDisk) Append(ctx context.Context, entries ...mockserver.Entry) error {
	if f.err != nil {
		return f.err
	}
	return f.Memory.Append(ctx, entries...)
}

func TestFullDisk(t *testing.T) {
	disk := &fullDisk{Memory: mockserver.NewMemory()}
	g := newRig(t, answers(200), func(_ *Options, o *mockserver.Options) { o.Journal = disk })
	id := g.do("POST", "/api/v1/deliveries", ping+`}`).ids()[0]
	g.detail(id)
	disk.err = fmt.Errorf("chunk 7: %w", mockserver.ErrFull)
	for _, a := range []got{
		g.do("POST", "/api/v1/deliveries", ping+`,"count":3}`),
		g.do("POST", "/api/v1/deliveries/"+id+"/resend", ""),
		g.do("POST", "/api/v1/deliveries/resend", `{"provider":"bravo"}`),
	} {
		if p := a.problem(507); !strings.HasSuffix(p.Type, ":disk-full") || p.Hint == "" || strings.Contains(p.Detail, "chunk") || a.header.Get("Retry-After") == "" {
			t.Errorf("%+v", p)
		}
	}
	disk.err = nil
	g.do("POST", "/api/v1/deliveries/"+id+"/resend", "").ids()
	g.do("POST", "/api/v1/deliveries", ping+`,"count":3}`).ids()
}
