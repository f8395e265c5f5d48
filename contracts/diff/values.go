package diff

import (
	"bytes"
	"encoding/json"
	"math/big"

	"github.com/hookrig/hookrig/contracts/schema"
)

// values are listed JSON values. Two that are equal are one, however they are
// spelled.
type values struct {
	list []json.RawMessage
	keys map[string]bool
}

func (l *values) add(v json.RawMessage) {
	key := spelled(v)
	if l.keys[key] {
		return
	}
	if l.keys == nil {
		l.keys = map[string]bool{}
	}
	l.keys[key] = true
	l.list = append(l.list, v)
}

func (l *values) has(v json.RawMessage) bool { return l.keys[spelled(v)] }

// without are the values that are not among others.
func (l *values) without(o *values) (out []json.RawMessage) {
	for _, v := range l.list {
		if !o.has(v) {
			out = append(out, v)
		}
	}
	return out
}

// kindOf is the type of a JSON value; a whole number is both.
func kindOf(v json.RawMessage) schema.Types {
	switch text := bytes.TrimSpace(v); text[0] {
	case 'n':
		return schema.Null
	case 't', 'f':
		return schema.Boolean
	case '"':
		return schema.String
	case '[':
		return schema.Array
	case '{':
		return schema.Object
	default:
		if r, ok := new(big.Rat).SetString(string(text)); ok && r.IsInt() {
			return schema.Integer | schema.Number
		}
		return schema.Number
	}
}

// spelled is one spelling for all equal values.
func spelled(v json.RawMessage) string {
	dec := json.NewDecoder(bytes.NewReader(v))
	dec.UseNumber()
	var value any
	if dec.Decode(&value) != nil {
		return string(v)
	}
	out, err := json.Marshal(plainNumbers(value))
	if err != nil {
		return string(v)
	}
	return string(out)
}

// plainNumbers writes 1.0 and 1e0 as 1.
func plainNumbers(v any) any {
	switch v := v.(type) {
	case json.Number:
		if r, ok := new(big.Rat).SetString(v.String()); ok {
			return map[string]string{"": r.RatString()} // no object has a number's place
		}
	case []any:
		for i := range v {
			v[i] = plainNumbers(v[i])
		}
	case map[string]any:
		for name := range v {
			v[name] = plainNumbers(v[name])
		}
	}
	return v
}
