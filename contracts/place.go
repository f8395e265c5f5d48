package contracts

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
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

// nearest hints at the candidates most like name, or lists them where they
// are few.
func (f fault) nearest(name string, candidates []string) error {
	const few = 12
	if near := schema.Nearest(name, candidates); len(near) > 0 {
		return f.hint("did you mean " + quoted(near) + "?")
	}
	if len(candidates) == 0 || len(candidates) > few {
		return f.plain()
	}
	return f.hint("one of " + quoted(candidates))
}

func (f fault) plain() error { return f.Error }

// errorf tells what is wrong here. Texts of the document are cut: they may be
// of any length.
func (p place) errorf(format string, args ...any) fault {
	for i, arg := range args {
		switch arg := arg.(type) {
		case string:
			args[i] = short(arg)
		case error:
			args[i] = clip(arg.Error(), maxLine)
		}
	}
	return fault{p.doc.Errorf(p.at, format, args...)}
}

// child returns the member of that name; ok is false where p is no object or
// has no such member. What is missing has the place of its parent.
func (p place) child(name string) (c place, ok bool) {
	m, _ := p.value.(map[string]any)
	v, ok := m[name]
	if !ok {
		return place{doc: p.doc, at: p.at}, false
	}
	return place{p.doc, p.at + "/" + schema.Escape(name), v}, true
}

// members are the members of an object in document order.
func (p place) members() []member {
	keys := p.doc.Keys(p.at)
	out := make([]member, 0, len(keys))
	for _, name := range keys {
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
		out[i] = place{p.doc, p.at + "/" + strconv.Itoa(i), v}
	}
	return out, nil
}

func (p place) object() error {
	if _, ok := p.value.(map[string]any); !ok {
		return p.errorf("expected an object, found %s", kindOf(p.value)).plain()
	}
	return nil
}

// text is a text that people read. Characters that would move the cursor of a
// terminal or end a header are refused wherever they come from.
func (p place) text() (string, error) {
	s, ok := p.value.(string)
	if !ok {
		f := p.errorf("expected a text, found %s", kindOf(p.value))
		if w := p.word(); w != "" {
			return "", f.hint("put it in quotes: " + strconv.Quote(short(w)))
		}
		return "", f.plain()
	}
	if i := strings.IndexFunc(s, isControl); i >= 0 {
		return "", p.errorf("the text has a control character, %+q", s[i:min(i+4, len(s))]).hint("remove it; a text may have line breaks and tabs")
	}
	return s, nil
}

func isControl(r rune) bool {
	return r < ' ' && r != '\n' && r != '\t' && r != '\r' || 0x7f <= r && r < 0xa0
}

// maxLine is how long a name or a title may be, in bytes.
const maxLine = 300

// line is a text on one line: a name, a title, a header's value.
func (p place) line() (string, error) {
	s, err := p.text()
	switch {
	case err != nil:
		return "", err
	case strings.ContainsAny(s, "\r\n\t"):
		return "", p.errorf("expected one line, found %s", kindOf(s)).hint("longer texts belong into description")
	case len(s) > maxLine:
		return "", p.errorf("%s is too long", kindOf(s)).hint(fmt.Sprintf("the limit is %d bytes; longer texts belong into description", maxLine))
	}
	return s, nil
}

// word is a text, number or boolean as the document spells it, "" for all else.
func (p place) word() string {
	switch v := p.value.(type) {
	case string:
		return v
	case bool, json.Number:
		return fmt.Sprint(v)
	}
	return ""
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

// kindOf says what stands somewhere, for messages.
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

// short cuts a text for messages.
func short(s string) string { return clip(s, 80) }

// clip cuts a text to so many bytes, never a character in two.
func clip(s string, most int) string {
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most-len("…")], "") + "…"
}

func quoted(names []string) string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = strconv.Quote(short(n))
	}
	return strings.Join(out, ", ")
}

// lastToken is the last name in a JSON Pointer, or in a reference that ends in
// one.
func lastToken(pointer string) string {
	return unescape.Replace(pointer[strings.LastIndexByte(pointer, '/')+1:])
}
