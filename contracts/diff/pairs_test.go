package diff_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/diff"
	"github.com/hookrig/hookrig/faker"
)

// pairs are payloads of two versions and what changed between them: pointer,
// rule and the first letter of the effect.
var pairs = []struct {
	name, was, is string
	want          []string
}{
	{"nothing", `{type: string}`, `{type: string}`, nil},
	{"only words", `{type: string, description: a}`, `{type: string, title: b, x-faker: text.word}`, nil},
	{"through a reference", `{$ref: "#/components/schemas/code"}`, `{type: string, maxLength: 10}`, nil},
	{"allOf spread out", `{allOf: [{type: string}, {maxLength: 10}]}`, `{type: string, maxLength: 10}`, nil},
	{"types against anyOf", `{type: [string, "null"]}`, `{anyOf: [{type: string}, {type: "null"}]}`, nil},
	{"enum order", `{enum: [a, b]}`, `{enum: [b, a]}`, nil},
	{"number spelling", `{enum: [1, 2]}`, `{enum: [1.0, 2e0]}`, nil},
	{"bound implied", `{type: integer, minimum: 0}`, `{type: integer, minimum: 0, multipleOf: 1}`, []string{"/v step c"}},

	{"member removed", `{type: object, required: [a], properties: {a: {type: string}}}`, `{type: object}`, []string{"/v/a member-removed b"}},
	{"member removed, closed", `{type: object, properties: {a: {type: string}, b: {}}}`, `{type: object, properties: {b: {}}, additionalProperties: false}`,
		[]string{"/v/a member-removed b", "/v further-members c"}},
	{"member optional", `{type: object, required: [a], properties: {a: {type: string}}}`, `{type: object, properties: {a: {type: string}}}`, []string{"/v/a member-optional b"}},
	{"member required", `{type: object, properties: {a: {type: string}}}`, `{type: object, required: [a], properties: {a: {type: string}}}`, []string{"/v/a member-required c"}},
	{"member added", `{type: object}`, `{type: object, properties: {a: {type: string}}}`, []string{"/v/a member-added c"}},
	{"member added, closed", `{type: object, properties: {b: {type: string}}, additionalProperties: false}`,
		`{type: object, required: [a], properties: {b: {type: string}, a: {type: string}}, additionalProperties: false}`, []string{"/v/a member-added b", "/v/a never b"}},
	{"member added, map", `{type: object, additionalProperties: {type: string}}`, `{type: object, required: [a], properties: {a: {type: integer}}, additionalProperties: {type: string}}`,
		[]string{"/v/a member-added c", "/v/a type b"}},
	{"member excluded", `{type: object}`, `{type: object, properties: {a: false}}`, []string{"/v/a member-excluded c"}},
	{"odd member name", `{type: object}`, `{type: object, properties: {"a/b~c": {type: string}}}`, []string{"/v/a~1b~0c member-added c"}},
	{"map values", `{type: object, additionalProperties: {type: integer}}`, `{type: object, minProperties: 1, additionalProperties: {type: string}, x-faker: {members: [cs]}}`,
		[]string{"/v/* type b", "/v/* type c", "/v size c"}},
	{"opened", `{type: object, additionalProperties: false}`, `{type: object}`, []string{"/v further-members b"}},

	{"type", `{type: integer}`, `{type: string}`, []string{"/v type b", "/v type c"}},
	{"type widened", `{type: integer}`, `{type: number}`, []string{"/v type b"}},
	{"type narrowed", `{type: number}`, `{type: integer}`, []string{"/v type c"}},
	{"any", `{type: integer}`, `{}`, []string{"/v type b", "/v null-allowed b"}},
	{"null", `{type: string}`, `{type: [string, "null"]}`, []string{"/v null-allowed b"}},
	{"null by anyOf", `{type: object, properties: {a: {type: string}}}`, `{anyOf: [{type: object, properties: {a: {type: string}}}, {type: "null"}]}`, []string{"/v null-allowed b"}},
	{"no null", `{type: [string, "null"]}`, `{type: string}`, []string{"/v null-removed c"}},

	{"value added", `{enum: [a, b]}`, `{enum: [a, b, c]}`, []string{"/v value-added b"}},
	{"value removed", `{enum: [a, b]}`, `{enum: [a]}`, []string{"/v value-removed c"}},
	{"values open", `{enum: [a, b]}`, `{type: string}`, []string{"/v values b"}},
	{"values listed", `{type: string}`, `{enum: [a, b]}`, []string{"/v values c"}},
	{"values against length", `{type: string, maxLength: 2}`, `{enum: [a, abc]}`, []string{"/v value-added b", "/v values c"}},
	{"values against format", `{type: string, format: date}`, `{enum: ["2026-01-02", soon]}`, []string{"/v value-added b", "/v values c"}},
	{"booleans", `{const: true}`, `{type: boolean}`, []string{"/v values b"}},
	{"all booleans", `{enum: [true, false]}`, `{type: boolean}`, nil},
	{"null in a list", `{enum: [a, null]}`, `{enum: [a]}`, []string{"/v null-removed c"}},

	{"longer", `{type: string, maxLength: 5}`, `{type: string, maxLength: 9, minLength: 8}`, []string{"/v length b", "/v length c"}},
	{"no length", `{type: string, maxLength: 5, minLength: 5}`, `{type: string, minLength: 6}`, []string{"/v length b", "/v length c"}},
	{"shorter", `{type: string, maxLength: 5}`, `{type: string, maxLength: 4}`, []string{"/v length c"}},
	{"may be empty", `{type: string, minLength: 1}`, `{type: string, maxLength: 0}`, []string{"/v length b", "/v length c"}},
	{"pattern dropped", `{type: string, pattern: "^[0-9]+$"}`, `{type: string}`, []string{"/v pattern b"}},
	{"pattern new", `{type: string}`, `{type: string, pattern: "^[0-9]+$"}`, []string{"/v pattern c"}},
	{"patterns that overlap", `{type: string, pattern: "^[0-9]{4,8}$"}`, `{type: string, pattern: "^[0-9]{4,5}$"}`, []string{"/v pattern u"}},
	{"patterns that differ", `{type: string, pattern: "^[0-9]+$"}`, `{type: string, pattern: "^[A-Z]+$"}`, []string{"/v pattern b"}},
	{"format", `{type: string, format: date}`, `{type: string, format: date-time}`, []string{"/v format b"}},
	{"format that nobody checks", `{type: string, format: money}`, `{type: string}`, []string{"/v format u"}},

	{"higher", `{type: integer, maximum: 9}`, `{type: integer, minimum: 10, maximum: 99}`, []string{"/v range b", "/v range c"}},
	{"bound excluded", `{type: number, minimum: 0}`, `{type: number, exclusiveMinimum: 0}`, []string{"/v range c"}},
	{"bound included", `{type: number, exclusiveMinimum: 0, maximum: 0.01}`, `{type: number, minimum: 0, maximum: 0}`, []string{"/v range b", "/v range c"}},
	{"finer step", `{type: integer, multipleOf: 10}`, `{type: integer, multipleOf: 5}`, []string{"/v step b"}},
	{"coarser step", `{type: integer, multipleOf: 5}`, `{type: integer, multipleOf: 10}`, []string{"/v step c"}},

	{"items", `{type: array, items: {type: integer}}`, `{type: array, minItems: 1, items: {type: [integer, string]}}`, []string{"/v size c", "/v/* type b"}},
	{"member of items", `{type: array, items: {type: object, required: [a], properties: {a: {}}}}`, `{type: array, items: {type: object, properties: {a: {}}}}`, []string{"/v/*/a member-optional b"}},
	{"more items", `{type: array, items: {type: integer}, maxItems: 2}`, `{type: array, items: {type: integer}, minItems: 3, maxItems: 5}`, []string{"/v size c", "/v size b"}},
	{"empty list", `{type: array, minItems: 1, items: {type: integer}}`, `{type: array, maxItems: 0, items: {type: integer}}`, []string{"/v size b", "/v size c"}},
	{"twins", `{type: array, uniqueItems: true, items: {type: boolean}}`, `{type: array, items: {type: boolean}, minItems: 3}`, []string{"/v size c", "/v unique b"}},
	{"positions", `{type: array, items: [{type: integer}, {type: string}]}`, `{type: array, items: [{type: integer}, {type: boolean}], minItems: 2}`,
		[]string{"/v size c", "/v/1 type b", "/v/1 type c"}},

	{"variants by a member", `{oneOf: [{type: object, required: [k, a], properties: {k: {const: x}, a: {type: integer}}}, {type: object, required: [k], properties: {k: {const: y}}}]}`,
		`{oneOf: [{type: object, required: [k], properties: {k: {const: y}}}, {type: object, required: [k, a], properties: {k: {const: x}, a: {type: string}}}]}`,
		[]string{"/v/a type b", "/v/a type c"}},
	{"variant added", `{oneOf: [{type: object, required: [k], properties: {k: {const: x}}}, {type: object, required: [k], properties: {k: {const: z}}}]}`,
		`{oneOf: [{type: object, required: [k], properties: {k: {const: x}}}, {type: object, required: [k], properties: {k: {const: y}}}]}`,
		[]string{"/v alternative-added b", "/v alternative-removed c"}},
	{"overlapping variants", `{anyOf: [{type: object, required: [a]}, {type: object, required: [b]}]}`, `{anyOf: [{type: object, required: [a]}, {type: object, required: [c]}]}`,
		[]string{"/v alternatives u"}},
	{"overlapping oneOf", `{oneOf: [{type: integer, multipleOf: 2}, {type: integer, multipleOf: 3}]}`, `{oneOf: [{type: integer, multipleOf: 2}, {type: integer, multipleOf: 3}]}`, nil},
	{"overlapping oneOf changed", `{oneOf: [{type: integer, multipleOf: 2}, {type: integer, multipleOf: 3}]}`, `{oneOf: [{type: integer, multipleOf: 2}, {type: integer, multipleOf: 6}]}`,
		[]string{"/v condition u", "/v step c"}},

	{"condition new", `{type: string}`, `{type: string, not: {const: x}}`, []string{"/v condition c"}},
	{"condition dropped", `{type: string, not: {const: x}}`, `{type: string}`, []string{"/v condition u"}},
	{"condition kept", `{type: string, not: {enum: [x, y]}}`, `{type: string, not: {enum: [y, x]}}`, nil},
	{"if", `{type: object, if: {required: [a]}, then: {required: [b]}}`, `{type: object, if: {required: [a]}, then: {required: [b]}}`, nil},
	{"if changed", `{type: object, if: {required: [a]}, then: {required: [b]}}`, `{type: object, if: {required: [a]}, then: {required: [c]}}`, []string{"/v condition u"}},
	{"never", `{type: string}`, `{type: object, required: [a], properties: {a: {type: string}, b: false}}`, []string{"/v type b", "/v type c"}},
	{"recursive", `{$ref: "#/components/schemas/tree"}`, `{$ref: "#/components/schemas/forest"}`, []string{"/v/name length b"}},
}

// shared schemas of all pairs.
const shared = `
    code: {type: string, maxLength: 10}
    tree: {type: object, required: [name], properties: {name: {type: string, maxLength: 5}, children: {type: array, maxItems: 2, items: {$ref: "#/components/schemas/tree"}}}}
    forest: {type: object, required: [name], properties: {name: {type: string, maxLength: 7, x-faker: {text.code: {like: "#######"}}}, children: {type: array, maxItems: 2, items: {$ref: "#/components/schemas/forest"}}}}
`

func contractOf(t testing.TB, payload string) *contracts.Contract {
	t.Helper()
	return load(t, `asyncapi: 3.1.0
info: {title: t, version: "1"}
x-hookrig: {provider: t, event: {pointer: /event}}
channels: {c: {messages: {m: {$ref: "#/components/messages/m"}}}}
operations: {o: {action: send, channel: {$ref: "#/channels/c"}}}
components:
  messages:
    m: {name: e, payload: {type: object, required: [event, v], properties: {event: {const: e}, v: `+payload+`}}}
  schemas:`+shared)
}

func load(t testing.TB, text string) *contracts.Contract {
	t.Helper()
	c, err := contracts.Load(fstest.MapFS{"c.yaml": {Data: []byte(text)}}, "c.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func compare(t testing.TB, was, is *contracts.Contract) []diff.Change {
	t.Helper()
	changes, err := diff.Compare(was, is)
	if err != nil {
		t.Fatal(err)
	}
	return changes
}

func TestPairs(t *testing.T) {
	for _, tt := range pairs {
		t.Run(tt.name, func(t *testing.T) {
			was, is := contractOf(t, tt.was), contractOf(t, tt.is)
			changes := compare(t, was, is)
			var got []string
			for _, ch := range changes {
				got = append(got, fmt.Sprintf("%s %s %s", ch.Pointer, ch.Rule, ch.Effect[:1]))
			}
			slices.Sort(got)
			slices.Sort(tt.want)
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Errorf("%s\n%v", d, changes)
			}
			prove(t, was, is, changes)
			for _, c := range []*contracts.Contract{was, is} {
				if self := compare(t, c, c); len(self) > 0 {
					t.Errorf("a contract differs from itself: %v", self)
				}
			}
			if again := compare(t, was, contractOf(t, tt.was)); len(again) > 0 {
				t.Errorf("two readings of one contract differ: %v", again)
			}
		})
	}
}

// shy are rules that bodies show or do not: promises that are taken back, and
// members that the faker does not make.
var shy = []string{"member-removed", "further-members"}

// prove holds what is said of the changes against bodies: where nothing breaks,
// what the new version makes keeps the old one; where something does, some body
// of the new version breaks the old one, and so does the change's value.
func prove(t *testing.T, was, is *contracts.Contract, changes []diff.Change) {
	t.Helper()
	old, now := was.EventTypes()[0], is.EventTypes()[0]
	refused := func(body []byte) bool {
		if v, err := now.Validate(body); err != nil || len(v) > 0 {
			t.Fatalf("no body of the new version: %s: %v, %v", body, v, err)
		}
		v, err := old.Validate(body)
		if err != nil {
			t.Fatal(err)
		}
		return len(v) > 0
	}
	broken := 0
	for _, shape := range []faker.Shape{faker.Minimal, faker.Typical, faker.Full} {
		f, err := faker.New(is, faker.Options{Shape: shape})
		if err != nil {
			t.Fatal(err)
		}
		for i := range 40 {
			ev, err := f.Event(now.Name(), faker.Nth(uint64(i)))
			if err != nil {
				t.Fatal(err)
			}
			if refused(ev.Body) {
				broken++
			}
		}
	}
	f, err := faker.New(is, faker.Options{Shape: faker.Full})
	if err != nil {
		t.Fatal(err)
	}
	for _, ch := range changes {
		if ch.Effect != diff.Breaking || ch.Value == nil || strings.Contains(ch.Pointer, "*") {
			continue
		}
		ev, err := f.Event(now.Name(), faker.Set(ch.Pointer, ch.Value))
		if err != nil || !refused(ev.Body) {
			t.Errorf("%s: the old version allows %s", ch, ev.Body)
			continue
		}
		broken++
	}
	breaks := slices.ContainsFunc(changes, func(ch diff.Change) bool {
		return ch.Effect == diff.Breaking && !slices.Contains(shy, ch.Rule)
	})
	switch worst := diff.Worst(changes); {
	case breaks && broken == 0:
		t.Errorf("nothing of the new version breaks the old one: %v", changes)
	case worst != diff.Breaking && worst != diff.Unclear && broken > 0:
		t.Errorf("%d bodies of the new version break the old one: %v", broken, changes)
	}
}

type contractT = contracts.Contract

// bodies are some that a contract's event has; none where there can be none.
func bodies(t interface{ Fatal(...any) }, c *contractT) (out [][]byte) {
	for _, shape := range []faker.Shape{faker.Minimal, faker.Typical, faker.Full} {
		f, err := faker.New(c, faker.Options{Shape: shape})
		if err != nil {
			return nil
		}
		for i := range 15 {
			ev, err := f.Event(c.EventTypes()[0].Name(), faker.Nth(uint64(i)))
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, ev.Body)
		}
	}
	return out
}
