package infer

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// object is a JSON object in its order.
type object struct {
	names  []string
	values map[string]any
}

// parse reads a body as a receiver would: one JSON text in UTF-8, no member
// twice. Numbers stay json.Number, objects keep their order.
func parse(body []byte) (any, error) {
	if !utf8.Valid(body) {
		return nil, errors.New("it is no UTF-8")
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	v, err := value(dec, 0)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, errors.New("it is no JSON: it ends too early")
	}
	if err != nil {
		return nil, fmt.Errorf("it is no JSON: %w", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("it is no JSON: something follows the value")
	}
	return v, nil
}

func value(dec *json.Decoder, depth int) (any, error) {
	if depth > mostLevels {
		return nil, fmt.Errorf("more than %d levels", mostLevels)
	}
	token, err := dec.Token()
	if err != nil {
		return nil, err
	}
	switch token {
	case json.Delim('{'):
		o := &object{values: map[string]any{}}
		for dec.More() {
			key, err := dec.Token()
			if err != nil {
				return nil, err
			}
			name, _ := key.(string) // the decoder allows nothing else here
			if _, twice := o.values[name]; twice {
				return nil, fmt.Errorf("the member %.60q is there twice", name)
			}
			if o.values[name], err = value(dec, depth+1); err != nil {
				return nil, err
			}
			o.names = append(o.names, name)
		}
		_, err = dec.Token()
		return o, err
	case json.Delim('['):
		list := []any{}
		for dec.More() {
			item, err := value(dec, depth+1)
			if err != nil {
				return nil, err
			}
			list = append(list, item)
		}
		_, err = dec.Token()
		return list, err
	}
	return token, nil
}

// tokens splits a JSON Pointer.
func tokens(pointer string) []string {
	if pointer == "" {
		return nil
	}
	list := strings.Split(strings.TrimPrefix(pointer, "/"), "/")
	for i, t := range list {
		list[i] = strings.NewReplacer("~1", "/", "~0", "~").Replace(t)
	}
	return list
}

// at is the value at a JSON Pointer, nil if there is none.
func at(v any, pointer string) any {
	for _, t := range tokens(pointer) {
		switch of := v.(type) {
		case *object:
			v = of.values[t]
		case []any:
			i, err := strconv.Atoi(t)
			if err != nil || i < 0 || i >= len(of) {
				return nil
			}
			v = of[i]
		default:
			return nil
		}
	}
	return v
}

// with is a value with another one at a place that it has.
func with(v any, path []string, new any) any {
	if len(path) == 0 {
		return new
	}
	of, ok := v.(*object)
	if !ok {
		return v
	}
	out := &object{names: of.names, values: make(map[string]any, len(of.values))}
	for name, value := range of.values {
		out.values[name] = value
	}
	out.values[path[0]] = with(of.values[path[0]], path[1:], new)
	return out
}
