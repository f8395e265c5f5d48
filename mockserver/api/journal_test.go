package api

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hookrig/hookrig/mockserver"
)

func TestEntries(t *testing.T) {
	g := newRig(t, answers(200))
	g.detail(g.do("POST", "/api/v1/deliveries", ping+`}`).ids()[0])
	for query, want := range map[string]string{
		"":                 "[1 2 3 4]",
		"?after=2":         "[3 4]",
		"?after=4":         "[]",
		"?after=99":        "[]",
		"?limit=3":         "[1 2 3]",
		"?after=1&limit=1": "[2]",
	} {
		var page struct{ Entries []mockserver.Entry }
		g.do("GET", "/api/v1/journal"+query, "").is(200).into(&page)
		seqs := []uint64{}
		for _, e := range page.Entries {
			seqs = append(seqs, e.Seq)
		}
		if fmt.Sprint(seqs) != want {
			t.Errorf("%s: %v, want %s", query, seqs, want)
		}
	}
	// An entry is the journal's own line.
	for e := range g.server.Journal().Entries(t.Context(), 0) {
		line, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		if body := g.do("GET", fmt.Sprintf("/api/v1/journal?after=%d&limit=1", e.Seq-1), "").body; body != fmt.Sprintf("{\"entries\":[%s],\"next\":%d}\n", line, e.Seq) {
			t.Errorf("%s\nwant %s", body, line)
		}
	}
	if body := g.do("GET", "/api/v1/journal?after=4", "").body; body != `{"entries":[],"next":4}`+"\n" {
		t.Errorf("after the last entry: %s", body)
	}
}

// listener reads a stream over the network.
type listener struct {
	t      *testing.T
	lines  *bufio.Scanner
	hangUp func()
}

func listen(t *testing.T, url string, headers ...string) *listener {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, "GET", url+"/api/v1/journal/stream", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		if name == "query" {
			r.URL.RawQuery = value
			continue
		}
		r.Header.Set(name, value)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { res.Body.Close() })
	if ct := res.Header.Get("Content-Type"); res.StatusCode != 200 || ct != "text/event-stream" {
		t.Fatalf("%d %s", res.StatusCode, ct)
	}
	return &listener{t, bufio.NewScanner(res.Body), cancel}
}

// next is the next entry of the stream.
func (l *listener) next() (e mockserver.Entry) {
	l.t.Helper()
	id := ""
	for l.lines.Scan() {
		switch field, value, _ := strings.Cut(l.lines.Text(), ": "); field {
		case "id":
			id = value
		case "data":
			if err := json.Unmarshal([]byte(value), &e); err != nil {
				l.t.Fatal(err)
			}
			if id != strconv.FormatUint(e.Seq, 10) {
				l.t.Errorf("id %s of entry %d", id, e.Seq)
			}
			return e
		}
	}
	l.t.Fatalf("the stream has ended: %v", l.lines.Err())
	return e
}

func (l *listener) expect(seqs ...uint64) {
	l.t.Helper()
	for _, seq := range seqs {
		if e := l.next(); e.Seq != seq {
			l.t.Fatalf("entry %d, want %d", e.Seq, seq)
		}
	}
}

func TestStream(t *testing.T) {
	g := newRig(t, answers(200))
	server := httptest.NewServer(g.handler)
	t.Cleanup(server.Close) // after the listeners have hung up
	send := func() { g.detail(g.do("POST", "/api/v1/deliveries", ping+`}`).ids()[0]) }

	live := listen(t, server.URL)
	send()
	live.expect(1, 2, 3, 4)
	late := listen(t, server.URL)
	late.expect(1, 2, 3, 4)
	live.hangUp()
	send()
	late.expect(5, 6, 7, 8)

	// Who comes back gets what it has missed, and nothing twice.
	listen(t, server.URL, "Last-Event-ID: 4").expect(5, 6, 7, 8)
	listen(t, server.URL, "query: after=6").expect(7, 8)
	listen(t, server.URL, "query: after=2", "Last-Event-ID: 7").expect(8)
	caughtUp := listen(t, server.URL, "Last-Event-ID: 8")
	other := listen(t, server.URL, "Last-Event-ID: 9000") // of a journal that is no more
	other.expect(1)
	send()
	caughtUp.expect(9, 10)
}

// A long journal arrives whole and in order.
func TestStreamOfManyEntries(t *testing.T) {
	g := newRig(t, answers(200))
	server := httptest.NewServer(g.handler)
	t.Cleanup(server.Close) // after the listeners have hung up
	l := listen(t, server.URL)
	for range 10 {
		g.do("POST", "/api/v1/deliveries", ping+`,"count":100}`).ids()
	}
	ended := 0
	for seq := uint64(1); ended < 1000; seq++ {
		e := l.next()
		if e.Seq != seq {
			t.Fatalf("entry %d, want %d", e.Seq, seq)
		}
		if e.Kind == mockserver.EntryEnded {
			ended++
		}
	}
}

// quiet is a client that can be flushed and, from some moment on, no more.
type quiet struct {
	*httptest.ResponseRecorder
	gone bool
}

func (q *quiet) FlushError() error {
	if q.gone {
		return http.ErrHandlerTimeout
	}
	q.Flush()
	return nil
}

// A silent stream breathes, and ends with its client.
func TestSilentStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // fails if a goroutine stays
		g := newRig(t, answers(200))
		ctx, hangUp := context.WithCancel(t.Context())
		w := &quiet{ResponseRecorder: httptest.NewRecorder()}
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			g.handler.ServeHTTP(w, request("GET", "/api/v1/journal/stream", "").WithContext(ctx))
		}()
		time.Sleep(3*heartbeat + time.Second)
		synctest.Wait()
		if body := w.Body.String(); body != "retry: 1000\n\n:\n\n:\n\n:\n\n" || !w.Flushed {
			t.Errorf("%q", body)
		}
		hangUp()
		<-ended
	})
}

// A client that does not read is cut off, at a heartbeat at the latest.
func TestClientThatDoesNotRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newRig(t, answers(200))
		w := &quiet{ResponseRecorder: httptest.NewRecorder(), gone: true}
		g.handler.ServeHTTP(w, request("GET", "/api/v1/journal/stream", "")) // returns
	})
}
