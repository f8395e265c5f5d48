package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"

	"github.com/hookrig/hookrig/mockserver"
)

// Report says what [Check] saw.
type Report struct {
	Path       string                   `json:"path"`
	Last       uint64                   `json:"last"`       // Seq of the last entry there ever was
	Entries    uint64                   `json:"entries"`    // that are there
	Forgotten  uint64                   `json:"forgotten"`  // that retention took out
	Deliveries int                      `json:"deliveries"` // that were queued
	Attempts   int                      `json:"attempts"`
	States     map[mockserver.State]int `json:"states"`             // of the deliveries: their sum is Deliveries
	Missing    []Range                  `json:"missing,omitempty"`  // entries that are gone and were not forgotten, or may be among these where some were
	Findings   []string                 `json:"findings,omitempty"` // what is wrong, one sentence each; the first hundred
	Wrong      int                      `json:"wrong"`              // findings, those that are not listed too
}

// Sound reports whether nothing is wrong.
func (r *Report) Sound() bool { return r.Wrong == 0 }

func (r *Report) find(format string, args ...any) {
	const most = 100
	if r.Wrong++; r.Wrong <= most {
		r.Findings = append(r.Findings, fmt.Sprintf(format, args...))
	}
}

// Check proves a journal that no process has open, and changes nothing in it:
// that the database is sound, that every entry is there and reads, that each one
// belongs to a delivery that was queued before, and that every queued delivery is
// waiting, attempting, delivered, exhausted or cancelled, as its entries say. The
// error means that it could not look: *[LockedError], *[ForeignError], ctx's.
func Check(ctx context.Context, path string) (Report, error) {
	path, err := whereabouts(path)
	if err != nil {
		return Report{}, err
	}
	r := Report{Path: path}
	held, err := takeLock(path)
	if err != nil {
		return r, err
	}
	defer letGo(held)
	exists, lost, err := inspect(path)
	var damage *DamagedError
	switch {
	case errors.As(err, &damage) && !exists: // SQLite would take the log of an empty file for a stale one, and remove it
		r.find("%s", damage.Problem)
		return r, nil
	case errors.As(err, &damage):
		r.find("%s", damage.Problem)
	case err != nil:
		return r, err
	case !exists:
		return r, &ForeignError{Path: path, Problem: "there is none"}
	case lost > 0:
		r.find("the last commit in the write-ahead log is not whole: after a power cut that is what was not confirmed")
	}
	// Who may only read does not take the log in on leaving.
	db, err := sql.Open("sqlite", source(path, "mode=ro"))
	if err != nil {
		return r, err
	}
	defer letGo(db)
	x := newIndex()
	return r, r.check(ctx, db, x, x.take)
}

// Check proves the journal as it stands now, like the function of that name, while
// it goes on.
func (j *Journal) Check(ctx context.Context) (Report, error) {
	r := Report{Path: j.path}
	if err := j.begin(); err != nil {
		return r, err
	}
	defer j.reading.Done()
	return r, r.check(ctx, j.readers, j.index, nil)
}

// check compares what is in the file with an index, which take makes on the way
// if it is not nil.
func (r *Report) check(ctx context.Context, db *sql.DB, x *index, take func(*chunk) error) error {
	tx, err := db.BeginTx(ctx, &sql.TxOptions{}) // one moment of the file
	if err != nil {
		return r.unless(ctx, err)
	}
	defer tx.Rollback() //nolint:errcheck // it only reads
	if err := r.integrity(ctx, tx); err != nil {
		return r.unless(ctx, err)
	}
	if err := recognise(ctx, tx, r.Path); err != nil {
		return r.unless(ctx, err)
	}
	if err := r.documents(ctx, tx); err != nil {
		return r.unless(ctx, err)
	}
	lives := lives{report: r, byID: map[string]*told{}}
	s := survey{path: r.Path, skip: func(err error) { r.find("%s", problem(err)) }}
	ledger := mockserver.NewLedger(stream(func(yield func(mockserver.Entry) bool) error {
		return s.read(ctx, tx, func(k *chunk) error {
			for _, p := range k.entries {
				e, _, err := k.entry(p)
				if err != nil {
					return err
				}
				lives.add(&e)
				yield(mockserver.Entry{Seq: e.Seq, At: e.At, Kind: e.Kind, Delivery: e.Delivery, Provider: e.Provider,
					Event: e.Event, Endpoint: e.Endpoint, Label: e.Label, State: e.State})
			}
			if take != nil {
				return take(k)
			}
			return nil
		})
	}))
	records, err := ledger.List(ctx, mockserver.Query{})
	if err != nil {
		return r.unless(ctx, err)
	}
	r.Last, r.Entries, r.Forgotten = s.last, s.seen, s.forgotten
	if err := s.complete(); err != nil {
		r.find("%s", problem(err))
		r.Missing = s.missing
	}
	lives.end()
	r.compare(records, x)
	return ctx.Err()
}

// unless makes a finding of what is wrong with the file, and leaves the rest an error.
func (r *Report) unless(ctx context.Context, err error) error {
	var damage *DamagedError
	err = explain(r.Path, err)
	if ctx.Err() == nil && errors.As(err, &damage) {
		r.find("%s", problem(err))
		return nil
	}
	return err
}

// problem is an error without the file's name, which the report says once.
func problem(err error) string {
	var damage *DamagedError
	if errors.As(err, &damage) {
		return (&DamagedError{Problem: damage.Problem, Missing: damage.Missing, Err: damage.Err}).text()
	}
	return err.Error()
}

func (r *Report) integrity(ctx context.Context, tx *sql.Tx) error {
	rows, err := tx.QueryContext(ctx, `PRAGMA integrity_check(20)`)
	if err != nil {
		return err
	}
	defer letGo(rows)
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			return err
		}
		if line != "ok" {
			r.find("the database is not sound: %s", line)
		}
	}
	return rows.Err()
}

func (r *Report) documents(ctx context.Context, tx *sql.Tx) error {
	return readShelf(ctx, tx, func(kind, name string) error {
		r.find("the %s %q on the shelf cannot be read: %v", kind, name, errChecksum)
		return nil
	})
}

// compare holds what the ledger says of each delivery against the index. What was
// appended or forgotten since the file was looked at is left out.
func (r *Report) compare(records []mockserver.Record, x *index) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	r.States = map[mockserver.State]int{}
	for i := range records {
		known := &records[i]
		r.States[known.State]++
		row := x.of(known.ID)
		if row == nil || row.last > r.Last {
			continue
		}
		if stateNames[row.state] != known.State || row.first != known.Seq || row.queued != nanos(known.Queued) ||
			row.provider != x.named[known.Provider] || row.event != x.named[known.Event] ||
			row.endpoint != x.named[known.Endpoint] || row.label != x.named[known.Label] {
			r.find("delivery %q is %q by its entries and %q by the index", known.ID, known.State, stateNames[row.state])
		}
	}
	sum := 0
	for s, n := range r.States {
		if sum += n; stateOf(s) == strange {
			r.find("%d deliveries are in a state that there is not: %q", n, s)
		}
	}
	if sum != r.Deliveries {
		r.find("%d deliveries were queued, and there are %d in some state", r.Deliveries, sum)
	}
}

// lives follows every delivery through its entries.
type lives struct {
	report *Report
	byID   map[string]*told
}

type told struct {
	state  mockserver.State
	intent bool // one without outcome
	over   bool // it ended, and was not queued again
}

func (l *lives) add(e *mockserver.Entry) {
	r := l.report
	t := l.byID[e.Delivery]
	if t == nil {
		t = &told{}
		l.byID[e.Delivery] = t
		if r.Deliveries++; e.Kind != mockserver.EntryQueued {
			r.Deliveries--
			r.find("entry %d (%s) belongs to delivery %q, which was not queued before", e.Seq, e.Kind, e.Delivery)
		}
	}
	if t.over && e.Kind != mockserver.EntryQueued {
		r.find("entry %d (%s) belongs to delivery %q, which had ended", e.Seq, e.Kind, e.Delivery)
	}
	switch e.Kind {
	case mockserver.EntryQueued:
		t.over = false
	case mockserver.EntryIntent:
		t.intent = true
	case mockserver.EntryAttempt:
		if r.Attempts++; !t.intent {
			r.find("entry %d is an attempt of delivery %q without an intent before it", e.Seq, e.Delivery)
		}
		t.intent = false
	case mockserver.EntryEnded:
		t.over = true
	default:
		r.find("entry %d is of a kind that there is not: %q", e.Seq, e.Kind)
	}
	t.state = e.State
}

func (l *lives) end() {
	for id, t := range l.byID {
		if t.over != stateOf(t.state).ended() {
			l.report.find("delivery %q is %q, and its last entry does not agree", id, t.state)
		}
	}
}

// stream is a journal that can be read once, from its beginning.
type stream func(yield func(mockserver.Entry) bool) error

// Append is not used.
func (stream) Append(context.Context, ...mockserver.Entry) error { return errors.ErrUnsupported }

// Entries are all, whatever after is.
func (s stream) Entries(context.Context, uint64) iter.Seq2[mockserver.Entry, error] {
	return func(yield func(mockserver.Entry, error) bool) {
		if err := s(func(e mockserver.Entry) bool { return yield(e, nil) }); err != nil {
			yield(mockserver.Entry{}, err)
		}
	}
}
