// Package scenario plays stories: orders that go as somebody wishes, told by
// one provider or several, mishandled on the way, and what a receiver is
// expected to make of them.
//
// A scenario is a small file:
//
//	name: lost-acknowledgement
//	providers: [shop.yaml]
//	orders:
//	  order: {items: 3, customer: guest, payment: fails once}
//	steps:
//	  - order placed: {tamper: lost-ack}
//	  - shipped
//	  - wait: 2d
//	  - again: order placed
//	expect: {answers: success, effects: 1}
//
// [Read] reads it and says what is wrong, with line, column and a hint. A
// [Scenario] and a seed make a [Plan], the same bytes each time: the list of all
// deliveries, without sending any. [Run] sends them through a mock server and
// returns a [Result]: each event with its payload, its attempts and answers, and
// a verdict on each expectation. What no oracle looked at is inconclusive and
// never passed.
//
// In a Go test, with virtual time or real sockets:
//
//	s, err := scenario.Load(os.DirFS("testdata"), "partial.yaml")
//	scenario.Test(t, s, []*contracts.Contract{shop}, scenario.Options{Transport: mockserver.InProcess(handler), Oracle: orders})
package scenario
