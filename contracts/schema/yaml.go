package schema

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

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
	if err := loader.Load(&first); err == io.EOF || err == nil && isEmpty(&first) {
		return &Error{File: d.name, Line: 1, Column: 1, Message: "the file is empty"}
	} else if err != nil {
		return d.yamlError(data, lim, err)
	}
	if err := loader.Load(&second); err == nil {
		return d.nodeError(&second, "", "a second YAML document in one file")
	} else if err != io.EOF {
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

// yamlAdvice says what to do about the mistakes that people make most.
var yamlAdvice = []struct{ part, hint string }{
	{"mapping values are not allowed", "check the indentation, and put text with a colon in quotes"},
	{"could not find expected ':'", "check the indentation, and put a colon and a space after the name"},
	{"did not find expected key", "check the indentation and the quotes"},
	{"did not find expected '-' indicator", "check the indentation"},
	{"cannot start any token", "put text that begins with this character in quotes"},
	{"invalid Unicode character escape", "write the character itself"},
	{"unknown anchor", "define the anchor before it is used"},
}

// yamlError translates what the YAML library says.
func (d *Document) yamlError(data []byte, lim Limits, err error) *Error {
	var e *yaml.LoadError
	if !errors.As(err, &e) {
		return &Error{File: d.name, Message: err.Error()}
	}
	if e.Mark.Line == 0 {
		if i := bytes.IndexFunc(data, isForbidden); i >= 0 {
			return d.errorAt(data, i, "a control character")
		}
	}
	message := e.Message
	if e.ContextMsg != "" {
		message = e.ContextMsg + ": " + message
	}
	located := &Error{File: d.name, Line: e.Mark.Line, Column: e.Mark.Column, Message: message}
	for _, advice := range yamlAdvice {
		if strings.Contains(message, advice.part) {
			located.Hint = advice.hint
			break
		}
	}
	if strings.Contains(message, "max depth") {
		located.Message, located.Hint = "too deeply nested", limitHint("levels", lim.Depth)
	}
	if lines := bytes.SplitN(data, []byte("\n"), e.Mark.Line+1); e.Mark.Line > 0 && e.Mark.Line <= len(lines) {
		if line := lines[e.Mark.Line-1]; strings.Contains(message, "cannot start") && bytes.HasPrefix(bytes.TrimLeft(line, " "), []byte("\t")) {
			located.Message, located.Hint = "a tab cannot indent YAML", "use spaces"
		}
	}
	return located
}

// isForbidden reports characters that YAML does not allow (YAML 1.2.2 section
// 5.1).
func isForbidden(c rune) bool {
	return c < ' ' && c != '\t' && c != '\n' && c != '\r' || 0x7f <= c && c < 0xa0 && c != 0x85 || c == 0xfffe || c == 0xffff
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

// The numbers of YAML's core schema (YAML 1.2.2 section 10.3.2), and those that
// only readers of YAML 1.1 take for numbers.
var (
	coreNumber  = regexp.MustCompile(`^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$`)
	coreInteger = regexp.MustCompile(`^(0x[0-9a-fA-F]+|0o[0-7]+)$`)
	notANumber  = regexp.MustCompile(`^([-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))$`)
	elderNumber = regexp.MustCompile(`^[-+]?(0b[01_]+|0x[0-9a-fA-F_]+|[0-9][0-9_]*(\.[0-9_]*)?([eE][-+]?[0-9]+)?)$`)
)

// scalar reads a scalar by its tag, or by its spelling where it has none.
func (r *yamlReader) scalar(n *yaml.Node) (any, error) {
	const quoted = yaml.SingleQuotedStyle | yaml.DoubleQuotedStyle | yaml.LiteralStyle | yaml.FoldedStyle
	tag := n.ShortTag()
	if n.Style&yaml.TaggedStyle == 0 {
		if n.Style&quoted != 0 || n.Tag == "!" {
			return n.Value, nil
		}
		return r.plain(n)
	}
	switch tag {
	case "!!str", "!!timestamp":
		return n.Value, nil
	case "!!null", "!!bool", "!!int", "!!float":
		v, err := r.plain(n)
		if err != nil {
			return nil, err
		}
		number, isNumber := v.(json.Number)
		_, isBool := v.(bool)
		isInt := isNumber && !strings.ContainsAny(string(number), ".eE")
		if tag == "!!null" && v == nil || tag == "!!bool" && isBool || tag == "!!float" && isNumber || tag == "!!int" && isInt {
			return v, nil
		}
		return nil, r.fail(n, "", "%s is no %s", quote(n.Value), strings.TrimPrefix(tag, "!!"))
	}
	return nil, r.fail(n, "remove the tag", "unknown tag %s", tag)
}

// plain reads a scalar without quotes and tag.
func (r *yamlReader) plain(n *yaml.Node) (any, error) {
	text := n.Value
	switch text {
	case "", "~", "null", "Null", "NULL":
		return nil, nil
	case "true", "True", "TRUE":
		return true, nil
	case "false", "False", "FALSE":
		return false, nil
	}
	if c := text[0]; c != '-' && c != '+' && c != '.' && (c < '0' || c > '9') {
		return text, nil
	}
	spelling := text
	if coreNumber.MatchString(text) {
		spelling = jsonSpelling(text)
	}
	switch {
	case numberLength(spelling) == len(spelling):
		return r.number(n, spelling)
	case coreInteger.MatchString(text):
		i, err := strconv.ParseUint(text, 0, 64)
		if err != nil {
			return nil, r.fail(n, "write it as a decimal", "number %s is out of range", cut(text))
		}
		return json.Number(strconv.FormatUint(i, 10)), nil
	case coreNumber.MatchString(text), elderNumber.MatchString(text):
		return nil, r.fail(n, fmt.Sprintf("write %s, or %q in quotes for text", inDecimal(text), text),
			"%s is a number to some readers of YAML and text to others", text)
	case notANumber.MatchString(text):
		return nil, r.fail(n, fmt.Sprintf("write %q in quotes for text", text), "%s is no number in JSON", text)
	}
	return text, nil
}

func (r *yamlReader) number(n *yaml.Node, text string) (any, error) {
	if !bounded(text) {
		return nil, r.fail(n, numberHint, "number %s is out of range", cut(text))
	}
	return json.Number(text), nil
}

// jsonSpelling spells numbers of YAML's core schema that are no JSON: a plus
// sign, a point at the start or the end.
func jsonSpelling(text string) string {
	text = strings.TrimPrefix(text, "+")
	mantissa, exponent := text, ""
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		mantissa, exponent = text[:i], text[i:]
	}
	mantissa = strings.TrimSuffix(mantissa, ".")
	if rest, found := strings.CutPrefix(mantissa, "-."); found {
		mantissa = "-0." + rest
	} else if rest, found := strings.CutPrefix(mantissa, "."); found {
		mantissa = "0." + rest
	}
	return mantissa + exponent
}

// inDecimal is how an ambiguous number is best written.
func inDecimal(text string) string {
	text = strings.ReplaceAll(strings.TrimPrefix(text, "+"), "_", "")
	if i, err := strconv.ParseInt(text, 0, 64); err == nil && strings.ContainsAny(text, "xb") {
		return strconv.FormatInt(i, 10)
	}
	digits, negative := strings.CutPrefix(text, "-")
	digits = strings.TrimLeft(digits, "0")
	if digits == "" || digits[0] < '0' || digits[0] > '9' {
		digits = "0" + digits
	}
	if negative {
		return "-" + digits
	}
	return digits
}

func limitHint(what string, n int) string {
	return fmt.Sprintf("the limit is %d %s", n, what)
}
