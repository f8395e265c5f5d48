package faker_test

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/schema"
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

// Everything that a world makes keeps its contract, nothing is left to chance
// that is bound, and values are those of the entities.
func TestWorldEvents(t *testing.T) {
	w := worldOf(t, worldContract, faker.WorldOptions{Seed: 1})
	numbers := map[string]int64{}
	shipped, lines := 0, 0
	n := 0
	for e := range w.Events() {
		if v, err := e.Event.Type.Validate(e.Event.Body); err != nil || len(v) > 0 {
			t.Fatal(v, err, string(e.Event.Body))
		}
		var b struct {
			Type, Number, Text, Of, SKU, Email, Status string
			Total                                      float64
			Minor, Unix                                int64
			Items                                      []struct{ Price int64 }
			Billing                                    struct{ City string }
		}
		if err := json.Unmarshal(e.Event.Body, &b); err != nil {
			t.Fatal(err)
		}
		switch b.Type {
		case "placed":
			numbers[b.Number] = b.Minor
			sum := int64(0)
			for _, it := range b.Items {
				sum += it.Price
			}
			if b.Text != fmt.Sprintf("EUR %.2f", b.Total) || math.Round(b.Total*100) != float64(b.Minor) || sum > b.Minor || b.Minor-sum > 500 {
				t.Errorf("total %v, minor %d, text %q, items %d", b.Total, b.Minor, b.Text, sum)
			}
			if b.Unix != e.Time.UnixMilli() || b.Status != "NEW" || b.Billing.City == "" || b.Email == "" {
				t.Errorf("at %d: %s", e.Time.UnixMilli(), e.Event.Body)
			}
		case "line":
			lines++
			if _, ok := numbers[b.Of]; !ok || b.SKU == "" {
				t.Errorf("a line of %q, which was not placed", b.Of)
			}
		case "shipped":
			shipped++
			if _, ok := numbers[b.Of]; !ok {
				t.Errorf("%q was shipped and not placed", b.Of)
			}
		}
		if n++; n == 2000 {
			break
		}
	}
	if shipped < 300 || lines < len(numbers) {
		t.Errorf("%d placed, %d lines, %d shipped", len(numbers), lines, shipped)
	}
	if m := w.Misfits(); len(m) > 0 {
		t.Errorf("misfits: %v", m)
	}
}

// stream is a digest of the first events of a world.
func stream(w *faker.World, n int) string {
	h := sha256.New()
	for e := range w.Events() {
		fmt.Fprintln(h, e.Time.UnixNano(), e.Action, e.Event.Type.Name())
		h.Write(e.Event.Body)
		if n--; n == 0 {
			break
		}
	}
	return fmt.Sprintf("%x", h.Sum(nil))
}

// eight runs eight at a time, in no order.
func eight(n int, do func(int)) {
	var wait sync.WaitGroup
	slots := make(chan bool, 8)
	for i := n - 1; i >= 0; i-- {
		slots <- true
		wait.Go(func() {
			do(i)
			<-slots
		})
	}
	wait.Wait()
}

// One worker and eight make the same bytes, twice, and another seed others.
func TestWorldIsDeterministic(t *testing.T) {
	one := worldOf(t, worldContract, faker.WorldOptions{Seed: 5})
	many := worldOf(t, worldContract, faker.WorldOptions{Seed: 5, Parallel: eight})
	want := stream(one, 3000)
	for _, w := range []*faker.World{one, many, many} {
		if got := stream(w, 3000); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	if stream(worldOf(t, worldContract, faker.WorldOptions{Seed: 6}), 3000) == want {
		t.Error("two seeds give one stream")
	}
}

// What an entity brings into an event that nothing binds is the same in all its
// events.
func TestWorldKeepsUnboundValues(t *testing.T) {
	const text = `asyncapi: 3.1.0
info: {title: Shop, version: 1.0.0}
channels: {all: {messages: {a: {$ref: "#/components/messages/a"}, b: {$ref: "#/components/messages/b"}}}}
operations: {all: {action: send, channel: {$ref: "#/channels/all"}}}
components:
  messages:
    a: {x-hookrig: {cause: order.placed}, payload: {type: object, required: [type, order], properties: {type: {const: a}, order: {$ref: "#/components/schemas/order"}}}}
    b: {x-hookrig: {cause: "order.*"}, payload: {type: object, required: [type, about], properties: {type: {const: b}, about: {type: object, required: [order], properties: {order: {$ref: "#/components/schemas/order"}}}}}}
  schemas:
    order: {type: object, x-faker: world.order, required: [id, secret], properties: {id: {type: integer, x-faker: world.order.id}, secret: {type: string, x-faker: id.uuid}}}
`
	secrets := map[int64]string{}
	n, again := 0, 0
	for e := range worldOf(t, text, faker.WorldOptions{}).Events() {
		type order struct {
			ID     int64
			Secret string
		}
		var b struct {
			Order order
			About struct{ Order order }
		}
		if err := json.Unmarshal(e.Event.Body, &b); err != nil {
			t.Fatal(err)
		}
		o := b.Order
		if o.ID == 0 {
			o = b.About.Order
		}
		if was, ok := secrets[o.ID]; ok {
			if again++; was != o.Secret {
				t.Fatalf("order %d had %q and has %q", o.ID, was, o.Secret)
			}
		}
		secrets[o.ID] = o.Secret
		if n++; n == 500 {
			break
		}
	}
	if again < 100 {
		t.Errorf("%d events of known orders", again)
	}
}

// Mistakes are told when the world is made, with what was perhaps meant.
func TestWorldMistakes(t *testing.T) {
	base := `asyncapi: 3.1.0
info: {title: Shop, version: 1.0.0}
channels: {all: {messages: {a: {$ref: "#/components/messages/a"}}}}
operations: {all: {action: send, channel: {$ref: "#/channels/all"}}}
components:
  messages:
    a:
      x-hookrig: {cause: CAUSE}
      payload: {type: object, properties: {v: VALUE}}
`
	plain := "{type: string}"
	for _, x := range []struct{ cause, value, want string }{
		{"order.plaecd", plain, `order.placed`},
		{"order.*", plain, ""},
		{"orderx.*", plain, "nothing that happens"},
		{"{action: order.placed, each: order.itmes}", plain, "items"},
		{"{action: order.placed, each: order.number}", plain, "no list"},
		{"{action: order.placed, each: variant.features}", plain, "nothing leads"},
		{"{action: order.placed, when: order.status = plced}", plain, "placed"},
		{"{action: order.placed, when: order.total > much}", plain, "no whole number"},
		{"{action: order.placed, when: order.number > 3}", plain, "neither more nor less"},
		{"{action: order.placed, when: order.items}", plain, "no single value"},
		{"{action: order.placed, when: '= 3'}", plain, "no condition"},
		{"order.placed", "{type: string, x-faker: world.order.numbr}", "number"},
		{"order.placed", "{type: string, x-faker: world.ordr.number}", "order"},
		{"order.placed", "{type: string, x-faker: world.order.items.sku}", "no single entity"},
		{"order.placed", "{type: string, x-faker: {text.word: {world: 3}}}", "is a text"},
		{"order.placed", "{type: string, x-faker: {world.order.number: {lyaout: x}}}", "layout"},
		{"order.placed", "{type: string, x-faker: {world.order.status: {map: {plced: x}}}}", "placed"},
		{"order.placed", "{type: string, enum: [a], x-faker: world.order.status}", "map it"},
		{"order.placed", "{type: string, enum: [a], x-faker: {world.order.status: {map: {placed: b}}}}", "does not take"},
		{"order.placed", "{type: boolean, x-faker: world.order.number}", "is a text, and the schema takes none"},
		{"order.placed", "{type: string, x-faker: world.order.items}", "is a list"},
		{"order.placed", "{type: string, x-faker: world.order}", "is an entity"},
	} {
		text := strings.NewReplacer("CAUSE", x.cause, "VALUE", x.value).Replace(base)
		c, err := contracts.Load(fstest.MapFS{"shop.yaml": {Data: []byte(text)}}, "shop.yaml")
		if err != nil {
			t.Fatalf("%+v: %v", x, err)
		}
		_, err = faker.NewWorld([]*contracts.Contract{c}, faker.WorldOptions{})
		hint := fmt.Sprint(err)
		var at *schema.Error
		if errors.As(err, &at) {
			hint += at.Hint
		}
		if (err == nil) != (x.want == "") || !strings.Contains(hint, x.want) {
			t.Errorf("%s, %s: %v, want %q", x.cause, x.value, hint, x.want)
		}
	}
}
