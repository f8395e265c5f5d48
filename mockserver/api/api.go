package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/gorilla/mux"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/signature"
	"github.com/hookrig/hookrig/mockserver"
)

// Options of New. Server, Stores and Fake are required.
type Options struct {
	Server    *mockserver.Server // running while requests are answered
	Stores    *Stores            // what is known by name
	Fake      Fake               // makes the events
	Worlds    Worlds             // makes the worlds of runs; nil: there are none
	Scenarios fs.FS              // that requests may name, NAME.yaml each; nil: none
	Oracles   Oracles            // reads the oracles of scenarios; nil: effects and states are not seen
	Token     signature.Secret   // the bearer token that requests must carry; zero: none
	// Chaos is the share of deliveries that are mishandled, by the tamper's name, where neither the
	// request nor the endpoint says so.
	Chaos map[string]float64
	// Hosts are names, without port, by which the server may be addressed
	// besides the loopback names and the address that it listens on.
	Hosts   []string
	Version string       // of the program, as GET /api/v1/status says it
	Logger  *slog.Logger // for what we could not do; nil: silent
}

// Fake makes the events of a type by their number: the same ones for the same
// seed. set holds JSON values to put at JSON Pointers of the body. An error is
// about set, or is a [SetError] about one of its pointers.
type Fake func(t *contracts.EventType, seed uint64, set map[string]json.RawMessage) (func(n uint64) contracts.Event, error)

// SetError: a pointer of what is to be set leads nowhere.
type SetError struct {
	Pointer string
	Nearest []string // pointers that were perhaps meant
	Err     error
}

func (e *SetError) Error() string { return e.Err.Error() }

// Unwrap gives Err.
func (e *SetError) Unwrap() error { return e.Err }

// API is the control API: an http.Handler, and the work that goes on between
// requests.
type API struct {
	http.Handler
	api *api
}

// New starts nothing. Streams and waiting requests end with their request's
// context: give the http.Server a BaseContext that ends when the program is
// asked to stop.
func New(o Options) (*API, error) {
	a, err := newAPI(o)
	if err != nil {
		return nil, fmt.Errorf("control API: %w", err)
	}
	routes, err := a.routes()
	if err != nil {
		return nil, fmt.Errorf("control API: %w", err)
	}
	return &API{Handler: a.guarded(routes), api: a}, nil
}

// api is what the handlers share.
type api struct {
	*Stores
	server    *mockserver.Server
	ledger    *mockserver.Ledger
	journal   mockserver.Journal
	fake      Fake
	worlds    Worlds
	shipped   fs.FS
	oracles   Oracles
	scenarios scenarios
	replays   replays
	work      work
	metrics   *metrics
	probe     probe
	guard     guard
	audits    audits
	chaos     tampering
	version   string
	log       *slog.Logger

	document   *document
	operations map[string]*operation // by operationId
}

func newAPI(o Options) (*api, error) {
	if o.Server == nil || o.Stores == nil || o.Fake == nil {
		return nil, errors.New("it needs a server, stores and something that makes events")
	}
	if err := (mockserver.Chaos{Rates: o.Chaos}).Check(); err != nil {
		return nil, err
	}
	document, err := readDocument(openapiYAML)
	if err != nil {
		return nil, err
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	a := &api{
		Stores: o.Stores, server: o.Server, ledger: mockserver.NewLedger(o.Server.Journal()), journal: o.Server.Journal(), fake: o.Fake, worlds: o.Worlds, shipped: o.Scenarios, oracles: o.Oracles,
		guard: guard{token: o.Token, hosts: o.Hosts}, chaos: tampering{rates: o.Chaos}, version: o.Version, log: o.Logger,
		document: document, operations: map[string]*operation{}, metrics: newMetrics(),
	}
	if err := errors.Join(a.loadWork(context.Background()), a.loadScenarios(context.Background())); err != nil {
		return nil, err
	}
	return a, a.targets.sweep(context.Background(), a.ledger)
}

// handlers by operationId.
func (a *api) handlers() map[string]handler {
	return map[string]handler{
		"listDeliveries": a.listDeliveries,
		"sendDeliveries": a.sendDeliveries,
		"getDelivery":    a.getDelivery,
		"resendDelivery": a.resendDelivery,
		"cancelDelivery": a.cancelDelivery,

		"countDeliveries":  a.countDeliveries,
		"resendDeliveries": a.resendDeliveries,
		"cancelDeliveries": a.cancelDeliveries,
		"resetLabel":       a.resetLabel,

		"listSecrets":    a.listSecrets,
		"putSecret":      a.putSecret,
		"deleteSecret":   a.deleteSecret,
		"listEndpoints":  a.listEndpoints,
		"getEndpoint":    a.getEndpoint,
		"putEndpoint":    a.putEndpoint,
		"deleteEndpoint": a.deleteEndpoint,

		"listSubscriptions":  a.listSubscriptions,
		"createSubscription": a.createSubscription,
		"getSubscription":    a.getSubscription,
		"changeSubscription": a.changeSubscription,
		"deleteSubscription": a.deleteSubscription,

		"listSchedules":  a.listSchedules,
		"getSchedule":    a.getSchedule,
		"putSchedule":    a.putSchedule,
		"deleteSchedule": a.deleteSchedule,
		"steerSchedule":  a.steerSchedule,
		"listRuns":       a.listRuns,
		"beginRun":       a.beginRun,
		"getRun":         a.getRun,
		"steerRun":       a.steerRun,

		"listScenarios":      a.listScenarios,
		"listScenarioRuns":   a.listScenarioRuns,
		"beginScenario":      a.beginScenario,
		"getScenarioRun":     a.getScenarioRun,
		"stopScenarioRun":    a.stopScenarioRun,
		"listScenarioEvents": a.listScenarioEvents,
		"showScenarioRun":    a.showScenarioRun,

		"listEntries":   a.listEntries,
		"streamEntries": a.streamEntries,
		"auditJournal":  a.auditJournal,

		"listProviders": a.listProviders,
		"listEvents":    a.listEvents,
		"listTampers":   a.listTampers,

		"getStatus":   a.getStatus,
		"getMetrics":  a.getMetrics,
		"getDocument": a.getDocument,
		"isHealthy":   a.isHealthy,
		"isReady":     a.isReady,
		"showPage":    a.showPage,
	}
}

// routes are the document's operations, each with its handler.
func (a *api) routes() (*mux.Router, error) {
	router := mux.NewRouter().SkipClean(true)
	router.Use(a.check)
	handlers := a.handlers()
	for _, o := range a.document.operations {
		h, ok := handlers[o.id]
		if !ok {
			return nil, fmt.Errorf("%s %s: nothing handles %q", o.Method, o.Path, o.id)
		}
		delete(handlers, o.id)
		a.operations[o.id] = o
		methods := []string{o.Method}
		if o.Method == http.MethodGet {
			methods = append(methods, http.MethodHead)
		}
		router.Handle(routed(o.Path), a.answer(h)).Methods(methods...).Name(o.id)
	}
	for _, id := range slices.Sorted(maps.Keys(handlers)) {
		return nil, fmt.Errorf("the document has no operation %q", id)
	}
	router.NotFoundHandler = a.answer(a.noSuchPath)
	router.MethodNotAllowedHandler = a.answer(func(w http.ResponseWriter, r *http.Request) error {
		return noSuchMethod(router, w, r)
	})
	return router, nil
}

// routed is a path as the router has it: a label may hold slashes.
func routed(path string) string { return strings.Replace(path, "{label}", "{label:.+}", 1) }

// noSuchPath does not repeat the path: somebody may have put a secret there.
func (a *api) noSuchPath(http.ResponseWriter, *http.Request) error {
	return newProblem(http.StatusNotFound, "there is nothing at this path").hint("GET /api/openapi.json")
}

func noSuchMethod(router *mux.Router, w http.ResponseWriter, r *http.Request) error {
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
		other := r.WithContext(r.Context())
		other.Method = method
		if match := (mux.RouteMatch{}); router.Match(other, &match) && match.MatchErr == nil {
			w.Header().Add("Allow", method)
		}
	}
	return newProblem(http.StatusMethodNotAllowed, fmt.Sprintf("%q cannot be done here", r.Method))
}
