// Package faker makes events that keep a contract.
//
//	f, err := faker.New(contract, faker.Options{Seed: 7})
//	ev, err := f.Event("order:create", faker.Set("/eventInstance", "2026000123"))
//
// [New] turns the schema of each selected event into a plan and proves that it
// can be made. What the plan makes is valid by construction: nothing is tried
// and thrown away while events are made. What cannot be made, or cannot be
// guaranteed, is an [ImpossibleError] at that moment and never an invalid event
// later.
//
// # The same bytes
//
// Every value is a function of the seed, the event's name, its ordinal and the
// value's place in the body, and of values that it is declared to depend on.
// There is no shared stream of random numbers. So the same seed and ordinal
// give the same bytes on every machine and in every order, any number of
// goroutines makes what one makes, and a member that is added to a schema moves no other
// value. Nothing reads a clock: events are about the moment [Options].At, by
// default 2026-01-15T10:00:00Z.
//
// # What values look like
//
// In this order: the x-faker hint of a schema, its enum, its format, the
// member's name where it stands ("billing.street", "updatedAt"), its examples,
// its type. [Hints] lists what x-faker understands; docs/contract-format.md
// explains each. A hint or a guess never widens what the schema allows.
//
// Within an event values agree: an e-mail address is made of the names beside
// it, a postcode belongs to its city, country and currency are one for the
// whole event, created is not after updated, with tax is without tax plus tax,
// and a total is the sum of its items where the shapes say so.
//
// # Edits
//
// [Set] and [Drop] change single places of an event and leave every other byte
// alone. [Pool] puts values there that exist in the system under test. They
// refuse places that the schema does not know and name the nearest that it
// does.
//
// # In tests
//
// An ordinal is all that tells two events of a faker apart ([Nth]), so a fuzz
// target begins with some of them (f.Add(ev.Body)) and a property draws them.
// [Faker.Request] is a sealed request for a handler, [Faker.Command] the command
// line that prints the event of a failing test, and [Decodes] names what a
// struct of one's own loses of the events.
//
// # Broken on purpose
//
// [Faker.Broken] yields one event for each rule of the contract that an event
// can break: that rule, at that place, and nothing unrelated, each confirmed
// by the compiled schema. A [Breakage] has a stable label, such as
// "type:/order/total". What no schema speaks of follows, with labels of the
// bytes: wire:empty, wire:truncated, wire:duplicate (a member twice),
// wire:nan, wire:infinity, wire:integer (beyond 2⁵³), wire:surrogate (half of
// a pair), wire:trailing-comma, wire:two-documents, wire:leading-garbage,
// wire:trailing-garbage, wire:bom, and in another charset than they claim
// wire:utf-16 and wire:latin-1.
package faker
