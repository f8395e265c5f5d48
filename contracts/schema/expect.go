package schema

import (
	"fmt"
	"math/big"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

// expectation puts a kind of error into words. Without words for what was
// seen, the value speaks for itself.
func expectation(k jsonschema.ErrorKind) (rule, expected, seen string) {
	switch k := k.(type) {
	case *kind.Type:
		return "type", anyOfTypes(k.Want), ""
	case *kind.Const:
		return "const", spelled(k.Want), ""
	case *kind.Enum:
		return "enum", oneOf(k.Want), ""
	case *kind.Format:
		return "format", formatName(k.Want), ""
	case *kind.Pattern:
		return "pattern", "text that matches " + cut(k.Want), ""
	case *kind.MinLength:
		return "minLength", "at least " + count(k.Want, "character"), count(k.Got, "character")
	case *kind.MaxLength:
		return "maxLength", "at most " + count(k.Want, "character"), count(k.Got, "character")
	case *kind.MinItems:
		return "minItems", "at least " + count(k.Want, "item"), count(k.Got, "item")
	case *kind.MaxItems:
		return "maxItems", "at most " + count(k.Want, "item"), count(k.Got, "item")
	case *kind.MinProperties:
		return "minProperties", "at least " + count(k.Want, "member"), count(k.Got, "member")
	case *kind.MaxProperties:
		return "maxProperties", "at most " + count(k.Want, "member"), count(k.Got, "member")
	case *kind.UniqueItems:
		return "uniqueItems", "items that differ", fmt.Sprintf("items %d and %d are equal", k.Duplicates[0], k.Duplicates[1])
	case *kind.Contains:
		return "contains", "an item that fits", ""
	case *kind.MinContains:
		return "minContains", "at least " + count(k.Want, "item") + " that fit", count(len(k.Got), "item")
	case *kind.MaxContains:
		return "maxContains", "at most " + count(k.Want, "item") + " that fit", count(len(k.Got), "item")
	case *kind.Minimum:
		return "minimum", "at least " + decimal(k.Want), ""
	case *kind.Maximum:
		return "maximum", "at most " + decimal(k.Want), ""
	case *kind.ExclusiveMinimum:
		return "exclusiveMinimum", "more than " + decimal(k.Want), ""
	case *kind.ExclusiveMaximum:
		return "exclusiveMaximum", "less than " + decimal(k.Want), ""
	case *kind.MultipleOf:
		return "multipleOf", "a multiple of " + decimal(k.Want), ""
	case *kind.Not:
		return "not", `a value that the schema under "not" refuses`, ""
	}
	path := k.KeywordPath()
	if len(path) == 0 {
		return "schema", "a value that can be judged", ""
	}
	return path[0], "a value that keeps " + strings.Join(path, "/"), ""
}

// decimal spells a number of a schema.
func decimal(r *big.Rat) string {
	if r.IsInt() {
		return cut(r.Num().String())
	}
	s := r.FloatString(20)
	return cut(strings.TrimRight(s, "0"))
}
