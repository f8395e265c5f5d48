package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/catalog"
	"github.com/hookrig/hookrig/contracts/signature"
	"github.com/hookrig/hookrig/examples/receivers"
	"github.com/hookrig/hookrig/internal/egress"
	"github.com/hookrig/hookrig/mockserver"
	"github.com/hookrig/hookrig/verifier"
	"github.com/spf13/cobra"
)

const (
	demoSpeed  = 1800             // an hour's wait is two seconds
	demoOutage = 10 * time.Minute // on the policies' time
	demoEnv    = "HOOKRIG_DEMO_SECRET"
	demoSecret = "only-for-the-demonstration"
)

func (c *console) demoCommand() *cobra.Command {
	var keep bool
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "See it at work: events, an outage, and a receiver that is caught",
		Long: `Plays all five providers against two receivers on this machine: one is right, one
does an event again when its answer was lost. An order's life in one shop, as all
of them tell of it, is signed and delivered, with an outage and its retries at
speed; then both receivers are verified. It needs no set-up, no file and no
network, and takes some seconds.`,
		Example: `  hookrig demo
  hookrig demo --keep     # leave the receivers running, to repeat what was found`,
		Args: exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error { return c.demo(cmd.Context(), keep) },
	}
	cmd.Flags().BoolVar(&keep, "keep", false, "leave the two receivers running until interrupted")
	return cmd
}

// demo is the whole demonstration.
type demo struct {
	*console
	contracts []*contracts.Contract
	good, bad *bench
	started   time.Time
}

func (c *console) demo(ctx context.Context, keep bool) error {
	c.busy.Store(true)
	d := &demo{console: c, started: c.now()}
	for _, name := range catalog.Names {
		contract, err := catalog.Load(name)
		if err != nil {
			return err
		}
		d.contracts = append(d.contracts, contract)
	}
	var err error
	if d.good, err = d.open(receivers.None); err != nil {
		return err
	}
	defer d.good.close()
	if d.bad, err = d.open(receivers.DoubleEffect); err != nil {
		return err
	}
	defer d.bad.close()

	d.say("Two receivers listen on this machine, each for all five providers:")
	d.say("  %s  does each event once", d.good.url)
	d.say("  %s  does an event again when it is delivered again", d.bad.url)
	if err := d.tell(ctx); err != nil {
		return err
	}
	if err := d.judge(ctx); err != nil {
		return err
	}
	d.next(keep)
	if keep {
		<-ctx.Done()
	}
	return nil
}

// say prints a line for people; JSON readers get rows instead.
func (d *demo) say(format string, args ...any) {
	if !d.json() {
		d.printf(format+"\n", args...)
		_ = d.flush() // somebody is watching; an error is told at the end
	}
}

// bench is one server with a receiver for each provider.
type bench struct {
	url    string
	books  map[string]*receivers.Receiver
	down   atomic.Bool
	server *http.Server
	done   sync.WaitGroup
}

func (d *demo) open(defect receivers.Defect) (*bench, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, unjudged("", err)
	}
	b := &bench{url: "http://" + listener.Addr().String(), books: map[string]*receivers.Receiver{}}
	mux := http.NewServeMux()
	for _, c := range d.contracts {
		book := receivers.New(c, defect, demoSecrets(c)...)
		b.books[c.Provider()] = book
		mux.Handle("/"+c.Provider()+"/", book)
		mux.Handle("/"+c.Provider(), book)
	}
	b.server = &http.Server{ReadHeaderTimeout: 5 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if b.down.Load() {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		mux.ServeHTTP(w, r)
	})}
	b.done.Go(func() { _ = b.server.Serve(listener) }) // ends by Close
	return b, nil
}

func (b *bench) close() {
	_ = b.server.Close() // nothing is lost with it
	b.done.Wait()
}

// demoSecrets are what the receivers share with their providers.
func demoSecrets(c *contracts.Contract) []signature.Secret {
	switch s, _ := c.Signature(); {
	case !s.Signs():
		return nil
	case s.Algorithm == signature.Basic:
		return []signature.Secret{signature.NewSecret("demo:" + demoSecret)}
	}
	return []signature.Secret{signature.NewSecret(demoSecret)}
}

// tell plays the story against the good receiver.
func (d *demo) tell(ctx context.Context) error {
	story, err := demoStory(d.contracts)
	if err != nil {
		return err
	}
	server := mockserver.New(mockserver.Options{
		Journal: &tee{mockserver.NewMemory(), d.attempt}, Seed: 1, Speed: demoSpeed,
		Transport: egress.NewTransport(rules),
	})
	return server.Run(ctx, func(ctx context.Context) error {
		for _, ch := range story {
			if err := d.chapter(ctx, server, ch); err != nil {
				return err
			}
		}
		return nil
	})
}

// chapter sends its events one after the other; in an outage it does not wait
// for their end before the receiver is up again.
func (d *demo) chapter(ctx context.Context, server *mockserver.Server, ch chapter) error {
	d.say("\n%s", d.bold(ch.title))
	d.good.down.Store(ch.outage)
	defer d.good.down.Store(false)
	var sent []*mockserver.Delivery
	for _, ev := range ch.events {
		contract := ev.Type.Contract()
		delivery := server.Send(mockserver.Parcel{Event: ev, Endpoint: mockserver.Endpoint{
			URL: d.good.url + "/" + contract.Provider(), Secrets: demoSecrets(contract),
		}})
		if sent = append(sent, delivery); !ch.outage {
			if _, err := delivery.Wait(ctx); err != nil {
				return err
			}
		}
	}
	if ch.outage {
		up := time.NewTimer(demoOutage / demoSpeed)
		defer up.Stop()
		select {
		case <-up.C:
		case <-ctx.Done():
			return ctx.Err()
		}
		d.say("  %s", d.dim("… ten minutes later the receiver is up again"))
		d.good.down.Store(false)
	}
	for _, delivery := range sent {
		out, err := delivery.Wait(ctx)
		if err != nil {
			return err
		}
		if out.State != mockserver.Delivered {
			return fmt.Errorf("the demo's own receiver refused a delivery: %s", out.Reason)
		}
	}
	return nil
}

// attempt prints one attempt as it ends.
func (d *demo) attempt(e mockserver.Entry) {
	if d.json() {
		(&trafficLog{console: d.console}).row(e)
		return
	}
	if e.Kind != mockserver.EntryAttempt {
		return
	}
	a := e.Attempt
	status, rest := d.green(fmt.Sprintf("[%d]", a.Status)), tookWords(a.Took)
	if e.State != mockserver.Delivered {
		status, rest = d.red(fmt.Sprintf("[%d]", a.Status)), d.yellow("again in "+contracts.Days(a.Wait))
	} else if a.Number > 1 {
		rest = fmt.Sprintf("attempt %d, after %s", a.Number, contracts.Days(d.waited(e)))
	}
	d.say("  %-13s %-30s %s %s", e.Provider, e.Event, status, rest)
}

// waited is how long the policy made a delivery wait in all.
func (d *demo) waited(e mockserver.Entry) (sum time.Duration) {
	for _, c := range d.contracts {
		if t, err := c.EventType(e.Event); err == nil && c.Provider() == e.Provider {
			for _, w := range t.Policy().Waits[:e.Attempt.Number-1] {
				sum += w
			}
		}
	}
	return sum
}

// judge verifies both receivers for every provider. The runs are of different
// receivers and mostly wait, so they go side by side; they are told in order.
func (d *demo) judge(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	var runs sync.WaitGroup
	defer func() { cancel(); runs.Wait() }()
	start := func(c *contracts.Contract, b *bench, events ...string) (wait func() (*verifier.Report, error)) {
		var r *verifier.Report
		var err error
		done := make(chan struct{})
		runs.Go(func() {
			defer close(done)
			r, err = d.verify(ctx, c, b, events...)
		})
		return func() (*verifier.Report, error) {
			<-done
			if r != nil && d.json() {
				return r, errors.Join(err, r.JSON(d.out))
			}
			return r, err
		}
	}

	d.say("\n%s", d.bold("Now both receivers are verified"))
	var good, bad []func() (*verifier.Report, error)
	for _, c := range d.contracts {
		good, bad = append(good, start(c, d.good)), append(bad, start(c, d.bad))
	}
	for i, c := range d.contracts {
		right, err := good[i]()
		if err != nil {
			return err
		}
		wrong, err := bad[i]()
		if err != nil {
			return err
		}
		if right.Verdict != verifier.Conformant || wrong.Verdict != verifier.NotConformant {
			return fmt.Errorf("%s: the receivers were judged %s and %s", c.Provider(), right.Verdict, wrong.Verdict)
		}
		d.say("  %-13s %3d events   %s   %s", c.Provider(), len(c.EventTypes()), d.green(right.Verdict),
			d.red(wrong.Verdict+": "+strings.Join(failed(wrong), ", ")))
	}
	shop := d.contracts[slices.Index(catalog.Names, "shoptet")]
	caught, err := start(shop, d.bad, "order:create")()
	if err != nil || d.json() {
		return err
	}
	d.say("\n%s", d.bold("What the partner is told of a double effect"))
	d.explain(caught)
	return nil
}

func failed(r *verifier.Report) (names []string) {
	for _, c := range r.Checks {
		if c.Verdict == verifier.Fail {
			names = append(names, c.Name)
		}
	}
	return names
}

func (d *demo) verify(ctx context.Context, c *contracts.Contract, b *bench, events ...string) (*verifier.Report, error) {
	book := b.books[c.Provider()]
	return verifier.Run(ctx, verifier.Options{
		Contract: c, URL: b.url + "/" + c.Provider(), Events: events, Secrets: demoSecrets(c), Seed: 2, SecretEnv: demoEnv,
		Transport: egress.NewTransport(rules),
		Oracle: verifier.OracleFunc(func(_ context.Context, ev contracts.Event, _ string) (int, error) {
			return book.Effects(ev), nil
		}),
		ContractArg: c.Provider(), ExtraArgs: "--oracle '" + b.oracle(c) + "'",
	})
}

// oracle is how the command line can ask the same question.
func (b *bench) oracle(c *contracts.Contract) string {
	var query []string
	for _, member := range c.EventTypes()[0].Identity().Members {
		query = append(query, member+"={"+member+"}")
	}
	return b.url + "/" + c.Provider() + "/effects?" + strings.Join(query, "&") + "#/count"
}

// explain prints the finding that the demo is about.
func (d *demo) explain(r *verifier.Report) {
	for _, check := range r.Checks {
		if check.Name != "state/lost-answer" {
			continue
		}
		for _, l := range [][2]string{
			{"check", check.Name + " (" + check.Severity + ")"}, {"seen", check.Because}, {"expected", check.Expected},
			{"received", check.Received}, {"why", check.Why}, {"fix", check.Fix}, {"reproduce", check.Reproduce},
		} {
			d.say("  %-10s %s", l[0], l[1])
		}
	}
}

func (d *demo) next(keep bool) {
	d.say("\nDone in %s. Nothing left this machine.", tookWords(d.now().Sub(d.started)))
	if keep {
		d.say("The receivers go on until you press Ctrl-C. To repeat what was found, in another terminal:\n  export %s=%s", demoEnv, demoSecret)
		return
	}
	d.say("\nTry next:")
	for _, line := range [][2]string{
		{"hookrig demo --keep", "leave the receivers up, and repeat the finding yourself"},
		{"hookrig show shoptet order:create", "one contract, and how well it is founded"},
		{"hookrig fake --world -n 20", "a shop that lives, as all providers tell of it"},
		{"hookrig listen sellercenter --addr 127.0.0.1:9000", "a receiver that says what it gets …"},
		{"hookrig trigger sellercenter onOrderCreated --to http://127.0.0.1:9000", "… and something for it"},
		{"hookrig verify sellercenter --to http://127.0.0.1:9000", "judge a receiver of your own"},
	} {
		d.say("  %-72s %s", line[0], d.dim(line[1]))
	}
}
