package registration

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"github.com/gorilla/mux"

	"github.com/hookrig/hookrig/contracts"
)

// teller is an API whose records do not look like its contract's answers.
type teller interface {
	// tell answers with a record.
	tell(w http.ResponseWriter, r *http.Request, body []byte) error
}

// mountLookups serves the routes by which a receiver fetches what events name:
// those that a query tells apart, or the others.
func (d *desk) mountLookups(routes *mux.Router, byQuery bool) {
	if d.entities == nil {
		return
	}
	for _, l := range d.contract.Lookups() {
		if byQuery != (len(l.Query) > 0) {
			continue
		}
		look := func(w http.ResponseWriter, r *http.Request) error { return d.look(w, r, l) }
		paths := []string{l.Path}
		if l.Path == "/" {
			paths = append(paths, "") // base URLs end in a slash or do not
		}
		for _, path := range paths {
			route := routes.Path(path)
			for _, p := range l.Query {
				route.Queries(p.Name, p.Value)
			}
			route.Handler(d.handle(methods{http.MethodGet: look, http.MethodHead: look}.serve))
		}
	}
}

// maxKey bounds what a request asks for, in bytes: no contract has keys near it.
const maxKey = 1000

func (d *desk) look(w http.ResponseWriter, r *http.Request, l *contracts.Lookup) error {
	key := mux.Vars(r)[l.Member]
	var body []byte
	found := false
	if len(key) <= maxKey {
		body, found = d.entities.Look(l, key)
	}
	if !found {
		if l.Missing != 0 {
			w = &withStatus{w, l.Missing}
		}
		return d.api.refuse(w, r, refuse(KindRecord, l.Member, "there is no record of %q, or no event has told of it", key))
	}
	if t, ok := d.api.(teller); ok {
		return t.tell(w, r, body)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_, _ = w.Write(body) // who does not read it any more need not have it
	return nil
}

// withStatus answers with another status.
type withStatus struct {
	http.ResponseWriter
	status int
}

func (w *withStatus) WriteHeader(int) { w.ResponseWriter.WriteHeader(w.status) }

// plain serves the lookups of a contract whose provider has no subscription API
// here. It asks for credentials where some are configured.
type plain struct{ *desk }

func (plain) paths() []path { return nil }

func (p plain) authorize(r *http.Request) *RefusedError {
	if p.token.IsZero() {
		return nil
	}
	return p.bearer(strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "), "Authorization")
}

var plainStatus = map[Kind]int{
	KindNoCredentials:  http.StatusUnauthorized,
	KindBadCredentials: http.StatusUnauthorized,
	KindForeign:        http.StatusForbidden,
	KindMethod:         http.StatusMethodNotAllowed,
}

func (p plain) refuse(w http.ResponseWriter, _ *http.Request, err error) error {
	refused, ours := refusedOf(err)
	status, known := plainStatus[refused.Kind]
	switch {
	case ours:
		status = statusOurs(err)
	case !known:
		status = http.StatusNotFound
	}
	return replyJSON(w, "application/json", status, map[string]string{"message": refused.Message})
}

// elementsOf reads the next JSON value as elements of one name: one for each of a
// list. What is null has no text.
func elementsOf(d *json.Decoder, name string) ([]element, error) {
	t, err := d.Token()
	if err != nil {
		return nil, err
	}
	e := element{name: name}
	switch t := t.(type) {
	case string:
		e.text = t
	case json.Number:
		e.text = t.String()
	case bool:
		e.text = strconv.FormatBool(t)
	case json.Delim:
		var all []element
		for d.More() {
			if t == '{' {
				member, err := d.Token()
				if err != nil {
					return nil, err
				}
				name, _ = member.(string) // no other token stands there
			}
			some, err := elementsOf(d, name)
			if err != nil {
				return nil, err
			}
			all = append(all, some...)
		}
		if _, err := d.Token(); err != nil {
			return nil, err
		}
		if t == '[' {
			return all, nil
		}
		e.kids = all
	}
	return []element{e}, nil
}
