package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/signature"
	"github.com/hookrig/hookrig/faker"
	"github.com/hookrig/hookrig/internal/egress"
	"github.com/hookrig/hookrig/mockserver"
	"github.com/hookrig/hookrig/verifier"
	"github.com/spf13/cobra"
)

// triggerFlags are the flags of "hookrig trigger".
type triggerFlags struct {
	provider  string // as it was named
	to        string
	secrets   []string
	body      string
	edits     editFlags
	seed      uint64
	seeded    bool // --seed was given
	shape     choice
	locale    choice
	id        string
	timestamp instant
	force     bool
	retry     bool
	speed     float64
	count     int
	rate      float64
	unmarked  bool
	label     string
	key       string
	tamper    string
	print     choice
}

func (c *console) triggerCommand() *cobra.Command {
	f := triggerFlags{shape: shapes(), locale: locales(), print: choice{allowed: []string{"curl", "http"}}}
	cmd := &cobra.Command{
		Use:   "trigger PROVIDER EVENT --to URL",
		Short: "Deliver an event as the provider would, and print the answer",
		Long: `Makes an event, seals and delivers it as the provider would, and prints what the
receiver answered. --to is the URL as it is registered with the provider. One
attempt is made; --retry follows the provider's policy, --speed 3600 makes an
hour's wait a second. An event that breaks the contract is not sent without
--force. It exits with 1 where the answer is no success by the contract, and
with 3 where nothing answers.

--print curl, or http, sends nothing and prints the request instead, signature
and all, as a line for a shell or as it would be on the wire.

--tamper mishandles the first attempt on purpose, as networks and providers do:
` + tamperNames(80) + `.`,
		Example: `  hookrig trigger shoptet order:create --to http://localhost:8080/hooks --secret-env SHOPTET_SECRET
  hookrig trigger sellercenter onOrderCreated --to http://localhost:8080/hooks --retry --speed 3600
  hookrig trigger xentral salesOrder.created --to http://localhost:8080/hooks --secret-env XENTRAL_SECRET --count 100 --rate 20
  hookrig trigger shoptet order:create --to http://localhost:8080/hooks --secret-env SHOPTET_SECRET --body recorded.json`,
		Args:              exactly("PROVIDER", "EVENT"),
		ValidArgsFunction: c.completeEvent,
		RunE: func(cmd *cobra.Command, args []string) error {
			f.seeded = cmd.Flags().Changed("seed")
			if err := f.check(cmd); err != nil {
				return err
			}
			return c.trigger(cmd.Context(), &f, args[0], args[1])
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.to, "to", "", "the target, as registered with the provider: `URL`")
	secretFlag(cmd, &f.secrets)
	flags.StringVar(&f.body, "body", "", "send exactly these bytes: `FILE`")
	f.edits.register(cmd)
	flags.Uint64Var(&f.seed, "seed", 0, "of the event's values (default: another one each time, which is printed)")
	flags.Var(&f.shape, "shape", "how much of what is optional the event carries")
	flags.Var(&f.locale, "locale", "of names, addresses and the like")
	flags.StringVar(&f.id, "id", "", "the delivery's `ID` (default: a random one)")
	flags.Var(&f.timestamp, "timestamp", "the time of signing, and of the event (default now)")
	flags.BoolVar(&f.force, "force", false, "send an event although it breaks the contract")
	flags.BoolVar(&f.retry, "retry", false, "try again as the provider would")
	flags.Float64Var(&f.speed, "speed", 1, "divide the waits between attempts by this")
	flags.IntVar(&f.count, "count", 1, "how many events, one after the other")
	flags.Float64Var(&f.rate, "rate", 0, "events a second, whether or not the earlier ones are answered")
	flags.BoolVar(&f.unmarked, "unmarked", false, "leave out the headers that mark test traffic")
	flags.StringVar(&f.label, "label", "", "of the deliveries, to find their rows by: `TEXT`")
	flags.StringVar(&f.key, "key", "", "deliveries of the same `KEY` go one after the other, whatever their --rate")
	flags.StringVar(&f.tamper, "tamper", "", "mishandle the first attempt: `NAME`")
	flags.Var(&f.print, "print", "send nothing, print the request")
	completeFlags(cmd, map[string]completion{
		"shape": words(f.shape.allowed...), "locale": words(f.locale.allowed...), "print": words(f.print.allowed...), "tamper": words(allTampers()...),
	})
	return cmd
}

func (f *triggerFlags) check(cmd *cobra.Command) error {
	switch {
	case f.to == "":
		return usagef("--to http://localhost:8080/hooks", "missing: --to URL")
	case f.count < 1:
		return usagef("--count 1", "--count %d: at least one event must be sent", f.count)
	case f.rate != 0 && !positive(f.rate):
		return usagef("--rate 20", "--rate %g: it is a positive number", f.rate)
	case !positive(f.speed):
		return usagef("--retry --speed 3600", "--speed %g: it is a positive number", f.speed)
	case strings.ContainsFunc(f.id, func(r rune) bool { return r <= ' ' || r > '~' }):
		return usagef("--id evt_1", "--id %q: an id is printable ASCII without spaces", f.id)
	case f.id != "" && f.count > 1:
		return usagef("--count 1", "--id names one delivery, and --count asks for %d", f.count)
	case f.body != "" && (f.edits.any() || f.seeded || cmd.Flags().Changed("shape") || cmd.Flags().Changed("locale")):
		return tooManyf("--body "+shellWord(f.body), []string{"--set", "--drop", "--pool", "--seed", "--shape", "--locale"}, "--body is sent as it is: --set, --drop, --pool, --seed, --shape and --locale have no part in it")
	case f.speed != 1 && !f.retry:
		return usagef("--retry --speed "+fmt.Sprint(f.speed), "--speed is about the waits of --retry")
	case f.print.value != "" && f.retry:
		return tooManyf("--print "+f.print.value, []string{"--retry", "--speed"}, "--print sends nothing, so there is nothing to --retry")
	}
	return nil
}

func (c *console) trigger(ctx context.Context, f *triggerFlags, provider, event string) error {
	f.provider = provider
	t, err := c.eventType(provider, event)
	if err != nil {
		return err
	}
	secrets, err := c.signingSecrets(t.Contract(), f.secrets, f.to)
	if err != nil {
		return err
	}
	if !f.seeded {
		f.seed = c.freshSeed()
	}
	events, err := c.triggerEvents(f, t)
	if err != nil {
		return err
	}
	if err := c.sealable(f, events, secrets); err != nil {
		return err
	}
	tamper, err := tamperNamed(f.tamper)
	if err != nil {
		return err
	}
	if f.print.value != "" {
		return c.printRequests(ctx, f, events, secrets, tamper)
	}
	c.warnOfRecords(f.to)
	log := &trafficLog{console: c, policy: t.Policy(), listen: listenHint(f)}
	log.start(f, t)
	reach := newReach()
	server := mockserver.New(mockserver.Options{
		Journal: &tee{mockserver.NewMemory(), log.entry}, Transport: reach, Speed: f.speed, Unmarked: f.unmarked,
	})
	var sent []*mockserver.Delivery
	c.busy.Store(true)
	err = server.Run(ctx, func(ctx context.Context) error {
		sent = c.send(ctx, f, server, events, f.parcel(secrets, tamper, c.now))
		for _, d := range sent {
			if _, err := d.Wait(ctx); ctx.Err() != nil {
				return err
			}
		}
		return nil
	})
	return log.verdict(ctx, sent, reach, err)
}

// triggerEvents are the events to send, none of which breaks the contract
// unless that was asked for.
func (c *console) triggerEvents(f *triggerFlags, t *contracts.EventType) (func(i int) (contracts.Event, error), error) {
	if f.body != "" {
		body, err := c.readInput(f.body)
		if err != nil {
			return nil, err
		}
		ev := contracts.Event{Type: t, Body: body}
		return func(int) (contracts.Event, error) { return ev, nil }, f.refuseBroken(ev, inputName(f.body))
	}
	asked, err := c.edits(&f.edits)
	if err != nil {
		return nil, err
	}
	made, err := faker.New(t.Contract(), faker.Options{
		Seed: f.seed, At: f.timestamp.or(c.now().Truncate(time.Second), c.now),
		Locale: f.locale.value, Shape: faker.Shape(f.shape.value), Events: []string{t.Name()},
	})
	if err != nil {
		return nil, err
	}
	var first contracts.Event
	edits, err := asked.fitting(func(edits []faker.Edit) (err error) {
		first, err = made.Event(t.Name(), edits...)
		return err
	})
	if err != nil {
		return nil, err
	}
	next := func(i int) (contracts.Event, error) {
		return made.Event(t.Name(), append([]faker.Edit{faker.Nth(uint64(i))}, edits...)...)
	}
	return next, f.refuseBroken(first, "the event with --set or --drop")
}

func (f *triggerFlags) refuseBroken(ev contracts.Event, what string) error {
	if f.force {
		return nil
	}
	violations, err := ev.Type.Validate(ev.Body)
	if err != nil || len(violations) == 0 {
		return err
	}
	more := ""
	if n := len(violations) - 1; n > 0 {
		more = fmt.Sprintf(" (and %d more)", n)
	}
	return usagef("--force", "%s breaks the contract of %s: %s%s", what, ev.Type.Name(), violations[0], more)
}

// sealable seals the first event for nobody: what cannot be signed or
// addressed is said before anything looks like a delivery.
func (c *console) sealable(f *triggerFlags, events func(int) (contracts.Event, error), secrets []signature.Secret) error {
	ev, err := events(0)
	if err != nil {
		return err
	}
	_, err = ev.Type.Contract().Seal(ev, contracts.SealOptions{
		URL: f.to, Secrets: secrets, ID: orRandomID(f.id), Time: f.timestamp.or(c.now(), c.now),
	})
	var input *signature.InputError
	if errors.As(err, &input) {
		return secretProblem(ev.Type.Contract(), input)
	}
	return err
}

// listenHint starts a receiver where the deliveries go, if that is this
// machine.
func listenHint(f *triggerFlags) string {
	u, err := url.Parse(f.to)
	if err != nil || u.Scheme != "http" {
		return ""
	}
	port := cmp.Or(u.Port(), "80")
	addr := net.JoinHostPort(u.Hostname(), port)
	if !isLoopback(addr) {
		return ""
	}
	words := []string{"hookrig listen", shellWord(f.provider), "--addr", shellWord(addr)}
	for _, name := range f.secrets {
		words = append(words, "--secret-env", shellWord(name))
	}
	return strings.Join(words, " ")
}

// send hands the events to the server: one after the other, or at a rate.
func (c *console) send(ctx context.Context, f *triggerFlags, server *mockserver.Server, events func(int) (contracts.Event, error), parcel mockserver.Parcel) []*mockserver.Delivery {
	begin := time.Now()
	var sent []*mockserver.Delivery
	for i := range f.count {
		if f.rate > 0 {
			due := begin.Add(time.Duration(min(float64(i)/f.rate*float64(time.Second), 1<<62)))
			select {
			case <-time.After(time.Until(due)):
			case <-ctx.Done():
				return sent
			}
		}
		ev, err := events(i)
		if err != nil || ctx.Err() != nil { // the first one was made before: there is no other error
			return sent
		}
		parcel.Event = ev
		d := server.Send(parcel)
		sent = append(sent, d)
		if f.rate == 0 {
			_, _ = d.Wait(ctx) // the verdict looks at every outcome
		}
	}
	return sent
}

// parcel is what all deliveries have, without the event.
func (f *triggerFlags) parcel(secrets []signature.Secret, tamper mockserver.Tamper, now func() time.Time) mockserver.Parcel {
	return mockserver.Parcel{
		Endpoint: mockserver.Endpoint{URL: f.to, Secrets: secrets},
		ID:       f.id, Once: !f.retry, Time: f.timestamp.or(time.Time{}, now),
		Label: f.label, Key: f.key, Tamper: tamper,
	}
}

// warnOfRecords says, off this machine, what a delivery may do there.
func (c *console) warnOfRecords(target string) {
	u, err := url.Parse(target)
	if err != nil || u.Hostname() == "localhost" {
		return
	}
	if addr, err := netip.ParseAddr(u.Hostname()); err == nil && addr.IsLoopback() {
		return
	}
	c.note("note: %s is not this machine; its deliveries may create real records there", verifier.Printable(u.Host))
}

// rules for every connection of a command: receivers under test often live on
// this machine or in a private network.
var rules = egress.Rules{}
