package faker_test

import (
	"fmt"
	"log"

	"github.com/hookrig/hookrig/contracts/catalog"
	"github.com/hookrig/hookrig/faker"
)

func ExampleFaker_Broken() {
	contract, err := catalog.Load("sellercenter")
	if err != nil {
		log.Fatal(err)
	}
	f, err := faker.New(contract, faker.Options{Seed: 7})
	if err != nil {
		log.Fatal(err)
	}
	broken, err := f.Broken("onOrderCreated")
	if err != nil {
		log.Fatal(err)
	}
	for b := range broken {
		if b.Rule != "wire" {
			fmt.Println(b.Rule, b.Pointer, string(b.Event.Body))
		}
	}
	// Output:
	// type  []
	// required  {"payload":{"OrderId":42294}}
	// required  {"event":"onOrderCreated"}
	// const /event {"event":"onOrderCreatedx","payload":{"OrderId":42294}}
	// type /payload {"event":"onOrderCreated","payload":[]}
	// type /payload/OrderId {"event":"onOrderCreated","payload":{"OrderId":42294.5}}
}
