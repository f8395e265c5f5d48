package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/url"

	"github.com/hookrig/hookrig/mockserver"
	"github.com/hookrig/hookrig/mockserver/sqlite"
	"github.com/spf13/cobra"
)

// journalFlags are the flags of "hookrig journal".
type journalFlags struct {
	serverFlags
	journal string
	format  choice
	label   string
	since   string
	until   string
}

func (c *console) journalCommand() *cobra.Command {
	f := journalFlags{format: choice{"jsonl", []string{"jsonl", "har"}}}
	cmd := &cobra.Command{
		Use:   "journal",
		Short: "Write out a journal, as JSON lines or HAR",
		Long: `Writes out what was sent and answered: the entries of a journal as JSON lines, or
its attempts as HAR 1.2, which browsers and proxies read. Signatures, credentials
and the like are redacted in it. hookrig replay sends either again.

With --server it is a running server's, otherwise the journal is opened.`,
		Example: `  hookrig journal > traffic.jsonl
  hookrig journal --format har --label tc-17 --since 2h > traffic.har
  hookrig journal --server http://127.0.0.1:8080`,
		Args: exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error { return c.exportJournal(cmd.Context(), &f) },
	}
	f.serverFlags.register(cmd)
	journalFlag(cmd, &f.journal)
	flags := cmd.Flags()
	flags.Var(&f.format, "format", "what to write")
	flags.StringVar(&f.label, "label", "", "only deliveries with this label: `TEXT`")
	flags.StringVar(&f.since, "since", "", "only what was written down since then: `TIME`, or 2h ago")
	flags.StringVar(&f.until, "until", "", "only what was written down before: `TIME`, or 2h ago")
	completeFlags(cmd, map[string]completion{"format": words(f.format.allowed...)})
	return cmd
}

func (c *console) exportJournal(ctx context.Context, f *journalFlags) (err error) {
	selection := selectionFlags{label: f.label, since: f.since, until: f.until}
	selected, err := selection.members(c.now)
	if err != nil {
		return err
	}
	query := url.Values{"format": {f.format.value}}
	for name, value := range selected {
		query.Set(name, value)
	}
	var server *control
	switch {
	case f.server != "" && f.journal != "":
		return tooManyf("--server "+shellWord(f.server), []string{"--journal"}, "--server has its own journal")
	case f.server != "":
		if server, err = c.remote(&f.serverFlags); err != nil {
			return err
		}
	default:
		store, opened, err := c.reader(ctx, f.journal)
		if err != nil {
			return err
		}
		defer closing(store, &err)
		server = opened
	}
	body, err := server.open(ctx, http.MethodGet, "/api/v1/journal?"+query.Encode(), nil)
	if err != nil {
		return err
	}
	defer body.Close()
	if _, err := io.Copy(c.out, body); err != nil {
		return unjudged("", err)
	}
	return nil
}

// reader opens a journal to be asked as a server would be, and starts nothing.
func (c *console) reader(ctx context.Context, name string) (*store, *control, error) {
	path, err := c.existingJournal(name)
	if err != nil {
		return nil, nil, err
	}
	known, err := builtIns()
	if err != nil {
		return nil, nil, err
	}
	s, err := c.openStore(path, sqlite.Retain{}, nil, "--server "+localServer)
	if err != nil {
		return nil, nil, err
	}
	plan := houseplan{known: known, store: s, tell: func(mockserver.Entry) {}, logLevel: slog.LevelError + 1}
	if plan.secrets, err = openSecrets(s); err != nil {
		return nil, nil, errors.Join(err, s.close())
	}
	h, err := c.house(ctx, plan)
	if err != nil {
		return nil, nil, errors.Join(err, s.close())
	}
	return s, inProcess(h.api, h.plan.token), nil
}
