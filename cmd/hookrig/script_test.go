package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain lets the scripts run the command: the test binary is the command
// when it is called by that name.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"hookrig": main, "fetching": fetching})
}

// TestScript runs the transcripts of what users type.
func TestScript(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireUniqueNames:  true,
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("NO_COLOR", "1")
			env.Setenv("GORACE", "atexit_sleep_ms=20") // a second for each of hundreds of commands otherwise
			env.Setenv("XDG_STATE_HOME", filepath.Join(env.WorkDir, "state"))
			env.Setenv("LocalAppData", filepath.Join(env.WorkDir, "state"))
			if runtime.GOOS == "darwin" {
				env.Setenv("HOME", env.WorkDir)
			}
			return nil
		},
		// What a script has shown once, and takes long, it need not show again
		// under the race detector.
		Condition: func(name string) (bool, error) {
			if name != "race" {
				return false, fmt.Errorf("unknown condition %q", name)
			}
			return raced, nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":    cmdExits,
			"start":    cmdStart,
			"address":  cmdAddress,
			"end":      cmdEnd,
			"lines":    cmdLines,
			"chomp":    cmdChomp,
			"within":   cmdWithin,
			"distinct": cmdDistinct,
			"post":     cmdPost,
			"put":      cmdPut,
			"waitfor":  cmdWaitfor,
			"kill9":    cmdKill9,
			"damage":   cmdDamage,
		},
	})
}

// cmdExits is "exits CODE hookrig ARG…": exec for one exit code.
func cmdExits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND ARG…")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

func command(ts *testscript.TestScript, args []string) *exec.Cmd {
	name := args[0]
	for _, dir := range filepath.SplitList(ts.Getenv("PATH")) {
		if path := filepath.Join(dir, name); executable(path) {
			name = path
			break
		}
	}
	cmd := exec.Command(name, args[1:]...)
	cmd.Dir = ts.MkAbs(".")
	for _, key := range []string{"PATH", "HOME", "TMPDIR", "NO_COLOR", "GORACE", "GOCOVERDIR", "XDG_STATE_HOME", "LocalAppData", "SECRET", "OTHER_SECRET", "CREDENTIALS", "RECEIVER"} {
		if v := ts.Getenv(key); v != "" {
			cmd.Env = append(cmd.Env, key+"="+v)
		}
	}
	return cmd
}

func executable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && !info.IsDir()
}

// readyRows are what ready lines say.
type readyRows struct{ Type, URL, Providers string }

// process is a command in the background that has printed its ready line.
type process struct {
	name string
	cmd  *exec.Cmd
	done chan struct{} // closed when all output is in the file
	err  bytes.Buffer
}

var processes sync.Map // of *process, by script and name

// patience ends what hangs; it is more than the busiest machine needs.
const patience = 3 * time.Minute

// cmdStart is "start NAME hookrig ARG…": it runs a command with --format json
// in the background, waits for its ready line and sets $NAME_url, $NAME_host and
// $NAME_providers. With "-now" the command has no such line, and nothing is waited for.
// What the command prints goes into NAME.out.
func cmdStart(ts *testscript.TestScript, neg bool, args []string) {
	now := len(args) > 0 && args[0] == "-now"
	if now {
		args = args[1:]
	}
	if neg || len(args) < 2 {
		ts.Fatalf("usage: start [-now] NAME COMMAND ARG…")
	}
	p := &process{name: args[0], cmd: command(ts, args[1:]), done: make(chan struct{})}
	p.cmd.Stderr = &p.err
	stdout, err := p.cmd.StdoutPipe()
	ts.Check(err)
	out, err := os.Create(ts.MkAbs(p.name + ".out"))
	ts.Check(err)
	ts.Check(p.cmd.Start())
	ts.Defer(func() { p.cmd.Process.Kill(); <-p.done })
	ready := make(chan readyRows, 1)
	go func() {
		defer close(p.done)
		defer out.Close()
		for lines := bufio.NewReader(stdout); ; {
			line, err := lines.ReadString('\n')
			io.WriteString(out, line)
			var row readyRows
			if json.Unmarshal([]byte(line), &row) == nil && row.Type == "ready" {
				ready <- row
			}
			if err != nil {
				close(ready)
				return
			}
		}
	}()
	processes.Store(ts.Name()+"/"+p.name, p)
	if now {
		return
	}
	select {
	case row, ok := <-ready:
		if !ok {
			p.cmd.Wait()
			ts.Fatalf("%s ended before it was ready: %s", p.name, p.err.String())
		}
		ts.Setenv(p.name+"_url", row.URL)
		ts.Setenv(p.name+"_host", strings.TrimPrefix(row.URL, "http://"))
		ts.Setenv(p.name+"_providers", strings.TrimSuffix(row.Providers, "/"))
	case <-time.After(patience):
		ts.Fatalf("%s is not ready after %v", p.name, patience)
	}
}

// cmdAddress is "address NAME": it sets $NAME_host and $NAME_url to where nobody
// listens, unless the script begins to.
func cmdAddress(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: address NAME")
	}
	host, err := freeAddr()
	ts.Check(err)
	ts.Setenv(args[0]+"_host", host)
	ts.Setenv(args[0]+"_url", "http://"+host)
}

// freeAddr is an address that nobody listens on. Systems give no port of this
// range to those who ask for any: it stays free until it is wanted.
func freeAddr() (string, error) {
	for range 100 {
		ln, err := net.Listen("tcp", fmt.Sprint("127.0.0.1:", 20_000+rand.IntN(10_000)))
		if err == nil {
			return ln.Addr().String(), ln.Close()
		}
	}
	return "", errors.New("none of 100 ports is free")
}

// cmdEnd is "end NAME [CODE]": it waits for a command that was started,
// after an interrupt unless "-wait" says that it ends by itself, and checks
// its exit code (0).
func cmdEnd(ts *testscript.TestScript, neg bool, args []string) {
	wait := len(args) > 0 && args[0] == "-wait"
	if wait {
		args = args[1:]
	}
	if neg || len(args) == 0 {
		ts.Fatalf("usage: end [-wait] NAME [CODE]")
	}
	v, ok := processes.LoadAndDelete(ts.Name() + "/" + args[0])
	if !ok {
		ts.Fatalf("%s was not started", args[0])
	}
	p := v.(*process)
	if !wait {
		ts.Check(p.cmd.Process.Signal(os.Interrupt))
	}
	select {
	case <-p.done:
	case <-time.After(patience):
		ts.Fatalf("%s does not end", p.name)
	}
	p.cmd.Wait()
	ts.Logf("[%s stderr]\n%s", p.name, p.err.String())
	want := "0"
	if len(args) > 1 {
		want = args[1]
	}
	if got := strconv.Itoa(p.cmd.ProcessState.ExitCode()); got != want {
		ts.Fatalf("%s: exit code %s, want %s", p.name, got, want)
	}
	ts.Check(os.WriteFile(ts.MkAbs(p.name+".err"), p.err.Bytes(), 0o666))
}

// cmdLines is "lines N FILE": FILE (or stdout) has N lines.
func cmdLines(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: lines N FILE")
	}
	if got := strconv.Itoa(strings.Count(ts.ReadFile(args[1]), "\n")); got != args[0] {
		ts.Fatalf("%s has %s lines, want %s", args[1], got, args[0])
	}
}

// cmdDistinct is "distinct N FILE": FILE (or stdout) has N lines, no two alike.
func cmdDistinct(ts *testscript.TestScript, neg bool, args []string) {
	cmdLines(ts, neg, args)
	seen := map[string]bool{}
	for line := range strings.Lines(ts.ReadFile(args[1])) {
		if seen[line] {
			ts.Fatalf("%s has twice: %s", args[1], line)
		}
		seen[line] = true
	}
}

// cmdChomp is "chomp FILE": it takes the newline off the end, which every
// file of a script has and no body.
func cmdChomp(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: chomp FILE")
	}
	text := strings.TrimSuffix(ts.ReadFile(args[0]), "\n")
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o666))
}

// cmdWithin is "within A B": every line of A stands in B.
func cmdWithin(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: within A B")
	}
	all := ts.ReadFile(args[1])
	for line := range strings.Lines(ts.ReadFile(args[0])) {
		if !strings.Contains(all, line) {
			ts.Fatalf("%s does not hold %s", args[1], line)
		}
	}
}

// cmdPost is "post [-h HEADER] URL FILE", and cmdPut "put …": it sends a JSON file, in which $NAME is
// a variable of the script, and fails unless the answer is a 2xx. The answer is
// stdout.
func cmdPost(ts *testscript.TestScript, neg bool, args []string) {
	sendFile(ts, neg, http.MethodPost, args)
}

func cmdPut(ts *testscript.TestScript, neg bool, args []string) {
	sendFile(ts, neg, http.MethodPut, args)
}

func sendFile(ts *testscript.TestScript, neg bool, method string, args []string) {
	header := ""
	if len(args) > 2 && args[0] == "-h" {
		header, args = args[1], args[2:]
	}
	if neg || len(args) != 2 {
		ts.Fatalf("usage: %s [-h HEADER] URL FILE", strings.ToLower(method))
	}
	body := os.Expand(ts.ReadFile(args[1]), ts.Getenv)
	req, err := http.NewRequest(method, args[0], strings.NewReader(body))
	ts.Check(err)
	req.Header.Set("Content-Type", "application/json")
	if name, value, ok := strings.Cut(header, ": "); ok {
		req.Header.Set(name, value)
	}
	res, err := http.DefaultClient.Do(req)
	ts.Check(err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	ts.Check(err)
	ts.Logf("[%s]\n%s", res.Status, text)
	if res.StatusCode/100 != 2 {
		ts.Fatalf("%s answered %s", args[0], res.Status)
	}
	ts.Stdout().Write(text)
}

// cmdWaitfor is "waitfor FILE REGEXP" or "waitfor -get URL REGEXP": it waits
// until a line of the file, or what stands at the URL, matches.
func cmdWaitfor(ts *testscript.TestScript, neg bool, args []string) {
	get := len(args) > 0 && args[0] == "-get"
	if get {
		args = args[1:]
	}
	if neg || len(args) != 2 {
		ts.Fatalf("usage: waitfor [-get] WHERE REGEXP")
	}
	want, err := regexp.Compile("(?m)" + args[1])
	ts.Check(err)
	text := ""
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if get {
			res, err := http.Get(args[0])
			ts.Check(err)
			all, err := io.ReadAll(res.Body)
			ts.Check(err)
			res.Body.Close()
			text = string(all)
		} else {
			text = ts.ReadFile(args[0])
		}
		if want.MatchString(text) {
			return
		}
	}
	ts.Fatalf("%s never says %s:\n%s", args[0], args[1], text)
}

// cmdKill9 is "kill9 NAME": it kills a command that was started, as no command
// can notice.
func cmdKill9(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: kill9 NAME")
	}
	v, ok := processes.LoadAndDelete(ts.Name() + "/" + args[0])
	if !ok {
		ts.Fatalf("%s was not started", args[0])
	}
	p := v.(*process)
	ts.Check(p.cmd.Process.Kill())
	<-p.done
	p.cmd.Wait()
}

// cmdDamage is "damage FILE": it turns over bits in the middle of a file.
func cmdDamage(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: damage FILE")
	}
	text := []byte(ts.ReadFile(args[0]))
	for i := len(text) / 3; i < 2*len(text)/3; i++ {
		text[i] ^= 0x55
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), text, 0o600))
}
