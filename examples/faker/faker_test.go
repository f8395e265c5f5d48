// The faker in an integration test: the handler under test gets the requests
// that the provider would send, signature included, and no server runs.
package faker_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/catalog"
	"github.com/hookrig/hookrig/contracts/signature"
	"github.com/hookrig/hookrig/examples/shop"
	"github.com/hookrig/hookrig/faker"
)

// seal is how the provider would send to us: to this URL, signed with this key.
var seal = contracts.SealOptions{
	URL:     "http://shop.test/hooks",
	Secrets: []signature.Secret{signature.NewSecret("s3cr3t")},
}

func TestOrder(t *testing.T) {
	shoptet, err := faker.New(catalog.Shoptet(), faker.Options{Seed: 7})
	if err != nil {
		t.Fatal(err)
	}
	request, err := shoptet.Request("order:create", seal, faker.Set("/eventInstance", "2026000123"))
	if err != nil {
		t.Fatal(err)
	}
	receiver, answer := shop.New("s3cr3t"), httptest.NewRecorder()
	receiver.ServeHTTP(answer, request)
	if answer.Code != http.StatusOK || receiver.Order("2026000123") != "new" {
		t.Errorf("answered %d, the order is %q", answer.Code, receiver.Order("2026000123"))
	}
}

// The shop lives on four events, and must be friendly to the rest.
func TestEveryEvent(t *testing.T) {
	contract := catalog.Shoptet()
	shoptet, err := faker.New(contract, faker.Options{Shape: faker.Full})
	if err != nil {
		t.Fatal(err)
	}
	receiver := shop.New("s3cr3t")
	for _, kind := range contract.EventTypes() {
		events, err := shoptet.Events(kind.Name())
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for event := range events { // without end: the first five will do
			if n++; n > 5 {
				break
			}
			if answer := deliver(t, receiver, event); answer.Code != http.StatusOK {
				t.Errorf("answered %d to %s", answer.Code, event.Body)
			}
		}
	}
}

func TestForgedOrders(t *testing.T) {
	shoptet, err := faker.New(catalog.Shoptet(), faker.Options{Events: []string{"order:create"}})
	if err != nil {
		t.Fatal(err)
	}
	for name, forge := range map[string]func(*http.Request){
		"no signature":    func(r *http.Request) { r.Header.Del("Shoptet-Webhook-Signature") },
		"empty signature": func(r *http.Request) { r.Header.Set("Shoptet-Webhook-Signature", "") },
		"another signature": func(r *http.Request) {
			r.Header.Set("Shoptet-Webhook-Signature", "da39a3ee5e6b4b0d3255bfef95601890afd80709")
		},
	} {
		t.Run(name, func(t *testing.T) {
			request, err := shoptet.Request("order:create", seal, faker.Set("/eventInstance", "2026000666"))
			if err != nil {
				t.Fatal(err)
			}
			forge(request)
			receiver, answer := shop.New("s3cr3t"), httptest.NewRecorder()
			receiver.ServeHTTP(answer, request)
			if answer.Code != http.StatusUnauthorized || receiver.Order("2026000666") != "" {
				t.Errorf("answered %d, the order is %q", answer.Code, receiver.Order("2026000666"))
			}
		})
	}
}
