package kill

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/hookrig/hookrig/mockserver"
)

// patience is how long anything may take before the test gives up on it.
const patience = 3 * time.Minute

// secret signs every delivery of these tests.
const secret = "c2VjcmV0LW9mLXRoZS1zaG9w"

// process is a "hookrig serve" that has said that it is ready.
type process struct {
	t     testing.TB
	cmd   *exec.Cmd
	url   string
	took  time.Duration // until it was ready
	ended chan struct{} // closed when it is gone and its output read
	err   bytes.Buffer  // what it said, to be read after its end
}

// command is the binary with the secret in its environment and no home of its own.
func command(t testing.TB, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(binary(t), args...)
	cmd.Env = append(os.Environ(), "SHOP_SECRET="+secret, "NO_COLOR=1", "HOOKRIG_CONFIG=")
	return cmd
}

func serveArgs(journal string, flags ...string) []string {
	return append([]string{
		"serve", "--format", "json", "--addr", "127.0.0.1:0", "--journal", journal,
		"--contract", "testdata/shop.yaml", "--secret-env", "SHOP_SECRET",
	}, flags...)
}

// serve starts the mock server over a journal and waits until it is ready.
func serve(t testing.TB, journal string, flags ...string) *process {
	t.Helper()
	cmd := command(t, serveArgs(journal, flags...)...)
	p, err := await(t, cmd, cmd.Start)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// await starts a command and waits for its ready line. That it ends before is the
// error.
func await(t testing.TB, cmd *exec.Cmd, start func() error) (*process, error) {
	return awaitPrinting(t, cmd, start, io.Discard)
}

// awaitPrinting is await, and keeps what is printed after the ready line. It may be
// read once the process is gone.
func awaitPrinting(t testing.TB, cmd *exec.Cmd, start func() error, printed io.Writer) (*process, error) {
	t.Helper()
	p := &process{t: t, cmd: cmd, ended: make(chan struct{})}
	cmd.Stderr = &p.err
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	began := time.Now()
	if err := start(); err != nil {
		return nil, err
	}
	t.Cleanup(func() { p.kill(); <-p.ended })
	ready := make(chan string, 1)
	go func() {
		defer close(p.ended)
		lines := bufio.NewReader(out)
		line, _ := lines.ReadString('\n')
		ready <- line
		_, _ = io.Copy(printed, lines)
		_ = cmd.Wait() // the exit code is in ProcessState
	}()
	select {
	case line := <-ready:
		var row struct{ Type, URL string }
		if json.Unmarshal([]byte(line), &row) != nil || row.Type != "ready" {
			p.kill()
			<-p.ended
			return p, errors.New("it did not get ready: " + line + p.err.String())
		}
		p.url, p.took = row.URL, time.Since(began)
		return p, nil
	case <-time.After(patience):
		p.kill()
		return p, errors.New("it is not ready after " + patience.String())
	}
}

// kill is kill -9. It may come from anywhere, more than once.
func (p *process) kill() { _ = p.cmd.Process.Kill() }

// gone waits for the end.
func (p *process) gone() {
	p.t.Helper()
	select {
	case <-p.ended:
	case <-time.After(patience):
		p.t.Fatalf("the process is still there after %v", patience)
	}
}

// terminate is SIGTERM. It fails the test if the end is not in order.
func (p *process) terminate() (took time.Duration) {
	p.t.Helper()
	began := time.Now()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		p.t.Fatal(err)
	}
	p.gone()
	if code := p.cmd.ProcessState.ExitCode(); code != 0 {
		p.t.Errorf("after SIGTERM its exit code is %d: %s", code, p.err.String())
	}
	p.calm()
	return time.Since(began)
}

// calm fails the test if the process, which is gone, had reason to panic.
func (p *process) calm() {
	p.t.Helper()
	said := p.err.String()
	for _, word := range []string{"panic:", "fatal error:", "goroutine ", secret} {
		if strings.Contains(said, word) {
			p.t.Errorf("it says %q: %s", word, said)
		}
	}
}

// stats are the server's.
func (p *process) stats() (mockserver.Stats, error) {
	var status struct{ Deliveries mockserver.Stats }
	err := p.get("/api/v1/status", &status)
	return status.Deliveries, err
}

// settled waits until the server has nothing under way.
func (p *process) settled() (last mockserver.Stats) {
	p.t.Helper()
	over := time.Now().Add(patience)
	eventually(p.t, "the deliveries to settle", func() bool {
		s, err := p.stats()
		if err != nil {
			p.t.Fatalf("%v: %v", err, p.cmd.ProcessState)
		}
		if last = s; time.Now().After(over) {
			p.t.Fatalf("after %v there is still something under way: %+v", patience, s)
		}
		return idle(s)
	})
	return last
}

func idle(s mockserver.Stats) bool { return s.Arriving+s.Waiting+s.Attempting == 0 }

// eventually asks again and again: another process cannot be waited for otherwise.
func eventually(t testing.TB, what string, done func() bool) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	over := time.NewTimer(patience + time.Second)
	defer over.Stop()
	for !done() {
		select {
		case <-tick.C:
		case <-over.C:
			t.Fatalf("waited %v for %s in vain", patience, what)
		}
	}
}

// once makes a function of any number of calls one that acts at the first.
func once(f func()) func() {
	var o sync.Once
	return func() { o.Do(f) }
}
