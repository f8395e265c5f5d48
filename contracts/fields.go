package contracts

import (
	"maps"
	"net/http"
	"slices"
	"strings"
)

// fields reads an object whose keys are all known, in the order of the
// document.
func (p place) fields(known map[string]func(place) error) error {
	if err := p.object(); err != nil {
		return err
	}
	for _, m := range p.members() {
		read, ok := known[m.name]
		if !ok {
			return m.errorf("unknown key %q", m.name).nearest(m.name, slices.Sorted(maps.Keys(known)))
		}
		if err := read(m.place); err != nil {
			return err
		}
	}
	return nil
}

// text, line and friends are the leaves of fields.
func text(into *string) func(place) error {
	return func(p place) (err error) { *into, err = p.text(); return }
}

func line(into *string) func(place) error {
	return func(p place) (err error) { *into, err = p.line(); return }
}

func texts(into *[]string) func(place) error {
	return func(p place) error {
		items, err := p.items()
		if err != nil {
			return err
		}
		*into = make([]string, len(items))
		for i, item := range items {
			if (*into)[i], err = item.text(); err != nil {
				return err
			}
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
		s, err := p.line()
		if err != nil {
			return err
		}
		if s != "" && s[0] != '/' {
			return p.errorf("%q is no JSON Pointer", s).hint(`write "/` + s + `"`)
		}
		*into = s
		return nil
	}
}

// headerName reads the name of a header that the sender may choose.
func headerName(into *string) func(place) error {
	return func(p place) error {
		s, err := p.line()
		if err != nil {
			return err
		}
		*into = s
		return p.checkHeaderName(s)
	}
}

// tokenMarks are the characters of a header's name beside letters and digits
// (RFC 9110, section 5.6.2).
const tokenMarks = "!#$%&'*+-.^_`|~"

// ownHeaders are written by whoever sends a request, from what it sends.
var ownHeaders = []string{"Connection", "Content-Length", "Host", "Trailer", "Transfer-Encoding", "Upgrade"}

func (p place) checkHeaderName(name string) error {
	isToken := name != "" && !strings.ContainsFunc(name, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune(tokenMarks, r)
	})
	if !isToken {
		return p.errorf("%q is no name of a header", name).hint("write letters, digits and -, for example X-Event")
	}
	if slices.Contains(ownHeaders, http.CanonicalHeaderKey(name)) {
		return p.errorf("the header %s cannot be chosen: HTTP sets it", name).plain()
	}
	return nil
}

// headerValue reads what may stand in a header: visible ASCII with spaces
// inside (RFC 9110, section 5.5).
func headerValue(into *string) func(place) error {
	return func(p place) error {
		s, err := p.line()
		if err != nil {
			return err
		}
		*into = s
		if !isHeaderValue(s) {
			return p.errorf("%q cannot stand in a header", s).hint("write visible ASCII, without spaces at the ends")
		}
		return nil
	}
}

func isHeaderValue(s string) bool {
	return s == strings.Trim(s, " ") && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' })
}
