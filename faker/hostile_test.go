package faker_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hookrig/hookrig/contracts/schema"
	"github.com/hookrig/hookrig/faker"
)

// Schemas that were written to hurt: each is made or refused, soon, and never
// made wrongly.
func TestHostileSchemas(t *testing.T) {
	many := func(n int, format string) string {
		var parts []string
		for i := range n {
			parts = append(parts, strings.ReplaceAll(format, "§", fmt.Sprint(i)))
		}
		return strings.Join(parts, ",")
	}
	for name, text := range map[string]string{
		"long string":         `{"type":"string","minLength":1000000000}`,
		"long list":           `{"type":"array","minItems":1000000000}`,
		"lists of lists":      `{"type":"array","minItems":10000,"items":{"type":"array","minItems":10000}}`,
		"many members":        `{"type":"object","minProperties":100000000}`,
		"wide object":         `{"type":"object","properties":{` + many(5000, `"p§":{"type":"string"}`) + `}}`,
		"all required":        `{"type":"object","required":[` + many(3000, `"p§"`) + `],"additionalProperties":{"type":"integer"}}`,
		"fan out":             `{"$ref":"#/$defs/d0","$defs":{` + many(24, `"d§":{"type":"object","required":["a","b"],"properties":{"a":{"$ref":"#/$defs/n§"},"b":{"$ref":"#/$defs/n§"}}},"n§":{"type":"object","properties":{"x":{"type":"string"}}}`) + `}}`,
		"doubling":            doubling(40),
		"anyOf of anyOf":      `{"allOf":[` + many(14, `{"anyOf":[{"required":["a§"]},{"required":["b§"]},{"minProperties":§}]}`) + `]}`,
		"oneOf of many":       `{"oneOf":[` + many(120, `{"type":"object","required":["kind","v§"],"properties":{"kind":{"const":"k§"},"v§":{"type":"integer","minimum":§}}}`) + `]}`,
		"oneOf without clue":  `{"type":"object","oneOf":[` + many(16, `{"properties":{"a§":{"type":"string"}},"required":["a§"]}`) + `]}`,
		"not of all":          `{"not":{"anyOf":[` + many(40, `{"required":["a§"]}`) + `]},"type":"object","properties":{` + many(41, `"a§":{}`) + `}}`,
		"if chain":            `{"type":"object","allOf":[` + many(20, `{"if":{"properties":{"a§":{"const":1}},"required":["a§"]},"then":{"required":["b§"]},"else":{"required":["c§"]}}`) + `]}`,
		"dependencies":        `{"type":"object","required":["a0"],"dependentRequired":{` + many(200, `"a§":["b§","a1","a2"]`) + `},"dependentSchemas":{` + many(12, `"a§":{"minProperties":2}`) + `}}`,
		"exploding automaton": `{"type":"string","pattern":"(a|b)*a(a|b){20}$"}`,
		"patterns that fight": `{"type":"string","allOf":[` + many(6, `{"pattern":"a{1§}.*b{1§}"}`) + `]}`,
		"backtracking":        `{"type":"string","pattern":"^(a+)+\\1$"}`,
		"deep recursion":      `{"$ref":"#/$defs/n","$defs":{"n":{"type":"object","required":["a"],"properties":{"a":{"anyOf":[{"$ref":"#/$defs/n"},{"type":"array","minItems":1,"items":{"$ref":"#/$defs/n"}},{"type":"null"}]}}}}}`,
		"only recursion":      `{"type":"array","minItems":1,"items":{"$ref":"#"}}`,
		"itself":              `{"allOf":[{"$ref":"#/$defs/a"}],"$defs":{"a":{"anyOf":[{"$ref":"#/$defs/b"}]},"b":{"type":"integer"}}}`,
		"large enum":          `{"enum":[` + many(5000, `"v§"`) + `],"not":{"enum":[` + many(4999, `"v§"`) + `]}}`,
		"unique booleans":     `{"type":"array","uniqueItems":true,"minItems":3,"items":{"type":"boolean"}}`,
		"unique objects":      `{"type":"array","uniqueItems":true,"minItems":4,"items":{"type":"object","required":["a","b"],"properties":{"a":{"type":"boolean"},"b":{"type":"boolean"}},"additionalProperties":false}}`,
		"numbers far out":     `{"type":"number","minimum":1e300,"maximum":1.0000001e300,"multipleOf":1e-5}`,
		"oneOf of the same":   `{"oneOf":[` + many(1000, `{"type":"integer"}`) + `]}`,
		"not of words":        `{"type":"string","not":{"enum":[` + many(5000, `"w§"`) + `]}}`,
		"deep arrays":         strings.Repeat(`{"type":"array","items":`, 60) + `{}` + strings.Repeat(`}`, 60),
	} {
		t.Run(name, func(t *testing.T) {
			d, err := schema.Read("hostile", []byte(text), schema.Limits{})
			if err != nil {
				t.Skip(err)
			}
			s, err := schema.Compile(d, "", schema.Options{Dialect: schema.Draft20})
			if err != nil {
				t.Skip(err)
			}
			shapes := []faker.Shape{faker.Full}
			if whole() {
				shapes = []faker.Shape{faker.Minimal, faker.Typical, faker.Full}
			}
			for _, shape := range shapes {
				begin := time.Now()
				v, err := faker.FromSchema(s, faker.Options{Shape: shape})
				t.Logf("%s: %v %v", shape, time.Since(begin), err)
				if err != nil {
					var e *faker.ImpossibleError
					if !errors.As(err, &e) {
						t.Fatal(err)
					}
					continue
				}
				for n := range uint64(5) {
					body := v.Append(nil, n)
					if found := s.Validate(body); len(found) > 0 {
						t.Fatalf("%.200s: %v", body, found)
					}
				}
			}
		})
	}
}

// doubling is a chain in which each object holds the next one twice.
func doubling(n int) string {
	var b strings.Builder
	b.WriteString(`{"$ref":"#/$defs/d0","$defs":{`)
	for i := range n {
		fmt.Fprintf(&b, `"d%d":{"type":"object","required":["a"],"properties":{"a":{"$ref":"#/$defs/d%d"},"b":{"$ref":"#/$defs/d%d"}}},`, i, i+1, i+1)
	}
	fmt.Fprintf(&b, `"d%d":{"type":"string"}}}`, n)
	return b.String()
}
