package schema

import (
	"encoding/json"
	"math/big"
)

// Types is the set of JSON types that a schema allows.
type Types uint8

// The JSON types. Integer is a subset of Number: a schema of type "number"
// has both bits, one of type "integer" has Integer only.
const (
	Null Types = 1 << iota
	Boolean
	Integer
	Number
	String
	Array
	Object

	// AnyType is every type, the meaning of an absent "type".
	AnyType = Null | Boolean | Integer | Number | String | Array | Object
)

// Has reports whether t allows all of u.
func (t Types) Has(u Types) bool { return t&u == u }

// Node is one schema of a compiled graph, read-only. References are followed:
// Ref points at the node that "$ref" (or "$recursiveRef", "$dynamicRef")
// names, and a recursive schema is a cycle of nodes; where two of them stand
// side by side, the second is one of AllOf. The same schema is the same *Node,
// so pointers may be map keys. A keyword that is absent has the zero value of
// its field, unless the field says otherwise.
//
// Up to draft-07 what stands beside a "$ref" has no meaning and is left out,
// but for Title, Description and Extensions, which judge nothing.
type Node struct {
	// Pointer is where the schema stands in its document, Document the name
	// of that document.
	Pointer, Document string
	// Bool is set for the boolean schemas true and false.
	Bool *bool

	// Types is AnyType where the schema does not say.
	Types Types
	// Enum holds the allowed values as the document spells them; a const is an
	// Enum of one, and beside an enum it is an AllOf with such an Enum. HasEnum
	// tells an absent enum from an empty one.
	Enum    []json.RawMessage
	HasEnum bool

	Ref   *Node
	AllOf []*Node
	AnyOf []*Node
	OneOf []*Node
	Not   *Node
	If    *Node
	Then  *Node
	Else  *Node

	// Properties are in the order of the document.
	Properties            []Property
	PatternProperties     []PatternProperty
	AdditionalProperties  *Node // nil: absent
	UnevaluatedProperties *Node
	PropertyNames         *Node
	Required              []string
	DependentRequired     map[string][]string
	DependentSchemas      map[string]*Node
	MinProperties         *int
	MaxProperties         *int

	// PrefixItems are the positional items of every dialect (the array form
	// of "items" before 2020-12); Items judges the elements after them.
	PrefixItems      []*Node
	Items            *Node
	UnevaluatedItems *Node
	Contains         *Node
	MinContains      *int
	MaxContains      *int
	MinItems         *int
	MaxItems         *int
	UniqueItems      bool

	MinLength *int
	MaxLength *int
	Pattern   string
	Format    string

	Minimum          *big.Rat
	Maximum          *big.Rat
	ExclusiveMinimum *big.Rat
	ExclusiveMaximum *big.Rat
	MultipleOf       *big.Rat

	Title, Description string
	Default            json.RawMessage
	Examples           []json.RawMessage
	// Extensions are the members of the schema whose names start with "x-",
	// decoded as in Document.Value, for example Extensions["x-faker"].
	Extensions map[string]any
}

// Property is a named member of an object schema.
type Property struct {
	Name string
	Node *Node
}

// PatternProperty is a schema for members whose names match a pattern.
type PatternProperty struct {
	Pattern string
	Node    *Node
}
