// Package mockserver plays the provider: it seals events, delivers them by the
// contract's policy and writes everything down in a journal.
package mockserver

import (
	"context"
	"errors"
	"iter"
	"log/slog"
	"net/http"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/signature"
)

var errSkeleton = errors.New("not there yet")

// Options of New; the zero value is usable.
type Options struct {
	Journal     Journal           // nil: in memory
	Transport   http.RoundTripper // nil: the network, through internal/egress; InProcess(h) in tests
	Speed       float64           // 0 and 1: real time; 3600 makes an hour's wait a second. Waits only: time-outs and timestamps stay real
	PerEndpoint int               // attempts at once to one endpoint; 0: 8
	Workers     int               // attempts at once in all; 0: 64
	BodyLimit   int               // bytes of an answer's body that are kept; 0: 4096
	Unmarked    bool              // leave out the headers that mark test traffic
	Seed        uint64            // for jitter and delivery ids
	Logger      *slog.Logger      // nil: silent
}

// Server plays the provider.
type Server struct{}

// New starts nothing.
func New(o Options) *Server { return &Server{} }

// Run owns every goroutine of the server: it calls f and returns when f has returned and every goroutine is gone.
func (s *Server) Run(ctx context.Context, f func(context.Context) error) error { return errSkeleton }

// Endpoint is where deliveries go.
type Endpoint struct {
	Name    string             `json:"name,omitempty"`
	URL     string             `json:"url"` // as registered with the provider
	Secrets []signature.Secret `json:"-"`   // several while a secret is rotated
	Header  http.Header        `json:"-"`   // sent as they are; values are not journalled
}

// Tamper mishandles an attempt on purpose, after it was sealed. The zero Tamper does nothing.
type Tamper struct {
	Name string // what the journal says
	// Request changes the sealed request; nil leaves it.
	Request func(attempt int, r *contracts.Request)
	// LoseAnswer discards the receiver's answer of these attempts (1-based), as a network that breaks after the work was done.
	LoseAnswer func(attempt int) bool
}

// Parcel is one event on its way to one endpoint.
type Parcel struct {
	Event    contracts.Event
	Endpoint Endpoint
	ID       string // delivery id; "": made from the seed and a counter
	Label    string
	Once     bool              // one attempt, whatever the policy says
	Time     time.Time         // signing time of each attempt; zero: the real time of the attempt
	Policy   *contracts.Policy // nil: the event type's own
	Tamper   Tamper
}

// Send queues a parcel and never blocks.
func (s *Server) Send(p Parcel) *Delivery { return nil }

// Resend sends a delivery's exact bytes again under the same id with a fresh signature, as a new round of attempts.
func (s *Server) Resend(id string) (*Delivery, error) { return nil, errSkeleton }

// Cancel ends a waiting delivery.
func (s *Server) Cancel(id string) error { return errSkeleton }

// Delivery is the handle of a parcel that was sent.
type Delivery struct{}

func (d *Delivery) ID() string { return "" }

// Queued waits until the delivery is written down. The error says why it was refused.
func (d *Delivery) Queued(ctx context.Context) error { return errSkeleton }

// Wait waits for the end. The error is ctx's, or says why the delivery could not be queued or made.
func (d *Delivery) Wait(ctx context.Context) (Outcome, error) { return Outcome{}, errSkeleton }

// State of a delivery.
type State string

const (
	Waiting    State = "waiting"
	Attempting State = "attempting"
	Delivered  State = "delivered"
	Exhausted  State = "exhausted"
	Cancelled  State = "cancelled"
)

// Outcome is how a delivery stands.
type Outcome struct {
	State    State     `json:"state"`
	Reason   string    `json:"reason,omitempty"`
	Then     string    `json:"then,omitempty"` // what the provider does with the registration
	Attempts []Attempt `json:"attempts"`
}

// Attempt is one try.
type Attempt struct {
	Number  int           `json:"number"`
	Started time.Time     `json:"started"` // real time
	Took    time.Duration `json:"took"`
	Request RequestLine   `json:"request"`
	Status  int           `json:"status,omitempty"`
	Header  http.Header   `json:"header,omitempty"`
	Body    []byte        `json:"body,omitempty"` // up to Options.BodyLimit
	// Failure says why there is no answer: "timeout", "refused", "reset", "dns", "tls", "egress", "interrupted" …
	Failure string `json:"failure,omitempty"`
	// Ours marks failures that are not the receiver's: a refused address, a shutdown, a broken resolver.
	Ours   bool      `json:"ours,omitempty"`
	Reason string    `json:"reason,omitempty"` // of the step that followed
	Tamper string    `json:"tamper,omitempty"`
	Next   time.Time `json:"next,omitzero"` // when the next attempt is due, on the server's own (scaled) axis
}

// RequestLine is what was sent, without secrets and bodies.
type RequestLine struct {
	Method string      `json:"method"`
	URL    string      `json:"url"`    // without userinfo
	Header http.Header `json:"header"` // signature and authorization redacted
}

// Entry is one line of the journal.
type Entry struct {
	Seq      uint64    `json:"seq"`
	At       time.Time `json:"at"`
	Kind     string    `json:"kind"` // "queued", "intent", "attempt", "ended"
	Delivery string    `json:"delivery"`
	Provider string    `json:"provider,omitempty"`
	Event    string    `json:"event,omitempty"`
	Endpoint string    `json:"endpoint,omitempty"` // name or redacted URL
	Label    string    `json:"label,omitempty"`
	Body     []byte    `json:"body,omitempty"`  // of "queued": the exact bytes
	Speed    float64   `json:"speed,omitempty"` // set where time was scaled
	Attempt  *Attempt  `json:"attempt,omitempty"`
	State    State     `json:"state,omitempty"`
	Reason   string    `json:"reason,omitempty"`
}

// Journal keeps entries. Append numbers them and returns when they are durable.
type Journal interface {
	Append(ctx context.Context, entries ...Entry) error
	Entries(ctx context.Context, after uint64) iter.Seq2[Entry, error]
}

// NewMemory is a journal for tests and single commands.
func NewMemory() Journal { return nil }

// InProcess is a transport that calls a handler without a network: the one for virtual time (testing/synctest).
func InProcess(h http.Handler) http.RoundTripper { return nil }

// TB is the part of testing.TB that Start needs.
type TB interface {
	Helper()
	Cleanup(func())
	Context() context.Context
	Fatalf(format string, args ...any)
}

// Start runs a server until the test ends.
func Start(t TB, o Options) *Server { return nil }

// Received is one request that an Inbox saw.
type Received struct {
	At       time.Time
	Request  contracts.Request
	Opened   contracts.Opened
	Problem  error // why it could not be opened
	Answered int
}

// InboxOptions of NewInbox.
type InboxOptions struct {
	Secrets   []signature.Secret
	Unchecked bool // do not look at signatures
	// Respond chooses the answer; nil answers with the policy's first success code, 401 where the signature is refused and 400 where the contract is broken.
	Respond func(*Received) int
	Now     func() time.Time // nil: time.Now
	Limit   int              // received requests kept; 0: 10000
}

// Inbox is a receiver that opens, checks and keeps what arrives. It is an http.Handler.
type Inbox struct{}

// NewInbox receives for one contract; nil takes anything.
func NewInbox(c *contracts.Contract, o InboxOptions) *Inbox { return nil }

func (in *Inbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {}

// Received returns what arrived so far.
func (in *Inbox) Received() []Received { return nil }

// Wait blocks until n requests have arrived.
func (in *Inbox) Wait(ctx context.Context, n int) ([]Received, error) { return nil, errSkeleton }
