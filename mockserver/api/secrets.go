package api

import (
	"maps"
	"slices"
	"sync"

	"github.com/hookrig/hookrig/contracts/signature"
)

// Secrets keeps secrets by name, in memory. Nothing but signing reads them:
// the API takes secrets and never shows one. The zero Secrets is empty and
// ready for use; its methods are safe for concurrent use.
type Secrets struct {
	mu     sync.RWMutex
	byName map[string]signature.Secret
}

// Put keeps a secret, in place of the one that had the name before.
func (s *Secrets) Put(name string, secret signature.Secret) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byName == nil {
		s.byName = map[string]signature.Secret{}
	}
	s.byName[name] = secret
}

// Delete forgets a secret and reports whether there was one.
func (s *Secrets) Delete(name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, ok := s.byName[name]
	delete(s.byName, name)
	return ok
}

// Names are those of the secrets, sorted.
func (s *Secrets) Names() []string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.Sorted(maps.Keys(s.byName))
}

func (s *Secrets) get(name string) (signature.Secret, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	secret, ok := s.byName[name]
	return secret, ok
}
