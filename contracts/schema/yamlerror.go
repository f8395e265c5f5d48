package schema

import (
	"bytes"
	"errors"
	"strings"

	"go.yaml.in/yaml/v4"
)

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
