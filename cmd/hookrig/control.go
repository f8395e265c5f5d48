package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/hookrig/hookrig/contracts/signature"
	"github.com/hookrig/hookrig/internal/egress"
	"github.com/hookrig/hookrig/mockserver"
	"github.com/spf13/cobra"
)

// control is a client of a control API: of a running server, or of one in this
// process, so that both are asked in the same words.
type control struct {
	base      *url.URL
	transport http.RoundTripper
	token     signature.Secret
	tokenEnv  string // name of its variable
	remote    bool   // there is an address to it
}

// inProcess is the client of a handler.
func inProcess(handler http.Handler, token signature.Secret) *control {
	return &control{base: &url.URL{Scheme: "http", Host: "localhost"}, transport: mockserver.InProcess(handler), token: token}
}

// serverFlags name a running server.
type serverFlags struct{ server, token string }

// localServer is where "hookrig serve" listens unless told otherwise.
const localServer = "http://127.0.0.1:8080"

// register declares the flags. What server is now is the default.
func (f *serverFlags) register(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.server, "server", f.server, "ask the running server at this `URL`, which has the journal open")
	cmd.Flags().StringVar(&f.token, "token-env", "", "`NAME` of the environment variable with that server's token")
}

// remote is the client of a running server.
func (c *console) remote(f *serverFlags) (*control, error) {
	base, err := target("--server", f.server)
	if err != nil {
		return nil, err
	}
	a := &control{base: base, transport: egress.NewTransport(rules), tokenEnv: f.token, remote: true}
	if f.token != "" {
		given, err := c.secrets([]string{f.token})
		if err != nil {
			return nil, err
		}
		a.token = given[0]
	}
	return a, nil
}

// problem is an answer of a control API that says what is wrong (RFC 9457).
type problem struct {
	Status int
	Detail string `json:"detail"`
	Hint   string `json:"hint"`
	Errors []struct {
		Pointer string `json:"pointer"`
		Detail  string `json:"detail"`
	} `json:"errors"`
	Nearest []string `json:"nearest"`
}

// oneFault reports whether the detail is about one place.
func (p *problem) oneFault() bool {
	return len(p.Errors) == 1 && strings.HasSuffix(p.Detail, p.Errors[0].Detail)
}

func (p *problem) Error() string {
	text := p.Detail
	if text == "" {
		text = fmt.Sprintf("the server answered %d", p.Status)
	}
	if p.oneFault() { // the detail says it already
		if at := p.Errors[0].Pointer; at != "" && !strings.HasPrefix(text, at+": ") {
			text = at + ": " + text
		}
	} else {
		for i, e := range p.Errors {
			text += map[bool]string{true: ": ", false: "; "}[i == 0] + strings.TrimPrefix(e.Pointer+": ", ": ") + e.Detail
		}
	}
	if len(p.Nearest) > 0 {
		text += ", the nearest is " + p.Nearest[0]
	}
	return text
}

// call makes a request, with a JSON body unless in is nil, and reads the answer
// into out unless that is nil.
func (a *control) call(ctx context.Context, method, path string, in, out any) error {
	body, err := a.open(ctx, method, path, in)
	if err != nil {
		return err
	}
	defer body.Close()
	if out == nil {
		return nil
	}
	if err := json.NewDecoder(body).Decode(out); err != nil {
		return unjudged("", fmt.Errorf("the server's answer cannot be read: %w", err))
	}
	return nil
}

// open makes a request and gives the answer's body. The error is a failure with
// a *problem, or says that nothing answers.
func (a *control) open(ctx context.Context, method, path string, in any) (io.ReadCloser, error) {
	var body io.Reader = http.NoBody
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(text)
	}
	at, err := a.base.Parse(strings.TrimSuffix(a.base.Path, "/") + path)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, method, at.String(), body)
	if err != nil {
		return nil, err
	}
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if !a.token.IsZero() {
		req.Header.Set("Authorization", "Bearer "+a.token.Reveal())
	}
	res, err := a.transport.RoundTrip(req)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, unjudged("hookrig serve", fmt.Errorf("nothing answers at %s: %w", a.base.Redacted(), plainNetError(err)))
	}
	if res.StatusCode < 300 {
		return res.Body, nil
	}
	defer res.Body.Close()
	p := &problem{Status: res.StatusCode}
	if text, err := io.ReadAll(io.LimitReader(res.Body, 1<<20)); err == nil {
		_ = json.Unmarshal(text, p) // what cannot be read is told by its status
	}
	switch {
	case res.StatusCode == http.StatusUnauthorized:
		return nil, usagef("--token-env HOOKRIG_TOKEN", "%w", p)
	case res.StatusCode >= 500:
		return nil, unjudged("", p)
	}
	return nil, usagef(a.curl(p.Hint), "%w", p)
}

// flags are those that lead another command to the same server.
func (a *control) flags() string {
	text := ""
	if at := a.base.String(); at != localServer && !a.secretive() {
		text += " --server " + shellWord(at)
	}
	if a.tokenEnv != "" {
		text += " --token-env " + a.tokenEnv
	}
	return text
}

// secretive reports whether the address may hold credentials, which are not repeated.
func (a *control) secretive() bool { return a.base.User != nil || a.base.RawQuery != "" }

// asked is a request that an API hints at, but for one with a name left out or a body.
var asked = regexp.MustCompile(`^(GET|POST|DELETE) (/[^ A-Z]+)$`)

// curl is the command that makes a request which the API hints at, "" where it is none
// that can be pasted.
func (a *control) curl(hint string) string {
	m := asked.FindStringSubmatch(hint)
	if m == nil || !a.remote || a.secretive() {
		return ""
	}
	words := []string{"curl -sS"}
	if m[1] != http.MethodGet {
		words = append(words, "-X", m[1])
	}
	if a.tokenEnv != "" {
		words = append(words, `-H "Authorization: Bearer $`+a.tokenEnv+`"`)
	}
	return strings.Join(append(words, shellWord(strings.TrimSuffix(a.base.String(), "/")+m[2])), " ")
}

// statusOf is the status of a problem, 0 of any other error.
func statusOf(err error) int {
	var p *problem
	if errors.As(err, &p) {
		return p.Status
	}
	return 0
}
