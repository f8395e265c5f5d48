package registration

import (
	"bytes"
	"cmp"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

const (
	sellercenterName = "sellercenter"
	sellercenterTime = "2006-01-02T15:04:05-0700"
)

// sellercenter is one address whose query says what to do: CreateWebhook,
// GetWebhooks, DeleteWebhook and GetWebhookEntities. Sources: the API reference
// at developers.falabella.com, and the client library LinioIT/seller-center-sdk.
type sellercenter struct{ *desk }

func newSellercenter(d *desk) api { return sellercenter{d} }

func (s sellercenter) paths() []path {
	act := methods{http.MethodGet: s.act, http.MethodPost: s.act}
	return []path{{"", act}, {"/", act}}
}

// sellercenterParameters are mandatory in every query.
var sellercenterParameters = []string{"Action", "Timestamp", "UserID", "Version", "Signature"}

// authorize checks the parameters that identify the caller. The signature is
// compared where the caller's key is known.
func (s sellercenter) authorize(r *http.Request) *RefusedError {
	query := r.URL.Query()
	for _, name := range sellercenterParameters {
		if query.Get(name) == "" {
			return refuse(KindNoCredentials, name, "Parameter %s is mandatory", name)
		}
	}
	if s.token.IsZero() {
		return nil
	}
	if !sellercenterSigned(query, s.token) {
		return refuse(KindBadCredentials, "Signature", "Login failed. Signature mismatch")
	}
	return nil
}

func (s sellercenter) act(w http.ResponseWriter, r *http.Request) error {
	actions := map[string]struct {
		method string
		do     func(*http.Request) (answer, error)
	}{
		"CreateWebhook":      {http.MethodPost, s.create},
		"DeleteWebhook":      {http.MethodPost, s.delete},
		"GetWebhooks":        {http.MethodGet, s.list},
		"GetWebhookEntities": {http.MethodGet, s.entities},
	}
	query := r.URL.Query()
	if f := query.Get("Format"); f != "" && !strings.EqualFold(f, "XML") && !strings.EqualFold(f, "JSON") {
		return refuse(KindMalformed, "Format", "Format must be XML or JSON")
	}
	name := query.Get("Action")
	action, ok := actions[name]
	if !ok {
		return refuse(KindPath, "Action", "Invalid Action")
	}
	if r.Method != action.method {
		return refuse(KindMethod, "", "%s needs %s", name, action.method)
	}
	a, err := action.do(r)
	if err != nil {
		return err
	}
	markRelaxed(w, a.subs...)
	head := parent("Head",
		text("RequestId", ""), text("RequestAction", name), text("ResponseType", a.kind),
		text("Timestamp", s.now().Format(sellercenterTime)))
	return s.reply(w, r, http.StatusOK, parent("SuccessResponse", head, parent("Body", a.body...)))
}

// tell answers with a record: XML, unless JSON is asked for.
func (s sellercenter) tell(w http.ResponseWriter, r *http.Request, body []byte) error {
	if strings.EqualFold(r.URL.Query().Get("Format"), "JSON") {
		w.Header().Set("Content-Type", "application/json")
		w.Write(body)
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	document, err := elementsOf(d, "")
	if err != nil || len(document) != 1 || len(document[0].kids) != 1 {
		return fmt.Errorf("an answer that is no document: %w", cmp.Or(err, errors.New("it must be an object with one member")))
	}
	return s.reply(w, r, http.StatusOK, document[0].kids[0])
}

// answer is the body of a success.
type answer struct {
	kind string
	body []element
	subs []Subscription
}

func (s sellercenter) create(r *http.Request) (answer, error) {
	var in struct {
		XMLName xml.Name `xml:"Request"`
		Webhook *struct {
			CallbackURL string   `xml:"CallbackUrl"`
			Events      []string `xml:"Events>Event"`
		}
	}
	if refused := readXML(r, &in); refused != nil {
		return answer{}, refused
	}
	if in.Webhook == nil {
		return answer{}, refuse(KindMissing, "Webhook", "Required Webhook field is missing")
	}
	callback := strings.TrimSpace(in.Webhook.CallbackURL)
	switch {
	case callback == "":
		return answer{}, refuse(KindMissing, "CallbackUrl", "Required CallbackUrl field is missing")
	case len(in.Webhook.Events) == 0:
		return answer{}, refuse(KindMissing, "Events", "Required Events field is missing")
	}
	draft := Draft{Provider: s.provider, URL: callback, Extra: json.RawMessage(`{"source":"api"}`)}
	for _, event := range in.Webhook.Events {
		draft.Events = append(draft.Events, strings.TrimSpace(event))
	}
	subs, err := s.Create(r.Context(), draft)
	if err != nil {
		return answer{}, err
	}
	webhook := parent("Webhook", text("WebhookId", subs[0].ID), text("CreatedAt", subs[0].Created.Format(sellercenterTime)))
	return answer{"Webhook", []element{webhook}, subs}, nil
}

var uuidPattern = regexp.MustCompile(`^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$`)

func (s sellercenter) delete(r *http.Request) (answer, error) {
	var in struct {
		XMLName xml.Name `xml:"Request"`
		Webhook string
	}
	if refused := readXML(r, &in); refused != nil {
		return answer{}, refused
	}
	id := strings.TrimSpace(in.Webhook)
	switch {
	case id == "":
		return answer{}, refuse(KindMissing, "Webhook", "Required Webhook field is missing")
	case !uuidPattern.MatchString(id):
		return answer{}, refuse(KindValue, "Webhook", "Field Webhook has a wrong value")
	}
	sub, err := s.own(strings.ToLower(id))
	if err != nil {
		return answer{}, err
	}
	return answer{}, s.Delete(r.Context(), sub.ID)
}

// list takes WebhookIds, a JSON list of those that are wanted.
func (s sellercenter) list(r *http.Request) (answer, error) {
	var wanted []string
	if ids := r.URL.Query().Get("WebhookIds"); ids != "" {
		if err := json.Unmarshal([]byte(ids), &wanted); err != nil {
			return answer{}, refuse(KindValue, "WebhookIds", "Field WebhookIds has a wrong value")
		}
	}
	webhooks := parent("Webhooks")
	for _, sub := range s.List(s.provider) {
		if wanted != nil && !slices.Contains(wanted, sub.ID) {
			continue
		}
		target, err := s.target(sub)
		if err != nil {
			return answer{}, err
		}
		events := parent("Events")
		for _, name := range sub.Events {
			events.kids = append(events.kids, text("Event", name))
		}
		var extra struct{ Source string }
		if sub.Extra != nil {
			if err := json.Unmarshal(sub.Extra, &extra); err != nil {
				return answer{}, err
			}
		}
		webhooks.kids = append(webhooks.kids, parent("Webhook",
			text("WebhookId", sub.ID), text("CallbackUrl", target), text("WebhookSource", cmp.Or(extra.Source, "web")), events))
	}
	return answer{kind: "Webhooks", body: []element{webhooks}}, nil
}

// entities groups the contract's events by what they are about: the first word
// of onOrderItemsStatusChanged is Order, the rest the event's name.
func (s sellercenter) entities(*http.Request) (answer, error) {
	byEntity := map[string][]element{}
	for _, t := range s.contract.EventTypes() {
		words := strings.TrimPrefix(t.Name(), "on")
		entity, rest := words, ""
		if i := strings.IndexFunc(words[min(1, len(words)):], unicode.IsUpper); i >= 0 {
			entity, rest = words[:i+1], words[i+1:]
		}
		byEntity[entity] = append(byEntity[entity], parent("Event", text("EventName", rest), text("EventAlias", t.Name())))
	}
	entities := parent("Entities")
	for _, name := range sortedKeys(byEntity) {
		entities.kids = append(entities.kids, parent("Entity", text("Name", name), parent("Events", byEntity[name]...)))
	}
	return answer{kind: "Entities", body: []element{entities}}, nil
}

// readXML reads one document and nothing after it. Entities that a document
// declares are unknown to the decoder, so that none expands.
func readXML(r *http.Request, v any) *RefusedError {
	if contentType := r.Header.Get("Content-Type"); contentType != "" {
		// Clients of the provider also send XML under the type of forms, which is what HTTP libraries set.
		mediaType, _, err := mime.ParseMediaType(contentType)
		if err != nil || !slices.Contains([]string{"text/xml", "application/xml", "application/x-www-form-urlencoded"}, mediaType) {
			return refuse(KindMediaType, "Content-Type", "the body must be text/xml")
		}
	}
	body, refused := readBody(r)
	if refused != nil {
		return refused
	}
	decoder := xml.NewDecoder(strings.NewReader(string(body)))
	if err := decoder.Decode(v); err != nil {
		return refuse(KindMalformed, "", "Invalid Request Format: %v", err)
	}
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		space, isText := token.(xml.CharData)
		_, isComment := token.(xml.Comment)
		if err != nil || !isComment && !(isText && strings.TrimSpace(string(space)) == "") {
			return refuse(KindMalformed, "", "Invalid Request Format: something follows the document")
		}
	}
}

func (s sellercenter) reply(w http.ResponseWriter, r *http.Request, status int, e element) error {
	body, contentType := e.xml(), "text/xml; charset=utf-8"
	if strings.EqualFold(r.URL.Query().Get("Format"), "JSON") {
		var err error
		if body, err = e.json(); err != nil {
			return err
		}
		contentType = "application/json"
	}
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	w.Write(body)
	return nil
}

// sellercenterCodes: 6, 89, 97, 98, 99 and 100 are published for these calls, 1, 7 and 8 for all. 16 is assumed.
var sellercenterCodes = map[Kind]int{
	KindNoCredentials: 1, KindBadCredentials: 7, KindPath: 8, KindForeign: 9,
	KindRecord: 16, KindMissing: 89, KindValue: 97, KindURL: 98, KindEvent: 99, KindUnknown: 100,
	KindMalformed: 5, KindMediaType: 5, KindTooLarge: 5, KindMethod: 5, KindTooMany: 5,
}

// sellercenterMessages are published where the code has a text of its own.
var sellercenterMessages = map[int]string{
	98:  `Invalid Webhook Callback Url, "Given url is invalid"`,
	99:  `Invalid Webhook Event Alias, "Events alias are not matching"`,
	100: "Invalid Webhook ID",
}

// refuse answers with status 200, as clients expect who find the error in the
// body, unless the fault is ours or the request did not even fit.
func (s sellercenter) refuse(w http.ResponseWriter, r *http.Request, err error) error {
	refused, ours := refusedOf(err)
	status, code, by := http.StatusOK, sellercenterCodes[refused.Kind], "Sender"
	switch {
	case ours:
		status, code, by = statusOurs(err), 6, "Platform"
	case refused.Kind == KindTooLarge:
		status = http.StatusRequestEntityTooLarge
	case code == 0:
		code = 6
	}
	message := refused.Message
	if published := sellercenterMessages[code]; published != "" {
		message = published
	}
	return s.reply(w, r, status, parent("ErrorResponse", parent("Head",
		text("RequestAction", r.URL.Query().Get("Action")), text("ErrorType", by),
		text("ErrorCode", fmt.Sprint(code)), text("ErrorMessage", fmt.Sprintf("E%03d: %s", code, message))), parent("Body")))
}
