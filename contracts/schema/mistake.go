package schema

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Explanation is how [Document.Mistake] words the mistakes of one kind of file.
type Explanation struct {
	Hint string // where the schema shows no example of what could stand there
	// Say words a violation in another way; "" is the usual one. nil: never.
	Say func(v Violation) string
	// Hide keeps what was found out of the message: it may be a secret. nil: never.
	Hide func(v Violation) bool
}

// Mistake is the first mistake of a file that people write, by its place. Its
// hint is an example of what could stand there, as the schema shows it. Where a
// member is missing and another is unknown, that one is misspelled. There must
// be a violation.
func (d *Document) Mistake(root *Node, broken []Violation, o Explanation) *Error {
	misspelled := map[string]bool{}
	for _, v := range broken {
		if v.Rule == "additionalProperties" {
			misspelled[v.Pointer[:max(0, strings.LastIndex(v.Pointer, "/"))]] = true
		}
	}
	broken = slices.DeleteFunc(slices.Clone(broken), func(v Violation) bool {
		return v.Rule == "required" && misspelled[v.Pointer]
	})
	first := slices.MinFunc(broken, func(a, b Violation) int {
		aLine, aColumn := d.Position(a.Pointer)
		bLine, bColumn := d.Position(b.Pointer)
		return cmp.Or(cmp.Compare(aLine, bLine), cmp.Compare(aColumn, bColumn))
	})
	message, hint := o.explain(root, first)
	switch more := len(broken) - 1; {
	case more == 1:
		message += "; and 1 mistake more"
	case more > 1:
		message += fmt.Sprintf("; and %d mistakes more", more)
	}
	e := d.Errorf(first.Pointer, "%s", message)
	e.Hint = hint
	return e
}

// explain says what a violation is, and what to write instead.
func (o *Explanation) explain(root *Node, v Violation) (message, hint string) {
	path := mistakeTokens(v.Pointer)
	where := walk(root, path, o.Hint)
	said := ""
	if o.Say != nil {
		said = o.Say(v)
	}
	switch {
	case v.Rule == "additionalProperties" && len(path) > 0:
		wrong, parent := path[len(path)-1], walk(root, path[:len(path)-1], o.Hint)
		near := Nearest(wrong, parent.members())
		message = fmt.Sprintf("unknown member %q", wrong)
		if len(near) == 0 {
			if names := slices.Sorted(slices.Values(parent.members())); len(names) > 0 {
				message += ": there are " + strings.Join(names, ", ")
			}
			return message, parent.example
		}
		return message + ", the nearest is " + near[0], walk(root, append(path[:len(path)-1:len(path)-1], near[0]), o.Hint).example
	case v.Rule == "propertyNames" && len(path) > 0:
		parent := walk(root, path[:len(path)-1], o.Hint)
		parent.enter(parent.node.PropertyNames, "")
		return fmt.Sprintf("expected %s, found %q", parent.title, path[len(path)-1]), parent.example
	case said != "":
		message = said
	case where.title != "" && len(path) > 0 && slices.Contains([]string{"type", "minLength", "pattern", "format"}, v.Rule):
		message = "expected " + where.title
	default:
		message = "expected " + v.Expected
	}
	if o.Hide == nil || !o.Hide(v) {
		message += ", found " + v.Found
	}
	return message, where.example
}

// mistakePlace is what the schema says of a place in the file.
type mistakePlace struct {
	node    *Node  // nil where it says nothing
	title   string // what stands there, in words
	example string // a line that could stand there, or around it
}

// walk follows members and items through the
func walk(node *Node, path []string, hint string) mistakePlace {
	at := mistakePlace{example: hint}
	for i := 0; ; i++ {
		name := ""
		if i > 0 {
			name = path[i-1]
		}
		at.enter(node, name)
		if i == len(path) || at.node == nil {
			return at
		}
		node = at.child(path[i])
	}
}

// enter takes in what the schema at a name says, and what it refers to.
func (at *mistakePlace) enter(node *Node, name string) {
	at.title = ""
	shown := false
	for at.node = nil; node != nil; at.node, node = node, node.Ref {
		at.title = cmp.Or(at.title, node.Title)
		if len(node.Examples) > 0 && !shown && name != "" {
			var value any
			if json.Unmarshal(node.Examples[0], &value) == nil {
				at.example, shown = Flow(name)+": "+Flow(value), true
			}
		}
	}
}

func (at *mistakePlace) child(name string) *Node {
	for _, p := range at.node.Properties {
		if p.Name == name {
			return p.Node
		}
	}
	if at.node.Items != nil {
		return at.node.Items
	}
	return at.node.AdditionalProperties
}

// members are the names that may stand there.
func (at *mistakePlace) members() []string {
	var names []string
	if at.node != nil {
		for _, p := range at.node.Properties {
			names = append(names, p.Name)
		}
	}
	return names
}

// mistakeTokens are the names and numbers of a JSON Pointer.
func mistakeTokens(pointer string) []string {
	names := strings.Split(pointer, "/")[1:]
	for i, name := range names {
		names[i] = strings.ReplaceAll(strings.ReplaceAll(name, "~1", "/"), "~0", "~")
	}
	return names
}

// Flow writes a value, as JSON decodes into any, as YAML on one line.
func Flow(v any) string {
	switch v := v.(type) {
	case map[string]any:
		var members []string
		for _, name := range slices.Sorted(maps.Keys(v)) {
			members = append(members, Flow(name)+": "+Flow(v[name]))
		}
		return "{" + strings.Join(members, ", ") + "}"
	case []any:
		var items []string
		for _, item := range v {
			items = append(items, Flow(item))
		}
		return "[" + strings.Join(items, ", ") + "]"
	case string:
		// Quotes stand only where a reader would take the text for something else.
		if doc, err := Read("", []byte(v), Limits{}); err == nil && doc.Value() == any(v) && !strings.ContainsAny(v, ",[]{}") {
			return v
		}
	}
	text, err := json.Marshal(v)
	if err != nil {
		return "null" // an example is JSON
	}
	return string(text)
}
