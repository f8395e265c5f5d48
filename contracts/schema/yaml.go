package schema

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"

	"go.yaml.in/yaml/v4"
	"go.yaml.in/yaml/v4/plugin/loaderlimits"
)

func (d *Document) readYAML(data []byte, lim Limits) error {
	if tooManyTokens(data, lim.Nodes) {
		return &Error{File: d.name, Message: "too many values", Hint: limitHint("values", lim.Nodes)}
	}
	loader, err := yaml.NewLoader(bytes.NewReader(data), yaml.WithPlugin(loaderlimits.New(loaderlimits.DepthValue(lim.Depth))))
	if err != nil {
		return &Error{File: d.name, Message: err.Error()}
	}
	var first, second yaml.Node
	if err := loader.Load(&first); errors.Is(err, io.EOF) || err == nil && isEmpty(&first) {
		return &Error{File: d.name, Line: 1, Column: 1, Message: "the file is empty"}
	} else if err != nil {
		return d.yamlError(data, lim, err)
	}
	if err := loader.Load(&second); err == nil {
		return d.nodeError(&second, "", "a second YAML document in one file")
	} else if !errors.Is(err, io.EOF) {
		return d.yamlError(data, lim, err)
	}
	r := yamlReader{doc: d, lim: lim, nodes: lim.Nodes, anchors: map[*yaml.Node]*anchor{}}
	d.value, d.root, _, err = r.node(first.Content[0], 0)
	return err
}

// tooManyTokens reports whether a text has so many indicators that its tree
// would be too large to be built only for finding out that it is. An indicator
// makes three values at most, and each value but the first needs one.
func tooManyTokens(data []byte, nodes int) bool {
	n := 0
	for i, c := range data {
		switch c {
		case ',', '[', '{':
			n++
		case ':', '-', '?':
			if i+1 == len(data) || data[i+1] <= ' ' || i > 0 && (data[i-1] == '"' || data[i-1] == '\'') {
				n++
			}
		}
	}
	return n > 2*nodes
}

// isEmpty reports whether a document has no content but perhaps comments.
func isEmpty(n *yaml.Node) bool {
	if n.Kind != yaml.DocumentNode || len(n.Content) == 0 {
		return true
	}
	c := n.Content[0]
	return c.Kind == yaml.ScalarNode && c.Value == "" && c.Style == 0 && c.Anchor == ""
}

// yamlReader turns YAML nodes into values.
type yamlReader struct {
	doc     *Document
	lim     Limits
	nodes   int // values still allowed, aliases counted as what they name
	aliases int // uses of aliases so far
	anchors map[*yaml.Node]*anchor
	path    []string
}

// anchor is a node that aliases may name.
type anchor struct {
	done   bool
	value  any
	place  place
	nodes  int // values in it, aliases expanded
	height int // nesting in it
}

func (r *yamlReader) fail(n *yaml.Node, hint, format string, args ...any) error {
	e := r.doc.nodeError(n, join(r.path), fmt.Sprintf(format, args...))
	e.Hint = hint
	return e
}

func (d *Document) nodeError(n *yaml.Node, pointer, message string) *Error {
	return &Error{File: d.name, Line: n.Line, Column: n.Column, Pointer: pointer, Message: message}
}

// node reads one node at a depth and says how deeply it is nested.
func (r *yamlReader) node(n *yaml.Node, depth int) (v any, p place, height int, err error) {
	p = place{line: int32(n.Line), column: int32(n.Column)}
	if n.Kind == yaml.AliasNode {
		return r.alias(n, depth)
	}
	if r.nodes--; r.nodes < 0 {
		return nil, p, 0, r.fail(n, limitHint("values", r.lim.Nodes), "too many values")
	}
	if depth > r.lim.Depth {
		return nil, p, 0, r.fail(n, limitHint("levels", r.lim.Depth), "too deeply nested")
	}
	var a *anchor
	before := r.nodes
	if n.Anchor != "" {
		a = &anchor{}
		r.anchors[n] = a
	}
	switch n.Kind {
	case yaml.MappingNode:
		v, height, err = r.mapping(n, &p, depth)
	case yaml.SequenceNode:
		v, height, err = r.sequence(n, &p, depth)
	case yaml.ScalarNode:
		v, err = r.scalar(n)
	default:
		err = r.fail(n, "", "unexpected YAML node")
	}
	if a != nil {
		*a = anchor{done: true, value: v, place: p, nodes: before - r.nodes + 1, height: height}
	}
	return v, p, height, err
}

func (r *yamlReader) alias(n *yaml.Node, depth int) (v any, p place, height int, err error) {
	if r.aliases++; r.aliases > r.lim.Aliases {
		return nil, p, 0, r.fail(n, limitHint("aliases", r.lim.Aliases), "too many aliases")
	}
	a := r.anchors[n.Alias]
	if a == nil || !a.done {
		return nil, p, 0, r.fail(n, "", "alias *%s stands inside what it names", n.Value)
	}
	if r.nodes -= a.nodes; r.nodes < 0 {
		return nil, p, 0, r.fail(n, limitHint("values, aliases expanded", r.lim.Nodes), "too many values")
	}
	if depth+a.height > r.lim.Depth {
		return nil, p, 0, r.fail(n, limitHint("levels", r.lim.Depth), "too deeply nested")
	}
	p = a.place
	p.line, p.column = int32(n.Line), int32(n.Column)
	return a.value, p, a.height, nil
}

func (r *yamlReader) mapping(n *yaml.Node, p *place, depth int) (any, int, error) {
	if tag := n.ShortTag(); tag != "!!map" {
		return nil, 0, r.fail(n, "remove the tag", "unknown tag %s", tag)
	}
	object := make(map[string]any, len(n.Content)/2)
	p.keys = make([]string, 0, len(n.Content)/2)
	p.children = make([]place, 0, len(n.Content)/2)
	height := 0
	for i := 0; i+1 < len(n.Content); i += 2 {
		name, err := r.key(n.Content[i])
		if err != nil {
			return nil, 0, err
		}
		r.path = append(r.path, name)
		if _, twice := object[name]; twice {
			return nil, 0, r.fail(n.Content[i], "", "duplicate member %s", quote(name))
		}
		v, child, h, err := r.node(n.Content[i+1], depth+1)
		if err != nil {
			return nil, 0, err
		}
		r.path = r.path[:len(r.path)-1]
		object[name] = v
		p.add(name, child)
		height = max(height, h+1)
	}
	return object, height, nil
}

// key reads a member name. In JSON a name is always text, so however a plain
// scalar is spelled, that spelling is the name.
func (r *yamlReader) key(n *yaml.Node) (string, error) {
	tag := n.ShortTag()
	switch {
	case n.Kind != yaml.ScalarNode:
		return "", r.fail(n, "write the name out as text", "a member name must be text")
	case tag == "!!merge":
		return "", r.fail(n, `write the members out, or use "allOf" or "$ref" in a schema`, "merge keys (<<) are not supported")
	case n.Style&yaml.TaggedStyle != 0 && tag != "!!str":
		return "", r.fail(n, "remove the tag", "unknown tag %s on a member name", tag)
	case n.Value == "" && n.Style == 0:
		return "", r.fail(n, `write "" if the name is empty`, "a member without a name")
	}
	return n.Value, nil
}

func (r *yamlReader) sequence(n *yaml.Node, p *place, depth int) (any, int, error) {
	if tag := n.ShortTag(); tag != "!!seq" {
		return nil, 0, r.fail(n, "remove the tag", "unknown tag %s", tag)
	}
	list := make([]any, 0, len(n.Content))
	p.children = make([]place, 0, len(n.Content))
	height := 0
	for i, item := range n.Content {
		r.path = append(r.path, strconv.Itoa(i))
		v, child, h, err := r.node(item, depth+1)
		if err != nil {
			return nil, 0, err
		}
		r.path = r.path[:len(r.path)-1]
		list = append(list, v)
		p.children = append(p.children, child)
		height = max(height, h+1)
	}
	return list, height, nil
}

func limitHint(what string, n int) string {
	return fmt.Sprintf("the limit is %d %s", n, what)
}
