package main

import (
	"fmt"
	"time"

	"github.com/hookrig/hookrig/mockserver"
	"github.com/spf13/cobra"
)

// selectionFlags say which deliveries of a journal are meant, as the control
// API does.
type selectionFlags struct {
	state choice
	label string
	since string
	until string
}

func newSelection() selectionFlags {
	all := make([]string, len(states))
	for i, state := range states {
		all[i] = string(state)
	}
	return selectionFlags{state: choice{allowed: all}}
}

func (f *selectionFlags) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.Var(&f.state, "state", "only deliveries that stand so")
	flags.StringVar(&f.label, "label", "", "only deliveries with this label: `TEXT`")
	flags.StringVar(&f.since, "since", "", "only what was queued since then: `TIME`, or 2h ago")
	flags.StringVar(&f.until, "until", "", "only what was queued before: `TIME`, or 2h ago")
	completeFlags(cmd, map[string]completion{"state": words(f.state.allowed...)})
}

// members are the selection as the API takes it; none select everything.
func (f *selectionFlags) members(now func() time.Time) (map[string]string, error) {
	out := map[string]string{}
	for name, value := range map[string]string{"state": f.state.value, "label": f.label} {
		if value != "" {
			out[name] = value
		}
	}
	for name, value := range map[string]string{"since": f.since, "until": f.until} {
		if value == "" {
			continue
		}
		at, err := momentIn(value, now)
		if err != nil {
			return nil, usagef("--"+name+" 2h", "--%s %q: %w", name, value, err)
		}
		out[name] = at.UTC().Format(time.RFC3339Nano)
	}
	return out, nil
}

// momentIn reads a moment, or a duration before now.
func momentIn(text string, now func() time.Time) (time.Time, error) {
	var ago mockserver.Duration
	if ago.UnmarshalText([]byte(text)) == nil && ago > 0 {
		return now().Add(-time.Duration(ago)), nil
	}
	var at instant
	if err := at.Set(text); err != nil {
		return time.Time{}, fmt.Errorf("%w, or like 2h for what is so long ago", err)
	}
	return at.or(time.Time{}, now), nil
}
