package schema

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// node returns the node of a compiled schema, making it and all that it leads
// to at first use. A schema that leads back to itself finds its own node.
func (c *compiler) node(s *jsonschema.Schema) *Node {
	if s == nil {
		return nil
	}
	at := formOf(s.Location)
	if n, ok := c.nodes[at]; ok {
		return n
	}
	n := &Node{Pointer: at.pointer, Document: at.doc, Types: AnyType}
	c.nodes[at] = n
	g := grapher{c: c, s: s, n: n, at: at.site}
	if doc := c.docs[at.doc]; doc != nil {
		n.Document = doc.doc.name
		g.doc = doc.doc
		raw, _ := g.doc.Lookup(at.pointer)
		g.raw, _ = raw.(map[string]any)
	}
	if s.Bool != nil && g.raw == nil {
		n.Bool = s.Bool
		return n
	}
	g.annotations()
	g.general()
	g.object()
	g.array()
	g.scalars()
	return n
}

// grapher fills one node from the compiled schema, and from the document what
// the compiled schema has lost: order and spelling.
type grapher struct {
	c   *compiler
	s   *jsonschema.Schema
	n   *Node
	at  site
	doc *Document
	raw map[string]any
}

// keys are the member names of a keyword's object in document order.
func (g *grapher) keys(keyword string, names []string) []string {
	if g.doc != nil {
		if ordered := g.doc.Keys(g.at.pointer + "/" + keyword); ordered != nil {
			return ordered
		}
	}
	slices.Sort(names)
	return names
}

func (g *grapher) nodes(schemas []*jsonschema.Schema) []*Node {
	var nodes []*Node
	for _, s := range schemas {
		nodes = append(nodes, g.c.node(s))
	}
	return nodes
}

// boolOrSchema is the node of a keyword that the compiler keeps as a bool or
// a schema.
func (g *grapher) boolOrSchema(keyword string, v any) *Node {
	switch v := v.(type) {
	case bool:
		return &Node{Pointer: g.at.pointer + "/" + keyword, Document: g.n.Document, Bool: &v, Types: AnyType}
	case *jsonschema.Schema:
		return g.c.node(v)
	}
	return nil
}

func (g *grapher) annotations() {
	g.n.Title, g.n.Description = cmp.Or(stringAt(g.raw, "title"), g.s.Title), cmp.Or(stringAt(g.raw, "description"), g.s.Description)
	for name, v := range g.raw {
		if strings.HasPrefix(name, "x-") {
			if g.n.Extensions == nil {
				g.n.Extensions = map[string]any{}
			}
			g.n.Extensions[name] = v
		}
	}
	if _, ref := g.raw["$ref"].(string); ref && g.s.DraftVersion < 2019 {
		return
	}
	if _, ok := g.raw["default"]; ok {
		g.n.Default = g.spell("/default", g.raw["default"])
	}
	examples, _ := g.raw["examples"].([]any)
	for i, example := range examples {
		g.n.Examples = append(g.n.Examples, g.spell("/examples/"+strconv.Itoa(i), example))
	}
	if example, ok := g.raw["example"]; ok && g.doc != nil {
		if d := g.c.dialectOf(g.at); d == OpenAPI30 || d == OpenAPI31 {
			g.n.Examples = append(g.n.Examples, g.spell("/example", example))
		}
	}
}

func (g *grapher) general() {
	s, n := g.s, g.n
	n.Ref = g.c.node(s.Ref)
	n.AllOf = g.nodes(s.AllOf)
	if s.RecursiveRef != nil {
		n.AllOf = append(n.AllOf, g.c.node(s.RecursiveRef))
	}
	if s.DynamicRef != nil {
		n.AllOf = append(n.AllOf, g.c.node(s.DynamicRef.Ref))
	}
	if s.Types != nil && !s.Types.IsEmpty() {
		n.Types = 0
		for _, t := range s.Types.ToStrings() {
			n.Types |= typeBits[t]
		}
	}
	if s.Enum != nil {
		n.HasEnum = true
		for i, v := range s.Enum.Values {
			n.Enum = append(n.Enum, g.spell("/enum/"+strconv.Itoa(i), v))
		}
	}
	if s.Const != nil {
		only := []json.RawMessage{g.spell("/const", *s.Const)}
		if n.HasEnum { // both hold: the constant is one more schema to keep
			n.AllOf = append(n.AllOf, &Node{Pointer: n.Pointer, Document: n.Document, Types: AnyType, HasEnum: true, Enum: only})
		} else {
			n.HasEnum, n.Enum = true, only
		}
	}
	n.AnyOf, n.OneOf = g.nodes(s.AnyOf), g.nodes(s.OneOf)
	n.Not, n.If, n.Then, n.Else = g.c.node(s.Not), g.c.node(s.If), g.c.node(s.Then), g.c.node(s.Else)
}

var typeBits = map[string]Types{
	"null": Null, "boolean": Boolean, "integer": Integer, "number": Integer | Number,
	"string": String, "array": Array, "object": Object,
}

func (g *grapher) object() {
	s, n := g.s, g.n
	for _, name := range g.keys("properties", slices.Collect(maps.Keys(s.Properties))) {
		if child := s.Properties[name]; child != nil {
			n.Properties = append(n.Properties, Property{name, g.c.node(child)})
		}
	}
	patterns := map[string]*jsonschema.Schema{}
	for re, child := range s.PatternProperties {
		patterns[re.String()] = child
	}
	for _, pattern := range g.keys("patternProperties", slices.Collect(maps.Keys(patterns))) {
		if child := patterns[pattern]; child != nil {
			n.PatternProperties = append(n.PatternProperties, PatternProperty{pattern, g.c.node(child)})
		}
	}
	n.AdditionalProperties = g.boolOrSchema("additionalProperties", s.AdditionalProperties)
	n.UnevaluatedProperties = g.c.node(s.UnevaluatedProperties)
	n.PropertyNames = g.c.node(s.PropertyNames)
	n.Required = s.Required
	n.MinProperties, n.MaxProperties = s.MinProperties, s.MaxProperties
	if len(s.DependentRequired) > 0 {
		n.DependentRequired = maps.Clone(s.DependentRequired)
	}
	depend := func(name string, child *jsonschema.Schema) {
		if n.DependentSchemas == nil {
			n.DependentSchemas = map[string]*Node{}
		}
		n.DependentSchemas[name] = g.c.node(child)
	}
	for name, child := range s.DependentSchemas {
		depend(name, child)
	}
	for name, dependency := range s.Dependencies {
		switch dependency := dependency.(type) {
		case []string:
			if n.DependentRequired == nil {
				n.DependentRequired = map[string][]string{}
			}
			n.DependentRequired[name] = append(slices.Clone(n.DependentRequired[name]), dependency...)
		case *jsonschema.Schema:
			depend(name, dependency)
		}
	}
}

func (g *grapher) array() {
	s, n := g.s, g.n
	switch items := s.Items.(type) {
	case *jsonschema.Schema:
		n.Items = g.c.node(items)
	case []*jsonschema.Schema:
		n.PrefixItems = g.nodes(items)
		n.Items = g.boolOrSchema("additionalItems", s.AdditionalItems)
	}
	if s.DraftVersion >= 2020 {
		n.PrefixItems, n.Items = g.nodes(s.PrefixItems), g.c.node(s.Items2020)
	}
	n.UnevaluatedItems = g.c.node(s.UnevaluatedItems)
	n.Contains = g.c.node(s.Contains)
	n.MinContains, n.MaxContains = s.MinContains, s.MaxContains
	n.MinItems, n.MaxItems, n.UniqueItems = s.MinItems, s.MaxItems, s.UniqueItems
}

func (g *grapher) scalars() {
	s, n := g.s, g.n
	n.MinLength, n.MaxLength = s.MinLength, s.MaxLength
	if s.Pattern != nil {
		n.Pattern = s.Pattern.String()
	}
	if s.Format != nil {
		n.Format = s.Format.Name
	} else if s.Ref == nil || s.DraftVersion >= 2019 {
		n.Format = stringAt(g.raw, "format")
	}
	n.Minimum, n.Maximum = s.Minimum, s.Maximum
	n.ExclusiveMinimum, n.ExclusiveMaximum = s.ExclusiveMinimum, s.ExclusiveMaximum
	n.MultipleOf = s.MultipleOf
}

// spell is the JSON of a value below the schema, its keys in document order.
func (g *grapher) spell(below string, v any) json.RawMessage {
	if g.doc == nil {
		return marshal(v)
	}
	p, exact := g.doc.place(g.at.pointer + below)
	if !exact {
		return marshal(v)
	}
	return appendJSON(nil, v, p)
}
