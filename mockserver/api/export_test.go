package api

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hookrig/hookrig/mockserver"
)

func TestExportOfLines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newRig(t, answers(200))
		for i, label := range []string{"a", "b", "a"} {
			time.Sleep(time.Minute)
			g.detail(g.do("POST", "/api/v1/deliveries", fmt.Sprintf(ping+`,"label":%q,"seed":%d}`, label, i)).ids()[0])
		}
		var all []string
		for e := range g.server.Journal().Entries(t.Context(), 0) {
			line, err := encode(e)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, string(line))
		}
		since := time.Now().Add(-90 * time.Second).Format(time.RFC3339)
		for query, want := range map[string][]string{
			"":                 all,
			"&label=b":         all[4:8],
			"&label=a":         append(append([]string{}, all[:4]...), all[8:]...),
			"&since=" + since:  all[4:],
			"&until=" + since:  all[:4],
			"&after=11":        all[11:],
			"&label=a&after=4": all[8:],
			"&label=c":         nil,
		} {
			a := g.do("GET", "/api/v1/journal?format=jsonl"+query, "").is(200)
			if a.body != strings.Join(want, "") {
				t.Errorf("%s: %s\nwant %s", query, a.body, want)
			}
			if a.header.Get("Content-Type") != "application/x-ndjson" || !strings.Contains(a.header.Get("Content-Disposition"), `"hookrig.jsonl"`) {
				t.Errorf("%v", a.header)
			}
		}
		// A page has the same filters.
		var page struct{ Entries []mockserver.Entry }
		g.do("GET", "/api/v1/journal?label=b&limit=2", "").is(200).into(&page)
		if len(page.Entries) != 2 || page.Entries[0].Seq != 5 {
			t.Errorf("%+v", page)
		}
		g.do("GET", "/api/v1/journal?since=now", "").problem(400)
		g.do("GET", "/api/v1/journal?format=csv", "").problem(400)
		if a := g.do("HEAD", "/api/v1/journal?format=jsonl", "").is(200); a.body != "" {
			t.Error(a.body)
		}
	})
}

func TestExportAsHAR(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		binary := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/octet-stream")
			w.WriteHeader(500)
			w.Write([]byte{0xff, 0xfe})
		})
		g := newRig(t, binary)
		var har struct {
			Log struct {
				Version string
				Creator struct{ Name, Version string }
				Entries []harEntry
			}
		}
		if g.do("GET", "/api/v1/journal?format=har", "").is(200).into(&har); har.Log.Version != "1.2" || len(har.Log.Entries) != 0 {
			t.Errorf("%+v", har)
		}
		g.do("PUT", "/api/v1/secrets/acme", `{"value":"whsec_`+canary+`"}`).is(204)
		g.do("PUT", "/api/v1/endpoints/shop", `{"url":"http://shop.test/hooks?token=`+canary+`&a=1","secret":"acme","headers":{"X-Api-Key":"`+canary+`"}}`).is(200)
		id := g.do("POST", "/api/v1/deliveries", `{"provider":"acme","event":"order.created","endpoint":"shop","label":"x","tamper":"lost-ack"}`).ids()[0]
		time.Sleep(time.Hour)
		d := g.detail(id)
		a := g.do("GET", "/api/v1/journal?format=har&label=x", "").is(200)
		a.into(&har)
		if strings.Contains(a.body, canary) {
			t.Error("a secret is exported")
		}
		if len(har.Log.Entries) != len(d.Attempts) || len(d.Attempts) != 3 || har.Log.Creator.Version != "v1.2.3" {
			t.Fatalf("%d entries of %d attempts: %s", len(har.Log.Entries), len(d.Attempts), a.body)
		}
		for i, e := range har.Log.Entries {
			if e.Request.PostData.Text != d.Body || e.Request.PostData.MimeType != "application/json" || e.Request.BodySize != len(d.Body) ||
				e.Attempt != i+1 || e.Delivery != id || e.Request.Method != "POST" || !e.Started.Equal(d.Attempts[i].Started) {
				t.Errorf("%+v", e)
			}
			want, _ := base64.StdEncoding.DecodeString(e.Response.Content.Text)
			if e.Response.Status != 500 || e.Response.Content.Encoding != "base64" || !bytes.Equal(want, []byte{0xff, 0xfe}) {
				t.Errorf("%+v", e.Response)
			}
			if len(e.Request.Query) != 2 || e.Request.Query[0] != (harPair{"a", "1"}) {
				t.Errorf("%+v", e.Request.Query)
			}
		}
		if e := har.Log.Entries[0]; e.Tamper != "lost-ack" || e.Response.Error != "lost-answer" {
			t.Errorf("%+v", e)
		}
		// What the format asks for is there even where it is empty.
		for _, member := range []string{`"cookies":[]`, `"cache":{}`, `"headersSize":-1`, `"redirectURL":""`, `"timings":{"send":0`, `"params":[]`} {
			if strings.Count(a.body, member) < 3 {
				t.Errorf("%s is missing", member)
			}
		}
		// The body is found although its entry is not part of the excerpt.
		g.do("GET", "/api/v1/journal?format=har&after=1", "").is(200).into(&har)
		if har.Log.Entries[0].Request.PostData.Text != d.Body {
			t.Errorf("%+v", har.Log.Entries[0].Request)
		}
	})
}

// breaking is a journal that cannot be read to its end.
type breaking struct {
	*mockserver.Memory
	after int
}

var errUnreadable = errors.New("bad sector")

func (b *breaking) Entries(ctx context.Context, after uint64) iter.Seq2[mockserver.Entry, error] {
	return func(yield func(mockserver.Entry, error) bool) {
		n := 0
		for e, err := range b.Memory.Entries(ctx, after) {
			if n++; b.after > 0 && n > b.after {
				yield(mockserver.Entry{}, errUnreadable)
				return
			}
			if !yield(e, err) {
				return
			}
		}
	}
}

// Nobody takes a part for the whole.
func TestExportThatBreaks(t *testing.T) {
	journal := &breaking{Memory: mockserver.NewMemory()}
	g := newRig(t, answers(200), func(_ *Options, o *mockserver.Options) { o.Journal = journal })
	g.detail(g.do("POST", "/api/v1/deliveries", ping+`,"count":5}`).ids()[4])
	if err := g.server.Idle(t.Context()); err != nil {
		t.Fatal(err)
	}
	g.stop()
	journal.after = 3
	server := httptest.NewServer(g.handler)
	t.Cleanup(server.Close)
	for _, format := range []string{"jsonl", "har"} {
		r, err := http.NewRequestWithContext(t.Context(), "GET", server.URL+"/api/v1/journal?format="+format, nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			continue // not even the header has left
		}
		_, err = io.ReadAll(res.Body)
		res.Body.Close()
		if err == nil {
			t.Errorf("%s: the part looks like the whole", format)
		}
	}
	server.Close() // all handlers have returned
	if !strings.Contains(g.log.String(), "bad sector") {
		t.Errorf("log: %s", g.log)
	}
}

// The bodies of an export fit into memory, however many deliveries have not ended.
func TestExportIsBounded(t *testing.T) {
	b := bodies{byDelivery: map[string][]byte{}}
	big := make([]byte, 1<<20)
	for i := range 100 {
		b.see(&mockserver.Entry{Kind: mockserver.EntryQueued, Delivery: fmt.Sprint(i), Body: big})
	}
	if len(b.byDelivery) != bodiesKept>>20 || b.size != bodiesKept {
		t.Errorf("%d bodies, %d bytes", len(b.byDelivery), b.size)
	}
	for i := range 100 {
		b.see(&mockserver.Entry{Kind: mockserver.EntryEnded, Delivery: fmt.Sprint(i)})
		b.see(&mockserver.Entry{Kind: mockserver.EntryEnded, Delivery: fmt.Sprint(i)})
	}
	if len(b.byDelivery) != 0 || b.size != 0 {
		t.Errorf("%d bodies, %d bytes", len(b.byDelivery), b.size)
	}
}
