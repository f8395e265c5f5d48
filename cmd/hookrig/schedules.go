package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hookrig/hookrig/contracts/schema"
	"github.com/hookrig/hookrig/mockserver"
	"github.com/spf13/cobra"
)

// keepSchedules puts the schedules of the file and starts those that are new or
// have changed. A schedule that is as it was goes on where it stood, or stays
// stopped or done. One that an earlier file had, and this one has no more, is
// deleted; those that came through the API stay, and without a file all do.
func (c *console) keepSchedules(ctx context.Context, cfg *config, us *control, shelf mockserver.Shelf) error {
	if cfg.name == "" {
		return nil
	}
	ours, err := filed(ctx, shelf, filedSchedules)
	if err != nil {
		return err
	}
	for _, name := range ours {
		if _, still := cfg.Schedules[name]; still {
			continue
		}
		switch err := us.call(ctx, http.MethodDelete, "/api/v1/schedules/"+name, nil, nil); {
		case err == nil:
			c.note("schedule %q is deleted: %s has it no more", name, cfg.name)
		case statusOf(err) != http.StatusNotFound:
			return fmt.Errorf("schedule %q, which is no longer in %s: %w", name, cfg.name, err)
		}
	}
	names := sortedNames(cfg.Schedules)
	if err := file(ctx, shelf, filedSchedules, names); err != nil { // before they are there: none may be forgotten
		return err
	}
	for _, name := range names {
		if err := keepSchedule(ctx, us, cfg.Schedules[name]); err != nil {
			return cfg.errorf(place("schedules", name), "", "%v", err)
		}
	}
	return nil
}

func keepSchedule(ctx context.Context, us *control, want mockserver.Schedule) error {
	at := "/api/v1/schedules/" + want.Name
	var is struct {
		mockserver.Schedule
		Runs uint64     `json:"runs"`
		Run  *runStatus `json:"run"`
	}
	err := us.call(ctx, http.MethodGet, at, nil, &is)
	known := err == nil
	if err != nil && statusOf(err) != http.StatusNotFound {
		return err
	}
	if want.Seed == 0 {
		want.Seed = is.Seed // drawn when it was new
	}
	same, err := sameSchedule(want, is.Schedule)
	if err != nil {
		return err
	}
	if known && same && is.Runs > 0 {
		return nil
	}
	if is.Run.lives() {
		if err := us.call(ctx, http.MethodPost, at+"/stop", nil, nil); err != nil && statusOf(err) != http.StatusConflict {
			return err // it may have ended by itself
		}
	}
	body, err := json.Marshal(want)
	if err != nil {
		return err
	}
	members := map[string]json.RawMessage{}
	if err := json.Unmarshal(body, &members); err != nil {
		return err
	}
	delete(members, "name") // the path says it
	if err := us.call(ctx, http.MethodPut, at, members, nil); err != nil {
		return err
	}
	return us.call(ctx, http.MethodPost, at+"/start", nil, nil)
}

func sameSchedule(a, b mockserver.Schedule) (bool, error) {
	x, err := json.Marshal(a)
	if err != nil {
		return false, err
	}
	y, err := json.Marshal(b)
	return bytes.Equal(x, y), err
}

// runStatus is a run as the control API tells it.
type runStatus struct {
	mockserver.RunStatus
	Schedule string `json:"schedule"`
}

// lives reports whether a run goes on, now or when it is resumed; nil does not.
func (r *runStatus) lives() bool {
	return r != nil && slices.Contains([]mockserver.RunState{mockserver.RunReady, mockserver.RunRunning, mockserver.RunPaused}, r.State)
}

// steered are kinds of what can be steered over the control API.
type steered struct {
	kind    string // schedules or runs: the path and the list's member
	actions []string
}

func (c *console) schedulesCommand() *cobra.Command {
	return c.steerCommand(steered{"schedules", []string{"start", "pause", "resume", "stop", "advance"}}, &cobra.Command{
		Use:   "schedules [ACTION NAME]",
		Short: "List the schedules of a running server, or steer one",
		Long: `Lists the schedules of a running server and how the last run of each stands, or
acts on one: start begins a run with the schedule's first event, advance sends
the next event now, pause, resume and stop do what they say. Schedules come from
its configuration (hookrig serve --config) and from its control API.`,
		Example: `  hookrig schedules
  hookrig schedules pause nightly
  hookrig schedules start nightly --server http://127.0.0.1:9090`,
	})
}

func (c *console) runsCommand() *cobra.Command {
	return c.steerCommand(steered{"runs", []string{"pause", "resume", "stop", "advance"}}, &cobra.Command{
		Use:   "runs [ACTION NAME]",
		Short: "List the runs of a running server, or steer one",
		Long: `Lists the runs of a running server, the latest first: where each one is, what it
has sent, and how late it was at its own times. Or acts on one: pause, resume,
stop, or advance, which sends the next event now.`,
		Example: `  hookrig runs
  hookrig runs stop nightly-1`,
	})
}

func (c *console) steerCommand(s steered, cmd *cobra.Command) *cobra.Command {
	f := serverFlags{server: localServer}
	cmd.ValidArgs = s.actions
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		switch len(args) {
		case 0:
		case 2:
			if !slices.Contains(s.actions, args[0]) {
				good := append(schema.Nearest(args[0], s.actions), s.actions[0])[0]
				return usagef(c.corrected(args[0], good), "unknown action %q%s", args[0], nearestOf(args[0], s.actions))
			}
		default:
			return usagef(usageLine(cmd), "it takes an ACTION and a NAME, or neither")
		}
		server, err := c.remote(&f)
		if err != nil {
			return err
		}
		if len(args) == 2 {
			return c.steer(cmd.Context(), server, s, args[0], args[1])
		}
		return c.listSteered(cmd.Context(), server, s)
	}
	f.register(cmd)
	return cmd
}

// steer acts on one and prints how its run stands.
func (c *console) steer(ctx context.Context, server *control, s steered, action, name string) error {
	var row json.RawMessage
	if err := server.call(ctx, http.MethodPost, "/api/v1/"+s.kind+"/"+url.PathEscape(name)+"/"+action, nil, &row); statusOf(err) == http.StatusNotFound {
		return usagef("hookrig "+s.kind+server.flags(), "%w", err)
	} else if err != nil {
		return err
	}
	return c.printSteered("runs", []json.RawMessage{row})
}

// listSteered prints all of a kind.
func (c *console) listSteered(ctx context.Context, server *control, s steered) error {
	var all []json.RawMessage
	for cursor := ""; ; {
		var page map[string]json.RawMessage
		if err := server.call(ctx, http.MethodGet, "/api/v1/"+s.kind+"?limit=100"+cursor, nil, &page); err != nil {
			return err
		}
		var some []json.RawMessage
		var next string
		if err := json.Unmarshal(page[s.kind], &some); err != nil {
			return unjudged("", fmt.Errorf("the server's answer cannot be read: %w", err))
		}
		all = append(all, some...)
		if page["next"] == nil || json.Unmarshal(page["next"], &next) != nil {
			return c.printSteered(s.kind, all)
		}
		cursor = "&cursor=" + url.QueryEscape(next)
	}
}

// printSteered prints rows as the API has them, or a table of how runs stand.
func (c *console) printSteered(kind string, all []json.RawMessage) error {
	lines := [][]string{{"NAME", "WHEN", "STATE", "NEXT", "SENT", "REFUSED", "DUE", "LATE P99"}}
	if kind == "runs" {
		lines[0] = slices.Delete(lines[0], 1, 2)
	}
	for _, row := range all {
		if c.json() {
			c.row(row)
			continue
		}
		var it struct {
			mockserver.Schedule
			Run *runStatus `json:"run"`
		}
		run := &runStatus{}
		err := json.Unmarshal(row, run)
		if kind == "schedules" {
			err = json.Unmarshal(row, &it)
			run = it.Run
		}
		if err != nil {
			return unjudged("", fmt.Errorf("the server's answer cannot be read: %w", err))
		}
		line := runCells(run)
		if kind == "schedules" {
			line = append([]string{it.Name, patternWords(&it.Pattern)}, line[1:]...)
		}
		lines = append(lines, line)
	}
	if !c.json() {
		c.table(lines)
	}
	return nil
}

// runCells are how a run stands; nil has not begun.
func runCells(r *runStatus) []string {
	if r == nil {
		return []string{"", "not started", "", "", "", "", ""}
	}
	due := ""
	if r.lives() && !r.Due.IsZero() {
		due = r.Due.Format(time.RFC3339)
	}
	late := ""
	if r.Late.Count > 0 {
		late = r.Late.P99.Round(10 * time.Microsecond).String()
	}
	return []string{
		r.Name, string(r.State), strconv.FormatUint(r.Next, 10), strconv.FormatUint(r.Emitted+r.Known, 10),
		strconv.FormatUint(r.Refused, 10), due, late,
	}
}

// patternWords is when a schedule fires, in a few words.
func patternWords(p *mockserver.Pattern) string {
	var words []string
	switch {
	case p.Every > 0:
		words = append(words, "every "+p.Every.String())
	case p.Cron != "":
		words = append(words, strings.TrimSpace(p.Cron+" "+p.Zone))
	case p.Rate > 0:
		words = append(words, fmt.Sprintf("%g/s", p.Rate))
	case p.Ramp != nil:
		words = append(words, fmt.Sprintf("%g/s to %g/s in %s", p.Ramp.From, p.Ramp.To, p.Ramp.Over))
	case p.Burst != nil:
		words = append(words, fmt.Sprintf("%d every %s", p.Burst.Size, p.Burst.Every))
	case p.Trace != nil:
		words = append(words, "trace of "+strconv.Itoa(len(p.Trace.Offsets)))
	}
	if p.Poisson {
		words = append(words, "by chance")
	}
	if p.Count > 0 {
		words = append(words, fmt.Sprintf("%d times", p.Count))
	}
	if p.For > 0 {
		words = append(words, "for "+p.For.String())
	}
	return strings.Join(words, ", ")
}
