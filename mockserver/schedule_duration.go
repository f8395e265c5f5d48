package mockserver

import (
	"time"

	"github.com/hookrig/hookrig/contracts"
)

// Duration is a time.Duration that is written as people and contracts write it:
// "250ms", "15m", "1h30m", "30d".
type Duration time.Duration

// String is how the duration is written.
func (d Duration) String() string {
	if d < 0 {
		return time.Duration(d).String()
	}
	return contracts.Days(time.Duration(d))
}

// MarshalText writes the duration as String does.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what contracts.ParseDuration reads.
func (d *Duration) UnmarshalText(text []byte) error {
	parsed, err := contracts.ParseDuration(string(text))
	if err != nil {
		return err
	}
	*d = Duration(parsed)
	return nil
}
