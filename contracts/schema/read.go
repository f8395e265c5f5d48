package schema

import (
	"bytes"
	"errors"
	"strings"
	"unicode/utf8"
)

const byteOrderMark = "\uFEFF"

// Read parses data, which may be JSON or YAML, into a Document called name.
// The name is used in messages, and its folder is where relative "$ref"s
// start (see [Loader]).
//
// A value has the type that its JSON spelling has: numbers keep their digits,
// timestamps stay text, and yes and no are text too, as in YAML's core schema
// (YAML 1.2.2 section 10.3). What YAML readers understand differently is
// refused: numbers with leading zeros or underscores, unknown tags, merge
// keys, several documents in one file. Member names are text however they are
// spelled, so a response code 200 is "200". Duplicate members, .inf and .nan,
// alias cycles and anything over the limits are refused too.
//
// The error is an *Error.
func Read(name string, data []byte, lim Limits) (*Document, error) {
	lim = lim.orDefault()
	d := &Document{name: name}
	if len(data) > lim.Bytes {
		return nil, &Error{File: name, Message: "the file is too large", Hint: limitHint("bytes", lim.Bytes)}
	}
	if i := invalidUTF8(data); i >= 0 {
		e := d.errorAt(data, i, "invalid UTF-8")
		e.Hint = "save the file as UTF-8"
		return nil, e
	}
	data = bytes.TrimPrefix(data, []byte(byteOrderMark))
	if mayBe, only := looksLikeJSON(data); mayBe {
		err := d.readJSON(data, lim)
		if err == nil {
			return d, nil
		}
		var e *jsonError
		if broken := errors.As(err, &e); only || !broken || e.limit != "" || strings.HasSuffix(name, ".json") {
			return nil, d.jsonError(data, err)
		}
	}
	if err := d.readYAML(data, lim); err != nil {
		return nil, err
	}
	return d, nil
}

// looksLikeJSON tells texts that are worth reading as JSON first: YAML reads
// most JSON too, but slower, and not all of it (long member names, escaped
// surrogate pairs). What opens with a quoted name is nothing but JSON: YAML
// would read on over a forgotten comma.
func looksLikeJSON(data []byte) (mayBe, only bool) {
	data = bytes.TrimLeft(data, " \t\r\n")
	inside := bytes.TrimLeft(data, "[{ \t\r\n")
	if len(inside) == len(data) {
		return bytes.HasPrefix(data, []byte(`"`)), false
	}
	return true, len(inside) > 0 && strings.IndexByte(`"]}`, inside[0]) >= 0
}

func (d *Document) readJSON(data []byte, lim Limits) (err error) {
	r := &jsonReader{data: data, maxDepth: lim.Depth, maxNodes: lim.Nodes, places: true}
	r.duplicate = func(name string) error {
		e := d.errorAt(data, r.pos, "duplicate member "+quote(name))
		e.Pointer = join(r.path)
		return e
	}
	d.value, d.root, err = r.read()
	return err
}

func (d *Document) jsonError(data []byte, err error) *Error {
	var told *Error
	if errors.As(err, &told) {
		return told
	}
	var e *jsonError
	if errors.As(err, &e) {
		located := d.errorAt(data, e.offset, e.message)
		located.Hint = e.limit
		return located
	}
	return &Error{File: d.name, Message: err.Error()}
}

// errorAt makes an *Error at a byte of the text.
func (d *Document) errorAt(data []byte, offset int, message string) *Error {
	before := data[:offset]
	lineStart := bytes.LastIndexByte(before, '\n') + 1
	return &Error{
		File:    d.name,
		Line:    bytes.Count(before, []byte("\n")) + 1,
		Column:  utf8.RuneCount(before[lineStart:]) + 1,
		Message: message,
	}
}

// invalidUTF8 is the index of the first byte that is no UTF-8, or -1.
func invalidUTF8(data []byte) int {
	if utf8.Valid(data) {
		return -1
	}
	for i := 0; ; {
		c, n := utf8.DecodeRune(data[i:])
		if c == utf8.RuneError && n <= 1 {
			return i
		}
		i += n
	}
}
