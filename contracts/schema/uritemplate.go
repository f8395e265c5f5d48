package schema

import (
	"errors"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// uriTemplate is the format of RFC 6570. The validator has one of that name
// which takes an expression with a slash, such as {/path}, for two halves.
var uriTemplate = &jsonschema.Format{Name: "uri-template", Validate: func(v any) error {
	text, ok := v.(string)
	if !ok || isTemplate(text) {
		return nil
	}
	return errors.New("no URI template")
}}

// isTemplate reads literals and expressions in turn (section 2).
func isTemplate(text string) bool {
	for {
		literal, rest, open := strings.Cut(text, "{")
		if !isTemplateLiteral(literal) {
			return false
		}
		if !open {
			return true
		}
		expression, after, closed := strings.Cut(rest, "}")
		if !closed || !isExpression(expression) {
			return false
		}
		text = after
	}
}

// isTemplateLiteral: any character but those that no URI has; a per cent sign
// begins two hexadecimal digits (section 2.1).
func isTemplateLiteral(text string) bool {
	for i, r := range text {
		if r <= ' ' || r == 0x7f || strings.ContainsRune("\"'<>\\^`{|}", r) || r == '%' && !isEncoded(text[i:]) {
			return false
		}
	}
	return true
}

func isEncoded(text string) bool {
	return len(text) > 2 && text[0] == '%' && isHex(text[1]) && isHex(text[2])
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

// isExpression: an operator, or none, and a list of variables (section 2.2).
// Operators that are reserved for later are as good as the others.
func isExpression(text string) bool {
	if text != "" && strings.IndexByte("+#./;?&=,!@|", text[0]) >= 0 {
		text = text[1:]
	}
	for variable := range strings.SplitSeq(text, ",") {
		if !isVariable(variable) {
			return false
		}
	}
	return true
}

// isVariable: a name with a modifier, or none (sections 2.3 and 2.4).
func isVariable(text string) bool {
	name := strings.TrimSuffix(text, "*")
	if name == text {
		var length string
		var prefix bool
		if name, length, prefix = strings.Cut(text, ":"); prefix && !isPrefixLength(length) {
			return false
		}
	}
	for part := range strings.SplitSeq(name, ".") {
		if !isVariablePart(part) {
			return false
		}
	}
	return true
}

// isPrefixLength: a number from 1 to 9999.
func isPrefixLength(text string) bool {
	return len(text) >= 1 && len(text) <= 4 && text[0] != '0' && strings.Trim(text, "0123456789") == ""
}

func isVariablePart(text string) bool {
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c == '_', c >= '0' && c <= '9', c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z':
		case isEncoded(text[i:]):
			i += 2
		default:
			return false
		}
	}
	return text != ""
}
