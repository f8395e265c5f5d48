package contracts

import (
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/hookrig/hookrig/contracts/schema"
)

// place is a value of a document together with where it stands, so that
// everything that is wrong with it can be said with file, line and pointer.
type place struct {
	doc   *schema.Document
	at    string // JSON Pointer
	value any
}

// member is a named place.
type member struct {
	name string
	place
}

// fault is a *schema.Error under construction.
type fault struct{ *schema.Error }

func (f fault) hint(text string) error { f.Hint = text; return f.Error }

func (f fault) nearest(name string, candidates []string) error {
	if near := schema.Nearest(name, candidates); len(near) > 0 {
		return f.hint("did you mean " + quoted(near) + "?")
	}
	return f.hint("one of " + quoted(candidates))
}

func (f fault) plain() error { return f.Error }

func (p place) errorf(format string, args ...any) fault {
	return fault{p.doc.Errorf(p.at, format, args...)}
}

// child returns the member of that name; ok is false where p is no object or
// has no such member.
func (p place) child(name string) (place, bool) {
	m, _ := p.value.(map[string]any)
	v, ok := m[name]
	return place{p.doc, p.at + "/" + schema.Escape(name), v}, ok
}

// members are the members of an object in document order.
func (p place) members() []member {
	var out []member
	for _, name := range p.doc.Keys(p.at) {
		if c, ok := p.child(name); ok {
			out = append(out, member{name, c})
		}
	}
	return out
}

// items are the elements of a list.
func (p place) items() ([]place, error) {
	list, ok := p.value.([]any)
	if !ok {
		return nil, p.errorf("expected a list, found %s", kindOf(p.value)).plain()
	}
	out := make([]place, len(list))
	for i, v := range list {
		out[i] = place{p.doc, fmt.Sprintf("%s/%d", p.at, i), v}
	}
	return out, nil
}

func (p place) object() error {
	if _, ok := p.value.(map[string]any); !ok {
		return p.errorf("expected an object, found %s", kindOf(p.value)).plain()
	}
	return nil
}

func (p place) text() (string, error) {
	if s, ok := p.value.(string); ok {
		return s, nil
	}
	return "", p.errorf("expected a text, found %s", kindOf(p.value)).plain()
}

// oneOf checks that name is one of the allowed words.
func (p place) oneOf(name string, allowed []string) (string, error) {
	if slices.Contains(allowed, name) {
		return name, nil
	}
	return "", p.errorf("unknown word %q", name).nearest(name, allowed)
}

func oneOfText[T ~string](p place, allowed []string) (T, error) {
	s, err := p.text()
	if err != nil {
		return "", err
	}
	s, err = p.oneOf(s, allowed)
	return T(s), err
}

// fields reads an object whose keys are all known.
func (p place) fields(known map[string]func(place) error) error {
	if err := p.object(); err != nil {
		return err
	}
	for _, m := range p.members() {
		read, ok := known[m.name]
		if !ok {
			names := make([]string, 0, len(known))
			for n := range known {
				names = append(names, n)
			}
			slices.Sort(names)
			return m.errorf("unknown key %q", m.name).nearest(m.name, names)
		}
		if err := read(m.place); err != nil {
			return err
		}
	}
	return nil
}

// text, texts and friends are the leaves of fields.
func text(into *string) func(place) error {
	return func(p place) (err error) { *into, err = p.text(); return }
}

func texts(into *[]string) func(place) error {
	return func(p place) error {
		items, err := p.items()
		if err != nil {
			return err
		}
		*into = []string{}
		for _, item := range items {
			s, err := item.text()
			if err != nil {
				return err
			}
			*into = append(*into, s)
		}
		return nil
	}
}

func word(into *string, allowed ...string) func(place) error {
	return func(p place) (err error) { *into, err = oneOfText[string](p, allowed); return }
}

func flag(into *bool) func(place) error {
	return func(p place) error {
		b, ok := p.value.(bool)
		if !ok {
			return p.errorf("expected true or false, found %s", kindOf(p.value)).plain()
		}
		*into = b
		return nil
	}
}

// pointerText reads a JSON Pointer.
func pointerText(into *string) func(place) error {
	return func(p place) error {
		s, err := p.text()
		if err != nil {
			return err
		}
		if s != "" && !strings.HasPrefix(s, "/") {
			return p.errorf("%q is no JSON Pointer", s).hint("write \"/" + s + "\"")
		}
		*into = s
		return nil
	}
}

func kindOf(v any) string {
	switch v := v.(type) {
	case nil:
		return "nothing"
	case string:
		return fmt.Sprintf("the text %q", short(v))
	case bool:
		return fmt.Sprintf("%v", v)
	case json.Number:
		return "the number " + short(v.String())
	case []any:
		return "a list"
	default:
		return "an object"
	}
}

func short(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return s
}

func quoted(names []string) string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = fmt.Sprintf("%q", n)
	}
	return strings.Join(out, ", ")
}

// library hands out the documents of one set, each read once.
type library struct {
	load schema.Loader
	docs map[string]*schema.Document
}

func (l *library) document(name string) (*schema.Document, error) {
	if d, ok := l.docs[name]; ok {
		return d, nil
	}
	d, err := l.load(name)
	if err == nil {
		l.docs[name] = d
	}
	return d, err
}

// maxRefs bounds chains of "$ref"; a chain this long is a circle or an attack.
const maxRefs = 64

// follow goes along "$ref" to the place that is meant.
func (l *library) follow(p place) (place, error) {
	start := p
	for range maxRefs {
		ref, ok := p.child("$ref")
		if !ok {
			return p, nil
		}
		target, err := ref.text()
		if err != nil {
			return p, err
		}
		if p, err = l.target(ref, target); err != nil {
			return p, err
		}
	}
	return p, start.errorf("this $ref leads in a circle").plain()
}

// target resolves one reference: "#/a/b" or "file.yaml#/a/b".
func (l *library) target(from place, ref string) (place, error) {
	file, pointer, _ := strings.Cut(ref, "#")
	doc := from.doc
	if file != "" {
		name, err := schema.RelativeName(doc.Name(), file)
		if err != nil {
			return from, from.errorf("%q %v", ref, err).hint("keep the files of a contract in one folder and name them by relative paths")
		}
		if doc, err = l.document(name); err != nil {
			return from, from.errorf("cannot read %q: %v", name, err).plain()
		}
	}
	if pointer != "" && !strings.HasPrefix(pointer, "/") {
		return from, from.errorf("a $ref outside of schemas needs a JSON Pointer, found %q", ref).plain()
	}
	v, ok := doc.Lookup(pointer)
	if !ok {
		return from, from.errorf("%q does not exist", ref).nearest(path.Base(pointer), doc.Keys(path.Dir(pointer)))
	}
	return place{doc, pointer, v}, nil
}
