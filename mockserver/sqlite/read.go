package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"slices"
	"sort"

	"github.com/hookrig/hookrig/mockserver"
)

// Entries are those with a Seq greater than after that stand there now. They are
// read some chunks at a time: a slow caller holds nothing up. An error is the
// last value: ctx's, [ErrClosed], a *[DamagedError].
func (j *Journal) Entries(ctx context.Context, after uint64) iter.Seq2[mockserver.Entry, error] {
	return func(yield func(mockserver.Entry, error) bool) {
		last, err := j.Last(ctx)
		for err == nil && after < last {
			var page []*chunk
			if page, err = j.chunksAfter(ctx, after); err != nil || len(page) == 0 {
				break
			}
			for _, k := range page {
				for _, p := range k.entries {
					if p.seq <= after {
						continue
					}
					if p.seq > last {
						return
					}
					e, _, broken := k.entry(p)
					if err = cmp.Or(ctx.Err(), j.wrong(p.seq, broken)); err != nil {
						yield(mockserver.Entry{}, err)
						return
					}
					if !yield(e, nil) {
						return
					}
				}
				after = k.last
			}
		}
		if err != nil {
			yield(mockserver.Entry{}, err)
		}
	}
}

// chunksAfter are the next ones with entries behind a Seq.
func (j *Journal) chunksAfter(ctx context.Context, after uint64) (page []*chunk, err error) {
	const most = 16
	if err := j.begin(); err != nil {
		return nil, err
	}
	defer j.reading.Done()
	rows, err := j.readers.QueryContext(ctx, `SELECT first, data FROM chunk
		WHERE first >= coalesce((SELECT max(first) FROM chunk WHERE first <= ?1), 0) ORDER BY first LIMIT ?2`, int64(after+1), most)
	if err != nil {
		return nil, j.explain(err)
	}
	defer letGo(rows)
	for rows.Next() {
		var first int64
		var data []byte
		if err := rows.Scan(&first, &data); err != nil {
			return nil, j.explain(err)
		}
		k, err := unpack(uint64(first), data)
		if err != nil {
			return nil, j.wrong(uint64(first), err)
		}
		if k.last > after {
			page = append(page, k)
		}
	}
	return page, j.explain(rows.Err())
}

func (j *Journal) wrong(seq uint64, err error) error {
	if err == nil {
		return nil
	}
	return &DamagedError{Path: j.path, Problem: fmt.Sprintf("the entries from %d on cannot be read", seq), Err: err}
}

// List implements [mockserver.Reader].
func (j *Journal) List(ctx context.Context, q mockserver.Query) ([]mockserver.Record, error) {
	if err := j.begin(); err != nil {
		return nil, err
	}
	defer j.reading.Done()
	j.index.mu.RLock()
	rows := j.index.list(q)
	j.index.mu.RUnlock()
	return j.records(ctx, rows)
}

// Find implements [mockserver.Reader].
func (j *Journal) Find(ctx context.Context, id string) (r mockserver.Record, found bool, err error) {
	if err := j.begin(); err != nil {
		return r, false, err
	}
	defer j.reading.Done()
	var rows []row
	j.index.mu.RLock()
	if known := j.index.of(id); known != nil {
		rows = append(rows, *known)
	}
	j.index.mu.RUnlock()
	records, err := j.records(ctx, rows)
	if err != nil || len(records) == 0 {
		return r, false, err
	}
	return records[0], true, nil
}

// Known implements [mockserver.Reader].
func (j *Journal) Known(ctx context.Context, ids ...string) (known []string, err error) {
	if err := j.begin(); err != nil {
		return nil, err
	}
	defer j.reading.Done()
	j.index.mu.RLock()
	defer j.index.mu.RUnlock()
	for _, id := range ids {
		if j.index.of(id) != nil {
			known = append(known, id)
		}
	}
	return known, ctx.Err()
}

// Count implements [mockserver.Reader].
func (j *Journal) Count(ctx context.Context, q mockserver.Query) (map[mockserver.State]int, error) {
	if err := j.begin(); err != nil {
		return nil, err
	}
	defer j.reading.Done()
	j.index.mu.RLock()
	defer j.index.mu.RUnlock()
	return j.index.count(q), ctx.Err()
}

// Last implements [mockserver.Reader].
func (j *Journal) Last(ctx context.Context) (uint64, error) {
	if err := j.begin(); err != nil {
		return 0, err
	}
	defer j.reading.Done()
	j.index.mu.RLock()
	defer j.index.mu.RUnlock()
	return j.index.last, ctx.Err()
}

// records reads deliveries as they were when their rows were copied. What was
// forgotten since is left out.
func (j *Journal) records(ctx context.Context, rows []row) (records []mockserver.Record, err error) {
	const pieces = 256 // deliveries: their entries are in memory twice for a moment
	shelf := chunks{db: j.readers, path: j.path, most: 64}
	for piece := range slices.Chunk(rows, pieces) {
		var told []mockserver.Entry
		for _, r := range piece {
			from := len(told)
			for e, err := range shelf.chain(ctx, r.last, (*chunk).entry) {
				if err != nil {
					told = told[:from]
					if j.remembers(r.key) {
						return nil, err
					}
					break
				}
				told = append(told, e)
			}
		}
		slices.SortFunc(told, func(a, b mockserver.Entry) int { return cmp.Compare(a.Seq, b.Seq) })
		page, err := mockserver.NewLedger(stream(func(yield func(mockserver.Entry) bool) error {
			for _, e := range told {
				yield(e)
			}
			return nil
		})).List(ctx, mockserver.Query{})
		if err != nil {
			return nil, err
		}
		records = append(records, page...)
	}
	return records, nil
}

// remembers waits for what is being forgotten.
func (j *Journal) remembers(k key) bool {
	j.forgetting.Lock()
	defer j.forgetting.Unlock()
	j.index.mu.RLock()
	defer j.index.mu.RUnlock()
	return j.index.lastOf(k) > 0
}

// chunks finds entries by Seq, and keeps the last chunks that it read: those of
// neighbours are often the same.
type chunks struct {
	db interface {
		QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
	}
	path string
	most int      // kept
	kept []*chunk // sorted
}

// chain yields a delivery's entries, the last one first. An error is the last value.
func (c *chunks) chain(ctx context.Context, seq uint64, read func(*chunk, packed) (mockserver.Entry, uint64, error)) iter.Seq2[mockserver.Entry, error] {
	return func(yield func(mockserver.Entry, error) bool) {
		for {
			k, p, err := c.find(ctx, seq)
			if err != nil {
				yield(mockserver.Entry{}, err)
				return
			}
			e, behind, err := read(k, p)
			if err == nil && behind >= seq {
				err = errors.New("it points before the first entry")
			}
			if err != nil {
				yield(mockserver.Entry{}, &DamagedError{Path: c.path, Problem: fmt.Sprintf("entry %d cannot be read", seq), Err: err})
				return
			}
			if !yield(e, nil) || behind == 0 {
				return
			}
			seq -= behind
		}
	}
}

func (c *chunks) find(ctx context.Context, seq uint64) (*chunk, packed, error) {
	k, err := c.holding(ctx, seq)
	if err != nil {
		return nil, packed{}, err
	}
	i, ok := slices.BinarySearchFunc(k.entries, seq, func(p packed, seq uint64) int { return cmp.Compare(p.seq, seq) })
	if !ok {
		return nil, packed{}, &DamagedError{Path: c.path, Problem: "an entry is missing", Missing: []Range{{seq, seq}}}
	}
	return k, k.entries[i], nil
}

// holding is the chunk in which an entry stands, if it stands anywhere.
func (c *chunks) holding(ctx context.Context, seq uint64) (*chunk, error) {
	at := sort.Search(len(c.kept), func(i int) bool { return c.kept[i].last >= seq })
	if at < len(c.kept) && c.kept[at].first <= seq {
		return c.kept[at], nil
	}
	var first int64
	var data []byte
	err := c.db.QueryRowContext(ctx, `SELECT first, data FROM chunk WHERE first <= ? ORDER BY first DESC LIMIT 1`, int64(seq)).Scan(&first, &data)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, &DamagedError{Path: c.path, Problem: "an entry is missing", Missing: []Range{{seq, seq}}}
	}
	if err != nil {
		return nil, explain(c.path, err)
	}
	k, err := unpack(uint64(first), data)
	if err != nil {
		return nil, &DamagedError{Path: c.path, Problem: fmt.Sprintf("the entries from %d on cannot be read", first), Err: err}
	}
	if len(c.kept) >= c.most { // pages go backwards: the last ones are needed least
		c.kept = c.kept[:len(c.kept)-1]
		at = min(at, len(c.kept))
	}
	c.kept = slices.Insert(c.kept, at, k)
	return k, nil
}
