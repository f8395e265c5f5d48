package registration

import (
	"encoding/json"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/gorilla/mux"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/signature"
)

const (
	xentralName    = "xentral"
	xentralMaxName = 100
	xentralMinKey  = 20
	xentralMaxKey  = 255
)

// xentral is /api/v1/webhooks and /api/v1/webhookEventTypes. Sources:
// developer.xentral.com and help.xentral.com; github.com/xentral/agent-cores.
type xentral struct{ *desk }

func newXentral(d *desk) api { return xentral{d} }

func (x xentral) paths() []path {
	return []path{
		{"/api/v1/webhooks", methods{http.MethodPost: x.create, http.MethodGet: x.list}},
		{"/api/v1/webhooks/{id}", methods{http.MethodGet: x.get, http.MethodDelete: x.delete}},
		{"/api/v1/webhookEventTypes", methods{http.MethodGet: x.eventTypes}},
	}
}

func (x xentral) authorize(r *http.Request) *RefusedError {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		token = ""
	}
	return x.bearer(strings.TrimSpace(token), "Authorization")
}

type xentralEvent struct {
	ID string `json:"id"`
}

type xentralWebhook struct {
	ID     string         `json:"id"`
	Name   string         `json:"name"`
	URL    string         `json:"url"`
	Events []xentralEvent `json:"events"`
}

type xentralExtra struct {
	Name string `json:"name"`
}

func (x xentral) create(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Name         string         `json:"name"`
		URL          string         `json:"url"`
		SignatureKey string         `json:"signatureKey"`
		Events       []xentralEvent `json:"events"`
	}
	if refused := readJSON(r, &in); refused != nil {
		return refused
	}
	if n := utf8.RuneCountInString(in.Name); n == 0 || n > xentralMaxName {
		return refuse(KindValue, "name", "the name must have 1 to %d characters, it has %d", xentralMaxName, n)
	}
	if n := utf8.RuneCountInString(in.SignatureKey); n < xentralMinKey || n > xentralMaxKey {
		return refuse(KindValue, "signatureKey", "the signature key must have %d to %d characters, it has %d", xentralMinKey, xentralMaxKey, n)
	}
	draft := Draft{Provider: x.provider, URL: in.URL, Secret: signature.NewSecret(in.SignatureKey)}
	tags := x.tags()
	for _, event := range in.Events {
		name, ok := tags[event.ID]
		if !ok {
			return refuse(KindEvent, "events", "unknown event %q; GET /api/v1/webhookEventTypes lists them", event.ID)
		}
		draft.Events = append(draft.Events, name)
	}
	var err error
	if draft.Extra, err = json.Marshal(xentralExtra{in.Name}); err != nil {
		return err
	}
	subs, err := x.Create(r.Context(), draft)
	if err != nil {
		return err
	}
	markRelaxed(w, subs...)
	w.Header().Set("Location", "/providers/"+x.provider+"/api/v1/webhooks/"+subs[0].ID)
	w.WriteHeader(http.StatusCreated)
	return nil
}

// tags are the contract's events by what the API calls them.
func (x xentral) tags() map[string]string {
	tags := make(map[string]string, len(x.contract.EventTypes()))
	for _, t := range x.contract.EventTypes() {
		tags[t.Tag()] = t.Name()
	}
	return tags
}

func (x xentral) view(sub Subscription) (xentralWebhook, error) {
	v := xentralWebhook{ID: sub.ID, Events: []xentralEvent{}}
	for _, name := range sub.Events {
		if t, err := x.contract.EventType(name); err == nil { // the contract may have changed since
			v.Events = append(v.Events, xentralEvent{t.Tag()})
		}
	}
	var extra xentralExtra
	if sub.Extra != nil {
		if err := json.Unmarshal(sub.Extra, &extra); err != nil {
			return v, err
		}
	}
	v.Name = extra.Name
	target, err := x.target(sub)
	v.URL = target
	return v, err
}

func (x xentral) list(w http.ResponseWriter, _ *http.Request) error {
	list := []xentralWebhook{}
	for _, sub := range x.List(x.provider) {
		v, err := x.view(sub)
		if err != nil {
			return err
		}
		list = append(list, v)
	}
	return x.replyList(w, list, len(list))
}

func (x xentral) get(w http.ResponseWriter, r *http.Request) error {
	sub, err := x.own(mux.Vars(r)["id"])
	if err != nil {
		return err
	}
	v, err := x.view(sub)
	if err != nil {
		return err
	}
	return replyJSON(w, "application/json", http.StatusOK, map[string]any{"data": v})
}

func (x xentral) delete(w http.ResponseWriter, r *http.Request) error {
	if err := x.forget(r); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

type xentralEventType struct {
	ID     string          `json:"id"`
	Group  string          `json:"group"`
	Schema json.RawMessage `json:"schema,omitempty"`
}

func (x xentral) eventTypes(w http.ResponseWriter, r *http.Request) error {
	withSchema := r.URL.Query().Get("include") == "schema"
	list := []xentralEventType{}
	for _, t := range x.contract.EventTypes() {
		row := xentralEventType{ID: t.Tag(), Group: groupOf(t)}
		if withSchema {
			schema, err := t.Schema()
			if err != nil {
				return err
			}
			row.Schema = schema.Bundle()
		}
		list = append(list, row)
	}
	return x.replyList(w, list, len(list))
}

// groupOf is the entity that a channel is about: its name up to the dot.
func groupOf(t *contracts.EventType) string {
	group, _, _ := strings.Cut(t.Name(), ".")
	return group
}

// replyList is the envelope of the provider's lists.
func (x xentral) replyList(w http.ResponseWriter, list any, n int) error {
	return replyJSON(w, "application/json", http.StatusOK, map[string]any{"data": list, "extra": map[string]int{"totalCount": n}})
}

// xentralStatus is assumed but for 404, which clients rely on.
var xentralStatus = map[Kind]int{
	KindNoCredentials:  http.StatusUnauthorized,
	KindBadCredentials: http.StatusUnauthorized,
	KindForeign:        http.StatusForbidden,
	KindPath:           http.StatusNotFound,
	KindRecord:         http.StatusNotFound,
	KindUnknown:        http.StatusNotFound,
	KindMethod:         http.StatusMethodNotAllowed,
	KindMediaType:      http.StatusUnsupportedMediaType,
	KindTooLarge:       http.StatusRequestEntityTooLarge,
	KindFull:           http.StatusInsufficientStorage,
}

// refuse answers with a problem (RFC 9457): that the provider does so is assumed.
func (x xentral) refuse(w http.ResponseWriter, _ *http.Request, err error) error {
	refused, ours := refusedOf(err)
	status, known := xentralStatus[refused.Kind]
	switch {
	case ours:
		status = statusOurs(err)
	case !known:
		status = http.StatusBadRequest
	}
	problem := map[string]any{"type": "about:blank", "title": http.StatusText(status), "status": status, "detail": refused.Message}
	if refused.Field != "" {
		problem["violations"] = map[string][]string{refused.Field: {refused.Message}}
	}
	if status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	return replyJSON(w, "application/problem+json", status, problem)
}
