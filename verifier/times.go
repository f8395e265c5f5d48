package verifier

import (
	"time"

	"github.com/hookrig/hookrig/contracts"
)

// layouts are the ways in which providers write a moment.
var layouts = []string{time.RFC3339, "2006-01-02T15:04:05-0700", "2006-01-02 15:04:05", "2006-01-02T15:04:05"}

// parseTime reads a moment and says how it was written.
func parseTime(s string) (moment stamp, ok bool) {
	for _, layout := range layouts {
		if t, err := time.Parse(layout, s); err == nil {
			return stamp{t, layout}, true
		}
	}
	return stamp{}, false
}

// stamp is a moment as it is written in a body.
type stamp struct {
	time.Time
	layout string
}

func (s stamp) text() string { return s.Format(s.layout) }

// moved is an event and the same at another time: what happened to one record
// twice. All times of the body move.
func (s *session) moved(by time.Duration) (ev, other contracts.Event, err error) {
	defer func() { s.ordinal++ }()
	for i, t := range s.around() {
		ev = s.eventAt(i, s.ordinal)
		body, times := ev.Body, 0
		list := places(ev.Body)
		for at := len(list) - 1; at >= 0; at-- { // from the end, so that places stay where they are
			if was, isString := list[at].str(); isString {
				if moment, ok := parseTime(was); ok {
					moment.Time = moment.Add(by)
					body, times = put(body, list[at], quote(moment.text())), times+1
				}
			}
		}
		if violations, err := t.Validate(body); times > 0 && err == nil && len(violations) == 0 {
			return ev, contracts.Event{Type: t, Body: body}, nil
		}
	}
	return ev, other, notApplicable("no event of the scope says when it happened")
}
