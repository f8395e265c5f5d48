package api

import (
	"cmp"
	"net/http"

	"github.com/gorilla/mux"
)

// providerRow and eventRow are the rows of "hookrig providers" and "hookrig
// events", as far as a sender needs them.
type providerRow struct {
	Provider  string `json:"provider"`
	Title     string `json:"title"`
	Version   string `json:"version"`
	Events    int    `json:"events"`
	Signature string `json:"signature"`
	Digest    string `json:"digest"`
}

type eventRow struct {
	Provider      string `json:"provider"`
	Event         string `json:"event"`
	Summary       string `json:"summary"`
	Documentation string `json:"documentation"`
}

func (a *api) listProviders(w http.ResponseWriter, _ *http.Request) error {
	rows := make([]providerRow, len(a.contracts))
	for i, c := range a.contracts {
		scheme, _ := c.Signature()
		rows[i] = providerRow{
			Provider: c.Provider(), Title: c.Title(), Version: c.Version(), Events: len(c.EventTypes()),
			Signature: cmp.Or(scheme.Algorithm, "none"), Digest: c.Digest(),
		}
	}
	return reply(w, http.StatusOK, map[string][]providerRow{"providers": rows})
}

func (a *api) listEvents(w http.ResponseWriter, r *http.Request) error {
	c, p := a.contract(mux.Vars(r)["provider"])
	if p != nil {
		p.Status = http.StatusNotFound // here it is part of the address
		return p
	}
	rows := make([]eventRow, len(c.EventTypes()))
	for i, t := range c.EventTypes() {
		rows[i] = eventRow{c.Provider(), t.Name(), t.Title(), string(t.Documentation())}
	}
	return reply(w, http.StatusOK, map[string][]eventRow{"events": rows})
}
