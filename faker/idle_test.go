package faker_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/catalog"
	"github.com/hookrig/hookrig/faker"
)

// Each member says by its name what is wrong with its hint, "fine" if nothing.
func TestIdleHints(t *testing.T) {
	f, err := faker.New(contractOf(t, `
        type: object
        required: [fine1, fine2, fine3, fine4, fine5, fine6, fine7, types1, types2, types3, nothing1, nothing2, refers1, refers2, null1, absent1]
        properties:
          fine1: {type: string, pattern: "^97[89][0-9]{10}$", x-faker: commerce.ean}
          fine2: {type: [string, "null"], x-faker: {text.word: {"null": 0.3}}}
          fine3: {type: array, items: {type: string, x-faker: text.word}, x-faker: {list: {max: 2}}}
          fine4: {enum: [a, b, c], x-faker: {pick: [a, b]}}
          fine5: {type: string, x-faker: {same: {as: 1/fine6}}}
          fine6: {type: string, x-faker: id.uuid}
          fine7: {anyOf: [{type: integer, x-faker: finance.minorUnits}, {type: "null"}]}
          fine8: {type: boolean, x-faker: {boolean: {share: 0.9, absent: 0.5}}}
          fine9: {type: object, additionalProperties: {type: string}, x-faker: {members: [de, en]}}
          types1: {type: integer, x-faker: commerce.ean}
          types2: {type: boolean, x-faker: text.word}
          types3: {type: string, x-faker: {list: {max: 3}}}
          nothing1: {type: string, pattern: "^[A-Z]{3}$", x-faker: id.uuid}
          nothing2: {enum: [a, b], x-faker: {pick: [c, d]}}
          refers1: {type: string, x-faker: {same: {as: 1/nowhere}}}
          refers2: {type: integer, minimum: 7, x-faker: {sum: {of: 1/types1}}}
          null1: {type: string, x-faker: {text.word: {"null": 0.3}}}
          absent1: {type: string, x-faker: {text.word: {absent: 0.3}}}
`), faker.Options{})
	if err != nil {
		t.Fatal(err)
	}
	says := map[string]string{"types": "is for", "nothing": "nothing that it makes", "refers": "what it refers to", "null": "no null", "absent": "never left out"}
	found := 0
	for _, idle := range f.IdleHints() {
		name := idle.Pointer[strings.LastIndexByte(idle.Pointer, '/')+1:]
		want := says[strings.TrimRight(name, "0123456789")]
		if want == "" || !strings.Contains(idle.Message, want) || idle.Event != "thing:made" {
			t.Errorf("%s: %s", idle.Pointer, idle.Message)
		}
		found++
	}
	if found != 9 {
		t.Errorf("%d findings", found)
	}
}

// The built-in contracts have no hint without an effect.
func TestCatalogHasNoIdleHints(t *testing.T) {
	for _, provider := range catalog.Names {
		c, err := catalog.Load(provider)
		if err != nil {
			t.Fatal(err)
		}
		f, err := faker.New(c, faker.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, idle := range f.IdleHints() {
			t.Errorf("%s %s: %s", provider, idle.Pointer, idle.Message)
		}
	}
}

// contractOf is a contract of one event with a payload.
func contractOf(t *testing.T, payload string) *contracts.Contract {
	t.Helper()
	text := fmt.Sprintf(`
asyncapi: 3.1.0
info: {title: Things, version: 1.0.0}
channels: {things: {messages: {made: {$ref: "#/components/messages/made"}}}}
operations: {things: {action: send, channel: {$ref: "#/channels/things"}}}
components:
  messages:
    made:
      name: "thing:made"
      payload: %s
`, payload)
	c, err := contracts.Load(fstest.MapFS{"things.yaml": {Data: []byte(text)}}, "things.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return c
}
