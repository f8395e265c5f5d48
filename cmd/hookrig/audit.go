package main

import (
	"context"
	"errors"
	"net/http"
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
	var server serverFlags
	var journal string
	var world bool
	var more []string
	cmd := &cobra.Command{
		Use:   "audit [FILE…]",
		Short: "Prove that a journal is whole, or that a stream makes sense",
		Long: `Proves a journal: that its file is sound, that no entry is missing, that each one
belongs to a delivery that was queued before, and that every queued delivery is
in exactly one state, as its entries say. It changes nothing. With --server a
running server proves the journal that it has open. It exits with 1 if something
is wrong, and with 3 if the journal cannot be looked at.

--world judges what events say instead: whether references resolve, lives take
legal turns, money adds up to the cent, stock is never negative, times are
causal, and events agree. It reads events backwards by the bindings of their
contracts. A FILE holds rows of "hookrig fake --world --meta", or is a journal,
as it is or written out; "-" is stdin, and no FILE the journal. Each FILE is a
stream of its own, and what has the same bytes twice is one event.`,
		Example: `  hookrig audit
  hookrig audit --journal hookrig.journal --format json
  hookrig fake --world --seed 7 -n 10000 --meta | hookrig audit --world -
  hookrig audit --world --journal hookrig.journal
  hookrig audit --server http://127.0.0.1:8080`,
		RunE: func(cmd *cobra.Command, files []string) error {
			switch {
			case !world && (len(files) > 0 || len(more) > 0):
				return usagef("hookrig audit --world FILE", "a FILE and --contract belong to --world; a journal is named by --journal")
			case !world:
				return c.audit(cmd.Context(), &server, journal)
			case server.server != "":
				return usagef("hookrig journal --server "+shellWord(server.server)+" | hookrig audit --world -", "--world reads files")
			case len(files) > 0 && journal != "":
				return tooManyf("--world", []string{"--journal"}, "--world judges the FILE or the journal of --journal")
			case len(files) == 0:
				path, err := c.existingJournal(journal)
				if err != nil {
					return err
				}
				files = []string{path}
			}
			return c.auditStory(cmd.Context(), files, more)
		},
	}
	server.register(cmd)
	journalFlag(cmd, &journal)
	cmd.Flags().BoolVar(&world, "world", false, "judge what the events say, as those of a shop")
	cmd.Flags().StringArrayVar(&more, "contract", nil, "with --world, know this contract `FILE` too, any number of times")
	return cmd
}

func journalFlag(cmd *cobra.Command, to *string) {
	cmd.Flags().StringVar(to, "journal", "", "the journal's `FILE` (default: hookrig.journal in the user's state folder)")
}

func (c *console) audit(ctx context.Context, f *serverFlags, name string) error {
	var report sqlite.Report
	var err error
	if f.server != "" {
		report, err = c.auditServer(ctx, f, name)
	} else {
		report, err = c.auditFile(ctx, name)
	}
	if err != nil {
		return err
	}
	c.printAudit(&report)
	if !report.Sound() {
		return errBroken
	}
	return nil
}

func (c *console) auditFile(ctx context.Context, name string) (sqlite.Report, error) {
	path, err := c.existingJournal(name)
	if err != nil {
		return sqlite.Report{}, err
	}
	report, err := sqlite.Check(ctx, path)
	var locked *sqlite.LockedError
	switch {
	case errors.As(err, &locked):
		return report, &failure{code: exitUnjudged, hint: "--server " + localServer, drop: []string{"--journal"}, err: locked}
	case err != nil:
		return report, journalProblem(path, err, "")
	}
	return report, nil
}

func (c *console) auditServer(ctx context.Context, f *serverFlags, journal string) (report sqlite.Report, err error) {
	if journal != "" {
		return report, tooManyf("--server "+shellWord(f.server), []string{"--journal"}, "--server has its own journal")
	}
	server, err := c.remote(f)
	if err != nil {
		return report, err
	}
	err = server.call(ctx, http.MethodGet, "/api/v1/journal/audit", nil, &report)
	if statusOf(err) == http.StatusConflict { // it has none in a file
		err = unjudged("hookrig serve", err)
	}
	return report, err
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
