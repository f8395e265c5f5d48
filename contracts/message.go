package contracts

import (
	"mime"
	"slices"
	"strings"

	"github.com/hookrig/hookrig/contracts/schema"
)

// message reads one event type.
func (r *asyncReader) message(m member, method string, path address) error {
	if err := m.object(); err != nil {
		return err
	}
	if known, twice := r.seen[m.spot()]; twice {
		if known.method == method && known.path == path.String() {
			return nil
		}
		return m.errorf("two operations send this message, to %q and %q", known.method+" "+known.path, method+" "+path.String()).hint(
			"give each of them a message of its own, with its own name")
	}
	layers, err := r.layers(m.place)
	if err != nil {
		return err
	}
	t := &EventType{contract: r.contract, name: m.name, method: method, path: path.String(), address: path, contentType: r.contentType, message: m.place}
	for _, layer := range layers {
		if err := layer.optional("name", line(&t.name), "title", line(&t.title), "description", text(&t.description), "contentType", line(&t.contentType)); err != nil {
			return err
		}
	}
	for _, step := range []func(*EventType, []place) error{r.contentTypeOf, r.payload, r.examples, r.headers, r.messageExtension} {
		if err := step(t, layers); err != nil {
			return err
		}
	}
	t.compile = t.lateSchema()
	r.seen[m.spot()] = t
	return r.add(t, m.place)
}

// add enters the event under its name and under what deliveries say.
func (r *asyncReader) add(t *EventType, at place) error {
	c := r.contract
	if t.name == "" || t.name != strings.TrimSpace(t.name) {
		return at.errorf("%q is no name of an event", t.name).hint("write name: the provider's own name for it")
	}
	if _, err := (place{at.doc, at.at, t.name}).line(); err != nil { // where the name is a key
		return err
	}
	if other, twice := c.byName[t.name]; twice {
		line, _ := other.message.doc.Position(other.message.at)
		return at.errorf("a second event %q, the first stands in %s:%d", t.name, other.message.doc.Name(), line).hint("give each message its own name")
	}
	if t.tag == "" {
		return at.errorf("deliveries say nothing for this event").hint("write value: what stands there instead of the name")
	}
	if c.discriminator.header != "" && !isHeaderValue(t.tag) {
		return at.errorf("deliveries name this event in the header %s, and %q cannot stand there", c.discriminator.header, t.tag).hint("write value: in visible ASCII")
	}
	if other, twice := c.byTag[t.tag]; twice {
		return at.errorf("the events %q and %q both say %q in their deliveries", other.name, t.name, t.tag).hint("give each its own value")
	}
	c.byName[t.name], c.byTag[t.tag] = t, t
	c.types = append(c.types, t)
	return nil
}

// top finds a member in the uppermost layer that has it.
func top(layers []place, name string) (place, bool) {
	for _, layer := range slices.Backward(layers) {
		if v, ok := layer.child(name); ok {
			return v, true
		}
	}
	return place{}, false
}

func (r *asyncReader) contentTypeOf(t *EventType, _ []place) error {
	media, _, err := mime.ParseMediaType(t.contentType)
	if err != nil || (media != "application/json" && !strings.HasSuffix(media, "+json")) || !isHeaderValue(t.contentType) {
		return t.message.errorf("only JSON bodies are read, this message is %q", t.contentType).hint("write contentType: application/json")
	}
	return nil
}

// payload finds the schema of the body, plain or as {schemaFormat, schema}.
func (r *asyncReader) payload(t *EventType, layers []place) error {
	p, ok := top(layers, "payload")
	if !ok {
		return t.message.errorf("the message has no payload").hint("an event without a documented body still has one: payload: {type: object}")
	}
	t.payload = p
	// A reference may lead to a schema with its format. Where it leads to
	// nothing, or to what only schemas know, compiling tells.
	if meant, err := r.lib.follow(p); err == nil {
		p = meant
	}
	switch p.value.(type) {
	case map[string]any:
	case bool:
		return nil
	default:
		return p.errorf("expected a schema, found %s", kindOf(p.value)).hint("payload: {type: object}")
	}
	format, ok := p.child("schemaFormat")
	if !ok {
		return nil
	}
	inner, ok := p.child("schema")
	if !ok {
		return p.errorf("schemaFormat stands without a schema").hint("write payload: {schemaFormat: …, schema: {…}}")
	}
	dialect, err := dialectOf(format)
	t.payload, t.dialect = inner, dialect
	return err
}

// dialectOf reads a schemaFormat, as AsyncAPI lists them.
func dialectOf(format place) (schema.Dialect, error) {
	name, err := format.line()
	if err != nil {
		return "", err
	}
	media, parameters, _ := mime.ParseMediaType(name)
	switch {
	case strings.HasPrefix(media, "application/vnd.aai.asyncapi"):
		return schema.Draft7, nil
	case media == "application/schema+json" || media == "application/schema+yaml":
		known := []schema.Dialect{schema.Draft7, schema.Draft4, schema.Draft6, schema.Draft19, schema.Draft20}
		if version := schema.Dialect(parameters["version"]); version == "" {
			return schema.Draft7, nil
		} else if slices.Contains(known, version) {
			return version, nil
		}
	}
	return "", format.errorf("schemas of the format %q are not read", name).hint("write the schema as JSON Schema: schemaFormat: application/schema+json;version=draft-07")
}

func (r *asyncReader) examples(t *EventType, layers []place) error {
	list, ok := top(layers, "examples")
	if !ok {
		return nil
	}
	items, err := list.items()
	if err != nil {
		return err
	}
	for _, item := range items {
		example, err := r.lib.follow(item)
		if err != nil {
			return err
		}
		if body, ok := example.child("payload"); ok {
			t.examples = append(t.examples, body)
		}
	}
	return nil
}

// headers takes those that always have one value: their schema says so by a
// const, an enum of one, or a default. Others say what may come, and nothing
// here sends it.
func (r *asyncReader) headers(t *EventType, layers []place) error {
	t.headers = slices.Clone(r.contract.headers)
	p, ok := top(layers, "headers")
	if !ok {
		return nil
	}
	p, err := r.lib.follow(p)
	if err != nil {
		return err
	}
	properties, ok := p.child("properties")
	if !ok {
		return nil
	}
	for _, m := range properties.members() {
		h, err := r.lib.follow(m.place)
		if err != nil {
			return err
		}
		value, ok := constant(h)
		if !ok || isContentType(m.name) {
			continue
		}
		if err := m.checkHeaderName(m.name); err != nil {
			return err
		}
		if !isHeaderValue(value.word()) {
			return value.errorf("%q cannot stand in a header", value.word()).hint("write visible ASCII, without spaces at the ends")
		}
		t.headers = setHeader(t.headers, m.name, value.word())
	}
	return nil
}

// constant is the one value of a header's schema.
func constant(schema place) (place, bool) {
	if v, ok := schema.child("const"); ok && v.word() != "" {
		return v, true
	}
	if v, ok := schema.child("enum"); ok {
		if items, err := v.items(); err == nil && len(items) == 1 && items[0].word() != "" {
			return items[0], true
		}
	}
	v, ok := schema.child("default")
	return v, ok && v.word() != ""
}

func isContentType(name string) bool { return strings.EqualFold(name, "Content-Type") }

// setHeader gives a header its value; one of that name is replaced.
func setHeader(all []header, name, value string) []header {
	all = slices.DeleteFunc(all, func(h header) bool { return strings.EqualFold(h.name, name) })
	return append(all, header{name, value})
}
