package schema

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// TestReadValues: a value has the type that its JSON spelling has.
func TestReadValues(t *testing.T) {
	number := func(s string) any { return json.Number(s) }
	for text, want := range map[string]any{
		// JSON
		`{"a":1.10}`: map[string]any{"a": number("1.10")}, `[1E+2,-0,12345678901234567890123]`: []any{number("1E+2"), number("-0"), number("12345678901234567890123")},
		`"\/\u00e9\ud83d\ude00\ud83d"`: "/é😀\uFFFD", `[true,false,null]`: []any{true, false, nil},
		"\uFEFF{}\n": map[string]any{}, "{\t\"a\"\r\n:\t[ ] }": map[string]any{"a": []any{}},
		`{"` + strings.Repeat("long", 500) + `":1}`: map[string]any{strings.Repeat("long", 500): number("1")},
		// YAML
		"a: 1.10": map[string]any{"a": number("1.10")}, "a: 1e5": map[string]any{"a": number("1e5")},
		"- .5\n- +1\n- 1.\n- -.5e3\n- +.5\n": []any{number("0.5"), number("1"), number("1"), number("-0.5e3"), number("0.5")},
		"- 0x1F\n- 0o17":                     []any{number("31"), number("15")},
		"- 2024-01-01\n- 2024-01-01T00:00:00Z\n- !!timestamp 2024-01-01":       []any{"2024-01-01", "2024-01-01T00:00:00Z", "2024-01-01"},
		"- no\n- yes\n- on\n- Off\n- y":                                        []any{"no", "yes", "on", "Off", "y"},
		"- True\n- FALSE\n- ~\n- Null\n-":                                      []any{true, false, nil, nil, nil},
		"- 12:30\n- 1.2.3\n- 1-2\n- -\n- +49 30\n- 1e\n- 0x\n- .x\n- 1,5":      []any{"12:30", "1.2.3", "1-2", []any{nil}, "+49 30", "1e", "0x", ".x", "1,5"},
		"- !!str 5\n- ! 6\n- !!int 7\n- !!float 8\n- !!bool true\n- !!null ''": []any{"5", "6", number("7"), number("8"), true, nil},
		"- '5'\n- \"6\"\n- |\n  7\n- >-\n  8":                                  []any{"5", "6", "7\n", "8"},
		"200: ok\n2.5: x\ntrue: y\nnull: z\n0x1F: h\n\"\": e":                  map[string]any{"200": "ok", "2.5": "x", "true": "y", "null": "z", "0x1F": "h", "": "e"},
		"a: &x {b: [1]}\nc: *x\nd: [*x]": map[string]any{
			"a": map[string]any{"b": []any{number("1")}}, "c": map[string]any{"b": []any{number("1")}}, "d": []any{map[string]any{"b": []any{number("1")}}}},
		"{a: 1, 'b': two}":         map[string]any{"a": number("1"), "b": "two"},
		"\"a\": 1\n":               map[string]any{"a": number("1")},
		"# c\n---\na: \"<<\"\n...": map[string]any{"a": "<<"},
	} {
		d, err := Read("f.yaml", []byte(text), Limits{})
		if err != nil {
			t.Errorf("%q: %v", text, err)
		} else if diff := cmp.Diff(want, d.Value()); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
}

// TestReadRefuses: what is refused is refused at its place and with advice.
func TestReadRefuses(t *testing.T) {
	for _, c := range []struct{ text, err, hint string }{
		{"", "f.yaml:1:1: the file is empty", ""},
		{"# only words\n", "f.yaml:1:1: the file is empty", ""},
		{"---\n", "f.yaml:1:1: the file is empty", ""},
		{"a: 1\n---\nb: 2\n", "f.yaml:2:1: a second YAML document in one file", ""},
		{"a: 1\nb: {c: 1, c: 2}", `f.yaml:2:11: duplicate member "c" (at /b/c)`, ""},
		{"200: a\n\"200\": b", `f.yaml:2:1: duplicate member "200" (at /200)`, ""},
		{"{\"a\": {\n \"é\": 1, \"é\": 2}}", `f.yaml:2:10: duplicate member "é" (at /a/é)`, ""},
		{"a:\n- 1_000", "f.yaml:2:3: 1_000 is a number to some readers of YAML and text to others (at /a/0)", `write 1000, or "1_000" in quotes for text`},
		{"zip: 01067", "f.yaml:1:6: 01067 is a number to some readers of YAML and text to others (at /zip)", `write 1067, or "01067" in quotes for text`},
		{"a: -007.50e1", "f.yaml:1:4: -007.50e1 is a number to some readers of YAML and text to others (at /a)", `write -7.50e1, or "-007.50e1" in quotes for text`},
		{"a: 0b11", "f.yaml:1:4: 0b11 is a number to some readers of YAML and text to others (at /a)", `write 3, or "0b11" in quotes for text`},
		{"a: -0x1_F", "f.yaml:1:4: -0x1_F is a number to some readers of YAML and text to others (at /a)", `write -31, or "-0x1_F" in quotes for text`},
		{"a: 0_0", "f.yaml:1:4: 0_0 is a number to some readers of YAML and text to others (at /a)", `write 0, or "0_0" in quotes for text`},
		{"a: .inf", "f.yaml:1:4: .inf is no number in JSON (at /a)", `write ".inf" in quotes for text`},
		{"a: -.Inf", "f.yaml:1:4: -.Inf is no number in JSON (at /a)", `write "-.Inf" in quotes for text`},
		{"a: .nan", "f.yaml:1:4: .nan is no number in JSON (at /a)", `write ".nan" in quotes for text`},
		{"a: 1e1001", "f.yaml:1:4: number 1e1001 is out of range (at /a)", numberHint},
		{"[1e-1001]", "f.yaml:1:2: number 1e-1001 is out of range", numberHint},
		{"a: 0xFFFFFFFFFFFFFFFFF", "f.yaml:1:4: number 0xFFFFFFFFFFFFFFFFF is out of range (at /a)", "write it as a decimal"},
		{"a: !!binary aGk=", "f.yaml:1:4: unknown tag !!binary (at /a)", "remove the tag"},
		{"a: !point {x: 1}", "f.yaml:1:4: unknown tag !point (at /a)", "remove the tag"},
		{"a: !!set [x]", "f.yaml:1:4: unknown tag !!set (at /a)", "remove the tag"},
		{"!x a: 1", "f.yaml:1:1: unknown tag !x on a member name", "remove the tag"},
		{"a: !!int x", `f.yaml:1:4: "x" is no int (at /a)`, ""},
		{"b: &b {x: 1}\na:\n  <<: *b", "f.yaml:3:3: merge keys (<<) are not supported (at /a)", `write the members out, or use "allOf" or "$ref" in a schema`},
		{"? [a]\n: b", "f.yaml:1:3: a member name must be text", "write the name out as text"},
		{": b", "f.yaml:1:1: a member without a name", `write "" if the name is empty`},
		{"a: *x", "f.yaml:1:4: unknown anchor 'x' referenced", "define the anchor before it is used"},
		{"a: &x\n  b: [*x]", "f.yaml:2:7: alias *x stands inside what it names (at /a/b/0)", ""},
		{"a:\n\t- x", "f.yaml:2:1: a tab cannot indent YAML", "use spaces"},
		{"a: b: c", "f.yaml:1:5: mapping values are not allowed in this context", "check the indentation, and put text with a colon in quotes"},
		{"ü: @x", "f.yaml:1:4: while scanning for the next token: found character that cannot start any token", "put text that begins with this character in quotes"},
		{"a: 'x\x01'", "f.yaml:1:6: a control character", ""},
		{"a: é\n\xff", "f.yaml:2:1: invalid UTF-8", "save the file as UTF-8"},
		{"{\"a\": 1 \"b\": 2}", `f.yaml:1:9: unexpected '"', expected a comma or '}'`, ""},
		{"{\"a\": 1,}", "f.yaml:1:9: unexpected '}' after a comma", ""},
		{"{\"a\": 01}", "f.yaml:1:8: unexpected '1', expected a comma or '}'", ""},
		{"{\"a\": nul}", "f.yaml:1:7: unexpected 'n', expected a value", ""},
		{"[{\"a\": \"x\n\"}]", `f.yaml:1:10: control character '\n' inside a string`, ""},
		{"{\"a\": \"\\x\"}", `f.yaml:1:8: unknown escape \x`, ""},
		{"{} {}", "f.yaml:1:4: unexpected '{' after the end of the value", ""},
		{"{\"a\":", "f.yaml:1:6: unexpected end", ""},
	} {
		_, err := Read("f.yaml", []byte(c.text), Limits{})
		e, ok := err.(*Error)
		if !ok {
			t.Errorf("%q: got %v", c.text, err)
			continue
		}
		if e.Error() != c.err || e.Hint != c.hint {
			t.Errorf("%q:\n got %s; hint %q\nwant %s; hint %q", c.text, e, e.Hint, c.err, c.hint)
		}
	}
}

// TestReadLimits: each limit refuses one more than it allows, in both
// languages.
func TestReadLimits(t *testing.T) {
	deep := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	deepYAML := func(n int) string { return strings.Repeat("- ", n) + "x" }
	wide := func(n int) string { return "[" + strings.Repeat("0,", n-2) + "0]" }
	wideYAML := func(n int) string { return strings.Repeat("- x\n", n-1) }
	aliases := func(n int) string { return "- &a x\n" + strings.Repeat("- *a\n", n) }
	for _, c := range []struct {
		name string
		lim  Limits
		text func(n int) string
		n    int
		err  string
	}{
		{"bytes", Limits{Bytes: 100}, func(n int) string { return strings.Repeat("a", n) }, 100, "the file is too large"},
		{"depth", Limits{Depth: 10}, deep, 10, "too deeply nested"},
		{"depth of YAML", Limits{Depth: 10}, deepYAML, 10, "too deeply nested"},
		{"nodes", Limits{Nodes: 100}, wide, 100, "too many values"},
		{"nodes of YAML", Limits{Nodes: 100}, wideYAML, 100, "too many values"},
		{"aliases", Limits{Aliases: 10}, aliases, 10, "too many aliases"},
		{"nodes behind aliases", Limits{Nodes: 102}, func(n int) string {
			return "- &a [1,2,3,4,5,6,7,8,9]\n" + strings.Repeat("- *a\n", n)
		}, 9, "too many values"},
		{"depth behind aliases", Limits{Depth: 10}, func(n int) string {
			return "- &a [[[[x]]]]\n- " + strings.Repeat("[", n) + "*a" + strings.Repeat("]", n)
		}, 5, "too deeply nested"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := Read("f.yaml", []byte(c.text(c.n)), c.lim); err != nil {
				t.Errorf("%d: %v", c.n, err)
			}
			if _, err := Read("f.yaml", []byte(c.text(c.n+1)), c.lim); err == nil || !strings.Contains(err.Error(), c.err) {
				t.Errorf("%d: got %v, want %s", c.n+1, err, c.err)
			} else if e := err.(*Error); e.Hint == "" {
				t.Errorf("%v has no hint", e)
			}
		})
	}
}

// TestReadHostile: texts made to be expensive are refused; the test's own time
// limit is what a slow reader breaks.
func TestReadHostile(t *testing.T) {
	var bomb strings.Builder
	bomb.WriteString("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n")
	for i := range 30 {
		fmt.Fprintf(&bomb, "a%d: &a%d [%s]\n", i+1, i+1, strings.Repeat(fmt.Sprintf("*a%d,", i), 10))
	}
	var stairs strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&stairs, "%sa:\n", strings.Repeat(" ", i))
	}
	for name, text := range map[string]string{
		"50 MB":               strings.Repeat("a", 50<<20),
		"alias bomb":          bomb.String(),
		"100k lists":          strings.Repeat("[", 100_000),
		"100k lists of YAML":  "a: " + strings.Repeat("[", 100_000),
		"100k block lists":    strings.Repeat("- ", 100_000),
		"100k objects":        strings.Repeat(`{"a":`, 100_000),
		"stairs":              stairs.String(),
		"8 MB of list":        strings.Repeat("- a\n", 2<<20),
		"8 MB of JSON":        "[" + strings.Repeat("1,", 4<<20-10) + "1]",
		"8 MB of flow":        "x: [" + strings.Repeat("a,", 4<<20-10) + "]",
		"8 MB of null keys":   "x: [" + strings.Repeat("? ,", 2<<20) + "]",
		"8 MB of tabs":        strings.Repeat("\t", 8<<20),
		"a number of 8 MB":    "a: " + strings.Repeat("1", 8<<20-10),
		"a number of 1 MB":    "[" + strings.Repeat("1", 1<<20) + "]",
		"many many anchors":   strings.Repeat("- &a x\n", 1_100_000),
		"a column of 1 MB":    "{" + strings.Repeat(`"a":1,`, 100_000) + "}",
		"a line per document": strings.Repeat("---\na\n", 100_000),
	} {
		if _, err := Read("f.yaml", []byte(text), Limits{}); err == nil {
			t.Errorf("%s: not refused", name)
		} else if len(err.Error()) > 300 {
			t.Errorf("%s: the error has %d bytes", name, len(err.Error()))
		}
	}
}

// TestPositions: every pointer has a line and a column, in characters.
func TestPositions(t *testing.T) {
	const yamlText = "a: 1\nü:\n  - x: {y: é, z: [1, 2]}\n  - &n\n    b/c: ~\nd: *n\n"
	const jsonText = "\uFEFF{\n  \"a\": 1, \"ü\": [{\"é\": {\"y\": 2}}, [3,\n 4]],\n  \"b/c\": {\"~\": null}\n}"
	for _, c := range []struct {
		text, pointer string
		line, column  int
	}{
		{yamlText, "", 1, 1}, {yamlText, "/a", 1, 4}, {yamlText, "/ü", 3, 3}, {yamlText, "/ü/0", 3, 5}, {yamlText, "/ü/0/x/z/1", 3, 22},
		{yamlText, "/ü/1/b~1c", 5, 10}, {yamlText, "/d", 6, 4}, {yamlText, "/d/b~1c", 5, 10},
		{yamlText, "/ü/0/x/nothing/here", 3, 8}, {yamlText, "/ü/7", 3, 3}, {yamlText, "no pointer", 1, 1},
		{jsonText, "", 1, 1}, {jsonText, "/a", 2, 8}, {jsonText, "/ü", 2, 16}, {jsonText, "/ü/0/é/y", 2, 29},
		{jsonText, "/ü/1/0", 2, 35}, {jsonText, "/ü/1/1", 3, 2}, {jsonText, "/b~1c/~0", 4, 16},
	} {
		d := read(t, "f.yaml", c.text)
		if line, column := d.Position(c.pointer); line != c.line || column != c.column {
			t.Errorf("%q: %d:%d, want %d:%d", c.pointer, line, column, c.line, c.column)
		}
	}
	d := read(t, "f.yaml", yamlText)
	if got := d.Errorf("/ü/0", "bad %d", 7).Error(); got != "f.yaml:3:5: bad 7 (at /ü/0)" {
		t.Error(got)
	}
}

func TestLookupAndKeys(t *testing.T) {
	d := read(t, "f.yaml", "z: 1\na: {c: [x, {q: null}], b: 2}\n'': {'~/': 3}\n")
	if diff := cmp.Diff([]string{"z", "a", ""}, d.Keys("")); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"c", "b"}, d.Keys("/a")); diff != "" {
		t.Error(diff)
	}
	for _, pointer := range []string{"/z", "/a/c", "/nothing", "a"} {
		if keys := d.Keys(pointer); keys != nil {
			t.Errorf("%s: keys %q", pointer, keys)
		}
	}
	for pointer, want := range map[string]any{"/z": json.Number("1"), "/a/c/0": "x", "/a/c/1/q": nil, "//~0~1": json.Number("3")} {
		if v, ok := d.Lookup(pointer); !ok || v != want {
			t.Errorf("%s: %v %v", pointer, v, ok)
		}
	}
	for _, pointer := range []string{"/x", "/a/c/2", "/a/c/01", "/a/c/-1", "/a/c/-", "/z/0", "z", "/a/c/18446744073709551617"} {
		if v, ok := d.Lookup(pointer); ok {
			t.Errorf("%s: %v", pointer, v)
		}
	}
}

// TestManyKeys: objects of any size find their members.
func TestManyKeys(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 100).Draw(t, "n")
		var text strings.Builder
		for i := range n {
			fmt.Fprintf(&text, "k%d: %d\n", i*7%101, i)
		}
		text.WriteString("last: x")
		d, err := Read("f.yaml", []byte(text.String()), Limits{})
		if err != nil {
			t.Fatal(err)
		}
		keys := d.Keys("")
		if len(keys) != n+1 || keys[n] != "last" {
			t.Fatalf("keys %q", keys)
		}
		for i, key := range keys {
			if line, _ := d.Position("/" + key); line != i+1 {
				t.Errorf("%s in line %d, want %d", key, line, i+1)
			}
		}
	})
}

// TestReadersAgree: what encoding/json writes, both readers understand alike.
func TestReadersAgree(t *testing.T) {
	value := rapid.Custom(func(t *rapid.T) any { return jsonValue(t, 3) })
	rapid.Check(t, func(t *rapid.T) {
		v := value.Draw(t, "v")
		text := marshal(v)
		asJSON, err := Read("f.json", text, Limits{})
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		asYAML, err := Read("f.yaml", append([]byte("v: "), text...), Limits{})
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if diff := cmp.Diff(v, asJSON.Value()); diff != "" {
			t.Errorf("JSON: %s", diff)
		}
		got, _ := asYAML.Lookup("/v")
		if diff := cmp.Diff(v, got); diff != "" {
			t.Errorf("YAML: %s", diff)
		}
	})
}

// jsonValue draws a JSON value.
func jsonValue(t *rapid.T, depth int) any {
	kinds := 6
	if depth == 0 {
		kinds = 4
	}
	switch rapid.IntRange(0, kinds-1).Draw(t, "kind") {
	case 0:
		return nil
	case 1:
		return rapid.Bool().Draw(t, "bool")
	case 2:
		return json.Number(rapid.StringMatching(`-?(0|[1-9][0-9]{0,20})(\.[0-9]{1,5})?([eE][-+]?[0-9]{1,2})?`).Draw(t, "number"))
	case 3:
		return text(t)
	case 4:
		list := []any{}
		for range rapid.IntRange(0, 4).Draw(t, "items") {
			list = append(list, jsonValue(t, depth-1))
		}
		return list
	}
	object := map[string]any{}
	for range rapid.IntRange(0, 4).Draw(t, "members") {
		object[text(t)] = jsonValue(t, depth-1)
	}
	return object
}

// text draws a string of characters that YAML allows too.
func text(t *rapid.T) string {
	return rapid.StringMatching("[ -~éß€😀\n\t]{0,12}").Draw(t, "text")
}
