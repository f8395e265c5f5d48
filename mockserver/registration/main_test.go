package registration_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/catalog"
	"github.com/hookrig/hookrig/contracts/signature"
	"github.com/hookrig/hookrig/mockserver"
	"github.com/hookrig/hookrig/mockserver/registration"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.FixedZone("", 3600))

// secretStore is one in memory that a test can look into.
type secretStore struct {
	mu     sync.Mutex
	byName map[string]signature.Secret
	refuse error // of Put
}

func newSecrets() *secretStore { return &secretStore{byName: map[string]signature.Secret{}} }

func (s *secretStore) Put(name string, secret signature.Secret) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refuse != nil {
		return s.refuse
	}
	s.byName[name] = secret
	return nil
}

func (s *secretStore) Get(name string) (signature.Secret, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	secret, ok := s.byName[name]
	return secret, ok
}

func (s *secretStore) Delete(name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.byName, name)
	return nil
}

func (s *secretStore) names() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.byName)
}

func builtin(t testing.TB) []*contracts.Contract {
	t.Helper()
	var all []*contracts.Contract
	for _, name := range catalog.Names {
		c, err := catalog.Load(name)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, c)
	}
	return all
}

func load(t testing.TB, c registration.Config) *registration.Subscriptions {
	t.Helper()
	if c.Contracts == nil {
		c.Contracts = builtin(t)
	}
	if c.Now == nil {
		c.Now = func() time.Time { return noon }
	}
	subs, err := registration.Load(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	return subs
}

// client calls one provider's API as a partner's program does.
type client struct {
	t      *testing.T
	base   string
	header http.Header
}

// reply is an answer, read.
type reply struct {
	status int
	header http.Header
	body   string
}

// serve mounts the APIs and returns a client of one of them.
func serve(t *testing.T, provider string, o registration.Options) client {
	t.Helper()
	handler, err := registration.New(o)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return client{t, server.URL + "/providers/" + provider, http.Header{}}
}

func (c client) with(name, value string) client {
	c.header = c.header.Clone()
	c.header.Set(name, value)
	return c
}

func (c client) do(method, path, body string) reply {
	c.t.Helper()
	r, err := http.NewRequest(method, c.base+path, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	r.Header = c.header.Clone()
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		c.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return reply{answer.StatusCode, answer.Header, string(text)}
}

// want compares status and, where body is not empty, the body as JSON. A body
// of "…" as a value stands for anything.
func (r reply) want(t *testing.T, status int, body string) reply {
	t.Helper()
	if r.status != status {
		t.Fatalf("status %d, want %d\n%s", r.status, status, r.body)
	}
	if body == "" {
		return r
	}
	var got, want any
	if err := json.Unmarshal([]byte(r.body), &got); err != nil {
		t.Fatalf("%v\n%s", err, r.body)
	}
	if err := json.Unmarshal([]byte(body), &want); err != nil {
		t.Fatalf("%v\n%s", err, body)
	}
	if !alike(got, want) {
		t.Fatalf("got  %s\nwant %s", r.body, body)
	}
	return r
}

func alike(got, want any) bool {
	switch want := want.(type) {
	case string:
		text, ok := got.(string)
		return want == "…" && got != nil && got != "" || ok && text == want
	case map[string]any:
		object, ok := got.(map[string]any)
		if !ok || len(object) != len(want) {
			return false
		}
		for name := range want {
			if _, there := object[name]; !there || !alike(object[name], want[name]) {
				return false
			}
		}
		return true
	case []any:
		list, ok := got.([]any)
		if !ok || len(list) != len(want) {
			return false
		}
		for i := range want {
			if !alike(list[i], want[i]) {
				return false
			}
		}
		return true
	default:
		return got == want
	}
}

// logged is a log that a test can read.
type logged struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func newLog() (*logged, *slog.Logger) {
	l := &logged{}
	return l, slog.New(slog.NewTextHandler(l, nil))
}

// deliveries is a journal's answer, made up.
type deliveries []mockserver.Record

func (d deliveries) List(_ context.Context, q mockserver.Query) ([]mockserver.Record, error) {
	var found []mockserver.Record
	for _, r := range d {
		if r.Provider == q.Provider && (q.Event == "" || r.Event == q.Event) && !r.Queued.Before(q.Since) {
			found = append(found, r)
		}
	}
	return found, nil
}

// userContract is a contract of somebody's own with these events.
func userContract(t testing.TB, provider string, events ...string) *contracts.Contract {
	t.Helper()
	var doc strings.Builder
	doc.WriteString("asyncapi: 3.1.0\ninfo: {title: Own, version: 1.0.0}\nx-hookrig: {provider: " + provider + "}\nchannels:\n  all:\n    messages:\n")
	for i, event := range events {
		doc.WriteString("      m" + string(rune('a'+i)) + ": {name: \"" + event + "\", payload: {type: object}}\n")
	}
	doc.WriteString("operations:\n  all: {action: send, channel: {$ref: \"#/channels/all\"}}\n")
	c, err := contracts.Load(fstest.MapFS{"own.yaml": {Data: []byte(doc.String())}}, "own.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func eventOf(t *contracts.EventType, body []byte) contracts.Event {
	return contracts.Event{Type: t, Body: body}
}
