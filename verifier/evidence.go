package verifier

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/mockserver"
)

// Evidence is everything that a run saw. It can be kept as JSON and judged
// again. It holds the receiver's answers as they came, but for the secrets of
// the run: those are replaced wherever they stand as such.
type Evidence struct {
	Contract string   `json:"contract"` // digest
	Target   string   `json:"target"`   // without credentials
	Seed     uint64   `json:"seed"`
	Scope    []string `json:"scope"`    // events
	Selected bool     `json:"selected"` // the scope was chosen; false: all events
	// Proven says that the deliveries carried something that a receiver can check.
	Proven  bool              `json:"proven"`
	Planned []string          `json:"planned"` // checks
	Tiers   []Tier            `json:"tiers,omitempty"`
	Budget  time.Duration     `json:"budget,omitempty"`  // nanoseconds; 0: none
	FailOn  string            `json:"failOn,omitempty"`  // "": low
	LeftOut cut               `json:"leftOut,omitzero"`  // for want of time
	Skipped map[string]string `json:"skipped,omitempty"` // reasons by check
	// Gone are the check in which the receiver went away, and those that were not
	// sent for that, with what is to be said of them.
	Gone   map[string]string `json:"gone,omitempty"`
	Oracle bool              `json:"oracle"`
	State  bool              `json:"state,omitempty"` // there was an oracle that shows states
	// Unasked is how many oracles were given and not told apart, because valid
	// events were refused.
	Unasked int `json:"unasked,omitempty"`
	// Settled is how long effects were waited for (nanoseconds), where nobody said
	// it and the run found that they come after the answer.
	Settled   time.Duration      `json:"settled,omitempty"`
	Sightings []Sighting         `json:"sightings,omitempty"`
	Trials    []Trial            `json:"trials,omitempty"` // of sequences
	Journal   []mockserver.Entry `json:"journal"`
	// Altered are the bodies that were changed after they were sealed, by
	// delivery and label, as in "dlv_… payload/size probe"; the journal has them
	// as they were before.
	Altered map[string][]byte `json:"altered,omitempty"`
	// Told are the answers that told a "secret", the "signature" that would have
	// been right, or a "word" that is a short secret too, by delivery.
	Told map[string]string `json:"told,omitempty"`

	// Inapplicable are the reasons why checks do not apply to the provider, Elsewhere
	// why they are not possible where the receiver is.
	Inapplicable map[string]string `json:"inapplicable,omitempty"`
	Elsewhere    map[string]string `json:"elsewhere,omitempty"`
	Bound        *Bound            `json:"bound,omitempty"`
	Require      *Requirement      `json:"require,omitempty"`

	ContractArg string `json:"contractArg,omitempty"`
	SecretEnv   string `json:"secretEnv,omitempty"`
	ExtraArgs   string `json:"extraArgs,omitempty"`
	// Given says that sequences of an earlier run were sent, and nothing else.
	Given bool `json:"given,omitempty"`
	// FoundWith is the digest of the contract that they were found with, where it
	// is another one.
	FoundWith string `json:"foundWith,omitempty"`
}

// exchange is one attempt at delivering one event, read from the journal.
type exchange struct {
	check, role string
	round       int // of the check: 0, or how often it had run before, with other events
	delivery    string
	event       string
	body        []byte // as it was sent
	policy      contracts.Policy
	stress      bool                // the check is about load
	attempt     *mockserver.Attempt // nil if there was none
}

// observed reports whether the receiver's side of the exchange is known.
func (x *exchange) observed() bool {
	return x.attempt != nil && (!x.attempt.Ours || x.attempt.Failure == "tampered") && !x.delayed()
}

// fold turns a journal into exchanges, in the order in which they were queued.
func fold(c *contracts.Contract, ev *Evidence) ([]*exchange, error) {
	var out []*exchange
	live := map[string]*exchange{}
	last := map[string]*exchange{} // by delivery and label
	for _, e := range ev.Journal {
		switch e.Kind {
		case mockserver.EntryQueued:
			t, err := c.EventType(e.Event)
			if err != nil {
				return nil, fmt.Errorf("the journal is not of this contract: %w", err)
			}
			check, role, round := unlabel(e.Label)
			x := &exchange{check: check, role: role, round: round, delivery: e.Delivery, event: e.Event, body: e.Body, policy: t.Policy(), stress: stressful(check)}
			if altered, ok := ev.Altered[e.Delivery+" "+e.Label]; ok {
				x.body = altered
			}
			key := e.Delivery + " " + e.Label
			if before := last[key]; before != nil && before.delayed() {
				before.role = rolePutOff
			}
			live[e.Delivery], last[key] = x, x
			out = append(out, x)
		case mockserver.EntryAttempt:
			if x := live[e.Delivery]; x != nil {
				x.attempt = e.Attempt
			}
		}
	}
	return out, nil
}

func stressful(name string) bool {
	return slices.ContainsFunc(table, func(c *check) bool { return c.name == name && c.tier == Stress })
}

// unlabel reads what session.label wrote.
func unlabel(label string) (check, role string, round int) {
	check, rest, _ := strings.Cut(label, " ")
	role, number, _ := strings.Cut(rest, " ")
	round, _ = strconv.Atoi(number) // "": the first
	return check, role, round
}

// rule is what counts as accepting a delivery, and on whose authority.
type rule struct {
	policy contracts.Policy
	basis  Basis
	from   contracts.Provenance
}

// successRule is the provider's own where somebody sources it, else that of
// practice.
func successRule(p contracts.Policy) rule {
	from := p.Provenance("success")
	if from.Level == contracts.Assumed {
		p.Success = []contracts.StatusRange{{From: 200, To: 299}}
		return rule{p, ByPractice, from}
	}
	return rule{p, ByContract, from}
}

func (r rule) accepts(a *mockserver.Attempt) bool {
	return a != nil && a.Failure == "" && r.policy.Accepts(a.Status)
}

func (r rule) String() string {
	if r.basis == ByPractice {
		return r.policy.Accepted() + " (the usual rule; the provider's own is not known)"
	}
	return fmt.Sprintf("%s (%s)", r.policy.Accepted(), r.from.Level)
}

// excerpt is the first line of an answer's body that says something.
func excerpt(a *mockserver.Attempt) string {
	if a == nil {
		return ""
	}
	for line := range strings.Lines(string(a.Body)) {
		if line = strings.TrimSpace(line); line != "" {
			return shorten(strings.ToValidUTF8(line, "\ufffd"), 200)
		}
	}
	return ""
}
