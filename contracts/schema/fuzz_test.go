package schema

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// FuzzRead: no text makes Read panic; what it accepts is a JSON value with a
// place for each part of it, and an error says where.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{
		"", "a: 1", "{\"a\":[1,{}]}", "- &a x\n- *a\n", "a: &a [*a]", "a: |\n b\n", "{a: b, c: [d}", "\uFEFF{}", "\xff", "<<: {}", "? [a]\n: b",
		"a: 0x1F\nb: 1_0\nc: .inf\nd: 2024-01-01\n", "{\"a\":\"\\ud83d\\ude00\"}", "---\na\n---\nb", "%TAG ! tag:x,2000:\n---\n!y z", "[[[[[[[[[[", "a:\n\t- b",
	} {
		f.Add([]byte(seed))
	}
	lim := Limits{Bytes: 10_000, Depth: 20, Nodes: 1000, Aliases: 20}
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := Read("f.yaml", data, lim)
		if err != nil {
			e, ok := err.(*Error)
			if !ok || e.Message == "" || e.File != "f.yaml" {
				t.Fatalf("%#v", err)
			}
			return
		}
		text, err := json.Marshal(d.Value())
		if err != nil {
			t.Fatalf("no JSON value: %v", err)
		}
		if nodes := visit(t, d, d.Value(), ""); nodes > lim.Nodes {
			t.Fatalf("%d values", nodes)
		}
		again, err := Read("f.json", text, Limits{})
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if back := marshal(again.Value()); string(back) != string(marshal(d.Value())) {
			t.Fatalf("%s became %s", text, back)
		}
	})
}

// visit looks up every value of a document by its pointer.
func visit(t *testing.T, d *Document, v any, pointer string) int {
	if _, ok := d.Lookup(pointer); !ok {
		t.Fatalf("%q is not found", pointer)
	}
	p, exact := d.place(pointer)
	if !exact || p.line < 1 || p.column < 1 {
		t.Fatalf("%q stands at %+v", pointer, p)
	}
	n := 1
	switch v := v.(type) {
	case map[string]any:
		if len(d.Keys(pointer)) != len(v) {
			t.Fatalf("%q has keys %q", pointer, d.Keys(pointer))
		}
		for name, child := range v {
			n += visit(t, d, child, pointer+join([]string{name}))
		}
	case []any:
		for i, child := range v {
			n += visit(t, d, child, pointer+join([]string{itoa(i)}))
		}
	}
	return n
}

func itoa(i int) string { return string(marshal(i)) }

// FuzzCompile: no schema makes Compile panic, and what it accepts can be
// judged by, walked and bundled, and the bundle judges alike.
func FuzzCompile(f *testing.F) {
	files, _ := filepath.Glob("testdata/suite/*.json")
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		var cases []suiteCase
		if err := json.Unmarshal(text, &cases); err != nil {
			f.Fatal(err)
		}
		for _, c := range cases {
			f.Add([]byte(c.Schema), []byte(c.Tests[0].Data), uint8(len(c.Description)))
		}
	}
	all := Dialects()
	f.Fuzz(func(t *testing.T, text, body []byte, dialect uint8) {
		if len(text) > 5000 || len(body) > 5000 {
			return
		}
		d, err := Read("s.yaml", text, Limits{})
		if err != nil {
			return
		}
		s, err := Compile(d, "", Options{Dialect: all[int(dialect)%len(all)]})
		if err != nil {
			if _, ok := err.(*Error); !ok {
				t.Fatalf("%#v", err)
			}
			return
		}
		s.Node()
		violations := s.Validate(body)
		s.Undocumented(body)
		b, err := Read("bundle.json", s.Bundle(), Limits{})
		if err != nil {
			t.Fatalf("the bundle: %v\n%s", err, s.Bundle())
		}
		bs, err := Compile(b, "", Options{})
		if err != nil {
			// A schema with parts of several dialects has no bundle.
			if dialects := dialectsIn(d.Value()); dialects > 0 {
				return
			}
			t.Fatalf("the bundle: %v\n%s", err, s.Bundle())
		}
		if again := bs.Validate(body); (again == nil) != (violations == nil) && dialectsIn(d.Value()) == 0 {
			t.Fatalf("the schema says %v, its bundle %v\n%s", violations, again, s.Bundle())
		}
	})
}

// dialectsIn counts the "$schema"s of a document.
func dialectsIn(v any) (n int) {
	switch v := v.(type) {
	case map[string]any:
		for name, child := range v {
			if name == "$schema" {
				n++
			}
			n += dialectsIn(child)
		}
	case []any:
		for _, child := range v {
			n += dialectsIn(child)
		}
	}
	return n
}

// FuzzValidate: no body makes Validate panic; it says "json" exactly of what
// encoding/json cannot read, limits and duplicates aside.
func FuzzValidate(f *testing.F) {
	for _, seed := range []string{
		`{"id":1,"lines":[{"price":"1.00"}],"x":null}`, `{"id":1,"id":2}`, "[1e999]", `"\ud800"`, "{", "", "nul", `{"kind":"a"}`, "\uFEFF{}", "[\"\xff\"]", "1 2", "-", "01", `"\u12"`,
	} {
		f.Add([]byte(seed))
	}
	d, err := Read("s.yaml", []byte(`
properties: {id: {type: integer}, lines: {items: {$ref: '#/line'}}, kind: {enum: [a, b]}}
oneOf: [{required: [id]}, {properties: {kind: {const: a}}, required: [kind]}]
patternProperties: {^(?!id).$: {format: date}}
additionalProperties: {not: {type: string}}
propertyNames: {maxLength: 5}
line: {properties: {price: {pattern: '^[0-9.]+$'}}, additionalProperties: {$ref: '#'}}
`), Limits{})
	if err != nil {
		f.Fatal(err)
	}
	s, err := Compile(d, "", Options{})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		broken := false
		for _, v := range s.Validate(body) {
			if v.Rule == "" || v.Expected == "" || v.Found == "" {
				t.Fatalf("%+v says nothing", v)
			}
			broken = broken || v.Rule == "json" && v.Pointer == "" && v.Expected == "a JSON text"
		}
		if !broken && !json.Valid(body) {
			t.Fatalf("%q is no JSON", body)
		}
		s.Undocumented(body)
	})
}
