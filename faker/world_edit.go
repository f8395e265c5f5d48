package faker

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/schema"
	"github.com/hookrig/hookrig/faker/shop"
)

// An EditError is an edit that no world can be told.
type EditError struct {
	Path    string // of the edit: "world.order.note", or a JSON Pointer
	Message string
	Nearest []string
}

// Error gives the path and what is wrong.
func (e *EditError) Error() string {
	msg := fmt.Sprintf("%s: %s", e.Path, e.Message)
	if len(e.Nearest) > 0 {
		msg += "; did you mean " + strings.Join(e.Nearest, ", ") + "?"
	}
	return msg
}

// tell understands the edits that say what an entity is like: "world.customer.email".
func (w *World) tell() error {
	for _, x := range w.options.Edits {
		if !strings.HasPrefix(x.pointer, worldPrefix) {
			continue
		}
		if x.kind != editSet {
			return &EditError{x.pointer, "an entity can be told a value, and nothing else", nil}
		}
		edit, err := entityEdit(x)
		if err != nil {
			return err
		}
		w.told = append(w.told, *edit)
	}
	return nil
}

var editForm = regexp.MustCompile(`^world\.([A-Za-z]+)(?:\[([^\]]*)\])?\.([A-Za-z.]+)$`)

var quotedWord = regexp.MustCompile(`"(\w*)"`)

func entityEdit(x Edit) (*shop.Edit, error) {
	fail := func(nearest []string, format string, args ...any) error {
		return &EditError{x.pointer, fmt.Sprintf(format, args...), nearest}
	}
	parts := editForm.FindStringSubmatch(x.pointer)
	if parts == nil {
		return nil, fail(nil, "write world.customer.email, or world.order[number=2026000123].note for one of them")
	}
	edit := &shop.Edit{Kind: shop.Kind(parts[1])}
	// readLead says which word is none.
	l, message, nearest := readLead(parts[1] + "." + parts[3])
	if message != "" {
		for i, near := range nearest { // of the word that is none
			nearest[i] = strings.Replace(x.pointer, quotedWord.FindStringSubmatch(message)[1], near, 1)
		}
		return nil, fail(nearest, "%s", message)
	}
	if l.last == nil || l.last.Read == nil {
		return nil, fail(nil, "it is no single value")
	}
	var err error
	if edit.Where, err = matches(x.pointer, edit.Kind, parts[2]); err != nil {
		return nil, err
	}
	if edit.Property = l.last; edit.Property.Same != "" && edit.Where == nil {
		kind, name, _ := strings.Cut(edit.Property.Same, ".")
		l.start, l.refs, edit.Property = shop.Kind(kind), nil, shop.KindOf(shop.Kind(kind)).Property(name)
	}
	if edit.Property.Write == nil {
		return nil, fail(nil, "%s follows from what happens in the shop; what can be told of %s: %s", l.text, l.ends(), strings.Join(writable(l.ends()), ", "))
	}
	switch n := len(l.refs); {
	case n == 1 && l.refs[0].Put != nil && (edit.Where != nil || l.refs[0].Of == shop.KindAddress):
		edit.Via = l.refs[0]
	case n > 0 && edit.Where != nil:
		return nil, fail(nil, "one %s does not lead to one that is its own: write world.%s[id=…].%s", edit.Kind, l.ends(), edit.Property.Name)
	default:
		edit.Kind = l.ends() // all of them
	}
	if edit.Property.Own && edit.Where == nil {
		return nil, fail(nil, "each %s has its own: say which, as in world.%s[id=1004].%s", edit.Kind, edit.Kind, edit.Property.Name)
	}
	if x.err != nil || !json.Valid(x.text) {
		return nil, fail(nil, "the value is no JSON: %q", clip(string(x.text)))
	}
	if edit.Value, message = spoken(edit.Property, x.text); message != "" {
		return nil, fail(nil, "%s", message)
	}
	return edit, nil
}

// writable are the properties of a kind that can be told.
func writable(k shop.Kind) (names []string) {
	for _, p := range shop.KindOf(k).Properties {
		if p.Write != nil {
			names = append(names, p.Name)
		}
	}
	if names == nil {
		names = []string{"nothing"}
	}
	return names
}

// matches reads "number=2026000123,channel=web".
func matches(path string, k shop.Kind, text string) (all []shop.Match, err error) {
	if text == "" {
		return nil, nil
	}
	for part := range strings.SplitSeq(text, ",") {
		name, value, ok := strings.Cut(part, "=")
		p := shop.KindOf(k).Property(strings.TrimSpace(name))
		if !ok || p == nil || p.Read == nil {
			var names []string
			for _, p := range shop.KindOf(k).Properties {
				if p.Read != nil {
					names = append(names, p.Name)
				}
			}
			near := schema.Nearest(name, names)
			for i := range near {
				near[i] = strings.Replace(path, part, near[i]+"="+value, 1)
			}
			return nil, &EditError{path, fmt.Sprintf("%q is no value of %s: write [id=1004]", part, k), near}
		}
		all = append(all, shop.Match{Property: p, Text: strings.TrimSpace(value)})
	}
	return all, nil
}

// spoken is a value in JSON as the world has it: money in minor units, rates in
// hundredths of a per cent, times as RFC 3339 or a day. The message says what is
// wrong.
func spoken(p *shop.Property, text []byte) (v shop.Value, message string) {
	x, err := decode(text)
	if err != nil {
		return v, "the value is no JSON: " + err.Error()
	}
	if x == nil {
		if p.Type != shop.Text && p.Type != shop.Time {
			return v, fmt.Sprintf("%s is always there, it cannot be null", p.Name)
		}
		return v, ""
	}
	v.Type = p.Type
	s, isText := x.(string)
	n, isNumber := x.(json.Number)
	switch p.Type {
	case shop.Text:
		if v.Text = s; isNumber {
			v.Text = n.String()
		}
		if v.Text == "" {
			return v, fmt.Sprintf("%s is a text", p.Name)
		}
	case shop.Choice:
		if v.Text = s; !slices.Contains(p.Values, s) {
			return v, fmt.Sprintf("%s is one of %s", p.Name, strings.Join(p.Values, ", "))
		}
	case shop.Time:
		for _, layout := range []string{time.RFC3339, time.DateOnly} {
			if at, err := time.Parse(layout, s); err == nil {
				v.Int = at.UnixMilli()
				return v, ""
			}
		}
		return v, fmt.Sprintf("%s is a time such as \"2026-01-15T10:00:00Z\", or a day", p.Name)
	default:
		const most = 1 << 40
		if v.Int, err = strconv.ParseInt(n.String(), 10, 64); isText || err != nil || v.Int < 0 || v.Int > most {
			unit := map[shop.Type]string{shop.Money: " of minor units: 1999 is 19.99", shop.Rate: " of hundredths of a per cent: 1900 is 19 %"}[p.Type]
			return v, fmt.Sprintf("%s is a whole number%s", p.Name, unit)
		}
	}
	return v, ""
}

// point understands the edits that are JSON Pointers into bodies. Where the
// contract binds the place to what an entity can be told, the entity is told;
// else the place is edited in each body that has it.
func (w *World) point() error {
	for _, x := range w.options.Edits {
		if strings.HasPrefix(x.pointer, worldPrefix) {
			continue
		}
		if x.kind != editSet && x.kind != editDrop {
			return &EditError{x.pointer, "a world takes values that are set and members that are dropped", nil}
		}
		c := checked{Edit: x}
		var err error
		if c.tokens, err = splitPointer(x.pointer); err != nil {
			return err
		}
		if len(c.tokens) == 0 {
			return &EditError{x.pointer, "a whole body is nothing that a shop could tell", nil}
		}
		if x.kind == editSet {
			if c.value, err = checkedText(x.pointer, x.text, x.err); err != nil {
				return err
			}
		}
		if err := w.pointAt(c); err != nil {
			return err
		}
	}
	return nil
}

func (w *World) pointAt(c checked) error {
	anywhere := false
	var near []string
	for _, t := range w.types {
		p := w.plans[t]
		if !known(p.root, c.tokens) {
			near = append(near, nearest(p.root, c.pointer)...)
			continue
		}
		anywhere = true
		edit, err := c.ofEntity(reached(p.maker, c.tokens))
		switch {
		case err != nil:
			return err
		case edit == nil:
			w.edited[t] = append(w.edited[t], c)
		case !slices.ContainsFunc(w.told, func(x shop.Edit) bool { return x.Property == edit.Property && x.Value == edit.Value }):
			w.told = append(w.told, *edit)
		}
	}
	if !anywhere {
		slices.Sort(near)
		return &EditError{c.pointer, "no event of the world has such a member", schema.Nearest(c.pointer, slices.Compact(near))}
	}
	return nil
}

// ofEntity is what an edit of a body tells an entity, nil where it tells none.
func (c *checked) ofEntity(makers []maker) (*shop.Edit, error) {
	if c.kind != editSet || len(makers) == 0 {
		return nil, nil
	}
	value, err := decode(c.value)
	if err != nil {
		return nil, err
	}
	var edit *shop.Edit
	for _, m := range makers {
		b, ok := m.(*bound)
		if !ok || b.heard == nil {
			return nil, nil
		}
		kind, prop := b.kind, b.prop
		if prop.Same != "" {
			k, name, _ := strings.Cut(prop.Same, ".")
			kind, prop = shop.Kind(k), shop.KindOf(shop.Kind(k)).Property(name)
		}
		v, ok := b.heard(value)
		if !ok || prop.Write == nil || v.Int < 0 || prop.Type == shop.Choice && !slices.Contains(prop.Values, v.Text) {
			return nil, nil
		}
		if prop.Own {
			return nil, &EditError{c.pointer, fmt.Sprintf("each %s has its own: say which, as in world.%s[id=1004].%s", kind, kind, prop.Name), nil}
		}
		edit = &shop.Edit{Kind: kind, Property: prop, Value: v}
	}
	return edit, nil
}

// reached are the makers of what stands at a place.
func reached(m maker, tokens []string) []maker {
	switch m := m.(type) {
	case *pending:
		return reached(m.maker, tokens)
	case *chooser:
		var all []maker
		for _, way := range m.ways {
			all = append(all, reached(way.maker, tokens)...)
		}
		return all
	case *boundObject:
		return reached(m.inner, tokens)
	}
	if len(tokens) == 0 {
		return []maker{m}
	}
	i, isIndex := index(tokens[0])
	switch m := m.(type) {
	case *objects:
		for i := range m.members {
			if m.about[i].name == tokens[0] {
				return reached(m.about[i].whole, tokens[1:])
			}
		}
	case *boundList:
		if isIndex && m.list.at(i) != nil {
			return reached(m.list.at(i), tokens[1:])
		}
	case *lists:
		if isIndex && m.at(i) != nil {
			return reached(m.at(i), tokens[1:])
		}
	}
	return nil
}

// edit applies the edits of an event type to a body that has their places.
func (w *World) edit(t *contracts.EventType, p *plan, body []byte) []byte {
	for _, c := range w.edited[t] {
		switch {
		case c.kind == editDrop:
			body = remove(body, c.tokens)
		case stands(body, c.tokens[:len(c.tokens)-1]):
			body = splice(body, c.tokens, c.value, p.root)
		}
	}
	return body
}

// stands reports whether there is an object or a list at the tokens' place.
func stands(b []byte, tokens []string) bool {
	i := 0
	for _, t := range tokens {
		if !holds(b, i) {
			return false
		}
		cs := children(b, i)
		n := slices.IndexFunc(cs, func(c child) bool { return c.name == t })
		if n < 0 {
			return false
		}
		i = cs[n].value
	}
	return holds(b, i)
}
