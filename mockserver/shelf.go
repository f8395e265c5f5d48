package mockserver

import (
	"context"
	"iter"
	"maps"
	"slices"
	"sync"
)

// Shelf keeps small documents by kind and name, for what must survive a restart
// besides deliveries: endpoints, subscriptions, schedules. Documents hold no
// secrets. A shelf is safe for concurrent use.
type Shelf interface {
	// Put returns when the document is durable, in place of the one that had the name before.
	Put(ctx context.Context, kind, name string, doc []byte) error
	// Delete forgets a document. That there is none is no error.
	Delete(ctx context.Context, kind, name string) error
	// All are the documents of a kind, by name. An error is the last value.
	All(ctx context.Context, kind string) iter.Seq2[Document, error]
}

// Document is one of a [Shelf].
type Document struct {
	Name string
	Doc  []byte // the reader's own
}

// ShelfOf is a journal's own shelf, or one in memory where it has none.
func ShelfOf(j Journal) Shelf {
	if s, ok := faceOf[Shelf](j); ok {
		return s
	}
	return &memoryShelf{}
}

// memoryShelf is a shelf that lives as long as the program. The zero value is empty.
type memoryShelf struct {
	shelved sync.Mutex
	kinds   map[string]map[string][]byte
}

// Put never fails.
func (m *memoryShelf) Put(_ context.Context, kind, name string, doc []byte) error {
	m.shelved.Lock()
	defer m.shelved.Unlock()
	if m.kinds == nil {
		m.kinds = map[string]map[string][]byte{}
	}
	if m.kinds[kind] == nil {
		m.kinds[kind] = map[string][]byte{}
	}
	m.kinds[kind][name] = slices.Clone(doc)
	return nil
}

// Delete never fails.
func (m *memoryShelf) Delete(_ context.Context, kind, name string) error {
	m.shelved.Lock()
	defer m.shelved.Unlock()
	delete(m.kinds[kind], name)
	return nil
}

// All are the documents of a kind as they are now, by name.
func (m *memoryShelf) All(_ context.Context, kind string) iter.Seq2[Document, error] {
	return func(yield func(Document, error) bool) {
		m.shelved.Lock()
		docs := maps.Clone(m.kinds[kind]) // documents are replaced, never changed
		m.shelved.Unlock()
		for _, name := range slices.Sorted(maps.Keys(docs)) {
			if !yield(Document{Name: name, Doc: slices.Clone(docs[name])}, nil) {
				return
			}
		}
	}
}
