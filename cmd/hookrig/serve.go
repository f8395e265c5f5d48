package main

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/signature"
	"github.com/hookrig/hookrig/faker"
	"github.com/hookrig/hookrig/internal/egress"
	"github.com/hookrig/hookrig/mockserver"
	"github.com/hookrig/hookrig/mockserver/api"
	"github.com/spf13/cobra"
)

// serveFlags are the flags of "hookrig serve".
type serveFlags struct {
	config    string
	addr      string
	contracts []string
	secrets   []string
	token     string
	hosts     list
	targets   list
	speed     float64
	at        instant
	shape     choice
	locale    choice
	unmarked  bool
	wait      time.Duration
}

func (c *console) serveCommand() *cobra.Command {
	f := serveFlags{shape: shapes(), locale: locales()}
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run the mock server with its control API",
		Long: `Runs the mock server: over its control API events are triggered, deliveries
listed, sent again and cancelled. It describes itself at /api/openapi.json.
It is ready when it has printed where it serves, {"type":"ready","url":…} with
--format json, then prints each attempt, and stops at an interrupt.

It listens on this machine only. Any other address needs a token, which
requests carry as "Authorization: Bearer …"; targets on this machine and in
private networks are then refused unless --allow-target opens them.

--config names a file with all of this, and with endpoints and secrets by name
(hookrig config). What a flag says wins over the file; --contract, --host and
--allow-target add to it. Without the flag HOOKRIG_CONFIG names the file; none
is read that nobody named.

--wait waits, before anything is served, until every endpoint of the file takes
connections. It sends them nothing. What does not in time is told, exit code 3.`,
		Example: `  hookrig serve
  hookrig serve --addr 127.0.0.1:0 --format json
  hookrig serve --secret-env SHOPTET_SECRET --speed 60
  hookrig serve --addr 0.0.0.0:8080 --token-env HOOKRIG_TOKEN --allow-target 10.0.0.0/8
  hookrig serve --config hookrig.yaml --wait 30s`,
		Args: exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.serve(cmd.Context(), &f, cmd.Flags().Changed)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.config, "config", "", "configuration `FILE`, see hookrig config (default $HOOKRIG_CONFIG)")
	flags.StringVar(&f.addr, "addr", "127.0.0.1:8080", "`ADDRESS` to listen on; port 0 takes a free one")
	flags.StringArrayVar(&f.contracts, "contract", nil, "know this contract `FILE` too, any number of times")
	flags.StringArrayVar(&f.secrets, "secret-env", nil, "`NAME` of an environment variable with a secret, by which endpoints refer to it; any number of times")
	flags.StringVar(&f.token, "token-env", "", "`NAME` of the environment variable with the token that requests must carry")
	flags.Var(&f.hosts, "host", "further names by which clients may address the server")
	flags.Var(&f.targets, "allow-target", "addresses that may be delivered to although they are private, as prefixes: 10.0.0.0/8")
	flags.Float64Var(&f.speed, "speed", 1, "divide the waits between attempts by this")
	flags.Var(&f.at, "at", "the moment that the events are about (default now)")
	flags.Var(&f.shape, "shape", "how much of what is optional the events carry")
	flags.Var(&f.locale, "locale", "of names, addresses and the like")
	flags.BoolVar(&f.unmarked, "unmarked", false, "leave out the headers that mark test traffic")
	flags.DurationVar(&f.wait, "wait", 0, "wait so long for the endpoints of the configuration to take connections")
	completeFlags(cmd, map[string]completion{"shape": words(f.shape.allowed...), "locale": words(f.locale.allowed...)})
	return cmd
}

func (c *console) serve(ctx context.Context, f *serveFlags, given func(flag string) bool) error {
	cfg, err := c.configured(f, given)
	if err != nil {
		return err
	}
	o := api.Options{
		Hosts: f.hosts, Version: buildVersion().Version, Logger: slog.New(slog.NewTextHandler(c.notes, nil)),
		Fake: fakeWith(faker.Options{
			At: f.at.or(c.now().Truncate(time.Second), c.now), Locale: f.locale.value, Shape: faker.Shape(f.shape.value),
		}),
	}
	if o.Token, err = c.token(cfg, f); err != nil {
		return err
	}
	targets, err := f.rules(!o.Token.IsZero())
	if err != nil {
		return err
	}
	secrets := &api.Secrets{}
	keep := func(name string, secret signature.Secret) { _ = secrets.Put(name, secret) } // in memory nothing fails
	if err := c.keepSecrets(cfg, f.secrets, keep); err != nil {
		return err
	}
	if o.Stores, err = api.Load(ctx, api.Config{Contracts: cfg.known, Secrets: secrets, Logger: o.Logger}); err != nil {
		return err
	}
	log := serveLog{c, cfg.known}
	o.Server = mockserver.New(mockserver.Options{
		Journal:   &tee{mockserver.NewMemory(), log.entry},
		Transport: egress.NewTransport(targets), Speed: f.speed, Unmarked: f.unmarked, Logger: o.Logger,
		Seed: cfg.Seed, Workers: cfg.Limits.Workers, PerEndpoint: cfg.Limits.PerEndpoint, BodyLimit: int(cfg.Limits.Body),
	})
	handler, err := api.New(o)
	if err != nil {
		return err
	}
	endpoints, err := c.keepEndpoints(ctx, cfg, handler, o.Token)
	if err != nil {
		return err
	}
	if f.wait > 0 {
		if err := c.awaitReceivers(ctx, endpoints, targets, f.wait); err != nil {
			return err
		}
	}
	c.stop = nil // the server goes on although nobody reads what it prints
	c.busy.Store(true)
	return o.Server.Run(ctx, func(ctx context.Context) error {
		return c.serveUntil(ctx, site{
			addr: f.addr, handler: handler, ready: c.serving, inFlight: ctx,
			end: func() error { return nil },
		})
	})
}

// rules say where deliveries may go. Whoever can reach the API can make the
// server dial: off this machine it must not be a way into a private network.
func (f *serveFlags) rules(guarded bool) (egress.Rules, error) {
	var r egress.Rules
	if !positive(f.speed) {
		return r, usagef("--speed 3600", "--speed %g: it is a positive number", f.speed)
	}
	var err error
	if r.Allow, err = targetPrefixes(f.targets); err != nil {
		return r, usagef("--allow-target 10.0.0.0/8", "--allow-target: %w", err)
	}
	if isLoopback(f.addr) {
		return r, nil
	}
	if !guarded {
		return r, usagef("--token-env HOOKRIG_TOKEN", "%q can be reached from other machines: that needs a token", f.addr)
	}
	r.PublicOnly = true
	return r, r.Check()
}

func (c *console) servedContracts(files []string) ([]*contracts.Contract, error) {
	all, err := builtIns()
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		contract, err := c.contract(file)
		if err != nil {
			return nil, err
		}
		if i := slices.IndexFunc(all, func(o *contracts.Contract) bool { return o.Provider() == contract.Provider() }); i >= 0 {
			return nil, usagef("", "%s: there is a contract of the provider %q already", file, contract.Provider())
		}
		all = append(all, contract)
	}
	return all, nil
}

func (c *console) serving(url string) {
	if c.json() {
		c.row(readyRow{"ready", url})
		return
	}
	c.printf("serving on %s, described at %s/api/openapi.json\n", c.bold(url), url)
}

// serveLog prints deliveries of any provider as they happen.
type serveLog struct {
	console   *console
	contracts []*contracts.Contract
}

func (l *serveLog) entry(e mockserver.Entry) {
	c := l.console
	l.attempts(e)
	if c.json() || e.Kind != mockserver.EntryEnded || e.State == mockserver.Delivered {
		return
	}
	end := string(e.State) + ": " + e.Reason
	if e.Then == contracts.Disable || e.Then == contracts.Delete {
		end += "; " + thenWords(e.Then)
	}
	c.printf("%s      %s  %s\n", c.dim(e.At.Format(time.DateTime)), c.red(end), c.dim("["+e.Delivery+"]"))
	_ = c.flush() // somebody is watching
}

// attempts prints a delivery's attempts, without its end.
func (l *serveLog) attempts(e mockserver.Entry) {
	i := slices.IndexFunc(l.contracts, func(o *contracts.Contract) bool { return o.Provider() == e.Provider })
	if i < 0 {
		return // the API sends nothing else
	}
	t, err := l.contracts[i].EventType(e.Event)
	if err != nil {
		return
	}
	traffic := trafficLog{console: l.console, policy: t.Policy()}
	traffic.entry(e)
}

// fakeWith makes events for the control API.
func fakeWith(o faker.Options) api.Fake {
	return func(t *contracts.EventType, seed uint64, set map[string]json.RawMessage) (func(uint64) contracts.Event, error) {
		o := o
		o.Seed, o.Events = seed, []string{t.Name()}
		made, err := faker.New(t.Contract(), o)
		if err != nil {
			return nil, err
		}
		var edits []faker.Edit
		for _, pointer := range slices.Sorted(maps.Keys(set)) {
			edits = append(edits, faker.Set(pointer, json.RawMessage(compact(set[pointer]))))
		}
		_, err = made.Event(t.Name(), edits...)
		var pointer *faker.PointerError
		if errors.As(err, &pointer) {
			err = &api.SetError{Pointer: pointer.Pointer, Nearest: pointer.Nearest, Err: err}
		}
		return func(n uint64) contracts.Event {
			event, err := made.Event(t.Name(), slices.Concat(edits, []faker.Edit{faker.Nth(n)})...)
			if err != nil { // the same edits made one above
				panic(err)
			}
			return event
		}, err
	}
}
