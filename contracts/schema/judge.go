package schema

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

// judge turns the error tree of the validator into violations.
type judge struct {
	body any
	root *jsonschema.Schema // what the body was judged by; nil if unknown

	names map[nameRule][]string // see findNames
}

// violations are those of an error and of what lies under it.
func (j *judge) violations(e *jsonschema.ValidationError) []Violation {
	switch k := e.ErrorKind.(type) {
	case nil:
		return nil
	case *kind.Schema, *kind.Group, *kind.Reference, *kind.AllOf:
		var all []Violation
		for _, cause := range e.Causes {
			all = append(all, j.violations(cause)...)
		}
		return all
	case *kind.AnyOf:
		return append(j.nearest(e), j.one(e, "anyOf", "a value that fits one of "+count(len(e.Causes), "alternative"), ""))
	case *kind.OneOf:
		if len(k.Subschemas) == 2 {
			return []Violation{j.one(e, "oneOf", "a value that fits exactly one alternative",
				"alternatives "+strconv.Itoa(k.Subschemas[0]+1)+" and "+strconv.Itoa(k.Subschemas[1]+1)+" fit")}
		}
		return append(j.nearest(e), j.one(e, "oneOf", "a value that fits one of "+count(len(e.Causes), "alternative"), ""))
	case *kind.Required:
		return j.each(e, "required", k.Missing, "")
	case *kind.DependentRequired:
		return j.each(e, "dependentRequired/"+Escape(k.Prop), k.Missing, " (because of "+quote(k.Prop)+")")
	case *kind.Dependency:
		return j.each(e, "dependencies/"+Escape(k.Prop), k.Missing, " (because of "+quote(k.Prop)+")")
	case *kind.AdditionalProperties:
		var all []Violation
		for _, name := range k.Properties {
			v := j.at(e, append(slices.Clone(e.InstanceLocation), name), "additionalProperties", "no member "+quote(name))
			all = append(all, v)
		}
		return all
	case *kind.AdditionalItems:
		list, _ := j.value(e.InstanceLocation).([]any)
		var all []Violation
		for i := len(list) - k.Count; i < len(list); i++ {
			all = append(all, j.at(e, append(slices.Clone(e.InstanceLocation), strconv.Itoa(i)), "additionalItems", "no further item"))
		}
		return all
	case *kind.PropertyNames:
		return j.propertyNames(e, k)
	case *kind.FalseSchema:
		return []Violation{j.falseSchema(e)}
	}
	rule, expected, seen := expectation(e.ErrorKind)
	return []Violation{j.one(e, rule, expected, seen)}
}

// each is one violation for each missing member.
func (j *judge) each(e *jsonschema.ValidationError, keyword string, missing []string, why string) []Violation {
	rule, _, _ := strings.Cut(keyword, "/")
	var all []Violation
	for _, name := range missing {
		v := j.one(e, rule, "member "+quote(name)+why, "nothing")
		v.SchemaPointer = formOf(e.SchemaURL).pointer + "/" + keyword
		all = append(all, v)
	}
	return all
}

// one is a violation where the error is; without words for what was seen, the
// value speaks for itself.
func (j *judge) one(e *jsonschema.ValidationError, rule, expected, seen string) Violation {
	v := j.at(e, e.InstanceLocation, rule, expected)
	if seen != "" {
		v.Found = seen
	}
	return v
}

func (j *judge) at(e *jsonschema.ValidationError, location []string, rule, expected string) Violation {
	return Violation{
		Pointer: join(location), Rule: rule, Expected: expected, Found: found(j.value(location)),
		SchemaPointer: formOf(e.SchemaURL).pointer + "/" + rule,
	}
}

func (j *judge) value(location []string) any {
	v := j.body
	for _, name := range location {
		v, _ = step(v, name)
	}
	return v
}

// falseSchema is the violation of a schema that refuses everything. Its rule
// is the keyword that the schema stands under.
func (j *judge) falseSchema(e *jsonschema.ValidationError) Violation {
	v := j.at(e, e.InstanceLocation, "false", "nothing")
	v.SchemaPointer = formOf(e.SchemaURL).pointer
	names, _ := split(v.SchemaPointer)
	for i, name := range slices.Backward(names) {
		k := holds[name]
		if direct := k == oneSchema || k == oneOrMore; i == len(names)-1 && direct || i == len(names)-2 && k != noSchema && k != oneSchema {
			v.Rule = name
			break
		}
	}
	if n := len(e.InstanceLocation); n > 0 {
		v.Expected = "no member " + quote(e.InstanceLocation[n-1])
		if _, ok := j.value(e.InstanceLocation[:n-1]).([]any); ok {
			v.Expected = "no item here"
		}
	}
	return v
}

// nearest are the violations of the alternative that comes nearest.
func (j *judge) nearest(e *jsonschema.ValidationError) []Violation {
	if len(e.Causes) == 0 {
		return nil
	}
	best := slices.MinFunc(e.Causes, func(a, b *jsonschema.ValidationError) int {
		return missOf(a, len(e.InstanceLocation)).compare(missOf(b, len(e.InstanceLocation)))
	})
	return j.violations(best)
}

// miss says how far a value is from an alternative. The right type counts
// first, then that few constants are missed, then how deep the value got, then
// how little is wrong.
type miss struct {
	wrongType int // 1 if the value itself is of another type
	constants int // constants and enumerations that were missed
	depth     int // of the deepest failure
	leaves    int
}

func (m miss) compare(o miss) int {
	return cmp.Or(
		cmp.Compare(m.wrongType, o.wrongType), cmp.Compare(m.constants, o.constants),
		-cmp.Compare(m.depth, o.depth), cmp.Compare(m.leaves, o.leaves),
	)
}

// missOf measures an error of a value at a depth. Of alternatives below it,
// the nearest counts.
func missOf(e *jsonschema.ValidationError, depth int) miss {
	if len(e.Causes) == 0 {
		m := miss{depth: len(e.InstanceLocation), leaves: 1}
		switch e.ErrorKind.(type) {
		case *kind.Type:
			if m.depth == depth {
				m.wrongType = 1
			}
		case *kind.Const, *kind.Enum:
			m.constants = 1
		}
		return m
	}
	misses := make([]miss, len(e.Causes))
	for i, cause := range e.Causes {
		misses[i] = missOf(cause, depth)
	}
	switch e.ErrorKind.(type) {
	case *kind.AnyOf, *kind.OneOf:
		return slices.MinFunc(misses, miss.compare)
	}
	var sum miss
	for _, m := range misses {
		sum.wrongType = max(sum.wrongType, m.wrongType)
		sum.constants += m.constants
		sum.depth = max(sum.depth, m.depth)
		sum.leaves += m.leaves
	}
	return sum
}
