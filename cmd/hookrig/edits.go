package main

import (
	"encoding/json"
	"strings"

	"github.com/hookrig/hookrig/faker"
	"github.com/spf13/cobra"
)

// editFlags are --set and --drop.
type editFlags struct{ set, drop []string }

func (e *editFlags) register(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&e.set, "set", nil, "put a JSON value at a pointer: `/POINTER=JSON`, any number of times")
	cmd.Flags().StringArrayVar(&e.drop, "drop", nil, "leave out the member at `/POINTER`, any number of times")
}

func (e *editFlags) any() bool { return len(e.set)+len(e.drop) > 0 }

// edits reads the flags: first what is set, then what is dropped.
func (e *editFlags) edits() ([]faker.Edit, error) {
	var out []faker.Edit
	for _, s := range e.set {
		pointer, value, ok := strings.Cut(s, "=")
		switch {
		case !ok:
			return nil, usagef("--set "+shellWord(s+`="text"`), "--set %s: there is no value after a =", s)
		case !strings.HasPrefix(pointer, "/"):
			return nil, usagef("--set "+shellWord(asPointer(pointer)+"="+value), "--set %s: a JSON Pointer begins with a slash", s)
		case !json.Valid([]byte(value)):
			text, _ := json.Marshal(value) // strings always marshal
			return nil, usagef("--set "+shellWord(pointer+"="+string(text)), "--set %s: the value is no JSON; a text needs quotes of its own", s)
		}
		out = append(out, faker.Set(pointer, json.RawMessage(compact([]byte(value)))))
	}
	for _, pointer := range e.drop {
		if !strings.HasPrefix(pointer, "/") {
			return nil, usagef("--drop "+shellWord(asPointer(pointer)), "--drop %s: a JSON Pointer begins with a slash", pointer)
		}
		out = append(out, faker.Drop(pointer))
	}
	return out, nil
}

// asPointer is the JSON Pointer that a path in another notation probably
// means: "data.items[0].id" is "/data/items/0/id".
func asPointer(path string) string {
	path = strings.TrimPrefix(strings.TrimPrefix(path, "$"), ".")
	return "/" + strings.NewReplacer(".", "/", "[", "/", "]", "", "'", "", `"`, "").Replace(path)
}
