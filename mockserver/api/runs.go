package api

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gorilla/mux"

	"github.com/hookrig/hookrig/mockserver"
)

// runView is a run as lists show it.
type runView struct {
	mockserver.RunStatus
	Schedule string    `json:"schedule,omitempty"`
	Begun    time.Time `json:"begun"`
}

// runDetail is one with what it sends.
type runDetail struct {
	runView
	Plan planView `json:"plan"`
}

type planView struct {
	plan
	Hidden bool `json:"hidden,omitempty"` // stands for the id
}

func (e *execution) view() runView {
	return runView{RunStatus: e.status(), Schedule: e.Schedule, Begun: e.Begun}
}

func (e *execution) detail() runDetail {
	return runDetail{e.view(), planView{e.Plan, e.Plan.Hidden != ""}}
}

// order ascends from the latest run to the oldest.
func (e *execution) order() string {
	return fmt.Sprintf("%020d %s", uint64(math.MaxInt64)-uint64(e.Begun.UnixNano()), e.name)
}

func (a *api) listRuns(w http.ResponseWriter, r *http.Request) error {
	in := r.URL.Query()
	schedule, state := in.Get("schedule"), in.Get("state")
	list := slices.DeleteFunc(a.work.all(), func(e *execution) bool {
		return schedule != "" && e.Schedule != schedule || state != "" && string(e.status().State) != state
	})
	list, next, err := paged(list, in, (*execution).order)
	if err != nil {
		return err
	}
	page := struct {
		Runs []runView `json:"runs"`
		Next string    `json:"next,omitempty"`
	}{make([]runView, len(list)), next}
	for i, e := range list {
		page.Runs[i] = e.view()
	}
	return reply(w, http.StatusOK, page)
}

func (a *api) getRun(w http.ResponseWriter, r *http.Request) error {
	e, err := a.execution(r)
	if err != nil {
		return err
	}
	return reply(w, http.StatusOK, e.detail())
}

func (a *api) execution(r *http.Request) (*execution, error) {
	if e := a.work.find(mux.Vars(r)["name"]); e != nil {
		return e, nil
	}
	return nil, newProblem(http.StatusNotFound, "there is no run of this name").kind("unknown-run").hint("GET /api/v1/runs")
}

// beginRun carries out a plan that no schedule keeps.
func (a *api) beginRun(w http.ResponseWriter, r *http.Request) error {
	p, err := readPlan(r)
	if err != nil {
		return err
	}
	p.Name = cmp.Or(p.Name, "run-"+strings.ToLower(rand.Text()[:12]))
	release, err := a.prepare(r.Context(), &p)
	if err != nil {
		return err
	}
	defer release() // the run holds it too
	e, err := a.startRun(r.Context(), &execution{name: p.Name, Plan: p})
	if err != nil {
		return err
	}
	w.Header().Set("Location", "/api/v1/runs/"+e.name)
	return reply(w, http.StatusAccepted, e.detail())
}

// startRun writes a run down and carries it out.
func (a *api) startRun(ctx context.Context, e *execution) (*execution, error) {
	if !a.server.Running() {
		return nil, stopping()
	}
	w := &a.work
	w.writing.Lock()
	defer w.writing.Unlock()
	if err := a.roomForRun(ctx, e.name); err != nil {
		return nil, err
	}
	if e.Plan.World != nil {
		if err := a.roomForWorld(); err != nil {
			return nil, err
		}
	}
	e.Begun = time.Now()
	doc, err := json.Marshal(e)
	if err != nil {
		return nil, err
	}
	if err := a.shelf.Put(ctx, kindRun, e.name, doc); err != nil {
		return nil, err
	}
	if err := a.carryOut(e); err != nil {
		a.work.letGo(e)
		if gone := a.shelf.Delete(context.WithoutCancel(ctx), kindRun, e.name); gone != nil {
			a.log.Error("a run that was not begun stands on the shelf", "run", e.name, "error", gone)
		}
		if errors.Is(err, mockserver.ErrStopped) {
			return nil, stopping()
		}
		return nil, err
	}
	w.mu.Lock()
	w.byName[e.name] = e
	w.mu.Unlock()
	w.stir()
	return e, nil
}

// roomForRun forgets the oldest runs that have ended. It needs work.writing.
func (a *api) roomForRun(ctx context.Context, name string) error {
	var ended []*execution
	list := a.work.all()
	for _, e := range list {
		if e.name == name {
			return newProblem(http.StatusConflict, "there is a run of this name").kind("known-run").hint("GET /api/v1/runs/" + name)
		}
		if e.live() == nil {
			ended = append(ended, e)
		}
	}
	if len(list)-len(ended) >= mostLive {
		return newProblem(http.StatusInsufficientStorage, fmt.Sprintf("there are %d runs already", mostLive)).kind("too-many").hint("POST /api/v1/runs/NAME/stop")
	}
	for len(ended) >= mostEnded {
		last := ended[len(ended)-1]
		if err := a.forgetRun(ctx, last.name); err != nil {
			return err
		}
		ended = ended[:len(ended)-1]
	}
	return nil
}

// roomForWorld lets go of the oldest worlds whose runs have ended. It needs
// work.writing.
func (a *api) roomForWorld() error {
	living, ended := 0, 0
	for _, e := range a.work.all() {
		switch {
		case e.Plan.World == nil:
		case e.live() != nil:
			living++
		default:
			if ended++; ended >= mostWorlds {
				a.work.letGo(e)
			}
		}
	}
	if living >= mostWorlds {
		return newProblem(http.StatusInsufficientStorage, fmt.Sprintf("%d worlds live already", mostWorlds)).kind("too-many").hint("POST /api/v1/runs/NAME/stop")
	}
	return nil
}

// letGo forgets the world of a run.
func (w *work) letGo(e *execution) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if world, ok := e.world.(Ended); ok {
		world.Forgotten()
	}
	e.world = nil
}

func (a *api) forgetRun(ctx context.Context, name string) error {
	err := errors.Join(
		a.work.runs.Forget(name),
		a.shelf.Delete(ctx, kindRun, name),
		a.shelf.Delete(ctx, kindStatus, name))
	if err != nil {
		return err
	}
	if e := a.work.find(name); e != nil {
		a.work.letGo(e)
	}
	a.work.mu.Lock()
	defer a.work.mu.Unlock()
	delete(a.work.byName, name)
	return nil
}

func (a *api) steerRun(w http.ResponseWriter, r *http.Request) error {
	e, err := a.execution(r)
	if err != nil {
		return err
	}
	if err := a.steer(r.Context(), e, mux.Vars(r)["action"]); err != nil {
		return err
	}
	return reply(w, http.StatusAccepted, e.view())
}

// stopWait is how long a request waits for the end of the run that it has stopped.
const stopWait = time.Second

// steer acts on a run and returns when that is written down: a run that was told
// to stop does not go on after a crash.
func (a *api) steer(ctx context.Context, e *execution, action string) error {
	err := mockserver.ErrRunOver
	if run := e.live(); run != nil {
		switch action {
		case "pause":
			err = run.Pause()
		case "resume":
			err = run.Resume()
		case "advance":
			err = run.Advance()
		case "stop":
			if err = run.Stop(); err == nil {
				e.mu.Lock()
				e.stopped = true
				e.mu.Unlock()
				ctx, cancel := context.WithTimeout(ctx, stopWait)
				defer cancel()
				_ = run.Wait(ctx) // for its last figures
			}
		default:
			err = fmt.Errorf("the document lets pass the action %q", action)
		}
	}
	if errors.Is(err, mockserver.ErrRunOver) {
		p := newProblem(http.StatusConflict, "the run has ended").kind("run-over")
		if e.Schedule != "" {
			return p.hint("POST /api/v1/schedules/" + e.Schedule + "/start")
		}
		return p
	}
	if err != nil {
		return err
	}
	a.work.stir()
	return e.keep(ctx, a.shelf, a.work.runs)
}
