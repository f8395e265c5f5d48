package registration

import (
	"net/http"

	"github.com/gorilla/mux"

	"github.com/hookrig/hookrig/contracts"
)

// mountLookups serves the routes by which a receiver fetches what events name.
// They come after the provider's own: a registration is never taken for one.
func (d *desk) mountLookups(routes *mux.Router) {
	if d.entities == nil {
		return
	}
	for _, l := range d.contract.Lookups() {
		m := methods{http.MethodGet: func(w http.ResponseWriter, r *http.Request) error { return d.look(w, r, l) }}
		routes.Handle(l.Path, d.handle(m.serve))
	}
}

func (d *desk) look(w http.ResponseWriter, r *http.Request, l *contracts.Lookup) error {
	var key string
	for _, key = range mux.Vars(r) { // a route of a lookup has one
	}
	body, found := d.entities.Look(l, key)
	if !found {
		return refuse(KindPath, "", "no event has told of such an entity")
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_, _ = w.Write(body) // who does not read it any more need not have it
	return nil
}
