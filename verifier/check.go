package verifier

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/signature"
	"github.com/hookrig/hookrig/mockserver"
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
	hostile  bool // the receiver is asked for a sign of life afterwards
	needs    need // what a verdict cannot do without

	// applies gives the reason why the check is skipped, "" if it applies.
	applies func(*session) string
	// act sends; nil for checks that judge what the others sent.
	act func(context.Context, *session) error
	// judge reads the evidence; it is a pure function.
	judge func(*hearing) finding
}

// need is what a check cannot be judged without.
type need int

const (
	needsNothing need = iota
	needsOracle
)

func (c *check) group() string {
	group, _, _ := strings.Cut(c.name, "/")
	return group
}

func groups() (out []string) {
	for _, c := range table {
		if !contains(out, c.group()) {
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
		if x.role == roleValid || x.role == roleAlive {
			out = append(out, x)
		}
	}
	return out
}

// fault is our own: then nothing was observed.
func ours(list []*exchange) *mockserver.Attempt {
	for _, x := range list {
		if a := x.last(); a == nil || a.Ours {
			return a
		}
	}
	return nil
}

// hear judges one check, the common questions first.
func hear(h *hearing) finding {
	if reason, ok := h.evidence.Skipped[h.check.name]; ok {
		return finding{verdict: Skip, because: reason}
	}
	if h.check.needs == needsOracle && !h.evidence.Oracle {
		return finding{verdict: Inconclusive, because: "without an oracle nobody sees what the receiver does", expected: "an oracle", received: noOracle}
	}
	if h.check.act != nil && len(h.own) == 0 {
		for _, s := range h.sightings {
			if s.Error != "" {
				return finding{verdict: Inconclusive, because: s.Error}
			}
		}
		return finding{verdict: Inconclusive, because: "nothing was sent"}
	}
	for _, x := range h.own {
		if a := x.last(); a == nil || a.Ours {
			return finding{verdict: Inconclusive, because: "a delivery could not be made, and not for a reason of the receiver's: " + detail(a)}
		}
	}
	f := h.check.judge(h)
	if f.verdict != Fail {
		for _, x := range h.of(roleAlive) {
			if r := successRule(x.policy); !r.accepts(x.last()) {
				return finding{
					verdict: Fail, because: "a valid event was refused right after", expected: r.String(), received: answer(x.last()),
					basis: r.basis, from: r.from, proof: h.of(roleAlive),
				}
			}
		}
	}
	return f
}

// accepted judges that all exchanges of the roles ended as the provider wants.
func accepted(h *hearing, roles ...string) finding {
	var refused []*exchange
	var r rule
	for _, x := range h.own {
		if !slices.Contains(roles, x.role) {
			continue
		}
		xr := successRule(x.policy)
		if r.basis == "" {
			r = xr
		}
		if !xr.accepts(x.last()) {
			refused = append(refused, x)
			r = xr
		}
	}
	f := finding{verdict: Pass, because: "accepted", expected: r.String(), basis: r.basis, from: r.from}
	if len(refused) > 0 {
		f.verdict, f.proof = Fail, refused
		f.because = fmt.Sprintf("%d of %d refused", len(refused), len(h.own))
		f.received = answer(refused[0].last())
	} else if len(h.own) > 0 {
		f.received = answer(h.own[0].last())
	}
	return f
}

// turnedAway judges that a forged delivery was refused. What a provider makes
// of the refusal is its own business; that it is one is practice.
func turnedAway(h *hearing) finding {
	f := finding{verdict: Pass, because: "refused", expected: "401 or 403"}
	for _, x := range h.of(roleProbe) {
		a := x.last()
		v, because := Pass, "refused"
		switch {
		case a.Failure != "":
			v, because = Fail, "it got no answer"
		case a.Status == 401 || a.Status == 403:
		case a.Status >= 200 && a.Status < 300:
			v, because = Fail, "it was accepted"
		case a.Status == 400:
			v, because = Warn, "it was refused, but as a bad request: nobody can tell a forgery from a slip"
		default:
			v, because = Fail, "it was neither accepted nor refused as unauthorised"
		}
		if rank(v) > rank(f.verdict) || f.received == "" {
			f.verdict, f.because, f.received, f.proof = v, because, answer(a), []*exchange{x}
		}
	}
	return f
}

func rank(v Verdict) int { return slices.Index([]Verdict{Pass, Warn, Fail}, v) }

// noOracle is what a check received that needed an oracle and had none.
const noOracle = "none was given"
