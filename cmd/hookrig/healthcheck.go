package main

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/hookrig/hookrig/internal/egress"
	"github.com/hookrig/hookrig/mockserver"
	"github.com/spf13/cobra"
)

const healthTimeout = 5 * time.Second

// healthRow is the row of "hookrig healthcheck".
type healthRow struct {
	Type   string `json:"type"` // "health"
	URL    string `json:"url"`
	Ready  bool   `json:"ready"`
	Status int    `json:"status"`
}

func (c *console) healthcheckCommand() *cobra.Command {
	var server string
	cmd := &cobra.Command{
		Use:   "healthcheck",
		Short: "Ask a running mock server whether it is ready",
		Long: `Asks a running mock server whether it is ready, for containers and scripts: it
exits with 0 if it is, with 1 if it says that it is not, and with 3 if nothing
answers.`,
		Example: `  hookrig healthcheck
  hookrig healthcheck --server http://127.0.0.1:9090`,
		Args: exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error { return c.healthcheck(cmd.Context(), server) },
	}
	cmd.Flags().StringVar(&server, "server", "http://127.0.0.1:8080", "`URL` of the mock server")
	return cmd
}

func (c *console) healthcheck(ctx context.Context, server string) error {
	u, err := target("--server", server)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.JoinPath("readyz").String(), nil)
	if err != nil {
		return err
	}
	c.busy.Store(true)
	res, err := egress.Client(egress.NewTransport(rules)).Do(req)
	if err != nil {
		return unjudged("hookrig serve", fmt.Errorf("nothing answers at %s: %w", mockserver.RedactURL(server), plainNetError(withoutAddress(err))))
	}
	defer res.Body.Close()
	row := healthRow{"health", mockserver.RedactURL(server), res.StatusCode == http.StatusOK, res.StatusCode}
	switch {
	case c.json():
		c.row(row)
	case row.Ready:
		c.printf("%s\n", c.green("ready"))
	default:
		c.printf("%s: it answered %d\n", c.red("not ready"), row.Status)
	}
	if !row.Ready {
		return errBroken
	}
	return nil
}
