package faker_test

import (
	"runtime"
	"testing"

	"github.com/hookrig/hookrig/faker"
)

// A stream of any length needs the same memory: only lives that are open are
// kept. What a shop of this size keeps is reached within two weeks.
func TestWorldMemoryIsConstant(t *testing.T) {
	w, err := faker.NewWorld(everything(t), faker.WorldOptions{Seed: 2, Orders: 40})
	if err != nil {
		t.Fatal(err)
	}
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	s := w.Stream()
	s.Skip(20_000, nil)
	s.Next()
	early := heap()
	s.Skip(80_000, nil)
	s.Next()
	late := heap()
	t.Logf("%d KB after 20,000 events, %d KB after 100,000", early>>10, late>>10)
	const bound = 6 << 20
	if late > early+bound {
		t.Errorf("%d bytes after 20,000 events and %d after 100,000", early, late)
	}
	runtime.KeepAlive(s)
}
