package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/gorilla/mux"

	"github.com/hookrig/hookrig/contracts/schema"
	"github.com/hookrig/hookrig/mockserver"
)

// problem is an answer that says what is wrong (RFC 9457). As an error it ends
// a handler.
type problem struct {
	Type    string   `json:"type"`
	Title   string   `json:"title"`
	Status  int      `json:"status"`
	Detail  string   `json:"detail"`
	Hint    string   `json:"hint,omitempty"`
	Nearest []string `json:"nearest,omitempty"` // names that were perhaps meant
	Errors  []flaw   `json:"errors,omitempty"`
	IDs     []string `json:"ids,omitempty"` // of the deliveries that are queued all the same
}

// flaw is one mistake in a request.
type flaw struct {
	In        string   `json:"in"`                  // body, query, path or header
	Pointer   *string  `json:"pointer,omitempty"`   // into the body; "" is all of it
	Parameter string   `json:"parameter,omitempty"` // name of any other
	Detail    string   `json:"detail"`
	Nearest   []string `json:"nearest,omitempty"` // names that were perhaps meant
	kind      string   // of the problem that it is alone
}

func (p *problem) Error() string { return p.Detail }

// newProblem is one that its status describes. A detail is a whole sentence
// without its full stop, in lower case like any error.
func newProblem(status int, detail string) *problem {
	return &problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: detail}
}

// kind names a problem for clients that branch; docs are in openapi.yaml.
func (p *problem) kind(name string) *problem {
	p.Type, p.Title = "urn:hookrig:problem:"+name, strings.ReplaceAll(name, "-", " ")
	return p
}

func (p *problem) hint(text string) *problem {
	p.Hint = text
	return p
}

// nearestTo adds the names that were perhaps meant by a wrong one.
func (p *problem) nearestTo(name string, candidates []string) *problem {
	p.Nearest = schema.Nearest(name, candidates)
	return p
}

// atBody says which member of the body is meant.
func (p *problem) atBody(pointer string) *problem {
	p.Errors = append(p.Errors, bodyFlaw(pointer, p.Detail))
	return p
}

// flawed lists mistakes. Of an only one it has the detail and the kind.
func flawed(status int, flaws ...flaw) *problem {
	p := newProblem(status, "several things are wrong, see errors").kind("invalid-request")
	p.Errors = flaws
	if len(flaws) != 1 {
		return p
	}
	only := &flaws[0]
	p.Detail, p.Nearest = only.place()+": "+only.Detail, only.Nearest
	if only.kind != "" {
		return p.kind(only.kind)
	}
	return p
}

func bodyFlaw(pointer, detail string) flaw {
	return flaw{In: "body", Pointer: &pointer, Detail: detail}
}

func (f *flaw) place() string {
	switch {
	case f.Pointer == nil:
		return f.In + " " + f.Parameter
	case *f.Pointer == "":
		return f.In
	}
	return *f.Pointer
}

// handler answers a request, or returns why not: a *problem, or what we could
// not do.
type handler func(http.ResponseWriter, *http.Request) error

// answer makes a handler of net/http.
func (a *api) answer(h handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := h(w, r); err != nil {
			a.refuse(w, r, err)
		}
	})
}

// refuse answers with an error. What is no problem of the request is ours: its
// text goes to the log only.
func (a *api) refuse(w http.ResponseWriter, r *http.Request, err error) {
	var p *problem
	ended := r.Context().Err()
	switch {
	case errors.As(err, &p):
	case ended != nil && errors.Is(err, ended): // the client has gone, or the server is stopping
		p = newProblem(http.StatusServiceUnavailable, "the request was ended before there was an answer")
	case errors.Is(err, mockserver.ErrFull):
		p = diskFull("the disk is full: nothing more can be kept")
	default:
		// Not the path: somebody may have put a secret there.
		a.log.Error("a request could not be answered", "method", r.Method, "operation", operationOf(r), "error", err)
		p = newProblem(http.StatusInternalServerError, "the server could not do this; its log says why")
	}
	full := strings.HasSuffix(p.Type, ":disk-full")
	if full {
		a.probe.refused.Store(true)
	}
	if full || p.Status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "5")
	}
	text, err := encode(p)
	if err != nil { // strings and numbers always encode
		panic(err)
	}
	send(w, p.Status, "application/problem+json", text)
}

// operationOf is the operationId of a request's route; "" if it has none.
func operationOf(r *http.Request) string {
	if route := mux.CurrentRoute(r); route != nil {
		return route.GetName()
	}
	return ""
}

func diskFull(detail string) *problem {
	return newProblem(http.StatusInsufficientStorage, detail).kind("disk-full").
		hint("make room on the disk, or raise the quota; the server goes on without a restart")
}

// clip keeps what an answer quotes short.
func clip(text string) string {
	const most = 60
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}

// reply answers with JSON.
func reply(w http.ResponseWriter, status int, v any) error {
	text, err := encode(v)
	if err != nil {
		return err
	}
	send(w, status, "application/json", text)
	return nil
}

func send(w http.ResponseWriter, status int, contentType string, text []byte) {
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	w.Write(text)
}

// encode is JSON for people too: without escapes for HTML.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return b.Bytes(), err
}
