package api

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sync"

	"github.com/gorilla/mux"

	"github.com/hookrig/hookrig/contracts/signature"
)

// named is a small store by name, safe for concurrent use. The zero value is empty.
type named[V any] struct {
	mu     sync.RWMutex
	byName map[string]V
}

// most is how many values a store takes over HTTP.
const most = 10_000

func (s *named[V]) put(name string, v V) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byName == nil {
		s.byName = map[string]V{}
	}
	s.byName[name] = v
}

func (s *named[V]) get(name string) (V, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	v, ok := s.byName[name]
	return v, ok
}

func (s *named[V]) delete(name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, ok := s.byName[name]
	delete(s.byName, name)
	return ok
}

func (s *named[V]) names() []string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.Sorted(maps.Keys(s.byName))
}

// room is nil if a value of this name can be kept.
func (s *named[V]) room(name string) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if _, replaced := s.byName[name]; !replaced && len(s.byName) >= most {
		return newProblem(http.StatusInsufficientStorage, fmt.Sprintf("there are %d of these already", most)).hint("delete some")
	}
	return nil
}

// Secrets keeps secrets by name, in memory. Nothing but signing reads them:
// the API takes secrets and never shows one. The zero Secrets is empty and
// ready for use; its methods are safe for concurrent use.
type Secrets struct{ named[signature.Secret] }

// Put keeps a secret, in place of the one that had the name before.
func (s *Secrets) Put(name string, secret signature.Secret) { s.put(name, secret) }

// Delete forgets a secret and reports whether there was one.
func (s *Secrets) Delete(name string) bool { return s.delete(name) }

// Names are those of the secrets, sorted.
func (s *Secrets) Names() []string { return s.names() }

func (a *api) listSecrets(w http.ResponseWriter, _ *http.Request) error {
	return reply(w, http.StatusOK, map[string][]string{"secrets": orEmpty(a.secrets.Names())})
}

func (a *api) putSecret(w http.ResponseWriter, r *http.Request) error {
	var in struct{ Value string }
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		return err
	}
	name := mux.Vars(r)["name"]
	if err := a.secrets.room(name); err != nil {
		return err
	}
	a.secrets.Put(name, signature.NewSecret(in.Value))
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (a *api) deleteSecret(w http.ResponseWriter, r *http.Request) error {
	name := mux.Vars(r)["name"]
	if !a.secrets.Delete(name) {
		return newProblem(http.StatusNotFound, fmt.Sprintf("unknown secret %q", name)).
			kind("unknown-secret").nearestTo(name, a.secrets.Names()).hint("GET /api/v1/secrets")
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// orEmpty makes an empty list of none: in JSON they differ.
func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
