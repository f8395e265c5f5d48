package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/signature"
	"github.com/hookrig/hookrig/mockserver"
)

// requestRow is a request that was not sent.
type requestRow struct {
	Type    string          `json:"type"` // "request"
	Method  string          `json:"method"`
	URL     string          `json:"url"`
	Headers http.Header     `json:"headers"`
	Body    json.RawMessage `json:"body,omitempty"`
	Raw     []byte          `json:"raw,omitempty"` // in place of body where that would not be the exact bytes
}

// printRequests prints what trigger would send. It goes the whole way of a
// delivery, but for the network.
func (c *console) printRequests(ctx context.Context, f *triggerFlags, events func(int) (contracts.Event, error), secrets []signature.Secret, tamper mockserver.Tamper) error {
	if tamper.Wire != nil {
		return tooManyf("--print "+f.print.value, []string{"--tamper"}, "--tamper %s is about how a request is written: it cannot be printed", f.tamper)
	}
	printer := &requestPrinter{console: c, form: f.print.value}
	server := mockserver.New(mockserver.Options{Transport: printer, Unmarked: f.unmarked})
	return server.Run(ctx, func(ctx context.Context) error {
		for _, d := range c.send(ctx, f, server, events, f.parcel(secrets, tamper, c.now)) {
			if _, err := d.Wait(ctx); err != nil {
				return err
			}
		}
		if printer.printed == 0 {
			c.note("note: with --tamper %s nothing is sent", f.tamper)
		}
		return nil
	})
}

// requestPrinter is a transport that prints requests, and says that all is well.
type requestPrinter struct {
	console *console
	form    string // curl or http
	printed int
}

// RoundTrip implements http.RoundTripper.
func (p *requestPrinter) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	c := p.console
	switch p.printed++; {
	case c.json():
		row := requestRow{Type: "request", Method: r.Method, URL: r.URL.String(), Headers: withoutEmpty(r.Header)}
		row.Body, row.Raw = textOrRaw(body)
		c.row(row)
	case p.form == "curl":
		c.printf("%s\n", curlLine(r, body))
	default:
		var wire bytes.Buffer
		sent := r.Clone(r.Context())
		sent.Body = io.NopCloser(bytes.NewReader(body))
		if err := sent.Write(&wire); err != nil {
			return nil, err
		}
		c.printf("%s\n", wire.Bytes())
	}
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: http.NoBody, Request: r}, nil
}

// withoutEmpty leaves out headers that are there so that none is sent.
func withoutEmpty(h http.Header) http.Header {
	out := maps.Clone(h)
	maps.DeleteFunc(out, func(_ string, values []string) bool { return len(values) == 1 && values[0] == "" })
	return out
}

// curlLine is a request for a POSIX shell. Nothing of what curl adds by itself
// is sent.
func curlLine(r *http.Request, body []byte) string {
	var b strings.Builder
	data := shellWord(string(body))
	if !utf8.Valid(body) || bytes.IndexByte(body, 0) >= 0 { // what no argument can hold
		fmt.Fprintf(&b, "printf %%s %s | base64 -d | ", base64.StdEncoding.EncodeToString(body))
		data = "@-"
	}
	fmt.Fprintf(&b, "curl -i -X %s %s", shellWord(r.Method), shellWord(r.URL.String()))
	headers := r.Header.Clone()
	for _, own := range []string{"Accept", "Content-Type", "Expect", "User-Agent"} {
		if headers[own] == nil {
			headers[own] = []string{""}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		for _, value := range headers[name] {
			line := name + ":"
			if value != "" {
				line += " " + value
			}
			fmt.Fprintf(&b, " \\\n  -H %s", shellWord(line))
		}
	}
	flag := "--data-raw"
	if data == "@-" {
		flag = "--data-binary"
	}
	fmt.Fprintf(&b, " \\\n  %s %s", flag, data)
	return b.String()
}
