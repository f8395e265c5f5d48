package main

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/schema"
	"github.com/hookrig/hookrig/faker"
	"github.com/hookrig/hookrig/mockserver"
	"github.com/hookrig/hookrig/mockserver/api"
)

//go:embed world.schema.json
var worldSchemaText []byte

var worldSchema = sync.OnceValues(func() (*schema.Schema, error) {
	doc, err := schema.Read("world.schema.json", worldSchemaText, schema.Limits{})
	if err != nil {
		return nil, err
	}
	return schema.Compile(doc, "", schema.Options{})
})

// worldDoc is a shop as a run has it: all that decides what happens. Where a
// member is absent it is decided when the run begins, and stands there then.
type worldDoc struct {
	Seed      uint64    `json:"seed,omitempty"`
	At        time.Time `json:"at,omitzero"`
	Locale    string    `json:"locale,omitempty"`
	Shape     string    `json:"shape,omitempty"`
	Orders    int       `json:"orders,omitempty"`
	Speed     float64   `json:"speed,omitempty"`
	Providers []string  `json:"providers,omitempty"` // empty: all that are known

	Set map[string]json.RawMessage `json:"set,omitempty"` // see faker.WorldOptions.Edits
}

// worldFile is the file of "hookrig serve --world". What each member means stands
// in world.schema.json.
type worldFile struct {
	Name      string                 `json:"name"`
	Seed      uint64                 `json:"seed"`
	At        string                 `json:"at"`
	Locale    string                 `json:"locale"`
	Shape     string                 `json:"shape"`
	Orders    int                    `json:"orders"`
	Speed     float64                `json:"speed"`
	Label     string                 `json:"label"`
	Count     uint64                 `json:"count"`
	For       mockserver.Duration    `json:"for"`
	CatchUp   bool                   `json:"catchUp"`
	Providers map[string]*worldShare `json:"providers"`

	Set map[string]json.RawMessage `json:"set"`

	file string
	doc  *schema.Document
	at   instant
}

// worldShare is where the events of a provider go: neither, to whoever has
// subscribed.
type worldShare struct {
	Endpoint string `json:"endpoint"`
	To       string `json:"to"`
	Secret   string `json:"secret"`
}

// readWorld reads the file of a world and says what is wrong with it.
func (c *console) readWorld(name string) (*worldFile, error) {
	data, err := c.readInput(name)
	if err != nil {
		return nil, err
	}
	doc, err := schema.Read(filepath.ToSlash(name), data, schema.Limits{})
	if err != nil {
		return nil, err
	}
	rule, err := worldSchema()
	if err != nil {
		return nil, err
	}
	body, err := json.Marshal(doc.Value())
	if err != nil {
		return nil, err
	}
	if broken := rule.Validate(body); len(broken) > 0 {
		return nil, configMistake(doc, rule.Node(), broken)
	}
	w := &worldFile{Name: "world", doc: doc, file: name}
	strict := json.NewDecoder(bytes.NewReader(body))
	strict.DisallowUnknownFields()
	if err := strict.Decode(w); err != nil {
		return nil, doc.Errorf("", "%v", err)
	}
	if w.At != "" {
		if err := w.at.Set(w.At); err != nil {
			return nil, w.errorf("/at", "at: 2026-01-05T10:12:03Z", "%v", err)
		}
	}
	return w, w.checkSet()
}

// checkSet looks at what entities are told; what bodies are is known with their
// contracts.
func (w *worldFile) checkSet() error {
	for _, path := range slices.Sorted(maps.Keys(w.Set)) {
		if !strings.HasPrefix(path, "world.") {
			continue
		}
		var told *faker.EditError
		if _, err := faker.NewWorld(nil, faker.WorldOptions{Edits: []faker.Edit{faker.Set(path, w.Set[path])}}); errors.As(err, &told) {
			hint := ""
			if len(told.Nearest) > 0 {
				hint = "set: {" + told.Nearest[0] + ": …}"
			}
			return w.errorf("/set/"+schema.Escape(path), hint, "%v", told)
		}
	}
	return nil
}

func (w *worldFile) errorf(pointer, hint, format string, args ...any) error {
	e := w.doc.Errorf(pointer, format, args...)
	e.Hint = hint
	return e
}

// document is what decides what happens.
func (w *worldFile) document() worldDoc {
	return worldDoc{
		Seed: w.Seed, At: w.at.Time, Locale: w.Locale, Shape: w.Shape, Orders: w.Orders, Speed: w.Speed,
		Providers: slices.Sorted(maps.Keys(w.Providers)), Set: w.Set,
	}
}

// edits are what the world is told, in the order of the paths.
func (w *worldDoc) edits() (all []faker.Edit) {
	for _, path := range slices.Sorted(maps.Keys(w.Set)) {
		all = append(all, faker.Set(path, w.Set[path]))
	}
	return all
}

// keepWorld begins the run of a world, unless the journal has it: then it goes
// on by itself.
func (c *console) keepWorld(ctx context.Context, w *worldFile, us *control) error {
	if w == nil {
		return nil
	}
	endpoints, err := w.keepEndpoints(ctx, us)
	if err != nil {
		return err
	}
	var is struct {
		runStatus
		Plan struct {
			World     worldDoc          `json:"world"`
			Endpoints map[string]string `json:"endpoints"`
		} `json:"plan"`
	}
	switch err := us.call(ctx, http.MethodGet, "/api/v1/runs/"+w.Name, nil, &is); {
	case statusOf(err) == http.StatusNotFound:
		return w.begin(ctx, us, endpoints)
	case err != nil:
		return err
	}
	if !w.same(&is.Plan.World) || !maps.Equal(endpoints, is.Plan.Endpoints) {
		return w.errorf("/name", "name: "+w.Name+"-2", "the journal has a run %q of another world, or to other endpoints", w.Name)
	}
	switch {
	case is.lives():
		c.note("world %q goes on at event %d, %s", w.Name, is.Next, is.State)
	case is.Problem != "":
		c.note("world %q does not go on: %s", w.Name, is.Problem)
	default:
		c.note("world %q is over, another name begins it anew", w.Name)
	}
	return nil
}

// same reports whether a world that has begun is that of the file.
func (w *worldFile) same(is *worldDoc) bool {
	want := w.document()
	if want.Seed == 0 {
		want.Seed = is.Seed
	}
	if want.At.IsZero() {
		want.At = is.At
	}
	a, err := json.Marshal(want)
	b, err2 := json.Marshal(is)
	return err == nil && err2 == nil && bytes.Equal(a, b)
}

// keepEndpoints are those of the providers, by provider. A URL of the file
// becomes an endpoint.
func (w *worldFile) keepEndpoints(ctx context.Context, us *control) (map[string]string, error) {
	endpoints := map[string]string{}
	for _, provider := range sortedNames(w.Providers) {
		share, at := w.Providers[provider], place("providers", provider)
		switch {
		case share == nil || share.To == "" && share.Endpoint == "":
			continue
		case share.Endpoint != "":
			endpoints[provider] = share.Endpoint
			continue
		}
		name := w.Name + "-" + provider
		body := map[string]string{"url": share.To}
		if share.Secret != "" {
			body["secret"] = share.Secret
		}
		if err := us.call(ctx, http.MethodPut, "/api/v1/endpoints/"+name, body, nil); err != nil {
			return nil, w.errorf(at+"/to", "", "%v", err)
		}
		endpoints[provider] = name
	}
	return endpoints, nil
}

func (w *worldFile) begin(ctx context.Context, us *control, endpoints map[string]string) error {
	run := map[string]any{"name": w.Name, "world": w.document()}
	if len(endpoints) > 0 {
		run["endpoints"] = endpoints
	}
	if w.Label != "" {
		run["label"] = w.Label
	}
	if w.Count > 0 {
		run["count"] = w.Count
	}
	if w.For > 0 {
		run["for"] = w.For
	}
	if w.CatchUp {
		run["catchUp"] = true
	}
	if err := us.call(ctx, http.MethodPost, "/api/v1/runs", run, nil); err != nil {
		return w.misplaced(err)
	}
	return nil
}

// misplaced says what the API finds wrong where the file has it.
func (w *worldFile) misplaced(err error) error {
	var p *problem
	if !errors.As(err, &p) || len(p.Errors) == 0 {
		return w.errorf("", "", "%v", err)
	}
	at, detail := p.Errors[0].Pointer, p.Errors[0].Detail
	hint := ""
	if provider, ok := strings.CutPrefix(at, "/endpoints/"); ok {
		isEndpoint := strings.HasPrefix(detail, "unknown endpoint")
		at = "/providers/" + provider
		if isEndpoint {
			at += "/endpoint"
		}
		if isEndpoint && len(p.Nearest) > 0 {
			hint = provider + ": {endpoint: " + p.Nearest[0] + "}"
		}
	} else if n, ok := strings.CutPrefix(at, "/world/providers/"); ok {
		if i, err := strconv.Atoi(n); err == nil && i < len(w.Providers) {
			at = place("providers", sortedNames(w.Providers)[i])
		}
	} else {
		at = strings.TrimPrefix(at, "/world")
	}
	if len(p.Nearest) > 0 {
		detail += ", the nearest is " + p.Nearest[0]
	}
	return w.errorf(at, hint, "%s", detail)
}

// worlds plays the worlds of runs.
func (c *console) worlds(known []*contracts.Contract, living *livingWorlds) api.Worlds {
	return func(doc json.RawMessage, run string) (api.World, error) {
		w, err := readWorldDoc(doc)
		if err != nil {
			return nil, err
		}
		if w.Seed == 0 {
			w.Seed = 1 + rand.Uint64()>>11
		}
		if w.At.IsZero() {
			w.At = c.now().UTC().Truncate(time.Millisecond)
		}
		selected, err := w.contracts(known)
		if err != nil {
			return nil, err
		}
		if w.Speed != 0 && !positive(w.Speed) {
			return nil, &api.WorldError{Pointer: "/speed", Err: fmt.Errorf("%g is no speed", w.Speed)}
		}
		world, err := faker.NewWorld(selected, faker.WorldOptions{
			Seed: w.Seed, At: w.At, Locale: w.Locale, Shape: faker.Shape(w.Shape), Orders: w.Orders, Parallel: sideBySide,
			Edits: w.edits(),
		})
		var told *faker.EditError
		if errors.As(err, &told) {
			return nil, &api.WorldError{Pointer: "/set/" + schema.Escape(told.Path), Err: err}
		}
		if err != nil {
			return nil, err
		}
		one := &worldRun{doc: w, stream: world.Stream(), opened: world.Opened(), records: world.Records(0), caughtUp: make(chan struct{})}
		if run != "" {
			living.add(run, one)
			one.forgotten = func() { living.drop(run) }
		}
		return one, nil
	}
}

// readWorldDoc reads the world of a request, and says of which member it cannot.
func readWorldDoc(doc json.RawMessage) (w worldDoc, err error) {
	var given map[string]json.RawMessage
	if err := json.Unmarshal(doc, &given); err != nil {
		return w, err
	}
	members := map[string]struct {
		into any
		is   string
	}{
		"seed":      {&w.Seed, "an integer, 0 or more"},
		"at":        {&w.At, "a time such as 2026-01-05T10:12:03Z"},
		"locale":    {&w.Locale, "a text"},
		"shape":     {&w.Shape, "a text"},
		"orders":    {&w.Orders, "an integer"},
		"speed":     {&w.Speed, "a number"},
		"providers": {&w.Providers, "a list of names"},
		"set":       {&w.Set, "an object"},
	}
	for _, name := range sortedNames(given) {
		member, known := members[name]
		if !known {
			err = fmt.Errorf("unknown member %q%s", name, nearestOf(name, sortedNames(members)))
		} else if json.Unmarshal(given[name], member.into) != nil {
			err = fmt.Errorf("expected %s", member.is)
		}
		if err != nil {
			return w, &api.WorldError{Pointer: "/" + schema.Escape(name), Err: err}
		}
	}
	return w, nil
}

func (w *worldDoc) contracts(known []*contracts.Contract) ([]*contracts.Contract, error) {
	if len(w.Providers) == 0 {
		return known, nil
	}
	var selected []*contracts.Contract
	var names []string
	for _, c := range known {
		names = append(names, c.Provider())
		if slices.Contains(w.Providers, c.Provider()) {
			selected = append(selected, c)
		}
	}
	for i, name := range w.Providers {
		if !slices.Contains(names, name) {
			return nil, &api.WorldError{Pointer: fmt.Sprintf("/providers/%d", i), Err: fmt.Errorf("unknown provider %q%s", name, nearestOf(name, names))}
		}
	}
	return selected, nil
}
