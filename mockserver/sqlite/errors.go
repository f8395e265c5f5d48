package sqlite

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	driver "modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"

	"github.com/hookrig/hookrig/mockserver"
)

// ErrClosed is the answer of a journal after Close.
var ErrClosed = errors.New("the journal is closed")

// LockedError is a journal that another process, or this one, has open.
type LockedError struct {
	Path string
	PID  int // of the process; 0 where it did not say
}

func (e *LockedError) Error() string {
	if e.PID == 0 {
		return fmt.Sprintf("journal %q is in use by another process", e.Path)
	}
	return fmt.Sprintf("journal %q is in use by process %d", e.Path, e.PID)
}

// Hint says what to do.
func (e *LockedError) Hint() string {
	return "ask the server that has it open, or stop it, or name another file"
}

// ForeignError is a file that is no journal that this version can read. It was not touched.
type ForeignError struct {
	Path    string
	Problem string
	Newer   bool // a newer version wrote it
}

func (e *ForeignError) Error() string {
	return fmt.Sprintf("%q is no journal that can be opened: %s", e.Path, e.Problem)
}

// Hint says what to do.
func (e *ForeignError) Hint() string {
	if e.Newer {
		return "use the version of hookrig that wrote it, or name another file"
	}
	return "name another file"
}

// LinkedError is a journal with several names, which are hard links. SQLite keeps its
// log beside one of them: who opens another does not have what stands there, nor the
// lock. It was not touched.
type LinkedError struct {
	Path  string
	Names uint64 // how many
}

func (e *LinkedError) Error() string {
	return fmt.Sprintf("journal %q has %d names (hard links), and its log stands beside one of them", e.Path, e.Names)
}

// Hint says what to do.
func (e *LinkedError) Hint() string {
	return "remove the other names, and copy a journal where a copy is wanted"
}

// DamagedError is a journal of which something cannot be read. It was not
// touched: nothing is deleted, and nothing is written that could bury what is
// left.
type DamagedError struct {
	Path    string
	Problem string
	Missing []Range // entries that are known to be gone, as far as that is known
	Err     error   // what the reader said; may be nil
}

// Range is a run of entries, by Seq, both ends included.
type Range struct{ First, Last uint64 }

func (r Range) String() string {
	if r.First == r.Last {
		return fmt.Sprint(r.First)
	}
	return fmt.Sprintf("%d–%d", r.First, r.Last)
}

func (e *DamagedError) Error() string {
	return fmt.Sprintf("journal %q is damaged: %s", e.Path, e.text())
}

func (e *DamagedError) text() string {
	var b strings.Builder
	b.WriteString(e.Problem)
	if len(e.Missing) > 0 {
		b.WriteString("; missing entries: ")
		b.WriteString(rangeList(e.Missing))
	}
	if e.Err != nil {
		fmt.Fprintf(&b, " (%v)", e.Err)
	}
	return b.String()
}

func (e *DamagedError) Unwrap() error { return e.Err }

// Hint says what to do.
func (e *DamagedError) Hint() string {
	return "restore the file and those beside it from a backup, or move them away to begin a new journal"
}

func rangeList(list []Range) string {
	const most = 8
	var parts []string
	for i, r := range list {
		if i == most {
			parts = append(parts, fmt.Sprintf("and %d more", len(list)-most))
			break
		}
		parts = append(parts, r.String())
	}
	return strings.Join(parts, ", ")
}

// explain gives what SQLite says the types that callers know.
func (j *Journal) explain(err error) error { return explain(j.path, err) }

func explain(path string, err error) error {
	if err == nil {
		return nil
	}
	var own *driver.Error
	if !errors.As(err, &own) {
		return err
	}
	switch own.Code() & 0xff { // without the details
	case lib.SQLITE_FULL:
		return fmt.Errorf("journal %q: %w: %w", path, mockserver.ErrFull, err)
	case lib.SQLITE_IOERR, lib.SQLITE_CANTOPEN:
		if lacksRoom(path) {
			return fmt.Errorf("journal %q: %w: %w", path, mockserver.ErrFull, err)
		}
	case lib.SQLITE_CORRUPT, lib.SQLITE_NOTADB, lib.SQLITE_FORMAT:
		return &DamagedError{Path: path, Problem: "the database cannot be read", Err: err}
	}
	return fmt.Errorf("journal %q: %w", path, err)
}

// lacksRoom tries whether a file beside a journal can take as much as a small commit
// does. For SQLite a disk is full where a page cannot be written for one reason that
// the system gives; a quota that is used up, a limit to the size of files, and a full
// disk that it meets elsewhere, such as in the memory that it shares with readers,
// come as I/O errors.
func lacksRoom(path string) bool {
	const some = 64 << 10 // bytes
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".room-*")
	if err == nil {
		_, err = f.Write(make([]byte, some))
		if err == nil {
			err = f.Sync() // a file system over the network takes what it has no room for
		}
		err = errors.Join(err, f.Close(), os.Remove(f.Name()))
	}
	return isFull(err)
}

// room says by a type that callers know that the system has no room for more.
func room(err error) error {
	if isFull(err) {
		return fmt.Errorf("%w: %w", mockserver.ErrFull, err)
	}
	return err
}

// letGo closes what was only read, or failed already: there is nothing to tell.
func letGo(c io.Closer) { c.Close() }
