package main

import (
	"io/fs"

	"github.com/hookrig/hookrig/contracts/catalog"
	"github.com/hookrig/hookrig/contracts/openapi"
	"github.com/spf13/cobra"
)

func (c *console) exportCommand() *cobra.Command {
	kind := choice{"openapi", []string{"openapi", "asyncapi"}}
	cmd := &cobra.Command{
		Use:   "export [PROVIDER…]",
		Short: "Write contracts in another format",
		Long: `Writes contracts as one OpenAPI 3.1 document with a webhook for each event:
those named, or all built-in ones. --format asyncapi prints a built-in contract
as it is, a good start for one of your own.`,
		Example: `  hookrig export --format openapi > webhooks.json
  hookrig export --format openapi ./my-contract.yaml
  hookrig export --format asyncapi shoptet > my-contract.yaml`,
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
			return c.providerNames(), cobra.ShellCompDirectiveDefault
		},
		RunE: func(_ *cobra.Command, args []string) error {
			if kind.value == "asyncapi" {
				return c.exportDocument(args)
			}
			return c.exportOpenAPI(args)
		},
	}
	cmd.Flags().Var(&kind, "format", "what to write")
	completeFlags(cmd, map[string]completion{"format": words(kind.allowed...)})
	return cmd
}

func (c *console) exportOpenAPI(args []string) error {
	selected, err := c.selection(args)
	if err != nil {
		return err
	}
	text, err := openapi.Export(selected...)
	if err != nil {
		return err
	}
	_, err = c.out.Write(text)
	return err
}

func (c *console) exportDocument(args []string) error {
	if len(args) != 1 {
		return usagef("hookrig export --format asyncapi "+catalog.Names[0], "--format asyncapi writes one built-in contract: name it")
	}
	if _, err := catalog.Load(args[0]); err != nil {
		return err
	}
	text, err := fs.ReadFile(catalog.Files(), args[0]+"/asyncapi.yaml")
	if err != nil {
		return err
	}
	_, err = c.out.Write(text)
	return err
}
