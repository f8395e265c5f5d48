package mockserver

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/hookrig/hookrig/contracts"
)

// Chaos mishandles a share of many deliveries. The same seed and index make
// the same choice, whatever else is sent.
type Chaos struct {
	Rates map[string]float64 `json:"rates"` // by the tamper's name: the share of deliveries, in [0,1]; 1 at most together
	Seed  uint64             `json:"seed"`
}

// Check says what is wrong with the rates. The error is an *UnknownTamperError
// or a *RateError.
func (c Chaos) Check() error {
	sum := 0.0
	for _, name := range slices.Sorted(maps.Keys(c.Rates)) {
		rate := c.Rates[name]
		if _, err := TamperNamed(name); err != nil {
			return err
		}
		if math.IsNaN(rate) || rate < 0 || rate > 1 {
			return &RateError{name, rate}
		}
		sum += rate
	}
	if sum > 1+1e-9 { // shares like ten times 0.1 do not add up to 1 exactly
		return &RateError{"", sum}
	}
	return nil
}

// RateError: a rate of Chaos is not a share.
type RateError struct {
	Tamper string // "": all of them together
	Rate   float64
}

func (e *RateError) Error() string {
	if e.Tamper == "" {
		return fmt.Sprintf("the rates of all tampers together are %v, more than 1", e.Rate)
	}
	return fmt.Sprintf("the rate %v of tamper %q is not between 0 and 1", e.Rate, e.Tamper)
}

// Tamper chooses for the n-th delivery. What would make no difference to the
// event (a wrong key where nothing is signed) leaves it alone; so does what
// Check refuses.
func (c Chaos) Tamper(n uint64, t *contracts.EventType) Tamper {
	if c.Check() != nil {
		return Tamper{}
	}
	draw := seed(sha256.Sum256(binary.BigEndian.AppendUint64([]byte("hookrig chaos "), c.Seed))).draw("tamper", n)
	point := float64(binary.BigEndian.Uint64(draw[:8])>>11) / (1 << 53)
	for i := range tampers { // in the order of the table, which a new name at its end does not disturb
		info := &tampers[i]
		if point -= c.Rates[info.Name]; point >= 0 {
			continue
		}
		if scheme, _ := t.Contract().Signature(); info.fits != nil && !info.fits(scheme) {
			return Tamper{}
		}
		return info.get()
	}
	return Tamper{}
}
