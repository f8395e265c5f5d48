package api

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"

	"github.com/gorilla/mux"

	"github.com/hookrig/hookrig/mockserver"
)

type endpoints = named[endpoint]

// endpoint is a receiver by name, as it was put.
type endpoint struct {
	URL    string
	Secret string // its name
	Header http.Header
}

// endpointView is an endpoint as answers show it: without anything that could
// be a credential.
type endpointView struct {
	Name    string   `json:"name"`
	URL     string   `json:"url"`
	Secret  string   `json:"secret,omitempty"`
	Headers []string `json:"headers,omitempty"`
}

func (e endpoint) view(name string) endpointView {
	return endpointView{Name: name, URL: mockserver.RedactURL(e.URL), Secret: e.Secret, Headers: slices.Sorted(maps.Keys(e.Header))}
}

func (a *api) listEndpoints(w http.ResponseWriter, _ *http.Request) error {
	all := []endpointView{}
	for _, name := range a.endpoints.names() {
		if e, ok := a.endpoints.get(name); ok {
			all = append(all, e.view(name))
		}
	}
	return reply(w, http.StatusOK, map[string][]endpointView{"endpoints": all})
}

func (a *api) getEndpoint(w http.ResponseWriter, r *http.Request) error {
	name := mux.Vars(r)["name"]
	e, ok := a.endpoints.get(name)
	if !ok {
		return a.unknownEndpoint(name)
	}
	return reply(w, http.StatusOK, e.view(name))
}

func (a *api) putEndpoint(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		URL, Secret string
		Headers     map[string]string
	}
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		return err
	}
	if p := checkURL(in.URL, "/url"); p != nil {
		return p
	}
	name := mux.Vars(r)["name"]
	if err := a.endpoints.room(name); err != nil {
		return err
	}
	e := endpoint{URL: in.URL, Secret: in.Secret, Header: http.Header{}}
	for _, header := range slices.Sorted(maps.Keys(in.Headers)) {
		e.Header.Add(header, in.Headers[header])
	}
	a.endpoints.put(name, e)
	return reply(w, http.StatusOK, e.view(name))
}

func (a *api) deleteEndpoint(w http.ResponseWriter, r *http.Request) error {
	name := mux.Vars(r)["name"]
	if !a.endpoints.delete(name) {
		return a.unknownEndpoint(name)
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (a *api) unknownEndpoint(name string) *problem {
	return newProblem(http.StatusNotFound, fmt.Sprintf("unknown endpoint %q", name)).
		kind("unknown-endpoint").nearestTo(name, a.endpoints.names()).hint("GET /api/v1/endpoints")
}
