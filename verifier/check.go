package verifier

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/signature"
)

// Verdict of a check.
type Verdict string

// The verdicts.
const (
	Pass         Verdict = "pass"
	Warn         Verdict = "warn"
	Fail         Verdict = "fail"
	Skip         Verdict = "skip"         // does not apply; because says why
	Inconclusive Verdict = "inconclusive" // what it would have to see was not observed
)

// Basis says whose rule a check judges by.
type Basis string

// The bases.
const (
	ByContract Basis = "contract" // this provider says so
	ByPractice Basis = "practice" // Standard Webhooks, OWASP, a peer's rule
)

// Severities, from the worst.
const (
	critical = "critical"
	high     = "high"
	medium   = "medium"
	low      = "low"
)

// check is one row of the suite.
type check struct {
	name     string // group/what; stable
	severity string
	basis    Basis
	why      string // why it matters to whoever runs the receiver
	source   string // where the rule comes from
	fix      string
	tier     Tier // "": functional
	hostile  bool // the receiver is asked for a sign of life afterwards
	oracle   bool // nothing can be judged without one that counts effects
	state    bool // nothing can be judged without one that shows states

	// sequence makes what the check sends where that is data: see Sequence.
	sequence func(*session) (*Sequence, error)
	strict   bool // of a sequence: it may not refuse any, and states have to be seen

	// bases are those that it can judge by, as far as the contract decides that;
	// nil: its basis alone.
	bases func(*contracts.Contract, *contracts.EventType) []Basis
	// applies gives the reason why the check is skipped, "" if it applies.
	applies func(*session) string
	// act sends; nil for checks that judge what the others sent.
	act act
	// judge reads the evidence; it is a pure function.
	judge func(*hearing) finding
}

func (c *check) group() string {
	group, _, _ := strings.Cut(c.name, "/")
	return group
}

// judgesBy reports whether the check can judge one of the events by a basis.
func (c *check) judgesBy(b Basis, of *contracts.Contract, scope []*contracts.EventType) bool {
	if c.bases == nil {
		return c.basis == b
	}
	return slices.ContainsFunc(scope, func(t *contracts.EventType) bool { return slices.Contains(c.bases(of, t), b) })
}

func basesOfSuccess(_ *contracts.Contract, t *contracts.EventType) []Basis {
	return []Basis{successRule(t.Policy()).basis}
}

// basesOfTimeout are both where the provider's limit is known: an answer within
// it may still be slower than good practice.
func basesOfTimeout(_ *contracts.Contract, t *contracts.EventType) []Basis {
	if t.Policy().Provenance("timeout").Level == contracts.Assumed {
		return []Basis{ByPractice}
	}
	return []Basis{ByContract, ByPractice}
}

func basesOfTolerance(c *contracts.Contract, _ *contracts.EventType) []Basis {
	if window, _ := toleranceOf(c); window > 0 {
		return []Basis{ByContract}
	}
	return []Basis{ByPractice}
}

// toleranceOf is how far a signed time may be away, 0 where nobody says.
func toleranceOf(c *contracts.Contract) (time.Duration, contracts.Provenance) {
	scheme, from := c.Signature()
	if from.Level == contracts.Assumed {
		return 0, from
	}
	return scheme.Tolerance, from
}

func groups() (out []string) {
	for _, c := range table {
		if !slices.Contains(out, c.group()) {
			out = append(out, c.group())
		}
	}
	return out
}

// finding is what a judge says.
type finding struct {
	verdict  Verdict
	because  string
	expected string
	received string
	basis    Basis                // "": the check's
	from     contracts.Provenance // of the rule, where it is the contract's
	fix      string               // "": the check's
	sequence *Sequence            // that shows it
	proof    []*exchange          // what the finding rests on; nil: all of the check's exchanges
}

// hearing is the evidence for one check.
type hearing struct {
	check     *check
	contract  *contracts.Contract
	scheme    signature.Scheme
	evidence  *Evidence
	own       []*exchange // of this check
	all       []*exchange
	sightings []Sighting // of this check
}

// of are the check's exchanges in a role.
func (h *hearing) of(role string) (out []*exchange) {
	for _, x := range h.own {
		if x.role == role {
			out = append(out, x)
		}
	}
	return out
}

// legitimate are all exchanges of the run in which the receiver got what the
// provider sends.
func (h *hearing) legitimate() (out []*exchange) {
	for _, x := range h.all {
		if x.observed() && (x.role == roleValid || x.role == roleAlive) {
			out = append(out, x)
		}
	}
	return out
}

// hear judges one check, the common questions first.
func hear(h *hearing) finding {
	if reason, ok := h.evidence.Skipped[h.check.name]; ok {
		return finding{verdict: Skip, because: reason}
	}
	if h.check.oracle && !h.evidence.Oracle {
		return finding{verdict: Inconclusive, because: "without an oracle nobody sees what the receiver does", expected: "an oracle", received: noOracle}
	}
	if h.check.state && !h.evidence.State {
		return finding{verdict: Inconclusive, because: "without an oracle that shows states nobody sees what the receiver holds of a record", expected: "an oracle that shows states", received: noOracle}
	}
	for _, s := range h.sightings {
		if s.Error != "" {
			return finding{verdict: Inconclusive, because: s.Error}
		}
	}
	for _, x := range h.own {
		switch {
		case x.role == rolePacing || x.observed():
		case x.delayed() && h.check.act == nil: // it looks at how a receiver asks for time
		case x.delayed():
			return finding{verdict: Inconclusive, because: "the receiver put a delivery off, and did not take it in the time that it was given", expected: "a delivery that is taken when it comes again", received: answer(x.attempt)}
		default:
			return finding{verdict: Inconclusive, because: "a delivery could not be made, and not for a reason of the receiver's: " + detail(x.attempt)}
		}
	}
	gone := h.gone()
	if gone != "" && len(h.own) == 0 {
		return finding{verdict: Inconclusive, because: gone}
	}
	f := h.impatient(h.check.judge(h))
	if f.verdict != Fail {
		if alive := accepted(h, roleAlive); alive.verdict == Fail {
			alive.because = "a valid event was not accepted right after"
			return alive
		}
		if gone != "" { // what an oracle shows is not all that would have been seen
			f = finding{verdict: Inconclusive, because: gone, expected: f.expected, received: f.received}
		}
	}
	return f
}

// gone is why nothing can be said of a check because the receiver went away, ""
// where it was there to the end of it.
func (h *hearing) gone() string {
	if n := len(h.own); n > 0 && (h.own[n-1].attempt == nil || !unreachable(h.own[n-1].attempt)) {
		return ""
	}
	return h.evidence.Gone[h.check.name]
}

// accepted judges that all exchanges of the roles ended as the provider wants.
func accepted(h *hearing, roles ...string) finding {
	var f finding
	var refused []*exchange
	seen := 0
	for _, x := range h.own {
		if !slices.Contains(roles, x.role) {
			continue
		}
		seen++
		rule := successRule(x.policy)
		ok := rule.accepts(x.attempt)
		if seen == 1 || !ok && refused == nil { // what is said is about the first that was refused
			f = finding{expected: rule.String(), received: answer(x.attempt), basis: rule.basis, from: rule.from}
		}
		if !ok {
			refused = append(refused, x)
		}
	}
	switch {
	case seen == 0:
		return nothingSent
	case refused == nil:
		f.verdict, f.because = Pass, "accepted"
	default:
		f.verdict, f.proof = Fail, refused
		f.because = fmt.Sprintf("%d of %s not accepted", len(refused), plural(seen, "valid delivery"))
	}
	return f
}

// nothingSent is for evidence that lacks what a judge has to see.
var nothingSent = finding{verdict: Inconclusive, because: "nothing was sent"}

// onProbe is a judge that looks at one answer.
func onProbe(judge func(*hearing, *exchange) finding) func(*hearing) finding {
	return func(h *hearing) finding {
		probes := h.of(roleProbe)
		if len(probes) == 0 {
			return nothingSent
		}
		f := judge(h, probes[0])
		f.received = answer(probes[0].attempt)
		f.proof = probes[:1]
		return f
	}
}

// noOracle is what a check received that needed an oracle and had none.
const noOracle = "none was given"
