package kill

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/hookrig/hookrig/mockserver"
	"github.com/hookrig/hookrig/mockserver/sqlite"
)

const (
	endpoints   = 4
	perEndpoint = 8 // attempts at once, as the server has it by default
	// booked is how many deliveries to one endpoint have an intent that is written down and
	// no outcome: those in a slot, and those that are next.
	booked = 5 * perEndpoint
)

// A process that is killed in the middle of a burst has lost nothing that it
// confirmed, and sends twice only what was on its way.
func TestKill(t *testing.T) {
	for loop := range often(5, 25) {
		t.Run(fmt.Sprint(loop), func(t *testing.T) {
			killOnce(t, rand.New(rand.NewPCG(seedOf(t, loop), 0)))
		})
	}
}

func killOnce(t *testing.T, random *rand.Rand) {
	journal := filepath.Join(t.TempDir(), "journal")
	r := newReceiver(t)
	r.delay.Store(int64(100 * time.Millisecond)) // so that there is something left to lose
	b := newBurst(10_000, 50, r.targets(endpoints)...)
	p := serve(t, journal)

	// The moment is a number of confirmations, or one of requests to the receiver.
	kill := once(p.kill)
	enough := func() bool { return b.count()-int(r.arrived.Load()) >= 100 }
	if at := random.IntN(often(3_000, 9_500)); random.IntN(2) == 0 {
		b.heard.set(func(n int) {
			if n >= at && enough() {
				kill()
			}
		})
	} else {
		r.before.set(func(n int) {
			if n >= at/8 && enough() {
				kill()
			}
		})
	}
	sent := b.send(p)
	p.kill()
	p.gone()
	p.calm()
	left := r.undelivered(b.confirmed)
	t.Logf("killed after %d confirmations and %d requests (%v); %d confirmed are not delivered", b.count(), r.arrived.Load(), sent, left)
	if left < 100 {
		t.Errorf("only %d confirmed deliveries were left to lose", left)
	}

	under := underWay(t, journal)
	if len(under) > endpoints*booked {
		t.Errorf("%d deliveries were under way to %d endpoints", len(under), endpoints)
	}
	b.heard.clear()
	r.before.clear()
	r.delay.Store(0)
	p = serve(t, journal)
	b.left.Store(min(b.left.Load(), 10)) // new ids among the old ones
	if err := b.send(p); err != nil {
		t.Fatal(err)
	}
	s := p.settled()
	took := p.terminate()
	duplicates := r.judge(b.confirmed, under)
	t.Logf("ready in %v, %d taken up and sent, ended in %v, %d of %d that were under way came twice", p.took, s.Sent, took, duplicates, len(under))
	if duplicates > endpoints*perEndpoint {
		t.Errorf("%d came twice, and there are %d slots", duplicates, endpoints*perEndpoint)
	}
	audited(t, journal, b.confirmed, mockserver.Delivered)
}

// underWay are the deliveries of a journal of which the outcome of an attempt is
// unknown. It looks into a copy: the next process shall find what a kill leaves.
func underWay(t *testing.T, journal string) map[string]bool {
	t.Helper()
	duplicate := filepath.Join(t.TempDir(), "journal")
	for _, suffix := range []string{"", "-wal"} {
		data, err := os.ReadFile(journal + suffix)
		if err == nil {
			err = os.WriteFile(duplicate+suffix, data, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	all := map[string]bool{}
	for _, r := range recordsOf(t, duplicate, mockserver.Query{Live: true}) {
		if r.Intent != nil {
			all[r.ID] = true
		}
	}
	return all
}

// recordsOf are what a journal that nobody has open says of its deliveries.
func recordsOf(t *testing.T, path string, q mockserver.Query) []mockserver.Record {
	t.Helper()
	j, err := sqlite.Open(path, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	records, err := j.List(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	return records
}

// audited proves a journal that nobody has open: that it is sound, and that every
// confirmed delivery is in it, in one of the states.
func audited(t *testing.T, path string, confirmed map[string]bool, states ...mockserver.State) sqlite.Report {
	t.Helper()
	report, err := sqlite.Check(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	sum := 0
	for _, state := range states {
		sum += report.States[state]
	}
	if !report.Sound() || sum != report.Deliveries {
		t.Errorf("of %d deliveries not all are %v: %v; %v", report.Deliveries, states, report.States, report.Findings[:min(3, len(report.Findings))])
	}
	known := 0
	for _, r := range recordsOf(t, path, mockserver.Query{}) {
		if confirmed[r.ID] {
			known++
		}
	}
	if known != len(confirmed) {
		t.Errorf("of %d confirmed deliveries the journal has %d", len(confirmed), known)
	}
	return report
}
