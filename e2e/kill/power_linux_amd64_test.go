package kill

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/hookrig/hookrig/mockserver"
	"github.com/hookrig/hookrig/mockserver/sqlite"
)

// disk is what a power cut leaves of a journal: of each file what was there when
// it was synced the last time. What was written since may be there or not, sector
// by sector.
type disk struct {
	journal string

	mu     sync.Mutex
	begun  map[string][]byte // when the sync began that runs
	stable map[string][]byte
	syncs  map[string]int // that worked
}

var diskFiles = []string{"", "-wal"}

func newDisk(t *testing.T, journal string) *disk {
	t.Helper()
	d := &disk{journal: journal, begun: map[string][]byte{}, stable: map[string][]byte{}, syncs: map[string]int{}}
	for _, suffix := range diskFiles {
		d.stable[suffix] = contentOf(journal + suffix)
	}
	return d
}

// begin and end are told of syncs. They return how often the file was synced by then.
func (d *disk) begin(suffix string) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.begun[suffix] = contentOf(d.journal + suffix)
	return d.syncs[suffix]
}

func (d *disk) end(suffix string) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.stable[suffix] = d.begun[suffix]
	d.syncs[suffix]++
	return d.syncs[suffix]
}

// image makes the files of a disk on which a part of what was not synced has
// arrived, from 0 to 1.
func (d *disk) image(t *testing.T, random *rand.Rand, part float64) (journal string) {
	t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	journal = filepath.Join(t.TempDir(), "journal")
	for _, suffix := range diskFiles {
		data := mixed(d.stable[suffix], contentOf(d.journal+suffix), random, part)
		if data == nil {
			continue
		}
		if err := os.WriteFile(journal+suffix, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return journal
}

func mixed(old, fresh []byte, random *rand.Rand, part float64) []byte {
	const sector = 512
	if part == 0 {
		return old
	}
	if fresh == nil || len(fresh) < len(old) && random.Float64() >= part { // removed or cut, and the disk does not know yet
		return old
	}
	out := bytes.Clone(fresh)
	for at := 0; at < len(out); at += sector {
		if random.Float64() < part {
			continue
		}
		end := min(at+sector, len(out))
		clear(out[at:end]) // the file has grown, its content has not arrived
		if at < len(old) {
			copy(out[at:end], old[at:])
		}
	}
	return out
}

// moment is when the power goes: at a sync of a file, before it or after.
type moment struct {
	suffix string
	nth    int
	after  bool
	term   bool // SIGTERM was sent before: the journal is about to be closed
}

func (m moment) String() string {
	where := "before"
	if m.after {
		where = "after"
	}
	return fmt.Sprintf("%s sync %d of journal%s", where, m.nth, m.suffix)
}

// A machine that loses power loses nothing that was confirmed, and every request
// that has left is in the journal as an intent at least.
func TestPowerCut(t *testing.T) {
	random := rand.New(rand.NewPCG(seedOf(t, 1), 0))
	moments := []moment{{"", 1, false, true}, {"", 1, true, true}}
	for range often(2, 30) {
		nth := 2 + random.IntN(often(20, 60))
		moments = append(moments, moment{"-wal", nth, false, false}, moment{"-wal", nth, true, false})
	}
	for _, m := range moments {
		t.Run(m.String(), func(t *testing.T) { cutPower(t, m, random) })
	}
}

func cutPower(t *testing.T, m moment, random *rand.Rand) {
	journal := filepath.Join(t.TempDir(), "journal")
	j, err := sqlite.Open(journal, sqlite.Options{}) // it is there for good before the power goes
	if err != nil {
		t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	d := newDisk(t, journal)
	cmd := command(t, serveArgs(journal)...)
	kill := func() { _ = syscall.Kill(cmd.Process.Pid, syscall.SIGKILL) }
	tr := &tracer{cmd: cmd}
	asked := make(chan struct{})
	ripe := func() bool {
		select {
		case <-asked:
			return true
		default:
			return !m.term
		}
	}
	tr.before = func(path string) {
		if suffix, ours := strings.CutPrefix(path, journal); ours && d.begin(suffix)+1 >= m.nth && suffix == m.suffix && !m.after && ripe() {
			kill()
		}
	}
	tr.after = func(path string) {
		if suffix, ours := strings.CutPrefix(path, journal); ours && d.end(suffix) >= m.nth && suffix == m.suffix && m.after && ripe() {
			kill()
		}
	}
	p, err := await(t, cmd, tr.start)
	if err != nil {
		t.Skipf("no process can be traced here: %v", err)
	}
	r := newReceiver(t)
	b := newBurst(400, 10, r.targets(endpoints)...)
	failed := b.send(p)
	if m.term {
		close(asked)
		_ = syscall.Kill(cmd.Process.Pid, syscall.SIGTERM)
	} else {
		kill() // there were fewer syncs than that
	}
	p.gone()
	<-tr.ended
	p.calm()
	t.Logf("%d confirmed, %d requests (%v); %v", b.count(), r.arrived.Load(), failed, d.syncs)
	if d.syncs[""]+d.syncs["-wal"] == 0 {
		t.Error("no sync was seen")
	}
	for _, part := range []float64{0, 1, 0.5, 0.9} {
		image := d.image(t, random, part)
		restarted(t, image)
		audited(t, image, b.confirmed, mockserver.Waiting, mockserver.Attempting, mockserver.Delivered)
		announced(t, image, r)
	}
}

// restarted lets the journal mend what a power cut does to the end of its log.
func restarted(t *testing.T, path string) {
	t.Helper()
	j, err := sqlite.Open(path, sqlite.Options{})
	if err == nil {
		err = j.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
}

// announced fails the test if a request has arrived of which the journal knows nothing.
func announced(t *testing.T, path string, r *receiver) {
	t.Helper()
	known := map[string]bool{}
	for _, r := range recordsOf(t, path, mockserver.Query{}) {
		known[r.ID] = len(r.Attempts) > 0 || r.Intent != nil
	}
	missing := 0
	for id := range r.deliveries() {
		if !known[id] {
			missing++
		}
	}
	if missing > 0 {
		t.Errorf("of %d deliveries that arrived the journal knows no attempt", missing)
	}
}
