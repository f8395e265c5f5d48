//go:build unix

// Bench compares what a delivery costs: the CPU time of a sender's whole
// process for 1,000 requests, start-up included, as the kernel accounts it.
//
//	go run ./e2e/bench [-n 100000] [-rounds 5] [-size small,order]
//
// A fast receiver runs in a process of its own and is not counted. The senders
// take turns, round after round, so that what else the machine does falls on
// all of them alike; the figures are medians.
//
//	loop      a plain loop around net/http's client, one static body
//	wrk       wrk with one static body, where it is installed
//	lean      the high-rate transport alone, one static body
//	hookrig   the whole path: each event faked, signed, journaled to SQLite
//
// The last of these comes once for each transport.
package main

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

func main() {
	role := flag.String("role", "", "for the processes that bench starts")
	url := flag.String("url", "", "the receiver, for a sender")
	journal := flag.String("journal", "", "the journal's file, for a sender")
	size := flag.String("size", "small,order", "bodies: small (250 bytes), order (5 KB)")
	n := flag.Int("n", 100_000, "requests a round")
	conns := flag.Int("conns", 64, "connections, or attempts at once")
	rounds := flag.Int("rounds", 5, "rounds, of which the median counts")
	only := flag.String("only", "", "only senders whose name contains this")
	profile := flag.String("cpuprofile", "", "of a sender of ours, into this file")
	flag.Parse()

	job := job{url: *url, journal: *journal, size: *size, n: *n, conns: *conns, profile: *profile}
	var err error
	switch *role {
	case "":
		err = compare(strings.Split(*size, ","), job, *rounds, *only)
	case "receive":
		err = receive()
	default:
		err = job.send(*role)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// A job is what a sender is asked for.
type job struct {
	url, journal, size string
	n, conns           int
	profile            string
}

func (j job) args(role string) []string {
	return []string{
		"-role", role, "-url", j.url, "-journal", j.journal, "-size", j.size,
		"-n", strconv.Itoa(j.n), "-conns", strconv.Itoa(j.conns), "-cpuprofile", j.profile,
	}
}

func compare(sizes []string, j job, rounds int, only string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	url, stop, err := receiver(self)
	if err != nil {
		return err
	}
	defer stop()
	dir, err := os.MkdirTemp("", "hookrig-bench")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()

	j.url = url
	for _, j.size = range sizes {
		body, err := sample(j.size)
		if err != nil {
			return err
		}
		fmt.Printf("%s: %d requests of about %d bytes, %d connections, %d rounds\n", j.size, j.n, len(body), j.conns, rounds)
		took := map[string][]float64{}
		for round := range rounds {
			for _, s := range senders {
				if !strings.Contains(s, only) && s != "loop" {
					continue
				}
				j.journal = filepath.Join(dir, fmt.Sprintf("%s-%s-%d.db", j.size, s, round))
				ms, err := run(self, s, j, dir, body)
				if errors.Is(err, exec.ErrNotFound) {
					continue
				}
				if err != nil {
					return fmt.Errorf("%s: %w", s, err)
				}
				took[s] = append(took[s], ms)
			}
		}
		report(took)
	}
	return nil
}

func report(took map[string][]float64) {
	base := median(took["loop"])
	static := median(took["wrk"])
	fmt.Printf("  %-14s %16s %10s %10s\n", "sender", "CPU ms per 1000", "× loop", "× wrk")
	for _, s := range senders {
		if len(took[s]) == 0 {
			continue
		}
		m := median(took[s])
		fmt.Printf("  %-14s %16.1f %10.2f %10.2f   (%.1f to %.1f)\n", s, m, base/m, static/m, slices.Min(took[s]), slices.Max(took[s]))
	}
}

func median(v []float64) float64 {
	if len(v) == 0 {
		return 0
	}
	s := slices.Sorted(slices.Values(v))
	return s[len(s)/2]
}

// run starts one sender and returns its CPU milliseconds per 1,000 requests.
func run(self, sender string, j job, dir string, body []byte) (float64, error) {
	cmd := exec.Command(self, j.args(sender)...)
	requests := float64(j.n)
	var out strings.Builder
	if sender == "wrk" {
		script := filepath.Join(dir, "post.lua")
		if err := os.WriteFile(script, fmt.Appendf(nil, "wrk.method = \"POST\"\nwrk.headers[\"Content-Type\"] = \"application/json\"\nwrk.body = %q\n", body), 0o600); err != nil {
			return 0, err
		}
		cmd = exec.Command("wrk", "-t1", "-c"+strconv.Itoa(j.conns), "-d2s", "-s", script, j.url)
	}
	cmd.Stdout, cmd.Stderr = &out, os.Stderr
	if err := cmd.Run(); err != nil {
		return 0, err
	}
	if sender == "wrk" {
		for line := range strings.Lines(out.String()) {
			if before, _, ok := strings.Cut(line, " requests in "); ok {
				requests, _ = strconv.ParseFloat(strings.TrimSpace(before), 64)
			}
		}
		if requests == 0 {
			return 0, fmt.Errorf("cannot read what wrk says: %s", out.String())
		}
	}
	cpu := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	return float64(cpu) / float64(time.Millisecond) / (requests / 1000), nil
}

// receiver starts the receiving process and returns its URL.
func receiver(self string) (url string, stop func(), err error) {
	cmd := exec.Command(self, "-role", "receive")
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe() // it ends when we do
	if err != nil {
		return "", nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	if err := cmd.Start(); err != nil {
		return "", nil, err
	}
	stop = func() { in.Close(); _, _ = io.Copy(io.Discard, out); _ = cmd.Wait() }
	url, err = bufio.NewReader(out).ReadString('\n')
	if err != nil {
		stop()
		return "", nil, err
	}
	return strings.TrimSpace(url), stop, nil
}
