// Package verifier judges receivers: it sends what a provider would send, and
// what it would not, and says which promises the receiver honours.
package verifier

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/signature"
)

var errSkeleton = errors.New("not there yet")

// Verdict of a check.
type Verdict string

const (
	Pass         Verdict = "pass"
	Warn         Verdict = "warn"
	Fail         Verdict = "fail"
	Skip         Verdict = "skip"
	Inconclusive Verdict = "inconclusive"
)

// Basis says whose rule a check judges by.
type Basis string

const (
	ByContract Basis = "contract" // this provider says so
	ByPractice Basis = "practice" // Standard Webhooks, OWASP, a peer's rule
)

// Oracle looks at the effects of deliveries in the receiver's world.
type Oracle interface {
	// Effects returns how many effects the event had. The error means that it could not be seen.
	Effects(ctx context.Context, ev contracts.Event, deliveryID string) (int, error)
}

// Options of Run.
type Options struct {
	Contract   *contracts.Contract
	URL        string
	Secrets    []signature.Secret
	Events     []string // scope: what the receiver handles; empty: all of the contract
	Only, Skip []string // check names or groups
	Basis      Basis    // "": both
	Seed       uint64
	At         time.Time // the moment that the events are about; zero: the real time of the run
	Oracle     Oracle
	Settle     time.Duration     // how long to poll the oracle until it is steady
	Transport  http.RoundTripper // nil: the network, through internal/egress
	Progress   func(done, total int, check string)
}

// Report is what a run found. It is a function of the journal and the options.
type Report struct {
	Provider string   `json:"provider"`
	Target   string   `json:"target"`
	Verdict  string   `json:"verdict"` // "conformant", "not conformant", "inconclusive"
	Seed     uint64   `json:"seed"`
	Scope    []string `json:"scope"`
	Checks   []Result `json:"checks"`
	Counts   Counts   `json:"counts"`
}

// Counts of verdicts, and of findings by basis.
type Counts struct {
	Pass, Warn, Fail, Skip, Inconclusive int
	ContractFindings, PracticeFindings   int
}

// Result is one check's outcome.
type Result struct {
	Name       string               `json:"name"` // group/what
	Group      string               `json:"group"`
	Severity   string               `json:"severity"` // critical, high, medium, low
	Verdict    Verdict              `json:"verdict"`
	Because    string               `json:"because"` // what was seen, one sentence
	Why        string               `json:"why"`     // why it matters to the partner, one sentence
	Basis      Basis                `json:"basis"`
	Provenance contracts.Provenance `json:"provenance"`
	Source     string               `json:"source"`
	Expected   string               `json:"expected"`
	Received   string               `json:"received"`
	Fix        string               `json:"fix,omitempty"`
	Reproduce  string               `json:"reproduce,omitempty"` // a hookrig command
	Curl       string               `json:"curl,omitempty"`
	Deliveries []string             `json:"deliveries,omitempty"` // evidence: ids in the journal
}

// Run sends the suite and judges the answers. The error means that nothing could be judged (*UnreachableError,
// signature.ErrNoSecret, an unknown event or check name).
func Run(ctx context.Context, o Options) (*Report, error) { return nil, errSkeleton }

// UnreachableError: the receiver gave no answer at all to a valid event.
type UnreachableError struct{ Target, Reason string }

func (e *UnreachableError) Error() string { return e.Reason }

// Text, JSON and JUnit write a report.
func (r *Report) Text(w io.Writer, color bool) error { return errSkeleton }
func (r *Report) JSON(w io.Writer) error             { return errSkeleton }
func (r *Report) JUnit(w io.Writer) error            { return errSkeleton }

// Checks lists every check with its text, for help and documents.
func Checks() []Result { return nil }
