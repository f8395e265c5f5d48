package contracts

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
)

// The functions here find values in a body without parsing it: they give spans
// of its exact bytes. They expect JSON (json.Valid); of anything else they
// find something or nothing, but they end.

// span is where a value stands in a body: body[from:to] is its exact text.
type span struct{ from, to int }

func (s span) of(body []byte) []byte { return body[s.from:s.to] }

// whole is the value of a body without the white space around it.
func whole(body []byte) span {
	from := len(body) - len(bytes.TrimLeft(body, jsonSpace))
	return span{from, max(from, len(bytes.TrimRight(body, jsonSpace)))}
}

const jsonSpace = " \t\r\n"

// locate finds the value at a JSON Pointer. Of a member that stands twice the
// last one counts, as in most readers.
func locate(body []byte, tokens []string) (span, bool) {
	at := whole(body)
	for _, token := range tokens {
		found := false
		children(body, at, func(name []byte, i int, s span) {
			if isNamed(name, i, token) {
				at, found = s, true
			}
		})
		if !found {
			return at, false
		}
	}
	return at, true
}

// isNamed compares a member's name, quoted as it stands in the body, or an
// item's index with a token of a pointer.
func isNamed(name []byte, i int, token string) bool {
	if name == nil {
		return token == strconv.Itoa(i)
	}
	if bytes.IndexByte(name, '\\') < 0 {
		return string(name[1:len(name)-1]) == token
	}
	var s string
	return json.Unmarshal(name, &s) == nil && s == token
}

// textAt is the value at a pointer if it is a string, a number or a boolean,
// as the text that goes into a path or names an event.
func textAt(body []byte, tokens []string) (string, bool) {
	at, ok := locate(body, tokens)
	raw := at.of(body)
	if !ok || len(raw) == 0 {
		return "", false
	}
	switch raw[0] {
	case '{', '[', 'n':
		return "", false
	case '"':
		if len(raw) > 1 && bytes.IndexByte(raw, '\\') < 0 {
			return string(raw[1 : len(raw)-1]), true
		}
		var s string
		err := json.Unmarshal(raw, &s)
		return s, err == nil
	default:
		return string(raw), true
	}
}

// children visits the members or items of the value at s in order. The name
// of a member comes with its quotes; items have none, members no index.
func children(body []byte, s span, visit func(name []byte, i int, s span)) {
	if s.from >= s.to || body[s.from] != '{' && body[s.from] != '[' {
		return
	}
	isObject := body[s.from] == '{'
	at := s.from + 1
	for i := 0; ; i++ {
		if at = skip(body, at, s.to, jsonSpace+","); at >= s.to-1 {
			return
		}
		var name []byte
		index := i
		if isObject {
			end := valueEnd(body, at, s.to)
			name, index = body[at:end], -1
			if len(name) < 2 || name[0] != '"' {
				return
			}
			at = skip(body, end, s.to, jsonSpace+":")
		}
		end := valueEnd(body, at, s.to)
		if end == at {
			return
		}
		visit(name, index, span{at, end})
		at = end
	}
}

func skip(body []byte, at, to int, over string) int {
	for at < to && strings.IndexByte(over, body[at]) >= 0 {
		at++
	}
	return at
}

// valueEnd is the end of the value that begins at a byte.
func valueEnd(body []byte, at, to int) int {
	depth := 0
	for at < to {
		switch body[at] {
		case '"':
			at = stringEnd(body, at, to)
		case '{', '[':
			depth++
			at++
		case '}', ']':
			if depth == 0 {
				return at
			}
			depth--
			at++
		case ',', ':', ' ', '\t', '\r', '\n':
			if depth == 0 {
				return at
			}
			at++
			continue
		default: // a character of a number or a word, which may go on
			at++
			if depth == 0 && at < to && strings.IndexByte(jsonSpace+",:]}", body[at]) >= 0 {
				return at
			}
			continue
		}
		if depth == 0 {
			return at
		}
	}
	return at
}

// stringEnd is the end of the string that begins at a byte.
func stringEnd(body []byte, at, to int) int {
	for at++; at < to; at++ {
		switch body[at] {
		case '\\':
			at++
		case '"':
			return at + 1
		}
	}
	return to
}
