package sqlite

import (
	"os"
	"runtime"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if path := os.Getenv("HOOKRIG_TEST_JOURNAL"); path != "" {
		child(path)
	}
	goleak.VerifyTestMain(m)
}

func open(t testing.TB, path string, options ...Options) *Journal {
	t.Helper()
	var o Options
	if len(options) > 0 {
		o = options[0]
	}
	j, err := Open(path, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := j.Close(); err != nil {
			t.Error(err)
		}
	})
	return j
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
