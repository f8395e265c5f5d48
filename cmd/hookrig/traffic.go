package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptrace"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/internal/egress"
	"github.com/hookrig/hookrig/mockserver"
	"github.com/hookrig/hookrig/verifier"
)

// Rows of commands that deliver, in the order of a delivery's life.
type (
	startRow struct {
		Type     string `json:"type"` // "start"
		Provider string `json:"provider"`
		Event    string `json:"event"`
		Seed     uint64 `json:"seed"`
		Count    int    `json:"count"`
	}
	queuedRow struct {
		Type     string          `json:"type"` // "queued"
		At       time.Time       `json:"at"`
		Provider string          `json:"provider"`
		Event    string          `json:"event"`
		Delivery string          `json:"delivery"`
		Label    string          `json:"label,omitempty"`
		Body     json.RawMessage `json:"body,omitempty"`
		Raw      []byte          `json:"raw,omitempty"` // in place of body where that would not be the exact bytes
	}
	attemptRow struct {
		Type     string    `json:"type"` // "attempt"
		At       time.Time `json:"at"`
		Provider string    `json:"provider"`
		Event    string    `json:"event"`
		Delivery string    `json:"delivery"`
		Number   int       `json:"number"`
		Method   string    `json:"method"`
		URL      string    `json:"url"`
		Status   int       `json:"status,omitempty"`
		Failure  string    `json:"failure,omitempty"` // why there is no answer
		Detail   string    `json:"detail,omitempty"`
		TookMS   float64   `json:"tookMs"`
		Answer   string    `json:"answer,omitempty"` // the start of the answer's body
		Reason   string    `json:"reason,omitempty"`
		Tamper   string    `json:"tamper,omitempty"`  // by which it was mishandled on purpose
		RetryIn  string    `json:"retryIn,omitempty"` // by the policy; --speed shortens it
	}
	endedRow struct {
		Type     string `json:"type"` // "ended"
		Delivery string `json:"delivery"`
		State    string `json:"state"`
		Reason   string `json:"reason,omitempty"`
		Then     string `json:"then,omitempty"`
	}
	sentRow struct {
		Type      string `json:"type"` // "summary"
		Sent      int    `json:"sent"`
		Delivered int    `json:"delivered"`
		Refused   int    `json:"refused"`   // answered, but without success
		Unreached int    `json:"unreached"` // nothing answered
	}
)

// tee is a journal whose entries are told as they are written down.
type tee struct {
	mockserver.Journal
	tell func(mockserver.Entry)
}

// Unwrap is the journal behind, which may be a Reader and a Shelf.
func (t *tee) Unwrap() mockserver.Journal { return t.Journal }

// Append implements mockserver.Journal.
func (t *tee) Append(ctx context.Context, entries ...mockserver.Entry) error {
	err := t.Journal.Append(ctx, entries...)
	if err == nil {
		for _, e := range entries {
			t.tell(e)
		}
	}
	return err
}

// reach is a transport that knows whether the target could be connected to at
// all: a time-out after that is the receiver's.
type reach struct {
	http.RoundTripper
	connected atomic.Bool
}

func newReach() *reach { return &reach{RoundTripper: egress.NewTransport(rules)} }

// RoundTrip implements http.RoundTripper.
func (r *reach) RoundTrip(req *http.Request) (*http.Response, error) {
	trace := &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { r.connected.Store(true) }}
	return r.RoundTripper.RoundTrip(req.WithContext(httptrace.WithClientTrace(req.Context(), trace)))
}

// trafficLog prints deliveries as they happen.
type trafficLog struct {
	console *console
	policy  contracts.Policy
	listen  string // a command that would answer, "" where the target is elsewhere
}

func (l *trafficLog) start(f *triggerFlags, t *contracts.EventType) {
	c := l.console
	switch {
	case c.json():
		c.row(startRow{"start", t.Contract().Provider(), t.Name(), f.seed, f.count})
	case f.body == "" && !f.seeded:
		c.printf("%s\n", c.dim("seed "+strconv.FormatUint(f.seed, 10)+", the same values again with --seed "+strconv.FormatUint(f.seed, 10)))
	}
}

// entry prints an entry of the journal.
func (l *trafficLog) entry(e mockserver.Entry) {
	c := l.console
	defer func() { _ = c.flush() }() // somebody is watching; an error is told at the end
	if c.json() {
		l.row(e)
		return
	}
	stamp := c.dim(e.At.Format(time.DateTime))
	switch e.Kind {
	case mockserver.EntryQueued:
		c.printf("%s  --> %s %s  %s\n", stamp, e.Provider, c.bold(e.Event), c.dim("["+e.Delivery+"]"))
	case mockserver.EntryAttempt:
		c.printf("%s  <-- %s\n", stamp, l.attempt(e))
		if a := e.Attempt; len(a.Body) > 0 && !l.policy.Accepts(a.Status) {
			c.printf("%s      %s\n", stamp, verifier.Printable(cut(strings.TrimSpace(string(a.Body)), 200)))
		}
	}
}

func (l *trafficLog) attempt(e mockserver.Entry) string {
	c, a := l.console, e.Attempt
	status := c.red("[---]")
	if a.Status != 0 {
		status = "[" + strconv.Itoa(a.Status) + "]"
		if l.policy.Accepts(a.Status) && a.Failure == "" {
			status = c.green(status)
		} else {
			status = c.red(status)
		}
	}
	line := fmt.Sprintf("%s %s %s  %s  attempt %d  %s", status, a.Request.Method, a.Request.URL,
		tookWords(a.Took), a.Number, c.dim("["+e.Delivery+"]"))
	if a.Failure != "" {
		line += "  " + a.Failure
		if a.Detail != "" {
			line += ": " + verifier.Printable(a.Detail)
		}
	}
	if a.Tamper != "" {
		line += "  " + c.yellow("mishandled on purpose: "+a.Tamper)
	}
	if a.Wait > 0 {
		line += "  " + c.yellow("retry in "+contracts.Days(a.Wait))
	}
	return line
}

func (l *trafficLog) row(e mockserver.Entry) {
	c := l.console
	switch e.Kind {
	case mockserver.EntryQueued:
		row := queuedRow{Type: "queued", At: e.At, Provider: e.Provider, Event: e.Event, Delivery: e.Delivery, Label: e.Label}
		row.Body, row.Raw = textOrRaw(e.Body)
		c.row(row)
	case mockserver.EntryAttempt:
		a := e.Attempt
		row := attemptRow{
			Type: "attempt", At: e.At, Provider: e.Provider, Event: e.Event, Delivery: e.Delivery,
			Number: a.Number, Method: a.Request.Method, URL: a.Request.URL, Status: a.Status,
			Failure: a.Failure, Detail: a.Detail, TookMS: milliseconds(a.Took), Answer: string(a.Body), Reason: a.Reason, Tamper: a.Tamper,
		}
		if a.Wait > 0 {
			row.RetryIn = contracts.Days(a.Wait)
		}
		c.row(row)
	case mockserver.EntryEnded:
		c.row(endedRow{"ended", e.Delivery, string(e.State), e.Reason, e.Then})
	}
}

// verdict sums up: the error is errBroken where an answer was no success, and
// says so where there was none.
func (l *trafficLog) verdict(ctx context.Context, sent []*mockserver.Delivery, r *reach, err error) error {
	c := l.console
	sum := sentRow{Type: "summary", Sent: len(sent)}
	var unreached, refused mockserver.Outcome
	var failed error
	for _, d := range sent {
		out := d.Outcome()
		switch {
		case out.State == mockserver.Delivered:
			sum.Delivered++
		case answered(out, r):
			sum.Refused++
			refused = out
		default:
			sum.Unreached++
			unreached = out
			if _, e := d.Wait(ctx); e != nil && failed == nil {
				failed = e
			}
		}
	}
	if c.json() {
		c.row(sum)
	} else if sum.Sent > 1 {
		c.printf("%s: %d delivered, %d refused, %d without an answer\n", plural(sum.Sent, "delivery"), sum.Delivered, sum.Refused, sum.Unreached)
	}
	switch {
	case ctx.Err() != nil:
		return unjudged("", ctx.Err())
	case sum.Refused > 0:
		l.expectation(refused)
		return errBroken
	case sum.Unreached > 0:
		return l.unreachable(unreached, failed)
	}
	return err
}

// answered reports whether the receiver had its say: by an answer, or by
// letting an open connection time out or break.
func answered(out mockserver.Outcome, r *reach) bool {
	if len(out.Attempts) == 0 {
		return false
	}
	last := out.Attempts[len(out.Attempts)-1]
	switch {
	case last.Ours:
		return false
	case last.Status != 0:
		return true
	}
	switch last.Failure {
	case "timeout", "reset", "eof", "protocol":
		return r.connected.Load()
	}
	return false
}

// expectation says what the contract counts as success, and how well founded
// that is.
func (l *trafficLog) expectation(out mockserver.Outcome) {
	c := l.console
	p := l.policy
	if c.json() || p.Timeout == 0 { // there were deliveries of several policies
		return
	}
	success, timeout := p.Provenance("success").String(), p.Provenance("timeout").String()
	if success == timeout {
		c.printf("expected %s within %s (%s)\n", p.Accepted(), contracts.Days(p.Timeout), success)
	} else {
		c.printf("expected %s (%s) within %s (%s)\n", p.Accepted(), success, contracts.Days(p.Timeout), timeout)
	}
	if len(out.Attempts) > 1 {
		c.printf("%s\n", out.Reason)
	}
	if out.Then != "" && out.Then != contracts.Keep {
		c.printf("the provider gives up: %s\n", thenWords(out.Then))
	}
}

func (l *trafficLog) unreachable(out mockserver.Outcome, err error) error {
	if n := len(out.Attempts); n > 0 {
		last := out.Attempts[n-1]
		var refused *egress.RefusedError
		switch {
		case errors.As(err, &refused):
			return unjudged("", refused)
		case last.Failure == "tampered":
			return unjudged("", fmt.Errorf("nothing answered: the delivery was mishandled on purpose, %s", cmp.Or(last.Detail, "and the connection broken")))
		case last.Failure == "seal":
			return usagef("", "%w", err)
		}
		hint := "curl -sS -o /dev/null " + shellWord(last.Request.URL)
		if last.Failure == "refused" && l.listen != "" {
			hint = l.listen
		}
		return unjudged(hint,
			fmt.Errorf("nothing answers at %s: %s", last.Request.URL, last.Failure))
	}
	if err == nil {
		err = errors.New(out.Reason)
	}
	return unjudged("", err)
}

func tookWords(d time.Duration) string {
	if d < time.Second {
		return strconv.FormatInt(d.Round(time.Millisecond).Milliseconds(), 10) + "ms"
	}
	return d.Round(10 * time.Millisecond).String()
}

func milliseconds(d time.Duration) float64 {
	return float64(d.Round(10*time.Microsecond)) / float64(time.Millisecond)
}

// textOrRaw is a body for a JSON row: as JSON where that keeps its bytes, else
// raw.
func textOrRaw(body []byte) (text json.RawMessage, raw []byte) {
	if json.Valid(body) && bytes.Equal(compact(body), body) {
		return body, nil
	}
	return nil, body
}
