package api

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"maps"
	"net/http"
	"net/textproto"
	"slices"
	"strings"

	"github.com/gorilla/mux"

	"github.com/hookrig/hookrig/contracts/signature"
	"github.com/hookrig/hookrig/mockserver"
)

// endpoint is a receiver by name, as it stands on the shelf and in answers: with
// nothing that could be a credential.
type endpoint struct {
	URL         string       `json:"url"`
	Secret      string       `json:"secret,omitempty"`  // its name
	Headers     []string     `json:"headers,omitempty"` // names
	BasicAuth   bool         `json:"basicAuth,omitempty"`
	TLS         *endpointTLS `json:"tls,omitempty"`
	Rate        float64      `json:"rate,omitempty"`
	Concurrency int          `json:"concurrency,omitempty"`
	Tamper      tampering    `json:"tamper,omitzero"`
	Hidden      string       `json:"hidden,omitempty"` // name of the rest in the store of secrets

	whole mockserver.Endpoint // with everything
	lost  bool                // the store of secrets does not have the rest
}

// endpointTLS is what may be shown of it. Certificates are public.
type endpointTLS struct {
	CA         string `json:"ca,omitempty"`
	Cert       string `json:"cert,omitempty"`
	ServerName string `json:"serverName,omitempty"`
}

// hiddenPart is what the store of secrets has of an endpoint, as JSON.
type hiddenPart struct {
	URL    string      `json:"url,omitempty"` // "": nothing of it is hidden
	Header http.Header `json:"header,omitempty"`
	Key    string      `json:"key,omitempty"` // of the client certificate
}

func (h *hiddenPart) isEmpty() bool { return h.URL == "" && len(h.Header) == 0 && h.Key == "" }

// hiddenPrefix begins the names of hidden parts.
const hiddenPrefix = "-endpoint."

func (s *Stores) loadEndpoints(ctx context.Context) error {
	needed := map[string]bool{}
	err := s.endpoints.load(ctx, s.shelf, "endpoint", func(name string, e *endpoint) {
		var rest hiddenPart
		if e.Hidden != "" {
			needed[e.Hidden] = true
			text, ok := s.secrets.Get(e.Hidden)
			if e.lost = !ok || json.Unmarshal([]byte(text.Reveal()), &rest) != nil; e.lost {
				s.notes.Warn("an endpoint cannot be used: the store of secrets does not have the rest of it", "endpoint", name)
			}
		}
		e.join(rest)
	})
	if err != nil {
		return err
	}
	for _, name := range s.secrets.Names() { // left behind by a crash between two writes
		if strings.HasPrefix(name, hiddenPrefix) && !needed[name] {
			s.forgetHidden(name)
		}
	}
	return nil
}

// join makes the endpoint whole.
func (e *endpoint) join(rest hiddenPart) {
	e.whole = mockserver.Endpoint{URL: e.URL, Header: rest.Header, Rate: e.Rate, Concurrency: e.Concurrency}
	if rest.URL != "" {
		e.whole.URL = rest.URL
	}
	if e.TLS != nil {
		e.whole.TLS = &mockserver.TLS{
			CA: []byte(e.TLS.CA), Cert: []byte(e.TLS.Cert), Key: []byte(rest.Key), ServerName: e.TLS.ServerName,
		}
	}
}

// endpointInput is the body of PUT /api/v1/endpoints/{name}.
type endpointInput struct {
	URL, Secret       string
	Headers           map[string]string
	BasicAuth         *struct{ User, Password string }
	TLS               *struct{ CA, Cert, Key, ServerName string }
	Rate, Concurrency float64
	Tamper            tampering
}

// split parts what may be shown from what may not.
func (in *endpointInput) split() (e endpoint, rest hiddenPart) {
	e = endpoint{
		URL: mockserver.RedactURL(in.URL), Secret: in.Secret, Headers: slices.Sorted(maps.Keys(in.Headers)),
		BasicAuth: in.BasicAuth != nil, Rate: in.Rate, Concurrency: int(in.Concurrency), Tamper: in.Tamper,
	}
	if e.URL != in.URL {
		rest.URL = in.URL
	}
	rest.Header = http.Header{}
	for name, value := range in.Headers {
		rest.Header.Add(name, value)
	}
	if in.BasicAuth != nil {
		pair := in.BasicAuth.User + ":" + in.BasicAuth.Password
		rest.Header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(pair)))
	}
	if in.TLS != nil {
		e.TLS, rest.Key = &endpointTLS{in.TLS.CA, in.TLS.Cert, in.TLS.ServerName}, in.TLS.Key
	}
	e.join(rest)
	return e, rest
}

// keepEndpoint replaces an endpoint. What is hidden has another name each time, so
// that a crash at any moment leaves the old endpoint or the new one.
func (s *Stores) keepEndpoint(ctx context.Context, name string, e endpoint, rest hiddenPart) error {
	s.endpoints.writing.Lock()
	defer s.endpoints.writing.Unlock()
	if err := s.endpoints.room(name); err != nil {
		return err
	}
	before, _ := s.endpoints.get(name)
	if !rest.isEmpty() {
		text, err := json.Marshal(rest)
		if err != nil {
			return err
		}
		e.Hidden = hiddenPrefix + name + "." + rand.Text()
		if err := s.secrets.Put(e.Hidden, signature.NewSecret(string(text))); err != nil {
			return err
		}
	}
	if err := s.endpoints.keep(ctx, name, e); err != nil {
		s.forgetHidden(e.Hidden)
		return err
	}
	s.forgetHidden(before.Hidden)
	return nil
}

// forgetHidden forgets a hidden part that nothing refers to any more. What could
// not be forgotten is by the next start.
func (s *Stores) forgetHidden(name string) {
	if name == "" {
		return
	}
	if err := s.secrets.Delete(name); err != nil {
		s.notes.Error("the hidden part of an endpoint could not be forgotten", "error", err)
	}
}

// endpointView is an endpoint as answers show it.
type endpointView struct {
	Name string `json:"name"`
	endpoint
	Incomplete bool `json:"incomplete,omitempty"` // it must be put again
}

func (e endpoint) view(name string) endpointView {
	e.Hidden = "" // of no use to anybody
	return endpointView{Name: name, endpoint: e, Incomplete: e.lost}
}

func (a *api) listEndpoints(w http.ResponseWriter, _ *http.Request) error {
	all := []endpointView{}
	for _, name := range a.endpoints.names() {
		if e, ok := a.endpoints.get(name); ok {
			all = append(all, e.view(name))
		}
	}
	return reply(w, http.StatusOK, map[string][]endpointView{"endpoints": all})
}

func (a *api) getEndpoint(w http.ResponseWriter, r *http.Request) error {
	name := mux.Vars(r)["name"]
	e, ok := a.endpoints.get(name)
	if !ok {
		return a.unknownEndpoint(http.StatusNotFound, name)
	}
	return reply(w, http.StatusOK, e.view(name))
}

func (a *api) putEndpoint(w http.ResponseWriter, r *http.Request) error {
	var in endpointInput
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		return err
	}
	if p := in.check(); p != nil {
		return p
	}
	if in.Secret != "" && !a.hasSecret(in.Secret) && r.URL.Query().Get("force") != "true" {
		p := a.unknownSecret(http.StatusUnprocessableEntity, in.Secret).atBody("/secret")
		return p.hint("PUT the secret first, or add ?force=true")
	}
	name := mux.Vars(r)["name"]
	e, rest := in.split()
	if err := a.keepEndpoint(r.Context(), name, e, rest); err != nil {
		return err
	}
	return reply(w, http.StatusOK, e.view(name))
}

func (a *api) deleteEndpoint(w http.ResponseWriter, r *http.Request) error {
	name := mux.Vars(r)["name"]
	a.endpoints.writing.Lock()
	defer a.endpoints.writing.Unlock()
	e, ok := a.endpoints.get(name)
	if !ok {
		return a.unknownEndpoint(http.StatusNotFound, name)
	}
	if err := a.endpoints.forget(r.Context(), name); err != nil {
		return err
	}
	a.forgetHidden(e.Hidden)
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (s *Stores) unknownEndpoint(status int, name string) *problem {
	hint := "GET /api/v1/endpoints"
	if status == http.StatusUnprocessableEntity {
		hint = "PUT /api/v1/endpoints/" + name
	}
	return newProblem(status, fmt.Sprintf("unknown endpoint %q", name)).
		kind("unknown-endpoint").nearestTo(name, s.endpoints.names()).hint(hint)
}

// ownHeaders are those that the transport writes.
var ownHeaders = []string{
	"Connection", "Content-Length", "Host", "Keep-Alive", "Proxy-Connection", "Te", "Trailer", "Transfer-Encoding", "Upgrade",
}

// HeaderFault is the first of an endpoint's header names that cannot stand
// there and what is wrong with it, or "" and "".
func HeaderFault(names []string) (name, fault string) {
	seen := map[string]bool{}
	for _, name := range names {
		canonical := textproto.CanonicalMIMEHeaderKey(name)
		switch {
		case slices.Contains(ownHeaders, canonical):
			return name, "the transport writes this header itself"
		case seen[canonical]:
			return name, "it stands there twice"
		}
		seen[canonical] = true
	}
	return "", ""
}

// check says what the document cannot.
func (in *endpointInput) check() *problem {
	if p := checkURL(in.URL, "/url"); p != nil {
		return p
	}
	wrong := func(at, detail string) *problem {
		return newProblem(http.StatusUnprocessableEntity, detail).kind("invalid-request").atBody(at)
	}
	names := slices.Sorted(maps.Keys(in.Headers))
	if name, fault := HeaderFault(names); fault != "" {
		return wrong("/headers/"+name, fault)
	}
	if in.BasicAuth != nil {
		switch {
		case slices.ContainsFunc(names, func(name string) bool { return strings.EqualFold(name, "Authorization") }):
			return wrong("/basicAuth", `there is an "Authorization" header already`)
		case hasUserinfo(in.URL):
			return wrong("/basicAuth", "the URL has credentials already")
		case strings.Contains(in.BasicAuth.User, ":"):
			return wrong("/basicAuth/user", "a user has no colon (RFC 7617)")
		}
	}
	if in.TLS != nil {
		if p := in.checkTLS(wrong); p != nil {
			return p
		}
	}
	return in.Tamper.check()
}

func (in *endpointInput) checkTLS(wrong func(at, detail string) *problem) *problem {
	if !strings.HasPrefix(strings.ToLower(in.URL), "https:") {
		return wrong("/tls", "the URL is not https")
	}
	var ok bool
	if in.TLS.CA, ok = certificates(in.TLS.CA); !ok {
		return wrong("/tls/ca", "it is not certificates in PEM")
	}
	if in.TLS.Cert, ok = certificates(in.TLS.Cert); !ok {
		return wrong("/tls/cert", "it is not certificates in PEM")
	}
	t := mockserver.TLS{CA: []byte(in.TLS.CA), Cert: []byte(in.TLS.Cert), Key: []byte(in.TLS.Key), ServerName: in.TLS.ServerName}
	if err := t.Check(); err != nil {
		return wrong("/tls", err.Error())
	}
	return nil
}

// certificates are those of a PEM text and nothing else: what stands between them
// may be a key, and certificates are shown.
func certificates(text string) (only string, ok bool) {
	var out strings.Builder
	for rest := []byte(text); len(bytes.TrimSpace(rest)) > 0; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil || block.Type != "CERTIFICATE" {
			return "", false
		}
		out.Write(pem.EncodeToMemory(&pem.Block{Type: block.Type, Bytes: block.Bytes}))
	}
	return out.String(), true
}
