package contracts_test

import (
	"os"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/signature"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

func loadOwn(t *testing.T, name string) *contracts.Contract {
	t.Helper()
	c, err := contracts.Load(os.DirFS("testdata"), name)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestDocumentOfTheWild reads a document that was written for other tools:
// what it has in common with a contract is found, the rest is passed over.
func TestDocumentOfTheWild(t *testing.T) {
	c := loadOwn(t, "wild.yaml")
	var names []string
	for _, et := range c.EventTypes() {
		names = append(names, et.Name())
	}
	if diff := cmp.Diff([]string{"orderPlaced", "refund~1paid"}, names); diff != "" {
		t.Fatal(diff)
	}
	placed, refund := c.EventTypes()[0], c.EventTypes()[1]
	for _, tt := range []struct {
		what      string
		got, want any
	}{
		{"method of a trait", placed.Method(), "PUT"},
		{"method unsaid", refund.Method(), "POST"},
		{"path", placed.Path(), "/orders"},
		{"path with a value of its own", refund.Path(), "/refunds/eu"},
		{"title over that of a trait", placed.Title(), "An order was placed"},
		{"content type of a trait", placed.ContentType(), "application/cloudevents+json"},
		{"content type of the document", refund.ContentType(), "application/json"},
		{"delivery of a trait", placed.Policy().Timeout, 3 * time.Second},
		{"delivery of its own", len(placed.Policy().Waits), 0},
		{"notes of a trait", placed.Notes(), []string{"one for all"}},
		{"statement in another file", placed.Provenance("/orderId").Level, contracts.Reported},
		{"provider", c.Provider(), "example-shop-events"},
	} {
		if diff := cmp.Diff(tt.want, tt.got); diff != "" {
			t.Errorf("%s: %s", tt.what, diff)
		}
	}
	for body, want := range map[string]int{`{"amount":1}`: 0, `{"amount":1,"more":2}`: 1} {
		if v, err := refund.Validate([]byte(body)); err != nil || len(v) != want {
			t.Errorf("%s: %v, %v", body, v, err)
		}
	}
	r, err := c.Seal(contracts.Event{Type: placed, Body: []byte(`{}`)}, contracts.SealOptions{URL: "https://a.example"})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][]string{"Content-Type": {"application/cloudevents+json"}, "X-Shop-Version": {"2"}, "X-Shop-Region": {"eu"}}
	if diff := cmp.Diff(want, map[string][]string(r.Header)); diff != "" {
		t.Error(diff)
	}
	for _, f := range c.Lint() {
		if f.Severity == contracts.SeverityError {
			t.Error(f)
		}
	}
}

// TestFilesAreReadSafely: files of a contract are read when they are first
// needed, which may be in many goroutines at once.
func TestFilesAreReadSafely(t *testing.T) {
	c := loadOwn(t, "wild.yaml")
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for _, et := range c.EventTypes() {
				if et.Provenance("/orderId").Level == "" {
					t.Error("no provenance")
				}
				if _, err := et.Schema(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
}

// TestStandardWebhooks: what the contract of a Standard Webhooks user seals,
// the project's own library accepts. The library reads the clock, so the
// request is signed now.
func TestStandardWebhooks(t *testing.T) {
	c := loadOwn(t, "standard.yaml")
	for _, f := range c.Lint() {
		t.Error(f)
	}
	const old, current = "whsec_b2xkLW9sZC1vbGQtb2xkLW9sZA==", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	sold := c.EventTypes()[0]
	ev := contracts.Event{Type: sold, Body: sold.Examples()[0]}
	now := time.Now()
	for name, secrets := range map[string][]signature.Secret{
		"one secret": {signature.NewSecret(current)},
		"rotation":   {signature.NewSecret(old), signature.NewSecret(current)},
	} {
		r, err := c.Seal(ev, contracts.SealOptions{URL: "https://partner.example/hooks", Secrets: secrets, ID: "msg_2b", Time: now})
		if err != nil {
			t.Fatal(err)
		}
		library, err := standardwebhooks.NewWebhook(current)
		if err != nil {
			t.Fatal(err)
		}
		if err := library.Verify(r.Body, r.Header); err != nil {
			t.Errorf("%s: the library refuses %v: %v", name, r.Header, err)
		}
		if library.Verify(append([]byte(" "), r.Body...), r.Header) == nil {
			t.Errorf("%s: the library accepts any body", name)
		}
		got, err := c.Open(r, contracts.OpenOptions{Secrets: secrets[len(secrets)-1:], Now: now})
		if err != nil || !got.OK() || len(got.Events) != 1 || !got.Events[0].Equal(ev) {
			t.Errorf("%s: opened %v, %v", name, got, err)
		}
		late, err := c.Open(r, contracts.OpenOptions{Secrets: secrets, Now: now.Add(5*time.Minute + 2*time.Second)})
		if err != nil || late.Signature.Reason != signature.ReasonStale {
			t.Errorf("%s: opened late: %v, %v", name, late.Signature, err)
		}
	}
}
