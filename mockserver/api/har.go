package api

import (
	"bytes"
	"context"
	"encoding/base64"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/hookrig/hookrig/mockserver"
)

// HAR 1.2, http://www.softwareishard.com/blog/har-12-spec/: what browsers' tools
// and proxies read. Members with an underscore are ours, as the format allows.

type harEntry struct {
	Started  time.Time   `json:"startedDateTime"`
	Time     float64     `json:"time"` // milliseconds
	Request  harRequest  `json:"request"`
	Response harResponse `json:"response"`
	Cache    struct{}    `json:"cache"`
	Timings  harTimings  `json:"timings"`
	Delivery string      `json:"_delivery"`
	Provider string      `json:"_provider"`
	Event    string      `json:"_event"`
	Label    string      `json:"_label,omitempty"`
	Attempt  int         `json:"_attempt"`
	Tamper   string      `json:"_tamper,omitempty"` // the body may have been altered on its way
}

type harRequest struct {
	Method      string    `json:"method"`
	URL         string    `json:"url"`
	HTTPVersion string    `json:"httpVersion"`
	Cookies     []harPair `json:"cookies"`
	Headers     []harPair `json:"headers"`
	Query       []harPair `json:"queryString"`
	PostData    harBody   `json:"postData"`
	HeadersSize int       `json:"headersSize"`
	BodySize    int       `json:"bodySize"`
}

type harResponse struct {
	Status      int        `json:"status"` // 0: there was no answer
	StatusText  string     `json:"statusText"`
	HTTPVersion string     `json:"httpVersion"`
	Cookies     []harPair  `json:"cookies"`
	Headers     []harPair  `json:"headers"`
	Content     harContent `json:"content"`
	RedirectURL string     `json:"redirectURL"`
	HeadersSize int        `json:"headersSize"`
	BodySize    int        `json:"bodySize"`
	Error       string     `json:"_error,omitempty"` // why there was no answer
}

type harPair struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type harBody struct {
	MimeType string    `json:"mimeType"`
	Params   []harPair `json:"params"`
	Text     string    `json:"text"`
	Encoding string    `json:"_encoding,omitempty"` // "base64" where the body is no text
}

type harContent struct {
	Size     int    `json:"size"`
	MimeType string `json:"mimeType"`
	Text     string `json:"text,omitempty"`
	Encoding string `json:"encoding,omitempty"`
}

type harTimings struct {
	Send    float64 `json:"send"`
	Wait    float64 `json:"wait"`
	Receive float64 `json:"receive"`
}

// writeHAR writes the attempts of an excerpt that were made. Headers and URLs are
// as the journal has them: redacted.
func (a *api) writeHAR(ctx context.Context, d *download, x excerpt) error {
	creator, err := encode(map[string]string{"name": "hookrig", "version": a.version})
	if err != nil {
		return err
	}
	if _, err := d.WriteString(`{"log":{"version":"1.2","creator":` + string(bytes.TrimSpace(creator)) + `,"entries":[`); err != nil {
		return err
	}
	separator := "\n"
	bodies := bodies{byDelivery: map[string][]byte{}}
	for e, err := range a.entries(ctx, x) {
		if err != nil {
			return err
		}
		bodies.see(&e)
		if e.Kind != mockserver.EntryAttempt || e.Attempt == nil || e.Attempt.Request.Method == "" {
			continue
		}
		body, err := bodies.of(ctx, a.ledger, e.Delivery)
		if err != nil {
			return err
		}
		text, err := encode(harOf(&e, body))
		if err != nil {
			return err
		}
		if _, err := d.WriteString(separator + string(text)); err != nil {
			return err
		}
		separator = ","
	}
	_, err = d.WriteString("]}}\n")
	return err
}

func harOf(e *mockserver.Entry, body []byte) harEntry {
	at := e.Attempt
	took := float64(at.Took) / float64(time.Millisecond)
	h := harEntry{
		Started: at.Started, Time: took, Timings: harTimings{Wait: took},
		Delivery: e.Delivery, Provider: e.Provider, Event: e.Event, Label: e.Label, Attempt: at.Number, Tamper: at.Tamper,
		Request: harRequest{
			Method: at.Request.Method, URL: at.Request.URL, HTTPVersion: "unknown", Cookies: []harPair{},
			Headers: harHeaders(at.Request.Header), Query: harQuery(at.Request.URL), HeadersSize: -1, BodySize: len(body),
			PostData: harBody{MimeType: at.Request.Header.Get("Content-Type"), Params: []harPair{}},
		},
		Response: harResponse{
			Status: at.Status, StatusText: http.StatusText(at.Status), HTTPVersion: "unknown", Cookies: []harPair{},
			Headers: harHeaders(at.Header), RedirectURL: at.Header.Get("Location"), HeadersSize: -1, BodySize: -1,
			Content: harContent{Size: len(at.Body), MimeType: at.Header.Get("Content-Type")}, Error: at.Failure,
		},
	}
	h.Request.PostData.Text, h.Request.PostData.Encoding = harText(body)
	h.Response.Content.Text, h.Response.Content.Encoding = harText(at.Body)
	return h
}

func harText(body []byte) (text, encoding string) {
	if utf8.Valid(body) {
		return string(body), ""
	}
	return base64.StdEncoding.EncodeToString(body), "base64"
}

func harHeaders(header http.Header) []harPair {
	pairs := []harPair{}
	for _, name := range slices.Sorted(maps.Keys(header)) {
		for _, value := range header[name] {
			pairs = append(pairs, harPair{name, value})
		}
	}
	return pairs
}

func harQuery(raw string) []harPair {
	pairs := []harPair{}
	u, err := url.Parse(raw)
	if err != nil {
		return pairs
	}
	query := u.Query()
	for _, name := range slices.Sorted(maps.Keys(query)) {
		for _, value := range query[name] {
			pairs = append(pairs, harPair{name, value})
		}
	}
	return pairs
}

// bodies are those of the deliveries that an export has passed and that have not
// ended, so far as they fit in memory. The ledger has the others.
type bodies struct {
	byDelivery map[string][]byte
	size       int
}

const bodiesKept = 32 << 20

func (b *bodies) see(e *mockserver.Entry) {
	switch e.Kind {
	case mockserver.EntryQueued:
		if _, ok := b.byDelivery[e.Delivery]; !ok && b.size+len(e.Body) <= bodiesKept {
			b.byDelivery[e.Delivery] = e.Body
			b.size += len(e.Body)
		}
	case mockserver.EntryEnded:
		b.size -= len(b.byDelivery[e.Delivery])
		delete(b.byDelivery, e.Delivery)
	}
}

func (b *bodies) of(ctx context.Context, deliveries mockserver.Reader, id string) ([]byte, error) {
	if body, ok := b.byDelivery[id]; ok {
		return body, nil
	}
	r, _, err := deliveries.Find(ctx, id)
	return r.Body, err
}
