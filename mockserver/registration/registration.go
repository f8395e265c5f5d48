package registration

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"

	"github.com/gorilla/mux"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/signature"
	"github.com/hookrig/hookrig/mockserver"
)

// Options of New. Subscriptions are required.
type Options struct {
	Subscriptions *Subscriptions
	// Deliveries are what a provider's log of deliveries shows; nil: nothing.
	Deliveries Deliveries
	// Entities answers the lookups of the contracts, beside the subscription APIs: clients come
	// with the same credentials and get the same errors. nil: there is nothing to be looked up.
	Entities Entities
	// Tokens are the credentials that clients must have, by provider: the token, or the key that
	// signs requests. Of a provider that is not here any credentials are taken, but not none.
	Tokens map[string]signature.Secret
	// Transport carries what the provider itself sends to register: a handshake. It is
	// where addresses are judged. nil: a handshake cannot be made.
	Transport http.RoundTripper
	Unmarked  bool         // leave out the headers that mark a handshake as test traffic
	Logger    *slog.Logger // for what we could not do; nil: silent
}

// Deliveries finds deliveries in the journal. A *mockserver.Ledger does.
type Deliveries interface {
	// List returns what a query selects, the latest first.
	List(ctx context.Context, q mockserver.Query) ([]mockserver.Record, error)
}

// Entities finds what events name. It is safe for concurrent use.
type Entities interface {
	// Look is the body that answers a lookup for a key; found is false where there is no such entity.
	Look(l *contracts.Lookup, key string) (body []byte, found bool)
}

// RelaxedHeader of an answer names the rule of the provider that a registered
// URL breaks and that was waived.
const RelaxedHeader = "X-Hookrig-Relaxed"

// bodyLimit is how many bytes of a request's body are read.
const bodyLimit = 1 << 20

// api is one provider's own.
type api interface {
	// paths are below the provider's own; the first that matches counts.
	paths() []path
	// authorize looks at a request's credentials.
	authorize(*http.Request) *RefusedError
	// refuse answers in the provider's own shape. Its error is ours where it is no *RefusedError.
	refuse(w http.ResponseWriter, r *http.Request, err error) error
}

// path is a path of an API, with a handler for each method.
type path struct {
	template string // of mux
	methods  methods
}

type methods map[string]func(http.ResponseWriter, *http.Request) error

func (m methods) serve(w http.ResponseWriter, r *http.Request) error {
	h, ok := m[r.Method]
	if !ok {
		w.Header().Set("Allow", strings.Join(sortedKeys(m), ", "))
		return refuse(KindMethod, "", "%q cannot be done here", r.Method)
	}
	return h(w, r)
}

var apis = map[string]func(*desk) api{
	xentralName: newXentral, shoptetName: newShoptet, sellercenterName: newSellercenter, scayleName: newScayle, ergonodeName: newErgonode,
}

// desk is what the providers' handlers share.
type desk struct {
	*Subscriptions
	provider   string
	contract   *contracts.Contract
	api        api
	deliveries Deliveries
	entities   Entities
	token      signature.Secret
	transport  http.RoundTripper
	unmarked   bool
	log        *slog.Logger
}

// New returns a handler that serves each provider's own subscription API, and the
// lookups of its contract, below /providers/<provider>/, for the providers whose
// contracts are loaded, and a list of them at /providers/. It starts nothing.
func New(o Options) (http.Handler, error) {
	if o.Subscriptions == nil {
		return nil, errors.New("registration: it needs subscriptions")
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	router := mux.NewRouter().SkipClean(true)
	var mounted, known []string
	for _, contract := range o.Subscriptions.order {
		provider := contract.Provider()
		known = append(known, provider)
		d := &desk{
			Subscriptions: o.Subscriptions, provider: provider, contract: contract,
			deliveries: o.Deliveries, entities: o.Entities, token: o.Tokens[provider], transport: o.Transport, unmarked: o.Unmarked, log: o.Logger,
		}
		switch makeAPI := apis[provider]; {
		case makeAPI != nil:
			d.api = makeAPI(d)
		case o.Entities != nil && len(contract.Lookups()) > 0:
			d.api = plain{d}
		default:
			continue
		}
		d.mount(router)
		mounted = append(mounted, provider)
	}
	slices.Sort(mounted)
	for provider := range o.Tokens {
		if !slices.Contains(known, provider) {
			return nil, fmt.Errorf("registration: credentials for %q, which nobody can register with; there are %s",
				provider, strings.Join(known, ", "))
		}
	}
	list := "/providers/" + strings.Join(mounted, "/\n/providers/") + "/\n"
	router.HandleFunc("/providers/", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		fmt.Fprint(w, list)
	}).Methods(http.MethodGet, http.MethodHead)
	router.NotFoundHandler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "There is nothing at this path. These providers have an API to register by, all others that of the control API:\n\n"+list, http.StatusNotFound)
	})
	return router, nil
}

func (d *desk) mount(router *mux.Router) {
	base := "/providers/" + d.provider
	routes := router.PathPrefix(base).MatcherFunc(func(r *http.Request, _ *mux.RouteMatch) bool {
		return r.URL.Path == base || strings.HasPrefix(r.URL.Path, base+"/") // a prefix may end within a word
	}).Subrouter()
	d.mountLookups(routes, true)
	for _, p := range d.api.paths() {
		routes.Handle(p.template, d.handle(p.methods.serve))
	}
	d.mountLookups(routes, false)
	routes.NotFoundHandler = d.handle(func(_ http.ResponseWriter, r *http.Request) error {
		return refuse(KindPath, "", "there is nothing at %q", strings.TrimPrefix(r.URL.Path, base))
	})
}

// handle turns a handler with an error into one without: the provider's API
// says how an error looks.
func (d *desk) handle(h func(http.ResponseWriter, *http.Request) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, bodyLimit)
		err := d.admit(r)
		if err == nil {
			err = h(w, r)
		}
		if err == nil {
			return
		}
		if errors.Is(err, ErrUnknown) {
			err = refuse(KindUnknown, "id", "there is no such registration")
		}
		if refused := (*RefusedError)(nil); !errors.As(err, &refused) && r.Context().Err() == nil {
			d.log.Error("a registration failed", "provider", d.provider, "method", r.Method, "path", r.URL.Path, "error", err)
		}
		if err := d.api.refuse(w, r, err); err != nil {
			d.log.Error("an answer could not be made", "provider", d.provider, "error", err)
		}
	})
}

// admit asks who calls. No page in a browser has business here: refusing what
// carries an Origin keeps web sites from registering with a server on the
// reader's own machine.
func (d *desk) admit(r *http.Request) error {
	if r.Header.Get("Origin") != "" {
		return refuse(KindForeign, "Origin", "requests of web pages are not taken")
	}
	if refused := d.api.authorize(r); refused != nil {
		return refused
	}
	return nil
}

// bearer judges a token: it must be there, and right where one is configured.
func (d *desk) bearer(token, field string) *RefusedError {
	switch {
	case token == "":
		return refuse(KindNoCredentials, field, "the request carries no credentials; they belong into %s", field)
	case !d.token.IsZero() && !d.token.Equal(signature.NewSecret(token)):
		return refuse(KindBadCredentials, field, "the credentials are wrong")
	}
	return nil
}

// own finds a subscription with this provider. The error is ErrUnknown.
func (d *desk) own(id string) (Subscription, error) {
	sub, err := d.Get(id)
	if err == nil && sub.Provider != d.provider {
		err = ErrUnknown
	}
	return sub, err
}

// forget deletes a subscription with this provider.
func (d *desk) forget(r *http.Request) error {
	sub, err := d.own(mux.Vars(r)["id"])
	if err != nil {
		return err
	}
	return d.Delete(r.Context(), sub.ID)
}

// markRelaxed says in an answer which rules were waived.
func markRelaxed(w http.ResponseWriter, subs ...Subscription) {
	for _, sub := range subs {
		if sub.Relaxed != "" && !slices.Contains(w.Header()[RelaxedHeader], sub.Relaxed) {
			w.Header().Add(RelaxedHeader, sub.Relaxed)
		}
	}
}

// refusedOf is the refusal of an error, and one about ourselves where it has
// none: clients are not told what is wrong with our disk.
func refusedOf(err error) (refused *RefusedError, ours bool) {
	if errors.As(err, &refused) {
		return refused, false
	}
	message := "the server could not do it"
	if errors.Is(err, mockserver.ErrFull) {
		message = "the server has no room to keep it"
	}
	return &RefusedError{Message: message}, true
}

// statusOurs is the status of an error of ours.
func statusOurs(err error) int {
	if errors.Is(err, mockserver.ErrFull) {
		return http.StatusInsufficientStorage
	}
	return http.StatusInternalServerError
}

// newKey is a random signing key: 32 hex digits.
func newKey() signature.Secret {
	b := make([]byte, 16)
	rand.Read(b) // never fails: see crypto/rand
	return signature.NewSecret(hex.EncodeToString(b))
}
