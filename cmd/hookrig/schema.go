package main

import "github.com/spf13/cobra"

func (c *console) schemaCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "schema PROVIDER EVENT",
		Short: "Print the JSON Schema of an event's whole body",
		Long: `Prints the JSON Schema of the whole HTTP body, the envelope included. It is
self-contained: any validator for its dialect can use it without this program.
It is JSON whatever --format says.`,
		Example: `  hookrig schema shoptet order:create > order-create.schema.json
  hookrig schema scayle order-confirmed | jq .properties.payload`,
		Args:              exactly("PROVIDER", "EVENT"),
		ValidArgsFunction: c.completeEvent,
		RunE:              func(_ *cobra.Command, args []string) error { return c.schema(args[0], args[1]) },
	}
}

func (c *console) schema(provider, event string) error {
	t, err := c.eventType(provider, event)
	if err != nil {
		return err
	}
	s, err := t.Schema()
	if err != nil {
		return err
	}
	text := s.Bundle()
	if c.json() {
		text = compact(text)
	}
	c.printf("%s\n", text)
	return nil
}
