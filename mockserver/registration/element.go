package registration

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"strings"
)

// element is a piece of an answer that exists as XML and as JSON.
type element struct {
	name string
	text string
	kids []element
}

func text(name, value string) element { return element{name: name, text: value} }

func parent(name string, kids ...element) element { return element{name: name, kids: kids} }

// xml is the document. Characters that XML cannot hold are replaced.
func (e element) xml() []byte {
	var b bytes.Buffer
	b.WriteString(xml.Header)
	e.appendXML(&b, 0)
	return b.Bytes()
}

func (e element) appendXML(b *bytes.Buffer, depth int) {
	indent := strings.Repeat("  ", depth)
	b.WriteString(indent)
	switch {
	case e.text == "" && len(e.kids) == 0:
		b.WriteString("<" + e.name + "/>\n")
	case len(e.kids) == 0:
		b.WriteString("<" + e.name + ">")
		_ = xml.EscapeText(b, []byte(e.text)) // a bytes.Buffer takes everything
		b.WriteString("</" + e.name + ">\n")
	default:
		b.WriteString("<" + e.name + ">\n")
		for _, kid := range e.kids {
			kid.appendXML(b, depth+1)
		}
		b.WriteString(indent + "</" + e.name + ">\n")
	}
}

// json is the same as an object. As XML turned into JSON usually looks, kids of
// one name are a list where there are several and a value where there is one.
func (e element) json() ([]byte, error) {
	return json.Marshal(map[string]any{e.name: e.value()})
}

func (e element) value() any {
	if len(e.kids) == 0 {
		return e.text
	}
	members := make(map[string]any, len(e.kids))
	for _, kid := range e.kids {
		switch before := members[kid.name].(type) {
		case nil:
			members[kid.name] = kid.value()
		case []any:
			members[kid.name] = append(before, kid.value())
		default:
			members[kid.name] = []any{before, kid.value()}
		}
	}
	return members
}
