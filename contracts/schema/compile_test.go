package schema

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// set is a document set in memory; it writes down what it was asked for.
type set struct {
	files map[string]string
	asked []string
}

func (s *set) load(name string) (*Document, error) {
	s.asked = append(s.asked, name)
	text, ok := s.files[name]
	if !ok {
		return nil, fmt.Errorf("open %s: %w", name, fs.ErrNotExist)
	}
	return Read(name, []byte(text), Limits{})
}

func TestCompileRefuses(t *testing.T) {
	for _, c := range []struct{ text, err, hint string }{
		// Keywords.
		{"type: strin", `s.yaml:1:7: type: expected one of "array", "boolean", "integer", "null", "number", "object", "string", found "strin" (at /type)`, `did you mean "string"?`},
		{"type: [string, nul]", `s.yaml:1:16: type: expected one of "array", "boolean", "integer", "null", "number", "object", "string", found "nul" (at /type/1)`, `did you mean "null"?`},
		{"type: float", `s.yaml:1:7: type: expected one of "array", "boolean", "integer", "null", "number", "object", "string", found "float" (at /type)`, `write "number"`},
		{"type: datetime", `s.yaml:1:7: type: expected one of "array", "boolean", "integer", "null", "number", "object", "string", found "datetime" (at /type)`, `write "type": "string" with a "format"`},
		{"minLength: -1", "s.yaml:1:12: minLength: expected at least 0, found -1 (at /minLength)", ""},
		{"minLength: '3'", `s.yaml:1:12: minLength: expected an integer, found "3" (at /minLength)`, ""},
		{"maxItems: 1.5", "s.yaml:1:11: maxItems: expected an integer, found 1.5 (at /maxItems)", ""},
		{"maxLength: 1e30", "s.yaml:1:12: maxLength: 1e30 is too large (at /maxLength)", ""},
		{"multipleOf: 0", "s.yaml:1:13: multipleOf: expected more than 0, found 0 (at /multipleOf)", ""},
		{"enum: []", "s.yaml:1:7: enum: expected at least 1 item, found 0 items (at /enum)", ""},
		{"pattern: '('", `s.yaml:1:10: "(" is no regular expression: missing closing ) (at /pattern)`, ""},
		{"patternProperties: {a: {}, '[': {}}", `s.yaml:1:33: "[" is no regular expression: missing closing ] (at /patternProperties/[)`, ""},
		{"properties:\n  a:\n    required: true", "s.yaml:3:15: required: expected an array, found true (at /properties/a/required)", `"required" stands in the object and lists the names of its members`},
		{"properties: {a: {items: {allOf: [{type: {}}]}}}", `s.yaml:1:41: type: expected one of "array", "boolean", "integer", "null", "number", "object", "string", found an object of 0 members (at /properties/a/items/allOf/0/type)`, ""},
		{"exclusiveMinimum: true", "s.yaml:1:19: exclusiveMinimum: expected a number, found true (at /exclusiveMinimum)", `in this dialect the bound itself stands here, in place of "minimum"`},
		{"$schema: https://json-schema.org/draft/2020-12/schema\nitems: [{}]", "s.yaml:2:8: items: expected a boolean or an object, found an array of 1 item (at /items)", `in this dialect the list is called "prefixItems"`},
		{"items: 5", "s.yaml:1:8: items: expected a boolean or an object, found 5 (at /items)", ""},
		{"properties: {a: 5}", "s.yaml:1:17: a: expected a boolean or an object, found 5 (at /properties/a)", ""},
		{"[1]", "s.yaml:1:1: schema: expected a boolean or an object, found an array of 1 item", ""},
		{"$schema: http://example.com/own", `s.yaml:1:10: unknown dialect "http://example.com/own" (at /$schema)`, `write "http://json-schema.org/draft-07/schema#" or "https://json-schema.org/draft/2020-12/schema"`},
		// References.
		{"$ref: '#/definitions/orde'\ndefinitions: {order: {}, user: {}}", `s.yaml:1:7: $ref "#/definitions/orde": nothing stands at "/definitions/orde" (at /$ref)`, `did you mean "/definitions/order"?`},
		{"items: {$ref: '#/definition/order/x'}\ndefinitions: {order: {}}", `s.yaml:1:15: $ref "#/definition/order/x": nothing stands at "/definition/order/x" (at /items/$ref)`, `did you mean "/definitions"?`},
		{"$ref: '#/x/1'\nx: [{}]", `s.yaml:1:7: $ref "#/x/1": nothing stands at "/x/1" (at /$ref)`, ""},
		{"$ref: '#hre'\nx: {$id: '#here'}", `s.yaml:1:7: $ref "#hre" names an anchor that does not exist (at /$ref)`, `did you mean "here"?`},
		{"$ref: '%zz'", `s.yaml:1:7: $ref "%zz" is no URI reference (at /$ref)`, ""},
		{"$ref: '#%zz'", `s.yaml:1:7: $ref "#%zz" is no URI reference (at /$ref)`, ""},
		{"$id: https://example.com/a.json\nitems: {$ref: b.json}", `s.yaml:2:15: $ref "b.json" is a URL because of the "$id" "https://example.com/a.json" around it (at /items/$ref)`, "remove the $id, or refer to what stands in this document"},
		{"$ref: other.yaml", `s.yaml:1:7: $ref "other.yaml" names another file, but no other files can be loaded here (at /$ref)`, ""},
		// Loops.
		{"allOf: [{$ref: '#'}]", "s.yaml:1:1: this schema refers to itself without entering a member or an item", "no value can be judged by it; put the reference under properties or items"},
		{"properties: {x: {$ref: '#/definitions/a'}}\ndefinitions: {a: {$ref: '#/definitions/b'}, b: {$ref: '#/definitions/a'}}", "s.yaml:2:18: this schema refers to itself without entering a member or an item (at /definitions/a)", "no value can be judged by it; put the reference under properties or items"},
		{"not: {if: {type: string}, else: {$ref: '#'}}", "s.yaml:1:1: this schema refers to itself without entering a member or an item", "no value can be judged by it; put the reference under properties or items"},
		{"$ref: '#/definitions/a/nothing'\ndefinitions: {a: true}", `s.yaml:1:7: $ref "#/definitions/a/nothing": nothing stands at "/definitions/a/nothing" (at /$ref)`, ""},
	} {
		_, err := Compile(read(t, "s.yaml", c.text), "", Options{})
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("%q: got %v", c.text, err)
			continue
		}
		if e.Error() != c.err || e.Hint != c.hint {
			t.Errorf("%q:\n got %s; hint %q\nwant %s; hint %q", c.text, e, e.Hint, c.err, c.hint)
		}
	}
}

// TestCompilePointer: a schema stands anywhere in a document that is none.
func TestCompilePointer(t *testing.T) {
	d := read(t, "asyncapi.yaml", `
asyncapi: 3.1.0
type: this is no schema
items: neither is this
components:
  messages:
    order.create: {payload: {properties: {id: {$ref: '#/components/schemas/id'}}}}
    a/b: {payload: {$schema: https://json-schema.org/draft/2020-12/schema, prefixItems: [{type: string}]}}
  schemas:
    id: {type: integer}
    broken: {type: strin}
`)
	s, err := Compile(d, "/components/messages/order.create/payload", Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := []Violation{{Pointer: "/id", Rule: "type", Expected: "an integer", Found: `"x"`, SchemaPointer: "/components/schemas/id/type"}}
	if diff := cmp.Diff(want, s.Validate([]byte(`{"id":"x"}`))); diff != "" {
		t.Error(diff)
	}
	s, err = Compile(d, "/components/messages/a~1b/payload", Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Validate([]byte(`[1]`))) == 0 {
		t.Error("the $schema of the schema itself is not heard")
	}
	for pointer, want := range map[string]string{
		"/components/schemas/broken": "asyncapi.yaml:11:20: type: ",
		"/components/schemas/idd":    `asyncapi.yaml:10:5: nothing stands at "/components/schemas/idd"`,
		"components":                 `asyncapi.yaml:2:1: nothing stands at "components"`,
		"":                           "asyncapi.yaml:3:7: type: ",
	} {
		if _, err := Compile(d, pointer, Options{}); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v, want %s…", pointer, err, want)
		}
	}
	if _, err := Compile(d, "", Options{Dialect: "draft-7"}); err == nil || err.(*Error).Hint != `did you mean "draft-07", "draft-06" or "draft-04"?` && !strings.Contains(err.(*Error).Hint, "draft-07") {
		t.Errorf("got %v", err)
	}
}

// TestLoad: other files are asked for by clean names, once each, and their
// places appear in errors and violations.
func TestLoad(t *testing.T) {
	files := &set{files: map[string]string{
		"shared/money.yaml":     "type: string\npattern: ^[0-9]+$\n",
		"shared/shapes.yaml":    "line: {properties: {price: {$ref: money.yaml}, order: {$ref: '../orders/order.yaml'}}}\nbad:\n  type: 5\n",
		"shared/with space.yml": "type: 'null'",
		"syntax.yaml":           "a: [1",
	}}
	compile := func(text string) (*Schema, error) {
		files.asked = nil
		return Compile(read(t, "orders/order.yaml", text), "", Options{Load: files.load})
	}
	files.files["orders/order.yaml"] = "title: the loaded one"

	s, err := compile(`
properties:
  lines: {items: {$ref: "../shared/./shapes.yaml#/line"}}
  total: {$ref: ../orders/../shared/money.yaml#}
  self: {$ref: order.yaml#/properties/total}
  none: {$ref: ../shared/with%20space.yml}
`)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"shared/shapes.yaml", "shared/money.yaml", "shared/with space.yml"}, files.asked); diff != "" {
		t.Error(diff)
	}
	want := []Violation{
		{Pointer: "/lines/0/order/total", Rule: "type", Expected: "a string", Found: "1", SchemaPointer: "/type"},
		{Pointer: "/none", Rule: "type", Expected: "null", Found: "0", SchemaPointer: "/type"},
		{Pointer: "/self", Rule: "pattern", Expected: "text that matches ^[0-9]+$", Found: `"x"`, SchemaPointer: "/pattern"},
	}
	if diff := cmp.Diff(want, s.Validate([]byte(`{"lines":[{"order":{"total":1}}],"none":0,"self":"x"}`))); diff != "" {
		t.Error(diff)
	}
	if doc := s.Node().Properties[0].Node.Items.Ref.Document; doc != "shared/shapes.yaml" {
		t.Errorf("the node is of document %q", doc)
	}

	for text, want := range map[string]string{
		"$ref: ../shared/mony.yaml":            `orders/order.yaml:1:7: $ref "../shared/mony.yaml" names a file that does not exist (at /$ref)`,
		"$ref: ../shared/shapes.yaml#/bad":     `shared/shapes.yaml:3:9: type: expected one of "array", "boolean", "integer", "null", "number", "object", "string", found 5 (at /bad/type)`,
		"$ref: ../shared/shapes.yaml#/line/pr": `orders/order.yaml:1:7: $ref "../shared/shapes.yaml#/line/pr": nothing stands at "/line/pr" (at /$ref)`,
		"$ref: ../syntax.yaml":                 `syntax.yaml:2:1: while parsing a flow sequence: did not find expected ',' or ']'`,
	} {
		if _, err := compile(text); err == nil || err.Error() != want {
			t.Errorf("%q:\n got %v\nwant %s", text, err, want)
		}
	}
}

// TestLoadNeverAsked: references that leave the set, and every URL, are refused
// before the Loader is asked, at the reference.
func TestLoadNeverAsked(t *testing.T) {
	for _, ref := range []string{
		"http://example.com/x.yaml", "https://example.com/x.yaml", "HTTP://example.com", "file:///etc/passwd", "file:x.yaml", "FILE:/etc/passwd",
		"//example.com/x.yaml", "///etc/passwd", "/etc/passwd", "/x.yaml", "\\\\host\\share", "C:\\x.yaml", "c:/x.yaml", "..\\x.yaml", "a\\..\\..\\x.yaml",
		"../../x.yaml", "../..", "a/../../../x.yaml", "./../../x.yaml", "../set/../../x.yaml",
		"%2e%2e/%2e%2e/x.yaml", "..%2f..%2fx.yaml", "%2E%2E/x.yaml", "a%5c..%5cx.yaml", "x.yaml%00.txt", "..%252f..%252fx.yaml", "%252e%252e/x.yaml",
		"x.yaml?y", "x.yaml?", "?x", "user@host:x.yaml", "data:application/json,{}", "javascript:x", "urn:x:y", "set:///x.yaml", "set:x.yaml", "set:/sub/x.yaml?a&b",
		"jar:file:/x!/y", "http:x.yaml", "http:///x.yaml", "http://json-schema.org/x", "https://json-schema.org/draft-99/schema", "http://json-schema.org.evil.example/draft-07/schema",
		"\x00", "a\x00b", ":", "://", "%", "..", ".", "./", "../", "sub/..", "sub/../..",
	} {
		t.Run(ref, func(t *testing.T) {
			for _, keyword := range []string{"$ref", "$dynamicRef", "$recursiveRef"} {
				text := string(marshal(map[string]any{"items": map[string]any{keyword: ref}}))
				d := read(t, "sub/order.json", text)
				asked := false
				_, err := Compile(d, "", Options{Dialect: Draft20, Load: func(name string) (*Document, error) {
					asked = true
					return nil, fs.ErrNotExist
				}})
				var e *Error
				if !errors.As(err, &e) || e.Pointer != "/items/"+keyword || e.Line != 1 || e.Column != len(`{"items":{"":`)+len(keyword)+1 {
					t.Errorf("%s: got %v", keyword, err)
				}
				if asked {
					t.Errorf("%s: the Loader was asked", keyword)
				}
			}
		})
	}
}

// TestNamesOutsideTheSet: a document that is read by a path of the machine
// stands at the root of its set.
func TestNamesOutsideTheSet(t *testing.T) {
	for _, name := range []string{"/home/me/order.json", "../order.json", "", ".", "C:\\me\\order.json", "-"} {
		var asked []string
		_, err := Compile(read(t, name, `{"$ref":"shared/x.json"}`), "", Options{Load: func(n string) (*Document, error) {
			asked = append(asked, n)
			return Read(n, []byte("{}"), Limits{})
		}})
		if err != nil || !slices.Equal(asked, []string{"shared/x.json"}) {
			t.Errorf("%q: asked for %q, %v", name, asked, err)
		}
	}
}

// TestCompileTogether: schemas of one document are compiled at the same time,
// and share what they share.
func TestCompileTogether(t *testing.T) {
	var text strings.Builder
	text.WriteString("shared: {properties: {next: {$ref: '#/shared'}, at: {type: string, format: date-time}}}\nevents:\n")
	const n = 50
	for i := range n {
		fmt.Fprintf(&text, "  e%d: {properties: {a: {$ref: '#/shared'}, b: {$ref: '#/events/e%d'}, c: {const: %d}}}\n", i, (i+1)%n, i)
	}
	d := read(t, "s.yaml", text.String())
	var wg sync.WaitGroup
	nodes := make([]*Node, n)
	for i := range n {
		wg.Go(func() {
			s, err := Compile(d, fmt.Sprintf("/events/e%d", i), Options{})
			if err != nil {
				t.Error(err)
				return
			}
			if v := s.Validate(fmt.Appendf(nil, `{"a":{"next":{"at":"x"}},"b":{"b":{"c":%d}}}`, (i+2)%n)); len(v) != 1 || v[0].Rule != "format" {
				t.Errorf("e%d: %v", i, v)
			}
			s.Bundle()
			nodes[i] = s.Node()
		})
	}
	wg.Wait()
	for i, node := range nodes {
		if node.Properties[0].Node.Ref != nodes[0].Properties[0].Node.Ref || node.Properties[1].Node.Ref != nodes[(i+1)%n] {
			t.Errorf("e%d has nodes of its own", i)
		}
	}
}

// TestCompileHostile: schemas made to be expensive are refused, or judge in
// time; the test's own time limit is what a slow compiler breaks.
func TestCompileHostile(t *testing.T) {
	lines := func(n int, format string) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(strings.ReplaceAll(strings.ReplaceAll(format, "NEXT", fmt.Sprint(i+1)), "THIS", fmt.Sprint(i)))
		}
		return b.String()
	}
	for name, c := range map[string]struct{ text, err string }{
		"doubling":  {"$ref: '#/d/0'\nd:\n" + lines(60, "  'THIS': {allOf: [{$ref: '#/d/NEXT'}, {$ref: '#/d/NEXT'}]}\n") + "  '60': {}\n", "schemas apply to one value"},
		"a chain":   {"$ref: '#/d/0'\nd:\n" + lines(3000, "  'THIS': {$ref: '#/d/NEXT'}\n") + "  '3000': {}\n", "references and applicators lead to this schema"},
		"too many":  {"properties:\n" + lines(maxSchemas, "  'THIS': {type: string}\n"), "more than 50000 schemas"},
		"many refs": {"properties:\n" + lines(4000, "  'THIS': {$ref: '#/d/THIS'}\n") + "d:\n" + lines(4000, "  'THIS': {type: string}\n"), ""},
		"one loop":  {"d:\n" + lines(3000, "  'THIS': {items: {$ref: '#/d/NEXT'}}\n") + "  '3000': {$ref: '#/d/0'}\n$ref: '#/d/0'\n", ""},
		"patterns":  {"properties:\n" + lines(4000, "  'THIS': {pattern: '^(a|b){THIS}$'}\n"), ""},
		"lists":     {"properties: {a: " + strings.Repeat("{items: ", 90) + "{}" + strings.Repeat("}", 90) + "}", ""},
	} {
		_, err := Compile(read(t, "s.yaml", c.text), "", Options{})
		if c.err == "" && err != nil || c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)) {
			t.Errorf("%s: got %v, want %q", name, err, c.err)
		}
	}
}
