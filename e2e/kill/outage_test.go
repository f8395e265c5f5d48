package kill

import (
	"errors"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hookrig/hookrig/mockserver"
)

// outage is ten minutes at the speed of these tests, in which a minute is 100 ms.
const (
	outage = 10 * time.Minute
	speed  = "600"
)

// A receiver that is down, slow or resets connections for ten minutes gets what it
// missed when it is back. Each attempt says why it failed, and is charged to the
// receiver.
func TestOutage(t *testing.T) {
	journal := filepath.Join(t.TempDir(), "journal")
	p := serve(t, journal, "--speed", speed)
	down, slow, resetting := newReceiver(t), newReceiver(t), newReceiver(t)
	addr := freeAddr(t)
	release := make(chan struct{})
	slow.before.set(func(int) { <-release })
	var back atomic.Bool
	resets := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if back.Load() {
			resetting.ServeHTTP(w, r)
			return
		}
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_ = conn.(*net.TCPConn).SetLinger(0) // closed by a reset
		conn.Close()
	})
	resetting.server.Config.Handler = resets

	want := map[string]string{} // failure by delivery
	confirmed := map[string]bool{}
	for failure, to := range map[string]string{"refused": "http://" + addr, "timeout": slow.server.URL, "reset": resetting.server.URL} {
		w := sold(to, 5, 1)
		if failure == "timeout" { // the others have a minute, which is enough for any machine
			w.Event = "hurried"
		}
		ids, err := p.post(w)
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range ids {
			want[id], confirmed[id] = failure, true
		}
	}
	eventually(t, "ten minutes of failures", func() bool { return failedFor(t, p, outage) == len(want) })

	back.Store(true)
	slow.before.clear()
	close(release)
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		t.Skipf("somebody else has taken the port of the receiver that was down: %v", err)
	}
	again := &http.Server{Handler: down, ReadHeaderTimeout: patience}
	go func() { _ = again.Serve(ln) }()
	t.Cleanup(func() { again.Close() })
	p.settled()
	p.terminate()

	audited(t, journal, confirmed, mockserver.Delivered)
	for _, r := range recordsOf(t, journal, mockserver.Query{}) {
		var waited time.Duration
		for i, a := range r.Attempts[:len(r.Attempts)-1] {
			if a.Failure != want[r.ID] || a.Ours || a.Number != i+1 {
				t.Errorf("attempt %d at a receiver that should be %q: %+v", i+1, want[r.ID], a)
			}
			waited += a.Wait
		}
		if last := r.Attempts[len(r.Attempts)-1]; last.Failure != "" || waited < outage || r.Speed != 600 {
			t.Errorf("delivered after %v at speed %v: %+v", waited, r.Speed, last)
		}
	}
	down.judge(nil, nil)
	auditCommand(t, journal, 0, "15 delivered")
}

// failedFor counts the deliveries whose next attempt is due so long after they
// were queued, by the policy's time.
func failedFor(t *testing.T, p *process, long time.Duration) (n int) {
	t.Helper()
	var page struct {
		Deliveries []struct {
			ID     string
			Queued time.Time
			Last   struct{ Next time.Time }
		}
	}
	if err := p.get("/api/v1/deliveries?limit=500", &page); err != nil {
		t.Fatal(err)
	}
	for _, d := range page.Deliveries {
		if d.Last.Next.Sub(d.Queued) >= long {
			n++
		}
	}
	return n
}

// auditCommand runs "hookrig audit" and returns what it prints.
func auditCommand(t *testing.T, journal string, code int, says string) string {
	t.Helper()
	cmd := command(t, "audit", "--journal", journal)
	out, err := cmd.CombinedOutput()
	var exit interface{ ExitCode() int }
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if got := cmd.ProcessState.ExitCode(); got != code || !strings.Contains(string(out), says) {
		t.Errorf("audit exits with %d, want %d and %q: %s", got, code, says, out)
	}
	return string(out)
}
