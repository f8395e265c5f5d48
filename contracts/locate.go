package contracts

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
)

// span is where a value stands in a body: body[from:to] is its exact text.
type span struct{ from, to int }

var errNotThere = errors.New("no such value")

// locate finds the exact bytes of the value at a JSON Pointer. Of a member
// that stands twice the last one counts, as in most readers.
func locate(body []byte, tokens []string) (span, error) {
	at, err := wholeValue(body)
	for _, token := range tokens {
		if err != nil {
			return at, err
		}
		found := false
		err = children(body, at, func(name string, i int, s span) {
			if name == token || (i >= 0 && strconv.Itoa(i) == token) {
				at, found = s, true
			}
		})
		if err == nil && !found {
			err = errNotThere
		}
	}
	return at, err
}

// textAt is the value at a pointer if it is a string, a number or a boolean,
// as the text that goes into a path or names an event.
func textAt(body []byte, tokens []string) (string, bool) {
	at, err := locate(body, tokens)
	if err != nil {
		return "", false
	}
	raw := body[at.from:at.to]
	switch raw[0] {
	case '{', '[', 'n':
		return "", false
	case '"':
		var s string
		err := json.Unmarshal(raw, &s)
		return s, err == nil
	default:
		return string(raw), true
	}
}

func wholeValue(body []byte) (span, error) {
	if !json.Valid(body) {
		return span{}, errors.New("no JSON")
	}
	from := len(body) - len(bytes.TrimLeft(body, " \t\r\n"))
	return span{from, len(bytes.TrimRight(body, " \t\r\n"))}, nil
}

// children visits the members or items of the value at s in order. Names are
// "" and indices -1 where they do not apply. The body is known to be valid.
func children(body []byte, s span, visit func(name string, i int, s span)) error {
	dec := json.NewDecoder(bytes.NewReader(body[s.from:s.to]))
	open, err := dec.Token()
	if err != nil {
		return err
	}
	for i := 0; dec.More(); i++ {
		name, index := "", i
		if open == json.Delim('{') {
			key, err := dec.Token()
			if err != nil {
				return err
			}
			name, index = key.(string), -1
		}
		var raw json.RawMessage
		if err := dec.Decode(&raw); err != nil {
			return err
		}
		to := s.from + int(dec.InputOffset())
		visit(name, index, span{to - len(raw), to})
	}
	return nil
}
