package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/mockserver"
	"github.com/hookrig/hookrig/verifier"
)

// receivedRow is one request that "hookrig listen" took in.
type receivedRow struct {
	Type       string                `json:"type"` // "received"
	At         time.Time             `json:"at"`
	Method     string                `json:"method"`
	Path       string                `json:"path"` // with the query
	Events     []string              `json:"events"`
	ID         string                `json:"id,omitempty"`        // of the delivery, where a header carries one
	Signature  string                `json:"signature,omitempty"` // "accepted", "refused" or "unchecked"; absent where nothing is signed
	Violations []contracts.Violation `json:"violations,omitempty"`
	Problem    string                `json:"problem,omitempty"` // why it is refused
	Answered   int                   `json:"answered"`
	Body       json.RawMessage       `json:"body,omitempty"`
	Raw        []byte                `json:"raw,omitempty"` // in place of body where that would not be the exact bytes
}

// listenSummary is the last row of "hookrig listen".
type listenSummary struct {
	Type     string `json:"type"` // "summary"
	Received int    `json:"received"`
	Broken   int    `json:"broken"`                      // those that break the contract
	Refused  int    `json:"signaturesRefused,omitempty"` // those with a wrong signature, which are not among the broken
}

func receivedRowOf(contract *contracts.Contract, got mockserver.Received) receivedRow {
	row := receivedRow{
		Type: "received", At: got.At, Method: got.Request.Method, Path: pathOf(got.Request.URL), Events: []string{},
		Violations: distinct(got.Opened.Violations), Answered: got.Answered, Signature: signatureState(contract, got),
	}
	row.Body, row.Raw = textOrRaw(got.Request.Body)
	for _, ev := range got.Opened.Events {
		row.Events = append(row.Events, ev.Type.Name())
	}
	row.ID = deliveryID(contract, got)
	if got.Problem != nil {
		row.Problem = got.Problem.Error()
	}
	return row
}

// signatureState says what became of the signature, "" where there is none to
// look at.
func signatureState(contract *contracts.Contract, got mockserver.Received) string {
	switch {
	case contract == nil:
		return ""
	case !got.Opened.Signature.OK():
		return "refused"
	case got.Opened.Checked:
		return "accepted"
	}
	if scheme, _ := contract.Signature(); scheme.Signs() {
		return "unchecked"
	}
	return ""
}

// deliveryID is the id that a header carries.
func deliveryID(contract *contracts.Contract, got mockserver.Received) string {
	if contract == nil {
		return ""
	}
	names := []string{}
	if scheme, _ := contract.Signature(); scheme.IDHeader != "" {
		names = append(names, scheme.IDHeader)
	}
	for _, ev := range got.Opened.Events {
		if h := ev.Type.Identity().Header; h != "" {
			names = append(names, h)
		}
	}
	for _, name := range names {
		if id := got.Request.Header.Get(name); id != "" {
			return id
		}
	}
	return ""
}

// print shows a request to people.
func (l *listener) print(got mockserver.Received) {
	c := l.console
	row := receivedRowOf(l.contract, got)
	stamp := c.dim(got.At.Format(time.DateTime))
	status := fmt.Sprintf("[%d]", row.Answered)
	if row.Answered >= 200 && row.Answered < 300 {
		status = c.green(status)
	} else {
		status = c.red(status)
	}
	line := fmt.Sprintf("%s  --> %s %s", stamp, verifier.Printable(row.Method), verifier.Printable(row.Path))
	if len(row.Events) > 0 {
		line += "  " + c.bold(strings.Join(row.Events, ", "))
	}
	if row.ID != "" {
		line += "  " + c.dim("["+verifier.Printable(row.ID)+"]")
	}
	switch row.Signature {
	case "accepted":
		line += "  signature " + c.green("accepted")
	case "refused":
		line += "  signature " + c.red("refused")
	case "unchecked":
		line += "  signature " + c.yellow("not checked")
	}
	c.printf("%s  %s\n", line, status)
	if f := got.Opened.Signature; !f.OK() {
		c.printf("    %s: %s\n", f.Reason, verifier.Printable(f.Detail))
	}
	for _, v := range row.Violations {
		c.printf("    %s\n", verifier.Printable(v.String()))
	}
	if got.Problem != nil && got.Opened.OK() {
		c.printf("    %s\n", verifier.Printable(got.Problem.Error()))
	}
	if l.contract == nil {
		l.printHeaders(got.Request)
	}
	if l.bodies {
		l.printBody(got.Request.Body)
	}
}

// distinct drops violations that say the same as one before: two schemas may
// ask for the same.
func distinct(violations []contracts.Violation) []contracts.Violation {
	seen := map[string]bool{}
	return slices.DeleteFunc(slices.Clone(violations), func(v contracts.Violation) bool {
		again := seen[v.String()]
		seen[v.String()] = true
		return again
	})
}

// printHeaders shows the headers where no contract says which ones matter.
func (l *listener) printHeaders(r contracts.Request) {
	c := l.console
	for _, name := range slices.Sorted(maps.Keys(r.Header)) {
		for _, value := range withoutCredentials(name, r.Header[name], l.signatureHeader()) {
			c.printf("    %s: %s\n", name, verifier.Printable(value))
		}
	}
}

func (l *listener) printBody(body []byte) {
	const most = 4000
	text := string(body)
	if json.Valid(body) {
		text = indented(body)
	}
	for line := range strings.Lines(cut(text, most)) {
		l.console.printf("    %s\n", verifier.Printable(strings.TrimRight(line, "\r\n")))
	}
}

// pathOf is path and query of a URL, as a server sees it, without credentials
// in the query.
func pathOf(raw string) string {
	redacted := mockserver.RedactURL(raw)
	u, err := url.Parse(redacted)
	if err != nil {
		return redacted
	}
	return u.RequestURI()
}

// capture keeps requests in a file, one JSON object a line.
type capture struct{ file *os.File }

func openCapture(name string) (*capture, error) {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600) // bodies hold people's data
	if err != nil {
		return nil, unwritable(name, err)
	}
	return &capture{f}, nil
}

// add appends one request. The line is put together by hand: an encoder would
// not keep the body's bytes.
func (c *capture) add(got mockserver.Received, signature string) error {
	headers := make(http.Header, len(got.Request.Header))
	for name, values := range got.Request.Header {
		headers[name] = withoutCredentials(name, values, signature)
	}
	text, err := json.Marshal(headers)
	if err != nil {
		return err
	}
	line := append([]byte(`{"at":`), appendText(nil, got.At.Format(time.RFC3339Nano))...)
	line = appendText(append(line, `,"method":`...), got.Request.Method)
	line = appendText(append(line, `,"path":`...), pathOf(got.Request.URL))
	line = append(append(line, `,"headers":`...), text...)
	line = append(appendBody(line, got.Request.Body), "}\n"...)
	_, err = c.file.Write(line)
	return err
}

// withoutCredentials hides what lets its reader log in. Signatures stay: they
// prove one body, and explaining them is what recordings are for. Where no
// contract names the header of the signature, whatever is called a token may
// be a shared secret.
func withoutCredentials(name string, values []string, signature string) []string {
	if credentialHeader.MatchString(name) && (!strings.EqualFold(name, signature) || strings.EqualFold(name, "Authorization")) {
		return []string{"[redacted]"}
	}
	return values
}

var credentialHeader = regexp.MustCompile(`(?i)^(proxy-)?authorization$|cookie|token|secret|passw|api-?key`)
