package registration

import (
	"encoding/json"
	"net/http"
	"net/url"

	"github.com/gorilla/mux"
)

const (
	scayleName    = "scayle"
	scayleVersion = 1 // of every event that the contract knows
)

// scayle is /webhooks/subscriptions and /webhooks/events of the Admin API.
// Source: the services and fixtures of github.com/scayle/admin-api-php-sdk.
type scayle struct{ *desk }

func newScayle(d *desk) api { return scayle{d} }

func (s scayle) paths() []path {
	return []path{
		{"/webhooks/subscriptions", methods{http.MethodPost: s.create, http.MethodGet: s.list}},
		{"/webhooks/subscriptions/{id}", methods{http.MethodGet: s.get, http.MethodPatch: s.update, http.MethodDelete: s.delete}},
		{"/webhooks/events", methods{http.MethodGet: s.events}},
	}
}

func (s scayle) authorize(r *http.Request) *RefusedError {
	return s.bearer(r.Header.Get("X-Access-Token"), "X-Access-Token")
}

// scayleExtra are the members of a subscription that the store does not have.
// What filters do is in scayleWants.
type scayleExtra struct {
	Version int             `json:"version"`
	Filters json.RawMessage `json:"filters,omitempty"`
}

type scayleSubscription struct {
	ID    json.Number `json:"id"`
	Event string      `json:"event"`
	URL   string      `json:"url"`
	scayleExtra
}

func (s scayle) view(sub Subscription) (scayleSubscription, error) {
	v := scayleSubscription{ID: json.Number(sub.ID), Event: sub.Events[0], scayleExtra: scayleExtra{Version: scayleVersion}}
	target, err := s.target(sub)
	if err != nil {
		return v, err
	}
	v.URL = maskCredentials(target)
	if sub.Extra != nil {
		err = json.Unmarshal(sub.Extra, &v.scayleExtra)
	}
	return v, err
}

// maskCredentials shows that a URL carries credentials, and not which.
func maskCredentials(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || u.User == nil {
		return raw
	}
	u.User = nil
	return u.Scheme + "://***:***@" + u.String()[len(u.Scheme)+len("://"):]
}

func (s scayle) create(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Event   string          `json:"event"`
		URL     string          `json:"url"`
		Version *int            `json:"version"`
		Filters json.RawMessage `json:"filters"`
	}
	if refused := readJSON(r, &in); refused != nil {
		return refused
	}
	if in.Event == "" {
		return refuse(KindMissing, "event", "event is required")
	}
	if in.Version != nil && *in.Version != scayleVersion {
		return refuse(KindValue, "version", "%q has version %d alone", in.Event, scayleVersion)
	}
	extra, err := scayleMembers(in.Filters)
	if err != nil {
		return err
	}
	subs, err := s.Create(r.Context(), Draft{Provider: s.provider, Events: []string{in.Event}, URL: in.URL, Extra: extra})
	if err != nil {
		return err
	}
	return s.reply(w, http.StatusCreated, subs[0])
}

// scayleMembers are what the store keeps of a request besides event and URL.
func scayleMembers(filters json.RawMessage) (json.RawMessage, error) {
	var list []json.RawMessage
	if filters != nil && json.Unmarshal(filters, &list) != nil {
		return nil, refuse(KindValue, "filters", "filters must be a list")
	}
	if list == nil { // null is as absent
		filters = nil
	}
	return json.Marshal(scayleExtra{Version: scayleVersion, Filters: filters})
}

func (s scayle) reply(w http.ResponseWriter, status int, sub Subscription) error {
	v, err := s.view(sub)
	if err != nil {
		return err
	}
	markRelaxed(w, sub)
	return replyJSON(w, "application/json", status, v)
}

func (s scayle) list(w http.ResponseWriter, _ *http.Request) error {
	list := []scayleSubscription{}
	for _, sub := range s.List(s.provider) {
		v, err := s.view(sub)
		if err != nil {
			return err
		}
		list = append(list, v)
	}
	return replyJSON(w, "application/json", http.StatusOK, map[string]any{"entities": list})
}

func (s scayle) get(w http.ResponseWriter, r *http.Request) error {
	sub, err := s.own(mux.Vars(r)["id"])
	if err != nil {
		return err
	}
	return s.reply(w, http.StatusOK, sub)
}

// update changes URL and filters. The event of a subscription is for good.
func (s scayle) update(w http.ResponseWriter, r *http.Request) error {
	sub, err := s.own(mux.Vars(r)["id"])
	if err != nil {
		return err
	}
	var in struct {
		URL     *string         `json:"url"`
		Filters json.RawMessage `json:"filters"`
		Version *int            `json:"version"`
		Event   *string         `json:"event"`
	}
	if refused := readJSON(r, &in); refused != nil {
		return refused
	}
	var change Change
	switch {
	case in.Event != nil && *in.Event != sub.Events[0]:
		return refuse(KindValue, "event", "the event of a subscription cannot be changed")
	case in.Version != nil && *in.Version != scayleVersion:
		return refuse(KindValue, "version", "there is version %d alone", scayleVersion)
	case in.URL != nil && *in.URL == "":
		return refuse(KindURL, "url", "the URL is empty")
	case in.URL != nil:
		change.URL = *in.URL
	}
	if in.Filters != nil {
		if change.Extra, err = scayleMembers(in.Filters); err != nil {
			return err
		}
	}
	sub, err = s.Update(r.Context(), sub.ID, change)
	if err != nil {
		return err
	}
	return s.reply(w, http.StatusOK, sub)
}

func (s scayle) delete(w http.ResponseWriter, r *http.Request) error {
	if err := s.forget(r); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

type scayleEvent struct {
	Event            string          `json:"event"`
	Version          int             `json:"version"`
	Description      string          `json:"description"`
	IsDeprecated     bool            `json:"isDeprecated"`
	IsBlocking       bool            `json:"isBlocking"`
	SupportedFilters map[string]bool `json:"supportedFilters"`
}

func (s scayle) events(w http.ResponseWriter, _ *http.Request) error {
	list := []scayleEvent{}
	for _, t := range s.contract.EventTypes() {
		list = append(list, scayleEvent{
			Event: t.Name(), Version: scayleVersion, Description: t.Title(),
			SupportedFilters: map[string]bool{"merchants": scayleFilters(t)},
		})
	}
	return replyJSON(w, "application/json", http.StatusOK, map[string]any{"entities": list})
}

// scayleErrors: the shape of an error is published, its keys and statuses are assumed.
var scayleErrors = map[Kind]struct {
	status int
	key    string
}{
	KindNoCredentials:  {http.StatusUnauthorized, "unauthorized"},
	KindBadCredentials: {http.StatusUnauthorized, "unauthorized"},
	KindForeign:        {http.StatusForbidden, "forbidden"},
	KindPath:           {http.StatusNotFound, "not_found"},
	KindRecord:         {http.StatusNotFound, "not_found"},
	KindUnknown:        {http.StatusNotFound, "not_found"},
	KindMethod:         {http.StatusMethodNotAllowed, "method_not_allowed"},
	KindMediaType:      {http.StatusUnsupportedMediaType, "unsupported_media_type"},
	KindTooLarge:       {http.StatusRequestEntityTooLarge, "payload_too_large"},
	KindFull:           {http.StatusInsufficientStorage, "insufficient_storage"},
}

func (s scayle) refuse(w http.ResponseWriter, _ *http.Request, err error) error {
	refused, ours := refusedOf(err)
	answer, known := scayleErrors[refused.Kind]
	switch {
	case ours:
		answer.status, answer.key = statusOurs(err), "internal_error"
	case !known:
		answer.status, answer.key = http.StatusBadRequest, "validation_error"
	}
	context := map[string]any{}
	if refused.Field != "" {
		context["field"] = refused.Field
	}
	if len(refused.Nearest) > 0 {
		context["nearest"] = refused.Nearest
	}
	return replyJSON(w, "application/json", answer.status, map[string]any{
		"errors": []map[string]any{{"errorKey": answer.key, "message": refused.Message, "context": context}},
	})
}
