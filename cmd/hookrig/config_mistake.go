package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hookrig/hookrig/contracts/schema"
)

// configMistake is the first mistake of a configuration file, by its place.
// Where a member is missing and another is unknown, that one is misspelled.
func configMistake(doc *schema.Document, root *schema.Node, broken []schema.Violation) error {
	misspelled := map[string]bool{}
	for _, v := range broken {
		if v.Rule == "additionalProperties" {
			misspelled[v.Pointer[:max(0, strings.LastIndex(v.Pointer, "/"))]] = true
		}
	}
	broken = slices.DeleteFunc(slices.Clone(broken), func(v schema.Violation) bool {
		return v.Rule == "required" && misspelled[v.Pointer]
	})
	first := slices.MinFunc(broken, func(a, b schema.Violation) int {
		aLine, aColumn := doc.Position(a.Pointer)
		bLine, bColumn := doc.Position(b.Pointer)
		return cmp.Or(cmp.Compare(aLine, bLine), cmp.Compare(aColumn, bColumn))
	})
	message, hint := explainMistake(root, first)
	if more := len(broken) - 1; more > 0 {
		message += "; and " + plural(more, "mistake") + " more"
	}
	e := doc.Errorf(first.Pointer, "%s", message)
	e.Hint = hint
	return e
}

// explainMistake says what a violation is, and what to write instead. It never
// repeats what may be a secret.
func explainMistake(root *schema.Node, v schema.Violation) (message, hint string) {
	path := tokens(v.Pointer)
	where := walk(root, path)
	in := func(def string) bool { return strings.HasPrefix(v.SchemaPointer, "/$defs/"+def+"/") }
	switch {
	case v.Rule == "additionalProperties" && len(path) > 0:
		wrong, parent := path[len(path)-1], walk(root, path[:len(path)-1])
		message = fmt.Sprintf("unknown member %q", wrong) + nearestOf(wrong, parent.members())
		if near := schema.Nearest(wrong, parent.members()); len(near) > 0 {
			return message, walk(root, append(path[:len(path)-1:len(path)-1], near[0])).example
		}
		return message, parent.example
	case v.Rule == "propertyNames" && len(path) > 0:
		parent := walk(root, path[:len(path)-1])
		parent.enter(parent.node.PropertyNames, "")
		return fmt.Sprintf("expected %s, found %q", parent.title, path[len(path)-1]), parent.example
	case v.Rule == "type" && in("reference"):
		return "secrets do not stand in this file, it says where they are", where.example
	case where.title != "" && len(path) > 0 && slices.Contains([]string{"type", "minLength", "pattern", "format"}, v.Rule):
		message = "expected " + where.title
	default:
		message = "expected " + v.Expected
	}
	if !in("reference") && !in("text") && !in("environment") && !strings.HasSuffix(v.Pointer, "/secret") {
		message += ", found " + v.Found
	}
	return message, where.example
}

// configPlace is what the schema says of a place in the file.
type configPlace struct {
	node    *schema.Node // nil where it says nothing
	title   string       // what stands there, in words
	example string       // a line that could stand there, or around it
}

// walk follows members and items through the schema.
func walk(node *schema.Node, path []string) configPlace {
	at := configPlace{example: "hookrig config --schema"}
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
func (at *configPlace) enter(node *schema.Node, name string) {
	at.title = ""
	shown := false
	for at.node = nil; node != nil; at.node, node = node, node.Ref {
		at.title = cmp.Or(at.title, node.Title)
		if len(node.Examples) > 0 && !shown && name != "" {
			var value any
			if json.Unmarshal(node.Examples[0], &value) == nil {
				at.example, shown = flow(name)+": "+flow(value), true
			}
		}
	}
}

func (at *configPlace) child(name string) *schema.Node {
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
func (at *configPlace) members() []string {
	var names []string
	if at.node != nil {
		for _, p := range at.node.Properties {
			names = append(names, p.Name)
		}
	}
	return names
}

// tokens are the names and numbers of a JSON Pointer.
func tokens(pointer string) []string {
	names := strings.Split(pointer, "/")[1:]
	for i, name := range names {
		names[i] = strings.ReplaceAll(strings.ReplaceAll(name, "~1", "/"), "~0", "~")
	}
	return names
}

// flow writes a value as YAML on one line.
func flow(v any) string {
	switch v := v.(type) {
	case map[string]any:
		var members []string
		for _, name := range slices.Sorted(maps.Keys(v)) {
			members = append(members, flow(name)+": "+flow(v[name]))
		}
		return "{" + strings.Join(members, ", ") + "}"
	case []any:
		var items []string
		for _, item := range v {
			items = append(items, flow(item))
		}
		return "[" + strings.Join(items, ", ") + "]"
	case string:
		// Quotes stand only where a reader would take the text for something else.
		if doc, err := schema.Read("", []byte(v), schema.Limits{}); err == nil && doc.Value() == any(v) && !strings.ContainsAny(v, ",[]{}") {
			return v
		}
	}
	text, err := json.Marshal(v)
	if err != nil {
		return "null" // an example is JSON
	}
	return string(text)
}
