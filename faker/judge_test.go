package faker

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hookrig/hookrig/contracts/schema"
)

// A suiteRow is a schema with instances, as the official suite has them.
type suiteRow struct {
	ID, Dialect, Description string
	Schema                   json.RawMessage
	Tests                    []struct{ Data json.RawMessage }
}

// suiteRows reads the suite in the tree, and the official one where
// HOOKRIG_SUITE names its folder.
func suiteRows(t *testing.T) (rows []suiteRow) {
	own, _ := filepath.Glob("../contracts/schema/testdata/suite/*.json")
	for _, file := range own {
		if strings.Contains(file, "-mixed") {
			continue // a schema of another dialect inside a document is no Node of its own
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var in []suiteRow
		if err := json.Unmarshal(text, &in); err != nil {
			t.Fatal(file, err)
		}
		dialect := strings.TrimSuffix(filepath.Base(file), ".json")
		for i := range in {
			in[i].Dialect, in[i].ID = dialect, in[i].Description
		}
		rows = append(rows, in...)
	}
	official, _ := filepath.Glob(filepath.Join(os.Getenv("HOOKRIG_SUITE"), "suite-required-*.jsonl"))
	for _, file := range official {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(bytes.NewReader(text))
		lines.Buffer(nil, 1<<24)
		for lines.Scan() {
			var row suiteRow
			if err := json.Unmarshal(lines.Bytes(), &row); err != nil {
				t.Fatal(err)
			}
			rows = append(rows, row)
		}
	}
	if len(rows) < 40 {
		t.Fatalf("only %d schemas", len(rows))
	}
	return rows
}

func (r suiteRow) compile() *schema.Schema {
	d, err := schema.Read("schema", r.Schema, schema.Limits{})
	if err != nil {
		return nil
	}
	s, err := schema.Compile(d, "", schema.Options{Dialect: schema.Dialect(r.Dialect)})
	if err != nil {
		return nil // it needs other documents
	}
	return s
}

// Our judge of single nodes agrees with the validator on every instance.
func TestJudgeAgreesWithTheValidator(t *testing.T) {
	count := 0
	for _, row := range suiteRows(t) {
		s := row.compile()
		if s == nil {
			continue
		}
		j := newJudge()
		j.containsEvaluates = func() bool { return row.Dialect == string(schema.Draft20) || row.Dialect == "oas3.1" }
		for _, test := range row.Tests {
			v, err := decode(test.Data)
			if err != nil || row.ID == "defs/0" || row.ID == "ref/6" {
				continue // a Node's $dynamicRef does not depend on where it is come from
			}
			count++
			if want := len(s.Validate(test.Data)) == 0; j.keeps(s.Node(), v) != want {
				t.Errorf("%s %s: %s is valid: %v", row.Dialect, row.ID, test.Data, want)
			}
		}
	}
	t.Logf("%d instances", count)
}

// Every schema of the suites in which something is valid makes valid values.
func TestSuiteSchemasAreMade(t *testing.T) {
	made := 0
	for _, row := range suiteRows(t) {
		s := row.compile()
		if s == nil {
			continue
		}
		for _, shape := range []Shape{Minimal, Typical, Full} {
			v, err := FromSchema(s, Options{Seed: 11, Shape: shape})
			if _, hint := err.(*HintError); hint {
				continue // an x-faker that another reader understands
			}
			if err != nil {
				for _, test := range row.Tests {
					if len(s.Validate(test.Data)) == 0 {
						t.Errorf("%s %s: %v, but %s is valid", row.Dialect, row.ID, err, test.Data)
						break
					}
				}
				continue
			}
			made++
			for n := range uint64(10) {
				if body := v.Append(nil, n); len(s.Validate(body)) > 0 {
					t.Errorf("%s %s: %s: %v", row.Dialect, row.ID, body, s.Validate(body))
					break
				}
			}
		}
	}
	t.Logf("%d schemas and shapes", made)
}

// Choices that a generator gets wrong if it takes a branch without a look at
// the others. Each has valid values.
func TestBranchesAreWeighed(t *testing.T) {
	for _, text := range []string{
		`{oneOf: [{type: integer}, {type: number, minimum: 2}]}`,
		`{oneOf: [{type: string, maxLength: 5}, {type: string, minLength: 3}]}`,
		`{oneOf: [{required: [a]}, {required: [b]}], type: object, properties: {a: {type: string}, b: {type: string}}}`,
		`{oneOf: [{type: string, pattern: "^a"}, {type: string, pattern: "b$"}]}`,
		`{oneOf: [{type: string, format: date}, {type: string, maxLength: 10}]}`,
		`{oneOf: [{type: array, items: {type: string}}, {type: array, items: {type: integer}}]}`,
		`{oneOf: [{multipleOf: 2}, {multipleOf: 3}], type: integer, minimum: 1, maximum: 20}`,
		`{anyOf: [{required: [a]}, {maxProperties: 0}], type: object, properties: {b: {type: string}, a: {type: integer}}}`,
		`{type: object, properties: {a: {enum: [1, 2]}, b: {}}, if: {properties: {a: {const: 1}}}, then: {required: [b]}, else: {properties: {b: false}}}`,
		`{type: object, properties: {a: {type: boolean}}, required: [a], if: {properties: {a: {const: true}}}, then: {properties: {c: {type: integer}}, required: [c]}, else: {properties: {d: {type: string}}, required: [d]}}`,
		`{not: {type: object, required: [a]}, type: object, properties: {a: {type: string}, b: {type: string}}}`,
		`{not: {enum: [1, 2, 3]}, type: integer, minimum: 1, maximum: 4}`,
		`{not: {pattern: "[aeiou]"}, type: string, minLength: 3}`,
		`{not: {items: {type: string}}, type: array}`,
		`{not: {anyOf: [{type: string}, {type: "null"}, {type: object}, {type: array}, {type: boolean}]}}`,
		`{allOf: [{not: {const: {a: 1}}}, {properties: {a: {const: 1}}, required: [a], additionalProperties: {type: string}, type: object, maxProperties: 2}]}`,
		`{type: string, allOf: [{pattern: "^[a-f]+$"}, {pattern: "^[d-z]+$"}, {minLength: 4}, {not: {pattern: "dd"}}]}`,
		`{type: array, uniqueItems: true, items: {type: integer, minimum: 1, maximum: 4}, minItems: 4}`,
		`{type: array, contains: {const: x}, items: {enum: [x, y]}, minItems: 3}`,
		`{type: array, items: {type: integer, minimum: 0, maximum: 9}, contains: {minimum: 5}, maxItems: 2}`,
		`{type: object, minProperties: 2, maxProperties: 2, propertyNames: {pattern: "^[ab]{1,2}$"}, additionalProperties: {type: "null"}}`,
		`{type: object, dependencies: {a: [b], b: {required: [c]}}, properties: {a: {type: string}, b: {type: string}, c: {type: string}}}`,
		`{type: object, properties: {kind: {type: string}}, required: [kind], oneOf: [{properties: {kind: {const: a}, x: {type: integer}}}, {properties: {kind: {const: b}, x: {type: string}}, required: [x]}]}`,
	} {
		d, err := schema.Read("schema.yaml", []byte(text), schema.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		s, err := schema.Compile(d, "", schema.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, shape := range []Shape{Minimal, Typical, Full} {
			v, err := FromSchema(s, Options{Shape: shape})
			if err != nil {
				t.Errorf("%s: %v", text, err)
				break
			}
			for n := range uint64(60) {
				body := v.Append(nil, n)
				if found := s.Validate(body); len(found) > 0 {
					t.Errorf("%s made %s: %v", text, body, found)
					break
				}
			}
		}
	}
}
