package verifier

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/schema"
	"github.com/hookrig/hookrig/contracts/signature"
	"github.com/hookrig/hookrig/faker"
	"github.com/hookrig/hookrig/mockserver"
)

// Options of Run. Contract and URL are required, Secrets where the contract
// signs; the rest has useful zero values.
type Options struct {
	Contract *contracts.Contract
	URL      string // as it would be registered with the provider
	Secrets  []signature.Secret

	Events     []string // scope: what the receiver handles; empty: all events of the contract
	Only, Skip []string // names of checks or groups; the baseline is always there
	Basis      Basis    // only checks that can judge this contract's events by it; "": all

	Seed uint64
	At   time.Time // the moment that the events are about; zero: the faker's fixed instant

	Oracle Oracle      // nil: effects are not seen
	State  StateOracle // nil: what the receiver holds of a record is not seen
	// Oracles are up to two more of which nobody says what they show. They are
	// told apart by what they say of the baseline's events: a number, a list or
	// a boolean counts effects (see CountEffects), anything else is a state.
	Oracles []StateOracle
	// Settle is how long an effect may take to appear: for so long the oracle is
	// asked again, and where there must be no effect, or no second one, all that
	// time passes. 0: it is asked once.
	Settle time.Duration

	// Restart stops the receiver and starts it again, for checks of what it keeps.
	// It returns when it was started; that it answers again is waited for. nil: it
	// is not restarted.
	Restart func(context.Context) error
	// Virtual says that the run has the time of a testing/synctest bubble, in which
	// days pass at once: checks that wait for so long run only then.
	Virtual bool
	// Sequences are sent in place of those that their checks would make up, at most
	// one for each check. Without Only, these checks are the run.
	Sequences []*Sequence

	// FailOn is the least severity of which a failure makes the receiver not
	// conformant: critical, high, medium or low; "": low, which is every failure.
	FailOn string

	// Budget is the time that a run may take: the most severe checks come first,
	// and those for which no time is left are left out in full. 0: no limit.
	Budget time.Duration

	// Hostile adds checks that could hurt: huge and deep bodies, floods of
	// headers, bombs, requests with two lengths. Stress adds those that load the
	// receiver: bursts, storms of retries, many events in a row. Both are for a
	// receiver behind mockserver.InProcess or on this machine, or with a proof
	// that whoever asks controls its host: see Control.
	Hostile, Stress bool
	// Control fetches the text at an address of the receiver's host, and Token is
	// what has to stand in it, on a line of its own: see ControlURL. They are
	// needed where Hostile or Stress is set and the receiver is elsewhere.
	Control func(ctx context.Context, address string) ([]byte, error)
	Token   string

	// Against is another version of the contract, with the same events: what it
	// changes is tried too. nil: nobody knows of one.
	Against *contracts.Contract

	// Require is what the one who asked for the proof wants to see. Without Events
	// it sets the scope. nil: nobody asked.
	Require *Requirement
	// Challenge is a text of theirs, so that they know that the run was made
	// after they sent it. With one of the two the seed follows from all three:
	// see Bind.
	Challenge string

	Transport http.RoundTripper // nil: the network, through internal/egress
	// Progress is told before each check; nil: nobody.
	Progress func(done, total int, check string)

	// For runs that a command line can repeat: how the contract is named there,
	// which variable holds the secret ("": HOOKRIG_SECRET), and what else was
	// given. Without ContractArg a finding says which Options repeat it in Go.
	ContractArg, SecretEnv, ExtraArgs string

	bound *Bound // what the seed was made from, once it is
}

// UnreachableError: no delivery got through to the receiver, so there is
// nothing to judge.
type UnreachableError struct{ Target, Reason string }

// Error names the target and the reason.
func (e *UnreachableError) Error() string {
	return fmt.Sprintf("cannot reach %s: %s", e.Target, e.Reason)
}

// UnknownCheckError names the nearest checks that exist.
type UnknownCheckError struct {
	Name    string
	Nearest []string
}

// Error names the check.
func (e *UnknownCheckError) Error() string {
	return fmt.Sprintf("there is no check or group %q", e.Name)
}

// Hint proposes the nearest names.
func (e *UnknownCheckError) Hint() string {
	if len(e.Nearest) == 0 {
		return "groups are " + strings.Join(groups(), ", ")
	}
	return "did you mean " + strings.Join(e.Nearest, ", ") + "?"
}

// Run sends the suite and judges the answers. The error means that nothing
// could be judged: an *UnreachableError, an *OracleError, signature.ErrNoSecret
// (wrapped), an unknown event or check, an address that may not be dialled,
// ctx's.
func Run(ctx context.Context, o Options) (*Report, error) {
	evidence, err := Collect(ctx, o)
	if err != nil {
		return nil, err
	}
	return Rejudge(o.Contract, evidence)
}

// Collect sends the suite and returns what was seen, for Rejudge. The errors
// are those of Run.
func Collect(ctx context.Context, o Options) (*Evidence, error) {
	s, err := newSession(o)
	if err != nil {
		return nil, err
	}
	if err := o.mayHarm(ctx); err != nil {
		return nil, err
	}
	if o.Budget > 0 {
		rehearsed, err := rehearse(ctx, o)
		if err != nil {
			return nil, err
		}
		s.costs = rehearsed.bills
	}
	err = s.server.Run(ctx, s.conduct)
	if err != nil {
		return nil, err
	}
	return s.gather(ctx)
}

// answerLimit is how much of an answer's body is kept: a byte more than it may
// have without a word of advice.
const answerLimit = niceAnswer + 1

func newSession(o Options) (*session, error) {
	if o.Contract == nil {
		return nil, errors.New("no contract is given")
	}
	if len(o.Contract.EventTypes()) == 0 {
		return nil, fmt.Errorf("the %s contract has no events", o.Contract.Provider())
	}
	if err := o.bind(); err != nil {
		return nil, err
	}
	for _, name := range o.Events {
		if _, err := o.Contract.EventType(name); err != nil {
			return nil, err
		}
	}
	if err := o.takeSequences(); err != nil {
		return nil, err
	}
	var scope []*contracts.EventType
	for _, t := range o.Contract.EventTypes() {
		if len(o.Events) == 0 || slices.Contains(o.Events, t.Name()) {
			scope = append(scope, t)
		}
	}
	planned, err := plan(o, scope)
	if err != nil {
		return nil, err
	}
	if err := o.Require.admits(&o, planned); err != nil {
		return nil, err
	}
	if scheme, _ := o.Contract.Signature(); scheme.Signs() && !scheme.Optional && len(o.Secrets) == 0 {
		return nil, fmt.Errorf("%s: %w", o.Contract.Provider(), signature.ErrNoSecret)
	}
	f, err := faker.New(o.Contract, faker.Options{Seed: o.Seed, At: o.At, Events: o.Events})
	if err != nil {
		return nil, err
	}
	journal := mockserver.NewMemory()
	return &session{
		options: o, faker: f, journal: journal, planned: planned, scope: scope,
		server:  mockserver.New(mockserver.Options{Journal: journal, Transport: o.Transport, BodyLimit: answerLimit}),
		skipped: map[string]string{}, altered: changes{bodies: map[string][]byte{}}, dispatched: map[string]bool{},
		met: map[string]map[string]int{}, quick: map[string][]*check{}, rounds: map[string]int{}, bills: map[string]bill{},
	}, nil
}

// plan picks the checks of a run. It refuses names that do not exist, and
// choices that leave nothing to judge.
func plan(o Options, scope []*contracts.EventType) ([]*check, error) {
	if o.Basis != "" && o.Basis != ByContract && o.Basis != ByPractice {
		return nil, fmt.Errorf("the basis %q is neither %q nor %q", o.Basis, ByContract, ByPractice)
	}
	if o.FailOn != "" && !slices.Contains(severities, o.FailOn) {
		return nil, fmt.Errorf("the severity %q is none of %s", o.FailOn, strings.Join(severities, ", "))
	}
	names := groups()
	for _, c := range table {
		names = append(names, c.name)
	}
	for _, want := range append(append([]string{}, o.Only...), o.Skip...) {
		if !slices.Contains(names, want) {
			return nil, &UnknownCheckError{Name: want, Nearest: schema.Nearest(want, names)}
		}
	}
	var out []*check
	for _, c := range table {
		named := func(list []string) bool { return slices.Contains(list, c.name) || slices.Contains(list, c.group()) }
		switch {
		case c.name == baseline: // all others rest on it
		case len(o.Only) > 0 && !named(o.Only), named(o.Skip):
			continue
		case o.Basis != "" && !c.judgesBy(o.Basis, o.Contract, scope):
			continue
		case !o.allows(c.tier):
			if slices.Contains(o.Only, c.name) {
				return nil, &TierError{Check: c.name, Tier: c.tier}
			}
			continue
		}
		out = append(out, c)
	}
	if len(out) == 1 && !slices.Contains(o.Only, baseline) {
		return nil, o.nothingLeft()
	}
	return out, nil
}

// nothingLeft says what left no check but the baseline.
func (o *Options) nothingLeft() error {
	switch chosen := len(o.Only)+len(o.Skip) > 0; {
	case o.Basis == "":
		return errors.New("no check is left but the baseline, which runs always")
	case chosen:
		return fmt.Errorf("none of the chosen checks judges %s by %s", o.Contract.Provider(), o.Basis)
	}
	return fmt.Errorf("no check judges the chosen events of %s by %s", o.Contract.Provider(), o.Basis)
}
