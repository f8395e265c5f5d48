package schema

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// translate turns what the compiler says into one message at one place.
func (c *compiler) translate(err error, at site) error {
	var invalid *jsonschema.SchemaValidationError
	var why *jsonschema.ValidationError
	if errors.As(err, &invalid) && errors.As(invalid.Err, &why) {
		return c.badKeyword(formOf(invalid.URL).site, why)
	}
	return c.errorAt(at, "%s", strings.ReplaceAll(err.Error(), "\n", "; "))
}

// badKeyword explains why a schema breaks the rules of its dialect, with the
// one reason that says most: the deepest, and a reason rather than the
// alternatives that it belongs to.
func (c *compiler) badKeyword(at site, why *jsonschema.ValidationError) error {
	doc := c.docs[at.doc]
	if doc == nil {
		return c.errorAt(at, "this is no schema")
	}
	v, _ := doc.doc.Lookup(at.pointer)
	j := judge{body: v}
	reasons := sorted(j.violations(why))
	if len(reasons) == 0 {
		return c.errorAt(at, "this is no schema")
	}
	worst := slices.MaxFunc(reasons, func(a, b Violation) int {
		return cmp.Or(
			cmp.Compare(strings.Count(a.Pointer, "/"), strings.Count(b.Pointer, "/")),
			-cmp.Compare(applicator(a.Rule), applicator(b.Rule)),
			c.inOrder(at, b.Pointer, a.Pointer),
		)
	})
	names, _ := split(worst.Pointer)
	keyword := keywordOf(names)
	e := c.errorAt(at.child(names...), "%s: expected %s, found %s", keyword, worst.Expected, worst.Found)
	e.Hint = keywordHint(keyword, j.value(names))
	return e
}

// inOrder compares two places below a schema by where they stand in the text.
func (c *compiler) inOrder(at site, a, b string) int {
	doc := c.docs[at.doc].doc
	aLine, aColumn := doc.Position(at.pointer + a)
	bLine, bColumn := doc.Position(at.pointer + b)
	return cmp.Or(cmp.Compare(aLine, bLine), cmp.Compare(aColumn, bColumn))
}

func applicator(rule string) int {
	if rule == "anyOf" || rule == "oneOf" {
		return 1
	}
	return 0
}

// keywordOf is the keyword that a place in a schema belongs to.
func keywordOf(names []string) string {
	for _, name := range slices.Backward(names) {
		if _, number := index(name, 1<<30); !number {
			return name
		}
	}
	return "schema"
}

var typeList = []string{"array", "boolean", "integer", "null", "number", "object", "string"}

// otherTypes are what people write who know the types of other languages.
var otherTypes = map[string]string{
	"int": "integer", "int32": "integer", "int64": "integer", "long": "integer", "bigint": "integer",
	"float": "number", "double": "number", "decimal": "number", "bool": "boolean",
	"dict": "object", "map": "object", "struct": "object", "list": "array", "tuple": "array",
	"text": "string", "str": "string", "nil": "null", "none": "null",
}

// keywordHint says what to write instead, for the mistakes that people make.
func keywordHint(keyword string, v any) string {
	text, isText := v.(string)
	_, isBool := v.(bool)
	_, isList := v.([]any)
	switch {
	case keyword == "type" && isText:
		lower := strings.ToLower(text)
		if other, ok := otherTypes[lower]; ok {
			return "write " + quote(other)
		}
		switch lower {
		case "date", "datetime", "date-time", "timestamp", "time", "uuid", "email", "uri", "url":
			return `write "type": "string" with a "format"`
		case "any":
			return `leave "type" out to allow any type`
		}
		return didYouMean(text, typeList)
	case keyword == "required" && isBool:
		return `"required" stands in the object and lists the names of its members`
	case (keyword == "exclusiveMinimum" || keyword == "exclusiveMaximum") && isBool:
		return `in this dialect the bound itself stands here, in place of "` + strings.ToLower(keyword[9:]) + `"`
	case keyword == "items" && isList:
		return `in this dialect the list is called "prefixItems"`
	}
	return ""
}
