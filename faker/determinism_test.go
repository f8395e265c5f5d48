package faker_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/hookrig/hookrig/contracts/catalog"
	"github.com/hookrig/hookrig/contracts/schema"
	"github.com/hookrig/hookrig/faker"
)

var update = flag.Bool("update", false, "write golden files")

// The bytes of a seed are a promise: a change of this file is a line in the
// CHANGELOG.
func TestGoldenBytes(t *testing.T) {
	s := compileFile(t, "testdata/order.yaml")
	var got bytes.Buffer
	for _, o := range []faker.Options{
		{},
		{Seed: 7, Shape: faker.Full, Locale: "de"},
		{Seed: 1<<64 - 1, Shape: faker.Minimal, Locale: "cs"},
		{Seed: 42, Locale: "pl"},
	} {
		v, err := faker.FromSchema(s, o)
		if err != nil {
			t.Fatal(err)
		}
		for n := range uint64(2) {
			fmt.Fprintf(&got, "%d %s %s %d\n%s\n", o.Seed, o.Shape, o.Locale, n, v.Append(nil, n))
		}
	}
	const file = "testdata/golden.txt"
	if *update {
		if err := os.WriteFile(file, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), want) {
		i := 0
		for i < len(want) && i < got.Len() && got.Bytes()[i] == want[i] {
			i++
		}
		t.Fatalf("the bytes of known seeds have changed; if on purpose, run with -update and say so in the CHANGELOG\n%.160s\nwas\n%.160s", got.Bytes()[max(0, i-40):], want[max(0, i-40):])
	}
}

// Sixteen goroutines, each in an order of its own, make what one makes.
func TestGoroutinesMakeTheSameBytes(t *testing.T) {
	c, err := catalog.Load(catalog.Names[0])
	if err != nil {
		t.Fatal(err)
	}
	f, err := faker.New(c, faker.Options{Seed: 5})
	if err != nil {
		t.Fatal(err)
	}
	const count = 16
	types := c.EventTypes()
	want := make([][]byte, len(types)*count)
	for i := range want {
		want[i] = f.Append(nil, types[i/count], uint64(i%count))
	}
	var group sync.WaitGroup
	for worker := range 16 {
		group.Go(func() {
			for i := range want {
				i = (i*(2*worker+1) + worker) % len(want)
				if got := f.Append(nil, types[i/count], uint64(i%count)); !bytes.Equal(got, want[i]) {
					t.Errorf("worker %d: %s %d differs", worker, types[i/count].Name(), i%count)
					return
				}
			}
		})
	}
	group.Wait()
}

// A member that is added to a schema, wherever it stands, moves no other value.
func TestAddedMemberMovesNothing(t *testing.T) {
	var base map[string]any
	text, err := os.ReadFile("testdata/order.yaml")
	if err != nil {
		t.Fatal(err)
	}
	d, err := schema.Read("order.yaml", text, schema.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	base = d.Value().(map[string]any)
	plain := valuesOf(t, base, faker.Options{})
	checks := 0
	rapid.Check(t, func(rt *rapid.T) {
		if checks++; checks > 40 && !whole() {
			return
		}
		grown := clone(base)
		objects := objectsWithProperties(grown, "")
		at := rapid.IntRange(0, len(objects)-1).Draw(rt, "object")
		added := rapid.SampledFrom([]string{"extra", "nickname", "updatedBy", "email2", "zone"}).Draw(rt, "name")
		node := rapid.SampledFrom([]any{
			map[string]any{"type": "string"}, map[string]any{"type": "integer"},
			map[string]any{"type": "object", "properties": map[string]any{"a": map[string]any{"type": "string", "format": "date-time"}}},
		}).Draw(rt, "schema")
		objects[at]["properties"].(map[string]any)[added] = node
		if rapid.Bool().Draw(rt, "required") {
			list, _ := objects[at]["required"].([]any)
			objects[at]["required"] = append(append([]any{}, list...), added)
		}
		v := valuesOf(t, grown, faker.Options{})
		for n := range uint64(3) {
			before, after := flat(rt, plain.Append(nil, n)), flat(rt, v.Append(nil, n))
			for pointer, value := range before {
				if after[pointer] != value {
					rt.Fatalf("%s was %s and is %s", pointer, value, after[pointer])
				}
			}
			for pointer := range after {
				if _, ok := before[pointer]; !ok && !strings.Contains(pointer, "/"+added) {
					rt.Fatalf("%s appeared", pointer)
				}
			}
		}
	})
}

func valuesOf(t testing.TB, node any, o faker.Options) *faker.Values {
	t.Helper()
	text, err := json.Marshal(node)
	if err != nil {
		t.Fatal(err)
	}
	d, err := schema.Read("schema", text, schema.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	s, err := schema.Compile(d, "", schema.Options{})
	if err != nil {
		t.Fatal(err)
	}
	v, err := faker.FromSchema(s, o)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func clone(v map[string]any) map[string]any {
	text, _ := json.Marshal(v)
	var out map[string]any
	_ = json.Unmarshal(text, &out)
	return out
}

// objectsWithProperties lists the schemas of a tree that name members, in a
// fixed order.
func objectsWithProperties(node map[string]any, name string) []map[string]any {
	var out []map[string]any
	if _, ok := node["properties"].(map[string]any); ok && name != "properties" {
		out = append(out, node)
	}
	for _, k := range keysOf(node) {
		if child, ok := node[k].(map[string]any); ok {
			out = append(out, objectsWithProperties(child, k)...)
		}
	}
	return out
}

// flat maps the pointers of all scalars to their text.
func flat(t interface{ Fatal(...any) }, body []byte) map[string]string {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	walk("", v, func(pointer string, v any) { out[pointer] = fmt.Sprintf("%T %v", v, v) })
	return out
}

// walk visits all scalars.
func walk(pointer string, v any, visit func(string, any)) {
	switch v := v.(type) {
	case map[string]any:
		for _, k := range keysOf(v) {
			walk(pointer+"/"+schema.Escape(k), v[k], visit)
		}
	case []any:
		for i, item := range v {
			walk(fmt.Sprint(pointer, "/", i), item, visit)
		}
	default:
		visit(pointer, v)
	}
}
