package main

import (
	"fmt"
	"strings"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/diff"
	"github.com/hookrig/hookrig/verifier"
	"github.com/spf13/cobra"
)

// changeRow is one change of "hookrig diff".
type changeRow struct {
	Type string `json:"type"` // "change"
	diff.Change
}

// sideRow names one side of "hookrig diff".
type sideRow struct {
	Provider string `json:"provider"`
	Version  string `json:"version"`
	Document string `json:"document"`
	Digest   string `json:"digest"`
}

// diffSummary is the last row of "hookrig diff".
type diffSummary struct {
	Type       string  `json:"type"` // "summary"
	Old        sideRow `json:"old"`
	New        sideRow `json:"new"`
	Breaking   int     `json:"breaking"`
	Unclear    int     `json:"unclear"`
	Compatible int     `json:"compatible"`
}

func (c *console) diffCommand() *cobra.Command {
	failOn := choice{value: "breaking", allowed: []string{"breaking", "unclear", "any"}}
	cmd := &cobra.Command{
		Use:   "diff OLD NEW",
		Short: "What changed between two versions of a contract",
		Long: `Says what a receiver that was written for OLD meets when the provider sends by
NEW. OLD and NEW are contract files, or built-in names.

breaking     NEW sends what OLD excludes, or takes a promise back: a member that
             is gone or may be missing, another type, a new value, null, a wider
             limit, another signature, less time or fewer attempts, an event that
             is sent for another reason, a member that stands for something else
unclear      the contracts alone do not tell
compatible   whatever is sent keeps OLD: a new member or event, a narrower limit

Schemas are compared by what they mean, through references and alternatives;
titles, examples and provenance play no part. It exits with 1 if a change
is breaking; --fail-on unclear or any is stricter.

What a receiver makes of the changes is tried by hookrig verify --against NEW.`,
		Example: `  hookrig diff old.yaml new.yaml
  hookrig diff shoptet ./shoptet-next.yaml --format json`,
		Args: exactly("OLD", "NEW"),
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
			if len(args) > 1 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return c.providerNames(), cobra.ShellCompDirectiveDefault
		},
		RunE: func(_ *cobra.Command, args []string) error { return c.diff(args[0], args[1], failOn.value) },
	}
	cmd.Flags().Var(&failOn, "fail-on", "exit with 1 at such a change or a worse one")
	return cmd
}

func (c *console) diff(old, now, failOn string) error {
	before, err := c.contract(old)
	if err != nil {
		return err
	}
	after, err := c.contract(now)
	if err != nil {
		return err
	}
	changes, err := diff.Compare(before, after)
	if err != nil {
		return err
	}
	sum := diffSummary{Type: "summary", Old: sideOf(before), New: sideOf(after)}
	for _, ch := range changes {
		switch ch.Effect {
		case diff.Breaking:
			sum.Breaking++
		case diff.Unclear:
			sum.Unclear++
		default:
			sum.Compatible++
		}
		if c.json() {
			c.row(changeRow{"change", ch})
		}
	}
	if c.json() {
		c.row(sum)
	} else {
		c.printChanges(changes)
		c.printf("%s\n", sum.line(c))
	}
	strict := map[string]int{"breaking": 0, "unclear": sum.Unclear, "any": sum.Unclear + sum.Compatible}
	if sum.Breaking+strict[failOn] > 0 {
		return errBroken
	}
	return nil
}

func sideOf(of *contracts.Contract) sideRow {
	return sideRow{of.Provider(), of.Version(), of.File(), of.Digest()}
}

// line is the summary for people.
func (s diffSummary) line(c *console) string {
	if s.Breaking+s.Unclear+s.Compatible == 0 {
		return c.green("no changes")
	}
	var parts []string
	for _, of := range []struct {
		n     int
		word  string
		paint func(string) string
	}{{s.Breaking, "breaking", c.red}, {s.Unclear, "unclear", c.yellow}, {s.Compatible, "compatible", c.green}} {
		if of.n > 0 {
			parts = append(parts, of.paint(fmt.Sprintf("%d %s", of.n, of.word)))
		}
	}
	return strings.Join(parts, ", ")
}

// printChanges shows changes by the events that they concern, the worst first.
func (c *console) printChanges(changes []diff.Change) {
	groups := map[string][]diff.Change{}
	var order []string
	for _, ch := range changes {
		who := whoOf(ch)
		if groups[who] == nil {
			order = append(order, who)
		}
		groups[who] = append(groups[who], ch)
	}
	paint := map[diff.Effect]func(string) string{diff.Breaking: c.red, diff.Unclear: c.yellow, diff.Compatible: c.green}
	for _, who := range order {
		c.printf("%s\n", c.bold(verifier.Printable(who)))
		for _, effect := range []diff.Effect{diff.Breaking, diff.Unclear, diff.Compatible} {
			for _, ch := range groups[who] {
				if ch.Effect == effect {
					c.printf("  %s %s%s (%s)\n", paint[effect](fmt.Sprintf("%-10s", effect)), placeOf(ch), verifier.Printable(ch.Message), ch.Rule)
				}
			}
		}
		c.printf("\n")
	}
}

// whoOf says whom a change concerns.
func whoOf(ch diff.Change) string {
	const most = 4
	switch n := len(ch.Events); {
	case n == 0:
		return "the contract"
	case ch.Every:
		return "every event"
	case n > most:
		return fmt.Sprintf("%s and %d more", strings.Join(ch.Events[:most], ", "), n-most)
	}
	return strings.Join(ch.Events, ", ")
}

// placeOf is where a change stands, if that says more than the change itself.
func placeOf(ch diff.Change) string {
	if ch.Part != diff.PartPayload && ch.Part != diff.PartMeaning || ch.Pointer == "" {
		return ""
	}
	return verifier.Printable(ch.Pointer) + ": "
}
