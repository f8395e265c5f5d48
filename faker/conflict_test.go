package faker_test

import (
	"errors"
	"testing"

	"github.com/hookrig/hookrig/faker"
)

// An unsatisfiable schema is told by the places that contradict each other, and
// by no others.
func TestConflicts(t *testing.T) {
	for _, c := range []struct{ schema, want string }{
		{`{allOf: [{type: string}, {description: harmless}, {type: integer}, {minimum: 3}]}`,
			`unsatisfiable: no value keeps the schemas at "/allOf/0", "/allOf/2" together (at "/allOf/0")`},
		{`{type: object, required: [a], properties: {a: {type: integer, minimum: 5, allOf: [{$ref: "#/definitions/x"}]}}, definitions: {x: {allOf: [{maximum: 3}, {multipleOf: 2}]}}}`,
			`unsatisfiable: member "a" is required and cannot be made; no value keeps the schemas at "/properties/a", "/definitions/x/allOf/0" together (at "/properties/a")`},
		{`{type: string, minLength: 5, allOf: [{pattern: "^[a-c]{1,3}$"}]}`,
			`unsatisfiable: no value keeps the schemas at "", "/allOf/0" together (at "")`},
		{`{enum: [1, 2], allOf: [{enum: [2, 3]}, {not: {enum: [2]}}, {type: integer}]}`,
			`unsatisfiable: no value keeps the schemas at "", "/allOf/0", "/allOf/1" together (at "")`},
		{`{type: array, items: {type: string}, contains: {type: integer}}`,
			`unsatisfiable: element 0 is required and cannot be made; no value keeps the schemas at "/contains", "/items" together (at "/contains")`},
		{`{type: string, minLength: 3, maxLength: 2}`, `unsatisfiable: no value keeps the schema (at "")`},
		{`{allOf: [{type: string}, false]}`, `unsatisfiable: no value keeps the schema (at "/allOf/1")`},
		{`false`, `unsatisfiable: no value keeps the schema (at "")`},
	} {
		_, err := faker.FromSchema(compileText(t, c.schema), faker.Options{})
		var e *faker.ImpossibleError
		if !errors.As(err, &e) || e.GaveUp || err.Error() != c.want {
			t.Errorf("%s:\n got %v\nwant %s", c.schema, err, c.want)
		}
	}
}
