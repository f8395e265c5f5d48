package kill

import (
	"path/filepath"
	"testing"

	"github.com/hookrig/hookrig/mockserver"
)

// The process is killed at a point that is known exactly: when the receiver has
// the n-th request and has not answered it, or when the answer has just been
// written. Nobody can tell whether the receiver acted, so the provider sends again,
// and charges nobody.
func TestKilledAtRequest(t *testing.T) {
	for name, hookOf := range map[string]func(r *receiver) *hook{
		"before the answer": func(r *receiver) *hook { return &r.before },
		"after the answer":  func(r *receiver) *hook { return &r.after },
	} {
		for _, n := range []int{1, 7, 40} {
			t.Run(name, func(t *testing.T) {
				journal := filepath.Join(t.TempDir(), "journal")
				r := newReceiver(t)
				p := serve(t, journal)
				killed := make(chan struct{})
				hookOf(r).set(func(i int) {
					switch {
					case i == n:
						p.kill()
						close(killed)
					case i > n: // on its way at the same time: it shall not be answered
						<-killed
					}
				})
				b := newBurst(40, 40, r.targets(1)...)
				if err := b.send(p); err != nil && n > 1 { // with the first request the answer to the client may get lost
					t.Log(err)
				}
				<-killed
				p.gone()
				p.calm()
				hookOf(r).clear()
				under := underWay(t, journal)

				p = serve(t, journal)
				s := p.settled()
				p.terminate()
				if duplicates := r.judge(b.confirmed, under); name == "before the answer" && duplicates == 0 {
					t.Error("what had arrived was not sent again")
				}
				if s.Delivered == 0 {
					t.Errorf("%+v", s)
				}
				audited(t, journal, b.confirmed, mockserver.Delivered)
				uncharged(t, journal, r)
			})
		}
	}
}

// uncharged fails the test if an attempt of which we do not know the outcome
// used up its number, or if one is not in the journal.
func uncharged(t *testing.T, path string, r *receiver) {
	t.Helper()
	for _, record := range recordsOf(t, path, mockserver.Query{}) {
		r.mu.Lock()
		arrived := len(r.by[record.ID])
		r.mu.Unlock()
		if arrived > len(record.Attempts) {
			t.Errorf("%s arrived %d times, and the journal has %d attempts", record.ID, arrived, len(record.Attempts))
		}
		for i, a := range record.Attempts {
			last := i == len(record.Attempts)-1
			if a.Number != 1 || a.Ours == last || !last && a.Failure != "unknown" {
				t.Errorf("%s: attempt %d of %d: %+v", record.ID, i+1, len(record.Attempts), a)
			}
		}
	}
}
