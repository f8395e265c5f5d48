package main

import (
	"maps"
	"slices"

	"github.com/spf13/cobra"
)

// configRow is the row of "hookrig config".
type configRow struct {
	Type      string   `json:"type"` // "config"
	File      string   `json:"file"`
	Providers []string `json:"providers"` // those of contract files
	Secrets   []string `json:"secrets"`   // names
	Endpoints []string `json:"endpoints"` // names
	Schedules []string `json:"schedules"` // names
}

func (c *console) configCommand() *cobra.Command {
	var schema, world bool
	cmd := &cobra.Command{
		Use:   "config FILE",
		Short: "Check a configuration file, or print its JSON Schema",
		Long: `Says whether a file is one that hookrig serve --config takes, with file, line and
column of the first mistake. It looks at contracts too, but asks for no secret:
a file can be checked where none of them is known.

--schema prints the JSON Schema of such files, for editors. --world means the
files of hookrig serve --world.`,
		Example: `  hookrig config hookrig.yaml
  hookrig config --schema > hookrig.schema.json
  hookrig config --world world.yaml`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if schema {
				if len(args) > 0 {
					return usagef("hookrig config --schema", "--schema stands in place of FILE")
				}
				text := configSchemaText
				if world {
					text = worldSchemaText
				}
				c.printf("%s", text)
				return nil
			}
			if err := exactly("FILE")(cmd, args); err != nil {
				return err
			}
			if world {
				return c.checkWorldFile(args[0])
			}
			return c.checkConfig(args[0])
		},
	}
	cmd.Flags().BoolVar(&schema, "schema", false, "print the JSON Schema of configuration files")
	cmd.Flags().BoolVar(&world, "world", false, "it is the file of a world")
	return cmd
}

func (c *console) checkConfig(file string) error {
	cfg, err := c.readConfig(file)
	if err != nil {
		return err
	}
	row := configRow{
		Type: "config", File: file, Providers: []string{},
		Secrets: sortedNames(cfg.Secrets), Endpoints: sortedNames(cfg.Endpoints), Schedules: sortedNames(cfg.Schedules),
	}
	for _, contract := range cfg.known[len(cfg.known)-len(cfg.Contracts):] {
		row.Providers = append(row.Providers, contract.Provider())
	}
	if c.json() {
		c.row(row)
		return nil
	}
	c.printf("%s: %s, %s, %s, %s\n", c.green("right"), plural(len(row.Endpoints), "endpoint"),
		plural(len(row.Secrets), "secret"), plural(len(row.Schedules), "schedule"), plural(len(row.Providers), "contract"))
	return nil
}

// worldRow is the row of "hookrig config --world".
type worldRow struct {
	Type      string   `json:"type"` // "world"
	File      string   `json:"file"`
	Name      string   `json:"name"`
	Providers []string `json:"providers"`
}

func (c *console) checkWorldFile(file string) error {
	w, err := c.readWorld(file)
	if err != nil {
		return err
	}
	if c.json() {
		c.row(worldRow{"world", file, w.Name, sortedNames(w.Providers)})
		return nil
	}
	c.printf("%s: world %q, %s\n", c.green("right"), w.Name, plural(len(w.Providers), "provider"))
	return nil
}

// sortedNames are the names of a map, in a list that is never null.
func sortedNames[V any](m map[string]V) []string {
	return slices.AppendSeq([]string{}, slices.Values(slices.Sorted(maps.Keys(m))))
}
