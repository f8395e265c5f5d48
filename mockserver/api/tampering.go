package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/schema"
	"github.com/hookrig/hookrig/mockserver"
)

// tampering is what a request says of mishandling: the name of a tamper for all
// of its deliveries, or rates by name. The zero value does nothing.
type tampering struct {
	name  string
	rates map[string]float64
}

func (t *tampering) UnmarshalJSON(text []byte) error {
	*t = tampering{}
	if bytes.HasPrefix(text, []byte{'"'}) {
		return json.Unmarshal(text, &t.name)
	}
	return json.Unmarshal(text, &t.rates)
}

func (t tampering) MarshalJSON() ([]byte, error) {
	if t.name != "" {
		return json.Marshal(t.name)
	}
	return json.Marshal(t.rates)
}

// IsZero is for encoding/json too.
func (t tampering) IsZero() bool { return t.name == "" && len(t.rates) == 0 }

// check says what is wrong with it; nil if nothing is.
func (t tampering) check() *problem {
	rates := t.rates
	if t.name != "" {
		rates = map[string]float64{t.name: 1}
	}
	err := mockserver.Chaos{Rates: rates}.Check()
	var unknown *mockserver.UnknownTamperError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &unknown):
		p := newProblem(http.StatusUnprocessableEntity, "there is no tamper of this name").kind("unknown-tamper").
			atBody("/tamper").hint("GET /api/v1/tampers")
		p.Nearest = schema.Nearest(unknown.Name, tamperNames())
		return p
	}
	return newProblem(http.StatusUnprocessableEntity, err.Error()).kind("invalid-request").atBody("/tamper")
}

// of is the tamper of the n-th delivery. The same seed and number make the same
// choice.
func (t tampering) of(seed, n uint64, event *contracts.EventType) mockserver.Tamper {
	if t.name == "" {
		return mockserver.Chaos{Rates: t.rates, Seed: seed}.Tamper(n, event)
	}
	tamper, err := mockserver.TamperNamed(t.name)
	if err != nil {
		return mockserver.Tamper{} // check has refused it
	}
	return tamper
}

// firstOf is the first that does something: who is nearer to the delivery decides.
func firstOf(some ...tampering) tampering {
	for _, t := range some {
		if !t.IsZero() {
			return t
		}
	}
	return tampering{}
}

func tamperNames() (names []string) {
	for _, t := range mockserver.Tampers() {
		names = append(names, t.Name)
	}
	return names
}

func (a *api) listTampers(w http.ResponseWriter, _ *http.Request) error {
	return reply(w, http.StatusOK, map[string][]mockserver.TamperInfo{"tampers": mockserver.Tampers()})
}
