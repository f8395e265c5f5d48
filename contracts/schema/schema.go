// Package schema reads JSON and YAML documents under limits and compiles the
// JSON Schemas inside them.
//
// Three names carry the package. A [Document] is untrusted text turned into a
// tree in which every JSON Pointer has a line and a column. A [Schema] is one
// schema of a document, compiled once, immutable and safe for concurrent use;
// it judges bodies and answers with [Violation] values. A [Node] is the same
// schema as a read-only graph with every reference resolved, for whoever wants
// to generate instead of judge.
//
//	doc, err := schema.Read("asyncapi.yaml", text, schema.Limits{})
//	body, err := schema.Compile(doc, "/components/messages/order.create/payload", schema.Options{})
//	for _, v := range body.Validate(received) {
//		fmt.Println(v) // /order/total: type: expected a number, found "12"
//	}
//
// A mistake in a document is an [*Error] that names file, line, column and
// JSON Pointer. A body that breaks its schema is no error: it was looked at,
// and the violations are what was seen.
//
// Nothing here touches the network or a file: other files of a document set
// come through a [Loader] that the caller supplies, and what has a URL through
// [Options].Remotes. The only clock is the time limit of patterns that need
// backtracking.
package schema

// Dialect names the rules a schema without "$schema" is read by.
type Dialect string

// The dialects that Compile knows. The zero Dialect is Draft7, which is also
// the base of the AsyncAPI schema object.
const (
	Draft4  Dialect = "draft-04"
	Draft6  Dialect = "draft-06"
	Draft7  Dialect = "draft-07"
	Draft19 Dialect = "2019-09"
	Draft20 Dialect = "2020-12"
	// OpenAPI30 is the schema object of OpenAPI 3.0.x: draft-04 with
	// "nullable", without the keywords that OpenAPI leaves out, and with one
	// type at most. As OpenAPI 3.0.3 makes clear, "nullable" adds null to the
	// "type" beside it and does nothing else: an "enum" lists null itself.
	OpenAPI30 Dialect = "oas3.0"
	// OpenAPI31 is the schema object of OpenAPI 3.1.x: 2020-12, in which
	// OpenAPI's own keywords judge nothing.
	OpenAPI31 Dialect = "oas3.1"
)

// Dialects are all that Compile knows, the oldest first.
func Dialects() []Dialect {
	return []Dialect{Draft4, Draft6, Draft7, Draft19, Draft20, OpenAPI30, OpenAPI31}
}

// Violation is one way in which a body breaks its schema. It is a finding, not
// an error: the body was looked at and this is what was seen.
type Violation struct {
	// Pointer is the JSON Pointer of the offending value in the body; ""
	// is the whole body.
	Pointer string `json:"pointer"`
	// Rule is the keyword that was broken ("type", "required", "enum",
	// "format", …), or "json" for a body that is no JSON at all.
	Rule string `json:"rule"`
	// Expected and Found say in a few words what the rule asks for and what
	// stood there. Found never holds more than about 80 characters.
	Expected string `json:"expected"`
	Found    string `json:"found"`
	// SchemaPointer is where the rule stands, as a JSON Pointer into the
	// document of the schema, for example
	// "/components/schemas/time/pattern".
	SchemaPointer string `json:"schemaPointer,omitempty"`
}

// String is the violation on one line, as commands print it.
func (v Violation) String() string {
	at := v.Pointer
	if at == "" {
		at = "/"
	}
	return at + ": " + v.Rule + ": expected " + v.Expected + ", found " + v.Found
}
