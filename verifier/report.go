package verifier

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"

	"github.com/hookrig/hookrig/contracts"
)

// Verdicts of a whole run.
const (
	Conformant    = "conformant"     // no check failed
	NotConformant = "not conformant" // at least one did
	Undecided     = "inconclusive"   // the baseline was not judged, or its failure is waived
)

// Report is what a run found. It is a function of the evidence: the same
// evidence makes the same report.
type Report struct {
	Provider string   `json:"provider"`
	Contract string   `json:"contract"` // digest of the document
	Target   string   `json:"target"`   // without credentials
	Verdict  string   `json:"verdict"`
	Seed     uint64   `json:"seed"`
	Scope    []string `json:"scope"`    // events
	Selected bool     `json:"selected"` // the scope was chosen; false: all events of the contract
	Checks   []Result `json:"checks"`
	Counts   Counts   `json:"counts"`
	// OracleHint says how to give an oracle, where checks stayed open for want
	// of one.
	OracleHint string `json:"oracleHint,omitempty"`

	// Oracle says whether effects were seen, State whether states were.
	Oracle bool `json:"oracle"`
	State  bool `json:"state"`
	// OraclesUnasked is how many oracles were given and not asked, because valid
	// events were refused: nobody knows what they show.
	OraclesUnasked int `json:"oraclesUnasked,omitempty"`
	// SettledMS is for how many milliseconds effects were waited for, where nobody
	// had said it and they come after the answers.
	SettledMS float64 `json:"settledMs,omitempty"`
	// FoundWith is the digest of the contract that the sequences were found with,
	// where they were given and it is another one.
	FoundWith string `json:"foundWith,omitempty"`
	// FailOn is the least severity of which a failure counts in the verdict.
	FailOn string `json:"failOn"`
	// Tiers are the kinds of checks that were allowed.
	Tiers []Tier `json:"tiers"`
	// Budget says what was planned, run and left out, where there was one.
	Budget *Budget `json:"budget,omitempty"`

	Started    string     `json:"started,omitempty"` // of the first attempt, UTC (RFC 3339)
	DurationMS float64    `json:"durationMs"`        // to the last answer
	Latency    Latency    `json:"latency"`
	Coverage   Coverage   `json:"coverage"`
	Deliveries []Delivery `json:"deliveries"` // all, in the order in which they were queued
	// Bound says what the seed was made from, where somebody asked for the run.
	Bound *Bound `json:"bound,omitempty"`
	// Requirement says whether what was asked for was seen.
	Requirement *Fulfilment `json:"requirement,omitempty"`
	SelfRun     string      `json:"selfRun"` // who made the report, and what that means
}

// Counts of verdicts, and of findings (warnings and failures) by basis.
type Counts struct {
	Pass             int `json:"pass"`
	Warn             int `json:"warn"`
	Fail             int `json:"fail"`
	Skip             int `json:"skip"`
	Inconclusive     int `json:"inconclusive"`
	ContractFindings int `json:"contractFindings"`
	PracticeFindings int `json:"practiceFindings"`
	Waived           int `json:"waived"` // of the failures: those that do not count in the verdict
}

// Result is one check's outcome.
type Result struct {
	Name     string  `json:"name"` // group/what
	Group    string  `json:"group"`
	Severity string  `json:"severity"` // critical, high, medium, low
	Tier     Tier    `json:"tier"`
	Verdict  Verdict `json:"verdict"`
	Because  string  `json:"because"` // what was seen
	Why      string  `json:"why"`     // why it matters to whoever runs the receiver
	Basis    Basis   `json:"basis"`
	// Provenance of the contract's rule, where it judged, or where it is only
	// assumed, so that practice did.
	Provenance contracts.Provenance `json:"provenance,omitzero"`
	Source     string               `json:"source"` // of the rule
	Expected   string               `json:"expected"`
	Received   string               `json:"received"`
	Answer     string               `json:"answer,omitempty"` // of findings: the first line of the body that came, our secrets hidden
	Fix        string               `json:"fix,omitempty"`
	Reproduce  string               `json:"reproduce"`      // a hookrig command, or the Go options that repeat it; of findings
	Curl       string               `json:"curl,omitempty"` // the deciding request, signature redacted
	Deliveries []string             `json:"deliveries,omitempty"`
	Exchanges  []Exchange           `json:"exchanges,omitempty"` // of findings: the first that they rest on
	// Waiver is the requester's leave to fail, where there is one.
	Waiver *Waiver `json:"waiver,omitempty"`
	// Sequence is what shows the failure, of checks that send many deliveries.
	Sequence *Sequence `json:"sequence,omitempty"`
}

// Checks lists the suite: every check with its texts and no verdict.
func Checks() []Result {
	out := make([]Result, len(table))
	for i, c := range table {
		out[i] = c.result()
	}
	return out
}

func (c *check) result() Result {
	return Result{Name: c.name, Group: c.group(), Severity: c.severity, Tier: c.tier.orFunctional(), Why: c.why, Basis: c.basis, Source: c.source, Fix: c.fix}
}

// Rejudge judges evidence that was collected before. It sends nothing. The
// error means that the evidence is not of this contract.
func Rejudge(c *contracts.Contract, e *Evidence) (*Report, error) {
	if e.Contract != c.Digest() {
		return nil, fmt.Errorf("the evidence was collected with another version of the %s contract", c.Provider())
	}
	e = e.respelled()
	all, err := fold(c, e)
	if err != nil {
		return nil, err
	}
	r := &Report{Provider: c.Provider(), Contract: c.Digest(), Target: e.Target, Seed: e.Seed, Scope: e.Scope, Selected: e.Selected, Oracle: e.Oracle, State: e.State, OraclesUnasked: e.Unasked, Tiers: e.Tiers, Budget: e.budget(), FailOn: cmp.Or(e.FailOn, low), SettledMS: milliseconds(e.Settled), FoundWith: e.FoundWith, Checks: []Result{}, SelfRun: selfRun}
	r.traffic(c, all)
	coverage := newCovering(e)
	scheme, _ := c.Signature()
	for _, row := range table {
		if !slices.Contains(e.Planned, row.name) {
			continue
		}
		h := &hearing{check: row, contract: c, scheme: scheme, evidence: e, all: all}
		for _, x := range all {
			if x.check == row.name && x.role != rolePutOff {
				h.own = append(h.own, x)
			}
		}
		for _, s := range e.Sightings {
			if s.Check == row.name {
				h.sightings = append(h.sightings, s)
			}
		}
		f := hearRounds(h, coverage)
		r.add(h, f)
	}
	r.Coverage = coverage.of(r.Checks)
	r.answerTo(e)
	r.Verdict = r.decide()
	if r.blind() > 0 {
		r.OracleHint = oracleHint(c, e)
	}
	return r, nil
}

func (r *Report) add(h *hearing, f finding) {
	out := h.check.result()
	out.Verdict, out.Because, out.Expected, out.Received, out.Provenance = f.verdict, f.because, f.expected, f.received, f.from
	out.Sequence = f.sequence
	out.Fix = cmp.Or(f.fix, out.Fix)
	if f.basis != "" {
		out.Basis = f.basis
	}
	if out.Basis == ByPractice && f.from.Level != contracts.Assumed { // another rule has judged than the provider's
		out.Provenance = contracts.Provenance{}
	}
	proof := f.proof
	if proof == nil {
		proof = h.own
	}
	seen := map[string]bool{}
	for _, x := range proof {
		if !seen[x.delivery] {
			seen[x.delivery] = true
			out.Deliveries = append(out.Deliveries, x.delivery)
		}
	}
	switch f.verdict {
	case Fail, Warn:
		out.Reproduce = h.reproduce(proof)
		if len(f.proof) > 0 {
			out.Answer = excerpt(f.proof[0].attempt)
		}
		out.Exchanges = exchangesOf(proof)
		switch n := len(proof); {
		case n == 0 || f.sequence != nil: // no single request shows it
		case f.proof != nil:
			out.Curl = h.curl(proof[0]) // whose answer is told
		default:
			out.Curl = h.curl(proof[n-1])
		}
		if out.Basis == ByContract {
			r.Counts.ContractFindings++
		} else {
			r.Counts.PracticeFindings++
		}
	default:
		out.Fix = ""
	}
	out.inItsWords(h.scheme)
	r.Counts.add(f.verdict)
	r.Checks = append(r.Checks, out)
}

func (c *Counts) add(v Verdict) {
	switch v {
	case Pass:
		c.Pass++
	case Warn:
		c.Warn++
	case Fail:
		c.Fail++
	case Skip:
		c.Skip++
	case Inconclusive:
		c.Inconclusive++
	}
}

func (r *Report) decide() string {
	i := slices.IndexFunc(r.Checks, func(c Result) bool { return c.Name == baseline })
	switch {
	case i < 0, r.Checks[i].Verdict == Inconclusive:
		return Undecided
	case slices.ContainsFunc(r.Checks, r.decides):
		return NotConformant
	case r.Checks[i].Verdict == Fail && r.Checks[i].waived(): // next to nothing was sent
		return Undecided
	}
	return Conformant
}

// decides reports whether a check's failure makes the receiver not conformant.
func (r *Report) decides(c Result) bool {
	return c.Verdict == Fail && !c.waived() && slices.Index(severities, c.Severity) <= slices.Index(severities, r.FailOn)
}

// reproduce is the command, or the options of Run, that repeat the check with
// the same events.
func (h *hearing) reproduce(proof []*exchange) string {
	var only []string
	switch {
	case h.check.name == baseline:
	case h.check.act != nil:
		only = []string{h.check.name}
	default: // it looks at what another one sent
		if only = []string{h.check.name}; len(proof) > 0 && proof[0].check != baseline {
			only = []string{proof[0].check, h.check.name}
		}
	}
	if h.evidence.ContractArg == "" {
		return h.reproduceInGo(only, h.events(proof))
	}
	if h.evidence.Given { // their file says it all
		return h.reproduceByCommand(nil, nil)
	}
	return h.reproduceByCommand(only, h.events(proof))
}

func (h *hearing) reproduceInGo(only, events []string) string {
	out := fmt.Sprintf("verifier.Options{Seed: %d", h.evidence.Seed)
	if len(only) > 0 {
		out += fmt.Sprintf(", Only: %#v", only)
	}
	if len(events) > 0 {
		out += fmt.Sprintf(", Events: %#v", events)
	}
	return out + "}"
}

func (h *hearing) reproduceByCommand(only, events []string) string {
	parts := []string{"hookrig verify", quoteShell(h.evidence.ContractArg), "--to", quoteShell(h.evidence.Target), "--seed", fmt.Sprint(h.evidence.Seed)}
	if len(only) > 0 {
		parts = append(parts, "--only", strings.Join(only, ","))
	}
	if len(events) > 0 {
		parts = append(parts, "--event", quoteShell(strings.Join(events, ",")))
	}
	if h.evidence.Proven {
		parts = append(parts, "--secret-env", cmp.Or(h.evidence.SecretEnv, "HOOKRIG_SECRET"))
	}
	if h.evidence.ExtraArgs != "" {
		parts = append(parts, h.evidence.ExtraArgs)
	}
	if h.evidence.Settled > 0 {
		parts = append(parts, "--settle", h.evidence.Settled.String())
	}
	return strings.Join(parts, " ")
}

// events are those that the command has to name: a check sends the first event of
// its scope that it can use, or the one that its round is about, and the number of
// the event follows from the check's name alone. A scope of these sends the same
// bytes.
func (h *hearing) events(proof []*exchange) []string {
	var out []string
	for _, x := range proof {
		if !slices.Contains(out, x.event) {
			out = append(out, x.event)
		}
	}
	if h.check.name == eachEvent && len(out) > 10 {
		return nil
	}
	if h.check.sequence != nil { // it is made from the whole scope
		out = nil
	}
	if len(out) == 0 && h.evidence.Selected {
		return h.evidence.Scope
	}
	return out
}

// curlBody is the longest body that is shown on a command line.
const curlBody = 2000

// curl is the request as a command; what was secret in it is a variable.
func (h *hearing) curl(x *exchange) string {
	a := x.attempt
	if a == nil || a.Request.Method == "" {
		return ""
	}
	parts := []string{"curl -i -X", a.Request.Method, quoteShell(a.Request.URL)}
	for i, name := range sortedHeader(a.Request.Header) {
		if name == "User-Agent" {
			continue
		}
		if i == shownHeaders {
			return strings.Join(parts, " ") + fmt.Sprintf(" # and %d headers more, which the command that reproduces it sends", len(a.Request.Header)-i)
		}
		for _, v := range a.Request.Header[name] {
			header := name + ": " + v
			if v == "" {
				header = name + ";" // curl would leave it out else
			}
			parts = append(parts, "-H", quoteShell(header))
		}
	}
	switch {
	case len(x.body) == 0:
	case len(x.body) > curlBody:
		parts = append(parts, fmt.Sprintf("--data-binary @body # %d bytes, which the command that reproduces it sends", len(x.body)))
	case Printable(string(x.body)) != string(x.body):
		parts = append([]string{"printf %s", base64.StdEncoding.EncodeToString(x.body), "| base64 -d |"}, append(parts, "--data-binary @-")...)
	default:
		parts = append(parts, "--data-binary", quoteShell(string(x.body)))
	}
	return strings.Join(parts, " ")
}

// quoteShell quotes for a POSIX shell where that is needed.
func quoteShell(s string) string {
	if s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:,=@%+") == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
