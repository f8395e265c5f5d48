package schema

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// TestViolations: the table of testdata/violations.yaml, many times over: what
// is said does not depend on the order of a map.
func TestViolations(t *testing.T) {
	text, err := os.ReadFile("testdata/violations.yaml")
	if err != nil {
		t.Fatal(err)
	}
	d := read(t, "violations.yaml", string(text))
	for i, row := range d.Value().([]any) {
		at := fmt.Sprintf("/%d", i)
		line, _ := d.Position(at)
		row := row.(map[string]any)
		t.Run(fmt.Sprintf("line %d", line), func(t *testing.T) {
			for range 20 {
				// A document of its own, so that pointers count from the schema.
				raw, _ := d.place(at + "/schema")
				one := read(t, "schema.json", string(appendJSON(nil, row["schema"], raw)))
				dialect, _ := row["dialect"].(string)
				s, err := Compile(one, "", Options{Dialect: Dialect(dialect)})
				if err != nil {
					t.Fatal(err)
				}
				body := []byte(row["body"].(string))
				if want, ok := row["violations"]; ok {
					check(t, want, s.Validate(body), func(v Violation) string { return v.String() + " @ " + v.SchemaPointer })
				}
				if want, ok := row["undocumented"]; ok {
					check(t, want, s.Undocumented(body), func(v Violation) string { return v.Pointer })
				}
			}
		})
	}
}

func check(t *testing.T, want any, violations []Violation, spell func(Violation) string) {
	t.Helper()
	got := []any{}
	for _, v := range violations {
		got = append(got, spell(v))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("(-want +got)\n%s", diff)
	}
}

// TestValidateHostile: bodies and schemas made to be expensive are judged, or
// refused, in time; the test's own time limit is what a slow judge breaks.
func TestValidateHostile(t *testing.T) {
	many := func(item string) string { return "[" + strings.Repeat(item+",", 20_000) + "null]" }
	evil := `"` + strings.Repeat("a", 50) + `!"`
	for name, c := range map[string]struct {
		schema, body string
		rule         string
	}{
		"deep":                  {"{}", strings.Repeat("[", 1_000_000), "json"},
		"too many values":       {"{}", "[" + strings.Repeat("0,", 600_000) + "0]", "json"},
		"a pattern":             {"pattern: ^(?=a)(a+)+$", evil, "pattern"},
		"a pattern many times":  {"items: {pattern: ^(?=a)(a+)+$}", many(evil), "pattern"},
		"names by a pattern":    {"patternProperties: {'^(?=a)(a+)+$': false}\nminProperties: 3", `{` + evil + `:1}`, "minProperties"},
		"doubling":              {"properties: {a: {$ref: '#'}}\nallOf: [{properties: {a: {$ref: '#'}}}]", strings.Repeat(`{"a":`, 150) + "1" + strings.Repeat("}", 150), "effort"},
		"doubling by items":     {"items: {$ref: '#'}\nanyOf: [{items: {$ref: '#'}}, {items: {type: array}}]", strings.Repeat("[", 150) + strings.Repeat("]", 150), "effort"},
		"many wrong":            {"items: {type: string}", many("1"), "type"},
		"many names":            {"items: {propertyNames: {maxLength: 1}}", many(`{"aa":1}`), "propertyNames"},
		"many alternatives":     {"items: {anyOf: [{type: string}, {const: 1}, {minimum: 5}]}", many("2"), "anyOf"},
		"equal numbers":         {"uniqueItems: true", many("1e1000"), "uniqueItems"},
		"numbers of many forms": {"items: {multipleOf: 1e-1000}\nmaxItems: 5", many("1e1000"), "maxItems"},
		"a pattern as a value":  {"format: regex", `"` + strings.Repeat("(", 100_000) + `"`, "format"},
		"a long name":           {"additionalProperties: false", `{"` + strings.Repeat("x", 1<<20) + `":1}`, "additionalProperties"},
	} {
		violations := compile(t, c.schema, Options{}).Validate([]byte(c.body))
		found := false
		for _, v := range violations {
			found = found || v.Rule == c.rule
			if len(v.Found) > 4*maxText+20 || len(v.Expected) > 1000 {
				t.Errorf("%s: a violation has %d and %d bytes", name, len(v.Expected), len(v.Found))
			}
		}
		if !found {
			t.Errorf("%s: no violation of %q among %d", name, c.rule, len(violations))
		}
	}
}

// TestRecursionWithoutDoubling: a recursive schema judges bodies as deep as
// they may be.
func TestRecursionWithoutDoubling(t *testing.T) {
	s := compile(t, "properties: {a: {$ref: '#'}, n: {type: integer}}\nallOf: [{required: [n]}, {properties: {n: {minimum: 0}}}]", Options{})
	body := strings.Repeat(`{"n":1,"a":`, 190) + `{"n":"x"}` + strings.Repeat("}", 190)
	if v := s.Validate([]byte(body)); len(v) != 1 || v[0].Rule != "type" {
		t.Errorf("got %v", v)
	}
}

// TestLaborious: only schemas that may need exponential time are measured.
func TestLaborious(t *testing.T) {
	tower := func(n int) string {
		var b strings.Builder
		b.WriteString("$ref: '#/d/0'\nd:\n")
		for i := range n {
			fmt.Fprintf(&b, "  '%d': {allOf: [{properties: {a: {$ref: '#/d/%d'}}}, {properties: {a: {$ref: '#/d/%d'}}}]}\n", i, i+1, i+1)
		}
		fmt.Fprintf(&b, "  '%d': {items: {type: string}}\n", n)
		return b.String()
	}
	for name, c := range map[string]struct {
		schema string
		want   bool
	}{
		"plain":                      {"properties: {a: {properties: {b: {type: string}}}}", false},
		"recursive":                  {"properties: {a: {$ref: '#'}}", false},
		"recursive, other member":    {"properties: {a: {$ref: '#'}}\nallOf: [{properties: {b: {items: true}}}]", false},
		"twice, a leaf":              {"properties: {a: {$ref: '#'}, b: {type: string}}\nallOf: [{properties: {b: {minLength: 1}}}]", false},
		"twice, not recursive":       {tower(5), false},
		"twice, a high tower":        {tower(30), true},
		"twice":                      {"properties: {a: {$ref: '#'}}\nallOf: [{properties: {a: {$ref: '#'}}}]", true},
		"named and not named":        {"properties: {a: {$ref: '#'}}\nallOf: [{additionalProperties: {$ref: '#'}}]", true},
		"a map of maps":              {"properties: {a: {$ref: '#'}}\nadditionalProperties: {$ref: '#'}", false},
		"named and by pattern":       {"properties: {a: {$ref: '#'}}\npatternProperties: {^a: {$ref: '#'}}", true},
		"items and contains":         {"items: {$ref: '#'}\ncontains: {$ref: '#'}", true},
		"items and, below, contains": {"items: {$ref: '#'}\nanyOf: [{contains: {$ref: '#'}}]", true},
		"through a reference":        {"$ref: '#/d'\nd: {oneOf: [{$ref: '#/e'}, {properties: {a: {$ref: '#/d'}}}]}\ne: {properties: {a: {items: {$ref: '#/d'}}}}", true},
	} {
		if got := compile(t, c.schema, Options{}).laborious; got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// TestReadBody: whatever encoding/json can write is a body, and is read as it
// was written.
func TestReadBody(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := jsonValue(t, 3)
		got, violations := readBody(marshal(want))
		if diff := cmp.Diff(want, got); diff != "" || violations != nil {
			t.Errorf("%v\n%s", violations, diff)
		}
	})
}

// TestValidateTogether: one schema judges in several goroutines at a time,
// with patterns that need patience too.
func TestValidateTogether(t *testing.T) {
	s := compile(t, "items: {pattern: ^(?!b)a+$, format: regex}", Options{})
	done := make(chan []Violation)
	for range 8 {
		go func() { done <- s.Validate([]byte(`["a","aa","(?!x)","b"]`)) }()
	}
	for range 8 {
		if v := <-done; len(v) != 2 {
			t.Errorf("got %v", v)
		}
	}
}

// The place of a refused name is found below "unevaluatedProperties" too, of
// members that are asked for but not evaluated.
func TestPlaceOfNames(t *testing.T) {
	s, err := Compile(read(t, "s.yaml", `{dependentRequired: {c: [d]}, unevaluatedProperties: {propertyNames: {maxLength: 1}}}`), "", Options{Dialect: Draft20})
	if err != nil {
		t.Fatal(err)
	}
	for range 20 {
		if v := s.Validate([]byte(`{"c":{"AA":1},"d":{}}`)); len(v) != 1 || v[0].Pointer != "/c/AA" {
			t.Fatal(v)
		}
	}
}
