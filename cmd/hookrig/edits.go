package main

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/hookrig/hookrig/faker"
	"github.com/spf13/cobra"
)

// editFlags are --set, --drop and --pool, in the order in which they were
// given.
type editFlags struct {
	given []editFlag
	world bool // entities can be told as well
}

type editFlag struct{ name, value string }

// editValue adds to the flags under one name. It implements pflag.Value.
type editValue struct {
	name string
	to   *editFlags
}

func (v editValue) String() string { return "" }
func (v editValue) Type() string   { return "/POINTER" }

func (v editValue) Set(s string) error {
	v.to.given = append(v.to.given, editFlag{v.name, s})
	return nil
}

func (e *editFlags) register(cmd *cobra.Command) {
	add := func(name, usage string) { cmd.Flags().Var(editValue{name, e}, name, usage) }
	set := "put a JSON value at a pointer: `/POINTER=JSON`, any number of times"
	if cmd.Flags().Lookup("world") != nil {
		set = "put a JSON value at a pointer, or tell it to a --world: `/POINTER=JSON`, any number of times"
	}
	add("set", set)
	add("drop", "leave out the member at `/POINTER`, any number of times")
	add("pool", "take a value for a pointer from a list or from the lines of a file: `/POINTER=JSON|@FILE`")
}

func (e *editFlags) any() bool { return len(e.given) > 0 }

// edits are what the flags ask for.
type edits struct {
	all   []faker.Edit
	pools map[int]pool // by their index
}

// with replaces one edit.
func (e edits) with(i int, edit faker.Edit) edits {
	e.all, e.pools = slices.Clone(e.all), maps.Clone(e.pools)
	e.all[i] = edit
	delete(e.pools, i)
	return e
}

// edits reads the flags.
func (c *console) edits(flags *editFlags) (edits, error) {
	e := edits{pools: map[int]pool{}}
	for i, flag := range flags.given {
		var edit faker.Edit
		var err error
		switch flag.name {
		case "set":
			edit, err = setEdit(flag.value, flags.world)
		case "drop":
			edit, err = dropEdit(flag.value)
		default:
			e.pools[i], err = c.pool(flag.value)
			edit = faker.Pool(e.pools[i].pointer, e.pools[i].values...)
		}
		if err != nil {
			return e, inPlaceOf(flag.value, err)
		}
		e.all = append(e.all, edit)
	}
	return e, nil
}

func setEdit(flag string, world bool) (faker.Edit, error) {
	pointer, value, ok := strings.Cut(flag, "=")
	isEntity := strings.HasPrefix(flag, "world.")
	if head, tail, one := strings.Cut(flag, "]"); one && isEntity { // world.order[number=7].note=…
		pointer, value, ok = strings.Cut(tail, "=")
		pointer = head + "]" + pointer
	}
	switch {
	case !ok:
		return faker.Edit{}, usagef("--set "+shellWord(flag+`="text"`), "--set %s: there is no value after a =", flag)
	case isEntity && !world:
		return faker.Edit{}, usagef("hookrig fake --world --set "+shellWord(flag), "--set %s: what an entity is like is told to a --world", flag)
	case pointer != "" && !strings.HasPrefix(pointer, "/") && !isEntity:
		return faker.Edit{}, usagef("--set "+shellWord(asPointer(pointer)+"="+value), "--set %s: a JSON Pointer begins with a slash", flag)
	case !json.Valid([]byte(value)):
		text, _ := json.Marshal(value) // strings always marshal
		return faker.Edit{}, usagef("--set "+shellWord(pointer+"="+string(text)), "--set %s: the value is no JSON; a text needs quotes of its own", flag)
	}
	return faker.Set(pointer, json.RawMessage(compact([]byte(value)))), nil
}

func dropEdit(pointer string) (faker.Edit, error) {
	if !strings.HasPrefix(pointer, "/") {
		return faker.Edit{}, usagef("--drop "+shellWord(asPointer(pointer)), "--drop %s: a JSON Pointer begins with a slash", pointer)
	}
	return faker.Drop(pointer), nil
}

// asPointer is the JSON Pointer that a path in another notation probably
// means: "data.items[0].id" is "/data/items/0/id".
func asPointer(path string) string {
	path = strings.TrimPrefix(strings.TrimPrefix(path, "$"), ".")
	return "/" + strings.NewReplacer(".", "/", "[", "/", "]", "", "'", "", `"`, "").Replace(path)
}
