package verifier

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/mockserver"
)

// Delivery is one delivery of the run as a report shows it. Times are
// milliseconds, counted from the run's first attempt.
type Delivery struct {
	ID      string  `json:"id"`
	Check   string  `json:"check"`
	Role    string  `json:"role"` // valid, probe, repeated, alive, …: what it is to the check
	Event   string  `json:"event"`
	StartMS float64 `json:"startMs"`
	TookMS  float64 `json:"tookMs"`
	Status  int     `json:"status,omitempty"`
	Failure string  `json:"failure,omitempty"` // why there was no answer
	Tamper  string  `json:"tamper,omitempty"`  // how it differed from what the provider sends
}

// Exchange is a delivery that a finding rests on: what was sent and what came
// back, as text.
type Exchange struct {
	Delivery string  `json:"delivery"`
	Event    string  `json:"event"`
	Request  Message `json:"request"`
	Answer   Message `json:"answer"`
}

// Message is one direction of an exchange. Secrets are hidden, bytes that are no
// UTF-8 replaced.
type Message struct {
	Line   string   `json:"line"`             // "POST https://…", "200 OK after 3ms", "no answer within 4s"
	Header []string `json:"header,omitempty"` // "Name: value", sorted
	Body   string   `json:"body,omitempty"`
	Cut    int      `json:"cut,omitempty"` // bytes of the body that are not shown
}

// Latency is how long valid events waited for their answers, in milliseconds.
// The percentiles are answers that were measured (nearest rank).
type Latency struct {
	Answers int     `json:"answers"`
	P50     float64 `json:"p50Ms"`
	P95     float64 `json:"p95Ms"`
	P99     float64 `json:"p99Ms"`
	Max     float64 `json:"maxMs"`
	// Limit is how long the provider waits, Level how well that is known.
	Limit float64         `json:"limitMs,omitempty"`
	Level contracts.Level `json:"limitLevel,omitempty"`
}

const (
	shownExchanges = 3    // of a finding
	shownBody      = 4096 // bytes
	shownHeaders   = 40
	shownValue     = 300 // characters of a header
)

// traffic fills in what the run looked like from outside.
func (r *Report) traffic(c *contracts.Contract, all []*exchange) {
	var first, last time.Time
	for _, x := range all {
		if a := x.attempt; a != nil {
			if first.IsZero() || a.Started.Before(first) {
				first = a.Started
			}
			if end := a.Started.Add(a.Took); end.After(last) {
				last = end
			}
		}
	}
	r.Deliveries = []Delivery{}
	for _, x := range all {
		if a := x.attempt; a != nil {
			r.Deliveries = append(r.Deliveries, Delivery{
				ID: x.delivery, Check: x.check, Role: x.role, Event: x.event, StartMS: milliseconds(a.Started.Sub(first)),
				TookMS: milliseconds(a.Took), Status: a.Status, Failure: a.Failure, Tamper: a.Tamper,
			})
		}
	}
	if !first.IsZero() {
		r.Started = first.UTC().Format(time.RFC3339)
		r.DurationMS = milliseconds(last.Sub(first))
	}
	r.Latency = latencyOf(r.Deliveries)
	if len(r.Scope) > 0 {
		if t, err := c.EventType(r.Scope[0]); err == nil && r.Latency.Answers > 0 {
			r.Latency.Limit, r.Latency.Level = milliseconds(t.Policy().Timeout), t.Policy().Provenance("timeout").Level
		}
	}
}

// milliseconds keeps three digits behind the point: more is noise.
func milliseconds(d time.Duration) float64 {
	return math.Round(float64(d)/float64(time.Microsecond)) / 1000
}

// latencyOf looks at the answers to what the provider sends. Those that did not
// come have no time; to the check of the latency they are the slowest.
func latencyOf(all []Delivery) (l Latency) {
	times := answerTimes(all)
	if len(times) == 0 {
		return l
	}
	slices.Sort(times)
	return Latency{Answers: len(times), P50: percentile(times, 50), P95: percentile(times, 95), P99: percentile(times, 99), Max: times[len(times)-1]}
}

func answerTimes(all []Delivery) (times []float64) {
	for _, d := range all {
		if d.Failure == "" && (d.Role == roleValid || d.Role == roleAlive) {
			times = append(times, d.TookMS)
		}
	}
	return times
}

// exchangesOf are the first exchanges that a finding rests on.
func exchangesOf(proof []*exchange) (out []Exchange) {
	for _, x := range proof {
		if len(out) == shownExchanges {
			break
		}
		if x.attempt != nil {
			out = append(out, Exchange{Delivery: x.delivery, Event: x.event, Request: requestOf(x), Answer: answerOf(x.attempt)})
		}
	}
	return out
}

func requestOf(x *exchange) Message {
	r := x.attempt.Request
	m := Message{Line: strings.TrimSpace(r.Method + " " + r.URL), Header: headerLines(r.Header)}
	if r.Method == "" {
		m.Line = "nothing was sent"
		return m
	}
	m.Body, m.Cut = bodyText(x.body)
	return m
}

func answerOf(a *mockserver.Attempt) Message {
	m := Message{Line: answer(a), Header: headerLines(a.Header)}
	if text := http.StatusText(a.Status); a.Failure == "" && text != "" {
		m.Line = fmt.Sprintf("%d %s %s", a.Status, text, sayTook(a.Took))
	}
	m.Body, m.Cut = bodyText(a.Body)
	return m
}

// headerLines leaves out the values of cookies: they open sessions.
func headerLines(h http.Header) (out []string) {
	for _, name := range sortedHeader(h) {
		for _, v := range h[name] {
			if len(out) == shownHeaders {
				return append(out, "…")
			}
			if http.CanonicalHeaderKey(name) == "Set-Cookie" {
				v = "[redacted]"
			}
			out = append(out, valid(name)+": "+shorten(valid(v), shownValue))
		}
	}
	return out
}

func valid(s string) string { return strings.ToValidUTF8(s, "\ufffd") }

// bodyText is the start of a body as text, and how many bytes are left out. It
// never ends within a character.
func bodyText(body []byte) (text string, cut int) {
	n := min(len(body), shownBody)
	for back := 1; back < utf8.UTFMax && n < len(body) && !utf8.RuneStart(body[n]); back++ {
		n--
	}
	return valid(string(body[:n])), len(body) - n
}

// indented is the body spread over lines where it is JSON, else as it is. A
// finding's Curl has the very bytes, unless they are too many for a command.
func (m Message) indented() string {
	var out bytes.Buffer
	if m.Cut > 0 || json.Indent(&out, []byte(m.Body), "", "  ") != nil {
		return m.Body
	}
	return out.String()
}
