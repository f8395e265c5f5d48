package faker_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/catalog"
	"github.com/hookrig/hookrig/contracts/schema"
	"github.com/hookrig/hookrig/faker"
)

// related says, in other words than the faker, whether a violation may stand
// beside the one that a breakage is about.
func related(v schema.Violation, x faker.Breakage) bool {
	at, about := strings.Split(v.Pointer, "/"), strings.Split(x.Pointer, "/")
	within := func(outer, inner []string) bool {
		return len(outer) <= len(inner) && slices.Equal(outer, inner[:len(outer)])
	}
	alternatives := []string{"anyOf", "oneOf"}
	switch {
	case slices.Equal(at, about):
		return true
	case within(about, at):
		return slices.Contains(alternatives, x.Rule)
	case strings.HasPrefix(v.Rule, "unevaluated"):
		return within(at[:len(at)-1], about)
	}
	return within(at, about) && slices.Contains(append(alternatives, "contains", "minContains"), v.Rule)
}

// mislabelled says what is wrong with a breakage of a schema, "" if nothing.
func mislabelled(s *schema.Schema, x faker.Breakage) string {
	found := s.Validate(x.Event.Body)
	named := func(v schema.Violation) bool {
		return v.Rule == x.Rule && v.Pointer == x.Pointer && v.SchemaPointer == x.SchemaPointer
	}
	switch {
	case !slices.ContainsFunc(found, named):
		return fmt.Sprintf("the rule is not reported: %v", found)
	case !strings.HasPrefix(x.Label, x.Rule+":"+x.Pointer):
		return "the label is of another place"
	case x.Raw || x.ContentType != "":
		return "it is no matter of bytes"
	}
	for _, v := range found {
		if !related(v, x) {
			return fmt.Sprintf("something else is reported: %v", v)
		}
	}
	return ""
}

// Every label of every event of every contract is what the compiled schema
// reports.
func TestBrokenCatalog(t *testing.T) {
	counts, events := map[string]int{}, 0
	for _, provider := range catalog.Names {
		c, err := catalog.Load(provider)
		if err != nil {
			t.Fatal(err)
		}
		f, err := faker.New(c, faker.Options{Seed: 5, Locale: "cs"})
		if err != nil {
			t.Fatal(err)
		}
		for i, et := range c.EventTypes() {
			if i%3 != 0 && !whole() {
				continue
			}
			events++
			s, err := et.Schema()
			if err != nil {
				t.Fatal(err)
			}
			broken, err := f.Broken(et.Name())
			if err != nil {
				t.Fatal(err)
			}
			labels := map[string]bool{}
			for x := range broken {
				if labels[x.Label] || x.Event.Type != et {
					t.Errorf("%s: %s is there twice, or of type %v", et.Name(), x.Label, x.Event.Type)
				}
				labels[x.Label] = true
				counts[x.Rule]++
				if x.Rule == "wire" {
					checkWire(t, s, x)
				} else if why := mislabelled(s, x); why != "" {
					t.Errorf("%s: %s: %s\n%s", et.Name(), x.Label, why, x.Event.Body)
				}
			}
			for _, least := range []string{"type:", "wire:truncated"} {
				if !labels[least] {
					t.Errorf("%s has no %s", et.Name(), least)
				}
			}
		}
	}
	for _, rule := range slices.Sorted(maps.Keys(counts)) {
		t.Logf("%-22s %5d", rule, counts[rule])
	}
	t.Logf("of %d events", events)
	for rule, least := range map[string]int{"type": 3500, "required": 1000, "const": 250, "format": 200, "additionalProperties": 150, "wire": events * 12} {
		if rule != "wire" && !whole() {
			least /= 5
		}
		if counts[rule] < least {
			t.Errorf("only %d of rule %s", counts[rule], rule)
		}
	}
}

// checkWire looks at bytes that no schema speaks of.
func checkWire(t *testing.T, s *schema.Schema, x faker.Breakage) {
	t.Helper()
	body := x.Event.Body
	if raw := !json.Valid(body) || !utf8.Valid(body) || x.Label == "wire:duplicate"; raw != x.Raw {
		t.Errorf("%s: raw is %v: %q", x.Label, x.Raw, body)
	}
	if (x.ContentType != "") != (x.Label == "wire:utf-16" || x.Label == "wire:latin-1") {
		t.Errorf("%s claims to be %q", x.Label, x.ContentType)
	}
	found := s.Validate(body)
	switch x.Label {
	case "wire:integer", "wire:surrogate": // a schema cannot tell
		if len(found) > 0 {
			t.Errorf("%s at %q breaks the schema: %v", x.Label, x.Pointer, found)
		}
	default:
		if len(found) == 0 || found[0].Rule != "json" {
			t.Errorf("%s is JSON: %v: %q", x.Label, found, body)
		}
	}
}

// One schema for each keyword, and all that is broken of it.
func TestBrokenRules(t *testing.T) {
	for _, c := range []struct{ schema, labels string }{
		{`{"type":"integer"}`, `type:`},
		{`{"type":"string"}`, `type:`},
		{`{"type":["boolean","null"]}`, `type:`},
		{`{"enum":["a","b"]}`, `enum:`},
		{`{"const":{"a":[1]}}`, `const:`},
		{`{"type":"boolean","enum":[true]}`, `enum: type:`},
		{`{"type":"string","pattern":"^[A-Z]{2}[0-9]+$","minLength":4,"maxLength":6}`, `maxLength: minLength: pattern: type:`},
		{`{"type":"string","format":"date","pattern":"^[0-9]{4}-"}`, `format: type:`},
		{`{"type":"string","format":"email","maxLength":20}`, `format: maxLength: type:`},
		{`{"type":"string","format":"uuid"}`, `format: type:`},
		{`{"type":"string","format":"ipv4"}`, `format: type:`},
		{`{"type":"string","format":"uri-reference"}`, `format: type:`},
		{`{"type":"string","format":"json-pointer"}`, `format: type:`},
		{`{"type":"string","format":"nobody-knows"}`, `type:`},
		{`{"type":"integer","minimum":3,"exclusiveMaximum":9}`, `exclusiveMaximum: minimum: type:`},
		{`{"type":"number","exclusiveMinimum":0,"maximum":1,"multipleOf":0.25}`, `exclusiveMinimum: maximum: multipleOf: type:`},
		{`{"type":"integer","multipleOf":3,"minimum":1}`, `minimum: multipleOf: type:`},
		{`{"type":"array","items":{"type":"integer"},"minItems":2,"maxItems":3,"uniqueItems":true}`, `maxItems: minItems: type: type:/0 uniqueItems:`},
		{`{"type":"array","prefixItems":[{"type":"string"},{"const":1}],"items":false}`, `const:/1 items:/2 type: type:/0`},
		{`{"type":"array","contains":{"type":"string","minLength":3},"minContains":2,"maxContains":3}`, `maxContains: minContains: type:`},
		{`{"type":"array","prefixItems":[true],"unevaluatedItems":false}`, `type: unevaluatedItems:/1`},
		{`{"type":"object","required":["a","b"],"properties":{"a":{"type":"string"}}}`,
			`required:#/required/a required:#/required/b type: type:/a`},
		{`{"type":"object","properties":{"a":{}},"additionalProperties":false}`, `additionalProperties:/extra type:`},
		{`{"type":"object","properties":{"a":false},"patternProperties":{"^x":false}}`, `patternProperties:/xxx properties:/a type:`},
		{`{"type":"object","properties":{"a":{},"b":{}},"minProperties":1,"maxProperties":2}`, `maxProperties: minProperties: type:`},
		{`{"type":"object","propertyNames":{"pattern":"^[a-z]+$"},"minProperties":1}`, `minProperties: propertyNames:/0zz type:`},
		{`{"type":"object","properties":{"a":{},"b":{}},"dependentRequired":{"a":["b"]}}`, `dependentRequired: type:`},
		{`{"type":"object","properties":{"a":{}},"dependentSchemas":{"a":{"required":["b"],"properties":{"b":{"type":"integer"}}}}}`, `required: type: type:/b`},
		{`{"type":"object","allOf":[{"properties":{"a":{"type":"integer"}}}],"unevaluatedProperties":false}`, `type: type:/a unevaluatedProperties:/extra`},
		{`{"anyOf":[{"type":"integer"},{"type":"string","maxLength":2}]}`, `anyOf: maxLength: type:`},
		{`{"oneOf":[{"type":"integer","minimum":1},{"type":"integer","maximum":9}],"type":"integer"}`, `oneOf:#/oneOf/none oneOf:#/oneOf/several type:`},
		{`{"type":"object","properties":{"kind":{}},"required":["kind"],"oneOf":[
			{"properties":{"kind":{"const":"a"},"x":{"type":"integer"}},"required":["x"]},
			{"properties":{"kind":{"const":"b"},"y":{"type":"string"}},"required":["y"]}]}`,
			`const:/kind#/oneOf/0/properties/kind/const const:/kind#/oneOf/1/properties/kind/const oneOf:#/oneOf/none oneOf:#/oneOf/several required:#/oneOf/0/required required:#/oneOf/1/required required:#/required type: type:/x type:/y`},
		{`{"type":"string","not":{"pattern":"^x"}}`, `not: type:`},
		{`{"type":"object","properties":{"a":{"enum":[1,2]}},"required":["a"],"if":{"properties":{"a":{"const":1}}},
			"then":{"required":["b"],"properties":{"b":{"type":"string"}}},"else":{"required":["c"],"properties":{"c":{"type":"integer"}}}}`,
			`enum:/a required:#/else/required required:#/required required:#/then/required type: type:/b type:/c`},
		{`{"type":"array","minItems":1,"items":{"type":"object","properties":{"a":{"type":"integer"}},"required":["a"]},
			"properties":{"a":{"type":"string"}},"allOf":[{"type":"array"}]}`, // its element is no object of it
			`minItems: required:/0 type: type:/0 type:/0/a`},
		{`{"type":"object","properties":{"down":{"$ref":"#"},"n":{"type":"integer"}}}`, `type: type:/n`},
	} {
		s := compile(t, c.schema, schema.Draft20)
		v, err := faker.FromSchema(s, faker.Options{Seed: 1})
		if err != nil {
			t.Errorf("%s: %v", c.schema, err)
			continue
		}
		var labels []string
		for x := range broken(t, v) {
			if x.Rule != "wire" {
				checkAlone(t, c.schema, schema.Draft20, x)
				labels = append(labels, x.Label)
			}
		}
		slices.Sort(labels)
		if got := strings.Join(labels, " "); got != c.labels {
			t.Errorf("%s:\n got %s\nwant %s", c.schema, got, c.labels)
		}
	}
}

func broken(t testing.TB, v *faker.Values) func(func(faker.Breakage) bool) {
	t.Helper()
	all, err := v.Broken()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func compile(t testing.TB, text string, d schema.Dialect) *schema.Schema {
	t.Helper()
	doc, err := schema.Read("schema.json", []byte(text), schema.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	s, err := schema.Compile(doc, "", schema.Options{Dialect: d})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// checkAlone judges a breakage by the schema, and by the schema without the
// rule: that must have nothing else to say either.
func checkAlone(t interface {
	Helper()
	Errorf(string, ...any)
}, text string, d schema.Dialect, x faker.Breakage,
) {
	t.Helper()
	judge := func(text []byte) *schema.Schema {
		doc, err := schema.Read("schema.json", text, schema.Limits{})
		if err != nil {
			return nil
		}
		s, _ := schema.Compile(doc, "", schema.Options{Dialect: d})
		return s
	}
	if why := mislabelled(judge([]byte(text)), x); why != "" {
		t.Errorf("%s\n%s: %s\n%s", text, x.Label, why, x.Event.Body)
		return
	}
	tokens := strings.Split(x.SchemaPointer, "/")[1:]
	if evaluates := []string{"anyOf", "oneOf", "contains", "minContains", "maxContains"}; slices.Contains(evaluates, x.Rule) && strings.Contains(text, "unevaluated") {
		return
	}
	for _, k := range []string{"oneOf", "anyOf", "not", "if", "contains", "propertyNames", "unevaluatedProperties", "unevaluatedItems"} {
		if slices.Contains(tokens[:len(tokens)-1], k) || strings.Contains(text, `"$ref"`) {
			return // without the rule other values would be judged otherwise
		}
	}
	var tree any
	if json.Unmarshal([]byte(text), &tree) != nil {
		return
	}
	at := tree
	for _, token := range tokens[:len(tokens)-1] {
		switch v := at.(type) {
		case map[string]any:
			at = v[strings.NewReplacer("~1", "/", "~0", "~").Replace(token)]
		case []any:
			var i int
			fmt.Sscan(token, &i)
			at = v[i]
		}
	}
	if object, ok := at.(map[string]any); ok {
		delete(object, strings.NewReplacer("~1", "/", "~0", "~").Replace(tokens[len(tokens)-1]))
	}
	rest, _ := json.Marshal(tree)
	s := judge(rest)
	if s == nil {
		return // something refers to the rule
	}
	found := s.Validate(x.Event.Body)
	if slices.ContainsFunc(found, func(v schema.Violation) bool { return v.Pointer == x.Pointer && strings.HasSuffix(v.Rule, "Of") }) {
		return // what is said of places below explains that no alternative fits
	}
	for _, v := range found {
		if !related(v, x) {
			t.Errorf("%s\n%s: without it %v\n%s", text, x.Label, v, x.Event.Body)
		}
	}
}

// Older dialects name some rules otherwise.
func TestBrokenDialects(t *testing.T) {
	for _, c := range []struct {
		dialect        schema.Dialect
		schema, labels string
	}{
		{schema.Draft4, `{"type":"integer","minimum":1,"exclusiveMinimum":true}`, `exclusiveMinimum: type:`},
		{schema.Draft7, `{"items":[{"type":"string"}],"additionalItems":false,"type":"array"}`, `additionalItems:/1 type: type:/0`},
		{schema.Draft7, `{"properties":{"a":{},"b":{}},"dependencies":{"a":["b"]},"type":"object"}`, `dependencies: type:`},
		{schema.Draft7, `{"properties":{"a":{}},"dependencies":{"a":{"required":["b"]}},"type":"object"}`, `required: type:`},
		{schema.Draft7, `{"type":"array","contains":{"type":"integer"}}`, `contains: type:`},
		{schema.Draft19, `{"type":"array","contains":{"const":1},"minContains":2}`, `minContains: type:`},
	} {
		s := compile(t, c.schema, c.dialect)
		v, err := faker.FromSchema(s, faker.Options{Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		var labels []string
		for x := range broken(t, v) {
			if x.Rule != "wire" {
				checkAlone(t, c.schema, c.dialect, x)
				labels = append(labels, x.Label)
			}
		}
		slices.Sort(labels)
		if got := strings.Join(labels, " "); got != c.labels {
			t.Errorf("%s:\n got %s\nwant %s", c.schema, got, c.labels)
		}
	}
}

// Whatever the schema, no label is wrong.
func TestBrokenRandomSchemas(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text, err := json.Marshal(anySchema(t, 3))
		if err != nil {
			t.Fatal(err)
		}
		doc, err := schema.Read("random", text, schema.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		s, err := schema.Compile(doc, "", schema.Options{Dialect: schema.Draft20})
		if err != nil {
			t.Skip(err) // a $ref that leads nowhere but to itself
		}
		v, err := faker.FromSchema(s, faker.Options{Seed: 3, Shape: faker.Full})
		var impossible *faker.ImpossibleError
		if errors.As(err, &impossible) {
			t.Skip(err) // such a schema has nothing to break
		} else if err != nil {
			t.Fatal(err)
		}
		all, err := v.Broken()
		if err != nil {
			t.Fatal(err)
		}
		labels := map[string]bool{}
		begin := time.Now()
		for x := range all {
			if labels[x.Label] {
				t.Errorf("%s: %s twice", text, x.Label)
			}
			if labels[x.Label] = true; x.Rule != "wire" {
				checkAlone(t, string(text), schema.Draft20, x)
			}
		}
		if took := time.Since(begin); took > 5*time.Second {
			t.Errorf("%s took %v", text, took)
		}
	})
}

// The schemas of the official suite, in the folder that HOOKRIG_SUITE names.
func TestBrokenOfficialSuite(t *testing.T) {
	dir := os.Getenv("HOOKRIG_SUITE")
	if dir == "" {
		t.Skip("HOOKRIG_SUITE is not set")
	}
	remotes := suiteRemotes(t, dir)
	files, _ := filepath.Glob(filepath.Join(dir, "suite-*-*.jsonl"))
	counts := map[string]int{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range bytes.Lines(text) {
			var row struct {
				ID, Dialect string
				Schema      json.RawMessage
			}
			if err := json.Unmarshal(line, &row); err != nil {
				t.Fatal(err)
			}
			doc, err := schema.Read("schema", row.Schema, schema.Limits{})
			if err != nil {
				continue
			}
			s, err := schema.Compile(doc, "", schema.Options{Dialect: schema.Dialect(row.Dialect), Remotes: remotes})
			if err != nil {
				continue
			}
			v, err := faker.FromSchema(s, faker.Options{Seed: 1, Shape: faker.Full})
			if err != nil {
				continue // of its own test
			}
			begin := time.Now()
			for x := range broken(t, v) {
				counts[x.Rule]++
				if x.Rule == "wire" {
					checkWire(t, s, x)
				} else if why := mislabelled(s, x); why != "" {
					t.Errorf("%s %s: %s: %s\n%s\n%s", row.Dialect, row.ID, x.Label, why, row.Schema, x.Event.Body)
				}
			}
			if took := time.Since(begin); took > 3*time.Second {
				t.Errorf("%s %s took %v", row.Dialect, row.ID, took)
			}
		}
	}
	for _, rule := range slices.Sorted(maps.Keys(counts)) {
		t.Logf("%-22s %5d", rule, counts[rule])
	}
}

// The same seed gives the same bytes, in every goroutine; other seeds give the
// same labels.
func TestBrokenIsStable(t *testing.T) {
	for provider, event := range map[string]string{"scayle": "order-confirmed", "ergonode": "product_value_added", "xentral": "salesOrder.created"} {
		c, err := catalog.Load(provider)
		if err != nil {
			t.Fatal(err)
		}
		texts := make([]string, 4)
		labels := make([]string, 4)
		var all sync.WaitGroup
		for i, seed := range []uint64{1, 1, 1, 2} {
			f, err := faker.New(c, faker.Options{Seed: seed, Events: []string{event}})
			if err != nil {
				t.Fatal(err)
			}
			seq, err := f.Broken(event)
			if err != nil {
				t.Fatal(err)
			}
			all.Go(func() {
				for x := range seq {
					labels[i] += x.Label + "\n"
					texts[i] += fmt.Sprintf("%s %s %s\n", x.Label, x.SchemaPointer, x.Event.Body)
				}
			})
		}
		all.Wait()
		if texts[1] != texts[0] || texts[2] != texts[0] {
			t.Errorf("%s: the same seed gives other breakages", event)
		}
		if texts[3] == texts[0] {
			t.Errorf("%s: another seed gives the same bodies", event)
		}
		if labels[3] != labels[0] {
			t.Errorf("%s: another seed gives other labels:\n%s\nand\n%s", event, labels[3], labels[0])
		}
	}
}

func TestBrokenGolden(t *testing.T) {
	f, err := faker.New(load(t, "sellercenter"), faker.Options{Seed: 7})
	if err != nil {
		t.Fatal(err)
	}
	seq, err := f.Broken("onOrderCreated")
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	for x := range seq {
		fmt.Fprintf(&b, "%s\t%q\n", x.Label, x.Event.Body)
	}
	const file = "testdata/broken.txt"
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(b.Bytes(), want) {
		t.Errorf("got\n%s\nwant\n%s", b.Bytes(), want)
	}
}

func load(t testing.TB, provider string) *contracts.Contract {
	t.Helper()
	c, err := catalog.Load(provider)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Edits come first, and what they set stays.
func TestBrokenEdits(t *testing.T) {
	f, err := faker.New(load(t, "shoptet"), faker.Options{Seed: 7})
	if err != nil {
		t.Fatal(err)
	}
	seq, err := f.Broken("order:create", faker.Nth(3), faker.Set("/eventInstance", "2026000123"))
	if err != nil {
		t.Fatal(err)
	}
	kept := 0
	for x := range seq {
		kept += strings.Count(string(x.Event.Body), "2026000123")
	}
	if kept < 10 {
		t.Errorf("the edit stands in %d bodies", kept)
	}
	for _, edit := range []faker.Edit{faker.Set("/eventInstance", 1), faker.Drop("/event"), faker.Set("/nothing", 1)} {
		if _, err := f.Broken("order:create", edit); err == nil {
			t.Errorf("%v is accepted", edit)
		}
	}
	if _, err := f.Broken("order:creat"); err == nil {
		t.Error("an unknown name is accepted")
	}
}
