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

const (
	healthTimeout = 5 * time.Second        // of one question
	healthEach    = 200 * time.Millisecond // between two of them
)

// healthRow is the row of "hookrig healthcheck".
type healthRow struct {
	Type   string `json:"type"` // "health"
	URL    string `json:"url"`
	Ready  bool   `json:"ready"`
	Status int    `json:"status"`
}

func (c *console) healthcheckCommand() *cobra.Command {
	var server string
	var wait time.Duration
	cmd := &cobra.Command{
		Use:   "healthcheck",
		Short: "Ask a running mock server whether it is ready",
		Long: `Asks a running mock server whether it is ready, for containers and scripts: it
exits with 0 if it is, with 1 if it says that it is not, and with 3 if nothing
answers. With --wait it asks again until the server is ready or the time is up.`,
		Example: `  hookrig healthcheck
  hookrig healthcheck --server http://127.0.0.1:9090
  hookrig healthcheck --wait 30s`,
		Args: exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error { return c.healthcheck(cmd.Context(), server, wait) },
	}
	cmd.Flags().StringVar(&server, "server", localServer, "`URL` of the mock server")
	cmd.Flags().DurationVar(&wait, "wait", 0, "ask again so long")
	return cmd
}

func (c *console) healthcheck(ctx context.Context, server string, wait time.Duration) error {
	u, err := target("--server", server)
	if err != nil {
		return err
	}
	c.busy.Store(true)
	row := healthRow{Type: "health", URL: mockserver.RedactURL(server)}
	client, ready := egress.Client(egress.NewTransport(rules)), u.JoinPath("readyz").String()
	for end := c.now().Add(wait); ; {
		row.Status, err = askReady(ctx, client, ready)
		row.Ready = err == nil && row.Status == http.StatusOK
		left := end.Sub(c.now())
		if row.Ready || left <= 0 {
			break
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(min(healthEach, left)):
		}
	}
	switch {
	case err != nil:
		return unjudged("hookrig serve", fmt.Errorf("nothing answers at %s: %w", row.URL, plainNetError(withoutAddress(err))))
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

// askReady asks once. The error says that nothing answered.
func askReady(ctx context.Context, client *http.Client, url string) (status int, err error) {
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, err
	}
	res, err := client.Do(req)
	if err != nil {
		return 0, err
	}
	res.Body.Close()
	return res.StatusCode, nil
}
