package main

import (
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"time"

	"github.com/hookrig/hookrig/mockserver"
	"github.com/hookrig/hookrig/mockserver/sqlite"
)

// inMemory is the journal that ends with the program.
const inMemory = "memory"

// store is what outlives a run of the mock server, but for the secrets.
type store struct {
	mockserver.Journal
	path  string // "" in memory
	close func() error
}

// shown is where the journal is, for people.
func (s *store) shown() string {
	if s.path == "" {
		return "in memory"
	}
	return s.path
}

// secretsPath is the file of the secrets beside a journal.
func secretsPath(journal string) string { return journal + ".secrets" }

// openStore opens a journal. Where another process has it, the hint is
// otherwise, flags for this line.
func (c *console) openStore(path string, retain sqlite.Retain, log *slog.Logger, otherwise string) (*store, error) {
	if path == inMemory {
		if retain != (sqlite.Retain{}) {
			return nil, tooManyf("--journal memory", []string{"--keep", "--keep-size"}, "a journal in memory keeps everything until the end")
		}
		return &store{Journal: mockserver.NewMemory(), close: func() error { return nil }}, nil
	}
	given := path != ""
	path, err := c.journalPath(path)
	if err == nil && !given {
		err = makeFolder(filepath.Dir(path))
	}
	if err != nil {
		return nil, err
	}
	if dir := nearestFolder(path); dir != filepath.Dir(path) {
		return nil, usagef("mkdir -p "+shellWord(filepath.Dir(path)), "cannot open %q: there is no folder %q", path, filepath.Dir(path))
	}
	j, err := sqlite.Open(path, sqlite.Options{Retain: retain, Log: log})
	if err != nil {
		return nil, journalProblem(path, err, otherwise)
	}
	return &store{Journal: j, path: path, close: j.Close}, nil
}

// Unwrap is the journal behind, which may be a Reader and a Shelf.
func (s *store) Unwrap() mockserver.Journal { return s.Journal }

// journalProblem says what to do about a journal that cannot be opened.
func journalProblem(path string, err error, otherwise string) error {
	var locked *sqlite.LockedError
	var damaged *sqlite.DamagedError
	var foreign *sqlite.ForeignError
	var secrets *sqlite.SecretsError
	var linked *sqlite.LinkedError
	switch {
	case errors.Is(err, mockserver.ErrFull):
		return unjudged("df -h "+shellWord(nearestFolder(path)), err)
	case errors.As(err, &linked):
		return usagef("find "+shellWord(nearestFolder(path))+" -xdev -samefile "+shellWord(path), "%w", linked)
	case errors.As(err, &locked):
		return tooManyf(otherwise, []string{"--journal"}, "%w", locked)
	case errors.As(err, &damaged):
		return usagef("hookrig audit --journal "+shellWord(path), "%w", damaged)
	case errors.As(err, &foreign):
		return usagef("--journal hookrig.journal", "%w", foreign)
	case errors.As(err, &secrets):
		return usagef("ls -l "+shellWord(secrets.Path), "%w", secrets)
	}
	return usagef("ls -ld "+shellWord(nearestFolder(path)), "%w", err)
}

// journalPath is the file that --journal names, or the one that is used where
// it names none.
func (c *console) journalPath(name string) (string, error) {
	if name != "" {
		return name, nil
	}
	dir, err := stateFolder(runtime.GOOS, c.env)
	if err != nil {
		return "", usagef("--journal hookrig.journal", "no folder for the journal: %w", err)
	}
	return filepath.Join(dir, "hookrig.journal"), nil
}

// makeFolder makes the folder of the state, for its owner alone: bodies hold
// people's data.
func makeFolder(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return usagef("--journal hookrig.journal", "no folder for the journal: %w", err)
	}
	return nil
}

// stateFolder is where a program keeps what should survive and nobody edits:
// by the XDG base directory specification, and by the habits of macOS and
// Windows.
func stateFolder(system string, env func(string) (string, bool)) (string, error) {
	from := func(name string, below ...string) (string, bool) {
		value, _ := env(name)
		return filepath.Join(append([]string{value}, append(below, "hookrig")...)...), filepath.IsAbs(value)
	}
	var dir string
	ok := false
	switch system {
	case "windows":
		dir, ok = from("LocalAppData")
	case "darwin", "ios":
		dir, ok = from("HOME", "Library", "Application Support")
	default:
		if dir, ok = from("XDG_STATE_HOME"); !ok {
			dir, ok = from("HOME", ".local", "state")
		}
	}
	if !ok {
		return "", errors.New("the environment does not say where the home folder is")
	}
	return dir, nil
}

// existingJournal is a journal to look into, which is not begun by that.
func (c *console) existingJournal(name string) (string, error) {
	path, err := c.journalPath(name)
	if err != nil {
		return "", err
	}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return "", usagef("hookrig serve --journal "+shellWord(path), "there is no journal at %q", path)
	}
	return path, nil
}

// span is a flag that takes a duration, days included. It implements
// pflag.Value.
type span time.Duration

func (s *span) Type() string { return "DURATION" }

func (s *span) String() string {
	if *s == 0 {
		return ""
	}
	return mockserver.Duration(*s).String()
}

func (s *span) Set(text string) error {
	var d mockserver.Duration
	if err := d.UnmarshalText([]byte(text)); err != nil || d <= 0 {
		return errors.New("write it like 30d, 12h or 90m")
	}
	*s = span(d)
	return nil
}

// Type, String and Set make a size a flag: pflag.Value.
func (s *configSize) Type() string { return "SIZE" }

func (s *configSize) String() string {
	if *s == 0 {
		return ""
	}
	return strconv.FormatInt(int64(*s), 10) + "B"
}

// Set reads a size.
func (s *configSize) Set(text string) error {
	if err := s.UnmarshalText([]byte(text)); err != nil || *s <= 0 {
		return errors.New("write it like 512MB, 1GB or 2GiB")
	}
	return nil
}
