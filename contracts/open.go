package contracts

import (
	"encoding/json"
	"fmt"
	"mime"
	"net/url"
	"slices"
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
	// Events in the order of the body; empty where none could be told, or
	// where the body is an empty list of events. Where a body carries several,
	// each Event holds the body with that one event alone, cut out of the
	// exact bytes.
	Events []Event
	// Signature says why the signature is refused. Its zero value means that
	// it was accepted, or that there was none to look at: see Checked.
	Signature signature.Finding
	// Checked reports whether a signature was looked at.
	Checked bool
	// Violations of method, path, content type, envelope and body. Their
	// rules are "method", "path", "content-type", "event" (the body names no
	// event that the contract knows), "ambiguous" (the contract does not say
	// how a delivery names its event, and the body fits several), "effort" (more events than one body may
	// hold), or those of a schema; pointers count from the whole body.
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
	if v, ok := checkContentType(r); !ok {
		out.Violations = append(out.Violations, v)
	}
	if !json.Valid(r.Body) {
		v, err := c.notJSON(r.Body)
		out.Violations = append(out.Violations, v...)
		return out, err
	}
	parts, v := c.parts(r)
	out.Violations = append(out.Violations, v...)
	for _, part := range parts {
		t, v, err := c.typeOf(r, part)
		if err == nil && t != nil {
			ev := Event{Type: t, Body: part.body}
			out.Events = append(out.Events, ev)
			v, err = c.judge(r, part, ev)
		}
		if err != nil {
			return out, err
		}
		for _, v := range v {
			if !violationOfRequest(v) || !slices.Contains(out.Violations, v) { // said once, not for each event of a body
				out.Violations = append(out.Violations, v)
			}
		}
	}
	return out, nil
}

// Rules of violations that no schema has.
const (
	ruleMethod      = "method"
	rulePath        = "path"
	ruleContentType = "content-type"
	ruleEvent       = "event"
	ruleJSON        = "json"
	ruleEffort      = "effort"

	// RuleAmbiguous is the rule of a body that fits several events of a
	// contract that does not say how a delivery names its event.
	RuleAmbiguous = "ambiguous"
)

func checkContentType(r *Request) (Violation, bool) {
	got := r.Header.Get("Content-Type")
	media, _, err := mime.ParseMediaType(got)
	if err == nil && (media == "application/json" || strings.HasSuffix(media, "+json")) {
		return Violation{}, true
	}
	found := "none"
	if got != "" {
		found = strconv.Quote(short(got))
	}
	return Violation{Rule: ruleContentType, Expected: "application/json", Found: found}, false
}

// notJSON lets a schema say what is wrong with a body that is no JSON: in
// that, all schemas are alike.
func (c *Contract) notJSON(body []byte) ([]Violation, error) {
	v, err := c.types[0].Validate(body)
	if err == nil && len(v) == 0 {
		v = []Violation{{Rule: ruleJSON, Expected: "a JSON text", Found: "another"}}
	}
	return v, err
}

// part is one event of a body.
type part struct {
	body  []byte // the body with that event alone
	item  []byte // the event itself; the body where it is not one of a list
	index int    // where the event stood in the list
}

// What one body may hold. Each event comes with the body around it, so that a
// long list in a long body would grow with the square of its length.
const (
	maxParts     = 1000
	maxPartBytes = 64 << 20
)

// parts cuts a body that carries a list of events. The body is JSON.
func (c *Contract) parts(r *Request) ([]part, []Violation) {
	d := c.discriminator
	if d.each == "" {
		return []part{{body: r.Body, item: r.Body}}, nil
	}
	list, ok := locate(r.Body, d.list)
	if !ok || r.Body[list.from] != '[' {
		found := "nothing"
		if ok {
			found = strconv.Quote(short(string(list.of(r.Body))))
		}
		return nil, []Violation{{Pointer: d.each, Rule: ruleEvent, Expected: "a list of events", Found: found}}
	}
	var items []span
	children(r.Body, list, func(_ []byte, _ int, s span) { items = append(items, s) })
	switch len(items) {
	case 0: // some providers send such a body; it says that nothing happened
		return nil, nil
	case 1:
		return []part{{body: r.Body, item: items[0].of(r.Body)}}, nil
	}
	before, after := r.Body[:items[0].from], r.Body[items[len(items)-1].to:]
	if len(items) > maxParts || len(items)*(len(before)+len(after)) > maxPartBytes {
		return nil, []Violation{{Pointer: d.each, Rule: ruleEffort, Found: strconv.Itoa(len(items)) + " of them",
			Expected: fmt.Sprintf("at most %d events, with the body around each %d bytes", maxParts, maxPartBytes)}}
	}
	out := make([]part, len(items))
	for i, s := range items {
		out[i] = part{body: slices.Concat(before, s.of(r.Body), after), item: s.of(r.Body), index: i}
	}
	return out, nil
}

// judge says what is wrong with one event.
func (c *Contract) judge(r *Request, p part, ev Event) ([]Violation, error) {
	v, err := ev.Type.Validate(p.body)
	if err != nil {
		return nil, err
	}
	if p.index > 0 { // violations point into the cut body: say where it was
		head, moved := c.discriminator.each+"/0", c.discriminator.each+"/"+strconv.Itoa(p.index)
		for i := range v {
			if v[i].Pointer == head || strings.HasPrefix(v[i].Pointer, head+"/") {
				v[i].Pointer = moved + strings.TrimPrefix(v[i].Pointer, head)
			}
		}
	}
	if want := ev.Type.method; r.Method != want {
		v = append(v, Violation{Rule: ruleMethod, Expected: want, Found: strconv.Quote(short(r.Method))})
	}
	if w, ok := ev.Type.checkPath(r, p.body); !ok {
		v = append(v, w)
	}
	return v, nil
}

// violationOfRequest tells what concerns the request around the events.
func violationOfRequest(v Violation) bool { return v.Rule == ruleMethod || v.Rule == rulePath }

// checkPath compares the end of the request's path with the event's own.
func (t *EventType) checkPath(r *Request, body []byte) (Violation, bool) {
	if t.path == "" {
		return Violation{}, true
	}
	want, err := t.address.of(body)
	if err != nil {
		return Violation{}, true // the schema tells that the member is missing
	}
	got := r.URL
	if u, err := url.Parse(r.URL); err == nil {
		if got = u.EscapedPath(); strings.HasSuffix(samePath(got), samePath(want)) {
			return Violation{}, true
		}
	}
	return Violation{Rule: rulePath, Expected: "a path that ends in " + short(want), Found: strconv.Quote(short(got))}, false
}

// samePath spells a path in one of the ways that mean the same: what is
// percent-encoded and need not be is not. An encoded slash stays one.
func samePath(escaped string) string {
	parts := strings.Split(escaped, "/")
	for i, part := range parts {
		if plain, err := url.PathUnescape(part); err == nil {
			parts[i] = url.PathEscape(plain)
		}
	}
	return strings.Join(parts, "/")
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
	tag, ok := textAt(p.item, d.tokens)
	if t, known := c.byTag[tag]; ok && known {
		return t, nil, nil
	}
	if !d.stated {
		return c.typeBySchema(p)
	}
	pointer := d.pointer
	if d.each != "" {
		pointer = d.each + "/" + strconv.Itoa(p.index) + d.pointer
	}
	return nil, []Violation{c.unknownTag(pointer, "", tag)}, nil
}

// unknownTag says that a delivery names an event that there is not, and the
// nearest ones that there are.
func (c *Contract) unknownTag(pointer, where, tag string) Violation {
	tags := make([]string, len(c.types))
	for i, t := range c.types {
		tags[i] = t.tag
	}
	v := Violation{Pointer: pointer, Rule: ruleEvent, Expected: "the name of an event of " + c.provider, Found: strconv.Quote(short(tag))}
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
	v := Violation{Rule: ruleEvent, Expected: "a body that fits one event", Found: "one that fits none"}
	if len(fits) > 1 {
		v.Rule = RuleAmbiguous
		v.Found = short(fmt.Sprintf("one that fits %d: %s", len(fits), strings.Join(names, ", ")))
	}
	return nil, []Violation{v}, nil
}
