package main

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"github.com/hookrig/hookrig/mockserver"
	"github.com/hookrig/hookrig/mockserver/sqlite"
	"github.com/spf13/cobra"
)

// auditRow is the row of "hookrig audit".
type auditRow struct {
	Type  string `json:"type"` // "audit"
	Sound bool   `json:"sound"`
	sqlite.Report
}

func (c *console) auditCommand() *cobra.Command {
	var journal string
	cmd := &cobra.Command{
		Use:   "audit",
		Short: "Prove that a journal is whole and that its sums are right",
		Long: `Proves a journal: that its file is sound, that no entry is missing, that each one
belongs to a delivery that was queued before, and that every queued delivery is
in exactly one state, as its entries say. It changes nothing. A journal that a
running server has open is not looked at (exit code 3): stop the server first,
or copy the file and those beside it. It exits with 1 if something is wrong.`,
		Example: `  hookrig audit
  hookrig audit --journal hookrig.journal --format json`,
		Args: exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error { return c.audit(cmd.Context(), journal) },
	}
	journalFlag(cmd, &journal)
	return cmd
}

func journalFlag(cmd *cobra.Command, to *string) {
	cmd.Flags().StringVar(to, "journal", "", "the journal's `FILE` (default: hookrig.journal in the user's state folder)")
}

func (c *console) audit(ctx context.Context, name string) error {
	path, err := c.existingJournal(name)
	if err != nil {
		return err
	}
	report, err := sqlite.Check(ctx, path)
	var locked *sqlite.LockedError
	switch {
	case errors.As(err, &locked):
		return unjudged(stopHint(locked.PID), locked)
	case err != nil:
		return journalProblem(path, err, "")
	}
	c.printAudit(&report)
	if !report.Sound() {
		return errBroken
	}
	return nil
}

// stopHint stops the process that has a journal.
func stopHint(pid int) string {
	if pid == 0 {
		return ""
	}
	return "kill -TERM " + strconv.Itoa(pid)
}

func (c *console) printAudit(r *sqlite.Report) {
	if c.json() {
		c.row(auditRow{"audit", r.Sound(), *r})
		return
	}
	verdict := c.green("sound")
	if !r.Sound() {
		verdict = c.red("wrong in " + plural(r.Wrong, "place"))
	}
	c.printf("%s: %s\n", r.Path, verdict)
	for _, finding := range r.Findings {
		c.printf("  %s\n", finding)
	}
	if more := r.Wrong - len(r.Findings); more > 0 {
		c.printf("  … and %d more\n", more)
	}
	states := "none"
	if r.Deliveries > 0 {
		states = strconv.Itoa(r.Deliveries) + " = " + statesWords(r.States)
	}
	rows := [][]string{
		{"  deliveries", states},
		{"  attempts", strconv.Itoa(r.Attempts)},
		{"  entries", strconv.FormatUint(r.Entries, 10) + ", the last is number " + strconv.FormatUint(r.Last, 10)},
	}
	if r.Forgotten > 0 {
		rows = append(rows, []string{"  forgotten", plural(int(r.Forgotten), "entry") + ", by age or size"})
	}
	c.table(rows)
}

// states in the order of a delivery's life.
var states = []mockserver.State{mockserver.Waiting, mockserver.Attempting, mockserver.Delivered, mockserver.Exhausted, mockserver.Cancelled}

// statesWords is a sum: its parts that are not 0.
func statesWords(counts map[mockserver.State]int) string {
	var parts []string
	for _, state := range states {
		if n := counts[state]; n > 0 {
			parts = append(parts, strconv.Itoa(n)+" "+string(state))
		}
	}
	return strings.Join(parts, " + ")
}
