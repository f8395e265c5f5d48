package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/gorilla/mux"

	"github.com/hookrig/hookrig/mockserver"
)

// selection says which deliveries a request is about: as parameters of a query,
// or as a body.
type selection struct {
	State, Provider, Event, Endpoint, Label string
	Since, Until                            string // RFC 3339
}

func selectionIn(in url.Values) selection {
	return selection{
		State: in.Get("state"), Provider: in.Get("provider"), Event: in.Get("event"), Endpoint: in.Get("endpoint"),
		Label: in.Get("label"), Since: in.Get("since"), Until: in.Get("until"),
	}
}

// query is what the ledger is asked. Of a label that was reset it selects what
// came after. flawAt names the member or parameter of a time that is none.
func (s *Stores) query(in selection, flawAt func(name string) flaw) (mockserver.Query, error) {
	q := mockserver.Query{
		State: mockserver.State(in.State), Provider: in.Provider, Event: in.Event, Endpoint: in.Endpoint, Label: in.Label,
	}
	for _, t := range []struct {
		name, text string
		to         *time.Time
	}{{"since", in.Since, &q.Since}, {"until", in.Until, &q.Until}} {
		if t.text == "" {
			continue
		}
		var err error
		if *t.to, err = time.Parse(time.RFC3339, t.text); err != nil {
			f := flawAt(t.name)
			f.Detail = "it is no time like 2026-01-31T17:00:00Z"
			if f.In == "query" {
				return q, flawed(http.StatusBadRequest, f)
			}
			return q, flawed(http.StatusUnprocessableEntity, f)
		}
	}
	if mark, ok := s.labels.get(in.Label); ok && q.Since.Before(mark.Since) {
		q.Since = mark.Since
	}
	return q, nil
}

// queryIn is what the parameters of a list select.
func (s *Stores) queryIn(in url.Values) (mockserver.Query, error) {
	return s.query(selectionIn(in), func(name string) flaw { return flaw{In: "query", Parameter: name} })
}

// counts are deliveries by state.
type counts struct {
	Waiting    int `json:"waiting"`
	Attempting int `json:"attempting"`
	Delivered  int `json:"delivered"`
	Exhausted  int `json:"exhausted"`
	Cancelled  int `json:"cancelled"`
	Total      int `json:"total"`
}

func (a *api) count(ctx context.Context, q mockserver.Query) (counts, error) {
	n, err := a.ledger.Count(ctx, q)
	c := counts{
		Waiting: n[mockserver.Waiting], Attempting: n[mockserver.Attempting],
		Delivered: n[mockserver.Delivered], Exhausted: n[mockserver.Exhausted], Cancelled: n[mockserver.Cancelled],
	}
	c.Total = c.Waiting + c.Attempting + c.Delivered + c.Exhausted + c.Cancelled
	return c, err
}

func (a *api) countDeliveries(w http.ResponseWriter, r *http.Request) error {
	q, err := a.queryIn(r.URL.Query())
	if err != nil {
		return err
	}
	c, err := a.count(r.Context(), q)
	if err != nil {
		return err
	}
	return reply(w, http.StatusOK, c)
}

// many is the answer to a request about all that it selects.
type many struct {
	IDs    []string `json:"ids"`
	Failed string   `json:"failed,omitempty"` // why some could not be
}

// mostAtOnce is how many deliveries may be sent again by one request.
const mostAtOnce = 10_000

func (a *api) resendDeliveries(w http.ResponseWriter, r *http.Request) error {
	q, err := a.selectedBy(r)
	if err != nil {
		return err
	}
	if !a.server.Running() {
		return stopping()
	}
	c, err := a.count(r.Context(), q)
	if err != nil {
		return err
	}
	if n := c.Delivered + c.Exhausted + c.Cancelled; n > mostAtOnce {
		return newProblem(http.StatusUnprocessableEntity, fmt.Sprintf("this selects %d deliveries, and %d are the most at once", n, mostAtOnce)).
			kind("invalid-request").atBody("").hint(`narrow it: "since" and "until"`)
	}
	ids, err := a.server.ResendAll(context.WithoutCancel(r.Context()), q)
	return a.replyMany(w, http.StatusAccepted, ids, err)
}

func (a *api) cancelDeliveries(w http.ResponseWriter, r *http.Request) error {
	q, err := a.selectedBy(r)
	if err != nil {
		return err
	}
	ids, err := a.server.CancelAll(r.Context(), q)
	return a.replyMany(w, http.StatusAccepted, ids, err)
}

// selectedBy reads a selection from a body, which says at least one thing.
func (a *api) selectedBy(r *http.Request) (mockserver.Query, error) {
	var in selection
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		return mockserver.Query{}, err
	}
	return a.query(in, func(name string) flaw { return bodyFlaw("/"+name, "") })
}

// replyMany answers with what was done, and why not all of it was.
func (a *api) replyMany(w http.ResponseWriter, status int, ids []string, err error) error {
	answer := many{IDs: orEmpty(ids)}
	switch {
	case errors.Is(err, mockserver.ErrLost):
		answer.Failed = err.Error()
	case err != nil:
		a.log.Error("deliveries could not be sent again or cancelled", "done", len(ids), "error", err)
		p := notQueued(err, "not everything could be done")
		p.IDs = ids
		return p
	}
	return reply(w, status, answer)
}

// labelMark is where filters by a label begin.
type labelMark struct {
	Since time.Time `json:"since"`
}

// mark lets filters by a label begin at a time. Where there are too many marks,
// the oldest gives way: its deliveries show again.
func (s *Stores) mark(ctx context.Context, label string, since time.Time) error {
	s.labels.writing.Lock()
	defer s.labels.writing.Unlock()
	if s.labels.room(label) != nil {
		oldest := ""
		for _, name := range s.labels.names() {
			one, _ := s.labels.get(name)
			if first, _ := s.labels.get(oldest); oldest == "" || one.Since.Before(first.Since) {
				oldest = name
			}
		}
		if err := s.labels.forget(ctx, oldest); err != nil {
			return err
		}
	}
	return s.labels.keep(ctx, label, labelMark{since})
}

// resetLabel cancels what lives under a label and lets filters by it begin anew.
// The journal forgets nothing.
func (a *api) resetLabel(w http.ResponseWriter, r *http.Request) error {
	label := mux.Vars(r)["label"]
	q, err := a.query(selection{Label: label}, nil)
	if err != nil {
		return err
	}
	ids, err := a.server.CancelAll(r.Context(), q)
	if err != nil && !errors.Is(err, mockserver.ErrLost) {
		return a.replyMany(w, 0, ids, err)
	}
	since := time.Now()
	if err := a.mark(r.Context(), label, since); err != nil {
		return err
	}
	return reply(w, http.StatusOK, struct {
		Label     string    `json:"label"`
		Cancelled int       `json:"cancelled"`
		Since     time.Time `json:"since"`
	}{label, len(ids), since})
}
