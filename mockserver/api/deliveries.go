package api

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gorilla/mux"

	"github.com/hookrig/hookrig/mockserver"
)

const (
	defaultPage = 50
	longestWait = 5 * time.Minute
)

// delivery is one as lists show it.
type delivery struct {
	ID       string           `json:"id"`
	Provider string           `json:"provider"`
	Event    string           `json:"event"`
	Endpoint string           `json:"endpoint"`
	Label    string           `json:"label,omitempty"`
	Queued   time.Time        `json:"queued"`
	Rounds   int              `json:"rounds"`
	State    mockserver.State `json:"state"`
	Reason   string           `json:"reason,omitempty"`
	Then     string           `json:"then,omitempty"`
	Speed    float64          `json:"speed,omitempty"`
	Last     *lastAttempt     `json:"last,omitempty"`
}

type lastAttempt struct {
	Number  int           `json:"number"`
	Started time.Time     `json:"started"`
	Took    time.Duration `json:"took"`
	Status  int           `json:"status,omitempty"`
	Failure string        `json:"failure,omitempty"`
	Ours    bool          `json:"ours,omitempty"`
	Next    time.Time     `json:"next,omitzero"`
	Due     time.Time     `json:"due,omitzero"`
}

// deliveryDetail is one with everything that the journal has.
type deliveryDetail struct {
	delivery
	Body     string    `json:"body,omitempty"`
	Base64   []byte    `json:"bodyBase64,omitempty"`
	Attempts []attempt `json:"attempts"`
}

// attempt is the journal's, with a body that people can read.
type attempt struct {
	mockserver.Attempt
	Body   string `json:"body,omitempty"` // stands for the journal's, which is base64
	Base64 []byte `json:"bodyBase64,omitempty"`
}

// textOf is a body as text, or as bytes where it is none.
func textOf(body []byte) (text string, other []byte) {
	if utf8.Valid(body) {
		return string(body), nil
	}
	return "", body
}

func viewOf(r mockserver.Record) delivery {
	v := delivery{
		ID: r.ID, Provider: r.Provider, Event: r.Event, Endpoint: r.Endpoint, Label: r.Label, Queued: r.Queued,
		Rounds: r.Rounds, State: r.State, Reason: r.Reason, Then: r.Then, Speed: r.Speed,
	}
	if n := len(r.Attempts); n > 0 {
		a := r.Attempts[n-1]
		v.Last = &lastAttempt{Number: a.Number, Started: a.Started, Took: a.Took, Status: a.Status, Failure: a.Failure, Ours: a.Ours, Next: a.Next, Due: a.Due}
	}
	return v
}

func detailOf(r mockserver.Record) deliveryDetail {
	v := deliveryDetail{delivery: viewOf(r), Attempts: make([]attempt, len(r.Attempts))}
	v.Body, v.Base64 = textOf(r.Body)
	for i, a := range r.Attempts {
		out := &v.Attempts[i]
		out.Attempt = *a
		out.Body, out.Base64 = textOf(a.Body)
	}
	return v
}

func (a *api) listDeliveries(w http.ResponseWriter, r *http.Request) error {
	in := r.URL.Query()
	q, err := a.queryIn(in)
	if err != nil {
		return err
	}
	q.Limit = number(in.Get("limit"), defaultPage)
	if c := in.Get("cursor"); c != "" {
		var ok bool
		if q.Before, ok = readCursor(c); !ok {
			return flawed(http.StatusBadRequest, flaw{In: "query", Parameter: "cursor", Detail: `it is not the "next" of a page`})
		}
	}
	limit := q.Limit
	q.Limit++ // one more, to see whether there is a next page
	records, err := a.ledger.List(r.Context(), q)
	if err != nil {
		return err
	}
	page := struct {
		Deliveries []delivery `json:"deliveries"`
		Next       string     `json:"next,omitempty"`
	}{Deliveries: []delivery{}}
	if len(records) > limit {
		records = records[:limit]
		page.Next = writeCursor(records[limit-1].Seq)
	}
	for _, record := range records {
		page.Deliveries = append(page.Deliveries, viewOf(record))
	}
	return reply(w, http.StatusOK, page)
}

// number reads a parameter that the document has let pass.
func number(text string, otherwise int) int {
	if n, err := strconv.Atoi(text); err == nil {
		return n
	}
	return otherwise
}

// A cursor is the number of the last delivery of a page. It is wrapped so that
// nobody builds one by hand.
func writeCursor(seq uint64) string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "before:%d", seq))
}

func readCursor(cursor string) (uint64, bool) {
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	digits, ok := strings.CutPrefix(string(text), "before:")
	if err != nil || !ok {
		return 0, false
	}
	seq, err := strconv.ParseUint(digits, 10, 64)
	return seq, err == nil && seq > 0
}

func (a *api) getDelivery(w http.ResponseWriter, r *http.Request) error {
	id := mux.Vars(r)["id"]
	if text := r.URL.Query().Get("wait"); text != "" {
		wait, err := time.ParseDuration(text)
		if err != nil || wait > longestWait {
			return flawed(http.StatusBadRequest, flaw{In: "query", Parameter: "wait", Detail: "at most 5m"})
		}
		a.await(r.Context(), id, wait)
	}
	record, err := a.find(r.Context(), id)
	if err != nil {
		return err
	}
	return reply(w, http.StatusOK, detailOf(record))
}

// await waits for a delivery's end. How it ended, the ledger says.
func (a *api) await(ctx context.Context, id string, wait time.Duration) {
	handle, err := a.server.Lookup(id)
	if err != nil {
		return // nothing to wait for
	}
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	_, _ = handle.Wait(ctx)
}

func (a *api) find(ctx context.Context, id string) (mockserver.Record, error) {
	record, found, err := a.ledger.Find(ctx, id)
	if err == nil && !found {
		err = newProblem(http.StatusNotFound, fmt.Sprintf("unknown delivery %q", id)).
			kind("unknown-delivery").hint("GET /api/v1/deliveries")
	}
	return record, err
}

func (a *api) resendDelivery(w http.ResponseWriter, r *http.Request) error {
	id := mux.Vars(r)["id"]
	handle, err := a.server.Resend(id)
	if err != nil {
		return a.notNow(r.Context(), id, err)
	}
	ids, err := queued(context.WithoutCancel(r.Context()), []*mockserver.Delivery{handle})
	if err != nil {
		return err
	}
	return reply(w, http.StatusAccepted, sent{IDs: ids})
}

func (a *api) cancelDelivery(w http.ResponseWriter, r *http.Request) error {
	id := mux.Vars(r)["id"]
	if err := a.server.Cancel(id); err != nil {
		return a.notNow(r.Context(), id, err)
	}
	record, err := a.find(r.Context(), id)
	if err != nil {
		return err
	}
	return reply(w, http.StatusAccepted, viewOf(record))
}

// notNow explains why a delivery cannot be sent again or cancelled.
func (a *api) notNow(ctx context.Context, id string, err error) error {
	switch {
	case errors.Is(err, mockserver.ErrLive):
		return newProblem(http.StatusConflict, err.Error()).kind("not-ended").hint("POST /api/v1/deliveries/" + id + "/cancel")
	case errors.Is(err, mockserver.ErrEnded):
		return newProblem(http.StatusConflict, err.Error()).kind("already-ended").hint("POST /api/v1/deliveries/" + id + "/resend")
	case errors.Is(err, mockserver.ErrUnknown):
		if _, err := a.find(ctx, id); err != nil {
			return err
		}
	case errors.Is(err, mockserver.ErrLost):
		return newProblem(http.StatusGone, err.Error()).hint("POST /api/v1/deliveries")
	}
	return err
}
