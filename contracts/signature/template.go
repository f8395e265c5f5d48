package signature

import (
	"io"
	"strings"
)

// Placeholders of templates, without their braces.
const (
	placeBody      = "body"
	placeTimestamp = "timestamp"
	placeID        = "id"
	placeSignature = "signature"
	placeUUID      = "uuid"
	placeURL       = "url"
)

const signatureAlone = "{" + placeSignature + "}"

// cut takes the text before a template's first placeholder, the placeholder's
// name, and what follows. The name is empty where there is no placeholder.
func cut(template string) (literal, name, rest string) {
	open := strings.IndexByte(template, '{')
	if open < 0 {
		return template, "", ""
	}
	length := strings.IndexByte(template[open:], '}')
	if length < 0 {
		return template, "", ""
	}
	return template[:open], template[open+1 : open+length], template[open+length+1:]
}

// has reports whether a template has the placeholder name.
func has(template, name string) bool {
	for template != "" {
		_, found, rest := cut(template)
		if found == name {
			return true
		}
		template = rest
	}
	return false
}

// values are what placeholders stand for.
type values struct {
	body          []byte
	timestamp, id string
}

// writeSigned writes the bytes that a template stands for. The body goes to w
// as it is, everything else through scratch, which is given back for reuse:
// strings handed to a hash would be copied to the heap one by one.
func writeSigned(w io.Writer, scratch []byte, template string, v values) []byte {
	scratch = scratch[:0]
	for template != "" {
		literal, name, rest := cut(template)
		scratch = append(scratch, literal...)
		switch name {
		case placeTimestamp:
			scratch = append(scratch, v.timestamp...)
		case placeID:
			scratch = append(scratch, v.id...)
		case placeBody:
			_, _ = w.Write(scratch) // hashes and buffers do not fail
			_, _ = w.Write(v.body)
			scratch = scratch[:0]
		}
		template = rest
	}
	_, _ = w.Write(scratch)
	return scratch
}

// matchPiece reads a piece of a header's value by the piece of the template
// that describes it.
func matchPiece(template, text string, found func(name, value string)) bool {
	for template != "" {
		literal, name, rest := cut(template)
		var ok bool
		if text, ok = strings.CutPrefix(text, literal); !ok {
			return false
		}
		if name == "" {
			return text == ""
		}
		// A placeholder reaches to the next literal, the last one to the end.
		end := len(text)
		if next, _, _ := cut(rest); next != "" {
			if end = strings.Index(text, next); end < 0 {
				return false
			}
		}
		found(name, text[:end])
		text, template = text[end:], rest
	}
	return text == ""
}

// pieces cuts a value or its template at the scheme's separator.
func (s *Scheme) pieces(value string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		if s.Separator == "" {
			yield(value)
			return
		}
		for more := true; more; {
			var piece string
			piece, value, more = strings.Cut(value, s.Separator)
			if !yield(piece) {
				return
			}
		}
	}
}

func (s *Scheme) value() string {
	if s.Value == "" {
		return signatureAlone
	}
	return s.Value
}
