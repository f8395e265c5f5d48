// The mock server in an integration test: the provider's retries against the
// handler under test, in the same process and under virtual time. Each test
// takes milliseconds, however long its outage lasts.
package mockserver_test

import (
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/catalog"
	"github.com/hookrig/hookrig/contracts/signature"
	"github.com/hookrig/hookrig/examples/shop"
	"github.com/hookrig/hookrig/faker"
	"github.com/hookrig/hookrig/mockserver"
)

// order is a parcel for the shop: one order of the given code.
func order(t *testing.T, code string) mockserver.Parcel {
	t.Helper()
	shoptet, err := faker.New(catalog.Shoptet(), faker.Options{Events: []string{"order:create"}})
	if err != nil {
		t.Fatal(err)
	}
	event, err := shoptet.Event("order:create", faker.Set("/eventInstance", code))
	if err != nil {
		t.Fatal(err)
	}
	return mockserver.Parcel{Event: event, Endpoint: mockserver.Endpoint{
		URL: "http://shop.test/hooks", Secrets: []signature.Secret{signature.NewSecret("s3cr3t")},
	}}
}

// down answers 503 until the given time and then lets everything through.
func down(until time.Time, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if time.Now().Before(until) {
			http.Error(w, "back soon", http.StatusServiceUnavailable)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func TestOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		receiver := shop.New("s3cr3t")
		outage := down(time.Now().Add(20*time.Minute), receiver)
		server := mockserver.Start(t, mockserver.Options{Transport: mockserver.InProcess(outage)})

		outcome, err := server.Send(order(t, "2026000123")).Wait(t.Context()) // half an hour, at once
		if err != nil {
			t.Fatal(err)
		}
		if outcome.State != mockserver.Delivered || len(outcome.Attempts) != 3 {
			t.Errorf("%s after %d attempts: %s", outcome.State, len(outcome.Attempts), outcome.Reason)
		}
		if receiver.Order("2026000123") != "new" {
			t.Error("the order is lost")
		}
	})
}

// An outage that lasts longer than the provider's patience loses the order, and
// then the registration: this is what an alarm has to be quicker than.
func TestLongOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		receiver := shop.New("s3cr3t")
		outage := down(time.Now().Add(40*time.Minute), receiver)
		server := mockserver.Start(t, mockserver.Options{Transport: mockserver.InProcess(outage)})
		parcel := order(t, "2026000123")

		outcome, err := server.Send(parcel).Wait(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if outcome.State != mockserver.Exhausted || outcome.Then != contracts.Disable {
			t.Errorf("%s, then the registration is %q: %s", outcome.State, outcome.Then, outcome.Reason)
		}
		var waits []time.Duration
		for i, attempt := range outcome.Attempts[1:] {
			waits = append(waits, attempt.Started.Sub(outcome.Attempts[i].Started))
		}
		if want := parcel.Event.Type.Policy().Waits; !slices.Equal(waits, want) {
			t.Errorf("the attempts are %v apart, the contract says %v", waits, want)
		}
		if receiver.Order("2026000123") != "" {
			t.Error("the order came through an outage")
		}
	})
}

// The usual way to a double effect: the work is done, but the answer comes too
// late for the provider, which sends the event again.
func TestSlowAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		receiver, first := shop.New("s3cr3t"), sync.Once{}
		slow := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			receiver.ServeHTTP(w, r)
			first.Do(func() { time.Sleep(time.Minute) })
		})
		server := mockserver.Start(t, mockserver.Options{Transport: mockserver.InProcess(slow)})
		parcel := order(t, "2026000123")

		outcome, err := server.Send(parcel).Wait(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if len(outcome.Attempts) != 2 || outcome.Attempts[0].Failure != "timeout" {
			t.Errorf("%d attempts, the first: %s", len(outcome.Attempts), outcome.Attempts[0].Reason)
		}
		if n := receiver.Done(parcel.Event.Body); n != 1 {
			t.Errorf("the order was placed %d times", n)
		}
	})
}
