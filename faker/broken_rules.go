package faker

import (
	"slices"
	"strconv"

	"github.com/hookrig/hookrig/contracts/schema"
)

// A breach is one rule of one schema that a value can break: a keyword, or a
// part of one.
type breach struct {
	keyword string
	arg     string // which of them: a member, a pattern, a position, a case
	needed  string // by the member that arg is
}

// Cases of "oneOf": no alternative fits, or more than one.
const (
	fitsNone    = "none"
	fitsSeveral = "several"
)

// breachesOf lists the rules of a node. Rules that nothing can break, such as
// minLength 0, are none; what stands inside a subschema belongs to that one.
func (b *breaker) breachesOf(n *schema.Node) []breach {
	var all []breach
	if n.Bool != nil {
		return nil
	}
	has := func(keyword string, there bool) {
		if there {
			all = append(all, breach{keyword: keyword})
		}
	}
	positive := func(n *int) bool { return n != nil && *n > 0 }
	has("type", n.Types != schema.AnyType)
	has("enum", n.HasEnum)
	has("format", n.Format != "" && b.tools.judge.knows(n.Format))
	has("pattern", n.Pattern != "")
	has("minLength", positive(n.MinLength))
	has("maxLength", n.MaxLength != nil)
	has("minimum", n.Minimum != nil)
	has("exclusiveMinimum", n.ExclusiveMinimum != nil)
	has("maximum", n.Maximum != nil)
	has("exclusiveMaximum", n.ExclusiveMaximum != nil)
	has("multipleOf", n.MultipleOf != nil)
	all = append(all, objectBreaches(n)...)
	has("minProperties", positive(n.MinProperties))
	has("maxProperties", n.MaxProperties != nil)
	has("propertyNames", n.PropertyNames != nil && !trivial(n.PropertyNames))
	has("additionalProperties", refuses(n.AdditionalProperties))
	has("unevaluatedProperties", refuses(n.UnevaluatedProperties))
	for i, c := range n.PrefixItems {
		if refuses(c) {
			all = append(all, breach{keyword: "prefixItems", arg: strconv.Itoa(i)})
		}
	}
	has("items", refuses(n.Items))
	has("unevaluatedItems", refuses(n.UnevaluatedItems))
	has("minItems", positive(n.MinItems))
	has("maxItems", n.MaxItems != nil)
	has("uniqueItems", n.UniqueItems)
	if n.Contains != nil {
		least, most := containsBounds(n)
		has("contains", least > 0)
		has("maxContains", most >= 0)
	}
	has("not", n.Not != nil)
	has("anyOf", len(n.AnyOf) > 0)
	if len(n.OneOf) > 0 {
		all = append(all, breach{keyword: "oneOf", arg: fitsNone})
	}
	if len(n.OneOf) > 1 {
		all = append(all, breach{keyword: "oneOf", arg: fitsSeveral})
	}
	return all
}

// objectBreaches are those that name members.
func objectBreaches(n *schema.Node) []breach {
	var all []breach
	for _, name := range n.Required {
		if x := (breach{keyword: "required", arg: name}); !slices.Contains(all, x) {
			all = append(all, x)
		}
	}
	for _, name := range sortedKeys(n.DependentRequired) {
		for _, needed := range n.DependentRequired[name] {
			if needed != name {
				all = append(all, breach{keyword: "dependentRequired", arg: name, needed: needed})
			}
		}
	}
	for _, p := range n.Properties {
		if refuses(p.Node) {
			all = append(all, breach{keyword: "properties", arg: p.Name})
		}
	}
	for _, p := range n.PatternProperties {
		if refuses(p.Node) {
			all = append(all, breach{keyword: "patternProperties", arg: p.Pattern})
		}
	}
	return all
}

// refuses: the schema false, which the engine reports as the keyword that it
// stands under.
func refuses(n *schema.Node) bool { return n != nil && n.Bool != nil && !*n.Bool }

// below: the rule is reported at a member or an element.
func (x breach) below() bool {
	switch x.keyword {
	case "propertyNames", "properties", "patternProperties", "additionalProperties", "unevaluatedProperties", "prefixItems", "items", "unevaluatedItems":
		return true
	}
	return false
}

// tag is what tells breaches of one keyword of one schema apart, as a part of
// a JSON Pointer.
func (x breach) tag() string {
	switch {
	case x.needed != "":
		return schema.Escape(x.needed)
	case x.arg != "":
		return schema.Escape(x.arg)
	}
	return ""
}

// report is how the engine may name a rule.
type report struct{ rule, at string }

// reports lists the names that the engine may give the breach: a Node does not
// tell keywords apart that mean the same.
func (x breach) reports(n *schema.Node) []report {
	plainly := func(rules ...string) (all []report) {
		for _, r := range rules {
			all = append(all, report{r, n.Pointer + "/" + r})
		}
		return all
	}
	refusal := func(c *schema.Node, rules ...string) (all []report) {
		for _, r := range append(rules, "false") {
			all = append(all, report{r, c.Pointer})
		}
		return all
	}
	switch x.keyword {
	case "enum":
		return plainly("enum", "const")
	case "contains":
		return plainly("contains", "minContains")
	case "dependentRequired":
		at := "/" + schema.Escape(x.arg)
		return []report{
			{"dependentRequired", n.Pointer + "/dependentRequired" + at},
			{"dependencies", n.Pointer + "/dependencies" + at},
		}
	case "propertyNames":
		return []report{{"propertyNames", n.PropertyNames.Pointer}}
	case "properties":
		for _, p := range n.Properties {
			if p.Name == x.arg {
				return refusal(p.Node, x.keyword)
			}
		}
	case "patternProperties":
		for _, p := range n.PatternProperties {
			if p.Pattern == x.arg {
				return refusal(p.Node, x.keyword)
			}
		}
	case "prefixItems":
		i, _ := strconv.Atoi(x.arg)
		return refusal(n.PrefixItems[i], "prefixItems", "items")
	case "items":
		return refusal(n.Items, "items", "additionalItems")
	case "additionalProperties":
		return refusal(n.AdditionalProperties, x.keyword)
	case "unevaluatedProperties":
		return refusal(n.UnevaluatedProperties, x.keyword)
	case "unevaluatedItems":
		return refusal(n.UnevaluatedItems, x.keyword)
	}
	return plainly(x.keyword)
}

// key tells the breaches of a schema apart, wherever in it they are.
func (x breach) key(general string, n *schema.Node) string {
	return x.keyword + ":" + general + "#" + n.Document + x.reports(n)[0].at + "/" + schema.Escape(x.arg) + "/" + schema.Escape(x.needed)
}

// plain is a node without what it applies to the same value, and without what
// depends on that.
func plain(n *schema.Node) *schema.Node {
	c := *n
	c.Ref, c.AllOf, c.AnyOf, c.OneOf, c.If, c.Then, c.Else = nil, nil, nil, nil, nil, nil, nil
	c.DependentSchemas, c.UnevaluatedItems, c.UnevaluatedProperties = nil, nil, nil
	return &c
}

// without takes the rule out of a node of our own.
func (x breach) without(c *schema.Node) { //nolint:funlen // a table, written as a switch
	switch x.keyword {
	case "type":
		c.Types = schema.AnyType
	case "enum":
		c.HasEnum, c.Enum = false, nil
	case "format":
		c.Format = ""
	case "pattern":
		c.Pattern = ""
	case "minLength":
		c.MinLength = nil
	case "maxLength":
		c.MaxLength = nil
	case "minimum":
		c.Minimum = nil
	case "exclusiveMinimum":
		c.ExclusiveMinimum = nil
	case "maximum":
		c.Maximum = nil
	case "exclusiveMaximum":
		c.ExclusiveMaximum = nil
	case "multipleOf":
		c.MultipleOf = nil
	case "required":
		c.Required = slices.DeleteFunc(slices.Clone(c.Required), func(name string) bool { return name == x.arg })
	case "dependentRequired":
		needs := map[string][]string{}
		for name, needed := range c.DependentRequired {
			needs[name] = slices.DeleteFunc(slices.Clone(needed), func(n string) bool { return name == x.arg && n == x.needed })
		}
		c.DependentRequired = needs
	case "minProperties":
		c.MinProperties = nil
	case "maxProperties":
		c.MaxProperties = nil
	case "propertyNames":
		c.PropertyNames = nil
	case "properties":
		c.Properties = slices.DeleteFunc(slices.Clone(c.Properties), func(p schema.Property) bool { return p.Name == x.arg })
	case "patternProperties":
		c.PatternProperties = slices.DeleteFunc(slices.Clone(c.PatternProperties), func(p schema.PatternProperty) bool { return p.Pattern == x.arg })
	case "additionalProperties":
		c.AdditionalProperties = nil
	case "prefixItems":
		i, _ := strconv.Atoi(x.arg)
		c.PrefixItems = slices.Clone(c.PrefixItems)
		c.PrefixItems[i] = anything()
	case "items":
		c.Items = nil
	case "minItems":
		c.MinItems = nil
	case "maxItems":
		c.MaxItems = nil
	case "uniqueItems":
		c.UniqueItems = false
	case "contains":
		if none := 0; c.MaxContains != nil {
			c.MinContains = &none
		} else {
			c.Contains, c.MinContains = nil, nil
		}
	case "maxContains":
		c.MaxContains = nil
	case "not":
		c.Not = nil
	}
}

func anything() *schema.Node {
	yes := true
	return &schema.Node{Bool: &yes, Types: schema.AnyType}
}

// breaks are the literals of a value that breaks the rule of a node.
func (x breach) breaks(n *schema.Node) []literal {
	only := &schema.Node{Types: schema.AnyType}
	switch x.keyword {
	case "type":
		only.Types = n.Types
	case "enum":
		only.HasEnum, only.Enum = true, n.Enum
	case "format":
		only.Format = n.Format
	case "pattern":
		only.Pattern = n.Pattern
	case "minLength":
		only.MinLength = n.MinLength
	case "maxLength":
		only.MaxLength = n.MaxLength
	case "minimum":
		only.Minimum = n.Minimum
	case "exclusiveMinimum":
		only.ExclusiveMinimum = n.ExclusiveMinimum
	case "maximum":
		only.Maximum = n.Maximum
	case "exclusiveMaximum":
		only.ExclusiveMaximum = n.ExclusiveMaximum
	case "multipleOf":
		only.MultipleOf = n.MultipleOf
	case "anyOf":
		only.AnyOf = n.AnyOf
	case "oneOf":
		only.AnyOf = n.OneOf
		if x.arg == fitsSeveral {
			return []literal{must(only), mustNot(&schema.Node{Types: schema.AnyType, OneOf: n.OneOf})}
		}
	case "not":
		only.Not = n.Not
	case "unevaluatedProperties", "unevaluatedItems":
		return nil // no node of its own can say it
	default:
		x.onlyParts(n, only)
	}
	return []literal{mustNot(only)}
}

// onlyParts is breaks for the rules of objects and lists.
func (x breach) onlyParts(n, only *schema.Node) {
	switch x.keyword {
	case "required":
		only.Required = []string{x.arg}
	case "dependentRequired":
		only.DependentRequired = map[string][]string{x.arg: {x.needed}}
	case "minProperties":
		only.MinProperties = n.MinProperties
	case "maxProperties":
		only.MaxProperties = n.MaxProperties
	case "propertyNames":
		only.PropertyNames = n.PropertyNames
	case "properties":
		only.Properties = []schema.Property{{Name: x.arg, Node: nothing()}}
	case "patternProperties":
		only.PatternProperties = []schema.PatternProperty{{Pattern: x.arg, Node: nothing()}}
	case "additionalProperties":
		for _, p := range n.Properties {
			only.Properties = append(only.Properties, schema.Property{Name: p.Name, Node: anything()})
		}
		for _, p := range n.PatternProperties {
			only.PatternProperties = append(only.PatternProperties, schema.PatternProperty{Pattern: p.Pattern, Node: anything()})
		}
		only.AdditionalProperties = n.AdditionalProperties
	case "prefixItems":
		i, _ := strconv.Atoi(x.arg)
		only.PrefixItems = append(anythings(i), nothing())
	case "items":
		only.PrefixItems, only.Items = anythings(len(n.PrefixItems)), n.Items
	case "minItems":
		only.MinItems = n.MinItems
	case "maxItems":
		only.MaxItems = n.MaxItems
	case "uniqueItems":
		only.UniqueItems = true
	case "contains":
		only.Contains, only.MinContains = n.Contains, n.MinContains
	case "maxContains":
		none := 0
		only.Contains, only.MinContains, only.MaxContains = n.Contains, &none, n.MaxContains
	}
}

func nothing() *schema.Node {
	no := false
	return &schema.Node{Bool: &no, Types: schema.AnyType}
}

func anythings(n int) []*schema.Node {
	var all []*schema.Node
	for range n {
		all = append(all, anything())
	}
	return all
}
