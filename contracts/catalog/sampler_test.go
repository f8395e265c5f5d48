package catalog_test

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"testing"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/schema"
)

// spot is a place of a body: all schemas that judge what stands there.
type spot []*schema.Node

// sampler makes one body that has every member, plainly and without the faker,
// which is judged by these contracts and must not be their judge. Of every
// choice it takes alternative number branch.
type sampler struct{ branch int }

// flat follows references, allOf, and one branch of each choice.
func (m sampler) flat(s spot) (nodes []*schema.Node) {
	for _, n := range s {
		nodes = append(nodes, n)
		if n.Ref != nil {
			nodes = append(nodes, m.flat(spot{n.Ref})...)
		}
		nodes = append(nodes, m.flat(n.AllOf)...)
		for _, choice := range [][]*schema.Node{n.AnyOf, n.OneOf} {
			if len(choice) > 0 {
				nodes = append(nodes, m.flat(spot{choice[m.branch%len(choice)]})...)
			}
		}
	}
	return nodes
}

// named are the named members of an object and what judges each.
func named(nodes []*schema.Node) (names []string, at map[string]spot) {
	at = map[string]spot{}
	for _, n := range nodes {
		for _, p := range n.Properties {
			if at[p.Name] == nil {
				names = append(names, p.Name)
			}
			at[p.Name] = append(at[p.Name], p.Node)
		}
	}
	return names, at
}

// items judge the elements of a list.
func items(nodes []*schema.Node) (s spot) {
	for _, n := range nodes {
		if n.Items != nil {
			s = append(s, n.Items)
		}
	}
	return s
}

func types(nodes []*schema.Node) schema.Types {
	all := schema.AnyType
	for _, n := range nodes {
		all &= n.Types
	}
	return all
}

// special places allow some values of their type only.
func special(nodes []*schema.Node) bool {
	return slices.ContainsFunc(nodes, func(n *schema.Node) bool { return n.HasEnum || n.Format != "" || n.Pattern != "" })
}

// value is a JSON value for a spot: map[string]any, []any, string, int, bool or nil.
func (m sampler) value(s spot) any {
	nodes := m.flat(s)
	if v, ok := enumerated(nodes); ok {
		return v
	}
	names, at := named(nodes)
	switch all := types(nodes); {
	case len(names) > 0 || all.Has(schema.Object):
		out := map[string]any{}
		for _, name := range names {
			out[name] = m.value(at[name])
		}
		return out
	case all.Has(schema.Array):
		if of := items(nodes); of != nil {
			return []any{m.value(of)}
		}
		return []any{}
	case all.Has(schema.String):
		return text(nodes)
	case all.Has(schema.Integer):
		return 1
	case all.Has(schema.Boolean):
		return true
	}
	return nil
}

// walk visits every place of what value makes, the outer ones first.
func (m sampler) walk(s spot, at []any, visit func(at []any, here spot)) {
	visit(at, s)
	nodes := m.flat(s)
	if _, ok := enumerated(nodes); ok {
		return
	}
	if names, below := named(nodes); len(names) > 0 || types(nodes).Has(schema.Object) {
		for _, name := range names {
			m.walk(below[name], append(slices.Clip(at), name), visit)
		}
	} else if of := items(nodes); of != nil && types(nodes).Has(schema.Array) {
		m.walk(of, append(slices.Clip(at), 0), visit)
	}
}

// enumerated is the first value that all enums of a place allow.
func enumerated(nodes []*schema.Node) (any, bool) {
	var common []string
	found := false
	for _, n := range nodes {
		if !n.HasEnum {
			continue
		}
		var here []string
		for _, v := range n.Enum {
			if !found || slices.Contains(common, string(v)) {
				here = append(here, string(v))
			}
		}
		common, found = here, true
	}
	if !found || len(common) == 0 {
		return nil, false
	}
	var v any
	err := json.Unmarshal([]byte(common[0]), &v)
	return v, err == nil
}

// text keeps formats and patterns by trying what is known.
func text(nodes []*schema.Node) string {
	known := map[string]string{"date-time": "2024-05-28T17:30:07+02:00", "date": "2024-05-28"}
	candidates := []string{"2019-01-08T15:13:39+0100", "6f1c2b7e-3d0a-4e58-9b1f-8a4d5c6e7f90", "315185", "EUR"}
	out := "text"
	for _, n := range nodes {
		if v, ok := known[n.Format]; ok {
			out = v
		}
		if n.Pattern != "" {
			of := regexp.MustCompile(n.Pattern)
			if i := slices.IndexFunc(candidates, of.MatchString); i >= 0 {
				out = candidates[i]
			}
		}
	}
	return out
}

// otherwise: another alternative of a choice at this very place takes values of
// x's type.
func otherwise(s spot, x any) bool {
	for _, n := range (sampler{}).flat(s) {
		for _, choice := range [][]*schema.Node{n.AnyOf, n.OneOf} {
			for i := range choice {
				if all := types(sampler{i}.flat(spot{choice[i]})); all != schema.AnyType && all.Has(typeOf(x)) {
					return true
				}
			}
		}
	}
	return false
}

func typeOf(x any) schema.Types {
	switch x.(type) {
	case map[string]any:
		return schema.Object
	case []any:
		return schema.Array
	case string:
		return schema.String
	case bool:
		return schema.Boolean
	case int:
		return schema.Integer
	case float64:
		return schema.Number
	}
	return schema.Null
}

// width is the largest number of alternatives of any choice below a spot, at
// least one.
func width(s spot) int {
	most, seen := 1, map[*schema.Node]bool{}
	var visit func(n *schema.Node)
	visit = func(n *schema.Node) {
		if n == nil || seen[n] {
			return
		}
		seen[n] = true
		most = max(most, len(n.AnyOf), len(n.OneOf))
		for _, next := range slices.Concat([]*schema.Node{n.Ref, n.Items}, n.AllOf, n.AnyOf, n.OneOf) {
			visit(next)
		}
		for _, p := range n.Properties {
			visit(p.Node)
		}
	}
	for _, n := range s {
		visit(n)
	}
	return most
}

func root(t *testing.T, e *contracts.EventType) *schema.Node {
	t.Helper()
	s, err := e.Schema()
	if err != nil {
		t.Fatal(err)
	}
	return s.Node()
}

// get is the value at a path of member names and indices.
func get(body any, at []any) any {
	for _, step := range at {
		switch step := step.(type) {
		case string:
			body = body.(map[string]any)[step]
		case int:
			body = body.([]any)[step]
		}
	}
	return body
}

// with is the body with another value at a path; the body itself stays as it is.
func with(body any, at []any, value any) any {
	if len(at) == 0 {
		return value
	}
	switch step := at[0].(type) {
	case string:
		out := maps.Clone(body.(map[string]any))
		out[step] = with(out[step], at[1:], value)
		return out
	default:
		out := slices.Clone(body.([]any))
		out[step.(int)] = with(out[step.(int)], at[1:], value)
		return out
	}
}

func encode(t *testing.T, body any) []byte {
	t.Helper()
	out, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
