package kill

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/hookrig/hookrig/mockserver"
	"github.com/hookrig/hookrig/mockserver/sqlite"
)

// A server that finds a hundred thousand deliveries in its journal is ready within
// ten seconds, in 200 MiB, though its receiver is still down.
func TestBacklog(t *testing.T) {
	n := often(5_000, 100_000)
	journal := filepath.Join(t.TempDir(), "journal")
	const to = "http://127.0.0.1:1" // nobody listens there
	p := serve(t, journal)
	confirmed := map[string]bool{}
	for seed := range n / 5000 {
		w := sold(to, 5000, uint64(seed))
		if seed%2 == 0 {
			w.Delay = "1h"
		}
		ids, err := p.post(w)
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range ids {
			confirmed[id] = true
		}
	}
	busy := memory(t, p)
	p.kill()
	p.gone()

	p = serve(t, journal)
	ready := memory(t, p)
	s, err := p.stats()
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d deliveries: %d MiB when they were queued; ready in %v with %d MiB: %+v", n, busy>>20, p.took, ready>>20, s)
	if live := s.Arriving + s.Waiting + s.Attempting; live != n {
		t.Errorf("%d of %d were taken up", live, n)
	}
	if full() && p.took > 10*time.Second || ready > 200<<20 {
		t.Errorf("ready in %v with %d MiB", p.took, ready>>20)
	}
	p.terminate()
	audited(t, journal, confirmed, mockserver.Waiting)
}

var peak = regexp.MustCompile(`(?m)^VmHWM:\s+(\d+) kB$`)

// memory is the most that a process has had resident, in bytes; 0 where the system
// does not say.
func memory(t *testing.T, p *process) int {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	m := peak.FindSubmatch(status)
	if m == nil {
		return 0
	}
	kib, err := strconv.Atoi(string(m[1]))
	if err != nil {
		t.Fatal(err)
	}
	return kib << 10
}

// Of a journal with a million entries any page of a list comes within 50 ms.
func TestPages(t *testing.T) {
	if !full() {
		t.Skip("a million entries: HOOKRIG_FULL=1")
	}
	journal := filepath.Join(t.TempDir(), "journal")
	const deliveries = 250_000
	fill(t, journal, deliveries)
	p := serve(t, journal)
	t.Logf("ready in %v with %d MiB", p.took, memory(t, p)>>20)
	var page struct {
		Deliveries []struct{ ID string }
		Next       string
	}
	for _, query := range []string{
		"", "limit=500", "state=waiting", "state=delivered", "event=sold", "event=hurried", "label=tc-0", "label=tc-249", "label=nobody",
		"endpoint=" + url.QueryEscape("https://shop.test/hooks"), "provider=shop&state=exhausted",
	} {
		for depth := range 4 { // the first page and those behind it
			path := "/api/v1/deliveries?" + query
			if depth > 0 {
				if page.Next == "" {
					break
				}
				path += "&cursor=" + url.QueryEscape(page.Next)
			}
			page.Next = ""
			if took := quickest(t, p, path, &page); took > 50*time.Millisecond {
				t.Errorf("%s takes %v", path, took)
			} else {
				t.Logf("%.2f ms, %d rows: %s", took.Seconds()*1000, len(page.Deliveries), path)
			}
		}
	}
	p.terminate()
}

// quickest is how long a request takes, which other work on this machine can only
// make longer.
func quickest(t *testing.T, p *process, path string, into any) time.Duration {
	t.Helper()
	var all []time.Duration
	for range 5 {
		began := time.Now()
		if err := p.get(path, into); err != nil {
			t.Fatal(err)
		}
		all = append(all, time.Since(began))
	}
	return slices.Min(all)
}

// fill writes deliveries that have ended, with four entries each.
func fill(t *testing.T, path string, deliveries int) {
	t.Helper()
	j, err := sqlite.Open(path, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var batch []mockserver.Entry
	write := func() {
		if err := j.Append(t.Context(), batch...); err != nil {
			t.Fatal(err)
		}
		batch = batch[:0]
	}
	body := []byte(`{"type":"sold","id":"0197c0de-0000-7000-8000-000000000000","sku":"ABC-000001","name":"A thing that is sold often","price":9.99}`)
	began := time.Now().Add(-time.Hour)
	for n := range deliveries {
		at := began.Add(time.Duration(n) * time.Millisecond)
		e := mockserver.Entry{
			At: at, Delivery: fmt.Sprintf("dlv_%016x", uint64(n)*0x9e3779b97f4a7c15), Provider: "shop", Event: "sold",
			Endpoint: "https://shop.test/hooks", Label: fmt.Sprint("tc-", n/1000),
		}
		queued, intent, attempt, ended := e, e, e, e
		queued.Kind, queued.State, queued.Body, queued.Route = mockserver.EntryQueued, mockserver.Waiting, body, &mockserver.Route{URL: e.Endpoint}
		intent.Kind, intent.State, intent.Attempt = mockserver.EntryIntent, mockserver.Attempting, &mockserver.Attempt{Number: 1, Started: at}
		attempt.Kind, attempt.State = mockserver.EntryAttempt, mockserver.Delivered
		attempt.Attempt = &mockserver.Attempt{
			Number: 1, Started: at, Took: time.Millisecond, Status: http.StatusOK, Sent: true, Body: []byte("ok"),
			Header: http.Header{"Content-Length": {"2"}}, Request: mockserver.RequestLine{Method: http.MethodPost, URL: e.Endpoint, Header: http.Header{"X-Shop-Id": {e.Delivery}}},
		}
		ended.Kind, ended.State = mockserver.EntryEnded, mockserver.Delivered
		if batch = append(batch, queued, intent, attempt, ended); len(batch) >= 4000 {
			write()
		}
	}
	write()
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
}
