// Package api is the control API of a running mock server: trigger events,
// see where each delivery stands, send again, cancel, follow the journal.
package api

import (
	"encoding/json"
	"errors"
	"iter"
	"log/slog"
	"net/http"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/signature"
	"github.com/hookrig/hookrig/mockserver"
)

// Options of New. Server, Contracts and Fake are required.
type Options struct {
	Server    *mockserver.Server    // must be running while requests are answered
	Contracts []*contracts.Contract // what can be sent, in the order of lists
	Fake      Fake                  // makes the events
	Secrets   *Secrets              // nil: an empty store
	Token     signature.Secret      // the bearer token that requests must carry; zero: none
	// Hosts are names, without port, by which the server may be addressed
	// besides the loopback names and the address that it listens on.
	Hosts   []string
	Version string       // of the program, as GET /api/v1/status says it
	Logger  *slog.Logger // for what we could not do; nil: silent
}

// Fake yields the events of a type, number 0, 1, 2, … without end: the same
// ones for the same seed. set holds JSON values to put at JSON Pointers of the
// body. An error is about set; if it has a method Hint() string, the hint is
// passed on.
type Fake func(t *contracts.EventType, seed uint64, set map[string]json.RawMessage) (iter.Seq[contracts.Event], error)

// New returns the handler. It starts nothing. Streams and waiting requests end
// with their request's context: give the http.Server a BaseContext that ends
// when the program is asked to stop.
func New(o Options) (http.Handler, error) {
	if o.Server == nil || len(o.Contracts) == 0 || o.Fake == nil {
		return nil, errors.New("the control API needs a server, contracts and a faker")
	}
	return http.NotFoundHandler(), nil
}
