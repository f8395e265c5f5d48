package faker

import (
	"encoding/json"
	"math/big"
	"unicode/utf8"

	"github.com/hookrig/hookrig/contracts/schema"
)

// A judge says whether a value keeps a schema node. The compiled schema
// judges whole events; while a plan is made, single values must be judged
// against single nodes: the members of an enum, the rows of a word table.
type judge struct {
	patterns map[string]*pattern
	formats  map[string]func(string) bool
	enums    map[*schema.Node]*enum

	properties map[*schema.Node]map[string]*schema.Node
	depth      int

	// containsEvaluates: items that "contains" accepts count as evaluated, as
	// 2020-12 has it and 2019-09 has not.
	containsEvaluates func() bool
}

func newJudge() *judge {
	return &judge{patterns: map[string]*pattern{}, formats: map[string]func(string) bool{}, enums: map[*schema.Node]*enum{}, properties: map[*schema.Node]map[string]*schema.Node{}}
}

func (j *judge) evaluates() bool { return j.containsEvaluates != nil && j.containsEvaluates() }

// enum is the decoded enum of a node.
func (j *judge) enum(n *schema.Node) []any {
	j.allows(n, nil)
	return j.enums[n].values
}

// allows reports whether the enum of a node has a value.
func (j *judge) allows(n *schema.Node, v any) bool {
	e, ok := j.enums[n]
	if !ok {
		e = &enum{known: map[string]bool{}}
		for _, raw := range n.Enum {
			if w, err := decode(raw); err == nil {
				e.values = append(e.values, w)
				e.known[canonical(w)] = true
			}
		}
		j.enums[n] = e
	}
	return e.known[canonical(v)]
}

type enum struct {
	values []any
	known  map[string]bool // by canonical spelling
}

// seen is what in-place schemas have looked at: members and items that an
// enclosing "unevaluated…" leaves alone.
type seen struct {
	members map[string]bool
	items   map[int]bool
}

func (e *seen) add(o *seen) {
	for m := range o.members {
		e.member(m)
	}
	for i := range o.items {
		e.item(i)
	}
}

func (e *seen) member(m string) {
	if e.members == nil {
		e.members = map[string]bool{}
	}
	e.members[m] = true
}

func (e *seen) item(i int) {
	if e.items == nil {
		e.items = map[int]bool{}
	}
	e.items[i] = true
}

// keeps reports whether a decoded value keeps the node.
func (j *judge) keeps(n *schema.Node, v any) bool {
	ok, _ := j.look(n, v)
	return ok
}

func (j *judge) meets(lits []literal, v any) bool {
	for _, l := range lits {
		if j.keeps(l.node, v) == l.not {
			return false
		}
	}
	return true
}

func (j *judge) look(n *schema.Node, v any) (bool, *seen) {
	e := &seen{}
	if n.Bool != nil {
		return *n.Bool, e
	}
	if j.depth > 1000 {
		return false, e // a schema that applies itself in place for ever
	}
	j.depth++
	defer func() { j.depth-- }()

	return j.plain(n, v, e) && j.inPlace(n, v, e) && j.unevaluated(n, v, e), e
}

// plain judges all but what applies to the same value in place.
func (j *judge) plain(n *schema.Node, v any, e *seen) bool {
	if n.Bool != nil {
		return *n.Bool
	}
	if !n.Types.Has(typeOf(v)) {
		return false
	}
	if n.HasEnum && !j.allows(n, v) {
		return false
	}
	switch v := v.(type) {
	case json.Number:
		return j.number(n, v)
	case string:
		return j.text(n, v)
	case []any:
		return j.array(n, v, e)
	case map[string]any:
		return j.object(n, v, e)
	}
	return true
}

func (j *judge) inPlace(n *schema.Node, v any, e *seen) bool {
	all := n.AllOf
	if n.Ref != nil {
		all = append([]*schema.Node{n.Ref}, all...)
	}
	for _, c := range all {
		ok, ce := j.look(c, v)
		if !ok {
			return false
		}
		e.add(ce)
	}
	matches := func(branches []*schema.Node) (count int) {
		for _, c := range branches {
			if ok, ce := j.look(c, v); ok {
				count++
				e.add(ce)
			}
		}
		return count
	}
	if n.AnyOf != nil && matches(n.AnyOf) == 0 {
		return false
	}
	if n.OneOf != nil && matches(n.OneOf) != 1 {
		return false
	}
	if n.Not != nil && j.keeps(n.Not, v) {
		return false
	}
	if n.If != nil {
		branch := n.Else
		if ok, ce := j.look(n.If, v); ok {
			e.add(ce)
			branch = n.Then
		}
		if branch != nil {
			ok, ce := j.look(branch, v)
			if !ok {
				return false
			}
			e.add(ce)
		}
	}
	return true
}

func (j *judge) number(n *schema.Node, v json.Number) bool {
	if !saysNumber(n) {
		return true
	}
	r, ok := new(big.Rat).SetString(string(v))
	return ok &&
		(n.Minimum == nil || r.Cmp(n.Minimum) >= 0) &&
		(n.Maximum == nil || r.Cmp(n.Maximum) <= 0) &&
		(n.ExclusiveMinimum == nil || r.Cmp(n.ExclusiveMinimum) > 0) &&
		(n.ExclusiveMaximum == nil || r.Cmp(n.ExclusiveMaximum) < 0) &&
		(n.MultipleOf == nil || multiple(r, n.MultipleOf))
}

func (j *judge) text(n *schema.Node, v string) bool {
	length := utf8.RuneCountInString(v)
	return (n.MinLength == nil || length >= *n.MinLength) &&
		(n.MaxLength == nil || length <= *n.MaxLength) &&
		(n.Pattern == "" || j.matches(n.Pattern, v)) &&
		(n.Format == "" || j.format(n.Format, v))
}

func (j *judge) array(n *schema.Node, v []any, e *seen) bool {
	if n.MinItems != nil && len(v) < *n.MinItems || n.MaxItems != nil && len(v) > *n.MaxItems {
		return false
	}
	for i, item := range v {
		if c := itemNode(n, i); c != nil {
			if !j.keeps(c, item) {
				return false
			}
			e.item(i)
		}
	}
	if n.UniqueItems {
		met := map[string]bool{}
		for _, item := range v {
			c := canonical(item)
			if met[c] {
				return false
			}
			met[c] = true
		}
	}
	if n.Contains != nil {
		count := 0
		for i, item := range v {
			if j.keeps(n.Contains, item) {
				count++
				if j.evaluates() {
					e.item(i)
				}
			}
		}
		if least, most := containsBounds(n); count < least || most >= 0 && count > most {
			return false
		}
	}
	return true
}

// itemNode is the schema of element i, nil where the node has none for it.
func itemNode(n *schema.Node, i int) *schema.Node {
	if i < len(n.PrefixItems) {
		return n.PrefixItems[i]
	}
	return n.Items
}

func containsBounds(n *schema.Node) (least, most int) {
	least, most = 1, -1
	if n.MinContains != nil {
		least = *n.MinContains
	}
	if n.MaxContains != nil {
		most = *n.MaxContains
	}
	return least, most
}

func (j *judge) object(n *schema.Node, v map[string]any, e *seen) bool {
	if n.MinProperties != nil && len(v) < *n.MinProperties || n.MaxProperties != nil && len(v) > *n.MaxProperties {
		return false
	}
	for _, r := range n.Required {
		if _, ok := v[r]; !ok {
			return false
		}
	}
	for _, m := range sortedKeys(v) {
		if n.PropertyNames != nil && !j.keeps(n.PropertyNames, m) {
			return false
		}
		for _, c := range j.memberNodes(n, m) {
			if !j.keeps(c, v[m]) {
				return false
			}
			e.member(m)
		}
		for _, r := range n.DependentRequired[m] {
			if _, ok := v[r]; !ok {
				return false
			}
		}
		if c := n.DependentSchemas[m]; c != nil {
			ok, ce := j.look(c, v)
			if !ok {
				return false
			}
			e.add(ce)
		}
	}
	return true
}

// memberNodes are the schemas of n for a member of that name.
func (j *judge) memberNodes(n *schema.Node, member string) []*schema.Node {
	var nodes []*schema.Node
	if c := j.property(n, member); c != nil {
		nodes = append(nodes, c)
	}
	for _, p := range n.PatternProperties {
		if j.matches(p.Pattern, member) {
			nodes = append(nodes, p.Node)
		}
	}
	if nodes == nil && n.AdditionalProperties != nil {
		nodes = append(nodes, n.AdditionalProperties)
	}
	return nodes
}

// property finds a named member; big schemas are indexed.
func (j *judge) property(n *schema.Node, member string) *schema.Node {
	if len(n.Properties) < 32 {
		for _, p := range n.Properties {
			if p.Name == member {
				return p.Node
			}
		}
		return nil
	}
	index, ok := j.properties[n]
	if !ok {
		index = map[string]*schema.Node{}
		for _, p := range n.Properties {
			index[p.Name] = p.Node
		}
		j.properties[n] = index
	}
	return index[member]
}

func (j *judge) unevaluated(n *schema.Node, v any, e *seen) bool {
	switch v := v.(type) {
	case map[string]any:
		if n.UnevaluatedProperties == nil {
			return true
		}
		for m := range v {
			if !e.members[m] {
				if !j.keeps(n.UnevaluatedProperties, v[m]) {
					return false
				}
				e.member(m)
			}
		}
	case []any:
		if n.UnevaluatedItems == nil {
			return true
		}
		for i := range v {
			if !e.items[i] {
				if !j.keeps(n.UnevaluatedItems, v[i]) {
					return false
				}
				e.item(i)
			}
		}
	}
	return true
}
