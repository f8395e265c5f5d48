package contracts

import (
	"fmt"
	"net/http"
	"strings"
	"sync"

	"github.com/hookrig/hookrig/contracts/schema"
	"github.com/hookrig/hookrig/contracts/signature"
)

// Violation is one way in which a delivery breaks its contract.
type Violation = schema.Violation

// Documentation says how much of an event's payload the provider documents.
type Documentation string

// The degrees of documentation.
const (
	DocumentedFully  Documentation = "full"
	DocumentedPartly Documentation = "partial"
	Undocumented     Documentation = "none"
)

// Contract is what one provider promises. It is immutable and safe for
// concurrent use.
type Contract struct {
	provider, title, version, description, digest string

	types  []*EventType
	byName map[string]*EventType
	byTag  map[string]*EventType // by what a delivery says

	discriminator discriminator
	scheme        signature.Scheme
	signer        signature.Signer // by scheme
	schemeSources []statement
	headers       []header
	conflicts     [][]string
	conflictsFrom Provenance
	lifecycles    []Lifecycle
	lookups       []*Lookup

	doc     *schema.Document
	library *library
	sources sources
	level   Provenance // of everything that no exception names
}

// header is a static header that the provider sends.
type header struct{ name, value string }

// discriminator says how a delivery names its event.
type discriminator struct {
	stated  bool   // by the document; false: the default
	pointer string // into the body, or into each item
	each    string // JSON Pointer of a list of events; "" where the body is one event
	header  string // instead of pointer
	value   string // template, {name}
	from    Provenance

	tokens, list []string // of pointer and each
}

// Provider is the short name by which commands and journals know the
// provider.
func (c *Contract) Provider() string { return c.provider }

// File is the name of the document, as Load was given it.
func (c *Contract) File() string { return c.doc.Name() }

// Title is the document's title.
func (c *Contract) Title() string { return c.title }

// Version is the document's own version.
func (c *Contract) Version() string { return c.version }

// Description is the document's description, in CommonMark.
func (c *Contract) Description() string { return c.description }

// Digest is the SHA-256 of the document's text in hex. It names this version
// of the contract in journals and reports; other files that the document
// refers to do not count.
func (c *Contract) Digest() string { return c.digest }

// EventTypes are in the order of the document. Callers must not change the
// slice.
func (c *Contract) EventTypes() []*EventType { return c.types }

// EventType finds an event by the provider's own name. The error is an
// *UnknownEventError.
func (c *Contract) EventType(name string) (*EventType, error) {
	if t, ok := c.byName[name]; ok {
		return t, nil
	}
	return nil, &UnknownEventError{Provider: c.provider, Name: name, Nearest: schema.Nearest(name, c.names())}
}

func (c *Contract) names() []string {
	names := make([]string, len(c.types))
	for i, t := range c.types {
		names[i] = t.name
	}
	return names
}

// Signature is how deliveries are authenticated, and where that is said.
func (c *Contract) Signature() (signature.Scheme, Provenance) {
	return c.scheme, c.SignatureProvenance("")
}

// SignatureProvenance says where one member of the signature's description
// comes from, by its JSON Pointer in the document, for example "/tolerance" or
// "/claims/iss"; "" is the default of them all.
func (c *Contract) SignatureProvenance(pointer string) Provenance {
	says, _ := bestOf(c.schemeSources, tokensOf(pointer))
	return says
}

// Conflicts lists groups of event types that cannot be registered together,
// and where that is said.
func (c *Contract) Conflicts() ([][]string, Provenance) { return c.conflicts, c.conflictsFrom }

// UnknownEventError names the nearest events that exist.
type UnknownEventError struct {
	Provider, Name string
	Nearest        []string
}

// Error names the event and the provider.
func (e *UnknownEventError) Error() string {
	return fmt.Sprintf("%s has no event %q", e.Provider, e.Name)
}

// Hint proposes the nearest names.
func (e *UnknownEventError) Hint() string {
	if len(e.Nearest) == 0 {
		return "hookrig events " + e.Provider
	}
	return "did you mean " + strings.Join(e.Nearest, ", ") + "?"
}

// EventType is one event that a provider sends. It is immutable and safe for
// concurrent use.
type EventType struct {
	contract                  *Contract
	name, title, description  string
	tag                       string // what a delivery says, for example a type member
	documentation             Documentation
	notes                     []string
	causes                    []Cause
	method, path, contentType string
	address                   address  // what path is made by
	headers                   []header // the contract's and the event's own
	policy                    Policy
	identity                  Identity
	examples                  []place
	provenance                []statement // of the message, outermost first

	message place
	payload place
	dialect schema.Dialect
	compile func() (*schema.Schema, error)
}

// Contract is the contract that the event belongs to.
func (t *EventType) Contract() *Contract { return t.contract }

// Name is the provider's own name for the event.
func (t *EventType) Name() string { return t.name }

// Title says in one line what happened.
func (t *EventType) Title() string { return t.title }

// Description is longer, in CommonMark, and may be empty.
func (t *EventType) Description() string { return t.description }

// Documentation says how much of the payload the provider documents.
func (t *EventType) Documentation() Documentation { return t.documentation }

// Notes tell slips of the provider's document and how they are read here.
func (t *EventType) Notes() []string { return t.notes }

// Method is the HTTP method of the delivery.
func (t *EventType) Method() string { return t.method }

// Path is appended to the target's URL. It may hold placeholders with JSON
// Pointers into the body, for example "/consume/{/name}".
func (t *EventType) Path() string { return t.path }

// ContentType of the delivery, for example "application/json".
func (t *EventType) ContentType() string { return t.contentType }

// Headers are the static headers that the provider sends with the event besides
// Content-Type, by their canonical names.
func (t *EventType) Headers() http.Header {
	h := http.Header{}
	for _, fixed := range t.headers {
		h.Set(fixed.name, fixed.value)
	}
	return h
}

// Tag is what a delivery says where it names its event: the event's name, or
// what the contract makes of it, for example "com.example.order.created.v1".
func (t *EventType) Tag() string { return t.tag }

// Policy is how the event is delivered.
func (t *EventType) Policy() Policy { return t.policy }

// Identity says which deliveries are the same event.
func (t *EventType) Identity() Identity { return t.identity }

// Identity says which deliveries are the same event: those that agree in all
// of Members, or in Header where there is one. Where it is only assumed, "the
// same event" is best taken as the same bytes.
type Identity struct {
	Members    []string   `json:"members,omitempty"` // JSON Pointers into the body
	Header     string     `json:"header,omitempty"`  // a header that carries the event's id
	Provenance Provenance `json:"provenance"`
}

// Schema is the schema of the whole body, compiled on first use. The error is
// a *schema.Error.
func (t *EventType) Schema() (*schema.Schema, error) { return t.compile() }

// Validate judges a body against the event's schema. The error means that the
// schema itself cannot be compiled, so that nothing was judged.
func (t *EventType) Validate(body []byte) ([]Violation, error) {
	s, err := t.Schema()
	if err != nil {
		return nil, err
	}
	return s.Validate(body), nil
}

// lateSchema compiles the payload when it is first asked for.
func (t *EventType) lateSchema() func() (*schema.Schema, error) {
	return sync.OnceValues(func() (*schema.Schema, error) {
		return schema.Compile(t.payload.doc, t.payload.at, schema.Options{
			Dialect: t.dialect,
			Load:    t.contract.library.document,
		})
	})
}

// Discriminator says how a delivery names its event.
type Discriminator struct {
	// Pointer is where the name stands in the body, for example "/type". With
	// Each it stands there in every item of the list at Each.
	Pointer, Each string
	// Header carries the name instead of the body.
	Header string
	// Stated is false where the contract does not say and Pointer is only the
	// default; such deliveries are told apart by their schemas.
	Stated     bool
	Provenance Provenance
}

// Discriminator says how a delivery names its event.
func (c *Contract) Discriminator() Discriminator {
	d := c.discriminator
	return Discriminator{Pointer: d.pointer, Each: d.each, Header: d.header, Stated: d.stated, Provenance: d.from}
}
