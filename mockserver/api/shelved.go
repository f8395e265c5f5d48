package api

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sync"

	"github.com/hookrig/hookrig/mockserver"
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

func (s *named[V]) delete(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.byName, name)
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
		return noRoom()
	}
	return nil
}

func noRoom() *problem {
	return newProblem(http.StatusInsufficientStorage, fmt.Sprintf("there are %d of these already", most)).kind("too-many").hint("delete some")
}

// shelved is a store by name whose values stand on a shelf as JSON. It reads
// the shelf once.
type shelved[V any] struct {
	named[V]
	shelf mockserver.Shelf
	kind  string
	// writing is held by one change at a time while it reaches the shelf; who only
	// reads does not wait for a disk.
	writing sync.Mutex
}

// load reads the shelf. each sees a value before it can be found; nil is nobody.
func (s *shelved[V]) load(ctx context.Context, shelf mockserver.Shelf, kind string, each func(name string, v *V)) error {
	s.shelf, s.kind = shelf, kind
	for d, err := range shelf.All(ctx, kind) {
		if err != nil {
			return err
		}
		var v V
		if err := json.Unmarshal(d.Doc, &v); err != nil {
			return fmt.Errorf("the document of %s %q: %w", kind, d.Name, err)
		}
		if each != nil {
			each(d.Name, &v)
		}
		s.put(d.Name, v)
	}
	return nil
}

// keep returns when a value is durable. It needs s.writing.
func (s *shelved[V]) keep(ctx context.Context, name string, v V) error {
	if err := s.room(name); err != nil {
		return err
	}
	doc, err := json.Marshal(v)
	if err != nil {
		return err
	}
	if err := s.shelf.Put(ctx, s.kind, name, doc); err != nil {
		return err
	}
	s.put(name, v)
	return nil
}

// forget returns when a value is gone for good. It needs s.writing.
func (s *shelved[V]) forget(ctx context.Context, name string) error {
	if err := s.shelf.Delete(ctx, s.kind, name); err != nil {
		return err
	}
	s.delete(name)
	return nil
}
