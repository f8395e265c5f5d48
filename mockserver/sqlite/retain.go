package sqlite

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/hookrig/hookrig/mockserver"
)

const (
	keeperPause   = 10 * time.Second // between two looks, where little is written
	keeperEntries = 20_000           // the same where much is
	keeperStep    = 256              // deliveries that are forgotten at once: some milliseconds
	keeperPages   = 256              // pages that are given back at once
)

// keeper forgets what [Retain] says, in the writer's goroutine and in small
// steps, so that nobody who appends waits for long.
type keeper struct {
	w         *writer
	retain    Retain
	ticker    *time.Ticker
	tick      <-chan time.Time // nil where everything is kept
	entries   int              // since the last look
	pending   bool             // there may be more to forget
	shrinking bool             // until the file has nine tenths of its size
}

func newKeeper(w *writer) keeper {
	k := keeper{w: w, retain: w.journal.options.Retain}
	if !k.retain.isZero() {
		k.ticker = time.NewTicker(keeperPause)
		k.tick, k.pending = k.ticker.C, true
	}
	return k
}

func (k *keeper) stop() {
	if k.ticker != nil {
		k.ticker.Stop()
	}
}

func (k *keeper) wrote(batch []*request) {
	if k.tick == nil {
		return
	}
	for _, r := range batch {
		k.entries += len(r.entries)
	}
	if k.entries >= keeperEntries {
		k.entries, k.pending = 0, true
	}
}

// step forgets some deliveries. An error is logged, and the next look tries again.
func (k *keeper) step(ctx context.Context) {
	more, err := k.forget(ctx)
	if err != nil {
		k.w.journal.options.Log.Warn("the journal cannot forget what is too old or too much", "journal", k.w.journal.path, "error", err)
	}
	k.pending = more && err == nil
}

func (k *keeper) forget(ctx context.Context) (more bool, err error) {
	used, free, err := k.pages(ctx)
	if err != nil {
		return false, err
	}
	rows := k.over(used)
	if len(rows) > 0 {
		if err := k.w.journal.drop(ctx, k.w, rows); err != nil {
			return false, err
		}
	}
	// A quarter of the file may lie idle: it will be written again.
	if free > used/3 {
		if _, err := k.w.conn.ExecContext(ctx, fmt.Sprintf(`PRAGMA incremental_vacuum(%d)`, keeperPages)); err != nil {
			return false, err
		}
		_, left, err := k.pages(ctx)
		return left < free, err
	}
	return len(rows) > 0, nil
}

// over are deliveries that are over a limit, some of them.
func (k *keeper) over(used int64) []row {
	x := k.w.journal.index
	x.mu.RLock()
	defer x.mu.RUnlock()
	if limit := k.retain.Bytes; limit > 0 {
		enough := limit / 10 * 9
		if k.shrinking = used > limit || k.shrinking && used > enough; k.shrinking {
			each := used/int64(len(x.byID)+1) + 1
			return x.expired(math.MaxInt64, int(min((used-enough)/each+1, keeperStep)))
		}
	}
	if k.retain.Age > 0 {
		return x.expired(nanos(k.w.journal.options.now().Add(-k.retain.Age)), keeperStep)
	}
	return nil
}

// pages are the bytes of the file that are in use, and those that are not.
func (k *keeper) pages(ctx context.Context) (used, free int64, err error) {
	var count, idle, size int64
	for _, q := range []struct {
		pragma string
		n      *int64
	}{{`PRAGMA page_count`, &count}, {`PRAGMA freelist_count`, &idle}, {`PRAGMA page_size`, &size}} {
		if err := k.w.conn.QueryRowContext(ctx, q.pragma).Scan(q.n); err != nil {
			return 0, 0, err
		}
	}
	return (count - idle) * size, idle * size, nil
}

// drop takes deliveries out of the file with all their entries, and then out of
// the index. A reader that misses an entry meanwhile waits for forgetting, and
// looks again.
func (j *Journal) drop(ctx context.Context, w *writer, rows []row) error {
	j.forgetting.Lock()
	defer j.forgetting.Unlock()
	var n uint64
	err := w.transact(ctx, func() (err error) {
		if n, err = w.cut(ctx, rows); err != nil {
			return err
		}
		_, err = w.tally.ExecContext(ctx, int64(w.last), int64(w.forgotten+n))
		return err
	})
	if err != nil {
		w.packer.reset()
		return j.explain(err)
	}
	w.forgotten += n
	keys := make([]key, len(rows))
	for i := range rows {
		keys[i] = rows[i].key
	}
	j.index.mu.Lock()
	defer j.index.mu.Unlock()
	j.index.forget(keys)
	w.recent.forget()
	return nil
}

// cut writes the chunks that hold entries of these deliveries without them.
func (w *writer) cut(ctx context.Context, rows []row) (n uint64, err error) {
	shelf := chunks{db: w.conn, path: w.journal.path, most: math.MaxInt}
	out := map[uint64]bool{} // Seqs
	for _, r := range rows {
		for e, err := range shelf.chain(ctx, r.last, (*chunk).head) {
			if err != nil {
				return 0, err
			}
			out[e.Seq] = true
		}
	}
	for _, k := range shelf.kept {
		if _, err := w.conn.ExecContext(ctx, `DELETE FROM chunk WHERE first = ?`, int64(k.first)); err != nil {
			return 0, err
		}
		for _, p := range k.entries {
			if out[p.seq] {
				continue
			}
			var e mockserver.Entry
			e, behind, err := k.entry(p)
			if err != nil {
				return 0, err
			}
			w.packer.add(&e, p.seq, behind)
		}
		if err := w.flush(ctx); err != nil {
			return 0, err
		}
	}
	return uint64(len(out)), nil
}
