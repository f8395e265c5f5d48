package verifier

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/schema"
)

// place is one value of a body: where it stands in the text. Bodies are changed
// in their text, so that all other bytes stay as they were.
type place struct {
	pointer    string
	start, end int
	text       string // of the value
}

// kind is the first byte of the value's text, '0' for every number.
func (p place) kind() byte {
	if c := p.text[0]; c != '-' && (c < '0' || c > '9') {
		return c
	}
	return '0'
}

// str is the value of a string.
func (p place) str() (s string, ok bool) {
	return s, p.kind() == '"' && json.Unmarshal([]byte(p.text), &s) == nil
}

// places are all values of a JSON text, in their order; nil if it is none.
func places(body []byte) []place {
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	var out []place
	var walk func(pointer string) error
	walk = func(pointer string) error {
		start := int(dec.InputOffset())
		for start < len(body) && strings.IndexByte(" \t\r\n,:", body[start]) >= 0 {
			start++
		}
		token, err := dec.Token()
		if err != nil {
			return err
		}
		at := len(out)
		out = append(out, place{pointer: pointer, start: start})
		switch token {
		case json.Delim('{'):
			for dec.More() {
				name, err := dec.Token()
				if err != nil {
					return err
				}
				if err := walk(pointer + "/" + schema.Escape(name.(string))); err != nil {
					return err
				}
			}
			_, err = dec.Token()
		case json.Delim('['):
			for i := 0; dec.More(); i++ {
				if err := walk(pointer + "/" + strconv.Itoa(i)); err != nil {
					return err
				}
			}
			_, err = dec.Token()
		}
		out[at].end = int(dec.InputOffset())
		out[at].text = string(body[start:out[at].end])
		return err
	}
	if walk("") != nil {
		return nil
	}
	return out
}

// put is a body with another text at a place.
func put(body []byte, p place, text string) []byte {
	return slices.Concat(body[:p.start], []byte(text), body[p.end:])
}

// add is a body with one more member in the object at a place, the last.
func add(body []byte, p place, member string) []byte {
	if strings.TrimSpace(p.text[1:len(p.text)-1]) == "" {
		return put(body, p, "{"+member+"}")
	}
	return put(body, p, p.text[:len(p.text)-1]+","+member+"}")
}

// without is a body without the member at the i-th place; false where that is an
// item of a list, or the body itself.
func without(body []byte, list []place, i int) ([]byte, bool) {
	cut := strings.LastIndexByte(list[i].pointer, '/')
	if cut < 0 {
		return nil, false
	}
	from := -1 // the end of the member before
	for j := i - 1; j >= 0; j-- {
		above := list[j].pointer[:max(0, strings.LastIndexByte(list[j].pointer, '/'))]
		if list[j].pointer == list[i].pointer[:cut] { // the object itself
			if list[j].kind() != '{' {
				return nil, false
			}
			if from >= 0 {
				return slices.Concat(body[:from], body[list[i].end:]), true
			}
			rest := bytes.TrimLeft(body[list[i].end:], " \t\r\n")
			rest = bytes.TrimPrefix(rest, []byte(","))
			return slices.Concat(body[:list[j].start+1], rest), true
		}
		if from < 0 && above == list[i].pointer[:cut] && list[j].pointer != "" {
			from = list[j].end
		}
	}
	return nil, false
}

// quote is a text as a JSON string, with nothing escaped that need not be.
func quote(s string) string {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // a string can be written
	return strings.TrimSuffix(out.String(), "\n")
}

// names reports whether a pointer is, or leads to, what names the event.
func (s *session) names(pointer string) bool {
	d := s.options.Contract.Discriminator()
	if d.Header != "" {
		return false
	}
	if d.Each == "" {
		return pointer == d.Pointer
	}
	return strings.HasPrefix(pointer, d.Each+"/") && strings.HasSuffix(pointer, d.Pointer) && strings.Count(pointer, "/") == strings.Count(d.Each+d.Pointer, "/")+1
}

// variation is an event whose body differs from what the provider would send in
// one place.
type variation struct {
	event   contracts.Event
	of      contracts.Event // as it was before
	pointer string
}

// vary looks through the scope for an event in which one value can be replaced
// by another that the contract allows as well. The error says that there is no
// such event, in the words of what is missing.
func (s *session) vary(missing string, change func(place) (text string, ok bool)) (variation, error) {
	defer func() { s.ordinal++ }()
	for i, t := range s.around() {
		ev := s.eventAt(i, s.ordinal)
		for _, p := range likely(places(ev.Body)) {
			text, ok := change(p)
			if !ok || s.names(p.pointer) {
				continue
			}
			body := put(ev.Body, p, text)
			if violations, err := t.Validate(body); err == nil && len(violations) == 0 {
				return variation{contracts.Event{Type: t, Body: body}, ev, p.pointer}, nil
			}
		}
	}
	return variation{}, notApplicable("no event of the scope has " + missing)
}

// likely puts the texts that people write first, whose values no system looks
// for a meaning in.
func likely(list []place) []place {
	prose := func(p place) int {
		if s, ok := p.str(); ok && strings.Contains(s, " ") {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(list, func(a, b place) int { return cmp.Compare(prose(a), prose(b)) })
	return list
}

// text is a change of any string that is no time and no code of few letters.
func text(to func(was string) string) func(place) (string, bool) {
	return func(p place) (string, bool) {
		was, ok := p.str()
		if _, isTime := parseTime(was); !ok || isTime || len(was) < 3 {
			return "", false
		}
		return quote(to(was)), true
	}
}
