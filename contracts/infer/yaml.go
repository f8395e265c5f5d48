package infer

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// fields is an object of the document in its order. Values are fields, []any,
// string, quotedText and json.RawMessage.
type fields []field

type field struct {
	key   string
	value any
}

// quotedText is a text that would be read as something else without quotes.
type quotedText string

// plainText needs no quotes in any place of YAML, unless it is a word below.
var plainText = regexp.MustCompile(`^[A-Za-z/$][A-Za-z0-9_./$-]*( [A-Za-z0-9_./$-]+)*$`)

var yamlWords = []string{"true", "false", "null", "yes", "no", "on", "off", "y", "n"}

func scalar(s string) string {
	if plainText.MatchString(s) && !slices.Contains(yamlWords, strings.ToLower(s)) {
		return s
	}
	return quoted(s)
}

// quoted is a text in double quotes. JSON's escapes are YAML's too; what YAML
// does not allow as it is, is escaped.
func quoted(s string) string {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // a string can be written
	var b strings.Builder
	for _, r := range strings.TrimSuffix(out.String(), "\n") {
		switch {
		case r == '"' || r == ' ' || unicode.IsPrint(r):
			b.WriteRune(r)
		case r < 0x10000:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
	}
	return b.String()
}

// widest is how long a line may become by writing an object on it.
const widest = 110

// write writes an object block by block; what is short stands on one line.
func write(b *bytes.Buffer, of fields, indent int) {
	pad := strings.Repeat("  ", indent)
	for _, f := range of {
		b.WriteString(pad)
		b.WriteString(scalar(f.key))
		b.WriteByte(':')
		inner, nested := f.value.(fields)
		line := flow(f.value, widest-len(pad)-len(f.key))
		switch {
		case line != "" && (!nested || indent > 0 || len(inner) <= 4):
			b.WriteByte(' ')
			b.WriteString(line)
			b.WriteByte('\n')
		case nested:
			b.WriteByte('\n')
			write(b, inner, indent+1)
		default:
			list, _ := f.value.([]any)
			b.WriteByte('\n')
			for _, item := range list {
				fmt.Fprintf(b, "%s- %s\n", pad, flow(item, 1<<30))
			}
		}
	}
}

// flow is a value on one line, "" if that is longer than it may be.
func flow(v any, room int) string {
	var out string
	switch v := v.(type) {
	case string:
		return scalar(v)
	case quotedText:
		return quoted(string(v))
	case json.RawMessage:
		return string(v)
	case []any:
		parts := make([]string, len(v))
		for i, item := range v {
			if parts[i] = flow(item, room); parts[i] == "" {
				return ""
			}
		}
		out = "[" + strings.Join(parts, ", ") + "]"
	case fields:
		parts := make([]string, len(v))
		for i, f := range v {
			value := flow(f.value, room)
			if value == "" {
				return ""
			}
			parts[i] = scalar(f.key) + ": " + value
		}
		out = "{" + strings.Join(parts, ", ") + "}"
	}
	if len(out) > room {
		return ""
	}
	return out
}
