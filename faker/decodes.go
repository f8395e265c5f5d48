package faker

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/hookrig/hookrig/contracts/schema"
)

// Lost is a value of events that a Go type does not take over.
type Lost struct {
	// Pointer is its place, in the first event in which it was seen. Elements
	// of one list are one finding.
	Pointer string
	Value   json.RawMessage // what stood there
	// Err is why decoding refused it. Nil: decoding dropped it without a word.
	Err error
	// Command prints the event, see [Faker.Command].
	Command string
}

// String says on one line what was lost and how to see the event.
func (l Lost) String() string {
	if l.Err != nil {
		return fmt.Sprintf("%s: refused: %v", cmp.Or(l.Pointer, "/"), l.Err)
	}
	return fmt.Sprintf("%s: lost: %s", cmp.Or(l.Pointer, "/"), clip(string(l.Value)))
}

// decodedOrdinals are how many events of a shape Decodes looks at.
const decodedOrdinals = 16

// Decodes runs events of one type through encoding/json into a T and back, and
// names what does not arrive: members that T has no field for, values that T
// refuses (a time.Time refuses what is no RFC 3339), and numbers that come out
// as others (a float64 has 53 bits). It looks at the first 16 events with all
// members and at 16 in the faker's own shape.
//
//	lost, err := faker.Decodes[Order](f, "order:create")
//
// What counts is what json.Marshal writes of the decoded value. So a type with
// an UnmarshalJSON of its own needs a MarshalJSON, or what it keeps is not
// seen. Not lost are empty values that omitempty leaves out, null that becomes
// a zero value, and texts in another spelling.
//
// The error is one of [Faker.Event], or of [New] where the event cannot be made
// with all its members.
func Decodes[T any](f *Faker, event string, edits ...Edit) ([]Lost, error) {
	o := f.options
	o.Events, o.Shape = []string{event}, Full
	full, err := New(f.contract, o)
	if err != nil {
		return nil, err
	}
	d := decoding{decode: decodeInto[T], known: map[string]bool{}}
	for _, from := range []*Faker{full, f} {
		first := nth(edits)
		for n := first; n-first < decodedOrdinals; n++ {
			at := append(slices.Clone(edits), Nth(n))
			ev, err := from.Event(event, at...)
			if err != nil {
				return nil, err
			}
			d.command = func() string { return from.Command(event, at...) }
			d.look(ev.Body)
		}
	}
	return d.lost, nil
}

// decodeInto decodes a text into a new T and writes it again. Strict refuses
// members without a field.
func decodeInto[T any](text []byte, strict bool) ([]byte, error) {
	var into T
	dec := json.NewDecoder(bytes.NewReader(text))
	if strict {
		dec.DisallowUnknownFields()
	}
	if err := dec.Decode(&into); err != nil {
		return nil, err
	}
	if strict {
		return nil, nil
	}
	return json.Marshal(into)
}

// A decoding collects what one type loses.
type decoding struct {
	decode  func(text []byte, strict bool) ([]byte, error)
	known   map[string]bool // places that have been named, without indices
	lost    []Lost
	command func() string // of the event at hand
}

// maxRefused bounds the values of one event that are looked for one by one.
const maxRefused = 1000

// look decodes one event.
func (d *decoding) look(body []byte) {
	body = compact(body)
	for range maxRefused {
		again, err := d.decode(body, false)
		if err == nil {
			d.compare(nil, body, again, body)
			return
		}
		tokens, value := d.culprit(body, nil, body, err.Error())
		d.add(tokens, value, err)
		if len(tokens) == 0 {
			return
		}
		body = remove(body, tokens)
	}
}

// culprit finds the deepest value that is refused for the same reason when it
// stands alone. Where nothing at all is refused for that reason too, it is the
// whole.
func (d *decoding) culprit(body []byte, tokens []string, value []byte, reason string) ([]string, []byte) {
	if !holds(value, 0) || len(tokens) == 0 && d.refuses([]byte{value[0], value[len(value)-1]}, reason) {
		return tokens, value
	}
	for _, c := range children(value, 0) {
		below := append(slices.Clone(tokens), c.name)
		own := value[c.value:c.end]
		if d.refuses(alone(body, below, own), reason) {
			return d.culprit(body, below, own, reason)
		}
	}
	return tokens, value
}

func (d *decoding) refuses(text []byte, reason string) bool {
	_, err := d.decode(text, false)
	return err != nil && err.Error() == reason
}

// alone is a body with nothing in it but one value, at its place, where it is
// the first element of each list on the way.
func alone(body []byte, tokens []string, value []byte) []byte {
	open := make([]byte, len(tokens)) // brackets on the way
	for i, at := 0, 0; i < len(tokens); i++ {
		open[i] = body[at]
		for _, c := range children(body, at) {
			if c.name == tokens[i] {
				at = c.value
				break
			}
		}
	}
	for i, bracket := range slices.Backward(open) {
		if bracket == '[' {
			value = slices.Concat([]byte("["), value, []byte("]"))
		} else {
			value = slices.Concat([]byte("{"), quoted(tokens[i]), []byte(":"), value, []byte("}"))
		}
	}
	return value
}

// compare names what stands in a value and not in what is left of it.
func (d *decoding) compare(tokens []string, value, left, body []byte) {
	switch {
	case !holds(value, 0):
		if otherNumber(value, left) {
			d.add(tokens, value, fmt.Errorf("the number %s becomes %s", clip(string(value)), clip(string(left))))
		}
		return
	case value[0] != left[0]:
		return // a type with a spelling of its own
	}
	kept := children(left, 0)
	for _, c := range children(value, 0) {
		below := append(slices.Clone(tokens), c.name)
		own := value[c.value:c.end]
		if i := kin(kept, c.name); i >= 0 {
			d.compare(below, own, left[kept[i].value:kept[i].end], body)
		} else if !empty(own) || d.unknown(below, own, body) {
			d.add(below, own, nil)
		}
	}
}

// kin finds a member as encoding/json does, which does not look at case.
func kin(members []child, name string) int {
	if i := slices.IndexFunc(members, func(c child) bool { return c.name == name }); i >= 0 {
		return i
	}
	return slices.IndexFunc(members, func(c child) bool { return strings.EqualFold(c.name, name) })
}

// otherNumber reports whether a number has become another one.
func otherNumber(value, left []byte) bool {
	a, ok := exact(value)
	if !ok {
		return false
	}
	b, ok := exact(left)
	return ok && a.Cmp(b) != 0
}

// exact reads a number of modest size.
func exact(text []byte) (*big.Rat, bool) {
	if len(text) == 0 || text[0] != '-' && (text[0] < '0' || text[0] > '9') || len(text) > 400 {
		return nil, false
	}
	if _, exponent, ok := strings.Cut(strings.ToLower(string(text)), "e"); ok {
		if n, err := strconv.Atoi(exponent); err != nil || n < -400 || n > 400 {
			return nil, false
		}
	}
	return new(big.Rat).SetString(string(text))
}

// empty are the values that omitempty and omitzero may leave out.
func empty(value []byte) bool {
	r, ok := exact(value)
	return ok && r.Sign() == 0 || slices.Contains([]string{"null", "false", `""`, "[]", "{}"}, string(value))
}

// unknown asks whether there is a field for a member at all.
func (d *decoding) unknown(tokens []string, value, body []byte) bool {
	_, err := d.decode(alone(body, tokens, value), true)
	return err != nil && strings.Contains(err.Error(), "unknown field")
}

// add notes a finding once for all elements of a list.
func (d *decoding) add(tokens []string, value []byte, err error) {
	pointer, pattern := "", ""
	for _, t := range tokens {
		pointer += "/" + schema.Escape(t)
		if _, ok := index(t); ok {
			t = "*"
		}
		pattern += "/" + schema.Escape(t)
	}
	if d.known[pattern] {
		return
	}
	d.known[pattern] = true
	d.lost = append(d.lost, Lost{Pointer: pointer, Value: bytes.Clone(value), Err: err, Command: d.command()})
}
