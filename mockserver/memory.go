package mockserver

import (
	"context"
	"iter"
	"slices"
	"sync"
)

// Memory is a journal, and a [Shelf], that lives as long as the program. It keeps
// everything.
type Memory struct {
	memoryShelf

	mu    sync.Mutex
	pages [][]Entry // each of pageSize, but for the last; never changed below its length
	last  uint64    // number of the last entry
}

// pageSize is small enough for a short run and large enough for a million entries.
const pageSize = 512

// NewMemory is a journal for tests and single commands.
func NewMemory() *Memory { return &Memory{} }

// Append never fails.
func (m *Memory) Append(_ context.Context, entries ...Entry) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, e := range entries {
		if m.last%pageSize == 0 {
			m.pages = append(m.pages, make([]Entry, 0, pageSize))
		}
		m.last++
		e.Seq = m.last
		page := &m.pages[len(m.pages)-1]
		*page = append(*page, e)
	}
	return nil
}

// Entries are those with a Seq greater than after that stand there now.
func (m *Memory) Entries(ctx context.Context, after uint64) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		for _, page := range m.since(after) {
			for _, e := range page {
				if err := ctx.Err(); err != nil {
					yield(Entry{}, err)
					return
				}
				if !yield(e, nil) {
					return
				}
			}
		}
	}
}

// Last is the number of the last entry, 0 if there is none.
func (m *Memory) Last(context.Context) (uint64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.last, nil
}

// since is what stands after a number.
func (m *Memory) since(after uint64) [][]Entry {
	m.mu.Lock()
	defer m.mu.Unlock()
	if after >= m.last {
		return nil
	}
	pages := slices.Clone(m.pages[after/pageSize:])
	pages[0] = pages[0][after%pageSize:]
	return pages
}
