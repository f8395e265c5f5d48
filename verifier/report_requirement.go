package verifier

import (
	"crypto/sha256"
	_ "embed"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hookrig/hookrig/contracts/schema"
)

// Requirement is what the one who asks for a proof wants to see, in a file of
// theirs: the receiver's people run it and cannot change it unnoticed.
type Requirement struct {
	// Digest is the SHA-256 of the file; ReadRequirement sets it.
	Digest   string   `json:"digest,omitempty"`
	Events   []string `json:"events,omitempty"`   // these have to be in the scope, and to meet a check
	Checks   []string `json:"checks,omitempty"`   // names or groups: these have to be judged
	Oracle   bool     `json:"oracle,omitempty"`   // effects have to be seen
	Coverage int      `json:"coverage,omitempty"` // percent, at least
	Waivers  []Waiver `json:"waivers,omitempty"`
}

// Waiver is leave to fail a check.
type Waiver struct {
	Check  string `json:"check"`
	Reason string `json:"reason"`
	Until  string `json:"until"` // the last day, 2006-01-02, in UTC
	// Expired is set in reports: the day was over when the run started.
	Expired bool `json:"expired,omitempty"`
}

// Bound is what a run's seed was made from.
type Bound struct {
	Seed        uint64 `json:"seed"` // as given
	Challenge   string `json:"challenge,omitempty"`
	Requirement string `json:"requirement,omitempty"` // digest
}

// Fulfilment says what became of a Requirement.
type Fulfilment struct {
	Digest  string   `json:"digest"`
	Met     bool     `json:"met"`
	Demands []Demand `json:"demands"`
	Waivers []Waiver `json:"waivers,omitempty"`
}

// Demand is one thing that was required.
type Demand struct {
	What    string `json:"what"`
	Met     bool   `json:"met"`
	Because string `json:"because,omitempty"` // where it is not met
}

// selfRun is in every report: hookrig signs nothing, and says so.
const selfRun = "This run was made, and this report written, by whoever operated the command; nobody else watched. It shows what was sent and what came back. Whoever has to rely on it sends a challenge text of their own and compares the seed, or runs the reproduce commands themselves."

//go:embed requirement.schema.json
var requirementSchema []byte

var requirementRule = sync.OnceValues(func() (*schema.Schema, error) {
	doc, err := schema.Read("requirement.schema.json", requirementSchema, schema.Limits{})
	if err != nil {
		return nil, err
	}
	return schema.Compile(doc, "", schema.Options{})
})

// RequirementSchema is the JSON Schema of requirement files.
func RequirementSchema() []byte { return slices.Clone(requirementSchema) }

// ReadRequirement reads a requirement file, YAML or JSON. Name is used in
// messages. Errors are a *schema.Error with the place, or an
// *UnknownCheckError.
func ReadRequirement(name string, text []byte) (*Requirement, error) {
	doc, err := schema.Read(name, text, schema.Limits{})
	if err != nil {
		return nil, err
	}
	rule, err := requirementRule()
	if err != nil {
		return nil, err
	}
	body, err := json.Marshal(doc.Value())
	if err != nil {
		return nil, err
	}
	if broken := rule.Validate(body); len(broken) > 0 {
		return nil, doc.Errorf(broken[0].Pointer, "%s: expected %s, found %s", broken[0].Rule, broken[0].Expected, broken[0].Found)
	}
	r := new(Requirement)
	if err := json.Unmarshal(body, r); err != nil {
		return nil, doc.Errorf("", "%v", err)
	}
	for i, w := range r.Waivers {
		if _, err := time.Parse(time.DateOnly, w.Until); err != nil {
			return nil, doc.Errorf(fmt.Sprintf("/waivers/%d/until", i), "%q is no day: it is written 2026-12-31", w.Until)
		}
	}
	sum := sha256.Sum256(text)
	r.Digest = hex.EncodeToString(sum[:])
	return r, r.known()
}

// known reports names of checks that do not exist.
func (r *Requirement) known() error {
	names := checkNames()
	for _, w := range r.Waivers {
		if !slices.Contains(names, w.Check) {
			return &UnknownCheckError{Name: w.Check, Nearest: schema.Nearest(w.Check, names)}
		}
	}
	names = append(names, groups()...)
	for _, want := range r.Checks {
		if !slices.Contains(names, want) {
			return &UnknownCheckError{Name: want, Nearest: schema.Nearest(want, names)}
		}
	}
	return nil
}

func checkNames() (names []string) {
	for _, c := range table {
		names = append(names, c.name)
	}
	return names
}

// Bind is the seed of a run that was asked for: the first 53 bits of the SHA-256
// of the given seed (8 bytes, big endian), the requirement's digest and the
// challenge. Whoever asked can compute it. Whoever runs it can try many given seeds,
// and learns the challenge only when it is sent.
func Bind(seed uint64, requirement, challenge string) uint64 {
	text := binary.BigEndian.AppendUint64(nil, seed)
	sum := sha256.Sum256(append(text, requirement+"\n"+challenge...))
	return binary.BigEndian.Uint64(sum[:]) >> 11 // 53 bits: a JSON number keeps them
}

// bind makes the seed, and the scope where it is not given.
func (o *Options) bind() error {
	digest := ""
	if o.Require != nil {
		if err := o.Require.known(); err != nil {
			return err
		}
		digest = o.Require.digest()
		if len(o.Events) == 0 {
			o.Events = o.Require.Events
		}
	}
	if digest == "" && o.Challenge == "" {
		return nil
	}
	o.bound = &Bound{Seed: o.Seed, Challenge: o.Challenge, Requirement: digest}
	o.Seed = Bind(o.Seed, digest, o.Challenge)
	return nil
}

// digest is that of the file, or of a requirement that was made in Go.
func (r *Requirement) digest() string {
	if r.Digest != "" {
		return r.Digest
	}
	text, err := json.Marshal(r)
	if err != nil { // strings and numbers
		panic("verifier: " + err.Error())
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// DemandError: a run could not meet what was required, so that it is not made.
// One of the first two is set, or an oracle is wanting.
type DemandError struct {
	Event string // that is not in the scope
	Check string // that is left out
	Hint  string // how to give an oracle
}

// Error says what is wanting.
func (e *DemandError) Error() string {
	switch {
	case e.Event != "":
		return fmt.Sprintf("the requirement asks for the event %q, which is not in the scope", e.Event)
	case e.Check != "":
		return fmt.Sprintf("the requirement asks for the check %q, which is left out of this run", e.Check)
	}
	return "the requirement asks for an oracle, and none is given"
}

// scopeNames are the events of a run.
func (o *Options) scopeNames() (out []string) {
	for _, t := range o.Contract.EventTypes() {
		if len(o.Events) == 0 || slices.Contains(o.Events, t.Name()) {
			out = append(out, t.Name())
		}
	}
	return out
}

// admits refuses a run that could not meet the requirement, before anything is
// sent.
func (r *Requirement) admits(o *Options, planned []*check) error {
	if r == nil {
		return nil
	}
	for _, name := range r.Events {
		if _, err := o.Contract.EventType(name); err != nil {
			return fmt.Errorf("the requirement: %w", err)
		}
		if len(o.Events) > 0 && !slices.Contains(o.Events, name) {
			return &DemandError{Event: name}
		}
	}
	for _, want := range r.Checks {
		for _, c := range table {
			if c.named(want) && !slices.Contains(planned, c) && (o.allows(c.tier) || want == c.name) {
				return &DemandError{Check: c.name}
			}
		}
	}
	if r.Oracle && len(o.oracles()) == 0 {
		return &DemandError{Hint: oracleHint(o.Contract, &Evidence{ContractArg: o.ContractArg, Scope: o.scopeNames()})}
	}
	return nil
}

// named reports whether a name is the check's or its group's.
func (c *check) named(name string) bool { return name == c.name || name == c.group() }

// answerTo says what became of what was required, and lets waived failures go.
func (r *Report) answerTo(e *Evidence) {
	r.Bound = e.Bound
	if e.Require == nil {
		return
	}
	f := &Fulfilment{Digest: e.Require.digest(), Met: true, Demands: []Demand{}}
	day, _, _ := strings.Cut(r.Started, "T")
	for _, w := range e.Require.Waivers {
		w.Expired = day > w.Until
		f.Waivers = append(f.Waivers, w)
		i := slices.IndexFunc(r.Checks, func(c Result) bool { return c.Name == w.Check })
		if i < 0 || r.Checks[i].Waiver != nil && !r.Checks[i].Waiver.Expired {
			continue
		}
		r.Checks[i].Waiver = &w
		if r.Checks[i].Verdict == Fail && !w.Expired {
			r.Counts.Waived++
		}
	}
	for _, d := range e.Require.demands(r) {
		f.Demands = append(f.Demands, d)
		f.Met = f.Met && d.Met
	}
	r.Requirement = f
}

// demands are the parts of a requirement and what became of them.
func (r *Requirement) demands(report *Report) (out []Demand) {
	demand := func(what, lacks string) {
		out = append(out, Demand{What: what, Met: lacks == "", Because: lacks})
	}
	for _, name := range r.Events {
		i := slices.IndexFunc(report.Coverage.Matrix, func(row CoverageRow) bool { return row.Event == name })
		lacks := "no check that was judged met it"
		if i >= 0 && report.Coverage.Matrix[i].judged() {
			lacks = ""
		}
		demand("event "+name, lacks)
	}
	for _, want := range r.Checks {
		demand("checks "+want, report.openAmong(want))
	}
	if r.Oracle {
		lacks := ""
		switch {
		case report.Oracle:
		case report.OraclesUnasked > 0:
			lacks = "it was given, and not asked, because valid events are refused"
		case report.State:
			lacks = "the one that was given shows states, and counts no effects"
		default:
			lacks = noOracle
		}
		demand("an oracle", lacks)
	}
	if r.Coverage > 0 {
		lacks := ""
		if report.Coverage.Percent < r.Coverage {
			lacks = fmt.Sprintf("it is %d%%", report.Coverage.Percent)
		}
		demand(fmt.Sprintf("a coverage of %d%%", r.Coverage), lacks)
	}
	return out
}

// openAmong names the checks of a name or group that should have been judged
// and were not, the waived ones apart. What is not possible where the receiver is
// was asked for only where it is named itself.
func (r *Report) openAmong(want string) string {
	var open []string
	for _, o := range r.Coverage.Open {
		group, _, _ := strings.Cut(o.Check, "/")
		if o.State == stateInapplicable || o.State == stateElsewhere && want != o.Check || want != o.Check && want != group {
			continue
		}
		i := slices.IndexFunc(r.Checks, func(c Result) bool { return c.Name == o.Check })
		if i >= 0 && r.Checks[i].Waiver != nil && !r.Checks[i].Waiver.Expired {
			continue
		}
		open = append(open, o.Check+" "+o.State)
	}
	return strings.Join(open, ", ")
}
