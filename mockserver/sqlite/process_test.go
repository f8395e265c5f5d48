package sqlite

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/hookrig/hookrig/mockserver"
)

// child is this test's own program, which appends with many workers and prints
// what was confirmed, until it is killed.
func child(path string) {
	j, err := Open(path, Options{})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	var mu sync.Mutex
	out := bufio.NewWriter(os.Stdout)
	for i := range 16 {
		go func() {
			for n := 0; ; n++ {
				id := fmt.Sprint(i, "-", n)
				err := j.Append(context.Background(), mockserver.Entry{Kind: mockserver.EntryQueued, Delivery: id, State: mockserver.Waiting, Body: []byte(id)})
				if err != nil {
					os.Exit(1)
				}
				mu.Lock()
				fmt.Fprintln(out, id)
				out.Flush()
				mu.Unlock()
			}
		}()
	}
	select {}
}

// start runs a child until it has confirmed some entries.
func start(t *testing.T, path string, entries int) (c *exec.Cmd, confirmed []string, rest io.Reader) {
	t.Helper()
	c = exec.Command(os.Args[0])
	c.Env = append(os.Environ(), "HOOKRIG_TEST_JOURNAL="+path)
	c.Stderr = os.Stderr
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(out)
	for range entries {
		line, err := lines.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		confirmed = append(confirmed, strings.TrimSpace(line))
	}
	return c, confirmed, lines
}

// What was confirmed before a kill is there after it, and the file opens at once.
func TestKilled(t *testing.T) {
	path := filepath.Join(t.TempDir(), "j")
	told := map[string]bool{}
	for round := range often(3) {
		c, confirmed, rest := start(t, path, 100+round*37)
		_, err := Open(path, Options{})
		var locked *LockedError
		if !errors.As(err, &locked) || locked.PID != c.Process.Pid || locked.Hint() == "" || !strings.Contains(err.Error(), strconv.Itoa(c.Process.Pid)) {
			t.Errorf("opened while process %d has it: %v", c.Process.Pid, err)
		}
		if err := c.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		more, _ := io.ReadAll(rest)
		_ = c.Wait()
		for _, id := range append(confirmed, strings.Fields(string(more))...) {
			told[fmt.Sprint(id)] = true
		}
		if r, err := Check(t.Context(), path); err != nil || !r.Sound() || int(r.Entries) < len(told) {
			t.Errorf("%+v, %v", r, err)
		}
		j, err := Open(path, Options{})
		if err != nil {
			t.Fatal(err)
		}
		for id := range told {
			if r, found, err := j.Find(t.Context(), id); err != nil || !found || string(r.Body) != id {
				t.Errorf("%q was confirmed, and is not there: %v", id, err)
			}
		}
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestOneProcess(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "j")
	if err := os.WriteFile(path+".lock", []byte("999999999\n"), 0o600); err != nil { // of a process that is gone
		t.Fatal(err)
	}
	j := open(t, path)
	other := filepath.Join(dir, "other")
	if err := os.Symlink(path, other); err != nil && runtime.GOOS != "windows" {
		t.Fatal(err)
	}
	for _, name := range []string{path, other, filepath.Join(dir, ".", "x", "..", "j")} {
		if name == other && runtime.GOOS == "windows" {
			continue
		}
		for what, try := range map[string]func() error{
			"open":  func() error { _, err := Open(name, Options{}); return err },
			"check": func() error { _, err := Check(t.Context(), name); return err },
		} {
			err := try()
			var locked *LockedError
			if !errors.As(err, &locked) || locked.PID != os.Getpid() {
				t.Errorf("%s %q: %v", what, name, err)
			}
		}
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	open(t, other)
}

// Another name for the same file would have another log and another lock.
func TestOneName(t *testing.T) {
	dir := t.TempDir()
	path, other := filepath.Join(dir, "j"), filepath.Join(dir, "other")
	j := open(t, path)
	queued, _, _ := life(1, []byte("x"))
	if err := j.Append(t.Context(), queued); err != nil {
		t.Fatal(err)
	}
	if err := os.Link(path, other); err != nil {
		t.Skipf("no hard link can be made here: %v", err)
	}
	refused := func(name string) {
		t.Helper()
		for what, try := range map[string]func() error{
			"open":  func() error { _, err := Open(name, Options{}); return err },
			"check": func() error { _, err := Check(t.Context(), name); return err },
		} {
			err := try()
			var linked *LinkedError
			if !errors.As(err, &linked) || linked.Names != 2 || linked.Hint() == "" {
				t.Errorf("%s %q: %v", what, name, err)
			}
		}
	}
	refused(other)
	if err := j.Append(t.Context(), queued); err != nil { // who has it goes on
		t.Error(err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	refused(path)
	if err := os.Remove(other); err != nil {
		t.Fatal(err)
	}
	if list := all(t, open(t, path), 0); len(list) != 2 {
		t.Errorf("%d entries", len(list))
	}
}
