// Package api is the control API of a running mock server: send events, see
// where each delivery stands, send again, cancel, follow the journal.
//
//	handler, err := api.New(api.Options{Server: server, Contracts: all, Fake: fake})
//
// openapi.yaml describes it. The document is more than a description: the
// routes are made from it, each request is checked by it before a handler sees
// it, and the server gives it out under /api/openapi.json. Errors are problem
// details (RFC 9457) that name the place of each mistake and what to do.
//
// # Sending
//
// POST /api/v1/deliveries answers when all its deliveries are in the journal.
// From then on they are the server's: a client that has the ids may go away.
// With an Idempotency-Key a client that got no answer may ask again.
//
// # Between requests
//
// [API.Run] carries out schedules and other runs, disables the subscriptions whose
// deliveries were given up, and keeps on the shelf what the next server must know.
// It has its place inside the server's own:
//
//	server.Run(ctx, func(ctx context.Context) error { return api.Run(ctx, serve) })
//
// # Safety
//
// Secrets go in and never come out. Everything else refers to them by name,
// and each attempt is signed with what stands under the name at that time.
//
// Browsers are held off by what they cannot forge: a Host that is neither a
// loopback name nor the address of the connection nor one of Options.Hosts is
// refused (it may be another site's name, rebound to our address), and so is
// the Origin of another site. With Options.Token every request must carry the
// token; only /healthz and /readyz answer anybody.
package api
