package faker_test

import (
	"slices"
	"testing"
	"time"

	"github.com/hookrig/hookrig/faker"
	living "github.com/hookrig/hookrig/faker/shop"
)

const playContract = `asyncapi: 3.1.0
info: {title: Shop, version: 1.0.0}
channels: {all: {messages: {e: {$ref: "#/components/messages/e"}}}}
operations: {all: {action: send, channel: {$ref: "#/channels/all"}}}
components:
  messages:
    e: {x-hookrig: {cause: ["order.*", "payment.*", "package.*", "item.*", "return.*", "customer.*"]}, payload: {type: object, properties: {what: {type: string, x-faker: world.action.name}}}}
`

// Orders go as they are wished.
func TestPlay(t *testing.T) {
	const long = 40 * 24 * time.Hour
	for name, x := range map[string]struct {
		wish       living.Wish
		has, hasNo []string
	}{
		"happy":    {living.Wish{Items: 3}, []string{"order.placed", "payment.reserved", "package.shipped", "payment.captured", "order.delivered", "order.closed"}, []string{"order.canceled", "item.canceled", "return.created", "payment.failed"}},
		"partial":  {living.Wish{Items: 4, Packages: 2}, []string{"package.shipped", "package.shipped", "order.dispatched"}, []string{"order.canceled"}},
		"canceled": {living.Wish{Cancel: true}, []string{"order.placed", "order.confirmed", "order.canceled", "payment.voided"}, []string{"package.packed"}},
		"fails":    {living.Wish{Fails: 2}, []string{"payment.failed", "payment.failed", "payment.reserved", "order.delivered"}, []string{"order.canceled"}},
		"unpaid":   {living.Wish{Unpaid: true}, []string{"payment.failed", "order.canceled"}, []string{"order.confirmed"}},
		"dropped":  {living.Wish{Items: 3, Drop: 2}, []string{"item.canceled", "item.canceled", "package.shipped"}, []string{"order.canceled"}},
		"missing":  {living.Wish{Items: 2, Missing: 1}, []string{"item.outOfStock", "package.shipped"}, []string{"order.canceled"}},
		"returned": {living.Wish{Items: 3, Returns: 2}, []string{"order.delivered", "return.created", "item.returned", "item.returned", "payment.refunded", "order.closed"}, []string{"order.canceled"}},
		"moved":    {living.Wish{Correct: true, Guest: true}, []string{"order.updated", "order.released"}, []string{"customer.registered"}},
	} {
		for seed := range uint64(3) {
			p := worldOf(t, playContract, faker.WorldOptions{Seed: seed}).Play()
			order, customer := p.Order(x.wish)
			if order == 0 || customer == 0 {
				t.Fatalf("%s: nobody ordered", name)
			}
			var told []string
			for _, e := range p.Advance(long) {
				told = append(told, e.Action)
			}
			rest := told
			for _, want := range x.has {
				i := slices.Index(rest, want)
				if i < 0 {
					t.Errorf("%s, seed %d: no %s, or not in its order, in %v", name, seed, want, told)
					break
				}
				rest = rest[i+1:]
			}
			for _, not := range x.hasNo {
				if slices.Contains(told, not) {
					t.Errorf("%s, seed %d: %s happened", name, seed, not)
				}
			}
		}
	}
}

// A play goes step by step: until something has happened, and no further.
func TestPlaySteps(t *testing.T) {
	p := worldOf(t, playContract, faker.WorldOptions{}).Play()
	order, customer := p.Order(living.Wish{Guest: true})
	events, found := p.Until(order, "package.shipped", 10*24*time.Hour)
	if !found || events[len(events)-1].Action != "package.shipped" && events[len(events)-1].Action != "order.dispatched" {
		t.Fatalf("%v: %v", found, events)
	}
	if p.Do(customer, "customer.anonymized") {
		t.Error("somebody with an open order was forgotten")
	}
	if !p.Do(customer, "customer.registered") || p.Do(customer, "customer.registered") || p.Do(customer, "order.placed") || p.Do(17, "customer.blocked") {
		t.Error("customers do what they can and nothing else")
	}
	if events := p.Advance(time.Second); len(events) != 1 || events[0].Action != "customer.registered" {
		t.Errorf("%v", events)
	}
	if _, found := p.Until(order, "order.closed", 60*24*time.Hour); !found {
		t.Error("the order was not closed")
	}
	again, _ := p.Order(living.Wish{Customer: customer})
	if again == 0 || again == order {
		t.Errorf("the customer ordered %d, then %d", order, again)
	}
	if _, found := p.Until(again, "order.deleted", 24*time.Hour); found {
		t.Error("the order was deleted")
	}
}
