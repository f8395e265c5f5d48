package sqlite

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	_ "modernc.org/sqlite" // the driver
)

const (
	applicationID = 0x686b726a // "hkrj"
	schemaVersion = 1
)

// schema is what a journal of this version holds, and all that it holds.
//
//   - chunk: the entries. See chunk.go.
//   - tally: one row. last is the Seq of the last entry there ever was, forgotten
//     how many entries retention took out: with both, an entry that is missing is
//     missed.
//   - document: the shelf.
var schema = []struct{ name, sql string }{
	{"chunk", `CREATE TABLE chunk (first INTEGER PRIMARY KEY, data BLOB NOT NULL)`},
	{"document", `CREATE TABLE document (kind TEXT, name TEXT, doc BLOB NOT NULL, sum INTEGER NOT NULL, PRIMARY KEY (kind, name)) WITHOUT ROWID`},
	{"tally", `CREATE TABLE tally (id INTEGER PRIMARY KEY, last INTEGER NOT NULL, forgotten INTEGER NOT NULL)`},
}

// whereabouts is the file itself, so that two names of one file are one journal.
func whereabouts(path string) (string, error) {
	if path == "" {
		return "", errors.New("the journal needs a path")
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("journal %q: %w", path, err)
	}
	real, err := filepath.EvalSymlinks(abs)
	if errors.Is(err, os.ErrNotExist) { // its folder may be behind a link all the same
		var dir string
		if dir, err = filepath.EvalSymlinks(filepath.Dir(abs)); err == nil {
			real = filepath.Join(dir, filepath.Base(abs))
		}
	}
	if err != nil {
		return "", fmt.Errorf("journal %q: %w", path, err)
	}
	return real, nil
}

// inspect looks at a file before SQLite does, which would begin to repair it. It
// reports whether there is a journal yet, and how many commits SQLite will drop.
func inspect(path string) (exists bool, lost int, err error) {
	f, err := os.Open(path)
	wal, walErr := os.Stat(path + "-wal")
	hasWAL := walErr == nil && wal.Size() > 0
	if errors.Is(err, os.ErrNotExist) {
		if hasWAL {
			return false, 0, &DamagedError{Path: path, Problem: fmt.Sprintf("the file is gone, and %q is still there", path+"-wal")}
		}
		return false, 0, nil
	}
	if err != nil {
		return false, 0, fmt.Errorf("journal: %w", err)
	}
	defer f.Close()
	if n, err := names(f); err != nil {
		return false, 0, fmt.Errorf("journal: %w", err)
	} else if n > 1 {
		return false, 0, &LinkedError{Path: path, Names: n}
	}
	var head [100]byte
	n, err := io.ReadFull(f, head[:])
	switch {
	case n == 0 && errors.Is(err, io.EOF) && !hasWAL:
		return false, 0, nil
	case n == 0 && errors.Is(err, io.EOF):
		return false, 0, &DamagedError{Path: path, Problem: fmt.Sprintf("the file is empty, and %q is not", path+"-wal")}
	case err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF):
		return false, 0, fmt.Errorf("journal: %w", err)
	case n < len(head) || string(head[:16]) != "SQLite format 3\x00":
		return false, 0, &ForeignError{Path: path, Problem: "it is no SQLite database"}
	}
	if id := binary.BigEndian.Uint32(head[68:]); id != applicationID {
		return false, 0, &ForeignError{Path: path, Problem: "it is a database of another program"}
	}
	if v := binary.BigEndian.Uint32(head[60:]); v != schemaVersion {
		newer := v > schemaVersion
		return false, 0, &ForeignError{Path: path, Problem: fmt.Sprintf("its format is version %d, known is %d", v, schemaVersion), Newer: newer}
	}
	if hasWAL {
		lost, err = inspectWAL(path)
	}
	return true, lost, err
}

// source names the database to the driver. SQLite reads its settings afresh for
// every connection.
func source(path string, params ...string) string {
	p := filepath.ToSlash(path)
	if !strings.HasPrefix(p, "/") { // C:/…
		p = "/" + p
	}
	name := (&url.URL{Scheme: "file", OmitHost: true, Path: p}).String()
	params = append(params, "_pragma=trusted_schema(0)", "_pragma=cell_size_check(1)", "_pragma=busy_timeout(5000)", "_pragma=cache_size(-8000)")
	return name + "?" + strings.Join(params, "&")
}

// create makes a new journal beside where it shall stand, and moves it there when
// it is whole: at no moment is there half of one.
func create(ctx context.Context, path string) error {
	fresh := path + ".new"
	failed := func(err error) error {
		if err == nil {
			return nil
		}
		return fmt.Errorf("journal %q: %w", path, room(err))
	}
	for _, suffix := range []string{"", "-journal", "-wal", "-shm"} { // the lock is held: an older one was left behind
		if err := os.Remove(fresh + suffix); err != nil && !errors.Is(err, os.ErrNotExist) {
			return failed(err)
		}
	}
	f, err := os.OpenFile(fresh, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return failed(err)
	}
	if err := f.Close(); err != nil {
		return failed(err)
	}
	if err := fill(ctx, fresh); err != nil {
		return errors.Join(explain(path, err), os.Remove(fresh))
	}
	if err := os.Rename(fresh, path); err != nil {
		return failed(err)
	}
	return failed(syncFolder(filepath.Dir(path)))
}

// pageSize is of a new file. Each page is written twice, to the log and to its
// place: fewer, larger ones make a large body cheap, and a commit of one small entry,
// which writes two of them, not yet dear.
const pageSize = 16 << 10

func fill(ctx context.Context, path string) error {
	db, err := sql.Open("sqlite", source(path, "_synchronous=FULL"))
	if err != nil {
		return err
	}
	defer letGo(db)
	db.SetMaxOpenConns(1)
	for _, q := range []string{ // in this order, and before the first page is written
		fmt.Sprintf(`PRAGMA page_size = %d`, pageSize),
		`PRAGMA auto_vacuum = INCREMENTAL`,
	} {
		if _, err := db.ExecContext(ctx, q); err != nil {
			return err
		}
	}
	for _, table := range schema {
		if _, err := db.ExecContext(ctx, table.sql); err != nil {
			return err
		}
	}
	for _, q := range []string{
		`INSERT INTO tally VALUES (1, 0, 0)`,
		fmt.Sprintf(`PRAGMA application_id = %d`, applicationID),
		fmt.Sprintf(`PRAGMA user_version = %d`, schemaVersion),
		`PRAGMA journal_mode = WAL`,
	} {
		if _, err := db.ExecContext(ctx, q); err != nil {
			return err
		}
	}
	return db.Close() // takes the log in
}

// syncFolder makes a new name in a folder durable, where the system can.
func syncFolder(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// recognise compares what is there with the schema.
func recognise(ctx context.Context, db asked, path string) error {
	rows, err := db.QueryContext(ctx, `SELECT name, sql FROM sqlite_schema`)
	if err != nil {
		return explain(path, err)
	}
	defer letGo(rows)
	there := map[string]string{}
	for rows.Next() {
		var name, text sql.NullString
		if err := rows.Scan(&name, &text); err != nil {
			return explain(path, err)
		}
		there[name.String] = text.String
	}
	if err := rows.Err(); err != nil {
		return explain(path, err)
	}
	for _, table := range schema {
		text, ok := there[table.name]
		if delete(there, table.name); !ok {
			return &DamagedError{Path: path, Problem: fmt.Sprintf("its table %q is missing", table.name)}
		}
		if text != table.sql {
			return &DamagedError{Path: path, Problem: fmt.Sprintf("its table %q is not as it should be", table.name)}
		}
	}
	for name := range there {
		return &DamagedError{Path: path, Problem: fmt.Sprintf("it holds %q, which no journal does", name)}
	}
	return nil
}
