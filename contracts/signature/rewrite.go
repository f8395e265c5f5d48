package signature

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"iter"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Bodies above these sizes are not rewritten, alone or beside another mistake.
const (
	maxRewritten     = 256 << 10
	maxRewrittenMore = 32 << 10
	maxRewriteDepth  = 512
	maxWritten       = 1 << 20 // indenting deep values makes much of little
)

// otherBodies begins with the right body. A body is valid until the next one. What follows are the bodies that
// frameworks, editors and proxies make of it; none of them comes twice.
func otherBodies(body []byte, mistakes int) iter.Seq[mistake[[]byte]] {
	return func(yield func(mistake[[]byte]) bool) {
		if !yield(mistake[[]byte]{body, ""}) || mistakes == 0 {
			return
		}
		seen := map[[sha256.Size]byte]bool{sha256.Sum256(body): true}
		other := func(body []byte, cause string) bool {
			sum := sha256.Sum256(body)
			if seen[sum] {
				return true
			}
			seen[sum] = true
			return yield(mistake[[]byte]{body, "the signature is right for " + cause})
		}
		if !otherEnds(body, other) || !otherText(body, other) {
			return
		}
		if len(body) <= maxRewritten && (mistakes < 2 || len(body) <= maxRewrittenMore) {
			rewritten(body, other)
		}
	}
}

// otherEnds are bodies of which something was cut off, or to which it was added.
func otherEnds(body []byte, other func([]byte, string) bool) bool {
	const exact = "sign and check the exact bytes that are sent"
	const bom = "\ufeff"
	return other(bytes.TrimRight(body, "\r\n"), "the body without the newline at its end: "+exact) &&
		other(with(body, "\n"), "the body with a newline at its end: "+exact) &&
		other(with(body, "\r\n"), "the body with a line break at its end: "+exact) &&
		other(bytes.TrimSpace(body), "the body without the white space around it: "+exact) &&
		other(nil, "an empty body: read the body once and keep it, before something else consumes it") &&
		other(bytes.TrimPrefix(body, []byte(bom)), "the body without the byte order mark at its start: "+exact) &&
		other(with([]byte(bom), string(body)), "the body with a byte order mark at its start: write the file without one")
}

func with(body []byte, end string) []byte { return append(bytes.Clone(body), end...) }

// otherText are bodies that were read and written as text.
func otherText(body []byte, other func([]byte, string) bool) bool {
	const binary = "treat the body as bytes, not as lines of text"
	lf := bytes.ReplaceAll(body, []byte("\r\n"), []byte("\n"))
	if !other(lf, "the body with \\n for line breaks: "+binary) ||
		!other(bytes.ReplaceAll(lf, []byte("\n"), []byte("\r\n")), "the body with \\r\\n for line breaks: "+binary) {
		return false
	}
	if !utf8.Valid(body) {
		return other(bytes.ToValidUTF8(body, []byte("\ufffd")), "the body read as UTF-8, which it is not: treat the body as bytes")
	}
	var doubled, single []byte
	latin := true
	for _, b := range body {
		doubled = utf8.AppendRune(doubled, rune(b))
	}
	for _, r := range string(body) {
		latin = latin && r <= 0xff
		single = append(single, byte(r))
	}
	const utf = "read and write it as UTF-8, or better as bytes"
	return other(doubled, "the body read as Latin-1: "+utf) && (!latin || other(single, "the body written as Latin-1: "+utf))
}

// rewritten are the JSON texts that encoders write for the same value.
func rewritten(body []byte, other func([]byte, string) bool) {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	value, ok := parse(d, 0)
	if !ok {
		return
	}
	if _, err := d.Token(); err != io.EOF {
		return // more than one document
	}
	var text []byte
	for _, st := range styles() {
		text = st.append(text[:0], value, "\n")
		if len(text) > maxWritten {
			continue
		}
		cause := "the same JSON written anew (" + st.name() + "): keep the bytes as received, never decode and encode them before the check"
		if !other(text, cause) || !other(append(text, '\n'), strings.Replace(cause, ")", ", with a newline at its end)", 1)) {
			return
		}
	}
}

// object keeps its members in order.
type object []member

type member struct {
	name  string
	value any
}

// parse reads a value: object, []any, string, json.Number, bool or nil.
func parse(d *json.Decoder, depth int) (any, bool) {
	token, err := d.Token()
	if err != nil || depth > maxRewriteDepth {
		return nil, false
	}
	switch token {
	case json.Delim('{'):
		o := object{}
		for d.More() {
			name, err := d.Token()
			if err != nil {
				return nil, false
			}
			value, ok := parse(d, depth+1)
			if !ok {
				return nil, false
			}
			o = append(o, member{name.(string), value}) // encoding/json allows no other name
		}
		_, err = d.Token()
		return o, err == nil
	case json.Delim('['):
		list := []any{}
		for d.More() {
			value, ok := parse(d, depth+1)
			if !ok {
				return nil, false
			}
			list = append(list, value)
		}
		_, err = d.Token()
		return list, err == nil
	}
	return token, true
}

// style is how an encoder writes.
type style struct {
	layout  layout
	sorted  bool
	escapes escapes
	numbers bool // written anew: 1.0 becomes 1
}

type layout struct{ name, indent, comma, colon string }

type escapes struct {
	name               string
	html, ascii, slash bool
}

// styles are those of common encoders, the most common first.
func styles() []style {
	var list []style
	for _, sorted := range []bool{false, true} {
		for _, numbers := range []bool{false, true} {
			for _, l := range []layout{
				{"compact", "", ",", ":"},                     // JavaScript, Go, PHP
				{"with spaces after , and :", "", ", ", ": "}, // Python
				{"indented by 2 spaces", "  ", ",", ": "},
				{"indented by 4 spaces", "    ", ",", ": "},
				{"indented by tabs", "\t", ",", ": "},
			} {
				for _, e := range []escapes{
					{},
					{name: "< > & escaped", html: true},      // Go
					{name: "non-ASCII escaped", ascii: true}, // Python
					{name: "slashes escaped", slash: true},   // PHP
					{name: "non-ASCII and slashes escaped", ascii: true, slash: true}, // PHP
				} {
					list = append(list, style{l, sorted, e, numbers})
				}
			}
		}
	}
	return list
}

func (st style) name() string {
	parts := []string{st.layout.name}
	if st.sorted {
		parts = append(parts, "members sorted")
	}
	if st.numbers {
		parts = append(parts, "numbers rewritten")
	}
	if st.escapes.name != "" {
		parts = append(parts, st.escapes.name)
	}
	return strings.Join(parts, ", ")
}

// append writes a value; indent is the line break before the value's end.
func (st style) append(dst []byte, value any, indent string) []byte {
	switch v := value.(type) {
	case object:
		if st.sorted {
			v = slices.Clone(v)
			slices.SortStableFunc(v, func(a, b member) int { return strings.Compare(a.name, b.name) })
		}
		return st.appendList(dst, '{', '}', indent, len(v), func(dst []byte, i int, indent string) []byte {
			dst = append(st.appendString(dst, v[i].name), st.layout.colon...)
			return st.append(dst, v[i].value, indent)
		})
	case []any:
		return st.appendList(dst, '[', ']', indent, len(v), func(dst []byte, i int, indent string) []byte {
			return st.append(dst, v[i], indent)
		})
	case string:
		return st.appendString(dst, v)
	case json.Number:
		if f, err := v.Float64(); err == nil && st.numbers {
			if text, err := json.Marshal(f); err == nil {
				return append(dst, text...)
			}
		}
		return append(dst, v...)
	case bool:
		return strconv.AppendBool(dst, v)
	}
	return append(dst, "null"...)
}

func (st style) appendList(dst []byte, open, end byte, indent string, n int, item func([]byte, int, string) []byte) []byte {
	dst = append(dst, open)
	inner := indent + st.layout.indent
	for i := range n {
		if len(dst) > maxWritten {
			break
		}
		if i > 0 {
			dst = append(dst, st.layout.comma...)
		}
		if st.layout.indent != "" {
			dst = append(dst, inner...)
		}
		dst = item(dst, i, inner)
	}
	if st.layout.indent != "" && n > 0 {
		dst = append(dst, indent...)
	}
	return append(dst, end)
}

func (st style) appendString(dst []byte, text string) []byte {
	dst = append(dst, '"')
	for _, r := range text {
		switch short := strings.IndexRune("\"\\\b\f\n\r\t", r); {
		case short >= 0:
			dst = append(dst, '\\', `"\bfnrt`[short])
		case r == '/' && st.escapes.slash:
			dst = append(dst, '\\', '/')
		case r < ' ' || r > 0x7e && st.escapes.ascii && r != 0x7f, st.escapes.html && strings.ContainsRune("<>&\u2028\u2029", r):
			dst = appendEscape(dst, r)
		default:
			dst = utf8.AppendRune(dst, r)
		}
	}
	return append(dst, '"')
}

// appendEscape writes \u and four hex digits, twice above the basic plane.
func appendEscape(dst []byte, r rune) []byte {
	for _, unit := range utf16.AppendRune(nil, r) {
		dst = append(dst, `\u`...)
		dst = hex.AppendEncode(dst, []byte{byte(unit >> 8), byte(unit)})
	}
	return dst
}
