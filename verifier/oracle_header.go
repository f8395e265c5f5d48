package verifier

import (
	"context"
	"fmt"
	"net/http"
	"strconv"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/mockserver"
)

// HeaderOracle goes by what the receiver says in a header of its answers: how
// many effects that delivery had, as a number or as true or false. With a value
// it had one where the header is that value, and none where it is another:
// "X-Duplicate" and "false". The effects of an event are the sum over its
// deliveries.
//
// It is the receiver's own word, and it ends with the answer: what is done
// afterwards is not seen. An answer that lacks the header, refusals included,
// leaves the check inconclusive. An oracle is good for one run.
func HeaderOracle(name, value string) Oracle {
	return &headerOracle{name: http.CanonicalHeaderKey(name), value: value, told: map[string]*told{}}
}

type headerOracle struct {
	name, value string
	told        map[string]*told // by delivery
}

// told is what the answers to an event said.
type told struct {
	effects int
	err     error
}

// Effects is what the answers have said so far.
func (o *headerOracle) Effects(_ context.Context, _ contracts.Event, deliveryID string) (int, error) {
	if t := o.told[deliveryID]; t != nil {
		return t.effects, t.err
	}
	return 0, nil
}

// Answered reads what an answer says.
func (o *headerOracle) Answered(delivery string, a *mockserver.Attempt) {
	t := o.told[delivery]
	if t == nil {
		t = new(told)
		o.told[delivery] = t
	}
	n, err := o.read(a)
	t.effects += n
	if t.err == nil {
		t.err = err
	}
}

func (o *headerOracle) read(a *mockserver.Attempt) (int, error) {
	values := a.Header.Values(o.name)
	switch {
	case a.Status == 0:
		return 0, fmt.Errorf("a delivery got no answer that could say it: %s", detail(a))
	case len(values) != 1:
		return 0, fmt.Errorf("an answer %d has no header %s, or several", a.Status, o.name)
	case o.value != "":
		if values[0] == o.value {
			return 1, nil
		}
		return 0, nil
	}
	if n, err := strconv.Atoi(values[0]); err == nil && n >= 0 {
		return n, nil
	}
	if yes, err := strconv.ParseBool(values[0]); err == nil {
		if yes {
			return 1, nil
		}
		return 0, nil
	}
	return 0, fmt.Errorf("the header %s says %q, which is no number and not true or false", o.name, shorten(values[0], 40))
}
