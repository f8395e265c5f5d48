package verifier

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/schema"
	"github.com/hookrig/hookrig/mockserver"
)

// Oracle looks at the effects of deliveries in the receiver's world.
type Oracle interface {
	// Effects returns how many effects the event had so far, 0 where the
	// receiver does not know it. It is also asked before the event is sent, and
	// once for an event that is new before the run starts. The error means that
	// it could not be seen: at that first time it ends the run, later it leaves
	// the check inconclusive.
	Effects(ctx context.Context, ev contracts.Event, deliveryID string) (int, error)
}

// OracleFunc is a function as an Oracle.
type OracleFunc func(ctx context.Context, ev contracts.Event, deliveryID string) (int, error)

// Effects calls f.
func (f OracleFunc) Effects(ctx context.Context, ev contracts.Event, deliveryID string) (int, error) {
	return f(ctx, ev, deliveryID)
}

// StateOracle looks at what the receiver holds of the record that an event is
// about: an order's status, a product's stock.
type StateOracle interface {
	// State returns it as a JSON text, nil where the receiver knows nothing of
	// the record. Two states are the same if they are equal as JSON, whatever
	// the order of members. The error means that it could not be seen.
	State(ctx context.Context, ev contracts.Event, deliveryID string) (json.RawMessage, error)
}

// StateFunc is a function as a StateOracle.
type StateFunc func(ctx context.Context, ev contracts.Event, deliveryID string) (json.RawMessage, error)

// State calls f.
func (f StateFunc) State(ctx context.Context, ev contracts.Event, deliveryID string) (json.RawMessage, error) {
	return f(ctx, ev, deliveryID)
}

// Selective may be implemented by an Oracle or a StateOracle that can be asked
// for some events only, because it is asked by a value that others lack. Events
// that it does not see are not used where it is needed.
type Selective interface {
	// Sees reports whether it can be asked for an event. It asks nobody.
	Sees(ev contracts.Event) bool
}

// Attentive may be implemented by an Oracle that goes by what the receiver
// answers, as [HeaderOracle] does.
type Attentive interface {
	// Answered tells it of an attempt at a delivery, by the id that the receiver
	// saw, when the delivery has ended. It is not called concurrently.
	Answered(deliveryID string, a *mockserver.Attempt)
}

// oracles are all that are given.
func (o *Options) oracles() (out []any) {
	if o.Oracle != nil {
		out = append(out, o.Oracle)
	}
	for _, undecided := range o.Oracles {
		out = append(out, undecided)
	}
	if o.State != nil {
		out = append(out, o.State)
	}
	return out
}

// Sees reports whether an Oracle or StateOracle can be asked for an event.
func Sees(oracle any, ev contracts.Event) bool {
	some, ok := oracle.(Selective)
	return !ok || some.Sees(ev)
}

// OracleError: there is an oracle, and it could not be asked. It was tried
// before anything was sent: what could not be looked at is not passed over in
// silence.
type OracleError struct {
	Event string // that it was asked for
	Err   error  // of the oracle
}

// Error says what the oracle said.
func (e *OracleError) Error() string {
	return fmt.Sprintf("the oracle cannot be asked for the effects of %q: %s", e.Event, e.Err)
}

// Unwrap gives the oracle's error.
func (e *OracleError) Unwrap() error { return e.Err }

// CountEffects reads a number of effects from a state: a whole number that is
// not negative, the length of a list, 1 for true and 0 for false. Nothing is
// none. The error says that a state is none of these.
func CountEffects(state json.RawMessage) (int, error) {
	if len(state) == 0 {
		return 0, nil
	}
	doc, err := schema.Read("state", state, schema.Limits{})
	if err != nil {
		return 0, err
	}
	switch v := doc.Value().(type) {
	case json.Number:
		if n, err := strconv.Atoi(v.String()); err == nil && n >= 0 {
			return n, nil
		}
	case []any:
		return len(v), nil
	case bool:
		if v {
			return 1, nil
		}
		return 0, nil
	}
	return 0, errors.New("it is no number of effects, and no list to count")
}
