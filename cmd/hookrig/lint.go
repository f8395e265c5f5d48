package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/catalog"
	"github.com/hookrig/hookrig/contracts/schema"
	"github.com/hookrig/hookrig/faker"
	"github.com/spf13/cobra"
)

// findingRow is one finding of "hookrig lint".
type findingRow struct {
	Type     string `json:"type"` // "finding"
	Provider string `json:"provider"`
	contracts.Finding
}

// lintSummary is the last row of "hookrig lint".
type lintSummary struct {
	Type      string `json:"type"` // "summary"
	Contracts int    `json:"contracts"`
	Events    int    `json:"events"`
	Errors    int    `json:"errors"`
	Warnings  int    `json:"warnings"`
}

func (c *console) lintCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "lint [FILE|PROVIDER…]",
		Short: "Look contracts over",
		Long: `Looks for what loads but is not good: examples that break their own schema,
statements without a source, schemas that accept anything, misspelled keys and
formats, events that cannot be made or told apart. Without arguments it looks
over the built-in contracts. It exits with 1 if there is an error among the
findings, and with 2 if a file cannot be read.`,
		Example: `  hookrig lint
  hookrig lint ./my-contract.yaml --format json`,
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
			return c.providerNames(), cobra.ShellCompDirectiveDefault
		},
		RunE: func(_ *cobra.Command, args []string) error { return c.lint(args) },
	}
}

func (c *console) lint(args []string) error {
	if len(args) == 0 {
		args = catalog.Names
	}
	sum := lintSummary{Type: "summary"}
	var broken error
	for _, name := range args {
		contract, err := c.contract(name)
		if err != nil {
			// The others are still worth a look; the last thing said is the
			// first that went wrong.
			if broken == nil {
				broken = err
			}
			continue
		}
		sum.Contracts++
		sum.Events += len(contract.EventTypes())
		for _, f := range slices.Concat(contract.Lint(), unmakeable(contract), unplayable(contract)) {
			if f.Severity == contracts.SeverityError {
				sum.Errors++
			} else {
				sum.Warnings++
			}
			if c.json() {
				c.row(findingRow{"finding", contract.Provider(), f})
			} else {
				c.printf("%s\n", c.findingLine(f))
			}
		}
	}
	switch {
	case sum.Contracts == 0: // the error says it
	case c.json():
		c.row(sum)
	case sum.Errors+sum.Warnings == 0:
		c.printf("%s, %s, %s\n", plural(sum.Contracts, "contract"), plural(sum.Events, "event"), c.green("no findings"))
	default:
		c.printf("%s, %s, %s, %s\n", plural(sum.Contracts, "contract"), plural(sum.Events, "event"),
			plural(sum.Errors, "error"), plural(sum.Warnings, "warning"))
	}
	switch {
	case broken != nil:
		return broken
	case sum.Errors > 0:
		return errBroken
	}
	return nil
}

func (c *console) findingLine(f contracts.Finding) string {
	severity := c.yellow(f.Severity)
	if f.Severity == contracts.SeverityError {
		severity = c.red(f.Severity)
	}
	where := ""
	if f.Line > 0 {
		where = fmt.Sprintf("%s:%d:%d: ", f.File, f.Line, f.Column)
	}
	return fmt.Sprintf("%s%s: %s (%s)", where, severity, f.Message, f.Rule)
}

// unmakeable proves that each event can be made, hints for its values
// included. An event whose schema does not compile is Lint's to tell.
func unmakeable(contract *contracts.Contract) []contracts.Finding {
	var found []contracts.Finding
	var makeable []string
	for _, t := range contract.EventTypes() {
		if _, err := t.Schema(); err != nil {
			continue
		}
		made, err := faker.New(contract, faker.Options{Events: []string{t.Name()}})
		if err == nil {
			makeable = append(makeable, t.Name())
			found = append(found, ambiguous(made, t)...)
			continue
		}
		f := t.Finding(contracts.SeverityError, "faker", "", err.Error())
		var at *schema.Error
		var impossible *faker.ImpossibleError
		var hint *faker.HintError
		switch {
		case errors.As(err, &at):
			f.File, f.Line, f.Column, f.Pointer, f.Message = at.File, at.Line, at.Column, at.Pointer, at.Message
		case errors.As(err, &impossible):
			f = t.Finding(contracts.SeverityError, "faker", impossible.Pointer, err.Error())
		case errors.As(err, &hint):
			f = t.Finding(contracts.SeverityError, "faker", hint.Pointer, err.Error())
		}
		found = append(found, f)
	}
	return append(found, idleHints(contract, makeable)...)
}

// unplayable tells what keeps a contract with causes from being played in a
// world. What keeps its events from being made at all is told already.
func unplayable(contract *contracts.Contract) []contracts.Finding {
	types := contract.EventTypes()
	if !slices.ContainsFunc(types, func(t *contracts.EventType) bool { return len(t.Causes()) > 0 }) {
		return nil
	}
	_, err := faker.NewWorld([]*contracts.Contract{contract}, faker.WorldOptions{})
	var at *schema.Error
	var bind *faker.BindError
	switch {
	case errors.As(err, &at) && !strings.Contains(at.Pointer, "/payload"):
		f := types[0].Finding(contracts.SeverityError, "world", "", at.Message)
		f.File, f.Line, f.Column, f.Pointer = at.File, at.Line, at.Column, at.Pointer
		return []contracts.Finding{f}
	case errors.As(err, &bind):
		t, err := contract.EventType(bind.Event)
		if err != nil {
			return nil
		}
		return []contracts.Finding{t.Finding(contracts.SeverityError, "world", bind.Pointer, bind.Error())}
	}
	return nil
}

// idleHints are those that change nothing in any of the events.
func idleHints(contract *contracts.Contract, events []string) (found []contracts.Finding) {
	if len(events) == 0 {
		return nil
	}
	made, err := faker.New(contract, faker.Options{Events: events})
	if err != nil {
		return nil // each was made alone
	}
	for _, idle := range made.IdleHints() {
		if t, err := contract.EventType(idle.Event); err == nil {
			found = append(found, t.Finding(contracts.SeverityWarning, "faker", idle.Pointer+"/x-faker", idle.Message))
		}
	}
	return found
}

// ambiguous looks whether a body of the event fits other events too, and
// nothing in the contract says which one it is.
func ambiguous(made *faker.Faker, t *contracts.EventType) []contracts.Finding {
	opened, err := t.Contract().Open(&contracts.Request{Body: made.Append(nil, t, 0)}, contracts.OpenOptions{Unchecked: true})
	if err != nil {
		return nil // a schema that does not compile is told elsewhere
	}
	for _, v := range opened.Violations {
		if v.Rule == contracts.RuleAmbiguous {
			return []contracts.Finding{t.Finding(contracts.SeverityError, v.Rule, "",
				fmt.Sprintf("event %q cannot be told from others: its body is %s; say in x-hookrig.event where a delivery names its event", t.Name(), v.Found))}
		}
	}
	return nil
}
