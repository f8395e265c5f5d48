package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hookrig/hookrig/contracts/signature"
	"github.com/hookrig/hookrig/mockserver"
)

// fillUp proves that a disk that is full refuses entries, whole Appends of them,
// and that the journal takes them again when there is room.
func fillUp(t *testing.T, j *Journal, takeRoom, makeRoom func()) {
	t.Helper()
	body := make([]byte, 20_000)
	n := 0
	appendOne := func() error {
		queued, intent, over := life(n, body)
		err := j.Append(t.Context(), append([]mockserver.Entry{queued, intent}, over...)...)
		if err == nil {
			n++
		}
		return err
	}
	var err error
	for n < 3 && err == nil {
		err = appendOne()
	}
	takeRoom()
	for n < 10_000 && err == nil {
		err = appendOne()
	}
	if !errors.Is(err, mockserver.ErrFull) {
		t.Fatalf("after %d: %v", n, err)
	}
	for range 3 {
		if err := appendOne(); !errors.Is(err, mockserver.ErrFull) {
			t.Fatal(err)
		}
	}
	sound := func() {
		t.Helper()
		if list := all(t, j, 0); len(list) != 4*n || list[len(list)-1].Seq != uint64(4*n) {
			t.Fatalf("%d entries of %d deliveries", len(list), n)
		}
		if r, err := j.Check(t.Context()); err != nil || !r.Sound() || r.Deliveries != n || r.States[mockserver.Delivered] != n {
			t.Fatalf("%+v, %v", r, err)
		}
	}
	sound()
	makeRoom()
	for range 5 {
		if err := appendOne(); err != nil {
			t.Fatal(err)
		}
	}
	sound()
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	j = open(t, j.Path())
	sound()
}

func TestFull(t *testing.T) {
	j := open(t, filepath.Join(t.TempDir(), "j"), Options{maxPages: 100})
	fillUp(t, j, func() {}, func() {
		err := j.writer.do(t.Context(), &request{change: func(ctx context.Context, _ *sql.Conn) error { return j.writer.limit(ctx, 1000) }})
		if err != nil {
			t.Fatal(err)
		}
	})
}

// The same on a disk that really is, where this machine lets us make one.
func TestFullDisk(t *testing.T) {
	dir, ballast := smallDisk(t)
	j := open(t, filepath.Join(dir, "j"))
	fillUp(t, j, func() {}, func() {
		if err := os.Remove(ballast); err != nil {
			t.Fatal(err)
		}
	})
}

// A limit that is none of the disk, as a quota is: SQLite says that a write failed.
func TestFullQuota(t *testing.T) {
	dir := t.TempDir()
	j := open(t, filepath.Join(dir, "j"))
	secrets, err := OpenSecrets(filepath.Join(dir, "j.secrets"))
	if err != nil {
		t.Fatal(err)
	}
	large := signature.NewSecret(strings.Repeat("s", 64<<10))
	var lift func()
	fillUp(t, j, func() {
		lift = limitFiles(t, 60<<10)
		if err := secrets.Put("large", large); !errors.Is(err, mockserver.ErrFull) {
			t.Error(err)
		}
	}, func() { lift() })
	if err := secrets.Put("large", large); err != nil {
		t.Error(err)
	}
	if left, err := filepath.Glob(filepath.Join(dir, "*.room-*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %q, %v", left, err)
	}
}

// What is wrong with a file otherwise is no want of room.
func TestNotFull(t *testing.T) {
	j := open(t, filepath.Join(t.TempDir(), "j"))
	err := j.writer.do(t.Context(), &request{change: func(ctx context.Context, c *sql.Conn) error {
		_, err := c.ExecContext(ctx, `ATTACH '/no/such/folder/j' AS other`)
		return err
	}})
	if err == nil || errors.Is(err, mockserver.ErrFull) {
		t.Error(err)
	}
}

// A commit that fails leaves nothing of what it was to hold, in the file or for
// the next one.
func TestFailedCommit(t *testing.T) {
	j := open(t, filepath.Join(t.TempDir(), "j"))
	broken := errors.New("broken")
	batch := []*request{
		{entries: []mockserver.Entry{{Delivery: "a"}, {Delivery: "b"}}, done: make(chan error, 1)},
		{change: func(context.Context, *sql.Conn) error { return broken }, done: make(chan error, 1)},
	}
	j.writer.mu.Lock()
	j.writer.queue = append(j.writer.queue, batch...)
	j.writer.mu.Unlock()
	j.writer.wake()
	for _, r := range batch {
		if err := <-r.done; !errors.Is(err, broken) {
			t.Error(err)
		}
	}
	if err := j.Append(t.Context(), mockserver.Entry{Delivery: "c"}); err != nil {
		t.Fatal(err)
	}
	if list := all(t, j, 0); len(list) != 1 || list[0].Seq != 1 || list[0].Delivery != "c" {
		t.Errorf("%+v", list)
	}
}
