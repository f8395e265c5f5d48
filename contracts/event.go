package contracts

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
)

// Event is a type and the exact bytes of a body. Compare events with Equal.
type Event struct {
	Type *EventType
	Body []byte
}

// Equal reports whether both are of the same type and have the same bytes.
func (e Event) Equal(o Event) bool {
	return e.Type == o.Type && bytes.Equal(e.Body, o.Body)
}

// Request is an HTTP request as plain data: what goes over the wire, without
// a connection.
type Request struct {
	Method string
	URL    string // absolute, or only path and query as a server sees it; without userinfo
	Header http.Header
	Body   []byte
}

// Examples are the example bodies that the contract shows, as JSON texts with
// the members in the order of the document.
func (t *EventType) Examples() [][]byte {
	out := make([][]byte, len(t.examples))
	for i, p := range t.examples {
		out[i] = p.appendJSON(nil)
	}
	return out
}

// appendJSON writes the value as compact JSON, members in document order.
func (p place) appendJSON(dst []byte) []byte {
	switch v := p.value.(type) {
	case map[string]any:
		dst = append(dst, '{')
		for i, m := range p.members() {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendText(dst, m.name)
			dst = append(dst, ':')
			dst = m.appendJSON(dst)
		}
		return append(dst, '}')
	case []any:
		dst = append(dst, '[')
		items, _ := p.items()
		for i, item := range items {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = item.appendJSON(dst)
		}
		return append(dst, ']')
	case string:
		return appendText(dst, v)
	case nil:
		return append(dst, "null"...)
	default: // bool and json.Number print as JSON
		return fmt.Append(dst, v)
	}
}

// appendText writes a JSON string without the HTML escapes of encoding/json.
func appendText(dst []byte, s string) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // strings always encode
	return append(dst, bytes.TrimSuffix(b.Bytes(), []byte("\n"))...)
}
