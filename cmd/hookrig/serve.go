package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/hookrig/hookrig/faker"
	"github.com/hookrig/hookrig/internal/egress"
	"github.com/hookrig/hookrig/mockserver"
	"github.com/hookrig/hookrig/mockserver/sqlite"
	"github.com/spf13/cobra"
)

// serveFlags are the flags of "hookrig serve".
type serveFlags struct {
	config    string
	world     string
	addr      string
	providers string
	journal   string
	keep      span
	keepSize  configSize
	contracts []string
	secrets   []string
	token     string
	hosts     list
	targets   list
	relaxed   bool
	transport choice
	chaos     rates
	speed     float64
	at        instant
	shape     choice
	locale    choice
	unmarked  bool
	wait      time.Duration
	quiet     bool
}

func (c *console) serveCommand() *cobra.Command {
	f := serveFlags{shape: shapes(), locale: locales(), transport: choice{"standard", []string{"standard", "fast"}}}
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run the mock server with its control API",
		Long: `Runs the mock server: over its control API events are triggered, deliveries
listed, sent again and cancelled. It describes itself at /api/openapi.json.
It is ready when it has printed where it serves, {"type":"ready","url":…} with
--format json, then prints each attempt, and stops at an interrupt.

Everything is written down in a journal, and secrets in a file beside it that
only its owner may read. A server that starts on it again goes on with what had
not ended. --journal memory keeps nothing. A journal has one server at a time.

Clients register for events as with the provider, at a listener of its own: the
port after that of --addr, or a free one where that is taken. --providers-addr
off closes it.

It listens on this machine only. Any other address needs a token, which
requests carry as "Authorization: Bearer …", and providers' clients as theirs;
targets on this machine and in private networks are then refused unless
--allow-target opens them.

--config names a file with all of this, and with endpoints, secrets and
schedules by name (hookrig config). What a flag says wins over the file;
--contract, --host and --allow-target add to it. Without the flag HOOKRIG_CONFIG
names the file; none is read that nobody named.

--world names the file of a shop that lives: what happens in it is sent as it
happens, by all providers, as a run that a server on the same journal takes up
again. hookrig runs lists and steers it; hookrig config --world checks the file.

--wait waits, before anything is served, until every endpoint of the file takes
connections. It sends them nothing. What does not in time is told, exit code 3.`,
		Example: `  hookrig serve
  hookrig serve --addr 127.0.0.1:0 --journal memory --format json
  hookrig serve --secret-env SHOPTET_SECRET --speed 60
  hookrig serve --journal qa.journal --keep 30d --keep-size 1GB
  hookrig serve --addr 0.0.0.0:8080 --token-env HOOKRIG_TOKEN --allow-target 10.0.0.0/8
  hookrig serve --config hookrig.yaml --wait 30s
  hookrig serve --world world.yaml`,
		Args: exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.serve(cmd.Context(), &f, cmd.Flags().Changed)
		},
	}
	f.register(cmd)
	completeFlags(cmd, map[string]completion{
		"shape": words(f.shape.allowed...), "locale": words(f.locale.allowed...), "transport": words(f.transport.allowed...),
	})
	return cmd
}

func (f *serveFlags) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.config, "config", "", "configuration `FILE`, see hookrig config (default $HOOKRIG_CONFIG)")
	flags.StringVar(&f.world, "world", "", "let the shop of this `FILE` live, see hookrig config --world --schema")
	flags.StringVar(&f.addr, "addr", "127.0.0.1:8080", "`ADDRESS` to listen on; port 0 takes a free one")
	flags.StringVar(&f.providers, "providers-addr", "", "`ADDRESS` of the providers' registration APIs, or off (default: the next port)")
	journalFlag(cmd, &f.journal)
	flags.Var(&f.keep, "keep", "forget deliveries so long after they ended: 30d")
	flags.Var(&f.keepSize, "keep-size", "forget the oldest that have ended while the journal is larger: 1GB")
	flags.StringArrayVar(&f.contracts, "contract", nil, "know this contract `FILE` too, any number of times")
	flags.StringArrayVar(&f.secrets, "secret-env", nil, "`NAME` of an environment variable with a secret, by which endpoints refer to it; any number of times")
	flags.StringVar(&f.token, "token-env", "", "`NAME` of the environment variable with the token that requests must carry")
	flags.Var(&f.hosts, "host", "further names by which clients may address the server")
	flags.Var(&f.targets, "allow-target", "addresses that may be delivered to although they are private, as prefixes: 10.0.0.0/8")
	flags.BoolVar(&f.relaxed, "relaxed-urls", false, "let URLs register that the provider would refuse: http, other ports")
	flags.Var(&f.transport, "transport", "fast takes plain HTTP/1.1 a shorter way, for high rates")
	flags.Var(&f.chaos, "chaos", "mishandle a share of the deliveries on purpose: lost-ack=0.05,duplicate=0.1")
	flags.Float64Var(&f.speed, "speed", 1, "divide the waits between attempts and the times of schedules by this")
	flags.Var(&f.at, "at", "the moment that the events are about (default now)")
	flags.Var(&f.shape, "shape", "how much of what is optional the events carry")
	flags.Var(&f.locale, "locale", "of names, addresses and the like")
	flags.BoolVar(&f.unmarked, "unmarked", false, "leave out the headers that mark test traffic")
	flags.BoolVar(&f.quiet, "quiet", false, "print the ready line alone, no deliveries")
	flags.DurationVar(&f.wait, "wait", 0, "wait so long for the endpoints of the configuration to take connections")
}

func (c *console) serve(ctx context.Context, f *serveFlags, given func(flag string) bool) (err error) {
	cfg, err := c.configured(f, given)
	if err != nil {
		return err
	}
	var world *worldFile
	if f.world != "" {
		if world, err = c.readWorld(f.world); err != nil {
			return err
		}
	}
	token, err := c.token(cfg, f)
	if err != nil {
		return err
	}
	rules, err := f.rules(!token.IsZero())
	if err != nil {
		return err
	}
	retain := sqlite.Retain{Age: time.Duration(f.keep), Bytes: int64(f.keepSize)}
	store, err := c.openStore(f.journal, retain, slog.New(slog.NewTextHandler(c.notes, nil)), "--journal other.journal")
	if err != nil {
		return err
	}
	defer closing(store, &err)
	told := &curtain{tell: (&serveLog{c, cfg.known}).entry}
	if f.quiet {
		told.tell = func(mockserver.Entry) {}
	}
	plan := houseplan{
		known: cfg.known, store: store, rules: rules, tell: told.entry,
		faker: faker.Options{At: c.momentOf(&f.at), Locale: f.locale.value, Shape: faker.Shape(f.shape.value)},
		server: mockserver.Options{
			Speed: f.speed, Unmarked: f.unmarked,
			Seed: cfg.Seed, Workers: cfg.Limits.Workers, PerEndpoint: cfg.Limits.PerEndpoint, BodyLimit: int(cfg.Limits.Body),
		},
		relaxed: f.relaxed, chaos: f.chaos, token: token, hosts: f.hosts, logLevel: slog.LevelWarn,
	}
	if plan.secrets, err = openSecrets(store); err != nil {
		return err
	}
	if err := c.keepSecrets(cfg, f.secrets, plan.secrets.Put); err != nil {
		return err
	}
	endpoints, err := c.endpointsOf(cfg)
	if err != nil {
		return err
	}
	if f.wait > 0 {
		if err := c.awaitReceivers(ctx, endpoints, rules, f.wait); err != nil {
			return err
		}
	}
	return c.serveHouse(ctx, f, cfg, plan, endpoints, world, told)
}

// serveHouse opens the doors and serves until ctx is done.
func (c *console) serveHouse(ctx context.Context, f *serveFlags, cfg *config, plan houseplan, endpoints []endpointOf, world *worldFile, told *curtain) error {
	doors, err := f.doors()
	if err != nil {
		return err
	}
	defer closeDoors(doors)
	plan.rules.Own = own(doors)
	h, err := c.house(ctx, plan)
	if err != nil {
		return err
	}
	doors[0].handler = h.api
	ready := &serveReady{console: c, url: doors[0].url(), journal: plan.store.shown()}
	if len(doors) > 1 {
		ready.providers = doors[1].url() + "/providers/"
		if doors[1].handler, err = h.registrations(); err != nil {
			return err
		}
	}
	us := inProcess(h.api, plan.token)
	shelf := mockserver.ShelfOf(plan.store)
	old, err := c.fileEndpoints(ctx, cfg, us, shelf)
	if err != nil {
		return err
	}
	if err := keepEndpoints(ctx, cfg, us, endpoints); err != nil {
		return err
	}
	c.stop = nil // the server goes on although nobody reads what it prints
	c.busy.Store(true)
	// Taking up many deliveries leaves much garbage behind: until it is done, garbage
	// may be half of what is held, and not as much again.
	garbage := debug.SetGCPercent(50)
	return h.server.Run(ctx, func(ctx context.Context) error {
		debug.SetGCPercent(garbage)
		stats := h.server.Stats()
		ready.taken, ready.left = stats.Sent, stats.Left
		return h.api.Run(ctx, func(ctx context.Context) error {
			if err := c.keepSchedules(ctx, cfg, us, shelf); err != nil {
				return err
			}
			if err := old.begin(ctx); err != nil {
				return err
			}
			if err := c.keepWorld(ctx, world, us); err != nil {
				return err
			}
			ctx, stop := context.WithCancel(ctx)
			var deleted sync.WaitGroup
			deleted.Go(func() { old.rest(ctx) })
			defer deleted.Wait()
			defer stop()
			return c.serveUntil(ctx, site{
				doors: doors, inFlight: ctx, ready: func() { told.raise(ready.tell) }, end: func() error { return nil },
			})
		})
	})
}

// rules say where deliveries may go. Whoever can reach the API can make the
// server dial: off this machine it must not be a way into a private network.
func (f *serveFlags) rules(guarded bool) (egress.Rules, error) {
	r := egress.Rules{HighRate: f.transport.value == "fast"}
	if !positive(f.speed) {
		return r, usagef("--speed 3600", "--speed %g: it is a positive number", f.speed)
	}
	var err error
	if r.Allow, err = targetPrefixes(f.targets); err != nil {
		return r, usagef("--allow-target 10.0.0.0/8", "--allow-target: %w", err)
	}
	for _, given := range [][2]string{{"--addr", f.addr}, {"--providers-addr", f.providers}} {
		flag, addr := given[0], given[1]
		if addr == "" || addr == closedDoor {
			continue
		}
		if err := checkAddr(flag, addr); err != nil {
			return r, err
		}
		if isLoopback(addr) {
			continue
		}
		if !guarded {
			return r, usagef("--token-env HOOKRIG_TOKEN", "%q can be reached from other machines: that needs a token", addr)
		}
		r.PublicOnly = true
	}
	for _, host := range f.hosts {
		if !isHostName(host) {
			return r, usagef("--host hookrig", "--host %q: it is no name of a host", host)
		}
	}
	return r, r.Check()
}

// closedDoor stands in place of the address of the providers' APIs.
const closedDoor = "off"

// doors are the listeners: that of the control API, and that of the providers'
// APIs unless it is off.
func (f *serveFlags) doors() ([]door, error) {
	control, err := listenAt("--addr", f.addr)
	if err != nil {
		return nil, err
	}
	doors := []door{{Listener: control}}
	var providers net.Listener
	switch f.providers {
	case closedDoor:
		return doors, nil
	case "":
		providers, err = listenBeside(control)
	default:
		providers, err = listenAt("--providers-addr", f.providers)
	}
	if err != nil {
		closeDoors(doors)
		return nil, err
	}
	return append(doors, door{Listener: providers}), nil
}

// listenBeside opens the port after that of a listener, or a free one.
func listenBeside(ln net.Listener) (net.Listener, error) {
	at, ok := ln.Addr().(*net.TCPAddr)
	if !ok {
		return nil, fmt.Errorf("%q has no port", ln.Addr())
	}
	host := at.IP.String()
	if next, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(at.Port+1))); err == nil {
		return next, nil
	}
	return listenAt("--providers-addr", net.JoinHostPort(host, "0"))
}

func closeDoors(doors []door) {
	for _, d := range doors {
		_ = d.Close() // at the end it is closed already
	}
}

// serveReady is the ready line of "hookrig serve".
type serveReady struct {
	console   *console
	url       string
	providers string // "": off
	journal   string
	taken     int // deliveries of earlier runs
	left      int // those that nobody can take up
}

// serveRow is the ready line as a row.
type serveRow struct {
	readyRow
	Providers string `json:"providers,omitempty"` // base of the registration APIs
	Journal   string `json:"journal"`             // file; "memory"
	TakenUp   int    `json:"takenUp"`             // deliveries of earlier runs that go on
	Left      int    `json:"left,omitempty"`      // deliveries of earlier runs that cannot
}

func (r *serveReady) tell() {
	c := r.console
	if c.json() {
		c.row(serveRow{readyRow{"ready", r.url}, r.providers, strings.TrimPrefix(r.journal, "in "), r.taken, r.left})
		return
	}
	line := fmt.Sprintf("serving on %s, described at %s/api/openapi.json", c.bold(r.url), r.url)
	if r.providers != "" {
		line += ", providers at " + r.providers
	}
	c.printf("%s, journal %s\n", line, r.journal)
	if r.taken > 0 || r.left > 0 {
		c.printf("%s of earlier runs taken up", plural(r.taken, "delivery"))
		if r.left > 0 {
			c.printf(", %d left waiting", r.left)
		}
		c.printf("\n")
	}
}
