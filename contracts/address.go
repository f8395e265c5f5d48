package contracts

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
)

// address is what a channel's address makes of a body: literal parts of a
// path, each but the last followed by a value of the body.
type address struct {
	literals []string
	pointers []string // one less than literals
	tokens   [][]string
}

// String is the address with JSON Pointers as placeholders.
func (a address) String() string {
	var b strings.Builder
	for i, literal := range a.literals {
		b.WriteString(literal)
		if i < len(a.pointers) {
			b.WriteString("{" + a.pointers[i] + "}")
		}
	}
	return b.String()
}

// of fills the address from a body.
func (a address) of(body []byte) (string, error) {
	var b strings.Builder
	for i, literal := range a.literals {
		b.WriteString(literal)
		if i == len(a.pointers) {
			break
		}
		value, ok := textAt(body, a.tokens[i])
		if !ok || value == "" {
			return "", fmt.Errorf("the path %s needs a value at %s and the body has none", a, a.pointers[i])
		}
		b.WriteString(url.PathEscape(value))
	}
	return b.String(), nil
}

// notInPath are the characters that a path cannot hold as they are (RFC 3986,
// section 3.3), and those that would end it.
var notInPath = regexp.MustCompile(`[^-A-Za-z0-9._~!$&'()*+,;=:@%/]|%([^0-9A-Fa-f]|.[^0-9A-Fa-f]|.?$)`)

const inBody = "$message.payload#"

// address reads a channel's address. "/consume/{event}" with the parameter's
// location "$message.payload#/name" takes the place of {event} from the body.
func (r *asyncReader) address(channel place) (address, error) {
	at, ok := channel.child("address")
	if !ok || at.value == nil {
		return address{}, nil
	}
	text, err := at.line()
	if err != nil {
		return address{}, err
	}
	if strings.Contains(text, "://") {
		return address{}, at.errorf("an address is a path, found the URL %q", text).hint("leave it out, or write a path: the target is given with each delivery")
	}
	if text != "" && text[0] != '/' {
		text = "/" + text
	}
	parameters, _ := channel.child("parameters")
	var a address
	literal := ""
	for text != "" {
		before, after, found := strings.Cut(text, "{")
		literal += before
		if bad := notInPath.FindString(before); bad != "" {
			return address{}, at.errorf("%q cannot stand in a path", bad).hint("write it percent-encoded, or leave it out: " + url.PathEscape(bad))
		}
		if !found {
			break
		}
		name, rest, closed := strings.Cut(after, "}")
		if !closed {
			return address{}, at.errorf("the address has a { without its }").plain()
		}
		text = rest
		pointer, value, err := r.parameter(at, parameters, name)
		if err != nil {
			return address{}, err
		}
		if pointer == "" {
			literal += url.PathEscape(value)
			continue
		}
		a.literals, a.pointers, a.tokens = append(a.literals, literal), append(a.pointers, pointer), append(a.tokens, tokensOf(pointer))
		literal = ""
	}
	a.literals = append(a.literals, literal)
	return a, nil
}

// parameter says where the value of a parameter stands in the body, or else
// what it always is.
func (r *asyncReader) parameter(address, parameters place, name string) (pointer, value string, err error) {
	p, ok := parameters.child(name)
	if !ok {
		return "", "", address.errorf("the address has a parameter %q that parameters do not describe", name).hint(
			"write parameters: {" + short(name) + ": {location: " + inBody + "/…}}")
	}
	if p, err = r.lib.follow(p); err != nil {
		return "", "", err
	}
	if where, ok := p.child("location"); ok {
		s, err := where.line()
		if err != nil {
			return "", "", err
		}
		if pointer, ok := strings.CutPrefix(s, inBody); ok && strings.HasPrefix(pointer, "/") {
			return pointer, "", nil
		}
	}
	for _, key := range []string{"default", "enum"} {
		v, ok := p.child(key)
		if items, err := v.items(); err == nil && len(items) == 1 {
			v = items[0]
		}
		if w := v.word(); ok && w != "" {
			return "", w, nil
		}
	}
	return "", "", p.errorf("nothing says where the value of parameter %q comes from", name).hint("write location: " + inBody + "/…")
}
