package registration

import (
	"cmp"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/gorilla/mux"
)

const (
	shoptetName = "shoptet"
	shoptetKey  = "shoptet.signature-key" // one key signs all deliveries of an installation
	shoptetMost = 50                      // registrations in one call
	shoptetTime = "2006-01-02T15:04:05-0700"
)

// shoptet is POST, GET, PATCH and DELETE /api/webhooks, the renewal of the
// signature key, and the log of notifications. Sources: github.com/shoptet/developers,
// openapi/openapi.yaml, tag Webhooks.
type shoptet struct{ *desk }

func newShoptet(d *desk) api { return shoptet{d} }

func (s shoptet) paths() []path {
	return []path{
		{"/api/webhooks", methods{http.MethodPost: s.create, http.MethodGet: s.list}},
		{"/api/webhooks/renew-signature-key", methods{http.MethodPost: s.renewKey}},
		{"/api/webhooks/notifications", methods{http.MethodGet: s.notifications}},
		{"/api/webhooks/{id}", methods{http.MethodGet: s.get, http.MethodPatch: s.update, http.MethodDelete: s.delete}},
	}
}

// authorize takes an add-on's token or a private one.
func (s shoptet) authorize(r *http.Request) *RefusedError {
	token := cmp.Or(r.Header.Get("Shoptet-Access-Token"), r.Header.Get("Shoptet-Private-API-Token"))
	return s.bearer(token, "Shoptet-Access-Token")
}

type shoptetWebhook struct {
	ID          json.Number `json:"id"`
	Event       string      `json:"event"`
	URL         string      `json:"url"`
	Created     string      `json:"created"`
	Updated     *string     `json:"updated"`
	SendPayload *string     `json:"sendPayload,omitempty"`
}

type shoptetExtra struct {
	SendPayload *string `json:"sendPayload,omitempty"`
}

func (s shoptet) view(sub Subscription) (shoptetWebhook, error) {
	target, err := s.target(sub)
	if err != nil {
		return shoptetWebhook{}, err
	}
	v := shoptetWebhook{ID: json.Number(sub.ID), Event: sub.Events[0], URL: target, Created: sub.Created.Format(shoptetTime)}
	if !sub.Updated.IsZero() {
		updated := sub.Updated.Format(shoptetTime)
		v.Updated = &updated
	}
	var extra shoptetExtra
	if sub.Extra != nil {
		if err := json.Unmarshal(sub.Extra, &extra); err != nil {
			return v, err
		}
	}
	v.SendPayload = extra.SendPayload
	return v, nil
}

func (s shoptet) views(subs []Subscription) ([]shoptetWebhook, error) {
	list := make([]shoptetWebhook, 0, len(subs))
	for _, sub := range subs {
		v, err := s.view(sub)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, nil
}

func (s shoptet) create(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Data []struct {
			Event       *string `json:"event"`
			URL         *string `json:"url"`
			SendPayload *string `json:"sendPayload"`
		} `json:"data"`
	}
	if refused := readJSON(r, &in); refused != nil {
		return refused
	}
	switch {
	case len(in.Data) == 0:
		return refuse(KindMalformed, "data", "data must be a list of one webhook or more")
	case len(in.Data) > shoptetMost:
		return refuse(KindTooMany, "data", "%d webhooks in one call, %d are the most", len(in.Data), shoptetMost)
	}
	drafts := make([]Draft, len(in.Data))
	for i, item := range in.Data {
		if item.Event == nil || item.URL == nil {
			return refuse(KindMalformed, fmt.Sprintf("data.%d", i), "event and url are required")
		}
		extra, refused := shoptetPayload(item.SendPayload)
		if refused != nil {
			return refused
		}
		drafts[i] = Draft{Provider: s.provider, Events: []string{*item.Event}, URL: *item.URL, Extra: extra}
	}
	subs, err := s.Create(r.Context(), drafts...)
	if err != nil {
		return err
	}
	list, err := s.views(subs)
	if err != nil {
		return err
	}
	markRelaxed(w, subs...)
	return s.reply(w, http.StatusCreated, map[string]any{"webhooks": list})
}

// shoptetPayload keeps the wish for the whole entity in notifications. No event
// of the contract has one, and for such events it has no effect.
func shoptetPayload(wish *string) (json.RawMessage, *RefusedError) {
	if wish == nil {
		return nil, nil
	}
	if *wish != "full" {
		return nil, refuse(KindMalformed, "sendPayload", `sendPayload must be "full" or null`)
	}
	return json.RawMessage(`{"sendPayload":"full"}`), nil
}

func (s shoptet) list(w http.ResponseWriter, _ *http.Request) error {
	list, err := s.views(s.List(s.provider))
	if err != nil {
		return err
	}
	return s.reply(w, http.StatusOK, map[string]any{"webhooks": list})
}

func (s shoptet) get(w http.ResponseWriter, r *http.Request) error {
	sub, err := s.own(mux.Vars(r)["id"])
	if err != nil {
		return err
	}
	v, err := s.view(sub)
	if err != nil {
		return err
	}
	return s.reply(w, http.StatusOK, v)
}

// update also makes a webhook active again that was disabled after failures: no
// source says how else that is done.
func (s shoptet) update(w http.ResponseWriter, r *http.Request) error {
	sub, err := s.own(mux.Vars(r)["id"])
	if err != nil {
		return err
	}
	var in struct {
		Data *struct {
			URL         *string         `json:"url"`
			SendPayload json.RawMessage `json:"sendPayload"`
		} `json:"data"`
	}
	if refused := readJSON(r, &in); refused != nil {
		return refused
	}
	if in.Data == nil || in.Data.URL == nil && in.Data.SendPayload == nil {
		return refuse(KindMalformed, "data", "data must say url or sendPayload")
	}
	active := true
	change := Change{Active: &active}
	if in.Data.URL != nil {
		if *in.Data.URL == "" {
			return refuse(KindURL, "url", "the URL is empty")
		}
		change.URL = *in.Data.URL
	}
	if in.Data.SendPayload != nil {
		var wish *string
		if err := json.Unmarshal(in.Data.SendPayload, &wish); err != nil {
			return refuse(KindMalformed, "sendPayload", `sendPayload must be "full" or null`)
		}
		extra, refused := shoptetPayload(wish)
		if refused != nil {
			return refused
		}
		change.Extra = extra
		if extra == nil {
			change.Extra = json.RawMessage("{}")
		}
	}
	sub, err = s.Update(r.Context(), sub.ID, change)
	if err != nil {
		return err
	}
	markRelaxed(w, sub)
	return s.reply(w, http.StatusOK, nil)
}

func (s shoptet) delete(w http.ResponseWriter, r *http.Request) error {
	if err := s.forget(r); err != nil {
		return err
	}
	return s.reply(w, http.StatusOK, nil)
}

func (s shoptet) renewKey(w http.ResponseWriter, _ *http.Request) error {
	key, err := s.SharedKey(s.provider)
	if err != nil {
		return err
	}
	return s.reply(w, http.StatusOK, map[string]string{"signatureKey": key.Reveal()})
}

// shoptetAnswer is the shape of every answer.
type shoptetAnswer struct {
	Data     any               `json:"data"`
	Errors   []shoptetError    `json:"errors"`
	Metadata map[string]string `json:"metadata"`
}

type shoptetError struct {
	ErrorCode string `json:"errorCode"`
	Message   string `json:"message"`
	Instance  string `json:"instance"`
}

func (s shoptet) reply(w http.ResponseWriter, status int, data any, errors ...shoptetError) error {
	answer := shoptetAnswer{Data: data, Errors: errors, Metadata: map[string]string{"requestId": rand.Text()}}
	return replyJSON(w, "application/json; charset=utf-8", status, answer)
}

// shoptetErrors: what is published of them stands in docs/registration.md.
var shoptetErrors = map[Kind]struct {
	status int
	code   string
}{
	KindNoCredentials:  {http.StatusUnauthorized, "missing-access-token"},
	KindBadCredentials: {http.StatusUnauthorized, "invalid-token"},
	KindForeign:        {http.StatusForbidden, "forbidden"},
	KindPath:           {http.StatusNotFound, "unknown-endpoint"},
	KindUnknown:        {http.StatusNotFound, "webhook-not-found"},
	KindRecord:         {http.StatusNotFound, "not-found"},
	KindMethod:         {http.StatusMethodNotAllowed, "method-not-allowed"},
	KindConflict:       {http.StatusConflict, "webhook-conflict"},
	KindTooLarge:       {http.StatusRequestEntityTooLarge, "payload-too-large"},
	KindTooMany:        {http.StatusRequestEntityTooLarge, "payload-too-large"},
	KindMediaType:      {http.StatusUnsupportedMediaType, "unsupported-media-type"},
	KindExists:         {http.StatusUnprocessableEntity, "webhook-already-exists"},
	KindEvent:          {http.StatusUnprocessableEntity, "invalid-request-data"},
	KindMalformed:      {http.StatusUnprocessableEntity, "invalid-request-data"},
	KindURL:            {http.StatusBadRequest, "invalid-url"},
	KindMissing:        {http.StatusBadRequest, "invalid-url"},
	KindValue:          {http.StatusBadRequest, "invalid-value"},
	KindFull:           {http.StatusInsufficientStorage, "too-many-webhooks"},
}

func (s shoptet) refuse(w http.ResponseWriter, _ *http.Request, err error) error {
	refused, ours := refusedOf(err)
	status, code := statusOurs(err), "server-error"
	if !ours {
		answer := shoptetErrors[refused.Kind]
		status, code = answer.status, answer.code
	}
	message := refused.Message
	if refused.Kind == KindExists {
		message = "Webhook already exists for this event"
	}
	instance := cmp.Or(refused.Event, refused.Field, "unknown")
	return s.reply(w, status, nil, shoptetError{ErrorCode: code, Message: message, Instance: instance})
}

// queryInt reads a number of at least 1 from a query; absent it is fallback.
func queryInt(r *http.Request, name string, fallback, most int) (int, *RefusedError) {
	text := r.URL.Query().Get(name)
	if text == "" {
		return fallback, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > most {
		return 0, refuse(KindValue, name, "%s must be a number from 1 to %d", name, most)
	}
	return n, nil
}

// shoptetClock reads the two spellings of a time that are in use: with a colon in the offset and without.
func shoptetClock(text string) (time.Time, error) {
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return t, nil
	}
	return time.Parse(shoptetTime, text)
}
