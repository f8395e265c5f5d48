package main

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hookrig/hookrig/contracts/schema"
	"github.com/spf13/pflag"
)

// kinds say what the flags of each type take, in words and as an example.
var kinds = map[string][2]string{
	"int":      {"a whole number", "1"},
	"uint64":   {"a whole number, 0 or more", "1"},
	"float64":  {"a number", "1"},
	"duration": {"a duration like 2s or 1m30s", "2s"},
	"bool":     {"true or false", "true"},
}

// flagProblem says in our words why a flag's value is none, with a value that
// is one.
func (c *console) flagProblem(wrong *pflag.InvalidValueError) error {
	flag, value := wrong.GetFlag(), wrong.GetValue()
	problem := fmt.Errorf("--%s %q: %w", flag.Name, value, wrong.Unwrap())
	good := ""
	switch v := flag.Value.(type) {
	case *choice:
		good = append(schema.Nearest(value, v.allowed), v.allowed[0])[0]
	case *instant:
		good = "2026-01-05"
	case *rates:
		good = allTampers()[0] + "=0.05"
	case *span:
		good = "30d"
	case *configSize:
		good = "1GB"
	case *reports:
		good = "html=verify.html"
	default:
		kind, known := kinds[v.Type()]
		if !known {
			break
		}
		good = kind[1]
		problem = fmt.Errorf("--%s %q: it is not %s", flag.Name, value, kind[0])
		if errors.Is(wrong, strconv.ErrRange) {
			problem = fmt.Errorf("--%s %q: it is out of range", flag.Name, value)
		}
	}
	hint := ""
	if good != "" {
		hint = c.corrected(value, good)
	}
	return usagef(hint, "%w", problem)
}

// positive reports whether a flag's value is a number that can be worked with:
// more than 0, and finite.
func positive(x float64) bool { return x > 0 && !math.IsInf(x, 0) }

// choice is a flag that takes one of a few words. It implements pflag.Value.
type choice struct {
	value   string
	allowed []string
}

func (c *choice) String() string { return c.value }
func (c *choice) Type() string   { return strings.Join(c.allowed, "|") }

func (c *choice) Set(s string) error {
	if !slices.Contains(c.allowed, s) {
		return fmt.Errorf("it is one of %s", strings.Join(c.allowed, ", "))
	}
	c.value = s
	return nil
}

// instant is a flag that takes a moment: RFC 3339, a date, unix seconds, or
// "now". It implements pflag.Value.
type instant struct {
	time.Time
	now bool
}

func (i *instant) Type() string { return "TIME" }

func (i *instant) String() string {
	switch {
	case i.now:
		return "now"
	case i.IsZero():
		return ""
	}
	return i.Format(time.RFC3339)
}

func (i *instant) Set(s string) error {
	*i = instant{now: s == "now"}
	if i.now {
		return nil
	}
	if seconds, err := strconv.ParseInt(s, 10, 64); err == nil && len(s) != len("2006") {
		i.Time = time.Unix(seconds, 0)
		return nil
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil && !t.IsZero() { // the zero time means that none was given
			i.Time = t
			return nil
		}
	}
	return fmt.Errorf("write it like 2026-01-05T10:12:03Z, 2026-01-05, 1767607923 or now")
}

// or is the moment that was given, or otherwise.
func (i *instant) or(otherwise time.Time, now func() time.Time) time.Time {
	switch {
	case i.now:
		return now()
	case i.IsZero():
		return otherwise
	}
	return i.Time
}

// list is a flag that takes words, several at once with commas and any number
// of times.
type list []string

func (l *list) String() string { return strings.Join(*l, ",") }
func (l *list) Type() string   { return "NAME,…" }

func (l *list) Set(s string) error {
	for word := range strings.SplitSeq(s, ",") {
		if word = strings.TrimSpace(word); word == "" {
			return fmt.Errorf("there is an empty name in it")
		}
		*l = append(*l, word)
	}
	return nil
}
