package contracts

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

const (
	day = 24 * time.Hour
	// maxDuration is the longest that a contract may say: ten years, so that
	// sums of durations and of times never overflow.
	maxDuration = 3650 * day
)

// ParseDuration reads a duration as contracts write it: as in Go ("1h30m"),
// or with days in front ("30d", "1d12h"). It is not negative.
func ParseDuration(s string) (time.Duration, error) {
	days, rest := time.Duration(0), s
	if head, tail, ok := strings.Cut(s, "d"); ok {
		n, err := strconv.ParseUint(head, 10, 16)
		if err != nil {
			return 0, fmt.Errorf("%q is no duration", short(s))
		}
		if days, rest = time.Duration(n)*day, tail; rest == "" {
			return days, nil
		}
	}
	d, err := time.ParseDuration(rest)
	if err != nil || d < 0 || d+days < d {
		return 0, fmt.Errorf("%q is no duration", short(s))
	}
	return d + days, nil
}

// Days formats a duration as contracts write it: "30d", "1d12h", "10m", "1.5s".
func Days(d time.Duration) string {
	if d < day {
		return trimZeroUnits(d)
	}
	text := strconv.FormatInt(int64(d/day), 10) + "d"
	if rest := d % day; rest > 0 {
		text += trimZeroUnits(rest)
	}
	return text
}

// trimZeroUnits turns "10m0s" into "10m".
func trimZeroUnits(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

func positive(into *time.Duration) func(place) error {
	return func(p place) error {
		if n, ok := p.value.(json.Number); ok {
			return p.errorf("expected a duration, found %s", kindOf(n)).hint("write " + short(n.String()) + "s")
		}
		s, err := p.text()
		if err != nil {
			return err
		}
		d, err := ParseDuration(s)
		if err != nil || d <= 0 {
			return p.errorf("%q is no duration longer than nothing", s).hint("write 10s, 15m, 2h or 30d")
		}
		if d > maxDuration {
			return p.errorf("%q is longer than any delivery takes", s).hint("the limit is " + Days(maxDuration))
		}
		*into = d
		return nil
	}
}
