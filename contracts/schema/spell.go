package schema

// appendJSON appends the compact JSON of a value, its members in the order of
// the document.
func appendJSON(b []byte, v any, p *place) []byte {
	switch v := v.(type) {
	case map[string]any:
		b = append(b, '{')
		for i, name := range p.keys {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(append(b, marshal(name)...), ':')
			b = appendJSON(b, v[name], &p.children[i])
		}
		return append(b, '}')
	case []any:
		b = append(b, '[')
		for i, item := range v {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendJSON(b, item, &p.children[i])
		}
		return append(b, ']')
	}
	return append(b, marshal(v)...)
}
