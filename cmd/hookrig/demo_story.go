package main

import (
	"fmt"
	"slices"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/faker"
	"github.com/hookrig/hookrig/faker/shop"
)

// chapter is a part of the story, as all providers tell of it. In an outage the
// receiver answers nothing but 503 for a while.
type chapter struct {
	title  string
	outage bool
	events []contracts.Event
}

// act is what a chapter is made of: the actions that it tells of, in the order
// in which they happen.
type act struct {
	title   string
	actions []string
	outage  bool
}

// orderLife is what becomes of the demo's order. The first title is its own.
var orderLife = []act{
	{actions: []string{"customer.registered", "order.placed", "order.confirmed"}},
	{title: "It is shipped, and the receiver is down for ten minutes", actions: []string{"package.shipped", "order.dispatched"}, outage: true},
	{title: "A piece comes back, and so does the money", actions: []string{"item.returned", "creditNote.created", "payment.refunded"}},
}

// demoStory is an article and an order in a shop that all contracts tell of: the
// order that one provider calls created is the one that another confirms and a
// third puts into a package.
func demoStory(all []*contracts.Contract) ([]chapter, error) {
	world, err := faker.NewWorld(all, faker.WorldOptions{Seed: 1, Locale: "de"})
	if err != nil {
		return nil, err
	}
	story := []chapter{articleMade(world)}
	play := world.Play()
	order, _ := play.Order(shop.Wish{Items: 3, Returns: 1})
	for _, a := range orderLife {
		events, found := play.Until(order, a.actions[len(a.actions)-1], 30*24*time.Hour)
		if !found {
			return nil, fmt.Errorf("nothing of %q has happened in the demo's shop", a.actions)
		}
		ch := chapter{title: a.title, outage: a.outage}
		for _, e := range events {
			if !slices.Contains(a.actions, e.Action) {
				continue
			}
			if o := aboutA[*shop.Order](e.Step); o != nil && ch.title == "" {
				ch.title = fmt.Sprintf("%s orders %s for %d.%02d %s", o.Customer.Full, plural(len(o.Items), "piece"), o.Total/100, o.Total%100, o.Customer.Country.Currency)
			}
			ch.events = append(ch.events, e.Event)
		}
		story = append(story, ch)
	}
	return story, nil
}

// articleMade is how the providers tell of the first article of the day.
func articleMade(world *faker.World) (ch chapter) {
	stream := world.Stream()
	e := stream.Next()
	for e.Action != "product.created" {
		e = stream.Next()
	}
	made := e.Step
	ch.title = "An article is made: " + aboutA[*shop.Product](made).Name
	for ; e.Step.At == made.At; e = stream.Next() {
		if e.Step == made {
			ch.events = append(ch.events, e.Event)
		}
	}
	return ch
}

// aboutA is the entity of a kind that a step is about, the zero value for none.
func aboutA[E shop.Entity](s *shop.Step) (of E) {
	for _, e := range s.Of {
		if e, is := e.(E); is {
			return e
		}
	}
	return of
}
