package verifier

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/mockserver"
)

// Evidence is everything that a run saw. It can be kept as JSON and judged
// again; it holds no secret.
type Evidence struct {
	Contract  string             `json:"contract"` // digest
	Target    string             `json:"target"`   // without credentials
	Seed      uint64             `json:"seed"`
	Scope     []string           `json:"scope"`    // events
	Selected  bool               `json:"selected"` // the scope was chosen; false: all events
	Planned   []string           `json:"planned"`  // checks
	Skipped   map[string]string  `json:"skipped,omitempty"`
	Oracle    bool               `json:"oracle"`
	Sightings []Sighting         `json:"sightings,omitempty"`
	Journal   []mockserver.Entry `json:"journal"`

	ContractArg string `json:"contractArg,omitempty"`
	SecretEnv   string `json:"secretEnv,omitempty"`
	ExtraArgs   string `json:"extraArgs,omitempty"`
}

// targetOf is a URL without what may be a secret in it.
func targetOf(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return "the target"
	}
	u.User = nil
	return u.String()
}

// exchange is one round of attempts at delivering one event, read from the
// journal.
type exchange struct {
	check, role string
	delivery    string
	event       string
	body        []byte
	policy      contracts.Policy
	attempts    []mockserver.Attempt
}

// last is the attempt that decided; nil if there was none.
func (x *exchange) last() *mockserver.Attempt {
	if len(x.attempts) == 0 {
		return nil
	}
	return &x.attempts[len(x.attempts)-1]
}

// fold turns a journal into exchanges, in the order in which they were queued.
func fold(c *contracts.Contract, journal []mockserver.Entry) ([]*exchange, error) {
	var out []*exchange
	live := map[string]*exchange{}
	for _, e := range journal {
		switch e.Kind {
		case mockserver.EntryQueued:
			t, err := c.EventType(e.Event)
			if err != nil {
				return nil, fmt.Errorf("the journal is not of this contract: %w", err)
			}
			check, role, _ := strings.Cut(e.Label, " ")
			x := &exchange{check: check, role: role, delivery: e.Delivery, event: e.Event, body: e.Body, policy: t.Policy()}
			live[e.Delivery] = x
			out = append(out, x)
		case mockserver.EntryAttempt:
			if x := live[e.Delivery]; x != nil && e.Attempt != nil {
				x.attempts = append(x.attempts, *e.Attempt)
			}
		}
	}
	return out, nil
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

// answer is what an attempt met, in a few words.
func answer(a *mockserver.Attempt) string {
	switch {
	case a == nil:
		return "nothing was sent"
	case a.Failure != "":
		return "no answer: " + a.Failure
	}
	return fmt.Sprintf("%d after %s", a.Status, a.Took.Round(time.Millisecond))
}
