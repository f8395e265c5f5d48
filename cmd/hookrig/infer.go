package main

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/hookrig/hookrig/contracts/infer"
	"github.com/hookrig/hookrig/verifier"
	"github.com/spf13/cobra"
)

// inferredRow is what "hookrig infer --format json" prints.
type inferredRow struct {
	Type     string        `json:"type"` // "contract"
	Document string        `json:"document"`
	Bodies   int           `json:"bodies"`
	Skipped  int           `json:"skipped"`
	Events   []infer.Count `json:"events"`
	At       string        `json:"at,omitempty"`     // where bodies name their event
	Header   string        `json:"header,omitempty"` // or the header that does
	Guessed  bool          `json:"guessed,omitempty"`
	Notes    []string      `json:"notes,omitempty"`
	Problems []string      `json:"problems,omitempty"`
}

func (c *console) inferCommand() *cobra.Command {
	var o infer.Options
	cmd := &cobra.Command{
		Use:   "infer FILE…",
		Short: "Make a contract out of recorded bodies",
		Long: `Makes a skeleton of a contract out of recorded bodies, where a provider documents
nothing. It reads what hookrig listen --save wrote, journals and HAR files, files
with one body a line, and single bodies; "-" is stdin.

What samples show is no promise: all of it is marked as assumed. A member that
was in every body is required, any other says in how many it was; formats are
those that every sample has; values are listed where few came back often; no
length, range or end of a list is inferred. Lines that are no JSON are told and
passed over.

Which event a body is, is guessed from a member such as /event or /type, or from
a header, and said; --event-at /pointer says it, with /list/*/type where a body
is a list of events. Bodies hold people's data, so no examples are put into the
contract unless --examples says how many of each event.

Next: add delivery, signature and identity, then hookrig lint it.`,
		Example: `  hookrig infer recorded.jsonl > contract.yaml
  hookrig infer --provider shop --event-at /meta/event one.json two.json > contract.yaml`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef(usageLine(cmd), "missing: FILE")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error { return c.infer(o, args) },
	}
	flags := cmd.Flags()
	flags.StringVar(&o.Provider, "provider", "", "short name of the provider in the contract: `NAME` (inferred)")
	flags.StringVar(&o.At, "event-at", "", "where bodies name their event: JSON `POINTER`")
	flags.StringVar(&o.Header, "event-header", "", "which header names the event: `NAME`")
	flags.StringVar(&o.Event, "event", "", "all bodies are this event: `NAME`")
	flags.IntVar(&o.Examples, "examples", 0, "so many bodies of each event as examples, `N`; look what is in them")
	return cmd
}

var providerName = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)

func (c *console) infer(o infer.Options, files []string) error {
	if err := checkInfer(o); err != nil {
		return err
	}
	got, err := infer.Infer(c.samples(files), o)
	var crowd *infer.EventsError
	switch {
	case errors.Is(err, infer.ErrNothing):
		c.tellProblems(got)
		return usagef("hookrig listen --save recorded.jsonl", "%w to infer a contract from: %d skipped", err, got.Skipped)
	case errors.As(err, &crowd):
		return usagef(crowd.Hint(), "%w", err)
	case err != nil:
		return err
	}
	if c.json() {
		c.row(inferredRow{
			"contract", string(got.Document), got.Bodies, got.Skipped, got.Events, got.At, got.Header, got.Guessed, got.Notes, got.Problems,
		})
		return nil
	}
	c.printf("%s", got.Document)
	c.tellProblems(got)
	for _, note := range got.Notes {
		c.note("note: %s", verifier.Printable(note))
	}
	c.note("%s from %s", plural(len(got.Events), "event"), plural(got.Bodies, "body"))
	return nil
}

func (c *console) tellProblems(got *infer.Result) {
	for _, problem := range got.Problems {
		c.note("%s", verifier.Printable(problem))
	}
	if more := got.Skipped - len(got.Problems); more > 0 {
		c.note("… and %d more", more)
	}
}

func checkInfer(o infer.Options) error {
	given := 0
	for _, s := range []string{o.At, o.Header, o.Event} {
		if s != "" {
			given++
		}
	}
	switch {
	case given > 1:
		return usagef("--event-at /type", "one of --event-at, --event-header and --event, not several")
	case o.At != "" && !strings.HasPrefix(o.At, "/"):
		return usagef("--event-at /"+o.At, "--event-at takes a JSON Pointer, %q is none", o.At)
	case strings.Count(o.At, "/*") > 1, strings.HasSuffix(o.At, "/*"):
		return usagef("--event-at /events/*/type", "--event-at takes one list of events, with their name in each item; %q is another thing", o.At)
	case o.Provider != "" && !providerName.MatchString(o.Provider):
		return usagef("--provider my-shop", "a provider's name is made of a-z, 0-9 and -, %q is not", o.Provider)
	case o.Examples < 0 || o.Examples > mostExamples:
		return usagef("--examples 1", "--examples takes 0 to %d", mostExamples)
	case len(o.Event) > 300 || strings.ContainsFunc(o.Event, func(r rune) bool { return r < ' ' }):
		return usagef("--event order.created", "an event's name is one line of at most 300 bytes")
	}
	return nil
}

// mostExamples bounds what a contract shows of each event.
const mostExamples = 20

// sampleOf is a recorded body with what else is known of it.
func sampleOf(r recorded) infer.Sample {
	s := infer.Sample{Body: r.body, Where: r.where()}
	if r.request != nil {
		s.Header = r.request.Headers
	}
	if r.made != nil {
		s.Event = r.made.Event
	}
	return s
}

// where names a line of a file.
func lineOf(file string, n int) string { return fmt.Sprintf("%s:%d", file, n) }
