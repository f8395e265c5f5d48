package faker_test

import (
	"fmt"
	"testing"
	"testing/fstest"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/faker"
)

const worldContract = `asyncapi: 3.1.0
info: {title: Shop, version: 1.0.0}
channels:
  all:
    messages:
      placed: {$ref: "#/components/messages/placed"}
      line: {$ref: "#/components/messages/line"}
      shipped: {$ref: "#/components/messages/shipped"}
operations: {all: {action: send, channel: {$ref: "#/channels/all"}}}
components:
  messages:
    placed:
      x-hookrig: {cause: order.placed}
      payload:
        type: object
        required: [type, number]
        properties:
          type: {const: placed}
          id: {type: integer, x-faker: world.order.id}
          number: {type: string, x-faker: world.order.number}
          total: {type: number, x-faker: world.order.total}
          minor: {type: integer, x-faker: world.order.total}
          text: {type: string, x-faker: {world.order.total: {prefix: "EUR "}}}
          rate: {type: number, x-faker: world.order.vatRate}
          at: {type: string, format: date-time, x-faker: world.action.at}
          unix: {type: integer, x-faker: {date.recent: {layout: unixMilli, world: action.at}}}
          shippedAt: {type: [string, "null"], x-faker: world.order.shippedAt}
          email: {type: string, format: email, x-faker: world.customer.email}
          guest: {type: boolean, x-faker: world.customer.isGuest}
          uuid: {type: string, format: uuid, x-faker: world.order.uuid}
          status: {type: string, enum: [NEW, OTHER], x-faker: {world.order.status: {map: {placed: NEW, confirmed: OTHER, picking: OTHER, partiallyShipped: OTHER, shipped: OTHER, delivered: OTHER, closed: OTHER, canceled: OTHER, deleted: OTHER}}}}
          billing: {$ref: "#/components/schemas/address", x-faker: world.order.billing}
          items:
            type: array
            x-faker: world.order.items
            items: {type: object, required: [sku, price, loose], properties: {sku: {type: string, x-faker: world.variant.sku}, price: {type: integer, x-faker: world.item.price}, loose: {type: string}}}
    line:
      x-hookrig: {cause: {action: order.placed, each: order.lines, when: order.channel != pos, delay: 2s}}
      payload: {type: object, required: [type], properties: {type: {const: line}, sku: {type: string, x-faker: world.line.sku}, of: {type: string, x-faker: world.order.number}}}
    shipped:
      x-hookrig: {cause: package.shipped}
      payload: {type: object, required: [type], properties: {type: {const: shipped}, of: {type: string, x-faker: world.order.number}, tracking: {type: string, x-faker: world.package.trackingNumber}}}
  schemas:
    address: {type: object, properties: {city: {type: string, x-faker: world.address.city}, country: {type: string, x-faker: world.address.countryCode}}}
`

func worldOf(t testing.TB, text string, o faker.WorldOptions) *faker.World {
	t.Helper()
	c, err := contracts.Load(fstest.MapFS{"shop.yaml": {Data: []byte(text)}}, "shop.yaml")
	if err != nil {
		t.Fatal(err)
	}
	w, err := faker.NewWorld([]*contracts.Contract{c}, o)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestWorldLooks(t *testing.T) {
	w := worldOf(t, worldContract, faker.WorldOptions{Seed: 1})
	n := 0
	for e := range w.Events() {
		if v, err := e.Event.Type.Validate(e.Event.Body); err != nil || len(v) > 0 {
			t.Fatal(v, err, string(e.Event.Body))
		}
		if n < 12 {
			fmt.Println(e.Time.Format(time.RFC3339), e.Action, string(e.Event.Body))
		}
		if n++; n > 3000 {
			break
		}
	}
	fmt.Println(w.Misfits())
}
