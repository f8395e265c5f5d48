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
	pages [][]Entry     // each of pageSize, but for the last; never changed below its length
	last  uint64        // number of the last entry
	more  chan struct{} // closed by the next Append; nil if nobody follows
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
	if m.more != nil && len(entries) > 0 {
		close(m.more)
		m.more = nil
	}
	return nil
}

// Entries are those with a Seq greater than after that stand there now.
func (m *Memory) Entries(ctx context.Context, after uint64) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		pages, _ := m.since(after)
		for _, page := range pages {
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

// Follow yields the entries with a Seq greater than after, and then each new
// one as it is appended, until ctx is done. It ends without an error.
func (m *Memory) Follow(ctx context.Context, after uint64) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		for {
			pages, more := m.since(after)
			for _, page := range pages {
				for _, e := range page {
					if ctx.Err() != nil || !yield(e, nil) {
						return
					}
					after = e.Seq
				}
			}
			select {
			case <-more:
			case <-ctx.Done():
				return
			}
		}
	}
}

// since is what stands after a number, and a channel that closes when there is more.
func (m *Memory) since(after uint64) ([][]Entry, <-chan struct{}) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.more == nil {
		m.more = make(chan struct{})
	}
	if after >= m.last {
		return nil, m.more
	}
	pages := slices.Clone(m.pages[after/pageSize:])
	pages[0] = pages[0][after%pageSize:]
	return pages, m.more
}
