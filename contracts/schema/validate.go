package schema

import (
	"cmp"
	"errors"
	"slices"
	"strconv"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Validate judges a JSON text. The violations are sorted by pointer and then
// by schema pointer, and stable; nil means that the body keeps the schema.
//
// Of "anyOf" and "oneOf" without a match it reports the keyword itself and
// what is wrong in the alternative that comes nearest.
//
// A body that is no JSON breaks rule "json", and so does a duplicate member,
// at the member's pointer. Reading is strict (RFC 8259): no byte order mark,
// no invalid UTF-8, nothing after the value; an escaped surrogate without its
// partner is read as U+FFFD, as encoding/json does. What DefaultLimits say of
// depth and nodes holds for bodies too, and numbers of more than 1000
// characters or with an exponent beyond ±1000 are refused by the same rule.
func (s *Schema) Validate(body []byte) []Violation {
	v, violations := readBody(body)
	if len(violations) > 0 {
		return violations
	}
	s.patience.spend(func() {
		if !s.canJudge(v) {
			violations = []Violation{{Rule: "effort", Expected: "a body that " + strconv.Itoa(maxEffort) + " applications of schemas can judge", Found: "more"}}
			return
		}
		var invalid *jsonschema.ValidationError
		if errors.As(s.compiled.Validate(v), &invalid) {
			j := judge{body: v, root: s.compiled}
			violations = sorted(j.violations(invalid))
		}
	})
	return violations
}

// readBody reads a body and says what is wrong with it as JSON.
func readBody(body []byte) (any, []Violation) {
	var violations []Violation
	r := &jsonReader{data: body, maxDepth: DefaultLimits.Depth, maxNodes: DefaultLimits.Nodes}
	r.duplicate = func(name string) error {
		violations = append(violations, Violation{
			Pointer: join(r.path), Rule: "json", Expected: "each member once", Found: quote(name) + " twice",
		})
		return nil
	}
	v, _, err := r.read()
	var e *jsonError
	if errors.As(err, &e) {
		return nil, append(violations, jsonViolation(body, e))
	}
	return v, sorted(violations)
}

func jsonViolation(body []byte, e *jsonError) Violation {
	at := (&Document{}).errorAt(body, e.offset, e.message)
	return Violation{
		Rule: "json", Expected: "a JSON text",
		Found: e.message + " at line " + strconv.Itoa(at.Line) + ", column " + strconv.Itoa(at.Column),
	}
}

// sorted orders violations and drops those that are said twice.
func sorted(violations []Violation) []Violation {
	slices.SortFunc(violations, func(a, b Violation) int {
		return cmp.Or(
			cmp.Compare(a.Pointer, b.Pointer), cmp.Compare(a.SchemaPointer, b.SchemaPointer),
			cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Expected, b.Expected), cmp.Compare(a.Found, b.Found),
		)
	})
	return slices.Compact(violations)
}
