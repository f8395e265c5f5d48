package schema

import "errors"

var errSkeleton = errors.New("not there yet")

// Limits bound what an untrusted document may cost. A zero field means the
// field of DefaultLimits.
type Limits struct {
	Bytes   int // size of the text
	Depth   int // nesting of maps, lists and $refs
	Nodes   int // values after aliases are expanded
	Aliases int // uses of YAML aliases
}

// DefaultLimits are generous for contracts and small for attackers.
var DefaultLimits = Limits{Bytes: 8 << 20, Depth: 200, Nodes: 500_000, Aliases: 1000}

// Error says where a document is broken. It is the error that Read and Compile
// return for everything that the author of the document can mend.
type Error struct {
	File         string
	Line, Column int    // 1-based; 0 where unknown
	Pointer      string // JSON Pointer, "" for the root
	Message      string // lower-case, one line
	Hint         string // what to do about it, may be empty
}

// Error formats as "file:line:column: message (at /pointer)".
func (e *Error) Error() string { return e.Message }

// Document is a JSON or YAML text under Limits: its values and the position of
// each. It is immutable.
type Document struct{}

// Read parses data, which may be JSON or YAML. Duplicate keys, YAML timestamps
// turned into dates, anchors that explode, and anything over the limits are
// handled here, once: a value has the type that its JSON spelling has.
// The error is an *Error.
func Read(name string, data []byte, lim Limits) (*Document, error) { return nil, errSkeleton }

// Name is the name that Read was given.
func (d *Document) Name() string { return "" }

// Value is the document as map[string]any, []any, string, bool, json.Number
// and nil. Callers must not change it.
func (d *Document) Value() any { return nil }

// Lookup returns the value at a JSON Pointer. It does not follow "$ref".
func (d *Document) Lookup(pointer string) (any, bool) { return nil, false }

// Keys returns the member names of the object at pointer in document order.
func (d *Document) Keys(pointer string) []string { return nil }

// Position returns the 1-based line and column of the value at pointer, or of
// its nearest ancestor that exists.
func (d *Document) Position(pointer string) (line, column int) { return 0, 0 }

// Errorf makes an *Error at a pointer of this document.
func (d *Document) Errorf(pointer, format string, args ...any) *Error { return &Error{} }

// Loader brings the other files of a document set. The name is a slash path
// relative to the root of the set, already cleaned; names that would leave the
// root, and every URL, are refused before the Loader is asked.
type Loader func(name string) (*Document, error)

// Options for Compile.
type Options struct {
	Dialect Dialect
	// Load brings documents that "$ref" names; nil refuses all of them.
	Load Loader
}

// Compile compiles the schema at a JSON Pointer of the document. Formats are
// asserted in every dialect. The error is an *Error.
func Compile(d *Document, pointer string, o Options) (*Schema, error) { return nil, errSkeleton }

// Schema is a compiled JSON Schema: immutable, safe for concurrent use.
type Schema struct{}

// Validate judges a JSON text. The violations are sorted and stable; nil means
// that the body keeps the schema. A body that is no JSON breaks rule "json",
// a duplicate member breaks rule "json" too, at the member's pointer.
func (s *Schema) Validate(body []byte) []Violation { return nil }

// Undocumented lists the members of a valid body that no keyword of the schema
// speaks of, as violations of rule "undocumented".
func (s *Schema) Undocumented(body []byte) []Violation { return nil }

// Node is the schema as a graph for generators.
func (s *Schema) Node() *Node { return nil }

// Bundle is the schema as one self-contained JSON Schema document, indented,
// every $ref pointing inside it, x- members dropped, "$schema" set. The bytes
// are the same on every call.
func (s *Schema) Bundle() []byte { return nil }

// Escape turns a member name into a JSON Pointer token ("a/b" → "a~1b").
func Escape(name string) string { return name }

// Nearest returns the candidates most like name, best first, at most three:
// what "did you mean" prints.
func Nearest(name string, candidates []string) []string { return nil }
