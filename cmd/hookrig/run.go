package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/schema"
	"github.com/hookrig/hookrig/examples/scenarios"
	"github.com/hookrig/hookrig/internal/egress"
	"github.com/hookrig/hookrig/mockserver"
	"github.com/hookrig/hookrig/mockserver/api"
	"github.com/hookrig/hookrig/verifier"
	"github.com/hookrig/hookrig/verifier/scenario"
	"github.com/spf13/cobra"
)

// runFlags are the flags of "hookrig run".
type runFlags struct {
	to       []string
	secrets  []string
	oracles  oracles
	settle   time.Duration
	speed    float64
	seed     uint64
	seeded   bool
	plan     bool
	schema   bool
	unmarked bool
	reports  runReports
}

func (c *console) runCommand() *cobra.Command {
	f := runFlags{}
	cmd := &cobra.Command{
		Use:   "run SCENARIO --to URL",
		Short: "Play a story of a shop to a receiver, and judge what it does",
		Long: `Plays a scenario: orders of a shop that go as the file wishes, told by the
providers that it names, mishandled on the way as it says. What the receiver is
expected to do stands in the file too and is judged.

SCENARIO is a file, or the name of a scenario that is shipped; without it they
are listed. --to is where all providers deliver, or with PROVIDER=URL where that
one does; where only such are given, these providers play, whatever the file
names. --secret-env takes PROVIDER=NAME likewise. Effects and states are seen by
--oracle alone, as with verify (a URL, a log or a header of the answers); what
nobody looked at is inconclusive.

The same seed makes the same events. --plan prints them, by default those of seed
1, and sends nothing. It exits with 1 where an expectation fails, and with 3 where
nothing answers or something that is expected could not be seen.`,
		Example: `  hookrig run
  hookrig run refund --to http://user:password@localhost:8080/hooks
  hookrig run refund --to shoptet=http://localhost:8080/hooks --secret-env SHOPTET_SECRET --oracle 'http://localhost:8080/effects?event={/event}&code={/eventInstance}&at={/eventCreated}#/count'
  hookrig run story.yaml --to http://localhost:8080/hooks --report junit=run.xml
  hookrig run happy-order --plan`,
		Args: cobra.MaximumNArgs(1),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return shippedScenarios(), cobra.ShellCompDirectiveDefault
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			f.seeded = cmd.Flags().Changed("seed")
			switch {
			case f.schema:
				c.printf("%s", scenario.Schema())
				return nil
			case len(args) == 0:
				return c.listScenarios()
			}
			return c.runScenario(cmd.Context(), &f, args[0])
		},
	}
	flags := cmd.Flags()
	flags.StringArrayVar(&f.to, "to", nil, "the target, as registered with the provider: `URL`, or PROVIDER=URL")
	flags.StringArrayVar(&f.secrets, "secret-env", nil, "`NAME` of the environment variable that holds the secret, or PROVIDER=NAME")
	flags.Var(&f.oracles, "oracle", "a URL, file:LOG or header:NAME that shows effects or states, as for verify")
	flags.DurationVar(&f.settle, "settle", 0, "how long effects may take to appear (default: what the file says)")
	flags.Float64Var(&f.speed, "speed", 0, "keep the shop's time, divided by this (default: what the file says, or no waits)")
	flags.Uint64Var(&f.seed, "seed", 0, "of the story's values (default: what the file says, or another one each time, which is printed)")
	flags.BoolVar(&f.plan, "plan", false, "send nothing, print what would be sent")
	flags.BoolVar(&f.schema, "schema", false, "print the JSON Schema of scenario files")
	flags.BoolVar(&f.unmarked, "unmarked", false, "leave out the headers that mark test traffic")
	flags.Var(&f.reports, "report", "write reports: html=FILE,junit=FILE,json=FILE")
	return cmd
}

// shippedScenarios are the names of those that come with the command.
func shippedScenarios() (names []string) {
	files, _ := fs.Glob(scenarios.FS, "*.yaml") // the pattern is right
	for _, name := range files {
		names = append(names, strings.TrimSuffix(name, ".yaml"))
	}
	return names
}

// scenarioRow is a scenario in a list.
type scenarioRow struct {
	Scenario  string   `json:"scenario"`
	About     string   `json:"about"`
	Providers []string `json:"providers"`
}

func (c *console) listScenarios() error {
	var rows [][]string
	for _, name := range shippedScenarios() {
		s, err := scenario.Load(scenarios.FS, name+".yaml")
		if err != nil {
			return err
		}
		if c.json() {
			c.row(scenarioRow{s.Name, s.About, s.Providers})
			continue
		}
		about, _, _ := strings.Cut(s.About, ". ")
		rows = append(rows, []string{s.Name, strings.TrimSuffix(about, ".") + "."})
	}
	c.table(rows)
	return nil
}

// scenario reads a file, or one that is shipped.
func (c *console) scenario(name string) (*scenario.Scenario, error) {
	shipped := shippedScenarios()
	if slices.Contains(shipped, name) {
		return scenario.Load(scenarios.FS, name+".yaml")
	}
	if _, err := os.Stat(name); err != nil && !strings.ContainsAny(name, `./\`) {
		near := append(schema.Nearest(name, shipped), shipped[0])[0]
		return nil, inPlaceOf(name, usagef("hookrig run "+near+" --plan", "no scenario is called %q%s", name, nearestOf(name, shipped)))
	}
	data, err := c.readInput(name)
	if err != nil {
		return nil, err
	}
	return scenario.Read(filepath.ToSlash(name), data)
}

func (c *console) runScenario(ctx context.Context, f *runFlags, name string) error {
	s, err := c.scenario(name)
	if err != nil {
		return err
	}
	targets, err := byProvider("--to", f.to)
	if err != nil {
		return err
	}
	all, err := c.scenarioContracts(s, name, targets)
	if err != nil {
		return err
	}
	seed := s.Seed
	switch {
	case f.seeded:
		seed = f.seed
	case !s.Seeded && !f.plan: // a receiver has done the events of an earlier run
		seed = c.freshSeed()
	}
	plan, err := s.Plan(all, seed)
	if err != nil {
		return worldError(err)
	}
	if f.plan {
		return c.printScript(plan)
	}
	o, err := c.runOptions(f, all, targets)
	if err != nil {
		return err
	}
	if err := f.reports.open(); err != nil {
		return err
	}
	defer f.reports.close()
	reached := newReach()
	o.Transport = reached
	c.busy.Store(true)
	result, err := scenario.Run(ctx, plan, o)
	if err != nil {
		return err
	}
	return c.tellRun(f, plan, result, reached)
}

// byProvider reads values that may be for one provider; "" is for all others.
func byProvider(flag string, values []string) (map[string]string, error) {
	out := map[string]string{}
	for _, v := range values {
		provider, value, ok := strings.Cut(v, "=")
		if !ok || strings.ContainsAny(provider, ":/") {
			provider, value = "", v
		}
		if _, twice := out[provider]; twice {
			return nil, usagef(flag+" PROVIDER="+shellWord(value), "%s is given twice for the same provider", flag)
		}
		out[provider] = value
	}
	return out, nil
}

// scenarioContracts are those that play: of the providers with a target, or of
// the file's.
func (c *console) scenarioContracts(s *scenario.Scenario, name string, targets map[string]string) (all []*contracts.Contract, err error) {
	providers, folder := s.Providers, filepath.Dir(name)
	if _, one := targets[""]; !one && len(targets) > 0 {
		providers, folder = sortedNames(targets), "."
	}
	if len(providers) == 0 {
		return nil, usagef("--to PROVIDER=URL", "the scenario %q names no providers", s.Name)
	}
	for _, provider := range providers {
		if namesFile(provider) && !filepath.IsAbs(provider) {
			provider = filepath.Join(folder, provider)
			if !namesFile(provider) {
				provider = "." + string(filepath.Separator) + provider
			}
		}
		contract, err := c.contract(provider)
		if err != nil {
			return nil, err
		}
		all = append(all, contract)
	}
	return all, nil
}

// runOptions are where deliveries go, with which secrets, and who looks.
func (c *console) runOptions(f *runFlags, all []*contracts.Contract, targets map[string]string) (o scenario.Options, err error) {
	switch {
	case len(targets) == 0:
		return o, usagef("--to "+exampleTarget, "missing: --to URL")
	case f.speed != 0 && !positive(f.speed):
		return o, usagef("--speed 3600", "--speed %g: it is a positive number", f.speed)
	case f.settle < 0:
		return o, usagef("--settle 2s", "--settle %s: it cannot be negative", f.settle)
	}
	secrets, err := byProvider("--secret-env", f.secrets)
	if err != nil {
		return o, err
	}
	o = scenario.Options{Endpoints: map[string]mockserver.Endpoint{}, Speed: f.speed, Settle: f.settle, Unmarked: f.unmarked}
	for _, contract := range all {
		at := func(values map[string]string) string {
			for _, key := range []string{contract.Provider(), contract.File(), ""} {
				if v, ok := values[key]; ok {
					return v
				}
			}
			return ""
		}
		to, names := at(targets), []string{}
		if name := at(secrets); name != "" {
			names = append(names, name)
		}
		if to == "" {
			return o, usagef("--to "+contract.Provider()+"="+exampleTarget, "nobody says where %q delivers", contract.Provider())
		}
		if _, err := target("--to", to); err != nil {
			return o, err
		}
		keys, err := c.signingSecrets(contract, names, to)
		if err != nil {
			return o, err
		}
		c.warnOfRecords(to)
		o.Endpoints[contract.Provider()] = mockserver.Endpoint{URL: to, Secrets: keys}
	}
	o.Oracle, o.State, err = f.oracles.ofScenario()
	return o, err
}

// ofScenario are who counts effects and who shows states, nil where nobody does.
// A URL is asked for effects where the answer can be counted: where its pointer
// ends in /count, or the first of two.
func (o oracles) ofScenario() (effects verifier.Oracle, states verifier.StateOracle, err error) {
	var given verifier.Options
	if err := o.into(&given); err != nil {
		return nil, nil, err
	}
	effects, states = given.Oracle, given.State
	for _, undecided := range given.Oracles {
		url := undecided.(*oracle)
		if effects == nil && (len(given.Oracles) == 2 || strings.HasSuffix(url.pointer, "/count")) {
			effects = counting{url}
			continue
		}
		states = url
	}
	return effects, states, nil
}

// oraclesFrom reads the oracles that requests to a server name. They are asked by
// its rules; it reads no files for whoever asks it.
func oraclesFrom(rules egress.Rules) api.Oracles {
	return func(named []string) (verifier.Oracle, verifier.StateOracle, error) {
		for _, text := range named {
			if strings.HasPrefix(text, "file:") {
				return nil, nil, usagef("hookrig run SCENARIO --oracle 'file:…'", "the server reads no logs: give a URL or header:NAME")
			}
		}
		effects, states, err := oracles(named).ofScenario()
		var wrong *failure
		if errors.As(err, &wrong) { // the flag is not what was asked with
			return nil, nil, usagef(strings.TrimPrefix(wrong.hint, "--oracle "), "%s", strings.TrimPrefix(err.Error(), "--oracle: "))
		}
		client := egress.Client(egress.NewTransport(rules))
		for _, one := range []any{effects, states} {
			switch url := one.(type) {
			case counting:
				url.client = client
			case *oracle:
				url.client = client
			}
		}
		return effects, states, err
	}
}

// counting counts effects by what a URL shows.
type counting struct{ *oracle }

// Effects implements verifier.Oracle.
func (o counting) Effects(ctx context.Context, ev contracts.Event, deliveryID string) (int, error) {
	state, err := o.State(ctx, ev, deliveryID)
	if err != nil {
		return 0, err
	}
	return verifier.CountEffects(state)
}

// printScript prints what a scenario would send.
func (c *console) printScript(p *scenario.Plan) error {
	for i := range p.Events {
		e := &p.Events[i]
		if c.json() {
			c.row(e)
			continue
		}
		note := ""
		if e.Tamper != "" {
			note = "  " + e.Tamper
		}
		if e.Again >= 0 {
			note += "  again"
		}
		c.printf("%d %s  %s  %s %s%s\n", e.Step+1, p.Steps[e.Step].Name, e.Time.Format(time.DateTime), e.Event.Type.Contract().Provider(), c.bold(e.Event.Type.Name()), note)
	}
	return nil
}

// tellRun prints and writes how a run went.
func (c *console) tellRun(f *runFlags, plan *scenario.Plan, result *scenario.Result, reached *reach) error {
	var text strings.Builder
	write := result.Text
	if c.json() {
		write = result.JSON
	}
	if err := write(&text); err != nil {
		return err
	}
	c.printf("%s", text.String())
	if err := f.reports.write(result); err != nil {
		return err
	}
	switch {
	case len(result.Events) > 0 && !reached.connected.Load():
		return unjudged("hookrig listen", fmt.Errorf("nothing answers at %s", f.targets()))
	case result.Verdict == verifier.Fail:
		return errBroken
	case result.Verdict == verifier.Inconclusive:
		hint := ""
		if len(f.oracles) == 0 && len(plan.Events) > 0 {
			hint = verifier.OracleFlag(plan.Events[0].Event.Type)
		}
		return unjudged(hint, fmt.Errorf("not all could be judged: %s", firstUnseen(result)))
	}
	return nil
}

// firstUnseen is why the first expectation that was not judged was not.
func firstUnseen(r *scenario.Result) string {
	all := r.Expectations
	for i := len(r.Steps) - 1; i >= 0; i-- {
		all = slices.Concat(r.Steps[i].Expectations, all)
	}
	for _, e := range all {
		if e.Verdict == verifier.Inconclusive {
			return verifier.Printable(e.Found)
		}
	}
	return "nobody knows why"
}

// targets are the URLs of --to, without credentials.
func (f *runFlags) targets() string {
	all, _ := byProvider("--to", f.to) // it was read before
	var shown []string
	for _, provider := range sortedNames(all) {
		shown = append(shown, mockserver.RedactURL(all[provider]))
	}
	return strings.Join(shown, ", ")
}

// runReports is the flag --report of run.
type runReports []report

var runWriters = map[string]func(*scenario.Result, *os.File) error{
	"json":  func(r *scenario.Result, f *os.File) error { return r.JSON(f) },
	"junit": func(r *scenario.Result, f *os.File) error { return r.JUnit(f) },
	"html":  func(r *scenario.Result, f *os.File) error { return r.HTML(f) },
}

func (r *runReports) Type() string   { return "KIND=FILE,…" }
func (r *runReports) String() string { return (*reports)(r).String() }

func (r *runReports) Set(s string) error {
	for part := range strings.SplitSeq(s, ",") {
		if kind, _, _ := strings.Cut(part, "="); runWriters[kind] == nil {
			return fmt.Errorf("write it like html=run.html,junit=run.xml,json=run.json")
		}
	}
	return (*reports)(r).Set(s)
}

func (r runReports) open() error { return reports(r).open() }
func (r runReports) close()      { reports(r).close() }

func (r runReports) write(found *scenario.Result) error {
	for i := range r {
		one := &r[i]
		one.fresh = false
		_ = one.file.Truncate(0) // a pipe or a terminal has nothing to cut off
		if err := runWriters[one.kind](found, one.file); err != nil {
			return unjudged("df -h "+shellWord(nearestFolder(one.name)), fmt.Errorf("cannot write %q: %w", one.name, cause(err)))
		}
	}
	return nil
}
