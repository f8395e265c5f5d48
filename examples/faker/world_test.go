package faker_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/catalog"
	"github.com/hookrig/hookrig/examples/shop"
	"github.com/hookrig/hookrig/faker"
	world "github.com/hookrig/hookrig/faker/shop"
)

// Somebody orders two pieces and thinks better of it. What the platform tells of
// that, from the registration of the customer on, is one story with the same
// numbers throughout, so it can be asked what the handler makes of it.
func TestCanceledOrder(t *testing.T) {
	w, err := faker.NewWorld([]*contracts.Contract{catalog.Shoptet()}, faker.WorldOptions{Seed: 7})
	if err != nil {
		t.Fatal(err)
	}
	play := w.Play()
	order, _ := play.Order(world.Wish{Items: 2, Cancel: true})
	events, found := play.Until(order, "order.canceled", 7*24*time.Hour)
	if !found {
		t.Fatal("the order lives on")
	}

	registered := map[string]bool{"order:create": true, "order:cancel": true} // which excludes order:update
	receiver, number := shop.New("s3cr3t"), ""
	for _, e := range events {
		if !registered[e.Event.Type.Name()] {
			continue
		}
		for _, of := range e.Step.Of { // what it is about, as it was then
			if o, is := of.(*world.Order); is {
				number = o.Number
			}
		}
		if answer := deliver(t, receiver, e.Event); answer.Code != http.StatusOK {
			t.Errorf("%s: answered %d to %s", e.Action, answer.Code, e.Event.Body)
		}
	}
	if number == "" || receiver.Order(number) != "cancelled" {
		t.Errorf("the order %q is %q after %d events", number, receiver.Order(number), len(events))
	}
}

// deliver gives a handler an event as the provider would send it.
func deliver(t *testing.T, handler http.Handler, event contracts.Event) *httptest.ResponseRecorder {
	t.Helper()
	sealed, err := event.Type.Contract().Seal(event, seal)
	if err != nil {
		t.Fatal(err)
	}
	request, answer := httptest.NewRequest(sealed.Method, sealed.URL, bytes.NewReader(sealed.Body)), httptest.NewRecorder()
	request.Header = sealed.Header
	handler.ServeHTTP(answer, request)
	return answer
}
