package registration

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/signature"
	"github.com/hookrig/hookrig/mockserver"
)

// Secrets is a store of secrets by name. Names hold letters, digits, dots and
// hyphens. It is safe for concurrent use.
type Secrets interface {
	// Put returns when the secret is durable, in place of the one that had the name before.
	Put(name string, secret signature.Secret) error
	// Get must not block: it is asked at each attempt of a delivery.
	Get(name string) (signature.Secret, bool)
	// Delete forgets a secret. That there is none is no error.
	Delete(name string) error
}

// Config of Load. Contracts are required.
type Config struct {
	Contracts []*contracts.Contract // of all providers that can be registered with
	Shelf     mockserver.Shelf      // keeps the registrations; nil: in memory
	Secrets   Secrets               // nil: in memory
	Now       func() time.Time      // nil: time.Now
	// RelaxedURLs takes URLs whose scheme or port the provider would refuse, such as
	// http://localhost:3000. Each such registration says so: see Subscription.Relaxed.
	RelaxedURLs bool
	Max         int          // registrations in all; 0: 10000
	Logger      *slog.Logger // nil: silent
}

const (
	shelfKind   = "subscription"
	counterKind = "subscription-counter"
	defaultMax  = 10_000
)

// Subscriptions are all registrations, with all providers. Its methods are safe
// for concurrent use. What a method returns without an error is durable where
// the shelf is.
type Subscriptions struct {
	contracts map[string]*contracts.Contract
	order     []*contracts.Contract
	shelf     mockserver.Shelf
	secrets   Secrets
	now       func() time.Time
	relaxed   bool
	max       int
	log       *slog.Logger

	// writing is held by one change at a time while it reaches the shelf; mu only for as long as
	// memory takes, so that events do not wait for a disk. Who holds writing may read byID without mu.
	writing sync.Mutex
	last    uint64 // number given last; of writing

	mu      sync.Mutex
	byID    map[string]Subscription // a value is replaced, never changed
	byEvent map[route][]Subscription
}

// route is what is asked of the store for each event that is emitted.
type route struct{ provider, event string }

// Load reads what is registered. The error is the shelf's, or says which of its
// documents cannot be read.
func Load(ctx context.Context, c Config) (*Subscriptions, error) {
	s := &Subscriptions{
		contracts: map[string]*contracts.Contract{}, order: c.Contracts,
		shelf: c.Shelf, secrets: c.Secrets, now: c.Now, relaxed: c.RelaxedURLs,
		max: cmp.Or(c.Max, defaultMax), log: c.Logger, byID: map[string]Subscription{},
	}
	if len(c.Contracts) == 0 {
		return nil, errors.New("registration: it needs contracts")
	}
	for _, contract := range c.Contracts {
		if s.contracts[contract.Provider()] != nil {
			return nil, fmt.Errorf("registration: two contracts of %q", contract.Provider())
		}
		s.contracts[contract.Provider()] = contract
	}
	if s.shelf == nil {
		s.shelf = mockserver.NewMemory()
	}
	if s.secrets == nil {
		s.secrets = &memorySecrets{byName: map[string]signature.Secret{}}
	}
	if s.now == nil {
		s.now = time.Now
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if err := s.load(ctx); err != nil {
		return nil, fmt.Errorf("registration: %w", err)
	}
	return s, nil
}

func (s *Subscriptions) load(ctx context.Context) error {
	for doc, err := range s.shelf.All(ctx, counterKind) {
		if err != nil {
			return err
		}
		if s.last, err = strconv.ParseUint(string(doc.Doc), 10, 64); err != nil {
			return fmt.Errorf("the counter of subscriptions is no number: %q", doc.Doc)
		}
	}
	for doc, err := range s.shelf.All(ctx, shelfKind) {
		if err != nil {
			return err
		}
		var sub Subscription
		if err := json.Unmarshal(doc.Doc, &sub); err != nil {
			return fmt.Errorf("the document of subscription %q: %w", doc.Name, err)
		}
		if sub.ID != doc.Name {
			return fmt.Errorf("the document of subscription %q is one of %q", doc.Name, sub.ID)
		}
		if refused := cmp.Or(checkExtra(sub), checkNumber(sub)); refused != nil {
			return fmt.Errorf("the document of subscription %q: %w", doc.Name, refused)
		}
		if n, err := strconv.ParseUint(sub.ID, 10, 64); err == nil {
			s.last = max(s.last, n) // a counter that was lost must not give an id twice
		}
		s.byID[sub.ID] = sub
	}
	return nil
}

// Contracts are those of Config, in its order.
func (s *Subscriptions) Contracts() []*contracts.Contract { return s.order }

// Get finds a subscription. The error is ErrUnknown.
func (s *Subscriptions) Get(id string) (Subscription, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sub, ok := s.byID[id]
	if !ok {
		return Subscription{}, ErrUnknown
	}
	return sub, nil
}

// List are the subscriptions with a provider, or all for "", the oldest first.
func (s *Subscriptions) List(provider string) []Subscription {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.list(provider)
}

func (s *Subscriptions) list(provider string) []Subscription {
	list := make([]Subscription, 0, len(s.byID))
	for _, sub := range s.byID {
		if provider == "" || sub.Provider == provider {
			list = append(list, sub)
		}
	}
	slices.SortFunc(list, func(a, b Subscription) int {
		return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(len(a.ID), len(b.ID)), cmp.Compare(a.ID, b.ID))
	})
	return list
}

// Matching are the active subscriptions that want an event of a provider, the
// oldest first. An event goes to all of them. Callers must not change the slice.
func (s *Subscriptions) Matching(provider, event string) []Subscription {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byEvent == nil {
		s.byEvent = map[route][]Subscription{}
		for _, sub := range s.list("") {
			for _, name := range sub.Events {
				if sub.Active {
					r := route{sub.Provider, name}
					s.byEvent[r] = append(s.byEvent[r], sub)
				}
			}
		}
	}
	return s.byEvent[route{provider, event}]
}

// Wants reports whether a subscription that matches takes an event with this body:
// some providers let clients filter what they registered.
func (s *Subscriptions) Wants(sub Subscription, body []byte) bool {
	wants := rulesOf[sub.Provider].wants
	return wants == nil || sub.Extra == nil || wants(sub.Extra, body)
}

// Target is the URL of a subscription as it was registered, credentials
// included. The error is ErrUnknown, or says that the store of secrets does not
// have it any more.
func (s *Subscriptions) Target(id string) (string, error) {
	sub, err := s.Get(id)
	if err != nil {
		return "", err
	}
	return s.target(sub)
}

func (s *Subscriptions) target(sub Subscription) (string, error) {
	if !sub.Private {
		return sub.URL, nil
	}
	whole, ok := s.secrets.Get(urlName(sub.ID))
	if !ok {
		return "", fmt.Errorf("subscription %q: the store of secrets does not have its URL, %q", sub.ID, urlName(sub.ID))
	}
	return whole.Reveal(), nil
}

// Endpoint is where the events of a subscription go. Its Name and Ref are
// Subscription.Ref; its secret is asked for at each attempt. The error is that
// of Target.
func (s *Subscriptions) Endpoint(id string) (mockserver.Endpoint, error) {
	sub, err := s.Get(id)
	if err != nil {
		return mockserver.Endpoint{}, err
	}
	target, err := s.target(sub)
	if err != nil {
		return mockserver.Endpoint{}, err
	}
	e := mockserver.Endpoint{Name: sub.Ref(), Ref: sub.Ref(), URL: target}
	if sub.Secret != "" {
		e.Keys = Keys(s.secrets, sub.Secret, s.now)
	}
	return e, nil
}

// reserve takes n numbers for ids and returns the first. They are written down
// before they are used, so that a restart does not give the number of a
// registration that was deleted.
func (s *Subscriptions) reserve(ctx context.Context, n int) (first uint64, err error) {
	last := s.last + uint64(n)
	if err := s.shelf.Put(ctx, counterKind, "last", strconv.AppendUint(nil, last, 10)); err != nil {
		return 0, err
	}
	first, s.last = s.last+1, last
	return first, nil
}

// commit makes a change visible that is durable.
func (s *Subscriptions) commit(change func(byID map[string]Subscription)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(s.byID)
	s.byEvent = nil
}

// newUUID is a random one, version 4 of RFC 9562.
func newUUID() string {
	var b [16]byte
	rand.Read(b[:]) // never fails: see crypto/rand
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// memorySecrets keeps secrets as long as the program lives.
type memorySecrets struct {
	mu     sync.RWMutex
	byName map[string]signature.Secret
}

// Put never fails.
func (m *memorySecrets) Put(name string, secret signature.Secret) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.byName[name] = secret
	return nil
}

// Get finds a secret.
func (m *memorySecrets) Get(name string) (signature.Secret, bool) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	secret, ok := m.byName[name]
	return secret, ok
}

// Delete never fails.
func (m *memorySecrets) Delete(name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.byName, name)
	return nil
}
