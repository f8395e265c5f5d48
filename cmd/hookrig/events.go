package main

import (
	"github.com/hookrig/hookrig/contracts"
	"github.com/spf13/cobra"
)

// eventRow is one row of "hookrig events". Its keys are fixed.
type eventRow struct {
	Provider      string `json:"provider"`
	Event         string `json:"event"`
	Summary       string `json:"summary"`
	Documentation string `json:"documentation"`
}

func (c *console) eventsCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "events [PROVIDER]",
		Short: "List events, of one provider or of all",
		Long: `Lists events by the providers' own names. "documentation" says how much of the
payload the provider documents: full, partial or none. What an event with none
carries beside its envelope is not made up.`,
		Example: `  hookrig events shoptet
  hookrig events --format json | wc -l
  hookrig events ./my-contract.yaml`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usagef("hookrig show "+shellWord(args[0])+" "+shellWord(args[1]), "%q is one argument too many", args[1])
			}
			return nil
		},
		ValidArgsFunction: c.completeProvider,
		RunE:              func(_ *cobra.Command, args []string) error { return c.events(args) },
	}
}

func (c *console) events(args []string) error {
	selected, err := c.selection(args)
	if err != nil {
		return err
	}
	table := [][]string{{"PROVIDER", "EVENT", "DOCUMENTATION", "SUMMARY"}}
	for _, contract := range selected {
		for _, t := range contract.EventTypes() {
			row := eventRow{contract.Provider(), t.Name(), t.Title(), string(t.Documentation())}
			if c.json() {
				c.row(row)
				continue
			}
			table = append(table, []string{row.Provider, row.Event, row.Documentation, row.Summary})
		}
	}
	if !c.json() {
		c.table(table)
	}
	return nil
}

// selection are the contracts that were named, or else all built-in ones.
func (c *console) selection(providers []string) ([]*contracts.Contract, error) {
	if len(providers) == 0 {
		return builtIns()
	}
	var all []*contracts.Contract
	for _, name := range providers {
		contract, err := c.contract(name)
		if err != nil {
			return nil, err
		}
		all = append(all, contract)
	}
	return all, nil
}
