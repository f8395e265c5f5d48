package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/gorilla/mux"

	"github.com/hookrig/hookrig/mockserver/registration"
)

// This file is one API for the registrations with all providers, those included
// that have none of their own. The rules are registration's.

// subscriptionInput is the body of POST and PATCH. What is absent stays as it is.
type subscriptionInput struct {
	Provider string
	Events   []string
	URL      string
	Secret   string // its name
	Active   *bool
	Reason   string
	Extra    json.RawMessage
}

func (a *api) listSubscriptions(w http.ResponseWriter, r *http.Request) error {
	in := r.URL.Query()
	event, active := in.Get("event"), in.Get("active")
	list := slices.DeleteFunc(a.subs.List(in.Get("provider")), func(s registration.Subscription) bool {
		return event != "" && !slices.Contains(s.Events, event) || active != "" && s.Active != (active == "true")
	})
	page, next, err := paged(list, in, func(s registration.Subscription) string {
		return fmt.Sprintf("%020d %04d %s", s.Created.UnixNano(), len(s.ID), s.ID)
	})
	if err != nil {
		return err
	}
	return reply(w, http.StatusOK, struct {
		Subscriptions []registration.Subscription `json:"subscriptions"`
		Next          string                      `json:"next,omitempty"`
	}{page, next})
}

func (a *api) getSubscription(w http.ResponseWriter, r *http.Request) error {
	s, err := a.subs.Get(mux.Vars(r)["id"])
	if err != nil {
		return a.refusedSubscription(err, nil)
	}
	return reply(w, http.StatusOK, s)
}

func (a *api) createSubscription(w http.ResponseWriter, r *http.Request) error {
	var in subscriptionInput
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		return err
	}
	if err := a.checkNames(in.Provider, &in); err != nil {
		return err
	}
	created, err := a.subs.Create(r.Context(), registration.Draft{
		Provider: in.Provider, Events: in.Events, URL: in.URL, SecretName: in.Secret,
		Inactive: in.Active != nil && !*in.Active, Reason: in.Reason, Extra: in.Extra,
	})
	if err != nil {
		return a.refusedSubscription(err, &in)
	}
	w.Header().Set("Location", "/api/v1/subscriptions/"+created[0].ID)
	return reply(w, http.StatusCreated, created[0])
}

func (a *api) changeSubscription(w http.ResponseWriter, r *http.Request) error {
	var in subscriptionInput
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		return err
	}
	id := mux.Vars(r)["id"]
	before, err := a.subs.Get(id)
	if err == nil {
		err = a.checkNames(before.Provider, &in)
	}
	if err != nil {
		return a.refusedSubscription(err, &in)
	}
	after, err := a.subs.Update(r.Context(), id, registration.Change{
		URL: in.URL, Events: in.Events, SecretName: in.Secret, Active: in.Active, Reason: in.Reason, Extra: in.Extra,
	})
	if err != nil {
		return a.refusedSubscription(err, &in)
	}
	return reply(w, http.StatusOK, after)
}

func (a *api) deleteSubscription(w http.ResponseWriter, r *http.Request) error {
	if err := a.subs.Delete(r.Context(), mux.Vars(r)["id"]); err != nil {
		return a.refusedSubscription(err, nil)
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// checkNames says which names are unknown, in the words of this API.
func (a *api) checkNames(provider string, in *subscriptionInput) error {
	if _, err := a.contract(provider); err != nil {
		return err.atBody("/provider")
	}
	for i, name := range in.Events {
		if _, err := a.eventType(&sending{Provider: provider, Event: name}); err != nil {
			return moved(err, "/event", fmt.Sprintf("/events/%d", i))
		}
	}
	if in.Secret != "" && !a.hasSecret(in.Secret) {
		return a.unknownSecret(http.StatusUnprocessableEntity, in.Secret).atBody("/secret")
	}
	return nil
}

// moved gives a problem of one member another place in the body.
func moved(err error, from, to string) error {
	var p *problem
	if !errors.As(err, &p) {
		return err
	}
	for i := range p.Errors {
		if at := p.Errors[i].Pointer; at != nil && *at == from {
			p.Errors[i].Pointer = &to
		}
	}
	return err
}

// refusals are the answers to what a provider would refuse.
var refusals = map[registration.Kind]struct {
	status int
	kind   string
}{
	registration.KindProvider: {http.StatusUnprocessableEntity, "unknown-provider"},
	registration.KindEvent:    {http.StatusUnprocessableEntity, "unknown-event"},
	registration.KindURL:      {http.StatusUnprocessableEntity, "invalid-target"},
	registration.KindExists:   {http.StatusConflict, "already-subscribed"},
	registration.KindConflict: {http.StatusConflict, "conflicting-events"},
	registration.KindFull:     {http.StatusInsufficientStorage, "too-many"},
	registration.KindMissing:  {http.StatusUnprocessableEntity, "invalid-request"},
	registration.KindValue:    {http.StatusUnprocessableEntity, "invalid-request"},
	registration.KindTooMany:  {http.StatusUnprocessableEntity, "invalid-request"},
}

// refusedSubscription answers with what registration says of a request.
func (a *api) refusedSubscription(err error, in *subscriptionInput) error {
	if errors.Is(err, registration.ErrUnknown) {
		return newProblem(http.StatusNotFound, "unknown subscription").kind("unknown-subscription").hint("GET /api/v1/subscriptions")
	}
	var refused *registration.RefusedError
	if !errors.As(err, &refused) {
		return err
	}
	as, ok := refusals[refused.Kind]
	if !ok {
		return err
	}
	p := newProblem(as.status, refused.Message).kind(as.kind)
	p.Nearest = refused.Nearest
	switch refused.Kind {
	case registration.KindFull:
		return p.hint("DELETE /api/v1/subscriptions/ID")
	case registration.KindExists:
		p.Hint = "DELETE /api/v1/subscriptions/" + refused.Other
	case registration.KindURL:
		p.Hint = "hookrig serve --relaxed-urls waives the provider's rules on scheme and port"
	}
	at := "/" + refused.Field
	if refused.Field == "event" {
		at = "/events"
		if i := slices.Index(in.Events, refused.Event); i >= 0 {
			at = fmt.Sprintf("/events/%d", i)
		}
	}
	return p.atBody(at)
}
