// Package registration lets clients register for webhooks as they do with the
// real provider: each provider's own subscription API, over one store.
//
// [Subscriptions] is the store. It knows what is registered, for every provider
// and for users' contracts, refuses what the provider would refuse, and
// survives a restart. Whoever emits an event asks [Subscriptions.Matching] who
// wants it and [Subscriptions.Endpoint] where to send it; when a delivery is
// given up, [Subscriptions.Ended] does to the registration what the policy
// says.
//
//	subscriptions, err := registration.Load(ctx, registration.Config{Contracts: all, Shelf: shelf, Secrets: secrets})
//	handler, err := registration.New(registration.Options{Subscriptions: subscriptions, Deliveries: ledger})
//
// [New] serves the providers' APIs under /providers/<provider>/, so that a
// client which was written for the provider changes its base URL and nothing
// else. There is one small file for each provider, because they differ in
// shape: JSON in four dialects, XML, a handshake. What each of them takes and
// answers, and how well that is founded, stands in docs/registration.md.
//
// A document of the store never holds a secret. Signing keys, and URLs that
// carry credentials, stand in a store of secrets under the subscription's name.
package registration
