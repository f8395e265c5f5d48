package main

import (
	"fmt"
	"strconv"
	"sync"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/catalog"
	"github.com/spf13/cobra"
)

// providerRow is one row of "hookrig providers".
type providerRow struct {
	Provider  string         `json:"provider"`
	Title     string         `json:"title"`
	Version   string         `json:"version"`
	Events    map[string]int `json:"events"` // by documentation, and "all"
	Signature string         `json:"signature"`
	Document  string         `json:"document"`
	Digest    string         `json:"digest"`
}

func (c *console) providersCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "providers",
		Short: "List the built-in contracts",
		Long: `Lists the built-in contracts, with how much of their events' payloads the
providers document: in full, in part, or not at all. Any command takes the path
of a contract file in place of these names.`,
		Example: `  hookrig providers
  hookrig providers --format json`,
		Args: exactly(),
		RunE: func(*cobra.Command, []string) error { return c.providers() },
	}
}

func (c *console) providers() error {
	all, err := builtIns()
	if err != nil {
		return err
	}
	table := [][]string{{"PROVIDER", "TITLE", "EVENTS", "FULL", "PARTIAL", "NONE", "SIGNATURE", "DOCUMENT"}}
	for i, contract := range all {
		row := providerRowOf(contract, catalog.Names[i]+"/asyncapi.yaml")
		if c.json() {
			c.row(row)
			continue
		}
		count := func(word string) string { return strconv.Itoa(row.Events[word]) }
		table = append(table, []string{row.Provider, row.Title, count("all"), count("full"), count("partial"), count("none"), row.Signature, row.Document})
	}
	if !c.json() {
		c.table(table)
	}
	return nil
}

func providerRowOf(contract *contracts.Contract, document string) providerRow {
	scheme, _ := contract.Signature()
	row := providerRow{
		Provider: contract.Provider(), Title: contract.Title(), Version: contract.Version(),
		Events:    map[string]int{"all": 0, "full": 0, "partial": 0, "none": 0},
		Signature: algorithm(scheme), Document: document, Digest: contract.Digest(),
	}
	for _, t := range contract.EventTypes() {
		row.Events["all"]++
		row.Events[string(t.Documentation())]++
	}
	return row
}

// builtIns loads all built-in contracts, side by side: most of a short
// command's time is spent here.
func builtIns() ([]*contracts.Contract, error) {
	all := make([]*contracts.Contract, len(catalog.Names))
	errs := make([]error, len(all))
	var loading sync.WaitGroup
	for i, name := range catalog.Names {
		loading.Go(func() { all[i], errs[i] = catalog.Load(name) })
	}
	loading.Wait()
	for i, err := range errs {
		if err != nil {
			return nil, fmt.Errorf("built-in contract %q: %w", catalog.Names[i], err)
		}
	}
	return all, nil
}
