//go:build unix

package kill

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/hookrig/hookrig/mockserver"
)

// SIGTERM at load, with receivers that hang: the server is gone within ten seconds,
// nothing is lost, and what it interrupted itself is charged to nobody.
func TestTerminated(t *testing.T) {
	journal := filepath.Join(t.TempDir(), "journal")
	r := newReceiver(t)
	r.delay.Store(int64(100 * time.Millisecond))
	p := serve(t, journal)
	release := make(chan struct{})
	half := make(chan struct{})
	begin := once(func() { close(half) })
	b := newBurst(10_000, 50, r.targets(endpoints)...)
	enough := func() {
		if n := int(r.arrived.Load()); n >= 100 && b.count()-n >= 200 {
			begin()
		}
	}
	b.heard.set(func(int) { enough() })
	r.before.set(func(n int) {
		enough()
		if n%40 == 0 {
			<-release
		}
	})
	ended := make(chan error)
	go func() { ended <- b.send(p) }()
	<-half
	took := p.terminate()
	if took > 10*time.Second {
		t.Errorf("it took %v to end", took)
	}
	sent := <-ended
	t.Logf("ended in %v: %d confirmed, %d requests (%v)", took, b.count(), r.arrived.Load(), sent)
	close(release)
	r.before.clear()
	if left := r.undelivered(b.confirmed); left < 100 {
		t.Errorf("only %d confirmed deliveries were left to lose", left)
	}
	interrupted := uninterruptedAreDelivered(t, journal)
	r.delay.Store(0)
	p = serve(t, journal)
	p.settled()
	p.terminate()
	duplicates := r.judge(b.confirmed, interrupted)
	t.Logf("%d of %d that were interrupted came twice", duplicates, len(interrupted))
	audited(t, journal, b.confirmed, mockserver.Delivered)
}

// uninterruptedAreDelivered holds a journal that was closed in order against its
// rules, and returns the deliveries of which an attempt was interrupted.
func uninterruptedAreDelivered(t *testing.T, journal string) map[string]bool {
	t.Helper()
	audited(t, journal, nil, mockserver.Waiting, mockserver.Delivered)
	interrupted := map[string]bool{}
	for _, r := range recordsOf(t, journal, mockserver.Query{}) {
		if r.Intent != nil {
			t.Errorf("%s: it has an intent without outcome", r.ID)
		}
		for _, a := range r.Attempts {
			switch {
			case a.Failure == "":
			case a.Failure == "interrupted" && a.Ours && a.Number == 1:
				interrupted[r.ID] = true
			default:
				t.Errorf("%s: %+v", r.ID, a)
			}
		}
	}
	return interrupted
}
