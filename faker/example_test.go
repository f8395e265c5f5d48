package faker_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/catalog"
	"github.com/hookrig/hookrig/contracts/schema"
	"github.com/hookrig/hookrig/contracts/signature"
	"github.com/hookrig/hookrig/faker"
)

func ExampleFaker_Event() {
	f, err := faker.New(catalog.Shoptet(), faker.Options{Seed: 7, Events: []string{"order:create"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	ev, err := f.Event("order:create", faker.Set("/eventInstance", "2026000123"), faker.Set("/eshopId", 222651))
	fmt.Println(string(ev.Body), err)

	_, err = f.Event("order:create", faker.Set("/eventInstnace", "2026000123"))
	fmt.Println(err)
	// Output:
	// {"eshopId":222651,"event":"order:create","eventCreated":"2026-01-15T10:59:48+0100","eventInstance":"2026000123"} <nil>
	// event "order:create" has no member "/eventInstnace"; did you mean /eventInstance, /event?
}

func ExampleFaker_Events() {
	f, err := faker.New(catalog.SellerCenter(), faker.Options{Events: []string{"onOrderCreated"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	events, err := f.Events("onOrderCreated")
	if err != nil {
		fmt.Println(err)
		return
	}
	n := 0
	for ev := range events {
		fmt.Println(string(ev.Body))
		if n++; n == 3 {
			break
		}
	}
	// Output:
	// {"event":"onOrderCreated","payload":{"OrderId":32679}}
	// {"event":"onOrderCreated","payload":{"OrderId":21741}}
	// {"event":"onOrderCreated","payload":{"OrderId":53277}}
}

// A handler is tested with a request as the provider would send it.
func ExampleFaker_Request() {
	f, err := faker.New(catalog.Shoptet(), faker.Options{Events: []string{"order:cancel"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := f.Request("order:cancel", contracts.SealOptions{
		URL:     "https://shop.example.com/webhooks",
		Secrets: []signature.Secret{signature.NewSecret("61d1175f54c47dd67df14c17002a17b2")},
		Time:    time.Date(2026, time.January, 15, 10, 0, 0, 0, time.UTC),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Println(r.Method, r.URL.Path, len(r.Header.Get("Shoptet-Webhook-Signature")))
	})
	handler.ServeHTTP(httptest.NewRecorder(), r)
	// Output: POST /webhooks 40
}

func ExampleFromSchema() {
	text := `
type: object
required: [orderNumber, customer, createdAt, updatedAt]
properties:
  orderNumber: {type: string, pattern: "^R-[0-9]{4}$"}
  customer:
    type: object
    required: [firstName, lastName, email]
    properties: {firstName: {type: string}, lastName: {type: string}, email: {type: string, format: email}}
  createdAt: {type: string, format: date-time}
  updatedAt: {type: string, format: date-time}
`
	d, err := schema.Read("order.yaml", []byte(text), schema.Limits{})
	if err != nil {
		fmt.Println(err)
		return
	}
	s, err := schema.Compile(d, "", schema.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	values, err := faker.FromSchema(s, faker.Options{Locale: "cs"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(string(values.Append(nil, 0)))
	// Output: {"orderNumber":"R-8670","customer":{"firstName":"Tereza","lastName":"Pokorná","email":"tereza.pokorna@example.org"},"createdAt":"2026-01-13T14:05:23Z","updatedAt":"2026-01-14T21:32:27Z"}
}
