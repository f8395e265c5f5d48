// Package contracts says what a provider promises: which events it sends, what
// their bodies look like, how they are delivered, signed and retried, and
// where each of these statements comes from.
//
// [Load] reads one AsyncAPI 3 document with the extension key x-hookrig (see
// docs/contract-format.md) into an immutable [Contract]. A Contract has
// [EventType] values; an [Event] is one of them with the exact bytes of a
// body. [Contract.Seal] turns an event into the HTTP request that the provider
// would send and [Contract.Open] turns a request back into events:
// Open(Seal(ev)) gives back ev. [Policy.Next] decides what a provider does
// after an answer, as a pure function.
//
// Nothing in this package reads a clock, dials, or touches a file outside the
// fs.FS that it is given.
package contracts

import (
	"errors"
	"io/fs"
	"net/http"
	"time"

	"github.com/hookrig/hookrig/contracts/schema"
	"github.com/hookrig/hookrig/contracts/signature"
)

var errSkeleton = errors.New("not there yet")

// Violation is one way in which a delivery breaks its contract.
type Violation = schema.Violation

// Level says how well a statement of a contract is founded.
type Level string

const (
	Documented Level = "documented" // in the provider's document that the contract was made from
	Published  Level = "published"  // elsewhere by the provider
	Reported   Level = "reported"   // by third parties
	Assumed    Level = "assumed"    // by us, because nobody says
)

// Provenance is where a statement comes from.
type Provenance struct {
	Level  Level  `json:"level"`
	Source string `json:"source,omitempty"`
	Note   string `json:"note,omitempty"`
}

// Documentation says how much of an event's payload the provider documents.
type Documentation string

const (
	Full     Documentation = "full"
	Partial  Documentation = "partial"
	NotAtAll Documentation = "none"
)

// Contract is what one provider promises. It is immutable and safe for
// concurrent use.
type Contract struct{}

// Load reads the contract at name in fsys. Files that it names by "$ref" are
// read from fsys too and nowhere else. The error is a *schema.Error wherever
// the author of the document can mend it.
func Load(fsys fs.FS, name string) (*Contract, error) { return nil, errSkeleton }

func (c *Contract) Provider() string    { return "" } // short name, as on the command line
func (c *Contract) Title() string       { return "" }
func (c *Contract) Version() string     { return "" }
func (c *Contract) Description() string { return "" }
func (c *Contract) Digest() string      { return "" } // sha256 of the document, hex: names this version in journals and reports

// EventTypes are in the order of the document.
func (c *Contract) EventTypes() []*EventType { return nil }

// EventType finds an event by the provider's own name. The error is an *UnknownEventError.
func (c *Contract) EventType(name string) (*EventType, error) { return nil, errSkeleton }

// Signature is how deliveries are authenticated, with provenance.
func (c *Contract) Signature() (signature.Scheme, Provenance) {
	return signature.Scheme{}, Provenance{}
}

// Conflicts lists groups of event types that cannot be registered together.
func (c *Contract) Conflicts() [][]string { return nil }

// UnknownEventError names the nearest events that exist.
type UnknownEventError struct {
	Provider, Name string
	Nearest        []string
}

func (e *UnknownEventError) Error() string { return "" }

// EventType is one event that a provider sends.
type EventType struct{}

func (t *EventType) Contract() *Contract          { return nil }
func (t *EventType) Name() string                 { return "" } // the provider's own name
func (t *EventType) Title() string                { return "" } // one line, no full stop
func (t *EventType) Description() string          { return "" }
func (t *EventType) Documentation() Documentation { return "" }
func (t *EventType) Notes() []string              { return nil } // slips of the provider's document and how they are read
func (t *EventType) Method() string               { return "" }
func (t *EventType) Path() string                 { return "" } // appended to the target; may hold {/pointer} placeholders
func (t *EventType) Policy() Policy               { return Policy{} }
func (t *EventType) Identity() Identity           { return Identity{} }
func (t *EventType) Examples() [][]byte           { return nil } // whole bodies, as JSON texts

// Schema is the schema of the whole body, compiled on first use.
func (t *EventType) Schema() (*schema.Schema, error) { return nil, errSkeleton }

// Provenance of the body's member at a JSON Pointer ("" for the body itself).
// List indices may be given as numbers or as "*".
func (t *EventType) Provenance(pointer string) Provenance { return Provenance{} }

// Validate judges a body against the schema. The error means that the schema
// itself cannot be compiled.
func (t *EventType) Validate(body []byte) ([]Violation, error) { return nil, errSkeleton }

// Identity says which deliveries are the same event.
type Identity struct {
	Members    []string   `json:"members,omitempty"` // JSON Pointers into the body
	Header     string     `json:"header,omitempty"`  // a header that carries the event's id
	Provenance Provenance `json:"provenance"`
}

// Event is a type and the exact bytes of a body.
type Event struct {
	Type *EventType
	Body []byte
}

// Equal reports whether both are of the same type and have the same bytes.
func (e Event) Equal(o Event) bool { return false }

// Request is an HTTP request as plain data.
type Request struct {
	Method string
	URL    string // without userinfo
	Header http.Header
	Body   []byte
}

// SealOptions are what a sealed request depends on beside the event.
type SealOptions struct {
	URL     string             // the target as registered with the provider; its userinfo is the secret of a basic scheme
	Secrets []signature.Secret // required where the contract signs
	ID      string             // the delivery's id, stable over attempts
	Time    time.Time          // the signing time
}

// Seal builds the request that the provider would send. The error names what is
// missing: signature.ErrNoSecret, a URL that is none, an event of another contract, a
// placeholder of the path that does not resolve.
func (c *Contract) Seal(ev Event, o SealOptions) (*Request, error) { return nil, errSkeleton }

// OpenOptions are what opening depends on beside the request.
type OpenOptions struct {
	Secrets []signature.Secret // required where the contract signs, unless Unchecked
	Now     time.Time
	// Unchecked opens without looking at the signature; callers say so to
	// their users.
	Unchecked bool
}

// Opened is what a request held.
type Opened struct {
	// Events in the order of the body; empty where the request could not be read.
	Events []Event
	// Signature says why the signature is refused, its zero value that it is accepted or was not looked at.
	Signature signature.Finding
	// Violations of method, path, content type, envelope and body. Their rules are "method", "path",
	// "content-type", "event" or those of a schema.
	Violations []Violation
}

// Open reads a request that claims to come from this provider. The error means that nothing
// could be judged: signature.ErrNoSecret or a broken contract.
func (c *Contract) Open(r *Request, o OpenOptions) (Opened, error) { return Opened{}, errSkeleton }

// Policy is how a provider delivers.
type Policy struct {
	Success       []StatusRange   // answers that end the delivery well
	Timeout       time.Duration   // for the whole attempt
	Waits         []time.Duration // before the 2nd, 3rd, … attempt
	Repeat        time.Duration   // the wait once Waits are used up; 0: no further attempt
	GiveUp        time.Duration   // no attempt starts later than this after the first; 0: no such limit
	Jitter        float64         // each wait is multiplied by 1 ± Jitter
	Then          string          // "keep", "disable" or "delete" the registration when given up
	Gone          string          // the same on 410; "" treats 410 as any failure
	RetryAfterCap time.Duration   // Retry-After is obeyed up to this; 0: ignored
	Ordering      string          // "none" or "endpoint"
	Duplicates    string          // "possible", "unknown"
	provenance    map[string]Provenance
}

// Provenance of one member of the policy by its name in the document ("timeout", "waits", …).
func (p Policy) Provenance(member string) Provenance { return Provenance{} }

// StatusRange is a range of HTTP status codes, both ends included.
type StatusRange struct{ From, To int }

// Accepts reports whether a status ends a delivery well.
func (p Policy) Accepts(status int) bool { return false }

// Progress is how far a delivery has come.
type Progress struct {
	Attempt int       // attempts made so far, 1 or more
	First   time.Time // start of the first attempt
	Now     time.Time // end of the last one
	Rand    float64   // in [0,1), for jitter
}

// Reply is what an attempt met. Status 0 means no answer.
type Reply struct {
	Status     int
	RetryAfter string // the header as received
	Failure    string // why there is no answer: "timeout", "refused", "reset", "dns", "tls", …
}

// Step is what happens next, and why.
type Step struct {
	Verdict string        // "delivered", "retry" or "exhausted"
	Wait    time.Duration // before the next attempt
	Then    string        // what becomes of the registration: "keep", "disable", "delete"
	Reason  string        // one line for people
}

// Next decides what the provider does after a reply.
func (p Policy) Next(pr Progress, r Reply) Step { return Step{} }

// Finding is what Lint says of a contract.
type Finding struct {
	Line, Column int
	Pointer      string
	Severity     string // "error" or "warning"
	Rule         string
	Message      string
}

// Lint looks for what loads but is not good: examples that break their own schema, provenance of members that do not
// exist, events without title, schemas that accept anything, unsourced statements, shared schemas that nothing uses.
func (c *Contract) Lint() []Finding { return nil }
