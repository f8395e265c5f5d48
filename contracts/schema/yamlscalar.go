package schema

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
)

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
