package sqlite

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
)

// lock is a file beside the journal that its process holds locked and that names
// it. The system drops the lock when the process ends, however it ends; the file
// stays, since a process that removes it could remove a new one's.
type lock struct{ file *os.File }

// errHeld is lockFile's for a file that somebody else holds.
var errHeld = errors.New("held")

func takeLock(path string) (*lock, error) {
	name := path + ".lock"
	f, err := lockFile(name)
	if errors.Is(err, errHeld) {
		return nil, &LockedError{Path: path, PID: readPID(name)}
	}
	if err != nil {
		return nil, fmt.Errorf("journal %q: lock: %w", path, room(err))
	}
	if err = f.Truncate(0); err == nil {
		_, err = f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	}
	if err != nil { // it is held all the same; but who could tell by whom
		f.Close()
		return nil, fmt.Errorf("journal %q: lock: %w", path, room(err))
	}
	return &lock{f}, nil
}

func (l *lock) Close() error {
	_ = l.file.Truncate(0) // for people who look into it
	return l.file.Close()
}

// readPID is 0 where the file does not say.
func readPID(name string) int {
	f, err := os.Open(name)
	if err != nil {
		return 0
	}
	defer f.Close()
	text, _ := io.ReadAll(io.LimitReader(f, 32))
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil || pid < 0 {
		return 0
	}
	return pid
}
