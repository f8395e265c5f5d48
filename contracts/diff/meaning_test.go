package diff_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// living is a contract that says what its events mean.
const living = `asyncapi: 3.1.0
info: {title: Shop, version: "1"}
x-hookrig:
  provider: shop
  event: {pointer: /type}
  lifecycle: {key: [/id], version: /at, entities: {order: {begin: [placed], change: [paid]}}}
channels: {c: {address: /hooks, messages: {placed: {$ref: "#/components/messages/placed"}, paid: {$ref: "#/components/messages/paid"}}}}
operations: {o: {action: send, channel: {$ref: "#/channels/c"}, bindings: {http: {method: POST}}}}
components:
  messages:
    placed: {name: placed, x-hookrig: {cause: order.placed}, payload: {$ref: "#/components/schemas/placed"}}
    paid: {name: paid, x-hookrig: {cause: [order.paid, {action: order.captured, when: [order.open]}]}, payload: {$ref: "#/components/schemas/paid"}}
  schemas:
    placed: {type: object, x-faker: world.order, required: [type, id, at], properties: {type: {const: placed}, id: {type: string, x-faker: world.order.number}, at: {type: string, x-faker: {date.recent: {layout: unix, world: action.at}}}, lines: {type: array, items: {allOf: [{type: object, properties: {sku: {type: string, x-faker: world.line.sku}}}]}}}}
    paid: {type: object, required: [type, id, at], properties: {type: {const: paid}, id: {type: string, x-faker: text.word}, at: {type: string}}}
`

func TestMeaning(t *testing.T) {
	const key = "key: [/id], version: /at"
	for _, tt := range []struct {
		name, from, to string
		want           []string
	}{
		{"nothing", "Shop, version", "Shop, x-more: 1, version", nil},
		{"another key", key, "key: [/at], version: /at", []string{"every lifecycle/lifecycle/entities/order record-key b"}},
		{"another version", key, "key: [/id], version: /id", []string{"every lifecycle/lifecycle/entities/order record-version b"}},
		{"no version", key, "key: [/id]", []string{"every lifecycle/lifecycle/entities/order record-version b"}},
		{"another phase", "change: [paid]", "end: [paid]", []string{"paid lifecycle/lifecycle/entities/order phase b"}},
		{"left out", ", change: [paid]", "", []string{"paid lifecycle/lifecycle/entities/order lifecycle-removed b"}},
		{"another word for it", "entities: {order:", "entities: {purchase:", nil},
		{"another cause", "cause: order.placed", "cause: order.confirmed", []string{"placed cause/cause cause-added b", "placed cause/cause cause-removed b"}},
		{"one more cause", "[order.paid,", "[order.paid, order.settled,", []string{"paid cause/cause cause-added b"}},
		{"another condition", "when: [order.open]", "when: [order.closed]", []string{"paid cause/cause cause-added b", "paid cause/cause cause-removed b"}},
		{"no cause", "x-hookrig: {cause: order.placed}, ", "", []string{"placed cause/cause cause-removed u"}},
		{"another meaning", "world.line.sku", "world.line.name", []string{"placed meaning/lines/*/sku binding b"}},
		{"another moment", "world: action.at", "world: order.placedAt", []string{"placed meaning/at binding b"}},
		{"no meaning", ", x-faker: world.order.number", "", []string{"placed meaning/id binding u"}},
		{"other words", "x-faker: text.word", "x-faker: text.sentence", nil},
		{"a meaning", "x-faker: text.word", "x-faker: world.order.number", []string{"paid meaning/id binding c"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if !strings.Contains(living, tt.from) {
				t.Fatal("the text to replace is not there")
			}
			var got []string
			for _, ch := range compare(t, load(t, living), load(t, strings.ReplaceAll(living, tt.from, tt.to))) {
				who := strings.Join(ch.Events, ",")
				if ch.Every {
					who = "every"
				}
				got = append(got, fmt.Sprintf("%s %s%s %s %s", who, ch.Part, ch.Pointer, ch.Rule, ch.Effect[:1]))
			}
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}
