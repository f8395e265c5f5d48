package api

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/mockserver"
	"github.com/hookrig/hookrig/mockserver/registration"
)

// Config of Load. Contracts are required.
type Config struct {
	Contracts []*contracts.Contract // what can be sent, in the order of lists
	// Shelf keeps what clients put by name, without anything secret; nil: in memory. Give it with
	// the Secrets of the same journal, since each refers to the other.
	Shelf         mockserver.Shelf
	Secrets       SecretStore                 // nil: in memory
	Subscriptions *registration.Subscriptions // who gets events that are sent to nobody by name; nil: those of the shelf
	Logger        *slog.Logger                // for what we could not do; nil: silent
}

// Stores are what an API knows by name. They are loaded before there is a
// server, because a server that goes on with deliveries of an earlier run asks
// where they went: see [Stores.Recall].
type Stores struct {
	contracts []*contracts.Contract
	shelf     mockserver.Shelf
	secrets   SecretStore
	secretsMu sync.Mutex // held while it is decided whether a secret may be put or deleted
	endpoints shelved[endpoint]
	labels    shelved[labelMark]
	targets   targets
	subs      *registration.Subscriptions
	notes     *slog.Logger
}

// Load reads the stores. The error is the shelf's, or says which of its documents
// cannot be read.
func Load(ctx context.Context, c Config) (*Stores, error) {
	if len(c.Contracts) == 0 {
		return nil, errors.New("control API: it needs contracts")
	}
	s := &Stores{contracts: c.Contracts, shelf: c.Shelf, secrets: c.Secrets, subs: c.Subscriptions, notes: c.Logger}
	if s.secrets == nil {
		s.secrets = &Secrets{}
	}
	if s.notes == nil {
		s.notes = slog.New(slog.DiscardHandler)
	}
	if s.shelf == nil {
		s.shelf = mockserver.NewMemory()
	}
	s.targets.load(s.secrets)
	err := s.loadEndpoints(ctx)
	if err == nil {
		err = s.labels.load(ctx, s.shelf, "label", nil)
	}
	if err == nil && s.subs == nil {
		s.subs, err = registration.Load(ctx, registration.Config{Contracts: s.contracts, Shelf: s.shelf, Secrets: s.secrets, Logger: c.Logger})
	}
	if err != nil {
		return nil, fmt.Errorf("control API: %w", err)
	}
	return s, nil
}

// Recall makes a parcel of what the journal has of a delivery that an API with
// these stores has queued. It is a mockserver.Options.Recall. A named endpoint is
// the one that has the name now.
func (s *Stores) Recall(r mockserver.Record) (mockserver.Parcel, error) {
	c, unknown := s.contract(r.Provider)
	if unknown != nil {
		return mockserver.Parcel{}, unknown
	}
	t, err := c.EventType(r.Event)
	if err != nil {
		return mockserver.Parcel{}, err
	}
	p := mockserver.Parcel{Event: contracts.Event{Type: t}}
	if r.Route.Tamper != "" {
		if p.Tamper, err = mockserver.TamperNamed(r.Route.Tamper); err != nil {
			return p, err
		}
	}
	p.Endpoint, err = s.whereTo(r.Route)
	return p, err
}

// whereTo finds the endpoint of a route.
func (s *Stores) whereTo(route *mockserver.Route) (mockserver.Endpoint, error) {
	if id, ok := registration.IDOfRef(route.Ref); ok {
		e, err := s.subs.Endpoint(id)
		if err != nil {
			err = fmt.Errorf("subscription %q: %w", id, err)
		}
		return e, err
	}
	ref, ok := parseRef(route.Ref)
	switch {
	case !ok:
		return mockserver.Endpoint{}, fmt.Errorf("the journal says where to in words that nobody knows: %q", route.Ref)
	case ref.kind == refEndpoint:
		return s.toEndpoint(ref.name, ref.secret)
	case ref.name == "" && route.Hidden:
		return mockserver.Endpoint{}, errors.New("the journal does not have all of its URL")
	}
	url := route.URL
	if ref.name != "" {
		if url, ok = s.targets.url(ref.name); !ok {
			return mockserver.Endpoint{}, errors.New("the credentials in its URL were forgotten: no delivery needed them")
		}
	}
	return s.toURL(url, ref.name, ref.secret), nil
}

// toEndpoint is an endpoint by its name; secret stands for its own unless it is "".
// The error is a *problem.
func (s *Stores) toEndpoint(name, secret string) (mockserver.Endpoint, error) {
	e, ok := s.endpoints.get(name)
	switch {
	case !ok:
		return mockserver.Endpoint{}, s.unknownEndpoint(http.StatusUnprocessableEntity, name)
	case e.lost:
		return mockserver.Endpoint{}, newProblem(http.StatusUnprocessableEntity,
			fmt.Sprintf("the store of secrets does not have the rest of endpoint %q", name)).kind("incomplete-endpoint").hint("PUT /api/v1/endpoints/" + name)
	}
	out := e.whole
	out.Name, out.Ref = name, ref{refEndpoint, name, secret}.String()
	if secret == "" {
		secret = e.Secret
	}
	out.Keys = s.keys(secret)
	return out, nil
}

// toURL is a target without a name. id is that of its URL, where it has
// credentials.
func (s *Stores) toURL(url, id, secret string) mockserver.Endpoint {
	return mockserver.Endpoint{URL: url, Ref: ref{refTarget, id, secret}.String(), Keys: s.keys(secret)}
}

// ref says in the journal where a delivery goes to: "endpoint/NAME", "target/ID",
// or "target" for a URL that the journal has; behind it "?secret=NAME" if another
// secret than the endpoint's signs. Subscriptions have refs of their own.
type ref struct{ kind, name, secret string }

const (
	refEndpoint = "endpoint"
	refTarget   = "target"
)

func (r ref) String() string {
	text := r.kind
	if r.name != "" {
		text += "/" + r.name
	}
	if r.secret != "" {
		text += "?secret=" + r.secret
	}
	return text
}

func parseRef(text string) (r ref, ok bool) {
	text, r.secret, _ = strings.Cut(text, "?secret=")
	r.kind, r.name, _ = strings.Cut(text, "/")
	switch r.kind {
	case refEndpoint:
		return r, r.name != ""
	case refTarget:
		return r, true
	}
	return r, text == ""
}
