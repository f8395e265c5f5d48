package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/hookrig/hookrig/mockserver"
)

// Options for a journal. The zero value is ready for use.
type Options struct {
	Retain Retain
	Log    *slog.Logger // nil: nothing is logged

	now      func() time.Time // nil: the real time
	maxPages int              // of the file; 0: SQLite's own limit
}

// Retain says how long deliveries are kept. What is over either limit is
// forgotten, the oldest first: whole deliveries with all their entries, and only
// such that have ended. The zero value keeps everything.
type Retain struct {
	Age   time.Duration // since the delivery ended; 0: no limit
	Bytes int64         // of the file, without the log beside it; 0: no limit. It begins to forget above, and stops at nine tenths
}

func (r Retain) isZero() bool { return r.Age <= 0 && r.Bytes <= 0 }

// Journal is a journal in a file. It is a [mockserver.Journal], a
// [mockserver.Reader] and a [mockserver.Shelf], all safe for concurrent use.
type Journal struct {
	path    string
	options Options
	lock    *lock
	index   *index
	readers *sql.DB
	writer  *writer

	forgetting sync.Mutex // held while deliveries are taken out

	reading sync.WaitGroup // begins under closing.RLock
	closing sync.RWMutex
	closed  bool
	once    sync.Once
	err     error // of Close
}

var (
	_ mockserver.Journal = (*Journal)(nil)
	_ mockserver.Reader  = (*Journal)(nil)
	_ mockserver.Shelf   = (*Journal)(nil)
)

// Open opens the journal at path, or begins one where there is none. It reads
// every entry and document once, which takes about a second per million, and refuses
// a file of which something is missing. The error may be a *[LockedError], a
// *[ForeignError] or a *[DamagedError]; in all three cases the file is as it was.
func Open(path string, o Options) (*Journal, error) {
	path, err := whereabouts(path)
	if err != nil {
		return nil, err
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.now == nil {
		o.now = time.Now
	}
	held, err := takeLock(path)
	if err != nil {
		return nil, err
	}
	j := &Journal{path: path, options: o, lock: held, index: newIndex()}
	if err := j.open(context.Background()); err != nil {
		if j.readers != nil {
			letGo(j.readers)
		}
		return nil, errors.Join(err, held.Close())
	}
	return j, nil
}

func (j *Journal) open(ctx context.Context) error {
	exists, lost, err := inspect(j.path)
	if err != nil {
		return err
	}
	if !exists {
		if err := create(ctx, j.path); err != nil {
			return err
		}
	}
	if lost > 0 {
		j.options.Log.Warn("the journal's last commit was not whole and is gone, as after a power cut; it can hold nothing that was confirmed, unless the file was damaged", "journal", j.path)
	}
	if err := j.prove(ctx); err != nil {
		return err
	}
	if j.readers, err = openReaders(j.path); err != nil {
		return err
	}
	j.writer, err = openWriter(ctx, j)
	return err
}

// openReaders opens nothing yet.
func openReaders(path string) (*sql.DB, error) {
	const most = 4
	db, err := sql.Open("sqlite", source(path, "mode=rw", "_query_only=1"))
	if err != nil {
		return nil, fmt.Errorf("journal %q: %w", path, err)
	}
	db.SetMaxOpenConns(most)
	db.SetMaxIdleConns(most)
	return db, nil
}

// prove looks at all of the file before anybody may write to it. Who may only read
// does not take a log in on leaving, which would bury what is damaged; where there
// is none, he would leave an empty one behind.
func (j *Journal) prove(ctx context.Context) error {
	mode := "mode=rw"
	if wal, err := os.Stat(j.path + "-wal"); err == nil && wal.Size() > 0 {
		mode = "mode=ro"
	}
	db, err := sql.Open("sqlite", source(j.path, mode, "_query_only=1"))
	if err != nil {
		return fmt.Errorf("journal %q: %w", j.path, err)
	}
	defer letGo(db)
	if err := recognise(ctx, db, j.path); err != nil {
		return err
	}
	return j.load(ctx, db)
}

// load makes the index, and proves on the way that no entry is missing and that
// the shelf can be read.
func (j *Journal) load(ctx context.Context, db *sql.DB) error {
	s := survey{path: j.path}
	if err := s.read(ctx, db, j.index.take); err != nil {
		return err
	}
	j.index.last = s.last
	if err := s.complete(); err != nil {
		return err
	}
	return explain(j.path, readShelf(ctx, db, func(kind, name string) error {
		return &DamagedError{Path: j.path, Problem: fmt.Sprintf("the %s %q on its shelf cannot be read", kind, name), Err: errChecksum}
	}))
}

func (x *index) take(k *chunk) error {
	for _, p := range k.entries {
		e, _, err := k.head(p)
		if err != nil {
			return err
		}
		x.add(&e, p.seq, x.placeOf(e.Delivery))
	}
	return nil
}

// Append numbers the entries and returns when they are on the disk: all of them,
// or none and an error. Concurrent calls share a commit. After ctx is done nothing
// is written any more, but what is being written is waited for. The error may
// wrap [mockserver.ErrFull]: the journal takes entries again when there is room.
func (j *Journal) Append(ctx context.Context, entries ...mockserver.Entry) error {
	if len(entries) == 0 {
		return ctx.Err()
	}
	return j.writer.do(ctx, &request{entries: entries})
}

// Path is the file.
func (j *Journal) Path() string { return j.path }

// Close writes what was appended before, and lets go of the file. Appends and
// reads from then on give [ErrClosed]. A second Close waits for the first, and
// gives its error.
func (j *Journal) Close() error {
	j.once.Do(func() {
		j.closing.Lock()
		j.closed = true
		j.closing.Unlock()
		j.reading.Wait()
		// The last to close takes the log in: it must be the one that may write.
		j.err = errors.Join(j.readers.Close(), j.writer.close(), j.lock.Close())
	})
	return j.err
}

// begin is called around each use of readers.
func (j *Journal) begin() error {
	j.closing.RLock()
	defer j.closing.RUnlock()
	if j.closed {
		return fmt.Errorf("%w: %q", ErrClosed, j.path)
	}
	j.reading.Add(1)
	return nil
}
