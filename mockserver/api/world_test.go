package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/mockserver"
)

// metronome is a world in which something happens every so often.
type metronome struct {
	Every string `json:"every"`
	Seed  int    `json:"seed,omitempty"`

	gap       time.Duration
	make      func(uint64) contracts.Event
	forgotten func()
}

func (m *metronome) At(index uint64) time.Duration { return time.Duration(index) * m.gap }

func (m *metronome) Event(index uint64) contracts.Event { return m.make(index) }

func (m *metronome) Document() json.RawMessage {
	text, _ := json.Marshal(m)
	return text
}

func (m *metronome) Forgotten() { m.forgotten() }

// worlds counts which runs have one.
type worlds struct {
	mu              sync.Mutex
	made, forgotten []string
}

func (w *worlds) play(doc json.RawMessage, run string) (World, error) {
	m := &metronome{forgotten: func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.forgotten = append(w.forgotten, run)
	}}
	if err := json.Unmarshal(doc, m); err != nil {
		return nil, err
	}
	var err error
	if m.gap, err = time.ParseDuration(m.Every); err != nil {
		return nil, &WorldError{"/every", errors.New("that is no while")}
	}
	if m.Seed == 0 {
		m.Seed = 7 // drawn
	}
	m.make = pingOf(m.Seed)
	if run != "" {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.made = append(w.made, run)
	}
	return m, nil
}

// pingOf makes events that tell their index and the seed.
func pingOf(seed int) func(uint64) contracts.Event {
	ping, _ := both()[1].EventType("ping")
	return func(index uint64) contracts.Event {
		return contracts.Event{Type: ping, Body: fmt.Appendf(nil, `{"type":"ping","n":%d}`, uint64(seed)*1000+index)}
	}
}

func (w *worlds) counts() (made, forgotten []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.made), slices.Clone(w.forgotten)
}

// live is a server of the machine's that plays worlds.
func (m machine) live(t *testing.T, h http.Handler) (*rig, *worlds) {
	w := &worlds{}
	return newRigWith(t, Config{Contracts: both(), Shelf: m.journal, Secrets: m.secrets}, h, func(o *Options, so *mockserver.Options) {
		so.Journal, o.Worlds = m.journal, w.play
	}), w
}

const shopEndpoint = `{"url":"http://shop.test/hooks"}`

// A world is a run: its events go at their times, with its label, and it can be
// paused, resumed, single-stepped and stopped.
func TestWorldIsARun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shop := &receiver{begun: time.Now()}
		g, _ := newMachine().live(t, shop)
		g.do("PUT", "/api/v1/endpoints/shop", shopEndpoint).is(200)
		shop.begun = time.Now()
		var d struct {
			runView
			Plan struct{ World metronome }
		}
		g.do("POST", "/api/v1/runs", `{"name":"w","label":"staging","world":{"every":"10s"},"endpoints":{"bravo":"shop"}}`).is(202).into(&d)
		if d.Name != "w" || d.Plan.World.Seed != 7 {
			t.Errorf("the plan does not say what was drawn: %+v", d)
		}
		time.Sleep(25 * time.Second)
		g.do("POST", "/api/v1/runs/w/pause", "").is(202)
		time.Sleep(time.Minute)
		if at, _ := shop.got(); fmt.Sprint(at) != "[0s 10s 20s]" {
			t.Errorf("before the pause: %v", at)
		}
		g.do("POST", "/api/v1/runs/w/advance", "").is(202)
		time.Sleep(time.Second)
		if at, _ := shop.got(); len(at) != 4 {
			t.Errorf("after a single step: %v", at)
		}
		g.do("POST", "/api/v1/runs/w/resume", "").is(202)
		time.Sleep(63 * time.Second) // between two events
		at, bodies := shop.got()
		if len(at) < 8 {
			t.Errorf("after the pause: %v", at)
		}
		g.do("POST", "/api/v1/runs/w/stop", "").is(202)
		time.Sleep(time.Minute)
		if later, _ := shop.got(); len(later) != len(at) {
			t.Errorf("after the stop: %v", later)
		}
		slices.Sort(bodies)
		if len(slices.Compact(bodies)) != len(at) {
			t.Errorf("an event came twice: %v", bodies)
		}
		if one := g.detail("w-3"); one.Label != "staging" || one.Endpoint != "shop" {
			t.Errorf("%+v", one)
		}
	})
}

// What nobody takes is passed over, and the world goes on.
func TestWorldSkipsWhatNobodyTakes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shop := &receiver{begun: time.Now()}
		g, _ := newMachine().live(t, shop)
		g.do("POST", "/api/v1/runs", `{"name":"w","count":3,"world":{"every":"10s"}}`).is(202)
		time.Sleep(15 * time.Second)
		g.do("POST", "/api/v1/subscriptions", `{"provider":"bravo","events":["ping"],"url":"http://shop.test/hooks"}`).is(201)
		time.Sleep(time.Minute)
		if at, _ := shop.got(); len(at) != 1 {
			t.Errorf("%v", at)
		}
		if r := g.run("w"); r.State != mockserver.RunDone || r.Next != 3 {
			t.Errorf("%+v", r)
		}
	})
}

// After a restart a world goes on at its next event, made of the same document.
func TestWorldSurvivesARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shop := &receiver{begun: time.Now()}
		m := newMachine()
		first, _ := m.live(t, shop)
		first.do("PUT", "/api/v1/endpoints/shop", shopEndpoint).is(200)
		first.do("POST", "/api/v1/runs", `{"name":"w","world":{"every":"10s"},"endpoints":{"bravo":"shop"}}`).is(202)
		time.Sleep(25 * time.Second)
		first.stop()
		_, before := shop.got()

		second, w := m.live(t, shop)
		time.Sleep(35 * time.Second)
		_, after := shop.got()
		if made, _ := w.counts(); !slices.Equal(made, []string{"w"}) {
			t.Errorf("worlds of %v", made)
		}
		if len(before) < 3 || len(after) < len(before)+3 {
			t.Fatalf("%d events before, %d after", len(before), len(after))
		}
		for i, body := range after {
			if want := string(pingOf(7)(uint64(i)).Body); body != want {
				t.Errorf("event %d: %s, want %s", i, body, want)
			}
		}
		if r := second.run("w"); !slices.Contains([]mockserver.RunState{mockserver.RunReady, mockserver.RunRunning}, r.State) {
			t.Errorf("%+v", r)
		}
	})
}

// Of the worlds that have ended the last ones are kept, though their runs are known.
func TestWorldsAreForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, w := newMachine().live(t, &receiver{begun: time.Now()})
		for i := range mostWorlds + 3 {
			g.do("POST", "/api/v1/runs", fmt.Sprintf(`{"name":"w%d","count":1,"world":{"every":"1s"}}`, i)).is(202)
			time.Sleep(2500 * time.Millisecond)
		}
		made, forgotten := w.counts()
		if len(made) != mostWorlds+3 || !slices.Equal(forgotten, []string{"w0", "w1", "w2"}) {
			t.Errorf("%d were made, %v are forgotten", len(made), forgotten)
		}
		if r := g.run("w0"); r.State != mockserver.RunDone {
			t.Errorf("%+v", r)
		}
	})
}

// So many worlds live at once, each with its memory; one more is refused until one stops.
func TestWorldsAreFew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, w := newMachine().live(t, &receiver{begun: time.Now()})
		for i := range mostWorlds {
			g.do("POST", "/api/v1/runs", fmt.Sprintf(`{"name":"w%d","world":{"every":"1h"}}`, i)).is(202)
		}
		const one = `{"name":"more","world":{"every":"1h"}}`
		if p := g.do("POST", "/api/v1/runs", one).problem(507); !strings.HasSuffix(p.Type, "too-many") || !strings.Contains(p.Hint, "/stop") {
			t.Errorf("%+v", p)
		}
		g.do("POST", "/api/v1/runs/w3/stop", "").is(202)
		g.do("POST", "/api/v1/runs", one).is(202)
		if made, forgotten := w.counts(); len(made) != mostWorlds+1 || len(forgotten) != 0 {
			t.Errorf("%v were made, %v are forgotten", made, forgotten)
		}
	})
}

func TestWorldMistakes(t *testing.T) {
	shop := answers(200)
	g, _ := newMachine().live(t, shop)
	g.do("PUT", "/api/v1/endpoints/shop", shopEndpoint).is(200)
	for body, want := range map[string]string{
		`{"world":{"every":"soon"}}`:                                "/world/every",
		`{"world":{"every":"1s"},"provider":"bravo"}`:               "/provider",
		`{"world":{"every":"1s"},"event":"ping"}`:                   "/event",
		`{"world":{"every":"1s"},"to":"http://shop.test/"}`:         "/to",
		`{"world":{"every":"1s"},"endpoint":"shop"}`:                "/endpoint",
		`{"world":{"every":"1s"},"set":{"/n":1}}`:                   "/set",
		`{"world":{"every":"1s"},"endpoints":{"bravo":"nobody"}}`:   "/endpoints/bravo",
		`{"world":{"every":"1s"},"endpoints":{"brav":"shop"}}`:      "/endpoints/brav",
		`{"world":{"every":"1s"},"count":0}`:                        "/count",
		`{"world":[]}`:                                              "/world",
		`{"every":"1s","endpoints":{"bravo":"shop"},` + pings + `}`: "/endpoints",
	} {
		p := g.do("POST", "/api/v1/runs", body).problem(422)
		if len(p.Errors) != 1 || *p.Errors[0].Pointer != want {
			t.Errorf("%s: %+v", body, p)
		}
	}
	none := newRig(t, shop)
	if p := none.do("POST", "/api/v1/runs", `{"world":{}}`).problem(422); !strings.Contains(p.Detail, "plays no worlds") {
		t.Errorf("%+v", p)
	}
	var page struct{ Runs []runView }
	if g.do("GET", "/api/v1/runs", "").is(200).into(&page); len(page.Runs) != 0 {
		t.Errorf("%+v", page)
	}
}
