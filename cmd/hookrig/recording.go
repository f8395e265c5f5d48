package main

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/hookrig/hookrig/mockserver"
)

// recording is one request of recorded traffic.
type recording struct {
	where           string // file and line, for messages
	at              time.Time
	provider, event string // "" where nobody wrote them down
	method          string
	address         string // URL, or path and query
	header          http.Header
	body            []byte
}

// recordingsOf reads recorded traffic, in the order of time: rows of "listen
// --save", a journal's entries as JSON lines, or HAR.
func recordingsOf(file string, data []byte) ([]recording, error) {
	all, err := parseHAR(file, data)
	if all == nil && err == nil {
		all, err = recordedLines(file, data)
	}
	if err != nil {
		return nil, err
	}
	for _, r := range all {
		if r.at.IsZero() {
			return nil, usagef("", "%s: it does not say when it was recorded", r.where)
		}
	}
	slices.SortStableFunc(all, func(a, b recording) int { return a.at.Compare(b.at) })
	return all, nil
}

// recordedLines reads traffic of which each line is a JSON object.
func recordedLines(file string, data []byte) ([]recording, error) {
	var all []recording
	queued := map[string]int{} // by delivery: its place in all, plus 1
	n := 0
	for line := range bytes.Lines(data) {
		n++
		text := bytes.TrimSpace(line)
		if len(text) == 0 {
			continue
		}
		where := fmt.Sprintf("%s:%d", file, n)
		if got := (recorded{file: file, line: n, body: text}).unwrapped(); got.request != nil {
			r := got.request
			all = append(all, recording{where: where, at: r.At, method: r.Method, address: r.Path, header: r.Headers, body: got.body})
			continue
		}
		var e mockserver.Entry
		if json.Unmarshal(text, &e) != nil || e.Seq == 0 || e.Delivery == "" {
			return nil, usagef("hookrig listen --save recorded.jsonl", "%s: it is no row of listen --save, no entry of a journal and no HAR", where)
		}
		switch i := queued[e.Delivery]; {
		case e.Kind == mockserver.EntryQueued:
			all = append(all, recording{where: where, at: e.At, provider: e.Provider, event: e.Event, method: http.MethodPost, body: e.Body})
			queued[e.Delivery] = len(all)
		case e.Kind == mockserver.EntryAttempt && i > 0 && e.Attempt != nil && e.Attempt.Request.Method != "" && all[i-1].address == "":
			r := e.Attempt.Request
			all[i-1].method, all[i-1].address, all[i-1].header = r.Method, r.URL, r.Header
		}
	}
	return all, nil
}

// harFile is the part of HAR 1.2 (http://www.softwareishard.com/blog/har-12-spec/)
// that says what was sent.
type harFile struct {
	Log *struct {
		Entries []struct {
			Started  time.Time `json:"startedDateTime"`
			Provider string    `json:"_provider"` // of those that we write
			Event    string    `json:"_event"`
			Request  struct {
				Method   string                         `json:"method"`
				URL      string                         `json:"url"`
				Headers  []struct{ Name, Value string } `json:"headers"`
				PostData struct {
					Text     string `json:"text"`
					Encoding string `json:"encoding"` // "base64", of those who write it: the specification has it for answers alone
				} `json:"postData"`
			} `json:"request"`
		} `json:"entries"`
	} `json:"log"`
}

// parseHAR reads HAR; nil, and no error, means that the file is none.
func parseHAR(file string, data []byte) ([]recording, error) {
	var har harFile
	if json.Unmarshal(data, &har) != nil || har.Log == nil {
		return nil, nil
	}
	all := []recording{}
	for i, e := range har.Log.Entries {
		r := recording{
			where: fmt.Sprintf("%s: entry %d", file, i+1), at: e.Started, provider: e.Provider, event: e.Event, method: cmp.Or(e.Request.Method, http.MethodPost),
			address: e.Request.URL, header: http.Header{}, body: []byte(e.Request.PostData.Text),
		}
		for _, h := range e.Request.Headers {
			r.header.Add(h.Name, h.Value)
		}
		if e.Request.PostData.Encoding == "base64" {
			var err error
			if r.body, err = base64.StdEncoding.DecodeString(e.Request.PostData.Text); err != nil {
				return nil, usagef("", "%s: its body is no base64", r.where)
			}
		}
		all = append(all, r)
	}
	return all, nil
}

// target is where a recording goes: exactly to an address that has a path or a
// query, else to its own path and query there. What was left out of a query by
// redaction stays out.
func (r *recording) target(to *url.URL) string {
	if strings.Trim(to.Path, "/") != "" || to.RawQuery != "" {
		return to.String()
	}
	own, err := url.Parse(r.address)
	if err != nil {
		return to.String()
	}
	out := *to
	if own.Path != "" {
		out.Path, out.RawPath = own.Path, own.RawPath
	}
	var kept []string
	for part := range strings.SplitSeq(own.RawQuery, "&") {
		if part != "" && !strings.Contains(part, redactedEscaped) && !strings.Contains(part, redactedText) {
			kept = append(kept, part)
		}
	}
	out.RawQuery = strings.Join(kept, "&")
	return out.String()
}

const redactedText = "[redacted]"

var redactedEscaped = url.QueryEscape(redactedText)

// sendable are the headers as they can be sent again: without those of the
// connection and what was redacted.
func (r *recording) sendable() (h http.Header, redacted []string) {
	h = http.Header{}
	for name, values := range r.header {
		canonical := http.CanonicalHeaderKey(name)
		switch {
		case strings.HasPrefix(name, ":"), slices.Contains(ownHeaders, canonical), slices.Contains([]string{"Host", "Expect", "Accept-Encoding"}, canonical):
		case slices.ContainsFunc(values, func(v string) bool { return strings.Contains(v, redactedText) }):
			redacted = append(redacted, canonical)
		default:
			h[canonical] = values
		}
	}
	return h, redacted
}
