package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
)

func noEnv(string) (string, bool) { return "", false }

// A command that waits for its input ends with the first interrupt.
func TestInterruptWhileReading(t *testing.T) {
	for _, args := range [][]string{
		{"validate", "shoptet"},
		{"fake", "--schema", "-"},
		{"trigger", "sellercenter", "onOrderCreated", "--to", "http://127.0.0.1:1/", "--body", "-"},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		never, open := io.Pipe()
		var out, notes lockedBuffer
		cancel()
		code := runUntil(ctx, args, never, &out, &notes, noEnv)
		if got := notes.String(); code != exitUnjudged || got != "hookrig: interrupted\n" {
			t.Errorf("%v: exit code %d, %q", args, code, got)
		}
		open.Close()
	}
}

// A command that prints without end stops between two lines.
func TestInterruptWhilePrinting(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var out, notes lockedBuffer
	stdout := writerFunc(func(p []byte) (int, error) { cancel(); return out.Write(p) })
	code := runUntil(ctx, []string{"fake", "--all", "-n", "1000000000", "--meta"}, nil, stdout, &notes, noEnv)
	if got := notes.String(); code != exitUnjudged || got != "hookrig: interrupted\n" {
		t.Errorf("exit code %d, %q", code, got)
	}
	for line := range strings.Lines(out.String()) {
		if !strings.HasSuffix(line, "\n") || !json.Valid([]byte(line)) {
			t.Fatalf("a line is cut: %s", line)
		}
	}
}

// Whoever stops reading stops the command, and is no error; a full disk is.
func TestOutputThatGoesNowhere(t *testing.T) {
	var requests atomic.Int64
	receiver := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { requests.Add(1) }))
	defer receiver.Close()
	for _, args := range [][]string{
		{"fake", "--all", "-n", "1000000000"},
		{"trigger", "sellercenter", "onOrderCreated", "--to", receiver.URL, "--count", "1000000000"},
		{"events"},
	} {
		for _, c := range []struct {
			err  error
			code int
			says string
		}{
			{syscall.EPIPE, exitHonoured, ""},
			{syscall.ENOSPC, exitUnjudged, "hookrig: cannot write the output: no space left on device\nhint: df -h .\n"},
		} {
			var notes lockedBuffer
			stdout := writerFunc(func([]byte) (int, error) { return 0, &os.PathError{Op: "write", Path: "/dev/stdout", Err: c.err} })
			code := runUntil(t.Context(), args, nil, stdout, &notes, noEnv)
			if got := notes.String(); code != c.code || got != c.says {
				t.Errorf("%v, %v: exit code %d, %q", args, c.err, code, got)
			}
		}
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// lockedBuffer is a buffer for commands that are left behind.
type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}
