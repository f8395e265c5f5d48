package main

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"net/netip"
	"slices"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/signature"
	"github.com/hookrig/hookrig/examples/scenarios"
	"github.com/hookrig/hookrig/faker"
	"github.com/hookrig/hookrig/internal/egress"
	"github.com/hookrig/hookrig/mockserver"
	"github.com/hookrig/hookrig/mockserver/api"
	"github.com/hookrig/hookrig/mockserver/registration"
	"github.com/hookrig/hookrig/mockserver/sqlite"
)

// house is a mock server with its stores and its control API, joined.
type house struct {
	store         *store
	subscriptions *registration.Subscriptions
	stores        *api.Stores
	server        *mockserver.Server
	api           *api.API
	log           *slog.Logger
	plan          houseplan
	living        livingWorlds
}

// houseplan says what a house is made of.
type houseplan struct {
	known    []*contracts.Contract
	store    *store          // who opened it closes it
	secrets  api.SecretStore // those beside the store
	faker    faker.Options
	server   mockserver.Options // but for journal, transport, Recall and logger
	rules    egress.Rules
	reach    func(http.RoundTripper) http.RoundTripper // nil: the transport as it is
	tell     func(mockserver.Entry)                    // of each entry that is written down
	recall   func(mockserver.Record) error             // refuses deliveries of earlier runs; nil: takes up all
	relaxed  bool                                      // see registration.Config
	chaos    rates                                     // of deliveries that say nothing of it
	token    signature.Secret
	hosts    []string
	logLevel slog.Level
}

// house joins the rooms. It starts nothing.
func (c *console) house(ctx context.Context, p houseplan) (*house, error) {
	h := &house{store: p.store, plan: p, log: slog.New(slog.NewTextHandler(c.notes, &slog.HandlerOptions{Level: p.logLevel}))}
	shelf := mockserver.ShelfOf(p.store)
	var err error
	if h.subscriptions, err = registration.Load(ctx, registration.Config{
		Contracts: p.known, Shelf: shelf, Secrets: p.secrets, RelaxedURLs: p.relaxed, Logger: h.log,
	}); err != nil {
		return nil, err
	}
	if h.stores, err = api.Load(ctx, api.Config{
		Contracts: p.known, Shelf: shelf, Secrets: p.secrets, Subscriptions: h.subscriptions, Logger: h.log,
	}); err != nil {
		return nil, err
	}
	o := p.server
	o.Journal, o.Recall, o.Logger = &tee{p.store, p.tell}, h.recall, h.log
	o.Transport = egress.NewTransport(p.rules)
	if p.reach != nil {
		o.Transport = p.reach(o.Transport)
	}
	h.server = mockserver.New(o)
	h.api, err = api.New(api.Options{
		Server: h.server, Stores: h.stores, Fake: fakeWith(p.faker), Worlds: c.worlds(p.known, &h.living), Scenarios: scenarios.FS, Oracles: oraclesFrom(p.rules), Chaos: p.chaos,
		Token: p.token, Hosts: p.hosts, Version: buildVersion().Version, Logger: h.log,
	})
	return h, err
}

// recall finds what a delivery of an earlier run was made of.
func (h *house) recall(r mockserver.Record) (mockserver.Parcel, error) {
	if h.plan.recall != nil {
		if err := h.plan.recall(r); err != nil {
			return mockserver.Parcel{}, err
		}
	}
	return h.stores.Recall(r)
}

// registrations are the providers' own APIs over the house's subscriptions.
// With a token it is the credentials of their clients too. They are addressed
// by the names of the control API: a page in a browser that is not sends no
// Origin with what it only reads, and URLs may hold credentials.
func (h *house) registrations() (http.Handler, error) {
	tokens := map[string]signature.Secret{}
	for _, c := range h.plan.known {
		if !h.plan.token.IsZero() {
			tokens[c.Provider()] = h.plan.token
		}
	}
	desks, err := registration.New(registration.Options{
		Subscriptions: h.subscriptions, Deliveries: mockserver.NewLedger(h.server.Journal()), Entities: &h.living, Tokens: tokens,
		Transport: egress.NewTransport(h.plan.rules), Unmarked: h.plan.server.Unmarked, Logger: h.log,
	})
	if err != nil {
		return nil, err
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !api.IsHost(r, h.plan.hosts) {
			http.Error(w, "this server does not answer under the name that the Host header gives: start it with --host NAME", http.StatusForbidden)
			return
		}
		desks.ServeHTTP(w, r)
	}), nil
}

// openSecrets opens the secrets beside a journal.
func openSecrets(s *store) (api.SecretStore, error) {
	if s.path == "" {
		return &api.Secrets{}, nil
	}
	path := secretsPath(s.path)
	secrets, err := sqlite.OpenSecrets(path)
	if err != nil {
		return nil, journalProblem(path, err, "")
	}
	return secrets, nil
}

// own are the addresses of doors, which no delivery should go to.
func own(doors []door) (all []netip.AddrPort) {
	for _, d := range doors {
		if addr, err := netip.ParseAddrPort(d.Addr().String()); err == nil {
			all = append(all, addr)
		}
	}
	return all
}

// closing closes a journal and adds what goes wrong to an error.
func closing(s *store, err *error) {
	if failed := s.close(); failed != nil {
		*err = errors.Join(*err, unjudged("df -h "+shellWord(nearestFolder(s.path)), failed))
	}
}

// momentOf is the moment that events are about, where a flag does not say.
func (c *console) momentOf(at *instant) time.Time { return at.or(c.now().Truncate(time.Second), c.now) }

// fakeWith makes events for the control API.
func fakeWith(o faker.Options) api.Fake {
	return func(t *contracts.EventType, seed uint64, set map[string]json.RawMessage) (func(uint64) contracts.Event, error) {
		o := o
		o.Seed, o.Events = seed, []string{t.Name()}
		made, err := faker.New(t.Contract(), o)
		if err != nil {
			return nil, err
		}
		var edits []faker.Edit
		for _, pointer := range slices.Sorted(maps.Keys(set)) {
			edits = append(edits, faker.Set(pointer, json.RawMessage(compact(set[pointer]))))
		}
		_, err = made.Event(t.Name(), edits...)
		var pointer *faker.PointerError
		if errors.As(err, &pointer) {
			err = &api.SetError{Pointer: pointer.Pointer, Nearest: pointer.Nearest, Err: err}
		}
		return func(n uint64) contracts.Event {
			event, err := made.Event(t.Name(), slices.Concat(edits, []faker.Edit{faker.Nth(n)})...)
			if err != nil { // the same edits made one above
				panic(err)
			}
			return event
		}, err
	}
}
