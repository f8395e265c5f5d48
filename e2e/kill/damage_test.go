package kill

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// image are a journal's files as a process has left them.
type image map[string][]byte

func imageOf(t *testing.T, journal string) image {
	t.Helper()
	files := image{}
	for _, suffix := range []string{"", "-wal"} {
		if data := contentOf(journal + suffix); data != nil {
			files[suffix] = data
		}
	}
	return files
}

// contentOf is nil where there is no file.
func contentOf(path string) []byte {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	return append([]byte{}, data...)
}

func (f image) write(t *testing.T) (journal string) {
	t.Helper()
	journal = filepath.Join(t.TempDir(), "journal")
	for suffix, data := range f {
		if err := os.WriteFile(journal+suffix, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return journal
}

// damaged is the image with one thing wrong.
func (f image) damaged(random *rand.Rand) (what string, out image) {
	suffix := ""
	if len(f["-wal"]) > 0 && random.IntN(2) == 0 {
		suffix = "-wal"
	}
	data := bytes.Clone(f[suffix])
	at := random.IntN(len(data))
	switch random.IntN(3) {
	case 0:
		what, data = fmt.Sprintf("journal%s cut at %d of %d", suffix, at, len(data)), data[:at]
	case 1:
		bit := random.IntN(8)
		what = fmt.Sprintf("journal%s with bit %d of byte %d of %d flipped", suffix, bit, at, len(data))
		data[at] ^= 1 << bit
	default:
		end := min(at+512, len(data))
		what = fmt.Sprintf("journal%s with zeros from %d to %d of %d", suffix, at, end, len(data))
		clear(data[at:end])
	}
	out = image{}
	for s, d := range f {
		out[s] = d
	}
	out[suffix] = data
	return what, out
}

// The server opens a journal that was damaged, or refuses it, says what is wrong and
// what to do, and leaves it as it is. It never panics, and audit agrees with it.
func TestDamaged(t *testing.T) {
	random := rand.New(rand.NewPCG(seedOf(t, 1), 0))
	journal := filepath.Join(t.TempDir(), "journal")
	r := newReceiver(t)
	p := serve(t, journal)
	b := newBurst(400, 20, r.targets(endpoints)...)
	if err := b.send(p); err != nil {
		t.Fatal(err)
	}
	p.kill()
	p.gone()
	images := []image{imageOf(t, journal)}
	p = serve(t, journal)
	p.settled()
	p.terminate()
	images = append(images, imageOf(t, journal))
	opened := 0
	for range often(6, 150) {
		for _, image := range images {
			what, files := image.damaged(random)
			if survives(t, what, files) {
				opened++
			}
		}
	}
	t.Logf("%d of %d were opened", opened, 2*often(6, 150))
}

// survives serves a damaged journal, and reports whether it was opened.
func survives(t *testing.T, what string, files image) bool {
	t.Helper()
	journal := files.write(t)
	cmd := command(t, "audit", "--journal", journal)
	audit, _ := cmd.CombinedOutput() // the exit code is looked at
	code := cmd.ProcessState.ExitCode()
	if code != 0 && code != 1 && code != 2 || bytes.Contains(audit, []byte("goroutine ")) {
		t.Errorf("%s: audit exits with %d: %s", what, code, audit)
	}
	serving := command(t, serveArgs(journal)...)
	p, err := await(t, serving, serving.Start)
	if err == nil {
		p.terminate()
		return true
	}
	p.gone()
	p.calm()
	said := p.err.String()
	if got := serving.ProcessState.ExitCode(); got != 2 {
		t.Errorf("%s: it exits with %d: %s", what, got, said)
	}
	if !strings.Contains(said, "hookrig: ") || !strings.Contains(said, "\nhint: ") || !strings.Contains(said, journal) {
		t.Errorf("%s: it does not say what is wrong and what to do: %s", what, said)
	}
	if code == 0 {
		t.Errorf("%s: audit finds nothing where serve says: %s", what, said)
	}
	for suffix, data := range files {
		if !bytes.Equal(data, contentOf(journal+suffix)) {
			t.Errorf("%s: it was refused, and journal%s has changed", what, suffix)
		}
	}
	return false
}

// A journal has one server at a time: a second one is told who has it.
func TestSecondServer(t *testing.T) {
	journal := filepath.Join(t.TempDir(), "journal")
	p := serve(t, journal)
	second := command(t, serveArgs(journal)...)
	q, err := await(t, second, second.Start)
	if err == nil {
		t.Fatal("a second server serves the same journal")
	}
	q.gone()
	said := q.err.String()
	if code := second.ProcessState.ExitCode(); code != 2 || !strings.Contains(said, fmt.Sprint(p.cmd.Process.Pid)) || !strings.Contains(said, "\nhint: ") {
		t.Errorf("exit code %d: %s", code, said)
	}
	if _, err := p.stats(); err != nil {
		t.Errorf("the first server does not answer any more: %v", err)
	}
}
