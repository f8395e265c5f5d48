package contracts

import (
	"errors"
	"fmt"
	"mime"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/hookrig/hookrig/contracts/schema"
	"github.com/hookrig/hookrig/contracts/signature"
)

// OpenOptions are what opening depends on beside the request.
type OpenOptions struct {
	Secrets []signature.Secret // required where the contract signs, unless Unchecked
	Now     time.Time          // the time of checking
	// Unchecked opens without looking at the signature. Whoever sets it says
	// so to their users.
	Unchecked bool
}

// Opened is what a request held.
type Opened struct {
	// Events in the order of the body; empty where none could be told. Where
	// a body carries several, each Event holds the body with that one event
	// alone, cut out of the exact bytes.
	Events []Event
	// Signature says why the signature is refused. Its zero value means that
	// it was accepted, or that there was none to look at: see Checked.
	Signature signature.Finding
	// Checked reports whether a signature was looked at.
	Checked bool
	// Violations of method, path, content type, envelope and body. Their
	// rules are "method", "path", "content-type", "event", or those of a
	// schema; pointers count from the whole body.
	Violations []Violation
}

// OK reports whether the request keeps the contract in everything that was
// looked at.
func (o Opened) OK() bool { return o.Signature.OK() && len(o.Violations) == 0 }

// Open reads a request that claims to come from this provider. What is wrong
// with the request is in the answer; the error means that it could not be
// judged: signature.ErrNoSecret (wrapped), or a schema that does not compile.
func (c *Contract) Open(r *Request, o OpenOptions) (Opened, error) {
	var out Opened
	if !o.Unchecked && c.scheme.Signs() && (len(o.Secrets) > 0 || !c.scheme.Optional) {
		finding, err := c.scheme.Verify(r.Header, r.Body, o.Now, o.Secrets...)
		if err != nil {
			return out, fmt.Errorf("%s: %w", c.provider, err)
		}
		out.Signature, out.Checked = finding, true
	}
	if v, ok := c.contentType(r); !ok {
		out.Violations = append(out.Violations, v)
	}
	parts, v := c.parts(r)
	out.Violations = append(out.Violations, v...)
	for _, part := range parts {
		ev, v, err := c.open(r, part)
		if err != nil {
			return out, err
		}
		if ev.Type != nil {
			out.Events = append(out.Events, ev)
		}
		out.Violations = append(out.Violations, v...)
	}
	return out, nil
}

func (c *Contract) contentType(r *Request) (Violation, bool) {
	got := r.Header.Get("Content-Type")
	media, _, err := mime.ParseMediaType(got)
	if err == nil && (media == "application/json" || strings.HasSuffix(media, "+json")) {
		return Violation{}, true
	}
	if got == "" {
		got = "none"
	}
	return Violation{Rule: "content-type", Expected: "application/json", Found: got}, false
}

// part is one event of a body: the body with that event alone, and where the
// event stood.
type part struct {
	body  []byte
	index int // -1: the body is the event
}

// parts cuts a body that carries a list of events.
func (c *Contract) parts(r *Request) ([]part, []Violation) {
	each := c.discriminator.each
	if each == "" {
		return []part{{body: r.Body, index: -1}}, nil
	}
	list, err := locate(r.Body, tokensOf(each))
	if err != nil || r.Body[list.from] != '[' {
		v := Violation{Pointer: each, Rule: "event", Expected: "a list of events", Found: "none"}
		if !errors.Is(err, errNotThere) && err != nil {
			v = Violation{Rule: "json", Expected: "a JSON text", Found: found(r.Body)}
		}
		return nil, []Violation{v}
	}
	var items []span
	if err := children(r.Body, list, func(_ string, _ int, s span) { items = append(items, s) }); err != nil {
		return nil, []Violation{{Rule: "json", Expected: "a JSON text", Found: found(r.Body)}}
	}
	var out []part
	for i, s := range items {
		body := r.Body
		if len(items) > 1 {
			first, last := items[0], items[len(items)-1]
			body = concat(r.Body[:first.from], r.Body[s.from:s.to], r.Body[last.to:])
		}
		out = append(out, part{body: body, index: i})
	}
	return out, nil
}

func concat(pieces ...[]byte) []byte {
	var out []byte
	for _, p := range pieces {
		out = append(out, p...)
	}
	return out
}

// open judges one event.
func (c *Contract) open(r *Request, p part) (Event, []Violation, error) {
	t, v, err := c.typeOf(r, p)
	if err != nil || t == nil {
		return Event{}, v, err
	}
	v, err = t.Validate(p.body)
	if err != nil {
		return Event{}, nil, err
	}
	if p.index > 0 { // violations point into the cut body: say where it was
		head, moved := c.discriminator.each+"/0", c.discriminator.each+"/"+strconv.Itoa(p.index)
		for i := range v {
			if v[i].Pointer == head || strings.HasPrefix(v[i].Pointer, head+"/") {
				v[i].Pointer = moved + strings.TrimPrefix(v[i].Pointer, head)
			}
		}
	}
	if r.Method != t.method {
		v = append(v, Violation{Rule: "method", Expected: t.method, Found: r.Method})
	}
	if w, ok := t.checkPath(r, p.body); !ok {
		v = append(v, w)
	}
	return Event{Type: t, Body: p.body}, v, nil
}

// checkPath compares the end of the request's path with the event's own.
func (t *EventType) checkPath(r *Request, body []byte) (Violation, bool) {
	if t.path == "" {
		return Violation{}, true
	}
	want, err := t.pathOf(body)
	if err != nil {
		return Violation{}, true // the schema tells that the member is missing
	}
	u, err := url.Parse(r.URL)
	if err == nil && strings.HasSuffix(u.EscapedPath(), want) {
		return Violation{}, true
	}
	got := r.URL
	if err == nil {
		got = u.Path
	}
	return Violation{Rule: "path", Expected: "a path that ends in " + want, Found: short(got)}, false
}

// typeOf asks the delivery which event it is.
func (c *Contract) typeOf(r *Request, p part) (*EventType, []Violation, error) {
	d := c.discriminator
	if d.header != "" {
		tag := r.Header.Get(d.header)
		if t, ok := c.byTag[tag]; ok {
			return t, nil, nil
		}
		return nil, []Violation{c.unknownTag("", "header "+d.header, tag)}, nil
	}
	pointer, tokens := d.pointer, tokensOf(d.pointer)
	if d.each != "" {
		pointer = d.each + "/" + strconv.Itoa(p.index) + d.pointer
		tokens = append(append(tokensOf(d.each), "0"), tokens...)
		if at, err := locate(p.body, tokens[:len(tokens)-len(tokensOf(d.pointer))]); err != nil || at.to == at.from {
			return nil, []Violation{{Rule: "json", Expected: "a JSON text", Found: found(p.body)}}, nil
		}
	}
	tag, ok := textAt(p.body, tokens)
	if t, known := c.byTag[tag]; ok && known {
		return t, nil, nil
	}
	if _, err := wholeValue(p.body); err != nil {
		// A body that is no JSON is told as such by any schema: none is special.
		v, err := c.types[0].Validate(p.body)
		return nil, v, err
	}
	if !d.stated {
		return c.typeBySchema(p)
	}
	return nil, []Violation{c.unknownTag(pointer, "", tag)}, nil
}

func (c *Contract) unknownTag(pointer, where, tag string) Violation {
	tags := make([]string, len(c.types))
	for i, t := range c.types {
		tags[i] = t.tag
	}
	v := Violation{Pointer: pointer, Rule: "event", Expected: "the name of an event of " + c.provider, Found: strconv.Quote(short(tag))}
	if tag == "" {
		v.Found = "nothing"
	} else if near := schema.Nearest(tag, tags); len(near) > 0 {
		v.Expected += " such as " + quoted(near)
	}
	if where != "" {
		v.Found += " in " + where
	}
	return v
}

// typeBySchema is for contracts that do not say how a delivery names its
// event: the one event whose schema the body keeps, if there is just one.
func (c *Contract) typeBySchema(p part) (*EventType, []Violation, error) {
	var fits []*EventType
	for _, t := range c.types {
		v, err := t.Validate(p.body)
		if err != nil {
			return nil, nil, err
		}
		if len(v) == 0 {
			fits = append(fits, t)
		}
	}
	switch {
	case len(fits) == 1:
		return fits[0], nil, nil
	case len(fits) == 0 && len(c.types) == 1: // it can only be this one: let its schema tell what is wrong
		return c.types[0], nil, nil
	}
	names := make([]string, len(fits))
	for i, t := range fits {
		names[i] = t.name
	}
	v := Violation{Rule: "event", Expected: "a body that fits one event", Found: "one that fits none"}
	if len(fits) > 1 {
		v.Found = short(fmt.Sprintf("one that fits %d: %s", len(fits), strings.Join(names, ", ")))
	}
	return nil, []Violation{v}, nil
}

func found(body []byte) string {
	if len(body) == 0 {
		return "nothing"
	}
	return strconv.Quote(short(string(body)))
}
