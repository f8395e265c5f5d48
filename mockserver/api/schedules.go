package api

import (
	"context"
	"fmt"
	"net/http"

	"github.com/gorilla/mux"

	"github.com/hookrig/hookrig/mockserver"
)

// schedule is a plan under a name, and how often it was begun.
type schedule struct {
	plan
	Runs uint64 `json:"runs"`

	release func() // of the plan's URL
}

// scheduleView is a schedule as answers show it.
type scheduleView struct {
	schedule
	Hidden bool     `json:"hidden,omitempty"` // stands for the id
	Run    *runView `json:"run,omitempty"`    // the last one
}

func (a *api) viewSchedule(s schedule) scheduleView {
	v := scheduleView{schedule: s, Hidden: s.Hidden != ""}
	if e := a.lastRun(&s); e != nil {
		run := e.view()
		v.Run = &run
	}
	return v
}

func (a *api) listSchedules(w http.ResponseWriter, r *http.Request) error {
	names, next, err := paged(a.work.schedules.names(), r.URL.Query(), func(name string) string { return name })
	if err != nil {
		return err
	}
	page := struct {
		Schedules []scheduleView `json:"schedules"`
		Next      string         `json:"next,omitempty"`
	}{[]scheduleView{}, next}
	for _, name := range names {
		if s, ok := a.work.schedules.get(name); ok {
			page.Schedules = append(page.Schedules, a.viewSchedule(s))
		}
	}
	return reply(w, http.StatusOK, page)
}

func (a *api) getSchedule(w http.ResponseWriter, r *http.Request) error {
	s, err := a.schedule(mux.Vars(r)["name"])
	if err != nil {
		return err
	}
	return reply(w, http.StatusOK, a.viewSchedule(s))
}

func (a *api) schedule(name string) (schedule, error) {
	s, ok := a.work.schedules.get(name)
	if !ok {
		return s, newProblem(http.StatusNotFound, "there is no schedule of this name").kind("unknown-schedule").
			nearestTo(name, a.work.schedules.names()).hint("GET /api/v1/schedules")
	}
	return s, nil
}

func (a *api) putSchedule(w http.ResponseWriter, r *http.Request) error {
	p, err := readPlan(r)
	if err != nil {
		return err
	}
	p.Name = mux.Vars(r)["name"]
	release, err := a.prepare(r.Context(), &p)
	if err != nil {
		return err
	}
	s, err := a.keepSchedule(r.Context(), schedule{plan: p, release: release})
	if err != nil {
		release()
		return err
	}
	return reply(w, http.StatusOK, a.viewSchedule(s))
}

// prepare checks a plan and puts the credentials of its URL away. They cannot be
// forgotten before release is called.
func (a *api) prepare(ctx context.Context, p *plan) (release func(), err error) {
	if err := a.checkPlan(ctx, p); err != nil {
		return nil, err
	}
	url := p.To
	p.Hidden, release, err = a.targets.hold(url)
	p.To = mockserver.RedactURL(url)
	if url == "" {
		p.To = ""
	}
	return release, err
}

// keepSchedule replaces a schedule. A run of the one before goes on as it began.
func (a *api) keepSchedule(ctx context.Context, s schedule) (schedule, error) {
	store := &a.work.schedules
	store.writing.Lock()
	defer store.writing.Unlock()
	before, replaced := store.get(s.Name)
	s.Runs = before.Runs
	if err := store.keep(ctx, s.Name, s); err != nil {
		return s, err
	}
	if replaced {
		before.release()
	}
	return s, nil
}

// deleteSchedule stops the schedule's run too.
func (a *api) deleteSchedule(w http.ResponseWriter, r *http.Request) error {
	store := &a.work.schedules
	store.writing.Lock()
	defer store.writing.Unlock()
	s, err := a.schedule(mux.Vars(r)["name"])
	if err != nil {
		return err
	}
	if e := a.lastRun(&s); e != nil && e.live() != nil {
		if err := a.steer(r.Context(), e, "stop"); err != nil {
			return err
		}
	}
	if err := store.forget(r.Context(), s.Name); err != nil {
		return err
	}
	s.release()
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// steerSchedule starts a run of a schedule, or acts on the one that is going on.
func (a *api) steerSchedule(w http.ResponseWriter, r *http.Request) error {
	name, action := mux.Vars(r)["name"], mux.Vars(r)["action"]
	s, err := a.schedule(name)
	if err != nil {
		return err
	}
	e := a.lastRun(&s)
	if action == "start" {
		if e, err = a.startSchedule(r.Context(), name); err != nil {
			return err
		}
		w.Header().Set("Location", "/api/v1/runs/"+e.name)
		return reply(w, http.StatusAccepted, e.view())
	}
	if e == nil || e.live() == nil {
		return newProblem(http.StatusConflict, "the schedule is not running").kind("run-over").hint("POST /api/v1/schedules/" + name + "/start")
	}
	if err := a.steer(r.Context(), e, action); err != nil {
		return err
	}
	return reply(w, http.StatusAccepted, e.view())
}

// startSchedule begins a run from the schedule's first event, under a number of
// its own: so are the ids of its deliveries.
func (a *api) startSchedule(ctx context.Context, name string) (*execution, error) {
	store := &a.work.schedules
	store.writing.Lock()
	defer store.writing.Unlock()
	s, err := a.schedule(name)
	if err != nil {
		return nil, err
	}
	if e := a.lastRun(&s); e != nil && e.live() != nil {
		return nil, newProblem(http.StatusConflict, fmt.Sprintf("run %q of this schedule has not ended", e.name)).
			kind("run-lives").hint("POST /api/v1/schedules/" + name + "/stop")
	}
	if err := a.checkPlan(ctx, &s.plan); err != nil {
		return nil, err
	}
	for s.Runs++; a.work.find(s.runName()) != nil; s.Runs++ { // somebody has taken the name
	}
	if err := store.keep(ctx, name, s); err != nil {
		return nil, err
	}
	return a.startRun(ctx, &execution{name: s.runName(), Schedule: name, Plan: s.plan})
}

// runName is that of the last run. Some schemes sign an id before a dot, so that
// ids have none.
func (s *schedule) runName() string { return fmt.Sprintf("%s-%d", s.Name, s.Runs) }

// lastRun is nil for a schedule that was never begun, or if its run was forgotten.
func (a *api) lastRun(s *schedule) *execution {
	if e := a.work.find(s.runName()); e != nil && e.Schedule == s.Name {
		return e
	}
	return nil
}
