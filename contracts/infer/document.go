package infer

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
)

// document is the contract as YAML.
func (in *inference) document() []byte {
	r := in.result
	provider := in.options.Provider
	if provider == "" {
		provider = "inferred"
	}
	rig := fields{{"provider", provider}, {"provenance", "assumed"}}
	if at := in.eventPlace(); at != nil {
		rig = append(rig, field{"event", at})
	}
	var messages, listed fields
	taken := map[string]bool{}
	for _, e := range in.inOrder() {
		key := keyOf(e.name, taken)
		messages = append(messages, field{key, in.message(e)})
		listed = append(listed, field{key, fields{{"$ref", "#/components/messages/" + key}}})
	}
	doc := fields{
		{"asyncapi", quotedText("3.1.0")},
		{"info", fields{{"title", "Webhooks of " + provider}, {"version", quotedText("0.1.0")}, {"description", fmt.Sprintf("Inferred from %d recorded bodies. Nothing here is a promise yet.", r.Bodies)}}},
		{"defaultContentType", "application/json"},
		{"x-hookrig", rig},
		{"channels", fields{{"events", fields{{"messages", listed}}}}},
		{"operations", fields{{"events", fields{{"action", "send"}, {"channel", fields{{"$ref", "#/channels/events"}}}}}}},
		{"components", fields{{"messages", messages}}},
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "# Inferred from %d recorded bodies: a skeleton. Next: what the provider says of delivery,\n", r.Bodies)
	b.WriteString("# signature and identity goes into x-hookrig; what is documented is no longer assumed.\n")
	for _, note := range r.Notes {
		fmt.Fprintf(&b, "# - %s\n", strings.ToValidUTF8(note, "?"))
	}
	write(&b, doc, 0)
	return b.Bytes()
}

// eventPlace is x-hookrig.event; nil where nothing names events.
func (in *inference) eventPlace() fields {
	r := in.result
	switch each, member, several := strings.Cut(r.At, "/*"); {
	case r.Header != "":
		return fields{{"header", r.Header}}
	case r.At == "":
		return nil
	case several:
		return fields{{"pointer", member}, {"each", each}}
	}
	return fields{{"pointer", r.At}}
}

// message is one event.
func (in *inference) message(e *event) fields {
	var path []string
	if each, member, several := strings.Cut(in.result.At, "/*"); several {
		path = append(append(tokens(each), ""), tokens(member)...)
	} else if in.result.At != "" {
		path = tokens(in.result.At)
	}
	out := fields{
		{"name", e.name},
		{"title", "Inferred: " + e.name},
		{"x-hookrig", fields{{"documentation", "none"}, {"notes", []any{fmt.Sprintf("inferred from %d bodies", e.bodies)}}}},
		{"payload", schemaOf(e.body, path, e.name)},
	}
	var examples []any
	for _, body := range e.examples {
		examples = append(examples, fields{{"payload", json.RawMessage(body)}})
	}
	if len(examples) > 0 {
		out = append(out, field{"examples", examples})
	}
	if len(e.name) > 250 {
		out[1].value = "Inferred"
	}
	return out
}

// schemaOf says what was seen at a place. Path leads to what names the event;
// it is nil elsewhere.
func schemaOf(p *place, path []string, name string) fields {
	if path != nil && len(path) == 0 {
		return fields{{"const", quotedText(name)}}
	}
	types := typesOf(p)
	if len(types) == 0 {
		return fields{{"description", "only null was seen, or nothing"}}
	}
	out := fields{{"type", types[0]}}
	if len(types) > 1 {
		out[0].value = types
	}
	if p.strs > 0 {
		out = append(out, textOf(p, len(types))...)
	}
	if p.lists > 0 && path != nil {
		out = append(out, field{"minItems", json.RawMessage("1")}, field{"items", schemaOf(p.item, path[1:], name)})
	} else if p.lists > 0 && p.item != nil {
		out = append(out, field{"items", schemaOf(p.item, nil, "")})
	}
	if p.objects > 0 {
		out = append(out, membersOf(p, path, name)...)
	}
	return out
}

func typesOf(p *place) (types []any) {
	add := func(name any, n int) {
		if n > 0 {
			types = append(types, name)
		}
	}
	add("object", p.objects)
	add("array", p.lists)
	add("string", p.strs)
	if p.decimals > 0 {
		add("number", 1)
	} else {
		add("integer", p.integers)
	}
	add("boolean", p.bools)
	if len(types) > 0 { // that only null was seen says nothing of the value
		add(quotedText("null"), p.nulls)
	}
	return types
}

// textOf says what the texts at a place have in common.
func textOf(p *place, types int) fields {
	if listed := p.text.listed(p.strs); listed != nil && types == 1 {
		values := make([]any, len(listed))
		for i, v := range listed {
			values[i] = v
		}
		return fields{{"enum", values}}
	}
	switch {
	case len(p.text.formats) > 0 && (p.strs >= few || p.text.formats[0] == "date-time" || p.text.formats[0] == "uuid"):
		return fields{{"format", p.text.formats[0]}}
	case p.text.decimals == p.strs && p.strs >= enoughDecimals:
		return fields{{"pattern", `^-?[0-9]+\.[0-9]+$`}}
	}
	return nil
}

// enoughDecimals is how many texts must be decimals before all are.
const enoughDecimals = 20

func membersOf(p *place, path []string, name string) (out fields) {
	if path == nil {
		if values := p.asMap(); values != nil {
			return fields{{"additionalProperties", schemaOf(values, nil, "")}}
		}
	}
	if p.further != nil { // the name of the event is told all the same
		return fields{
			{"required", []any{path[0]}},
			{"properties", fields{{path[0], schemaOf(p.further, path[1:], name)}}},
			{"additionalProperties", schemaOf(p.further, nil, "")},
		}
	}
	var required []any
	var members fields
	for _, member := range p.names {
		of := p.members[member]
		var below []string
		leads := len(path) > 0 && path[0] == member
		if leads {
			below = path[1:]
		}
		s := schemaOf(of, below, name)
		switch {
		case leads, of.seen == p.objects && p.objects >= few:
			required = append(required, member)
		case of.seen < p.objects:
			s = append(s, field{"description", fmt.Sprintf("in %d of %d", of.seen, p.objects)})
		}
		members = append(members, field{member, unique(s)})
	}
	if len(required) > 0 {
		out = append(out, field{"required", required})
	}
	if len(members) > 0 {
		out = append(out, field{"properties", members})
	}
	return out
}

// unique keeps the last of two descriptions.
func unique(s fields) fields {
	if n := len(s); n == 2 && s[0].key == s[1].key {
		return s[1:]
	}
	return s
}

// keyNames are forms of names that are keys of a map: numbers, ids, languages,
// days.
var keyNames = regexp.MustCompile(`^([0-9]+|[0-9A-Fa-f]{8}-[0-9A-Fa-f-]{27}|[0-9A-Fa-f]{16,}|[a-z]{2}[_-][A-Z]{2}|\d{4}-\d\d-\d\d)$`)

// asMap is what was seen of all members, where the object is a map: its names are
// keys, or there are many of which each body has few. nil where it is none.
func (p *place) asMap() *place {
	if p.further != nil {
		return p.further
	}
	const many = 30
	keys, seen := 0, 0
	for _, name := range p.names {
		if keyNames.MatchString(name) {
			keys++
		}
		seen += p.members[name].seen
	}
	sparse := len(p.names) > many && seen*4 < len(p.names)*p.objects
	if len(p.names) == 0 || keys < len(p.names) && !sparse {
		return nil
	}
	all := &place{}
	for _, name := range p.names {
		all.merge(p.members[name])
	}
	return all
}

// keyOf is an event's name as a key of a document.
func keyOf(name string, taken map[string]bool) string {
	key := regexp.MustCompile(`[^A-Za-z0-9_-]+`).ReplaceAllString(name, ".")
	key = strings.Trim(key, ".")
	if len(key) > 80 {
		key = key[:80]
	}
	if key == "" {
		key = "event"
	}
	unique := key
	for i := 2; taken[unique]; i++ {
		unique = fmt.Sprintf("%s.%d", key, i)
	}
	taken[unique] = true
	return unique
}
