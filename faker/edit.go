package faker

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/hookrig/hookrig/contracts/schema"
)

// Edit changes one event: Set, Drop, Pool or Nth. Edits apply in the order
// given.
type Edit struct {
	kind    editKind
	pointer string
	text    []byte // of editSet
	err     error  // why there is no text
	pool    *pool  // of editPool
	n       uint64
}

type editKind int

const (
	editNone editKind = iota
	editSet
	editDrop
	editPool
	editNth
)

// Set puts a value at a JSON Pointer of the body: anything that encoding/json
// marshals, or a json.RawMessage as it is. The pointer must be one that the
// event's schema knows. Optional objects and lists on the way are made as the
// contract asks, and everything else keeps its bytes: values that usually
// depend on the one that is set, such as a total, are not computed again.
func Set(pointer string, value any) Edit {
	text, err := jsonOf(value)
	return Edit{kind: editSet, pointer: pointer, text: text, err: err}
}

// jsonOf is the text of a value for an edit.
func jsonOf(value any) ([]byte, error) {
	if text, ok := value.(json.RawMessage); ok {
		return text, nil
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(value)
	return b.Bytes(), err
}

// Drop removes the member or element at a pointer. Where the event happens not
// to have it, nothing is removed.
func Drop(pointer string) Edit { return Edit{kind: editDrop, pointer: pointer} }

// Nth chooses the ordinal of the event, 0 if not given. Same seed, same
// ordinal, same bytes.
func Nth(n uint64) Edit { return Edit{kind: editNth, n: n} }

// edited is a plan with edits that have been checked.
type edited struct {
	*plan
	edits []checked
	nth   uint64
}

type checked struct {
	Edit
	tokens []string
	value  []byte
}

func (p *plan) compile(event string, edits []Edit) (*edited, error) {
	e := &edited{plan: p, nth: nth(edits)}
	for _, x := range edits {
		if x.kind == editNone || x.kind == editNth {
			continue
		}
		c := checked{Edit: x}
		var err error
		if c.tokens, err = splitPointer(x.pointer); err != nil {
			return nil, err
		}
		if x.kind == editSet {
			if c.value, err = checkedText(x.pointer, x.text, x.err); err != nil {
				return nil, err
			}
		}
		if !known(p.root, c.tokens) {
			return nil, &PointerError{event, x.pointer, nearest(p.root, x.pointer)}
		}
		if x.kind == editPool {
			if err := x.pool.prove(p, event, c, e.nth); err != nil {
				return nil, err
			}
		}
		e.edits = append(e.edits, c)
	}
	return e, nil
}

// checkedText is the compact text of a value for an edit.
func checkedText(pointer string, text []byte, err error) ([]byte, error) {
	if err != nil {
		return nil, fmt.Errorf("the value for %q cannot be written as JSON: %w", pointer, err)
	}
	if !json.Valid(text) {
		return nil, fmt.Errorf("the value for %q is no JSON: %q", pointer, clip(string(text)))
	}
	return compact(text), nil
}

func clip(s string) string {
	if len(s) > 60 {
		return s[:60] + "…"
	}
	return s
}

// body makes ordinal n and applies the edits.
func (e *edited) body(w *setting, n uint64) []byte {
	if len(e.edits) == 0 {
		return e.plan.body(w, nil, n, nil)
	}
	var root key
	body := e.plan.body(w, nil, n, func(g *gen) {
		root = g.root
		g.force, g.least = map[key]bool{}, map[key]int{}
		for _, x := range e.edits {
			if x.kind != editDrop {
				g.expect(x.tokens)
			}
		}
	})
	for _, x := range e.edits {
		switch x.kind {
		case editDrop:
			body = remove(body, x.tokens)
		case editPool:
			body = splice(body, x.tokens, x.pool.choose(root, x.tokens), e.root)
		default:
			body = splice(body, x.tokens, x.value, e.root)
		}
	}
	return body
}

// expect asks for the members and elements on the way to a pointer.
func (g *gen) expect(tokens []string) {
	k := g.root
	for _, t := range tokens {
		if i, ok := index(t); ok {
			g.least[k] = max(g.least[k], i+1)
			// A token may be an index or a name; both keys are asked for.
			g.force[k.with(name(t))] = true
			k = k.item(i)
			continue
		}
		k = k.with(name(t))
		g.force[k] = true
	}
}

// splitPointer reads a JSON Pointer (RFC 6901).
func splitPointer(pointer string) ([]string, error) {
	if pointer == "" {
		return nil, nil
	}
	if pointer[0] != '/' {
		return nil, fmt.Errorf("%q is no JSON Pointer: it begins with a slash or is empty", pointer)
	}
	tokens := strings.Split(pointer[1:], "/")
	for i, t := range tokens {
		tokens[i] = strings.NewReplacer("~1", "/", "~0", "~").Replace(t)
	}
	return tokens, nil
}

// known reports whether the schema knows the place that the tokens lead to.
func known(root *schema.Node, tokens []string) bool {
	at := []*schema.Node{root}
	for _, t := range tokens {
		next, open := step(at, t)
		if open {
			return true
		}
		if len(next) == 0 {
			return false
		}
		at = next
	}
	return true
}

// step finds the schemas of a child. Open: no schema speaks of the value at
// all, so that anything may stand below it.
func step(at []*schema.Node, token string) (next []*schema.Node, open bool) {
	nodes := everywhere(at)
	j := newJudge()
	speaks := false
	forbidden := false
	for _, n := range nodes {
		speaks = speaks || saysMembers(n) || n.PrefixItems != nil || n.Items != nil
		for _, p := range n.Properties {
			if p.Name == token {
				next = append(next, p.Node)
			}
		}
		for _, p := range n.PatternProperties {
			if j.matches(p.Pattern, token) {
				next = append(next, p.Node)
			}
		}
		if slices.Contains(n.Required, token) && n.Properties == nil {
			next = append(next, &schema.Node{Types: schema.AnyType})
		}
		if i, ok := index(token); ok {
			if c := itemNode(n, i); c != nil && (n.MaxItems == nil || i < *n.MaxItems) {
				next = append(next, c)
			}
		}
	}
	if len(next) == 0 {
		for _, n := range nodes {
			if a := n.AdditionalProperties; a != nil {
				next = append(next, a)
			}
		}
	}
	next = slices.DeleteFunc(next, func(n *schema.Node) bool {
		no := n.Bool != nil && !*n.Bool
		forbidden = forbidden || no
		return no
	})
	if len(next) == 0 && !speaks && !forbidden && mayHold(nodes) {
		return nil, true
	}
	return next, false
}

func saysMembers(n *schema.Node) bool {
	return len(n.Properties) > 0 || n.PatternProperties != nil || n.AdditionalProperties != nil
}

// mayHold: some schema allows the value to have children, or nothing is said.
func mayHold(nodes []*schema.Node) bool {
	for _, n := range nodes {
		if n.Bool == nil && !n.HasEnum && n.Types&(schema.Object|schema.Array) == 0 {
			return false
		}
	}
	return true
}

// maxIndex bounds the elements that an edit can ask for.
const maxIndex = 1000

func index(token string) (int, bool) {
	i, err := strconv.Atoi(token)
	return i, err == nil && i >= 0 && i < maxIndex && (token == "0" || token[0] != '0' && token[0] != '+')
}

// everywhere are nodes and all that may hold in the same place, in any branch.
func everywhere(nodes []*schema.Node) []*schema.Node {
	out := slices.Clone(nodes)
	add := func(n *schema.Node) {
		if n != nil && !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	for i := 0; i < len(out) && len(out) < 10_000; i++ {
		n := out[i]
		add(n.Ref)
		for _, list := range [][]*schema.Node{n.AllOf, n.AnyOf, n.OneOf, {n.If, n.Then, n.Else}} {
			for _, c := range list {
				add(c)
			}
		}
		for _, m := range sortedKeys(n.DependentSchemas) {
			add(n.DependentSchemas[m])
		}
	}
	return out
}

// nearest lists known pointers that are like the given one.
func nearest(root *schema.Node, pointer string) []string {
	var known []string
	var walk func(at []*schema.Node, prefix string, depth int)
	walk = func(at []*schema.Node, prefix string, depth int) {
		if depth == 0 || len(known) > 2000 {
			return
		}
		nodes := everywhere(at)
		seen := map[string]bool{}
		for _, n := range nodes {
			for _, p := range n.Properties {
				if seen[p.Name] {
					continue
				}
				seen[p.Name] = true
				child := prefix + "/" + schema.Escape(p.Name)
				known = append(known, child)
				next, _ := step(at, p.Name)
				walk(next, child, depth-1)
			}
			if c := itemNode(n, 0); c != nil && !seen["0"] {
				seen["0"] = true
				next, _ := step(at, "0")
				walk(next, prefix+"/0", depth-1)
			}
		}
	}
	walk([]*schema.Node{root}, "", 8)
	return schema.Nearest(pointer, known)
}
