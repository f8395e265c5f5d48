package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/schema"
	"github.com/hookrig/hookrig/mockserver"
)

// Worlds makes the world that a document describes: the same events at the same
// times for the same document. An error is about the document, or is a
// [WorldError] about one of its members. run is the name of the run that the
// world is for, "" where it is only to be seen whether there can be such a world.
type Worlds func(doc json.RawMessage, run string) (World, error)

// World is a stream of events. A run asks it with indexes that ascend, for the
// time of each before its event, and for the time of the next one.
type World interface {
	// At is when the event with an index comes, after the start.
	At(index uint64) time.Duration
	// Event is the event with an index that At was asked for, and not long ago.
	Event(index uint64) contracts.Event
}

// WorldError is a member of a world's document that cannot be as it is.
type WorldError struct {
	Pointer string // JSON Pointer
	Err     error
}

func (e *WorldError) Error() string { return e.Err.Error() }

// Unwrap gives Err.
func (e *WorldError) Unwrap() error { return e.Err }

// Begun is a document with what it leaves to the moment at which the run begins.
type Begun interface {
	// Document stands in place of the given one from then on.
	Document() json.RawMessage
}

// Ended is a world that holds something for as long as its run is known.
type Ended interface {
	// Forgotten is called once the run is known no more. It must not block.
	Forgotten()
}

// checkWorld says what is wrong with the plan of a world.
func (a *api) checkWorld(p *plan) error {
	if a.worlds == nil {
		return newProblem(http.StatusUnprocessableEntity, "this server plays no worlds").kind("invalid-request").atBody("/world")
	}
	for member, given := range map[string]bool{
		"/provider": p.Provider != "", "/event": p.Event != "", "/mix": len(p.Mix) > 0, "/to": p.To != "", "/endpoint": p.Endpoint != "",
		"/secret": p.Secret != "", "/set": len(p.Set) > 0,
	} {
		if given {
			return newProblem(http.StatusUnprocessableEntity, "a world says itself what is sent; endpoints say where to").kind("invalid-request").atBody(member)
		}
	}
	var wrong *mockserver.ScheduleError
	if err := p.CheckTimed(); errors.As(err, &wrong) {
		return newProblem(http.StatusUnprocessableEntity, wrong.Message).kind("invalid-request").hint(wrong.Hint()).atBody(wrong.Pointer)
	} else if err != nil {
		return err
	}
	for _, provider := range slices.Sorted(maps.Keys(p.Endpoints)) {
		at := "/endpoints/" + schema.Escape(provider)
		if _, unknown := a.contract(provider); unknown != nil {
			return unknown.atBody(at)
		}
		if _, err := a.toEndpoint(p.Endpoints[provider], ""); err != nil {
			return atMember(err, at)
		}
	}
	w, err := a.worlds(p.World, "")
	if err != nil {
		return worldProblem(err)
	}
	if b, ok := w.(Begun); ok {
		p.World = b.Document()
	}
	return nil
}

// atMember says where in the request a problem is.
func atMember(err error, pointer string) error {
	var p *problem
	if errors.As(err, &p) && len(p.Errors) == 0 {
		return p.atBody(pointer)
	}
	return err
}

func worldProblem(err error) *problem {
	at := "/world"
	var inside *WorldError
	if errors.As(err, &inside) {
		at += inside.Pointer
	}
	return newProblem(http.StatusUnprocessableEntity, err.Error()).kind("invalid-request").atBody(at)
}

// liveBy lets a run send the events of its plan's world at their times.
func (a *api) liveBy(e *execution, o *mockserver.RunOptions) error {
	if a.worlds == nil {
		return errors.New("this server plays no worlds")
	}
	w, err := a.worlds(e.Plan.World, e.name)
	if err != nil {
		return fmt.Errorf("its world: %w", err)
	}
	e.world = w
	p := &e.Plan
	o.Times = func(index uint64) (time.Duration, bool) { return w.At(index), true }
	o.Make = func(index uint64, _ mockserver.Share) (mockserver.Parcel, error) {
		ev := w.Event(index)
		s := sending{Provider: ev.Type.Contract().Provider(), Event: ev.Type.Name(), Tamper: p.Tamper}
		s.Endpoint = p.Endpoints[s.Provider]
		to, err := a.planned(p, &s, ev)
		if isNobodySubscribed(err) {
			return mockserver.Parcel{}, mockserver.ErrUnwanted
		}
		return mockserver.Parcel{Event: ev, Endpoint: to.Endpoint, Key: p.Key, Once: p.Once, Tamper: to.tamper.of(p.Seed, index, ev.Type)}, err
	}
	return nil
}
