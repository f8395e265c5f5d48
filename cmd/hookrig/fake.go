package main

import (
	"encoding/base64"
	"encoding/json"
	"strconv"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/faker"
	"github.com/spf13/cobra"
)

// fakeFlags are the flags of "hookrig fake".
type fakeFlags struct {
	n       int
	nth     uint64
	seed    uint64
	shape   choice
	locale  choice
	at      instant
	edits   editFlags
	meta    bool
	tell    bool
	all     bool
	world   bool
	orders  int
	schema  string
	dialect choice
	remotes string

	broken  bool
	counted bool // --count was given
	skipped int  // breakages that are no line
}

func (c *console) fakeCommand() *cobra.Command {
	f := fakeFlags{shape: shapes(), locale: locales(), dialect: dialects()}
	cmd := &cobra.Command{
		Use:   "fake [PROVIDER] [EVENT]",
		Short: "Make events that keep their contracts",
		Long: `Makes events and prints their bodies, one a line, exactly as they would be sent.
The same seed gives the same bytes, on every machine and in every order. --set
takes a JSON Pointer and a JSON value; it may break the contract on purpose.
--pool takes one of many values, a JSON list or the lines of a file, so that
events are about what exists in your system; those keep the contract.

--broken makes events that each break one rule of the contract and nothing
else, one for every rule that can be broken, and bodies whose bytes are wrong.
They have all members. --meta says which rule it is, at which pointer, and has
in base64 what is no JSON; without it, bodies that are no line of text are left
out. --count limits them, --nth chooses the event that is broken.

--world makes a stream that makes sense: a shop lives, and its customers, orders
and goods are the same in the events of all providers named, or of all there
are. --set tells it what its people and goods are like, "world.customer.email"
or "world.order[number=2026000123].note", and all their events say so; a pointer
that the contract binds to such a thing does the same. --meta adds "time" and
"action", which is what happened in the shop. --tell says in words what each
event is about, instead of its body.

--schema makes values of any JSON Schema, "FILE#/pointer" of one inside a file,
with the same edits.
Nothing is fetched: --remotes is a JSON object with the documents that have a
URL. It exits with 2 where no value exists ("unsatisfiable", with the places
that contradict each other) and where none was found ("gave up").`,
		Example: `  hookrig fake shoptet order:create
  hookrig fake shoptet order:create -n 3 --seed 7 --set '/eventInstance="2026000123"'
  hookrig fake shoptet order:create -n 20 --pool /eventInstance=@codes.txt
  hookrig fake --all -n 20 --seed 1 --meta
  hookrig fake --world -n 200 --meta
  hookrig fake --world -n 200 --set 'world.customer.email="qa@example.com"'
  hookrig fake --world -n 50 --locale de --tell
  hookrig fake shoptet order:create --broken --meta
  hookrig fake --schema order.schema.json --shape full
  hookrig fake --schema 'openapi.yaml#/components/schemas/Order' --dialect oas3.0`,
		Args:              func(cmd *cobra.Command, args []string) error { return f.checkArgs(cmd, args) },
		ValidArgsFunction: c.completeEvent,
		RunE:              func(_ *cobra.Command, args []string) error { return c.fake(&f, args) },
	}
	f.register(cmd)
	return cmd
}

func (f *fakeFlags) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.IntVarP(&f.n, "count", "n", 1, "how many of each event")
	flags.Uint64Var(&f.nth, "nth", 0, "begin with the event of this `ORDINAL`; each has its own bytes")
	flags.Uint64Var(&f.seed, "seed", 1, "the same seed gives the same bytes")
	flags.Var(&f.shape, "shape", "how much of what is optional an event carries")
	flags.Var(&f.locale, "locale", "of names, addresses and the like")
	flags.Var(&f.at, "at", "the moment that the events are about (default: a fixed one)")
	flags.BoolVar(&f.meta, "meta", false, `wrap each line as {"provider","event","index","body"}`)
	flags.BoolVar(&f.all, "all", false, "every event, of all providers or of the one named")
	flags.BoolVar(&f.world, "world", false, "the stream of a shop that lives, of all providers or of those named")
	f.edits.register(cmd)
	flags.BoolVar(&f.tell, "tell", false, "of a --world for people: when, who tells it, and what has happened")
	flags.IntVar(&f.orders, "orders", 120, "of a --world on a usual day")
	flags.BoolVar(&f.broken, "broken", false, "events that break one rule each, all rules of each event")
	flags.StringVar(&f.schema, "schema", "", "make values of the JSON Schema in `FILE`")
	flags.Var(&f.dialect, "dialect", "of a --schema that does not name its own (default draft-07, or what an OpenAPI document says)")
	flags.StringVar(&f.remotes, "remotes", "", "documents by URL for the references of a --schema: `FILE`")
	completeFlags(cmd, map[string]completion{
		"shape": words(f.shape.allowed...), "locale": words(f.locale.allowed...), "dialect": words(f.dialect.allowed...),
	})
}

func shapes() choice {
	return choice{string(faker.Typical), []string{string(faker.Minimal), string(faker.Typical), string(faker.Full)}}
}

func locales() choice { return choice{"en", faker.Locales()} }

func (f *fakeFlags) checkArgs(cmd *cobra.Command, args []string) error {
	f.counted = cmd.Flags().Changed("count")
	switch {
	case f.world && f.n > 0:
		return f.checkWorld(cmd)
	case f.tell:
		return usagef("hookrig fake --world --tell", "--tell is about a --world, and there is none")
	case cmd.Flags().Changed("orders"):
		return usagef("--world", "--orders is about a --world, and there is none")
	case f.n < 1:
		return usagef("--count 1", "--count %d: at least one event must be asked for", f.n)
	case f.schema != "" && (len(args) > 0 || f.all):
		return usagef("hookrig fake --schema "+shellWord(f.schema), "--schema stands in place of PROVIDER and EVENT")
	case f.schema != "" && f.meta && !f.broken:
		return usagef("hookrig fake --schema "+shellWord(f.schema), "--meta is about events, and a bare schema has none")
	case f.schema != "":
		return nil
	case f.remotes != "" || f.dialect.value != "":
		return usagef("hookrig fake --schema schema.json", "--dialect and --remotes are about a --schema, and there is none")
	case f.all && len(args) > 1:
		return usagef("hookrig fake --all "+shellWord(args[0]), "--all makes every event, and %q is one", args[1])
	case f.all:
		return nil
	case len(args) == 1:
		return usagef("hookrig fake --all "+shellWord(args[0]), "missing: EVENT")
	}
	return exactly("PROVIDER", "EVENT")(cmd, args)
}

func (c *console) fake(f *fakeFlags, args []string) error {
	if f.world {
		return c.fakeWorld(f, args)
	}
	defer c.tellSkipped(f)
	edits, err := c.edits(&f.edits)
	if err != nil {
		return err
	}
	if f.schema != "" {
		return c.fakeSchema(f, edits)
	}
	if !f.all {
		t, err := c.eventType(args[0], args[1])
		if err != nil {
			return err
		}
		return c.fakeEvents(f, t.Contract(), []*contracts.EventType{t}, edits)
	}
	selected, err := c.selection(args)
	if err != nil {
		return err
	}
	for _, contract := range selected {
		if err := c.fakeEvents(f, contract, contract.EventTypes(), edits); err != nil {
			return err
		}
	}
	return nil
}

func (c *console) fakeEvents(f *fakeFlags, contract *contracts.Contract, types []*contracts.EventType, asked edits) error {
	o := f.options(c)
	for _, t := range types {
		o.Events = append(o.Events, t.Name())
	}
	made, err := faker.New(contract, o)
	if err != nil {
		return err
	}
	for _, t := range types {
		if err := c.fakeEvent(f, made, t, asked); err != nil {
			return err
		}
	}
	return nil
}

func (c *console) fakeEvent(f *fakeFlags, made *faker.Faker, t *contracts.EventType, asked edits) error {
	edits, err := asked.fitting(func(edits []faker.Edit) error {
		_, err := made.Event(t.Name(), edits...)
		return err
	})
	if err != nil {
		return err
	}
	if f.broken {
		return c.fakeBroken(f, made, t, edits)
	}
	var body, line []byte
	for i := range uint64(f.n) {
		n := f.nth + i
		if len(edits) == 0 {
			body = made.Append(body[:0], t, n)
		} else {
			ev, err := made.Event(t.Name(), append([]faker.Edit{faker.Nth(n)}, edits...)...)
			if err != nil {
				return err
			}
			body = ev.Body
		}
		line = append(line[:0], body...)
		if f.meta {
			line = appendMeta(line[:0], t, n, body)
		}
		line = append(line, '\n')
		if err := c.writeLine(line); err != nil {
			return err
		}
	}
	return nil
}

func (f *fakeFlags) options(c *console) faker.Options {
	return faker.Options{Seed: f.seed, At: f.at.or(f.at.Time, c.now), Locale: f.locale.value, Shape: faker.Shape(f.shape.value)}
}

// appendMeta wraps a body without touching its bytes, so no encoder.
func appendMeta(dst []byte, t *contracts.EventType, index uint64, body []byte) []byte {
	dst = append(dst, `{"provider":`...)
	dst = appendText(dst, t.Contract().Provider())
	dst = append(dst, `,"event":`...)
	dst = appendText(dst, t.Name())
	dst = append(dst, `,"index":`...)
	dst = strconv.AppendUint(dst, index, 10)
	return append(appendBody(dst, body), '}')
}

// appendBody appends ,"body": and the exact bytes of a JSON text on one line,
// or ,"raw": and base64 where the bytes are anything else.
func appendBody(dst, body []byte) []byte {
	if json.Valid(body) && onOneLine(body) {
		return append(append(dst, `,"body":`...), body...)
	}
	dst = append(dst, `,"raw":"`...)
	dst = base64.StdEncoding.AppendEncode(dst, body)
	return append(dst, '"')
}

func onOneLine(body []byte) bool {
	for _, b := range body {
		if b == '\n' || b == '\r' {
			return false
		}
	}
	return true
}

func appendText(dst []byte, s string) []byte {
	text, _ := json.Marshal(s) // strings always marshal
	return append(dst, text...)
}

func (c *console) fakeSchema(f *fakeFlags, asked edits) error {
	s, err := c.readSchema(f.schema, f.dialect.value, f.remotes)
	if err != nil {
		return err
	}
	values, err := faker.FromSchema(s, f.options(c))
	if err != nil {
		return err
	}
	edits, err := asked.fitting(func(edits []faker.Edit) error {
		_, err := values.Value(edits...)
		return err
	})
	if err != nil {
		return err
	}
	if f.broken {
		return c.fakeSchemaBroken(f, values, edits)
	}
	var line []byte
	for i := range uint64(f.n) {
		n := f.nth + i
		if len(edits) == 0 {
			line = values.Append(line[:0], n)
		} else if line, err = values.Value(append([]faker.Edit{faker.Nth(n)}, edits...)...); err != nil {
			return err
		}
		line = append(line, '\n')
		if err := c.writeLine(line); err != nil {
			return err
		}
	}
	return nil
}
