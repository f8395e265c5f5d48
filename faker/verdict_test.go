package faker_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/hookrig/hookrig/contracts/schema"
	"github.com/hookrig/hookrig/faker"
)

// What is called unsatisfiable has no value; what was only not found is called
// otherwise; and what is far out, but not hidden, is found.
func TestVerdicts(t *testing.T) {
	const made, unsatisfiable, gaveUp = "", "unsatisfiable", "gave up"
	list := func(from, to int, format string) string {
		var parts []string
		for i := from; i < to; i++ {
			parts = append(parts, strings.NewReplacer("§", fmt.Sprint(i), "¶", fmt.Sprint(i+1)).Replace(format))
		}
		return strings.Join(parts, ",")
	}
	for name, c := range map[string]struct{ text, want string }{
		"the last number":        {`{"type":"integer","minimum":0,"maximum":599,"not":{"enum":[` + list(0, 599, "§") + `]}}`, made},
		"no number left":         {`{"type":"integer","minimum":0,"maximum":599,"not":{"enum":[` + list(0, 600, "§") + `]}}`, unsatisfiable},
		"numbers behind others":  {`{"type":"integer","minimum":0,"not":{"enum":[` + list(0, 3000, "§") + `]}}`, made},
		"multiples of all":       {`{"type":"integer","multipleOf":6,"not":{"multipleOf":3}}`, unsatisfiable},
		"very small steps":       {`{"type":"number","multipleOf":1e-500,"minimum":1,"maximum":2}`, made},
		"very near bounds":       {`{"type":"number","exclusiveMinimum":1e-600,"exclusiveMaximum":2e-600}`, made},
		"nothing between bounds": {`{"type":"integer","exclusiveMinimum":1,"exclusiveMaximum":2}`, unsatisfiable},
		"long exact pattern":     {`{"type":"string","pattern":"^(a|b){1000}c{1000}$"}`, made},
		"many names":             {`{"type":"object","propertyNames":{"pattern":"^[A-Z]{3}$"},"minProperties":500}`, made},
		"too few names":          {`{"type":"object","propertyNames":{"enum":["a","b"]},"minProperties":3}`, unsatisfiable},
		"closed and too small":   {`{"type":"object","properties":{"a":{}},"additionalProperties":false,"minProperties":2}`, unsatisfiable},
		"different integers":     {`{"type":"array","uniqueItems":true,"minItems":2000,"items":{"type":"integer"}}`, made},
		"different addresses":    {`{"type":"array","uniqueItems":true,"minItems":1000,"items":{"type":"string","format":"email"}}`, made},
		"different positions":    {`{"type":"array","uniqueItems":true,"minItems":300,"prefixItems":[{"type":"integer"}],"items":{"type":"string"}}`, made},
		"a matching":             {`{"type":"array","uniqueItems":true,"minItems":4,"prefixItems":[{"enum":[1,2,3,4]},{"enum":[1,2,3]},{"enum":[1,2]},{"enum":[1]}]}`, made},
		"no matching":            {`{"type":"array","uniqueItems":true,"minItems":14,"prefixItems":[` + list(0, 14, `{"type":"integer","minimum":1,"maximum":13}`) + `]}`, gaveUp},
		"needs in a chain":       {`{"type":"object","required":["p0"],"dependentRequired":{` + list(0, 1500, `"p§":["p¶"]`) + `}}`, made},
		"needs and a maximum":    {`{"type":"object","required":["p0"],"maxProperties":9,"dependentRequired":{` + list(0, 9, `"p§":["p¶"]`) + `}}`, unsatisfiable},
		"as deep as can be":      {deep(199), made},
		"too deep":               {deep(1000), gaveUp},
		"schemas by thousands":   {`{"type":"object","allOf":[` + list(0, 1100, `{"properties":{"p§":{"type":"integer"}},"required":["p§"]}`) + `]}`, made},
	} {
		t.Run(name, func(t *testing.T) {
			d, err := schema.Read("verdict", []byte(c.text), schema.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			s, err := schema.Compile(d, "", schema.Options{Dialect: schema.Draft20})
			if err != nil {
				t.Fatal(err)
			}
			v, err := faker.FromSchema(s, faker.Options{Shape: faker.Full})
			var e *faker.ImpossibleError
			switch {
			case err == nil && c.want == made:
				for n := range uint64(4) {
					if found := s.Validate(v.Append(nil, 100+n)); len(found) > 0 {
						t.Error(found[0])
					}
				}
			case err == nil:
				t.Errorf("is made: %.100s", v.Append(nil, 0))
			case !errors.As(err, &e) || !strings.HasPrefix(err.Error(), c.want) || c.want == made:
				t.Errorf("%q is wanted: %v", c.want, err)
			}
		})
	}
}

// deep is a chain of so many objects, each of which must hold the next.
func deep(n int) string {
	var b strings.Builder
	b.WriteString(`{"$ref":"#/$defs/d1","$defs":{`)
	for i := 1; i <= n; i++ {
		fmt.Fprintf(&b, `"d%d":{"type":"object","required":["x"],"properties":{"x":{"$ref":"#/$defs/d%d"}}},`, i, i+1)
	}
	fmt.Fprintf(&b, `"d%d":{"type":"integer"}}}`, n+1)
	return b.String()
}

// Hints cannot ask for what does not fit.
func TestHintsWithinReason(t *testing.T) {
	for _, c := range []struct {
		text string
		ok   bool
	}{
		{`{"type":"array","items":{"type":"integer"},"x-faker":{"list":{"max":1e12}}}`, false},
		{`{"type":"array","items":{"type":"integer"},"x-faker":{"list":{"min":-1}}}`, false},
		{`{"type":"array","items":{"type":"integer"},"x-faker":{"list":{"min":1000,"max":1000}}}`, true},
		{`{"type":"string","x-faker":{"id.small":{"min":-1e30,"max":1e30}}}`, false},
		{`{"type":"string","x-faker":{"number":{"min":-1e12,"max":1e12,"decimals":9}}}`, true},
		{`{"type":"string","format":"date-time","x-faker":{"date.recent":{"zone":"+9999"}}}`, false},
		{`{"type":"string","format":"date-time","x-faker":{"date.recent":{"zone":"-05:30"}}}`, true},
	} {
		d, err := schema.Read("hint", []byte(c.text), schema.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		s, err := schema.Compile(d, "", schema.Options{Dialect: schema.Draft20})
		if err != nil {
			t.Fatal(err)
		}
		_, err = faker.FromSchema(s, faker.Options{})
		var e *faker.HintError
		if ok := err == nil; ok != c.ok || !ok && !errors.As(err, &e) {
			t.Errorf("%s: %v", c.text, err)
		}
	}
}
