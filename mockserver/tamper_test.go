package mockserver

import (
	"context"
	"crypto/ed25519"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"math"
	"math/big"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/catalog"
	"github.com/hookrig/hookrig/contracts/signature"
	"github.com/hookrig/hookrig/internal/egress"
)

// witness is a correct receiver that remembers how requests came.
type witness struct {
	*Inbox
	mu   sync.Mutex
	seen []string
}

func newWitness() *witness {
	return &witness{Inbox: NewInbox(shop(), InboxOptions{Secrets: []signature.Secret{secret}})}
}

func (w *witness) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	w.seen = append(w.seen, fmt.Sprintf("%s length %d %s%s", r.Proto, r.ContentLength, strings.Join(r.TransferEncoding, ","), r.Header.Get("Expect")))
	w.mu.Unlock()
	w.Inbox.ServeHTTP(rw, r)
}

func (w *witness) requests() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.seen)
}

// accepted is how many requests were right.
func (w *witness) accepted() (n int) {
	for _, r := range w.Received() {
		if r.Opened.OK() && r.Opened.Checked {
			n++
		}
	}
	return n
}

// What each named tamper does, over real sockets, to a correct receiver. The
// provider's retry puts things right wherever there is one.
var tamperStories = map[string]struct {
	attempts []string // failure or status, and "sent" where the receiver may have acted
	state    State    // "": delivered
	came     int      // requests of which the receiver saw the headers
	whole    int      // those that it accepted
	seen     string   // of the first one
}{
	"duplicate":            {attempts: []string{"200 sent", "200 sent"}, came: 2, whole: 2},
	"reorder":              {attempts: []string{"200 sent"}, came: 1, whole: 1},
	"delay":                {attempts: []string{"200 sent"}, came: 1, whole: 1},
	"drop":                 {attempts: []string{"tampered"}, state: Cancelled},
	"wrong-key":            {attempts: []string{"401", "200 sent"}, came: 2, whole: 1},
	"stale-timestamp":      {attempts: []string{"401", "200 sent"}, came: 2, whole: 1},
	"altered-body":         {attempts: []string{"401", "200 sent"}, came: 2, whole: 1},
	"truncated-body":       {attempts: []string{"401", "200 sent"}, came: 2, whole: 1, seen: "length 11 "},
	"unfinished-body":      {attempts: []string{"400", "200 sent"}, came: 2, whole: 1, seen: "HTTP/1.1 length 22 "},
	"slow-drip":            {attempts: []string{"200 sent"}, came: 1, whole: 1, seen: "HTTP/1.1 length 22 "},
	"reset-before-headers": {attempts: []string{"tampered", "200 sent"}, came: 1, whole: 1},
	"reset-after-headers":  {attempts: []string{"tampered", "200 sent"}, came: 2, whole: 1, seen: "HTTP/1.1 length 22 "},
	"reset-after-body":     {attempts: []string{"tampered sent", "200 sent"}, came: 2, whole: 2},
	"chunked":              {attempts: []string{"200 sent"}, came: 1, whole: 1, seen: "HTTP/1.1 length -1 chunked"},
	"expect-continue":      {attempts: []string{"200 sent"}, came: 1, whole: 1, seen: "HTTP/1.1 length 22 100-continue"},
	"lost-ack":             {attempts: []string{"lost-answer sent", "200 sent"}, came: 2, whole: 2},
}

func TestTampersByName(t *testing.T) {
	if len(tamperStories) != len(Tampers()) {
		t.Errorf("%d stories for %d tampers", len(tamperStories), len(Tampers()))
	}
	for _, secure := range []bool{false, true} {
		for _, info := range Tampers() {
			t.Run(fmt.Sprintf("%s/tls %v", info.Name, secure), func(t *testing.T) {
				t.Parallel()
				story := tamperStories[info.Name]
				w := newWitness()
				receiver := httptest.NewUnstartedServer(w)
				receiver.Config.ErrorLog = quiet
				receiver.EnableHTTP2 = true
				p := parcel("", nil)
				if secure {
					receiver.StartTLS()
					p.Endpoint.TLS = &TLS{CA: certificatePEM(receiver)}
				} else {
					receiver.Start()
				}
				t.Cleanup(receiver.Close)
				p.Endpoint.URL = receiver.URL
				var err error
				if p.Tamper, err = TamperNamed(info.Name); err != nil {
					t.Fatal(err)
				}
				s := Start(t, Options{Speed: 10_000})
				o := wait(t, s.Send(p))

				want := story.state
				if want == "" {
					want = Delivered
				}
				if o.State != want || !slices.Equal(short(o.Attempts), story.attempts) {
					t.Fatalf("%s after %q: %s\n%+v", o.State, short(o.Attempts), o.Reason, o.Attempts)
				}
				for i, a := range o.Attempts {
					named := strings.Contains(a.Reason, "mishandled on purpose: "+info.Name)
					if (a.Tamper == info.Name) != (i == 0) || named != (i == 0) {
						t.Errorf("attempt %d: tamper %q, reason %q", i+1, a.Tamper, a.Reason)
					}
				}
				if a := o.Attempts[0]; a.Ours != (info.Name == "drop") {
					t.Errorf("ours: %+v", a)
				}
				// What was reset may be read after the provider has done with it.
				for end := time.Now().Add(time.Minute); (len(w.requests()) < story.came || w.accepted() < story.whole) && time.Now().Before(end); {
					time.Sleep(time.Millisecond)
				}
				receiver.Close() // and all that it began is over
				came, whole := w.requests(), w.accepted()
				if len(came) != story.came || whole != story.whole {
					t.Errorf("the receiver saw %q and accepted %d", came, whole)
				}
				if story.seen != "" && !strings.HasSuffix(came[0], story.seen) {
					t.Errorf("the receiver saw %q", came[0])
				}
				if info.Why == "" || info.Receiver == "" || info.Layer == "" {
					t.Errorf("%+v", info)
				}
				audit(t, s)
			})
		}
	}
}

func short(attempts []Attempt) []string {
	var all []string
	for _, a := range attempts {
		text := a.Failure
		if text == "" {
			text = fmt.Sprint(a.Status)
		}
		if a.Sent && a.Status != 401 || a.Status == 200 { // HTTP/2 may tell of the one after the other
			text += " sent"
		}
		all = append(all, text)
	}
	return all
}

// Over a transport without connections a tamper of the wire is refused, not
// played in silence; all others work.
func TestTampersInProcess(t *testing.T) {
	for _, info := range Tampers() {
		bubble(t, func(t *testing.T) {
			w := newWitness()
			p := parcel(virtual, nil)
			p.Tamper, _ = TamperNamed(info.Name)
			o, err := inBubble(t, w).Send(p).Wait(t.Context())
			if info.Layer != LayerWire {
				story := tamperStories[info.Name]
				if err != nil || !slices.Equal(short(o.Attempts), story.attempts) {
					t.Errorf("%s: %v, %q", info.Name, err, short(o.Attempts))
				}
				return
			}
			if !errors.Is(err, errNeedsNetwork) || !strings.Contains(err.Error(), info.Name) || o.State != Cancelled || len(w.requests()) > 0 {
				t.Errorf("%s: %v, %+v", info.Name, err, o)
			}
		})
	}
}

// A transport that wraps ours says so.
func TestTampersThroughAWrapper(t *testing.T) {
	receiver := httpServer(t, newWitness().ServeHTTP)
	for _, c := range []struct {
		transport http.RoundTripper
		state     State
	}{
		{wrapper{egress.NewTransport(egress.Rules{})}, Delivered},
		{roundTrip(egress.NewTransport(egress.Rules{}).RoundTrip), Cancelled},
	} {
		p := parcel(receiver.URL, nil)
		p.Tamper, _ = TamperNamed("chunked")
		o, _ := Start(t, Options{Transport: c.transport}).Send(p).Wait(t.Context())
		if o.State != c.state {
			t.Errorf("%T: %+v", c.transport, o)
		}
	}
}

type wrapper struct{ http.RoundTripper }

func (w wrapper) Unwrap() http.RoundTripper { return w.RoundTripper }

func TestTampersThatMakeNoDifference(t *testing.T) {
	none := signature.Scheme{Algorithm: signature.None}
	for _, info := range Tampers() {
		if info.fits != nil && info.fits(none) {
			t.Errorf("%s fits a contract that signs nothing", info.Name)
		}
		if tamper := info.tamper; tamper.Seal != nil && tamper.Seal(1, none, nil) == nil {
			t.Errorf("%s: nothing is signed, and it is done all the same", info.Name)
		}
	}
	if _, err := TamperNamed("wrong-kee"); err == nil || !strings.Contains(err.Error(), `"wrong-kee"`) || !strings.Contains(err.Error(), "wrong-key") {
		t.Errorf("%v", err)
	}
}

// A wrong key is wrong for the scheme of every built-in contract that signs.
func TestWrongKeysAreRefused(t *testing.T) {
	for _, c := range []*contracts.Contract{catalog.Xentral(), catalog.Shoptet(), catalog.SellerCenter(), catalog.Scayle(), catalog.Ergonode()} {
		scheme, _ := c.Signature()
		if !signs(scheme) {
			continue
		}
		var o contracts.SealOptions
		if err := sealWrongly(1, scheme, &o); err != nil {
			t.Fatal(err)
		}
		in := signature.Input{Body: []byte("{}"), ID: "d1", Time: time.Unix(1_700_000_000, 0), URL: "https://shop.test/"}
		header, err := scheme.Sign(in, o.Secrets...)
		if err != nil {
			t.Errorf("%s: %v", c.Provider(), err)
			continue
		}
		if header[http.CanonicalHeaderKey(scheme.Header)] == nil && header["Authorization"] == nil {
			t.Errorf("%s: nothing is signed", c.Provider())
		}
	}
}

func TestChaos(t *testing.T) {
	sold := event("sold", 1).Type
	c := Chaos{Rates: map[string]float64{"duplicate": 0.1, "lost-ack": 0.2, "wrong-key": 0}, Seed: 7}
	if err := c.Check(); err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	const n = 20_000
	for i := range uint64(n) {
		name := c.Tamper(i, sold).Name
		count[name]++
		if again := c.Tamper(i, sold).Name; again != name {
			t.Fatalf("delivery %d: %q, then %q", i, name, again)
		}
	}
	for name, rate := range map[string]float64{"duplicate": 0.1, "lost-ack": 0.2, "wrong-key": 0, "": 0.7} {
		if share := float64(count[name]) / n; math.Abs(share-rate) > 0.012 { // four standard deviations and more
			t.Errorf("%q: %v of all, want %v", name, share, rate)
		}
	}
	other := Chaos{Rates: c.Rates, Seed: 8}
	same := 0
	for i := range uint64(1000) {
		if other.Tamper(i, sold).Name == c.Tamper(i, sold).Name {
			same++
		}
	}
	if same > 700 {
		t.Errorf("another seed chooses alike %d times of 1000", same)
	}
	for name, bad := range map[string]Chaos{
		"unknown":   {Rates: map[string]float64{"mayhem": 0.1}},
		"negative":  {Rates: map[string]float64{"drop": -0.1}},
		"above one": {Rates: map[string]float64{"drop": 1.1}},
		"no number": {Rates: map[string]float64{"drop": math.NaN()}},
		"together":  {Rates: map[string]float64{"drop": 0.6, "delay": 0.6}},
	} {
		if bad.Check() == nil || bad.Tamper(1, sold).Name != "" {
			t.Errorf("%s: it passes", name)
		}
	}
	if always := (Chaos{Rates: map[string]float64{"drop": 1}}); always.Tamper(3, sold).Name != "drop" {
		t.Error("a rate of 1 is not always")
	}
}

func TestEndpointTLS(t *testing.T) {
	receiver := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, r.Proto, " ", len(r.TLS.PeerCertificates))
	}))
	receiver.Config.ErrorLog = quiet
	receiver.EnableHTTP2 = true
	receiver.TLS = &tls.Config{ClientAuth: tls.RequestClientCert}
	receiver.StartTLS()
	defer receiver.Close()
	ca := certificatePEM(receiver)
	cert, key := clientCertificate(t)
	for _, c := range []struct {
		name    string
		tls     *TLS
		failure string
		body    string
	}{
		{"none", nil, "tls", ""},
		{"authority", &TLS{CA: ca}, "", "HTTP/2.0 0"},
		{"client certificate", &TLS{CA: ca, Cert: cert, Key: key}, "", "HTTP/2.0 1"},
		{"the name in the certificate", &TLS{CA: ca, ServerName: "example.com"}, "", "HTTP/2.0 0"},
		{"another name", &TLS{CA: ca, ServerName: "shop.test"}, "tls", ""},
		{"no authority in it", &TLS{CA: []byte("no")}, "seal", ""},
		{"no key", &TLS{CA: ca, Cert: cert}, "seal", ""},
		{"another key", &TLS{CA: ca, Cert: cert, Key: cert}, "seal", ""},
	} {
		p := parcel(receiver.URL, once(time.Minute))
		p.Endpoint.TLS = c.tls
		s := Start(t, Options{})
		o, _ := s.Send(p).Wait(t.Context())
		a := o.Attempts[0]
		if a.Failure != c.failure || a.Ours != (c.failure == "seal") || string(a.Body) != c.body {
			t.Errorf("%s: %+v %q", c.name, a, a.Body)
		}
		if c.tls != nil && (c.tls.Check() == nil) != (c.failure != "seal") {
			t.Errorf("%s: Check: %v", c.name, c.tls.Check())
		}
		if c.tls != nil {
			if text := fmt.Sprintf("%v %+v %#v %s", *c.tls, *c.tls, *c.tls, c.tls); strings.Contains(text, "45, 45") || strings.Contains(text, "PRIVATE") {
				t.Errorf("a key prints: %s", text)
			}
		}
	}
	p := parcel(virtual, nil)
	p.Endpoint.TLS = &TLS{CA: ca}
	s := Start(t, Options{Transport: InProcess(newWitness())})
	if o, err := s.Send(p).Wait(context.Background()); err == nil || o.State != Cancelled {
		t.Errorf("in process: %+v, %v", o, err)
	}
}

var quiet = log.New(io.Discard, "", 0)

func certificatePEM(s *httptest.Server) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
}

// clientCertificate is one that its owner signed.
func clientCertificate(t *testing.T) (cert, key []byte) {
	t.Helper()
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	raw, err := x509.CreateCertificate(nil, template, template, public, private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: raw}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})
}
