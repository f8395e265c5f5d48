package contracts

import (
	"fmt"
	"mime"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/hookrig/hookrig/contracts/schema"
)

// asyncReader turns an AsyncAPI 3 document into a contract. What it does not
// need (servers, security, tags, other protocols' bindings) it does not read:
// the meta-schemas of AsyncAPI judge those.
type asyncReader struct {
	lib         *library
	root        place
	contract    *Contract
	defaults    extension
	contentType string
	seen        map[string]place // messages by document and pointer, with the operation that sent them
}

func readAsyncAPI(root place, lib *library, digest string) (*Contract, error) {
	r := &asyncReader{lib: lib, root: root, seen: map[string]place{}}
	r.contract = &Contract{digest: digest, doc: root.doc, library: lib, byName: map[string]*EventType{}, byTag: map[string]*EventType{}}
	for _, step := range []func() error{r.info, r.extension, r.operations, r.check} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return r.contract, nil
}

func (r *asyncReader) info() error {
	c := r.contract
	info, ok := r.root.child("info")
	if !ok {
		return r.root.errorf("info is missing").hint(`write info: {title: "…", version: "1.0.0"}`)
	}
	for name, into := range map[string]*string{"title": &c.title, "version": &c.version, "description": &c.description} {
		if v, ok := info.child(name); ok {
			if err := text(into)(v); err != nil {
				return err
			}
		}
	}
	if c.title == "" {
		return info.errorf("info.title is missing").plain()
	}
	r.contentType = "application/json"
	if v, ok := r.root.child("defaultContentType"); ok {
		return text(&r.contentType)(v)
	}
	return nil
}

func (r *asyncReader) extension() (err error) {
	x, _ := r.root.child(extensionKey)
	r.defaults, err = documentExtension(x, r.contract)
	return err
}

// operations reads every operation that sends.
func (r *asyncReader) operations() error {
	ops, ok := r.root.child("operations")
	if !ok {
		return r.root.errorf("operations are missing: nothing says what the provider sends").hint("see docs/contract-format.md")
	}
	if err := ops.object(); err != nil {
		return err
	}
	received := 0
	for _, m := range ops.members() {
		op, err := r.lib.follow(m.place)
		if err != nil {
			return err
		}
		action, _ := op.child("action")
		name, err := oneOfText[string](action, []string{"send", "receive"})
		if err != nil {
			if action.value == nil {
				return op.errorf("action is missing").hint("write action: send")
			}
			return err
		}
		if name == "receive" {
			received++
			continue
		}
		if err := r.operation(op); err != nil {
			return err
		}
	}
	if len(r.contract.types) == 0 {
		f := ops.errorf("no operation sends anything")
		if received > 0 {
			return f.hint("a contract is written from the provider's side: action: send")
		}
		return f.plain()
	}
	return nil
}

func (r *asyncReader) operation(op place) error {
	method, err := r.method(op)
	if err != nil {
		return err
	}
	ref, ok := op.child("channel")
	if !ok {
		return op.errorf("channel is missing").hint(`write channel: {$ref: "#/channels/…"}`)
	}
	channel, err := r.lib.follow(ref)
	if err != nil {
		return err
	}
	path, pathFrom, err := r.path(channel)
	if err != nil {
		return err
	}
	messages, err := r.messages(op, channel)
	if err != nil {
		return err
	}
	for _, m := range messages {
		if err := r.message(m, method, path, pathFrom); err != nil {
			return err
		}
	}
	return nil
}

func (r *asyncReader) method(op place) (string, error) {
	at := op
	for _, step := range []string{"bindings", "http", "method"} {
		next, ok := at.child(step)
		if !ok {
			return http.MethodPost, nil
		}
		followed, err := r.lib.follow(next)
		if err != nil {
			return "", err
		}
		at = followed
	}
	return oneOfText[string](at, []string{http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodGet, http.MethodDelete})
}

var addressParameter = regexp.MustCompile(`\{([^{}]*)\}`)

// path turns a channel's address into a template over the body:
// "/consume/{event}" with the parameter's location
// "$message.payload#/name" becomes "/consume/{/name}".
func (r *asyncReader) path(channel place) (string, place, error) {
	address, ok := channel.child("address")
	if !ok || address.value == nil {
		return "", channel, nil
	}
	template, err := address.text()
	if err != nil {
		return "", address, err
	}
	if !strings.HasPrefix(template, "/") {
		template = "/" + template
	}
	parameters, _ := channel.child("parameters")
	var failed error
	template = addressParameter.ReplaceAllStringFunc(template, func(m string) string {
		name := m[1 : len(m)-1]
		p, ok := parameters.child(name)
		if !ok {
			failed = address.errorf("the address has a parameter %q that parameters do not describe", name).plain()
			return m
		}
		p, err := r.lib.follow(p)
		if err != nil {
			failed = err
			return m
		}
		const inBody = "$message.payload#"
		if where, ok := p.child("location"); ok {
			if s, _ := where.value.(string); strings.HasPrefix(s, inBody+"/") {
				return "{" + strings.TrimPrefix(s, inBody) + "}"
			}
		}
		if d, ok := p.child("default"); ok {
			return fmt.Sprint(d.value)
		}
		failed = p.errorf("nothing says where the value of parameter %q comes from", name).hint("write location: $message.payload#/…")
		return m
	})
	return template, address, failed
}

// messages are those that the operation lists, else all of its channel.
func (r *asyncReader) messages(op, channel place) ([]member, error) {
	var out []member
	add := func(name string, p place) error {
		m, err := r.lib.follow(p)
		if err == nil {
			out = append(out, member{name, m})
		}
		return err
	}
	if list, ok := op.child("messages"); ok {
		items, err := list.items()
		if err != nil {
			return nil, err
		}
		for _, item := range items {
			ref, _ := item.child("$ref")
			name, _ := ref.value.(string)
			if err := add(name[strings.LastIndex(name, "/")+1:], item); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	all, ok := channel.child("messages")
	if !ok {
		return nil, channel.errorf("the channel has no messages").plain()
	}
	if err := all.object(); err != nil {
		return nil, err
	}
	for _, m := range all.members() {
		if err := add(m.name, m.place); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// message reads one event type.
func (r *asyncReader) message(m member, method, path string, pathFrom place) error {
	key := m.doc.Name() + "#" + m.at
	if _, twice := r.seen[key]; twice {
		return m.errorf("two operations send this message").plain()
	}
	r.seen[key] = m.place
	if err := m.object(); err != nil {
		return err
	}
	c := r.contract
	t := &EventType{contract: c, name: m.name, method: method, path: path, pathFrom: pathFrom, contentType: r.contentType, message: m.place}
	for name, into := range map[string]*string{"name": &t.name, "title": &t.title, "description": &t.description, "contentType": &t.contentType} {
		if v, ok := r.inherited(m.place, name); ok {
			if err := text(into)(v); err != nil {
				return err
			}
		}
	}
	if err := checkContentType(m.place, t.contentType); err != nil {
		return err
	}
	if err := r.payload(t, m.place); err != nil {
		return err
	}
	if err := r.examples(t, m.place); err != nil {
		return err
	}
	x, _ := r.inherited(m.place, extensionKey)
	if err := messageExtension(x, r.defaults, t); err != nil {
		return err
	}
	t.compile = t.lateSchema()
	return r.add(t, m.place)
}

// add enters the event under its name and under what deliveries say.
func (r *asyncReader) add(t *EventType, at place) error {
	c := r.contract
	if other, twice := c.byName[t.name]; twice {
		line, _ := other.message.doc.Position(other.message.at)
		return at.errorf("a second event %q, the first stands in line %d", t.name, line).hint("give each message its own name")
	}
	c.byName[t.name] = t
	if _, twice := c.byTag[t.tag]; twice {
		return at.errorf("two events say %q in their deliveries", t.tag).plain()
	}
	c.byTag[t.tag] = t
	c.types = append(c.types, t)
	return nil
}

// inherited is a member of the message, or of one of its traits: the
// message's own members win, and the last trait over earlier ones.
func (r *asyncReader) inherited(message place, name string) (place, bool) {
	if v, ok := message.child(name); ok {
		return v, true
	}
	traits, ok := message.child("traits")
	if !ok {
		return place{doc: message.doc, at: message.at}, false
	}
	items, _ := traits.items()
	for _, item := range slices.Backward(items) {
		trait, err := r.lib.follow(item)
		if err != nil {
			continue
		}
		if v, ok := trait.child(name); ok {
			return v, true
		}
	}
	return place{doc: message.doc, at: message.at}, false
}

func checkContentType(at place, contentType string) error {
	media, _, err := mime.ParseMediaType(contentType)
	if err != nil || (media != "application/json" && !strings.HasSuffix(media, "+json")) {
		return at.errorf("only JSON bodies are read, this message is %q", contentType).hint("write contentType: application/json")
	}
	return nil
}

// dialects by the schemaFormat that names them, without its parameters where
// they do not matter.
var dialects = []struct {
	prefix  string
	dialect schema.Dialect
}{
	{"application/vnd.aai.asyncapi", schema.Draft7},
	{"application/schema+json;version=draft-07", schema.Draft7},
	{"application/schema+yaml;version=draft-07", schema.Draft7},
	{"application/schema+json;version=draft-06", schema.Draft6},
	{"application/schema+json;version=draft-04", schema.Draft4},
	{"application/schema+json;version=2019-09", schema.Draft19},
	{"application/schema+json;version=2020-12", schema.Draft20},
	{"application/schema+yaml;version=2020-12", schema.Draft20},
}

// payload finds the schema of the body, plain or as {schemaFormat, schema}.
func (r *asyncReader) payload(t *EventType, message place) error {
	p, ok := r.inherited(message, "payload")
	if !ok {
		return message.errorf("the message has no payload").hint("an event without a documented body still has one: payload: {type: object}")
	}
	t.payload = p
	format, ok := p.child("schemaFormat")
	if !ok {
		return nil
	}
	inner, ok := p.child("schema")
	if !ok {
		return p.errorf("schemaFormat stands without a schema").plain()
	}
	name, err := format.text()
	if err != nil {
		return err
	}
	name = strings.ReplaceAll(strings.ToLower(name), " ", "")
	for _, d := range dialects {
		if strings.HasPrefix(name, d.prefix) {
			t.payload, t.dialect = inner, d.dialect
			return nil
		}
	}
	return format.errorf("schemas of the format %q are not read", name).hint("use JSON Schema: application/schema+json;version=draft-07")
}

func (r *asyncReader) examples(t *EventType, message place) error {
	list, ok := r.inherited(message, "examples")
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

// check looks at what can only be seen once all events are known.
func (r *asyncReader) check() error {
	x, _ := r.root.child(extensionKey)
	registration, _ := x.child("registration")
	conflicts, _ := registration.child("conflicts")
	groups, _ := conflicts.items()
	for _, g := range groups {
		names, _ := g.items()
		for _, n := range names {
			if _, err := r.contract.EventType(fmt.Sprint(n.value)); err != nil {
				all := make([]string, len(r.contract.types))
				for i, t := range r.contract.types {
					all[i] = t.name
				}
				return n.errorf("no event is named %q", n.value).nearest(fmt.Sprint(n.value), all)
			}
		}
	}
	return nil
}
