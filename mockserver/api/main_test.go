package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/gorilla/mux"
	"go.uber.org/goleak"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/faker"
	"github.com/hookrig/hookrig/mockserver"
)

func TestMain(m *testing.M) {
	openapi3filter.RegisterBodyDecoder("text/html", openapi3filter.FileBodyDecoder)
	openapi3filter.RegisterBodyDecoder("text/event-stream", openapi3filter.FileBodyDecoder)
	openapi3filter.RegisterBodyDecoder("application/x-ndjson", openapi3filter.FileBodyDecoder)
	openapi3filter.RegisterBodyDecoder("application/har+json", openapi3filter.RegisteredBodyDecoder("application/json"))
	goleak.VerifyTestMain(m)
}

// canary is part of every secret of these tests.
const canary = "Y2FuYXJ5LWluLXRoZS1jb2FsLW1pbmU="

var both = sync.OnceValue(func() (all []*contracts.Contract) {
	for _, name := range []string{"acme.yaml", "bravo.yaml"} {
		c, err := contracts.Load(os.DirFS("testdata"), name)
		if err != nil {
			panic(err)
		}
		all = append(all, c)
	}
	return all
})

// fake joins the faker as the command does.
func fake(t *contracts.EventType, seed uint64, set map[string]json.RawMessage) (func(uint64) contracts.Event, error) {
	f, err := faker.New(t.Contract(), faker.Options{Seed: seed, Events: []string{t.Name()}})
	if err != nil {
		return nil, err
	}
	var edits []faker.Edit
	for _, pointer := range slices.Sorted(maps.Keys(set)) {
		edits = append(edits, faker.Set(pointer, set[pointer]))
	}
	_, err = f.Event(t.Name(), edits...)
	var pointer *faker.PointerError
	if errors.As(err, &pointer) {
		err = &SetError{pointer.Pointer, pointer.Nearest, err}
	}
	return func(n uint64) contracts.Event {
		ev, err := f.Event(t.Name(), slices.Concat(edits, []faker.Edit{faker.Nth(n)})...)
		if err != nil {
			panic(err) // it was made before
		}
		return ev
	}, err
}

// rig is a control API over a running server whose deliveries end in receiver.
type rig struct {
	t       *testing.T
	server  *mockserver.Server
	api     *api
	routes  *mux.Router
	handler http.Handler
	log     *bytes.Buffer
	called  map[string]bool // operations that were answered
	stop    func()          // ends the work between requests
}

func newRig(t *testing.T, receiver http.Handler, change ...func(*Options, *mockserver.Options)) *rig {
	t.Helper()
	return newRigWith(t, Config{Contracts: both()}, receiver, change...)
}

// newRigWith joins stores, server and API in the order in which a program does.
func newRigWith(t *testing.T, c Config, receiver http.Handler, change ...func(*Options, *mockserver.Options)) *rig {
	t.Helper()
	g := &rig{t: t, log: &bytes.Buffer{}, called: map[string]bool{}}
	o := Options{
		Fake: fake, Version: "v1.2.3",
		Logger: slog.New(slog.NewTextHandler(g.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	c.Logger = o.Logger
	var err error
	if o.Stores, err = Load(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	so := mockserver.Options{Transport: mockserver.InProcess(receiver), Recall: o.Stores.Recall}
	for _, c := range change {
		c(&o, &so)
	}
	if o.Server == nil {
		o.Server = mockserver.Start(t, so)
		for !o.Server.Running() { // its goroutine is about to
			runtime.Gosched()
		}
	}
	g.server = o.Server
	if g.api, err = newAPI(o); err != nil {
		t.Fatal(err)
	}
	if g.routes, err = g.api.routes(); err != nil {
		t.Fatal(err)
	}
	g.handler = g.api.guarded(g.routes)
	g.work()
	return g
}

// work carries out what goes on between requests until the test ends.
func (g *rig) work() {
	ctx, cancel := context.WithCancel(g.t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = (&API{api: g.api}).Run(ctx, func(ctx context.Context) error {
			<-ctx.Done()
			return nil
		})
	}()
	g.stop = func() { // as when the program is asked to stop
		cancel()
		<-ended
	}
	g.t.Cleanup(g.stop)
}

// answers is a receiver that gives the statuses in turn, the last one for good.
func answers(statuses ...int) http.Handler {
	var mu sync.Mutex
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		w.WriteHeader(statuses[0])
		if len(statuses) > 1 {
			statuses = statuses[1:]
		}
	})
}

// request is one as a client on this machine makes it. Headers are "Name: value".
func request(method, path, body string, headers ...string) *http.Request {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Host = "localhost:8080"
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		if r.Header.Set(name, value); name == "Host" {
			r.Host = value
		}
	}
	return r
}

// got is an answer.
type got struct {
	t      *testing.T
	status int
	header http.Header
	body   string
}

func (g *rig) do(method, path, body string, headers ...string) got {
	g.t.Helper()
	return g.serve(request(method, path, body, headers...))
}

// serve answers a request, and holds the answer against the document too.
func (g *rig) serve(r *http.Request) got {
	g.t.Helper()
	w := httptest.NewRecorder()
	var match mux.RouteMatch
	g.routes.Match(r, &match)
	g.handler.ServeHTTP(w, r)
	a := got{g.t, w.Code, w.Header(), w.Body.String()}
	if match.Route == nil || match.MatchErr != nil {
		return a
	}
	o := g.api.operations[match.Route.GetName()]
	g.called[o.id] = true
	err := openapi3filter.ValidateResponse(g.t.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: r, Route: &o.Route},
		Status:                 a.status, Header: a.header, Body: io.NopCloser(strings.NewReader(a.body)),
		Options: &openapi3filter.Options{IncludeResponseStatus: true},
	})
	if err != nil {
		g.t.Errorf("%s %s: the answer is not what the document says: %v\n%s", r.Method, r.URL, err, a.body)
	}
	return a
}

// is fails the test if the status is another one.
func (a got) is(status int) got {
	a.t.Helper()
	if a.status != status {
		a.t.Fatalf("status %d, want %d: %s", a.status, status, a.body)
	}
	return a
}

// problem is the answer as one.
func (a got) problem(status int) (p problem) {
	a.t.Helper()
	a.is(status)
	if a.header.Get("Content-Type") != "application/problem+json" {
		a.t.Errorf("content type %q", a.header.Get("Content-Type"))
	}
	a.into(&p)
	if p.Status != status || p.Detail == "" || p.Title == "" || p.Type == "" {
		a.t.Errorf("%s", a.body)
	}
	return p
}

func (a got) into(v any) {
	a.t.Helper()
	if err := json.Unmarshal([]byte(a.body), v); err != nil {
		a.t.Fatalf("%v: %s", err, a.body)
	}
}

func (a got) ids() []string {
	a.t.Helper()
	var s sent
	a.is(http.StatusAccepted).into(&s)
	return s.IDs
}

// where are the places that a problem names.
func (p problem) where() (all []string) {
	for _, f := range p.Errors {
		all = append(all, f.place())
	}
	return all
}

// detail waits for a delivery's end.
func (g *rig) detail(id string) (d deliveryDetail) {
	g.t.Helper()
	g.do("GET", "/api/v1/deliveries/"+id+"?wait=1m", "").is(200).into(&d)
	return d
}
