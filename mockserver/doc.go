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
// # The journal
//
// Everything that happens is an [Entry] of the journal. [Server.Follow] yields
// entries as they come: what a provider does with a registration whose
// deliveries it gives up, an "ended" entry says (Then). A [Ledger] answers how
// each delivery stands, what was attempted and what was answered. Nothing that
// is written holds a secret: signatures, credentials and the values of an
// endpoint's own headers are redacted.
//
// A journal that outlives the program (package sqlite) lets the next run go on
// where this one stopped. Options.Recall finds for each delivery what the journal
// does not have: the event's type, the endpoint's secrets. Attempts, waits and
// the order of what goes one after the other are as if nothing had happened; the
// time in between is charged to nobody. An attempt of which only the intent is
// known may have reached the receiver: it is made again, as the provider would,
// and the journal says so (failure "unknown").
//
// An id is given once. A parcel with an ID that the journal knows, of whatever
// run, is refused with [ErrKnown], so that a schedule that starts again sends
// nothing twice; [Server.Resend] and Parcel.Again ask for a new round.
//
// # Fairness
//
// At most Options.Workers attempts run at once, and to one endpoint at most
// Options.PerEndpoint, or what the endpoint says itself, as it says its rate.
// Endpoints take turns, and none has more attempts at once than there are
// workers left for the others. Half of the workers is out of reach for endpoints
// that are known to be slow, a quarter for those of which nothing is known: dead
// receivers, however many, delay none that answers.
//
// Deliveries of a policy with ordering "endpoint" go one after the other, the
// next only when the one before has ended; so do those to one endpoint with the
// same Parcel.Key.
//
// # The receiving side
//
// [Inbox] is a receiver that opens, checks and keeps what arrives, for tests of
// a sender and for looking at traffic.
package mockserver
