package registration

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/hookrig/hookrig/mockserver"
)

const (
	notificationDays = 7      // of history, as published
	notificationMost = 10_000 // deliveries that one answer looks at, the latest ones
)

// shoptetNotification is one delivery in the provider's log. Field names and
// meanings are published; see docs/registration.md.
type shoptetNotification struct {
	ID           uint64          `json:"id"`
	WebhookID    json.Number     `json:"webhookId"`
	WebhookURL   string          `json:"webhookUrl"` // credentials redacted
	Event        string          `json:"event"`
	EventCreated *string         `json:"eventCreated"`
	Created      *string         `json:"created"`
	Attempted    *string         `json:"attempted"`
	Attempts     int             `json:"attempts"`
	Status       string          `json:"status"`
	Active       bool            `json:"active"`
	Data         json.RawMessage `json:"data"`
}

// notificationFilter is what a request asks for.
type notificationFilter struct {
	status, event, active string
	from                  time.Time
	page, perPage         int
}

func (s shoptet) notificationFilter(r *http.Request) (f notificationFilter, refused *RefusedError) {
	query := r.URL.Query()
	f.status, f.event, f.active = query.Get("status"), query.Get("event"), query.Get("active")
	if !slices.Contains([]string{"", "new", "failed", "success"}, f.status) {
		return f, refuse(KindValue, "status", "status must be new, failed or success")
	}
	if !slices.Contains([]string{"", "true", "false", "1", "0"}, f.active) {
		return f, refuse(KindValue, "active", "active must be true or false")
	}
	f.from = s.now().AddDate(0, 0, -notificationDays)
	if text := query.Get("from"); text != "" {
		from, err := shoptetClock(text)
		if err != nil {
			return f, refuse(KindValue, "from", "from must be a time such as 2018-05-28T14:17:00+02:00, its plus sign spelled %%2B")
		}
		if from.After(f.from) {
			f.from = from
		}
	}
	if f.perPage, refused = queryInt(r, "itemsPerPage", 20, 500); refused != nil {
		return f, refused
	}
	f.page, refused = queryInt(r, "page", 1, notificationMost)
	return f, refused
}

func (s shoptet) notifications(w http.ResponseWriter, r *http.Request) error {
	filter, refused := s.notificationFilter(r)
	if refused != nil {
		return refused
	}
	var found []shoptetNotification
	if s.deliveries != nil {
		records, err := s.deliveries.List(r.Context(), mockserver.Query{
			Provider: s.provider, Event: filter.event, Since: filter.from, Limit: notificationMost,
		})
		if err != nil {
			return err
		}
		found = s.notified(records, filter)
	}
	begin := min((filter.page-1)*filter.perPage, len(found))
	page := found[begin:min(begin+filter.perPage, len(found))]
	return s.reply(w, http.StatusOK, map[string]any{
		"notifications": append([]shoptetNotification{}, page...),
		"paginator": map[string]int{
			"totalCount": len(found), "page": filter.page,
			"pageCount":   (len(found) + filter.perPage - 1) / filter.perPage,
			"itemsOnPage": len(page), "itemsPerPage": filter.perPage,
		},
	})
}

// notified are the deliveries to registered webhooks that a filter lets pass.
// What was sent to an address without a registration is no notification.
func (s shoptet) notified(records []mockserver.Record, f notificationFilter) []shoptetNotification {
	var found []shoptetNotification
	for _, r := range records {
		id, ok := IDOfRef(r.Endpoint)
		if _, err := strconv.ParseUint(id, 10, 64); !ok || err != nil {
			continue
		}
		n := s.notification(r, id)
		if f.status != "" && f.status != n.Status || f.active != "" && (f.active == "true" || f.active == "1") != n.Active {
			continue
		}
		found = append(found, n)
	}
	return found
}

func (s shoptet) notification(r mockserver.Record, webhook string) shoptetNotification {
	created := r.Queued.Format(shoptetTime)
	n := shoptetNotification{
		ID: r.Seq, WebhookID: json.Number(webhook), Event: r.Event, Created: &created,
	}
	if sub, err := s.own(webhook); err == nil {
		n.WebhookURL = sub.URL
	}
	for _, a := range r.Attempts {
		if !a.Ours { // the provider has no failures of this machine
			n.Attempts++
		}
	}
	if len(r.Attempts) > 0 {
		attempted := r.Attempts[len(r.Attempts)-1].Started.Format(shoptetTime)
		n.Attempted = &attempted
	}
	switch {
	case r.State == mockserver.Delivered:
		n.Status = "success"
	case r.State == mockserver.Exhausted, r.State == mockserver.Cancelled:
		n.Status = "failed"
	case n.Attempts > 0:
		n.Status, n.Active = "failed", true
	default:
		n.Status, n.Active = "new", true
	}
	var body struct {
		EventCreated *string `json:"eventCreated"`
	}
	if json.Valid(r.Body) && json.Unmarshal(r.Body, &body) == nil {
		n.EventCreated, n.Data = body.EventCreated, r.Body
	}
	return n
}
