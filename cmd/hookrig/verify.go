package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/hookrig/hookrig/contracts/signature"
	"github.com/hookrig/hookrig/verifier"
	"github.com/spf13/cobra"
)

// verifyFlags are the flags of "hookrig verify".
type verifyFlags struct {
	to         string
	secrets    []string
	events     list
	only, skip list
	basis      choice
	failOn     choice
	seed       uint64
	at         instant
	oracles    oracles
	against    string
	budget     time.Duration
	hostile    bool
	stress     bool
	prove      bool
	settle     time.Duration
	plan       bool
	strict     bool
	reports    reports
	sequences  sequenceFlags
	require    string // file
	challenge  string
	coverage   int // percent, at least
}

// planRow is the row of "hookrig verify --plan".
type planRow struct {
	Type     string `json:"type"` // "plan"
	Provider string `json:"provider"`
	*verifier.Outline
	Checks     []string                `json:"checks"`
	Details    []verifier.PlannedCheck `json:"details"`
	WaitsMS    int64                   `json:"waitsMs"`
	ExpectedMS int64                   `json:"expectedMs"`
}

func (c *console) verifyCommand() *cobra.Command {
	f := verifyFlags{
		basis:  choice{"", []string{string(verifier.ByContract), string(verifier.ByPractice)}},
		failOn: choice{"low", []string{"critical", "high", "medium", "low"}},
	}
	cmd := &cobra.Command{
		Use:   "verify PROVIDER --to URL",
		Short: "Judge a receiver: which promises does it honour?",
		Long: `Sends a receiver what the provider would send, and what it would not, and judges
the answers. Each failed check says what was expected and seen, whose rule it
is and how well founded, and the command that repeats it. --event scopes the run
to what the receiver handles.

What a delivery did can only be judged with an oracle, which is tried before
anything is sent. {/pointer} in it is a value of the body, {id} the delivery's id.

  http://…#/pointer      a URL that answers in JSON; at the pointer stands the
                         number of effects, the list to count, or a state, such
                         as an order; 404 means none
  file:LOG?line=TEXT     the lines of a log that hold a text;
  file:LOG?match=REGEXP  or that match a regular expression
  header:NAME            a header of the receiver's own answers: the number of
                         effects of a delivery, or true or false;
  header:NAME=VALUE      or the value that tells an effect

Given twice, one shows effects and the other a URL's state, which the checks of
the order of events need.

Every run is functional: what anybody's receiver has to bear. --hostile and
--stress add what could bring one down. Off this machine they need a proof that
you control the host: --prove says where to put it.`,
		Example: `  hookrig verify shoptet --to http://localhost:8080/hooks --secret-env SHOPTET_SECRET
  hookrig verify shoptet --to http://localhost:8080/hooks --secret-env SHOPTET_SECRET --event order:create,order:update
  hookrig verify shoptet --to http://localhost:8080/hooks --secret-env SHOPTET_SECRET --oracle 'http://localhost:8080/orders?code={/eventInstance}#/orders' --settle 2s
  hookrig verify shoptet --to http://localhost:8080/hooks --secret-env SHOPTET_SECRET --oracle 'http://localhost:8080/orders?code={/eventInstance}#/orders' --reproduce found.jsonl
  hookrig verify sellercenter --to https://staging.example.com/hooks --report html=verify.html,junit=verify.xml
  hookrig verify sellercenter --to https://staging.example.com/hooks --require wanted.yaml --challenge 'of 12 May' --report html=proof.html`,
		Args:              exactly("PROVIDER"),
		ValidArgsFunction: c.completeProvider,
		RunE: func(cmd *cobra.Command, args []string) error {
			if !cmd.Flags().Changed("seed") {
				f.seed = c.freshSeed()
			}
			return c.verify(cmd.Context(), &f, args[0])
		},
	}
	f.add(cmd)
	completeFlags(cmd, map[string]completion{
		"event": c.completeEventFlag, "only": c.completeChecks, "skip": c.completeChecks, "basis": words(f.basis.allowed...), "fail-on": words(f.failOn.allowed...),
	})
	return cmd
}

func (f *verifyFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.to, "to", "", "the receiver, as registered with the provider: `URL`")
	secretFlag(cmd, &f.secrets)
	flags.Var(&f.events, "event", "only these events")
	flags.Var(&f.only, "only", "only these checks or groups of checks")
	flags.Var(&f.skip, "skip", "all checks but these")
	flags.Var(&f.basis, "basis", "only checks that can judge by the contract's rules, or by good practice")
	flags.Var(&f.failOn, "fail-on", "exit with 1 at a failure of this severity or a worse one")
	flags.Uint64Var(&f.seed, "seed", 0, "of the events (default: another one each time, which is printed)")
	flags.Var(&f.at, "at", "the moment that the events are about (default: a fixed one)")
	flags.Var(&f.oracles, "oracle", "what shows effects or states: URL#/pointer, file:LOG?line=TEXT, header:NAME; once for each")
	flags.DurationVar(&f.settle, "settle", 0, "how long effects may take to appear")
	flags.DurationVar(&f.budget, "budget", 0, "how long the run may take: the most severe checks come first, and the rest is left out (default: no limit)")
	flags.StringVar(&f.against, "against", "", "also try what another version of the contract changes: `FILE`")
	flags.BoolVar(&f.hostile, "hostile", false, "also send what could bring a receiver down: huge and deep bodies, bombs, floods of headers, two lengths")
	flags.BoolVar(&f.stress, "stress", false, "also load the receiver: bursts, storms of retries, many events in a row")
	flags.BoolVar(&f.prove, "prove", false, "say how to prove that you control the receiver's host, and send nothing")
	flags.BoolVar(&f.plan, "plan", false, "say what would be sent, and send nothing")
	flags.BoolVar(&f.strict, "strict", false, "exit with 3 where a check was not judged")
	flags.Var(&f.reports, "report", "write reports: html=FILE,junit=FILE,json=FILE, and sequence=FILE for --reproduce")
	f.sequences.add(cmd)
	flags.StringVar(&f.require, "require", "", "what somebody asked to see: `FILE` of theirs with events, checks, oracle, coverage and waivers")
	flags.StringVar(&f.challenge, "challenge", "", "a `TEXT` of theirs that the seed is made from, so that the run is not an old one")
	flags.IntVar(&f.coverage, "min-coverage", 0, "exit with 3 where less was judged: `PERCENT` of the events and of the checks")
}

// freshSeed is short enough to be typed.
func (c *console) freshSeed() uint64 { return uint64(c.now().UnixNano()) % 1_000_000_000 }

func (c *console) completeChecks(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	var out []cobra.Completion
	for _, check := range verifier.Checks() {
		out = append(out, cobra.CompletionWithDesc(check.Name, check.Why))
	}
	return out, cobra.ShellCompDirectiveNoFileComp
}

func (c *console) verify(ctx context.Context, f *verifyFlags, provider string) error {
	if f.prove {
		return c.prove(f.to)
	}
	o, err := c.verifyOptions(f, provider)
	if err != nil {
		return err
	}
	if f.plan {
		return c.printPlan(ctx, f, o)
	}
	// Files that cannot be written should be known before the receiver is
	// bothered.
	if err := f.reports.open(); err != nil {
		return err
	}
	defer f.reports.close()
	c.warnOfRecords(f.to)
	c.busy.Store(true)
	report, err := verifier.Run(ctx, o)
	c.clearProgress()
	if err != nil {
		return f.advised(o, err)
	}
	if err := f.reports.write(report); err != nil {
		return err
	}
	if c.json() {
		c.row(report)
	} else if err := report.Text(c.out, c.color); err != nil {
		return err
	}
	return f.outcome(report)
}

// outcome is the error that stands for a report's exit code.
func (f *verifyFlags) outcome(report *verifier.Report) error {
	n := report.Counts.Inconclusive
	if report.Budget != nil {
		n += len(report.Budget.LeftOut)
	}
	switch {
	case report.Verdict == verifier.NotConformant:
		return errBroken
	case report.Verdict != verifier.Conformant:
		return unjudged("", fmt.Errorf("nothing could be judged: %s", firstReason(report)))
	case f.sequences.unanswered(report) != nil:
		return f.sequences.unanswered(report)
	case f.strict && n > 0:
		return unjudged(report.OracleHint, fmt.Errorf("%s not judged: %s", plural(n, "check"), firstReason(report)))
	case report.Requirement != nil && !report.Requirement.Met:
		return unjudged(report.OracleHint, fmt.Errorf("what %q asks for was not all seen: %s", f.require, firstDemand(report.Requirement)))
	case report.Coverage.Percent < f.coverage:
		return unjudged(report.OracleHint, fmt.Errorf("the coverage is %d%%, and --min-coverage asks for %d%%: %s", report.Coverage.Percent, f.coverage, plural(len(report.Coverage.Open), "check")+" not judged"))
	}
	return nil
}

// firstReason is why the run is inconclusive, or not all of it was judged.
func firstReason(r *verifier.Report) string {
	for _, check := range r.Checks {
		if check.Verdict == verifier.Inconclusive || check.Verdict == verifier.Fail && r.Verdict == verifier.Undecided {
			return check.Because
		}
	}
	if r.Budget != nil && len(r.Budget.LeftOut) > 0 {
		return fmt.Sprintf("the budget had no room for %s", r.Budget.LeftOut[0])
	}
	return r.Verdict
}

// firstDemand is what was missing first.
func firstDemand(f *verifier.Fulfilment) string {
	for _, d := range f.Demands {
		if !d.Met {
			return d.What + ": " + d.Because
		}
	}
	return ""
}

// readRequirement reads the file of --require, if there is one.
func (c *console) readRequirement(name string) (*verifier.Requirement, error) {
	if name == "" {
		return nil, nil
	}
	text, err := c.readInput(name)
	if err != nil {
		return nil, err
	}
	return verifier.ReadRequirement(filepath.ToSlash(name), text)
}

func (c *console) verifyOptions(f *verifyFlags, provider string) (verifier.Options, error) {
	o := verifier.Options{
		Events: f.events, Only: f.only, Skip: f.skip, Basis: verifier.Basis(f.basis.value), Seed: f.seed,
		At: f.at.or(f.at.Time, c.now), Settle: f.settle, URL: f.to, ContractArg: provider, Progress: c.progress,
	}
	var err error
	if o.Contract, err = c.contract(provider); err != nil {
		return o, err
	}
	for _, name := range f.events {
		if _, err := o.Contract.EventType(name); err != nil {
			return o, err
		}
	}
	if f.to == "" && !f.plan {
		return o, usagef("--to "+exampleTarget, "missing: --to URL")
	}
	if f.coverage < 0 || f.coverage > 100 {
		return o, usagef("--min-coverage 90", "--min-coverage %d: it is a percentage", f.coverage)
	}
	if o.Require, err = c.readRequirement(f.require); err != nil {
		return o, err
	}
	o.Challenge = f.challenge
	if f.settle < 0 {
		return o, usagef("--settle 2s", "--settle %s: it cannot be negative", f.settle)
	}
	switch {
	case f.plan && len(f.secrets) == 0:
		o.Secrets = []signature.Secret{signature.NewSecret("nothing:sent")} // a plan signs nothing
	default:
		if o.Secrets, err = c.signingSecrets(o.Contract, f.secrets, f.to); err != nil {
			return o, err
		}
	}
	if len(f.secrets) > 0 {
		o.SecretEnv = f.secrets[0]
	}
	if err := f.oracles.into(&o); err != nil {
		return o, err
	}
	if f.budget < 0 {
		return o, usagef("--budget 60s", "--budget %s: it cannot be negative", f.budget)
	}
	o.FailOn = f.failOn.value
	o.Budget, o.Hostile, o.Stress = f.budget, f.hostile, f.stress
	if !f.plan && (f.hostile || f.stress) {
		if err := c.control(&o); err != nil {
			return o, err
		}
	}
	if f.against != "" {
		if o.Against, err = c.contract(f.against); err != nil {
			return o, err
		}
	}
	if err := f.sequences.into(c, &o); err != nil {
		return o, err
	}
	o.ExtraArgs = f.extraArgs()
	return o, nil
}

// extraArgs are the flags that a command needs to repeat a check of this run.
func (f *verifyFlags) extraArgs() string {
	var args []string
	if !f.at.IsZero() {
		args = append(args, "--at "+f.at.String())
	}
	for _, oracle := range f.oracles {
		if !secretive([]string{oracle}) { // credentials are not repeated
			args = append(args, "--oracle "+shellWord(oracle))
		}
	}
	if f.against != "" {
		args = append(args, "--against "+shellWord(f.against))
	}
	if f.hostile {
		args = append(args, "--hostile")
	}
	if f.stress {
		args = append(args, "--stress")
	}
	if f.sequences.reproduce != "" {
		args = append(args, "--reproduce "+shellWord(f.sequences.reproduce))
	}
	if f.sequences.restart != "" {
		args = append(args, "--restart-command "+shellWord(f.sequences.restart))
	}
	if f.settle > 0 {
		args = append(args, "--settle "+f.settle.String())
	}
	return strings.Join(args, " ")
}

func (c *console) printPlan(ctx context.Context, f *verifyFlags, o verifier.Options) error {
	plan, err := verifier.Plan(ctx, o)
	if err != nil {
		return f.advised(o, err)
	}
	if c.json() {
		row := planRow{Type: "plan", Provider: o.Contract.Provider(), Outline: plan, ExpectedMS: plan.Expected().Milliseconds(), WaitsMS: plan.Waits.Milliseconds(), Details: plan.Checks}
		for _, check := range plan.Checks {
			row.Checks = append(row.Checks, check.Name)
		}
		c.row(row)
		return nil
	}
	c.tellPlan(o, plan)
	return nil
}

// progress tells people how far a run is, and nobody else.
func (c *console) progress(done, total int, check string) {
	if isTerminal(c.notes) {
		fmt.Fprintf(c.notes, "\r\x1b[K%d/%d %s", done, total, check)
	}
}

func (c *console) clearProgress() {
	if isTerminal(c.notes) {
		fmt.Fprint(c.notes, "\r\x1b[K")
	}
}
