package sqlite

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hookrig/hookrig/mockserver"
)

// often is how many times a loop runs: a sample, or all that HOOKRIG_FULL asks for.
func often(sample int) int {
	if os.Getenv("HOOKRIG_FULL") != "" {
		return 20 * sample
	}
	return sample
}

// files are a journal's, by what follows its name.
type files map[string][]byte

func readFiles(t *testing.T, path string) files {
	t.Helper()
	f := files{}
	for _, suffix := range []string{"", "-wal"} {
		data, err := os.ReadFile(path + suffix)
		if err == nil {
			f[suffix] = data
		} else if !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
	}
	return f
}

func (f files) write(t *testing.T, path string) {
	t.Helper()
	for suffix, data := range f {
		if err := os.WriteFile(path+suffix, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// with is the files with another one among them.
func (f files) with(suffix string, data []byte) files {
	g := files{}
	for s, d := range f {
		g[s] = d
	}
	g[suffix] = data
	return g
}

// sample is a journal of some commits: closed, and with its log still beside it.
func sample(t *testing.T) (closed, crashed files, entries []mockserver.Entry) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "j")
	j := open(t, path)
	for n := range 40 {
		queued, intent, over := life(n, bytes.Repeat([]byte{byte(n)}, 100+n*20))
		if n%3 == 0 {
			over = nil // it is live
		}
		if err := j.Append(t.Context(), append([]mockserver.Entry{queued, intent}, over...)...); err != nil {
			t.Fatal(err)
		}
	}
	if err := j.Put(t.Context(), "endpoint", "a", bytes.Repeat([]byte("doc "), 50)); err != nil {
		t.Fatal(err)
	}
	if err := j.Append(t.Context(), mockserver.Entry{Kind: mockserver.EntryQueued, Delivery: "last", State: mockserver.Waiting}); err != nil {
		t.Fatal(err)
	}
	entries = all(t, j, 0)
	crashed = readFiles(t, path)
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	return readFiles(t, path), crashed, entries
}

// try opens files. They are refused, and then left as they are, or opened; what
// is there then is returned, and a log that says what was lost.
func try(t *testing.T, what string, f files) (entries []mockserver.Entry, told string, refused error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "j")
	f.write(t, path)
	report, checkErr := Check(t.Context(), path)
	var log bytes.Buffer
	j, err := Open(path, Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		var damaged *DamagedError
		var foreign *ForeignError
		if !errors.As(err, &damaged) && !errors.As(err, &foreign) {
			t.Errorf("%s: %v", what, err)
		}
		if now := readFiles(t, path); len(now) != len(f) || !bytes.Equal(now[""], f[""]) || !bytes.Equal(now["-wal"], f["-wal"]) {
			t.Errorf("%s: refused, and changed all the same", what)
		}
		if checkErr == nil && report.Sound() {
			t.Errorf("%s: refused as %v, and found to be sound", what, err)
		}
		return nil, "", err
	}
	defer j.Close()
	entries = all(t, j, 0)
	if _, err := j.List(t.Context(), mockserver.Query{}); err != nil {
		t.Errorf("%s: list: %v", what, err)
	}
	for _, err := range j.All(t.Context(), "endpoint") { // may be refused by its checksum
		var damaged *DamagedError
		if err != nil && !errors.As(err, &damaged) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := j.Append(t.Context(), mockserver.Entry{Delivery: "more"}); err != nil && !errors.Is(err, mockserver.ErrFull) && !strings.Contains(err.Error(), "journal") {
		t.Errorf("%s: append: %v", what, err)
	}
	return entries, log.String(), nil
}

func flip(data []byte, bit int) []byte {
	data = bytes.Clone(data)
	data[bit/8] ^= 1 << (bit % 8)
	return data
}

// A bit that flipped is noticed, or does not matter: never is there an entry more,
// less or different without a word.
func TestFlippedBits(t *testing.T) {
	closed, crashed, entries := sample(t)
	r := rand.New(rand.NewPCG(1, 2))
	refused := 0
	for range often(40) {
		bit := r.IntN(8 * len(closed[""]))
		what := fmt.Sprintf("bit %d of the file", bit)
		got, _, err := try(t, what, closed.with("", flip(closed[""], bit)))
		if err != nil {
			refused++
		} else if diff := cmp.Diff(entries, got, sameEntries); diff != "" {
			t.Errorf("%s: %s", what, diff)
		}
	}
	if refused < 5 {
		t.Errorf("only %d were refused: the test tests nothing", refused)
	}
	refused = 0
	for range often(40) {
		bit := r.IntN(8 * len(crashed["-wal"]))
		what := fmt.Sprintf("bit %d of the log", bit)
		got, told, err := try(t, what, crashed.with("-wal", flip(crashed["-wal"], bit)))
		if err != nil {
			refused++
			continue
		}
		want := entries
		if len(got) == len(entries)-1 && strings.Contains(told, "last commit") {
			want = entries[:len(entries)-1]
		}
		if diff := cmp.Diff(want, got, sameEntries); diff != "" {
			t.Errorf("%s: %s", what, diff)
		}
	}
	if refused < 30 {
		t.Errorf("only %d were refused", refused)
	}
}

// A file that was cut while its log was still beside it: the log holds what is
// missing, or the file is refused and nothing of the log is taken into it.
func TestCutFileWithLog(t *testing.T) {
	path := filepath.Join(t.TempDir(), "j")
	j := open(t, path)
	queued, intent, over := life(1, []byte("body"))
	if err := j.Append(t.Context(), append([]mockserver.Entry{queued, intent}, over...)...); err != nil {
		t.Fatal(err)
	}
	entries, crashed := all(t, j, 0), readFiles(t, path) // the log has nothing of the shelf
	whole := crashed[""]
	refused := 0
	for size := 100; size <= len(whole); size += len(whole) / 20 {
		what := fmt.Sprintf("cut at %d of %d", size, len(whole))
		got, _, err := try(t, what, crashed.with("", whole[:size]))
		if err != nil {
			refused++
		} else if diff := cmp.Diff(entries, got, sameEntries); diff != "" {
			t.Errorf("%s: %s", what, diff)
		}
	}
	if refused == 0 {
		t.Error("none was refused: the test tests nothing")
	}
}

// Every bit of what stands first: heads, schema, the roots of the tables.
func TestFlippedBitsOfTheHead(t *testing.T) {
	closed, crashed, entries := sample(t)
	step := 101
	if os.Getenv("HOOKRIG_FULL") != "" {
		step = 1
	}
	for bit := 0; bit < 8*200; bit += step {
		if got, _, err := try(t, fmt.Sprint("bit ", bit), closed.with("", flip(closed[""], bit))); err == nil {
			if diff := cmp.Diff(entries, got, sameEntries); diff != "" {
				t.Errorf("bit %d: %s", bit, diff)
			}
		}
	}
	for bit := 0; bit < 8*(walHeader+frameHeader); bit += step {
		if got, _, err := try(t, fmt.Sprint("bit ", bit, " of the log"), crashed.with("-wal", flip(crashed["-wal"], bit))); err == nil {
			if diff := cmp.Diff(entries, got, sameEntries); diff != "" {
				t.Errorf("bit %d of the log: %s", bit, diff)
			}
		}
	}
}

// A file that was cut is refused. A log that was cut ends with some commit.
func TestCutFiles(t *testing.T) {
	closed, crashed, entries := sample(t)
	r := rand.New(rand.NewPCG(3, 4))
	for range often(12) {
		n := r.IntN(len(closed[""]))
		if _, _, err := try(t, fmt.Sprint("cut at ", n), closed.with("", closed[""][:n])); err == nil && n > 0 {
			t.Errorf("cut at %d of %d: opened", n, len(closed[""]))
		}
		n = r.IntN(len(crashed["-wal"]))
		got, _, err := try(t, fmt.Sprint("log cut at ", n), crashed.with("-wal", crashed["-wal"][:n]))
		if err != nil {
			t.Errorf("log cut at %d: %v", n, err)
			continue
		}
		if diff := cmp.Diff(entries[:min(len(got), len(entries))], got, sameEntries); diff != "" {
			t.Errorf("log cut at %d: %s", n, diff)
		}
		if n > len(crashed["-wal"])*9/10 && len(got) < len(entries)/2 {
			t.Errorf("log cut at %d of %d: only %d of %d entries", n, len(crashed["-wal"]), len(got), len(entries))
		}
	}
}

// Files that a program or a person mixed up.
func TestFilesThatAreNoJournal(t *testing.T) {
	closed, crashed, _ := sample(t)
	patch := func(offset int, b ...byte) []byte {
		data := bytes.Clone(closed[""])
		copy(data[offset:], b)
		return data
	}
	for _, c := range []struct {
		name, want string
		files      files
	}{
		{"text", "it is no SQLite database", files{"": []byte("hello")}},
		{"long text", "it is no SQLite database", files{"": bytes.Repeat([]byte("hello "), 1000)}},
		{"another program's", "it is a database of another program", files{"": patch(68, 0, 0, 0, 1)}},
		{"newer", "its format is version 2, known is 1", files{"": patch(60, 0, 0, 0, 2)}},
		{"empty, with a log", "is empty", files{"": nil, "-wal": crashed["-wal"]}},
		{"gone, with a log", "is gone", files{"-wal": crashed["-wal"]}},
		{"another journal's log", "damaged", closed.with("-wal", bytes.Repeat([]byte("x"), 5000))},
	} {
		_, _, err := try(t, c.name, c.files)
		var hinted interface{ Hint() string }
		if err == nil || !strings.Contains(err.Error(), c.want) || !errors.As(err, &hinted) || hinted.Hint() == "" {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	dir := t.TempDir()
	if _, err := Open(dir, Options{}); err == nil {
		t.Error("a folder was opened")
	}
	if _, err := Open("", Options{}); err == nil {
		t.Error("no name was opened")
	}
	if _, err := Open(filepath.Join(dir, "no", "folder"), Options{}); err == nil {
		t.Error("a folder was made")
	}
	empty := filepath.Join(dir, "empty ?#%20é")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	open(t, empty)
	left, _ := os.ReadDir(dir)
	for _, f := range left {
		if !strings.HasPrefix(f.Name(), "empty ?#%20é") && f.Name() != filepath.Base(dir)+".lock" {
			t.Errorf("left behind: %q", f.Name())
		}
	}
}
