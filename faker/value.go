package faker

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math/big"
	"sort"
	"strconv"
	"strings"

	"github.com/hookrig/hookrig/contracts/schema"
)

// decode reads one JSON text. Numbers keep their spelling.
func decode(text []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("more than one value")
	}
	return v, nil
}

func typeOf(v any) schema.Types {
	switch v := v.(type) {
	case nil:
		return schema.Null
	case bool:
		return schema.Boolean
	case string:
		return schema.String
	case []any:
		return schema.Array
	case map[string]any:
		return schema.Object
	case json.Number:
		if !strings.ContainsAny(string(v), ".eE") {
			return schema.Integer
		}
		if r, ok := new(big.Rat).SetString(string(v)); ok && r.IsInt() {
			return schema.Integer
		}
		return schema.Number
	}
	return 0
}

// canonical spells a decoded value so that two are equal as JSON Schema sees
// it, numbers by value, if their spellings are.
func canonical(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case bool:
		return strconv.FormatBool(v)
	case string:
		return strconv.Quote(v)
	case json.Number:
		if len(v) < 16 && !strings.ContainsAny(string(v), ".eE-") {
			return string(v)
		}
		if r, ok := new(big.Rat).SetString(string(v)); ok {
			return r.RatString()
		}
		return string(v)
	case []any:
		parts := make([]string, len(v))
		for i, item := range v {
			parts[i] = canonical(item)
		}
		return "[" + strings.Join(parts, ",") + "]"
	case map[string]any:
		parts := make([]string, 0, len(v))
		for _, k := range sortedKeys(v) {
			parts = append(parts, strconv.Quote(k)+":"+canonical(v[k]))
		}
		return "{" + strings.Join(parts, ",") + "}"
	}
	return ""
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}

func multiple(r, of *big.Rat) bool {
	return of.Sign() != 0 && new(big.Rat).Quo(r, of).IsInt()
}

// quoted is a JSON string.
func quoted(s string) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if e.Encode(s) != nil {
		return []byte(`""`)
	}
	return bytes.TrimRight(b.Bytes(), "\n")
}

// encode spells a decoded value.
func encode(v any) []byte {
	if s, ok := v.(string); ok {
		return quoted(s)
	}
	text, err := json.Marshal(v)
	if err != nil {
		return []byte("null")
	}
	return text
}

func compact(raw []byte) []byte {
	var b bytes.Buffer
	if json.Compact(&b, raw) != nil {
		return raw
	}
	return b.Bytes()
}

func ratOf(v any) (*big.Rat, bool) {
	n, ok := v.(interface{ String() string })
	if !ok {
		return nil, false
	}
	return new(big.Rat).SetString(n.String())
}
