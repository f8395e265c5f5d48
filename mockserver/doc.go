// Package mockserver plays the provider: it seals events, delivers them by the
// contract's policy and writes everything down in a journal.
//
// A test needs three things: a [Server] from [Start], a [Parcel] that says
// which event goes where, and the handle that [Server.Send] returns.
//
//	server := mockserver.Start(t, mockserver.Options{Transport: mockserver.InProcess(handler)})
//	delivery := server.Send(mockserver.Parcel{
//		Event:    event,
//		Endpoint: mockserver.Endpoint{URL: "http://shop.test/hooks", Secrets: secrets},
//	})
//	outcome, err := delivery.Wait(ctx)
//
// [InProcess] calls the handler without a network, so that the test may run
// under virtual time (testing/synctest) and see a month of retries at once.
// Without a transport the server dials, under the address rules of
// internal/egress. A program uses [New] and [Server.Run] in place of [Start].
//
// # A delivery's life
//
// A delivery is queued once the journal has it. From then on it is in exactly
// one [State]: waiting or attempting, and in the end delivered, exhausted or
// cancelled; [Server.Stats] adds up at any moment. Each turn is: write down the
// intent, make the attempt, ask [contracts.Policy.Next], write down the outcome
// and the step. The attempt is sealed afresh each time, by the one signing
// path that there is.
//
// What is not the receiver's fault is not charged to it. An attempt that our
// own shutdown interrupted, a resolver that is down, ports that ran out: such
// an attempt is in the journal, marked Ours, and uses up neither an attempt
// number nor the policy's patience. The delivery tries again after a short wait
// of our own. What cannot heal (no secret, a URL that is none, an address that
// may not be dialled) ends the delivery as cancelled, and Wait returns the error.
//
// # Looking back
//
// The journal has everything, entry by entry. [Ledger] reads it as deliveries:
// where each one stands, what was attempted, what was answered.
//
// # Fairness
//
// At most Options.Workers attempts run at once, and at most
// Options.PerEndpoint to one endpoint. Endpoints take turns, and none has more
// attempts at once than there are workers left for the others: a dead or slow
// receiver delays no other. Deliveries of a policy with ordering "endpoint" go
// one after the other, the next only when the one before has ended.
//
// # Looking at it
//
// Everything that happens is an [Entry] of the journal. [Server.Follow] yields
// entries as they come; a [Ledger] folds them into one record per delivery.
// Nothing that is written holds a secret: signatures, credentials and the values
// of an endpoint's own headers are redacted.
//
// # The receiving side
//
// [Inbox] is a receiver that opens, checks and keeps what arrives, for tests of
// a sender and for looking at traffic.
package mockserver
