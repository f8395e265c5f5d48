package faker

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/schema"
)

// How many changes of a value are tried for one rule.
const (
	maxFitting = 6 // that break nothing else, as far as the nodes tell
	maxOthers  = 8 // that do
	maxChanges = 2_000
)

// try breaks one rule at a site: with a small change of what stands there,
// else with a value that is made for it.
func (b *breaker) try(body []byte, s *site, h *held, x breach) {
	k := x.key(s.general, h.node)
	b.note(k)
	if _, ok := b.broken[k]; ok || b.failed[k].tries >= maxTries || len(b.order) > maxBreaches {
		return
	}
	a := &attempt{breaker: b, body: body, site: s, reports: x.reports(h.node), below: x.below(), rule: x.breaks(h.node), rest: s.without(h, x)}
	a.search(s.literals(h, x), b.changes(body, s, h, x))
	if a.best == nil {
		b.failed[k] = failure{b.failed[k].tries + 1, a.reason}
		return
	}
	b.met = true
	b.broken[k] = Breakage{
		Label: x.tag(), Rule: a.hit.Rule, Pointer: a.hit.Pointer, SchemaPointer: a.hit.SchemaPointer,
		Event: contracts.Event{Body: a.best},
	}
}

// attempt is the search for the change that breaks one rule.
type attempt struct {
	*breaker
	body    []byte
	site    *site
	reports []report
	below   bool
	rule    []literal      // that the rule is broken
	rest    []*schema.Node // the value's own schemas without the rule

	best   []byte
	hit    schema.Violation
	extras int // what is reported besides
	reason string
}

func (a *attempt) search(lits []literal, changes func(func([]byte) bool)) {
	a.reason = "no value breaks this rule and keeps the others"
	var others [][]byte
	fitting, seen := 0, 0
	changes(func(text []byte) bool {
		v, err := decode(text)
		switch {
		case err != nil:
		case a.fits(v):
			fitting++
			a.confirm(text, v)
		case len(others) < maxOthers:
			others = append(others, text)
		}
		seen++
		return a.best == nil && fitting < maxFitting && seen < maxChanges
	})
	for n := uint64(0); n < 2 && a.best == nil; n++ {
		text := a.make(lits, n, Minimal)
		switch v, err := decode(text); {
		case err != nil:
		case a.fits(v):
			a.confirm(text, v)
		default:
			others = append(others, text)
		}
	}
	if a.best != nil {
		return
	}
	for _, text := range others {
		v, _ := decode(text)
		if a.confirm(text, v); a.best != nil && a.extras == 0 {
			return
		}
	}
}

// fits reports whether a value breaks the rule and keeps all other schemas of
// the site. The compiled schema cannot tell: of some rules it stops at the
// first that is broken.
func (a *attempt) fits(v any) bool {
	return a.tools.judge.meets(a.rule, v) &&
		!slices.ContainsFunc(a.rest, func(n *schema.Node) bool { return !a.tools.judge.keeps(n, v) })
}

// confirm asks the compiled schema what it says of the body with another
// value at the site, and keeps the body if that is the best so far.
func (a *attempt) confirm(text []byte, value any) {
	body := replace(a.body, a.site.start, a.site.end, text)
	if len(body) > schema.DefaultLimits.Bytes {
		a.reason = "it takes a body that is too large"
		return
	}
	found := a.schema.Validate(body)
	at := slices.IndexFunc(found, a.hits)
	if at < 0 {
		a.reason = "the schema does not report it, because of an alternative that fits or another rule that is looked at first"
		return
	}
	hit, extras := found[at], 0
	for i, v := range found {
		switch {
		case i == at:
		case a.below && a.hits(v) && v.Pointer != hit.Pointer:
			a.reason = "it breaks at several places"
			return
		case !belongs(v, hit):
			a.reason = "what breaks it also breaks " + v.String()
			return
		default:
			extras++
		}
	}
	if !a.partsKeep(value, hit) {
		a.reason = "what breaks it also breaks something below"
		return
	}
	if a.best == nil || extras < a.extras {
		a.best, a.hit, a.extras = body, hit, extras
	}
}

// partsKeep reports whether the members and elements keep their schemas, but
// for the one that the hit is about. It is asked for the same reason as fits.
func (a *attempt) partsKeep(value any, hit schema.Violation) bool {
	if hit.Rule == "anyOf" || hit.Rule == "oneOf" {
		return true
	}
	keep := func(at string, v any, roots []*held) bool {
		return a.below && a.site.pointer+"/"+at == hit.Pointer ||
			!slices.ContainsFunc(roots, func(h *held) bool { return !a.tools.judge.keeps(h.node, v) })
	}
	switch value := value.(type) {
	case map[string]any:
		for name, v := range value {
			roots, _ := a.rootsOfMember(a.site, name)
			if !keep(schema.Escape(name), v, roots) {
				return false
			}
		}
	case []any:
		for i, v := range value {
			if !keep(strconv.Itoa(i), v, a.rootsOfItem(a.site, i, v)) {
				return false
			}
		}
	}
	return true
}

func (a *attempt) hits(v schema.Violation) bool {
	pointer := v.Pointer
	if a.below {
		pointer = parent(pointer)
	}
	return pointer == a.site.pointer && (v.Pointer != "" || !a.below) && slices.Contains(a.reports, report{v.Rule, v.SchemaPointer})
}

// belongs reports whether a violation has to do with the rule that was
// broken: it stands at the same place, or explains why no alternative there
// fits, or an enclosing schema refuses what does not keep this one.
func belongs(v, hit schema.Violation) bool {
	switch {
	case v.Pointer == hit.Pointer:
		return true
	case encloses(hit.Pointer, v.Pointer):
		return hit.Rule == "anyOf" || hit.Rule == "oneOf"
	}
	switch v.Rule {
	case "anyOf", "oneOf", "contains", "minContains":
		return encloses(v.Pointer, hit.Pointer)
	case "unevaluatedProperties", "unevaluatedItems":
		return encloses(parent(v.Pointer), hit.Pointer)
	}
	return false
}

// encloses: the value at one pointer is or holds the value at another.
func encloses(outer, inner string) bool {
	rest, ok := strings.CutPrefix(inner, outer)
	return ok && (rest == "" || rest[0] == '/')
}

func parent(pointer string) string {
	return pointer[:max(0, strings.LastIndexByte(pointer, '/'))]
}

// literals are those of a value that breaks one rule of one schema at the site
// and keeps all others.
func (s *site) literals(target *held, x breach) []literal {
	return append(s.around(target, x.keyword, x.without), x.breaks(target.node)...)
}

// around are the literals of a value that keeps all schemas of the site. Of
// alternatives only the way to the target is kept, and of the target what
// change leaves of it; keyword is the one of its own that goes.
func (s *site) around(target *held, keyword string, change func(*schema.Node)) []literal {
	// The way from the value's own schemas to the target, by keyword.
	way := map[*held]string{target: keyword}
	for h := target; h.up != nil; h = h.up {
		way[h.up] = h.via
	}
	var lits []literal
	for _, h := range s.held {
		if besides(h, way) {
			continue
		}
		n, c := h.node, plain(h.node)
		via, on := way[h]
		if h == target {
			change(c)
		}
		if via != "anyOf" {
			c.AnyOf = n.AnyOf
		}
		if via != "oneOf" {
			c.OneOf = n.OneOf
		}
		if via == "then" || via == "else" {
			lits = append(lits, literal{n.If, via == "else"})
		} else {
			c.If, c.Then, c.Else = n.If, n.Then, n.Else
		}
		lits = append(lits, must(c))
		if on && h != target {
			for _, c := range alternatives(n, via) {
				if !leads(way, s.held, h, c) {
					lits = append(lits, mustNot(c))
				}
			}
		}
	}
	return lits
}

// without are the value's own schemas, of which one rule of one schema is
// taken out.
func (s *site) without(target *held, x breach) []*schema.Node {
	c := *target.node
	x.without(&c)
	switch x.keyword {
	case "anyOf":
		c.AnyOf = nil
	case "oneOf":
		c.OneOf = nil
	case "unevaluatedProperties":
		c.UnevaluatedProperties = nil
	case "unevaluatedItems":
		c.UnevaluatedItems = nil
	}
	changed := &c
	h := target
	for ; h.up != nil; h = h.up {
		changed = instead(h.up.node, h.node, changed)
	}
	var all []*schema.Node
	for _, root := range s.held {
		switch {
		case root == h:
			all = append(all, changed)
		case root.up == nil:
			all = append(all, root.node)
		}
	}
	return all
}

// instead is a node with another schema where one stands that it applies to
// the same value.
func instead(n, old, changed *schema.Node) *schema.Node {
	c := *n
	one := func(n *schema.Node) *schema.Node {
		if n == old {
			return changed
		}
		return n
	}
	list := func(nodes []*schema.Node) []*schema.Node {
		nodes = slices.Clone(nodes)
		for i := range nodes {
			nodes[i] = one(nodes[i])
		}
		return nodes
	}
	c.Ref, c.Then, c.Else = one(n.Ref), one(n.Then), one(n.Else)
	c.AllOf, c.AnyOf, c.OneOf = list(n.AllOf), list(n.AnyOf), list(n.OneOf)
	c.DependentSchemas = maps.Clone(n.DependentSchemas)
	for name := range c.DependentSchemas {
		c.DependentSchemas[name] = one(c.DependentSchemas[name])
	}
	return &c
}

func alternatives(n *schema.Node, via string) []*schema.Node {
	switch via {
	case "anyOf":
		return n.AnyOf
	case "oneOf":
		return n.OneOf
	}
	return nil
}

// leads: the way goes through this alternative of h.
func leads(way map[*held]string, all []*held, h *held, alternative *schema.Node) bool {
	return slices.ContainsFunc(all, func(c *held) bool {
		_, on := way[c]
		return on && c.up == h && c.node == alternative
	})
}

// besides: the schema is, or is applied by, an alternative beside the way. The
// schema that has the alternatives says all that is to be said of them.
func besides(h *held, way map[*held]string) bool {
	for ; h.up != nil; h = h.up {
		if _, on := way[h]; on {
			return false
		}
		if h.via == "then" || h.via == "else" || alternatives(h.up.node, h.via) != nil {
			return true
		}
	}
	return false
}

// make makes a value that meets literals, nil where none is found.
func (b *breaker) make(lits []literal, n uint64, shape Shape) []byte {
	if b.steps > maxBreaking {
		return nil
	}
	s := newSolver(b.tools)
	g := s.goal(lits...)
	s.solve(g)
	b.steps += s.steps + len(s.goals)
	if !g.possible() {
		return nil
	}
	pl := newPlanner(s, Options{Shape: shape}, b.setting)
	root := pl.build(g)
	if pl.hintErr != nil || pl.err != nil {
		return nil
	}
	p := &plan{maker: root, salt: saltBroken}
	text := p.body(b.setting, nil, n, nil)
	if v, err := decode(text); err != nil || !b.tools.judge.meets(lits, v) {
		return nil
	}
	return text
}

var saltBroken = draw("broken")

// isText reports whether a body is a JSON text in UTF-8.
func isText(body []byte) bool { return json.Valid(body) && utf8.Valid(body) }
