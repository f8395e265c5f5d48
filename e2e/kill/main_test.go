// Package kill ends the real binary in every way that a process can end, and
// then looks for what is missing: kill -9 at random moments and at chosen ones, a
// power cut, damage to the journal, a full disk, SIGTERM, receivers that are down.
// What counts as queued is what a client was told, and nothing else.
//
// The loops are short by default; HOOKRIG_FULL=1 makes them long.
package kill

import (
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"
)

// full reports whether the long loops are wanted.
func full() bool { return os.Getenv("HOOKRIG_FULL") != "" }

// seedOf is the same in every short run, and another in every long one.
func seedOf(t testing.TB, n int) uint64 {
	t.Helper()
	seed := uint64(n)
	if full() {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("seed %d", seed)
	return seed
}

// freeAddr is an address that nobody listens on. Systems give no port of this
// range to those who ask for any: it stays free until it is wanted.
func freeAddr(t testing.TB) string {
	t.Helper()
	for range 100 {
		ln, err := net.Listen("tcp", fmt.Sprint("127.0.0.1:", 20_000+rand.IntN(10_000)))
		if err == nil {
			_ = ln.Close()
			return ln.Addr().String()
		}
	}
	t.Fatal("none of 100 ports is free")
	return ""
}

// often is n, or more where the long loops are wanted.
func often(n, long int) int {
	if full() {
		return long
	}
	return n
}

var built struct {
	once sync.Once
	dir  string
	path string
	err  error
}

func TestMain(m *testing.M) {
	code := m.Run()
	if built.dir != "" {
		_ = os.RemoveAll(built.dir)
	}
	os.Exit(code)
}

// binary is the command as users have it, built once.
func binary(t testing.TB) string {
	t.Helper()
	if path := os.Getenv("HOOKRIG_TEST_BINARY"); path != "" { // of the test that this one runs in
		return path
	}
	built.once.Do(func() {
		built.dir, built.err = os.MkdirTemp("", "hookrig-kill-") //nolint:usetesting // it outlives the first test that asks for it
		if built.err != nil {
			return
		}
		built.path = filepath.Join(built.dir, "hookrig")
		if runtime.GOOS == "windows" {
			built.path += ".exe"
		}
		build := exec.Command("go", "build", "-o", built.path, "github.com/hookrig/hookrig/cmd/hookrig")
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := build.CombinedOutput(); err != nil {
			built.err = fmt.Errorf("go build: %w\n%s", err, out)
		}
	})
	if built.err != nil {
		t.Fatal(built.err)
	}
	return built.path
}
