package signature

import (
	"testing"
	"time"
)

func TestSpelled(t *testing.T) {
	for d, want := range map[time.Duration]string{
		time.Millisecond:                        "1ms",
		5 * time.Minute:                         "5m",
		time.Hour + 90*time.Second:              "1h1m30s",
		time.Hour:                               "1h",
		50 * time.Hour:                          "2 days",
		60407*time.Hour + 51*time.Minute:        "6.9 years",
		89*time.Second + 600*time.Millisecond:   "1m30s",
		2*365*24*time.Hour - 1*time.Millisecond: "729 days",
	} {
		if got := spelled(d); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
}
