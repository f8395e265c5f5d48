package registration

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/gorilla/mux"
)

const ergonodeName = "ergonode"

// ergonode installs apps. The provider has no API for it: a person uploads the
// app's manifest, and the provider shakes hands with the app. POST /apps stands
// for the upload; the handshake is the provider's own. Sources: the pages
// Manifest, Authentication and Event endpoints at docs.ergonode.com/apps.
type ergonode struct {
	*desk
	installing *sync.Mutex // between looking for an app and keeping it
}

func newErgonode(d *desk) api { return ergonode{d, &sync.Mutex{}} }

func (e ergonode) paths() []path {
	return []path{
		{"/apps", methods{http.MethodPost: e.apply, http.MethodGet: e.list}},
		{"/apps/{id}", methods{http.MethodGet: e.get, http.MethodDelete: e.uninstall}},
	}
}

// authorize asks for nothing unless there is something to compare with: the
// upload of a manifest has no credentials of its own.
func (e ergonode) authorize(r *http.Request) *RefusedError {
	if e.token.IsZero() {
		return nil
	}
	return e.bearer(strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "), "Authorization")
}

// manifest is what matters here of an app's manifest. Members that it has
// besides are passed over.
type manifest struct {
	Name        string   `json:"name"`
	Description string   `json:"description"`
	Version     string   `json:"version"`
	Compatible  string   `json:"compatible"`
	Events      []string `json:"events,omitempty"` // app_installed, app_uninstalled
	URL         string   `json:"url,omitempty"`    // not kept here: it may hold credentials
}

func (m manifest) check() *RefusedError {
	for _, bound := range []struct {
		field, value string
		least, most  int
	}{{"name", m.Name, 3, 30}, {"description", m.Description, 20, 200}} {
		if n := utf8.RuneCountInString(bound.value); n < bound.least || n > bound.most {
			return refuse(KindValue, bound.field, "%s must have %d to %d characters, it has %d", bound.field, bound.least, bound.most, n)
		}
	}
	version, ok := parseSemver(m.Version)
	if !ok {
		return refuse(KindValue, "version", "version must be a semantic version such as 1.0.0")
	}
	compatible, ok := parseSemver(m.Compatible)
	if !ok || compatible.compare(version) > 0 {
		return refuse(KindValue, "compatible", "compatible must be a semantic version that is not greater than version")
	}
	for _, event := range m.Events {
		if event != appInstalled && event != appUninstalled {
			return refuse(KindEvent, "events", "unknown event %q: an app can ask for %s and %s", event, appInstalled, appUninstalled)
		}
	}
	return nil
}

type ergonodeApp struct {
	ID string `json:"id"`
	manifest
	URL    string `json:"url"` // credentials redacted
	Active bool   `json:"active"`
	Reason string `json:"reason,omitempty"`
}

func (e ergonode) view(sub Subscription) (ergonodeApp, error) {
	m, err := manifestOf(sub)
	return ergonodeApp{ID: sub.ID, manifest: m, URL: sub.URL, Active: sub.Active, Reason: sub.Reason}, err
}

func manifestOf(sub Subscription) (m manifest, err error) {
	if sub.Extra != nil {
		err = json.Unmarshal(sub.Extra, &m)
	}
	return m, err
}

// apply installs an app, or updates one that is installed at the same URL where
// the manifest's version is higher. An update needs no new handshake.
func (e ergonode) apply(w http.ResponseWriter, r *http.Request) error {
	var m manifest
	if refused := readJSON(r, &m); refused != nil {
		return refused
	}
	if refused := m.check(); refused != nil {
		return refused
	}
	target := m.URL
	m.URL = ""
	kept, err := json.Marshal(m)
	if err != nil {
		return err
	}
	sub, isNew, err := e.keep(r, target, m, kept)
	if err != nil {
		return err
	}
	status := http.StatusOK
	if isNew {
		status = http.StatusCreated
		if sub, err = e.install(r.Context(), sub, m); err != nil {
			return err
		}
	}
	v, err := e.view(sub)
	if err != nil {
		return err
	}
	markRelaxed(w, sub)
	return replyJSON(w, "application/json", status, v)
}

// keep makes a registration that is not active before the handshake, or
// changes the one at the same URL.
func (e ergonode) keep(r *http.Request, target string, m manifest, kept json.RawMessage) (sub Subscription, isNew bool, err error) {
	e.installing.Lock()
	defer e.installing.Unlock()
	for _, there := range e.List(e.provider) {
		if whole, err := e.target(there); err != nil || whole != target {
			continue
		}
		before, err := manifestOf(there)
		if err != nil {
			return sub, false, err
		}
		old, _ := parseSemver(before.Version) // was checked
		if now, _ := parseSemver(m.Version); now.compare(old) <= 0 {
			refused := refuse(KindExists, "version", "the app is installed with version %s: only a higher one is applied", before.Version)
			refused.Other = there.ID
			return sub, false, refused
		}
		sub, err = e.Update(r.Context(), there.ID, Change{Extra: kept})
		return sub, false, err
	}
	var events []string
	for _, t := range e.contract.EventTypes() {
		events = append(events, t.Name())
	}
	subs, err := e.Create(r.Context(), Draft{
		Provider: e.provider, Events: events, URL: target, Secret: newKey(), Extra: kept,
		Inactive: true, Reason: "the handshake is not done",
	})
	if err != nil {
		return sub, false, err
	}
	return subs[0], true, nil
}

func (e ergonode) list(w http.ResponseWriter, _ *http.Request) error {
	list := []ergonodeApp{}
	for _, sub := range e.List(e.provider) {
		v, err := e.view(sub)
		if err != nil {
			return err
		}
		list = append(list, v)
	}
	return replyJSON(w, "application/json", http.StatusOK, map[string]any{"apps": list})
}

func (e ergonode) get(w http.ResponseWriter, r *http.Request) error {
	sub, err := e.own(mux.Vars(r)["id"])
	if err != nil {
		return err
	}
	v, err := e.view(sub)
	if err != nil {
		return err
	}
	return replyJSON(w, "application/json", http.StatusOK, v)
}

// uninstall tells the app, where its manifest asks for that, and forgets it
// whatever the app says.
func (e ergonode) uninstall(w http.ResponseWriter, r *http.Request) error {
	sub, err := e.own(mux.Vars(r)["id"])
	if err != nil {
		return err
	}
	m, err := manifestOf(sub)
	if err != nil {
		return err
	}
	if sub.Active && slices.Contains(m.Events, appUninstalled) {
		e.tell(r.Context(), sub, appUninstalled)
	}
	if err := e.Delete(r.Context(), sub.ID); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// ergonodeStatus is ours: the provider has no API to install apps by.
var ergonodeStatus = map[Kind]int{
	KindNoCredentials:  http.StatusUnauthorized,
	KindBadCredentials: http.StatusUnauthorized,
	KindForeign:        http.StatusForbidden,
	KindPath:           http.StatusNotFound,
	KindUnknown:        http.StatusNotFound,
	KindRecord:         http.StatusNotFound,
	KindMethod:         http.StatusMethodNotAllowed,
	KindExists:         http.StatusConflict,
	KindMediaType:      http.StatusUnsupportedMediaType,
	KindTooLarge:       http.StatusRequestEntityTooLarge,
	KindUnreachable:    http.StatusBadGateway,
	KindFull:           http.StatusInsufficientStorage,
}

func (e ergonode) refuse(w http.ResponseWriter, _ *http.Request, err error) error {
	refused, ours := refusedOf(err)
	status, known := ergonodeStatus[refused.Kind]
	switch {
	case ours:
		status = statusOurs(err)
	case !known:
		status = http.StatusBadRequest
	}
	body := map[string]string{"message": refused.Message}
	if refused.Field != "" {
		body["field"] = refused.Field
	}
	return replyJSON(w, "application/json", status, body)
}
