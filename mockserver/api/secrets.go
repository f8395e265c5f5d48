package api

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gorilla/mux"

	"github.com/hookrig/hookrig/contracts/schema"
	"github.com/hookrig/hookrig/contracts/signature"
	"github.com/hookrig/hookrig/mockserver/registration"
)

// SecretStore keeps secrets by name. It is safe for concurrent use. Beside the
// secrets that clients put, it holds what else must not be seen: URLs with
// credentials, values of headers, keys. Their names begin with a hyphen, as no
// client's can.
type SecretStore interface {
	registration.Secrets
	// Names are those of the secrets, sorted.
	Names() []string
}

// Secrets is a [SecretStore] in memory. The zero Secrets is empty and ready for
// use.
type Secrets struct{ named[signature.Secret] }

// Put never fails.
func (s *Secrets) Put(name string, secret signature.Secret) error {
	s.put(name, secret)
	return nil
}

// Get finds a secret.
func (s *Secrets) Get(name string) (signature.Secret, bool) { return s.get(name) }

// Delete never fails.
func (s *Secrets) Delete(name string) error {
	s.delete(name)
	return nil
}

// Names are those of the secrets, sorted.
func (s *Secrets) Names() []string { return s.names() }

// reserved reports whether a name in the store is the server's own.
func reserved(name string) bool {
	return strings.HasPrefix(name, "-") || strings.HasPrefix(name, "subscription.")
}

// secretNames are those that clients know.
func (s *Stores) secretNames() []string {
	return slices.DeleteFunc(s.secrets.Names(), reserved)
}

// hasSecret reports whether something can be signed by what stands under the
// name.
func (s *Stores) hasSecret(name string) bool {
	_, ok := s.secrets.Get(name)
	return ok && !reserved(name)
}

// keys asks for a secret at each attempt. Of one that was forgotten meanwhile it
// knows nothing: the delivery ends, and says so.
func (s *Stores) keys(name string) func() []signature.Secret {
	if name == "" {
		return nil
	}
	return registration.Keys(s.secrets, name, time.Now)
}

// unknownSecret does not repeat the name: it may be a secret that was mistaken
// for one.
func (s *Stores) unknownSecret(status int, name string) *problem {
	p := newProblem(status, "there is no secret of this name").kind("unknown-secret").hint("GET /api/v1/secrets")
	p.Nearest = schema.Nearest(name, s.secretNames())
	return p
}

func (a *api) listSecrets(w http.ResponseWriter, _ *http.Request) error {
	return reply(w, http.StatusOK, map[string][]string{"secrets": orEmpty(a.secretNames())})
}

func (a *api) putSecret(w http.ResponseWriter, r *http.Request) error {
	var in struct{ Value, Overlap string }
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		return err
	}
	overlap, err := within(in.Overlap, "/overlap")
	if err != nil {
		return err
	}
	name := mux.Vars(r)["name"]
	switch {
	case reserved(name):
		return reservedName()
	case strings.HasPrefix(name, "whsec_"):
		return newProblem(http.StatusUnprocessableEntity, "the name looks like a secret, and names are shown to everybody").
			kind("invalid-request").hint(`PUT /api/v1/secrets/NAME with {"value": "whsec_…"}`)
	}
	a.secretsMu.Lock()
	defer a.secretsMu.Unlock()
	if !a.hasSecret(name) && len(a.secretNames()) >= most {
		return noRoom()
	}
	var until time.Time
	if overlap > 0 {
		until = time.Now().Add(overlap)
	}
	if err := registration.Rotate(a.secrets, name, signature.NewSecret(in.Value), until); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (a *api) deleteSecret(w http.ResponseWriter, r *http.Request) error {
	name := mux.Vars(r)["name"]
	if reserved(name) {
		return reservedName()
	}
	a.secretsMu.Lock()
	defer a.secretsMu.Unlock()
	if !a.hasSecret(name) {
		return a.unknownSecret(http.StatusNotFound, name)
	}
	if a.subs.Shares(name) {
		return newProblem(http.StatusConflict, "subscriptions share this secret: without it nothing to them could be signed").
			kind("secret-in-use").hint("DELETE the subscriptions first, or PUT another value")
	}
	if err := registration.Forget(a.secrets, name); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func reservedName() *problem {
	return newProblem(http.StatusUnprocessableEntity, `names that begin with "subscription." are the subscriptions' own`).
		kind("invalid-request").hint("PATCH /api/v1/subscriptions/ID")
}

// orEmpty makes an empty list of none: in JSON they differ.
func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
