package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"sync"
	"time"

	"github.com/hookrig/hookrig/mockserver"
)

// A commit takes what has gathered, up to one of these.
const (
	commitEntries = 4096
	commitBytes   = 8 << 20 // of bodies
)

// request is one caller's wish: entries, or something else that is written.
type request struct {
	entries []mockserver.Entry
	change  func(context.Context, *sql.Conn) error
	taken   bool       // guarded by writer.mu: it is being written
	done    chan error // of capacity 1
}

// size is about how much it adds to a commit.
func (r *request) size() (bytes int) {
	for i := range r.entries {
		bytes += len(r.entries[i].Body)
		if a := r.entries[i].Attempt; a != nil {
			bytes += len(a.Body)
		}
	}
	return bytes
}

// writer is the one that writes: a goroutine with a connection of its own.
// While it waits for the disk requests gather, and the next commit takes them all.
type writer struct {
	journal *Journal
	db      *sql.DB
	conn    *sql.Conn
	packer  *packer
	places  []place // of the deliveries of this commit's entries
	recent  recent

	begin, commit, insert, tally *sql.Stmt

	last      uint64 // Seq, of what is committed
	forgotten uint64
	keeper    keeper
	commits   int // that were tried

	mu      sync.Mutex
	queue   []*request
	want    int // how many of them wake the writer
	closed  bool
	arrived chan struct{} // of capacity 1
	over    chan struct{}
}

// linger is how long a commit waits for as much company as the one before it
// had. A commit costs ten times what a request does: workers that come back one
// by one from theirs would each get one of their own. It is short beside a
// request to a receiver, and nobody who is alone waits.
const linger = 2 * time.Millisecond

func openWriter(ctx context.Context, j *Journal) (w *writer, err error) {
	db, err := sql.Open("sqlite", source(j.path, "mode=rw", "_synchronous=FULL",
		// Fewer, larger checkpoints: pages that change often are copied once.
		"_pragma=wal_autocheckpoint(4000)", "_pragma=journal_size_limit(67108864)"))
	if err != nil {
		return nil, fmt.Errorf("journal %q: %w", j.path, err)
	}
	db.SetMaxOpenConns(1)
	w = &writer{
		journal: j, db: db, packer: newPacker(), recent: newRecent(j.index), last: j.index.last,
		arrived: make(chan struct{}, 1), over: make(chan struct{}),
	}
	if err := w.prepare(ctx); err != nil {
		letGo(db)
		return nil, j.explain(err)
	}
	w.keeper = newKeeper(w)
	go w.run()
	return w, nil
}

func (w *writer) prepare(ctx context.Context) (err error) {
	if w.conn, err = w.db.Conn(ctx); err != nil {
		return err
	}
	if n := w.journal.options.maxPages; n > 0 {
		if err := w.limit(ctx, n); err != nil {
			return err
		}
	}
	for _, s := range []struct {
		stmt **sql.Stmt
		text string
	}{
		{&w.begin, `BEGIN IMMEDIATE`},
		{&w.commit, `COMMIT`},
		{&w.insert, `INSERT INTO chunk VALUES (?, ?)`},
		{&w.tally, `UPDATE tally SET last = ?, forgotten = ? WHERE id = 1`},
	} {
		if *s.stmt, err = w.conn.PrepareContext(ctx, s.text); err != nil {
			return err
		}
	}
	return w.conn.QueryRowContext(ctx, `SELECT forgotten FROM tally WHERE id = 1`).Scan(&w.forgotten)
}

// limit bounds the file, for tests of a full disk.
func (w *writer) limit(ctx context.Context, pages int) error {
	_, err := w.conn.ExecContext(ctx, fmt.Sprintf(`PRAGMA max_page_count = %d`, pages))
	return err
}

// do waits until a request is written.
func (w *writer) do(ctx context.Context, r *request) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	r.done = make(chan error, 1)
	w.mu.Lock()
	if w.closed {
		w.mu.Unlock()
		return fmt.Errorf("%w: %q", ErrClosed, w.journal.path)
	}
	w.queue = append(w.queue, r)
	enough := len(w.queue) >= w.want
	w.mu.Unlock()
	if enough {
		w.wake()
	}
	select {
	case err := <-r.done:
		return err
	case <-ctx.Done():
	}
	if w.withdraw(r) {
		return ctx.Err()
	}
	return <-r.done
}

// withdraw is false for what is being written, or was.
func (w *writer) withdraw(r *request) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if r.taken {
		return false
	}
	for i, q := range w.queue {
		if q == r {
			w.queue = append(w.queue[:i], w.queue[i+1:]...)
			break
		}
	}
	return true
}

func (w *writer) wake() {
	select {
	case w.arrived <- struct{}{}:
	default:
	}
}

// await waits until something is to be written, and then for company: as many
// requests as are usual now, which is what came at once lately.
func (w *writer) await(usual int, timer *time.Timer) {
	if w.waiting(1) == 0 && !w.keeper.pending {
		select {
		case <-w.arrived:
		case <-w.keeper.tick:
			w.keeper.pending = true
		}
	}
	if n := w.waiting(usual); n == 0 || n >= usual {
		return
	}
	timer.Reset(linger)
	select {
	case <-w.arrived:
	case <-timer.C:
	}
}

// waiting is how many requests wait; from want on they wake the writer. A closed
// writer waits for nobody.
func (w *writer) waiting(want int) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.want = want
	if w.closed {
		return math.MaxInt
	}
	return len(w.queue)
}

// gather is the next commit: nil if nothing waits.
func (w *writer) gather() (batch []*request, closed bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	entries, bytes := 0, 0
	n := 0
	for ; n < len(w.queue); n++ {
		r := w.queue[n]
		entries += len(r.entries)
		bytes += r.size()
		if n > 0 && (entries > commitEntries || bytes > commitBytes) {
			break
		}
		r.taken = true
	}
	batch = w.queue[:n:n]
	if w.queue = w.queue[n:]; len(w.queue) == 0 {
		w.queue = nil
	}
	return batch, w.closed
}

func (w *writer) run() {
	defer close(w.over)
	ctx := context.Background() // a commit is not interrupted half-way
	timer := time.NewTimer(linger)
	defer timer.Stop()
	for usual := 1; ; {
		w.await(usual, timer)
		batch, closed := w.gather()
		if len(batch) > 0 {
			err := w.write(ctx, batch)
			for _, r := range batch {
				r.done <- err
			}
			w.keeper.wrote(batch)
			usual = max(len(batch), usual*7/8)
		}
		switch {
		case closed && len(batch) == 0:
			return
		case w.keeper.pending && !closed: // between two commits, so that load does not keep it from its work
			w.keeper.step(ctx)
		}
	}
}

func (w *writer) close() error {
	w.mu.Lock()
	w.closed = true
	w.mu.Unlock()
	w.wake()
	<-w.over
	w.keeper.stop()
	var failed []error
	for _, s := range []*sql.Stmt{w.begin, w.commit, w.insert, w.tally} { // with one left open SQLite would keep the file
		failed = append(failed, s.Close())
	}
	return errors.Join(append(failed, w.conn.Close(), w.db.Close())...)
}

// write commits a batch and takes it into the index, or neither.
func (w *writer) write(ctx context.Context, batch []*request) error {
	last := w.last
	w.places = w.places[:0]
	err := w.transact(ctx, func() (err error) {
		for _, r := range batch {
			if r.change != nil {
				if err := r.change(ctx, w.conn); err != nil {
					return err
				}
			}
			for i := range r.entries {
				last++
				if err := w.pack(ctx, &r.entries[i], last); err != nil {
					return err
				}
			}
		}
		if err := w.flush(ctx); err != nil || last == w.last {
			return err
		}
		_, err = w.tally.ExecContext(ctx, int64(last), int64(w.forgotten))
		return err
	})
	w.commits++
	if err != nil {
		w.recent.forget()
		w.packer.reset()
		return w.journal.explain(err)
	}
	w.recent.committed()
	x := w.journal.index
	x.mu.Lock()
	defer x.mu.Unlock()
	n := 0
	for _, r := range batch {
		for i := range r.entries {
			w.last++
			if at := x.add(&r.entries[i], w.last, w.places[n]); at != w.places[n].at {
				w.recent.found(r.entries[i].Delivery, at)
			}
			n++
		}
	}
	return nil
}

// pack brings an entry into the chunk, and the chunk into the file once it is full.
func (w *writer) pack(ctx context.Context, e *mockserver.Entry, seq uint64) error {
	p, before := w.recent.next(e.Delivery, seq)
	w.places = append(w.places, p)
	var behind uint64
	if before > 0 {
		behind = seq - before
	}
	w.packer.add(e, seq, behind)
	if w.packer.full() {
		return w.flush(ctx)
	}
	return nil
}

func (w *writer) flush(ctx context.Context) error {
	if w.packer.n == 0 {
		return nil
	}
	first, data := w.packer.pack()
	_, err := w.insert.ExecContext(ctx, int64(first), data)
	return err
}

// transact commits what f writes, or nothing of it.
func (w *writer) transact(ctx context.Context, f func() error) error {
	if _, err := w.begin.ExecContext(ctx); err != nil {
		return err
	}
	err := f()
	if err == nil {
		if _, err = w.commit.ExecContext(ctx); err == nil {
			return nil
		}
	}
	// SQLite may have rolled back already, and says so by an error.
	_, _ = w.conn.ExecContext(ctx, `ROLLBACK`)
	return err
}
