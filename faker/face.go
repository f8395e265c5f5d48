// Package faker makes events that keep a contract.
package faker

import (
	"errors"
	"iter"
	"net/http"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/schema"
	"github.com/hookrig/hookrig/contracts/signature"
)

var errSkeleton = errors.New("not there yet")

// Shape says how much of what is optional an event carries.
type Shape string

const (
	Minimal Shape = "minimal" // what is required
	Typical Shape = "typical" // a realistic share of the optional members; the zero Shape means this
	Full    Shape = "full"    // everything the schema names
)

// Options of New and FromSchema. The zero value is usable.
type Options struct {
	Seed   uint64
	At     time.Time // the moment the events are about; zero is a fixed instant
	Locale string    // "en" (default), "de", "cs", "pl"
	Shape  Shape
	Events []string // only these are proven and can be made; empty: all of the contract
}

// Faker makes events of one contract. It is immutable and safe for concurrent use.
type Faker struct{}

// New compiles a plan for each selected event and proves that it can be made.
// The error is an *contracts.UnknownEventError or an *ImpossibleError.
func New(c *contracts.Contract, o Options) (*Faker, error) { return nil, errSkeleton }

// FromSchema makes values of a bare schema; its only event has the name "".
func FromSchema(s *schema.Schema, o Options) (*Values, error) { return nil, errSkeleton }

// Values makes the instances of a bare schema.
type Values struct{}

// Append appends instance number n to dst.
func (v *Values) Append(dst []byte, n uint64) []byte { return dst }

// ImpossibleError: no instance can be made.
type ImpossibleError struct {
	Event   string
	Pointer string // into the schema's document
	Reason  string
	GaveUp  bool // not proven unsatisfiable, only not found
}

func (e *ImpossibleError) Error() string { return e.Reason }

// Edit changes one event: Set, Drop or Nth.
type Edit struct{}

// Set puts a JSON value (as text) at a JSON Pointer of the body. The pointer must be one that the
// event's schema knows.
func Set(pointer string, jsonText string) Edit { return Edit{} }

// Drop removes the member at a pointer.
func Drop(pointer string) Edit { return Edit{} }

// Nth chooses the ordinal of the event, 0 if not given. Same seed, same ordinal, same bytes.
func Nth(n uint64) Edit { return Edit{} }

// PointerError: an edit names a place that the event's schema does not know.
type PointerError struct {
	Event, Pointer string
	Nearest        []string
}

func (e *PointerError) Error() string { return e.Pointer }

// Event makes one event. Without edits the error is only ever about the name; with edits it may be a *PointerError or say that a value is no JSON.
// Set may make the event break its contract on purpose; validate it if that matters.
func (f *Faker) Event(name string, edits ...Edit) (contracts.Event, error) {
	return contracts.Event{}, errSkeleton
}

// Events yields ordinals 0, 1, 2, … without end.
func (f *Faker) Events(name string, edits ...Edit) (iter.Seq[contracts.Event], error) {
	return nil, errSkeleton
}

// Append appends the body of event number n of a selected type to dst: the fast path, without edits. It panics if the
// type was not selected in New.
func (f *Faker) Append(dst []byte, t *contracts.EventType, n uint64) []byte { return dst }

// Request makes one event and seals it as the provider would, ready for httptest.
func (f *Faker) Request(name string, seal contracts.SealOptions, edits ...Edit) (*http.Request, error) {
	return nil, errSkeleton
}

// Hints lists the names that x-faker understands, sorted.
func Hints() []string { return nil }

// ensure imports while the package is a skeleton
var _ = signature.Secret{}
