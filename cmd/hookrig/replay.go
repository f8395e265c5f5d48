package main

import (
	"cmp"
	"context"
	"embed"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/signature"
	"github.com/hookrig/hookrig/mockserver"
	"github.com/spf13/cobra"
)

//go:embed verbatim.yaml
var verbatimFile embed.FS

// verbatimEvent is the kind of what is sent as it was recorded.
var verbatimEvent = sync.OnceValues(func() (*contracts.EventType, error) {
	c, err := contracts.Load(verbatimFile, "verbatim.yaml")
	if err != nil {
		return nil, err
	}
	return c.EventType("request")
})

// replayFlags are the flags of "hookrig replay".
type replayFlags struct {
	to       string
	verbatim bool
	resign   bool
	provider string
	secrets  []string
	speed    float64
	unmarked bool
}

func (c *console) replayCommand() *cobra.Command {
	var f replayFlags
	cmd := &cobra.Command{
		Use:   "replay FILE --to URL",
		Short: "Send recorded traffic again, at its own pace",
		Long: `Sends recorded requests again, each as long after the first as it was then; a
slow receiver does not hold up the next. FILE is what listen --save keeps, the
entries of a journal (hookrig journal), or HAR.

Requests go as they were recorded, signatures and all; what was left out of the
recording, such as credentials, is not sent. --resign makes them new deliveries
of the same bytes: sealed and signed afresh, with the id that they had. It needs
the provider, unless the recording names it. --to with a path takes everything;
without one each request keeps its own path and query.

Each is sent once. It exits with 1 where an answer is no success, and with 3
where nothing answers.`,
		Example: `  hookrig replay recorded.jsonl --to http://localhost:8080/hooks
  hookrig replay recorded.jsonl --to http://localhost:8080 --speed 60
  hookrig replay recorded.jsonl --to http://localhost:8080/hooks --resign --provider shoptet --secret-env SHOPTET_SECRET`,
		Args: exactly("FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.check(); err != nil {
				return err
			}
			return c.replay(cmd.Context(), &f, args[0])
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.to, "to", "", "the receiver, as registered with the provider: `URL`")
	flags.BoolVar(&f.verbatim, "verbatim", false, "send what was recorded as it is (the default)")
	flags.BoolVar(&f.resign, "resign", false, "seal and sign the recorded bodies afresh")
	flags.StringVar(&f.provider, "provider", "", "whose deliveries they are: `PROVIDER` (default: as the recording says)")
	secretFlag(cmd, &f.secrets)
	flags.Float64Var(&f.speed, "speed", 1, "divide the time between the requests by this")
	flags.BoolVar(&f.unmarked, "unmarked", false, "leave out the headers that mark test traffic")
	completeFlags(cmd, map[string]completion{"provider": c.completeProvider})
	return cmd
}

func (f *replayFlags) check() error {
	switch {
	case f.to == "":
		return usagef("--to "+exampleTarget, "missing: --to URL")
	case f.verbatim && f.resign:
		return tooManyf("--resign", []string{"--verbatim"}, "--verbatim and --resign exclude each other")
	case !f.resign && (f.provider != "" || len(f.secrets) > 0):
		return usagef("--resign", "--provider and --secret-env are about --resign")
	case !positive(f.speed):
		return usagef("--speed 60", "--speed %g: it is a positive number", f.speed)
	}
	return nil
}

func (c *console) replay(ctx context.Context, f *replayFlags, file string) error {
	to, err := target("--to", f.to)
	if err != nil {
		return err
	}
	data, err := c.readInput(file)
	if err != nil {
		return err
	}
	all, err := recordingsOf(inputName(file), data)
	if err != nil {
		return err
	}
	if len(all) == 0 {
		return usagef("hookrig listen --save "+shellWord(file), "%s holds no requests", inputName(file))
	}
	parcels, known, err := c.replayed(f, to, all)
	if err != nil {
		return err
	}
	c.warnOfRecords(f.to)
	log, reach := &serveLog{c, known}, newReach()
	server := mockserver.New(mockserver.Options{Journal: &tee{mockserver.NewMemory(), log.attempts}, Transport: reach, Unmarked: f.unmarked})
	var sent []*mockserver.Delivery
	c.busy.Store(true)
	err = server.Run(ctx, func(ctx context.Context) error {
		begin := time.Now()
		for i, p := range parcels {
			due := begin.Add(time.Duration(float64(all[i].at.Sub(all[0].at)) / f.speed))
			select {
			case <-time.After(time.Until(due)):
			case <-ctx.Done():
				return ctx.Err()
			}
			sent = append(sent, server.Send(p))
		}
		return server.Idle(ctx)
	})
	return (&trafficLog{console: c}).verdict(ctx, sent, reach, err)
}

// replayed are the parcels of recordings, and the contracts that they are of.
func (c *console) replayed(f *replayFlags, to *url.URL, all []recording) ([]mockserver.Parcel, []*contracts.Contract, error) {
	if f.resign {
		return c.resigned(f, all)
	}
	t, err := verbatimEvent()
	if err != nil {
		return nil, nil, err
	}
	var left []string
	parcels := make([]mockserver.Parcel, len(all))
	for i := range all {
		r := &all[i]
		header, redacted := r.sendable()
		left = append(left, redacted...)
		parcels[i] = mockserver.Parcel{
			Event: contracts.Event{Type: t, Body: r.body}, Endpoint: mockserver.Endpoint{URL: r.target(to)}, Once: true,
			Tamper: mockserver.Tamper{Request: func(_ int, sealed *contracts.Request) {
				sealed.Method, sealed.Header = r.method, asRecorded(header, sealed.Header)
			}},
		}
	}
	if len(left) > 0 {
		slices.Sort(left)
		c.note("note: %s left out of the recording and not sent: %s; --resign signs afresh",
			plural(len(left), "header"), strings.Join(slices.Compact(left), ", "))
	}
	return parcels, []*contracts.Contract{t.Contract()}, nil
}

// asRecorded are recorded headers, with what marks test traffic.
func asRecorded(recorded, sealed http.Header) http.Header {
	out := recorded.Clone()
	for _, mark := range []string{"User-Agent", "X-Hookrig-Test", "Authorization"} { // the last one is from the credentials in --to
		if out[mark] == nil && sealed[mark] != nil {
			out[mark] = sealed[mark]
		}
	}
	return out
}

// resigned are new deliveries of recorded bodies.
func (c *console) resigned(f *replayFlags, all []recording) ([]mockserver.Parcel, []*contracts.Contract, error) {
	var known []*contracts.Contract
	secrets := map[*contracts.Contract][]signature.Secret{}
	parcels := make([]mockserver.Parcel, len(all))
	for i, r := range all {
		name := cmp.Or(f.provider, r.provider)
		if name == "" {
			return nil, nil, usagef("--resign --provider PROVIDER", "%s: it does not say whose delivery it is", r.where)
		}
		contract, err := c.replayContract(&known, name)
		if err != nil {
			return nil, nil, err
		}
		if _, asked := secrets[contract]; !asked {
			if secrets[contract], err = c.signingSecrets(contract, f.secrets, f.to); err != nil {
				return nil, nil, err
			}
		}
		if parcels[i], err = r.delivery(contract); err != nil {
			return nil, nil, err
		}
		parcels[i].Endpoint = mockserver.Endpoint{URL: f.to, Secrets: secrets[contract]}
	}
	return parcels, known, nil
}

// replayContract finds a contract by the name or file that was given, or by
// the provider's name in a recording, once.
func (c *console) replayContract(known *[]*contracts.Contract, name string) (*contracts.Contract, error) {
	for _, k := range *known {
		if k.Provider() == name || k.File() == name {
			return k, nil
		}
	}
	contract, err := c.contract(name)
	if err == nil {
		*known = append(*known, contract)
	}
	return contract, err
}

// delivery is a recording as a new delivery: its bytes and its id.
func (r *recording) delivery(contract *contracts.Contract) (mockserver.Parcel, error) {
	got := mockserver.Received{Request: contracts.Request{Method: r.method, URL: r.address, Header: r.header, Body: r.body}}
	var t *contracts.EventType
	var err error
	if r.event != "" {
		t, err = contract.EventType(r.event)
	} else if got.Opened, err = contract.Open(&got.Request, contracts.OpenOptions{Unchecked: true}); err == nil {
		if len(got.Opened.Events) == 0 {
			return mockserver.Parcel{}, usagef("hookrig events "+shellWord(contract.Provider()), "%s: it is no event of %s", r.where, contract.Provider())
		}
		t = got.Opened.Events[0].Type
	}
	if err != nil {
		return mockserver.Parcel{}, fmt.Errorf("%s: %w", r.where, err)
	}
	p := mockserver.Parcel{Event: contracts.Event{Type: t, Body: r.body}, Once: true}
	if id := deliveryID(contract, got); id != "" && !strings.Contains(id, redactedText) {
		p.Tamper.Seal = func(_ int, _ signature.Scheme, o *contracts.SealOptions) error {
			o.ID = id
			return nil
		}
	}
	return p, nil
}
