package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/mockserver"
	"github.com/hookrig/hookrig/mockserver/sqlite"
	"github.com/spf13/cobra"
)

// resendFlags are the flags of "hookrig resend".
type resendFlags struct {
	serverFlags
	selectionFlags
	journal   string
	contracts []string
	unmarked  bool
}

// resentRow is one delivery that a server has queued again.
type resentRow struct {
	Type     string `json:"type"` // "resent"
	Delivery string `json:"delivery"`
}

func (c *console) resendCommand() *cobra.Command {
	f := resendFlags{selectionFlags: newSelection()}
	cmd := &cobra.Command{
		Use:   "resend [ID…]",
		Short: "Send deliveries of a journal again",
		Long: `Sends deliveries again that have ended: the same bytes under the same id, with a
fresh signature. They are named, or selected by state, label and time.

With --server a running server queues them again and goes on by the provider's
policy. Without it the journal is opened, each delivery gets one attempt, and
what is to be tried again waits for the next server: the exit code is 1 where an
answer is no success, and 3 where nothing answers. Secrets are those beside the
journal.`,
		Example: `  hookrig resend dlv_k3v9x2m4q7t1c8w5
  hookrig resend --state exhausted --since 2h --server http://127.0.0.1:8080
  hookrig resend --label tc-17 --journal qa.journal`,
		RunE: func(cmd *cobra.Command, args []string) error { return c.resend(cmd.Context(), &f, args) },
	}
	f.serverFlags.register(cmd)
	journalFlag(cmd, &f.journal)
	f.selectionFlags.register(cmd)
	cmd.Flags().StringArrayVar(&f.contracts, "contract", nil, "know this contract `FILE` too, any number of times")
	cmd.Flags().BoolVar(&f.unmarked, "unmarked", false, "leave out the headers that mark test traffic")
	return cmd
}

func (c *console) resend(ctx context.Context, f *resendFlags, ids []string) (err error) {
	selected, err := f.members(c.now)
	switch {
	case err != nil:
		return err
	case len(ids) == 0 && len(selected) == 0:
		return usagef("--state exhausted --since 2h", "missing: ID, or what to select deliveries by")
	case len(ids) > 0 && len(selected) > 0:
		return usagef("hookrig resend "+shellWord(ids[0]), "IDs name deliveries, so there is nothing to select them by")
	case f.server != "" && f.journal != "":
		return tooManyf("--server "+shellWord(f.server), []string{"--journal"}, "--server has its own journal")
	}
	if f.server != "" {
		server, err := c.remote(&f.serverFlags)
		if err != nil {
			return err
		}
		again, err := resendBy(ctx, server, ids, selected)
		c.printResent(again)
		return err
	}
	path, err := c.existingJournal(f.journal)
	if err != nil {
		return err
	}
	known, err := c.servedContracts(f.contracts)
	if err != nil {
		return err
	}
	store, err := c.openStore(path, sqlite.Retain{}, nil, "--server "+localServer)
	if err != nil {
		return err
	}
	defer closing(store, &err)
	return c.resendAlone(ctx, f, store, known, func(ctx context.Context, a *control) ([]string, error) {
		again, err := resendBy(ctx, a, ids, selected)
		if statusOf(err) == http.StatusNotFound {
			err = usagef("hookrig journal --journal "+shellWord(path), "%w", err)
		}
		return again, err
	})
}

// resendBy asks for another round of deliveries, and says of which it has begun.
func resendBy(ctx context.Context, a *control, ids []string, selected map[string]string) (again []string, err error) {
	if len(ids) == 0 {
		var many struct {
			IDs    []string `json:"ids"`
			Failed string   `json:"failed"`
		}
		if err = a.call(ctx, http.MethodPost, "/api/v1/deliveries/resend", selected, &many); err == nil && many.Failed != "" {
			err = unjudged("", errors.New(many.Failed))
		}
		return many.IDs, err
	}
	for _, id := range ids {
		if err := a.call(ctx, http.MethodPost, "/api/v1/deliveries/"+url.PathEscape(id)+"/resend", nil, nil); err != nil {
			return again, err
		}
		again = append(again, id)
	}
	return again, nil
}

func (c *console) printResent(ids []string) {
	for _, id := range ids {
		if c.json() {
			c.row(resentRow{"resent", id})
		}
	}
	if !c.json() {
		c.printf("%s queued again\n", plural(len(ids), "delivery"))
	}
}

// resendAlone runs a server for one attempt of each delivery that ask names.
// What else the journal has is left alone.
func (c *console) resendAlone(ctx context.Context, f *resendFlags, store *store, known []*contracts.Contract,
	ask func(context.Context, *control) ([]string, error),
) error {
	secrets, err := openSecrets(store)
	if err != nil {
		return err
	}
	log, tried := &serveLog{c, known}, newTried()
	reach, foreign := &reach{}, new(atomic.Value)
	h, err := c.house(ctx, houseplan{
		known: known, store: store, secrets: secrets, rules: rules, logLevel: slog.LevelError,
		server: mockserver.Options{Unmarked: f.unmarked},
		reach:  func(t http.RoundTripper) http.RoundTripper { reach.RoundTripper = t; return reach },
		tell:   func(e mockserver.Entry) { log.entry(e); tried.see(e) },
		recall: func(r mockserver.Record) error {
			if r.State == mockserver.Waiting || r.State == mockserver.Attempting {
				return errors.New("it waits for a server")
			}
			if !knows(known, r.Provider) {
				foreign.Store(r.Provider)
			}
			return nil
		},
	})
	if err != nil {
		return err
	}
	var sent []*mockserver.Delivery
	c.busy.Store(true)
	err = h.server.Run(ctx, func(ctx context.Context) error {
		again, err := ask(ctx, inProcess(h.api, h.plan.token))
		for _, id := range again {
			d, unknown := h.server.Lookup(id)
			if unknown != nil {
				return unknown
			}
			sent = append(sent, d)
		}
		return errors.Join(err, tried.wait(ctx, again))
	})
	if provider, ok := foreign.Load().(string); ok && err != nil {
		return usagef("--contract "+shellWord(provider+".yaml"), "%w", err)
	}
	if err != nil || len(sent) == 0 {
		c.printf("%s", map[bool]string{true: "no delivery was sent again\n"}[err == nil && !c.json()])
		return err
	}
	return (&trafficLog{console: c}).verdict(ctx, sent, reach, nil)
}

func knows(known []*contracts.Contract, provider string) bool {
	return slices.ContainsFunc(known, func(c *contracts.Contract) bool { return c.Provider() == provider })
}

// tried knows which deliveries have had an attempt, or ended without one.
type tried struct {
	mu   sync.Mutex
	ids  map[string]bool
	more chan struct{} // closed and replaced at each
}

func newTried() *tried { return &tried{ids: map[string]bool{}, more: make(chan struct{})} }

func (t *tried) see(e mockserver.Entry) {
	if e.Kind != mockserver.EntryEnded && (e.Kind != mockserver.EntryAttempt || e.State != mockserver.Waiting) {
		return // its end comes next
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ids[e.Delivery] = true
	close(t.more)
	t.more = make(chan struct{})
}

// wait waits until all of them have.
func (t *tried) wait(ctx context.Context, ids []string) error {
	for {
		t.mu.Lock()
		more := t.more
		left := slices.ContainsFunc(ids, func(id string) bool { return !t.ids[id] })
		t.mu.Unlock()
		if !left {
			return nil
		}
		select {
		case <-more:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
