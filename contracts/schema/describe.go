package schema

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"
)

// maxText is about how many characters of a value a message shows.
const maxText = 80

// cut shortens a text that may be anything.
func cut(s string) string {
	if len(s) <= maxText {
		return s
	}
	n := 0
	for i := range s {
		if n == maxText {
			return s[:i] + "…"
		}
		n++
	}
	return s
}

// quote is a text in double quotes as JSON spells it, shortened.
func quote(s string) string {
	short := cut(s)
	return string(marshal(short))
}

// marshal is the JSON of a value, with no escapes that HTML would need.
func marshal(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return []byte("null")
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// found says what stands somewhere.
func found(v any) string {
	switch v := v.(type) {
	case string:
		return quote(v)
	case json.Number:
		return cut(string(v))
	case []any:
		return "an array of " + count(len(v), "item")
	case map[string]any:
		return "an object of " + count(len(v), "member")
	}
	return string(marshal(v))
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// spelled is a value of a schema in a message: scalars in full, the rest by
// their JSON, shortened.
func spelled(v any) string {
	if s, ok := v.(string); ok {
		return quote(s)
	}
	return cut(string(marshal(v)))
}

// oneOf lists the values that are allowed.
func oneOf(values []any) string {
	if len(values) == 1 {
		return spelled(values[0])
	}
	var b strings.Builder
	b.WriteString("one of ")
	for i, v := range values {
		if i > 0 {
			b.WriteString(", ")
		}
		if i == 12 || utf8.RuneCountInString(b.String()) > 200 {
			fmt.Fprintf(&b, "… (%d values)", len(values))
			break
		}
		b.WriteString(spelled(v))
	}
	return b.String()
}

var typeNames = map[string]string{
	"null": "null", "boolean": "a boolean", "integer": "an integer", "number": "a number",
	"string": "a string", "array": "an array", "object": "an object",
}

// anyOfTypes lists the types that are allowed.
func anyOfTypes(types []string) string {
	names := make([]string, len(types))
	for i, t := range types {
		names[i] = typeNames[t]
	}
	return strings.Join(names, " or ")
}

// formatNames say what the formats mean and where that is written.
var formatNames = map[string]string{
	"date-time": "a date-time (RFC 3339)", "date": "a date (RFC 3339)", "time": "a time (RFC 3339)",
	"duration": "a duration (ISO 8601)", "period": "a period (ISO 8601)",
	"email": "an email address (RFC 5321)", "hostname": "a host name (RFC 1123)",
	"ipv4": "an IPv4 address", "ipv6": "an IPv6 address (RFC 4291)",
	"uri": "a URI (RFC 3986)", "uri-reference": "a URI reference (RFC 3986)",
	"iri": "an IRI (RFC 3987)", "iri-reference": "an IRI reference (RFC 3987)", "uri-template": "a URI template (RFC 6570)",
	"uuid": "a UUID (RFC 9562)", "regex": "a regular expression (ECMA-262)",
	"json-pointer": "a JSON Pointer (RFC 6901)", "relative-json-pointer": "a relative JSON Pointer",
	"semver": "a semantic version",
}

func formatName(format string) string {
	if name, ok := formatNames[format]; ok {
		return name
	}
	return "format " + quote(format)
}
