package mockserver

import (
	"fmt"
	"time"
)

// Schedule says when which events are sent. It is plain data: what to send at
// each time is made by a [Maker], and a [Run] carries the schedule out.
//
// Together with the index of an event it decides everything, so that a run that
// is taken up again goes on as it would have gone on: event 17 has the same time
// of the pattern, the same share of the mix and the same delivery id.
type Schedule struct {
	Name    string    `json:"name"`              // letters, digits and _ - ; begins the ids of its deliveries
	Label   string    `json:"label,omitempty"`   // of its deliveries
	Seed    uint64    `json:"seed,omitempty"`    // of gaps, jitter and mix
	Start   time.Time `json:"start,omitzero"`    // the pattern's time zero; zero: when the first run begins
	CatchUp bool      `json:"catchUp,omitempty"` // after a pause or a stop, send at once what was missed
	Mix     Mix       `json:"mix,omitempty"`
	Pattern
}

// nameLimit keeps ids short enough for a header of any provider.
const nameLimit = 64

// Check says what is wrong with a schedule. The error is a *ScheduleError.
func (s *Schedule) Check() error { return s.check(false) }

// CheckTimed says what is wrong with a schedule for a run with
// [RunOptions.Times]. The error is a *ScheduleError.
func (s *Schedule) CheckTimed() error { return s.check(true) }

// check says what is wrong with a schedule. One whose times come from elsewhere
// has limits alone.
func (s *Schedule) check(timed bool) error {
	if err := checkName(s.Name); err != nil {
		return err
	}
	if err := s.Mix.check(); err != nil {
		return err
	}
	if timed {
		return s.Pattern.checkLimits()
	}
	return s.Pattern.Check()
}

func checkName(name string) error {
	if name == "" {
		return scheduleError("/name", "a schedule needs a name", "it begins the ids of the deliveries: name: orders")
	}
	if len(name) > nameLimit {
		return scheduleError("/name", fmt.Sprintf("%q is longer than %d letters", clip(name), nameLimit), "")
	}
	const hint = "letters, digits and _ - may stand in a name, the first of them no sign: it begins the ids of the deliveries"
	for _, r := range name {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '_', r == '-':
		default:
			return scheduleError("/name", fmt.Sprintf("%q holds %q", clip(name), r), hint)
		}
	}
	if name[0] == '_' || name[0] == '-' {
		return scheduleError("/name", fmt.Sprintf("%q begins with a sign", clip(name)), hint)
	}
	return nil
}

// ScheduleError is a member of a schedule that cannot be as it is.
type ScheduleError struct {
	Pointer string // JSON Pointer of the member
	Message string
	hint    string
}

func (e *ScheduleError) Error() string { return fmt.Sprintf("%s: %s", e.Pointer, e.Message) }

// Hint says what to write instead; "" where nothing is to be said.
func (e *ScheduleError) Hint() string { return e.hint }

func scheduleError(pointer, message, hint string) *ScheduleError {
	return &ScheduleError{Pointer: pointer, Message: message, hint: hint}
}

// clip keeps what a message quotes short.
func clip(s string) string {
	const most = 60
	if len(s) <= most {
		return s
	}
	return s[:most] + "…"
}
