package mockserver

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/signature"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// sealed is a request as the provider would send it at noon.
func sealed(t *testing.T, ev contracts.Event) *http.Request {
	t.Helper()
	req, err := shop().Seal(ev, contracts.SealOptions{URL: virtual, ID: "1", Time: noon, Secrets: []signature.Secret{secret}})
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(req.Method, req.URL, strings.NewReader(string(req.Body)))
	r.Header = req.Header
	return r
}

func TestInboxAnswers(t *testing.T) {
	at := func() time.Time { return noon }
	keys := []signature.Secret{secret}
	broken := contracts.Event{Type: event("sold", 1).Type, Body: []byte(`{"type":"sold","id":"one"}`)}
	for _, c := range []struct {
		name    string
		ev      contracts.Event
		any     bool
		o       InboxOptions
		change  func(*http.Request)
		status  int
		problem string
	}{
		{name: "the first success code", ev: event("ordered", 1), o: InboxOptions{Secrets: keys}, status: 202},
		{name: "of a class", ev: event("sold", 1), o: InboxOptions{Secrets: keys}, status: 200},
		{name: "a wrong secret", ev: event("sold", 1), o: InboxOptions{Secrets: []signature.Secret{signature.NewSecret("other")}}, status: 401, problem: "mismatch"},
		{name: "a wrong secret, unchecked", ev: event("sold", 1), o: InboxOptions{Unchecked: true}, status: 200},
		{name: "no secret", ev: event("sold", 1), status: 500, problem: "no secret"},
		{name: "late", ev: event("sold", 1), o: InboxOptions{Secrets: keys, Now: func() time.Time { return noon.Add(time.Hour) }}, status: 401, problem: "stale"},
		{name: "a broken body", ev: broken, o: InboxOptions{Secrets: keys}, status: 400, problem: "id"},
		{name: "a wrong method", ev: event("sold", 1), o: InboxOptions{Secrets: keys}, change: func(r *http.Request) { r.Method = "GET" }, status: 400, problem: "method"},
		{name: "anything", any: true, ev: broken, status: 200},
		{name: "too large", any: true, ev: broken, o: InboxOptions{BodyLimit: 5}, status: 413, problem: "too large"},
		{name: "a body that breaks off", any: true, ev: broken, change: func(r *http.Request) {
			r.Body = io.NopCloser(iotest.ErrReader(io.ErrUnexpectedEOF))
		}, status: 400, problem: "EOF"},
		{name: "as told", ev: event("sold", 1), o: InboxOptions{Secrets: keys, Respond: func(r *Received) int { return 500 + len(r.Opened.Events) }}, status: 501},
		{name: "told nothing", ev: broken, o: InboxOptions{Secrets: keys, Respond: func(*Received) int { return 0 }}, status: 400, problem: "id"},
		{name: "told nonsense", ev: event("sold", 1), o: InboxOptions{Secrets: keys, Respond: func(*Received) int { return -7 }}, status: 500},
		{name: "told to inform", ev: event("sold", 1), o: InboxOptions{Secrets: keys, Respond: func(*Received) int { return 103 }}, status: 500},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.o.Now == nil {
				c.o.Now = at
			}
			contract := shop()
			if c.any {
				contract = nil
			}
			in := NewInbox(contract, c.o)
			r := sealed(t, c.ev)
			if c.change != nil {
				c.change(r)
			}
			w := httptest.NewRecorder()
			in.ServeHTTP(w, r)
			got := in.Received()
			if w.Code != c.status || len(got) != 1 || got[0].Answered != c.status {
				t.Fatalf("answered %d: %+v", w.Code, got)
			}
			switch {
			case c.problem == "" && got[0].Problem != nil, c.problem != "" && (got[0].Problem == nil || !strings.Contains(got[0].Problem.Error(), c.problem)):
				t.Errorf("problem: %v", got[0].Problem)
			case got[0].Problem != nil && strings.TrimSpace(w.Body.String()) != got[0].Problem.Error():
				t.Errorf("the answer says %q, the problem is %v", w.Body, got[0].Problem)
			}
			if got[0].Request.URL != virtual || !got[0].At.Equal(c.o.Now()) {
				t.Errorf("%+v", got[0])
			}
		})
	}
}

func TestInboxWait(t *testing.T) {
	bubble(t, func(t *testing.T) {
		in := NewInbox(nil, InboxOptions{})
		soon, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		go func() {
			for range 2 {
				time.Sleep(time.Second)
				in.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("POST", "/", nil))
			}
		}()
		begun := time.Now()
		if got, err := in.Wait(soon, 2); err != nil || len(got) != 2 || got[1].Answered != 200 || time.Since(begun) != 2*time.Second {
			t.Errorf("%v, %v after %v", got, err, time.Since(begun))
		}
		if got, err := in.Wait(soon, 3); !errors.Is(err, context.DeadlineExceeded) || len(got) != 2 || !strings.Contains(err.Error(), "2 of 3") {
			t.Errorf("%v, %v", got, err)
		}
	})
}

// The last ones are kept, all are counted and seen, in one order.
func TestInboxUnderLoad(t *testing.T) {
	var seen []string
	in := NewInbox(nil, InboxOptions{Limit: 10, Seen: func(r Received) {
		runtime.Gosched() // let others overtake, if they can
		seen = append(seen, string(r.Request.Body))
	}})
	var crew sync.WaitGroup
	for i := range 8 {
		crew.Go(func() {
			for j := range 50 {
				r := httptest.NewRequest("POST", "/", strings.NewReader(fmt.Sprint(i, " ", j)))
				in.ServeHTTP(httptest.NewRecorder(), r)
			}
		})
	}
	crew.Wait()
	got, err := in.Wait(t.Context(), 400)
	if err != nil || len(got) != 10 || len(seen) != 400 {
		t.Fatalf("%d kept, %d seen, %v", len(got), len(seen), err)
	}
	for i, r := range got {
		if string(r.Request.Body) != seen[390+i] {
			t.Errorf("kept %q, seen %q", r.Request.Body, seen[390+i])
		}
	}
}

// Respond may break the connection; the request is kept all the same, once.
func TestInboxThatBreaksOff(t *testing.T) {
	bubble(t, func(t *testing.T) {
		breaks := 1
		in := NewInbox(shop(), InboxOptions{Secrets: []signature.Secret{secret}, Respond: func(*Received) int {
			if breaks--; breaks >= 0 {
				panic(http.ErrAbortHandler)
			}
			return 0
		}})
		o := wait(t, inBubble(t, in).Send(parcel(virtual, nil)))
		if o.State != Delivered || o.Attempts[0].Failure != "reset" {
			t.Errorf("%+v", o)
		}
		if got := in.Received(); len(got) != 2 || got[0].Answered != 0 || got[1].Answered != 200 {
			t.Errorf("%+v", got)
		}
	})
}

func FuzzInbox(f *testing.F) {
	f.Add("POST", "/hooks", "X-Shop-Signature", "v1,", []byte(`{"type":"sold","id":1}`))
	f.Add("GET", "/", "Content-Type", "text/plain", []byte(`{"type":`))
	f.Fuzz(func(t *testing.T, method, path, name, value string, body []byte) {
		r := &http.Request{Method: method, URL: &url.URL{Path: path}, Header: http.Header{name: {value}}}
		for _, unchecked := range []bool{false, true} {
			in := NewInbox(shop(), InboxOptions{Unchecked: unchecked, Secrets: []signature.Secret{secret}})
			w := httptest.NewRecorder()
			r.Body = io.NopCloser(strings.NewReader(string(body)))
			in.ServeHTTP(w, r)
			if w.Code == 500 || len(in.Received()) != 1 {
				t.Errorf("answered %d", w.Code)
			}
		}
	})
}
