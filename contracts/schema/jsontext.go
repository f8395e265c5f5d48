package schema

import (
	"encoding/json"
	"fmt"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// Numbers beyond these sizes cost more to compare than any honest one and are
// refused (RFC 8259 section 6 lets a reader set such limits).
const (
	maxNumberLength = 1000
	maxExponent     = 1000
	numberHint      = "numbers may have 1000 characters and exponents up to 1000"
)

// jsonReader reads one JSON text (RFC 8259) strictly: nothing before or after
// it, valid UTF-8, no byte order mark, bounded nesting and numbers. Numbers
// keep their digits. An escaped surrogate without its partner becomes U+FFFD,
// as in encoding/json.
type jsonReader struct {
	data               []byte
	maxDepth, maxNodes int

	pos, depth, nodes int // so far

	// duplicate is told each member that stands twice in its object; the
	// later one wins. An error from it ends the reading.
	duplicate func(name string) error
	path      []string // where the reader is

	places bool // record where each value stands
	line   int  // of pos, 1-based
	mark   int  // a position whose column is known …
	column int  // … and that column, 1-based, in characters
}

// jsonError says why and where a text is no JSON.
type jsonError struct {
	offset  int
	message string
	limit   string // set where the text may be JSON, but is too much
}

func (e *jsonError) Error() string { return e.message }

func (r *jsonReader) fail(format string, args ...any) error {
	return &jsonError{offset: r.pos, message: fmt.Sprintf(format, args...)}
}

func (r *jsonReader) limit(limit, message string) error {
	return &jsonError{offset: r.pos, message: message, limit: limit}
}

// read reads the whole text.
func (r *jsonReader) read() (v any, p place, err error) {
	r.line, r.column = 1, 1
	r.space()
	if v, err = r.value(&p); err != nil {
		return nil, p, err
	}
	if r.space(); r.pos < len(r.data) {
		return nil, p, r.fail("unexpected %s after the end of the value", r.here())
	}
	return v, p, nil
}

// space skips white space and counts lines: no other place of a JSON text can
// hold a line break.
func (r *jsonReader) space() {
	for r.pos < len(r.data) {
		switch r.data[r.pos] {
		case '\n':
			r.line++
			r.mark, r.column = r.pos+1, 1
		case ' ', '\t', '\r':
		default:
			return
		}
		r.pos++
	}
}

// here names the next character for messages.
func (r *jsonReader) here() string {
	if r.pos >= len(r.data) {
		return "end"
	}
	c, n := utf8.DecodeRune(r.data[r.pos:])
	switch {
	case c == utf8.RuneError && n == 1:
		return fmt.Sprintf("byte 0x%02X", r.data[r.pos])
	case c == '\uFEFF':
		return "byte order mark"
	}
	return strconv.QuoteRune(c)
}

// stand records the place of the value that begins here. Columns are counted
// from the last known one, so that one long line is walked only once.
func (r *jsonReader) stand(p *place) {
	if !r.places {
		return
	}
	r.column += utf8.RuneCount(r.data[r.mark:r.pos])
	r.mark = r.pos
	p.line, p.column = int32(r.line), int32(r.column)
}

func (r *jsonReader) value(p *place) (any, error) {
	if r.pos >= len(r.data) {
		return nil, r.fail("unexpected end")
	}
	if r.nodes == r.maxNodes {
		return nil, r.limit(limitHint("values", r.maxNodes), "too many values")
	}
	r.nodes++
	r.stand(p)
	switch c := r.data[r.pos]; {
	case c == '{':
		return r.nested(p, r.object)
	case c == '[':
		return r.nested(p, r.array)
	case c == '"':
		return r.string()
	case c == '-' || '0' <= c && c <= '9':
		return r.number()
	}
	for _, w := range [...]struct {
		word  string
		value any
	}{{"true", true}, {"false", false}, {"null", nil}} {
		if end := r.pos + len(w.word); end <= len(r.data) && string(r.data[r.pos:end]) == w.word {
			r.pos = end
			return w.value, nil
		}
	}
	return nil, r.fail("unexpected %s, expected a value", r.here())
}

func (r *jsonReader) nested(p *place, read func(*place) (any, error)) (any, error) {
	if r.depth == r.maxDepth {
		return nil, r.limit(limitHint("levels", r.maxDepth), "too deeply nested")
	}
	r.depth++
	r.pos++
	v, err := read(p)
	r.depth--
	return v, err
}

func (r *jsonReader) object(p *place) (any, error) {
	object := map[string]any{}
	if r.places {
		p.keys = []string{}
	}
	for first := true; ; first = false {
		if done, err := r.separator(first, '}'); done || err != nil {
			return object, err
		}
		if r.pos >= len(r.data) || r.data[r.pos] != '"' {
			return nil, r.fail("unexpected %s, expected a member name in double quotes", r.here())
		}
		start := r.pos
		name, err := r.string()
		if err != nil {
			return nil, err
		}
		r.path = append(r.path, name)
		_, twice := object[name]
		if twice {
			end := r.pos
			r.pos = start
			if err := r.duplicate(name); err != nil {
				return nil, err
			}
			r.pos = end
		}
		if r.space(); r.pos >= len(r.data) || r.data[r.pos] != ':' {
			return nil, r.fail("unexpected %s, expected a colon after %q", r.here(), cut(name))
		}
		r.pos++
		r.space()
		var child place
		if object[name], err = r.value(&child); err != nil {
			return nil, err
		}
		if r.places && !twice {
			p.add(name, child)
		}
		r.path = r.path[:len(r.path)-1]
	}
}

func (r *jsonReader) array(p *place) (any, error) {
	list := []any{}
	for first := true; ; first = false {
		if done, err := r.separator(first, ']'); done || err != nil {
			return list, err
		}
		r.path = append(r.path, strconv.Itoa(len(list)))
		var child place
		item, err := r.value(&child)
		if err != nil {
			return nil, err
		}
		list = append(list, item)
		if r.places {
			p.children = append(p.children, child)
		}
		r.path = r.path[:len(r.path)-1]
	}
}

// separator reads what stands before a child: nothing before the first, a
// comma before the others, or the end of the object or list.
func (r *jsonReader) separator(first bool, end byte) (done bool, err error) {
	r.space()
	if r.pos >= len(r.data) {
		return false, r.fail("unexpected end")
	}
	switch c := r.data[r.pos]; {
	case c == end:
		r.pos++
		return true, nil
	case first:
		return false, nil
	case c == ',':
		r.pos++
		r.space()
		if r.pos < len(r.data) && r.data[r.pos] == end {
			return false, r.fail("unexpected %s after a comma", r.here())
		}
		return false, nil
	}
	return false, r.fail("unexpected %s, expected a comma or %q", r.here(), end)
}

// number reads a number and keeps it as it is spelled.
func (r *jsonReader) number() (any, error) {
	end := r.pos + numberLength(r.data[r.pos:])
	if end == r.pos {
		return nil, r.fail("a number cannot begin like this: %q", cut(string(r.data[r.pos:min(len(r.data), r.pos+20)])))
	}
	text := string(r.data[r.pos:end])
	if !bounded(text) {
		return nil, r.limit(numberHint, "number "+cut(text)+" is out of range")
	}
	r.pos = end
	return json.Number(text), nil
}

// numberLength is the length of the JSON number at the start of s, 0 if there
// is none.
func numberLength[T string | []byte](s T) int {
	digits := func(i int) int {
		for i < len(s) && '0' <= s[i] && s[i] <= '9' {
			i++
		}
		return i
	}
	i := 0
	if i < len(s) && s[i] == '-' {
		i++
	}
	switch start := i; {
	case i < len(s) && s[i] == '0':
		i++
	default:
		if i = digits(i); i == start {
			return 0
		}
	}
	if i < len(s) && s[i] == '.' {
		if end := digits(i + 1); end > i+1 {
			i = end
		}
	}
	if i < len(s) && (s[i] == 'e' || s[i] == 'E') {
		exp := i + 1
		if exp < len(s) && (s[exp] == '+' || s[exp] == '-') {
			exp++
		}
		if end := digits(exp); end > exp {
			i = end
		}
	}
	return i
}

// bounded reports whether a number is of a size that is cheap to compare.
func bounded(number string) bool {
	if len(number) > maxNumberLength {
		return false
	}
	for i := range len(number) {
		if number[i] == 'e' || number[i] == 'E' {
			exp, err := strconv.Atoi(number[i+1:])
			return err == nil && -maxExponent <= exp && exp <= maxExponent
		}
	}
	return true
}

// string reads a string.
func (r *jsonReader) string() (string, error) {
	start := r.pos + 1
	for i := start; i < len(r.data); i++ {
		switch c := r.data[i]; {
		case c == '"':
			r.pos = i + 1
			return string(r.data[start:i]), nil
		case c < ' ' || c == '\\' || c >= utf8.RuneSelf:
			r.pos = i
			return r.slowString(start)
		}
	}
	r.pos = len(r.data)
	return "", r.fail("unexpected end inside a string")
}

// slowString goes on where a string has its first character that is not plain
// ASCII.
func (r *jsonReader) slowString(start int) (string, error) {
	text := append([]byte(nil), r.data[start:r.pos]...)
	for r.pos < len(r.data) {
		switch c := r.data[r.pos]; {
		case c == '"':
			r.pos++
			return string(text), nil
		case c < ' ':
			return "", r.fail("control character %q inside a string", c)
		case c == '\\':
			char, err := r.escape()
			if err != nil {
				return "", err
			}
			text = utf8.AppendRune(text, char)
		default:
			char, n := utf8.DecodeRune(r.data[r.pos:])
			if char == utf8.RuneError && n == 1 {
				return "", r.fail("invalid UTF-8 (%s)", r.here())
			}
			text = append(text, r.data[r.pos:r.pos+n]...)
			r.pos += n
		}
	}
	return "", r.fail("unexpected end inside a string")
}

// escape reads one escape sequence.
func (r *jsonReader) escape() (rune, error) {
	if r.pos+1 >= len(r.data) {
		r.pos = len(r.data)
		return 0, r.fail("unexpected end inside a string")
	}
	switch c := r.data[r.pos+1]; c {
	case '"', '\\', '/':
		r.pos += 2
		return rune(c), nil
	case 'b', 'f', 'n', 'r', 't':
		r.pos += 2
		return map[byte]rune{'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}[c], nil
	case 'u':
		char, ok := r.hex(r.pos)
		if !ok {
			return 0, r.fail(`\u must be followed by four hexadecimal digits`)
		}
		r.pos += 6
		if utf16.IsSurrogate(char) {
			low, _ := r.hex(r.pos)
			if char = utf16.DecodeRune(char, low); char != utf8.RuneError {
				r.pos += 6
			}
		}
		return char, nil
	}
	return 0, r.fail("unknown escape \\%c", r.data[r.pos+1])
}

// hex reads the \uXXXX at i.
func (r *jsonReader) hex(i int) (rune, bool) {
	if i+6 > len(r.data) || r.data[i] != '\\' || r.data[i+1] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(string(r.data[i+2:i+6]), 16, 16)
	return rune(n), err == nil
}
