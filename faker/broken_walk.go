package faker

import (
	"slices"
	"strconv"

	"github.com/hookrig/hookrig/contracts/schema"
)

// A site is a value of a body with the schemas that judge it.
type site struct {
	up         *site
	pointer    string
	general    string // the same with "*" for names that no schema gives
	start, end int    // in the body
	value      any
	held       []*held
}

// held is a schema that judges a value and holds.
type held struct {
	node *schema.Node
	up   *held  // the schema that applies it to the same value; nil: one of the value's own
	via  string // the keyword by which it does
	// again: a recursive schema has come back to itself. Its rules have been
	// broken further up.
	again bool
}

// enter makes a site of a value.
func (b *breaker) enter(up *site, pointer, general string, start, end int, v any, roots []*held) *site {
	s := &site{up: up, pointer: pointer, general: general, start: start, end: end, value: v}
	for _, h := range roots {
		s.add(h)
	}
	j := b.tools.judge
	for i := 0; i < len(s.held) && i < 1000; i++ {
		h := s.held[i]
		n := h.node
		add := func(via string, nodes ...*schema.Node) {
			for _, c := range nodes {
				if c != nil {
					s.add(&held{node: c, up: h, via: via, again: h.again})
				}
			}
		}
		kept := func(via string, nodes []*schema.Node) {
			for _, c := range nodes {
				if j.keeps(c, v) {
					add(via, c)
				}
			}
		}
		add("$ref", n.Ref)
		add("allOf", n.AllOf...)
		kept("anyOf", n.AnyOf)
		kept("oneOf", n.OneOf)
		if n.If != nil && j.keeps(n.If, v) {
			add("then", n.Then)
		} else if n.If != nil {
			add("else", n.Else)
		}
		if object, ok := v.(map[string]any); ok {
			for _, name := range sortedKeys(n.DependentSchemas) {
				if _, ok := object[name]; ok {
					add("dependentSchemas", n.DependentSchemas[name])
				}
			}
		}
	}
	return s
}

func (s *site) add(h *held) {
	if h.node.Bool != nil || slices.ContainsFunc(s.held, func(o *held) bool { return o.node == h.node }) {
		return
	}
	for up := s.up; up != nil && !h.again; up = up.up {
		h.again = slices.ContainsFunc(up.held, func(o *held) bool { return o.node == h.node })
	}
	s.held = append(s.held, h)
}

// visit breaks the rules of a site and of those below it.
func (b *breaker) visit(body []byte, s *site) {
	for _, h := range s.held {
		if h.again {
			continue
		}
		for _, x := range b.breachesOf(h.node) {
			b.try(body, s, h, x)
		}
	}
	b.vary(body, s)
	switch v := s.value.(type) {
	case map[string]any:
		for _, c := range children(body, s.start) {
			if roots, token := b.rootsOfMember(s, c.name); news(roots) {
				at := "/" + schema.Escape(c.name)
				b.visit(body, b.enter(s, s.pointer+at, s.general+"/"+token, c.value, c.end, v[c.name], roots))
			}
		}
	case []any:
		for i, c := range children(body, s.start) {
			if i > b.last(s) {
				break
			}
			if roots := b.rootsOfItem(s, i, v[i]); news(roots) {
				at := "/" + strconv.Itoa(i)
				b.visit(body, b.enter(s, s.pointer+at, s.general+at, c.value, c.end, v[i], roots))
			}
		}
	}
}

// vary puts values in the place of the site that keep alternatives which the
// event does not, and breaks the rules of those.
func (b *breaker) vary(body []byte, s *site) {
	for _, h := range s.held {
		if h.again {
			continue
		}
		n := h.node
		one := func(via string, i int, c *schema.Node) {
			k := "vary " + s.general + "#" + n.Document + n.Pointer + "/" + via + "/" + strconv.Itoa(i)
			if c == nil || c.Bool != nil || b.varied[k] || slices.ContainsFunc(s.held, func(o *held) bool { return o.node == c }) {
				return
			}
			b.varied[k] = true
			b.varyTo(body, s, &held{node: c, up: h, via: via})
		}
		for i, c := range n.AnyOf {
			one("anyOf", i, c)
		}
		for i, c := range n.OneOf {
			one("oneOf", i, c)
		}
		one("then", 0, n.Then)
		one("else", 0, n.Else)
	}
	if object, ok := s.value.(map[string]any); ok {
		b.enrich(body, s, object)
	}
}

// enrich adds members whose schemas no member of the object has, and breaks
// the rules of those.
func (b *breaker) enrich(body []byte, s *site, object map[string]any) {
	j := b.tools.judge
	for _, h := range s.held {
		n := h.node
		one := func(c *schema.Node, names func() []string) {
			k := "enrich " + s.general + "#" + n.Document + n.Pointer
			if c == nil || c.Bool != nil || h.again || b.varied[k+c.Pointer] {
				return
			}
			b.varied[k+c.Pointer] = true
			for name := range object {
				if slices.Contains(j.memberNodes(n, name), c) {
					return
				}
			}
			for _, name := range names() {
				for _, value := range b.valuesOf(s, name) {
					if b.visitWith(body, s, addMember(body[s.start:s.end], name, value)) {
						return
					}
				}
			}
		}
		for _, p := range n.PatternProperties {
			one(p.Node, func() []string { return newSolver(b.tools).wordsOf([]rule{{expr: p.Pattern}}, 0, -1, 3) })
		}
		one(n.AdditionalProperties, func() []string { return b.plainNames(s)[:1] })
		one(n.UnevaluatedProperties, func() []string { return b.plainNames(s)[:1] })
	}
}

func (b *breaker) varyTo(body []byte, s *site, to *held) {
	other := *s
	other.held = append(slices.Clone(s.held), to)
	lits := append(other.around(to, "", func(*schema.Node) {}), must(to.node))
	lax := slices.DeleteFunc(slices.Clone(lits), func(l literal) bool { return l.not })
	for n := range uint64(3) {
		if b.visitWith(body, s, b.make(lax, n, Full)) {
			return
		}
	}
	b.visitWith(body, s, b.make(lits, 0, Full))
}

// visitWith breaks the rules of an event with another value at the site, unless
// that value breaks the event.
func (b *breaker) visitWith(body []byte, s *site, text []byte) bool {
	body = replace(body, s.start, s.end, text)
	v, err := decode(text)
	if err != nil || len(b.schema.Validate(body)) > 0 {
		return false
	}
	var roots []*held
	for _, h := range s.held {
		if h.up == nil {
			roots = append(roots, h)
		}
	}
	b.visit(body, b.enter(s.up, s.pointer, s.general, s.start, s.start+len(text), v, roots))
	return true
}

// rootsOfMember are the schemas of a member's own, and its general name.
func (b *breaker) rootsOfMember(s *site, name string) (roots []*held, token string) {
	token = "*"
	for _, h := range s.held {
		if b.tools.judge.property(h.node, name) != nil {
			token = schema.Escape(name)
		}
		for _, c := range b.tools.judge.memberNodes(h.node, name) {
			roots = append(roots, &held{node: c, again: h.again})
		}
	}
	if roots != nil {
		return roots, token
	}
	for _, h := range s.held {
		if u := h.node.UnevaluatedProperties; u != nil {
			roots = append(roots, &held{node: u, again: h.again})
		}
	}
	return roots, token
}

// rootsOfItem are the schemas of an element's own.
func (b *breaker) rootsOfItem(s *site, i int, v any) (roots []*held) {
	j := b.tools.judge
	evaluated := false
	for _, h := range s.held {
		if c := itemNode(h.node, i); c != nil {
			roots = append(roots, &held{node: c, again: h.again})
		}
		evaluated = evaluated || h.node.Contains != nil && j.evaluates() && j.keeps(h.node.Contains, v)
	}
	if roots != nil || evaluated {
		return roots
	}
	for _, h := range s.held {
		if u := h.node.UnevaluatedItems; u != nil {
			roots = append(roots, &held{node: u, again: h.again})
		}
	}
	return roots
}

// news: there may be something to break that was not broken further up.
func news(roots []*held) bool {
	return slices.ContainsFunc(roots, func(h *held) bool { return !h.again })
}

// last is the last element that is looked at: the first one behind those that
// have schemas of their own.
func (b *breaker) last(s *site) int {
	last := 0
	for _, h := range s.held {
		last = max(last, len(h.node.PrefixItems))
	}
	return last
}

// survey lists the rules of a schema without looking at a value, in the order
// of the document.
func (b *breaker) survey(root *schema.Node) {
	path := map[*schema.Node]bool{}
	visits := 0
	var walk func(nodes []*schema.Node, general string)
	walk = func(nodes []*schema.Node, general string) {
		nodes = slices.DeleteFunc(inAnyBranch(nodes), func(n *schema.Node) bool { return path[n] || n.Bool != nil })
		if visits++; visits > maxBreaches || len(b.order) > maxBreaches {
			return
		}
		for _, n := range nodes {
			path[n] = true
			for _, x := range b.breachesOf(n) {
				b.note(x.key(general, n))
			}
		}
		var tokens []string
		below := map[string][]*schema.Node{}
		add := func(token string, c *schema.Node) {
			if c == nil || c.Bool != nil {
				return
			}
			if below[token] == nil {
				tokens = append(tokens, token)
			}
			below[token] = append(below[token], c)
		}
		for _, n := range nodes {
			for _, p := range n.Properties {
				add(schema.Escape(p.Name), p.Node)
			}
			for _, p := range n.PatternProperties {
				add("*", p.Node)
			}
			add("*", n.AdditionalProperties)
			add("*", n.UnevaluatedProperties)
			for i, c := range n.PrefixItems {
				add(strconv.Itoa(i), c)
			}
			add(strconv.Itoa(len(n.PrefixItems)), n.Items)
			add(strconv.Itoa(len(n.PrefixItems)), n.UnevaluatedItems)
		}
		for _, token := range tokens {
			walk(below[token], general+"/"+token)
		}
		for _, n := range nodes {
			delete(path, n)
		}
	}
	walk([]*schema.Node{root}, "")
}

// inAnyBranch are nodes and all whose rules may be broken at the same place.
func inAnyBranch(nodes []*schema.Node) []*schema.Node {
	var out []*schema.Node
	add := func(nodes ...*schema.Node) {
		for _, n := range nodes {
			if n != nil && !slices.Contains(out, n) {
				out = append(out, n)
			}
		}
	}
	add(nodes...)
	for i := 0; i < len(out) && len(out) < 1000; i++ {
		n := out[i]
		add(n.Ref)
		add(n.AllOf...)
		add(n.AnyOf...)
		add(n.OneOf...)
		add(n.Then, n.Else)
		for _, name := range sortedKeys(n.DependentSchemas) {
			add(n.DependentSchemas[name])
		}
	}
	return out
}
