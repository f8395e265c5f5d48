package kill

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/hookrig/hookrig/mockserver"
)

// A disk that is full: the server takes nothing more and says so, loses nothing
// that it took, and goes on by itself when there is room.
func TestDiskFull(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=40m"); err != nil {
		t.Skipf("no small disk can be mounted here: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	ballast := filepath.Join(dir, "ballast")
	if err := os.WriteFile(ballast, make([]byte, 36<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	journal := filepath.Join(dir, "journal")
	r := newReceiver(t)
	p := serve(t, journal)
	to := r.targets(1)[0]
	confirmed := map[string]bool{}
	post := func(seed uint64) *refusal {
		ids, err := p.post(sold(to, 50, seed))
		for _, id := range ids {
			confirmed[id] = true
		}
		var refused *refusal
		if err != nil && !errors.As(err, &refused) {
			t.Fatal(err)
		}
		return refused
	}
	seed := uint64(0)
	for refusals := 0; refusals < 5; seed++ {
		if seed > 1000 {
			t.Fatal("the disk does not get full")
		}
		if refused := post(seed); refused != nil {
			if refusals++; refused.status != http.StatusInsufficientStorage {
				t.Fatalf("want 507: %v", refused)
			}
		}
	}
	eventually(t, "readyz to say that the disk is full", func() bool {
		seed++
		post(seed) // the log may have found some room again
		err := p.get("/readyz", &struct{}{})
		return err != nil && strings.Contains(err.Error(), ":disk-full")
	})
	before := len(confirmed)
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the server to take deliveries again", func() bool { seed++; return post(seed) == nil })
	eventually(t, "readyz to say so", func() bool { return p.get("/readyz", &struct{}{}) == nil })
	p.settled()
	p.terminate()
	t.Logf("%d confirmed before the disk was full, %d after it", before, len(confirmed)-before)
	r.judge(confirmed, nil)
	audited(t, journal, confirmed, mockserver.Delivered)
	auditCommand(t, journal, 0, "sound")
}
